"""The ladder's rows without a window: grid, grouping, centring, what is counted where."""

from __future__ import annotations

import msgspec
import pytest

from models.market import Depth, Level, Phase
from models.orders import Order, Side
from tests.builders import Desk, bond, instrument, px, stop_terms, terms
from tests.ui.market_session import TICK, levels
from ui.market.ladder import Ladder, Rung, market_edges, rung_words
from ui.market.phase_words import PHASE_WORDS, auction_lines, sign_words


def ladder(rows: int = 9) -> Ladder:
    return Ladder(instrument(), rows)


def test_look_from_shows_one_row_a_tick_downwards() -> None:
    shown = ladder(4)
    shown.look_from(px("100.00"))
    assert shown.prices == [px("100.00"), px("99.99"), px("99.98"), px("99.97")]


def test_look_from_near_zero_shows_no_price_that_is_not_above_it() -> None:
    shown = ladder(9)
    shown.look_from(px("0.03"))
    assert shown.prices == [px("0.03"), px("0.02"), px("0.01")]


def test_grid_of_a_bond_follows_its_own_tick() -> None:
    shown = Ladder(bond(), 3)
    shown.look_from(px("98.734375"))
    assert shown.prices == [px("98.734375"), px("98.71875"), px("98.703125")]


def test_centre_puts_both_best_prices_in_the_middle() -> None:
    shown = ladder(10)
    shown.centre(px("99.99"), px("100.00"))
    assert shown.prices.index(px("100.00")) == 4
    assert shown.prices.index(px("99.99")) == 5


def test_centre_on_one_side_alone_puts_that_price_in_the_middle() -> None:
    shown = ladder(9)
    shown.centre(px("99.99"), 0)
    assert shown.prices[4] == px("99.99")


def test_resize_keeps_the_middle() -> None:
    shown = ladder(9)
    shown.centre(px("99.99"), 0)
    shown.resize(15)
    assert shown.prices[7] == px("99.99")
    shown.resize(5)
    assert shown.prices[2] == px("99.99")


def test_wide_spread_makes_a_row_stand_for_several_ticks() -> None:
    shown = ladder(9)
    shown.fit_group(px("99.00"), px("100.00"))
    shown.centre(px("99.00"), px("100.00"))
    assert shown.group == 50
    assert shown.contains(px("99.00"))
    assert shown.contains(px("100.00"))


def test_narrow_spread_leaves_a_row_a_tick() -> None:
    shown = ladder(9)
    shown.fit_group(px("99.99"), px("100.00"))
    assert shown.group == 1


def test_grouped_quantities_are_counted_at_the_worse_price() -> None:
    shown = ladder(9)
    shown.group = 5
    shown.look_from(px("100.10"))
    depth = Depth(
        "ACME",
        0,
        (Level(px("99.99"), 100), Level(px("99.96"), 50)),
        (Level(px("100.01"), 70), Level(px("100.04"), 30)),
    )
    at = {rung.px: rung for rung in shown.rungs(depth, [], 0)}
    assert at[px("99.95")].bid_qty == 150
    assert at[px("100.05")].offer_qty == 100
    assert at[px("100.00")] == Rung(px("100.00"))
    assert at[px("99.95")].is_best_bid
    assert at[px("100.05")].is_best_offer


def test_levels_out_of_view_are_counted_nowhere() -> None:
    shown = ladder(3)
    shown.look_from(px("100.01"))
    depth = Depth("ACME", 0, levels(px("99.98"), -TICK, 9, 9), levels(px("100.02"), TICK, 9, 9))
    assert [(r.bid_qty, r.offer_qty) for r in shown.rungs(depth, [], 0)] == [(0, 0)] * 3


def test_last_trade_marks_its_price() -> None:
    shown = ladder(3)
    shown.look_from(px("100.01"))
    assert [r.is_last for r in shown.rungs(None, [], px("100.00"))] == [False, True, False]


def test_market_is_held_until_a_best_price_leaves_the_view() -> None:
    shown = ladder(9)
    shown.centre(px("99.99"), px("100.00"))
    top, bottom = shown.prices[0], shown.prices[-1]
    assert shown.holds_market(top - TICK, top)
    assert not shown.holds_market(top, top + TICK)
    assert shown.holds_market(bottom, bottom + TICK)
    assert not shown.holds_market(bottom - TICK, bottom)
    assert not shown.holds_market(top - TICK, top, shown.margin)
    assert shown.holds_market(top - 2 * TICK, top - TICK, shown.margin)


def test_tick_bands_meet_without_a_gap_or_a_price_off_the_grid() -> None:
    from models.instruments import TickBand

    banded = instrument(ticks=(TickBand(0, px("0.005")), TickBand(px(1), px("0.01"))))
    shown = Ladder(banded, 5)
    shown.look_from(px("1.02"))
    assert shown.prices == [px("1.02"), px("1.01"), px("1.00"), px("0.995"), px("0.99")]
    assert shown.above(px("0.995"), 2) == px("1.01")
    assert shown.below(px("1.01"), 2) == px("0.995")


