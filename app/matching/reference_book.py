"""The oracle: a naive book, slow and easy to believe, with `OrderBook`'s interface and reports.

All orders are in one list; whoever is next is found by sorting. A stop is *elected* by any trade at
or through its price, however the price moves on afterwards, and elected stops go one by one.
"""

from __future__ import annotations

import hashlib
from copy import deepcopy

from app.matching.instructions import PLAIN, Instructions, SelfTrade, Trail, tranche
from app.matching.order_book import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELED,
    DAY,
    FILL,
    FOK,
    IOC,
    NO_MARKET,
    NOT_ENOUGH,
    POST_ONLY,
    PRICED,
    REDUCED,
    REJECTED,
    REPLACE_REJECTED,
    REPLACED,
    SELF_TRADE,
    TOO_LITTLE,
    TRIGGERED,
    Report,
)


class _Order:
    """A resting order; a lower `rank` was there earlier, `shown` of its `leaves` can be seen."""

    def __init__(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        leaves: int,
        rank: int,
        instructions: Instructions,
    ) -> None:
        self.instructions = instructions
        self.refreshes = 0
        self.shown = tranche(instructions, order_id, 0, leaves)
        self.order_id = order_id
        self.is_buy = is_buy
        self.price = price
        self.leaves = leaves
        self.rank = rank


class _Stop:
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


