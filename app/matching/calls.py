"""Auctions: everything that a call has gathered trades at one price, and the book goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.matching.auction import Auction, Call, Interest, equilibrium
from app.matching.entering import Entering
from app.matching.instructions import SelfTrade
from app.matching.levels import Resting
from app.matching.reports import (
    AFTER_AUCTION,
    AFTER_CLOSE,
    AFTER_OPEN,
    CANCELED,
    CLS,
    FILL,
    OPG,
    PRICED,
    REDUCED,
    SELF_TRADE,
)


class _Cross(NamedTuple):
    """A buyer and a seller that an auction brings together, and for how much."""

    buyer: Resting
    seller: Resting
    qty: int


class Calling(Entering):
    """A book's auctions.

    Market orders come first, then who bids most (or offers lowest), then who came first; icebergs
    take part with all of their quantity, all-or-none orders and pegs not at all. Two orders of one
    owner that would meet are kept apart before anything trades, and the price is worked out anew.
    """

    def indicative(self, reference_px: int = 0) -> Auction:
        """Return what an auction would do now; without a reference the last price is taken."""
        bids, offers = self._interest(True), self._interest(False)
        return equilibrium(bids, offers, reference_px or self.last_px)

    def _interest(self, is_buy: bool) -> list[Interest]:
        found = [(0, order.leaves) for order in self._unpriced.side(is_buy).orders()]
        for level in (self.bids if is_buy else self.offers).from_best():
            hidden = 0
            if self._notes:
                hidden = sum(self._total(order) - order.leaves for order in level)
            found.append((abs(level.key), level.qty + hidden))
        return found

    def uncross(self, reference_px: int = 0) -> Auction:
        """End the call: trade what can be traded at one price, and match from then on.

        What is left of orders for this auction alone, and of market orders, is cancelled; what is
        left of a market-to-limit order rests at the auction's price.
        """
        found = self.indicative(reference_px)
        while (met := self._first_self_trade(found)) is not None:
            self._keep_apart(met)
            found = self.indicative(reference_px)
        self._trade_at(found)
        call = self.call
        self._switch(None)
        self._clear_up(call, found.price)
        self._elect_late()
        self._settle()
        return found

    def _first_self_trade(self, auction: Auction) -> _Cross | None:
        if not self._notes:
            return None
        return next((cross for cross in self._crosses(auction) if self._is_one_owner(cross)), None)

    def _is_one_owner(self, cross: _Cross) -> bool:
        notes = self._notes
        buys, sells = notes.get(cross.buyer.order_id), notes.get(cross.seller.order_id)
        if buys is None or sells is None:
            return False
        owner = buys.instructions.owner
        return bool(owner) and owner == sells.instructions.owner

    def _crosses(self, auction: Auction) -> Iterator[_Cross]:
        """Yield who trades with whom in an auction, as the book stands now."""
        if not auction.qty:
            return
        buyers, sellers = self._takes_part(True, auction), self._takes_part(False, auction)
        buyer, seller = next(buyers), next(sellers)
        bought, sold = self._total(buyer), self._total(seller)
        left = auction.qty
        while True:
            qty = min(left, bought, sold)
            yield _Cross(buyer, seller, qty)
            left, bought, sold = left - qty, bought - qty, sold - qty
            if not left:
                return
            if not bought:
                buyer = next(buyers)
                bought = self._total(buyer)
            if not sold:
                seller = next(sellers)
                sold = self._total(seller)

    def _takes_part(self, is_buy: bool, auction: Auction) -> Iterator[Resting]:
        yield from self._unpriced.side(is_buy).orders()
        worst = auction.price if is_buy else -auction.price
        for level in (self.bids if is_buy else self.offers).from_best():
            if level.key < worst:
                return
            yield from level

    def _keep_apart(self, cross: _Cross) -> None:
        """Do to two orders of one owner what self-trade prevention says; one of them goes."""
        older, newer = cross.buyer, cross.seller
        if newer.priority < older.priority:
            older, newer = newer, older
        mode, reports = self.self_trade, self.reports
        if mode is SelfTrade.DECREMENT:
            totals = self._total(older), self._total(newer)
            both = min(totals)
            for order, total in zip((older, newer), totals, strict=True):
                self._reduce(order, both)
                what, left = (REDUCED, total - both) if total > both else (CANCELED, both)
                reports.append((what, order.order_id, left, SELF_TRADE))
            return
        for order, goes in (
            (older, mode is not SelfTrade.CANCEL_NEWEST),
            (newer, mode is not SelfTrade.CANCEL_OLDEST),
        ):
            if goes:
                reports.append((CANCELED, order.order_id, self._total(order), SELF_TRADE))
                self._take_out(order)

    def _trade_at(self, auction: Auction) -> None:
        """Trade at the auction's price; whoever came first is the maker."""
        price = auction.price
        done: dict[str, int] = {}
        for buyer, seller, qty in list(self._crosses(auction)):
            maker, taker = buyer, seller
            if taker.priority < maker.priority:
                maker, taker = taker, maker
            for order in (maker, taker):
                done[order.order_id] = done.get(order.order_id, 0) + qty
            left = self._total(maker) - done[maker.order_id]
            self.reports.append((FILL, maker.order_id, taker.order_id, price, qty, left))
        for order_id, qty in done.items():
            order = self.orders[order_id]
            self._use_up(order, qty, self._total(order) - qty)
        if done:
            self.last_px = self.static_px = price

    def _clear_up(self, call: Call | None, price: int) -> None:
        """Let go of what was for this auction only."""
        for order in list(self._unpriced.orders()):
            note = self._notes[order.order_id]
            if note.is_priced_by_auction and price:
                self._become_limit(order, price)
            else:
                self._let_go(order, _AFTER.get(note.time_in_force, AFTER_AUCTION))
        ended = {OPG, CLS} if call is Call.CLOSING else {OPG}
        for side in (self.bids, self.offers):
            for order in list(side.orders()):
                passed = self._notes.get(order.order_id)
                if passed is not None and passed.time_in_force in ended:
                    self._let_go(order, _AFTER[passed.time_in_force])

    def _let_go(self, order: Resting, why: str) -> None:
        self.reports.append((CANCELED, order.order_id, self._total(order), why))
        self._take_out(order)

    def _become_limit(self, order: Resting, price: int) -> None:
        """Let a market-to-limit order rest at the auction's price, in its place by arrival."""
        note = self._take_out(order)
        assert note is not None
        note.is_priced_by_auction = False
        self.reports.append((PRICED, order.order_id, price))
        self._show(order.order_id, order.is_buy, price, order.leaves, order.priority, note)


_AFTER = {OPG: AFTER_OPEN, CLS: AFTER_CLOSE}
