"""Cases that public suites of other matching engines hold, where no other test here has them."""

from __future__ import annotations

import pytest

from app.matching.instructions import Instructions, SelfTrade, Trail
from app.matching.order_book import (
    CANCELED,
    FOK,
    IOC,
    NOT_ENOUGH,
    REDUCED,
    SELF_TRADE,
    TRIGGERED,
    OrderBook,
)
from app.matching.reference_book import ReferenceBook
from tests.unit.matching.hearing import BUY, SELL, Book, said, traded

AON = Instructions(all_or_none=True)
FUND = Instructions(owner="fund")
HUGE = 9_000_000_000


# -- taking everything ---------------------------------------------------------------------------


def test_book_is_empty_when_takers_have_taken_all_of_it(book: Book) -> None:
    for at in range(5):
        book.limit(f"b{at}", BUY, 95 + at, 3 + at)
        book.limit(f"s{at}", SELL, 101 + at, 3 + at)
    book.limit("ice", SELL, 103, 9, instructions=Instructions(display=2))
    book.market("buyer", BUY, sum(3 + at for at in range(5)) + 9)
    book.market("seller", SELL, sum(3 + at for at in range(5)))
    assert sum(fill[3] for fill in traded(book)) == 59
    assert book.depth(BUY, 9) == book.depth(SELL, 9) == []


def test_quantities_beyond_32_bits_are_exact(book: Book) -> None:
    book.limit("b", BUY, 100, HUGE)
    book.limit("s", SELL, 100, HUGE - 1)
    assert traded(book) == [("b", "s", 100, HUGE - 1)]
    assert book.depth(BUY, 9) == [(100, 1)]


def test_replace_that_sweeps_the_whole_side_rests_with_what_is_left(book: Book) -> None:
    book.limit("b", BUY, 95, 10)
    for price in (101, 103, 110):
        book.limit(f"s{price}", SELL, price, 2)
    book.replace("b", 10, 120)
    assert traded(book) == [("s101", "b", 101, 2), ("s103", "b", 103, 2), ("s110", "b", 110, 2)]
    assert (book.depth(BUY, 9), book.depth(SELL, 9)) == ([(120, 4)], [])


def test_replace_into_a_level_that_is_there_joins_its_back(book: Book) -> None:
    book.limit("first", BUY, 100, 1)
    book.limit("moved", BUY, 99, 1)
    book.replace("moved", 1, 100)
    book.market("taker", SELL, 2)
    assert [fill[0] for fill in traded(book)] == ["first", "moved"]


@pytest.mark.parametrize(("qty", "left"), [(1, 4), (5, 0), (6, 0)])
def test_ioc_at_a_deep_price_takes_from_the_best(book: Book, qty: int, left: int) -> None:
    book.limit("b", BUY, 100, 5)
    book.limit("deep", BUY, 90, 1)
    book.limit("taker", SELL, 1, qty, IOC)
    assert traded(book)[0] == ("b", "taker", 100, min(5, qty))
    assert dict(book.depth(BUY, 9)).get(100, 0) == left


# -- all-or-none ---------------------------------------------------------------------------------


def test_all_or_none_takes_from_two_all_or_none_orders(book: Book) -> None:
    book.limit("one", BUY, 101, 1, instructions=AON)
    book.limit("two", BUY, 101, 2, instructions=AON)
    book.limit("three", SELL, 101, 3, instructions=AON)
    assert traded(book) == [("one", "three", 101, 1), ("two", "three", 101, 2)]


def test_all_or_none_takes_across_levels_and_a_part_of_the_last(book: Book) -> None:
    book.limit("aon", BUY, 102, 1, instructions=AON)
    for name in ("a", "b"):
        book.limit(name, BUY, 102, 1)
    book.limit("c", BUY, 100, 7)
    book.limit("taker", SELL, 100, 6, instructions=AON)
    assert traded(book) == [
        ("a", "taker", 102, 1),
        ("b", "taker", 102, 1),
        ("aon", "taker", 102, 1),
        ("c", "taker", 100, 3),
    ]


def test_all_or_none_with_a_better_price_trades(book: Book) -> None:
    book.limit("aon", BUY, 101, 2, instructions=AON)
    book.limit("a", SELL, 101, 1)
    book.limit("b", SELL, 102, 1)
    book.replace("aon", 2, 102)
    assert traded(book) == [("a", "aon", 101, 1), ("b", "aon", 102, 1)]


