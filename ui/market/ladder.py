"""A depth ladder's rows: which prices they stand for, and what rests at each. No Qt.

A row is one tick, or several where the spread is so wide that it would not fit (`group`). What
rests between two rows is counted at the worse one, so that no row promises a price that it has not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from models.instruments import Instrument
from models.market import Depth
from models.orders import Order, Side
from ui.market.own_orders import working_px

_ROWS_A_MARGIN: Final = 8
GROUPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


@dataclass
class Rung:
    """One row: its price (1e-9 units), and the quantities that rest at it, 0 for none.

    `own_buy` and `own_sell` are one's own, which are part of the market's; `own_stop` are one's
    stops that wait for this price, which aren't. `is_indicative`: an auction would trade here.
    """

    px: int
    bid_qty: int = 0
    offer_qty: int = 0
    orders: int = 0
    own_buy: int = 0
    own_sell: int = 0
    own_stop: int = 0
    is_best_bid: bool = False
    is_best_offer: bool = False
    is_last: bool = False
    is_indicative: bool = False


def market_edges(depth: Depth | None) -> tuple[int, int]:
    """Return best bid and offer, 0 for none; the price of an auction where they would cross.

    In a call orders are gathered that would trade at once otherwise: the best bid may be far above
    the best offer, and what matters lies where the auction would trade.
    """
    if depth is None:
        return 0, 0
    bid = depth.bids[0].px if depth.bids else 0
    offer = depth.offers[0].px if depth.offers else 0
    if bid and offer and bid >= offer:
        middle = depth.indicative_px or (bid + offer) // 2
        return middle, middle
    return bid, offer


def rung_words(rung: Rung, instrument: Instrument, own: str) -> str:
    """Return what rests at a rung, in words; `own` says whose the own orders are."""
    words = [f"{instrument.symbol} {instrument.show_price(rung.px)}"]
    for title, qty in (
        ("bid", rung.bid_qty),
        ("offered", rung.offer_qty),
        (f"{own} to buy", rung.own_buy),
        (f"{own} to sell", rung.own_sell),
        ("stop waiting", rung.own_stop),
    ):
        if qty:
            words.append(f"{title} {qty:,}")
    if rung.orders:
        words.append(f"{rung.orders:,} order{'s' if rung.orders > 1 else ''}")
    if rung.is_last:
        words.append("last trade")
    if rung.is_indicative:
        words.append("the auction would trade here")
    return ", ".join(words)


class Ladder:
    """A window of `rows` prices on an instrument's price grid, the highest at the top.

    Attributes:
        instrument: whose grid it is.
        group: how many ticks a row stands for.
        prices: what is in view, falling; fewer than `rows` where prices end at 0.
    """

    def __init__(self, instrument: Instrument, rows: int) -> None:
        self.instrument = instrument
        self.group = 1
        self.rows = max(1, rows)
        self.prices: list[int] = []
        self._falling: list[int] = []

    # ------------------------------------------------------------------------------ the grid

    def step(self, px: int) -> int:
        """Return how far apart rows are from `px` upwards."""
        return self.instrument.tick_at(px) * self.group

    def floor(self, px: int) -> int:
        """Return the price of the row at or below `px`."""
        return px - px % self.step(px)

    def above(self, px: int, rows: int = 1) -> int:
        """Return the price `rows` rows above the row at `px`."""
        for _ in range(rows):
            px += self.step(px)
        return px

    def below(self, px: int, rows: int = 1) -> int:
        """Return the price `rows` rows below, or the lowest that there is above 0."""
        for _ in range(rows):
            lower = px - self.step(px - 1)
            if lower <= 0:
                break
            px = lower
        return px

    # -------------------------------------------------------------------------- what is in view

    def look_from(self, top_px: int) -> None:
        """Show the row at or below `top_px` at the top."""
        px = self.floor(top_px)
        self.prices = []
        while px > 0 and len(self.prices) < self.rows:
            self.prices.append(px)
            px -= self.step(px - 1)
        self._falling = [-price for price in self.prices]

    def resize(self, rows: int) -> None:
        """Show `rows` rows, keeping the middle where it is."""
        rows = max(1, rows)
        if self.prices:
            grown = (rows - self.rows) // 2
            top = self.prices[0]
            top = self.above(top, grown) if grown >= 0 else self.below(top, -grown)
            self.rows = rows
            self.look_from(top)
        self.rows = rows

    def scroll(self, rows: int) -> None:
        """Move the view up by `rows`, or down where it is negative; the lowest price stays in."""
        if not self.prices:
            return
        top = self.prices[0]
        self.look_from(self.above(top, rows) if rows >= 0 else self.below(top, -rows))

    def centre(self, bid: int, offer: int) -> None:
        """Put the market in the middle; 0 where a side is empty."""
        if not bid and not offer:
            return
        upper = self._ceiling(offer or bid)
        lower = self.floor(bid or offer)
        between = 0
        px = upper
        while px > lower and between < self.rows:
            px = self.below(px)
            between += 1
        self.look_from(self.above(upper, max(0, (self.rows - between - 1) // 2)))

    def fit_group(self, bid: int, offer: int) -> None:
        """Choose how many ticks a row stands for, so that the spread takes a third at the most."""
        tick = self.instrument.tick_at(bid or offer)
        spread = max(0, offer - bid) // tick if bid and offer else 0
        room = max(1, self.rows // 3)
        self.group = next((group for group in GROUPS if spread <= group * room), GROUPS[-1])

    def contains(self, px: int) -> bool:
        """Whether `px` is within what the rows in view stand for."""
        return bool(self.prices) and self.prices[-1] <= px <= self.prices[0]

    def holds_market(self, bid: int, offer: int, margin: int = 0) -> bool:
        """Whether best bid and offer are in view, `margin` rows or more from its ends.

        Their middle, where they are too far apart.
        """
        upper, lower = offer or bid, bid or offer
        seen = self.prices[margin : len(self.prices) - margin]
        if not upper or not seen:
            return True
        if upper - lower > seen[0] - seen[-1]:
            return seen[-1] <= (upper + lower) // 2 <= seen[0]
        return seen[-1] <= lower and self._ceiling(upper) <= seen[0]

    @property
    def margin(self) -> int:
        """How many rows are to be seen beyond best bid and offer, for some depth to be in view."""
        return self.rows // _ROWS_A_MARGIN

    def _ceiling(self, px: int) -> int:
        floor = self.floor(px)
        return floor if floor == px else self.above(floor)

    def row_of(self, px: int, is_buy: bool) -> int:
        """Return the row where what rests at `px` is counted, -1 where that is out of view."""
        prices = self.prices
        if not prices:
            return -1
        if is_buy:
            row = bisect_left(self._falling, -px)
            is_out = row == len(prices) or (row == 0 and px >= self.above(prices[0]))
        else:
            row = bisect_right(self._falling, -px) - 1
            is_last = row == len(prices) - 1
            is_out = row < 0 or (is_last and px < prices[-1] and px <= self._next_down())
        return -1 if is_out else row

    def _next_down(self) -> int:
        lowest = self.prices[-1]
        return lowest - self.step(lowest - 1)

    # ----------------------------------------------------------------------- what rests there

    def rungs(self, depth: Depth | None, own: Iterable[Order], last_px: int) -> list[Rung]:
        """Return what rests at each price in view, from top to bottom."""
        rungs = [Rung(px) for px in self.prices]
        if depth is not None:
            self._fill_market(rungs, depth)
        for order in own:
            self._fill_own(rungs, order)
        at = self.row_of(last_px, is_buy=True) if last_px else -1
        if at >= 0:
            rungs[at].is_last = True
        return rungs

    def _fill_market(self, rungs: list[Rung], depth: Depth) -> None:
        for level in depth.bids:
            at = self.row_of(level.px, is_buy=True)
            if at >= 0:
                rungs[at].bid_qty += level.qty
                rungs[at].orders += level.orders
        for level in depth.offers:
            at = self.row_of(level.px, is_buy=False)
            if at >= 0:
                rungs[at].offer_qty += level.qty
                rungs[at].orders += level.orders
        at = self.row_of(depth.indicative_px, is_buy=True) if depth.indicative_px else -1
        if at >= 0:
            rungs[at].is_indicative = True
        if depth.bids and depth.offers and depth.bids[0].px >= depth.offers[0].px:
            return  # crossed in a call: nobody can trade at these
        best_bid = self.row_of(depth.bids[0].px, is_buy=True) if depth.bids else -1
        best_offer = self.row_of(depth.offers[0].px, is_buy=False) if depth.offers else -1
        if best_bid >= 0:
            rungs[best_bid].is_best_bid = True
        if best_offer >= 0:
            rungs[best_offer].is_best_offer = True

    def _fill_own(self, rungs: list[Rung], order: Order) -> None:
        px = working_px(order)
        is_buy = order.side is Side.BUY
        at = self.row_of(px, is_buy) if px else -1
        if at < 0:
            return
        if order.awaits_trigger:
            rungs[at].own_stop += order.leaves_qty
        elif is_buy:
            rungs[at].own_buy += order.leaves_qty
        else:
            rungs[at].own_sell += order.leaves_qty
