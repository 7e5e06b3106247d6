"""What every store has to do, whatever it is made of: the port's meaning as tests."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app.core.context import Quote
from app.ports import (
    BODY_MAX,
    FIRST_LANE,
    FRESHNESS_LIMIT_NS,
    GENESIS_HASH,
    AppendStatus,
    Lease,
    Outcome,
    ReadRows,
    Store,
    StoredEvent,
    StoredSnapshot,
    StreamHead,
    Submission,
    Verdict,
    check_chain,
)
from app.store.read_tables import alert_values, execution_values, order_values
from models.alerts import AlertState, Severity
from models.errors import StoreDamaged, StoreRefused
from models.market import BARS_KEPT_NS, Bar, Depth, Level, Print
from models.order_state import OrderStatus
from models.orders import OrderType, Side, TimeInForce
from tests.store.builders import (
    HOUR_NS,
    Writer,
    alert,
    execution,
    order,
    submission,
    wait_until,
)
from tests.store.conftest import Backend

ODD_BODIES = [
    '{"text":"Zürich — ¥ £ € 日本 🙂"}',
    '{"text":"quote \' and \\" and \\\\ and {curly, braces}"}',
    '{"text":"%s %(x)s % 100%"}',
    '{"text":"a|b||c"}',
    "\ttab\r\nnewline\n",
    '{"text":"\\u0000 written out"}',
    "e\u0301 is not \u00e9",
    "NULL",
    "",
]


def _verdicts(outcomes: list[Outcome]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes]


def _pending_ids(store: Store) -> list[str]:
    return [command.command_id for command in store.pending(1_000)]


# -- submit --------------------------------------------------------------------------------------


def test_submit_new_command_is_received_and_pending(store: Store) -> None:
    command = submission(body=b'{"x":1}')
    outcome = store.submit(command)
    assert outcome == Outcome(command_id=command.command_id, verdict=Verdict.RECEIVED)
    (waiting,) = store.pending(10)
    assert (waiting.command_id, waiting.lane, waiting.body) == (
        command.command_id,
        command.lane,
        command.body,
    )


def test_submit_same_command_again_is_stored_once(store: Store, other: Store) -> None:
    command = submission()
    store.submit(command)
    assert store.submit(command).verdict is Verdict.RECEIVED
    assert other.submit(command).verdict is Verdict.RECEIVED
    assert _pending_ids(store) == [command.command_id]


def test_submit_decided_command_again_answers_decided(store: Store) -> None:
    command = submission()
    store.submit(command)
    writer = Writer(store)
    writer.write(writer.event(command_id=command.command_id), settles=store.pending(1))
    assert store.submit(command).verdict is Verdict.DECIDED
    assert _pending_ids(store) == []


@pytest.mark.parametrize("change", [{"body": b"{}"}, {"author": "mallory"}])
def test_submit_known_id_of_another_command_is_a_conflict(
    store: Store, other: Store, change: dict[str, object]
) -> None:
    command = submission()
    store.submit(command)
    outcome = other.submit(msgspec.structs.replace(command, **change))
    assert outcome.verdict is Verdict.CONFLICT
    assert command.command_id in outcome.text
    (waiting,) = store.pending(10)
    assert waiting.body == command.body


def test_submit_from_a_desktop_that_lags_is_stale(store: Store) -> None:
    late = submission(seen_ts=store.now() - FRESHNESS_LIMIT_NS - 10**9)
    outcome = store.submit(late)
    assert outcome.verdict is Verdict.STALE
    assert "at most 5 s" in outcome.text
    assert store.lookup(late.command_id).verdict is Verdict.NOT_SEEN
    assert _pending_ids(store) == []


def test_submit_within_the_freshness_limit_is_received(store: Store) -> None:
    fresh = submission(seen_ts=store.now() - FRESHNESS_LIMIT_NS // 2)
    assert store.submit(fresh).verdict is Verdict.RECEIVED


def test_submit_known_command_when_it_has_become_old_is_not_stale(store: Store) -> None:
    command = submission(seen_ts=store.now())
    store.submit(command)
    aged = msgspec.structs.replace(command, seen_ts=store.now() - 10 * FRESHNESS_LIMIT_NS)
    assert store.submit(aged).verdict is Verdict.RECEIVED


def test_submit_stale_command_may_come_again_fresh(store: Store) -> None:
    late = submission(seen_ts=1)
    assert store.submit(late).verdict is Verdict.STALE
    fresh = msgspec.structs.replace(late, seen_ts=store.now())
    assert store.submit(fresh).verdict is Verdict.RECEIVED


def test_submit_largest_body_is_received(store: Store) -> None:
    assert store.submit(submission(body=b"x" * BODY_MAX)).verdict is Verdict.RECEIVED


def test_submit_oversized_body_is_refused(store: Store) -> None:
    big = submission(body=b"x" * (BODY_MAX + 1))
    outcome = store.submit(big)
    assert outcome.verdict is Verdict.REFUSED
    assert "1,000,001 bytes" in outcome.text
    assert store.lookup(big.command_id).verdict is Verdict.NOT_SEEN


@pytest.mark.parametrize(
    "change",
    [
        {"body": b"\xff"},
        {"body": b"a\0b"},
        {"author": "a\0b"},
        {"kind": "\ud800"},
    ],
    ids=["not utf-8", "zero byte", "zero in a name", "lone surrogate"],
)
def test_submit_bytes_that_are_no_text_are_refused(store: Store, change: dict[str, object]) -> None:
    outcome = store.submit(submission(**change))
    assert outcome.verdict is Verdict.REFUSED
    assert _pending_ids(store) == []


@pytest.mark.parametrize("text", ODD_BODIES)
def test_submit_any_text_comes_back_byte_for_byte(store: Store, text: str) -> None:
    store.submit(submission(body=text.encode()))
    (waiting,) = store.pending(1)
    assert waiting.body == text.encode()


def test_submit_many_gives_each_its_own_outcome_in_order(store: Store) -> None:
    known, first, second = submission(), submission(), submission()
    store.submit(known)
    outcomes = store.submit_many(
        [
            first,
            known,
            submission(seen_ts=1),
            msgspec.structs.replace(known, author="mallory"),
            submission(body=b"x" * (BODY_MAX + 1)),
            first,
            second,
        ]
    )
    assert _verdicts(outcomes) == [
        Verdict.RECEIVED,
        Verdict.RECEIVED,
        Verdict.STALE,
        Verdict.CONFLICT,
        Verdict.REFUSED,
        Verdict.RECEIVED,
        Verdict.RECEIVED,
    ]
    assert _pending_ids(store) == [known.command_id, first.command_id, second.command_id]


def test_submit_many_keeps_the_order_of_a_basket(store: Store) -> None:
    basket = [submission() for _ in range(150)]
    outcomes = store.submit_many(basket)
    assert [outcome.command_id for outcome in outcomes] == [s.command_id for s in basket]
    assert _pending_ids(store) == [s.command_id for s in basket]


def test_submit_many_of_nothing_does_nothing(store: Store) -> None:
    assert store.submit_many([]) == []


def test_submit_many_that_fails_in_the_middle_stores_nothing(store: Store) -> None:
    good = submission()
    with pytest.raises(AttributeError):
        store.submit_many([good, "not a submission"])  # type: ignore[list-item]
    assert store.lookup(good.command_id).verdict is Verdict.NOT_SEEN


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
def test_submit_many_that_the_database_refuses_stores_nothing(store: Store) -> None:
    good = submission()
    with pytest.raises(StoreRefused):
        store.submit_many([good, submission(lane=None)])
    assert store.lookup(good.command_id).verdict is Verdict.NOT_SEEN
    assert store.submit(good).verdict is Verdict.RECEIVED


# -- lookup and void -----------------------------------------------------------------------------


def test_lookup_follows_a_command_through_its_life(store: Store, other: Store) -> None:
    command = submission()
    assert other.lookup(command.command_id).verdict is Verdict.NOT_SEEN
    store.submit(command)
    assert other.lookup(command.command_id).verdict is Verdict.RECEIVED
    writer = Writer(store)
    writer.write(writer.event(command_id=command.command_id), settles=store.pending(1))
    assert other.lookup(command.command_id).verdict is Verdict.DECIDED


def test_void_of_an_unseen_id_claims_it(store: Store, other: Store) -> None:
    assert store.void("lost", "alice").verdict is Verdict.VOIDED
    assert other.lookup("lost").verdict is Verdict.VOIDED
    assert other.void("lost", "alice").verdict is Verdict.VOIDED


def test_void_then_straggler_never_reaches_the_engine(store: Store, other: Store) -> None:
    store.void("lost", "alice")
    assert other.submit(submission(command_id="lost")).verdict is Verdict.VOIDED
    assert _pending_ids(store) == []


def test_void_of_a_received_command_leaves_it_to_be_decided(store: Store, other: Store) -> None:
    command = submission()
    store.submit(command)
    assert other.void(command.command_id, "alice").verdict is Verdict.RECEIVED
    assert _pending_ids(store) == [command.command_id]


def test_void_of_a_decided_command_answers_decided(store: Store) -> None:
    command = submission()
    store.submit(command)
    writer = Writer(store)
    writer.write(settles=store.pending(1))
    assert store.void(command.command_id, "alice").verdict is Verdict.DECIDED


# -- pending -------------------------------------------------------------------------------------


def test_pending_gives_cancels_before_orders_of_longer_ago(store: Store) -> None:
    orders = [submission() for _ in range(3)]
    cancels = [submission(lane=FIRST_LANE) for _ in range(2)]
    store.submit_many([*orders[:2], cancels[0], orders[2], cancels[1]])
    first = store.pending(10)
    assert [c.command_id for c in first] == [c.command_id for c in cancels]
    assert {c.lane for c in first} == {FIRST_LANE}
    Writer(store).write(settles=first)
    assert _pending_ids(store) == [c.command_id for c in orders]


def test_pending_gives_at_most_its_limit_oldest_first(store: Store) -> None:
    commands = [submission() for _ in range(5)]
    store.submit_many(commands)
    assert [c.command_id for c in store.pending(2)] == [c.command_id for c in commands[:2]]
    arrivals = [c.arrival for c in store.pending(5)]
    assert arrivals == sorted(set(arrivals))


def test_pending_forgets_what_a_batch_settles_and_keeps_the_rest(store: Store) -> None:
    commands = [submission() for _ in range(3)]
    store.submit_many(commands)
    writer = Writer(store)
    writer.write(writer.event(), settles=store.pending(2))
    assert _pending_ids(store) == [commands[2].command_id]


# -- the lease -----------------------------------------------------------------------------------


def test_acquire_lease_in_force_is_not_given_twice(store: Store, other: Store) -> None:
    assert store.leader() is None
    lease = store.acquire_lease("one", HOUR_NS)
    assert lease is not None
    assert lease.holder == "one"
    assert lease.expires_ts > store.now()
    assert other.leader() == lease
    assert other.acquire_lease("two", HOUR_NS) is None
    assert other.leader() == lease


def test_acquire_lease_that_ran_out_raises_the_epoch(store: Store, other: Store) -> None:
    first = store.acquire_lease("one", 0)
    assert first is not None
    assert other.leader() is None
    second = other.acquire_lease("two", HOUR_NS)
    assert second is not None
    assert second.epoch == first.epoch + 1


def test_renew_lease_of_ours_prolongs_it(store: Store, other: Store) -> None:
    lease = store.acquire_lease("one", HOUR_NS)
    assert lease is not None
    renewed = store.renew_lease(lease, 2 * HOUR_NS)
    assert renewed is not None
    assert (renewed.epoch, renewed.holder) == (lease.epoch, "one")
    assert renewed.expires_ts > lease.expires_ts
    assert other.leader() == renewed


def test_renew_lease_that_ran_out_and_nobody_took_gives_it_back(store: Store) -> None:
    lease = store.acquire_lease("one", 0)
    assert lease is not None
    renewed = store.renew_lease(lease, HOUR_NS)
    assert renewed is not None
    assert store.leader() == renewed


def test_renew_lease_that_another_took_is_refused(store: Store, other: Store) -> None:
    lost = store.acquire_lease("one", 0)
    assert lost is not None
    taken = other.acquire_lease("two", HOUR_NS)
    assert store.renew_lease(lost, HOUR_NS) is None
    assert other.leader() == taken


def test_renew_lease_under_another_holders_name_is_refused(store: Store) -> None:
    lease = store.acquire_lease("one", HOUR_NS)
    assert lease is not None
    forged = msgspec.structs.replace(lease, holder="two")
    assert store.renew_lease(forged, 2 * HOUR_NS) is None
    store.release_lease(forged)
    assert store.leader() == lease


def test_release_lease_frees_it_at_once_and_the_epoch_grows(store: Store, other: Store) -> None:
    lease = store.acquire_lease("one", HOUR_NS)
    assert lease is not None
    store.release_lease(lease)
    assert other.leader() is None
    again = other.acquire_lease("two", HOUR_NS)
    assert again is not None
    assert again.epoch == lease.epoch + 1


def test_release_lease_that_another_took_leaves_theirs(store: Store, other: Store) -> None:
    lost = store.acquire_lease("one", 0)
    assert lost is not None
    taken = other.acquire_lease("two", HOUR_NS)
    store.release_lease(lost)
    assert other.leader() == taken


# -- append --------------------------------------------------------------------------------------


def test_append_to_several_streams_keeps_numbers_and_chains(store: Store, other: Store) -> None:
    writer = Writer(store)
    streams = ["firm", "desk:alpha", "desk:alpha", "desk:beta", "firm", "desk:alpha"]
    first = [writer.event(stream) for stream in streams]
    second = [writer.event(stream) for stream in reversed(streams)]
    writer.write(*first)
    writer.write(*second)

    log = other.read(None, 0, 100)
    assert log == first + second
    assert other.head_seq() == len(log) == 12
    heads: dict[str, StreamHead] = {}
    check_chain(heads, log)
    assert heads == writer.heads
    assert heads["firm"].stream_seq == 4


@pytest.mark.parametrize("text", ODD_BODIES)
def test_append_any_text_chains_and_comes_back_byte_for_byte(store: Store, text: str) -> None:
    writer = Writer(store)
    body = text.encode()
    events = [writer.event("desk:Zürich|'%s", f"c|{text}", body), writer.event(body=body)]
    writer.write(*events)
    assert store.read(None, 0, 10) == events


def test_append_of_an_older_epoch_is_fenced(store: Store, other: Store) -> None:
    deposed = Writer(store, store.acquire_lease("one", 0))
    leader = Writer(other, other.acquire_lease("two", HOUR_NS))
    assert store.append(deposed.request([deposed.event()])) is AppendStatus.FENCED
    leader.write(leader.event())
    assert store.append(deposed.request([deposed.event()])) is AppendStatus.FENCED
    assert store.head_seq() == 1


def test_append_of_an_epoch_that_never_was_is_fenced(store: Store) -> None:
    writer = Writer(store)
    writer.lease = msgspec.structs.replace(writer.lease, epoch=writer.lease.epoch + 1)
    assert store.append(writer.request([writer.event()])) is AppendStatus.FENCED


def test_append_behind_the_head_is_fenced(store: Store) -> None:
    writer = Writer(store)
    blind = Writer(store, writer.lease)
    writer.write(writer.event(), writer.event())
    assert store.append(blind.request([blind.event("firm")])) is AppendStatus.FENCED
    assert store.head_seq() == 2


@pytest.mark.parametrize("count", [0, 1])
def test_append_beyond_the_head_is_fenced(store: Store, count: int) -> None:
    writer = Writer(store)
    lost = writer.event()
    beyond = writer.request([writer.event() for _ in range(count)], expected_seq=lost.seq)
    assert store.append(beyond) is AppendStatus.FENCED
    assert store.head_seq() == 0


def test_append_after_the_lease_ran_out_is_expired_until_renewed(store: Store) -> None:
    lease = store.acquire_lease("one", 0)
    assert lease is not None
    writer = Writer(store, lease)
    request = writer.request([writer.event()])
    assert store.append(request) is AppendStatus.EXPIRED
    assert store.head_seq() == 0
    store.renew_lease(lease, HOUR_NS)
    assert store.append(request) is AppendStatus.APPENDED


def test_append_after_the_lease_was_released_is_expired(store: Store) -> None:
    writer = Writer(store)
    store.release_lease(writer.lease)
    assert store.append(writer.request([writer.event()])) is AppendStatus.EXPIRED


def test_append_same_bytes_again_is_already_there(store: Store) -> None:
    store.submit(submission())
    writer = Writer(store)
    writer.write(writer.event("firm"))
    request = writer.write(
        writer.event(),
        writer.event("firm"),
        settles=store.pending(1),
        rows=ReadRows(executions=(execution("x-1"),)),
    )
    assert store.append(request) is AppendStatus.ALREADY
    assert store.head_seq() == 3
    writer.write(writer.event())


@pytest.mark.parametrize("change", [{"ts": 77}, {"kind": "OrderFilled"}, {"stream": "firm"}])
def test_append_other_bytes_at_the_same_place_is_fenced(
    store: Store, change: dict[str, object]
) -> None:
    writer = Writer(store)
    event = writer.event()
    writer.write(event)
    forked = writer.request([msgspec.structs.replace(event, **change)])
    assert store.append(forked) is AppendStatus.FENCED


def test_append_again_after_others_followed_is_fenced(store: Store) -> None:
    writer = Writer(store)
    request = writer.write(writer.event())
    writer.write(writer.event())
    assert store.append(request) is AppendStatus.FENCED


def test_append_without_events_settles_and_leaves_the_head(store: Store) -> None:
    command = submission()
    store.submit(command)
    writer = Writer(store)
    writer.write(writer.event())
    request = writer.write(settles=store.pending(1))
    assert store.head_seq() == 1
    assert store.lookup(command.command_id).verdict is Verdict.DECIDED
    assert store.append(request) is AppendStatus.APPENDED
    assert store.head_seq() == 1


def _other_hash(event: StoredEvent) -> StoredEvent:
    return msgspec.structs.replace(event, hash="0" * 64)


def _other_body(event: StoredEvent) -> StoredEvent:
    return msgspec.structs.replace(event, body=b'{"qty":1000000}')


def _other_cause(event: StoredEvent) -> StoredEvent:
    return msgspec.structs.replace(event, command_id="somebody else's")


def _gap_in_stream(event: StoredEvent) -> StoredEvent:
    return msgspec.structs.replace(event, stream_seq=event.stream_seq + 1)


def _other_stream(event: StoredEvent) -> StoredEvent:
    return msgspec.structs.replace(event, stream="desk:beta")


def _gap_in_log(event: StoredEvent) -> StoredEvent:
    return msgspec.structs.replace(event, seq=event.seq + 1)


@pytest.mark.parametrize(
    "tamper", [_other_hash, _other_body, _other_cause, _gap_in_stream, _other_stream, _gap_in_log]
)
def test_append_broken_event_in_the_middle_changes_nothing(
    store: Store, backend: Backend, tamper: Callable[[StoredEvent], StoredEvent]
) -> None:
    command = submission()
    store.submit(command)
    writer = Writer(store)
    writer.write(writer.event())
    good, broken, last = writer.event(), writer.event(), writer.event()
    rows = ReadRows(orders=(order("O-1"),))
    with pytest.raises(StoreDamaged):
        store.append(writer.request([good, tamper(broken), last], store.pending(1), rows))
    assert store.head_seq() == 1
    assert len(store.read(None, 0, 10)) == 1
    assert _pending_ids(store) == [command.command_id]
    assert backend.rows("orders") == []
    writer.write(good, broken, last)


def test_append_hash_that_starts_another_chain_is_damaged(store: Store) -> None:
    """A stream's second event that chains to the beginning, not to its first."""
    writer = Writer(store)
    writer.write(writer.event())
    writer.heads["desk:alpha"] = StreamHead(1, GENESIS_HASH)
    with pytest.raises(StoreDamaged, match="hash chain of stream desk:alpha breaks at event 2"):
        store.append(writer.request([writer.event()]))