def test_raised_order_fills_an_all_or_none_order_that_was_too_large_for_it(book: Book) -> None:
    book.limit("bid", BUY, 101, 1)
    book.limit("aon", SELL, 101, 2, instructions=AON)
    assert traded(book) == []
    book.replace("bid", 2, 101)
    assert traded(book) == [("aon", "bid", 101, 2)]


def test_all_or_none_orders_take_their_turns_and_are_not_combined_to_fit(book: Book) -> None:
    """4 + 1 of what is seen and one of one are had first; four whole would fit only without."""
    book.limit("seen", BUY, 102, 4)
    book.limit("one", BUY, 102, 1, instructions=AON)
    book.limit("four", BUY, 101, 4, instructions=AON)
    book.limit("six", SELL, 101, 6, instructions=AON)
    assert traded(book) == []


# -- self-trade prevention deep in the book --------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "filled", "told"),
    [
        (SelfTrade.CANCEL_NEWEST, [("a", 3)], [("taker", 6)]),
        (SelfTrade.CANCEL_OLDEST, [("a", 3), ("c", 4)], [("own", 4)]),
        (SelfTrade.CANCEL_BOTH, [("a", 3)], [("own", 4), ("taker", 6)]),
        (SelfTrade.DECREMENT, [("a", 3), ("c", 2)], [("own", 4)]),
    ],
)
def test_self_trade_at_a_deeper_level_is_prevented_when_it_is_reached(
    mode: SelfTrade, filled: list[tuple[str, int]], told: list[tuple[str, int]]
) -> None:
    for kind in (OrderBook, ReferenceBook):
        book = kind(mode)
        book.limit("a", SELL, 100, 3)
        book.limit("own", SELL, 101, 4, instructions=FUND)
        book.limit("c", SELL, 102, 4)
        book.limit("taker", BUY, 102, 9, IOC, instructions=FUND)
        reduced = [report[1:3] for report in book.reports if report[0] == REDUCED]
        assert reduced == [("taker", 2)] * (mode is SelfTrade.DECREMENT)
        why = [report[1:] for report in book.reports if report[0] == CANCELED]
        assert [each[:2] for each in why if each[2] == SELF_TRADE] == told
        assert [(fill[0], fill[3]) for fill in traded(book)] == filled


def test_fill_or_kill_ends_at_an_own_order_deep_in_the_book(book: Book) -> None:
    book.limit("a", SELL, 100, 3)
    book.limit("own", SELL, 101, 4, instructions=FUND)
    book.limit("c", SELL, 102, 9)
    book.limit("taker", BUY, 102, 4, FOK, instructions=FUND)
    assert said(book, CANCELED) == [("taker", 4, NOT_ENOUGH)]
    book.limit("smaller", BUY, 102, 3, FOK, instructions=FUND)
    assert traded(book) == [("a", "smaller", 100, 3)]


# -- trailing stops ------------------------------------------------------------------------------


def trade_at(book: Book, *prices: int) -> None:
    for at, price in enumerate(prices):
        book.limit(f"m{price}.{at}", SELL, price, 1)
        book.limit(f"t{price}.{at}", BUY, price, 1, IOC)


@pytest.mark.parametrize(
    ("is_buy", "trail", "prices", "stands"),
    [
        (SELL, Trail(amount=5), (100,), 95),
        (SELL, Trail(amount=5), (100, 104), 99),
        (SELL, Trail(amount=5), (100, 104, 101), 99),
        (BUY, Trail(amount=5), (100, 97), 102),
        (BUY, Trail(amount=5), (100, 97, 99), 102),
        (SELL, Trail(bps=500), (100, 200), 190),
        (SELL, Trail(bps=500, tick=2), (100,), 94),
        (BUY, Trail(bps=500, tick=2), (100,), 106),
    ],
)
def test_trailing_stop_follows_one_way_on_the_tick_and_triggers_where_it_stands(
    book: Book, is_buy: bool, trail: Trail, prices: tuple[int, ...], stands: int
) -> None:
    trade_at(book, *prices[:1])
    book.stop("trail", is_buy, 0, 1, trail=trail)
    trade_at(book, *prices[1:])
    away = -1 if is_buy else 1
    trade_at(book, stands + away)
    assert said(book, TRIGGERED) == []
    trade_at(book, stands)
    assert said(book, TRIGGERED) == [("trail",)]


def test_trailing_stop_limit_rests_as_far_beyond_its_stop_as_it_was_told(book: Book) -> None:
    trade_at(book, 100)
    book.stop("trail", SELL, 0, 3, trail=Trail(amount=5, limit_offset=2))
    trade_at(book, 110, 105)
    assert book.depth(SELL, 9) == [(103, 3)]
