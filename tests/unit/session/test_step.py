"""A desktop's session: each click sent once, every outcome known, looked up or refused."""

from __future__ import annotations

import msgspec
import pytest

from app.core.desk_state import STATE_VERSION, DeskState, desk_view, encode_state, state_hash
from app.core.evolve import evolve
from app.ports import (
    FIRST_LANE,
    REST_LANE,
    Lease,
    Outcome,
    StoredEvent,
    StoredSnapshot,
    StreamHead,
    Verdict,
)
from app.session.step import (
    ANSWER_WITHIN_NS,
    READ_MAX,
    Answered,
    Changed,
    Clicked,
    Connected,
    Disconnected,
    EngineSeen,
    EventsRead,
    Halted,
    Link,
    Lookup,
    Lost,
    MarketRead,
    Output,
    ReadEvents,
    ReadSnapshot,
    SessionCore,
    SnapshotRead,
    Submit,
    Void,
    decode_rows,
    submission_of,
)
from models.commands import AcknowledgeAlert, AnyCommand, SubmitOrder
from models.order_state import OrderStatus
from tests.builders import (
    DESK,
    NOW,
    OTHER_DESK,
    SECOND,
    Desk,
    LogWriter,
    amend,
    cancel,
    px,
    quote,
    submit,
    terms,
)

S, V = OrderStatus, Verdict


class Bench:
    """A desk whose log a session of alice's follows.

    Attributes:
        desk: decides commands; `log` holds its rows.
        core: the session under test, live once `follow` was called.
    """

    def __init__(self) -> None:
        self.desk = Desk()
        self.log = LogWriter()
        self.core = SessionCore("alice", DESK)
        self.log.write(*self.desk.log)
        self.core.step(SnapshotRead(None))

    def rows(self) -> list[StoredEvent]:
        """Return what the session has not read yet of its streams."""
        return [row for row in self.log.of(*self.core.streams) if row.seq > self.core.seq]

    def page(self, rows: list[StoredEvent] | None = None, later_ns: int = 0) -> EventsRead:
        rows = self.rows() if rows is None else rows
        ts = max(NOW, self.core.store_ts) + later_ns
        return EventsRead(rows, decode_rows(rows), len(self.log.rows), ts)

    def follow(self, later_ns: int = 0) -> list[Output]:
        return self.core.step(self.page(later_ns=later_ns))

    def decide(self, command: AnyCommand) -> None:
        """Let the engine decide; the session has not read its events yet."""
        self.log.write(*self.desk.run(command), command_id=command.id)

    def answer(self, command: AnyCommand, verdict: Verdict, text: str = "") -> list[Output]:
        outcome = Outcome(command_id=command.id, verdict=verdict, text=text)
        return self.core.step(Answered(outcome))


def live() -> Bench:
    bench = Bench()
    bench.follow()
    assert bench.core.link is Link.LIVE
    return bench


def of(outputs: list[Output], kind: type) -> list[Output]:
    return [output for output in outputs if isinstance(output, kind)]


def changed(outputs: list[Output]) -> Changed:
    (found,) = [output for output in outputs if isinstance(output, Changed)]
    return found


def status_of(bench: Bench, command: AnyCommand) -> OrderStatus:
    return bench.core.requests[command.id].status


# -- following -----------------------------------------------------------------------------------


def test_start_reads_the_desks_snapshot_then_on_from_it() -> None:
    core = SessionCore("alice", DESK)
    assert core.start() == [ReadSnapshot(f"desk/{DESK}")]
    outputs = core.step(SnapshotRead(None))
    assert of(outputs, ReadEvents) == [ReadEvents((f"desk/{DESK}", "firm"), 0, READ_MAX)]
    assert core.link is Link.STARTING


def test_events_build_the_state_and_make_the_session_live() -> None:
    bench = Bench()
    bench.decide(submit())
    told = changed(bench.follow())
    assert (told.link, told.reference) == (True, True)
    assert told.orders == {"O-1122-000001"}
    assert (bench.core.link, bench.core.link_text) == (Link.LIVE, "")
    assert state_hash(bench.core.state) == state_hash(bench.desk.state)


