"""An order's terms in the words of the ticket's button: each thing that is sent, once. No Qt."""

from __future__ import annotations

from models.instruments import Instrument
from models.orders import Capacity, OrderTerms, OrderType, TimeInForce

_NOTE_MAX = 24


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


def decision_words(terms: OrderTerms) -> list[str]:
    """Return for whom it is traded and who decided it, where that is said: `PRINCIPAL`, `by pm1`.

    Of the client's words it says the first; the field has them all.
    """
    words = []
    if terms.capacity is not Capacity.AGENCY:
        words.append(terms.capacity.replace("_", " ").upper())
    if terms.investment_decision:
        words += ["by", terms.investment_decision]
    said = terms.instructions
    if said:
        words.append(f'"{said if len(said) <= _NOTE_MAX else said[: _NOTE_MAX - 1] + "…"}"')
    return words


def order_words(terms: OrderTerms, instrument: Instrument) -> list[str]:
    """Return all that is asked, without where it goes: `BUY 5,000 AAPL @ 190.50 DAY`."""
    words = [terms.side.label, f"{terms.qty:,}", terms.symbol, *price_words(terms, instrument)]
    return [*words, *force_words(terms), *instruction_words(terms)]