# -- read tables ---------------------------------------------------------------------------------


def test_append_writes_read_rows_as_they_are_after_the_batch(
    store: Store, backend: Backend
) -> None:
    writer = Writer(store)
    bought = order("O-1")
    stop = order("O-2", limit_px=None, stop_px=5, reason='it\'s "odd" \\ %s\n日本')
    fills = execution("x-1"), execution("x-2")
    raised = alert("A-1", text="quote ' and \"")
    writer.write(
        writer.event(),
        rows=ReadRows(orders=(bought, stop), executions=fills, alerts=(raised,)),
    )
    assert backend.rows("orders") == [order_values(bought), order_values(stop)]
    assert backend.rows("executions") == [execution_values(fill) for fill in fills]
    assert backend.rows("alerts") == [alert_values(raised)]

    filled = order("O-1", status=OrderStatus.FILLED, cum_qty=100, leaves_qty=0)
    filled.add_traded(19_140_000_000_050)
    seen = alert("A-1", state=AlertState.ACKNOWLEDGED, acknowledged_by="bob")
    replaced = execution("x-3", px=2**62)
    writer.write(
        writer.event(),
        rows=ReadRows(orders=(filled,), executions=(replaced,), busted=("x-1",), alerts=(seen,)),
    )
    assert backend.rows("orders") == [order_values(filled), order_values(stop)]
    assert backend.rows("executions") == [execution_values(fills[1]), execution_values(replaced)]
    assert backend.rows("alerts") == [alert_values(seen)]


