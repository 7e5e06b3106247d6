"""What an amendment changes, term by term, as old and new: one wording for engine and desktop."""

from __future__ import annotations

from typing import NamedTuple

from models.instruments import Instrument
from models.money import format_price
from models.orders import Handling, Order, OrderTerms, Replacement, TimeInForce, handling_of

_NONE = "none"
_WORDS_MAX = 60


class Difference(NamedTuple):
    """One term's name, and what it was and is to be, in words."""

    name: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.name} {self.old} → {self.new}"


def differences(
    was: Order | OrderTerms, new: Replacement, instrument: Instrument | None
) -> list[Difference]:
    """Return what `new` changes of the terms `was`, in the order of a ticket."""

    def px(price: int | None) -> str:
        if price is None:
            return _NONE
        return instrument.show_price(price) if instrument else format_price(price, 4)

    found = [
        Difference("qty", f"{was.qty:,}", f"{new.qty:,}"),
        Difference("limit", px(was.limit_px), px(new.limit_px)),
        Difference("stop", px(was.stop_px), px(new.stop_px)),
    ]
    if new.handling is not None:
        old, how = handling_of(was), new.handling
        found += [
            Difference("trail", _trail(old, px(old.trail_px)), _trail(how, px(how.trail_px))),
            Difference("offset", px(old.limit_offset), px(how.limit_offset)),
            Difference("peg offset", px(old.peg_offset), px(how.peg_offset)),
            Difference("force", force(old), force(how)),
            Difference("shows", shown(old), shown(how)),
            Difference("words", _quoted(old.instructions), _quoted(how.instructions)),
        ]
    return [each for each in found if each.old != each.new]


def replacement_of(was: Order | OrderTerms, new: Replacement) -> Replacement:
    """Return the terms `was` in the form of an amendment, as whole as `new` is."""
    handling = None if new.handling is None else handling_of(was)
    return Replacement(qty=was.qty, limit_px=was.limit_px, stop_px=was.stop_px, handling=handling)


def difference_text(
    was: Order | OrderTerms, new: Replacement, instrument: Instrument | None
) -> str:
    """Return `qty 12,000 → 8,000 · limit 190.50 → 190.40`, of what differs."""
    return " · ".join(str(each) for each in differences(was, new, instrument))


def force(how: Handling) -> str:
    """Return how long it works: `DAY`, `GTD 2026-12-01`."""
    label = how.time_in_force.label
    return f"{label} {how.expire_day}" if how.time_in_force is TimeInForce.GTD else label


def shown(how: Handling) -> str:
    """Return how much of it the book shows: `all`, `500`, `500 random`."""
    if how.display_qty is None:
        return "all"
    return f"{how.display_qty:,}{' random' if how.varies else ''}"


def _trail(how: Handling, px: str) -> str:
    return px if how.trail_bps is None else f"{how.trail_bps} bp"


def _quoted(text: str) -> str:
    if not text:
        return _NONE
    return f"“{text}”" if len(text) <= _WORDS_MAX else f"“{text[: _WORDS_MAX - 1]}…”"
