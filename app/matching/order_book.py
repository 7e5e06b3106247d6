"""The production order book of one instrument: price-time priority with an explicit priority key.

Prices are integers in 1e-9 units, quantities integers. What happens is appended to `reports` as
flat tuples, which the caller reads and clears: tuples of ints and strings cost least and are not
tracked by the garbage collector for long.

What can be asked of it and what it says of itself stands here; how orders stand, trade, enter and
are auctioned stands in the classes below it, one file each.
"""

from __future__ import annotations

import hashlib

from app.matching.auction import Call
from app.matching.calls import Calling
from app.matching.instructions import PLAIN, Instructions, PegTo, Trail
from app.matching.levels import BookSide, Level, Note, Resting, unlink
from app.matching.reports import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELED,
    CLS,
    DAY,
    FILL,
    FOK,
    IN_CALL,
    IOC,
    NO_MARKET,
    NOT_ENOUGH,
    NOT_OPENING,
    OPG,
    PEGGED,
    POST_ONLY,
    PRICED,
    REDUCED,
    REJECTED,
    REPLACE_REJECTED,
    REPLACED,
    SELF_TRADE,
    TOO_LATE,
    TOO_LITTLE,
    TRIGGERED,
    Report,
)
from app.matching.sweeping import ANY_PRICE

__all__ = [
    "ACCEPTED",
    "CANCELED",
    "CANCEL_REJECTED",
    "CLS",
    "DAY",
    "FILL",
    "FOK",
    "IOC",
    "NOT_ENOUGH",
    "NO_MARKET",
    "OPG",
    "PEGGED",
    "POST_ONLY",
    "PRICED",
    "REDUCED",
    "REJECTED",
    "REPLACED",
    "REPLACE_REJECTED",
    "SELF_TRADE",
    "TOO_LITTLE",
    "TRIGGERED",
    "BookSide",
    "OrderBook",
    "Report",
    "Resting",
]


