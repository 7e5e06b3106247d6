"""The simulated market: the same seed gives the same day, and its books are never crossed."""

from __future__ import annotations

import pytest

from app.market.parameters import FeedOutage, TradingHalt
from app.market.simulator import NAMES_MAX, STEP_NS, MarketParameters, SimulatedFlow
from app.ports import MarketAction
from app.venues.sim import SimVenue
from models.instruments import Instrument
from models.market import BAR_NS, Phase
from tests.builders import NOW, SECOND, bond, instrument, px

NAMES = {
    each.symbol: each
    for each in (
        instrument(),
        instrument("PENNY", prev_close=px("0.05")),
        instrument("DEAR", prev_close=px(4_000), lot=10, adv=5_000),
        bond(),
    )
}


def flow(seed: int = 1, **more: object) -> SimulatedFlow:
    return SimulatedFlow(lambda: NAMES, seed, **more)  # type: ignore[arg-type]


def day(made: SimulatedFlow, steps: int = 200) -> list[MarketAction]:
    found: list[MarketAction] = []
    for step in range(steps):
        found += made.actions(NOW + step * STEP_NS, lambda symbol: 0)
    return found


def test_same_seed_gives_the_same_day() -> None:
    assert day(flow(7)) == day(flow(7))


def test_another_seed_gives_another_day() -> None:
    assert day(flow(7)) != day(flow(8))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_market_is_on_the_grid_never_crossed_and_near_its_start(seed: int) -> None:
    venue = SimVenue(flow(seed))
    for step in range(300):
        venue.advance(NOW + step * STEP_NS)
        for symbol, book in venue.books.items():
            assert not book.is_crossed(), symbol
    for symbol, book in venue.books.items():
        book.validate()
        name = NAMES[symbol]
        ticks_away = abs(book.last_px - name.prev_close) // name.tick_at(name.prev_close)
        assert ticks_away <= 10 or abs(book.last_px - name.prev_close) < name.prev_close // 10
        for is_buy in (True, False):
            for price, qty in book.depth(is_buy, 99):
                assert price > 0
                assert price % name.tick_at(price) == 0
                assert qty > 0


def test_market_trades_in_whole_lots() -> None:
    assert all(action.qty % NAMES[action.symbol].lot == 0 for action in day(flow()) if action.qty)


def test_market_has_a_price_for_every_name_from_the_first_step() -> None:
    venue = SimVenue(flow())
    venue.advance(NOW)
    quotes = venue.market().quotes
    assert {quote.symbol for quote in quotes} == set(NAMES)
    assert all(quote.bid and quote.ask and quote.last for quote in quotes)


def test_market_opens_names_that_are_listed_later() -> None:
    listed: dict[str, Instrument] = {}
    venue = SimVenue(SimulatedFlow(lambda: listed, 1))
    venue.advance(NOW)
    assert venue.market().quotes == []
    listed["ACME"] = instrument()
    venue.advance(NOW + STEP_NS)
    assert [quote.symbol for quote in venue.market().quotes] == ["ACME"]


def test_market_goes_on_from_the_prices_it_is_given() -> None:
    made = SimulatedFlow(lambda: {"ACME": instrument()}, 1, start_px={"ACME": px(150)})
    venue = SimVenue(made)
    venue.advance(NOW)
    (quote,) = venue.market().quotes
    assert px(149) < quote.last < px(151)


def test_market_that_slept_catches_up_by_a_few_steps_only() -> None:
    made = flow()
    made.actions(NOW, lambda symbol: 0)
    after_an_hour = made.actions(NOW + 3_600 * 10**9, lambda symbol: 0)
    assert len(after_an_hour) < 5 * len(NAMES) * 40


def test_market_that_never_trades_still_quotes() -> None:
    quiet = MarketParameters(activity=0.0)
    made = SimulatedFlow(lambda: NAMES, 1, parameters=quiet)
    first = made.actions(NOW, lambda symbol: 0)
    assert {action.kind for action in first} >= {"limit", "market"}
    assert made.actions(NOW + STEP_NS, lambda symbol: 0) == []


