"""Top bar, strip and status bar: what is known is shown, what is not is never shown as 0."""

from __future__ import annotations

import re
import time

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.context import FEED_TIMEOUT_NS
from app.ports import Lease, StoreHealth
from app.session.step import OFFLINE_TEXT, Changed, Link
from models.market import Depth, Phase
from models.order_state import OrderStatus
from models.orders import Side
from tests.builders import Desk, px, terms
from tests.ui.shell.conftest import ZONE, Open
from tests.ui.still_desk import StillDesk
from ui import theme
from ui.main_window import MainWindow
from ui.shell.day_pnl import day_pnl_of
from ui.shell.top_bar import TopBar, copy_age, market_sign, pnl_html


def plain(text: str) -> str:
    """Return rich text without its tags."""
    unmarked = re.sub(r"<[a-z/][^>]*>", "", text)
    return unmarked.replace("&nbsp;", " ").replace("&lt;", "<").replace("&amp;", "&")


def bought(desk: Desk, qty: int, price: int, symbol: str = "ACME", author: str = "alice") -> None:
    order = desk.accepted(terms(symbol=symbol, qty=qty, limit_px=price), author, reason="all of it")
    desk.fill(order, qty, price)


def test_day_pnl_counts_the_positions_at_last_prices(still: StillDesk) -> None:
    bought(still.desk, 100, px(100))
    still.desk.move_market(px("100.50"))
    still.sync()
    assert day_pnl_of(still.session.core).by_currency == {"USD": 50_000_000}
    assert plain(pnl_html(day_pnl_of(still.session.core))) == "+50 USD"


def test_day_pnl_of_a_held_name_without_a_price_is_not_known(still: StillDesk) -> None:
    bought(still.desk, 100, px(100))
    bought(still.desk, 10, px(100), "BETA")
    still.desk.move_market(px(90))
    del still.desk.quotes["BETA"]
    still.sync()
    pnl = day_pnl_of(still.session.core)
    assert pnl.by_currency == {}
    assert pnl.unpriced == ("BETA",)
    assert plain(pnl_html(pnl)) == "– USD"


def test_day_pnl_of_a_closed_position_needs_no_price(still: StillDesk) -> None:
    bought(still.desk, 100, px(100))
    order = still.desk.accepted(terms(side=Side.SELL, limit_px=px(99)))
    still.desk.fill(order, 100, px(99))
    del still.desk.quotes["ACME"]
    still.sync()
    assert plain(pnl_html(day_pnl_of(still.session.core))) == "−100 USD"


def test_day_pnl_of_a_trader_leaves_out_accounts_of_others(still: StillDesk) -> None:
    person = still.desk.state.traders["alice"]
    bought(still.desk, 100, px(100))
    still.desk.move_market(px(101))
    still.desk.state.traders["alice"] = msgspec.structs.replace(person, accounts=("INCOME",))
    still.sync()
    assert day_pnl_of(still.session.core).is_empty
    head = StillDesk(still.desk, "dana")
    assert day_pnl_of(head.session.core).by_currency == {"USD": 100_000_000}


def test_market_sign_follows_day_and_feed(still: StillDesk) -> None:
    core = still.session.core
    assert market_sign(core, ZONE).words == "OPEN"
    core.feed_ts = core.store_ts - FEED_TIMEOUT_NS - 3 * 10**9
    dead = market_sign(core, ZONE)
    assert (dead.words, dead.brief) == ("FEED DEAD since 08:00:32", "DEAD 08:00:32")
    core.feed_ts = 0
    assert market_sign(core, ZONE).words == "NO DATA"
    core.feed_ts, core.state.day_open = core.store_ts, False
    assert market_sign(core, ZONE).words == "CLOSED"
    core.link = Link.LOST
    assert market_sign(core, ZONE, "ACME").words == "NOT KNOWN"


@pytest.mark.parametrize(
    ("phase", "words", "sign"),
    [
        (Phase.PRE_OPEN, "PRE-OPEN", "◇"),
        (Phase.CONTINUOUS, "CONTINUOUS", "●"),
        (Phase.VOLATILITY, "VOLATILITY AUCTION", "⚠"),
        (Phase.HALTED, "HALTED", "■"),
        (Phase.CLOSING, "CLOSING CALL", "◇"),
        (Phase.CLOSED, "CLOSED", "■"),
    ],
)
def test_market_sign_is_the_phase_of_the_symbol_that_is_followed(
    still: StillDesk, phase: Phase, words: str, sign: str
) -> None:
    core = still.session.core
    core.quotes = {"ACME": msgspec.structs.replace(core.quotes["ACME"], phase=phase)}
    said = market_sign(core, ZONE, "ACME")
    assert (said.words, said.sign) == (words, sign)
    assert market_sign(core, ZONE, "BETA").words == "OPEN"  # nothing is known of it


