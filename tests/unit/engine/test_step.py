"""The engine: leads by lease, decides in batches, appends before anything leaves, and survives."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.core.desk_state import STATE_VERSION, encode_state, state_hash
from app.engine.step import (
    READ_MAX,
    AcquireLease,
    Append,
    AppendAnswered,
    CommandsRead,
    EngineCore,
    EventsRead,
    LeaseAnswered,
    MarketSeen,
    Output,
    Phase,
    ReadCommands,
    ReadEvents,
    ReadSnapshot,
    RenewLease,
    Reported,
    RestoreVenues,
    SaveSnapshot,
    SendToVenues,
    Shutdown,
    SnapshotRead,
    Stop,
    Tick,
)
from app.ports import (
    GENESIS_HASH,
    LEASE_TTL_NS,
    WHOLE_STORE,
    AppendRequest,
    AppendStatus,
    CancelRequest,
    EndSession,
    Lease,
    NewOrder,
    PendingCommand,
    ReplaceOrder,
    StartSession,
    chain_hash,
    check_chain,
)
from models.alerts import Severity
from models.commands import (
    SYSTEM,
    AdoptRuleBook,
    Command,
    ListInstruments,
    StartStrategy,
    encode_command,
)
from models.events import (
    AlertRaised,
    AnyEvent,
    CommandFailed,
    DayEnded,
    OrderAccepted,
    OrderExpired,
    OrderFilled,
    decode_event,
)
from models.limits import Limit
from models.order_state import OrderStatus, Trigger
from models.orders import TimeInForce
from models.workflow import Strategy, StrategyKind
from tests.builders import (
    DESK,
    NOW,
    SECOND,
    TODAY,
    TOMORROW,
    VENUE,
    EngineBench,
    amend,
    cancel,
    end_day,
    fill_report,
    instrument,
    market_limit,
    market_order,
    market_terms,
    new_id,
    px,
    quote,
    reference_commands,
    rule_book,
    start_day,
    submit,
    terms,
)

LEASE = Lease(epoch=3, holder="engine-1", expires_ts=NOW + LEASE_TTL_NS)


def kinds(outputs: list[Output]) -> list[type]:
    return [type(output) for output in outputs]


def loaded(bench: EngineBench) -> EngineCore:
    """Return a new engine that leads `bench`'s store, driven by hand from here on."""
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(bench.ts, bench.today))
    core.step(LeaseAnswered(LEASE))
    core.step(SnapshotRead(None))
    core.step(EventsRead(bench.store.read(None, 0, READ_MAX)))
    core.step(CommandsRead([]))
    core.step(MarketSeen(bench.ts, (quote(), quote("BETA"))))
    return core


def pending(*commands: Command) -> CommandsRead:
    return CommandsRead(
        [
            PendingCommand(arrival=at, lane=1, command_id=command.id, body=encode_command(command))
            for at, command in enumerate(commands)
        ]
    )


def appended(outputs: list[Output]) -> AppendRequest:
    (request,) = [output.request for output in outputs if isinstance(output, Append)]
    return request


def events_of(request: AppendRequest) -> list[AnyEvent]:
    return [decode_event(row.body) for row in request.events]


def stop_of(outputs: list[Output]) -> Stop:
    assert isinstance(outputs[-1], Stop)
    return outputs[-1]


# -- taking the lead -----------------------------------------------------------------------------


def test_standby_asks_for_the_lease_once_until_it_is_answered() -> None:
    core = EngineCore(frozenset({VENUE}))
    assert core.step(Tick(NOW, TODAY)) == [AcquireLease()]
    assert core.step(Tick(NOW + 1, TODAY)) == []
    assert core.step(LeaseAnswered(None)) == []
    assert core.step(Tick(NOW + 2, TODAY)) == [AcquireLease()]
    assert core.phase is Phase.STANDBY