class OrderBook(Calling):
    """Bids, offers and waiting stops of one instrument; see `Standing` for its attributes."""

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

        OPG and CLS trade in their auction only. `priority` ranks it in its level (lower first);
        without one it goes to the back.
        """
        waiting = self._waiting
        if qty <= 0 or price <= 0 or order_id in self.orders or order_id in waiting:
            self._reject(order_id, qty, price)
            return
        if time_in_force and not self._takes(order_id, time_in_force):
            return
        if instructions.post_only and self._would_take(is_buy, price):
            self.reports.append((REJECTED, order_id, POST_ONLY))
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_limit(order_id, is_buy, price, qty, time_in_force, priority, instructions)
        if waiting:
            self._release_stops()
        if self._restless:
            self._settle()

    def market(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        time_in_force: int = IOC,
        instructions: Instructions = PLAIN,
    ) -> None:
        """Trade against whatever is there; the rest is cancelled: it has no price to rest at.

        In a call DAY waits for the auction and IOC is refused; otherwise they are the same.
        """
        if qty <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, 1)
            return
        if time_in_force and not self._takes(order_id, time_in_force):
            return
        self.reports.append((ACCEPTED, order_id))
        self._enter_market(order_id, is_buy, qty, instructions, time_in_force)
        if self._waiting:
            self._release_stops()
        if self._restless:
            self._settle()

    def market_to_limit(
        self, order_id: str, is_buy: bool, qty: int, instructions: Instructions = PLAIN
    ) -> None:
        """Trade at the best opposite price; the rest becomes a limit order at that price.

        In a call it waits for the auction, as a market order whose rest gets the auction's price.
        """
        if qty <= 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, 1)
            return
        self.reports.append((ACCEPTED, order_id))
        if self.call is not None:
            other = self.offers if is_buy else self.bids
            if self._has_enough(order_id, other, ANY_PRICE, qty, DAY, instructions):
                note = self._wait_for_auction(order_id, is_buy, 0, qty, DAY, instructions)
                note.is_priced_by_auction = True
            return
        price = self.best_offer if is_buy else self.best_bid
        if not price:
            self.reports.append((CANCELED, order_id, qty, NO_MARKET))
            return
        self.reports.append((PRICED, order_id, price))
        self._enter_limit(order_id, is_buy, price, qty, DAY, None, instructions)
        if self._waiting:
            self._release_stops()
        if self._restless:
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
        """Enter an order that follows the best price of those that are shown and follow nobody.

        It goes no further than `cap` (0 for none), and trades when it reaches the other side; it
        waits unseen while there is nothing to follow, and during calls.
        """
        if qty <= 0 or cap < 0 or order_id in self.orders or order_id in self._waiting:
            self._reject(order_id, qty, cap or 1)
            return
        self.reports.append((ACCEPTED, order_id))
        note = self._restless[order_id] = Note(instructions.for_waiting)
        note.peg, note.cap = peg, cap
        self._park(self._aside, order_id, is_buy, qty, note)
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
        if self._restless:
            self._settle()

    def cancel(self, order_id: str) -> bool:
        """Take an order out; `False` (and a report) when it is not there."""
        order = self.orders.pop(order_id, None)
        if order is not None:
            unlink(order)
            note = self._notes.pop(order_id, None)
            leaves = order.leaves + note.reserve if note is not None else order.leaves
            self.reports.append((CANCELED, order_id, leaves, ""))
            if self._restless:
                self._settle()
            return True
        stop = self.stops.remove(order_id)
        if stop is not None:
            self.reports.append((CANCELED, order_id, stop.qty, ""))
            return True
        self.reports.append((CANCEL_REJECTED, order_id, TOO_LATE))
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
            why = TOO_LATE
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
        elif note is not None and (note.peg is not None or not order.price):
            self._replace_unpriced(order, note, leaves, price or 0)
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
        if self._restless:
            self._settle()
        return True

    def _requeue(self, order: Resting, note: Note | None, price: int, leaves: int) -> None:
        """Take an order out and enter it anew, under the instructions that it had."""
        order_id, instructions, time_in_force = order.order_id, PLAIN, DAY
        unlink(order)
        del self.orders[order_id]
        if note is not None:
            del self._notes[order_id]
            instructions = note.instructions._replace(min_qty=0)
            time_in_force = note.time_in_force
        self._enter_limit(order_id, order.is_buy, price, leaves, time_in_force, None, instructions)

    def _replace_unpriced(self, order: Resting, note: Note, leaves: int, cap: int) -> None:
        """Give a peg or an order without a price its new leaves, and a peg its new cap."""
        if note.peg is not None:
            note.cap = cap or note.cap
        if leaves <= order.leaves + note.reserve:
            self._shrink(order, note, order.leaves + note.reserve - leaves)
            return
        is_unpriced = order.level.side is self._unpriced.side(order.is_buy)
        self._take_out(order)
        pair = self._unpriced if is_unpriced else self._aside
        self._park(pair, order.order_id, order.is_buy, leaves, note)

    def reduce(self, order_id: str, qty: int) -> bool:
        """Take `qty` off an order and keep its place; all of it takes the order out."""
        order = self.orders.get(order_id)
        if order is None:
            return False
        self._reduce(order, qty)
        if self._restless:
            self._settle()
        return True

    def hit(self, order_id: str, qty: int, taker_id: str) -> int:
        """Trade up to `qty` with this very order, out of turn, and return how much traded.

        For recorded markets, where the record says which order was hit. Nobody hits what is not
        shown, but for an all-or-none order that trades whole.
        """
        order = self.orders.get(order_id)
        if order is None or qty <= 0 or self.call is not None:
            return 0
        side = order.level.side
        if side is not (self.bids if order.is_buy else self.offers) and (
            side is not self._whole.side(order.is_buy) or qty < order.leaves
        ):
            return 0
        traded = min(qty, order.leaves)
        self._fill(order, taker_id, traded)
        if self._waiting:
            self._elect_late()
        if self._restless:
            self._settle()
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

    def is_pegged(self, order_id: str) -> bool:
        """Whether an order's price follows the market."""
        note = self._notes.get(order_id)
        return note is not None and note.peg is not None

    def validate(self) -> None:
        """Raise `AssertionError` when the book contradicts itself; costs a walk over all of it."""
        seen = 0
        for pair in (self, self._whole, self._unpriced, self._aside):
            for side, is_buy in ((pair.bids, True), (pair.offers, False)):
                assert side.keys == sorted(side.levels), "keys and levels differ"
                for level in side.levels.values():
                    assert level.side is side, level.key
                    seen += self._validate_level(level, is_buy)
        assert seen == len(self.orders), "orders outside every level"
        assert self._notes.keys() <= self.orders.keys(), "notes of orders that are gone"
        assert all(note.reserve >= 0 for note in self._notes.values()), "less than nothing hidden"
        assert not self._unpriced.bids.keys or self.call, "a market order rests outside a call"
        for order in self._whole.orders():
            assert self._notes[order.order_id].instructions.all_or_none, order.order_id
        for order in self._pegs():
            is_aside = order.level.side is self._aside.side(order.is_buy)
            assert is_aside is (order.price == 0), order.order_id
            assert is_aside or not self.call, order.order_id
        assert self.call or not self.is_crossed(), "crossed outside a call"

    def _validate_level(self, level: Level, is_buy: bool) -> int:
        """Return how many orders stand in a level."""
        total, before, seen = 0, None, 0
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
        return seen

    def is_crossed(self) -> bool:
        """Whether the best bid reaches the best offer."""
        return bool(self.bids.keys and self.offers.keys) and self.best_bid >= self.best_offer

    def state_hash(self) -> str:
        """Return a hash of the resting orders in priority order, the stops and the last price."""
        digest = hashlib.sha256(b"orderbook/1\n")
        for name, pair in (
            ("", self),
            ("whole,", self._whole),
            ("unpriced,", self._unpriced),
            ("aside,", self._aside),
        ):
            for side in (pair.bids, pair.offers):
                for order in side.orders():
                    digest.update(f"{name}{self._line_of(order)}\n".encode())
        for stop in self.stops.stops():
            digest.update(f"{stop.order_id},{stop.stop_px},{stop.qty},{stop.limit_px}\n".encode())
        if not self._is_free:
            digest.update(f"{self.call},{self._bands},{self.static_px}\n".encode())
        digest.update(f"{self.last_px}".encode())
        return digest.hexdigest()

    def _line_of(self, order: Resting) -> str:
        note = self._notes.get(order.order_id)
        line = f"{order.level.key},{order.order_id},{order.leaves}"
        if note is None:
            return line
        return f"{line}{f'+{note.reserve}' if note.reserve else ''}{note.mark}"

    # -- how it works --------------------------------------------------------------------------

    def _takes(self, order_id: str, time_in_force: int) -> bool:
        """Whether an order that does not simply rest can be taken now; rejects it when it can't."""
        if time_in_force == OPG:
            why = "" if self.call is Call.OPENING else NOT_OPENING
        else:
            why = IN_CALL if self.call is not None and time_in_force != CLS else ""
        if why:
            self.reports.append((REJECTED, order_id, why))
        return not why

    def _reject(self, order_id: str, qty: int, price: int) -> None:
        if qty <= 0:
            why = f"quantity {qty} is not positive"
        elif price <= 0:
            why = f"price {price} is not positive"
        else:
            why = f"order id {order_id} is in the book already"
        self.reports.append((REJECTED, order_id, why))
