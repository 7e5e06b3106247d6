"""Slices of a care order in the ticket: how much is left, whose they are, and what follows one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.commands import SubmitOrder
from models.order_state import OrderStatus
from models.orders import DESK, Capacity, Order, OrderType, Side
from tests.builders import Desk, market_terms, px, terms
from tests.live_desk import LiveDesk
from tests.ui.test_ticket_drafts import crash, start, written
from tests.ui.test_ticket_instructions import choose, retype, shown
from tests.ui.ticket_bench import CONTROL, TicketBench
from ui.ticket.field_form import FieldForm


@pytest.fixture
def bench(qtbot: QtBot) -> TicketBench:
    bench = TicketBench()
    qtbot.addWidget(bench.ticket)
    bench.ticket.show()
    bench.ticket.activateWindow()
    qtbot.waitUntil(bench.ticket.isActiveWindow)
    return bench


def care(bench: TicketBench, line: str = "b 5k acme 100 care by pm1 cap principal") -> Order:
    """Enter a care order; return it as the session has it."""
    bench.type(line)
    bench.ticket.send()
    return bench.decide_last()


def sliced(bench: TicketBench, qty: str) -> Order:
    """Send a slice of what the ticket is at; return it as the session has it."""
    retype(bench.ticket.qty_edit, qty)
    bench.ticket.send()
    return bench.decide_last()


def test_slice_begins_with_all_that_is_left_at_the_parents_limit(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    draft, panel = bench.ticket.draft, bench.ticket.slice_panel
    assert (draft.symbol, draft.side, draft.account) == ("ACME", Side.BUY, "GROWTH")
    assert (draft.qty, draft.limit, draft.venue) == ("5000", "100.00", "SIM")
    assert (draft.capacity, draft.decided_by) == (Capacity.PRINCIPAL, "pm1")
    assert panel.isVisible()
    assert panel.title.text() == f"Slice of {parent.order_id}"
    assert panel.what.text().startswith("5,000 of 5,000 left to send · BUY ACME LMT 100.00")
    words = f"SLICE BUY 5,000 ACME @ 100.00 DAY PRINCIPAL by pm1 → SIM for {parent.order_id}"
    assert bench.button == words


def test_symbol_side_and_account_of_a_slice_are_the_parents(bench: TicketBench) -> None:
    bench.ticket.begin_slice(care(bench))
    assert not bench.ticket.line_edit.isVisible()
    assert not any(button.isVisible() for button in bench.ticket.side_buttons.values())
    assert not bench.ticket.symbol_edit.isEnabled()
    assert "account" not in {
        name for name, field in bench.ticket.form._fields.items() if field.isVisible()
    }
    bench.ticket.more_button.click()
    assert "take_profit" not in shown(bench)
    at_desk = bench.ticket.form.route_box.model().index(1, 0)
    assert not at_desk.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "goes to a venue" in at_desk.data(Qt.ItemDataRole.ToolTipRole)


def test_slice_is_sent_with_its_parent_and_once(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    retype(bench.ticket.qty_edit, "1200")
    before = len(bench.submitted)
    for _ in range(5):
        bench.ticket.send()
        QTest.keyClick(bench.ticket.qty_edit, Qt.Key.Key_Return, CONTROL)
    (command,) = bench.submitted[before:]
    assert isinstance(command, SubmitOrder)
    assert command.parent_id == parent.order_id
    child = bench.decide_last()
    assert (child.qty, child.parent_id, child.is_routed) == (1_200, parent.order_id, True)


def test_ticket_stays_on_the_parent_while_room_is_left(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    sliced(bench, "1200")
    assert bench.ticket.slices == parent.order_id
    assert bench.ticket.draft.qty == ""
    assert bench.ticket.slice_panel.what.text().startswith("3,800 of 5,000 left to send")
    assert bench.ticket.qty_edit.hasFocus()
    sliced(bench, "3800")
    assert bench.ticket.slices == ""
    assert bench.ticket.line_edit.isVisible()


def test_ticket_leaves_the_parent_where_that_is_preferred(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    bench.ticket.slice_panel.stay_check.click()
    sliced(bench, "1200")
    assert bench.ticket.slices == ""
    assert bench.ticket.save_state()["next_slice"] is False


def test_slice_beyond_what_is_left_cannot_be_sent(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    sliced(bench, "1200")
    retype(bench.ticket.qty_edit, "3900")
    assert not bench.ticket.can_send
    assert "3,900 are more than" in bench.checks
    assert "3,800 of 5,000" in bench.checks
    room = bench.ticket._entry.room
    assert room is not None
    assert room.largest_clean_qty == room.largest_allowed_qty == 3_800
    bench.ticket.take_largest()
    assert bench.ticket.can_send


def test_slice_follows_what_others_leave_of_its_parent(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    assert bench.ticket.can_send
    other = terms(qty=1_000, limit_px=px(100))
    bench.desk.submit(other, parent_id=parent.order_id)
    bench.refresh()
    assert bench.ticket.slice_panel.what.text().startswith("4,000 of 5,000")
    assert not bench.ticket.can_send


def test_slice_of_an_order_that_is_somebody_elses_cannot_be_sent(qtbot: QtBot) -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=5_000, limit_px=px(100), venue=DESK), author="ben")
    bench = TicketBench(desk)
    qtbot.addWidget(bench.ticket)
    bench.ticket.show()
    bench.ticket.begin_slice(bench.session.core.state.orders[order.order_id])
    assert not bench.ticket.can_send
    assert f"{order.order_id} is ben's; alice can't send a slice" in bench.checks


def test_slice_of_an_order_at_a_venue_cannot_be_sent(bench: TicketBench) -> None:
    order = bench.resting()
    bench.ticket.begin_slice(order)
    assert not bench.ticket.can_send
    assert "is no care order, but at SIM" in bench.checks


def test_slice_of_an_order_that_ended_cannot_be_sent(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    bench.desk.cancel(bench.desk.order(parent.order_id))
    bench.refresh()
    assert not bench.ticket.can_send
    assert "canceled" in bench.checks


def test_slice_of_a_market_order_is_one_and_may_get_a_limit(bench: TicketBench) -> None:
    parent = care(bench, "b 5k acme mkt care")
    bench.ticket.begin_slice(parent)
    assert bench.ticket.draft.order_type is OrderType.MARKET
    bench.ticket.set_price("ACME", Side.SELL, px("99.90"))  # the side stays the parent's
    assert bench.button.startswith("SLICE BUY 5,000 ACME @ 99.90 DAY")
    bench.ticket.set_price("BETA", Side.BUY, px(50))
    assert bench.said[-1][0].startswith(f"The ticket is a slice of {parent.order_id}")
    assert bench.ticket.draft.symbol == "ACME"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda form: retype(form.limit_edit, "100.01"), "Enter a limit of 100.00 at most"),
        (lambda form: choose(form.force_box, "GTC"), "would outlive"),
        (lambda form: choose(form.type_box, "Market"), "that has no limit"),
    ],
)
def test_slice_that_its_client_would_not_want_cannot_be_sent(
    bench: TicketBench, change: Callable[[FieldForm], None], says: str
) -> None:
    bench.ticket.begin_slice(care(bench))
    change(bench.ticket.form)
    assert not bench.ticket.can_send
    assert says in bench.checks


def test_staged_slice_is_kept_at_the_desk(bench: TicketBench) -> None:
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    bench.ticket.more_button.click()
    bench.ticket.form.stage_check.click()
    assert bench.button.startswith("STAGE SLICE BUY 5,000")
    child = sliced(bench, "1000")
    assert child.status is OrderStatus.STAGED
    assert child.parent_id == parent.order_id


@pytest.mark.parametrize("way", ["leave", "escape", "begin"])
def test_slice_is_left_for_a_plain_ticket(bench: TicketBench, way: str) -> None:
    bench.ticket.begin_slice(care(bench))
    if way == "leave":
        bench.ticket.slice_panel.leave_button.click()
    elif way == "escape":
        bench.ticket.drop()
    else:
        bench.ticket.begin(Side.SELL)
    assert bench.ticket.slices == ""
    assert bench.ticket.line_edit.isVisible()
    assert bench.ticket.symbol_edit.isEnabled()
    assert not bench.ticket.slice_panel.isVisible()
    bench.type("b 100 acme 100")
    assert bench.button == "BUY 100 ACME @ 100.00 DAY → SIM"


def test_slice_chosen_type_keeps_its_parent(bench: TicketBench) -> None:
    bench.ticket.begin_slice(care(bench))
    choose(bench.ticket.type_box, "Market")
    assert bench.button.startswith("SLICE BUY 5,000 ACME at market DAY")


# -- drafts --------------------------------------------------------------------------------------


def test_slice_survives_a_crash_with_its_parent(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    bench = start(qtbot, file)
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    retype(bench.ticket.qty_edit, "700")
    qtbot.waitUntil(lambda: written(qtbot, file).draft.qty == "700")
    again = start(qtbot, file, crash(bench))
    assert again.ticket.slices == parent.order_id
    assert again.ticket.slice_panel.isVisible()
    again.ticket.send()
    assert again.decide_last().parent_id == parent.order_id


def test_slice_of_an_order_that_ended_meanwhile_does_not_come_back(
    qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "draft.json"
    bench = start(qtbot, file)
    parent = care(bench)
    bench.ticket.begin_slice(parent)
    retype(bench.ticket.qty_edit, "700")
    qtbot.waitUntil(lambda: written(qtbot, file).draft.qty == "700")
    desk = crash(bench)
    desk.cancel(desk.order(parent.order_id))
    again = start(qtbot, file, desk)
    assert again.ticket.slices == ""
    assert again.ticket.draft.is_blank
    assert f"a slice of {parent.order_id} was dropped" in again.said[-1][0]


def test_draft_to_amend_a_staged_order_comes_back(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    bench = start(qtbot, file)
    bench.type("b 500 acme 99 stage")
    bench.ticket.send()
    order = bench.decide_last()
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "700")
    qtbot.waitUntil(lambda: written(qtbot, file).draft.qty == "700")
    again = start(qtbot, file, crash(bench))
    assert again.ticket.amends is not None
    assert again.ticket.amends.order_id == order.order_id


def test_market_care_order_has_market_slices_of_its_own_room(bench: TicketBench) -> None:
    bench.desk.submit(market_terms(qty=800, venue=DESK))
    bench.refresh()
    parent = list(bench.session.core.state.orders.values())[-1]
    bench.ticket.begin_slice(parent)
    assert bench.button == f"SLICE BUY 800 ACME at market DAY → SIM for {parent.order_id}"


def test_slice_asked_for_in_the_blotter_is_begun_sent_and_filled(desk: LiveDesk) -> None:
    ticket = desk.window.ticket
    ticket.begin(Side.BUY)
    QTest.keyClicks(ticket.line_edit, "b 500 ko mkt care")
    ticket.send()
    desk.until(lambda: len(desk.orders()) == 1 and desk.orders()[0].status is OrderStatus.NEW)
    parent = desk.orders()[0]
    desk.window.orders.slice_wanted.emit(parent.order_id)
    assert ticket.slices == parent.order_id
    retype(ticket.qty_edit, "200")
    ticket.send()
    desk.until(lambda: desk.orders()[0].cum_qty == 200)
    desk.until(lambda: ticket.slice_panel.what.text().startswith("300 of 500 left to send"))