def test_winner_reads_snapshot_then_log_then_restores_venues_then_drains() -> None:
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    assert core.step(LeaseAnswered(LEASE)) == [ReadSnapshot()]
    assert core.step(SnapshotRead(None)) == [ReadEvents(0, READ_MAX)]
    assert core.phase is Phase.LOADING
    outputs = core.step(EventsRead([]))
    assert kinds(outputs) == [RestoreVenues, ReadCommands]
    assert core.phase is Phase.LEADING


def test_loading_reads_on_while_pages_are_full() -> None:
    bench = EngineBench().lead()
    for _ in range(3):
        bench.ask(submit(terms(qty=1), reason="x"))
    rows = bench.tables.events
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    core.step(SnapshotRead(None))
    many = [*rows, *([rows[-1]] * (READ_MAX - len(rows)))]
    assert len(many) == READ_MAX
    assert stop_of(core.step(EventsRead(many))).fault


def test_leader_renews_in_time_and_once() -> None:
    bench = EngineBench().lead()
    core = loaded(bench)
    in_time = NOW + LEASE_TTL_NS - LEASE_TTL_NS * 2 // 3
    assert RenewLease not in kinds(core.step(Tick(in_time, TODAY)))
    outputs = core.step(Tick(in_time + 1, TODAY))
    assert outputs[0] == RenewLease(LEASE)
    assert RenewLease not in kinds(core.step(Tick(NOW + LEASE_TTL_NS, TODAY)))


@pytest.mark.parametrize("phase", [Phase.LOADING, Phase.LEADING])
def test_lease_lost_stops_without_writing(phase: Phase) -> None:
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    if phase is Phase.LEADING:
        core.step(SnapshotRead(None))
        core.step(EventsRead([]))
    assert core.phase is phase
    (stop,) = core.step(LeaseAnswered(None))
    assert stop == Stop("Another engine has taken the lease.", fault=False, release=None)
    assert core.step(pending(submit())) == []
    assert core.step(Tick(NOW + 9, TODAY)) == []
    assert core.phase is Phase.STOPPED


def test_broken_chain_is_a_fault() -> None:
    bench = EngineBench().lead()
    rows = list(bench.tables.events)
    rows[3] = msgspec.structs.replace(rows[3], body=rows[3].body.replace(b"ACME", b"ACMF"))
    rows[3] = msgspec.structs.replace(rows[3], hash="0" * 64)
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    core.step(SnapshotRead(None))
    stop = stop_of(core.step(EventsRead(rows)))
    assert stop.fault
    assert "hash chain" in stop.reason
    assert core.phase is Phase.STOPPED


def test_missing_event_is_a_fault() -> None:
    bench = EngineBench().lead()
    rows = [
        msgspec.structs.replace(row, seq=row.seq + (row.seq > 3)) for row in bench.tables.events
    ]
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    core.step(SnapshotRead(None))
    stop = stop_of(core.step(EventsRead(rows)))
    assert (stop.fault, stop.reason) == (True, "Event 4 is missing from the log.")


def test_event_that_cannot_be_applied_halts_as_a_fault() -> None:
    bench = EngineBench().lead()
    command = submit(terms(qty=1))
    bench.ask(command)
    rows = bench.tables.events[-1:]
    alone = [msgspec.structs.replace(rows[0], seq=1, stream_seq=1)]
    digest = chain_hash(GENESIS_HASH, alone[0].stream, 1, alone[0].command_id, alone[0].body)
    alone = [msgspec.structs.replace(alone[0], hash=digest)]
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    core.step(SnapshotRead(None))
    stop = stop_of(core.step(EventsRead(alone)))
    assert stop.fault
    assert "can't be applied" in stop.reason


# -- snapshots -----------------------------------------------------------------------------------


def test_shutdown_saves_the_state_and_gives_the_lease_back() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(terms(qty=7)))
    outputs = bench.feed(Shutdown())
    assert kinds(outputs) == [SaveSnapshot, SaveSnapshot, SaveSnapshot, Stop]
    stop = stop_of(outputs)
    assert (stop.fault, stop.release) == (False, bench.core.lease)
    assert [o.snapshot.scope for o in outputs if isinstance(o, SaveSnapshot)] == [
        WHOLE_STORE,
        "desk/EQ",
        "desk/FI",
    ]
    assert bench.store.leader() is None


