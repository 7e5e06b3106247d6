"""A simulated session looks like one: spreads, hours, clusters, tails, and what moves together."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median, pstdev
from typing import NamedTuple

import msgspec
import pytest

from app.market.parameters import MarketParameters, read_market
from app.market.simulator import STEP_NS, SimulatedFlow
from app.reference_data import read_instruments
from app.venues.sim import SimVenue
from models.instruments import Instrument
from tests.builders import SECOND, instrument

REFERENCE = Path(__file__).parents[3] / "resources" / "reference"
OPEN = 1_732_285_800 * SECOND  # a Friday, 09:30 in New York
SESSION_S = 23_400
SHARES = ("AAPL", "MSFT", "JPM", "BAC")  # two sectors of two
SEED = 20


class Session(NamedTuple):
    """What a session showed: by symbol, spreads in ticks, and mid and volume at each minute."""

    spreads: dict[str, Counter[int]]
    mids: dict[str, list[float]]
    volumes: dict[str, list[int]]
    names: dict[str, Instrument]

    def returns(self, symbol: str) -> list[float]:
        return [after / before - 1 for before, after in pairwise(self.mids[symbol])]

    def traded(self, symbol: str, from_min: int, to_min: int) -> float:
        volumes = self.volumes[symbol]
        return (volumes[to_min] - volumes[from_min]) / (to_min - from_min)


def product_parameters() -> MarketParameters:
    return msgspec.structs.replace(read_market(REFERENCE / "market.toml"), past_min=0)


@pytest.fixture(scope="module")
def session() -> Session:
    """A whole session of five names, seen once a second; it takes a few seconds to compute."""
    listed = {each.symbol: each for each in read_instruments(REFERENCE / "instruments.csv")}
    names = {symbol: listed[symbol] for symbol in (*SHARES, "UST10Y")}
    venue = SimVenue(SimulatedFlow(lambda: names, SEED, parameters=product_parameters()))
    seen = Session({s: Counter() for s in names}, {s: [] for s in names}, {}, names)
    seen.volumes.update({symbol: [] for symbol in names})
    for second in range(SESSION_S):
        venue.advance(OPEN + second * SECOND)
        for symbol, book in venue.books.items():
            assert book.best_bid, symbol
            assert book.best_offer, symbol
            ticks = (book.best_offer - book.best_bid) // names[symbol].tick_at(book.best_bid)
            seen.spreads[symbol][ticks] += 1
        if second % 60 == 0:
            for quote in venue.market().quotes:
                seen.mids[quote.symbol].append(quote.mid)
                seen.volumes[quote.symbol].append(quote.volume)
    return seen


def correlation(some: list[float], others: list[float]) -> float:
    a, b = fmean(some), fmean(others)
    both = fmean((x - a) * (y - b) for x, y in zip(some, others, strict=True))
    return both / (pstdev(some) * pstdev(others))


def without_news(returns: list[float]) -> list[float]:
    """Return them with what is far beyond the usual cut: one jump must not decide a figure."""
    most = 5 * median(abs(each) for each in returns)
    return [min(max(each, -most), most) for each in returns]


def test_spread_is_mostly_one_to_three_ticks_and_seldom_wide(session: Session) -> None:
    spreads = session.spreads["AAPL"]
    assert min(spreads) == 1
    assert sum(spreads[ticks] for ticks in (1, 2, 3)) > 0.8 * SESSION_S
    assert 3 < max(spreads) < 100
    assert spreads[1] > 0.05 * SESSION_S < spreads[2]


def test_spread_that_has_widened_comes_back(session: Session) -> None:
    """Wide moments are many and short: none of the names stays wide."""
    for symbol, spreads in session.spreads.items():
        usual = median(spreads.elements())
        wide = sum(count for ticks, count in spreads.items() if ticks > 3 * usual)
        assert 0 < wide < 0.05 * SESSION_S, symbol


@pytest.mark.parametrize("symbol", SHARES)
def test_volume_is_u_shaped_and_adds_up_to_the_daily_average(session: Session, symbol: str) -> None:
    first, midday, last = (
        session.traded(symbol, *minutes) for minutes in ((0, 30), (150, 240), (359, 389))
    )
    assert first > 1.5 * midday
    assert last > 1.5 * midday
    assert 0.6 < session.volumes[symbol][-1] / session.names[symbol].adv < 1.7


@pytest.mark.parametrize("symbol", [*SHARES, "UST10Y"])
def test_moves_have_fat_tails(session: Session, symbol: str) -> None:
    returns = session.returns(symbol)
    mean, deviation = fmean(returns), pstdev(returns)
    assert fmean((each - mean) ** 4 for each in returns) / deviation**4 > 3


def test_wild_minutes_follow_wild_minutes(session: Session) -> None:
    """Measured at midday, where the hour itself changes little."""
    found = []
    for symbol in SHARES:
        sizes = [abs(each) for each in without_news(session.returns(symbol))[60:330]]
        found.append(correlation(sizes[:-1], sizes[1:]))
    assert fmean(found) > 0.03


def test_names_of_one_sector_move_together_more_than_those_of_two(session: Session) -> None:
    moves = {symbol: without_news(session.returns(symbol)) for symbol in SHARES}
    within = [correlation(moves["AAPL"], moves["MSFT"]), correlation(moves["JPM"], moves["BAC"])]
    across = [correlation(moves[a], moves[b]) for a in SHARES[:2] for b in SHARES[2:]]
    assert min(within) > max(across)
    assert fmean(within) > fmean(across) + 0.1
    assert fmean(across) > 0.1  # the market moves all of them


def test_bond_is_quieter_than_shares_and_trades_on_its_own_tick(session: Session) -> None:
    assert pstdev(session.returns("UST10Y")) < 0.6 * pstdev(session.returns("AAPL"))
    bond = session.names["UST10Y"]
    assert bond.tick_at(bond.prev_close) != session.names["AAPL"].tick_at(bond.prev_close)


# -- the processes one by one --------------------------------------------------------------------

MIDNIGHT = OPEN + 14 * 3_600 * SECOND  # no venue's hours: the average pace


def arrivals(parameters: MarketParameters, of_s: int = 60, steps: int = 20_000) -> list[int]:
    """Return in how many steps something happened, for each `of_s` seconds."""
    flow = SimulatedFlow(lambda: {"ACME": instrument()}, SEED, parameters=parameters)
    flow.actions(MIDNIGHT, lambda symbol: 0)
    happened = [
        bool(flow.actions(MIDNIGHT + step * STEP_NS, lambda symbol: 0))
        for step in range(1, steps + 1)
    ]
    size = of_s * SECOND // STEP_NS
    return [sum(happened[at : at + size]) for at in range(0, steps, size)]


def test_arrivals_excite_each_other_and_stay_as_many() -> None:
    apart = arrivals(MarketParameters(activity=0.2, trade_share=1, clustering=0, news_per_day=0))
    together = arrivals(
        MarketParameters(activity=0.2, trade_share=1, clustering=0.8, news_per_day=0)
    )
    assert pstdev(together) ** 2 > 2 * pstdev(apart) ** 2
    assert 0.7 < fmean(together) / fmean(apart) < 1.3


def test_news_moves_a_price_and_widens_its_spread() -> None:
    calm = {"activity": 0.3, "daily_move_bps": 10, "drift_bps": 400}
    moved = []
    for news_per_day in (0, 400):
        parameters = MarketParameters(**calm, news_per_day=news_per_day, news_move_bps=50)
        venue = SimVenue(SimulatedFlow(lambda: {"ACME": instrument()}, SEED, parameters=parameters))
        mids, widest = [], 0
        for second in range(600):
            venue.advance(MIDNIGHT + second * SECOND)
            book = venue.books["ACME"]
            mids.append(book.best_bid + book.best_offer)
            widest = max(widest, book.best_offer - book.best_bid)
        jump = max(abs(after / before - 1) for before, after in pairwise(mids))
        moved.append((jump, widest))
    assert moved[1][0] > 0.003 > 10 * moved[0][0]
    assert moved[1][1] > moved[0][1]


def test_makers_never_trade_with_each_other() -> None:
    """Whatever trades, somebody took: makers that follow a jump must not meet their old quotes."""
    names = {each.symbol: each for each in (instrument(), instrument("DEAR", prev_close=10**15))}
    parameters = MarketParameters(news_per_day=1_000)
    flow = SimulatedFlow(lambda: names, SEED, parameters=parameters)
    venue, taken = SimVenue(flow), 0
    plain = flow.actions

    def counted(ts: int, last_px: object) -> object:
        nonlocal taken
        found = plain(ts, lambda symbol: 0)
        taken += sum(action.qty for action in found if action.kind == "market")
        return found

    flow.actions = counted  # type: ignore[method-assign, assignment]
    for step in range(3_000):
        venue.advance(MIDNIGHT + step * STEP_NS)
    assert sum(quote.volume for quote in venue.market().quotes) == taken > 0


def test_session_hours_change_the_pace_of_their_own_venue_alone() -> None:
    at_open, at_night = [], []
    for ts, counts in ((OPEN, at_open), (MIDNIGHT, at_night)):
        names = {"ACME": instrument(), "ELSE": instrument("ELSE", mic="XXXX")}
        flow = SimulatedFlow(
            lambda names=names: names,  # type: ignore[misc]
            SEED,
            parameters=MarketParameters(news_per_day=0, clustering=0),
        )
        happened: Counter[str] = Counter()
        for step in range(1_200):
            happened.update({a.symbol for a in flow.actions(ts + step * STEP_NS, lambda s: 0)})
        counts += [happened["ACME"], happened["ELSE"]]
    assert at_open[0] > 1.2 * at_night[0]
    assert 0.8 < at_open[1] / at_night[1] < 1.25