def test_append_row_again_replaces_every_column(store: Store, backend: Backend) -> None:
    old = order("O-1"), execution("x-1"), alert("A-1")
    new = (
        _all_changed(old[0], side=Side.SELL, status=OrderStatus.FILLED),
        _all_changed(old[1], side=Side.SELL),
        _all_changed(old[2], severity=Severity.FAULT, state=AlertState.ACKNOWLEDGED),
    )
    writer = Writer(store)
    for bought, fill, raised in (old, new):
        rows = ReadRows(orders=(bought,), executions=(fill,), alerts=(raised,))
        writer.write(writer.event(), rows=rows)
    values = order_values, execution_values, alert_values
    tables = "orders", "executions", "alerts"
    for before, after, values_of, table in zip(old, new, values, tables, strict=True):
        assert backend.rows(table) == [values_of(after)]
        same = [x for x, y in zip(values_of(before), values_of(after), strict=True) if x == y]
        assert same == [values_of(before)[0]], "only its key stays"


def _all_changed(row: Any, **changes: object) -> Any:
    """Return `row` with other values in every column but its key, which comes first."""
    for name in row.__struct_fields__[1:]:
        value = getattr(row, name)
        if type(value) is int:
            changes.setdefault(name, value + 1)
        elif value is None:
            changes.setdefault(name, 5)
        elif name == "order_type":
            changes[name] = OrderType.STOP
        elif name == "time_in_force":
            changes[name] = TimeInForce.GTC
        elif type(value) is str:
            changes.setdefault(name, f"{value}+")
    return msgspec.structs.replace(row, **changes)


