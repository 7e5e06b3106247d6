"""Waiting stops: which one a price releases, and in what order."""

from __future__ import annotations

from app.matching.triggers import TriggerBook


def released(book: TriggerBook, price: int) -> list[str]:
    found = []
    book.elect(price, price)
    while (stop := book.release()) is not None:
        found.append(stop.order_id)
    return found


def filled() -> TriggerBook:
    book = TriggerBook()
    for order_id, is_buy, stop_px in (
        ("b3", True, 103),
        ("s9", False, 99),
        ("b1", True, 101),
        ("s8", False, 98),
        ("b1-late", True, 101),
    ):
        book.add(order_id, is_buy, stop_px, 1, None)
    return book


def test_release_rising_price_takes_buys_from_the_lowest() -> None:
    book = filled()
    assert released(book, 102) == ["b1", "b1-late"]
    assert released(book, 103) == ["b3"]
    assert len(book) == 2


def test_release_falling_price_takes_sells_from_the_highest() -> None:
    assert released(filled(), 98) == ["s9", "s8"]


def test_release_price_that_reaches_nothing_takes_nothing() -> None:
    assert released(filled(), 100) == []


def test_remove_takes_one_out_once() -> None:
    book = filled()
    stop = book.remove("b1")
    assert stop is not None
    assert (stop.order_id, stop.stop_px) == ("b1", 101)
    assert "b1" not in book
    assert book.remove("b1") is None
    assert released(book, 101) == ["b1-late"]


def test_stops_are_listed_by_arrival() -> None:
    assert [stop.order_id for stop in filled().stops()] == ["b3", "s9", "b1", "s8", "b1-late"]
