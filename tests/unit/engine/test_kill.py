"""A kill on the engine's machine: it needs no store, lets nothing pass, is written down later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from app.engine.kill import KillRecorded, LocalKill
from app.engine.kill_file import KillFile
from app.engine.process import EngineRunner
from app.engine.step import (
    Append,
    AppendAnswered,
    CommandsRead,
    EngineCore,
    Phase,
    Reported,
    SendToVenues,
    Shutdown,
    Stop,
)
from app.ports import (
    AppendRequest,
    AppendStatus,
    CancelRequest,
    NewOrder,
    ReplaceOrder,
    VenueMessage,
)
from app.session.step import submission_of
from app.store.memory import MemoryStore, MemoryTables
from app.venues.sim import SimVenue
from models.commands import SYSTEM, ResumeTrading, VenueReport
from models.errors import StoreUnavailable
from models.events import (
    AlertRaised,
    CancelRequested,
    CommandFailed,
    OrderCanceled,
    OrderDenied,
    TradingHalted,
)
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order
from tests.builders import (
    NOW,
    SECOND,
    TODAY,
    EngineBench,
    ScriptedFlow,
    amend,
    fill_report,
    new_id,
    quote,
    reference_commands,
    submit,
    terms,
)
from tests.unit.engine.test_step import appended, events_of, loaded, pending

KILL = LocalKill("kill-1", "Killed on tower by ops at 14:03:22 UTC: feed gone mad")
WAIT_S = 20


def sent(outputs: list[object]) -> list[VenueMessage]:
    return [m for output in outputs if isinstance(output, SendToVenues) for m in output.messages]


def canceled(order: Order) -> VenueReport:
    return VenueReport(
        id=f"{order.cl_ord_id}:cancel",
        author=order.venue,
        cl_ord_id=order.cl_ord_id,
        trigger=Trigger.CANCEL,
    )


def working(bench: EngineBench) -> EngineCore:
    """Return an engine that leads with one order that its venue has."""
    core = loaded(bench)
    core.step(pending(submit()))
    core.step(AppendAnswered(AppendStatus.APPENDED))
    (order,) = core.state.orders.values()
    core.step(
        Reported(
            [
                VenueReport(
                    id=f"{order.cl_ord_id}:ack",
                    author=order.venue,
                    cl_ord_id=order.cl_ord_id,
                    trigger=Trigger.ACKNOWLEDGE,
                )
            ]
        )
    )
    core.step(CommandsRead([]))
    core.step(AppendAnswered(AppendStatus.APPENDED))
    (order,) = core.state.orders.values()
    assert order.status is OrderStatus.NEW
    return core


def test_kill_cancels_at_the_venues_before_anything_is_appended() -> None:
    core = working(EngineBench().lead())
    (order,) = core.state.orders.values()
    outputs = core.step(KILL)
    assert outputs == [SendToVenues((CancelRequest(cl_ord_id=order.cl_ord_id),))]
    assert core.is_killed


def test_kill_asks_venues_only_for_orders_that_they_have() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(terms(venue=DESK)), submit(terms(qty=70)), submit(terms(qty=5), staged=True))
    (cancel,) = sent(list(bench.feed(KILL)))
    assert isinstance(cancel, CancelRequest)
    assert cancel.cl_ord_id


def test_kill_is_the_first_thing_that_the_log_hears_and_reports_wait_behind_it() -> None:
    core = working(EngineBench().lead())
    (order,) = core.state.orders.values()
    core.step(Reported([fill_report(order, 40)]))
    core.step(KILL)
    core.step(Reported([canceled(order)]))
    request = appended(core.step(CommandsRead([])))
    in_order = list(dict.fromkeys(type(event) for event in events_of(request)))
    assert in_order[:3] == [TradingHalted, AlertRaised, CancelRequested]
    last = events_of(request)[-1]
    assert isinstance(last, OrderCanceled)
    assert core.state.orders[order.order_id].cum_qty == 40
    assert {halt.desk for halt in core.state.halts.values()} == {"EQ", "FI"}
    for halt in core.state.halts.values():
        assert (halt.author, halt.trader, halt.note) == (SYSTEM, "", KILL.note)


def test_kill_with_a_silent_store_appends_the_same_bytes_until_it_answers() -> None:
    core = working(EngineBench().lead())
    core.step(KILL)
    request = appended(core.step(CommandsRead([])))
    for _ in range(5):
        assert core.step(AppendAnswered(None)) == [Append(request)]
    after = core.step(AppendAnswered(AppendStatus.APPENDED))
    assert KillRecorded("kill-1") in after
    assert not sent(after), "the cancels have been sent already"
    assert not core.is_killed


def test_order_appended_but_not_sent_never_leaves_and_ends_in_the_log() -> None:
    core = loaded(EngineBench().lead())
    core.step(pending(submit()))  # its append is under way
    core.step(KILL)
    after = core.step(AppendAnswered(AppendStatus.APPENDED))
    assert not any(isinstance(message, NewOrder) for message in sent(after))
    request = appended(core.step(CommandsRead([])))
    (order,) = core.state.orders.values()
    assert order.status is OrderStatus.CANCELED
    (end,) = [e for e in events_of(request) if isinstance(e, OrderCanceled)]
    assert "Never sent to SIM" in end.text


def test_amendment_appended_but_not_sent_never_leaves() -> None:
    core = working(EngineBench().lead())
    (order,) = core.state.orders.values()
    core.step(pending(amend(order, qty=50)))
    core.step(KILL)
    after = core.step(AppendAnswered(AppendStatus.APPENDED))
    assert not any(isinstance(message, ReplaceOrder) for message in sent(after))
    core.step(Reported([canceled(order)]))
    core.step(CommandsRead([]))
    assert core.state.orders[order.order_id].status is OrderStatus.CANCELED
    assert core.state.orders[order.order_id].qty == order.qty


def test_messages_put_out_before_a_kill_are_stopped_at_the_moment_of_sending() -> None:
    core = loaded(EngineBench().lead())
    core.step(pending(submit()))
    on_their_way = sent(core.step(AppendAnswered(AppendStatus.APPENDED)))
    assert on_their_way
    core.step(KILL)
    assert not core.passing(on_their_way)
    core.step(CommandsRead([]))
    (order,) = core.state.orders.values()
    assert order.status is OrderStatus.CANCELED


def test_orders_and_amendments_after_a_kill_are_denied_until_a_person_resumes() -> None:
    core = working(EngineBench().lead())
    (order,) = core.state.orders.values()
    core.step(KILL)
    request = appended(core.step(pending(submit(), amend(order, qty=50))))
    assert any(isinstance(event, OrderDenied) for event in events_of(request))
    core.step(AppendAnswered(AppendStatus.APPENDED))
    resume = ResumeTrading(id=new_id(), author="dana", desk="EQ")
    outputs = core.step(pending(resume, submit(terms(qty=70))))
    assert any(event.__class__.__name__ == "OrderRouted" for event in events_of(appended(outputs)))


def test_resume_that_was_asked_before_the_kill_does_not_lift_it() -> None:
    core = working(EngineBench().lead())
    core.step(KILL)
    request = appended(core.step(pending(ResumeTrading(id=new_id(), author="dana", desk="EQ"))))
    (refused,) = [event for event in events_of(request) if isinstance(event, CommandFailed)]
    assert "killed on its machine after this" in refused.text
    assert core.state.halts


def test_second_kill_while_one_is_in_force_sends_nothing() -> None:
    core = working(EngineBench().lead())
    core.step(KILL)
    assert core.step(LocalKill("kill-2", "again")) == []


def test_kill_of_an_engine_that_does_not_lead_waits_until_it_does() -> None:
    core = EngineCore(frozenset({"SIM"}))
    assert core.step(KILL) == []
    assert not core.is_killed
    assert core.phase is Phase.STANDBY


def test_kill_that_another_leader_overtook_is_a_fault_that_says_what_to_do() -> None:
    core = working(EngineBench().lead())
    core.step(KILL)
    core.step(CommandsRead([]))
    (stop,) = core.step(AppendAnswered(AppendStatus.FENCED))
    assert isinstance(stop, Stop)
    assert stop.fault
    assert "halt the desk on the engine that leads now" in stop.reason


def test_takeover_under_a_kill_sends_no_amendment_again() -> None:
    bench = EngineBench().lead()
    core = working(bench)
    (order,) = core.state.orders.values()
    core.step(KILL)
    replace = ReplaceOrder(
        cl_ord_id=f"{order.order_id}/2",
        orig_cl_ord_id=order.cl_ord_id,
        replacement=order.replacement,
    )
    assert core.passing([replace], again=True) == []
    events = events_of(appended(core.step(CommandsRead([]))))
    assert not any("Never sent" in getattr(event, "text", "") for event in events)


def test_engine_asked_to_end_while_the_store_is_silent_ends() -> None:
    core = loaded(EngineBench().lead())
    core.step(pending(submit()))
    assert core.step(Shutdown()) == []
    (stop,) = core.step(AppendAnswered(None))
    assert stop == Stop("It was asked to end while the store was silent.", False, None)


# -- the kill file -------------------------------------------------------------------------------


def test_kill_file_gives_back_what_was_asked(tmp_path: Path) -> None:
    KillFile(tmp_path / "run").ask(KILL)
    assert KillFile(tmp_path / "run").asked() == KILL


@pytest.mark.parametrize("content", [b"", b"stop it now", b'{"a": 1}', b'{"a": "b"}', b"\xff\x00"])
def test_kill_file_made_by_hand_kills_whatever_is_in_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kill").write_bytes(content)
    kill = KillFile(tmp_path).asked()
    assert kill is not None
    assert kill.note.startswith("Killed by a file: ")
    assert "\0" not in kill.note


def test_kill_file_that_cannot_be_read_kills(tmp_path: Path) -> None:
    (tmp_path / "kill").mkdir()
    kill = KillFile(tmp_path).asked()
    assert kill is not None
    assert "can't be read" in kill.note


def test_kill_file_goes_once_the_log_has_it_and_not_when_asked_anew(tmp_path: Path) -> None:
    file = KillFile(tmp_path)
    file.ask(KILL)
    file.answer("kill-1", 3, recorded=False)
    newer = LocalKill("kill-2", "again")
    KillFile(tmp_path).ask(newer)
    file.recorded("kill-1")
    assert file.asked() == newer
    file.recorded("kill-2")
    assert file.asked() is None
    assert not file.path.exists()


def test_kill_file_that_cannot_be_removed_does_not_kill_twice(tmp_path: Path) -> None:
    (tmp_path / "kill").mkdir()
    file = KillFile(tmp_path)
    kill = file.asked()
    assert kill is not None
    file.recorded(kill.kill_id)
    assert file.path.exists()
    assert file.asked() is None


# -- the runner ----------------------------------------------------------------------------------


class _Hanging(MemoryStore):
    """A store that, once told to, lets no call return until it is let go: a stopped server."""

    def __init__(self, tables: MemoryTables) -> None:
        super().__init__(tables)
        self.free = threading.Event()
        self.free.set()
        self.hangs = threading.Event()

    def _wait(self) -> None:
        if not self.free.is_set():
            self.hangs.set()
            assert self.free.wait(WAIT_S)

    def now(self) -> int:
        if hasattr(self, "free"):
            self._wait()
        return super().now()

    def append(self, request: AppendRequest) -> AppendStatus:
        self._wait()
        return super().append(request)


class _Venue(SimVenue):
    """A venue that tells when it has got a cancel."""

    def __init__(self) -> None:
        super().__init__(ScriptedFlow())
        self.canceled = threading.Event()

    def send(self, messages: object, ts: int) -> list[VenueReport]:
        reports = super().send(messages, ts)  # type: ignore[arg-type]
        if any(isinstance(message, CancelRequest) for message in messages):  # type: ignore[attr-defined]
            self.canceled.set()
        return reports


def _eventually(holds: Callable[[], bool]) -> None:
    woken = threading.Event()
    for _ in range(WAIT_S * 100):
        if holds():
            return
        woken.wait(0.01)
    raise AssertionError("in vain")


def test_runner_whose_store_hangs_is_killed_by_its_file_and_the_log_learns_it_first(
    tmp_path: Path,
) -> None:
    tables = MemoryTables(lambda: NOW)
    store, venue, file = _Hanging(tables), _Venue(), KillFile(tmp_path)
    runner = EngineRunner(
        store, venue, "me", lambda ts: TODAY, structlog.get_logger(), kill_file=file
    )
    people = MemoryStore(tables)
    people.submit_many([submission_of(command) for command in reference_commands()])
    people.publish_market(NOW, [quote()])
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    core = runner.core
    _eventually(lambda: core.phase is Phase.LEADING and core.state.day_open)
    # The market is quiet: quotes are told by hand.
    with runner._lock:
        core._quotes["ACME"] = quote()
        core._feed_ts = NOW
    people.submit(submission_of(submit()))
    _eventually(lambda: any(o.status is OrderStatus.NEW for o in core.state.orders.values()))
    before = len(tables.events)

    store.free.clear()
    assert store.hangs.wait(WAIT_S)
    file.ask(KILL)
    assert venue.canceled.wait(WAIT_S)
    _eventually(lambda: file.answered("kill-1") is not None)
    answer = file.answered("kill-1")
    assert answer is not None
    assert (answer.cancels, answer.recorded) == (1, False)
    assert len(tables.events) == before

    store.free.set()
    _eventually(lambda: not file.path.exists())
    runner.stop()
    thread.join(WAIT_S)
    fresh = list(dict.fromkeys(row.kind for row in tables.events[before:]))
    assert fresh[:4] == ["TradingHalted", "AlertRaised", "CancelRequested", "OrderCanceled"]


def test_runner_under_a_kill_file_at_its_start_cancels_what_it_restores(tmp_path: Path) -> None:
    bench = EngineBench().lead()
    bench.ask(submit())
    (order,) = bench.core.state.orders.values()
    assert order.status is OrderStatus.NEW
    bench.ts += 10 * SECOND
    venue, file = _Venue(), KillFile(tmp_path)
    file.ask(KILL)
    runner = EngineRunner(
        MemoryStore(bench.tables),
        venue,
        "second",
        lambda ts: TODAY,
        structlog.get_logger(),
        kill_file=file,
    )
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    _eventually(lambda: not file.path.exists())
    runner.stop()
    thread.join(WAIT_S)
    assert runner.core.state.orders[order.order_id].status is OrderStatus.CANCELED
    assert runner.core.state.halts


class _Clock:
    """Time that passes by being slept, and a little by being looked at."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += 0.001
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def test_runner_survives_an_outage_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its retries must not nest: an hour of them would be deeper than the interpreter goes."""
    monkeypatch.setattr("app.engine.process.time", _Clock())
    tables = MemoryTables(lambda: NOW)
    tries = 0

    class _Out(MemoryStore):
        def append(self, request: AppendRequest) -> AppendStatus:
            nonlocal tries
            tries += 1
            if tries < 3_000:
                raise StoreUnavailable("gone")
            runner.stop()
            return super().append(request)

    people = MemoryStore(tables)
    people.submit_many([submission_of(command) for command in reference_commands()])
    runner = EngineRunner(
        _Out(tables),
        SimVenue(ScriptedFlow()),
        "me",
        lambda ts: TODAY,
        structlog.get_logger(),
    )
    ended = runner.run()
    assert not ended.fault
    assert tries >= 3_000
    assert tables.events
