"""Icebergs, post-only, least quantity, market-to-limit, self-trade prevention: in both books."""

from __future__ import annotations

import pytest

from app.matching.instructions import Instructions, SelfTrade, tranche
from app.matching.order_book import (
    ACCEPTED,
    CANCELED,
    DAY,
    FILL,
    FOK,
    IOC,
    NO_MARKET,
    NOT_ENOUGH,
    POST_ONLY,
    PRICED,
    REDUCED,
    REJECTED,
    REPLACE_REJECTED,
    SELF_TRADE,
    TOO_LITTLE,
    TRIGGERED,
    OrderBook,
    Report,
)
from app.matching.reference_book import ReferenceBook

Book = OrderBook | ReferenceBook
BUY, SELL = True, False
ICEBERG = Instructions(display=3)
FUND = Instructions(owner="fund")


@pytest.fixture(params=[OrderBook, ReferenceBook], ids=["fast", "oracle"])
def kind(request: pytest.FixtureRequest) -> type[Book]:
    made: type[Book] = request.param
    return made


@pytest.fixture
def book(kind: type[Book]) -> Book:
    return kind()


def said(book: Book, what: int) -> list[Report]:
    """Return what the book reported of a kind, and forget all reports."""
    found = [report[1:] for report in book.reports if report[0] == what]
    book.reports.clear()
    book.validate()
    return found


def test_iceberg_shows_only_its_display_quantity(book: Book) -> None:
    book.limit("ice", SELL, 100, 10, instructions=ICEBERG)
    assert book.depth(SELL, 9) == [(100, 3)]


def test_iceberg_refresh_goes_to_the_back_of_the_queue(book: Book) -> None:
    book.limit("ice", SELL, 100, 10, instructions=ICEBERG)
    book.limit("plain", SELL, 100, 4)
    book.limit("taker", BUY, 100, 9)
    assert said(book, FILL) == [
        ("ice", "taker", 100, 3, 7),
        ("plain", "taker", 100, 4, 0),
        ("ice", "taker", 100, 2, 5),
    ]
    assert book.depth(SELL, 9) == [(100, 1)]


def test_iceberg_alone_trades_through_all_its_tranches(book: Book) -> None:
    book.limit("ice", BUY, 100, 10, instructions=ICEBERG)
    book.market("taker", SELL, 10)
    assert [report[3] for report in said(book, FILL)] == [3, 3, 3, 1]
    assert book.best_bid == 0


def test_iceberg_cancelled_gives_back_what_was_hidden_too(book: Book) -> None:
    book.limit("ice", BUY, 100, 10, instructions=ICEBERG)
    book.cancel("ice")
    assert said(book, CANCELED) == [("ice", 10, "")]


def test_iceberg_reduced_takes_off_the_hidden_part_first_and_keeps_its_place(book: Book) -> None:
    book.limit("ice", SELL, 100, 10, instructions=ICEBERG)
    book.limit("plain", SELL, 100, 4)
    book.replace("ice", 4, 100)
    assert book.depth(SELL, 9) == [(100, 7)]
    book.market("taker", BUY, 8)
    assert [report[0] for report in said(book, FILL)] == ["ice", "plain", "ice"]


def test_iceberg_raised_goes_to_the_back_with_a_fresh_tranche(book: Book) -> None:
    book.limit("ice", SELL, 100, 10, instructions=ICEBERG)
    book.limit("plain", SELL, 100, 4)
    book.replace("ice", 11, 100)
    book.market("taker", BUY, 5)
    assert said(book, FILL) == [("plain", "taker", 100, 4, 0), ("ice", "taker", 100, 1, 10)]


def test_fill_or_kill_reaches_what_icebergs_hide(book: Book) -> None:
    book.limit("ice", SELL, 100, 10, instructions=ICEBERG)
    book.limit("greedy", BUY, 100, 11, FOK)
    assert said(book, CANCELED) == [("greedy", 11, NOT_ENOUGH)]
    book.limit("taker", BUY, 100, 10, FOK)
    assert sum(int(report[3]) for report in said(book, FILL)) == 10


def test_tranches_that_vary_are_the_same_in_every_run_and_stay_within_a_fifth() -> None:
    asks = Instructions(display=1_000, seed=1, lot=100)
    drawn = [tranche(asks, "o", at, 50_000) for at in range(200)]
    assert drawn == [tranche(asks, "o", at, 50_000) for at in range(200)]
    assert len(set(drawn)) > 2
    assert all(800 <= each <= 1_200 and each % 100 == 0 for each in drawn)
    assert tranche(asks, "o", 5, 700) == 700


