"""The oracle: a naive book, slow and easy to believe, with `OrderBook`'s interface and reports.

All orders are in one list; whoever is next is found by sorting. A stop is *elected* by any trade at
or through its price, however the price moves on afterwards, and elected stops go one by one.
"""

from __future__ import annotations

import hashlib

from app.matching.order_book import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELED,
    DAY,
    FILL,
    FOK,
    IOC,
    REJECTED,
    REPLACE_REJECTED,
    REPLACED,
    TRIGGERED,
    Report,
)


class _Order:
    """A resting order; a lower `rank` was there earlier."""

    def __init__(self, order_id: str, is_buy: bool, price: int, leaves: int, rank: int) -> None:
        self.order_id = order_id
        self.is_buy = is_buy
        self.price = price
        self.leaves = leaves
        self.rank = rank


class _Stop:
    """A waiting stop; `elected` once a trade has reached it."""

    def __init__(
        self, order_id: str, is_buy: bool, stop_px: int, qty: int, limit_px: int | None
    ) -> None:
        self.order_id = order_id
        self.is_buy = is_buy
        self.stop_px = stop_px
        self.qty = qty
        self.limit_px = limit_px
        self.elected = False

    def is_reached_by(self, price: int) -> bool:
        return price >= self.stop_px if self.is_buy else price <= self.stop_px


