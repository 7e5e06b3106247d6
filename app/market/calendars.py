"""Markets' calendars out of `exchange_calendars`, as the data that a desk adopts."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from models.calendars import Calendar

_SATURDAY = 5


def calendars_of(mics: Iterable[str], first: str, last: str) -> tuple[Calendar, ...]:
    """Return the calendars of the markets among `mics` that have one, from `first` to `last`.

    The library (and pandas with it) takes a third of a second to import, so nothing else does.
    """
    import exchange_calendars
    from exchange_calendars.errors import InvalidCalendarName

    found = []
    with warnings.catch_warnings():
        # What the library will have to change for the next pandas is not ours to hear.
        warnings.simplefilter("ignore", DeprecationWarning)
        for mic in sorted(set(mics)):
            try:
                exchange = exchange_calendars.get_calendar(mic, start=first, end=last)
            except InvalidCalendarName:
                continue  # a dealers' market such as BTEC: it has no calendar of its own
            found.append(_as_data(mic, exchange, first, last))
    return tuple(found)


def _as_data(mic: str, exchange: Any, first: str, last: str) -> Calendar:
    sessions = {each.date() for each in exchange.sessions}
    holidays: list[str] = []
    weekends: list[str] = []
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        is_weekend = day.weekday() >= _SATURDAY
        if is_weekend is (day in sessions):
            (weekends if is_weekend else holidays).append(day.isoformat())
        day += timedelta(days=1)
    closes = {
        each.date().isoformat(): exchange.session_close(each).astimezone(exchange.tz)
        for each in exchange.early_closes
    }
    return Calendar(
        mic=mic,
        first=first,
        last=last,
        timezone=str(exchange.tz),
        closes=f"{exchange.close_times[-1][1]:%H:%M}",
        holidays=tuple(holidays),
        open_weekends=tuple(weekends),
        early_closes={key: f"{at:%H:%M}" for key, at in closes.items()},
    )


def as_toml(calendars: Iterable[Calendar]) -> str:
    """Return calendars as the file `calendars.toml` of a folder of reference data."""
    parts = ["# Written by `blotter calendars`: trading days and early closes by market.\n"]
    for each in calendars:
        parts += [
            "\n[[calendar]]\n",
            f'mic = "{each.mic}"\nfirst = "{each.first}"\nlast = "{each.last}"\n',
            f'timezone = "{each.timezone}"\ncloses = "{each.closes}"\n',
            f"holidays = [{_listed(each.holidays)}]\n",
            f"open_weekends = [{_listed(each.open_weekends)}]\n",
            "[calendar.early_closes]\n",
            *(f'"{day}" = "{at}"\n' for day, at in each.early_closes.items()),
        ]
    return "".join(parts)


def write_calendars(path: Path, calendars: Iterable[Calendar]) -> None:
    """Write `calendars.toml` anew."""
    path.write_text(as_toml(calendars), encoding="utf-8")


def _listed(days: Iterable[str]) -> str:
    return "".join(f'\n    "{day}",' for day in days) + ("\n" if days else "")
