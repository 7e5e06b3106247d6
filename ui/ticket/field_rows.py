"""Which fields a draft has, row by row, by its type, time in force and instructions. No Qt."""

from __future__ import annotations

from models.order_support import (
    all_or_none_objection,
    display_objection,
    min_qty_objection,
    post_only_objection,
)
from models.orders import Capacity, Order, OrderType, TimeInForce
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
    ("time_in_force", "expire_day", "display_qty"): (4, 5, 3),
    ("words", "varies"): (8, 4),
    ("staged",): (COLUMNS,),
    ("capacity", "decided_by"): (7, 5),
    ("owner",): (COLUMNS,),
    ("words",): (COLUMNS,),
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


def entered(
    draft: Draft, is_unfolded: bool, *, has_more: bool = False, is_slice: bool = False
) -> Rows:
    """Return the rows of a new order; `is_unfolded` with those of its instructions.

    `has_more` with all that is seldom asked; what is set of it is shown in any case. A slice has
    its parent's account.
    """
    prices, more = _prices(draft.order_type), instructions(draft)
    day: Row = ("expire_day",) if draft.time_in_force is TimeInForce.GTD else ()
    is_full = len(prices) > 1  # the row has no room for the day
    rows: list[Row] = [
        ("qty", "type"),
        (*prices, "time_in_force", *(() if is_full else day)),
        (*(() if is_slice else ("account",)), "venue"),
    ]
    if more and not draft.is_care:  # the desk has a longer name than a venue
        rows[-1] = (*rows[-1], "instructions")
    last = (day if is_full else ()) + (more if is_unfolded else ())
    if last:
        rows.append(last)
    return (*rows, *_seldom(draft, has_more=has_more, is_slice=is_slice))


def _seldom(draft: Draft, *, has_more: bool, is_slice: bool) -> Rows:
    """Return the rows of where it waits, of a bracket's exits, of who decided and what was said."""
    exits: Row = ("take_profit", "stop_loss")
    has_exits = bool(draft.take_profit or draft.stop_loss)
    may_have_exits = not (is_slice or draft.is_care or draft.legs)
    rows: list[Row] = []
    if draft.is_care:
        rows.append(("staged", "unclaimed", *(("instructions",) if instructions(draft) else ())))
    elif has_more or draft.staged or has_exits:
        rows.append(("staged", *(exits if may_have_exits or has_exits else ())))
    if draft.is_care and has_exits:
        rows.append(exits)
    if has_more or draft.capacity is not Capacity.AGENCY or draft.decided_by:
        rows.append(("capacity", "decided_by"))
    if has_more or draft.words:
        rows.append(("words",))
    if has_more and not is_slice:
        rows.append(("owner",))
    return tuple(rows)


def amended(order: Order, draft: Draft) -> Rows:
    """Return the fields of what can be amended; a trailing stop's prices are the venue's."""
    kind = order.order_type
    is_priced = kind is OrderType.MARKET_TO_LIMIT and order.limit_px is not None
    stop = ("stop_px",) if kind.has_stop else ()
    limit = ("limit_px",) if kind.may_have_limit or is_priced else ()
    trail = _prices(kind) if kind.trails and not order.triggered else ()
    day = ("expire_day",) if draft.time_in_force is TimeInForce.GTD else ()
    may_hide = draft.display or not display_objection(draft.bare_terms())
    shows, varies = (("display_qty",), ("varies",)) if may_hide else ((), ())
    rows: list[Row] = [("qty", *stop, *limit)]
    if trail:
        rows.append(trail)
    return (*rows, ("time_in_force", *day, *shows), ("words", *varies))


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