def test_post_only_that_would_take_is_rejected_and_changes_nothing(book: Book) -> None:
    book.limit("maker", SELL, 100, 5)
    book.reports.clear()
    book.limit("shy", BUY, 100, 5, instructions=Instructions(post_only=True))
    assert list(book.reports) == [(REJECTED, "shy", POST_ONLY)]
    assert (book.best_bid, book.best_offer) == (0, 100)


def test_post_only_that_rests_may_not_be_repriced_into_the_market(book: Book) -> None:
    book.limit("maker", SELL, 100, 5)
    book.limit("shy", BUY, 99, 5, instructions=Instructions(post_only=True))
    assert not book.replace("shy", 5, 100)
    assert said(book, REPLACE_REJECTED) == [("shy", POST_ONLY)]
    assert book.best_bid == 99
    assert book.replace("shy", 5, 98)
    assert book.best_bid == 98


@pytest.mark.parametrize(("least", "trades"), [(5, True), (6, False)])
def test_minimum_quantity_trades_at_least_that_or_nothing(
    book: Book, least: int, trades: bool
) -> None:
    book.limit("maker", SELL, 100, 5)
    book.limit("taker", BUY, 100, 9, IOC, instructions=Instructions(min_qty=least))
    cancels = [report for report in book.reports if report[0] == CANCELED]
    assert (cancels[0][2], cancels[0][3] == TOO_LITTLE) == ((4, False) if trades else (9, True))
    assert (book.best_offer == 0) is trades


def test_market_to_limit_trades_the_best_price_and_rests_the_remainder_there(book: Book) -> None:
    book.limit("near", SELL, 100, 5)
    book.limit("far", SELL, 101, 5)
    book.market_to_limit("mtl", BUY, 8)
    assert [report[:2] for report in book.reports[-2:]] == [(PRICED, "mtl"), (FILL, "near")]
    assert (book.depth(BUY, 9), book.depth(SELL, 9)) == ([(100, 3)], [(101, 5)])


def test_market_to_limit_in_an_empty_book_is_cancelled(book: Book) -> None:
    book.market_to_limit("mtl", BUY, 8)
    assert list(book.reports) == [(ACCEPTED, "mtl"), (CANCELED, "mtl", 8, NO_MARKET)]


@pytest.mark.parametrize(
    ("mode", "cancelled", "reduced", "left"),
    [
        (SelfTrade.CANCEL_NEWEST, [("taker", 5)], [], [(100, 8)]),
        (SelfTrade.CANCEL_OLDEST, [("own", 4)], [], []),
        (SelfTrade.CANCEL_BOTH, [("own", 4), ("taker", 5)], [], [(100, 4)]),
        (SelfTrade.DECREMENT, [("own", 4)], [("taker", 1)], [(100, 3)]),
    ],
)
def test_self_trade_in_the_middle_of_a_level_is_prevented(
    kind: type[Book],
    mode: SelfTrade,
    cancelled: list[tuple[str, int]],
    reduced: list[tuple[str, int]],
    left: list[tuple[int, int]],
) -> None:
    book = kind(mode)
    book.limit("first", SELL, 100, 2)
    book.limit("own", SELL, 100, 4, instructions=FUND)
    book.limit("last", SELL, 100, 4)
    book.limit("taker", BUY, 100, 7, IOC, instructions=FUND)
    reports = list(book.reports)
    assert [r[1:3] for r in reports if r[0] == CANCELED and r[3] == SELF_TRADE] == cancelled
    assert [r[1:3] for r in reports if r[0] == REDUCED] == reduced
    assert next(r[1] for r in reports if r[0] == FILL) == "first"
    assert book.depth(SELL, 9) == left


def test_self_trade_of_two_owners_is_a_trade(book: Book) -> None:
    book.limit("own", SELL, 100, 4, instructions=FUND)
    book.limit("taker", BUY, 100, 4, instructions=Instructions(owner="scheme"))
    assert said(book, FILL) == [("own", "taker", 100, 4, 0)]


def test_stop_keeps_its_instructions_when_it_is_triggered(book: Book) -> None:
    book.limit("own", SELL, 101, 4, instructions=FUND)
    book.stop("stop", BUY, 100, 4, 101, instructions=FUND)
    book.limit("m", SELL, 100, 1)
    book.limit("t", BUY, 100, 1)
    kinds = [report[0] for report in book.reports]
    assert TRIGGERED in kinds
    assert (CANCELED, "stop", 4, SELF_TRADE) in book.reports
    assert book.depth(SELL, 9) == [(101, 4)]


def test_hit_of_an_iceberg_shows_its_next_tranche(book: Book) -> None:
    book.limit("ice", SELL, 100, 7, DAY, instructions=ICEBERG)
    assert book.hit("ice", 5, "rec") == 3
    assert book.depth(SELL, 9) == [(100, 3)]
    assert said(book, FILL) == [("ice", "rec", 100, 3, 4)]
