"""The cases that break matching engines, held against the fast book and its oracle alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.matching.order_book import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELED,
    FILL,
    FOK,
    IOC,
    REJECTED,
    REPLACE_REJECTED,
    REPLACED,
    TRIGGERED,
    OrderBook,
    Report,
)
from app.matching.reference_book import ReferenceBook

Book = OrderBook | ReferenceBook
BUY, SELL = True, False
EMPTY = (CANCELED, "market order: the book is empty")


@pytest.fixture(params=[OrderBook, ReferenceBook], ids=["fast", "oracle"])
def book(request: pytest.FixtureRequest) -> Iterator[Book]:
    """An empty book; at the end it must be sound, and come empty when its orders are taken out."""
    made: Book = request.param()
    yield made
    made.validate()
    assert not made.is_crossed()
    drain(made)
    made.validate()
    assert made.depth(BUY, 99) == made.depth(SELL, 99) == []
    assert (made.best_bid, made.best_offer) == (0, 0)
    fresh = type(made)()
    fresh.last_px = made.last_px
    assert made.state_hash() == fresh.state_hash()


def drain(book: Book) -> None:
    """Cancel every order that was ever accepted; those that are gone say so."""
    said(book)
    for order_id in {str(report[1]) for report in vars(book)["said"] if report[0] == ACCEPTED}:
        book.cancel(order_id)


def said(book: Book) -> list[Report]:
    """Return what the book reported since it was last asked."""
    found = list(book.reports)
    vars(book).setdefault("said", []).extend(found)
    book.reports.clear()
    return found


def fills(book: Book) -> list[tuple[object, ...]]:
    """Return (maker, price, quantity) of the trades since the book was last asked."""
    return [(report[1], *report[3:5]) for report in said(book) if report[0] == FILL]


def stack(book: Book, is_buy: bool, *orders: tuple[str, int, int]) -> None:
    """Enter resting orders given as (id, price, quantity), and forget their reports."""
    for order_id, price, qty in orders:
        book.limit(order_id, is_buy, price, qty)
    said(book)


# -- price and time ------------------------------------------------------------------------------


def test_limit_that_reaches_nobody_rests(book: Book) -> None:
    book.limit("a", BUY, 100, 10)
    assert said(book) == [(ACCEPTED, "a")]
    assert book.depth(BUY, 9) == [(100, 10)]
    assert (book.best_bid, book.best_offer, book.last_px) == (100, 0, 0)


def test_limit_trades_at_the_makers_price_best_first_then_rests(book: Book) -> None:
    stack(book, SELL, ("s3", 103, 5), ("s1", 101, 5), ("s2", 102, 5))
    book.limit("b", BUY, 102, 12)
    assert said(book) == [
        (ACCEPTED, "b"),
        (FILL, "s1", "b", 101, 5, 0),
        (FILL, "s2", "b", 102, 5, 0),
    ]
    assert book.depth(BUY, 9) == [(102, 2)]
    assert book.depth(SELL, 9) == [(103, 5)]
    assert book.last_px == 102


def test_sell_trades_at_the_makers_price_too(book: Book) -> None:
    stack(book, BUY, ("b1", 99, 5), ("b2", 98, 5))
    book.limit("s", SELL, 98, 7)
    assert fills(book) == [("b1", 99, 5), ("b2", 98, 2)]


def test_queue_at_one_price_is_in_order_of_arrival(book: Book) -> None:
    stack(book, SELL, ("a", 100, 3), ("b", 100, 3), ("c", 100, 3))
    book.market("m", BUY, 7)
    assert said(book) == [
        (ACCEPTED, "m"),
        (FILL, "a", "m", 100, 3, 0),
        (FILL, "b", "m", 100, 3, 0),
        (FILL, "c", "m", 100, 1, 2),
    ]


@pytest.mark.parametrize("gone", ["a", "b", "c", "d"])
def test_queue_is_kept_after_a_cancel_anywhere_in_it(book: Book, gone: str) -> None:
    stack(book, BUY, ("a", 100, 1), ("b", 100, 1), ("c", 100, 1), ("d", 100, 1))
    assert book.cancel(gone)
    assert said(book) == [(CANCELED, gone, 1, "")]
    book.validate()
    book.market("m", SELL, 3)
    assert [maker for maker, _, _ in fills(book)] == [each for each in "abcd" if each != gone]


def test_queue_goes_on_after_its_head_traded_in_part(book: Book) -> None:
    stack(book, BUY, ("a", 100, 5), ("b", 100, 5))
    book.market("m", SELL, 2)
    book.limit("c", BUY, 100, 5)
    book.cancel("a")
    book.validate()
    said(book)
    book.market("n", SELL, 6)
    assert fills(book) == [("b", 100, 5), ("c", 100, 1)]


def test_last_lot_of_a_level_takes_the_level_away(book: Book) -> None:
    stack(book, SELL, ("a", 100, 1), ("b", 101, 1))
    book.market("m", BUY, 1)
    assert book.depth(SELL, 9) == [(101, 1)]
    assert book.best_offer == 101
    book.cancel("b")
    assert (book.depth(SELL, 9), book.best_offer) == ([], 0)


def test_level_that_went_can_come_again(book: Book) -> None:
    for number in range(3):
        stack(book, BUY, (f"a{number}", 100, 2))
        assert book.cancel(f"a{number}")
        assert book.depth(BUY, 9) == []
    book.limit("s", SELL, 100, 1)
    assert (FILL,) not in {report[:1] for report in said(book)}


def test_depth_sums_levels_from_the_best_and_stops_when_told(book: Book) -> None:
    stack(book, BUY, ("a", 99, 1), ("b", 100, 2), ("c", 100, 3), ("d", 98, 4))
    stack(book, SELL, ("e", 102, 1), ("f", 101, 2))
    assert book.depth(BUY, 2) == [(100, 5), (99, 1)]
    assert book.depth(SELL, 9) == [(101, 2), (102, 1)]
    assert book.depth(SELL, 0) == []


def test_priority_given_ranks_a_late_order_ahead(book: Book) -> None:
    for order_id, priority in (("L9", 9 << 20), ("L5", 5 << 20), ("L7", 7 << 20)):
        book.limit(order_id, BUY, 100, 1, priority=priority)
    book.market("m", SELL, 3)
    assert [maker for maker, _, _ in fills(book)] == ["L5", "L7", "L9"]


def test_order_without_a_priority_goes_behind_those_with_one(book: Book) -> None:
    """A desk's order that joins a recorded queue stands at its back."""
    book.limit("L5", BUY, 100, 1, priority=5 << 20)
    book.limit("desk", BUY, 100, 1)
    book.limit("L7", BUY, 100, 1, priority=7 << 20)
    book.market("m", SELL, 3)
    assert [maker for maker, _, _ in fills(book)] == ["L5", "desk", "L7"]


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "qty", "why"),
    [
        (100, 0, "quantity 0 is not positive"),
        (100, -1, "quantity -1 is not positive"),
        (0, 1, "price 0 is not positive"),
        (-100, 1, "price -100 is not positive"),
    ],
)
def test_order_that_cannot_be_is_rejected(book: Book, price: int, qty: int, why: str) -> None:
    book.limit("a", BUY, price, qty)
    book.stop("b", BUY, price, qty)
    assert said(book) == [(REJECTED, "a", why), (REJECTED, "b", why)]
    assert book.depth(BUY, 9) == []