def test_snapshot_of_a_desk_names_no_stream_of_another() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(terms(qty=7)))
    bench.feed(Shutdown())
    of_desk = bench.store.latest_snapshot("desk/EQ", STATE_VERSION)
    whole = bench.store.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    assert of_desk is not None
    assert whole is not None
    assert of_desk.heads == {
        name: head for name, head in whole.heads.items() if name in ("desk/EQ", "firm")
    }
    of_other = bench.store.latest_snapshot("desk/FI", STATE_VERSION)
    assert of_other is not None
    assert set(of_other.heads) == {"firm"}


def test_start_from_snapshot_and_tail_is_the_same_as_from_the_whole_log() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(terms(qty=7)))
    bench.feed(Shutdown())
    second = EngineBench(bench.tables, ts=bench.ts + SECOND, holder="e-2")
    second.tick()
    second.see_market(quote())
    second.ask(submit(terms(qty=9)))
    second.ts += 10 * SECOND
    third = EngineBench(bench.tables, ts=second.ts, holder="e-3")
    third.tick()
    assert third.core.phase is Phase.LEADING
    assert state_hash(third.core.state) == state_hash(second.core.state)
    whole = loaded(bench)
    assert state_hash(whole.state) == state_hash(third.core.state)
    assert third.core.heads == whole.heads
    assert third.core.seq == whole.seq


def test_snapshot_with_a_wrong_hash_is_a_fault() -> None:
    bench = EngineBench().lead()
    bench.feed(Shutdown())
    snapshot = bench.store.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    assert snapshot is not None
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    wrong = msgspec.structs.replace(snapshot, state_hash="1:0")
    stop = stop_of(core.step(SnapshotRead(wrong)))
    assert stop.fault
    assert "does not have the hash" in stop.reason


@pytest.mark.parametrize("blob", [b"", b"\x93\x01", b"nonsense"])
def test_snapshot_that_cannot_be_read_is_a_fault(blob: bytes) -> None:
    bench = EngineBench().lead()
    bench.feed(Shutdown())
    snapshot = bench.store.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    assert snapshot is not None
    core = EngineCore(frozenset({VENUE}))
    core.step(Tick(NOW, TODAY))
    core.step(LeaseAnswered(LEASE))
    stop = stop_of(core.step(SnapshotRead(msgspec.structs.replace(snapshot, blob=blob))))
    assert stop.fault


def test_snapshot_of_a_desk_is_its_view() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(terms(qty=7)))
    bench.feed(Shutdown())
    mine = bench.store.latest_snapshot("desk/EQ", STATE_VERSION)
    theirs = bench.store.latest_snapshot("desk/FI", STATE_VERSION)
    assert mine is not None
    assert theirs is not None
    assert b"O-1122-000001" in mine.blob
    assert b"O-1122-000001" not in theirs.blob


# -- deciding ------------------------------------------------------------------------------------


def test_batch_is_one_append_of_everything_it_caused() -> None:
    core = loaded(EngineBench().lead())
    seq, heads = core.seq, dict(core.heads)
    commands = [submit(terms(qty=qty)) for qty in (1, 2, 3)]
    request = appended(core.step(pending(*commands)))
    assert (request.epoch, request.expected_seq) == (LEASE.epoch, seq)
    assert [row.seq for row in request.events] == list(
        range(seq + 1, seq + 1 + len(request.events))
    )
    check_chain(heads, request.events)
    assert heads == core.heads
    assert [settled.command_id for settled in request.settles] == [each.id for each in commands]
    caused = [row.command_id for row in request.events]
    assert sorted(set(caused), key=caused.index) == [each.id for each in commands]


