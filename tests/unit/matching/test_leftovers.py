"""What has left the book leaves nothing behind in memory, collected or not."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator

import pytest

from app.bench.workloads import feed, workload_b
from app.matching.levels import Level, Resting
from app.matching.order_book import OrderBook


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The collector off, so that only what nothing refers to any more goes."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _alive(kind: type) -> int:
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.mark.usefixtures("no_collector")
def test_orders_and_levels_that_are_gone_are_freed_without_the_collector() -> None:
    stream = workload_b(300, 6_000)
    gc.collect()
    others = _alive(Resting), _alive(Level)
    book = OrderBook()
    for message in stream.before + stream.messages:
        feed(book, message)
        book.reports.clear()
    levels = len(book.bids.levels) + len(book.offers.levels)
    assert len(book.orders) > 100
    assert (_alive(Resting), _alive(Level)) == (
        len(book.orders) + others[0],
        levels + others[1],
    )


def test_a_drained_book_holds_nothing() -> None:
    stream = workload_b(300, 3_000)
    book = OrderBook()
    for message in stream.before + stream.messages:
        feed(book, message)
    for order_id in list(book.orders):
        book.cancel(order_id)
    book.reports.clear()
    for side in (book.bids, book.offers):
        assert (side.keys, side.levels) == ([], {})
    assert not book.orders
    assert not len(book.stops)


@pytest.mark.usefixtures("no_collector")
def test_a_resting_order_takes_at_most_400_bytes() -> None:
    orders = 5_000
    names = [str(number) for number in range(orders)]
    book = OrderBook()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for at, name in enumerate(names):
        is_buy = at % 2 == 0
        book.limit(name, is_buy, 1_000 - at % 50 if is_buy else 2_000 + at % 50, 10)
        book.reports.clear()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / orders <= 400
