"""How the oracle trades: whoever is next is looked for anew each time, and what might be is tried.

What would trade is found by trading on a copy of the whole book.
"""

from __future__ import annotations

from copy import deepcopy

from app.matching.auction import Auction, Bands, Call
from app.matching.instructions import Instructions, SelfTrade
from app.matching.reference_parts import (
    ASIDE,
    BOOK,
    UNPRICED,
    WHOLE,
    Order,
    Stop,
    auction_of,
    crosses_of,
)
from app.matching.reports import (
    AFTER_AUCTION,
    AFTER_CLOSE,
    AFTER_OPEN,
    BEYOND_BAND,
    CANCELED,
    CLS,
    DAY,
    FILL,
    FOK,
    NO_MARKET,
    NOT_ENOUGH,
    NOT_WHOLE,
    NOTHING_LEFT,
    OPG,
    PEGGED,
    PRICED,
    REDUCED,
    SELF_TRADE,
    TOO_LITTLE,
    TRIGGERED,
    Report,
)


class ReferenceTrading:
    """The oracle's state, and what becomes of its orders.

    Attributes:
        reports: what happened since the caller last cleared it, oldest first.
        last_px, static_px, call, bands, self_trade: as an `OrderBook` has them.
    """

    def __init__(self, self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST) -> None:
        self.self_trade = self_trade
        self.reports: list[Report] = []
        self.last_px = self.static_px = 0
        self.call: Call | None = None
        self.bands = Bands()
        self._resting: list[Order] = []  # in order of arrival
        self._stops: list[Stop] = []  # in order of arrival
        self._rank_max = 0

    # -- who is there --------------------------------------------------------------------------

    def _find(self, order_id: str) -> Order | None:
        return next((order for order in self._resting if order.order_id == order_id), None)

    def _find_stop(self, order_id: str) -> Stop | None:
        return next((stop for stop in self._stops if stop.order_id == order_id), None)

    def _next_rank(self) -> int:
        self._rank_max += 1
        return self._rank_max

    def _queue(self, is_buy: bool, *places: str) -> list[Order]:
        """Return one side, who trades first standing first: price, who is seen, rank, arrival."""
        side = [
            order
            for order in self._resting
            if order.is_buy is is_buy and order.place in (places or (BOOK,))
        ]
        return sorted(side, key=lambda order: (-order.key, order.place == WHOLE, order.rank))

    def _reaches(self, is_buy: bool, limit_px: int) -> bool:
        """Whether a buyer (or seller) would reach somebody who is seen."""
        return self.call is None and any(
            _is_within(order, is_buy, limit_px) for order in self._queue(not is_buy)
        )

    # -- entering ------------------------------------------------------------------------------

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
        if time_in_force in (OPG, CLS):
            self._put_off(order_id, is_buy, price, qty, time_in_force, instructions)
            return
        place, left = BOOK, qty
        if instructions.all_or_none and time_in_force == DAY:
            place, instructions = WHOLE, instructions._replace(min_qty=0)
            if self._trial(is_buy, price, qty, instructions.owner) == qty:
                left = self._trade(order_id, is_buy, price, qty, instructions.owner)
        elif self._lacks(order_id, is_buy, price, qty, time_in_force, instructions):
            return
        elif not instructions.post_only or self._reaches(is_buy, price):
            left = self._trade(order_id, is_buy, price, qty, instructions.owner)
        if left and time_in_force == DAY:
            rank = self._rank_max + 1 if priority is None else priority
            self._rank_max = max(self._rank_max, rank)
            self._resting.append(Order(order_id, is_buy, price, left, rank, instructions, place))
        elif left:
            self.reports.append((CANCELED, order_id, left, NOTHING_LEFT))

    def _enter_market(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        instructions: Instructions,
        time_in_force: int = DAY,
    ) -> None:
        if time_in_force in (OPG, CLS):
            self._put_off(order_id, is_buy, 0, qty, time_in_force, instructions)
            return
        if self._lacks(order_id, is_buy, None, qty, time_in_force, instructions):
            return
        left = self._trade(order_id, is_buy, None, qty, instructions.owner)
        if left and self.call is not None and time_in_force == DAY:
            self._put_off(order_id, is_buy, 0, left, DAY, instructions)
        elif left:
            why = NO_MARKET if self.call is None else BEYOND_BAND
            self.reports.append((CANCELED, order_id, left, why))

    def _put_off(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        time_in_force: int,
        instructions: Instructions,
    ) -> Order:
        """Let an order wait for its auction."""
        place = BOOK if price else UNPRICED
        if time_in_force == CLS and self.call is not Call.CLOSING:
            place = ASIDE
        asks, rank = instructions.for_waiting, self._next_rank()
        order = Order(order_id, is_buy, price, qty, rank, asks, place, time_in_force)
        self._resting.append(order)
        return order

    # -- trading -------------------------------------------------------------------------------

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
        if time_in_force == FOK:
            needed, why = qty, NOT_ENOUGH
        elif instructions.all_or_none:
            needed, why = qty, NOT_WHOLE
        else:
            needed, why = min(qty, instructions.min_qty), TOO_LITTLE
        if not needed or self._trial(is_buy, limit_px, qty, instructions.owner) >= needed:
            return False
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
        """Trade with whoever is next while price and band allow; return what is left."""
        if self.call is not None:
            return qty
        before = len(self.reports)
        low, high = self.bands.around(self.static_px, self.last_px)
        bound = high if is_buy else low
        while qty:
            makers = [
                order
                for order in self._queue(not is_buy, BOOK, WHOLE)
                if _is_within(order, is_buy, limit_px) and _is_within(order, is_buy, bound)
                if order.place == BOOK or order.leaves <= qty
            ]
            if not makers:
                break
            maker = makers[0]
            if owner and maker.instructions.owner == owner:
                qty = self._prevent(taker_id, maker, qty)
                continue
            traded = min(qty, maker.shown)
            self._fill(maker, taker_id, traded)
            qty -= traded
        if any(self.bands):
            fills = [report for report in self.reports[before:] if report[0] == FILL]
            if fills and not self.static_px:
                self.static_px = int(fills[0][3])
            if qty and any(_is_within(o, is_buy, limit_px) for o in self._queue(not is_buy)):
                self.begin_call(Call.VOLATILITY)
        return qty

    def _prevent(self, taker_id: str, maker: Order, qty: int) -> int:
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

    def _shrink(self, order: Order, by: int) -> None:
        """Take `by` off an order in its place, off what is not shown first."""
        order.leaves -= by
        order.shown = min(order.shown, order.leaves)
        if order.leaves <= 0:
            self._resting.remove(order)

    def _fill(self, maker: Order, taker_id: str, qty: int) -> None:
        self._use_up(maker, qty)
        self.reports.append((FILL, maker.order_id, taker_id, maker.price, qty, maker.leaves))
        self.last_px = maker.price
        for stop in self._stops:
            stop.elected = stop.elected or stop.is_reached_by(maker.price)
            if not stop.elected:
                stop.follow(maker.price)

    def _use_up(self, order: Order, qty: int) -> None:
        """Take off what has traded; an iceberg then shows its next tranche, at the back."""
        order.leaves -= qty
        order.shown -= qty
        if not order.leaves:
            self._resting.remove(order)
        elif order.shown <= 0:
            order.refreshes += 1
            order.rank = self._next_rank()
            order.put(order.place)
            self._resting.remove(order)
            self._resting.append(order)

    # -- who is set off ------------------------------------------------------------------------

    def _elect_late(self) -> None:
        """A stop that the last trade had reached already does not wait for the next one."""
        for stop in self._stops:
            if self.last_px and self.call is None:
                stop.elected = stop.is_reached_by(self.last_px)
                if not stop.elected:
                    stop.follow(self.last_px)

    def _settle(self) -> None:
        """Let those move whom what has happened concerns, until nothing changes."""
        self._release_stops()
        while self.call is None and (self._move_a_peg() or self._wake()):
            self._release_stops()

    def _release_stops(self) -> None:
        """Enter elected stops: buys from the lowest, then sells from the highest, by arrival."""
        while elected := [stop for stop in self._stops if stop.elected]:
            first = min(
                elected,
                key=lambda stop: (not stop.is_buy, stop.stop_px if stop.is_buy else -stop.stop_px),
            )
            self._stops.remove(first)
            self.reports.append((TRIGGERED, first.order_id))
            asks = first.instructions
            if first.limit_px is None:
                self._enter_market(
                    first.order_id, first.is_buy, first.qty, asks._replace(min_qty=0)
                )
            else:
                self._enter_limit(
                    first.order_id, first.is_buy, first.limit_px, first.qty, DAY, None, asks
                )

    def _move_a_peg(self) -> bool:
        """Move the first peg that does not stand where it belongs; `False` when all do."""
        bid, offer = (
            next((order.price for order in self._queue(is_buy) if order.peg is None), 0)
            for is_buy in (True, False)
        )
        pegs = [order for order in self._resting if order.peg is not None]
        for order in sorted(pegs, key=lambda order: order.rank):
            assert order.peg is not None
            price = order.peg.price(order.is_buy, bid, offer, order.cap)
            if price != order.price:
                self._move_to(order, price)
                return True
        return False

    def _move_to(self, order: Order, price: int) -> None:
        self._resting.remove(order)
        self.reports.append((PEGGED, order.order_id, price))
        left = order.leaves
        if price:
            owner = order.instructions.owner
            left = self._trade(order.order_id, order.is_buy, price, left, owner)
        if not left:
            return
        if price and self.call is not None:
            self.reports.append((PEGGED, order.order_id, 0))
            price = 0
        order.price, order.leaves, order.rank = price, left, self._next_rank()
        order.put(BOOK if price else ASIDE)
        self._resting.append(order)

    def _wake(self) -> bool:
        """Let the first all-or-none order that can trade whole do so; `False` when none can."""
        for order in self._queue(True, WHOLE) + self._queue(False, WHOLE):
            owner, qty = order.instructions.owner, order.leaves
            if self._trial(order.is_buy, order.price, qty, owner) == qty:
                self._resting.remove(order)
                self._trade(order.order_id, order.is_buy, order.price, qty, owner)
                return True
        return False

    # -- auctions ------------------------------------------------------------------------------

    def begin_call(self, call: Call) -> None:
        """Take orders without matching from now on; `uncross` ends it."""
        self.call = call
        for order in sorted(self._resting, key=lambda order: order.rank):
            if order.peg is not None and order.price:
                order.price = 0
                order.put(ASIDE)
                self.reports.append((PEGGED, order.order_id, 0))
            elif order.time_in_force == CLS and call is Call.CLOSING and order.place == ASIDE:
                order.put(BOOK if order.price else UNPRICED)

    def indicative(self, reference_px: int = 0) -> Auction:
        """Return what an auction would do now."""
        buys, sells = self._bidders(True), self._bidders(False)
        return auction_of(buys, sells, reference_px or self.last_px)

    def _bidders(self, is_buy: bool, auction: Auction | None = None) -> list[Order]:
        """Return who takes part, in order: those at the market first, then the best prices."""
        side = self._queue(is_buy, UNPRICED) + self._queue(is_buy)
        if auction is None:
            return side
        return [
            order
            for order in side
            if not order.price
            or (order.price >= auction.price if is_buy else order.price <= auction.price)
        ]

    def uncross(self, reference_px: int = 0) -> Auction:
        """End the call: trade what can be traded at one price, and match from then on."""
        while True:
            found = self.indicative(reference_px)
            crosses = crosses_of(self._bidders(True, found), self._bidders(False, found), found)
            met = [
                sorted([buyer, seller], key=lambda order: order.rank)
                for buyer, seller, _ in crosses
                if buyer.instructions.owner
                and buyer.instructions.owner == seller.instructions.owner
            ]
            if not met:
                break
            self._keep_apart(*met[0])
        self._trade_at(found, crosses)
        call, self.call = self.call, None
        self._clear_up(call, found.price)
        self._elect_late()
        self._settle()
        return found

    def _keep_apart(self, older: Order, newer: Order) -> None:
        if self.self_trade is SelfTrade.DECREMENT:
            both = min(older.leaves, newer.leaves)
            for order in (older, newer):
                self._shrink(order, both)
                self._lessened(order.order_id, order.leaves, both)
            return
        goes = {
            SelfTrade.CANCEL_NEWEST: [newer],
            SelfTrade.CANCEL_OLDEST: [older],
            SelfTrade.CANCEL_BOTH: [older, newer],
        }[self.self_trade]
        for order in goes:
            self._resting.remove(order)
            self.reports.append((CANCELED, order.order_id, order.leaves, SELF_TRADE))

    def _trade_at(self, auction: Auction, crosses: list[tuple[Order, Order, int]]) -> None:
        left = {order.order_id: order.leaves for each in crosses for order in each[:2]}
        for buyer, seller, qty in crosses:
            maker, taker = sorted([buyer, seller], key=lambda order: order.rank)
            left[buyer.order_id] -= qty
            left[seller.order_id] -= qty
            ids = maker.order_id, taker.order_id
            self.reports.append((FILL, *ids, auction.price, qty, left[maker.order_id]))
            self.last_px = self.static_px = auction.price
        for order_id, rest in left.items():
            order = self._find(order_id)
            assert order is not None
            self._use_up(order, order.leaves - rest)

    def _clear_up(self, call: Call | None, price: int) -> None:
        """Let go of what was for this auction only."""
        for order in self._queue(True, UNPRICED) + self._queue(False, UNPRICED):
            self._resting.remove(order)
            if order.gets_price and price:
                self.reports.append((PRICED, order.order_id, price))
                order.price, order.gets_price = price, False
                order.put(BOOK)
                self._resting.append(order)
            else:
                why = _AFTER.get(order.time_in_force, AFTER_AUCTION)
                self.reports.append((CANCELED, order.order_id, order.leaves, why))
        ended = (OPG, CLS) if call is Call.CLOSING else (OPG,)
        for order in self._queue(True) + self._queue(False):
            if order.time_in_force in ended:
                self._resting.remove(order)
                why = _AFTER[order.time_in_force]
                self.reports.append((CANCELED, order.order_id, order.leaves, why))


_AFTER = {OPG: AFTER_OPEN, CLS: AFTER_CLOSE}


def _is_within(maker: Order, is_buy: bool, limit_px: int | None) -> bool:
    """Whether a buyer (or seller) with this limit may trade with `maker`."""
    if limit_px is None:
        return True
    return maker.price <= limit_px if is_buy else maker.price >= limit_px
