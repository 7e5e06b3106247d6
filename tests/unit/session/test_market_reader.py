"""The store's thread reads of the market what has changed, and of what is watched only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from app.core.context import Quote
from app.session.market_reader import MarketReader
from app.session.step import MarketRead
from app.store.memory import MemoryStore
from models.errors import StoreUnavailable
from models.market import BAR_NS, BARS_KEPT_NS, Bar, Depth
from tests.builders import NOW

TODAY = NOW - NOW % BAR_NS


class Market(MemoryStore):
    """A store that notes what is read of it, and may fail once.

    Attributes:
        asked: the symbols of each look at depth, and the times of each look at bars.
        fails: the next read of bars does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[object] = []
        self.fails = False
        self._ts = NOW

    def read_depth(self, symbols: Sequence[str]) -> list[Depth]:
        self.asked.append(list(symbols))
        return super().read_depth(symbols)

    def read_bars(self, after: Mapping[str, int]) -> list[Bar]:
        if self.fails:
            self.fails = False
            raise StoreUnavailable("gone")
        self.asked.append(dict(after))
        return super().read_bars(after)

    def put_back(self) -> None:
        """Put the clock back by a second."""
        self._ts -= 10**9

    def trade(self, *symbols: str, bars: int = 0) -> None:
        """Publish a quote, depth and the bar number `bars` of each symbol."""
        self._ts += 1
        self.publish_market(
            self._ts,
            [Quote(symbol, ts=self._ts) for symbol in symbols],
            [Depth(symbol, self._ts) for symbol in symbols],
            [bar(symbol, bars) for symbol in symbols],
        )


def bar(symbol: str, number: int) -> Bar:
    return Bar(symbol, TODAY + number * BAR_NS, 1, 1, 1, 1, 1, 1)


def told(read: MarketRead) -> tuple[list[str], list[str], list[int]]:
    """Return the symbols of quotes and depths, and the numbers of the bars."""
    return (
        [quote.symbol for quote in read.quotes],
        [depth.symbol for depth in read.depths],
        [(each.start_ts - TODAY) // BAR_NS for each in read.bars],
    )


def test_reader_of_nothing_watched_reads_quotes_only() -> None:
    store, reader = Market(), MarketReader()
    store.trade("ACME", "BETA")
    assert told(reader.read(store)) == (["ACME", "BETA"], [], [])
    assert told(reader.read(store)) == ([], [], [])
    assert store.asked == []


def test_reader_after_the_stores_clock_was_put_back_goes_on() -> None:
    store, reader = Market(), MarketReader()
    store.trade("ACME", "BETA")
    reader.read(store)
    store.put_back()
    store.trade("ACME")
    reader.read(store)
    store.trade("ACME")
    assert "ACME" in told(reader.read(store))[0]


def test_reader_reads_all_bars_first_and_the_growing_ones_afterwards() -> None:
    store, reader = Market(), MarketReader()
    for number in range(4):
        store.trade("ACME", bars=number)
    reader.watch(["ACME"])
    assert told(reader.read(store))[1:] == (["ACME"], [0, 1, 2, 3])
    store.trade("ACME", bars=3)
    assert told(reader.read(store))[1:] == (["ACME"], [3])
    store.trade("ACME", bars=5)
    assert told(reader.read(store))[1:] == (["ACME"], [3, 5])


def test_reader_asks_no_older_bars_than_are_kept() -> None:
    store, reader = Market(), MarketReader()
    store.trade("ACME")
    feed_ts = store.tables.feed_ts
    reader.watch(["ACME"])
    reader.read(store)
    assert store.asked == [["ACME"], {"ACME": feed_ts - BARS_KEPT_NS}]


def test_reader_asks_for_depth_only_when_the_quote_has_changed() -> None:
    store, reader = Market(), MarketReader()
    store.trade("ACME", "BETA")
    reader.watch(["ACME"])
    reader.read(store)
    store.asked.clear()
    reader.read(store)
    store.trade("BETA")
    reader.read(store)
    assert store.asked == []
    store.trade("ACME")
    assert told(reader.read(store)) == (["ACME"], ["ACME"], [0])


def test_reader_takes_newly_watched_symbols_one_at_a_time_and_once() -> None:
    store, reader = Market(), MarketReader()
    store.trade("ACME", "BETA")
    reader.read(store)
    reader.watch(["BETA", "ACME"])
    seen = []
    while reader.is_behind:
        seen.append(told(reader.read(store))[1])
    assert seen == [["ACME"], ["BETA"]]
    reader.watch(["ACME", "BETA"])
    assert not reader.is_behind


def test_reader_of_a_symbol_watched_again_reads_all_of_it_again() -> None:
    store, reader = Market(), MarketReader()
    for number in range(3):
        store.trade("ACME", bars=number)
    reader.watch(["ACME"])
    reader.read(store)
    reader.watch([])
    store.trade("ACME", bars=2)
    assert told(reader.read(store)) == (["ACME"], [], [])
    reader.watch(["ACME"])
    assert told(reader.read(store)) == ([], ["ACME"], [0, 1, 2])


def test_reader_of_a_symbol_that_has_nothing_yet_follows_it_from_its_first_trade() -> None:
    store, reader = Market(), MarketReader()
    reader.watch(["ACME"])
    assert told(reader.read(store)) == ([], [], [])
    assert not reader.is_behind
    store.trade("ACME")
    assert told(reader.read(store)) == (["ACME"], ["ACME"], [0])


def test_reader_reads_again_what_the_store_did_not_answer() -> None:
    store, reader = Market(), MarketReader()
    store.trade("ACME")
    reader.watch(["ACME"])
    store.fails = True
    with pytest.raises(StoreUnavailable):
        reader.read(store)
    assert reader.is_behind
    assert told(reader.read(store)) == (["ACME"], ["ACME"], [0])
