"""How an order that comes in trades with those that stand there."""

from __future__ import annotations

from app.matching.auction import Call
from app.matching.instructions import Instructions, SelfTrade
from app.matching.levels import BookSide, Level, Note, Resting
from app.matching.reports import (
    CANCELED,
    FILL,
    FOK,
    NOT_ENOUGH,
    NOT_WHOLE,
    REDUCED,
    SELF_TRADE,
    TOO_LITTLE,
)
from app.matching.standing import Standing

ANY_PRICE = -(1 << 80)


class Sweeping(Standing):
    """A book's trading: best price first, at one price who came first, at the maker's price.

    An all-or-none order that rests comes after those that are shown at its price, and is passed
    over by whoever can't fill it whole.
    """

    def _trade(
        self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str = ""
    ) -> int:
        """Trade up to `qty` against `side` down to `limit_key`; return what is left."""
        if not self._is_free:
            return self._trade_within(taker_id, side, limit_key, qty, owner)
        sweep = self._sweep if not self._notes else self._sweep_with_care
        if not self._waiting:
            return sweep(taker_id, side, limit_key, qty, owner)
        return self._sweep_and_elect(taker_id, side, limit_key, qty, owner)

    def _sweep_and_elect(
        self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str
    ) -> int:
        """Sweep, and elect the stops that it reached."""
        sweep = self._sweep if not self._notes else self._sweep_with_care
        before = len(self.reports)
        left = sweep(taker_id, side, limit_key, qty, owner)
        prices = [int(report[3]) for report in self.reports[before:] if report[0] == FILL]
        if prices:  # a sweep's prices go one way, so its ends say which stops it reached
            self.stops.traded(prices[0], prices[-1])
        return left

    def _trade_within(
        self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str
    ) -> int:
        """Trade within the price band; who would trade beyond it begins a volatility call."""
        if self.call is not None:
            return qty
        within = self._within_band(side, limit_key)
        before = len(self.reports)
        left = self._sweep_and_elect(taker_id, side, within, qty, owner)
        if not self.static_px:
            prices = (int(report[3]) for report in self.reports[before:] if report[0] == FILL)
            self.static_px = next(prices, 0)
        if left and side.keys and side.keys[-1] >= limit_key:
            self.begin_call(Call.VOLATILITY)
        return left

    def _within_band(self, side: BookSide, limit_key: int) -> int:
        """Return `limit_key`, or the key of the band's end where that comes before it."""
        low, high = self._bands.around(self.static_px, self.last_px)
        return max(limit_key, low if side is self.bids else -high)

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
                maker.behind = None  # or the dead would hold each other until a collection
                maker = behind
                if not qty:
                    break
            if maker is None:
                level.last = None
                keys.pop()
                del levels[key]
            else:
                maker.before = None
        return qty

    def _sweep_with_care(
        self, taker_id: str, side: BookSide, limit_key: int, qty: int, owner: str
    ) -> int:
        """Sweep order by order, where icebergs refresh and one owner's orders may meet."""
        whole = self._whole.bids if side is self.bids else self._whole.offers
        while qty:
            maker = self._next_maker(side, whole, limit_key, qty)
            if maker is None:
                break
            note = self._notes.get(maker.order_id)
            if owner and note is not None and note.instructions.owner == owner:
                qty = self._prevent(taker_id, maker, note, qty)
                continue
            traded = min(qty, maker.leaves)
            qty -= traded
            self._fill(maker, taker_id, traded)
        return qty

    @staticmethod
    def _next_maker(side: BookSide, whole: BookSide, limit_key: int, qty: int) -> Resting | None:
        """Return who trades next with a taker that has `qty` left, `None` for nobody."""
        best = side.keys[-1] if side.keys else ANY_PRICE
        if whole.keys and whole.keys[-1] > best:
            for order in whole.orders():
                if order.level.key < limit_key or order.level.key <= best:
                    break
                if order.leaves <= qty:
                    return order
        return side.levels[best].first if side.keys and best >= limit_key else None

    def _prevent(self, taker_id: str, maker: Resting, note: Note, qty: int) -> int:
        """Keep two orders of one owner from trading; return what is left of the taker."""
        mode, leaves = self.self_trade, maker.leaves + note.reserve
        reports, maker_id = self.reports, maker.order_id
        if mode is SelfTrade.DECREMENT:
            both = min(leaves, qty)
            self._reduce(maker, both)
            for order_id, left in ((maker_id, leaves - both), (taker_id, qty - both)):
                if left:
                    reports.append((REDUCED, order_id, left, SELF_TRADE))
                else:
                    reports.append((CANCELED, order_id, both, SELF_TRADE))
            return qty - both
        if mode is not SelfTrade.CANCEL_NEWEST:
            self._reduce(maker, leaves)
            reports.append((CANCELED, maker_id, leaves, SELF_TRADE))
        if mode is SelfTrade.CANCEL_OLDEST:
            return qty
        reports.append((CANCELED, taker_id, qty, SELF_TRADE))
        return 0

    def _reduce(self, order: Resting, qty: int) -> None:
        """Take `qty` off an order and keep its place; all of it takes the order out."""
        note = self._notes.get(order.order_id)
        if qty >= order.leaves + (note.reserve if note is not None else 0):
            self._take_out(order)
        elif note is not None:
            self._shrink(order, note, qty)
        else:
            order.leaves -= qty
            order.level.qty -= qty

    def _shrink(self, order: Resting, note: Note, by: int) -> None:
        """Take `by` off an iceberg in its place: off its reserve first."""
        hidden = min(by, note.reserve)
        note.reserve -= hidden
        order.leaves -= by - hidden
        order.level.qty -= by - hidden

    def _fill(self, maker: Resting, taker_id: str, qty: int) -> None:
        """Trade `qty` of what `maker` shows; an iceberg then shows its next at the back."""
        left = self._total(maker) - qty
        self.reports.append((FILL, maker.order_id, taker_id, maker.price, qty, left))
        self.last_px = maker.price
        self._use_up(maker, qty, left)

    def _use_up(self, order: Resting, qty: int, left: int) -> None:
        """Take what has traded off an order, of which `left` is left then."""
        if qty < order.leaves:
            order.leaves -= qty
            order.level.qty -= qty
            return
        note = self._take_out(order)
        if note is None or not left:
            return
        note.refreshes += 1
        price, priority = order.price, self._next_priority()
        self._show(order.order_id, order.is_buy, price, left, priority, note)

    # -- what a trade would find ---------------------------------------------------------------

    def _would_take(self, is_buy: bool, price: int) -> bool:
        if self.call is not None:
            return False
        keys = self.offers.keys if is_buy else self.bids.keys
        return bool(keys) and keys[-1] >= (-price if is_buy else price)

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
        needed, why = min(instructions.min_qty, qty), TOO_LITTLE
        if time_in_force == FOK:
            needed, why = qty, NOT_ENOUGH
        elif instructions.all_or_none:
            needed, why = qty, NOT_WHOLE
        if not needed or self._reachable(side, limit_key, needed, qty, instructions.owner):
            return True
        self.reports.append((CANCELED, order_id, qty, why))
        return False

    def _reachable(
        self, side: BookSide, limit_key: int, needed: int, qty: int, owner: str = ""
    ) -> bool:
        """Whether `needed` of `qty` can be had down to `limit_key`."""
        if not self._is_free:
            if self.call is not None:
                return False
            limit_key = self._within_band(side, limit_key)
        total = 0
        if self._notes:
            return self._reach_with_care(side, limit_key, qty, owner) >= needed
        for level in side.from_best():
            if level.key < limit_key or total >= needed:
                break
            total += level.qty
        return total >= needed

    def _reach_with_care(self, side: BookSide, limit_key: int, qty: int, owner: str) -> int:
        """Return how much of `qty` a sweep down to `limit_key` would trade."""
        whole = self._whole.bids if side is self.bids else self._whole.offers
        unseen = [order for order in whole.orders() if order.level.key >= limit_key]
        total, goes_on = 0, True
        for level in side.from_best():
            if level.key < limit_key or total >= qty or not goes_on:
                break
            while goes_on and unseen and unseen[0].level.key > level.key:
                found, goes_on = self._reachable_whole(unseen.pop(0), qty - total, owner)
                total += found
            if goes_on and total < qty:
                found, goes_on = self._reachable_at(level, owner)
                total = min(qty, total + found)
        while goes_on and unseen:
            found, goes_on = self._reachable_whole(unseen.pop(0), qty - total, owner)
            total += found
        return total

    def _reachable_whole(self, order: Resting, qty: int, owner: str) -> tuple[int, bool]:
        """Return what an all-or-none order gives to `qty`, and whether a sweep goes beyond it."""
        if order.leaves > qty:
            return 0, True
        if owner and self._notes[order.order_id].instructions.owner == owner:
            return 0, self.self_trade is SelfTrade.CANCEL_OLDEST
        return order.leaves, True

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
        if not own or self.self_trade is SelfTrade.CANCEL_OLDEST:
            return sum(self._total(order) for order in level if order.order_id not in own), True
        # The sweep ends at the first own order: what icebergs hide stands behind it by then.
        ahead = 0
        for order in level:
            if order.order_id in own:
                break
            ahead += order.leaves
        return ahead, False
