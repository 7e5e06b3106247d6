"""A GTD order's last day as it is typed: `2026-12-01`, `1dec`, `+5d`. No Qt."""

from __future__ import annotations

import re
from datetime import date, timedelta

from models.errors import BadInput

_AHEAD = re.compile(r"\+?([0-9]{1,3})d")
_IN_WORDS = re.compile(r"([0-9]{1,2})([a-z]{3})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def last_day(text: str, today: str) -> str:
    """Return the ISO date that `text` means on the day `today`; raises `BadInput` for none.

    A day and a month without a year are the next time that it is so.
    """
    word = text.strip().lower()
    try:
        if not _AHEAD.fullmatch(word) and not _IN_WORDS.fullmatch(word):
            return date.fromisoformat(word).isoformat()
        if not today:
            raise BadInput(f"{text!r} counts from the desk's day, which is not open. Write a date.")
        return _counted(word, date.fromisoformat(today)).isoformat()
    except (ValueError, OverflowError):
        raise BadInput(f"{text!r} is no day: write {today or '2026-12-01'}, 1dec or +5d.") from None


def _counted(word: str, today: date) -> date:
    """Return the day of `5d` or `1dec`; raises `ValueError` for a day that there isn't."""
    ahead = _AHEAD.fullmatch(word)
    if ahead is not None:
        return today + timedelta(days=int(ahead[1]))
    found = _IN_WORDS.fullmatch(word)
    assert found is not None
    month, day = _MONTHS.index(found[2]) + 1, int(found[1])
    is_over = (month, day) < (today.month, today.day)
    return date(today.year + is_over, month, day)


def moved(text: str, today: str, days: int) -> str:
    """Return the day in `text`, or today where there is none, moved by `days`; not into the past.

    What can't be moved, while no day is open, stays as it is.
    """
    try:
        start = date.fromisoformat(last_day(text, today) if text.strip() else today)
        return max(start + timedelta(days=days), date.fromisoformat(today)).isoformat()
    except (BadInput, ValueError, OverflowError):
        return text or today
