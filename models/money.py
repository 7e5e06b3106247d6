"""Prices, quantities and money as integers, with `Decimal` at the edges.

Units: a price is an `int` in billionths (1e-9) of the currency unit, or of one percent of par for
bonds; a quantity is an `int` of the instrument's unit (shares, or face value for bonds); money is
an `int` in millionths (1e-6) of the currency unit. No float touches any of them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

import msgspec

from models.errors import BadInput

# What a command may carry: the stores hold 64-bit integers.
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

PRICE_DECIMALS = 9
PRICE_SCALE: int = 10**PRICE_DECIMALS
MONEY_SCALE = 1_000_000
PRICE_PER_MONEY = PRICE_SCALE // MONEY_SCALE
PRICE_MAX = 10_000_000 * PRICE_SCALE
BPS = 10_000
EIGHTH_OF_32ND = PRICE_SCALE // 256

QTY_TEXT_MAX = 10**18

_SUFFIXES = {"k": 3, "m": 6, "b": 9}
_TEXT_MAX = 40
_DIGITS_MAX = 20
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_IN_32NDS = re.compile(r"([0-9]{1,8})-([0-9]{2})([0-7]|\+)?")


def _scaled(text: str, what: str, decimals: int) -> int:
    """Return the number in `text` times 10**decimals, exactly; raises `BadInput`."""
    cleaned = text.strip().replace(",", "").replace("_", "")
    found = _NUMBER.fullmatch(cleaned) if len(cleaned) <= _TEXT_MAX else None
    if found is None or not (found[2] or found[3]):
        raise BadInput(f"{what} {text[:_TEXT_MAX]!r} is not a number; write it as 190.50.")
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > decimals:
        finest = "whole" if not decimals else f"of at most {decimals} decimals"
        raise BadInput(f"{what} {text!r} is too fine; it has to be {finest}.")
    scaled = int((found[2] or "0") + fraction.ljust(decimals, "0"))
    return -scaled if found[1] == "-" else scaled


def price_from_decimal(number: Decimal) -> int:
    """Return the price in 1e-9 units; raises `BadInput` when it is finer than that or too large."""
    if not number.is_finite() or number.adjusted() > _DIGITS_MAX:
        raise BadInput(f"Price {number} is not a price; check the decimal point.")
    sign, digits, exponent = number.as_tuple()
    scaled = int("".join(map(str, digits))) * (-1 if sign else 1)
    shift = int(exponent) + PRICE_DECIMALS
    if shift < 0 and scaled % 10**-shift:
        raise BadInput(f"Price {number} has more than nine decimals; round it.")
    return _bounded(scaled * 10**shift if shift >= 0 else scaled // 10**-shift, str(number))


def _bounded(price: int, text: str) -> int:
    if abs(price) > PRICE_MAX:
        raise BadInput(
            f"Price {text[:_TEXT_MAX]} is above {PRICE_MAX // PRICE_SCALE:,}; check the decimal "
            "point."
        )
    return price


def parse_price(text: str) -> int:
    """Parse `190.5`, or `98-16+` (a percentage of par in 32nds, `+` for a 64th), into 1e-9 units.

    A third digit after the dash counts eighths of a 32nd (`98-162` is 98 + 16.25/32), as US
    Treasuries are quoted.
    """
    if "-" not in text.strip()[1:]:
        return _bounded(_scaled(text, "Price", PRICE_DECIMALS), text)
    found = _IN_32NDS.fullmatch(text.strip())
    if found is None or int(found[2]) > 31:
        raise BadInput(
            f"Price {text[:_TEXT_MAX]!r} is not in 32nds; write it as 98-16, 98-16+ or 98-162 (the "
            "third digit counts eighths of a 32nd)."
        )
    eighths = int(found[2]) * 8 + (4 if found[3] == "+" else int(found[3] or 0))
    return _bounded(int(found[1]) * PRICE_SCALE + eighths * PRICE_SCALE // 256, text)


def parse_qty(text: str) -> int:
    """Parse `5000`, `5k`, `2.5m` into a whole quantity; raises `BadInput`."""
    lowered = text.strip().lower()
    power = _SUFFIXES.get(lowered[-1:], 0)
    qty = _scaled(lowered[:-1] if power else lowered, "Quantity", power)
    if abs(qty) > QTY_TEXT_MAX:
        raise BadInput(f"Quantity {text!r} is over {QTY_TEXT_MAX:,}; check the suffix.")
    return qty


def decimals_of(tick: int) -> int:
    """Return how many decimals show a price on this tick (at least two)."""
    places = 9
    while places > 2 and tick % 10 == 0:
        tick //= 10
        places -= 1
    return places


def format_price(price: int, places: int = 2) -> str:
    """Return `price` with thousands separators and `places` decimals, rounded half up."""
    unit = 10 ** (9 - places)
    whole = (abs(price) + unit // 2) // unit
    sign = "-" if price < 0 and whole else ""
    if places == 0:
        return f"{sign}{whole:,}"
    major, minor = divmod(whole, 10**places)
    return f"{sign}{major:,}.{minor:0{places}d}"


def is_in_32nds(price: int) -> bool:
    """Whether `price` is a whole number of eighths of a 32nd."""
    return price % EIGHTH_OF_32ND == 0


def format_32nds(price: int) -> str:
    """Return a price that `is_in_32nds` as `parse_price` reads it: `98-16`, `98-16+`, `98-162`."""
    whole, eighths = divmod(abs(price) // EIGHTH_OF_32ND, 256)
    thirty_seconds, rest = divmod(eighths, 8)
    sign = "-" if price < 0 else ""
    return f"{sign}{whole}-{thirty_seconds:02d}{'+' if rest == 4 else rest or ''}"


def format_money(money: int, places: int = 2) -> str:
    """Return an amount in millionths as text with `places` decimals."""
    return format_price(money * PRICE_PER_MONEY, places)


def price_to_decimal(price: int) -> Decimal:
    """Return the price as an exact `Decimal`, for reports."""
    return Decimal(price).scaleb(-PRICE_DECIMALS).normalize()


def ratio_bps(part: int, whole: int) -> int:
    """Return part / whole in basis points, rounded half up; `whole` must be positive."""
    return (2 * part * BPS + whole) // (2 * whole)


def format_bps(bps: int) -> str:
    """Return basis points as a percentage: 1120 → `11.2%`."""
    return (
        f"{Decimal(bps) / 100:f}".rstrip("0").rstrip(".") + "%" if bps % 100 else f"{bps // 100}%"
    )
