"""The bars that a simulated name has behind it when it first opens."""

from __future__ import annotations

import random

from app.market.makers import Name
from app.market.processes import STEP_NS, STEPS_A_SESSION, fat_tailed
from models.market import BAR_NS, Bar

_BARS_A_MIN = 60_000_000_000 // BAR_NS
_STEPS_A_BAR = BAR_NS // STEP_NS


def past_of(name: Name, minutes: int, seed: int, ts: int, lively: float) -> list[Bar]:
    """Return the bars before `ts` that lead to where `name` starts, oldest first.

    The walk is as likely backwards as forwards: it goes from the start into the past, so that its
    last price is the one at which the market opens. It has a seed of its own, so that the day
    ahead is the same with a past or without one.
    """
    rnd = random.Random(f"{seed}/{name.symbol}")
    parameters = name.parameters
    name.live_at(lively)
    arrivals = min(1.0, parameters.activity * name.pace) * _STEPS_A_BAR
    size = name.scale * (_STEPS_A_BAR / STEPS_A_SESSION) ** 0.5 / max(1.0, arrivals) ** 0.5
    size *= lively**0.5
    place = float(name.start)
    latest_first: list[Bar] = []
    trades = [(name.start, name.trade_qty(rnd))]
    for back in range(1, minutes * _BARS_A_MIN + 1):
        for _ in range(int(arrivals + rnd.random())):
            place = max(name.calm_spread + 1, place + size * fat_tailed(rnd))
            if rnd.random() < parameters.trade_share:
                away = name.calm_spread if rnd.random() < 0.5 else -name.calm_spread
                trades.append((round(place + away), name.trade_qty(rnd)))
        if trades:
            latest_first.append(_bar(name, ts - ts % BAR_NS - back * BAR_NS, trades))
            trades = []
    return latest_first[::-1]


def _bar(name: Name, start_ts: int, trades: list[tuple[int, int]]) -> Bar:
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