def test_append_fenced_writes_no_read_rows(store: Store, backend: Backend) -> None:
    deposed = Writer(store, store.acquire_lease("one", 0))
    store.acquire_lease("two", HOUR_NS)
    rows = ReadRows(orders=(order("O-1"),), alerts=(alert("A-1"),))
    assert store.append(deposed.request([deposed.event()], (), rows)) is AppendStatus.FENCED
    assert backend.rows("orders") == backend.rows("alerts") == []


def test_append_row_that_is_no_order_changes_nothing(store: Store, backend: Backend) -> None:
    store.submit(submission())
    writer = Writer(store)
    event = writer.event()
    waiting = store.pending(1)
    rows = ReadRows(orders=(order("O-1"), "not an order"))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        store.append(writer.request([event], waiting, rows))
    assert store.head_seq() == 0
    assert store.pending(1) == waiting
    assert backend.rows("orders") == []
    writer.write(event, settles=waiting)


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
def test_append_row_that_the_database_refuses_changes_nothing(
    store: Store, backend: Backend
) -> None:
    store.submit(submission())
    writer = Writer(store)
    event = writer.event()
    waiting = store.pending(1)
    rows = ReadRows(orders=(order("O-1"),), executions=(execution("x-1", qty=2**63),))
    with pytest.raises(StoreRefused):
        store.append(writer.request([event], waiting, rows))
    assert store.head_seq() == 0
    assert store.read(None, 0, 10) == []
    assert store.pending(1) == waiting
    assert backend.rows("orders") == backend.rows("executions") == []
    writer.write(event, settles=waiting)


