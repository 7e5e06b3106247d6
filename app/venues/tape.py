"""One symbol's trades at a venue: its volume, its last prints and its bars.

A trade only joins a list, for it happens while orders wait; what it means is worked out when the
market is published.
"""

from __future__ import annotations

from collections import deque

from models.market import BAR_NS, PRINTS_MAX, Bar, Print

Trade = tuple[int, int, int, bool]


class Tape:
    """Collects the trades of one symbol.

    Attributes:
        waiting: trades since `settle`, as (ts, px, qty, is_buy); the venue appends to it.
        prints: the last `PRINTS_MAX`, oldest first.
        volume, last_px: what has traded in all, and the price of the last trade, 0 before it.
    """

    def __init__(self, symbol: str) -> None:
        self.waiting: list[Trade] = []
        self.prints: deque[Print] = deque(maxlen=PRINTS_MAX)
        self.volume = self.last_px = 0
        self._symbol = symbol
        self._seq = 0
        self._bar: _Bar | None = None

    def settle(self) -> list[Bar]:
        """Work out what the waiting trades mean; return the bars that they changed."""
        changed: dict[int, _Bar] = {}
        bar = self._bar
        for ts, px, qty, _ in self.waiting:
            # A clock that went back makes no older bar: that one has been published.
            if bar is None or ts >= bar.start_ts + BAR_NS:
                bar = self._bar = _Bar(ts - ts % BAR_NS, px)
            bar.add(px, qty)
            changed[bar.start_ts] = bar
            self.volume += qty
            self.last_px = px
        self._print()
        self.waiting.clear()
        return [each.shown(self._symbol) for each in changed.values()]

    def _print(self) -> None:
        """Print what still fits on the tape, and count the rest."""
        self._seq += len(self.waiting)
        last = self.waiting[-PRINTS_MAX:]
        for seq, (ts, px, qty, is_buy) in enumerate(last, self._seq - len(last) + 1):
            self.prints.append(Print(seq, ts, px, qty, is_buy))


class _Bar:
    """A bar that grows; `value` is the sum of price times quantity."""

    __slots__ = ("close", "high", "low", "open", "qty", "start_ts", "value")

    def __init__(self, start_ts: int, px: int) -> None:
        self.start_ts = start_ts
        self.open = self.high = self.low = self.close = px
        self.qty = self.value = 0

    def add(self, px: int, qty: int) -> None:
        self.high = max(self.high, px)
        self.low = min(self.low, px)
        self.close = px
        self.qty += qty
        self.value += px * qty

    def shown(self, symbol: str) -> Bar:
        vwap = (2 * self.value + self.qty) // (2 * self.qty)
        return Bar(
            symbol, self.start_ts, self.open, self.high, self.low, self.close, self.qty, vwap
        )