def test_read_rows_hold_each_touched_thing_once_as_it_is_now() -> None:
    bench = EngineBench().lead()
    bench.market(market_limit(False, px(100), 50))
    bench.ask(submit(terms(qty=80), author="alice"))
    (row,) = bench.tables.orders.values()
    assert (row.status, row.cum_qty) == (OrderStatus.PARTIALLY_FILLED, 50)
    assert [fill.qty for fill in bench.tables.executions.values()] == [50]


def test_busted_execution_leaves_the_read_rows() -> None:
    bench = EngineBench().lead()
    command = submit()
    bench.ask(command)
    order = bench.order_of(command.id)
    bench.feed(Reported([fill_report(order, 40, exec_id="e1")]))
    assert set(bench.tables.executions) == {"e1"}
    bust = fill_report(order, 0, exec_id="b1")
    bust = msgspec.structs.replace(bust, trigger=Trigger.BUST, exec_ref="e1")
    bench.feed(Reported([bust]))
    assert not bench.tables.executions


def test_cancels_are_decided_before_what_came_earlier() -> None:
    bench = EngineBench().lead()
    first = submit(terms(limit_px=px(99)))
    bench.ask(first)
    order = bench.order_of(first.id)
    outputs = bench.ask(submit(terms(qty=1)), submit(terms(qty=2)), cancel(order))
    batches = [o.request for o in outputs if isinstance(o, Append) and o.request.settles]
    assert [type(event).__name__ for event in events_of(batches[0])][-1] == "CancelRequested"
    assert len(batches[0].settles) == 1


def test_poisoned_command_fails_with_an_alert_and_the_engine_goes_on() -> None:
    bench = EngineBench().lead()
    bench.core.state.instruments["ACME"] = msgspec.structs.replace(
        bench.core.state.instruments["ACME"], lot=0
    )
    poison, good = submit(), submit(terms(symbol="BETA"))
    outputs = bench.ask(poison, good)
    failed, alert, accepted, *_ = events_of(
        next(o.request for o in outputs if isinstance(o, Append))
    )
    assert isinstance(failed, CommandFailed)
    assert (failed.command_id, failed.author, failed.command) == (poison.id, "alice", "SubmitOrder")
    assert "ZeroDivisionError" in failed.text
    assert isinstance(alert, AlertRaised)
    assert (alert.alert.severity, alert.alert.rule) == (Severity.FAULT, "COMMAND_FAILED")
    assert isinstance(accepted, OrderAccepted)
    assert not bench.store.pending(9)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"type":"Unheard"}',
        b'{"type":"CancelOrder","id":"x","author":"a"}',
        b'{"type":"CancelOrder","id":"x","author":"a","order_id":' + b"9" * 5_000 + b"}",
        b'{"type":"CancelOrder","id":"x","author":"\\ud800","order_id":"o"}',
        b'{"type":"CancelOrder","id":"x","author":"a","order_id":"o","z":'
        + b"[" * 100_000
        + b"]" * 100_000
        + b"}",
    ],
    ids=["empty", "text", "list", "type", "field", "digits", "surrogate", "deep"],
)
def test_unreadable_body_fails_with_an_alert_and_the_engine_goes_on(body: bytes) -> None:
    bench = EngineBench().lead()
    outputs = bench.ask_raw("bad", body)
    failed, alert = events_of(appended([o for o in outputs if isinstance(o, Append)][:1]))
    assert isinstance(failed, CommandFailed)
    assert (failed.command_id, failed.command, failed.stream) == ("bad", "unreadable", "firm")
    assert isinstance(alert, AlertRaised)
    good = submit()
    bench.ask(good)
    assert bench.order_of(good.id).status is OrderStatus.NEW


def test_bytes_that_are_no_text_fail_too() -> None:
    core = loaded(EngineBench().lead())
    bad = PendingCommand(
        arrival=1,
        lane=1,
        command_id="bad",
        body=b'{"type":"CancelOrder","id":"x","author":"\xff","order_id":"o"}',
    )
    failed, _ = events_of(appended(core.step(CommandsRead([bad]))))
    assert isinstance(failed, CommandFailed)