def test_market_order_for_nothing_is_rejected(book: Book) -> None:
    book.market("a", BUY, 0)
    assert said(book) == [(REJECTED, "a", "quantity 0 is not positive")]


@pytest.mark.parametrize("first", ["limit", "stop"])
@pytest.mark.parametrize("again", ["limit", "market", "stop"])
def test_id_that_is_in_the_book_cannot_be_used_again(book: Book, first: str, again: str) -> None:
    stack(book, SELL, ("s", 120, 5))
    if first == "limit":
        book.limit("a", BUY, 100, 5)
    else:
        book.stop("a", BUY, 110, 5)
    said(book)
    if again == "limit":
        book.limit("a", BUY, 90, 1)
    elif again == "market":
        book.market("a", BUY, 1)
    else:
        book.stop("a", BUY, 115, 1)
    assert said(book) == [(REJECTED, "a", "order id a is in the book already")]
    assert book.cancel("a")
    assert not book.cancel("a")


@pytest.mark.parametrize("how", ["traded", "cancelled"])
def test_id_that_is_gone_can_be_used_again(book: Book, how: str) -> None:
    stack(book, BUY, ("a", 100, 1))
    if how == "traded":
        book.market("m", SELL, 1)
    else:
        book.cancel("a")
    said(book)
    book.limit("a", BUY, 100, 2)
    assert said(book) == [(ACCEPTED, "a")]