# -- read ----------------------------------------------------------------------------------------


def test_read_gives_the_asked_streams_after_a_seq_in_order(store: Store) -> None:
    writer = Writer(store)
    streams = ["firm", "desk:alpha", "desk:beta"] * 3
    events = [writer.event(stream) for stream in streams]
    writer.write(*events)
    assert store.read(None, 4, 100) == events[4:]
    assert store.read(["desk:alpha", "firm"], 3, 3) == [events[3], events[4], events[6]]
    assert store.read(["desk:gamma"], 0, 100) == []
    assert store.read([], 0, 100) == []
    assert store.read(None, 0, 2) == events[:2]
    assert store.read(None, 9, 100) == []


def test_read_page_gives_rows_clock_and_end_of_the_log(store: Store, other: Store) -> None:
    writer = Writer(store)
    writer.write(*(writer.event(stream) for stream in ("desk:alpha", "firm", "other") * 3))
    before = other.now()
    page = other.read_page(["firm", "desk:alpha"], 1, 3)
    assert page.rows == store.read(["firm", "desk:alpha"], 1, 3)
    assert [row.seq for row in page.rows] == [2, 4, 5]
    assert page.head_seq == 9
    assert before <= page.store_ts <= other.now()
    nothing = other.read_page(["firm"], 9, 3)
    assert (nothing.rows, nothing.head_seq) == ([], 9)