def test_full_page_is_not_the_end() -> None:
    bench = Bench()
    commands = [submit(terms(qty=-1)) for _ in range(READ_MAX)]
    for command in commands:
        bench.decide(command)
    rows = bench.rows()
    bench.core.step(bench.page(rows[:READ_MAX]))
    assert bench.core.link is Link.STARTING
    bench.follow()
    assert bench.core.link is Link.LIVE
    assert bench.core.seq == rows[-1].seq


def test_alerts_and_reference_data_are_told_apart() -> None:
    bench = live()
    bench.decide(submit(terms(limit_px=px(106))))
    told = changed(bench.follow())
    assert (told.alerts, told.reference, told.link) == (True, False, False)


def test_another_desks_events_are_not_needed() -> None:
    bench = live()
    bench.decide(submit(author="frank", desk=OTHER_DESK))
    bench.decide(submit())
    bench.follow()
    assert [order.trader for order in bench.core.state.orders.values()] == ["alice"]
    assert state_hash(bench.core.state) == state_hash(desk_view(bench.desk.state, DESK))


def test_events_read_twice_count_once() -> None:
    bench = live()
    bench.decide(submit())
    page = bench.page()
    bench.core.step(page)
    before = state_hash(bench.core.state)
    assert bench.core.step(page) == []
    assert state_hash(bench.core.state) == before


def test_nothing_new_says_nothing() -> None:
    assert live().follow() == []


def test_quotes_are_told_by_symbol_and_used_for_previews() -> None:
    bench = live()
    told = changed(bench.core.step(MarketRead(NOW, [quote(), quote("BETA")])))
    assert told.quotes == {"ACME", "BETA"}
    assert bench.core.context.reference_px("ACME") == px(100)
    assert bench.core.step(MarketRead(NOW + 1, [])) == []


# -- snapshots -----------------------------------------------------------------------------------


def snapshot_of(bench: Bench, rows: list[StoredEvent]) -> StoredSnapshot:
    """Return the snapshot that an engine keeps of the desk's view after `rows`."""
    state, heads = DeskState(), {}
    for row, event in zip(rows, decode_rows(rows), strict=True):
        evolve(state, event)
        heads[row.stream] = StreamHead(row.stream_seq, row.hash)
    view = desk_view(state, DESK)
    return StoredSnapshot(
        scope=f"desk/{DESK}",
        seq=rows[-1].seq,
        version=STATE_VERSION,
        state_hash=state_hash(view),
        heads=heads,
        blob=encode_state(view),
    )


