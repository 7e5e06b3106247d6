"""A GTD order's last day as it is typed, and moved by keys."""

from __future__ import annotations

import pytest

from models.errors import BadInput
from ui.ticket.days import last_day, moved

TODAY = "2024-11-22"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-01", "2026-12-01"),
        (" 2026-12-01 ", "2026-12-01"),
        ("+5d", "2024-11-27"),
        ("5D", "2024-11-27"),
        ("0d", TODAY),
        ("1dec", "2024-12-01"),
        ("22nov", TODAY),
        ("21nov", "2025-11-21"),
        ("29feb", None),
        ("1xyz", None),
        ("31nov", None),
        ("2024-13-01", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_last_day_is_the_day_that_is_meant(text: str, day: str | None) -> None:
    if day is None:
        with pytest.raises(BadInput, match="write 2024-11-22, 1dec"):
            last_day(text, TODAY)
    else:
        assert last_day(text, TODAY) == day


def test_last_day_counted_while_no_day_is_open_says_so() -> None:
    with pytest.raises(BadInput, match="not open"):
        last_day("+5d", "")
    assert last_day("2026-12-01", "") == "2026-12-01"


@pytest.mark.parametrize(
    ("text", "days", "day"),
    [
        ("", 1, "2024-11-23"),
        ("2024-12-31", 1, "2025-01-01"),
        ("+5d", -10, TODAY),
        ("nonsense", 1, "nonsense"),
        ("9999-12-31", 1, "9999-12-31"),
    ],
)
def test_moved_day_stays_a_day_and_out_of_the_past(text: str, days: int, day: str) -> None:
    assert moved(text, TODAY, days) == day


def test_moved_without_an_open_day_stays() -> None:
    assert moved("2024-12-31", "", 1) == "2024-12-31"