@pytest.mark.parametrize("how", ["never seen", "traded", "cancelled"])
def test_cancel_or_replace_of_a_dead_order_is_a_clear_reject(book: Book, how: str) -> None:
    if how != "never seen":
        stack(book, BUY, ("a", 100, 1))
    if how == "traded":
        book.market("m", SELL, 1)
    if how == "cancelled":
        book.cancel("a")
    said(book)
    assert not book.cancel("a")
    assert not book.replace("a", 5, 101)
    assert not book.reduce("a", 1)
    assert book.hit("a", 1, "t") == 0
    late = "too late: not in the book"
    assert said(book) == [(CANCEL_REJECTED, "a", late), (REPLACE_REJECTED, "a", late)]


# -- time in force -------------------------------------------------------------------------------


def test_ioc_residual_is_cancelled(book: Book) -> None:
    stack(book, SELL, ("s", 100, 4), ("t", 102, 9))
    book.limit("i", BUY, 101, 10, IOC)
    assert said(book) == [
        (ACCEPTED, "i"),
        (FILL, "s", "i", 100, 4, 0),
        (CANCELED, "i", 6, "immediate or cancel: nothing left to trade"),
    ]
    assert book.depth(BUY, 9) == []


def test_ioc_that_fills_whole_is_not_cancelled(book: Book) -> None:
    stack(book, SELL, ("s", 100, 4))
    book.limit("i", BUY, 100, 4, IOC)
    assert said(book) == [(ACCEPTED, "i"), (FILL, "s", "i", 100, 4, 0)]


def test_ioc_that_reaches_nobody_is_cancelled(book: Book) -> None:
    stack(book, SELL, ("s", 102, 4))
    book.limit("i", BUY, 101, 4, IOC)
    assert said(book)[-1] == (CANCELED, "i", 4, "immediate or cancel: nothing left to trade")


@pytest.mark.parametrize(("qty", "fills_whole"), [(10, True), (11, False)])
def test_fok_sees_all_levels_it_may_reach_and_no_more(
    book: Book, qty: int, fills_whole: bool
) -> None:
    stack(book, SELL, ("s1", 100, 3), ("s2", 101, 3), ("s3", 102, 4), ("s4", 103, 90))
    book.limit("f", BUY, 102, qty, FOK)
    found = said(book)
    assert (len(found) == 4) is fills_whole
    if not fills_whole:
        assert found[1:] == [(CANCELED, "f", qty, "fill or kill: not enough quantity")]
        assert book.depth(SELL, 9) == [(100, 3), (101, 3), (102, 4), (103, 90)]


@pytest.mark.parametrize("side", [BUY, SELL])
def test_fok_that_reaches_nobody_says_fill_or_kill(book: Book, side: bool) -> None:
    book.limit("f", side, 100, 5, FOK)
    assert said(book)[1:] == [(CANCELED, "f", 5, "fill or kill: not enough quantity")]


