"""Pegged orders: what they follow, when they move and in which order, in both books."""

from __future__ import annotations

import pytest

from app.matching.auction import Call
from app.matching.instructions import Instructions, PegTo, SelfTrade
from app.matching.order_book import CANCELED, PEGGED, REJECTED, SELF_TRADE, OrderBook
from app.matching.reference_book import ReferenceBook
from models.orders import Peg
from tests.unit.matching.hearing import BUY, SELL, Book, said, traded

PRIMARY, MARKET, MID = PegTo(Peg.PRIMARY), PegTo(Peg.MARKET, -1), PegTo(Peg.MID)


def quote(book: Book, bid: int = 99, offer: int = 103, qty: int = 5) -> None:
    book.limit("bid", BUY, bid, qty)
    book.limit("offer", SELL, offer, qty)
    book.reports.clear()


@pytest.mark.parametrize(
    ("peg", "is_buy", "cap", "price"),
    [
        (PegTo(Peg.PRIMARY), BUY, 0, 99),
        (PegTo(Peg.PRIMARY), SELL, 0, 103),
        (PegTo(Peg.PRIMARY, 1), BUY, 0, 100),
        (PegTo(Peg.PRIMARY, 1), SELL, 0, 102),
        (PegTo(Peg.PRIMARY, -2), BUY, 0, 97),
        (PegTo(Peg.MARKET, -1), BUY, 0, 102),
        (PegTo(Peg.MARKET, -1), SELL, 0, 100),
        (PegTo(Peg.MID), BUY, 0, 101),
        (PegTo(Peg.MID, tick=2), BUY, 0, 100),
        (PegTo(Peg.MID, tick=2), SELL, 0, 102),
        (PegTo(Peg.PRIMARY, 2), BUY, 100, 100),
        (PegTo(Peg.PRIMARY), BUY, 98, 98),
        (PegTo(Peg.PRIMARY, 2), SELL, 102, 102),
        (PegTo(Peg.PRIMARY), SELL, 104, 104),
    ],
)
def test_peg_stands_where_its_reference_offset_and_cap_say(
    book: Book, peg: PegTo, is_buy: bool, cap: int, price: int
) -> None:
    quote(book)
    book.pegged("peg", is_buy, 4, peg, cap)
    assert said(book, PEGGED) == [("peg", price)]
    assert price in dict(book.depth(is_buy, 9))


def test_mid_of_an_odd_spread_is_rounded_away_from_the_other_side(book: Book) -> None:
    quote(book, 99, 102)
    book.pegged("buy", BUY, 4, MID)
    book.pegged("sell", SELL, 4, MID)
    assert said(book, PEGGED) == [("buy", 100), ("sell", 101)]


def test_peg_follows_its_reference_both_ways_and_loses_its_place(book: Book) -> None:
    quote(book)
    book.pegged("peg", BUY, 4, PRIMARY)
    book.limit("better", BUY, 100, 1)
    assert said(book, PEGGED) == [("peg", 99), ("peg", 100)]
    book.cancel("better")
    assert said(book, PEGGED) == [("peg", 99)]
    book.limit("late", BUY, 99, 2)
    book.limit("taker", SELL, 99, 10)
    assert [fill[0] for fill in traded(book)] == ["bid", "peg", "late"]


def test_peg_whose_reference_did_not_move_keeps_its_place(book: Book) -> None:
    quote(book)
    book.pegged("peg", BUY, 4, PRIMARY)
    book.limit("late", BUY, 99, 2)
    book.limit("far", BUY, 98, 2)
    book.cancel("far")
    book.limit("taker", SELL, 99, 9)
    assert [fill[0] for fill in traded(book)] == ["bid", "peg"]


def test_pegs_never_follow_themselves_or_each_other(book: Book) -> None:
    quote(book)
    book.pegged("up", BUY, 4, PegTo(Peg.PRIMARY, 1))
    book.pegged("upper", BUY, 4, PegTo(Peg.PRIMARY, 1))
    assert book.depth(BUY, 9) == [(100, 8), (99, 5)]
    book.cancel("bid")
    assert book.depth(BUY, 9) == []


def test_peg_without_a_reference_waits_unseen_and_comes_when_there_is_one(book: Book) -> None:
    book.pegged("peg", BUY, 4, PRIMARY)
    book.pegged("mid", BUY, 4, MID)
    assert (book.best_bid, said(book, PEGGED)) == (0, [])
    book.limit("bid", BUY, 99, 1)
    assert said(book, PEGGED) == [("peg", 99)]
    book.limit("offer", SELL, 103, 1)
    assert said(book, PEGGED) == [("mid", 101)]
    book.cancel("bid")
    assert said(book, PEGGED) == [("peg", 0), ("mid", 0)]