class ReferenceBook:
    """Bids, offers and waiting stops of one instrument, as `OrderBook` but without its speed.

    Attributes:
        reports: what happened since the caller last cleared it, oldest first.
        last_px: price of the last trade, 0 before the first.
        self_trade: what becomes of two orders of one owner that would trade.
    """

    def __init__(self, self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST) -> None:
        self.self_trade = self_trade
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
        instructions: Instructions = PLAIN,
    ) -> None:
        """Enter a limit order; what does not trade rests, or is cancelled for IOC and FOK."""
        if self._objects(order_id, qty, price):
            return
        if instructions.post_only and self._on_offer(is_buy, price):
            self.reports.append((REJECTED, order_id, POST_ONLY))
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_limit(order_id, is_buy, price, qty, time_in_force, priority, instructions)
        self._release_stops()

    def market(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        time_in_force: int = IOC,
        instructions: Instructions = PLAIN,
    ) -> None:
        """Trade against whatever is there; the rest is cancelled."""
        if self._objects(order_id, qty, 1):
            return
        self.reports.append((ACCEPTED, order_id))
        if self._lacks(order_id, is_buy, None, qty, time_in_force, instructions):
            return
        self._enter_market(order_id, is_buy, qty, instructions)
        self._release_stops()

    def market_to_limit(
        self, order_id: str, is_buy: bool, qty: int, instructions: Instructions = PLAIN
    ) -> None:
        """Trade at the best opposite price; the rest becomes a limit order at that price."""
        if self._objects(order_id, qty, 1):
            return
        self.reports.append((ACCEPTED, order_id))
        opposite = self._queue(not is_buy)
        if not opposite:
            self.reports.append((CANCELED, order_id, qty, NO_MARKET))
            return
        price = opposite[0].price
        self.reports.append((PRICED, order_id, price))
        self._enter_limit(order_id, is_buy, price, qty, DAY, None, instructions)
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
        """Let a stop (or a stop-limit) wait for a trade at or through `stop_px`."""
        if trail is not None and not stop_px:
            stop_px = trail.stop_from(self.last_px, is_buy) if self.last_px else 0
            limit_px = trail.limit_of(stop_px, is_buy)
        if self._objects(order_id, qty, stop_px):
            return
        self.reports.append((ACCEPTED, order_id))
        self._stops.append(_Stop(order_id, is_buy, stop_px, qty, limit_px, instructions, trail))
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
        elif (
            order is not None
            and order.instructions.post_only
            and price is not None
            and self._on_offer(order.is_buy, price)
        ):
            self.reports.append((REPLACE_REJECTED, order_id, POST_ONLY))
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
        self._shrink(order, qty)
        return True

    def hit(self, order_id: str, qty: int, taker_id: str) -> int:
        """Trade up to `qty` with this very order, out of turn, and return how much traded."""
        order = self._find(order_id)
        if order is None or qty <= 0:
            return 0
        traded = min(qty, order.shown)
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
            totals[order.price] = totals.get(order.price, 0) + order.shown
        return list(totals.items())[:levels]

    def validate(self) -> None:
        """Raise `AssertionError` when the book contradicts itself."""
        ids = [order.order_id for order in self._resting] + [s.order_id for s in self._stops]
        assert len(ids) == len(set(ids)), "an id is there twice"
        assert all(0 < o.shown <= o.leaves for o in self._resting), "an empty order"
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
                hidden = order.leaves - order.shown
                lines.append(f"{key},{order.order_id},{order.shown}{f'+{hidden}' * (hidden > 0)}\n")
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
        instructions: Instructions,
    ) -> None:
        if self._lacks(order_id, is_buy, price, qty, time_in_force, instructions):
            return
        left = self._trade(order_id, is_buy, price, qty, instructions.owner)
        if left and time_in_force == DAY:
            rank = self._rank_max + 1 if priority is None else priority
            self._rank_max = max(self._rank_max, rank)
            self._resting.append(_Order(order_id, is_buy, price, left, rank, instructions))
        elif left:
            why = "immediate or cancel: nothing left to trade"
            self.reports.append((CANCELED, order_id, left, why))

    def _enter_market(
        self, order_id: str, is_buy: bool, qty: int, instructions: Instructions
    ) -> None:
        left = self._trade(order_id, is_buy, None, qty, instructions.owner)
        if left:
            self.reports.append((CANCELED, order_id, left, NO_MARKET))

    def _lacks(
        self,
        order_id: str,
        is_buy: bool,
        limit_px: int | None,
        qty: int,
        time_in_force: int,
        instructions: Instructions,
    ) -> bool:
        """Cancel an order that needs more than a trial run of it would trade."""
        needed = qty if time_in_force == FOK else min(qty, instructions.min_qty)
        if not needed or self._trial(is_buy, limit_px, needed, instructions.owner) >= needed:
            return False
        why = NOT_ENOUGH if time_in_force == FOK else TOO_LITTLE
        self.reports.append((CANCELED, order_id, qty, why))
        return True

    def _trial(self, is_buy: bool, limit_px: int | None, wanted: int, owner: str) -> int:
        """Return what would trade of `wanted`, by trying it on a copy of the book."""
        book = deepcopy(self)
        book.reports.clear()
        if self.self_trade is not SelfTrade.CANCEL_OLDEST:
            book.self_trade = SelfTrade.CANCEL_NEWEST  # the trial ends where it meets itself
        book._trade("trial", is_buy, limit_px, wanted, owner)  # noqa: SLF001 - its own kind
        return sum(int(report[4]) for report in book.reports if report[0] == FILL)

    def _trade(
        self, taker_id: str, is_buy: bool, limit_px: int | None, qty: int, owner: str
    ) -> int:
        """Trade with whoever is next while the price allows; return what is left."""
        while qty and self._on_offer(is_buy, limit_px):
            maker = self._queue(not is_buy)[0]
            if owner and maker.instructions.owner == owner:
                qty = self._prevent(taker_id, maker, qty)
                continue
            traded = min(qty, maker.shown)
            self._fill(maker, taker_id, traded)
            qty -= traded
        return qty

    def _prevent(self, taker_id: str, maker: _Order, qty: int) -> int:
        """Two orders of one owner meet: they do not trade. Return what is left of the taker."""
        if self.self_trade is SelfTrade.DECREMENT:
            both, leaves = min(qty, maker.leaves), maker.leaves
            self._shrink(maker, both)
            self._lessened(maker.order_id, leaves - both, both)
            self._lessened(taker_id, qty - both, both)
            return qty - both
        if self.self_trade in (SelfTrade.CANCEL_OLDEST, SelfTrade.CANCEL_BOTH):
            self._resting.remove(maker)
            self.reports.append((CANCELED, maker.order_id, maker.leaves, SELF_TRADE))
        if self.self_trade in (SelfTrade.CANCEL_NEWEST, SelfTrade.CANCEL_BOTH):
            self.reports.append((CANCELED, taker_id, qty, SELF_TRADE))
            return 0
        return qty

    def _lessened(self, order_id: str, left: int, by: int) -> None:
        if left:
            self.reports.append((REDUCED, order_id, left, SELF_TRADE))
        else:
            self.reports.append((CANCELED, order_id, by, SELF_TRADE))

    def _shrink(self, order: _Order, by: int) -> None:
        """Take `by` off an order in its place, off what is not shown first."""
        order.leaves -= by
        order.shown = min(order.shown, order.leaves)
        if order.leaves <= 0:
            self._resting.remove(order)

    def _refresh(self, order: _Order) -> None:
        """Show an iceberg's next tranche, at the back of the queue."""
        order.refreshes += 1
        order.shown = tranche(order.instructions, order.order_id, order.refreshes, order.leaves)
        self._rank_max += 1
        order.rank = self._rank_max
        self._resting.remove(order)
        self._resting.append(order)

    def _fill(self, maker: _Order, taker_id: str, qty: int) -> None:
        maker.leaves -= qty
        maker.shown -= qty
        if not maker.leaves:
            self._resting.remove(maker)
        elif not maker.shown:
            self._refresh(maker)
        self.reports.append((FILL, maker.order_id, taker_id, maker.price, qty, maker.leaves))
        self.last_px = maker.price
        for stop in self._stops:
            stop.elected = stop.elected or stop.is_reached_by(maker.price)
            if not stop.elected:
                stop.follow(maker.price)

    def _elect_late(self, stop: _Stop) -> None:
        """A stop that the last trade had reached already does not wait for the next one."""
        if self.last_px:
            stop.elected = stop.is_reached_by(self.last_px)
            if not stop.elected:
                stop.follow(self.last_px)

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
                self._enter_market(first.order_id, first.is_buy, first.qty, first.instructions)
            else:
                self._enter_limit(
                    first.order_id,
                    first.is_buy,
                    first.limit_px,
                    first.qty,
                    DAY,
                    None,
                    first.instructions,
                )

    def _replace_resting(self, order: _Order, leaves: int, price: int) -> None:
        if price == order.price and leaves <= order.leaves:
            self._shrink(order, order.leaves - leaves)
            return
        self._resting.remove(order)
        instructions = order.instructions._replace(min_qty=0)
        self._enter_limit(order.order_id, order.is_buy, price, leaves, DAY, None, instructions)

    def _replace_stop(
        self, stop: _Stop, qty: int, limit_px: int | None, stop_px: int | None
    ) -> None:
        new = _Stop(
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
