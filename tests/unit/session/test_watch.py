"""A session with a store's thread of its own: what panes watch comes, together and by itself."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator

import pytest

from app.core.context import Quote
from app.session.client import Session
from app.session.step import Changed
from app.store.memory import MemoryStore, MemoryTables
from models.market import BAR_NS, Bar, Depth, Print
from tests.builders import DESK, NOW


class Panes:
    """Panes over a session, on this thread.

    Attributes:
        seen: symbols of each change in the market.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.tables = MemoryTables()
        self.session = Session("alice", DESK, lambda: MemoryStore(self.tables), self._calls.put)
        self.seen: list[frozenset[str]] = []
        self.session.listeners.append(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if changed.market:
            self.seen.append(changed.market)

    def until(self, holds: Callable[[], bool]) -> None:
        """Run what the store's thread has posted until `holds`."""
        give_up = time.monotonic() + 30
        while not holds():
            self._calls.get(timeout=max(0.0, give_up - time.monotonic()))()

    def trade(self, symbol: str, seq: int) -> None:
        ts = NOW + seq
        prints = tuple(Print(n, NOW + n, 5, 1, is_buy=True) for n in range(1, seq + 1))
        bar = Bar(symbol, NOW - NOW % BAR_NS, 5, 5, 5, 5, seq, 5)
        MemoryStore(self.tables).publish_market(
            ts, [Quote(symbol, ts=ts)], [Depth(symbol, ts, prints=prints)], [bar]
        )


@pytest.fixture
def panes() -> Iterator[Panes]:
    """Panes of a session that has been started."""
    made = Panes()
    made.session.start()
    yield made
    made.session.close()


def test_watch_brings_what_is_there_and_follows_it(panes: Panes) -> None:
    core = panes.session.core
    for symbol in ("ACME", "BETA", "CORN"):
        panes.trade(symbol, 2)
    panes.until(lambda: len(core.quotes) == 3)
    panes.session.watch("chart", ["ACME"])
    panes.session.watch("depth", ["ACME", "BETA"])
    panes.until(lambda: len(core.depths) == 2)
    assert [len(core.bars[symbol]) for symbol in ("ACME", "BETA")] == [1, 1]
    panes.trade("BETA", 4)
    panes.until(lambda: len(core.tapes["BETA"]) == 4)
    assert core.bars["BETA"][-1].qty == 4
    assert set().union(*panes.seen) == {"ACME", "BETA"}


def test_watch_of_one_pane_leaves_what_another_shows(panes: Panes) -> None:
    core = panes.session.core
    panes.trade("ACME", 1)
    panes.session.watch("chart", ["ACME"])
    panes.session.watch("depth", ["ACME"])
    panes.until(lambda: "ACME" in core.depths)
    panes.session.watch("chart", ["BETA"])
    assert "ACME" in core.depths
    panes.session.watch("depth", [])
    assert "ACME" not in core.depths
    assert core.watched == {"BETA"}


def test_watch_before_the_start_is_followed_from_the_start() -> None:
    panes = Panes()
    panes.trade("ACME", 3)
    panes.session.watch("depth", ["ACME"])
    panes.session.start()
    panes.until(lambda: "ACME" in panes.session.core.depths)
    panes.session.close()
