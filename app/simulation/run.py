"""Runs one seeded world: faults, then peace, then the audit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from app.core.desk_state import DeskState, desk_view, state_hash
from app.core.evolve import evolve
from app.engine.kill import LocalKill
from app.ports import Venue, Verdict
from app.session.step import Link, submission_of
from app.simulation import parts
from app.simulation.auditor import Auditor, date_of
from app.simulation.desktop import Desktop
from app.simulation.engine import Engine
from app.simulation.exchange import Exchange, ExchangeLink, WatchedVenue
from app.simulation.faults import MS, Dice, Faults, S
from app.simulation.network import Network
from app.simulation.people import DESK, INSTRUMENTS, Person, logins, reference
from app.simulation.rollback import Rollback
from app.simulation.world import Call, World
from models.commands import SYSTEM, ResumeTrading
from models.events import OrderFilled
from models.orders import Order
from models.workflow import RunState

_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
_ACTIVE_NS = 60 * S
_HEALING_NS = 60 * S
_QUIET_S = 3  # longer than anything takes that can't be seen from outside
_START_PX = {instrument.symbol: instrument.prev_close for instrument in INSTRUMENTS}


class Mode(StrEnum):
    """What a world is for.

    HEAL: faults, then peace, in which everybody comes to agree. ENDLESS: faults to the end, and
    nothing unsafe meanwhile. ROLLBACK: as HEAL, but once the store goes back by some seconds.
    """

    HEAL = "heal"
    ENDLESS = "endless"
    ROLLBACK = "rollback"


class SimulationResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a seed came to.

    `faults` counts each kind; `seen` counts answers and outcomes; `takeovers` how often another
    engine came to lead; `state_hash` covers the log and the state that it builds.
    """

    seed: int
    mode: Mode
    commands: int
    events: int
    steps: int
    takeovers: int
    faults: dict[str, int]
    seen: dict[str, int]
    violations: list[str]
    state_hash: str

    @property
    def again(self) -> str:
        """The command line that runs this very world again."""
        return f"blotter bench simulate --first {self.seed} --seeds 1 --mode {self.mode}"


def simulate(
    seed: int,
    *,
    mode: Mode = Mode.HEAL,
    faults: Faults | None = None,
    external_venue: bool | None = None,
    desktops: int = 0,
    engines: int = 0,
    make_store: parts.MakeStore = parts.make_store,
    outbox_is_durable: bool = True,
    has_phases: bool = False,
) -> SimulationResult:
    """Run the world of `seed`.

    `has_phases`: the venue opens with an auction and holds volatility auctions.
    `external_venue`: one venue outlives the engines; odd seeds do so by themselves. `desktops`
    and `engines` 0 leave it to the seed: mostly two desktops, now and then five; two engines or
    three. `make_store` and `outbox_is_durable` are for mutants.
    """
    faults, external = faults or Faults(), seed % 2 == 1
    if mode is Mode.ROLLBACK:
        # A venue of its own would go on where the log was, and nobody could agree with it.
        faults, external = msgspec.structs.replace(faults, rollback_after_s=20), False
    if external_venue is not None:
        external = external_venue
    scene = _Scene(
        seed,
        faults,
        external,
        desktops or (5 if seed % 20 == 0 else 2),
        engines or 2 + seed // 2 % 2,
        make_store,
        outbox_is_durable,
        has_phases,
    )
    scene.play()
    if mode is not Mode.ENDLESS:
        scene.heal()
    return scene.result(mode)


