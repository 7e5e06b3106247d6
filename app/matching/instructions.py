"""What an order may ask of the book beside side, price and quantity, and what an iceberg shows."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from zlib import crc32

_SWING = 5  # a random tranche differs from the display quantity by up to a fifth of it


class Instructions(NamedTuple):
    """How an order is to be worked.

    `owner` is the beneficial owner that self-trade prevention is keyed on, empty for none;
    `display` the most of it that the book shows, 0 for all; `seed` lets tranches vary in size, 0
    keeps them alike, and `lot` is what they are rounded to; `post_only` refuses to take;
    `min_qty` is the least that has to trade at entry.
    """

    owner: str = ""
    display: int = 0
    seed: int = 0
    lot: int = 1
    post_only: bool = False
    min_qty: int = 0


PLAIN = Instructions()


class SelfTrade(Enum):
    """What becomes of two orders of one beneficial owner that would trade with each other."""

    CANCEL_NEWEST = "cancel newest"
    CANCEL_OLDEST = "cancel oldest"
    CANCEL_BOTH = "cancel both"
    DECREMENT = "decrement"


class Trail(NamedTuple):
    """How far a trailing stop keeps behind the best price since it was entered.

    By `amount` (1e-9 units), or by `bps` of that price; `tick` is what its price is rounded to,
    away from the market; `limit_offset` is how far beyond the stop its limit goes, `None` for a
    stop that becomes a market order.
    """

    amount: int = 0
    bps: int = 0
    tick: int = 1
    limit_offset: int | None = None

    def stop_from(self, price: int, is_buy: bool) -> int:
        """Return the stop price behind `price`: above it for a buy, below it for a sale."""
        distance = self.amount or price * self.bps // 10_000
        if is_buy:
            return -(-(price + distance) // self.tick) * self.tick
        return (price - distance) // self.tick * self.tick

    def limit_of(self, stop_px: int, is_buy: bool) -> int | None:
        """Return the limit price that goes with a stop price."""
        if self.limit_offset is None:
            return None
        return max(1, stop_px + self.limit_offset if is_buy else stop_px - self.limit_offset)


def tranche(instructions: Instructions, order_id: str, refreshes: int, leaves: int) -> int:
    """Return how much of `leaves` an order shows after so many refreshes.

    A pure function of the order, so that a replay shows the same tranches.
    """
    display = instructions.display
    if not display or display >= leaves:
        return leaves
    if instructions.seed:
        spread = display // _SWING
        draw = crc32(f"{instructions.seed}|{order_id}|{refreshes}".encode())
        display += draw % (2 * spread + 1) - spread
        display = max(instructions.lot, display // instructions.lot * instructions.lot)
    return min(display, leaves)
