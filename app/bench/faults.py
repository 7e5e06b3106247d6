"""`blotter bench faults`: real faults, and what they cost: nothing that was acknowledged.

A PostgreSQL of our own, whose every process is killed while people trade; engines that are stopped
for longer than their lease, or killed; a proxy that cuts connections before and after the server
has done what it was asked. Desktops are the real session, engines real processes.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from random import Random

import msgspec

from app.bench.cutting_proxy import CuttingProxy
from app.bench.fault_audit import Told, audit, read_log
from app.bench.private_desk import Desktop, PrivateDesk, private_desk, traders
from app.bench.result import BenchResult, machine, percentile
from app.engine.verify import verify_log
from app.ports import Store, Verdict
from app.session import step
from models.errors import StoreUnavailable
from models.orders import TimeInForce

_DESKTOPS = 3
_ORDERS_PER_S = 30.0  # of each desktop
_PATIENCE_S = 60.0
_SUBMIT, _APPEND = b'"SubmitOrder"', b"OrderAccepted"
_CUT_SHARES = {_SUBMIT: 0.14, _APPEND: 0.05}
_HOLD_S = 0.3  # a paused engine stays so after another has taken over


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How many faults of each kind; `submits` go through the cutting proxy."""

    database_kills: int = 100
    engine_pauses: int = 100
    engine_kills: int = 20
    submits: int = 5_000
    engines: int = 3
    seed: int = 1


class _Person(threading.Thread):
    """Trades without end on a desktop of their own, and remembers what they were told."""

    def __init__(self, login: str, open_store: Callable[[], Store], seed: int) -> None:
        super().__init__(name=login, daemon=True)
        self.told = Told()
        self.halted = ""
        self._is_over = threading.Event()
        # Nothing rests, or a long run ends with a venue of tens of thousands of working orders.
        self._desktop = Desktop(login, open_store, seed, TimeInForce.IOC)
        self._random = Random(seed)
        core = self._desktop.core
        self._step = core.step
        core.step = self._watched  # type: ignore[method-assign]
        self.start()

    def _watched(self, given: step.Input) -> list[step.Output]:
        if isinstance(given, step.Answered):
            outcome = given.outcome
            if outcome.verdict in (Verdict.RECEIVED, Verdict.DECIDED):
                self.told.acknowledged.add(outcome.command_id)
        outputs = self._step(given)
        core = self._desktop.core
        for output in outputs:
            if isinstance(output, step.Halted):
                self.halted = output.reason
            elif isinstance(output, step.Changed):
                for command_id in output.requests:
                    request = core.requests.get(command_id)
                    if request is not None and not request.is_open:
                        self.told.refused.add(command_id)
                        core.dismiss(command_id)
        return outputs

    def run(self) -> None:
        desktop = self._desktop
        due_s = time.monotonic()
        while not self._is_over.is_set():
            desktop.pump(due_s - time.monotonic())
            if time.monotonic() < due_s:
                continue
            # From now on, not from when it was due: nobody makes up for an outage by clicking fast.
            due_s = time.monotonic() + self._random.expovariate(_ORDERS_PER_S)
            if desktop.is_ready():
                self.told.clicked.add(desktop.order())
        give_up = time.monotonic() + _PATIENCE_S
        while desktop.core.requests and time.monotonic() < give_up:
            desktop.pump(0.01)
        desktop.close()

    @property
    def condition(self) -> str:
        """How its desktop stands, for whoever has to find out why nothing goes on."""
        core = self._desktop.core
        return (
            f"{self.name}: {core.link.value} {core.link_text} {self._desktop.session.refusal} "
            f"{len(core.requests)} open, event {core.seq}, {'' if self.is_alive() else 'ended'}"
        )

    def go_home(self) -> None:
        """Send nothing more, and wait for what is still open."""
        self._is_over.set()