@pytest.mark.parametrize(("qty", "fills_whole"), [(10, True), (11, False)])
def test_fok_market_order_sees_the_whole_side(book: Book, qty: int, fills_whole: bool) -> None:
    stack(book, BUY, ("b1", 100, 5), ("b2", 1, 5))
    book.market("f", SELL, qty, FOK)
    assert len(fills(book)) == (2 if fills_whole else 0)


def test_market_order_in_an_empty_book_is_cancelled(book: Book) -> None:
    book.market("m", BUY, 5)
    assert said(book) == [(ACCEPTED, "m"), (EMPTY[0], "m", 5, EMPTY[1])]


def test_market_order_walks_the_book_and_the_rest_is_cancelled(book: Book) -> None:
    stack(book, BUY, ("b1", 100, 2), ("b2", 50, 2))
    book.market("m", SELL, 5)
    assert said(book) == [
        (ACCEPTED, "m"),
        (FILL, "b1", "m", 100, 2, 0),
        (FILL, "b2", "m", 50, 2, 0),
        (EMPTY[0], "m", 1, EMPTY[1]),
    ]


# -- replace -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaves", "price", "first"),
    [(2, None, "a"), (2, 100, "a"), (5, 100, "a"), (6, 100, "b"), (6, None, "b")],
)
def test_replace_keeps_its_place_only_when_quantity_falls(
    book: Book, leaves: int, price: int | None, first: str
) -> None:
    stack(book, BUY, ("a", 100, 5), ("b", 100, 5))
    assert book.replace("a", leaves, price)
    assert said(book) == [(REPLACED, "a", leaves)]
    assert book.depth(BUY, 9) == [(100, 5 + leaves)]
    book.market("m", SELL, 1)
    assert fills(book) == [(first, 100, 1)]


def test_replace_of_the_price_and_back_loses_the_place(book: Book) -> None:
    stack(book, BUY, ("a", 100, 5), ("b", 100, 5))
    book.replace("a", 5, 99)
    book.replace("a", 5, 100)
    said(book)
    book.market("m", SELL, 1)
    assert fills(book) == [("b", 100, 1)]


def test_replace_that_makes_an_order_cross_trades_at_once(book: Book) -> None:
    stack(book, SELL, ("s", 101, 3))
    stack(book, BUY, ("a", 100, 5))
    assert book.replace("a", 5, 102)
    assert said(book) == [(REPLACED, "a", 5), (FILL, "s", "a", 101, 3, 0)]
    assert book.depth(BUY, 9) == [(102, 2)]


def test_replace_that_crosses_and_fills_whole_leaves_nothing(book: Book) -> None:
    stack(book, BUY, ("b", 99, 9))
    stack(book, SELL, ("a", 100, 5))
    assert book.replace("a", 5, 99)
    assert said(book) == [(REPLACED, "a", 5), (FILL, "b", "a", 99, 5, 4)]
    assert not book.cancel("a")


@pytest.mark.parametrize("leaves", [0, -1])
def test_replace_to_no_quantity_is_rejected(book: Book, leaves: int) -> None:
    stack(book, BUY, ("a", 100, 5))
    assert not book.replace("a", leaves)
    assert said(book) == [(REPLACE_REJECTED, "a", "quantity must be positive")]
    assert book.depth(BUY, 9) == [(100, 5)]


@pytest.mark.parametrize("price", [0, -100])
def test_replace_to_no_price_is_rejected_and_the_order_stays(book: Book, price: int) -> None:
    stack(book, BUY, ("a", 100, 5))
    assert not book.replace("a", 5, price)
    assert [report[0] for report in said(book)] == [REPLACE_REJECTED]
    assert book.depth(BUY, 9) == [(100, 5)]


