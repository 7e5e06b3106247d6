"""The concrete adapters that a simulated world is made of: named here and nowhere else in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from app.market.simulator import MarketParameters, SimulatedFlow
from app.matching.auction import Bands
from app.ports import MarketAction, MarketFlow, Store
from app.store.memory import MemoryStore, MemoryTables
from app.venues.phases import Schedule
from app.venues.sim import SimVenue
from models.instruments import Instrument
from models.market import Bar

__all__ = [
    "MakeStore",
    "SimVenue",
    "StoppableFlow",
    "Tables",
    "Working",
    "make_store",
    "make_venue",
    "working_at",
]

Tables = MemoryTables
MakeStore = Callable[[Tables], Store]
Listed = Callable[[], Mapping[str, Instrument]]

# Few levels and small sizes: every order of the desk matters, and a step costs little.
_PARAMETERS = MarketParameters(activity=0.3, levels=3, size_of_adv=200_000)
_S = 1_000_000_000
_BANDS = Bands(static_bps=60, dynamic_bps=20)


def make_store(tables: Tables) -> Store:
    """Return the store as it should be."""
    return MemoryStore(tables)


class StoppableFlow:
    """A market that holds still once `is_still` says so, so that a world can come to rest."""

    def __init__(self, flow: MarketFlow, is_still: Callable[[], bool]) -> None:
        self._flow = flow
        self._is_still = is_still

    def actions(self, ts: int, last_px: Callable[[str], int]) -> Sequence[MarketAction]:
        return () if self._is_still() else self._flow.actions(ts, last_px)

    def is_alive(self, ts: int) -> bool:
        return True

    def past(self) -> Sequence[Bar]:
        return self._flow.past()


def make_schedule(start_ts: int, seed: int) -> Schedule:
    """Return a short day from `start_ts` on, at whose end the market is still open."""
    return Schedule(
        start_ts=start_ts,
        pre_open_ns=12 * _S,
        continuous_ns=86_400 * _S,
        volatility_ns=3 * _S,
        random_end_ns=3 * _S,
        seed=seed,
    )


def make_venue(
    listed: Listed,
    seed: int,
    start_px: Mapping[str, int],
    is_still: Callable[[], bool],
    schedule: Schedule | None = None,
) -> SimVenue:
    """Return a simulated venue whose market goes on from `start_px`.

    With a `schedule` it opens with an auction, and its trades are kept within price bands.
    """
    flow = SimulatedFlow(listed, seed, start_px, _PARAMETERS)
    bands = dict.fromkeys(start_px, _BANDS) if schedule is not None else {}
    return SimVenue(StoppableFlow(flow, is_still), schedule, bands)


class Working(NamedTuple):
    """What is left of an order at a venue, and the price that it rests at or waits for.

    The price of a peg is 0: it is the book's to give.
    """

    leaves: int
    px: int


def working_at(venue: SimVenue) -> dict[str, Working]:
    """Return the desk's orders that work or wait at `venue`, by order id."""
    found: dict[str, Working] = {}
    for book in venue.books.values():
        for key, order in book.orders.items():
            if key[0] == "O":
                px = 0 if book.is_pegged(key) else order.price
                found[key] = Working(book.leaves_of(key), px)
        for stop in book.stops.stops():
            found[stop.order_id] = Working(stop.qty, stop.stop_px)
    return found