# -- snapshots -----------------------------------------------------------------------------------


def _snapshot(seq: int, scope: str = "*", version: int = 3) -> StoredSnapshot:
    return StoredSnapshot(
        scope=scope,
        seq=seq,
        version=version,
        state_hash=f"hash-{seq}",
        heads={"firm": StreamHead(seq, "a" * 64), "desk:Zürich": StreamHead()},
        blob=bytes(range(256)) + b"%d" % seq,
    )


def _write(store: Store, events: int) -> Writer:
    writer = Writer(store)
    writer.write(*(writer.event() for _ in range(events)))
    return writer


def test_latest_snapshot_gives_the_newest_of_scope_and_version(store: Store, other: Store) -> None:
    _write(store, 99)
    for snapshot in (_snapshot(10), _snapshot(30), _snapshot(20), _snapshot(99, scope="desk")):
        store.save_snapshot(snapshot)
    assert other.latest_snapshot("*", 3) == _snapshot(30)
    assert other.latest_snapshot("desk", 3) == _snapshot(99, scope="desk")


def test_latest_snapshot_of_an_unknown_version_is_skipped(store: Store) -> None:
    _write(store, 20)
    store.save_snapshot(_snapshot(10))
    store.save_snapshot(_snapshot(20, version=4))
    assert store.latest_snapshot("*", 3) == _snapshot(10)
    assert store.latest_snapshot("*", 5) is None
    assert store.latest_snapshot("desk", 3) is None


def test_save_snapshot_keeps_the_last_two(store: Store, backend: Backend) -> None:
    _write(store, 40)
    store.save_snapshot(_snapshot(1, version=2))
    store.save_snapshot(_snapshot(5, scope="desk"))
    for seq in (10, 20, 30, 40):
        store.save_snapshot(_snapshot(seq))
    assert backend.rows("snapshot") == [("*", 1, 2), ("*", 30, 3), ("*", 40, 3), ("desk", 5, 3)]


def test_save_snapshot_at_the_same_seq_replaces_it(store: Store) -> None:
    _write(store, 10)
    store.save_snapshot(_snapshot(10))
    again = msgspec.structs.replace(_snapshot(10), blob=b"other")
    store.save_snapshot(again)
    assert store.latest_snapshot("*", 3) == again


def test_save_snapshot_of_what_the_log_does_not_hold_keeps_nothing(store: Store) -> None:
    """An engine that slept through a failover which lost events: nobody could lead from it."""
    writer = _write(store, 10)
    store.save_snapshot(_snapshot(11))
    other = msgspec.structs.replace(_snapshot(10), heads={"desk:alpha": StreamHead(10, "b" * 64)})
    store.save_snapshot(other)
    assert store.latest_snapshot("*", 3) is None
    own = msgspec.structs.replace(other, heads=writer.heads)
    store.save_snapshot(own)
    assert store.latest_snapshot("*", 3) == own


# -- market --------------------------------------------------------------------------------------


def test_publish_market_keeps_the_last_quote_of_a_symbol(store: Store, other: Store) -> None:
    assert other.read_market(0) == (0, [])
    store.publish_market(10, [Quote("ACME", bid=1, ts=9), Quote("BETA", bid=5, ts=8)])
    store.publish_market(20, [Quote("ACME", bid=2, ask=2**62, ts=19)])
    feed_ts, quotes = other.read_market(0)
    assert feed_ts == 20
    assert sorted(quotes, key=lambda quote: quote.symbol) == [
        Quote("ACME", bid=2, ask=2**62, ts=19),
        Quote("BETA", bid=5, ts=8),
    ]


