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

from app.matching.instructions import PLAIN, Instructions, SelfTrade, Trail, tranche
from app.matching.triggers import TriggerBook

# Reports. (FILL, maker_id, taker_id, price, qty, maker_leaves), (ACCEPTED, id),
# (CANCELED, id, leaves, reason), (REJECTED, id, reason), (REPLACED, id, leaves),
# (TRIGGERED, id), (CANCEL_REJECTED, id, reason), (REPLACE_REJECTED, id, reason),
# (REDUCED, id, leaves, reason), (PRICED, id, limit price)
(
    ACCEPTED,
    FILL,
    CANCELED,
    REJECTED,
    REPLACED,
    TRIGGERED,
    CANCEL_REJECTED,
    REPLACE_REJECTED,
    REDUCED,
    PRICED,
) = range(10)

DAY, IOC, FOK = 0, 1, 2

POST_ONLY = "post only: it would trade at once"
NO_MARKET = "market order: the book is empty"
NOT_ENOUGH = "fill or kill: not enough quantity"
TOO_LITTLE = "minimum quantity: not enough to trade at once"
SELF_TRADE = "self-trade prevention: the other side is the same beneficial owner's"

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


class _Note:
    """What is remembered of a resting order with instructions; `reserve` is not shown."""

    __slots__ = ("instructions", "refreshes", "reserve")

    def __init__(self, instructions: Instructions, reserve: int) -> None:
        self.instructions = instructions
        self.reserve = reserve
        self.refreshes = 0


