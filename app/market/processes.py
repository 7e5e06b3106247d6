"""The random processes behind the simulated market: floats that never leave this room.

A move is counted in standard deviations of a session, so that names differ by their scale alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from app.market.parameters import NameParameters

STEP_NS = 200_000_000
STEPS_A_S = 1_000_000_000 // STEP_NS
STEPS_A_SESSION = 23_400 * STEPS_A_S

# One move in thirty is four times as large: tails are fat, the variance stays 1.
_WILD, _WILD_SCALE = 1 / 30, 4.0
_TAME = (1 + _WILD * (_WILD_SCALE**2 - 1)) ** -0.5
# How the variance of all moves follows the market's own past (GARCH 1,1), over some minutes.
_ECHO, _MEMORY = 0.02, 0.979
_FRESH = 1 - _ECHO - _MEMORY
_VARIANCE_MAX = 12.0
_ACTIVITY_MAX = 0.95


def fat_tailed(rnd: random.Random) -> float:
    """Return a draw of mean 0 and variance 1 with fat tails."""
    draw = rnd.gauss(0.0, _TAME)
    return draw * _WILD_SCALE if rnd.random() < _WILD else draw


class SharedMoves:
    """What names move with: the market, and each sector; calm and wild minutes come in clusters.

    Attributes:
        market: how far the market is from its start.
        sectors: how far each sector is, beside the market.
        volatility: how wild these minutes are; 1 is usual.
    """

    def __init__(self, leash: float) -> None:
        """`leash` is how far they are let from their start."""
        self.market = 0.0
        self.sectors: dict[str, float] = {}
        self.volatility = self._variance = 1.0
        self._pull = 1 / (2 * leash * leash * STEPS_A_SESSION)

    def step(self, rnd: random.Random, lively: float) -> None:
        """Let a step pass; at twice the activity the variance is twice as large."""
        draw = fat_tailed(rnd)
        size = (lively / STEPS_A_SESSION) ** 0.5 * self.volatility
        variance = self._variance * (_MEMORY + _ECHO * draw * draw) + _FRESH
        self._variance = min(variance, _VARIANCE_MAX)
        self.volatility = self._variance**0.5
        keep = 1 - self._pull
        self.market = self.market * keep + size * draw
        for sector, place in self.sectors.items():
            self.sectors[sector] = place * keep + size * rnd.gauss(0.0, 1.0)


class OwnMoves:
    """What is one name's alone: when something happens in it, and how far it then moves.

    Arrivals excite each other: each makes the next one likelier for a while (a Hawkes process).

    Attributes:
        place: how far the name is from its start by itself.
        rate: what starts by itself in a step; the venue's hour has changed it.
        heat: what earlier arrivals add to that.
        cooling, kick: how heat decays in a step, and what an arrival adds.
    """

    __slots__ = ("_calm_rate", "_pull", "_size", "cooling", "heat", "kick", "place", "rate")

    def __init__(self, parameters: NameParameters) -> None:
        share = parameters.clustering
        self.place = 0.0
        self.heat = parameters.activity * share  # as it is on average
        self.cooling = 1 - 1 / (parameters.memory_s * STEPS_A_S)
        self.kick = share * (1 - self.cooling) / self.cooling
        self.rate = self._calm_rate = parameters.activity * (1 - share)
        own = max(0.0, 1 - parameters.market_share - parameters.sector_share)
        arrivals = max(parameters.activity, 1 / STEPS_A_SESSION) * STEPS_A_SESSION
        leash = parameters.drift_bps / parameters.daily_move_bps
        self._size = (own / arrivals) ** 0.5
        self._pull = 1 / (2 * leash * leash * arrivals)

    def live_at(self, lively: float) -> None:
        """Follow the hour: at 2.0 twice as much happens as on average."""
        self.rate = self._calm_rate * lively

    def arrives(self, draw: float) -> bool:
        """Let a step pass; whether something happens in it. `draw` is uniform from 0 to 1."""
        heat = self.heat
        chance = self.rate + heat
        if draw < chance and draw < _ACTIVITY_MAX:
            self.heat = (heat + self.kick) * self.cooling
            return True
        self.heat = heat * self.cooling
        return False

    def move(self, rnd: random.Random, volatility: float) -> float:
        """Move after an arrival; return how many usual moves that was."""
        draw = fat_tailed(rnd) * volatility
        self.place += self._size * draw - self._pull * self.place
        return draw

    def shock(self, by: float, arrivals: float) -> None:
        """Jump by a piece of news, which sets off this many arrivals in the first second."""
        self.place += by
        self.heat += arrivals / STEPS_A_S


class Urn:
    """Draws one of some names, each as often as its weight says."""

    def __init__(self, weights: Iterable[tuple[str, float]]) -> None:
        pairs = [(name, weight) for name, weight in weights if weight > 0]
        self._names = [name for name, _ in pairs]
        self._weights = [weight for _, weight in pairs]
        self.total = sum(self._weights)

    def draw(self, rnd: random.Random) -> str:
        return rnd.choices(self._names, self._weights)[0]