def test_market_of_a_name_at_one_tick_goes_on() -> None:
    """Its fair price must not fall through zero, where nobody can be quoted."""
    venue = SimVenue(SimulatedFlow(lambda: {"ACME": instrument(prev_close=px("0.01"))}, 2))
    for step in range(1_500):
        venue.advance(NOW + step * STEP_NS)
    assert venue.books["ACME"].best_offer > 0


# -- a feed that fails ---------------------------------------------------------------------------


def failing(*outages: tuple[int, int]) -> SimVenue:
    """Return a venue whose feed is silent after some seconds, for some seconds."""
    parameters = MarketParameters(
        outages=tuple(FeedOutage(after_s=after, for_s=lasts) for after, lasts in outages)
    )
    return SimVenue(flow(parameters=parameters))


def test_feed_in_an_outage_tells_nothing_and_its_last_sign_of_life_stays() -> None:
    venue, seen = failing((3, 4), (9, 1)), []
    for second in range(12):
        venue.advance(NOW + second * SECOND)
        update = venue.market()
        assert update.feed == "simulated market"
        assert bool(update.quotes) is (update.feed_ts == NOW + second * SECOND)
        assert bool(update.depths) is bool(update.quotes)
        seen.append((update.feed_ts - NOW) // SECOND)
    assert seen == [0, 1, 2, 3, 3, 3, 3, 7, 8, 9, 10, 11]


def test_venue_trades_on_while_its_feed_is_silent_and_all_is_seen_later() -> None:
    silent, whole = failing((2, 5)), failing()
    for second in range(8):
        for venue in (silent, whole):
            venue.advance(NOW + second * SECOND)
        told = [{q.symbol: q for q in venue.market().quotes} for venue in (silent, whole)]
    assert set(told[0]) == set(NAMES)  # whatever was touched meanwhile is told now
    for symbol, quote in told[1].items():
        assert told[0][symbol] == quote
        assert silent.books[symbol].state_hash() == whole.books[symbol].state_hash()


# -- what traded before it opened ----------------------------------------------------------------


def test_market_opens_at_the_last_close_of_its_past() -> None:
    made = flow(parameters=MarketParameters(past_min=5))
    made.actions(NOW, lambda symbol: 0)
    past = made.past()
    for symbol, name in NAMES.items():
        bars = [bar for bar in past if bar.symbol == symbol]
        tick = name.tick_at(name.prev_close)
        assert bars[-1].close == name.prev_close // tick * tick
        assert bars[-1].start_ts == NOW - NOW % BAR_NS - BAR_NS
        starts = [bar.start_ts for bar in bars]
        assert starts == sorted(set(starts))
        assert starts[0] >= NOW - 5 * 60 * 10**9 - BAR_NS
        assert len(bars) > 50
        for bar in bars:
            assert bar.start_ts % BAR_NS == 0
            assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.low <= bar.vwap <= bar.high
            assert bar.low > 0
            assert bar.qty > 0
            assert bar.qty % name.lot == 0
            assert all(price % tick == 0 for price in (bar.open, bar.high, bar.low, bar.close))


def test_market_tells_its_past_once_and_the_same_for_the_same_seed() -> None:
    pasts = []
    for seed in (7, 7, 8):
        made = flow(seed, parameters=MarketParameters(past_min=2))
        made.actions(NOW, lambda symbol: 0)
        pasts.append(made.past())
        assert made.past() == []
    assert pasts[0] == pasts[1] != pasts[2]


def test_market_has_the_same_day_with_a_past_or_without() -> None:
    assert day(flow(7, parameters=MarketParameters(past_min=2))) == day(flow(7))


def test_market_that_goes_on_makes_no_past() -> None:
    start_px = {symbol: px(100) for symbol in NAMES if symbol != "PENNY"}
    made = flow(start_px=start_px, parameters=MarketParameters(past_min=2))
    made.actions(NOW, lambda symbol: 0)
    assert {bar.symbol for bar in made.past()} == {"PENNY"}


def test_market_of_a_name_that_is_listed_later_has_a_past_too() -> None:
    listed: dict[str, Instrument] = {}
    made = SimulatedFlow(lambda: listed, 1, parameters=MarketParameters(past_min=1))
    made.actions(NOW, lambda symbol: 0)
    assert made.past() == []
    listed["ACME"] = instrument()
    made.actions(NOW + STEP_NS, lambda symbol: 0)
    assert {bar.symbol for bar in made.past()} == {"ACME"}


# -- whatever the parameters ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"activity": 1.0, "trade_share": 1.0, "clustering": 0.9, "memory_s": 1},
        {"levels": 1, "half_spread_ticks": 0.5, "size_of_adv": 10_000_000},
        {"levels": 20, "half_spread_ticks": 1_000.0, "size_of_adv": 1},
        {
            "daily_move_bps": 5_000,
            "drift_bps": 5_000,
            "news_per_day": 1_000,
            "news_move_bps": 2_000,
        },
        {"market_share": 1.0, "sector_share": 0.0, "clustering": 0.0, "memory_s": 3_600},
        {"activity": 0.0, "trade_share": 0.0, "news_per_day": 1_000},
    ],
)
def test_market_at_the_ends_of_its_parameters_is_two_sided_and_not_crossed(
    more: dict[str, float],
) -> None:
    venue = SimVenue(flow(parameters=MarketParameters(**more, past_min=1)))  # type: ignore[arg-type]
    for step in range(400):
        venue.advance(NOW + step * STEP_NS)
        for symbol, book in venue.books.items():
            assert 0 < book.best_bid < book.best_offer, symbol
    for symbol, book in venue.books.items():
        book.validate()
        tick = NAMES[symbol].tick_at(book.best_bid)
        assert all(price % tick == 0 and qty > 0 for price, qty in book.depth(True, 99))
        assert len(book.orders) < 200, "quotes that nobody withdraws pile up"