class _Floor:
    """The desk with its people, while faults come."""

    def __init__(self, desk: PrivateDesk, plan: Plan, port: int) -> None:
        self.desk = desk
        self._port = port
        self.engines = plan.engines
        self.random = Random(plan.seed)
        self.told = Told()
        self.people: list[_Person] = []
        self.takeovers_s: list[float] = []

    def come_in(self) -> None:
        """Let people begin, and wait until each has been heard."""
        self.replace_ended()
        for at, login in enumerate(traders(_DESKTOPS)):
            seed = self.random.randrange(1 << 30) + at
            self.people.append(_Person(login, lambda: self.desk.open_store(self._port), seed))
        self.until("everybody's first order", lambda: all(p.told.acknowledged for p in self.people))

    def go_home(self) -> None:
        for person in self.people:
            person.go_home()
        for person in self.people:
            person.join()
            self.told.add(person.told)
            if person.halted:
                raise StoreUnavailable(f"{person.name}'s desktop halted: {person.halted}")
        self.people.clear()

    @property
    def acknowledged(self) -> int:
        return sum(len(person.told.acknowledged) for person in self.people)

    def until(self, what: str, holds: Callable[[], object]) -> None:
        """Wait; raises `StoreUnavailable` when that takes far too long."""
        give_up = time.monotonic() + _PATIENCE_S
        while not holds():
            time.sleep(0.005)
            if time.monotonic() > give_up:
                desktops = "\n".join(person.condition for person in self.people)
                raise StoreUnavailable(f"In vain for {what}.\n{desktops}\n{self.desk.log_tail()}")

    def until_trading(self) -> None:
        """Wait until the store acknowledges again."""
        before = self.acknowledged
        self.until("the desk to go on", lambda: self.acknowledged > before)

    @property
    def submitted(self) -> int:
        return sum(len(person.told.clicked) for person in self.people)

    def replace_ended(self) -> None:
        self.desk.replace_ended(self.engines, self._port)

    def until_submitted(self, more: int) -> None:
        """Wait until that many more orders were submitted, and replace engines that end."""
        end, wanted = self.submitted + more, self.submitted

        def is_far_enough() -> bool:
            self.replace_ended()
            return self.submitted >= wanted

        while wanted < end:
            wanted = min(end, wanted + 100)
            self.until("more orders", is_far_enough)

    # -- the faults ----------------------------------------------------------------------------

    def kill_database(self) -> None:
        time.sleep(self.random.uniform(0.01, 0.2))
        self.desk.server.kill()
        self.until_trading()
        self.replace_ended()

    def strike_engine(self, how: signal.Signals) -> None:
        """Stop or kill the engine that leads, and time how long until another appends."""
        desk = self.desk
        self.until("a leader", desk.leading)
        leader = desk.leading()
        if leader is None:
            return self.strike_engine(how)
        with desk.admin() as admin:

            def newest_epoch() -> int:
                row = admin.execute("SELECT epoch FROM event ORDER BY seq DESC LIMIT 1").fetchone()
                return int(str(row[0])) if row else 0

            time.sleep(self.random.uniform(0.0, 0.1))
            before = newest_epoch()
            leader.send_signal(how)
            struck = time.monotonic()
            self.until("another engine's first event", lambda: newest_epoch() > before)
            self.takeovers_s.append(time.monotonic() - struck)
        if how is signal.SIGSTOP:
            time.sleep(_HOLD_S)
            leader.send_signal(signal.SIGCONT)
            self.until("the replaced engine to end", lambda: leader.poll() is not None)
        leader.wait()
        self.replace_ended()
        self.until_trading()


def run(plan: Plan) -> BenchResult:
    """Let all faults of `plan` come, and audit what is left.

    Everybody, engines too, reaches the server through the proxy, which cuts in the last part only.
    """
    started = time.monotonic()
    with private_desk(traders(_DESKTOPS)) as desk:
        proxy = CuttingProxy(desk.server.port, plan.seed)
        try:
            floor = _Floor(desk, plan, proxy.port)
            floor.come_in()
            for _ in range(plan.database_kills):
                floor.kill_database()
            for _ in range(plan.engine_pauses):
                floor.strike_engine(signal.SIGSTOP)
            for _ in range(plan.engine_kills):
                floor.strike_engine(signal.SIGKILL)
            submitted = floor.submitted
            proxy.shares = _CUT_SHARES
            floor.until_submitted(plan.submits)
            submitted = floor.submitted - submitted
            proxy.shares = {}
            floor.go_home()
        finally:
            proxy.close()
        store = desk.open_store()
        verified = verify_log(store)
        store.close()
        with desk.admin() as admin:
            broken = audit(read_log(admin), floor.told)
    times, told, cuts = sorted(floor.takeovers_s), floor.told, proxy.cuts
    return BenchResult(
        bench="faults",
        machine=machine(),
        figures={
            **broken,
            "submitted": float(len(told.clicked)),
            "acknowledged": float(len(told.acknowledged)),
            "refused": float(len(told.refused)),
            "events_verified": float(verified.events),
            "database_kills": float(plan.database_kills),
            "engine_pauses": float(plan.engine_pauses),
            "engine_kills": float(plan.engine_kills),
            "takeover_p50_s": round(percentile(times, 0.5), 2),
            "takeover_p99_s": round(percentile(times, 0.99), 2),
            "submits_while_cutting": float(submitted),
            "cuts_before_submit": float(cuts[_SUBMIT, "before"]),
            "cuts_after_submit": float(cuts[_SUBMIT, "after"]),
            "cuts_of_appends": float(cuts[_APPEND, "before"] + cuts[_APPEND, "after"]),
            "seconds": round(time.monotonic() - started, 1),
        },
    )
