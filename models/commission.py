"""Commission as data: what each kind of investment pays, from which day on."""

from __future__ import annotations

import msgspec

from models.money import Int64


class CommissionRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one asset class pays: a share of the value, an amount a unit, and at least a minimum.

    `centi_bps` is in hundredths of a basis point of the notional; `per_unit` (a share, or one of
    face value) and `minimum` are money in millionths of the schedule's currency. The first two add
    up where both are given.
    """

    centi_bps: Int64 = 0
    per_unit: Int64 = 0
    minimum: Int64 = 0

    def fault(self) -> str:
        """Return what is wrong with the rate, empty when it can be used."""
        for name in self.__struct_fields__:
            if getattr(self, name) < 0:
                return f"{name} is {getattr(self, name):,}; a commission is not negative"
        return ""


class CommissionSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk's orders pay from the ISO date `effective` on, by asset class.

    An asset class that `rates` leaves out pays nothing. All money in it is in `currency`.
    """

    name: str
    effective: str
    currency: str
    rates: dict[str, CommissionRate]