def test_market_of_thousands_of_names_opens_the_first_in_portions() -> None:
    many = {f"N{at}": instrument(f"N{at}") for at in range(3 * NAMES_MAX)}
    made = SimulatedFlow(lambda: many, 1)
    opened: list[int] = []
    seen: set[str] = set()
    for step in range(10):
        seen |= {action.symbol for action in made.actions(NOW + step * STEP_NS, lambda _: 0)}
        opened.append(len(seen))
    assert opened[0] < opened[1] < NAMES_MAX
    assert opened[-1] == NAMES_MAX
    assert seen == set(list(many)[:NAMES_MAX])


def test_market_makes_no_prices_in_an_inactive_name() -> None:
    listed = {"ACME": instrument(), "GONE": instrument("GONE", active=False)}
    made = SimulatedFlow(lambda: listed, 1)
    assert {action.symbol for action in day(made)} == {"ACME"}
    listed["NEW"] = instrument("NEW")
    assert {action.symbol for action in made.actions(NOW + 500 * STEP_NS, lambda _: 0)} >= {"NEW"}


def test_halt_of_a_name_comes_and_ends_when_it_should_and_others_trade_on() -> None:
    halts = (TradingHalt(symbol="ACME", after_s=2, for_s=3),)
    venue = SimVenue(flow(parameters=MarketParameters(halts=halts)))
    phases: dict[int, set[tuple[str, Phase]]] = {}
    for second in range(8):
        venue.advance(NOW + second * SECOND)
        phases[second] = {
            (quote.symbol, quote.phase)
            for quote in venue.market().quotes
            if quote.phase is not Phase.CONTINUOUS
        }
    assert phases[1] == set()
    assert phases[2] == {("ACME", Phase.HALTED)}
    assert phases[5] == {("ACME", Phase.RESUMING)}
