"""All-or-none orders: whole or not at all, unseen while they wait, in both books."""

from __future__ import annotations

from app.matching.instructions import Instructions
from app.matching.order_book import CANCELED, FOK, IOC, OrderBook
from app.matching.reference_book import ReferenceBook
from app.matching.reports import NOT_ENOUGH, NOT_WHOLE
from tests.unit.matching.hearing import BUY, SELL, Book, said, traded

AON = Instructions(all_or_none=True)


def test_all_or_none_that_finds_enough_trades_at_once(book: Book) -> None:
    book.limit("a", SELL, 100, 3)
    book.limit("b", SELL, 101, 5)
    book.limit("aon", BUY, 101, 7, instructions=AON)
    assert traded(book) == [("a", "aon", 100, 3), ("b", "aon", 101, 4)]


def test_all_or_none_that_finds_too_little_waits_unseen(book: Book) -> None:
    book.limit("a", SELL, 100, 3)
    book.limit("aon", BUY, 100, 4, instructions=AON)
    assert traded(book) == []
    assert (book.best_bid, book.depth(BUY, 9), book.is_crossed()) == (0, [], False)


def test_all_or_none_at_rest_is_passed_over_by_who_cannot_fill_it(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    book.limit("behind", SELL, 101, 5)
    book.limit("taker", BUY, 101, 4)
    assert traded(book) == [("behind", "taker", 101, 4)]


def test_all_or_none_at_rest_trades_with_who_can_fill_it_at_its_own_price(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    book.limit("behind", SELL, 101, 5)
    book.limit("taker", BUY, 101, 6)
    assert traded(book) == [("aon", "taker", 100, 5), ("behind", "taker", 101, 1)]


def test_all_or_none_skipped_for_its_size_leaves_the_next_one_its_turn(book: Book) -> None:
    book.limit("large", SELL, 100, 5, instructions=AON)
    book.limit("small", SELL, 100, 2, instructions=AON)
    book.limit("taker", BUY, 100, 3)
    assert traded(book) == [("small", "taker", 100, 2)]
    assert book.depth(BUY, 9) == [(100, 1)]


def test_all_or_none_comes_after_those_that_are_seen_at_its_price(book: Book) -> None:
    book.limit("aon", SELL, 100, 2, instructions=AON)
    book.limit("seen", SELL, 100, 2)
    book.limit("taker", BUY, 100, 3)
    assert traded(book) == [("seen", "taker", 100, 2)]
    book.limit("taker2", BUY, 100, 1)
    assert traded(book) == [("taker", "aon", 100, 1), ("taker2", "aon", 100, 1)]


def test_all_or_none_passed_over_lets_nobody_else_before_who_is_seen(book: Book) -> None:
    book.limit("large", SELL, 99, 9, instructions=AON)
    book.limit("aon", SELL, 100, 2, instructions=AON)
    book.limit("seen", SELL, 100, 2)
    book.limit("taker", BUY, 100, 3)
    assert traded(book) == [("seen", "taker", 100, 2)]


def test_all_or_none_wakes_when_enough_has_gathered(book: Book) -> None:
    book.limit("aon", BUY, 101, 10, instructions=AON)
    book.limit("a", SELL, 100, 5)
    assert traded(book) == []
    book.limit("b", SELL, 101, 5)
    assert traded(book) == [("a", "aon", 100, 5), ("b", "aon", 101, 5)]


def test_all_or_none_wakes_when_an_order_of_its_owner_leaves_the_way(book: Book) -> None:
    book.limit("aon", BUY, 101, 10, instructions=AON._replace(owner="fund"))
    book.limit("own", SELL, 100, 1, instructions=Instructions(owner="fund"))
    book.limit("a", SELL, 101, 5)
    book.limit("b", SELL, 101, 5)
    assert traded(book) == []
    book.cancel("own")
    assert traded(book) == [("a", "aon", 101, 5), ("b", "aon", 101, 5)]


def test_all_or_none_wakes_when_another_order_is_amended(book: Book) -> None:
    book.limit("aon", BUY, 101, 10, instructions=AON)
    book.limit("a", SELL, 101, 5)
    book.limit("b", SELL, 102, 5)
    assert traded(book) == []
    book.replace("b", 5, 101)
    assert traded(book) == [("a", "aon", 101, 5), ("b", "aon", 101, 5)]


def test_all_or_none_on_both_sides_meet(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    book.limit("other", BUY, 100, 5, instructions=AON)
    assert traded(book) == [("aon", "other", 100, 5)]


def test_all_or_none_of_different_size_do_not_meet(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    book.limit("other", BUY, 100, 6, instructions=AON)
    assert traded(book) == []
    book.limit("one", SELL, 100, 1)
    assert [fill[:2] for fill in traded(book)] == [("one", "other"), ("aon", "other")]


def test_all_or_none_that_was_made_smaller_trades(book: Book) -> None:
    book.limit("a", SELL, 100, 3)
    book.limit("aon", BUY, 100, 4, instructions=AON)
    book.replace("aon", 3)
    assert traded(book) == [("a", "aon", 100, 3)]


def test_all_or_none_cancelled_gives_back_all_of_it(book: Book) -> None:
    book.limit("aon", BUY, 100, 4, instructions=AON)
    book.cancel("aon")
    assert said(book, CANCELED) == [("aon", 4, "")]


def test_fill_or_kill_counts_an_all_or_none_order_only_where_it_would_trade(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    book.limit("seen", SELL, 101, 2)
    book.limit("short", BUY, 101, 4, FOK)
    assert said(book, CANCELED) == [("short", 4, NOT_ENOUGH)]
    book.limit("long", BUY, 101, 6, FOK)
    assert traded(book) == [("aon", "long", 100, 5), ("seen", "long", 101, 1)]


def test_all_or_none_at_market_trades_whole_or_is_cancelled(book: Book) -> None:
    book.limit("a", SELL, 100, 3)
    book.market("aon", BUY, 4, IOC, AON)
    assert said(book, CANCELED) == [("aon", 4, NOT_WHOLE)]
    book.market("aon", BUY, 3, IOC, AON)
    assert traded(book) == [("a", "aon", 100, 3)]


def test_post_only_never_takes_an_all_or_none_order_that_it_can_not_see(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    book.limit("post", BUY, 100, 5, instructions=Instructions(post_only=True))
    assert traded(book) == [("post", "aon", 100, 5)]


def test_recorded_hit_takes_an_all_or_none_order_whole_or_leaves_it(book: Book) -> None:
    book.limit("aon", SELL, 100, 5, instructions=AON)
    assert book.hit("aon", 4, "rec") == 0
    assert book.hit("aon", 6, "rec") == 5


def test_waking_all_or_none_orders_go_bids_first_and_by_price() -> None:
    for kind in (OrderBook, ReferenceBook):
        book = kind()
        book.limit("low", BUY, 100, 4, instructions=AON)
        book.limit("high", BUY, 101, 4, instructions=AON)
        book.limit("a", SELL, 100, 2)
        book.limit("b", SELL, 100, 2)
        assert {fill[1] for fill in traded(book)} == {"high"}
        book.cancel("low")
        assert book.depth(SELL, 9) == []
