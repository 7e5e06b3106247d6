"""How often a session looks at its store: at the log on every hint, at the rest less often."""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from app.core.context import Quote
from app.ports import StoredEvent
from app.session.client import Session
from app.session.step import Link
from app.store.memory import MemoryStore
from tests.store.builders import wait_until


class Counting(MemoryStore):
    """A store that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def read(self, streams: Sequence[str] | None, after_seq: int, limit: int) -> list[StoredEvent]:
        self.asked["log"] += 1
        return super().read(streams, after_seq, limit)

    def read_market(self, after_ts: int) -> tuple[int, list[Quote]]:
        self.asked["market"] += 1
        return super().read_market(after_ts)

    def hint(self) -> None:
        """Say that something may be new, and wait until the log has been looked at."""
        before = self.asked["log"]
        for wake in self.tables.event_hints:
            wake()
        wait_until(lambda: self.asked["log"] > before)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def session(store: Counting, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A live session that looks when it is told to, and not by itself."""
    monkeypatch.setattr("app.session.client.POLL_S", 1_000.0)
    calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    made = Session("alice", "EQ", lambda: store, calls.put)
    made.start()

    def is_live() -> bool:
        while not calls.empty():
            calls.get()()
        return made.core.link is Link.LIVE

    wait_until(is_live)
    yield made
    made.close()


def test_hints_in_a_row_read_the_log_each_time_and_the_market_once(
    store: Counting, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.session.client.MARKET_S", 1_000.0)
    store.hint()
    looks = store.asked["market"]
    for _ in range(5):
        store.hint()
    assert store.asked["market"] - looks <= 1  # the very first hint may still have been under way
    assert store.asked["log"] >= 6


def test_market_that_was_passed_over_is_read_a_moment_later(
    store: Counting, session: Session
) -> None:
    store.hint()
    looks = store.asked["market"]
    store.hint()  # within the moment, or after it: either way the market is read once more
    wait_until(lambda: store.asked["market"] > looks)
