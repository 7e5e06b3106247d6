"""What the oracle is made of: its orders and stops, and an auction's price found by trying all."""

from __future__ import annotations

from collections.abc import Sequence

from app.matching.auction import Auction
from app.matching.instructions import Instructions, PegTo, Trail, tranche
from app.matching.reports import DAY

# Where an order is: in sight, or waiting for enough quantity, for an auction, or for its turn.
BOOK, WHOLE, UNPRICED, ASIDE = "", "whole,", "unpriced,", "aside,"


class Order:
    """A resting order; a lower `rank` was there earlier, `shown` of its `leaves` can be seen."""

    def __init__(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        leaves: int,
        rank: int,
        instructions: Instructions,
        place: str = BOOK,
        time_in_force: int = DAY,
    ) -> None:
        self.instructions = instructions
        self.refreshes = 0
        self.order_id = order_id
        self.is_buy = is_buy
        self.price = price
        self.leaves = leaves
        self.rank = rank
        self.time_in_force = time_in_force
        self.peg: PegTo | None = None
        self.cap = 0
        self.gets_price = False
        self.put(place)

    @property
    def key(self) -> int:
        """Its price, the better the higher."""
        return self.price if self.is_buy else -self.price

    def put(self, place: str) -> None:
        """Let it be in another place: only in the book it hides a part of itself."""
        self.place = place
        self.shown = self.leaves
        if place == BOOK:
            self.shown = tranche(self.instructions, self.order_id, self.refreshes, self.leaves)

    @property
    def line(self) -> str:
        """What a state's hash says of it."""
        hidden = self.leaves - self.shown
        line = f"{self.place}{self.key},{self.order_id},{self.shown}{f'+{hidden}' * (hidden > 0)}"
        if self.time_in_force:
            line += f";@{self.time_in_force}"
        if self.peg is not None:
            line += f";peg {self.peg.to.value} {self.peg.offset} {self.peg.tick} {self.cap}"
        return line + ";to limit" * self.gets_price + "\n"


class Stop:
    """A waiting stop; `elected` once a trade has reached it."""

    def __init__(
        self,
        order_id: str,
        is_buy: bool,
        stop_px: int,
        qty: int,
        limit_px: int | None,
        instructions: Instructions,
        trail: Trail | None,
    ) -> None:
        self.instructions = instructions
        self.trail = trail
        self.order_id = order_id
        self.is_buy = is_buy
        self.stop_px = stop_px
        self.qty = qty
        self.limit_px = limit_px
        self.elected = False

    def follow(self, price: int) -> None:
        """Keep behind the price, never going back."""
        if self.trail is None:
            return
        stop_px = self.trail.stop_from(price, self.is_buy)
        if stop_px > 0 and (stop_px < self.stop_px if self.is_buy else stop_px > self.stop_px):
            self.stop_px = stop_px
            self.limit_px = self.trail.limit_of(stop_px, self.is_buy)

    def is_reached_by(self, price: int) -> bool:
        return price >= self.stop_px if self.is_buy else price <= self.stop_px


def auction_of(buys: Sequence[Order], sells: Sequence[Order], reference_px: int) -> Auction:
    """Return the auction of these orders, by trying every price that one of them names."""
    prices = sorted({order.price for order in (*buys, *sells) if order.price})
    if not prices and reference_px:
        prices = [reference_px]

    def over(price: int) -> tuple[int, int]:
        bought = sum(each.leaves for each in buys if not each.price or each.price >= price)
        sold = sum(each.leaves for each in sells if not each.price or each.price <= price)
        return min(bought, sold), bought - sold

    most = max((over(price)[0] for price in prices), default=0)
    if not most:
        imbalance = sum(each.leaves for each in buys if not each.price)
        imbalance -= sum(each.leaves for each in sells if not each.price)
        return Auction(0, 0, imbalance)
    prices = [price for price in prices if over(price)[0] == most]
    least = min(abs(over(price)[1]) for price in prices)
    prices = [price for price in prices if abs(over(price)[1]) == least]
    if min(over(price)[1] for price in prices) > 0:
        price = max(prices)
    elif max(over(price)[1] for price in prices) < 0:
        price = min(prices)
    else:
        price = sorted([min(prices), reference_px, max(prices)])[1]
    return Auction(price, *over(price))


def crosses_of(
    buys: Sequence[Order], sells: Sequence[Order], auction: Auction
) -> list[tuple[Order, Order, int]]:
    """Return who trades with whom, and for how much; both sides stand in order of their turn."""
    left = {order.order_id: order.leaves for order in (*buys, *sells)}
    found, qty = [], auction.qty
    while qty:
        buyer = next(order for order in buys if left[order.order_id])
        seller = next(order for order in sells if left[order.order_id])
        traded = min(qty, left[buyer.order_id], left[seller.order_id])
        for order in (buyer, seller):
            left[order.order_id] -= traded
        qty -= traded
        found.append((buyer, seller, traded))
    return found