# -- reduce and hit ------------------------------------------------------------------------------


@pytest.mark.parametrize(("qty", "left"), [(2, 3), (5, 0), (9, 0)])
def test_reduce_keeps_the_place_until_nothing_is_left(book: Book, qty: int, left: int) -> None:
    stack(book, BUY, ("a", 100, 5), ("b", 100, 5))
    assert book.reduce("a", qty)
    assert book.depth(BUY, 9) == [(100, 5 + left)]
    book.market("m", SELL, 1)
    assert fills(book) == [("a" if left else "b", 100, 1)]


def test_hit_trades_with_that_very_order_out_of_turn(book: Book) -> None:
    stack(book, BUY, ("a", 100, 5), ("b", 100, 5), ("c", 99, 5))
    assert book.hit("c", 2, "rec") == 2
    assert book.hit("b", 9, "rec") == 5
    assert book.hit("b", 9, "rec") == 0
    assert book.hit("a", 0, "rec") == 0
    assert said(book) == [(FILL, "c", "rec", 99, 2, 3), (FILL, "b", "rec", 100, 5, 0)]
    assert book.last_px == 100
    assert book.depth(BUY, 9) == [(100, 5), (99, 3)]


# -- stops ---------------------------------------------------------------------------------------


def test_stop_waits_until_a_trade_reaches_it(book: Book) -> None:
    stack(book, SELL, ("s1", 100, 1), ("s2", 101, 1), ("s3", 102, 9))
    book.stop("t", BUY, 101, 4)
    book.market("m1", BUY, 1)
    assert [report[0] for report in said(book)] == [ACCEPTED, ACCEPTED, FILL]
    book.market("m2", BUY, 1)
    assert said(book) == [
        (ACCEPTED, "m2"),
        (FILL, "s2", "m2", 101, 1, 0),
        (TRIGGERED, "t"),
        (FILL, "s3", "t", 102, 4, 5),
    ]


def test_sell_stop_is_triggered_from_above(book: Book) -> None:
    stack(book, BUY, ("b1", 100, 1), ("b2", 99, 5))
    book.stop("t", SELL, 100, 2)
    book.market("m", SELL, 1)
    assert said(book)[-2:] == [(TRIGGERED, "t"), (FILL, "b2", "t", 99, 2, 3)]


def test_stop_that_the_last_trade_has_reached_already_is_triggered_at_once(book: Book) -> None:
    stack(book, SELL, ("s", 100, 5))
    book.market("m", BUY, 1)
    said(book)
    book.stop("t", BUY, 100, 2)
    assert said(book) == [(ACCEPTED, "t"), (TRIGGERED, "t"), (FILL, "s", "t", 100, 2, 2)]


def test_stop_before_the_first_trade_waits(book: Book) -> None:
    book.stop("t", BUY, 1, 2)
    assert said(book) == [(ACCEPTED, "t")]


def test_quotes_alone_trigger_no_stop(book: Book) -> None:
    book.stop("t", BUY, 100, 2)
    stack(book, BUY, ("b", 105, 1))
    stack(book, SELL, ("s", 106, 1))
    assert book.depth(SELL, 9) == [(106, 1)]


def test_triggered_stop_limit_rests_at_its_limit(book: Book) -> None:
    stack(book, SELL, ("s", 100, 1), ("far", 109, 1))
    book.stop("t", BUY, 100, 5, 103)
    book.market("m", BUY, 1)
    assert said(book)[-1] == (TRIGGERED, "t")
    assert book.depth(BUY, 9) == [(103, 5)]
    assert book.replace("t", 2, 103)
    assert book.cancel("t")


def test_triggered_stop_limit_trades_what_its_limit_allows(book: Book) -> None:
    stack(book, SELL, ("s", 100, 1), ("s2", 101, 2), ("s3", 105, 9))
    book.stop("t", BUY, 100, 5, 103)
    book.market("m", BUY, 1)
    assert said(book)[-2:] == [(TRIGGERED, "t"), (FILL, "s2", "t", 101, 2, 0)]
    assert book.depth(BUY, 9) == [(103, 3)]


