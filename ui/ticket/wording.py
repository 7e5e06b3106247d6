"""An order's terms in the words of the ticket's button: each thing that is sent, once. No Qt."""

from __future__ import annotations

from models.instruments import Instrument
from models.orders import OrderTerms, OrderType, TimeInForce


def price_words(terms: OrderTerms, instrument: Instrument) -> list[str]:
    """Return the type and its prices: `@ 190.50`, `stop 180.00`, `trail 25 bp`, `at market`."""
    show, kind = instrument.show_price, terms.order_type
    if kind.trails:
        return trail_words(terms, instrument)
    if kind is OrderType.PEGGED:
        return peg_words(terms, instrument)
    if kind is OrderType.MARKET_TO_LIMIT:
        return ["market to limit"]
    words = [] if terms.stop_px is None else ["stop", show(terms.stop_px)]
    if terms.limit_px is not None:
        return [*words, "@", show(terms.limit_px)]
    return words or ["at market"]


def peg_words(terms: OrderTerms, instrument: Instrument) -> list[str]:
    """Return what a peg follows, and how far it goes: `peg mid -0.01 cap 190.60`."""
    words = ["peg", terms.peg.value if terms.peg is not None else ""]
    if terms.peg_offset:
        sign = "+" if terms.peg_offset > 0 else "-"
        words.append(f"{sign}{instrument.show_price(abs(terms.peg_offset))}")
    if terms.limit_px is not None:
        words += ["cap", instrument.show_price(terms.limit_px)]
    return words


def trail_words(terms: OrderTerms, instrument: Instrument) -> list[str]:
    """Return how far a trailing stop trails: `trail 0.50 limit 0.05`."""
    words: list[str] = []
    if terms.trail_bps is not None:
        words = ["trail", str(terms.trail_bps), "bp"]
    elif terms.trail_px is not None:
        words = ["trail", instrument.show_price(terms.trail_px)]
    if terms.limit_offset is not None:
        words += ["limit", instrument.show_price(terms.limit_offset)]
    return words


def force_words(terms: OrderTerms) -> list[str]:
    """Return the time in force: `DAY`, `GTD 2026-12-01`."""
    label = terms.time_in_force.label
    return [label, terms.expire_day] if terms.time_in_force is TimeInForce.GTD else [label]


def instruction_words(terms: OrderTerms) -> list[str]:
    """Return what else is asked: `iceberg 500 random`, `min 500`, `POST ONLY`."""
    words = []
    if terms.display_qty is not None:
        words += ["iceberg", f"{terms.display_qty:,}", *(["random"] if terms.varies else [])]
    if terms.min_qty is not None:
        words += ["min", f"{terms.min_qty:,}"]
    if terms.post_only:
        words.append("POST ONLY")
    if terms.all_or_none:
        words.append("ALL OR NONE")
    return words