def own(side: Side, qty: int, limit: str) -> Order:
    desk = Desk()
    return desk.accepted(terms(side=side, qty=qty, limit_px=px(limit)))


def test_own_orders_are_summed_by_side_at_their_price() -> None:
    shown = ladder(3)
    shown.look_from(px("100.01"))
    orders = [own(Side.BUY, 100, "100.00"), own(Side.BUY, 50, "100"), own(Side.SELL, 70, "100.01")]
    rungs = shown.rungs(None, orders, 0)
    assert [(r.own_buy, r.own_sell) for r in rungs] == [(0, 70), (150, 0), (0, 0)]


def test_waiting_stop_stands_at_its_stop_price_and_not_at_its_limit() -> None:
    shown = ladder(3)
    shown.look_from(px("100.02"))
    order = Desk().accepted(stop_terms(px("100.01"), px("100.02"), qty=80))
    rungs = shown.rungs(None, [order], 0)
    assert [(r.own_stop, r.own_buy) for r in rungs] == [(0, 0), (80, 0), (0, 0)]


def test_rung_words_say_all_that_is_there() -> None:
    rung = Rung(px("99.99"), bid_qty=6_100, orders=3, own_buy=2_900, is_last=True)
    assert rung_words(rung, instrument(), "mine") == (
        "ACME 99.99, bid 6,100, mine to buy 2,900, 3 orders, last trade"
    )


# -- auctions ------------------------------------------------------------------------------------


def crossed(indicative: str = "100.01") -> Depth:
    bids, offers = levels(px("100.05"), -TICK, 10, 20), levels(px("99.97"), TICK, 30)
    return Depth(
        "ACME", 0, bids, offers, (), Phase.PRE_OPEN, px(indicative) if indicative else 0, 30, 0
    )


def test_edges_of_a_crossed_book_are_the_auctions_price() -> None:
    assert market_edges(crossed()) == (px("100.01"), px("100.01"))
    assert market_edges(crossed("")) == (px("100.01"), px("100.01"))  # the middle of 99.97, 100.05


def test_edges_of_a_book_that_is_not_crossed_are_bid_and_offer() -> None:
    depth = Depth("ACME", 0, levels(px(99), -TICK, 5), (), (), Phase.HALTED)
    assert market_edges(depth) == (px(99), 0)
    assert market_edges(None) == (0, 0)


def test_crossed_book_has_no_best_price_but_the_auctions_marked() -> None:
    shown = ladder(21)
    shown.centre(*market_edges(crossed()))
    rungs = {each.px: each for each in shown.rungs(crossed(), (), 0)}
    assert not any(each.is_best_bid or each.is_best_offer for each in rungs.values())
    assert [price for price, each in rungs.items() if each.is_indicative] == [px("100.01")]
    assert rungs[px("100.05")].bid_qty == 10
    assert rungs[px("99.97")].offer_qty == 30
    words = rung_words(rungs[px("100.01")], instrument(), "mine")
    assert words == "ACME 100.01, the auction would trade here"


def test_lines_of_an_auction_tell_price_pairs_and_what_is_left_over() -> None:
    show = instrument().show_price
    head, more = auction_lines(msgspec.structs.replace(crossed(), imbalance=4_100), show)
    assert head == "◇ Opening auction · Indicative 100.01"
    assert more == "30 paired · 4,100 more to buy"
    sells = msgspec.structs.replace(crossed(), phase=Phase.CLOSING, imbalance=-7)
    assert auction_lines(sells, show)[1] == "30 paired · 7 more to sell"


@pytest.mark.parametrize(
    ("phase", "head", "more"),
    [
        (Phase.PRE_OPEN, "◇ Pre-open", "Nothing pairs yet"),
        (Phase.VOLATILITY, "⚠ Volatility auction", "Nothing pairs yet"),
        (Phase.HALTED, "■ Halted", "Orders wait for the auction that ends it; cancels pass"),
        (Phase.CLOSED, "■ Closed", "Orders are refused until the next pre-open call"),
    ],
)
def test_lines_without_a_price_tell_what_becomes_of_orders(
    phase: Phase, head: str, more: str
) -> None:
    lines = auction_lines(Depth("ACME", 0, phase=phase), instrument().show_price)
    assert lines == (head, more)


def test_continuous_trading_has_no_lines_and_every_phase_has_words() -> None:
    assert auction_lines(Depth("ACME", 0), instrument().show_price) == ()
    assert set(PHASE_WORDS) == set(Phase)
    assert sign_words(Phase.CONTINUOUS) == ""
    assert sign_words(Phase.HALTED) == "■ Halted"