def test_stops_go_from_the_nearest_price_and_then_by_arrival(book: Book) -> None:
    stack(book, SELL, ("s", 110, 1), ("deep", 120, 99))
    for order_id, stop_px in (("c", 105), ("a", 103), ("b1", 104), ("b2", 104)):
        book.stop(order_id, BUY, stop_px, 1)
    book.market("m", BUY, 1)
    triggered = [report[1] for report in said(book) if report[0] == TRIGGERED]
    assert triggered == ["a", "b1", "b2", "c"]


def test_sell_stops_go_from_the_highest(book: Book) -> None:
    stack(book, BUY, ("b", 90, 1), ("deep", 80, 99))
    for order_id, stop_px in (("low", 92), ("high", 97), ("mid", 95)):
        book.stop(order_id, SELL, stop_px, 1)
    book.market("m", SELL, 1)
    triggered = [report[1] for report in said(book) if report[0] == TRIGGERED]
    assert triggered == ["high", "mid", "low"]


def test_stops_trigger_each_other_in_a_cascade(book: Book) -> None:
    stack(book, BUY, ("b1", 100, 1), ("b2", 98, 1), ("b3", 96, 1), ("b4", 94, 9))
    for order_id, stop_px in (("t3", 96), ("t1", 100), ("t2", 98)):
        book.stop(order_id, SELL, stop_px, 1)
    said(book)
    book.market("m", SELL, 1)
    assert said(book) == [
        (ACCEPTED, "m"),
        (FILL, "b1", "m", 100, 1, 0),
        (TRIGGERED, "t1"),
        (FILL, "b2", "t1", 98, 1, 0),
        (TRIGGERED, "t2"),
        (FILL, "b3", "t2", 96, 1, 0),
        (TRIGGERED, "t3"),
        (FILL, "b4", "t3", 94, 1, 8),
    ]


def test_stop_is_not_triggered_by_the_trade_that_it_would_itself_cause(book: Book) -> None:
    stack(book, SELL, ("s", 105, 5))
    book.stop("t", BUY, 105, 2)
    assert book.depth(SELL, 9) == [(105, 5)]
    assert said(book) == [(ACCEPTED, "t")]


def test_stop_that_is_triggered_in_an_empty_book_is_cancelled(book: Book) -> None:
    stack(book, SELL, ("s", 100, 1))
    book.stop("t", BUY, 100, 5)
    book.market("m", BUY, 1)
    assert said(book)[-2:] == [(TRIGGERED, "t"), (EMPTY[0], "t", 5, EMPTY[1])]


def test_trade_in_a_sweep_triggers_the_stops_it_passed(book: Book) -> None:
    stack(book, SELL, ("s1", 100, 1), ("s2", 104, 1), ("s3", 108, 9))
    for order_id, stop_px in (("t1", 102), ("t2", 104), ("t3", 107)):
        book.stop(order_id, BUY, stop_px, 1)
    book.limit("m", BUY, 104, 2)
    triggered = [report[1] for report in said(book) if report[0] == TRIGGERED]
    assert triggered == ["t1", "t2", "t3"]


def test_trade_triggers_every_stop_it_reaches_wherever_the_price_goes_next(book: Book) -> None:
    """The first print, at 105, reaches both; the buy then lifts the price away from the sell."""
    stack(book, SELL, ("s1", 105, 1), ("s2", 112, 9))
    stack(book, BUY, ("b", 90, 9))
    book.stop("up", BUY, 101, 1)
    book.stop("down", SELL, 110, 1)
    book.market("m", BUY, 1)
    triggered = [report[1] for report in said(book) if report[0] == TRIGGERED]
    assert triggered == ["up", "down"]