@pytest.mark.parametrize("field", ["qty", "limit_px", "trail_bps"])
def test_number_that_no_store_can_hold_does_not_stop_the_engine(field: str) -> None:
    """Columns and snapshots hold 64 bits; a crash here would repeat for ever."""
    bench = EngineBench().lead()
    outputs = bench.ask(submit(terms(**{field: 10**30})))
    rows = next(o.request.rows for o in outputs if isinstance(o, Append))
    for order in rows.orders:
        for value in msgspec.structs.asdict(order).values():
            assert not isinstance(value, int) or -(2**63) <= value < 2**63
    encode_state(bench.core.state)


@pytest.mark.parametrize("more", [{"participation_bps": 2**70}, {"curve": (2**70,)}])
def test_strategy_that_no_snapshot_can_hold_does_not_stop_the_engine(more: dict[str, Any]) -> None:
    bench = EngineBench().lead()
    entered = submit(terms(qty=1_000, venue="DESK"))
    bench.ask(entered)
    strategy = Strategy(kind=StrategyKind.TWAP, start_ts=NOW, end_ts=NOW + 10**12, **more)
    order_id = bench.order_of(entered.id).order_id
    bench.ask(
        StartStrategy(id="s", author="alice", desk=DESK, order_id=order_id, strategy=strategy)
    )
    encode_state(bench.core.state)


@pytest.mark.parametrize(
    "command",
    [
        AdoptRuleBook(id="m", author=SYSTEM, rule_book=rule_book(NOTIONAL=Limit(hard=10**20))),
        ListInstruments(id="n", author=SYSTEM, instruments=(instrument(adv=10**20),)),
    ],
    ids=["rule book", "instrument"],
)
def test_reference_data_beyond_64_bits_does_not_stop_the_engine(command: Command) -> None:
    """A limit of 100 million million dollars, meant as none, is beyond what a snapshot can hold."""
    bench = EngineBench().lead()
    bench.ask(command)
    bench.feed(Shutdown())
    assert bench.ended is not None
    assert not bench.ended.fault


def test_venue_report_in_the_inbox_is_not_taken_for_a_venues() -> None:
    bench = EngineBench().lead()
    command = submit()
    bench.ask(command)
    order = bench.order_of(command.id)
    forged = fill_report(order, 100)
    bench.ask(forged)
    assert (order.status, order.cum_qty) == (OrderStatus.NEW, 0)
    (failed,) = [
        event
        for row in bench.tables.events
        if isinstance(event := decode_event(row.body), CommandFailed)
    ]
    assert failed.command_id == forged.id


# -- appending -----------------------------------------------------------------------------------


def test_orders_leave_only_after_the_append() -> None:
    core = loaded(EngineBench().lead())
    outputs = core.step(pending(submit()))
    assert SendToVenues not in kinds(outputs)
    after = core.step(AppendAnswered(AppendStatus.APPENDED))
    assert isinstance(after[0], SendToVenues)
    (message,) = after[0].messages
    assert isinstance(message, NewOrder)
    assert ReadCommands in kinds(after)


def test_append_of_unknown_outcome_is_sent_again_with_the_same_bytes() -> None:
    core = loaded(EngineBench().lead())
    first = appended(core.step(pending(submit())))
    for _ in range(3):
        (again,) = core.step(AppendAnswered(None))
        assert isinstance(again, Append)
        assert again.request is first
    after = core.step(AppendAnswered(AppendStatus.ALREADY))
    assert isinstance(after[0], SendToVenues)
    assert len(after[0].messages) == 1


def test_append_with_an_expired_lease_renews_and_sends_the_same_bytes() -> None:
    core = loaded(EngineBench().lead())
    first = appended(core.step(pending(submit())))
    assert core.step(AppendAnswered(AppendStatus.EXPIRED)) == [RenewLease(LEASE), Append(first)]


