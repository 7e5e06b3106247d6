"""One symbol of the simulated market: its fair price, its makers' quotes, and who trades there."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import ceil, floor

import msgspec

from app.market.parameters import NameParameters
from app.market.processes import OwnMoves, SharedMoves
from app.ports import MarketAction
from models.instruments import Instrument
from models.money import BPS

# The spread calms down with each arrival, and widens when a price is traded away, by a wild move,
# and by news; counted in steps of the name.
_CALMING, _TAKEN, _WILD, _NEWS = 0.85, 0.35, 0.7, 4.0
_WILD_MOVE = 2.5
_NEWS_ARRIVALS = 3.0
_SLACK = 2  # quotes that may stand behind the wanted ones before the last is taken away
_FILLED_IN = 2  # how many missing prices makers fill in at once
_RENEWED = 0.25  # how often a best quote is withdrawn and quoted anew
_TAIL, _USUAL, _LARGEST = 1.6, 0.28, 9.0  # how sizes are spread: Pareto, in units of the name
_SAME_SIDE = 0.62  # large orders come in slices: a buyer is likelier after a buyer


class _Quote(msgspec.Struct):
    """A maker's order, and what is left of it as far as the flow can know."""

    order_id: str
    left: int


class Name:
    """A symbol's makers and takers.

    Attributes:
        own: when something happens here, and what of the price is the name's alone.
        sector: what it moves with beside the market.
        start, tick: the price it began with, in ticks, and the tick.
        scale: how many ticks a usual session moves it.
        pace: how much larger than usual trades are at this hour.
    """

    def __init__(
        self, instrument: Instrument, start_px: int, parameters: NameParameters, sector: str
    ) -> None:
        self.symbol, self.mic, self.sector = instrument.symbol, instrument.mic, sector
        self.parameters = parameters
        self.own = OwnMoves(parameters)
        self.lot = instrument.lot
        self.tick = instrument.tick_at(start_px)
        self.start = start_px // self.tick
        self.scale = self.start * parameters.daily_move_bps / BPS
        self.step = max(1, self.start // 20_000)
        self.calm_spread = parameters.half_spread_ticks + (self.step - 1) / 2
        unit = instrument.adv // parameters.size_of_adv // self.lot * self.lot
        self.unit = max(self.lot, unit)
        self._levels = parameters.levels
        self._market = parameters.market_share**0.5
        self._sector = parameters.sector_share**0.5
        self.pace = 1.0
        self._wide = 0.0
        self._buys = True
        self._bids: dict[int, _Quote] = {}
        self._offers: dict[int, _Quote] = {}

    def live_at(self, lively: float) -> None:
        """Follow the hour: where twice as much trades, it is half by number and half by size.

        An hour of many trades costs every engine, one of large trades costs none.
        """
        self.pace = lively**0.5
        self.own.live_at(self.pace)

    def open(
        self,
        rnd: random.Random,
        shared: SharedMoves,
        next_id: Callable[[], str],
        found: list[MarketAction],
    ) -> None:
        """Quote all prices for the first time, and let somebody trade."""
        bid, ask = self._touch(shared)
        for is_buy, best in ((True, bid), (False, ask)):
            for level, tick in enumerate(self._ladder(is_buy, best)):
                self._place(rnd, is_buy, tick, level, next_id(), found)
        self._trade(rnd, next_id(), found)

    def happen(
        self,
        rnd: random.Random,
        shared: SharedMoves,
        next_id: Callable[[], str],
        found: list[MarketAction],
    ) -> None:
        """Let the fair price move, the makers follow it, and perhaps somebody trade."""
        self._wide *= _CALMING
        if abs(self.own.move(rnd, shared.volatility)) > _WILD_MOVE:
            self._wide += _WILD
        bid, ask = self._touch(shared)
        # All that is wrong goes before anything comes, or makers would trade with each other.
        for side, is_buy, best in ((self._bids, True, bid), (self._offers, False, ask)):
            if side and (max(side) > best if is_buy else min(side) < best):
                for tick in [tick for tick in side if (tick > best if is_buy else tick < best)]:
                    self._withdraw(side, tick, found)
        self._fill_in(rnd, True, bid, next_id, found)
        self._fill_in(rnd, False, ask, next_id, found)
        if rnd.random() < self.parameters.trade_share:
            self._trade(rnd, next_id(), found)

    def surprise(self, rnd: random.Random) -> None:
        """Let news come: the price jumps, the spread widens, and many react."""
        parameters = self.parameters
        size = parameters.news_move_bps * (1 + rnd.expovariate(1)) / parameters.daily_move_bps
        self.own.shock(size if rnd.random() < 0.5 else -size, _NEWS_ARRIVALS)
        self._wide += _NEWS

    def trade_qty(self, rnd: random.Random) -> int:
        """Return how much the next one who trades wants: mostly little, now and then a lot."""
        units = min(_LARGEST, _USUAL * rnd.paretovariate(_TAIL)) * self.pace
        return self.lot * max(1, int(units * (self.unit // self.lot)))

    # -- the makers ----------------------------------------------------------------------------

    def _touch(self, shared: SharedMoves) -> tuple[int, int]:
        """Return the best bid and offer that makers want to show, in ticks."""
        half = self.calm_spread + self._wide * self.step
        away = self._market * shared.market + self._sector * shared.sectors[self.sector]
        fair = self.start + self.scale * (away + self.own.place)
        fair = max(fair, half + 1)  # somebody can still bid
        bid = floor(fair - half + 0.5)
        return bid, max(bid + 1, ceil(fair + half - 0.5))

    def _ladder(self, is_buy: bool, best: int) -> Sequence[int]:
        """Return the prices to be quoted, the best first; behind it they are whole steps."""
        step, levels = self.step, self._levels
        if step == 1:
            return range(best, max(0, best - levels), -1) if is_buy else range(best, best + levels)
        if is_buy:
            second = (best - 1) // step * step
            return [best, *range(second, max(0, second - (levels - 1) * step), -step)]
        second = (best // step + 1) * step
        return [best, *range(second, second + (levels - 1) * step, step)]

    def _fill_in(
        self,
        rnd: random.Random,
        is_buy: bool,
        best: int,
        next_id: Callable[[], str],
        found: list[MarketAction],
    ) -> None:
        """Quote what is missing from `best` on, and let go of the farthest."""
        side = self._bids if is_buy else self._offers
        if best in side and rnd.random() < _RENEWED:
            self._withdraw(side, best, found)
        missing = _FILLED_IN
        for level, tick in enumerate(self._ladder(is_buy, best)):
            if tick not in side:
                self._place(rnd, is_buy, tick, level, next_id(), found)
                missing -= 1
                if not missing:
                    break
        while len(side) > self._levels + _SLACK:
            self._withdraw(side, min(side) if is_buy else max(side), found)

    def _place(
        self,
        rnd: random.Random,
        is_buy: bool,
        tick: int,
        level: int,
        order_id: str,
        found: list[MarketAction],
    ) -> None:
        qty = self.unit * (1 + level) * (1 + int(rnd.random() * 4))
        (self._bids if is_buy else self._offers)[tick] = _Quote(order_id, qty)
        found.append(
            MarketAction(
                kind="limit",
                symbol=self.symbol,
                order_id=order_id,
                is_buy=is_buy,
                price=tick * self.tick,
                qty=qty,
            )
        )

    def _withdraw(self, side: dict[int, _Quote], tick: int, found: list[MarketAction]) -> None:
        order_id = side.pop(tick).order_id
        found.append(MarketAction(kind="cancel", symbol=self.symbol, order_id=order_id))

    # -- the takers ----------------------------------------------------------------------------

    def _trade(self, rnd: random.Random, order_id: str, found: list[MarketAction]) -> None:
        """Let somebody take, but never all that a side shows."""
        if rnd.random() >= _SAME_SIDE:
            self._buys = not self._buys
        side = self._offers if self._buys else self._bids
        shown = sum(quote.left for quote in side.values())
        qty = min(self.trade_qty(rnd), shown // 2 // self.lot * self.lot)
        if qty <= 0:
            return
        found.append(
            MarketAction(
                kind="market", symbol=self.symbol, order_id=order_id, is_buy=self._buys, qty=qty
            )
        )
        self._take(side, qty, found)

    def _take(self, side: dict[int, _Quote], qty: int, found: list[MarketAction]) -> None:
        """Note what a trade leaves of the quotes. One that is used up is withdrawn all the same:
        the desk's orders may have stood ahead of it.
        """
        while qty > 0:
            tick = min(side) if side is self._offers else max(side)
            quote = side[tick]
            if quote.left > qty:
                quote.left -= qty
                return
            qty -= quote.left
            self._withdraw(side, tick, found)
            self._wide += _TAKEN
