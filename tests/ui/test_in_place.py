"""Amending in the cell: what passes is sent, all else is told and sent never."""

from __future__ import annotations

import pytest

from models.commands import SYSTEM, AdoptRuleBook, AmendOrder
from models.limits import Limit
from models.order_state import OrderStatus, Trigger
from models.orders import Order, Replacement
from tests.builders import Desk, amend, money, px, replace_report, rule_book, stop_terms
from tests.ui.still_desk import StillDesk
from ui.blotter.in_place import InPlace


def working(desk: Desk, **changes: object) -> tuple[StillDesk, Order, InPlace]:
    order = desk.order_in(OrderStatus.NEW, **changes)
    still = StillDesk(desk)
    return still, order, InPlace(still.session)


@pytest.mark.parametrize(
    ("name", "text", "replacement"),
    [
        ("qty", "5k", Replacement(qty=5_000, limit_px=px(100))),
        ("qty", "1,200", Replacement(qty=1_200, limit_px=px(100))),
        ("limit", "100.05", Replacement(qty=100, limit_px=px("100.05"))),
    ],
)
def test_commit_of_what_passes_sends_the_amendment(
    name: str, text: str, replacement: Replacement
) -> None:
    still, order, in_place = working(Desk())
    done = in_place.commit(order, name, text)
    (command,) = still.sent()
    assert isinstance(command, AmendOrder)
    assert (command.order_id, command.version) == (order.order_id, 1)
    assert command.replacement == replacement
    assert (done.is_sent, done.wants_ticket) == (True, False)


def test_commit_says_what_becomes_of_the_priority() -> None:
    _, order, in_place = working(Desk())
    assert "keeps its priority" in in_place.commit(order, "qty", "50").words
    _, order, in_place = working(Desk())
    assert "loses its priority" in in_place.commit(order, "qty", "150").words


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("qty", "many", "is not a number"),
        ("qty", "0", "is not positive"),
        ("limit", "100.001", "is not on ACME's tick of 0.01"),
        ("limit", "5", "Check the decimal point"),
    ],
)
def test_mistake_stays_in_the_cell_and_nothing_is_sent(name: str, text: str, reason: str) -> None:
    still, order, in_place = working(Desk())
    edit = in_place.edits[name]
    edit.text(order)
    assert reason in edit.check(order, text)
    done = in_place.commit(order, name, text)
    assert (done.is_sent, done.wants_ticket, still.sent()) == (False, False, [])
    assert reason in done.words


@pytest.mark.parametrize(("text", "tone"), [("104", "warning"), ("106", "blocked")])
def test_breach_goes_to_the_ticket_and_nothing_is_sent(text: str, tone: str) -> None:
    still, order, in_place = working(Desk())  # the collar warns over 3% and stops over 5%
    assert in_place.edits["limit"].check(order, text) == ""
    done = in_place.commit(order, "limit", text)
    assert (done.is_sent, done.wants_ticket, done.tone, still.sent()) == (False, True, tone, [])
    assert done.words.startswith("Nothing was sent. Limit price")


def test_unchanged_text_sends_nothing() -> None:
    still, order, in_place = working(Desk())
    done = in_place.commit(order, "qty", "100")
    assert (done.is_sent, done.wants_ticket, still.sent()) == (False, False, [])


def test_order_that_changed_while_it_was_typed_over_is_not_amended() -> None:
    desk = Desk()
    still, order, in_place = working(desk)
    in_place.edits["qty"].text(order)
    desk.run(amend(order, qty=200))
    desk.run(replace_report(order))
    still.sync()
    done = in_place.commit(order, "qty", "300")
    assert (done.is_sent, still.sent()) == (False, [])
    assert "was changed meanwhile (version 2, you saw 1)" in done.words


def test_editor_starts_with_what_a_person_would_type() -> None:
    _, order, in_place = working(Desk(), qty=5_000)
    assert in_place.edits["qty"].text(order) == "5,000"
    assert in_place.edits["limit"].text(order) == "100.00"


def test_stop_is_typed_over_where_it_is_shown() -> None:
    desk = Desk()
    order = desk.accepted(stop_terms(px(105)))
    desk.report(order, Trigger.ACKNOWLEDGE)
    still = StillDesk(desk)
    in_place = InPlace(still.session)
    assert in_place.allows(order, "limit")
    assert in_place.commit(order, "limit", "106").is_sent
    (command,) = still.sent()
    assert isinstance(command, AmendOrder)
    assert command.replacement == Replacement(qty=100, stop_px=px(106))


@pytest.mark.parametrize(
    "status", [OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.PENDING_CANCEL]
)
def test_order_that_can_not_be_amended_is_not_editable(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    assert not InPlace(StillDesk(desk).session).edits["qty"].allowed(order)


def test_order_of_somebody_else_is_not_editable() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    assert InPlace(StillDesk(desk, "alice").session).allows(order, "qty")
    assert not InPlace(StillDesk(desk, "ben").session).allows(order, "qty")


def test_market_order_has_no_price_to_type_over() -> None:
    desk = Desk()
    _, order, in_place = working(desk)
    assert not in_place.allows(order, "stop")


def test_warning_level_counts_for_the_whole_new_order() -> None:
    desk = Desk()
    book = rule_book(NOTIONAL=Limit(soft=money(20_000), hard=None))
    desk.run(AdoptRuleBook(id="book", author=SYSTEM, rule_book=book))
    still, order, in_place = working(desk)
    done = in_place.commit(order, "qty", "250")
    assert (done.wants_ticket, done.tone, still.sent()) == (True, "warning", [])