def test_append_fenced_stops_and_nothing_leaves() -> None:
    core = loaded(EngineBench().lead())
    core.step(pending(submit()))
    (stop,) = core.step(AppendAnswered(AppendStatus.FENCED))
    assert stop == Stop(
        "Another engine leads, or the store went back; nothing was written.",
        fault=False,
        release=None,
    )
    assert core.step(AppendAnswered(AppendStatus.APPENDED)) == []


def test_nothing_is_decided_while_an_append_is_under_way() -> None:
    core = loaded(EngineBench().lead())
    core.step(pending(submit()))
    (order,) = core.state.orders.values()
    assert core.step(Reported([fill_report(order, 1)])) == []
    assert core.step(Tick(NOW, TODAY)) == []
    assert core.is_busy


def test_batch_without_events_still_settles_its_commands() -> None:
    core = loaded(EngineBench().lead())
    again = [msgspec.structs.replace(each, id=new_id()) for each in reference_commands()]
    request = appended(core.step(pending(*again)))
    assert request.events == ()
    assert len(request.settles) == len(again)


def test_shutdown_waits_for_the_append_under_way() -> None:
    core = loaded(EngineBench().lead())
    core.step(pending(submit()))
    assert core.step(Shutdown()) == []
    after = core.step(AppendAnswered(AppendStatus.APPENDED))
    assert kinds(after)[0] is SendToVenues
    assert kinds(after)[-1] is Stop


# -- takeover ------------------------------------------------------------------------------------


def taken_over(bench: EngineBench) -> RestoreVenues:
    """Let the engine die and another take over; return what it tells the venues."""
    bench.ts += 10 * SECOND
    second = EngineBench(bench.tables, ts=bench.ts, holder="engine-2")
    outputs = second.tick()
    return next(output for output in outputs if isinstance(output, RestoreVenues))


def test_takeover_gives_working_orders_in_their_time_priority() -> None:
    bench = EngineBench().lead()
    bench.market(market_limit(True, px(98), 40))
    commands = [submit(terms(qty=qty, limit_px=px(99))) for qty in (10, 20, 30)]
    bench.ask(*commands)
    first, second, third = (bench.order_of(each.id) for each in commands)
    bench.ask(amend(first, limit_px=px("99.50")))
    bench.market(market_order(False, 4))
    restored = taken_over(bench)
    assert [(order.cl_ord_id, order.cum_qty) for order in restored.orders] == [
        (f"{second.order_id}/1", 0),
        (f"{third.order_id}/1", 0),
        (f"{first.order_id}/2", 4),
    ]
    assert not restored.requests


def test_takeover_gives_orders_that_may_never_have_left() -> None:
    bench = EngineBench().lead()
    bench.slow = True
    command = submit()
    bench.ask(command)
    assert bench.order_of(command.id).status is OrderStatus.PENDING_NEW
    (order,) = taken_over(bench).orders
    assert order.terms == command.terms


def test_takeover_asks_again_for_what_waits_for_an_answer() -> None:
    bench = EngineBench().lead()
    commands = [submit(terms(qty=qty)) for qty in (10, 20)]
    bench.ask(*commands)
    first, second = (bench.order_of(each.id) for each in commands)
    bench.slow = True
    bench.ask(amend(first, qty=50))
    bench.ask(cancel(second))
    restored = taken_over(bench)
    assert [order.terms.qty for order in restored.orders] == [10, 20]
    replace, cancelled = restored.requests
    assert isinstance(replace, ReplaceOrder)
    assert (replace.cl_ord_id, replace.orig_cl_ord_id, replace.replacement.qty) == (
        f"{first.order_id}/2",
        f"{first.order_id}/1",
        50,
    )
    assert cancelled == CancelRequest(cl_ord_id=f"{second.order_id}/1")