class Level:
    """The queue at one price; `qty` is the sum of what its orders show."""

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
        self_trade: what becomes of two orders of one owner that would trade.
    """

    def __init__(self, self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST) -> None:
        self.self_trade = self_trade
        self.bids = BookSide()
        self.offers = BookSide()
        self.orders: dict[str, Resting] = {}
        self.stops = TriggerBook()
        self._waiting = self.stops.by_id
        self.reports: list[Report] = []
        self.last_px = 0
        self._priority = 0
        self._notes: dict[str, _Note] = {}  # of resting orders whose instructions matter there

    # -- what can be asked of it ---------------------------------------------------------------

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
        """Enter a limit order; what does not trade rests, or is cancelled for IOC and FOK.

        `priority` ranks it in its level (lower first); without one it goes to the back.
        """
        waiting = self._waiting
        if qty <= 0 or price <= 0 or order_id in self.orders or order_id in waiting:
            self._reject(order_id, qty, price)
            return
        if instructions.post_only and self._would_take(is_buy, price):
            self.reports.append((REJECTED, order_id, POST_ONLY))
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_limit(order_id, is_buy, price, qty, time_in_force, priority, instructions)
        if waiting:
            self._release_stops()

    def market(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        time_in_force: int = IOC,
        instructions: Instructions = PLAIN,
    ) -> None:
        """Trade against whatever is there; the rest is cancelled: it has no price to rest at."""
        if qty <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, 1)
            return
        self.reports.append((ACCEPTED, order_id))
        other = self.offers if is_buy else self.bids
        if not self._has_enough(order_id, other, _ANY_PRICE, qty, time_in_force, instructions):
            return
        self._enter_market(order_id, is_buy, qty, instructions)
        if self._waiting:
            self._release_stops()

    def market_to_limit(
        self, order_id: str, is_buy: bool, qty: int, instructions: Instructions = PLAIN
    ) -> None:
        """Trade at the best opposite price; the rest becomes a limit order at that price."""
        if qty <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, 1)
            return
        self.reports.append((ACCEPTED, order_id))
        price = self.best_offer if is_buy else self.best_bid
        if not price:
            self.reports.append((CANCELED, order_id, qty, NO_MARKET))
            return
        self.reports.append((PRICED, order_id, price))
        self._enter_limit(order_id, is_buy, price, qty, DAY, None, instructions)
        if self._waiting:
            self._release_stops()

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
        """Let a stop (or a stop-limit) wait for a trade at or through `stop_px`.

        With `trail` it follows the price; one that comes without a stop price starts behind the
        last trade.
        """
        if trail is not None and not stop_px:
            stop_px = trail.stop_from(self.last_px, is_buy) if self.last_px else 0
            limit_px = trail.limit_of(stop_px, is_buy)
        if qty <= 0 or stop_px <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, stop_px)
            return
        self.reports.append((ACCEPTED, order_id))
        self.stops.add(order_id, is_buy, stop_px, qty, limit_px, instructions, trail)
        self._elect_late()

    def cancel(self, order_id: str) -> bool:
        """Take an order out; `False` (and a report) when it is not there."""
        order = self.orders.pop(order_id, None)
        if order is not None:
            self._unlink(order)
            note = self._notes.pop(order_id, None)
            leaves = order.leaves + note.reserve if note is not None else order.leaves
            self.reports.append((CANCELED, order_id, leaves, ""))
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
        trade at once. `False` (and a report) when it is not there, or may not take.
        """
        order = self.orders.get(order_id)
        note = self._notes.get(order_id)
        why = ""
        if leaves <= 0:
            why = "quantity must be positive"
        elif order is None and order_id not in self._waiting:
            why = "too late: not in the book"
        elif (price is not None and price <= 0) or (stop_px is not None and stop_px <= 0):
            why = "price must be positive"
        elif (
            note is not None
            and order is not None
            and price is not None
            and note.instructions.post_only
            and self._would_take(order.is_buy, price)
        ):
            why = POST_ONLY
        if why:
            self.reports.append((REPLACE_REJECTED, order_id, why))
            return False
        self.reports.append((REPLACED, order_id, leaves))
        if order is None:
            self.stops.replace(order_id, leaves, stop_px, price)
            self._elect_late()
        elif price is not None and price != order.price:
            self._requeue(order, note, price, leaves)
        elif note is not None and note.reserve:
            if leaves <= order.leaves + note.reserve:
                self._shrink(order, note, order.leaves + note.reserve - leaves)
            else:
                self._requeue(order, note, order.price, leaves)
        elif leaves <= order.leaves:
            order.level.qty -= order.leaves - leaves
            order.leaves = leaves
        else:
            self._requeue(order, note, order.price, leaves)
        if order is not None and self._waiting:
            self._release_stops()
        return True

    def _requeue(self, order: Resting, note: _Note | None, price: int, leaves: int) -> None:
        """Take an order out and enter it anew, under the instructions that it had."""
        del self.orders[order.order_id]
        self._unlink(order)
        self._notes.pop(order.order_id, None)
        instructions = PLAIN if note is None else note.instructions._replace(min_qty=0)
        self._enter_limit(order.order_id, order.is_buy, price, leaves, DAY, None, instructions)

    def _shrink(self, order: Resting, note: _Note, by: int) -> None:
        """Take `by` off an iceberg in its place: off its reserve first."""
        hidden = min(by, note.reserve)
        note.reserve -= hidden
        order.leaves -= by - hidden
        order.level.qty -= by - hidden

    def redisplay(self, order_id: str, display: int, seed: int = 0) -> None:
        """Let an order show at most `display` at a time from here on, 0 for all of it.

        What shows no more keeps its place; more of it shown, or other tranches, goes to the back.
        """
        order = self.orders.get(order_id)
        if order is None:
            self.stops.redisplay(order_id, display, seed)
            return
        note = self._notes.get(order_id) or _Note(PLAIN, 0)
        was = note.instructions
        note.instructions = was._replace(display=display, seed=seed, min_qty=0)
        leaves = order.leaves + note.reserve
        if seed != was.seed or not 0 < display <= (was.display or display):
            self._notes[order_id] = note
            self._requeue(order, note, order.price, leaves)
            return
        hidden = max(0, order.leaves - tranche(note.instructions, order_id, note.refreshes, leaves))
        order.leaves -= hidden
        order.level.qty -= hidden
        note.reserve += hidden
        self._notes[order_id] = note

    def reduce(self, order_id: str, qty: int) -> bool:
        """Take `qty` off an order and keep its place; all of it takes the order out."""
        order = self.orders.get(order_id)
        if order is None:
            return False
        note = self._notes.get(order_id)
        if qty >= order.leaves + (note.reserve if note is not None else 0):
            del self.orders[order_id]
            self._notes.pop(order_id, None)
            self._unlink(order)
        elif note is not None:
            self._shrink(order, note, qty)
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
        self._fill(order, taker_id, traded)
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

    def leaves_of(self, order_id: str) -> int:
        """Return how much of a resting order is left, shown or hidden; 0 when it does not rest."""
        order, note = self.orders.get(order_id), self._notes.get(order_id)
        return (order.leaves if order else 0) + (note.reserve if note else 0)

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
        assert self._notes.keys() <= self.orders.keys(), "notes of orders that are gone"
        assert all(note.reserve >= 0 for note in self._notes.values()), "less than nothing hidden"

    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best offer."""
        return bool(self.bids.keys and self.offers.keys) and self.best_bid >= self.best_offer

    def state_hash(self) -> str:
        """Return a hash of the resting orders in priority order, the stops and the last price."""
        digest = hashlib.sha256(b"orderbook/1\n")
        for side in (self.bids, self.offers):
            for level in side.from_best():
                for order in level:
                    note = self._notes.get(order.order_id)
                    hidden = f"+{note.reserve}" if note is not None and note.reserve else ""
                    line = f"{level.key},{order.order_id},{order.leaves}{hidden}\n"
                    digest.update(line.encode())
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
        instructions: Instructions,
    ) -> None:
        """Trade what the price allows; let the rest stand in the queue, or cancel it."""
        key, other = (price, self.offers) if is_buy else (-price, self.bids)
        if (time_in_force == FOK or instructions is not PLAIN) and not self._has_enough(
            order_id, other, -key, qty, time_in_force, instructions
        ):
            return
        other_keys = other.keys
        if other_keys and other_keys[-1] >= -key:
            qty = self._trade(order_id, other, -key, qty, instructions.owner)
            if not qty:
                return
        if time_in_force:
            why = "immediate or cancel: nothing left to trade"
            self.reports.append((CANCELED, order_id, qty, why))
            return
        if priority is None:
            priority = self._priority = self._priority + 1
        elif priority > self._priority:
            self._priority = priority
        if instructions is not PLAIN:
            shown = tranche(instructions, order_id, 0, qty)
            self._notes[order_id] = _Note(instructions, qty - shown)
            qty = shown
        self._stand(order_id, is_buy, price, qty, priority)

    def _stand(self, order_id: str, is_buy: bool, price: int, qty: int, priority: int) -> None:
        """Let an order stand in the queue of its price where its priority says."""
        key, side = (price, self.bids) if is_buy else (-price, self.offers)
        level = side.levels.get(key)
        if level is None:
            level = side.levels[key] = Level(key)
            insort(side.keys, key)
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

    def _trade(
        self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str = ""
    ) -> int:
        """Trade up to `qty` against `side` down to `limit_key`; return what is left."""
        sweep = self._sweep if not self._notes else self._sweep_with_care
        if not self._waiting:
            return sweep(taker_id, side, limit_key, qty, owner)
        before = len(self.reports)
        left = sweep(taker_id, side, limit_key, qty, owner)
        prices = [int(report[3]) for report in self.reports[before:] if report[0] == FILL]
        if prices:  # a sweep's prices go one way, so its ends say which stops it reached
            self.stops.traded(prices[0], prices[-1])
        return left

    def _sweep_with_care(
        self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str
    ) -> int:
        """Sweep order by order, where icebergs refresh and one owner's orders may meet."""
        while qty and side.keys and side.keys[-1] >= limit_key:
            maker = side.levels[side.keys[-1]].first
            assert maker is not None
            note = self._notes.get(maker.order_id)
            if owner and note is not None and note.instructions.owner == owner:
                qty = self._prevent(taker_id, maker, note, qty)
                continue
            traded = min(qty, maker.leaves)
            qty -= traded
            self._fill(maker, taker_id, traded)
        return qty

    def _prevent(self, taker_id: str, maker: Resting, note: _Note, qty: int) -> int:
        """Keep two orders of one owner from trading; return what is left of the taker."""
        mode, leaves = self.self_trade, maker.leaves + note.reserve
        reports, maker_id = self.reports, maker.order_id
        if mode is SelfTrade.DECREMENT:
            both = min(leaves, qty)
            self.reduce(maker_id, both)
            for order_id, left in ((maker_id, leaves - both), (taker_id, qty - both)):
                if left:
                    reports.append((REDUCED, order_id, left, SELF_TRADE))
                else:
                    reports.append((CANCELED, order_id, both, SELF_TRADE))
            return qty - both
        if mode is not SelfTrade.CANCEL_NEWEST:
            self.reduce(maker_id, leaves)
            reports.append((CANCELED, maker_id, leaves, SELF_TRADE))
        if mode is SelfTrade.CANCEL_OLDEST:
            return qty
        reports.append((CANCELED, taker_id, qty, SELF_TRADE))
        return 0

    def _fill(self, maker: Resting, taker_id: str, qty: int) -> None:
        """Trade `qty` of what `maker` shows; an iceberg then shows its next at the back."""
        maker_id, note = maker.order_id, self._notes.get(maker.order_id)
        hidden = note.reserve if note is not None else 0
        left = maker.leaves - qty
        self.reports.append((FILL, maker_id, taker_id, maker.price, qty, left + hidden))
        self.last_px = maker.price
        if left:
            maker.leaves = left
            maker.level.qty -= qty
            return
        self._unlink(maker)
        del self.orders[maker_id]
        if note is None or not hidden:
            self._notes.pop(maker_id, None)
            return
        note.refreshes += 1
        shown = tranche(note.instructions, maker_id, note.refreshes, hidden)
        note.reserve = hidden - shown
        self._priority += 1
        self._stand(maker_id, maker.is_buy, maker.price, shown, self._priority)

    def _sweep(self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str) -> int:
        """Sweep where no resting order has instructions: the plain and fast way."""
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

    def _would_take(self, is_buy: bool, price: int) -> bool:
        best = self.best_offer if is_buy else self.best_bid
        return bool(best) and (price >= best if is_buy else price <= best)

    def _has_enough(
        self,
        order_id: str,
        side: BookSide,
        limit_key: int,
        qty: int,
        time_in_force: int,
        instructions: Instructions,
    ) -> bool:
        """Whether what has to trade at once can; cancels the order when it can't."""
        needed = qty if time_in_force == FOK else min(instructions.min_qty, qty)
        if not needed or self._reachable(side, limit_key, needed, instructions.owner) >= needed:
            return True
        why = NOT_ENOUGH if time_in_force == FOK else TOO_LITTLE
        self.reports.append((CANCELED, order_id, qty, why))
        return False

    def _reachable(self, side: BookSide, limit_key: int, wanted: int, owner: str = "") -> int:
        """Return the quantity that can be had down to `limit_key`, counted until `wanted`."""
        total = 0
        for level in side.from_best():
            if level.key < limit_key or total >= wanted:
                break
            if not self._notes:
                total += level.qty
                continue
            found, goes_on = self._reachable_at(level, owner)
            total += found
            if not goes_on:
                break
        return total

    def _reachable_at(self, level: Level, owner: str) -> tuple[int, bool]:
        """Return the quantity to be had at a level, hidden too, and whether a sweep goes beyond."""
        notes = self._notes
        own = {
            order.order_id
            for order in level
            if owner
            and (note := notes.get(order.order_id)) is not None
            and note.instructions.owner == owner
        }
        others = [order for order in level if order.order_id not in own]
        total = sum(
            order.leaves + (notes[order.order_id].reserve if order.order_id in notes else 0)
            for order in others
        )
        if not own or self.self_trade is SelfTrade.CANCEL_OLDEST:
            return total, True
        # The sweep ends at the first own order: what icebergs hide stands behind it by then.
        ahead = 0
        for order in level:
            if order.order_id in own:
                break
            ahead += order.leaves
        return ahead, False

    def _elect_late(self) -> None:
        """A stop that the last trade has reached does not wait for the next one."""
        if self.last_px:
            self.stops.traded(self.last_px, self.last_px)
            self._release_stops()

    def _release_stops(self) -> None:
        """Turn every elected stop into its order, one by one; its trades may elect the next."""
        while (stop := self.stops.release()) is not None:
            self.reports.append((TRIGGERED, stop.order_id))
            if stop.limit_px is None:
                self._enter_market(stop.order_id, stop.is_buy, stop.qty, stop.instructions)
            else:
                self._enter_limit(
                    stop.order_id,
                    stop.is_buy,
                    stop.limit_px,
                    stop.qty,
                    DAY,
                    None,
                    stop.instructions,
                )

    def _enter_market(
        self, order_id: str, is_buy: bool, qty: int, instructions: Instructions
    ) -> None:
        other = self.offers if is_buy else self.bids
        left = self._trade(order_id, other, _ANY_PRICE, qty, instructions.owner)
        if left:
            self.reports.append((CANCELED, order_id, left, NO_MARKET))

    def _reject(self, order_id: str, qty: int, price: int) -> None:
        if qty <= 0:
            why = f"quantity {qty} is not positive"
        elif price <= 0:
            why = f"price {price} is not positive"
        else:
            why = f"order id {order_id} is in the book already"
        self.reports.append((REJECTED, order_id, why))
