"""What an order may ask of the book beside side, price and quantity, and what an iceberg shows."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from zlib import crc32

from models.orders import Peg

_SWING = 5  # a random tranche differs from the display quantity by up to a fifth of it


class Instructions(NamedTuple):
    """How an order is to be worked.

    `owner` is the beneficial owner that self-trade prevention is keyed on, empty for none;
    `display` the most of it that the book shows, 0 for all; `seed` lets tranches vary in size, 0
    keeps them alike, and `lot` is what they are rounded to; `post_only` refuses to take;
    `min_qty` is the least that has to trade at entry; `all_or_none` trades whole or not at all,
    and is not shown while it rests.
    """

    owner: str = ""
    display: int = 0
    seed: int = 0
    lot: int = 1
    post_only: bool = False
    min_qty: int = 0
    all_or_none: bool = False

    @property
    def for_waiting(self) -> Instructions:
        """What is left of them where an order only waits for its auction, or follows a peg."""
        return self._replace(min_qty=0, post_only=False, all_or_none=False)


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


class PegTo(NamedTuple):
    """What a pegged order's price follows.

    `offset` (1e-9 units) goes towards the other side when positive; `tick` is what a mid is
    rounded to, away from the other side.
    """

    to: Peg
    offset: int = 0
    tick: int = 1

    def price(self, is_buy: bool, bid: int, offer: int, cap: int) -> int:
        """Return its price beside these bests (0 for none), 0 where it has none.

        It goes no further than `cap`, 0 for no cap.
        """
        if self.to is Peg.MID:
            if not (bid and offer):
                return 0
            twice = 2 * self.tick
            steps = (bid + offer) // twice if is_buy else -(-(bid + offer) // twice)
            reference = steps * self.tick
        else:
            reference = bid if (self.to is Peg.PRIMARY) is is_buy else offer
        if not reference:
            return 0
        price = reference + self.offset if is_buy else reference - self.offset
        if cap:
            price = min(price, cap) if is_buy else max(price, cap)
        return max(price, 0)


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
