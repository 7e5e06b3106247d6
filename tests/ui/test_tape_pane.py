"""The Time & sales pane: the newest on top, which way the price went, and no more than it keeps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.market import TAPE_MAX, Print
from tests.builders import NOW, SECOND, px
from tests.live_desk import LiveDesk
from tests.ui.market_session import MarketSession
from ui import theme
from ui.market.tape_pane import TapePane

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def market() -> MarketSession:
    return MarketSession()


@pytest.fixture
def pane(qtbot: QtBot, market: MarketSession, dark: theme.Theme) -> Iterator[TapePane]:
    made = TapePane(market.session, NEW_YORK)
    qtbot.addWidget(made)
    made.model.throttle.delay_ms = 0
    made.resize(330, 150)
    made.show_symbol("ACME")
    made.show()
    tester = QAbstractItemModelTester(made.model, Fatal)
    yield made
    tester.deleteLater()
    made.hide()


def column(pane: TapePane, name: str) -> list[str]:
    at = pane.model.column_index(name)
    return [pane.model.cell(row, at).text for row in range(pane.model.rowCount())]


def tones(pane: TapePane) -> list[str | None]:
    at = pane.model.column_index("price")
    return [pane.model.cell(row, at).tone for row in range(pane.model.rowCount())]


def test_newest_trade_is_on_top_with_the_desks_time(pane: TapePane, market: MarketSession) -> None:
    market.trade(px(100), px("100.01"))
    market.trade(px("100.02"))
    assert column(pane, "price") == ["▲ 100.02", "▲ 100.01", "100.00"]
    assert column(pane, "time")[0] == "08:00:03"


def test_tick_direction_has_sign_and_tone_and_stays_at_an_unchanged_price(
    pane: TapePane, market: MarketSession
) -> None:
    market.trade(px(100), px(100), px(101), px(101), px(100), px(100))
    assert column(pane, "price") == [
        "▼ 100.00", "▼ 100.00", "▲ 101.00", "▲ 101.00", "100.00", "100.00",
    ]  # fmt: skip
    assert tones(pane) == ["loss", "loss", "gain", "gain", None, None]


def test_bond_is_written_in_its_own_format(pane: TapePane, market: MarketSession) -> None:
    pane.show_symbol("UST10Y")
    market.trade(px("98.734375"), symbol="UST10Y", qty=25_000_000)
    assert column(pane, "price") == ["98-23+"]
    assert column(pane, "qty") == ["25,000,000"]


def test_no_more_than_the_newest_are_kept(pane: TapePane, market: MarketSession) -> None:
    market.trade(*(px(100) + at for at in range(150)))
    market.trade(*(px(101) + at for at in range(150)))
    assert pane.model.rowCount() == TAPE_MAX
    assert pane.model.row_at(0).printed == market.core.tapes["ACME"][-1]
    assert pane.model.row_at(TAPE_MAX - 1).printed == market.core.tapes["ACME"][0]


def test_tape_that_was_outrun_is_listed_anew(pane: TapePane, market: MarketSession) -> None:
    market.trade(px(100))
    tape = deque([Print(at, NOW + at, px(101), 10, True) for at in range(500, 530)], maxlen=200)
    market.core.tapes["ACME"] = tape
    market.tell(Changed(market=frozenset({"ACME"})))
    assert pane.model.rowCount() == 30


def test_numbers_that_begin_again_with_the_venue_hide_no_trade(
    pane: TapePane, market: MarketSession
) -> None:
    market.trade(px(100), px(101))
    market.core.tapes["ACME"].append(Print(1, NOW + 60 * SECOND, px(99), 10, False))
    market.tell(Changed(market=frozenset({"ACME"})))
    assert column(pane, "price") == ["▼ 99.00", "▲ 101.00", "100.00"]
    assert column(pane, "aggressor")[0] == "seller"


def test_rows_being_read_stay_where_they_are(
    qtbot: QtBot, pane: TapePane, market: MarketSession
) -> None:
    market.trade(*(px(100) + at * px("0.01") for at in range(60)))
    bar = pane.table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(20)
    read = pane.model.key_at(pane.table.rowAt(0))
    market.trade(px(90), px(91))
    assert pane.model.key_at(pane.table.rowAt(0)) == read


def test_other_symbol_replaces_all_rows(pane: TapePane, market: MarketSession) -> None:
    market.trade(px(100))
    market.trade(px(50), px(51), symbol="BETA")
    pane.show_symbol("BETA")
    assert column(pane, "price") == ["▲ 51.00", "50.00"]
    pane.show_symbol("")
    assert pane.model.rowCount() == 0


def test_hidden_pane_lists_nothing_and_catches_up_when_shown(
    pane: TapePane, market: MarketSession
) -> None:
    market.trade(px(100))
    pane.hide()
    market.trade(px(101))
    assert pane.model.total_count == 1
    pane.show()
    assert column(pane, "price") == ["▲ 101.00", "100.00"]


def test_silent_feed_is_said(pane: TapePane, market: MarketSession) -> None:
    market.fall_silent(200 * SECOND)
    pane._on_age_due()
    assert "3 min ago" in pane.notice_label.text()


def test_state_comes_back(qtbot: QtBot, pane: TapePane, market: MarketSession) -> None:
    pane.table.show_column(pane.model.column_index("aggressor"), True)
    other = TapePane(market.session, NEW_YORK)
    qtbot.addWidget(other)
    other.restore_state(pane.save_state())
    other.restore_state({"symbol": 3, "table": "x"})
    assert other.symbol == "ACME"
    assert not other.table.isColumnHidden(other.model.column_index("aggressor"))


def test_live_desk_prints_its_trades(desk: LiveDesk) -> None:
    pane = TapePane(desk.session, NEW_YORK)
    desk.qtbot.addWidget(pane)
    pane.show_symbol("AAPL")
    pane.show()
    desk.until(lambda: pane.model.rowCount() > 3)
    newest_first = [pane.model.row_at(row).printed.ts for row in range(pane.model.rowCount())]
    assert newest_first == sorted(newest_first, reverse=True)
    pane.hide()
