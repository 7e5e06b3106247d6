"""Venues' hours and volume curves: the product's own, and files that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.reference_data import read_instruments
from app.volume_curve import (
    BUCKETS,
    CURVES,
    read_volume_curves,
    venue_hours,
    volume_curve,
)
from models.errors import BadInput

NS = 1_000_000_000
NINE_THIRTY = 9 * 12 + 6

GOOD = """
[hours.XACM]
timezone = "Europe/London"
open = "08:00"
close = "08:15"
curve = "short"

[curve]
short = [5, 1, 7]
"""


def read(path: Path, text: str) -> None:
    file = path / "curves.toml"
    file.write_text(text, encoding="utf-8")
    read_volume_curves(file)


def test_curve_of_a_stock_exchange_is_u_shaped_within_its_hours() -> None:
    weights = volume_curve("XNAS")
    assert len(weights) == BUCKETS
    assert all(type(weight) is int for weight in weights)
    inside = weights[NINE_THIRTY : 16 * 12]
    assert sum(weights) == sum(inside)
    midday = min(inside)
    assert inside[0] > 2 * midday < inside[-1]
    assert midday in inside[30:60]


def test_every_listed_venue_has_hours() -> None:
    listed = {each.mic for each in read_instruments(CURVES.with_name("instruments.csv"))}
    assert listed <= read_volume_curves(CURVES).keys()


def test_venue_that_is_not_listed_trades_evenly_around_the_clock() -> None:
    assert volume_curve("XXXX") == (1,) * BUCKETS


@pytest.mark.parametrize(
    ("ts", "bucket"),
    [
        (1_732_285_800, NINE_THIRTY),  # 22 November 2024, 14:30 UTC
        (1_732_285_799, NINE_THIRTY - 1),
        (1_720_013_400, NINE_THIRTY),  # 3 July 2024, 13:30 UTC: summer time
    ],
)
def test_bucket_follows_the_venues_own_clock(ts: int, bucket: int) -> None:
    assert venue_hours("XNYS").bucket_at(ts * NS) == bucket


def test_good_file_is_read_into_the_venues_day(tmp_path: Path) -> None:
    file = tmp_path / "curves.toml"
    file.write_text(GOOD)
    hours = read_volume_curves(file)["XACM"]
    assert (hours.open_bucket, hours.close_bucket) == (96, 99)
    assert hours.weights[95:100] == (0, 5, 1, 7, 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[5, 1, 7]", "[5, 1]", "curve short has 2 weights; from 08:00 to 08:15 there are 3"),
        ("[5, 1, 7]", "[5, 0, 7]", "0 in curve short is not a whole number from 1"),
        ("[5, 1, 7]", "[5, 1.5, 7]", "1.5 in curve short is not a whole number"),
        ("[5, 1, 7]", "[5, true, 7]", "True in curve short"),
        ('"short"', '"long"', "curve 'long' is not there; choose among short"),
        ('"short"', "3", "curve 3 is not there"),
        ("Europe/London", "Mars/Base", "time zone 'Mars/Base' is not known"),
        ("08:15", "07:15", "opens at 08:00, not before it closes"),
        ("08:15", "08:16", "08:16 is not on five minutes"),
        ("08:15", "late", "'late' is no time of day"),
        ('curve = "short"\n', "", "has to give close, curve, open, timezone"),
        ("[curve]", "[curves]", "section curves is not known"),
        ("[hours.XACM]", "[hours", "can't be read"),
    ],
)
def test_bad_file_is_refused_by_section(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput, match=reason):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_section_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="have to be sections"):
        read(tmp_path, "hours = 3")
