"""A simulated market: market makers around a moving fair price, and others who trade with them.

Seeded and driven by parameters, so that the same seed gives the same day; prices are simulated
and say nothing of any real market.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import msgspec

from app.ports import MarketAction
from models.instruments import Instrument
from models.market import BAR_NS, Bar

STEP_NS = 200_000_000
_CATCH_UP_STEPS = 5
_BARS_A_MIN = 60_000_000_000 // BAR_NS
# A security master may have thousands of names. The market makes prices in as many as it can keep
# moving, and opens them in portions: the engine's lease does not wait for a past to be made up.
NAMES_MAX = 200
_OPENED_AT_ONCE = 50


class MarketParameters(msgspec.Struct, frozen=True, kw_only=True):
    """How lively the market is. Shares are of 1; sizes are in parts of the ADV.

    `activity`: share of names that move in a step; `trade_share`: share of those that trade;
    `levels`: prices quoted a side; `half_spread_ticks`: from fair price to best quote;
    `drift_bps`: how far a name is let from its start, in hundredths of a percent;
    `past_min`: how many minutes of bars a name has behind it when it first opens.
    """

    activity: float = 0.35
    trade_share: float = 0.45
    levels: int = 6
    half_spread_ticks: int = 1
    size_of_adv: int = 12_000
    drift_bps: int = 150
    past_min: int = 0


class _Name:
    """One symbol: its fair price in ticks, and the quotes that market makers have in its book."""

    def __init__(self, instrument: Instrument, start_px: int, parameters: MarketParameters) -> None:
        self.symbol = instrument.symbol
        self.lot = instrument.lot
        self.tick = instrument.tick_at(start_px)
        self.fair = self.start = start_px // self.tick
        wide = max(1, self.fair // 20_000)
        self.half_spread = parameters.half_spread_ticks + wide // 2
        self.step = wide
        self.leash = max(4, self.fair * parameters.drift_bps // 10_000)
        self.unit = max(self.lot, instrument.adv // parameters.size_of_adv // self.lot * self.lot)
        self.quoted: dict[tuple[bool, int], str] = {}

    def move(self, rnd: random.Random) -> None:
        """Let the fair price walk, pulled back the farther it has gone from its start."""
        pull = (self.start - self.fair) / self.leash
        if rnd.random() < abs(pull) * 0.5:
            self.fair += self.step if pull > 0 else -self.step
        else:
            self.fair += rnd.choice((-1, -1, 0, 0, 0, 1, 1)) * self.step
        self.fair = max(self.fair, self.half_spread + self.step)  # somebody can still bid

    def trade_qty(self, rnd: random.Random) -> int:
        """Return how much the next one who trades wants."""
        return self.lot * max(1, self.unit * rnd.randint(1, 6) // (2 * self.lot))


def _past_of(name: _Name, parameters: MarketParameters, seed: int, ts: int) -> list[Bar]:
    """Return the bars before `ts` that lead to where `name` starts, oldest first.

    The walk is as likely backwards as forwards: it goes from the start into the past, so that its
    last price is the one at which the market opens. It has a seed of its own, so that the day
    ahead is the same with a past or without one.
    """
    rnd = random.Random(f"{seed}/{name.symbol}")
    moves = round(BAR_NS // STEP_NS * parameters.activity)
    latest_first: list[Bar] = []
    trades = [(name.fair, name.trade_qty(rnd))]
    for back in range(1, parameters.past_min * _BARS_A_MIN + 1):
        for _ in range(moves):
            name.move(rnd)
            if rnd.random() < parameters.trade_share:
                away = name.half_spread if rnd.random() < 0.5 else -name.half_spread
                trades.append((name.fair + away, name.trade_qty(rnd)))
        if trades:
            latest_first.append(_past_bar(name, ts - ts % BAR_NS - back * BAR_NS, trades))
            trades = []
    return latest_first[::-1]


def _past_bar(name: _Name, start_ts: int, trades: list[tuple[int, int]]) -> Bar:
    """Return the bar of `trades`, which are (tick, quantity), the latest first."""
    ticks = [tick for tick, _ in trades]
    qty = sum(qty for _, qty in trades)
    value = name.tick * sum(tick * qty for tick, qty in trades)
    return Bar(
        name.symbol,
        start_ts,
        open=ticks[-1] * name.tick,
        high=max(ticks) * name.tick,
        low=min(ticks) * name.tick,
        close=ticks[0] * name.tick,
        qty=qty,
        vwap=(2 * value + qty) // (2 * qty),
    )


class SimulatedFlow:
    """Implements `MarketFlow` for the instruments that `listed` gives, and for those it adds later.

    It makes prices in the first `NAMES_MAX` of them that are active.

    `start_px` continues from prices that were published before (a restart must not jump).
    """

    def __init__(
        self,
        listed: Callable[[], Mapping[str, Instrument]],
        seed: int,
        start_px: Mapping[str, int] | None = None,
        parameters: MarketParameters | None = None,
    ) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._parameters = parameters or MarketParameters()
        self._listed = listed
        self._start_px = start_px or {}
        self._names: dict[str, _Name] = {}
        self._waiting: list[str] = []
        self._listed_count = 0
        self._past: list[Bar] = []
        self._number = 0
        self._last_ts = 0

    def is_alive(self, ts: int) -> bool:
        return True

    def past(self) -> Sequence[Bar]:
        past, self._past = self._past, []
        return past

    def actions(self, ts: int, last_px: Callable[[str], int]) -> Sequence[MarketAction]:
        found: list[MarketAction] = []
        self._last_ts = self._last_ts or ts
        self._open_new(ts, found)
        steps = (ts - self._last_ts) // STEP_NS
        self._last_ts += steps * STEP_NS
        for _ in range(min(steps, _CATCH_UP_STEPS)):
            for name in self._names.values():
                if self._random.random() < self._parameters.activity:
                    name.move(self._random)
                    self._quote(name, found)
                    if self._random.random() < self._parameters.trade_share:
                        self._trade(name, found)
        return found

    def _open_new(self, ts: int, found: list[MarketAction]) -> None:
        listed = self._listed()
        if len(listed) != self._listed_count:
            self._listed_count = len(listed)
            new = (s for s, each in listed.items() if each.active and s not in self._names)
            self._waiting = list(islice(new, NAMES_MAX - len(self._names)))
        opening, self._waiting = self._waiting[:_OPENED_AT_ONCE], self._waiting[_OPENED_AT_ONCE:]
        for symbol in opening:
            instrument = listed[symbol]
            start_px = self._start_px.get(symbol) or instrument.prev_close
            name = self._names[symbol] = _Name(instrument, start_px, self._parameters)
            self._quote(name, found)
            self._trade(name, found)
            if symbol not in self._start_px:
                past = _Name(instrument, start_px, self._parameters)
                self._past += _past_of(past, self._parameters, self._seed, ts)

    def _quote(self, name: _Name, found: list[MarketAction]) -> None:
        """Move the makers' quotes to where they belong: first what is wrong goes, then new come."""
        wanted: dict[tuple[bool, int], int] = {}
        for level in range(self._parameters.levels):
            away = name.half_spread + level * name.step
            for is_buy in (True, False):
                tick = name.fair - away if is_buy else name.fair + away
                if tick > 0:
                    wanted[is_buy, tick] = level
        refreshed = self._random.choice(list(wanted))
        for place in [p for p in name.quoted if p not in wanted or p == refreshed]:
            found.append(
                MarketAction(kind="cancel", symbol=name.symbol, order_id=name.quoted.pop(place))
            )
        for (is_buy, tick), level in wanted.items():
            if (is_buy, tick) in name.quoted:
                continue
            order_id = self._next_id()
            name.quoted[is_buy, tick] = order_id
            qty = name.unit * (1 + level) * self._random.randint(1, 4)
            found.append(
                MarketAction(
                    kind="limit",
                    symbol=name.symbol,
                    order_id=order_id,
                    is_buy=is_buy,
                    price=tick * name.tick,
                    qty=qty,
                )
            )

    def _trade(self, name: _Name, found: list[MarketAction]) -> None:
        qty = name.trade_qty(self._random)
        found.append(
            MarketAction(
                kind="market",
                symbol=name.symbol,
                order_id=self._next_id(),
                is_buy=self._random.random() < 0.5,
                qty=qty,
            )
        )

    def _next_id(self) -> str:
        self._number += 1
        return f"M{self._number}"
