"""A market day from its file to the simulated venue, and a name that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import EmbeddedEngine, bands_of, schedule_of
from app.config import store_address
from app.market.parameters import MarketDay
from app.venues.phases import Schedule
from models.errors import BadInput

SECOND = 1_000_000_000


def test_no_day_trades_all_the_time_without_bands() -> None:
    assert schedule_of(None, 1) is None
    assert bands_of(None).around(100, 100)[0] == 0


def test_day_in_seconds_is_the_venues_in_nanoseconds_with_the_markets_seed() -> None:
    day = MarketDay(pre_open_s=1, continuous_s=2, closing_s=3, random_end_s=4, volatility_bps=50)
    assert schedule_of(day, 7) == Schedule(
        pre_open_ns=SECOND,
        continuous_ns=2 * SECOND,
        closing_ns=3 * SECOND,
        random_end_ns=4 * SECOND,
        seed=7,
    )
    assert bands_of(day).static_bps == 50


def test_unknown_day_is_refused_before_an_engine_is_started(tmp_path: Path) -> None:
    address = store_address(f"sqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(BadInput, match="Market day noon is not known; choose among continuous"):
        EmbeddedEngine(address, market_day="noon")
    assert list(tmp_path.iterdir()) == []
