"""An order's story: every event in plain words, from who, with old → new, checks and averages."""

from __future__ import annotations

import typing

import pytest

from app.session.order_reading import LoggedEvent
from models.events import AnyEvent, OrderEvent
from models.limits import Check, Outcome
from models.order_state import OrderStatus, Trigger
from models.orders import Order
from tests.builders import (
    REACHABLE,
    Desk,
    LogWriter,
    exec_id,
    px,
    replace_report,
    stop_terms,
    terms,
)
from ui.blotter.check_lines import check_line
from ui.blotter.story import Story, StoryLine, summary


def story_of(desk: Desk, order: Order) -> list[StoryLine]:
    about = [event for event in desk.log if getattr(event, "order_id", "") == order.order_id]
    story = Story(desk.state.instruments)
    rows = LogWriter().write(*about)
    return [story.tell(LoggedEvent(row, e)) for row, e in zip(rows, about, strict=True)]


def told(desk: Desk, order: Order) -> list[tuple[str, str, str, str]]:
    return [(line.who, line.title, line.change, line.text) for line in story_of(desk, order)]


def test_story_of_an_order_from_entry_to_filled() -> None:
    desk = Desk()
    order = desk.accepted(terms(), reason="index rebalance")
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.fill(order, 40, px("100.00"))
    desk.fill(order, 60, px("100.10"))
    assert told(desk, order) == [
        (
            "alice",
            "Accepted",
            "",
            "BUY 100 ACME @ 100.00 DAY for GROWTH; mid at arrival 100.000; "
            "ACME as in version 1 of its line; reason given: index rebalance",
        ),
        ("engine", "Routed", "", f"to SIM as {order.order_id}/1"),
        ("SIM", "Working", "", "the venue has it"),
        ("SIM", "Part filled", "", "40 @ 100.00; 40 of 100 done, average 100.000, slip 0.0 bp"),
        ("SIM", "Filled", "", "60 @ 100.10; 100 of 100 done, average 100.060, slip +6.0 bp"),
    ]


def test_story_of_an_amendment_says_old_and_new_and_the_priority() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.amend(order, qty=80, limit_px=px("100.02"))
    desk.run(replace_report(order))
    desk.amend(order, qty=50)
    desk.report(order, Trigger.REJECT_REPLACE, text="too late")
    change = "qty 100 → 80 · limit 100.00 → 100.02"
    asked = [f"{order.order_id}/{version}" for version in (1, 2, 3)]
    assert told(desk, order)[3:] == [
        ("alice", "Pending replace", change, f"asked for as {asked[1]} in place of {asked[0]}"),
        (
            "SIM",
            "Replaced",
            change,
            "the venue took the new terms; it goes to the back of the queue",
        ),
        (
            "alice",
            "Pending replace",
            "qty 80 → 50",
            f"asked for as {asked[2]} in place of {asked[1]}",
        ),
        ("SIM", "Replace refused", "qty 80 → 50", "the old terms stand; too late"),
    ]


def test_story_of_a_smaller_quantity_keeps_the_priority() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.amend(order, qty=80)
    desk.run(replace_report(order))
    assert told(desk, order)[-1][3].endswith("it keeps its priority")


def test_story_of_corrected_and_busted_fills_reckons_anew() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    first = exec_id(order, 40)
    desk.report(order, Trigger.CORRECT, exec_ref=first, exec_id="c-1", last_qty=30, last_px=px(101))
    desk.report(order, Trigger.BUST, exec_ref="c-1", exec_id="b-1", text="error trade")
    assert told(desk, order)[4:] == [
        (
            "SIM",
            "Fill corrected",
            "40 @ 100.00 → 30 @ 101.00",
            f"execution {first} put right; 30 of 100 done, average 101.000, slip +100.0 bp",
        ),
        (
            "SIM",
            "Fill busted",
            "30 @ 101.00 → nothing",
            "execution c-1 is void; 0 of 100 done; error trade",
        ),
    ]


def test_story_of_a_cancel_says_who_and_what_was_done() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    desk.cancel(order, author="ben")
    desk.cancel(order, author="dana")
    desk.report(order, Trigger.CANCEL)
    lines = told(desk, order)[4:]
    assert [(who, title) for who, title, _, _ in lines] == [
        ("ben", "Cancel denied"),
        ("dana", "Pending cancel"),
        ("SIM", "Canceled"),
    ]
    assert lines[0][3] == f"Order {order.order_id} is alice's. Ask them or the desk head."
    assert lines[2][3] == "40 of 100 done, average 100.000, slip 0.0 bp"


def test_story_of_a_denied_order_says_why_with_its_checks() -> None:
    desk = Desk()
    event = desk.submit(terms(limit_px=px(106)))[0]
    (line,) = story_of(desk, desk.order(event.order_id))
    assert (line.title, line.tone) == ("Denied", "blocked")
    collar = next(check for check in line.checks if check.rule == "COLLAR")
    assert (collar.outcome, collar.value, collar.limit) == ("stops", "6%", "5%")
    assert collar.text.startswith("Limit price 106.00 is 6% above")


def test_story_of_a_stop_tells_when_it_was_reached() -> None:
    desk = Desk()
    order = desk.accepted(stop_terms(px(105)))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.report(order, Trigger.ACTIVATE)
    lines = told(desk, order)
    assert lines[0][3].startswith("BUY 100 ACME stop 105.00 DAY")
    assert lines[-1][1:] == ("Triggered", "", "the stop at 105.00 was reached")


@pytest.mark.parametrize("status", REACHABLE)
def test_story_has_words_for_every_way_an_order_goes(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    for line in story_of(desk, order):
        assert line.sign != "·", line
        assert line.who
        assert line.title


def test_story_knows_every_event_about_an_order() -> None:
    known = Story.__dict__["_tell"].dispatcher.registry.keys()
    about = [kind for kind in typing.get_args(AnyEvent) if issubclass(kind, OrderEvent)]
    assert set(about) <= set(known)


def test_story_lines_carry_the_logs_own_bytes() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    about = [event for event in desk.log if getattr(event, "order_id", "") == order.order_id]
    rows = LogWriter().write(*about)
    assert [line.raw for line in story_of(desk, order)] == [row.body for row in rows]


@pytest.mark.parametrize(
    ("check", "value", "limit"),
    [
        (Check("COLLAR", Outcome.PASS, 123, 500), "1.23%", "5%"),
        (Check("NOTIONAL", Outcome.SOFT, 1_500_000_000_000, 10**12), "1,500,000", "1,000,000"),
        (Check("DUPLICATE", Outcome.SOFT, 3_100_000_000, 5_000_000_000), "3.1 s", "5.0 s"),
        (Check("RESTRICTED", Outcome.HARD), "", ""),
        (Check("GONE_RULE", Outcome.PASS, 7, 9), "", ""),
    ],
)
def test_check_numbers_are_in_their_rules_unit(check: Check, value: str, limit: str) -> None:
    line = check_line(check)
    assert (line.rule, line.value, line.limit) == (check.rule, value, limit)


def test_summary_is_the_order_in_one_line() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    written = summary(order, desk.state.instruments["ACME"])
    assert written == "BUY 100 ACME LMT 100.00 DAY for GROWTH, alice"
