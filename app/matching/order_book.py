"""The production order book of one instrument: price-time priority with an explicit priority key.

Prices are integers in 1e-9 units, quantities integers. What happens is appended to `reports` as
flat tuples, which the caller reads and clears: tuples of ints and strings cost least and are not
tracked by the garbage collector for long.

Both sides are kept in the same shape by giving each price a *key*: the price itself for bids, its
negative for offers. On either side the best level has the highest key and stands last in `keys`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterator

from app.matching.triggers import TriggerBook

# Reports. (FILL, maker_id, taker_id, price, qty, maker_leaves), (ACCEPTED, id),
# (CANCELED, id, leaves, reason), (REJECTED, id, reason), (REPLACED, id, leaves),
# (TRIGGERED, id), (CANCEL_REJECTED, id, reason), (REPLACE_REJECTED, id, reason)
ACCEPTED, FILL, CANCELED, REJECTED, REPLACED, TRIGGERED, CANCEL_REJECTED, REPLACE_REJECTED = range(
    8
)

DAY, IOC, FOK = 0, 1, 2

_ANY_PRICE = -(1 << 80)

Report = tuple[int | str, ...]


class Resting:
    """An order in the book; `before` and `behind` are its neighbours in the queue of its level."""

    __slots__ = ("before", "behind", "is_buy", "leaves", "level", "order_id", "price", "priority")

    def __init__(
        self, order_id: str, is_buy: bool, price: int, leaves: int, priority: int, level: Level
    ) -> None:
        self.order_id = order_id
        self.is_buy = is_buy
        self.price = price
        self.leaves = leaves
        self.priority = priority
        self.level = level
        self.before: Resting | None = None
        self.behind: Resting | None = None


class Level:
    """The queue at one price; `qty` is the sum of its leaves."""

    __slots__ = ("first", "key", "last", "qty")

    def __init__(self, key: int) -> None:
        self.key = key
        self.qty = 0
        self.first: Resting | None = None
        self.last: Resting | None = None

    def __iter__(self) -> Iterator[Resting]:
        order = self.first
        while order is not None:
            yield order
            order = order.behind


class BookSide:
    """One side: levels by key, and the keys in order, the best one last."""

    __slots__ = ("keys", "levels")

    def __init__(self) -> None:
        self.levels: dict[int, Level] = {}
        self.keys: list[int] = []

    def from_best(self) -> Iterator[Level]:
        """Yield the levels from the best outwards."""
        levels = self.levels
        return (levels[key] for key in reversed(self.keys))


class OrderBook:
    """Bids, offers and waiting stops of one instrument.

    Attributes:
        reports: what happened since the caller last cleared it, oldest first.
        last_px: price of the last trade, 0 before the first.
    """

    def __init__(self) -> None:
        self.bids = BookSide()
        self.offers = BookSide()
        self.orders: dict[str, Resting] = {}
        self.stops = TriggerBook()
        self._waiting = self.stops.by_id
        self.reports: list[Report] = []
        self.last_px = 0
        self._priority = 0

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
        """Enter a limit order; what does not trade rests, or is cancelled for IOC and FOK.

        `priority` ranks it in its level (lower first); without one it goes to the back.
        """
        waiting = self._waiting
        if qty <= 0 or price <= 0 or order_id in self.orders or order_id in waiting:
            self._reject(order_id, qty, price)
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_limit(order_id, is_buy, price, qty, time_in_force, priority)
        if waiting:
            self._release_stops()

    def market(self, order_id: str, is_buy: bool, qty: int, time_in_force: int = IOC) -> None:
        """Trade against whatever is there; the rest is cancelled: it has no price to rest at."""
        if qty <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, 1)
            return
        self.reports.append((ACCEPTED, order_id))
        other = self.offers if is_buy else self.bids
        if time_in_force == FOK and self._reachable(other, _ANY_PRICE, qty) < qty:
            self.reports.append((CANCELED, order_id, qty, "fill or kill: not enough quantity"))
            return
        self._enter_market(order_id, is_buy, qty)
        if self._waiting:
            self._release_stops()

    def stop(
        self, order_id: str, is_buy: bool, stop_px: int, qty: int, limit_px: int | None = None
    ) -> None:
        """Let a stop (or a stop-limit) wait for a trade at or through `stop_px`."""
        if qty <= 0 or stop_px <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, stop_px)
            return
        self.reports.append((ACCEPTED, order_id))
        self.stops.add(order_id, is_buy, stop_px, qty, limit_px)
        self._elect_late()

    def cancel(self, order_id: str) -> bool:
        """Take an order out; `False` (and a report) when it is not there."""
        order = self.orders.pop(order_id, None)
        if order is not None:
            self._unlink(order)
            self.reports.append((CANCELED, order_id, order.leaves, ""))
            return True
        stop = self.stops.remove(order_id)
        if stop is not None:
            self.reports.append((CANCELED, order_id, stop.qty, ""))
            return True
        self.reports.append((CANCEL_REJECTED, order_id, "too late: not in the book"))
        return False

    def replace(
        self, order_id: str, leaves: int, price: int | None = None, stop_px: int | None = None
    ) -> bool:
        """Give an order new leaves and price.

        Less quantity at the same price keeps its place; anything else goes to the back and may
        trade at once. `False` (and a report) when it is not there.
        """
        order = self.orders.get(order_id)
        why = ""
        if leaves <= 0:
            why = "quantity must be positive"
        elif order is None and order_id not in self._waiting:
            why = "too late: not in the book"
        elif (price is not None and price <= 0) or (stop_px is not None and stop_px <= 0):
            why = "price must be positive"
        if why:
            self.reports.append((REPLACE_REJECTED, order_id, why))
            return False
        self.reports.append((REPLACED, order_id, leaves))
        if order is None:
            self.stops.replace(order_id, leaves, stop_px, price)
            self._elect_late()
        elif leaves <= order.leaves and (price is None or price == order.price):
            order.level.qty -= order.leaves - leaves
            order.leaves = leaves
        else:
            del self.orders[order_id]
            self._unlink(order)
            new_px = order.price if price is None else price
            self._enter_limit(order_id, order.is_buy, new_px, leaves, DAY, None)
            if self._waiting:
                self._release_stops()
        return True

    def reduce(self, order_id: str, qty: int) -> bool:
        """Take `qty` off an order and keep its place; all of it takes the order out."""
        order = self.orders.get(order_id)
        if order is None:
            return False
        if qty >= order.leaves:
            del self.orders[order_id]
            self._unlink(order)
        else:
            order.leaves -= qty
            order.level.qty -= qty
        return True

    def hit(self, order_id: str, qty: int, taker_id: str) -> int:
        """Trade up to `qty` with this very order, out of turn, and return how much traded.

        For recorded markets, where the record says which order was hit.
        """
        order = self.orders.get(order_id)
        if order is None or qty <= 0:
            return 0
        traded = min(qty, order.leaves)
        left = order.leaves - traded
        self.reduce(order_id, traded)
        self.reports.append((FILL, order_id, taker_id, order.price, traded, left))
        self.last_px = order.price
        if self._waiting:
            self._elect_late()
        return traded

    # -- what it says of itself ----------------------------------------------------------------

    @property
    def best_bid(self) -> int:
        """Highest bid, 0 when there is none."""
        keys = self.bids.keys
        return keys[-1] if keys else 0

    @property
    def best_offer(self) -> int:
        """Lowest offer, 0 when there is none."""
        keys = self.offers.keys
        return -keys[-1] if keys else 0

    def depth(self, is_buy: bool, levels: int) -> list[tuple[int, int]]:
        """Return (price, quantity) of the best `levels` levels of a side."""
        side = self.bids if is_buy else self.offers
        found: list[tuple[int, int]] = []
        for level in side.from_best():
            if len(found) == levels:
                break
            found.append((abs(level.key), level.qty))
        return found

    def validate(self) -> None:
        """Raise `AssertionError` when the book contradicts itself; costs a walk over all of it."""
        seen = 0
        for side, is_buy in ((self.bids, True), (self.offers, False)):
            assert side.keys == sorted(side.levels), "keys and levels differ"
            for level in side.levels.values():
                total, before = 0, None
                for order in level:
                    assert order.leaves > 0, order.order_id
                    assert order.is_buy is is_buy, order.order_id
                    assert order.before is before, order.order_id
                    assert order.level is level, order.order_id
                    assert before is None or before.priority <= order.priority, order.order_id
                    assert self.orders[order.order_id] is order, order.order_id
                    total, before, seen = total + order.leaves, order, seen + 1
                assert level.last is before, level.key
                assert total == level.qty > 0, level.key
        assert seen == len(self.orders), "orders outside every level"

    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best offer."""
        return bool(self.bids.keys and self.offers.keys) and self.best_bid >= self.best_offer

    def state_hash(self) -> str:
        """Return a hash of the resting orders in priority order, the stops and the last price."""
        digest = hashlib.sha256(b"orderbook/1\n")
        for side in (self.bids, self.offers):
            for level in side.from_best():
                for order in level:
                    digest.update(f"{level.key},{order.order_id},{order.leaves}\n".encode())
        for stop in self.stops.stops():
            digest.update(f"{stop.order_id},{stop.stop_px},{stop.qty},{stop.limit_px}\n".encode())
        digest.update(f"{self.last_px}".encode())
        return digest.hexdigest()

    # -- how it works --------------------------------------------------------------------------

    def _enter_limit(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        time_in_force: int,
        priority: int | None,
    ) -> None:
        """Trade what the price allows; let the rest stand in the queue, or cancel it."""
        if is_buy:
            key, own, other = price, self.bids, self.offers
        else:
            key, own, other = -price, self.offers, self.bids
        if time_in_force == FOK and self._reachable(other, -key, qty) < qty:
            self.reports.append((CANCELED, order_id, qty, "fill or kill: not enough quantity"))
            return
        other_keys = other.keys
        if other_keys and other_keys[-1] >= -key:
            qty = self._trade(order_id, other, -key, qty)
            if not qty:
                return
        if time_in_force:
            why = "immediate or cancel: nothing left to trade"
            self.reports.append((CANCELED, order_id, qty, why))
            return
        level = own.levels.get(key)
        if level is None:
            level = own.levels[key] = Level(key)
            insort(own.keys, key)
        if priority is None:
            priority = self._priority = self._priority + 1
        elif priority > self._priority:
            self._priority = priority
        order = self.orders[order_id] = Resting(order_id, is_buy, price, qty, priority, level)
        level.qty += qty
        last = level.last
        if last is None:
            level.first = level.last = order
        elif last.priority <= priority:
            last.behind = order
            order.before = last
            level.last = order
        else:
            self._insert(level, order)

    def _trade(self, taker_id: str, side: BookSide, limit_key: int, qty: int) -> int:
        """Trade up to `qty` against `side` down to `limit_key`; return what is left."""
        if not self._waiting:
            return self._sweep(taker_id, side, limit_key, qty)
        first_px = abs(side.keys[-1]) if side.keys else 0
        left = self._sweep(taker_id, side, limit_key, qty)
        if left < qty:  # a sweep's prices go one way, so its ends say which stops it reached
            last_px = self.last_px
            self.stops.elect(min(first_px, last_px), max(first_px, last_px))
        return left

    def _sweep(self, taker_id: str, side: BookSide, limit_key: int, qty: int) -> int:
        keys, levels = side.keys, side.levels
        orders, reports = self.orders, self.reports
        while qty and keys:
            key = keys[-1]
            if key < limit_key:
                break
            level = levels[key]
            maker = level.first
            while maker is not None:
                leaves = maker.leaves
                if leaves > qty:
                    maker.before = None
                    maker.leaves = leaves = leaves - qty
                    level.qty -= qty
                    reports.append((FILL, maker.order_id, taker_id, maker.price, qty, leaves))
                    self.last_px = maker.price
                    return 0
                qty -= leaves
                level.qty -= leaves
                reports.append((FILL, maker.order_id, taker_id, maker.price, leaves, 0))
                self.last_px = maker.price
                del orders[maker.order_id]
                behind = level.first = maker.behind
                maker = behind
                if not qty:
                    break
            if maker is None:
                keys.pop()
                del levels[key]
            else:
                maker.before = None
        return qty

    def _unlink(self, order: Resting) -> None:
        level, before, behind = order.level, order.before, order.behind
        level.qty -= order.leaves
        if before is not None:
            before.behind = behind
        else:
            level.first = behind
        if behind is not None:
            behind.before = before
        else:
            level.last = before
            if before is None:
                side = self.bids if order.is_buy else self.offers
                key, keys = level.key, side.keys
                del side.levels[key]
                del keys[bisect_left(keys, key)]

    def _insert(self, level: Level, order: Resting) -> None:
        """Put `order` where its priority says: recorded flow shows old orders late."""
        ahead = level.last
        while ahead is not None and ahead.priority > order.priority:
            ahead = ahead.before
        if ahead is None:
            behind, level.first = level.first, order
        else:
            behind, ahead.behind = ahead.behind, order
        order.before, order.behind = ahead, behind
        if behind is None:
            level.last = order
        else:
            behind.before = order

    @staticmethod
    def _reachable(side: BookSide, limit_key: int, wanted: int) -> int:
        """Return the quantity that can be had down to `limit_key`, counted until `wanted`."""
        total = 0
        for level in side.from_best():
            if level.key < limit_key or total >= wanted:
                break
            total += level.qty
        return total

    def _elect_late(self) -> None:
        """A stop that the last trade has reached does not wait for the next one."""
        if self.last_px:
            self.stops.elect(self.last_px, self.last_px)
            self._release_stops()

    def _release_stops(self) -> None:
        """Turn every elected stop into its order, one by one; its trades may elect the next."""
        while (stop := self.stops.release()) is not None:
            self.reports.append((TRIGGERED, stop.order_id))
            if stop.limit_px is None:
                self._enter_market(stop.order_id, stop.is_buy, stop.qty)
            else:
                self._enter_limit(stop.order_id, stop.is_buy, stop.limit_px, stop.qty, DAY, None)

    def _enter_market(self, order_id: str, is_buy: bool, qty: int) -> None:
        left = self._trade(order_id, self.offers if is_buy else self.bids, _ANY_PRICE, qty)
        if left:
            self.reports.append((CANCELED, order_id, left, "market order: the book is empty"))

    def _reject(self, order_id: str, qty: int, price: int) -> None:
        if qty <= 0:
            why = f"quantity {qty} is not positive"
        elif price <= 0:
            why = f"price {price} is not positive"
        else:
            why = f"order id {order_id} is in the book already"
        self.reports.append((REJECTED, order_id, why))
