"""An outage without a window: what is kept, what the return compares, when trading is resumed."""

from __future__ import annotations

import msgspec

from app.continuity.outage import (
    Kind,
    Line,
    Outage,
    begin,
    compare,
    open_orders,
    order_words,
    request_words,
    resume_objection,
)
from app.session.step import Request
from models.order_state import Trigger
from models.orders import Side
from tests.builders import DESK, NOW, Desk, amend, cancel, px, submit, terms


def outage_of(desk: Desk) -> Outage:
    return begin(desk.state, DESK, desk.ts, NOW, "no route")


def by_key(lines: list[Line]) -> dict[str, Line]:
    return {line.key: line for line in lines}


def test_open_orders_are_copies_of_this_desks_open_ones() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=100))
    ended = desk.accepted(terms(qty=50, side=Side.SELL))
    desk.report(ended, Trigger.CANCEL)
    kept = open_orders(desk.state, DESK)
    assert set(kept) == {order.order_id}
    desk.fill(order, 40)
    assert kept[order.order_id].cum_qty == 0
    assert open_orders(desk.state, "OTHER") == {}


def test_order_that_traded_meanwhile_is_told_as_last_known_and_now() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=100, limit_px=px(100)))
    outage = outage_of(desk)
    desk.fill(order, 40, px("99.50"))
    (line,) = compare(outage, desk.state, {})
    assert (line.kind, line.key) == (Kind.CHANGED, order.order_id)
    assert "done 0 of 100, limit 100.00" in line.before
    assert "partially filled, done 40 of 100, limit 100.00, average 99.50" in line.now
    assert not line.is_settled


def test_order_that_stayed_as_it_was_asks_nobody() -> None:
    desk = Desk()
    desk.accepted(terms())
    (line,) = compare(outage_of(desk), desk.state, {})
    assert (line.kind, line.is_settled) == (Kind.UNCHANGED, True)


def test_order_of_a_day_that_ended_meanwhile_is_no_longer_there() -> None:
    desk = Desk()
    order = desk.accepted(terms())
    outage = outage_of(desk)
    del desk.state.orders[order.order_id]
    (line,) = compare(outage, desk.state, {})
    assert line.now == "No longer at the desk: its day has ended"


def test_colleagues_new_order_is_a_line_and_an_old_ended_one_is_none() -> None:
    desk = Desk()
    old = desk.accepted(terms())
    desk.report(old, Trigger.CANCEL)
    outage = outage_of(desk)
    new = desk.accepted(terms(), "ben", reason="all of it")
    (line,) = compare(outage, desk.state, {})
    assert (line.kind, line.key, line.before) == (Kind.NEW, new.order_id, "–")


def test_requests_are_sent_not_sent_or_unknown_and_come_first() -> None:
    desk = Desk()
    desk.accepted(terms())
    command = submit(terms())
    unknown, refused = Request(command, 0), Request(command, 0)
    unknown.move(Trigger.LOSE)
    refused.move(Trigger.DENY, "It was not sent, and now never will be. Enter it again.")
    outage = outage_of(desk)
    outage.requests = {"a": "New order", "b": "New order", "c": "Cancel"}
    lines = compare(outage, desk.state, {"a": unknown, "b": refused})
    assert [line.kind for line in lines] == [
        Kind.SENT, Kind.NOT_SENT, Kind.UNKNOWN, Kind.UNCHANGED,
    ]  # fmt: skip
    assert by_key(lines)["b"].now.startswith("It was not sent")


def test_acknowledged_line_stays_as_it_was_seen() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=100))
    outage = outage_of(desk)
    desk.fill(order, 40)
    (line,) = compare(outage, desk.state, {})
    outage.lines = [msgspec.structs.replace(line, acknowledged_by="alice")]
    desk.fill(order, 60)
    (after,) = compare(outage, desk.state, {})
    assert after.is_settled
    assert "done 40 of 100" in after.now


def test_resuming_waits_for_answers_then_acknowledgements_then_drafts() -> None:
    changed = Line(key="1", kind=Kind.CHANGED, what="", before="", now="")
    unknown = Line(key="2", kind=Kind.UNKNOWN, what="", before="", now="")
    seen = msgspec.structs.replace(changed, acknowledged_by="alice")
    same = Line(key="3", kind=Kind.UNCHANGED, what="", before="", now="")
    assert resume_objection([changed, unknown], 0).startswith("1 request not answered yet")
    assert resume_objection([changed, changed, seen], 0) == "2 lines not acknowledged yet."
    assert resume_objection([seen, same], 2).startswith("2 telephone executions neither booked")
    assert resume_objection([seen, same], 0) == ""


def test_words_of_requests_and_orders() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=100, limit_px=px(100)))
    assert request_words(submit(terms(qty=500))) == "New order: BUY 500 ACME, GROWTH"
    assert request_words(cancel(order)) == f"Cancel {order.order_id}"
    assert request_words(amend(order, qty=50)) == f"Amend {order.order_id} to 50"
    assert order_words(order, None).endswith("limit 100000000000")


def test_log_keeps_the_newest_lines() -> None:
    outage = outage_of(Desk())
    for at in range(5_010):
        outage.note(at, "alice", "looked")
    assert (len(outage.log), outage.log[0].ts) == (5_000, 10)
