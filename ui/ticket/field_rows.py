"""Which fields a draft has, row by row, by its type, time in force and instructions. No Qt."""

from __future__ import annotations

from models.order_support import (
    all_or_none_objection,
    display_objection,
    min_qty_objection,
    post_only_objection,
)
from models.orders import Order, OrderType, TimeInForce
from ui.ticket.draft import Draft

# Rows of fields, by name.
Row = tuple[str, ...]
Rows = tuple[Row, ...]

COLUMNS = 12
# Where fields of one row need different widths: a date is longer than `GTD`.
_SPANS: dict[Row, tuple[int, ...]] = {
    ("trail", "limit_offset", "time_in_force"): (5, 3, 4),
    ("trail", "time_in_force", "expire_day"): (5, 3, 4),
    ("stop_px", "time_in_force", "expire_day"): (4, 3, 5),
    ("limit_px", "time_in_force", "expire_day"): (4, 3, 5),
    ("account", "venue", "instructions"): (5, 3, 4),
    ("expire_day", "display_qty", "varies"): (5, 3, 4),
    ("peg", "peg_offset", "limit_px", "time_in_force"): (3, 3, 3, 3),
}


def instructions(draft: Draft) -> Row:
    """Return the fields of what else may be asked, and of what was asked and may not."""
    terms, names = draft.bare_terms(), list[str]()
    if draft.display or not display_objection(terms):
        names += ["display_qty", "varies"]
    if draft.post_only or not post_only_objection(terms):
        names.append("post_only")
    if draft.all_or_none or not all_or_none_objection(terms):
        names.append("all_or_none")
    if draft.min_qty or not min_qty_objection(terms):
        names.append("min_qty")
    return tuple(names)


def entered(draft: Draft, is_unfolded: bool) -> Rows:
    """Return the rows of a new order; `is_unfolded` with those of its instructions."""
    prices, more = _prices(draft.order_type), instructions(draft)
    day: Row = ("expire_day",) if draft.time_in_force is TimeInForce.GTD else ()
    is_full = len(prices) > 1  # the row has no room for the day
    rows: list[Row] = [
        ("qty", "type"),
        (*prices, "time_in_force", *(() if is_full else day)),
        ("account", "venue", *(("instructions",) if more else ())),
    ]
    last = (day if is_full else ()) + (more if is_unfolded else ())
    return (*rows, last) if last else tuple(rows)


def amended(order: Order) -> Rows:
    """Return the fields of what can be amended; a trailing stop's prices are the venue's."""
    kind = order.order_type
    is_priced = kind is OrderType.MARKET_TO_LIMIT and order.limit_px is not None
    stop = ("stop_px",) if kind.has_stop else ()
    limit = ("limit_px",) if kind.may_have_limit or is_priced else ()
    return (("qty", *stop, *limit),)


def spans(row: Row) -> tuple[int, ...]:
    """Return how many of `COLUMNS` each field of a row takes; one alone takes half."""
    return _SPANS.get(row, (COLUMNS // max(2, len(row)),) * len(row))


def _prices(kind: OrderType) -> Row:
    if kind is OrderType.PEGGED:
        return ("peg", "peg_offset", "limit_px")
    if kind.trails:
        is_limit = kind is OrderType.TRAILING_STOP_LIMIT
        return ("trail", "limit_offset") if is_limit else ("trail",)
    if kind.has_stop:
        return ("stop_px", "limit_px") if kind.has_limit else ("stop_px",)
    return ("limit_px",)
