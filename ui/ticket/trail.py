"""How far a trailing stop keeps behind the market, as it is typed: `0.50`, `25bp`. No Qt."""

from __future__ import annotations

import re

from models.errors import BadInput
from models.money import parse_price

BP = "bp"
_IN_BPS = re.compile(r"([0-9]{1,5}) ?bps?", re.IGNORECASE)


def is_in_bps(text: str) -> bool:
    """Whether `text` is a distance in basis points."""
    return bool(_IN_BPS.fullmatch(text.strip()))


def read_trail(text: str) -> tuple[int | None, int | None]:
    """Return the distance in price (1e-9 units) or in basis points; raises `BadInput`."""
    found = _IN_BPS.fullmatch(text.strip())
    if found is not None:
        return None, int(found[1])
    try:
        return parse_price(text), None
    except BadInput:
        raise BadInput(f"{text!r} is no distance: write 0.50, or 25bp.") from None
