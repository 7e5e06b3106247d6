"""Calendars out of the library, and the file that the product ships."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.bootstrap import REFERENCE
from app.market.calendars import as_toml, calendars_of, write_calendars
from app.reference_data import read_calendars
from models.errors import BadInput


def test_calendar_of_new_york_has_its_holidays_and_early_closes() -> None:
    (nasdaq,) = calendars_of(["XNAS", "BTEC", "XNAS"], "2026-11-01", "2026-12-31")
    assert (nasdaq.mic, nasdaq.timezone, nasdaq.closes) == ("XNAS", "America/New_York", "16:00")
    assert nasdaq.holidays == ("2026-11-26", "2026-12-25")
    assert nasdaq.early_closes == {"2026-11-27": "13:00", "2026-12-24": "13:00"}
    assert nasdaq.fault() == ""


def test_calendars_that_ship_are_what_the_library_says() -> None:
    shipped = read_calendars(REFERENCE / "calendars.toml")
    first, last = shipped[0].first, shipped[0].last
    assert calendars_of([each.mic for each in shipped], first, last) == shipped


def test_calendars_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "calendars.toml"
    shipped = read_calendars(REFERENCE / "calendars.toml")
    write_calendars(path, shipped)
    assert read_calendars(path) == shipped
    assert path.read_text() == as_toml(shipped)


def test_folder_without_calendars_has_none(tmp_path: Path) -> None:
    assert read_calendars(tmp_path / "calendars.toml") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[calendar]]\nmic = "XNAS"\nfirst = "2026-01-01"', "missing required field"),
        ('[[calendar]]\nmic = ""\nfirst = "2026-01-01"\nlast = "2026-12-31"', "a market has no"),
        ("[[calendar]]\nmic = 5", "Expected `str`"),
    ],
)
def test_calendar_that_cannot_be_read_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "calendars.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=says):
        read_calendars(path)


def test_nothing_imports_the_library_before_a_calendar_is_asked_for() -> None:
    code = "import sys, app.bootstrap, app.market.calendars; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