@pytest.mark.parametrize("share", [1, 2, 3])
def test_snapshot_and_tail_are_the_same_as_the_whole_log(share: int) -> None:
    whole = Bench()
    for qty in range(1, 7):
        whole.decide(submit(terms(qty=qty)))
        whole.decide(submit(terms(qty=qty), author="frank", desk=OTHER_DESK))
    rows = whole.log.rows
    whole.follow()
    core = SessionCore("alice", DESK)
    core.start()
    snapshot = snapshot_of(whole, rows[: len(rows) * share // 3])
    outputs = core.step(SnapshotRead(snapshot))
    assert of(outputs, ReadEvents) == [ReadEvents(core.streams, snapshot.seq, READ_MAX)]
    tail = [row for row in whole.log.of(*core.streams) if row.seq > snapshot.seq]
    core.step(EventsRead(tail, decode_rows(tail), len(rows), NOW))
    assert core.link is Link.LIVE
    assert state_hash(core.state) == state_hash(whole.core.state)
    assert core.heads == whole.core.heads


@pytest.mark.parametrize(
    "changes",
    [{"state_hash": "1:0"}, {"version": STATE_VERSION + 1}, {"blob": b""}, {"blob": b"\x93\x01"}],
    ids=["hash", "version", "empty", "nonsense"],
)
def test_snapshot_that_cannot_be_used_is_skipped_and_the_log_replayed(
    changes: dict[str, object],
) -> None:
    bench = Bench()
    good = snapshot_of(bench, bench.log.rows)
    core = SessionCore("alice", DESK)
    outputs = core.step(SnapshotRead(msgspec.structs.replace(good, **changes)))
    assert of(outputs, ReadEvents) == [ReadEvents(core.streams, 0, READ_MAX)]
    assert core.state == DeskState()


# -- what contradicts what is known --------------------------------------------------------------


def halt_of(outputs: list[Output], core: SessionCore) -> str:
    (halted,) = of(outputs, Halted)
    assert isinstance(halted, Halted)
    assert changed(outputs).link
    assert (core.link, core.link_text) == (Link.HALTED, halted.reason)
    assert core.step(Clicked(submit())) == []
    assert core.step(Connected(NOW)) == []
    return halted.reason


def test_head_that_goes_back_halts() -> None:
    bench = live()
    head = bench.core.head_seq
    outputs = bench.core.step(EventsRead([], [], head - 1, NOW))
    assert halt_of(outputs, bench.core).startswith(
        f"The store went back from event {head} to {head - 1}"
    )


def test_head_behind_our_snapshot_halts() -> None:
    bench = Bench()
    core = SessionCore("alice", DESK)
    core.step(SnapshotRead(snapshot_of(bench, bench.log.rows)))
    outputs = core.step(EventsRead([], [], 3, NOW))
    assert "went back" in halt_of(outputs, core)


@pytest.mark.parametrize("field", ["body", "hash", "command_id", "stream_seq"])
def test_row_that_was_changed_halts(field: str) -> None:
    bench = live()
    bench.decide(submit())
    rows = bench.rows()
    changed_to = {
        "body": rows[0].body.replace(b"alice", b"blice"),
        "hash": "0" * 64,
        "command_id": "another",
        "stream_seq": 99,
    }
    rows[0] = msgspec.structs.replace(rows[0], **{field: changed_to[field]})
    reason = halt_of(bench.core.step(bench.page(rows)), bench.core)
    assert "Stop trading and verify the store." in reason


def test_row_that_is_missing_halts() -> None:
    bench = live()
    bench.decide(submit())
    reason = halt_of(bench.core.step(bench.page(bench.rows()[1:])), bench.core)
    assert "something is missing" in reason


def test_other_history_under_the_same_numbers_halts_at_the_next_event() -> None:
    """Restored from a back-up and gone on: as long a log as ours, but not ours."""
    bench, other = live(), LogWriter()
    first, *rest = bench.desk.log
    other.write(msgspec.structs.replace(first, ts=1), *rest)
    (following,) = other.write(first)
    page = EventsRead([following], decode_rows([following]), following.seq, NOW)
    assert "hash chain" in halt_of(bench.core.step(page), bench.core)


def test_event_that_cannot_be_applied_halts() -> None:
    bench = live()
    bench.decide(submit())
    first, second = bench.rows()
    del bench.log.rows[-2:]
    bench.log.heads[f"desk/{DESK}"] = StreamHead()
    (alone,) = bench.log.write(decode_rows([second])[0], command_id=first.command_id)
    outputs = bench.core.step(EventsRead([alone], decode_rows([alone]), alone.seq, NOW))
    assert "can't be applied" in halt_of(outputs, bench.core)


# -- asking --------------------------------------------------------------------------------------


def test_click_sends_once_and_shows_sending() -> None:
    bench = live()
    command = submit()
    outputs = bench.core.step(Clicked(command))
    assert of(outputs, Submit) == [Submit(submission_of(command))]
    assert changed(outputs).requests == {command.id}
    assert status_of(bench, command) is S.SENDING


def test_double_click_sends_once() -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    assert bench.core.step(Clicked(command)) == []


@pytest.mark.parametrize("verdict", [V.STALE, V.CONFLICT, V.REFUSED])
def test_click_on_a_refused_command_again_does_not_send_it(verdict: Verdict) -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    bench.answer(command, verdict, "no")
    assert bench.core.step(Clicked(command)) == []


def test_submission_says_lane_freshness_and_kind() -> None:
    bench = live()
    order = bench.desk.accepted()
    fresh = submit(seen_ts=77)
    sent = submission_of(fresh)
    assert (sent.command_id, sent.author, sent.desk) == (fresh.id, "alice", DESK)
    assert (sent.kind, sent.lane, sent.seen_ts) == ("SubmitOrder", REST_LANE, 77)
    assert submission_of(cancel(order)).lane == FIRST_LANE
    assert submission_of(cancel(order)).seen_ts == 0
    assert submission_of(amend(order, qty=5, seen_ts=9)).seen_ts == 9


def test_received_then_decided_by_its_first_event() -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    bench.answer(command, V.RECEIVED)
    assert status_of(bench, command) is S.RECEIVED
    bench.decide(command)
    told = changed(bench.follow())
    assert told.requests == {command.id}
    assert command.id not in bench.core.requests
    assert [o.command_id for o in bench.core.state.orders.values()] == [command.id]


def test_event_before_the_answer_settles_and_the_answer_changes_nothing() -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    bench.decide(command)
    bench.follow()
    assert bench.answer(command, V.RECEIVED) == []
    assert command.id not in bench.core.requests


def test_failed_command_settles_its_request() -> None:
    bench = live()
    command = AcknowledgeAlert(id="ack", author="alice", desk=DESK, alert_id="A-9")
    bench.core.step(Clicked(command))
    bench.decide(command)
    bench.follow()
    assert not bench.core.requests


def test_decided_without_an_event_of_its_own_is_settled_by_the_next_read() -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    outputs = bench.answer(command, V.DECIDED)
    assert of(outputs, ReadEvents) == [ReadEvents(bench.core.streams, bench.core.seq, READ_MAX)]
    assert command.id in bench.core.requests
    assert changed(bench.follow(later_ns=1)).requests == {command.id}
    assert not bench.core.requests


@pytest.mark.parametrize("verdict", [V.STALE, V.CONFLICT, V.REFUSED])
def test_refused_by_the_store_is_denied_in_its_words_until_dismissed(verdict: Verdict) -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    told = changed(bench.answer(command, verdict, "6.0 s ago; look again"))
    request = bench.core.requests[command.id]
    assert told.requests == {command.id}
    assert (request.status, request.text, request.is_open) == (
        S.DENIED,
        "6.0 s ago; look again",
        False,
    )
    bench.follow(later_ns=60 * SECOND)
    assert command.id in bench.core.requests
    bench.core.dismiss(command.id)
    assert command.id not in bench.core.requests


def test_dismiss_lets_nothing_go_that_is_open() -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    bench.core.dismiss(command.id)
    bench.core.dismiss("unheard of")
    assert status_of(bench, command) is S.SENDING


# -- when nobody answers -------------------------------------------------------------------------


def lost(command: AnyCommand) -> Bench:
    """Return a session that lost its store while it sent `command`."""
    bench = live()
    bench.core.step(Clicked(command))
    bench.core.step(Disconnected("gone"))
    bench.core.step(Lost((command.id,)))
    return bench


def test_lost_is_unknown_and_never_sent_again_by_itself() -> None:
    command = submit()
    bench = lost(command)
    assert status_of(bench, command) is S.UNKNOWN
    assert (bench.core.link, bench.core.link_text) == (Link.LOST, "gone")
    assert bench.core.step(Clicked(command)) == []


def test_reconnect_reads_on_and_looks_up_what_is_unknown() -> None:
    command = submit()
    bench = lost(command)
    outputs = bench.core.step(Connected(NOW + SECOND))
    assert [output for output in outputs if not isinstance(output, Changed)] == [
        ReadEvents(bench.core.streams, bench.core.seq, READ_MAX),
        Lookup(command.id),
    ]
    assert bench.core.link is Link.LIVE


def test_lost_while_starting_is_looked_up_once_the_store_answers() -> None:
    """A cancel may be sent before the session is live."""
    bench = Bench()
    command = cancel(bench.desk.accepted())
    bench.core.step(Clicked(command))
    bench.core.step(Disconnected("gone"))
    bench.core.step(Lost((command.id,)))
    outputs = bench.core.step(Connected(NOW))
    outputs += bench.follow()
    assert Lookup(command.id) in outputs


def test_lookup_received_waits_on() -> None:
    command = submit()
    bench = lost(command)
    bench.core.step(Connected(NOW))
    bench.answer(command, V.RECEIVED)
    assert status_of(bench, command) is S.RECEIVED


def test_lookup_decided_reads_the_events_that_say_how() -> None:
    command = submit()
    bench = lost(command)
    bench.decide(command)
    bench.core.step(Connected(NOW))
    bench.answer(command, V.DECIDED)
    bench.follow()
    assert not bench.core.requests
    assert [o.command_id for o in bench.core.state.orders.values()] == [command.id]


def test_lookup_not_seen_voids_a_new_order() -> None:
    command = submit()
    bench = lost(command)
    bench.core.step(Connected(NOW))
    outputs = bench.answer(command, V.NOT_SEEN)
    assert of(outputs, Void) == [Void(command.id)]
    assert of(outputs, Submit) == []
    assert status_of(bench, command) is S.UNKNOWN
    bench.answer(command, V.VOIDED)
    request = bench.core.requests[command.id]
    assert request.status is S.DENIED
    assert request.text == "It was not sent, and now never will be. Enter it again."


def test_lookup_not_seen_voids_an_amendment() -> None:
    order = Desk().accepted()
    command = amend(order, qty=5)
    bench = lost(command)
    bench.core.step(Connected(NOW))
    assert of(bench.answer(command, V.NOT_SEEN), Void) == [Void(command.id)]


def test_lookup_not_seen_sends_a_cancel_again() -> None:
    order = Desk().accepted()
    command = cancel(order)
    bench = lost(command)
    bench.core.step(Connected(NOW))
    outputs = bench.answer(command, V.NOT_SEEN)
    assert of(outputs, Submit) == [Submit(submission_of(command))]
    bench.answer(command, V.RECEIVED)
    assert status_of(bench, command) is S.RECEIVED


def test_void_that_came_too_late_waits_for_the_event() -> None:
    command = submit()
    bench = lost(command)
    bench.core.step(Connected(NOW))
    bench.answer(command, V.NOT_SEEN)
    bench.answer(command, V.RECEIVED)
    assert status_of(bench, command) is S.RECEIVED


@pytest.mark.parametrize("answered", [False, True])
def test_no_answer_in_time_is_looked_up_once(answered: bool) -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    if answered:
        bench.answer(command, V.RECEIVED)
    assert of(bench.follow(later_ns=ANSWER_WITHIN_NS), Lookup) == []
    outputs = bench.follow(later_ns=1)
    assert of(outputs, Lookup) == [Lookup(command.id)]
    assert status_of(bench, command) is S.UNKNOWN
    assert of(bench.follow(later_ns=1), Lookup) == []


def test_overdue_lookup_says_received_and_may_become_overdue_again() -> None:
    bench = live()
    command = submit()
    bench.core.step(Clicked(command))
    bench.follow(later_ns=ANSWER_WITHIN_NS + 1)
    bench.answer(command, V.RECEIVED)
    assert of(bench.follow(later_ns=ANSWER_WITHIN_NS), Lookup) == []
    assert of(bench.follow(later_ns=1), Lookup) == [Lookup(command.id)]


def test_answer_to_a_command_of_somebody_else_is_nothing() -> None:
    bench = live()
    assert bench.answer(submit(), V.RECEIVED) == []


# -- the link ------------------------------------------------------------------------------------


def test_disconnected_while_starting_says_why_and_keeps_starting() -> None:
    core = SessionCore("alice", DESK)
    assert core.step(Disconnected("no route")) == [Changed(link=True)]
    assert (core.link, core.link_text) == (Link.STARTING, "no route")


def test_engine_seen_is_told_when_another_leads() -> None:
    core = live().core
    first = Lease(epoch=1, holder="a", expires_ts=NOW)
    assert core.step(EngineSeen(None)) == []
    assert core.step(EngineSeen(first)) == [Changed(link=True)]
    assert core.step(EngineSeen(msgspec.structs.replace(first, expires_ts=NOW + 1))) == []
    assert core.step(EngineSeen(msgspec.structs.replace(first, epoch=2))) == [Changed(link=True)]
    assert core.step(EngineSeen(None)) == [Changed(link=True)]


def test_store_clock_never_goes_back() -> None:
    core = live().core
    core.step(Connected(NOW + 5))
    core.step(Connected(NOW - 5))
    core.step(EventsRead([], [], core.head_seq, NOW - 9))
    assert core.store_ts == NOW + 5


def test_click_carries_the_persons_own_command() -> None:
    bench = live()
    command = submit(terms(qty=5))
    (sent,) = of(bench.core.step(Clicked(command)), Submit)
    assert isinstance(sent, Submit)
    assert msgspec.json.decode(sent.submission.body, type=SubmitOrder).terms == command.terms
