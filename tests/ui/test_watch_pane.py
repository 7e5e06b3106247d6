"""The Watch list pane: what its columns say, and a list of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.executions import Position
from models.market import Phase
from tests.builders import DESK, NOW, SECOND, instrument, px
from tests.live_desk import LiveDesk
from tests.ui.market_session import NEW_YORK, MarketSession
from ui import theme
from ui.market.watch_columns import change_bps, signed_percent
from ui.market.watch_pane import WatchPane

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
Key = Qt.Key


@pytest.fixture
def market() -> MarketSession:
    return MarketSession()


@pytest.fixture
def pane(qtbot: QtBot, market: MarketSession, dark: theme.Theme) -> Iterator[WatchPane]:
    made = WatchPane(market.session, NEW_YORK)
    qtbot.addWidget(made)
    made.model.throttle.delay_ms = 0
    made.resize(860, 300)
    made.show()
    tester = QAbstractItemModelTester(made.model, Fatal)
    yield made
    tester.deleteLater()
    made.hide()


def cell(pane: WatchPane, symbol: str, name: str) -> str:
    return pane.model.cell(pane.model.row_of_key(symbol), pane.model.column_index(name)).text


def tone(pane: WatchPane, symbol: str, name: str) -> str | None:
    return pane.model.cell(pane.model.row_of_key(symbol), pane.model.column_index(name)).tone


def listed(pane: WatchPane) -> list[str]:
    return [pane.model.key_at(row) for row in range(pane.model.rowCount())]


# -- columns -------------------------------------------------------------------------------------


def test_phase_of_a_name_that_does_not_trade_has_a_sign_and_a_word(
    pane: WatchPane, market: MarketSession
) -> None:
    assert cell(pane, "ACME", "phase") == ""
    now = msgspec.structs.replace(market.core.quotes["ACME"], phase=Phase.HALTED)
    market.core.quotes["ACME"] = now
    market.tell(Changed(quotes=frozenset({"ACME"})))
    assert (cell(pane, "ACME", "phase"), tone(pane, "ACME", "phase")) == ("■ Halted", "blocked")
    assert (cell(pane, "ACME", "symbol"), tone(pane, "ACME", "symbol")) == ("ACME ■", "blocked")
    assert (cell(pane, "BETA", "phase"), cell(pane, "BETA", "symbol")) == ("", "BETA")


def test_all_instruments_are_listed_at_first(pane: WatchPane) -> None:
    assert listed(pane) == ["ACME", "BETA", "UST10Y"]
    assert cell(pane, "ACME", "name") == "ACME Corp"


def test_quote_shows_in_the_instruments_format(pane: WatchPane, market: MarketSession) -> None:
    market.quote("ACME", px("101.24"), volume=1_234_567)
    assert cell(pane, "ACME", "bid") == "101.23"
    assert cell(pane, "ACME", "ask") == "101.25"
    assert cell(pane, "ACME", "last") == "101.24"
    assert cell(pane, "ACME", "change") == "+1.24%"
    assert tone(pane, "ACME", "change") == "gain"
    assert cell(pane, "ACME", "volume") == "1,234,567"
    assert cell(pane, "ACME", "ticks") == "2"
    assert cell(pane, "ACME", "spread") == "2.0"


def test_fall_has_a_minus_and_the_losss_tone(pane: WatchPane, market: MarketSession) -> None:
    market.quote("ACME", px("99.93"))
    assert cell(pane, "ACME", "change") == "−0.07%"
    assert tone(pane, "ACME", "change") == "loss"


def test_empty_side_leaves_its_cells_empty(pane: WatchPane, market: MarketSession) -> None:
    market.quote("ACME", px(100), bid=0)
    assert [cell(pane, "ACME", name) for name in ("bid", "ticks", "spread")] == ["", "", ""]


@pytest.mark.parametrize(
    ("last", "close", "bps"),
    [
        (px("100.005"), px(100), 1),
        (px("99.995"), px(100), -1),
        (px(100), 0, None),
        (0, px(1), None),
    ],
)
def test_change_is_rounded_half_away_from_zero(last: int, close: int, bps: int | None) -> None:
    assert change_bps(last, close) == bps


def test_percent_has_two_places_and_a_sign_where_there_is_one() -> None:
    assert [signed_percent(bps) for bps in (5, -1_746, 0, None)] == [
        "+0.05%",
        "−17.46%",
        "0.00%",
        "",
    ]


def test_position_is_the_desks_over_all_accounts(pane: WatchPane, market: MarketSession) -> None:
    positions = market.core.state.positions
    positions[f"{DESK}|GROWTH|ACME"] = Position(qty=8_200)
    positions[f"{DESK}|INCOME|ACME"] = Position(qty=-200)
    positions[f"{DESK}|INCOME|BETA"] = Position(qty=-500)
    positions["FI|GROWTH|ACME"] = Position(qty=77)
    market.tell(Changed(orders=frozenset({"any"})))
    assert cell(pane, "ACME", "position") == "+8,000"
    assert cell(pane, "BETA", "position") == "−500"
    assert cell(pane, "UST10Y", "position") == ""


def test_new_instrument_is_listed(pane: WatchPane, market: MarketSession) -> None:
    market.list_instruments(instrument("NEWS"))
    assert listed(pane)[-1] == "NEWS"


def test_only_a_new_last_trade_glows(pane: WatchPane, market: MarketSession) -> None:
    pane.model.flush()
    pane.table.grab()  # cells that were never on screen can't change on it
    market.quote("ACME", px(100), bid_qty=9, ask=px("100.05"))
    assert not pane.table.cells.glow.is_on
    market.quote("ACME", px("100.01"))
    last = pane.model.column_index("last")
    assert list(pane.table.cells.glow.columns_of("ACME")) == [last]


# -- choosing ------------------------------------------------------------------------------------


def test_enter_on_a_row_chooses_its_symbol(qtbot: QtBot, pane: WatchPane) -> None:
    pane.focus_pane()
    pane.table.select_keys(["BETA"])
    with qtbot.waitSignal(pane.symbol_chosen) as chosen:
        QTest.keyClick(pane.table, Key.Key_Return)
    assert chosen.args == ["BETA"]


# -- one's own list ------------------------------------------------------------------------------


def test_typed_symbol_is_added_and_shown(pane: WatchPane) -> None:
    QTest.keyClicks(pane.add_edit, "beta")
    QTest.keyClick(pane.add_edit, Key.Key_Return)
    assert pane.is_own
    assert listed(pane) == ["BETA"]
    assert pane.add_edit.text() == ""


def test_part_of_a_name_is_enough_where_it_is_the_only_one(pane: WatchPane) -> None:
    assert pane.add("ust10y corp")
    assert not pane.add("corp")
    assert "'corp' is not a listed symbol" in pane.error_label.text()
    assert listed(pane) == ["UST10Y"]


def test_completion_offers_symbol_and_name_and_adds_the_symbol(pane: WatchPane) -> None:
    assert pane._names.stringList()[1] == "BETA  BETA Corp"
    pane.add_edit.completer().activated.emit("BETA  BETA Corp")
    assert listed(pane) == ["BETA"]


def test_symbol_is_added_once(pane: WatchPane) -> None:
    for _ in range(2):
        assert pane.add("ACME")
    assert pane.own_symbols == ["ACME"]


def test_insert_adds_the_selected_rows_of_all(pane: WatchPane) -> None:
    pane.table.select_keys(["BETA", "UST10Y"])
    QTest.keyClick(pane.table, Key.Key_Insert)
    assert pane.own_symbols == ["BETA", "UST10Y"]
    assert listed(pane) == ["ACME", "BETA", "UST10Y"]


def own(pane: WatchPane) -> None:
    for symbol in ("ACME", "BETA", "UST10Y"):
        pane.add(symbol)


def test_delete_removes_from_ones_own_list_and_selects_the_next(pane: WatchPane) -> None:
    own(pane)
    pane.table.select_keys(["BETA"])
    QTest.keyClick(pane.table, Key.Key_Delete)
    assert listed(pane) == ["ACME", "UST10Y"]
    assert pane.table.selected_keys() == ["UST10Y"]
    QTest.keyClick(pane.table, Key.Key_Delete)
    assert pane.table.selected_keys() == ["ACME"]
    QTest.keyClick(pane.table, Key.Key_Delete)
    assert listed(pane) == []


def test_delete_under_all_removes_nothing(pane: WatchPane) -> None:
    own(pane)
    pane.all_button.click()
    pane.table.select_keys(["BETA"])
    QTest.keyClick(pane.table, Key.Key_Delete)
    assert listed(pane) == ["ACME", "BETA", "UST10Y"]
    assert pane.own_symbols == ["ACME", "BETA", "UST10Y"]


def test_alt_up_and_down_move_the_selected_rows_and_keep_them_selected(pane: WatchPane) -> None:
    own(pane)
    pane.table.select_keys(["UST10Y"])
    alt = Qt.KeyboardModifier.AltModifier
    QTest.keyClick(pane.table, Key.Key_Up, alt)
    assert listed(pane) == ["ACME", "UST10Y", "BETA"]
    QTest.keyClick(pane.table, Key.Key_Up, alt)
    QTest.keyClick(pane.table, Key.Key_Up, alt)
    assert listed(pane) == ["UST10Y", "ACME", "BETA"]
    QTest.keyClick(pane.table, Key.Key_Down, alt)
    assert listed(pane) == ["ACME", "UST10Y", "BETA"]
    assert pane.table.selected_keys() == ["UST10Y"]


def test_rows_are_not_moved_where_a_column_orders_them(pane: WatchPane) -> None:
    own(pane)
    pane.table.sortByColumn(pane.model.column_index("last"), Qt.SortOrder.DescendingOrder)
    pane.table.select_keys(["BETA"])
    before = list(pane.own_symbols)
    QTest.keyClick(pane.table, Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert pane.own_symbols == before


def row_middle(pane: WatchPane, row: int) -> QPoint:
    view = pane.table
    return QPoint(40, view.rowViewportPosition(row) + view.rowHeight(row) // 2)


def test_row_is_dragged_to_another_place(pane: WatchPane) -> None:
    own(pane)
    viewport, left = pane.table.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(viewport, left, pos=row_middle(pane, 0))
    QTest.mouseMove(viewport, row_middle(pane, 1))
    QTest.mouseMove(viewport, row_middle(pane, 2) + QPoint(0, 4))
    QTest.mouseRelease(viewport, left, pos=row_middle(pane, 2) + QPoint(0, 4))
    assert listed(pane) == ["BETA", "UST10Y", "ACME"]
    assert pane.table.selected_keys() == ["ACME"]


def test_state_comes_back_and_nonsense_is_left_be(
    qtbot: QtBot, pane: WatchPane, market: MarketSession
) -> None:
    pane.add("UST10Y")
    pane.add("ACME")
    other = WatchPane(market.session, NEW_YORK)
    qtbot.addWidget(other)
    other.restore_state(pane.save_state())
    assert (other.own_symbols, other.is_own) == (["UST10Y", "ACME"], True)
    assert other.own_button.isChecked()
    other.restore_state({"symbols": [3, "BETA", "BETA"], "own": "yes", "table": []})
    assert (other.own_symbols, other.is_own) == (["BETA"], False)


# -- old data, hidden ----------------------------------------------------------------------------


def test_silent_feed_greys_prices_and_says_since_when(
    pane: WatchPane, market: MarketSession
) -> None:
    assert tone(pane, "ACME", "bid") == "buy"
    market.fall_silent(42 * SECOND)
    pane._show_age()
    assert "Feed dead since 08:00:00: market as of 42 s ago" in pane.notice_label.text()
    assert {tone(pane, "ACME", name) for name in ("bid", "ask", "last", "change")} == {"stale"}
    market.core.feed_ts = market.core.store_ts
    pane._show_age()
    assert tone(pane, "ACME", "bid") == "buy"


def test_quiet_name_on_a_live_feed_keeps_its_price_and_says_its_age(
    pane: WatchPane, market: MarketSession
) -> None:
    assert cell(pane, "ACME", "quiet") == ""
    market.core.store_ts = market.core.feed_ts = NOW + 180 * SECOND
    market.quote("BETA", px(50), ts=NOW + 170 * SECOND)
    pane._show_age()
    assert [cell(pane, symbol, "quiet") for symbol in ("ACME", "BETA")] == ["3 min", ""]
    assert tone(pane, "ACME", "bid") == "buy"
    assert not pane.notice_label.text()
    market.quote("ACME", px(100), ts=NOW + 180 * SECOND)
    pane._show_age()
    assert cell(pane, "ACME", "quiet") == ""


def test_hidden_pane_takes_nothing_in_and_catches_up_when_shown(
    pane: WatchPane, market: MarketSession
) -> None:
    pane.hide()
    market.quote("ACME", px(107))
    market.list_instruments(instrument("NEWS"))
    assert listed(pane) == ["ACME", "BETA", "UST10Y"]
    pane.show()
    assert cell(pane, "ACME", "last") == "107.00"
    assert listed(pane)[-1] == "NEWS"


def test_live_desk_is_listed_whole(desk: LiveDesk) -> None:
    pane = WatchPane(desk.session, NEW_YORK)
    desk.qtbot.addWidget(pane)
    pane.show()
    instruments = desk.session.core.state.instruments
    assert set(listed(pane)) == set(instruments)
    desk.until(lambda: cell(pane, "AAPL", "last") != "")
    pane.hide()