class ReferenceBook:
    """Bids, offers and waiting stops of one instrument, as `OrderBook` but without its speed.

    Attributes:
        reports: what happened since the caller last cleared it, oldest first.
        last_px: price of the last trade, 0 before the first.
    """

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.last_px = 0
        self._resting: list[_Order] = []  # in order of arrival
        self._stops: list[_Stop] = []  # in order of arrival
        self._rank_max = 0

    # -- what can be asked of it ---------------------------------------------------------------

    def limit(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        time_in_force: int = DAY,
        priority: int | None = None,
    ) -> None:
        """Enter a limit order; what does not trade rests, or is cancelled for IOC and FOK."""
        if self._objects(order_id, qty, price):
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_limit(order_id, is_buy, price, qty, time_in_force, priority)
        self._release_stops()

    def market(self, order_id: str, is_buy: bool, qty: int, time_in_force: int = IOC) -> None:
        """Trade against whatever is there; the rest is cancelled."""
        if self._objects(order_id, qty, 1):
            return
        self.reports.append((ACCEPTED, order_id))
        if time_in_force == FOK and self._on_offer(is_buy, None) < qty:
            self.reports.append((CANCELED, order_id, qty, "fill or kill: not enough quantity"))
            return
        self._enter_market(order_id, is_buy, qty)
        self._release_stops()

    def stop(
        self, order_id: str, is_buy: bool, stop_px: int, qty: int, limit_px: int | None = None
    ) -> None:
        """Let a stop (or a stop-limit) wait for a trade at or through `stop_px`."""
        if self._objects(order_id, qty, stop_px):
            return
        self.reports.append((ACCEPTED, order_id))
        self._stops.append(_Stop(order_id, is_buy, stop_px, qty, limit_px))
        self._elect_late(self._stops[-1])
        self._release_stops()

    def cancel(self, order_id: str) -> bool:
        """Take an order out; `False` (and a report) when it is not there."""
        for order in self._resting:
            if order.order_id == order_id:
                self._resting.remove(order)
                self.reports.append((CANCELED, order_id, order.leaves, ""))
                return True
        for stop in self._stops:
            if stop.order_id == order_id:
                self._stops.remove(stop)
                self.reports.append((CANCELED, order_id, stop.qty, ""))
                return True
        self.reports.append((CANCEL_REJECTED, order_id, "too late: not in the book"))
        return False

    def replace(
        self, order_id: str, leaves: int, price: int | None = None, stop_px: int | None = None
    ) -> bool:
        """Give an order new leaves and prices; it keeps its place when only quantity falls."""
        order, stop = self._find(order_id), self._find_stop(order_id)
        if leaves <= 0:
            self.reports.append((REPLACE_REJECTED, order_id, "quantity must be positive"))
        elif order is None and stop is None:
            self.reports.append((REPLACE_REJECTED, order_id, "too late: not in the book"))
        elif min(x for x in (price, stop_px, 1) if x is not None) <= 0:
            self.reports.append((REPLACE_REJECTED, order_id, "price must be positive"))
        else:
            self.reports.append((REPLACED, order_id, leaves))
            if order is not None:
                self._replace_resting(order, leaves, order.price if price is None else price)
            if stop is not None:
                self._replace_stop(stop, leaves, price, stop_px)
            self._release_stops()
            return True
        return False

    def reduce(self, order_id: str, qty: int) -> bool:
        """Take `qty` off an order and keep its place; all of it takes the order out."""
        order = self._find(order_id)
        if order is None:
            return False
        order.leaves -= qty
        if order.leaves <= 0:
            self._resting.remove(order)
        return True

    def hit(self, order_id: str, qty: int, taker_id: str) -> int:
        """Trade up to `qty` with this very order, out of turn, and return how much traded."""
        order = self._find(order_id)
        if order is None or qty <= 0:
            return 0
        traded = min(qty, order.leaves)
        self._fill(order, taker_id, traded)
        self._release_stops()
        return traded

    # -- what it says of itself ----------------------------------------------------------------

    @property
    def best_bid(self) -> int:
        """Highest bid, 0 when there is none."""
        return max((order.price for order in self._resting if order.is_buy), default=0)

    @property
    def best_offer(self) -> int:
        """Lowest offer, 0 when there is none."""
        return min((order.price for order in self._resting if not order.is_buy), default=0)

    def depth(self, is_buy: bool, levels: int) -> list[tuple[int, int]]:
        """Return (price, quantity) of the best `levels` levels of a side."""
        totals: dict[int, int] = {}
        for order in self._queue(is_buy):
            totals[order.price] = totals.get(order.price, 0) + order.leaves
        return list(totals.items())[:levels]

    def validate(self) -> None:
        """Raise `AssertionError` when the book contradicts itself."""
        ids = [order.order_id for order in self._resting] + [s.order_id for s in self._stops]
        assert len(ids) == len(set(ids)), "an id is there twice"
        assert all(order.leaves > 0 for order in self._resting), "an empty order"
        assert not [stop for stop in self._stops if stop.elected], "an elected stop still waits"

    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best offer."""
        return bool(self.best_bid and self.best_offer) and self.best_bid >= self.best_offer

    def state_hash(self) -> str:
        """Return the hash that an `OrderBook` in the same state returns."""
        lines = ["orderbook/1\n"]
        for is_buy in (True, False):
            for order in self._queue(is_buy):
                key = order.price if is_buy else -order.price
                lines.append(f"{key},{order.order_id},{order.leaves}\n")
        lines += [f"{s.order_id},{s.stop_px},{s.qty},{s.limit_px}\n" for s in self._stops]
        lines.append(f"{self.last_px}")
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    # -- how it works --------------------------------------------------------------------------

    def _find(self, order_id: str) -> _Order | None:
        return next((order for order in self._resting if order.order_id == order_id), None)

    def _find_stop(self, order_id: str) -> _Stop | None:
        return next((stop for stop in self._stops if stop.order_id == order_id), None)

    def _queue(self, is_buy: bool) -> list[_Order]:
        """Return one side, who trades first standing first: price, then rank, then arrival."""
        side = [order for order in self._resting if order.is_buy is is_buy]
        return sorted(side, key=lambda order: (-order.price if is_buy else order.price, order.rank))

    def _on_offer(self, is_buy: bool, limit_px: int | None) -> int:
        """Return the quantity that a buyer (or seller) may reach within `limit_px`."""
        return sum(
            order.leaves
            for order in self._queue(not is_buy)
            if limit_px is None or (order.price <= limit_px if is_buy else order.price >= limit_px)
        )

    def _enter_limit(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        time_in_force: int,
        priority: int | None,
    ) -> None:
        if time_in_force == FOK and self._on_offer(is_buy, price) < qty:
            self.reports.append((CANCELED, order_id, qty, "fill or kill: not enough quantity"))
            return
        left = self._trade(order_id, is_buy, price, qty)
        if left and time_in_force == DAY:
            rank = self._rank_max + 1 if priority is None else priority
            self._rank_max = max(self._rank_max, rank)
            self._resting.append(_Order(order_id, is_buy, price, left, rank))
        elif left:
            why = "immediate or cancel: nothing left to trade"
            self.reports.append((CANCELED, order_id, left, why))

    def _enter_market(self, order_id: str, is_buy: bool, qty: int) -> None:
        left = self._trade(order_id, is_buy, None, qty)
        if left:
            self.reports.append((CANCELED, order_id, left, "market order: the book is empty"))

    def _trade(self, taker_id: str, is_buy: bool, limit_px: int | None, qty: int) -> int:
        """Trade with whoever is next while the price allows; return what is left."""
        while qty and self._on_offer(is_buy, limit_px):
            maker = self._queue(not is_buy)[0]
            traded = min(qty, maker.leaves)
            self._fill(maker, taker_id, traded)
            qty -= traded
        return qty

    def _fill(self, maker: _Order, taker_id: str, qty: int) -> None:
        maker.leaves -= qty
        if not maker.leaves:
            self._resting.remove(maker)
        self.reports.append((FILL, maker.order_id, taker_id, maker.price, qty, maker.leaves))
        self.last_px = maker.price
        for stop in self._stops:
            stop.elected = stop.elected or stop.is_reached_by(maker.price)

    def _elect_late(self, stop: _Stop) -> None:
        """A stop that the last trade had reached already does not wait for the next one."""
        stop.elected = bool(self.last_px) and stop.is_reached_by(self.last_px)

    def _release_stops(self) -> None:
        """Enter elected stops: buys from the lowest, then sells from the highest, by arrival."""
        while elected := [stop for stop in self._stops if stop.elected]:
            first = min(
                elected,
                key=lambda stop: (not stop.is_buy, stop.stop_px if stop.is_buy else -stop.stop_px),
            )
            self._stops.remove(first)
            self.reports.append((TRIGGERED, first.order_id))
            if first.limit_px is None:
                self._enter_market(first.order_id, first.is_buy, first.qty)
            else:
                self._enter_limit(
                    first.order_id, first.is_buy, first.limit_px, first.qty, DAY, None
                )

    def _replace_resting(self, order: _Order, leaves: int, price: int) -> None:
        if price == order.price and leaves <= order.leaves:
            order.leaves = leaves
            return
        self._resting.remove(order)
        self._enter_limit(order.order_id, order.is_buy, price, leaves, DAY, None)

    def _replace_stop(
        self, stop: _Stop, qty: int, limit_px: int | None, stop_px: int | None
    ) -> None:
        new = _Stop(
            stop.order_id,
            stop.is_buy,
            stop.stop_px if stop_px is None else stop_px,
            qty,
            stop.limit_px if limit_px is None else limit_px,
        )
        at = self._stops.index(stop)
        self._stops.remove(stop)
        same_prices = (new.stop_px, new.limit_px) == (stop.stop_px, stop.limit_px)
        keeps_its_place = same_prices and qty <= stop.qty
        self._stops.insert(at if keeps_its_place else len(self._stops), new)
        self._elect_late(new)

    def _objects(self, order_id: str, qty: int, price: int) -> bool:
        """Report what is wrong with a new order; `False` when nothing is."""
        if qty <= 0:
            why = f"quantity {qty} is not positive"
        elif price <= 0:
            why = f"price {price} is not positive"
        elif self._find(order_id) or self._find_stop(order_id):
            why = f"order id {order_id} is in the book already"
        else:
            return False
        self.reports.append((REJECTED, order_id, why))
        return True
