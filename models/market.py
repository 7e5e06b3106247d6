"""What a market shows beyond its quotes: depth, prints and bars. Conflated: any of it may be lost.

Prices in 1e-9 units, quantities in the instrument's units, times in nanoseconds UTC.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

DEPTH_LEVELS = 20
PRINTS_MAX = 30
TAPE_MAX = 200
BAR_NS = 5_000_000_000
BARS_KEPT_NS = 24 * 3_600 * 1_000_000_000


class Phase(StrEnum):
    """What a market does with orders in a name: match them, gather them for an auction, or none."""

    PRE_OPEN = "pre_open"
    CONTINUOUS = "continuous"
    VOLATILITY = "volatility"
    HALTED = "halted"
    RESUMING = "resuming"
    CLOSING = "closing"
    CLOSED = "closed"

    @property
    def is_call(self) -> bool:
        """Whether orders are gathered for an auction that has an end."""
        return self in (Phase.PRE_OPEN, Phase.VOLATILITY, Phase.RESUMING, Phase.CLOSING)


class Level(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One price of a book: what rests there, in how many orders."""

    px: int
    qty: int
    orders: int = 0


class Print(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One trade; `is_buy` says whether the buyer was the aggressor.

    `seq` counts a symbol's trades from 1, and again from 1 when its venue has been started again.
    """

    seq: int
    ts: int
    px: int
    qty: int
    is_buy: bool


class Depth(msgspec.Struct, frozen=True, array_like=True):
    """A symbol's book and its last prints.

    At most `DEPTH_LEVELS` a side, the best first; at most `PRINTS_MAX` prints, oldest first. While
    orders are gathered, `indicative_px` is what the auction would trade at now (0 for nothing),
    `paired_qty` how much, and `imbalance` what would be left over at that price: positive on the
    buy side, negative on the sell side.
    """

    symbol: str
    ts: int
    bids: tuple[Level, ...] = ()
    offers: tuple[Level, ...] = ()
    prints: tuple[Print, ...] = ()
    phase: Phase = Phase.CONTINUOUS
    indicative_px: int = 0
    paired_qty: int = 0
    imbalance: int = 0


class Bar(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What traded in `BAR_NS` from `start_ts`; where nothing traded there is none.

    `vwap` is the volume-weighted price within it. Bars are kept for `BARS_KEPT_NS`.
    """

    symbol: str
    start_ts: int
    open: int
    high: int
    low: int
    close: int
    qty: int
    vwap: int