def test_pegs_move_in_order_of_their_priority(book: Book) -> None:
    quote(book)
    for name in ("a", "b", "c"):
        book.pegged(name, BUY, 1, PRIMARY)
    book.limit("better", BUY, 100, 1)
    book.reports.clear()
    book.limit("taker", SELL, 100, 4)
    assert [fill[0] for fill in traded(book)] == ["better", "a", "b", "c"]


def test_peg_that_reaches_the_other_side_trades_until_its_cap(book: Book) -> None:
    quote(book)
    book.limit("next", SELL, 104, 5)
    book.limit("last", SELL, 105, 5)
    book.reports.clear()
    book.pegged("peg", BUY, 12, PegTo(Peg.MARKET), 104)
    assert traded(book) == [("offer", "peg", 103, 5), ("next", "peg", 104, 5)]
    assert book.best_bid == 104


def test_peg_that_trades_sets_off_a_stop_before_the_next_peg_moves(book: Book) -> None:
    quote(book, 99, 103, 2)
    book.limit("far", SELL, 106, 9)
    book.stop("stop", BUY, 103, 1)
    book.pegged("late", SELL, 1, PRIMARY)
    book.reports.clear()
    book.pegged("peg", BUY, 2, PegTo(Peg.MARKET))
    assert traded(book) == [("offer", "peg", 103, 2), ("late", "stop", 103, 1)]


def test_peg_with_new_terms_keeps_its_place_only_when_quantity_falls(book: Book) -> None:
    quote(book)
    book.pegged("peg", BUY, 4, PRIMARY)
    book.limit("late", BUY, 99, 2)
    book.replace("peg", 3)
    book.limit("taker", SELL, 99, 6)
    assert [fill[0] for fill in traded(book)] == ["bid", "peg"]
    book.replace("peg", 5)
    book.limit("bid2", BUY, 99, 1)
    book.limit("taker2", SELL, 99, 3)
    assert [fill[0] for fill in traded(book)] == ["late", "peg"]


def test_peg_with_a_new_cap_moves_within_it(book: Book) -> None:
    quote(book)
    book.pegged("peg", BUY, 4, PRIMARY)
    book.replace("peg", 4, 97)
    assert said(book, PEGGED)[-1] == ("peg", 97)


def test_peg_stands_aside_in_a_call_and_comes_back_after_it(book: Book) -> None:
    quote(book)
    book.pegged("peg", BUY, 4, PRIMARY)
    book.begin_call(Call.VOLATILITY)
    assert book.depth(BUY, 9) == [(99, 5)]
    book.uncross()
    assert book.depth(BUY, 9) == [(99, 9)]


def test_peg_that_waits_or_stands_can_be_cancelled(book: Book) -> None:
    book.pegged("peg", BUY, 4, PRIMARY)
    assert book.cancel("peg")
    quote(book)
    book.pegged("peg", BUY, 4, PRIMARY)
    assert book.cancel("peg")
    assert said(book, CANCELED) == [("peg", 4, "")]


@pytest.mark.parametrize(("qty", "cap"), [(0, 0), (4, -1)])
def test_peg_that_can_not_be_is_rejected(book: Book, qty: int, cap: int) -> None:
    book.pegged("peg", BUY, qty, PRIMARY, cap)
    assert len(said(book, REJECTED)) == 1


def test_peg_that_shows_a_part_of_itself_keeps_the_rest_when_it_moves(book: Book) -> None:
    quote(book)
    book.pegged("peg", BUY, 9, PRIMARY, instructions=Instructions(display=2))
    book.limit("better", BUY, 100, 1)
    assert book.depth(BUY, 9)[0] == (100, 3)
    book.market("taker", SELL, 10)
    assert sum(fill[3] for fill in traded(book)) == 10


def test_peg_of_one_owner_does_not_trade_with_its_own_orders() -> None:
    for kind in (OrderBook, ReferenceBook):
        book = kind(SelfTrade.CANCEL_NEWEST)
        book.limit("own", SELL, 103, 5, instructions=Instructions(owner="fund"))
        book.pegged("peg", BUY, 5, PegTo(Peg.MARKET), instructions=Instructions(owner="fund"))
        assert said(book, CANCELED) == [("peg", 5, SELF_TRADE)]
        book.cancel("own")
        assert book.depth(SELL, 1) == []
