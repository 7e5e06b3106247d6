"""A simulated market: makers around a moving fair price, and others who trade with them.

Names move with the market, with their sector and by themselves; arrivals come in clusters and
follow the hours of the venue; now and then there is news. Seeded and driven by parameters, so that
the same seed gives the same day; prices are simulated and say nothing of any real market.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from app.market.makers import Name
from app.market.parameters import MarketParameters
from app.market.past import past_of
from app.market.processes import STEP_NS, STEPS_A_SESSION, SharedMoves, Urn
from app.ports import Heartbeat, MarketAction
from app.volume_curve import BUCKET_S, VenueHours, venue_hours
from models.instruments import Instrument
from models.market import Bar

__all__ = ["STEP_NS", "MarketParameters", "SimulatedFlow"]

FEED = "simulated market"
_CATCH_UP_STEPS = 5
_BUCKET_NS = BUCKET_S * 1_000_000_000
_NS = 1_000_000_000
# A security master may have thousands of names. The market makes prices in as many as it can keep
# moving, and opens them in portions: the engine's lease does not wait for a past to be made up.
NAMES_MAX = 200
_OPENED_AT_ONCE = 50


def liveliness(hours: VenueHours, ts: int) -> float:
    """Return how much happens at `ts` against the session's average.

    Before the open and after the close it is the average: who trains in the evening needs a market.
    """
    weight = hours.weights[hours.bucket_at(ts)]
    session = hours.close_bucket - hours.open_bucket
    return weight * session / sum(hours.weights) if weight else 1.0


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
        self._names: dict[str, Name] = {}
        self._waiting: list[str] = []
        self._listed_count = 0
        self._shared = SharedMoves(self._parameters.drift_bps / self._parameters.daily_move_bps)
        self._news = Urn(())
        self._past: list[Bar] = []
        self._number = 0
        self._first_ts = self._last_ts = 0
        self._halts = sorted(
            (at, kind, halt.symbol)
            for halt in self._parameters.halts
            for at, kind in (
                (halt.after_s * _NS, "halt"),
                ((halt.after_s + halt.for_s) * _NS, "resume"),
            )
        )
        self._lively = 1.0
        self._lively_until = 0

    def heartbeat(self, ts: int) -> Heartbeat:
        """Return the feed's last sign of life at `ts`; only an outage keeps it silent."""
        for outage in self._parameters.outages:
            start = self._first_ts + outage.after_s * _NS
            if start <= ts < start + outage.for_s * _NS:
                return Heartbeat(FEED, start)
        return Heartbeat(FEED, ts)

    def past(self) -> Sequence[Bar]:
        past, self._past = self._past, []
        return past

    def actions(self, ts: int, last_px: Callable[[str], int]) -> Sequence[MarketAction]:
        found: list[MarketAction] = []
        if not self._last_ts:
            self._first_ts = self._last_ts = ts
        self._open_new(ts, found)
        steps = (ts - self._last_ts) // STEP_NS
        self._last_ts += steps * STEP_NS
        if self._last_ts >= self._lively_until:
            self._follow_hours()
        for _ in range(min(steps, _CATCH_UP_STEPS)):
            self._step(found)
        while self._halts and self._first_ts + self._halts[0][0] <= ts:
            _, kind, symbol = self._halts.pop(0)
            if symbol in self._names:
                found.append(MarketAction(kind=kind, symbol=symbol, order_id=""))
        return found

    def _step(self, found: list[MarketAction]) -> None:
        rnd, shared = self._random, self._shared
        shared.step(rnd, self._lively)
        if rnd.random() * STEPS_A_SESSION < self._news.total * self._lively:
            self._names[self._news.draw(rnd)].surprise(rnd)
        draw = rnd.random
        for name in self._names.values():
            if name.own.arrives(draw()):
                name.happen(rnd, shared, self._next_id, found)

    def _open_new(self, ts: int, found: list[MarketAction]) -> None:
        parameters, listed = self._parameters, self._listed()
        if len(listed) != self._listed_count:
            self._listed_count = len(listed)
            new = (s for s, each in listed.items() if each.active and s not in self._names)
            self._waiting = list(islice(new, NAMES_MAX - len(self._names)))
        opening, self._waiting = self._waiting[:_OPENED_AT_ONCE], self._waiting[_OPENED_AT_ONCE:]
        if not opening:
            return
        for symbol in opening:
            instrument = listed[symbol]
            start_px = self._start_px.get(symbol) or instrument.prev_close
            sector = parameters.sector_of(instrument)
            name = self._names[symbol] = Name(
                instrument, start_px, parameters.of(instrument), sector
            )
            self._shared.sectors.setdefault(sector, 0.0)
            name.open(self._random, self._shared, self._next_id, found)
            if symbol not in self._start_px:
                lively = liveliness(venue_hours(instrument.mic), ts)
                self._past += past_of(name, parameters.past_min, self._seed, ts, lively)
        self._news = Urn((n.symbol, n.parameters.news_per_day) for n in self._names.values())
        self._lively_until = 0

    def _follow_hours(self) -> None:
        """Let every name do as much as this five minutes of its venue's day asks for."""
        ts = self._last_ts
        self._lively_until = ts - ts % _BUCKET_NS + _BUCKET_NS
        by_mic = {
            mic: liveliness(venue_hours(mic), ts)
            for mic in sorted({name.mic for name in self._names.values()})
        }
        for name in self._names.values():
            name.live_at(by_mic[name.mic])
        total = sum(by_mic[name.mic] for name in self._names.values())
        self._lively = total / max(1, len(self._names))

    def _next_id(self) -> str:
        self._number += 1
        return f"M{self._number}"
