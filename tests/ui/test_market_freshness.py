"""How old the market is said to be."""

from __future__ import annotations

from app.session.step import Link
from tests.builders import SECOND
from tests.ui.market_session import MarketSession
from ui.market.freshness import Freshness, age_words

MINUTE = 60 * SECOND


class Clock:
    """A clock that a test moves, in nanoseconds."""

    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


def test_age_words_fit_the_age() -> None:
    ages = (0, 42 * SECOND, 119 * SECOND, 3 * MINUTE, 125 * MINUTE)
    assert [age_words(age) for age in ages] == ["0 s", "42 s", "119 s", "3 min", "2 h 05 min"]


def test_quiet_name_on_a_live_feed_is_live() -> None:
    market = MarketSession()
    assert Freshness(market.core, Clock()).trouble == ""
    assert Freshness(market.core, Clock()).is_live


def test_feed_that_never_spoke_is_not_live() -> None:
    market = MarketSession()
    market.core.feed_ts = 0
    assert Freshness(market.core, Clock()).trouble == "No market data yet"


def test_silent_feed_is_as_old_as_the_stores_clock_says() -> None:
    market = MarketSession()
    market.fall_silent(42 * SECOND)
    assert Freshness(market.core, Clock()).trouble == "Feed silent: market as of 42 s ago"


def test_age_grows_while_the_store_does_not_answer() -> None:
    market, clock = MarketSession(), Clock()
    fresh = Freshness(market.core, clock)
    market.core.link = Link.LOST
    fresh.observe()
    clock.now += 70 * SECOND
    assert fresh.trouble == "Store lost: market as of 70 s ago"


def test_age_is_counted_anew_from_the_stores_next_answer() -> None:
    market, clock = MarketSession(), Clock()
    fresh = Freshness(market.core, clock)
    clock.now += 70 * SECOND
    market.core.store_ts = market.core.feed_ts = market.core.store_ts + 70 * SECOND
    assert fresh.age_ns == 0
    assert fresh.is_live
