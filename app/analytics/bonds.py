"""What a bond costs and yields: accrued interest and yield to maturity from a clean price.

QuantLib computes; it is imported with the first figure, as that takes some 70 ms. It keeps state
of its own that no lock guards: ask from one thread only. Its floats are rounded at once into the
units of prices (1e-9 of a percent of par).
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from models.errors import BadInput
from models.instruments import DayCount, Instrument
from models.money import PRICE_DECIMALS, PRICE_SCALE, format_price

if TYPE_CHECKING:
    import QuantLib as ql

# SEC rule 15c6-1 since 28 May 2024, and the Treasury market's usage long before.
SETTLEMENT_DAYS = 1
_KEPT = 256
_ACCURACY = 1e-12
_ROUNDS_MAX = 200
_YEARS = (1901, 2199)


class BondFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A bond at a clean price, for settlement on the ISO date `settlement`.

    All prices, and the yield a year, in 1e-9 of a percent (of par); the yield compounds as often
    as the coupon is paid, but in the last coupon period it is simple, as the market quotes it.
    """

    settlement: str
    clean_px: int
    accrued_px: int
    yield_px: int

    @property
    def dirty_px(self) -> int:
        """What is paid: the clean price and the interest that the seller has earned."""
        return self.clean_px + self.accrued_px


def settlement_of(trade_day: str) -> str:
    """Return the day on which a trade of `trade_day` settles; raises `BadInput` for no date."""
    import QuantLib as ql

    calendar = ql.UnitedStates(ql.UnitedStates.GovernmentBond)
    day = calendar.advance(_ql_date(trade_day), ql.Period(SETTLEMENT_DAYS, ql.Days))
    return str(day.ISO())


def bond_figures(instrument: Instrument, settlement: str, clean_px: int) -> BondFigures:
    """Return what `instrument` costs and yields at `clean_px`; raises `BadInput`."""
    import QuantLib as ql

    symbol = instrument.symbol
    if not instrument.has_bond_terms:
        raise BadInput(f"{symbol} has no maturity and day count in the security master.")
    if clean_px <= 0:
        raise BadInput(f"{symbol} has no yield at {format_price(clean_px, 4)}; give its price.")
    day = _ql_date(settlement)
    if settlement >= instrument.maturity:
        raise BadInput(f"{symbol} matured on {instrument.maturity}, before {settlement} settles.")
    if settlement < instrument.issue_date:
        raise BadInput(f"{symbol} is issued on {instrument.issue_date}, after {settlement}.")
    terms = msgspec.structs.replace(instrument, version=0, adv=0, prev_close=0)
    bond, day_counter = _bond(terms)
    frequency = instrument.coupon_frequency or 2
    left = sum(1 for flow in bond.cashflows() if flow.date() > day) - 1  # the last is the principal
    compounding = ql.Simple if left <= 1 and instrument.coupon else ql.Compounded
    price = ql.BondPrice(clean_px / PRICE_SCALE, ql.BondPrice.Clean)
    try:
        found = bond.bondYield(
            price, day_counter, compounding, frequency, day, _ACCURACY, _ROUNDS_MAX
        )
    except RuntimeError:
        raise BadInput(
            f"{symbol} has no yield at {format_price(clean_px, 4)}; check the price."
        ) from None
    return BondFigures(
        settlement=settlement,
        clean_px=clean_px,
        accrued_px=_rounded(bond.accruedAmount(day)),
        yield_px=_rounded(found * 100),
    )


def _rounded(number: float) -> int:
    """Return the number in 1e-9 units, rounded half up."""
    scaled = Decimal(number).scaleb(PRICE_DECIMALS)
    return int(scaled.to_integral_value(ROUND_HALF_UP))


def _ql_date(day: str) -> ql.Date:
    import QuantLib as ql

    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        raise BadInput(f"{day!r} is no date; write it as 2026-01-30.") from None
    if not _YEARS[0] <= parsed.year <= _YEARS[1]:
        raise BadInput(f"{day} is not in the years from {_YEARS[0]} to {_YEARS[1]}.")
    return ql.Date(parsed.day, parsed.month, parsed.year)


@lru_cache(_KEPT)
def _bond(instrument: Instrument) -> tuple[ql.Bond, ql.DayCounter]:
    """Return the bond and how its days count; its coupons go back from its maturity."""
    import QuantLib as ql

    matures = _ql_date(instrument.maturity)
    frequency = instrument.coupon_frequency or 2
    period = ql.Period(12 // frequency, ql.Months)
    unadjusted, calendar = ql.Unadjusted, ql.NullCalendar()
    issued = ql.Date(1, matures.month(), max(_YEARS[0], matures.year() - 100))
    if instrument.issue_date:
        issued = _ql_date(instrument.issue_date)
    ends_month = ql.Date.isEndOfMonth(matures)
    schedule = ql.Schedule(
        issued, matures, period, calendar, unadjusted, unadjusted, ql.DateGeneration.Backward,
        ends_month,
    )  # fmt: skip
    counters = {
        DayCount.ACT_ACT: lambda: ql.ActualActual(ql.ActualActual.Bond, schedule),
        DayCount.THIRTY_360: lambda: ql.Thirty360(ql.Thirty360.USA),
        DayCount.ACT_360: ql.Actual360,
        DayCount.ACT_365: ql.Actual365Fixed,
    }
    day_counter = counters[instrument.day_count]()
    if not instrument.coupon:
        return ql.ZeroCouponBond(0, calendar, 100.0, matures), day_counter
    coupon = instrument.coupon / (100 * PRICE_SCALE)
    return ql.FixedRateBond(0, 100.0, schedule, [coupon], day_counter), day_counter
