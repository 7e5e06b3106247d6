"""The ticket on a live desk: what it shows, what it refuses, and that it sends once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from models.limits import Outcome
from models.money import parse_qty
from models.order_state import OrderStatus
from models.orders import Side
from tests.live_desk import LiveDesk

CONTROL = Qt.KeyboardModifier.ControlModifier


def type_line(desk: LiveDesk, line: str) -> None:
    QTest.keyClick(desk.window, Qt.Key.Key_F2)
    QTest.keyClicks(desk.window.ticket.line_edit, line)


def send(desk: LiveDesk) -> None:
    QTest.keyClick(desk.window.ticket.line_edit, Qt.Key.Key_Return, CONTROL)


def test_line_fills_the_fields_and_the_button_says_what_is_sent(desk: LiveDesk) -> None:
    price = desk.price("AAPL", -100)
    type_line(desk, f"s 500 aapl {desk.price('AAPL', 100)} acct index")
    ticket = desk.window.ticket
    assert ticket.qty_edit.text() == "500"
    assert ticket.account_box.currentText() == "INDEX"
    type_line(desk, f"b 500 aapl {price} gtc acct index")
    assert ticket.send_button.text() == f"BUY 500 AAPL @ {price} GTC → SIM"
    assert ticket.can_send


def test_fields_write_the_line(desk: LiveDesk) -> None:
    ticket = desk.window.ticket
    QTest.keyClick(desk.window, Qt.Key.Key_F3)
    for edit, text in ((ticket.symbol_edit, "MSFT"), (ticket.qty_edit, "200")):
        edit.clear()
        QTest.keyClicks(edit, text)
    QTest.keyClicks(ticket.limit_edit, desk.price("MSFT", 50))
    assert ticket.line_edit.text().startswith("s 200 msft ")


def test_double_ctrl_enter_sends_one_order(desk: LiveDesk) -> None:
    before = len(desk.tables.commands)
    type_line(desk, f"b 100 ko {desk.price('KO', -80)}")
    send(desk)
    send(desk)
    desk.until(lambda: len(desk.orders()) == 1 and desk.orders()[0].status is OrderStatus.NEW)
    assert len(desk.tables.commands) == before + 1
    assert not desk.window.ticket.can_send


def test_fill_moves_the_position_shown(desk: LiveDesk) -> None:
    type_line(desk, "b 250 ko mkt acct growth")
    send(desk)
    position = desk.window.ticket.quote_labels["Position"]
    desk.until(lambda: bool(desk.orders()) and desk.orders()[0].status is OrderStatus.FILLED)
    desk.until(lambda: position.text() == "+250")


def test_plain_enter_sends_nothing(desk: LiveDesk) -> None:
    before = len(desk.tables.commands)
    type_line(desk, f"b 100 ko {desk.price('KO', -80)}")
    for widget in (desk.window.ticket.line_edit, desk.window.ticket.qty_edit):
        QTest.keyClick(widget, Qt.Key.Key_Return)
    assert desk.window.ticket.can_send
    assert len(desk.tables.commands) == before


def test_hard_breach_cannot_be_sent_and_says_why(desk: LiveDesk) -> None:
    before = len(desk.tables.commands)
    type_line(desk, f"b 100 gme {desk.price('GME', 0)}")
    ticket = desk.window.ticket
    assert not ticket.send_button.isEnabled()
    assert "restricted list" in ticket.checks_label.text()
    send(desk)
    assert len(desk.tables.commands) == before


def test_soft_breach_wants_a_reason_and_sends_with_it(desk: LiveDesk) -> None:
    type_line(desk, f"b 9000 aapl {desk.price('AAPL', -50)}")
    ticket = desk.window.ticket
    assert ticket.reason_edit.isVisible()
    assert not ticket.can_send
    QTest.keyClicks(ticket.reason_edit, "index rebalance")
    assert ticket.can_send
    send(desk)
    desk.until(lambda: bool(desk.orders()) and desk.orders()[0].status is OrderStatus.NEW)
    desk.until(lambda: len(desk.session.core.state.alerts) == 1)
    assert desk.orders()[0].reason == "index rebalance"


def test_price_off_the_tick_is_marked_where_it_stands(desk: LiveDesk) -> None:
    type_line(desk, "b 100 aapl 190.505")
    ticket = desk.window.ticket
    assert ticket.limit_edit.property("invalid")
    assert not ticket.qty_edit.property("invalid")
    assert "tick" in ticket.checks_label.text()


def test_arrow_keys_move_the_price_by_ticks(desk: LiveDesk) -> None:
    type_line(desk, "b 100 aapl 200.00")
    edit = desk.window.ticket.limit_edit
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert edit.text() == "200.01"
    QTest.keyClick(edit, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert edit.text() == "199.91"


def test_preview_is_the_engines_own_word(desk: LiveDesk) -> None:
    """What the ticket calls hard, the engine denies, in the same words."""
    type_line(desk, f"b 100 gme {desk.price('GME', 0)}")
    terms = desk.window.ticket.draft.terms()
    assert not isinstance(terms, list)
    judged = desk.session.preview(terms)
    assert judged.outcome is Outcome.HARD
    desk.session.submit(terms)
    desk.until(lambda: len(desk.orders()) == 1)
    assert desk.orders()[0].status is OrderStatus.DENIED
    assert desk.orders()[0].reason == judged.text


def test_amend_shows_old_and_new_and_what_becomes_of_the_priority(desk: LiveDesk) -> None:
    price = desk.price("JPM", -60)
    type_line(desk, f"b 300 jpm {price}")
    send(desk)
    desk.until(lambda: bool(desk.orders()) and desk.orders()[0].status is OrderStatus.NEW)
    order = desk.orders()[0]
    assert desk.window.orders.show_order(order.order_id)
    QTest.keyClick(desk.window, Qt.Key.Key_E, CONTROL)
    ticket = desk.window.ticket
    assert ticket.amends == order
    assert not ticket.send_button.isEnabled()  # nothing changed yet
    ticket.qty_edit.selectAll()
    QTest.keyClicks(ticket.qty_edit, "200")
    panel = ticket.amend_panel
    assert (panel.old["Quantity"].text(), panel.new["Quantity"].text()) == ("300", "200")
    assert "Keeps its place" in panel.place.words
    ticket.qty_edit.selectAll()
    QTest.keyClicks(ticket.qty_edit, "400")
    assert "back of the queue" in panel.place.words
    QTest.keyClick(ticket.qty_edit, Qt.Key.Key_Return, CONTROL)
    desk.until(lambda: order.qty == 400 and order.status is OrderStatus.NEW)
    assert ticket.amends is None


def test_alt_m_takes_the_largest_quantity_without_a_warning(desk: LiveDesk) -> None:
    type_line(desk, f"b 9000 aapl {desk.price('AAPL', -50)}")
    ticket = desk.window.ticket
    QTest.keyClick(ticket.line_edit, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    assert ticket.can_send
    largest = parse_qty(ticket.qty_edit.text())
    assert 0 < largest < 9000
    ticket.qty_edit.selectAll()
    QTest.keyClicks(ticket.qty_edit, str(largest + 1))
    assert not ticket.can_send


def test_escape_drops_the_draft_and_keeps_side_and_account(desk: LiveDesk) -> None:
    type_line(desk, "s 100 aapl 200 acct index")
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    draft = desk.window.ticket.draft
    assert draft.is_blank
    assert (draft.side, draft.account) == (Side.SELL, "INDEX")


@pytest.mark.parametrize("line", ["b 100 aapl 190 mystery", "b nosuch"])
def test_line_that_is_not_understood_is_marked_and_explained(desk: LiveDesk, line: str) -> None:
    type_line(desk, line)
    assert desk.window.ticket.line_edit.property("invalid")
    assert desk.window.ticket.line_error.isVisible()
