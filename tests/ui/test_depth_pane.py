"""The Depth pane: own orders, prices to choose, staying put, and never passing old for new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.session.step import Changed, Link
from models.market import Depth, Phase
from models.orders import Side
from tests.builders import SECOND, px
from tests.live_desk import LiveDesk
from tests.ui.market_session import NEW_YORK, TICK, MarketSession, levels
from ui import theme
from ui.market.depth_pane import DepthPane
from ui.market.ladder import Rung
from ui.market.ladder_paint import fitted_qty

BID, OFFER = px("99.99"), px("100.00")


@pytest.fixture
def market() -> MarketSession:
    return MarketSession()


@pytest.fixture
def pane(qtbot: QtBot, market: MarketSession, dark: theme.Theme) -> Iterator[DepthPane]:
    """The pane as large as in a window of 1600x950, on a book a cent wide at 99.99."""
    made = DepthPane(market.session, NEW_YORK)
    qtbot.addWidget(made)
    made.resize(330, 300)
    made._throttle.delay_ms = 0
    made.show_symbol("ACME")
    made.show()
    market.two_sided(BID)
    yield made
    made.hide()


def rung(pane: DepthPane, price: int) -> Rung:
    return next(each for each in pane.view.rungs if each.px == price)


def click(pane: DepthPane, price: int, *, is_buy: bool) -> None:
    at = pane.view.cell_rect(price, is_buy).center()
    QTest.mouseClick(pane.view, Qt.MouseButton.LeftButton, pos=at)


# -- own orders ----------------------------------------------------------------------------------


def test_own_order_stands_at_its_price_with_what_is_left_of_it(
    pane: DepthPane, market: MarketSession
) -> None:
    order = market.work(Side.BUY, px("99.97"), 100)
    assert rung(pane, px("99.97")).own_buy == 100
    market.fill(order, 40, px("99.97"))
    assert rung(pane, px("99.97")).own_buy == 60
    market.fill(order, 60, px("99.97"))
    assert rung(pane, px("99.97")).own_buy == 0


def test_amended_order_moves_to_its_new_price(pane: DepthPane, market: MarketSession) -> None:
    from tests.builders import replace_report

    order = market.work(Side.SELL, px("100.02"), 100)
    market.desk.amend(order, limit_px=px("100.03"))
    market.desk.run(replace_report(order))
    market.changed(order)
    assert rung(pane, px("100.02")).own_sell == 0
    assert rung(pane, px("100.03")).own_sell == 100


def test_colleagues_order_is_not_among_ones_own(pane: DepthPane, market: MarketSession) -> None:
    market.work(Side.BUY, px("99.97"), 100, author="ben")
    assert rung(pane, px("99.97")).own_buy == 0


def test_order_in_another_symbol_is_not_shown(pane: DepthPane, market: MarketSession) -> None:
    market.work(Side.BUY, px("99.97"), 100, symbol="BETA")
    assert rung(pane, px("99.97")).own_buy == 0


def test_desk_head_sees_the_desks_orders(qtbot: QtBot, dark: theme.Theme) -> None:
    market = MarketSession("dana")
    market.work(Side.BUY, px("99.97"), 100, author="ben")
    head = DepthPane(market.session, NEW_YORK)
    qtbot.addWidget(head)
    head.resize(330, 300)
    head.show_symbol("ACME")
    head.show()
    market.two_sided(BID)
    head._show()
    assert head.view.own_title == "Desk"
    assert rung(head, px("99.97")).own_buy == 100


# -- choosing a price ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "is_buy", "side"),
    [(px("99.97"), True, Side.BUY), (px("100.03"), False, Side.SELL), (OFFER, True, Side.BUY)],
)
def test_click_emits_the_exact_price_and_the_halfs_side(
    qtbot: QtBot, pane: DepthPane, price: int, is_buy: bool, side: Side
) -> None:
    with qtbot.waitSignal(pane.price_chosen) as chosen:
        click(pane, price, is_buy=is_buy)
    assert chosen.args == ["ACME", side, price]


def test_click_on_a_bond_emits_the_price_without_rounding(
    qtbot: QtBot, pane: DepthPane, market: MarketSession
) -> None:
    pane.show_symbol("UST10Y")
    market.two_sided(px("98.734375"), symbol="UST10Y")
    with qtbot.waitSignal(pane.price_chosen) as chosen:
        click(pane, px("98.71875"), is_buy=True)
    assert chosen.args == ["UST10Y", Side.BUY, px("98.71875")]


def test_click_sends_nothing(pane: DepthPane, market: MarketSession) -> None:
    before = len(market.desk.log)
    click(pane, BID, is_buy=True)
    assert len(market.desk.log) == before
    assert not market.core.requests


def test_click_on_the_price_itself_chooses_nothing(qtbot: QtBot, pane: DepthPane) -> None:
    right_of_bids = pane.view.cell_rect(BID, True).right() + 5
    at = QPoint(right_of_bids, pane.view.cell_rect(BID, True).center().y())
    with qtbot.assertNotEmitted(pane.price_chosen):
        QTest.mouseClick(pane.view, Qt.MouseButton.LeftButton, pos=at)


def test_price_that_moved_from_under_the_pressed_pointer_is_not_chosen(
    qtbot: QtBot, pane: DepthPane
) -> None:
    at = pane.view.cell_rect(BID, True).center()
    with qtbot.assertNotEmitted(pane.price_chosen):
        QTest.mousePress(pane.view, Qt.MouseButton.LeftButton, pos=at)
        assert pane.view.ladder is not None
        pane.view.ladder.scroll(2)
        QTest.mouseRelease(pane.view, Qt.MouseButton.LeftButton, pos=at)


def test_enter_emits_the_price_under_the_cursor(qtbot: QtBot, pane: DepthPane) -> None:
    pane.focus_pane()
    QTest.keyClick(pane.view, Qt.Key.Key_Home)
    start = pane.view.cursor_price
    assert start == BID
    QTest.keyClick(pane.view, Qt.Key.Key_Down)
    QTest.keyClick(pane.view, Qt.Key.Key_Down)
    with qtbot.waitSignal(pane.price_chosen) as chosen:
        QTest.keyClick(pane.view, Qt.Key.Key_Return)
    assert chosen.args == ["ACME", Side.BUY, BID - 2 * TICK]
    QTest.keyClick(pane.view, Qt.Key.Key_Right)
    with qtbot.waitSignal(pane.price_chosen) as chosen:
        QTest.keyClick(pane.view, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert chosen.args == ["ACME", Side.SELL, BID - 2 * TICK]


def test_enter_on_a_cursor_out_of_view_shows_it_first(qtbot: QtBot, pane: DepthPane) -> None:
    pane.focus_pane()
    QTest.keyClick(pane.view, Qt.Key.Key_Home)
    assert pane.view.ladder is not None
    pane.view.scroll_by(40)
    with qtbot.assertNotEmitted(pane.price_chosen):
        QTest.keyClick(pane.view, Qt.Key.Key_Return)
    assert pane.view.ladder.contains(BID)
    with qtbot.waitSignal(pane.price_chosen):
        QTest.keyClick(pane.view, Qt.Key.Key_Return)


def test_cursor_says_in_words_what_is_there(pane: DepthPane) -> None:
    pane.focus_pane()
    QTest.keyClick(pane.view, Qt.Key.Key_Home)
    assert pane.view.accessibleDescription().startswith("ACME 99.99, bid 600, 1 order")


# -- staying put ---------------------------------------------------------------------------------


def prices(pane: DepthPane) -> list[int]:
    assert pane.view.ladder is not None
    return list(pane.view.ladder.prices)


def test_market_that_moves_within_the_view_moves_nothing(
    pane: DepthPane, market: MarketSession
) -> None:
    before = prices(pane)
    for ticks in (1, 2, -3, 4):
        market.two_sided(BID + ticks * TICK)
    assert prices(pane) == before


def test_market_that_leaves_the_view_is_brought_back_to_the_middle(
    pane: DepthPane, market: MarketSession
) -> None:
    rows = len(prices(pane))
    far = BID + rows * TICK
    market.two_sided(far)
    at = prices(pane).index(far)
    assert abs(at - rows // 2) <= 1


def test_prices_stand_still_under_the_pointer_until_it_leaves(
    pane: DepthPane, market: MarketSession
) -> None:
    QTest.mouseMove(pane.view, pane.view.cell_rect(BID, True).center())
    before = prices(pane)
    market.two_sided(BID + 50 * TICK)
    assert prices(pane) == before
    QApplication.sendEvent(pane.view, QEvent(QEvent.Type.Leave))
    assert BID + 50 * TICK in prices(pane)


def test_ladder_that_was_scrolled_away_stays_there(pane: DepthPane, market: MarketSession) -> None:
    pane.view.scroll_by(40)
    before = prices(pane)
    market.two_sided(BID - TICK)
    assert prices(pane) == before
    pane.focus_pane()
    QTest.keyClick(pane.view, Qt.Key.Key_Home)
    assert BID - TICK in prices(pane)


def test_larger_pane_shows_more_prices_around_the_market(qtbot: QtBot, pane: DepthPane) -> None:
    rows = len(prices(pane))
    pane.resize(330, 600)
    qtbot.waitUntil(lambda: len(prices(pane)) > rows)
    at, count = prices(pane).index(BID), len(prices(pane))
    assert abs(at - count // 2) <= 1
    assert count == (pane.view.height() - 20) // 18


def test_plus_key_groups_ticks_and_minus_ungroups_them(pane: DepthPane) -> None:
    pane.focus_pane()
    QTest.keyClick(pane.view, Qt.Key.Key_Plus)
    assert prices(pane)[0] - prices(pane)[1] == 2 * TICK
    QTest.keyClick(pane.view, Qt.Key.Key_Minus)
    assert prices(pane)[0] - prices(pane)[1] == TICK


# -- watching, hiding, old data ------------------------------------------------------------------


def test_symbol_is_watched_only_while_the_pane_is_visible(
    pane: DepthPane, market: MarketSession
) -> None:
    (owner,) = market.watched
    assert market.watched[owner] == ["ACME"]
    pane.show_symbol("BETA")
    assert market.watched[owner] == ["BETA"]
    pane.hide()
    assert market.watched[owner] == []
    pane.show_symbol("ACME")
    assert market.watched[owner] == []
    pane.show()
    assert market.watched[owner] == ["ACME"]


def test_hidden_pane_takes_nothing_in_and_reads_all_when_shown(
    pane: DepthPane, market: MarketSession
) -> None:
    pane.hide()
    market.two_sided(BID - TICK)
    market.work(Side.BUY, px("99.97"), 100)
    assert rung(pane, BID).is_best_bid
    pane.show()
    assert rung(pane, BID - TICK).is_best_bid
    assert rung(pane, px("99.97")).own_buy == 100


def test_hidden_pane_is_not_repainted(pane: DepthPane, market: MarketSession) -> None:
    painted: list[bool] = []
    pane.view.update = lambda *_: painted.append(True)  # type: ignore[method-assign, assignment]
    market.two_sided(BID - TICK)
    assert painted
    pane.hide()
    painted.clear()
    market.two_sided(BID)
    assert not painted


def test_other_symbols_depth_repaints_nothing(pane: DepthPane, market: MarketSession) -> None:
    painted: list[bool] = []
    pane.view.update = lambda *_: painted.append(True)  # type: ignore[method-assign, assignment]
    market.two_sided(px("50"), symbol="BETA")
    assert not painted


def picture(pane: DepthPane) -> QImage:
    return pane.view.grab().toImage()


def has_colour(image: QImage, colour: QColor) -> bool:
    return any(
        image.pixelColor(x, y) == colour
        for x in range(image.width())
        for y in range(image.height())
    )


def bar(tone: str) -> QColor:
    return theme.blend(theme.colour("surface"), theme.colour(tone), 0.28)


def test_silent_feed_greys_the_depth_and_says_since_when(
    pane: DepthPane, market: MarketSession
) -> None:
    assert has_colour(picture(pane), bar("buy"))
    market.fall_silent(42 * SECOND)
    pane._on_age_due()
    assert pane.notice_label.isVisible()
    assert "as of 42 s ago" in pane.notice_label.text()
    assert not has_colour(picture(pane), bar("buy"))
    market.core.feed_ts = market.core.store_ts
    pane._on_age_due()
    assert not pane.notice_label.isVisible()
    assert has_colour(picture(pane), bar("buy"))


def test_lost_store_greys_the_depth(pane: DepthPane, market: MarketSession) -> None:
    market.core.link = Link.LOST
    market.tell(Changed(link=True))
    assert "Store lost" in pane.notice_label.text()
    assert not has_colour(picture(pane), bar("buy"))


def test_symbol_without_depth_says_so(pane: DepthPane) -> None:
    pane.show_symbol("BETA")
    assert pane.view.rungs == []
    assert pane.view._reason[0] == "No depth of BETA yet"


def test_no_symbol_and_unlisted_symbol_say_what_to_do(pane: DepthPane) -> None:
    pane.show_symbol("NOSUCH")
    assert pane.view._reason[0] == "NOSUCH is not listed"
    pane.show_symbol("")
    assert pane.view._reason[0] == "No symbol chosen"


def test_symbol_that_is_listed_later_comes_to_life(pane: DepthPane, market: MarketSession) -> None:
    from tests.builders import instrument

    pane.show_symbol("LATE")
    market.list_instruments(instrument("LATE"))
    market.book(levels(BID, -TICK, 100), levels(OFFER, TICK, 100), "LATE")
    assert rung(pane, BID).bid_qty == 100


def test_theme_switch_repaints_in_the_new_colours(
    qtbot: QtBot, qapp: QApplication, pane: DepthPane
) -> None:
    assert has_colour(picture(pane), theme.DARK.colour("buy"))
    theme.apply(qapp, theme.LIGHT)
    image = picture(pane)
    assert has_colour(image, theme.LIGHT.colour("buy"))
    assert not has_colour(image, theme.DARK.colour("raised"))


def test_state_comes_back_and_nonsense_is_left_be(pane: DepthPane) -> None:
    state = pane.save_state()
    pane.restore_state({"symbol": 7})
    assert pane.symbol == "ACME"
    pane.show_symbol("BETA")
    pane.restore_state(state)
    assert pane.symbol == "ACME"


def test_quantity_that_does_not_fit_is_cut_and_never_rounded_up(pane: DepthPane) -> None:
    metrics = pane.view.fontMetrics()
    assert fitted_qty(61_000_000, metrics, 500) == "61,000,000"
    assert fitted_qty(61_000_000, metrics, 20) == "61m"
    assert fitted_qty(1_299_999, metrics, 20) == "1.2m"
    assert fitted_qty(999_999, metrics, 20, "▲") == "▲999k"
    assert fitted_qty(999, metrics, 1) == "999"


# -- on a live desk ------------------------------------------------------------------------------


def test_live_desk_shows_its_book_and_ones_own_order_in_it(desk: LiveDesk) -> None:
    from models.orders import OrderTerms, OrderType

    pane = DepthPane(desk.session, NEW_YORK)
    desk.qtbot.addWidget(pane)
    pane.resize(330, 600)
    pane.show_symbol("KO")
    pane.show()
    desk.until(lambda: any(each.is_best_bid for each in pane.view.rungs))
    bid = desk.session.core.depths["KO"].bids[0].px
    limit = bid - 5 * TICK
    desk.session.submit(
        OrderTerms(
            symbol="KO",
            side=Side.BUY,
            qty=700,
            order_type=OrderType.LIMIT,
            account="GROWTH",
            limit_px=limit,
        )
    )
    desk.until(lambda: any(r.px == limit and r.own_buy == 700 for r in pane.view.rungs))
    desk.until(lambda: rung(pane, limit).bid_qty >= 700)
    pane.hide()
    assert "KO" not in desk.session.core.depths


# -- auctions and halts --------------------------------------------------------------------------


def call(market: MarketSession, phase: Phase, indicative_px: int = 0) -> None:
    """Let a crossed book stand in a call."""
    bids, offers = levels(px("100.05"), -TICK, 100), levels(px("99.97"), TICK, 80)
    market.core.depths["ACME"] = Depth(
        "ACME", market.core.feed_ts, bids, offers, (), phase, indicative_px, 80, 20
    )
    market.tell(Changed(market=frozenset({"ACME"})))


def test_auction_is_told_above_the_ladder_and_marked_in_it(
    pane: DepthPane, market: MarketSession
) -> None:
    call(market, Phase.PRE_OPEN, px("100.00"))
    assert pane.auction_label.isVisible()
    assert pane.auction_label.text() == (
        "◇ Opening auction · Indicative 100.00\n80 paired · 20 more to buy"
    )
    assert rung(pane, px("100.00")).is_indicative
    assert not rung(pane, px("100.05")).is_best_bid
    market.two_sided(BID)
    assert not pane.auction_label.isVisible()
    assert rung(pane, BID).is_best_bid


def test_halt_is_told_in_the_tone_of_what_is_blocked(
    pane: DepthPane, market: MarketSession
) -> None:
    call(market, Phase.HALTED)
    assert pane.auction_label.text().startswith("■ Halted\n")
    assert pane.auction_label.property("role") == "error"
    call(market, Phase.RESUMING)
    assert pane.auction_label.property("role") == "warning"


def test_name_without_depth_hides_what_was_said_of_another(
    pane: DepthPane, market: MarketSession
) -> None:
    call(market, Phase.HALTED)
    pane.show_symbol("BETA")
    assert not pane.auction_label.isVisible()
