"""What a session keeps of the symbols that somebody watches: depth, prints and bars."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import groupby

from models.market import BARS_KEPT_NS, TAPE_MAX, Bar, Depth, Print


class WatchedMarket:
    """Merges what was read of watched symbols; what is watched no longer is forgotten at once.

    Attributes:
        symbols: what is watched.
        depths: by symbol, the newest.
        tapes: by symbol, its last `TAPE_MAX` prints, newest last.
        bars: by symbol, oldest first; the last one still grows.
    """

    def __init__(self) -> None:
        self.symbols: frozenset[str] = frozenset()
        self.depths: dict[str, Depth] = {}
        self.tapes: dict[str, deque[Print]] = {}
        self.bars: dict[str, list[Bar]] = {}

    def watch(self, symbols: Iterable[str]) -> None:
        """Watch these and no others."""
        self.symbols = frozenset(symbols)
        for kept in (self.depths, self.tapes, self.bars):
            for symbol in kept.keys() - self.symbols:
                del kept[symbol]

    def take(self, depths: Sequence[Depth], bars: Sequence[Bar]) -> frozenset[str]:
        """Merge what was read and return the symbols in which something changed.

        `bars` are each symbol's from some start on without a gap, oldest first.
        """
        changed: set[str] = set()
        for depth in depths:
            if depth.symbol in self.symbols and depth != self.depths.get(depth.symbol):
                self.depths[depth.symbol] = depth
                tape = self.tapes.setdefault(depth.symbol, deque(maxlen=TAPE_MAX))
                tape.extend(fresh_prints(tape, depth.prints))
                changed.add(depth.symbol)
        for symbol, group in groupby(bars, lambda bar: bar.symbol):
            if symbol in self.symbols and _carry_on(self.bars.setdefault(symbol, []), list(group)):
                changed.add(symbol)
        return frozenset(changed)


def fresh_prints(tape: Sequence[Print], prints: Sequence[Print]) -> Sequence[Print]:
    """Return those of `prints` that are not on `tape` yet.

    `prints` are numbered without a gap, and may be those of a venue that was started again.
    """
    if not tape or not prints or prints[0].seq > tape[-1].seq:
        return prints  # what lies between, if anything, was not seen
    overlap = tape[-1].seq - prints[0].seq
    is_known = overlap < len(prints) and prints[overlap] == tape[-1]
    return prints[overlap + 1 :] if is_known else prints


def _carry_on(bars: list[Bar], later: list[Bar]) -> bool:
    """Let `later` replace what `bars` has from its start on; whether that changed anything."""
    at = len(bars)
    while at and bars[at - 1].start_ts >= later[0].start_ts:
        at -= 1
    if bars[at:] == later:
        return False
    bars[at:] = later
    old_ts = bars[-1].start_ts - BARS_KEPT_NS
    if bars[0].start_ts <= old_ts:
        bars[:] = [bar for bar in bars if bar.start_ts > old_ts]
    return True
