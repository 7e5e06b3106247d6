"""How orders come into a book, by themselves or because others moved: stops, pegs, all-or-none."""

from __future__ import annotations

from app.matching.instructions import PLAIN, Instructions
from app.matching.levels import BookSide, Note, Resting
from app.matching.reports import (
    BEYOND_BAND,
    CANCELED,
    DAY,
    FOK,
    NO_MARKET,
    NOTHING_LEFT,
    PEGGED,
    TRIGGERED,
)
from app.matching.sweeping import ANY_PRICE, Sweeping


class Entering(Sweeping):
    """Orders enter here once they have been accepted; whoever is set off by them enters next.

    After each request, in this order until nothing changes: elected stops enter; pegs whose price
    has moved enter anew, the one with the oldest priority first, and lose it; of the all-or-none
    orders that can now trade whole the first does, bids before offers.
    """

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
        if instructions is not PLAIN or time_in_force >= FOK:
            if time_in_force > FOK:
                self._wait_for_auction(order_id, is_buy, price, qty, time_in_force, instructions)
                return
            if instructions.all_or_none and not time_in_force:
                self._enter_whole(order_id, is_buy, price, qty, priority, instructions)
                return
            if not self._has_enough(order_id, other, -key, qty, time_in_force, instructions):
                return
        other_keys = other.keys
        if (other_keys and other_keys[-1] >= -key) or (
            self._restless and not instructions.post_only
        ):
            qty = self._trade(order_id, other, -key, qty, instructions.owner)
            if not qty:
                return
        if time_in_force:
            self.reports.append((CANCELED, order_id, qty, NOTHING_LEFT))
            return
        if priority is None:
            priority = self._priority = self._priority + 1
        elif priority > self._priority:
            self._priority = priority
        if instructions is PLAIN:
            self._stand(order_id, is_buy, price, qty, priority)
        else:
            self._show(order_id, is_buy, price, qty, priority, Note(instructions))

    def _enter_whole(
        self,
        order_id: str,
        is_buy: bool,
        price: int,
        qty: int,
        priority: int | None,
        instructions: Instructions,
    ) -> None:
        """Trade all of an order, or let it wait unseen until it can."""
        key, other = (price, self.offers) if is_buy else (-price, self.bids)
        if self._reachable(other, -key, qty, qty, instructions.owner):
            self._trade(order_id, other, -key, qty, instructions.owner)
            return
        if priority is None:
            priority = self._next_priority()
        self._priority = max(self._priority, priority)
        note = self._restless[order_id] = Note(instructions._replace(min_qty=0))
        self._park(self._whole, order_id, is_buy, qty, note, price=price, priority=priority)

    def _enter_market(
        self,
        order_id: str,
        is_buy: bool,
        qty: int,
        instructions: Instructions,
        time_in_force: int = DAY,
    ) -> None:
        """Trade with whatever is there; the rest waits for a call's auction, or is cancelled."""
        other = self.offers if is_buy else self.bids
        if instructions is not PLAIN or time_in_force >= FOK:
            if time_in_force > FOK:
                self._wait_for_auction(order_id, is_buy, 0, qty, time_in_force, instructions)
                return
            if not self._has_enough(order_id, other, ANY_PRICE, qty, time_in_force, instructions):
                return
        left = self._trade(order_id, other, ANY_PRICE, qty, instructions.owner)
        if not left:
            return
        if self.call is None:
            self.reports.append((CANCELED, order_id, left, NO_MARKET))
        elif time_in_force:
            self.reports.append((CANCELED, order_id, left, BEYOND_BAND))
        else:
            self._wait_for_auction(order_id, is_buy, 0, left, DAY, instructions)

    # -- stops ---------------------------------------------------------------------------------

    def _elect_late(self) -> None:
        """A stop that the last trade has reached does not wait for the next one."""
        if self.last_px and self.call is None:
            self.stops.traded(self.last_px, self.last_px)
            self._release_stops()

    def _release_stops(self) -> None:
        """Turn every elected stop into its order, one by one; its trades may elect the next."""
        while (stop := self.stops.release()) is not None:
            order_id, is_buy, asks = stop.order_id, stop.is_buy, stop.instructions
            self.reports.append((TRIGGERED, order_id))
            if stop.limit_px is None:
                self._enter_market(order_id, is_buy, stop.qty, asks._replace(min_qty=0))
            else:
                self._enter_limit(order_id, is_buy, stop.limit_px, stop.qty, DAY, None, asks)

    # -- pegs and all-or-none orders -----------------------------------------------------------

    def _settle(self) -> None:
        """Let those move whom what has happened concerns, until nothing changes."""
        notes = self._notes
        for order_id, note in list(self._restless.items()):
            if notes.get(order_id) is not note:
                del self._restless[order_id]
        while True:
            if self._waiting:
                self._release_stops()
            if self.call is not None or not (self._move_pegs() or self._wake()):
                break

    def _move_pegs(self) -> bool:
        """Price pegs anew; return as soon as one of them reaches the other side."""
        pegs = self._pegs()
        if not pegs:
            return False
        bid, offer = self._reference(self.bids), self._reference(self.offers)
        for order in pegs:
            note = self._notes[order.order_id]
            assert note.peg is not None
            price = note.peg.price(order.is_buy, bid, offer, note.cap)
            if price == order.price:
                continue
            if not price:
                self._unprice(order, self._next_priority())
            elif self._move_peg(order, price):
                return True
        return False

    def _reference(self, side: BookSide) -> int:
        """Return the best price of those that are shown and follow nobody, 0 for none."""
        for order in side.orders():
            note = self._notes.get(order.order_id)
            if note is None or note.peg is None:
                return order.price
        return 0

    def _move_peg(self, order: Resting, price: int) -> bool:
        """Enter a peg at its new price; return whether it reached the other side."""
        qty, note = self._total(order), self._take_out(order)
        assert note is not None
        order_id, is_buy = order.order_id, order.is_buy
        self.reports.append((PEGGED, order_id, price))
        key, other = (price, self.offers) if is_buy else (-price, self.bids)
        before = len(self.reports)
        qty = self._trade(order_id, other, -key, qty, note.instructions.owner)
        if qty and self.call is not None:
            self._park(self._aside, order_id, is_buy, qty, note)
            self.reports.append((PEGGED, order_id, 0))
        elif qty:
            self._show(order_id, is_buy, price, qty, self._next_priority(), note)
        return len(self.reports) > before

    def _wake(self) -> bool:
        """Let the first all-or-none order that can trade whole do so; `False` when none can."""
        for whole, other in ((self._whole.bids, self.offers), (self._whole.offers, self.bids)):
            for order in whole.orders():
                key, owner = order.level.key, self._notes[order.order_id].instructions.owner
                if self._reachable(other, -key, order.leaves, order.leaves, owner):
                    self._take_out(order)
                    self._trade(order.order_id, other, -key, order.leaves, owner)
                    return True
        return False