def test_pre_open_is_an_auction_once_something_would_trade(still: StillDesk) -> None:
    core = still.session.core
    core.quotes = {"ACME": msgspec.structs.replace(core.quotes["ACME"], phase=Phase.PRE_OPEN)}
    core.depths["ACME"] = Depth("ACME", 0, phase=Phase.PRE_OPEN, indicative_px=px(100))
    assert market_sign(core, ZONE, "ACME").words == "OPENING AUCTION"


def test_top_bar_follows_the_symbol_that_was_chosen(window: MainWindow, still: StillDesk) -> None:
    quotes = still.desk.quotes
    quotes["BETA"] = msgspec.structs.replace(quotes["ACME"], symbol="BETA", phase=Phase.HALTED)
    still.tell_all()
    window.deeds.choose_symbol("BETA")
    assert "HALTED" in plain(window.top_bar.market_pill.text())
    assert "BETA" in window.top_bar.market_pill.toolTip()
    window.deeds.choose_symbol("ACME")
    assert "CONTINUOUS" in plain(window.top_bar.market_pill.text())


def full_bar(still: StillDesk, qtbot: QtBot) -> TopBar:
    session, core = still.session, still.session.core
    session.health = StoreHealth(kind="PostgreSQL", where="db.example.com/desk", enforces=True)
    session.answer_ms = 3.2
    core.engine = Lease(epoch=14, holder="engine-host:4711", expires_ts=0)
    bar = TopBar(session, ZONE)
    qtbot.addWidget(bar)
    bar.show()
    return bar


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("width", [1920, 1600, 1280, 1000])
def test_top_bar_clips_nothing_at_any_width(
    qtbot: QtBot, qapp: QApplication, width: int, look: theme.Theme
) -> None:
    theme.apply(qapp, look)
    desk = Desk()
    bought(desk, 100_000, px(100))
    desk.move_market(px("123.45"))
    bar = full_bar(StillDesk(desk, "dana"), qtbot)
    bar.resize(width, bar.height())
    qapp.processEvents()
    parts: list[QWidget] = [
        *bar.findChildren(QLabel),
        bar.menu_button,
        bar.search_button,
        bar.kill_button,
    ]
    for part in parts:
        assert part.width() >= part.minimumSizeHint().width(), part.accessibleName()
        assert bar.rect().contains(part.geometry()), part.accessibleName()
    assert "2,345,000" in plain(bar.pnl_pill.text())
    theme.apply(qapp, theme.DARK)


@pytest.mark.parametrize("width", [1920, 1280, 1000])
def test_top_bar_of_a_dead_feed_clips_nothing(
    qtbot: QtBot, qapp: QApplication, still: StillDesk, width: int
) -> None:
    bar = full_bar(still, qtbot)
    still.session.core.feed_ts -= FEED_TIMEOUT_NS + 1
    bar.resize(width, bar.height())
    bar.refresh()
    qapp.processEvents()
    assert "DEAD" in plain(bar.market_pill.text())
    assert bar.market_pill.width() >= bar.market_pill.minimumSizeHint().width()
    assert bar.rect().contains(bar.kill_button.geometry())


def test_top_bar_says_all_where_there_is_room_and_less_where_not(
    qtbot: QtBot, qapp: QApplication, still: StillDesk
) -> None:
    bar = full_bar(still, qtbot)
    bar.resize(1600, bar.height())
    assert plain(bar.store_pill.text()) == "● store PostgreSQL 3 ms · engine #14"
    assert "Search or run anything" in bar.search_button.text()
    bar.resize(700, bar.height())
    assert "Search" not in bar.search_button.text()
    assert "#14" in bar.store_pill.text()


def test_top_bar_without_an_engine_says_so(qtbot: QtBot, still: StillDesk) -> None:
    bar = full_bar(still, qtbot)
    still.session.core.engine = None
    still.tell(Changed(link=True))
    assert "no engine" in plain(bar.store_pill.text())


