"""A market's calendar as data."""

from __future__ import annotations

from typing import Any

import pytest

from models.calendars import Calendar

FIELDS: dict[str, Any] = {
    "mic": "XNAS",
    "first": "2024-11-01",
    "last": "2024-12-31",
    "holidays": ("2024-11-28", "2024-12-25"),
    "open_weekends": ("2024-11-16",),
}
XNAS = Calendar(**FIELDS)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2024-11-27", True),
        ("2024-11-28", False),
        ("2024-11-30", False),
        ("2024-12-01", False),
        ("2024-11-16", True),
    ],
)
def test_trading_days_are_weekdays_but_for_what_is_listed(day: str, is_open: bool) -> None:
    assert XNAS.is_trading_day(day) is is_open


@pytest.mark.parametrize(
    ("day", "step", "found"),
    [
        ("2024-11-28", 1, "2024-11-29"),
        ("2024-11-28", -1, "2024-11-27"),
        ("2024-11-29", 1, "2024-12-02"),
        ("2024-12-31", 1, ""),
        ("2024-11-01", -1, ""),
    ],
)
def test_next_trading_day_is_found_or_not_known(day: str, step: int, found: str) -> None:
    assert XNAS.trading_day(day, step) == found


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mic": ""}, "has no market code (MIC)"),
        ({"first": "2025-01-01"}, "ends on 2024-12-31, before it begins on 2025-01-01"),
        ({"last": "20241231"}, "has '20241231' for a day; write it as 2026-11-26"),
        ({"holidays": ("soon",)}, "has 'soon' for a day; write it as 2026-11-26"),
        ({"early_closes": {"x": "13:00"}}, "has 'x' for a day; write it as 2026-11-26"),
    ],
)
def test_fault_is_named(changes: dict[str, Any], says: str) -> None:
    assert Calendar(**{**FIELDS, **changes}).fault() == says


def test_calendar_without_a_fault_has_none() -> None:
    assert XNAS.fault() == ""
