"""Prices, quantities and money as integers, with `Decimal` at the edges.

Units: a price is an `int` in billionths (1e-9) of the currency unit, or of one percent of par for
bonds; a quantity is an `int` of the instrument's unit (shares, or face value for bonds); money is
an `int` in millionths (1e-6) of the currency unit. No float touches any of them.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from models.errors import BadInput

PRICE_SCALE = 1_000_000_000
MONEY_SCALE = 1_000_000
PRICE_PER_MONEY = PRICE_SCALE // MONEY_SCALE
PRICE_MAX = 10_000_000 * PRICE_SCALE
BPS = 10_000

_SUFFIXES = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_TEXT_MAX = 40


def _decimal(text: str, what: str) -> Decimal:
    cleaned = text.strip().replace(",", "").replace("_", "")
    if not cleaned or len(cleaned) > _TEXT_MAX:
        raise BadInput(f"{what} {text[:_TEXT_MAX]!r} is not a number; write it as 190.50.")
    try:
        number = Decimal(cleaned)
    except InvalidOperation:
        raise BadInput(f"{what} {text!r} is not a number; write it as 190.50.") from None
    if not number.is_finite():
        raise BadInput(f"{what} {text!r} is not a finite number; write it as 190.50.")
    return number


def price_from_decimal(number: Decimal) -> int:
    """Return the price in 1e-9 units; raises `BadInput` when it is finer than that or too large."""
    scaled = number * PRICE_SCALE
    if scaled != scaled.to_integral_value():
        raise BadInput(f"Price {number} has more than nine decimals; round it.")
    price = int(scaled)
    if abs(price) > PRICE_MAX:
        raise BadInput(
            f"Price {number} is above {PRICE_MAX // PRICE_SCALE:,}; check the decimal point."
        )
    return price


def parse_price(text: str) -> int:
    """Parse `190.5`, or `98-16+` (a percentage of par in 32nds, `+` for a 64th), into 1e-9 units.

    A third digit after the dash counts eighths of a 32nd (`98-162` is 98 + 16.25/32), as US
    Treasuries are quoted.
    """
    handle, dash, ticks = text.strip().partition("-")
    if not dash or not handle:
        return price_from_decimal(_decimal(text, "Price"))
    half = ticks.endswith("+")
    digits = ticks.removesuffix("+")
    if not (
        handle.isdigit() and digits.isdigit() and len(digits) in (2, 3) and int(digits[:2]) < 32
    ):
        raise BadInput(f"Price {text!r} is not in 32nds; write it as 98-16, 98-16+ or 98-162.")
    eighths = int(digits[:2]) * 8
    if len(digits) == 3:
        if half or int(digits[2]) > 7:
            raise BadInput(
                f"Price {text!r} is not in 32nds; the third digit counts eighths, 0 to 7."
            )
        eighths += int(digits[2])
    elif half:
        eighths += 4
    return int(handle) * PRICE_SCALE + eighths * PRICE_SCALE // 256


def parse_qty(text: str) -> int:
    """Parse `5000`, `5k`, `2.5m` into a whole quantity; raises `BadInput`."""
    lowered = text.strip().lower()
    factor = _SUFFIXES.get(lowered[-1:], 0)
    number = _decimal(lowered[:-1] if factor else lowered, "Quantity") * (factor or 1)
    if number != number.to_integral_value():
        raise BadInput(f"Quantity {text!r} is not whole; orders are in whole shares or face value.")
    return int(number)


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
    sign = "-" if price < 0 else ""
    whole = (abs(price) + unit // 2) // unit
    if places == 0:
        return f"{sign}{whole:,}"
    major, minor = divmod(whole, 10**places)
    return f"{sign}{major:,}.{minor:0{places}d}"


def format_money(money: int, places: int = 2) -> str:
    """Return an amount in millionths as text with `places` decimals."""
    return format_price(money * PRICE_PER_MONEY, places)


def price_to_decimal(price: int) -> Decimal:
    """Return the price as an exact `Decimal`, for reports."""
    return (Decimal(price) / PRICE_SCALE).normalize()


def ratio_bps(part: int, whole: int) -> int:
    """Return part / whole in basis points, rounded half up; `whole` must be positive."""
    return (2 * part * BPS + whole) // (2 * whole)


def format_bps(bps: int) -> str:
    """Return basis points as a percentage: 1120 → `11.2%`."""
    return (
        f"{Decimal(bps) / 100:f}".rstrip("0").rstrip(".") + "%" if bps % 100 else f"{bps // 100}%"
    )
