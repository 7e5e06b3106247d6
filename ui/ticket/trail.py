"""Distances as they are typed: a trail `0.50` or `25bp`, a peg's offset `+0.01`. No Qt."""

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


def read_offset(text: str) -> int:
    """Return a peg's offset (1e-9 units), towards the other side when positive."""
    sign, digits = text.strip()[:1], text.strip().lstrip("+-")
    try:
        return parse_price(digits) * (-1 if sign == "-" else 1)
    except BadInput:
        raise BadInput(f"{text!r} is no offset: write +0.01, or -0.05.") from None
