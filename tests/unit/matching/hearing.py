"""What a book under test has said, and taking everything out of it again."""

from __future__ import annotations

from typing import Any

from app.matching.order_book import ACCEPTED, FILL, OrderBook, Report
from app.matching.reference_book import ReferenceBook

Book = OrderBook | ReferenceBook
BUY, SELL = True, False


class Heard(list[Report]):
    """A book's reports, with the ids of all orders that were ever accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    def append(self, report: Report) -> None:
        if report[0] == ACCEPTED:
            self.ids.add(str(report[1]))
        super().append(report)


def said(book: Book, what: int) -> list[Report]:
    """Return what the book reported of a kind, and forget all reports."""
    found = [report[1:] for report in book.reports if report[0] == what]
    book.reports.clear()
    book.validate()
    return found


def traded(book: Book) -> list[tuple[Any, ...]]:
    """Return (maker, taker, price, quantity) of what traded, and forget all reports."""
    return [report[:4] for report in said(book, FILL)]


def drain(book: Book) -> None:
    """Cancel every order that was ever accepted: nothing may be left then."""
    assert isinstance(book.reports, Heard)
    for order_id in book.reports.ids:
        book.cancel(order_id)
    book.validate()
    assert book.depth(BUY, 99) == book.depth(SELL, 99) == []
    assert (book.best_bid, book.best_offer) == (0, 0)
    fresh = type(book)()
    fresh.last_px, fresh.static_px, fresh.bands = book.last_px, book.static_px, book.bands
    if book.call is not None:
        fresh.begin_call(book.call)
    assert book.state_hash() == fresh.state_hash()
