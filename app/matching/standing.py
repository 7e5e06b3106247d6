"""Where orders stand in a book, and how they get there and away again.

Beside the two sides that everybody sees there are three pairs that nobody sees: all-or-none orders
that wait for enough quantity, orders without a price that wait for an auction, and orders that
take no part now (pegs without a reference or in a call, orders for the close before its call).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator

from app.matching.auction import Bands, Call
from app.matching.instructions import Instructions, SelfTrade, tranche
from app.matching.levels import BookSide, Level, Note, Resting, insert, unlink
from app.matching.reports import CLS, PEGGED, Report
from app.matching.triggers import TriggerBook


class Pair:
    """Bids and offers of one kind."""

    __slots__ = ("bids", "offers")

    def __init__(self) -> None:
        self.bids, self.offers = BookSide(), BookSide()

    def side(self, is_buy: bool) -> BookSide:
        """Return the bids or the offers."""
        return self.bids if is_buy else self.offers

    def orders(self) -> Iterator[Resting]:
        """Yield the bids, then the offers, who comes first standing first."""
        yield from self.bids.orders()
        yield from self.offers.orders()


class Standing:
    """The state of a book, and what moves an order in it without trading.

    Attributes:
        reports: what happened since the caller last cleared it, oldest first.
        last_px: price of the last trade, 0 before the first.
        static_px: what the static price band is measured from, 0 before the first trade within it.
        call: why orders are taken without matching, `None` while they are matched.
        self_trade: what becomes of two orders of one owner that would trade.
    """

    def __init__(self, self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST) -> None:
        self.self_trade = self_trade
        self.bids = BookSide()
        self.offers = BookSide()
        self.orders: dict[str, Resting] = {}
        self.stops = TriggerBook()
        self.reports: list[Report] = []
        self.last_px = self.static_px = 0
        self.call: Call | None = None
        self._whole = Pair()  # all-or-none orders
        self._unpriced = Pair()  # market orders in a call
        self._aside = Pair()
        self._bands = Bands()
        self._is_free = True  # neither a call nor a band keeps orders from trading
        self._waiting = self.stops.by_id
        self._priority = 0
        self._notes: dict[str, Note] = {}  # of resting orders whose instructions matter there
        # Pegs and all-or-none orders: they may move by what others do. Some are gone already.
        self._restless: dict[str, Note] = {}

    @property
    def bands(self) -> Bands:
        """How far from its references a trade may be."""
        return self._bands

    @bands.setter
    def bands(self, bands: Bands) -> None:
        self._bands = bands
        self._is_free = self.call is None and bands == Bands()

    def _switch(self, call: Call | None) -> None:
        self.call = call
        self._is_free = call is None and self._bands == Bands()

    def _stand(self, order_id: str, is_buy: bool, price: int, qty: int, priority: int) -> None:
        """Let an order stand in the queue of its price where its priority says."""
        key, side = (price, self.bids) if is_buy else (-price, self.offers)
        level = side.levels.get(key)
        if level is None:
            level = side.levels[key] = Level(key, side)
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
            insert(level, order)

    def _stand_in(
        self, pair: Pair, order_id: str, is_buy: bool, price: int, qty: int, priority: int
    ) -> Resting:
        """Let an order stand among those of `pair`; a price of 0 is no price."""
        level = pair.side(is_buy).level(price if is_buy else -price)
        order = self.orders[order_id] = Resting(order_id, is_buy, price, qty, priority, level)
        level.qty += qty
        insert(level, order)
        return order

    def _next_priority(self) -> int:
        self._priority += 1
        return self._priority

    def _show(
        self, order_id: str, is_buy: bool, price: int, qty: int, priority: int, note: Note
    ) -> None:
        """Let an order with instructions stand, with what it shows of itself."""
        shown = tranche(note.instructions, order_id, note.refreshes, qty)
        note.reserve = qty - shown
        self._notes[order_id] = note
        self._stand(order_id, is_buy, price, shown, priority)

    def _park(
        self,
        pair: Pair,
        order_id: str,
        is_buy: bool,
        qty: int,
        note: Note,
        *,
        price: int = 0,
        priority: int = 0,
    ) -> None:
        """Let an order wait among those of `pair`, the whole of it, without being seen."""
        note.reserve = 0
        self._notes[order_id] = note
        self._stand_in(pair, order_id, is_buy, price, qty, priority or self._next_priority())

    def _wait_for_auction(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        time_in_force: int,
        instructions: Instructions,
    ) -> Note:
        """Let an order for an auction stand where it waits: in its call, or aside before it."""
        note = Note(instructions.for_waiting, time_in_force=time_in_force)
        if time_in_force == CLS and self.call is not Call.CLOSING:
            self._park(self._aside, order_id, is_buy, qty, note, price=price)
        elif price:
            self._show(order_id, is_buy, price, qty, self._next_priority(), note)
        else:
            self._park(self._unpriced, order_id, is_buy, qty, note)
        return note

    def _total(self, order: Resting) -> int:
        """Return what is left of a resting order, shown or hidden."""
        note = self._notes.get(order.order_id)
        return order.leaves + note.reserve if note is not None else order.leaves

    def _take_out(self, order: Resting) -> Note | None:
        """Take an order out and return what was noted of it."""
        unlink(order)
        del self.orders[order.order_id]
        return self._notes.pop(order.order_id, None)

    def begin_call(self, call: Call) -> None:
        """Take orders without matching from now on; `uncross` ends it.

        Pegs stand aside until then; orders for the close join its call.
        """
        self._switch(call)
        for order in self._pegs():
            if order.price:
                self._unprice(order, order.priority)
        if call is not Call.CLOSING:
            return
        for order in list(self._aside.orders()):
            if self._notes[order.order_id].time_in_force == CLS:
                self._join_close(order)

    def _pegs(self) -> list[Resting]:
        """Return the pegged orders, the one with the oldest priority first."""
        notes = self._notes
        alive = (
            self.orders[order_id]
            for order_id, note in self._restless.items()
            if note.peg is not None and notes.get(order_id) is note
        )
        return sorted(alive, key=lambda order: order.priority)

    def _unprice(self, order: Resting, priority: int) -> None:
        """Let a peg wait aside for a reference."""
        qty, note = self._total(order), self._take_out(order)
        assert note is not None
        self._park(self._aside, order.order_id, order.is_buy, qty, note, priority=priority)
        self.reports.append((PEGGED, order.order_id, 0))

    def _join_close(self, order: Resting) -> None:
        note = self._take_out(order)
        assert note is not None
        order_id, is_buy, qty, at = order.order_id, order.is_buy, order.leaves, order.priority
        if order.price:
            self._show(order_id, is_buy, order.price, qty, at, note)
        else:
            self._park(self._unpriced, order_id, is_buy, qty, note, priority=at)
