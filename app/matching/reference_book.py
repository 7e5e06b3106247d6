"""The oracle: a naive book, slow and easy to believe, with `OrderBook`'s interface and reports.

All orders are in one list; whoever is next is found by sorting. A stop is *elected* by any trade at
or through its price, however the price moves on afterwards, and elected stops go one by one.
"""

from __future__ import annotations

import hashlib

from app.matching.auction import Call
from app.matching.instructions import PLAIN, Instructions, PegTo, Trail
from app.matching.reference_parts import ASIDE, BOOK, UNPRICED, WHOLE, Order, Stop
from app.matching.reference_trading import ReferenceTrading
from app.matching.reports import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELED,
    DAY,
    FOK,
    IN_CALL,
    IOC,
    NO_MARKET,
    NOT_OPENING,
    OPG,
    POST_ONLY,
    PRICED,
    REJECTED,
    REPLACE_REJECTED,
    REPLACED,
    TOO_LATE,
)


class ReferenceBook(ReferenceTrading):
    """Bids, offers and waiting stops of one instrument, as `OrderBook` but without its speed."""

    def limit(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        time_in_force: int = DAY,
        priority: int | None = None,
        instructions: Instructions = PLAIN,
    ) -> None:
        """Enter a limit order; what does not trade rests, or is cancelled for IOC and FOK."""
        if self._objects(order_id, qty, price, time_in_force):
            return
        if instructions.post_only and self._reaches(is_buy, price):
            self.reports.append((REJECTED, order_id, POST_ONLY))
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_limit(order_id, is_buy, price, qty, time_in_force, priority, instructions)
        self._settle()

    def market(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        time_in_force: int = IOC,
        instructions: Instructions = PLAIN,
    ) -> None:
        """Trade against whatever is there; the rest is cancelled."""
        if self._objects(order_id, qty, 1, time_in_force):
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_market(order_id, is_buy, qty, instructions, time_in_force)
        self._settle()

    def market_to_limit(
        self, order_id: str, is_buy: bool, qty: int, instructions: Instructions = PLAIN
    ) -> None:
        """Trade at the best opposite price; the rest becomes a limit order at that price."""
        if self._objects(order_id, qty, 1):
            return
        self.reports.append((ACCEPTED, order_id))
        if self.call is not None:
            if not self._lacks(order_id, is_buy, None, qty, DAY, instructions):
                self._put_off(order_id, is_buy, 0, qty, DAY, instructions).gets_price = True
            return
        opposite = self._queue(not is_buy)
        if not opposite:
            self.reports.append((CANCELED, order_id, qty, NO_MARKET))
            return
        price = opposite[0].price
        self.reports.append((PRICED, order_id, price))
        self._enter_limit(order_id, is_buy, price, qty, DAY, None, instructions)
        self._settle()

    def pegged(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        peg: PegTo,
        cap: int = 0,
        instructions: Instructions = PLAIN,
    ) -> None:
        """Enter an order that follows the best price of those that follow nobody."""
        if self._objects(order_id, qty, cap or 1):
            return
        self.reports.append((ACCEPTED, order_id))
        asks = instructions.for_waiting
        order = Order(order_id, is_buy, 0, qty, self._next_rank(), asks, ASIDE)
        order.peg, order.cap = peg, cap
        self._resting.append(order)
        self._settle()

    def stop(
        self,
        order_id: str,
        is_buy: bool,
        stop_px: int,
        qty: int,
        limit_px: int | None = None,
        instructions: Instructions = PLAIN,
        trail: Trail | None = None,
    ) -> None:
        """Let a stop (or a stop-limit) wait for a trade at or through `stop_px`."""
        if trail is not None and not stop_px:
            stop_px = trail.stop_from(self.last_px, is_buy) if self.last_px else 0
            limit_px = trail.limit_of(stop_px, is_buy)
        if self._objects(order_id, qty, stop_px):
            return
        self.reports.append((ACCEPTED, order_id))
        self._stops.append(Stop(order_id, is_buy, stop_px, qty, limit_px, instructions, trail))
        self._elect_late()
        self._settle()

    def cancel(self, order_id: str) -> bool:
        """Take an order out; `False` (and a report) when it is not there."""
        order, stop = self._find(order_id), self._find_stop(order_id)
        if order is not None:
            self._resting.remove(order)
            self.reports.append((CANCELED, order_id, order.leaves, ""))
            self._settle()
        elif stop is not None:
            self._stops.remove(stop)
            self.reports.append((CANCELED, order_id, stop.qty, ""))
        else:
            self.reports.append((CANCEL_REJECTED, order_id, TOO_LATE))
        return order is not None or stop is not None

    def replace(
        self, order_id: str, leaves: int, price: int | None = None, stop_px: int | None = None
    ) -> bool:
        """Give an order new leaves and prices; it keeps its place when only quantity falls."""
        order, stop = self._find(order_id), self._find_stop(order_id)
        if leaves <= 0:
            self.reports.append((REPLACE_REJECTED, order_id, "quantity must be positive"))
        elif order is None and stop is None:
            self.reports.append((REPLACE_REJECTED, order_id, TOO_LATE))
        elif min(x for x in (price, stop_px, 1) if x is not None) <= 0:
            self.reports.append((REPLACE_REJECTED, order_id, "price must be positive"))
        elif (
            order is not None
            and order.instructions.post_only
            and price is not None
            and self._reaches(order.is_buy, price)
        ):
            self.reports.append((REPLACE_REJECTED, order_id, POST_ONLY))
        else:
            self.reports.append((REPLACED, order_id, leaves))
            if order is not None:
                self._replace_resting(order, leaves, price)
            if stop is not None:
                self._replace_stop(stop, leaves, price, stop_px)
            self._settle()
            return True
        return False

    def reduce(self, order_id: str, qty: int) -> bool:
        """Take `qty` off an order and keep its place; all of it takes the order out."""
        order = self._find(order_id)
        if order is None:
            return False
        self._shrink(order, qty)
        self._settle()
        return True

    def hit(self, order_id: str, qty: int, taker_id: str) -> int:
        """Trade up to `qty` with this very order, out of turn, and return how much traded."""
        order = self._find(order_id)
        if order is None or qty <= 0 or self.call is not None or order.place in (UNPRICED, ASIDE):
            return 0
        if order.place == WHOLE and qty < order.leaves:
            return 0
        traded = min(qty, order.shown)
        self._fill(order, taker_id, traded)
        self._settle()
        return traded

    # -- what it says of itself ----------------------------------------------------------------

    @property
    def best_bid(self) -> int:
        """Highest bid, 0 when there is none."""
        return max((order.price for order in self._queue(True)), default=0)

    @property
    def best_offer(self) -> int:
        """Lowest offer, 0 when there is none."""
        return min((order.price for order in self._queue(False)), default=0)

    def depth(self, is_buy: bool, levels: int) -> list[tuple[int, int]]:
        """Return (price, quantity) of the best `levels` levels of a side."""
        totals: dict[int, int] = {}
        for order in self._queue(is_buy):
            totals[order.price] = totals.get(order.price, 0) + order.shown
        return list(totals.items())[:levels]

    def validate(self) -> None:
        """Raise `AssertionError` when the book contradicts itself."""
        ids = [order.order_id for order in self._resting] + [s.order_id for s in self._stops]
        assert len(ids) == len(set(ids)), "an id is there twice"
        assert all(0 < o.shown <= o.leaves for o in self._resting), "an empty order"
        assert not [stop for stop in self._stops if stop.elected], "an elected stop still waits"
        assert self.call or not self.is_crossed(), "crossed outside a call"

    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best offer."""
        return bool(self.best_bid and self.best_offer) and self.best_bid >= self.best_offer

    def state_hash(self) -> str:
        """Return the hash that an `OrderBook` in the same state returns."""
        lines = ["orderbook/1\n"]
        for place in (BOOK, WHOLE, UNPRICED, ASIDE):
            for is_buy in (True, False):
                lines += [order.line for order in self._queue(is_buy, place)]
        lines += [f"{s.order_id},{s.stop_px},{s.qty},{s.limit_px}\n" for s in self._stops]
        if self.call is not None or any(self.bands):
            lines.append(f"{self.call},{self.bands},{self.static_px}\n")
        lines.append(f"{self.last_px}")
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    # -- what is wrong with a request ----------------------------------------------------------

    def _objects(self, order_id: str, qty: int, price: int, time_in_force: int = DAY) -> bool:
        """Report what is wrong with a new order; `False` when nothing is."""
        if qty <= 0:
            why = f"quantity {qty} is not positive"
        elif price <= 0:
            why = f"price {price} is not positive"
        elif self._find(order_id) or self._find_stop(order_id):
            why = f"order id {order_id} is in the book already"
        elif time_in_force == OPG and self.call is not Call.OPENING:
            why = NOT_OPENING
        elif time_in_force in (IOC, FOK) and self.call is not None:
            why = IN_CALL
        else:
            return False
        self.reports.append((REJECTED, order_id, why))
        return True

    def _replace_resting(self, order: Order, leaves: int, price: int | None) -> None:
        if order.peg is not None:
            order.cap = price or order.cap
        elif order.price and price is not None and price != order.price:
            self._again(order, leaves, price)
            return
        if leaves <= order.leaves:
            self._shrink(order, order.leaves - leaves)
        elif order.price and order.peg is None:
            self._again(order, leaves, order.price)
        else:
            self._resting.remove(order)
            self._resting.append(order)
            order.leaves, order.rank = leaves, self._next_rank()
            if order.peg is not None:
                order.price = 0
            order.put(UNPRICED if order.place == UNPRICED else ASIDE)

    def _again(self, order: Order, leaves: int, price: int) -> None:
        """Enter an order anew, under the instructions that it had."""
        self._resting.remove(order)
        asks, tif = order.instructions._replace(min_qty=0), order.time_in_force
        self._enter_limit(order.order_id, order.is_buy, price, leaves, tif, None, asks)

    def _replace_stop(
        self, stop: Stop, qty: int, limit_px: int | None, stop_px: int | None
    ) -> None:
        new = Stop(
            stop.order_id,
            stop.is_buy,
            stop.stop_px if stop_px is None else stop_px,
            qty,
            stop.limit_px if limit_px is None else limit_px,
            stop.instructions,
            stop.trail,
        )
        at = self._stops.index(stop)
        self._stops.remove(stop)
        same_prices = (new.stop_px, new.limit_px) == (stop.stop_px, stop.limit_px)
        keeps_its_place = same_prices and qty <= stop.qty
        self._stops.insert(at if keeps_its_place else len(self._stops), new)
        self._elect_late()
