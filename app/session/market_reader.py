"""Reads the market from the store: all quotes, and what is watched where its quote has changed."""

from __future__ import annotations

from collections.abc import Iterable

from app.ports import Store
from app.session.step import MarketRead
from models.market import BARS_KEPT_NS


class MarketReader:
    """Knows what has been read of the market; belongs to the store's thread.

    Attributes:
        is_behind: whether watched symbols are still to be read for the first time.
    """

    def __init__(self) -> None:
        self._quoted_ts = 0
        self._bars_from: dict[str, int] = {}
        self._unread: dict[str, None] = {}

    @property
    def is_behind(self) -> bool:
        return bool(self._unread)

    def watch(self, symbols: Iterable[str]) -> None:
        """Read depth and bars of these symbols and no others."""
        watched = set(symbols)
        for symbol in self._bars_from.keys() - watched:
            del self._bars_from[symbol]
        self._unread = dict.fromkeys(
            symbol for symbol in sorted(watched) if symbol not in self._bars_from
        )

    def read(self, store: Store) -> MarketRead:
        """Return what changed since the last read.

        Of what is newly watched, one symbol at a time: a day of bars takes some milliseconds, and
        orders wait behind them.
        """
        feed_ts, quotes = store.read_market(self._quoted_ts)
        after = {
            quote.symbol: self._bars_from[quote.symbol]
            for quote in quotes
            if quote.symbol in self._bars_from
        }
        fresh = next(iter(self._unread), None)
        if fresh is not None:
            after[fresh] = feed_ts - BARS_KEPT_NS
        depths = store.read_depth(list(after)) if after else []
        bars = store.read_bars(after) if after else []
        # Only now: where the store has not answered, all of it is read again.
        # A feed that is behind its own quotes means that the store's clock was put back: what comes
        # then must not wait until the clock is where it was.
        newest = max((quote.ts for quote in quotes), default=self._quoted_ts)
        self._quoted_ts = min(newest, feed_ts)
        if fresh is not None:
            del self._unread[fresh]
            self._bars_from[fresh] = after[fresh]
        self._bars_from.update((bar.symbol, bar.start_ts) for bar in bars)
        return MarketRead(feed_ts, quotes, depths, bars)
