"""The window on a live desk: blotter, alerts, keys and health."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from models.alerts import AlertState
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side
from tests.live_desk import LiveDesk

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


def resting(desk: LiveDesk, symbol: str, qty: int) -> OrderTerms:
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


def test_order_shows_in_the_blotter_and_fills_in_place(desk: LiveDesk) -> None:
    model = desk.window.orders.model
    tester = QAbstractItemModelTester(model, Fatal)
    desk.session.submit(resting(desk, "KO", 100))
    desk.until(lambda: model.rowCount() == 1 and model.cell(0, 0).text == "● Working")
    assert model.cell(0, model.column_index("symbol")).text == "KO"
    tester.deleteLater()


def test_delete_cancels_the_selected_orders_and_no_other(desk: LiveDesk) -> None:
    for at, symbol in enumerate(("KO", "XOM", "T")):
        desk.session.submit(resting(desk, symbol, 100 + at))
    desk.until(lambda: [o.status for o in desk.orders()] == [OrderStatus.NEW] * 3)
    first, second, third = desk.orders()
    table = desk.window.orders.table
    desk.window.orders.show_order(first.order_id)
    desk.window.orders.show_order(third.order_id)
    assert [order.order_id for order in desk.window.orders.selected_orders()] == [third.order_id]
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    desk.until(lambda: third.status is OrderStatus.CANCELED)
    assert (first.status, second.status) == (OrderStatus.NEW, OrderStatus.NEW)


def test_delete_in_a_text_field_cancels_nothing(desk: LiveDesk) -> None:
    desk.session.submit(resting(desk, "KO", 100))
    desk.until(lambda: bool(desk.orders()) and desk.orders()[0].status is OrderStatus.NEW)
    desk.window.orders.show_order(desk.orders()[0].order_id)
    edit = desk.window.ticket.qty_edit
    edit.setFocus()
    before = len(desk.tables.commands)
    QTest.keyClick(edit, Qt.Key.Key_Delete)
    assert len(desk.tables.commands) == before


def test_filter_shows_only_what_it_says(desk: LiveDesk) -> None:
    desk.session.submit(resting(desk, "KO", 100))
    desk.session.submit(resting(desk, "XOM", 200))
    pane = desk.window.orders
    desk.until(lambda: pane.model.total_count == 2 and len(desk.orders()) == 2)
    QTest.keyClick(desk.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(pane.filter_edit, "symbol:xom status:working trader:me")
    QTest.keyClick(pane.filter_edit, Qt.Key.Key_Return)
    desk.until(lambda: pane.model.visible_count == 1)
    assert pane.model.row_at(0).symbol == "XOM"
    QTest.keyClicks(pane.filter_edit, " nosuch:1")
    QTest.keyClick(pane.filter_edit, Qt.Key.Key_Return)
    assert pane.model.visible_count == 1  # what can't be read changes nothing


def test_denied_order_raises_an_alert_that_is_acknowledged_by_key(desk: LiveDesk) -> None:
    desk.session.submit(resting(desk, "GME", 100))
    alerts = desk.window.alerts
    desk.until(lambda: alerts.model.rowCount() == 1)
    alerts.table.selectRow(0)
    QTest.keyClick(desk.window, Qt.Key.Key_F8)
    known = desk.session.core.state.alerts
    desk.until(lambda: all(a.state is AlertState.ACKNOWLEDGED for a in known.values()))
    (alert,) = known.values()
    assert alert.acknowledged_by == "alice"


def test_alert_jumps_to_its_order_past_the_filter(desk: LiveDesk) -> None:
    desk.session.submit(resting(desk, "GME", 100))
    alerts, pane = desk.window.alerts, desk.window.orders
    desk.until(lambda: alerts.model.rowCount() == 1 and len(desk.orders()) == 1)
    pane.filter_edit.setText("symbol:aapl")
    QTest.keyClick(pane.filter_edit, Qt.Key.Key_Return)
    assert pane.model.visible_count == 0
    alerts.table.selectRow(0)
    alerts.jump()
    desk.until(lambda: [o.symbol for o in pane.selected_orders()] == ["GME"])


def test_health_names_store_engine_and_market(desk: LiveDesk) -> None:
    bar = desk.window.top_bar
    desk.until(lambda: "#1" in bar.store_pill.text())
    bar.refresh()
    assert "memory" in bar.store_pill.text()
    assert "CONTINUOUS" in bar.market_pill.text()
    assert "alice" in bar.person_pill.text()
    assert "connected" in desk.window.health.link_label.text()


def test_theme_changed_recolours_what_the_ticket_and_the_bars_say(desk: LiveDesk) -> None:
    QTest.keyClick(desk.window, Qt.Key.Key_F2)
    QTest.keyClicks(desk.window.ticket.line_edit, f"b 100 ko {desk.price('KO', -50)}")
    dark_checks = desk.window.ticket.checks_label.text()
    dark_bar = desk.window.top_bar.store_pill.text()
    desk.window.toggle_theme()
    desk.until(lambda: desk.window.ticket.checks_label.text() != dark_checks)
    desk.until(lambda: desk.window.top_bar.store_pill.text() != dark_bar)
    desk.window.toggle_theme()
