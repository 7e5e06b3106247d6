"""Both books, for tests that hold the fast one and its oracle to the same: they end empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.matching.order_book import OrderBook
from app.matching.reference_book import ReferenceBook
from tests.unit.matching.hearing import Heard, drain


@pytest.fixture(params=[OrderBook, ReferenceBook], ids=["fast", "oracle"])
def book(request: pytest.FixtureRequest) -> Iterator[OrderBook | ReferenceBook]:
    """An empty book; at the end it must be sound, and come empty when its orders are taken out."""
    made: OrderBook | ReferenceBook = request.param()
    made.reports = Heard()
    yield made
    made.validate()
    drain(made)
