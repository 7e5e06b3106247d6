"""Instruments: what can be traded, on which tick and lot, and what one unit of it is worth."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from models.money import PRICE_PER_MONEY, decimals_of, format_price


class AssetClass(StrEnum):
    """Kinds of investment that the desk trades."""

    SHARE = "share"
    ETF = "etf"
    GOVERNMENT_BOND = "government_bond"
    CORPORATE_BOND = "corporate_bond"

    @property
    def is_bond(self) -> bool:
        """Whether prices are in percent of par and quantities in face value."""
        return self in (AssetClass.GOVERNMENT_BOND, AssetClass.CORPORATE_BOND)


class TickBand(msgspec.Struct, frozen=True, array_like=True):
    """From `from_px` (1e-9 units) upwards, prices are multiples of `tick`."""

    from_px: int
    tick: int


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the security master.

    `adv` is the average daily volume in units; `prev_close` a price in 1e-9 units; `tier` the
    LULD tier (1 or 2) that the collar uses; `mic` the ISO 10383 market code.
    """

    symbol: str
    name: str
    asset_class: AssetClass
    isin: str
    currency: str
    mic: str
    lot: int
    ticks: tuple[TickBand, ...]
    adv: int
    prev_close: int
    tier: int = 1

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

    @property
    def places(self) -> int:
        """How many decimals its prices are shown with."""
        return max(decimals_of(band.tick) for band in self.ticks)

    def show_price(self, price: int) -> str:
        """Return `price` as this instrument's prices are written."""
        return format_price(price, self.places)
