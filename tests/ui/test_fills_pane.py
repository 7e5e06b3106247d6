"""Fills and Positions over real state: every execution once, corrections and busts, live values."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.order_state import OrderStatus, Trigger
from models.orders import Side
from tests.builders import Desk, px
from tests.ui.still_desk import StillDesk, order_ids
from ui.blotter.fills_pane import FillsPane
from ui.blotter.pane import BlotterPane
from ui.blotter.positions_pane import PositionsPane

ZONE = ZoneInfo("America/New_York")
Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


def shown(pane: BlotterPane, name: str) -> list[str]:
    pane.model.flush()
    at = pane.model.column_index(name)
    return [pane.model.cell(row, at).text for row in range(pane.model.rowCount())]


def open_pane(qtbot: QtBot, pane: BlotterPane) -> BlotterPane:
    qtbot.addWidget(pane)
    pane.resize(845, 400)
    pane.show()
    pane.model.throttle.delay_ms = 0
    return pane


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_fills_show_once_each_the_newest_first(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    still = StillDesk(desk)
    pane = open_pane(qtbot, FillsPane(still.session, ZONE))
    tester = QAbstractItemModelTester(pane.model, Fatal)
    still.tell_all()
    assert shown(pane, "qty") == ["60", "40"]
    order = desk.order_in(OrderStatus.NEW)
    events = desk.fill(order, 10, exec_id="x")
    still.tell(Changed(orders=order_ids(events)))
    still.tell(Changed(orders=order_ids(events)))
    assert shown(pane, "qty") == ["10", "60", "40"]
    tester.deleteLater()


def test_busted_fill_goes_and_a_corrected_one_is_put_right(qtbot: QtBot, desk: Desk) -> None:
    order = desk.order_in(OrderStatus.NEW)
    for qty in (10, 20, 30):
        desk.fill(order, qty, exec_id=f"e-{qty}")
    still = StillDesk(desk)
    pane = open_pane(qtbot, FillsPane(still.session, ZONE))
    still.tell_all()
    events = desk.report(order, Trigger.BUST, exec_ref="e-20", exec_id="b-1")
    still.tell(Changed(orders=order_ids(events)))
    assert shown(pane, "exec") == ["e-30", "e-10"]
    events = desk.report(
        order, Trigger.CORRECT, exec_ref="e-10", exec_id="c-1", last_qty=15, last_px=px(100)
    )
    still.tell(Changed(orders=order_ids(events)))
    assert sorted(zip(shown(pane, "exec"), shown(pane, "qty"), strict=True)) == [
        ("c-1", "15"),
        ("e-30", "30"),
    ]


def test_fills_are_filtered_and_totalled(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    desk.order_in(OrderStatus.PARTIALLY_FILLED, side=Side.SELL)
    still = StillDesk(desk)
    pane = open_pane(qtbot, FillsPane(still.session, ZONE))
    still.tell_all()
    pane.bar.set_text("side:buy trader:me")
    assert shown(pane, "side") == ["BUY", "BUY"]
    qtbot.waitUntil(lambda: pane.foot.text.startswith("2 of 3 fills"))
    assert "notional 10.0k" in pane.foot.text


def test_enter_on_a_fill_asks_for_its_order(qtbot: QtBot, desk: Desk) -> None:
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    still = StillDesk(desk)
    pane = open_pane(qtbot, FillsPane(still.session, ZONE))
    still.tell_all()
    asked: list[str] = []
    pane.order_wanted.connect(asked.append)
    pane.table.selectRow(0)
    QTest.keyClick(pane.table, Qt.Key.Key_Return)
    assert asked == [order.order_id]


def positions(qtbot: QtBot, desk: Desk) -> tuple[StillDesk, PositionsPane]:
    still = StillDesk(desk)
    pane = PositionsPane(still.session)
    open_pane(qtbot, pane)
    still.tell_all()
    pane.refresh()
    return still, pane


def test_positions_are_valued_by_account_and_symbol(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    desk.order_in(OrderStatus.PARTIALLY_FILLED, side=Side.SELL, account="INCOME")
    _, pane = positions(qtbot, desk)
    rows = zip(shown(pane, "account"), shown(pane, "qty"), shown(pane, "share"), strict=True)
    assert sorted(rows) == [("GROWTH", "100", "71.4%"), ("INCOME", "−40", "28.5%")]


def test_positions_follow_the_quotes(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    still, pane = positions(qtbot, desk)
    assert shown(pane, "pnl") == ["0"]
    desk.move_market(px("100.50"))
    still.tell(Changed(quotes=frozenset({"ACME"})))
    qtbot.waitUntil(lambda: shown(pane, "pnl") == ["+50"])
    assert shown(pane, "value") == ["10,050"]
    qtbot.waitUntil(lambda: "day P&L +50" in pane.foot.text)


def test_positions_nobody_looks_at_are_not_valued(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    still, pane = positions(qtbot, desk)
    pane.hide()
    desk.move_market(px("100.50"))
    still.tell(Changed(quotes=frozenset({"ACME"})))
    pane.refresh()
    assert shown(pane, "pnl") == ["0"]
    pane.show()
    assert shown(pane, "pnl") == ["+50"]


def test_position_chips_part_long_short_and_flat(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    desk.order_in(OrderStatus.FILLED, side=Side.SELL, account="INCOME")
    flat = desk.order_in(OrderStatus.FILLED, symbol="BETA", limit_px=px(100))
    desk.fill(desk.order_in(OrderStatus.NEW, symbol="BETA", side=Side.SELL), flat.qty)
    _, pane = positions(qtbot, desk)
    for text, accounts in (("qty>0", ["100"]), ("qty<0", ["−100"]), ("qty=0", ["0"])):
        pane.bar.set_text(text)
        assert shown(pane, "qty") == accounts


def test_fills_opened_in_the_middle_of_the_day_show_what_there_is(qtbot: QtBot, desk: Desk) -> None:
    desk.order_in(OrderStatus.FILLED)
    pane = open_pane(qtbot, FillsPane(StillDesk(desk).session, ZONE))
    assert shown(pane, "qty") == ["60", "40"]


@pytest.mark.parametrize(("login", "may"), [("alice", False), ("dana", True), ("olga", True)])
def test_bust_and_correct_are_offered_to_those_with_authority(
    qtbot: QtBot, desk: Desk, login: str, may: bool
) -> None:
    desk.fill(desk.order_in(OrderStatus.NEW), 10)
    still = StillDesk(desk, login)
    pane = FillsPane(still.session, ZONE)
    open_pane(qtbot, pane)
    asked: list[QDialog] = []
    pane.dialog_wanted.connect(asked.append)
    still.tell_all()
    menu = pane.row_menu(pane.model.row_at(0))
    offers = {action.text(): action for action in menu.actions()}
    assert ("Bust…" in offers, "Correct…" in offers) == (may, may)
    if may:
        offers["Bust…"].trigger()
        offers["Correct…"].trigger()
        assert [dialog.windowTitle().split()[0] for dialog in asked] == ["Bust", "Correct"]
