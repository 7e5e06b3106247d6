"""The blotters on a live desk: store, engine and venue on their threads."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side
from tests.live_desk import LiveDesk
from ui.blotter.fills_pane import FillsPane
from ui.blotter.history_pane import HistoryPane
from ui.blotter.orders_pane import OrdersPane
from ui.blotter.positions_pane import PositionsPane

ZONE = ZoneInfo("America/New_York")


def far_below(desk: LiveDesk, symbol: str, qty: int) -> OrderTerms:
    bid = desk.session.core.quotes[symbol].bid
    tick = desk.session.core.state.instruments[symbol].tick_at(bid)
    return OrderTerms(
        symbol=symbol,
        side=Side.BUY,
        qty=qty,
        order_type=OrderType.LIMIT,
        account="GROWTH",
        limit_px=bid - 90 * tick,
    )


def test_order_is_amended_in_its_cell_and_its_history_tells(desk: LiveDesk) -> None:
    orders = OrdersPane(desk.session, ZONE)
    history = HistoryPane(desk.session, ZONE)
    for pane in (orders, history):
        desk.qtbot.addWidget(pane)
        pane.resize(845, 400)
        pane.show()
    desk.session.submit(far_below(desk, "KO", 100))
    desk.until(lambda: bool(desk.orders()) and desk.orders()[0].status is OrderStatus.NEW)
    (order,) = desk.orders()
    desk.until(lambda: orders.row_of(order) >= 0)
    history.show_order(order.order_id)
    desk.until(lambda: len(history.timeline.lines) == 3)

    assert orders.edit_cell(order.order_id, "qty")
    editor = orders.table.viewport().findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "80")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.until(lambda: (order.qty, order.status) == (80, OrderStatus.NEW))
    desk.until(lambda: len(history.timeline.lines) == 5)

    orders.show_order(order.order_id)
    orders.cancel_selected()
    desk.until(lambda: order.status is OrderStatus.CANCELED)
    desk.until(lambda: len(history.timeline.lines) == 7)
    assert [line.title for line in history.timeline.lines] == [
        "Accepted",
        "Routed",
        "Working",
        "Pending replace",
        "Replaced",
        "Pending cancel",
        "Canceled",
    ]
    assert history.timeline.lines[4].change == "qty 100 → 80"
    assert all(line.raw in {e.body for e in desk.tables.events} for line in history.timeline.lines)


def test_market_order_fills_show_in_fills_and_positions(desk: LiveDesk) -> None:
    fills, positions = FillsPane(desk.session, ZONE), PositionsPane(desk.session)
    for pane in (fills, positions):
        desk.qtbot.addWidget(pane)
        pane.show()
    terms = OrderTerms(
        symbol="KO", side=Side.BUY, qty=300, order_type=OrderType.MARKET, account="GROWTH"
    )
    desk.session.submit(terms)
    desk.until(lambda: bool(desk.orders()) and desk.orders()[0].status is OrderStatus.FILLED)
    (order,) = desk.orders()
    desk.until(lambda: sum(fill.qty for fill in fills.model.visible_rows()) == 300)
    assert {fill.order_id for fill in fills.model.visible_rows()} == {order.order_id}
    desk.until(lambda: [held.qty for held in positions.model.visible_rows()] == [300])