def test_read_market_gives_what_changed_since(store: Store) -> None:
    store.publish_market(10, [Quote("ACME", ts=9), Quote("BETA", ts=8)])
    assert store.read_market(8) == (10, [Quote("ACME", ts=9)])
    assert store.read_market(9) == (10, [])


def test_publish_market_without_quotes_is_a_sign_of_life(store: Store) -> None:
    store.publish_market(10, [Quote("ACME", ts=9)])
    store.publish_market(30, [])
    assert store.read_market(0) == (30, [Quote("ACME", ts=9)])


def _depth(symbol: str, ts: int, **more: Any) -> Depth:
    prints = (Print(1, ts, 2**62, 1, is_buy=True), Print(2, ts, 5, 2**40, is_buy=False))
    return Depth(symbol, ts, bids=(Level(10, 2**62, 3),), prints=prints, **more)


def _bar(symbol: str, start_ts: int, close: int = 7) -> Bar:
    return Bar(symbol, start_ts, open=5, high=9, low=4, close=close, qty=2**62, vwap=6)


def test_publish_market_keeps_the_last_depth_of_a_symbol(store: Store, other: Store) -> None:
    assert other.read_depth(["ACME"]) == []
    store.publish_market(10, [], [_depth("ACME", 9), _depth("BETA", 9)])
    later = _depth("ACME", 19, offers=(Level(11, 1, 1), Level(12, 2, 1)))
    store.publish_market(20, [], [_depth("ACME", 18), later])
    assert other.read_depth(["ACME"]) == [later]
    found = {depth.symbol: depth for depth in other.read_depth(["ACME", "BETA", "GAMMA"])}
    assert found == {"ACME": later, "BETA": _depth("BETA", 9)}
    assert other.read_depth([]) == []


def test_publish_market_replaces_the_bar_that_grows(store: Store, other: Store) -> None:
    store.publish_market(10, [], [], [_bar("ACME", 10), _bar("ACME", 20), _bar("BETA", 20)])
    store.publish_market(20, [], [], [_bar("ACME", 20, close=1), _bar("ACME", 20, close=8)])
    assert other.read_bars({"ACME": 0}) == [_bar("ACME", 10), _bar("ACME", 20, close=8)]


def test_read_bars_gives_each_symbols_from_its_time_on_oldest_first(store: Store) -> None:
    bars = [_bar(symbol, start) for start in (30, 10, 20) for symbol in ("BETA", "ACME", "CORN")]
    store.publish_market(40, [], [], bars)
    found = store.read_bars({"ACME": 20, "BETA": 30, "GAMMA": 0})
    assert sorted(found, key=lambda bar: bar.symbol) == [
        _bar("ACME", 20),
        _bar("ACME", 30),
        _bar("BETA", 30),
    ]
    assert store.read_bars({"ACME": -5})[0] == _bar("ACME", 10)
    assert store.read_bars({}) == []


def test_publish_market_lets_a_symbols_bars_go_after_a_day(store: Store) -> None:
    store.publish_market(1, [], [], [_bar("ACME", 10), _bar("ACME", 11), _bar("BETA", 10)])
    store.publish_market(2, [], [], [_bar("ACME", 10 + BARS_KEPT_NS)])
    assert [bar.start_ts for bar in store.read_bars({"ACME": 0})] == [11, 10 + BARS_KEPT_NS]
    assert [bar.start_ts for bar in store.read_bars({"BETA": 0})] == [10]


def test_publish_market_takes_a_morning_of_bars_at_once(store: Store, other: Store) -> None:
    bars = [_bar(f"S{n}", start) for n in range(40) for start in range(360)]
    store.publish_market(10, [Quote("S7", ts=9)], [_depth("S7", 9)], bars)
    assert other.read_bars({"S7": 0}) == [_bar("S7", start) for start in range(360)]


# -- hints ---------------------------------------------------------------------------------------


def _follow(listen: Callable[[Callable[[], None]], None], backend: Backend) -> threading.Event:
    """Return an event that is set by each hint from now on."""
    woken = threading.Event()
    listen(woken.set)
    if backend.wakes_at_start:
        assert woken.wait(30)
    woken.clear()
    while woken.wait(0.1):  # whatever was on its way
        woken.clear()
    return woken


def test_on_commands_wakes_when_another_connection_submits(
    store: Store, other: Store, backend: Backend
) -> None:
    woken = _follow(store.on_commands, backend)
    other.submit(submission())
    assert woken.wait(30)
    assert len(store.pending(10)) == 1


def test_on_events_wakes_when_another_connection_appends(
    store: Store, other: Store, backend: Backend
) -> None:
    writer = Writer(other)
    woken = _follow(store.on_events, backend)
    writer.write(writer.event())
    assert woken.wait(30)
    assert store.head_seq() == 1


def test_on_events_wakes_when_another_connection_publishes_quotes(
    store: Store, other: Store, backend: Backend
) -> None:
    woken = _follow(store.on_events, backend)
    other.publish_market(10, [Quote("ACME", ts=9)])
    assert woken.wait(30)
    assert store.read_market(0)[0] == 10