def test_lost_store_is_told_in_words_that_stay(
    open_window: Open, still: StillDesk, qapp: QApplication
) -> None:
    window = open_window(still)
    core = still.session.core
    core.link, core.link_text = Link.LOST, "The server closed the connection."
    still.tell(Changed(link=True))
    assert window.strip.isVisible()
    assert "does not answer: The server closed" in window.strip.texts[0]
    assert "store lost" in plain(window.health.link_label.text())
    core.link = Link.LIVE
    still.tell(Changed(link=True))
    assert not any("answer" in text for text in window.strip.texts)


def test_line_of_the_strip_that_takes_anothers_place_has_its_height(
    window: MainWindow, still: StillDesk, qapp: QApplication
) -> None:
    still.session.core.engine = Lease(epoch=1, holder="x", expires_ts=0)
    heights = []
    for words in ("Orders wait: 2 to look at first.", "Orders wait: 1 to look at first."):
        still.session.hold = words
        window.strip.refresh()
        qapp.processEvents()
        assert window.strip.texts == [words]
        heights.append(window.strip.height())
    assert heights[0] == heights[1] > 20


def test_strip_of_a_lost_store_leads_to_what_to_do(window: MainWindow, still: StillDesk) -> None:
    still.session.core.link = Link.LOST
    window.strip.refresh()
    (button,) = [b for b in window.strip.findChildren(QPushButton) if b.text() == "What to do"]
    button.click()
    assert window.is_seen("continuity")


def test_dead_feed_is_told_with_its_time_until_it_is_back(
    open_window: Open, still: StillDesk
) -> None:
    window = open_window(still)
    core = still.session.core
    core.feed_ts = core.store_ts - FEED_TIMEOUT_NS - 1
    window.strip.refresh()
    (text,) = (text for text in window.strip.texts if "feed" in text)
    assert "feed is dead since 08:00:34: prices are as of then" in text
    core.feed_ts = core.store_ts
    window.strip.refresh()
    assert not any("feed" in text for text in window.strip.texts)


def test_offline_copy_is_told_with_its_age_until_the_store_answers(
    open_window: Open, still: StillDesk
) -> None:
    window = open_window(still)
    core = still.session.core
    core.link, core.link_text = Link.OFFLINE, OFFLINE_TEXT
    core.copy_ts = time.time_ns() - 12 * 60 * 10**9 - 10**9
    still.tell(Changed(link=True, reference=True))
    assert "12 min old, read-only" in window.strip.texts[0]
    assert "offline copy, 12 min old, read-only" in plain(window.health.link_label.text())
    assert "offline" in plain(window.top_bar.store_pill.text())
    core.link, core.copy_ts = Link.LIVE, 0
    still.tell(Changed(link=True))
    assert not any("Offline" in text for text in window.strip.texts)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "less than a minute"), (720, "12 min"), (9_000, "2 h"), (400_000, "4 days")],
)
def test_age_of_a_copy_is_told_in_its_own_unit(still: StillDesk, seconds: int, words: str) -> None:
    still.session.core.copy_ts = time.time_ns() - (seconds * 10**9 + 10**8)
    assert copy_age(still.session.core) == words


def test_broken_chain_is_told_as_such(window: MainWindow, still: StillDesk) -> None:
    core = still.session.core
    core.link, core.link_text = Link.HALTED, "The hash chain breaks at event 7."
    still.tell(Changed(link=True))
    assert "breaks at event 7" in window.strip.texts[0]
    assert "chain broken" in plain(window.health.log_label.text())


def test_missing_engine_is_told_after_a_moment(
    window: MainWindow, still: StillDesk, qtbot: QtBot
) -> None:
    assert window.strip.texts == []
    qtbot.waitUntil(lambda: any("No engine leads" in text for text in window.strip.texts))


def test_status_bar_counts_requests_under_way(window: MainWindow, still: StillDesk) -> None:
    assert window.health.outbox_label.text() == "outbox empty"
    order = still.desk.order_in(OrderStatus.NEW)
    still.sync()
    still.session.cancel(order.order_id)
    assert "1 request under way" in plain(window.health.outbox_label.text())


def test_status_bar_says_how_far_the_log_was_read(window: MainWindow, still: StillDesk) -> None:
    still.session.core.seq = 48_112
    window.health.refresh()
    assert window.health.log_label.text() == "seq 48,112 · chain verified"
    assert "SIMULATED" in window.health.market_label.text()
