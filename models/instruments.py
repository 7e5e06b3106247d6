"""Instruments: what can be traded, on which tick and lot, and what one unit of it is worth."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from models.identifiers import cusip_fault, figi_fault, isin_fault, pair_fault, sedol_fault
from models.money import (
    PRICE_PER_MONEY,
    Int64,
    decimals_of,
    format_32nds,
    format_price,
    is_in_32nds,
)

_BOND_PLACES = 4
_SHOWN = 30


class AssetClass(StrEnum):
    """Kinds of investment that the desk trades."""

    SHARE = "share"
    ETF = "etf"
    GOVERNMENT_BOND = "government_bond"
    CORPORATE_BOND = "corporate_bond"
    FUND = "fund"
    RIGHT = "right"

    @property
    def is_bond(self) -> bool:
        """Whether prices are in percent of par and quantities in face value."""
        return self in (AssetClass.GOVERNMENT_BOND, AssetClass.CORPORATE_BOND)

    @property
    def words(self) -> str:
        """The kind as it is written in a sentence."""
        return self.value.replace("_", " ")


class DayCount(StrEnum):
    """How a bond counts the days of its accrued interest; empty where it is not known."""

    UNKNOWN = ""
    ACT_ACT = "ACT/ACT"
    THIRTY_360 = "30/360"
    ACT_360 = "ACT/360"
    ACT_365 = "ACT/365"


COUPONS_A_YEAR = (1, 2, 4, 12)


class TickBand(msgspec.Struct, frozen=True, array_like=True):
    """From `from_px` (1e-9 units) upwards, prices are multiples of `tick`."""

    from_px: Int64
    tick: Int64


class Instrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the security master.

    `adv` is the average daily volume in units, by `adv_source`; `prev_close` a price in 1e-9 units;
    `tier` the LULD tier (1 or 2) that the collar uses; `mic` the ISO 10383 market code. `ticker` is
    the market's own code where `symbol`, the desk's, is another. A bond's `coupon` is in 1e-9 of a
    percent of par a year, paid `coupon_frequency` times; its dates are ISO dates. `version` counts
    the lines that were in force for the symbol: the desk gives it out, and in a request it is the
    version that its author saw, 0 for whichever. What is not `active` takes no new orders.
    """

    symbol: str
    name: str
    asset_class: AssetClass
    isin: str
    currency: str
    mic: str
    lot: Int64
    ticks: tuple[TickBand, ...]
    adv: Int64
    prev_close: Int64
    tier: int = 1
    ticker: str = ""
    sedol: str = ""
    figi: str = ""
    cusip: str = ""
    adv_source: str = ""
    issue_date: str = ""
    maturity: str = ""
    coupon: Int64 = 0
    coupon_frequency: int = 0
    day_count: DayCount = DayCount.UNKNOWN
    active: bool = True
    version: Int64 = 0

    def fault(self) -> str:
        """Return what is wrong with the line, empty when it can be traded on."""
        if not self.symbol.strip():
            return "has no symbol"
        if not (self.currency.isascii() and self.currency.isalpha() and self.currency.isupper()):
            return f"has currency {self.currency!r}; write it as USD (and pence as GBX)"
        if not self.mic:
            return "has no market code (MIC)"
        if self.lot <= 0:
            return f"has a lot of {self.lot}; it must be at least 1"
        if not self.ticks or any(band.tick <= 0 for band in self.ticks):
            return "has no tick above 0"
        if self.adv < 0 or self.prev_close < 0:
            return f"has a negative volume ({self.adv}) or close ({self.prev_close})"
        if self.tier not in (1, 2):
            return f"has tier {self.tier}, which is not 1 or 2"
        return self._identifier_fault() or self._bond_fault()

    def _identifier_fault(self) -> str:
        for kind, code, fault_of in (
            ("ISIN", self.isin, isin_fault),
            ("SEDOL", self.sedol, sedol_fault),
            ("CUSIP", self.cusip, cusip_fault),
            ("FIGI", self.figi, figi_fault),
        ):
            if code and (fault := fault_of(code)):
                return f"has {kind} {code[:_SHOWN]!r}: {fault}"
        return pair_fault(self.isin, self.cusip)

    def _bond_fault(self) -> str:
        has_terms = self.issue_date or self.maturity or self.coupon or self.coupon_frequency
        if not self.asset_class.is_bond:
            if has_terms or self.day_count:
                return f"has a bond's terms and is a {self.asset_class.words}; clear them"
            return ""
        for name, day in (("issue date", self.issue_date), ("maturity", self.maturity)):
            if day and not _is_iso_date(day):
                return f"has {name} {day!r}, which is no date; write it as 2034-11-15"
        if self.maturity and self.issue_date >= self.maturity:
            return f"matures on {self.maturity}, not after its issue on {self.issue_date}"
        if self.coupon < 0:
            return f"has a coupon of {format_price(self.coupon, 3)}%; it must not be negative"
        if self.coupon and self.coupon_frequency not in COUPONS_A_YEAR:
            return (
                f"pays its coupon {self.coupon_frequency} times a year; it must be "
                f"{', '.join(map(str, COUPONS_A_YEAR))}"
            )
        return ""

    @property
    def market_code(self) -> str:
        """What it is called at its market: ticker and MIC."""
        return f"{self.ticker or self.symbol}@{self.mic}"

    @property
    def has_bond_terms(self) -> bool:
        """Whether enough is known to tell accrued interest and yield."""
        return bool(self.asset_class.is_bond and self.maturity and self.day_count) and (
            not self.coupon or self.coupon_frequency in COUPONS_A_YEAR
        )

    def tick_at(self, price: int) -> int:
        """Return the tick that applies at `price`."""
        tick = self.ticks[0].tick
        for band in self.ticks:
            if price < band.from_px:
                break
            tick = band.tick
        return tick

    def notional(self, price: int, qty: int) -> int:
        """Return price × quantity as money in millionths, rounded half up."""
        divisor = PRICE_PER_MONEY * (100 if self.asset_class.is_bond else 1)
        return (price * qty + divisor // 2) // divisor

    def price_of(self, money: int, qty: int) -> int:
        """Return the price at which `qty` (> 0) is worth `money` (≥ 0), rounded half up."""
        factor = PRICE_PER_MONEY * (100 if self.asset_class.is_bond else 1)
        return (2 * money * factor + qty) // (2 * qty)

    @property
    def places(self) -> int:
        """How many decimals its prices are shown with."""
        return max(decimals_of(band.tick) for band in self.ticks)

    @property
    def is_in_32nds(self) -> bool:
        """Whether its prices are quoted in 32nds, as US Treasuries are."""
        return self.asset_class is AssetClass.GOVERNMENT_BOND and all(
            is_in_32nds(band.tick) for band in self.ticks
        )

    def show_price(self, price: int) -> str:
        """Return `price` as this instrument's prices are written, and read by `parse_price`."""
        if not self.is_in_32nds:
            return format_price(price, self.places)
        return format_32nds(price) if is_in_32nds(price) else format_price(price, _BOND_PLACES)

    def show_average(self, price: int) -> str:
        """Return a price that need not be on the tick, such as an average, finely enough."""
        if self.is_in_32nds:
            return self.show_price(price)
        return format_price(price, min(9, self.places + 1))


def _is_iso_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
