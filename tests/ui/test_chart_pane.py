"""The Chart pane: readable axes, own orders and fills in place, throttled, quiet when hidden."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import ui.market.chart_plot  # noqa: F401  # the pane's thread would wait for the test's event loop
from models.market import Bar
from models.money import parse_price
from models.orders import Side
from tests.builders import NOW, SECOND, px
from tests.live_desk import LiveDesk
from tests.ui.market_session import MarketSession, bar
from ui import theme
from ui.market.chart_axes import shown_labels
from ui.market.chart_items import Mark
from ui.market.chart_pane import OWN_UPDATE_MS, UPDATE_MS, ChartPane
from ui.market.chart_plot import ChartPlot

NEW_YORK = ZoneInfo("America/New_York")
CENT = px("0.01")


def walk(count: int, first: int = 0) -> list[Bar]:
    """Return bars that go up and down by some cents."""
    return [
        bar(first + at, px(100) + (at * 7 % 23) * CENT, 100 + at % 9 * 50) for at in range(count)
    ]


@pytest.fixture
def market() -> MarketSession:
    return MarketSession()


@pytest.fixture
def pane(qtbot: QtBot, market: MarketSession, dark: theme.Theme) -> Iterator[ChartPane]:
    """The pane as large as in a window of 1600x950, with an hour of bars."""
    made = ChartPane(market.session, NEW_YORK)
    qtbot.addWidget(made)
    made._throttle.delay_ms = made._own_throttle.delay_ms = 0
    made.resize(330, 180)
    market.show_bars(walk(720, -720))
    made.show_symbol("ACME")
    made.show()
    qtbot.waitUntil(lambda: made.plot is not None)
    yield made
    made.hide()


def plot_of(pane: ChartPane) -> ChartPlot:
    assert pane.plot is not None
    return pane.plot


def price_labels(pane: ChartPane) -> list[str]:
    axis = plot_of(pane).price_axis
    return [text for text in shown_labels(axis, axis.size().height()) if text]


def time_labels(pane: ChartPane) -> list[str]:
    axis = plot_of(pane).time_axis
    return shown_labels(axis, axis.size().width())


# -- start-up ------------------------------------------------------------------------------------


def test_import_of_the_pane_does_not_import_pyqtgraph() -> None:
    code = "import sys, ui.market.chart_pane as c; sys.exit('pyqtgraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_chart_is_made_only_when_there_is_something_to_draw(
    qtbot: QtBot, market: MarketSession, dark: theme.Theme
) -> None:
    pane = ChartPane(market.session, NEW_YORK)
    qtbot.addWidget(pane)
    pane.show()
    assert pane._reason.words[0] == "No symbol chosen"
    pane.show_symbol("ACME")
    assert pane._reason.words[0] == "No trade in ACME yet"
    assert pane.plot is None
    market.show_bars(walk(3))
    qtbot.waitUntil(lambda: pane.plot is not None)
    pane.show_symbol("BETA")
    assert pane._stack.currentWidget() is pane._reason
    assert pane.vwap_label.text() == ""


# -- axes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(330, 180), (264, 150), (900, 500)])
@pytest.mark.parametrize("name", ["5m", "30m", "day"])
def test_axes_are_labelled_with_whole_prices_and_times(
    qtbot: QtBot, pane: ChartPane, size: tuple[int, int], name: str
) -> None:
    pane.resize(*size)
    pane.show_range(name)
    QApplication.processEvents()
    prices, times = price_labels(pane), time_labels(pane)
    assert len(prices) >= 1
    assert all(len(text) == len("100.00") and float(text) > 99 for text in prices)
    assert len(times) >= 2
    assert all(text[2] == ":" and text[:2] in ("06", "07", "08") for text in times)


@pytest.mark.parametrize("name", ["5m", "30m", "day"])
def test_no_label_reaches_beyond_its_axis(pane: ChartPane, name: str) -> None:
    pane.show_range(name)
    QApplication.processEvents()
    plot = plot_of(pane)
    for axis, size, half in (
        (plot.price_axis, plot.price_axis.size().height(), plot.price_axis.metrics.height() / 2),
        (plot.time_axis, plot.time_axis.size().width(), 15),
    ):
        low, high = axis.range
        for _, values in axis.tickValues(low, high, size):
            for value in values:
                at = (value - low) / (high - low) * size
                assert half <= at <= size - half
    widest = max(map(plot.price_axis.metrics.horizontalAdvance, ["100.22", "100.00"]))
    assert plot.price_axis.size().width() > widest
    assert plot.price_axis.size().width() == plot.volume_axis.size().width()


def test_bond_prices_are_labelled_in_its_own_format(
    qtbot: QtBot, pane: ChartPane, market: MarketSession
) -> None:
    tick = px("0.015625")
    bars = [
        Bar("UST10Y", NOW + at * 5 * SECOND, *[px("98.5") + at % 5 * tick] * 4, 1_000, px("98.5"))
        for at in range(60)
    ]
    market.show_bars(bars, "UST10Y")
    pane.show_symbol("UST10Y")
    QApplication.processEvents()
    labels = price_labels(pane)
    assert labels
    assert all(text.startswith("98-") and parse_price(text) % tick == 0 for text in labels)
    axis = plot_of(pane).price_axis
    assert axis.size().width() >= axis.metrics.horizontalAdvance("98-16+") + 8


def test_last_trade_is_not_written_over_a_label(pane: ChartPane, market: MarketSession) -> None:
    axis = plot_of(pane).price_axis
    low, high = axis.range
    size = axis.size().height()
    for text in price_labels(pane):
        gap = abs(px(text) - market.core.bars["ACME"][-1].close) / px(1) / (high - low) * size
        assert gap >= axis.metrics.height()


# -- what is drawn -------------------------------------------------------------------------------


def test_few_wide_bars_are_candles_and_many_are_a_line(pane: ChartPane) -> None:
    plot = plot_of(pane)
    pane.show_range("5m")
    assert 50 <= plot.candles.count <= 62
    assert plot.line.xData is None or not len(plot.line.xData)
    pane.show_range("day")
    assert plot.candles.count == 0
    assert len(plot.line.xData) == 720


def test_vwap_is_the_days_and_stands_above_the_chart(
    pane: ChartPane, market: MarketSession
) -> None:
    market.show_bars([bar(0, px(100), 100), bar(1, px(103), 200)])
    assert pane.vwap_label.text() == "┄ VWAP 102.00"
    assert plot_of(pane).vwap_line.yData.tolist() == [100.0, 102.0]


def test_own_order_is_marked_at_its_price_with_what_is_left(
    pane: ChartPane, market: MarketSession
) -> None:
    order = market.work(Side.BUY, px("99.97"), 100)
    market.work(Side.SELL, px("100.20"), 70)
    market.work(Side.SELL, px("100.20"), 30, author="ben")
    market.fill(order, 40, px("99.97"))
    assert plot_of(pane).marks == [
        Mark(px("100.20"), False, False, 70),
        Mark(px("99.97"), True, False, 60),
    ]


def test_own_fills_are_triangles_at_time_and_price(pane: ChartPane, market: MarketSession) -> None:
    buy, sale = market.work(Side.BUY, px(100)), market.work(Side.SELL, px(101))
    market.fill(buy, 40, px("99.99"), NOW - 60 * SECOND)
    market.fill(sale, 10, px("101.02"), NOW - 30 * SECOND)
    points = plot_of(pane).fills.points()
    found = [(p.pos().x(), round(p.pos().y(), 4), p.symbol(), p.brush().color()) for p in points]
    start = NOW // SECOND
    assert found == [
        (start - 60, 99.99, "t1", theme.colour("buy")),
        (start - 30, 101.02, "t", theme.colour("sell")),
    ]


def test_busted_fill_is_taken_off_the_chart(pane: ChartPane, market: MarketSession) -> None:
    from models.order_state import Trigger
    from tests.builders import report

    order = market.work(Side.BUY, px(100))
    market.desk.fill(order, 40, px(100), exec_id="e-bust", ts=NOW)
    market.changed(order)
    assert len(plot_of(pane).fills.points()) == 1
    market.desk.run(report(order, Trigger.BUST, exec_id="e-bust-2", exec_ref="e-bust", ts=NOW))
    market.changed(order)
    assert len(plot_of(pane).fills.points()) == 0


def test_own_order_far_from_the_price_does_not_flatten_the_chart(
    pane: ChartPane, market: MarketSession
) -> None:
    before = plot_of(pane).price_axis.range
    market.work(Side.BUY, px(96), 100)
    low, high = plot_of(pane).price_axis.range
    assert high - low == pytest.approx(before[1] - before[0], rel=0.01)


def test_volume_bars_hold_all_that_traded(pane: ChartPane, market: MarketSession) -> None:
    pane.show_range("day")
    heights = plot_of(pane).volume_bars.opts["height"]
    assert sum(heights) == sum(each.qty for each in market.core.bars["ACME"])
    assert len(heights) < 100


def test_short_history_fills_the_chart(pane: ChartPane, market: MarketSession) -> None:
    pane.show_symbol("BETA")
    bars = [Bar("BETA", each.start_ts, *[px(50)] * 4, 10, px(50)) for each in walk(120)]
    market.show_bars(bars, "BETA")
    low, high = plot_of(pane).price.vb.viewRange()[0]
    assert high - low == pytest.approx(600, rel=0.05)


# -- following, zoom, cross-hair -----------------------------------------------------------------


def test_chart_follows_the_market_until_it_is_zoomed_and_again_after_home(
    pane: ChartPane, market: MarketSession
) -> None:
    plot = plot_of(pane)
    pane.show_range("5m")
    right = plot.price.vb.viewRange()[0][1]
    market.show_bars(walk(730, -720))
    assert plot.price.vb.viewRange()[0][1] == pytest.approx(right + 50, abs=1)
    pane.focus_pane()
    QTest.keyClick(plot, Qt.Key.Key_Minus)
    wide = plot.price.vb.viewRange()[0]
    assert wide[1] - wide[0] > 400
    market.show_bars(walk(760, -720))
    assert plot.price.vb.viewRange()[0] == wide
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert plot.price.vb.viewRange()[0][1] > wide[1]


def test_cross_hair_reads_time_price_and_quantity(pane: ChartPane, market: MarketSession) -> None:
    plot = plot_of(pane)
    pane.focus_pane()
    assert plot.readout == ""
    QTest.keyClick(plot, Qt.Key.Key_Left)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    shown = market.core.bars["ACME"][-2]
    assert plot.readout == f"07:59:50  {shown.close / px(1):.2f}  {shown.qty}"
    assert plot.accessibleDescription() == plot.readout
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.readout == ""


def test_cross_hair_follows_the_pointer_and_leaves_with_it(pane: ChartPane) -> None:
    plot = plot_of(pane)
    middle = plot.price.vb.sceneBoundingRect().center()
    plot._on_mouse_moved(middle)
    assert plot.readout
    plot._on_mouse_moved(QPointF(-5, -5))
    assert plot.readout == ""


# -- throttle, hidden, old, theme ----------------------------------------------------------------


def test_updates_are_throttled_and_own_fills_wait_less(
    pane: ChartPane, market: MarketSession
) -> None:
    assert OWN_UPDATE_MS < UPDATE_MS
    pane._throttle.delay_ms = UPDATE_MS
    drawn: list[int] = []
    plot = plot_of(pane)
    plot.show_bars = lambda series, now_ts: drawn.append(len(series))  # type: ignore[method-assign]
    for at in range(20):
        market.show_bars(walk(721 + at, -720))
    assert drawn == [721]
    assert pane._throttle.is_waiting


def test_hidden_chart_draws_nothing_and_catches_up_when_shown(
    pane: ChartPane, market: MarketSession
) -> None:
    plot = plot_of(pane)
    pane.hide()
    drawn: list[int] = []
    plot.show_bars = lambda series, now_ts: drawn.append(len(series))  # type: ignore[method-assign]
    market.show_bars(walk(730, -720))
    market.work(Side.BUY, px("99.97"))
    assert not drawn
    assert market.watched[next(iter(market.watched))] == []
    pane.show()
    assert drawn == [730]
    assert [mark.px for mark in plot.marks] == [px("99.97")]


def test_silent_feed_is_said_on_the_chart(pane: ChartPane, market: MarketSession) -> None:
    market.fall_silent(90 * SECOND)
    pane._on_age_due()
    assert ": market as of 90 s ago" in pane.notice_label.text()


def test_theme_switch_recolours_chart_and_axes(qapp: QApplication, pane: ChartPane) -> None:
    plot = plot_of(pane)
    theme.apply(qapp, theme.LIGHT)
    assert plot.backgroundBrush().color() == theme.LIGHT.colour("surface")
    assert plot.line.opts["pen"].color() == theme.LIGHT.colour("accent")
    assert plot.vwap_line.opts["pen"].color() == theme.LIGHT.colour("warning")
    for axis in (plot.price_axis, plot.volume_axis, plot.time_axis):
        assert axis.textPen().color() == theme.LIGHT.colour("muted")
    image = plot.grab().toImage()
    assert image.pixelColor(2, 2) == theme.LIGHT.colour("surface")


def test_another_symbol_takes_nothing_over(pane: ChartPane, market: MarketSession) -> None:
    market.work(Side.BUY, px("99.97"))
    pane.show_symbol("BETA")
    market.show_bars([Bar("BETA", NOW, px(50), px(50), px(50), px(50), 10, px(50))], "BETA")
    plot = plot_of(pane)
    assert plot.marks == []
    assert pane.vwap_label.text() == "┄ VWAP 50.00"
    assert plot.vwap_line.yData.tolist() == [50.0]


def test_state_comes_back_and_nonsense_is_left_be(
    qtbot: QtBot, pane: ChartPane, market: MarketSession
) -> None:
    pane.show_range("day")
    other = ChartPane(market.session, NEW_YORK)
    qtbot.addWidget(other)
    other.restore_state(pane.save_state())
    assert (other.symbol, other.save_state()["range"]) == ("ACME", "day")
    assert other.range_buttons["day"].isChecked()
    other.restore_state({"symbol": None, "range": "century"})
    assert (other.symbol, other.save_state()["range"]) == ("ACME", "day")


# -- on a live desk ------------------------------------------------------------------------------


def test_live_desk_draws_its_bars(desk: LiveDesk) -> None:
    pane = ChartPane(desk.session, NEW_YORK)
    desk.qtbot.addWidget(pane)
    pane.resize(500, 300)
    pane.show_symbol("AAPL")
    pane.show()
    desk.until(lambda: pane.plot is not None and len(pane._series) > 0)
    desk.until(lambda: bool(price_labels(pane)))
    pane.hide()


def test_first_bars_are_drawn_at_once_however_the_pane_is_throttled(
    qtbot: QtBot, market: MarketSession, dark: theme.Theme
) -> None:
    made = ChartPane(market.session, NEW_YORK)
    qtbot.addWidget(made)
    made.resize(330, 180)
    made.show_symbol("ACME")
    made.show()
    made._throttle._earned = 0  # it has just drawn, and found nothing
    market.show_bars(walk(60, -60))
    assert len(made._series) > 0
