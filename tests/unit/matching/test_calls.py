"""Calls and auctions, price bands, orders for the open and the close, in both books."""

from __future__ import annotations

import pytest

from app.matching.auction import Auction, Bands, Call
from app.matching.instructions import Instructions, SelfTrade
from app.matching.order_book import (
    CANCELED,
    CLS,
    DAY,
    FILL,
    FOK,
    IOC,
    NO_MARKET,
    NOT_ENOUGH,
    OPG,
    PRICED,
    REDUCED,
    REJECTED,
    SELF_TRADE,
    TRIGGERED,
    OrderBook,
)
from app.matching.reference_book import ReferenceBook
from app.matching.reports import (
    AFTER_AUCTION,
    AFTER_CLOSE,
    AFTER_OPEN,
    BEYOND_BAND,
    IN_CALL,
    NOT_OPENING,
    NOTHING_LEFT,
)
from tests.unit.matching.hearing import BUY, SELL, Book, drain, said, traded


def last_trade(book: Book, price: int = 100) -> None:
    book.limit("then", SELL, price, 1)
    book.limit("now", BUY, price, 1)
    book.reports.clear()


# -- crossed before the open, uncrossed in one price ---------------------------------------------


def test_book_may_be_crossed_in_a_call_and_uncrosses_in_one_price(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("b1", BUY, 102, 5)
    book.limit("s1", SELL, 99, 3)
    book.limit("s2", SELL, 100, 4)
    book.limit("b2", BUY, 100, 1)
    assert (book.is_crossed(), traded(book)) == (True, [])
    assert book.indicative() == Auction(100, 6, -1)
    assert book.uncross() == Auction(100, 6, -1)
    assert traded(book) == [("b1", "s1", 100, 3), ("b1", "s2", 100, 2), ("s2", "b2", 100, 1)]
    assert (book.call, book.last_px, book.depth(SELL, 9)) == (None, 100, [(100, 1)])


def test_locked_book_uncrosses_at_its_only_price(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("b", BUY, 100, 5)
    book.limit("s", SELL, 100, 5)
    assert book.uncross() == Auction(100, 5, 0)


def test_auction_without_anything_to_trade_opens_the_book_as_it_is(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("b", BUY, 99, 5)
    book.limit("s", SELL, 101, 5)
    assert book.uncross(100) == Auction()
    assert (book.depth(BUY, 9), book.depth(SELL, 9)) == ([(99, 5)], [(101, 5)])
    book.limit("taker", BUY, 101, 5)
    assert traded(book) == [("s", "taker", 101, 5)]


def test_market_orders_come_before_limits_and_limits_by_price_and_time(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("late price", BUY, 101, 2)
    book.limit("first", BUY, 102, 2)
    book.limit("second", BUY, 102, 2)
    book.market("market", BUY, 2, DAY)
    book.limit("s", SELL, 100, 7)
    book.uncross(101)
    assert [fill[0] for fill in traded(book)] == ["market", "first", "second", "late price"]


def test_market_orders_alone_trade_at_the_reference(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.market("b", BUY, 5, DAY)
    book.market("s", SELL, 3, DAY)
    assert book.uncross(100) == Auction(100, 3, 2)
    assert said(book, CANCELED) == [("b", 2, AFTER_AUCTION)]


def test_market_orders_without_any_price_are_cancelled(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.market("b", BUY, 5, DAY)
    book.market("s", SELL, 3, DAY)
    assert book.uncross() == Auction(0, 0, 2)
    assert [report[0] for report in said(book, CANCELED)] == ["b", "s"]


def test_market_to_limit_in_a_call_rests_at_the_auction_price(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.market_to_limit("mtl", BUY, 5)
    book.limit("s", SELL, 100, 3)
    book.uncross()
    assert said(book, PRICED) == [("mtl", 100)]
    assert book.depth(BUY, 9) == [(100, 2)]


def test_iceberg_takes_part_in_an_auction_with_all_of_it(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("ice", SELL, 100, 10, instructions=Instructions(display=3))
    book.limit("plain", SELL, 100, 4)
    book.limit("b", BUY, 100, 8)
    assert book.depth(SELL, 9) == [(100, 7)]
    assert book.uncross() == Auction(100, 8, -6)
    assert traded(book) == [("ice", "b", 100, 8)]
    assert book.depth(SELL, 9) == [(100, 6)]
    book.market("taker", BUY, 5)
    assert [fill[0] for fill in traded(book)] == ["plain", "ice"]


def test_all_or_none_takes_no_part_in_an_auction_and_trades_after_it(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("aon", BUY, 102, 5, instructions=Instructions(all_or_none=True))
    book.limit("s", SELL, 100, 5)
    assert book.uncross() == Auction()
    assert traded(book) == [("s", "aon", 100, 5)]


@pytest.mark.parametrize("tif", [IOC, FOK])
def test_immediate_order_in_a_call_is_rejected(book: Book, tif: int) -> None:
    book.begin_call(Call.OPENING)
    book.limit("limit", BUY, 100, 5, tif)
    book.market("market", BUY, 5, tif)
    assert said(book, REJECTED) == [("limit", IN_CALL), ("market", IN_CALL)]


def test_post_only_in_a_call_takes_its_turn_like_anybody(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("s", SELL, 100, 5)
    book.limit("post", BUY, 101, 5, instructions=Instructions(post_only=True))
    book.uncross()
    assert traded(book) == [("s", "post", 100, 5)]


def test_cancel_and_replace_in_a_call_change_what_the_auction_does(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("b", BUY, 100, 5)
    book.limit("s", SELL, 101, 5)
    book.market("m", BUY, 3, DAY)
    book.replace("b", 4, 102)
    book.replace("m", 2)
    book.cancel("m")
    assert book.uncross() == Auction(101, 4, -1)


def test_waiting_market_order_keeps_its_place_only_when_quantity_falls(book: Book) -> None:
    book.begin_call(Call.OPENING)
    for name in ("a", "b", "c"):
        book.market(name, BUY, 3, DAY)
    book.replace("a", 4)
    book.replace("b", 2)
    book.limit("s", SELL, 100, 6)
    book.uncross()
    assert traded(book) == [("b", "s", 100, 2), ("c", "s", 100, 3), ("a", "s", 100, 1)]


def test_recorded_hit_does_not_trade_in_a_call(book: Book) -> None:
    book.limit("b", BUY, 100, 5)
    book.begin_call(Call.VOLATILITY)
    assert book.hit("b", 5, "rec") == 0


# -- orders for the open and the close -----------------------------------------------------------


def test_order_on_open_is_taken_before_the_open_only(book: Book) -> None:
    book.limit("late", BUY, 100, 5, OPG)
    book.begin_call(Call.VOLATILITY)
    book.market("later", BUY, 5, OPG)
    assert said(book, REJECTED) == [("late", NOT_OPENING), ("later", NOT_OPENING)]


def test_what_the_open_leaves_of_orders_for_it_is_cancelled(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("limit", BUY, 100, 5, OPG)
    book.market("market", BUY, 5, OPG)
    book.limit("s", SELL, 100, 7)
    book.uncross()
    assert traded(book) == [("market", "s", 100, 5), ("limit", "s", 100, 2)]
    assert book.depth(BUY, 9) == []


def test_order_on_open_that_trades_nothing_says_so(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.limit("limit", BUY, 100, 5, OPG)
    book.market("market", SELL, 5, OPG)
    book.cancel("market")
    book.reports.clear()
    book.uncross()
    assert said(book, CANCELED) == [("limit", 5, AFTER_OPEN)]


def test_order_on_close_waits_unseen_and_joins_its_call_where_it_arrived(book: Book) -> None:
    book.limit("cls", BUY, 100, 5, CLS)
    book.market("at market", BUY, 1, CLS)
    book.limit("day", BUY, 100, 5)
    assert book.depth(BUY, 9) == [(100, 5)]
    book.limit("taker", SELL, 100, 2)
    assert traded(book) == [("day", "taker", 100, 2)]
    book.begin_call(Call.CLOSING)
    assert book.depth(BUY, 9) == [(100, 8)]
    book.limit("s", SELL, 100, 4)
    book.uncross()
    assert [fill[0] for fill in traded(book)] == ["at market", "cls"]
    assert book.depth(BUY, 9) == [(100, 3)]


def test_what_the_close_leaves_of_orders_for_it_is_cancelled(book: Book) -> None:
    book.limit("limit", BUY, 100, 5, CLS)
    book.market("market", BUY, 8, CLS)
    book.begin_call(Call.CLOSING)
    book.limit("late", SELL, 101, 5, CLS)
    book.uncross()
    assert said(book, CANCELED) == [("market", 3, AFTER_CLOSE), ("limit", 5, AFTER_CLOSE)]


def test_order_on_close_is_amended_and_cancelled_while_it_waits(book: Book) -> None:
    book.limit("cls", BUY, 100, 5, CLS)
    book.market("mkt", SELL, 5, CLS)
    book.replace("cls", 4, 101)
    book.replace("mkt", 6)
    book.begin_call(Call.CLOSING)
    assert book.uncross() == Auction(101, 4, -2)
    book.market("gone", SELL, 5, CLS)
    assert book.cancel("gone")


def test_order_on_close_survives_other_auctions(book: Book) -> None:
    book.limit("cls", BUY, 100, 5, CLS)
    book.begin_call(Call.VOLATILITY)
    book.uncross()
    assert book.depth(BUY, 9) == []
    book.begin_call(Call.CLOSING)
    assert book.depth(BUY, 9) == [(100, 5)]


# -- self-trade prevention -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "cancelled", "left"),
    [
        (SelfTrade.CANCEL_NEWEST, [("new", 5)], 102),
        (SelfTrade.CANCEL_OLDEST, [("old", 8)], 0),
        (SelfTrade.CANCEL_BOTH, [("old", 8), ("new", 5)], 0),
        (SelfTrade.DECREMENT, [("new", 5)], 102),
    ],
)
def test_self_trade_in_an_auction_is_prevented_before_anything_trades(
    mode: SelfTrade, cancelled: list[tuple[str, int]], left: int
) -> None:
    fund = Instructions(owner="fund")
    for kind in (OrderBook, ReferenceBook):
        book = kind(mode)
        book.begin_call(Call.OPENING)
        book.limit("old", BUY, 102, 8, instructions=fund)
        book.limit("other", BUY, 100, 5)
        book.limit("new", SELL, 99, 5, instructions=fund)
        book.uncross(100)
        reduced = [report[1:3] for report in book.reports if report[0] == REDUCED]
        assert reduced == [("old", 3)] * (mode is SelfTrade.DECREMENT)
        fills = [report[1:5] for report in book.reports if report[0] == FILL]
        assert fills == [("other", "new", 100, 5)] * (mode is SelfTrade.CANCEL_OLDEST)
        why = [report[1:] for report in book.reports if report[0] == CANCELED]
        assert why == [(*each, SELF_TRADE) for each in cancelled]
        assert book.best_bid in (left, 100)
        book.validate()


def test_auction_is_not_left_crossed_by_self_trade_prevention(book: Book) -> None:
    """The older of two is the bid: without it the offer has to meet the next bid, at its price."""
    book.self_trade = SelfTrade.CANCEL_OLDEST
    fund = Instructions(owner="fund")
    book.begin_call(Call.OPENING)
    book.limit("own", BUY, 101, 10, instructions=fund)
    book.limit("next", BUY, 100, 5)
    book.limit("s", SELL, 99, 10, instructions=fund)
    assert book.uncross(101) == Auction(99, 5, -5)
    assert book.depth(SELL, 9) == [(99, 5)]


# -- stops ---------------------------------------------------------------------------------------


def test_stops_wait_in_a_call_and_are_triggered_in_order_by_the_auction(book: Book) -> None:
    last_trade(book)
    book.begin_call(Call.OPENING)
    book.stop("far", BUY, 102, 1)
    book.stop("near", BUY, 101, 1)
    book.stop("sell", SELL, 103, 1)
    book.stop("beyond", BUY, 104, 1)
    book.limit("b", BUY, 103, 5)
    book.limit("s", SELL, 103, 9)
    assert said(book, TRIGGERED) == []
    book.uncross()
    assert [report[1] for report in book.reports if report[0] == TRIGGERED] == [
        "near",
        "far",
        "sell",
    ]
    assert traded(book) == [
        ("b", "s", 103, 5),
        ("s", "near", 103, 1),
        ("s", "far", 103, 1),
    ]


def test_stops_cascade_through_an_auction(book: Book) -> None:
    """The auction triggers the first, whose trade triggers the second, whose trade the third."""
    last_trade(book)
    book.begin_call(Call.VOLATILITY)
    for at, price in enumerate((101, 103, 105)):
        book.stop(f"stop{at}", BUY, price, 1)
    for price in (103, 105, 107):
        book.limit(f"offer{price}", SELL, price, 1)
    book.limit("s", SELL, 101, 1)
    book.limit("b", BUY, 101, 1)
    book.uncross()
    assert traded(book) == [
        ("s", "b", 101, 1),
        ("offer103", "stop0", 103, 1),
        ("offer105", "stop1", 105, 1),
        ("offer107", "stop2", 107, 1),
    ]


# -- price bands ---------------------------------------------------------------------------------


def banded(book: Book, bands: Bands) -> None:
    last_trade(book, 1_000)
    book.bands = bands
    for price in (1_005, 1_020, 1_030):
        book.limit(f"o{price}", SELL, price, 5)
    book.reports.clear()


def test_trade_beyond_the_band_does_not_happen_and_begins_a_volatility_call(book: Book) -> None:
    banded(book, Bands(0, 200))
    book.limit("taker", BUY, 1_030, 12)
    assert traded(book) == [("o1005", "taker", 1_005, 5), ("o1020", "taker", 1_020, 5)]
    assert (book.call, book.depth(BUY, 1)) == (Call.VOLATILITY, [(1_030, 2)])
    assert book.uncross() == Auction(1_030, 2, -3)
    assert book.call is None


def test_dynamic_band_moves_with_each_order_and_the_static_one_with_each_auction(
    book: Book,
) -> None:
    banded(book, Bands(300, 200))
    book.limit("a", BUY, 1_020, 10)
    book.limit("b", BUY, 1_030, 5)
    assert book.call is None
    book.limit("far", SELL, 1_040, 5)
    book.limit("c", BUY, 1_040, 1)
    assert (book.call, book.static_px) == (Call.VOLATILITY, 1_005)
    book.uncross()
    assert (book.last_px, book.static_px) == (1_040, 1_040)


@pytest.mark.parametrize(
    ("tif", "waits", "why"), [(DAY, True, ""), (IOC, False, BEYOND_BAND), (FOK, False, NOT_ENOUGH)]
)
def test_market_order_beyond_the_band_waits_for_the_auction_or_is_cancelled(
    book: Book, tif: int, waits: bool, why: str
) -> None:
    banded(book, Bands(0, 200))
    book.market("taker", BUY, 12, tif)
    assert [report[2] for report in said(book, CANCELED)] == [why] * (not waits)
    assert (book.call is None) is (tif == FOK)
    assert book.indicative().imbalance == (-3 if waits else 0)


def test_immediate_limit_beyond_the_band_is_cancelled_and_begins_the_call(book: Book) -> None:
    banded(book, Bands(0, 200))
    book.limit("taker", BUY, 1_030, 12, IOC)
    assert said(book, CANCELED) == [("taker", 2, NOTHING_LEFT)]
    assert book.call is Call.VOLATILITY


def test_triggered_stop_beyond_the_band_waits_for_the_auction(book: Book) -> None:
    banded(book, Bands(0, 200))
    book.stop("stop", BUY, 1_005, 12)
    book.limit("taker", BUY, 1_005, 5)
    assert book.call is Call.VOLATILITY
    book.uncross()
    assert traded(book)[-1] == ("o1030", "stop", 1_030, 5)


def test_order_within_the_band_trades_as_ever(book: Book) -> None:
    banded(book, Bands(0, 200))
    book.limit("taker", BUY, 1_005, 6)
    assert traded(book) == [("o1005", "taker", 1_005, 5)]
    assert (book.call, book.depth(BUY, 1)) == (None, [(1_005, 1)])


def test_book_that_was_drained_in_a_call_opens_empty(book: Book) -> None:
    book.begin_call(Call.OPENING)
    book.market("m", BUY, 5, DAY)
    book.market_to_limit("mtl", SELL, 5)
    book.limit("opg", SELL, 100, 5, OPG)
    book.limit("cls", SELL, 100, 5, CLS)
    drain(book)
    assert book.uncross(100) == Auction()
    book.market("after", BUY, 5)
    assert said(book, CANCELED)[-1] == ("after", 5, NO_MARKET)
