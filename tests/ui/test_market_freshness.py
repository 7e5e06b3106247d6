"""How old the market is said to be."""

from __future__ import annotations

from app.session.step import Link
from tests.builders import NOW, SECOND
from tests.ui.market_session import NEW_YORK, MarketSession
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


def test_quiet_name_is_as_old_as_its_last_quote_and_only_while_the_feed_lives() -> None:
    market = MarketSession()
    fresh = Freshness(market.core, Clock())
    market.core.store_ts = market.core.feed_ts = NOW + 59 * SECOND
    assert fresh.quiet_ns("ACME") == 0  # that is nothing unusual
    market.core.store_ts = market.core.feed_ts = NOW + 3 * MINUTE
    assert fresh.quiet_ns("ACME") == 3 * MINUTE
    assert not fresh.is_dead
    assert fresh.quiet_ns("XYZ") == 0
    market.fall_silent(3 * MINUTE)
    assert (fresh.is_dead, fresh.quiet_ns("ACME")) == (True, 0)


def test_feed_is_not_called_dead_while_the_store_does_not_answer() -> None:
    market = MarketSession()
    market.fall_silent(3 * MINUTE)
    market.core.link = Link.LOST
    assert not Freshness(market.core, Clock()).is_dead


def test_feed_that_never_spoke_is_not_live() -> None:
    market = MarketSession()
    market.core.feed_ts = 0
    assert Freshness(market.core, Clock()).trouble == "No market data yet"


def test_silent_feed_is_as_old_as_the_stores_clock_says() -> None:
    market = MarketSession()
    market.fall_silent(42 * SECOND)
    fresh = Freshness(market.core, Clock(), NEW_YORK)
    assert fresh.trouble == "Feed dead since 08:00:00: market as of 42 s ago"
    assert fresh.is_dead


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
