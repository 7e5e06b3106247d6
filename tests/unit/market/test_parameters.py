"""The simulated market's parameters: what the file says is taken, or refused by field."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.market.parameters import (
    FeedOutage,
    MarketDay,
    MarketParameters,
    TradingHalt,
    read_market,
)
from app.reference_data import read_instruments
from models.errors import BadInput
from models.instruments import AssetClass
from tests.builders import bond, instrument

REFERENCE = Path(__file__).parents[3] / "resources" / "reference"

GOOD = """
activity = 0.5
levels = 4
past_min = 10

[asset_class.government_bond]
activity = 0.1

[name.ACME]
levels = 9
daily_move_bps = 300

[sectors]
rockets = ["ACME", "BETA"]

[[outage]]
after_s = 60
for_s = 20

[[halt]]
symbol = "ACME"
after_s = 30
for_s = 90

[days.brief]
pre_open_s = 5
continuous_s = 60
closing_s = 0
volatility_bps = 200
"""


def read(path: Path, text: str) -> MarketParameters:
    file = path / "market.toml"
    file.write_text(text, encoding="utf-8")
    return read_market(file)


def test_single_name_outranks_its_class_and_the_class_all_names(tmp_path: Path) -> None:
    market = read(tmp_path, GOOD)
    acme, beta = market.of(instrument()), market.of(instrument("BETA"))
    assert (acme.activity, acme.levels, acme.daily_move_bps) == (0.5, 9, 300)
    assert (beta.activity, beta.levels) == (0.5, 4)
    assert (market.of(bond()).activity, market.of(bond("ACME")).levels) == (0.1, 9)


def test_sector_is_the_listed_one_else_the_asset_class(tmp_path: Path) -> None:
    market = read(tmp_path, GOOD)
    assert market.sector_of(instrument("BETA")) == "rockets"
    assert market.sector_of(bond()) == AssetClass.GOVERNMENT_BOND.value


def test_outages_and_past_are_read(tmp_path: Path) -> None:
    market = read(tmp_path, GOOD)
    assert market.outages == (FeedOutage(after_s=60, for_s=20),)
    assert market.past_min == 10


def test_halts_and_days_are_read_and_no_day_is_held_unasked(tmp_path: Path) -> None:
    market = read(tmp_path, GOOD)
    assert market.halts == (TradingHalt(symbol="ACME", after_s=30, for_s=90),)
    brief = MarketDay(pre_open_s=5, continuous_s=60, closing_s=0, volatility_bps=200)
    assert (market.day(), market.day("continuous"), market.day("brief")) == (None, None, brief)
    assert read(tmp_path, f'market_day = "brief"{GOOD}').day() == brief


def test_unknown_day_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Market day long is not known; choose among continuous, b"):
        read(tmp_path, GOOD).day("long")


def test_empty_file_is_the_plain_market(tmp_path: Path) -> None:
    assert read(tmp_path, "") == MarketParameters()


def test_parameters_of_the_product_are_of_listed_names() -> None:
    market = read_market(REFERENCE / "market.toml")
    listed = {each.symbol for each in read_instruments(REFERENCE / "instruments.csv")}
    assert set(market.name) <= listed
    assert {symbol for symbols in market.sectors.values() for symbol in symbols} <= listed
    assert (market.outages, market.halts, market.day()) == ((), (), None)
    assert set(market.days) == {"short", "full"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("speed = 3", r"market\.toml: speed is not known; choose among activity"),
        ("activity = 1.5", "activity is 1.5; it has to be from 0 to 1"),
        ("activity = nan", "activity is nan"),
        ('activity = "much"', "activity is 'much'"),
        ("activity = true", "activity is True"),
        ("levels = 0", "levels is 0; it has to be a whole number from 1 to 20"),
        ("levels = 2.5", "levels is 2.5; it has to be a whole number"),
        ("past_min = -1", "past_min is -1"),
        ("half_spread_ticks = 0.1", "half_spread_ticks is 0.1; it has to be from 0.5"),
        ("market_share = 0.8", r"market_share 0\.8 and sector_share 0\.25 are more than 1"),
        ("asset_class = 3", r"asset_class has to be a section; write \[asset_class\]"),
        ("[asset_class.shares]\nlevels = 3", "asset class shares is not known; choose among share"),
        ("[asset_class.share]\nlevel = 3", r"asset_class\.share\.level is not known"),
        ("[asset_class]\nshare = 3", r"asset_class\.share has to be a section"),
        ("[name.ACME]\nmemory_s = 0", r"name\.ACME\.memory_s is 0"),
        ("[name.ACME]\nsector_share = 0.9", r"name\.ACME\.market_share 0\.3 and sector_share 0\.9"),
        ("[name.ACME]\npast_min = 3", r"name\.ACME\.past_min is not known"),
        ("[sectors]\na = 3", r"sectors\.a has to list symbols"),
        ('[sectors]\na = ["X"]\nb = ["X"]', r"X is in sectors\.a and in sectors\.b"),
        ("outage = 3", r"outages are written as \[\[outage\]\]"),
        ("[[outage]]\nafter_s = 3", "outage 1 has to give after_s and for_s"),
        ("[[outage]]\nafter_s = 3\nfor_s = 0", "outage 1 for_s is 0"),
        ("[[outage]]\nafter_s = -3\nfor_s = 1", "outage 1 after_s is -3"),
        ("halt = 3", r"halts are written as \[\[halt\]\]"),
        ("[[halt]]\nafter_s = 3", "halt 1 has to give symbol, after_s and for_s, no more"),
        ('[[halt]]\nsymbol = ""\nafter_s = 3\nfor_s = 1', "halt 1 symbol is ''"),
        ("days = 3", r"days has to be a section"),
        ("[days]\nshort = 3", r"days\.short can't be"),
        ("[days.continuous]\npre_open_s = 3", r"days\.continuous can't be"),
        ("[days.short]\npre_open_s = 3", r"days\.short lacks continuous_s, closing_s"),
        ("[days.short]\nnoon_s = 3", r"days\.short\.noon_s is not known"),
        (
            "[days.short]\npre_open_s = 3\ncontinuous_s = 0\nclosing_s = 1",
            r"days\.short\.continuous_s is 0; it has to be a whole number from 1",
        ),
        ('market_day = "noon"', r"market\.toml: Market day noon is not known"),
        ("activity = ", r"market\.toml can't be read"),
    ],
)
def test_bad_file_is_refused_by_field(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read(tmp_path, text)