def test_close_with_a_follower_ends_its_thread(backend: Backend) -> None:
    before = set(threading.enumerate())
    store = backend.connect()
    store.on_commands(lambda: None)
    store.on_events(lambda: None)
    store.close()
    store.close()
    assert set(threading.enumerate()) <= before


# -- all at once ---------------------------------------------------------------------------------

_SUBMITTERS, _EACH, _SHARED = 4, 40, 10


def _submit_all(backend: Backend, number: int, shared: list[Submission]) -> list[Outcome]:
    """Submit own and shared commands, each twice, singly and in baskets, and void one id."""
    own = [submission(command_id=f"s{number}-{n}", author=f"s{number}") for n in range(_EACH)]
    with contextlib.closing(backend.connect()) as store:
        outcomes = [store.submit(command) for command in own[: _EACH // 2]]
        outcomes += store.submit_many(shared)
        outcomes += store.submit_many(own)
        outcomes += [store.submit(command) for command in shared]
        store.void(f"void-{number}", "alice")
    return outcomes


def _drain(backend: Backend, total: int) -> None:
    """Decide commands in small batches, each append sent twice, until `total` are in the log."""
    with contextlib.closing(backend.connect()) as store:
        writer = Writer(store)
        while writer.seq < total:
            batch = store.pending(7)
            if batch:
                events = [
                    writer.event(f"desk:{n % 2}", command.command_id, command.body)
                    for n, command in enumerate(batch)
                ]
                request = writer.write(*events, settles=batch)
                assert store.append(request) is AppendStatus.ALREADY


def _tail(backend: Backend, total: int) -> list[StoredEvent]:
    """Follow the log as a desktop does, by the last seq that was seen."""
    seen: list[StoredEvent] = []
    with contextlib.closing(backend.connect()) as store:
        while len(seen) < total:
            seen += store.read(None, seen[-1].seq if seen else 0, 20)
    return seen


@pytest.mark.timeout(100)
def test_store_under_concurrent_submitters_loses_and_doubles_nothing(backend: Backend) -> None:
    shared = [submission(command_id=f"shared-{n}") for n in range(_SHARED)]
    total = _SUBMITTERS * _EACH + _SHARED
    results: dict[str, object] = {}

    def run(name: str, work: Callable[[], object]) -> threading.Thread:
        def target() -> None:
            try:
                results[name] = work()
            except BaseException as error:  # shown by the assertion below
                results[name] = error

        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    threads = [
        run("engine", lambda: _drain(backend, total)),
        run("follower", lambda: _tail(backend, total)),
        *(
            run(f"s{n}", lambda n=n: _submit_all(backend, n, shared))  # type: ignore[misc]
            for n in range(_SUBMITTERS)
        ),
    ]
    wait_until(lambda: not any(t.is_alive() for t in threads) or _failed(results), 90)
    assert not _failed(results)

    store = backend.open()
    log = store.read(None, 0, 10 * total)
    assert results["follower"] == log
    check_chain({}, log)
    assert Counter(event.command_id for event in log) == Counter(
        [f"s{s}-{n}" for s in range(_SUBMITTERS) for n in range(_EACH)]
        + [command.command_id for command in shared]
    )
    for number in range(_SUBMITTERS):
        mine = [e.command_id for e in log if e.command_id.startswith(f"s{number}-")]
        assert mine == [f"s{number}-{n}" for n in range(_EACH)]
    assert store.pending(10) == []
    answers = [o.verdict for n in range(_SUBMITTERS) for o in results[f"s{n}"]]  # type: ignore[attr-defined]
    assert set(answers) <= {Verdict.RECEIVED, Verdict.DECIDED}


def _failed(results: dict[str, object]) -> list[object]:
    return [result for result in results.values() if isinstance(result, BaseException)]


def test_append_of_two_engines_at_once_admits_the_leader_only(backend: Backend) -> None:
    """Each takes the lease from the other again and again; no two ever write the same place."""
    stop = threading.Event()
    written: dict[str, list[int]] = {"one": [], "two": []}

    def engine(name: str) -> None:
        with contextlib.closing(backend.connect()) as store:
            while not stop.is_set():
                # The lease is over at once, so that the other can take it in between.
                lease = store.acquire_lease(name, 0)
                if lease is None or store.renew_lease(lease, HOUR_NS) is None:
                    continue
                _write_one(store, lease, name, written[name])
                store.release_lease(lease)

    threads = [threading.Thread(target=engine, args=(name,), daemon=True) for name in written]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: all(len(seqs) >= 10 for seqs in written.values()), 60)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    log = backend.open().read(None, 0, 100_000)
    assert [event.seq for event in log] == sorted(written["one"] + written["two"])
    check_chain({}, log)


def _write_one(store: Store, lease: Lease, name: str, written: list[int]) -> None:
    """Append one event to what is there, and note its place when it was taken."""
    writer = Writer(store, lease)
    log = store.read(None, 0, 100_000)
    check_chain(writer.heads, log)
    writer.seq = len(log)
    event = writer.event("firm", name)
    if store.append(writer.request([event])) is AppendStatus.APPENDED:
        written.append(event.seq)
