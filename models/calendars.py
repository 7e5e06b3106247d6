"""A market's calendar as data: its trading days, and those on which it closes early."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

_SATURDAY = 5
_LOOKED_AT = 31  # no market is closed for longer than that


class Calendar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The days of the market `mic` (ISO 10383) from `first` to `last`, as ISO dates.

    `holidays` are the days from Monday to Friday on which it is closed, `open_weekends` the other
    ones on which it is not; `early_closes` gives the local time at which it closes on a day, where
    that is not `closes`.
    """

    mic: str
    first: str
    last: str
    timezone: str = ""
    closes: str = ""
    holidays: tuple[str, ...] = ()
    open_weekends: tuple[str, ...] = ()
    early_closes: dict[str, str] = {}

    def fault(self) -> str:
        """Return what is wrong with it, empty when it can be gone by."""
        if not self.mic:
            return "has no market code (MIC)"
        try:
            days = (self.first, self.last, *self.holidays, *self.open_weekends, *self.early_closes)
            for day in days:
                if date.fromisoformat(day).isoformat() != day:
                    return f"has {day!r} for a day; write it as 2026-11-26"
        except ValueError:
            return f"has {day!r} for a day; write it as 2026-11-26"
        if self.first > self.last:
            return f"ends on {self.last}, before it begins on {self.first}"
        return ""

    def knows(self, day: str) -> bool:
        """Whether it says anything of `day`."""
        return self.first <= day <= self.last

    def is_trading_day(self, day: str) -> bool:
        """Whether the market is open on `day`, which it must know."""
        if date.fromisoformat(day).weekday() >= _SATURDAY:
            return day in self.open_weekends
        return day not in self.holidays

    def trading_day(self, day: str, step: int) -> str:
        """Return the first trading day after `day` (`step` 1) or before it (-1).

        Empty where it does not know of one.
        """
        at = date.fromisoformat(day)
        for _ in range(_LOOKED_AT):
            at += timedelta(days=step)
            found = at.isoformat()
            if not self.knows(found):
                return ""
            if self.is_trading_day(found):
                return found
        return ""