def test_hit_triggers_stops(book: Book) -> None:
    stack(book, SELL, ("s", 100, 5))
    book.stop("t", BUY, 100, 2)
    book.hit("s", 1, "rec")
    assert said(book)[-2:] == [(TRIGGERED, "t"), (FILL, "s", "t", 100, 2, 2)]


def test_replace_that_trades_triggers_stops(book: Book) -> None:
    stack(book, SELL, ("s", 101, 5))
    stack(book, BUY, ("a", 99, 1))
    book.stop("t", BUY, 101, 2)
    book.replace("a", 1, 101)
    assert said(book)[-2:] == [(TRIGGERED, "t"), (FILL, "s", "t", 101, 2, 2)]


def test_replace_of_a_waiting_stop_moves_it(book: Book) -> None:
    stack(book, SELL, ("s", 100, 5), ("s2", 101, 5))
    book.stop("t", BUY, 100, 2)
    assert book.replace("t", 3, None, 101)
    book.market("m", BUY, 5)
    assert (TRIGGERED, "t") not in said(book)
    book.market("n", BUY, 1)
    assert said(book)[-2:] == [(TRIGGERED, "t"), (FILL, "s2", "t", 101, 3, 1)]


def test_replace_of_a_stop_onto_the_last_price_triggers_it(book: Book) -> None:
    stack(book, SELL, ("s", 100, 5))
    book.market("m", BUY, 1)
    book.stop("t", BUY, 105, 2)
    said(book)
    assert book.replace("t", 2, None, 100)
    assert said(book) == [(REPLACED, "t", 2), (TRIGGERED, "t"), (FILL, "s", "t", 100, 2, 2)]


@pytest.mark.parametrize(
    ("qty", "stop_px", "first"), [(1, 101, "t1"), (3, 101, "t2"), (2, 102, "t2")]
)
def test_replace_of_a_waiting_stop_keeps_its_place_only_when_quantity_falls(
    book: Book, qty: int, stop_px: int, first: str
) -> None:
    """As for any order, and as the desk's own time priority has it (`Order.keeps_priority`)."""
    stack(book, SELL, ("s", 102, 99))
    book.stop("t1", BUY, 101, 2)
    book.stop("t2", BUY, 101, 2)
    book.replace("t1", qty, None, stop_px)
    said(book)
    book.market("m", BUY, 1)
    assert next(report[1] for report in said(book) if report[0] == TRIGGERED) == first


def test_cancel_of_a_waiting_stop_takes_it_out(book: Book) -> None:
    stack(book, SELL, ("s", 100, 5))
    book.stop("t", BUY, 100, 2)
    assert book.cancel("t")
    book.market("m", BUY, 1)
    assert said(book) == [
        (ACCEPTED, "t"),
        (CANCELED, "t", 2, ""),
        (ACCEPTED, "m"),
        (FILL, "s", "m", 100, 1, 4),
    ]


# -- what it says of itself ----------------------------------------------------------------------


def test_state_hash_tells_books_apart_and_both_books_agree() -> None:
    hashes = []
    for make in (OrderBook, ReferenceBook):
        made = make()
        seen = [made.state_hash()]
        made.limit("a", BUY, 100, 5)
        seen.append(made.state_hash())
        made.limit("b", BUY, 100, 5)
        seen.append(made.state_hash())
        made.replace("a", 4)
        seen.append(made.state_hash())
        made.market("m", SELL, 1)
        seen.append(made.state_hash())
        made.stop("t", BUY, 110, 1, 111)
        seen.append(made.state_hash())
        assert len(set(seen)) == len(seen)
        hashes.append(seen)
    assert hashes[0] == hashes[1]


def test_validate_finds_a_level_whose_sum_is_wrong() -> None:
    made = OrderBook()
    made.limit("a", BUY, 100, 5)
    made.bids.levels[100].qty = 6
    with pytest.raises(AssertionError):
        made.validate()