def test_takeover_leaves_ended_orders_alone() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(market_terms()), submit(terms(qty=-1)))
    restored = taken_over(bench)
    assert (list(restored.orders), list(restored.requests)) == ([], [])


# -- the day -------------------------------------------------------------------------------------


def test_calendar_opens_the_day() -> None:
    bench = EngineBench().lead()
    assert (bench.core.state.day, bench.core.state.day_open) == (TODAY, True)


def test_calendar_ends_yesterday_then_starts_today() -> None:
    bench = EngineBench().lead()
    bench.today = TOMORROW
    outputs = bench.tick()
    appends = [output.request for output in outputs if isinstance(output, Append)]
    assert [type(event) for event in events_of(appends[0])] == [DayEnded]
    causes = [row.command_id for request in appends for row in request.events]
    assert list(dict.fromkeys(causes)) == [f"end-{TODAY}", f"start-{TOMORROW}"]
    sent = [type(output) for output in outputs if isinstance(output, Append | SendToVenues)]
    assert sent == [
        Append,
        SendToVenues,
        Append,
        SendToVenues,
    ]  # venues hear of the end before the next day
    said = [o.messages for o in outputs if isinstance(o, SendToVenues)]
    assert said == [(EndSession(day=TODAY),), (StartSession(day=TOMORROW),)]
    assert bench.tick() == [ReadCommands(100)]


@pytest.mark.parametrize("time_in_force", [TimeInForce.DAY, TimeInForce.GTC])
def test_calendar_with_orders_working_expires_day_orders_and_goes_on(
    time_in_force: TimeInForce,
) -> None:
    bench = EngineBench().lead()
    command = submit(terms(limit_px=px(99), time_in_force=time_in_force))
    bench.ask(command)
    order_id = bench.order_of(command.id).order_id
    bench.today = TOMORROW
    first, _ = (o.request for o in bench.tick() if isinstance(o, Append))
    events = events_of(first)
    expires = time_in_force is TimeInForce.DAY
    assert [type(event) for event in events] == [OrderExpired, DayEnded][not expires :]
    assert (order_id in bench.core.state.orders) is not expires
    row = bench.tables.orders[order_id]
    assert row.status is (OrderStatus.EXPIRED if expires else OrderStatus.NEW)


def test_day_ended_and_started_by_people_in_one_batch_keeps_the_rows_of_the_old_day() -> None:
    bench = EngineBench().lead()
    denied = submit(terms(qty=-1))
    alerted = submit(terms(limit_px=px(106)))
    bench.ask(denied, alerted, end_day(TODAY, "olga"), start_day(TOMORROW, "olga"))
    assert bench.core.state.day == TOMORROW
    assert {row.command_id for row in bench.tables.orders.values()} == {denied.id, alerted.id}
    assert [alert.rule for alert in bench.tables.alerts.values()].count("COLLAR") == 1


def test_fill_heard_before_midnight_is_booked_before_the_day_ends() -> None:
    bench = EngineBench().lead()
    command = submit(terms(limit_px=px(99)))
    bench.ask(command)
    core = loaded(bench)
    (order,) = core.state.orders.values()
    core.step(Reported([fill_report(order, 40)]))
    core.step(Tick(NOW + SECOND, TOMORROW))
    events = events_of(appended(core.step(CommandsRead([]))))
    assert [type(event) for event in events] == [OrderFilled, OrderExpired, DayEnded]


def test_scheduled_commands_are_the_systems() -> None:
    bench = EngineBench().lead()
    bench.today = TOMORROW
    bench.core.state.day_open = False
    rows = appended(bench.tick()).events
    assert {row.command_id for row in rows} == {f"start-{TOMORROW}"}
    assert SYSTEM not in {trader.login for trader in bench.core.state.traders.values()}


def test_loaded_engine_is_where_the_log_is() -> None:
    bench = EngineBench().lead()
    bench.ask(submit())
    core = loaded(bench)
    assert core.seq == bench.core.seq == len(bench.tables.events)
    assert core.heads == bench.core.heads