class _Scene:
    """One world with everybody in it."""

    def __init__(
        self,
        seed: int,
        faults: Faults,
        external: bool,
        desktops: int,
        engines: int,
        make_store: parts.MakeStore,
        outbox_is_durable: bool,
        has_phases: bool,
    ) -> None:
        people = logins(desktops)
        start = _MIDNIGHT.timestamp() - 15 if faults.day_rolls else _NOON.timestamp()
        self.seed = seed
        self.dice = Dice(seed, faults)
        self.world = World(int(start) * S, self.dice)
        self.schedule = parts.make_schedule(self.world.now, seed) if has_phases else None
        self.auditor = Auditor(self.world)
        self.tables = parts.Tables(lambda: self.world.store_now)
        self.store = make_store(self.tables)
        self.network = Network(self.world, self.store, self._performed)
        self.exchange = self._make_exchange() if external else None
        self.store.submit_many([submission_of(command) for command in reference(people)])
        self.engines = [
            Engine(self.world, self.network, self.auditor, name, self._make_venue, self._today)
            for name in ("red", "blue", "green")[:engines]
        ]
        self.desktops = [
            Desktop(
                self.world,
                self.network,
                self.auditor,
                login,
                DESK,
                outbox_is_durable=outbox_is_durable,
            )
            for login in people
        ]
        self.people = [Person(self.world, desktop) for desktop in self.desktops]
        self.rollback = (
            Rollback(self.world, self.tables, self.auditor, self.desktops)
            if faults.rollback_after_s
            else None
        )
        self._schedule_faults()

    # -- who is there ------------------------------------------------------------------------

    def _make_exchange(self) -> Exchange:
        listed = {instrument.symbol: instrument for instrument in INSTRUMENTS}
        venue = parts.make_venue(
            lambda: listed, self.seed, _START_PX, lambda: self.dice.healed, self.schedule
        )
        return Exchange(self.world, venue, self.auditor)

    def _make_venue(self, engine: Engine) -> Venue:
        core = engine.core
        if self.exchange is not None:
            return ExchangeLink(self.exchange, lambda: core.lease.epoch if core.lease else 0)
        quotes = self.tables.quotes.values()
        venue = parts.make_venue(
            lambda: core.state.instruments,
            self.seed * 1_000 + engine.incarnation,
            _START_PX | {quote.symbol: quote.last for quote in quotes if quote.last},
            lambda: self.dice.healed,
            self.schedule,
        )
        return WatchedVenue(venue, engine.holder, self.auditor)

    def _today(self, store_ts: int, machine_offset_ns: int) -> str:
        """Return the desk's date: by the store's clock, unless the engine's machine is asked."""
        if self.dice.faults.machine_calendar:
            store_ts += machine_offset_ns
        return date_of(store_ts)

    def _performed(self, call: Call, result: Any) -> None:
        fresh = self.tables.events[len(self.auditor.rows) :]
        self.auditor.performed(call, result, fresh)
        if call.method in ("append", "publish_market"):
            self._hint(self.desktops)
        elif call.method == "submit":
            self._hint(self.engines)

    def _hint(self, whom: list[Desktop] | list[Engine]) -> None:
        for each in whom:
            if not self.dice.hit("lost_hint"):
                self.world.after(self.dice.between(MS // 5, 5 * MS), each.hint)

    # -- what goes wrong ---------------------------------------------------------------------

    def _schedule_faults(self) -> None:
        faults = self.dice.faults
        self._every("engine_pause", faults.engine_pause_every_s, self._pause_engine)
        self._every("engine_crash", faults.engine_crash_every_s, lambda: self._engine().crash())
        self._every("engine_stop", faults.engine_stop_every_s, lambda: self._engine().stop())
        self._every("desktop_pause", faults.desktop_pause_every_s, self._pause_desktop)
        self._every("desktop_crash", faults.desktop_crash_every_s, self._crash_desktop)
        self._every("engine_kill", faults.engine_kill_every_s, self._kill_engine)
        self._every("clock_jump", faults.clock_jump_every_s, self._jump_a_clock)
        every_s = faults.store_clock_jump_every_s
        self._every("store_clock_jump", every_s, self._jump_the_stores_clock)

    def _every(self, name: str, mean_s: float, happen: Callable[[], None]) -> None:
        if not mean_s:
            return

        def come() -> None:
            if not self.dice.healed:
                self.dice.counts[name] += 1
                happen()
                self._every(name, mean_s, happen)

        self.world.after(self.dice.after(mean_s), come)

    def _engine(self) -> Engine:
        """Return the engine that something happens to: mostly one that leads."""
        leaders = [engine for engine in self.engines if engine.leads]
        mostly = leaders if leaders and self.dice.random.random() < 0.8 else self.engines
        return self.dice.random.choice(mostly)

    def _pause_engine(self) -> None:
        self._engine().freeze(self.dice.between(200 * MS, 7 * S))

    def _kill_engine(self) -> None:
        """Kill on an engine's machine; a while later somebody has seen it and resumes."""
        kill_id = f"kill-{self.dice.counts['engine_kill']}"
        self._engine().kill(LocalKill(kill_id, "Killed on its machine."))

        def resume() -> None:
            wish = ResumeTrading(id=f"resume-{kill_id}", author=SYSTEM, desk=DESK)
            self.store.submit(submission_of(wish))

        self.world.after(self.dice.between(2 * S, 12 * S), resume)

    def _pause_desktop(self) -> None:
        self.dice.random.choice(self.desktops).freeze(self.dice.between(1 * S, 12 * S))

    def _crash_desktop(self) -> None:
        self.dice.random.choice(self.desktops).crash()

    def _jump_a_clock(self) -> None:
        machines: list[Engine | Desktop] = [*self.engines, *self.desktops]
        machine = self.dice.random.choice(machines)
        machine.clock_offset_ns += self.dice.between(-90_000 * S, 90_000 * S)

    def _jump_the_stores_clock(self) -> None:
        """Put the clock that decides right, as a server does whose clock had drifted."""
        self.world.put_store_clock(self.dice.between(-6 * S, 12 * S))

    # -- the play ----------------------------------------------------------------------------

    def play(self) -> None:
        """Let everybody work while everything goes wrong."""
        self.world.run(self.world.now + _ACTIVE_NS)
        for person in self.people:
            person.is_home = True

    def heal(self) -> None:
        """Let nothing more go wrong, and wait until all is quiet."""
        self.dice.healed = True
        self.network.heal()
        deadline, quiet_s, unrest = self.world.now + _HEALING_NS, 0, list[str]()
        while quiet_s < _QUIET_S and self.world.now < deadline:
            self.world.run(self.world.now + S)
            unrest = self._unrest()
            quiet_s = 0 if unrest else quiet_s + 1
        for why in unrest:
            self.auditor.note(f"After a minute of peace: {why}")

    def _unrest(self) -> list[str]:
        """Return what is not yet as it should be at rest."""
        lease = self.store.leader()
        leaders = [engine for engine in self.engines if engine.leads]
        found = [] if len(leaders) == 1 else [f"{len(leaders)} engines lead."]
        if lease is None or lease.holder not in [engine.holder for engine in leaders]:
            found.append("The lease is nobody's, or another's.")
        found += [f"{engine.holder} is busy." for engine in leaders if engine.core.is_busy]
        for engine in leaders:
            runs = engine.core.state.strategies.values()
            found += [f"{r.order_id} is worked." for r in runs if r.state is RunState.RUNNING]
        if self.tables.pending:
            found.append(f"{len(self.tables.pending)} commands wait to be decided.")
        if self.exchange is not None and self.exchange.waiting:
            found.append(f"{self.exchange.waiting} reports are on their way.")
        head = len(self.tables.events)
        for desktop in self.desktops:
            core = desktop.core
            if self.rollback is not None and core.link is Link.HALTED:
                continue
            if core.link is not Link.LIVE or core.seq != head:
                found.append(f"{desktop.login} is {core.link.value} at {core.seq} of {head}.")
            for command_id, request in core.requests.items():
                found.append(f"{desktop.login}'s {command_id} is {request.status.value}.")
        return found

    # -- the audit ---------------------------------------------------------------------------

    def result(self, mode: Mode) -> SimulationResult:
        """Audit, and sum up."""
        auditor, healed = self.auditor, mode is not Mode.ENDLESS
        auditor.audit_log()
        state = self._audit_states(healed)
        if healed and self.rollback is not None:
            self.rollback.audit()
        if healed:
            lookups = {key: self.store.lookup(key).verdict for key in auditor.clicked}
            auditor.audit_outcomes({k for k, v in lookups.items() if v is Verdict.DECIDED})
            self._audit_venues(state)
        counts, rows = auditor.counts, auditor.rows
        digest = hashlib.sha256(state_hash(state).encode())
        for row in rows:
            digest.update(row.hash.encode())
        return SimulationResult(
            seed=self.seed,
            mode=mode,
            commands=counts.pop("commands", 0),
            events=len(rows),
            steps=self.world.steps,
            takeovers=max(0, auditor.newest_epoch - 1),
            faults=dict(sorted(self.dice.counts.items())),
            seen=dict(sorted(counts.items())),
            violations=list(dict.fromkeys(auditor.violations)),
            state_hash=digest.hexdigest(),
        )

    def _audit_states(self, healed: bool) -> DeskState:
        """Replay the log, and hold every live state against it where that state stands."""
        state = DeskState()
        desktops = {
            desktop: desktop.core.seq
            for desktop in self.desktops
            if desktop.core.link is not Link.HALTED
        }
        for seq, event in enumerate(self.auditor.events, 1):
            evolve(state, event)
            for desktop in [each for each, at in desktops.items() if at == seq]:
                self._compare(desktop.login, desk_view(state, DESK), desktop.core.state)
        for order in state.orders.values():
            if order.is_live and order.leaves_qty + order.cum_qty != order.qty:
                self.auditor.note(f"{order.order_id}: leaves and cum are not its quantity.")
        for engine in self.engines:
            if healed and engine.leads and not engine.core.is_busy:
                self._compare(engine.holder, state, engine.core.state)
        return state

    def _compare(self, whose: str, replayed: DeskState, live: DeskState) -> None:
        same_hash = state_hash(replayed) == state_hash(live)
        if not same_hash or list(replayed.live) != list(live.live):
            self.auditor.note(f"{whose}'s state is not what the log says.")

    def _audit_venues(self, state: DeskState) -> None:
        """At rest, the desk and its venue agree on what works and what traded."""
        leaders = [engine.venue for engine in self.engines if engine.leads]
        watched = self.exchange or next(iter(leaders), None)
        if not isinstance(watched, Exchange | WatchedVenue):
            return
        for exec_id in sorted(set(watched.fills) - self._logged_fills()):
            self.auditor.note(f"The venue traded {exec_id}, and the log does not know.")
        venue = watched.venue
        assert isinstance(venue, parts.SimVenue)
        there = parts.working_at(venue)
        here = {o.order_id: o for o in state.live_orders() if o.is_routed}
        for order_id in sorted(there.keys() | here.keys()):
            ours = (
                parts.Working(here[order_id].leaves_qty, _px(here[order_id]))
                if order_id in here
                else None
            )
            if there.get(order_id) != ours:
                self.auditor.note(f"{order_id} is {ours} here, and {there.get(order_id)} there.")

    def _logged_fills(self) -> set[str]:
        return {
            event.execution.exec_id
            for event in self.auditor.events
            if isinstance(event, OrderFilled)
        }


def _px(order: Order) -> int:
    """Return the price that a live order rests at, or waits for."""
    if order.peg is not None:
        return 0
    return (order.stop_px if order.awaits_trigger else order.limit_px) or 0
