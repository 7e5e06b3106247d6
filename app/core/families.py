"""What keeps a care order and its children together: quantity, limit and time."""

from __future__ import annotations

from app.core.desk_state import DeskState
from models.order_state import OrderStatus
from models.orders import Order, OrderTerms, Side, TimeInForce

_FOREVER = "9999"


def parent_objection(state: DeskState, parent: Order, terms: OrderTerms) -> tuple[str, str] | None:
    """Return the field and why a care order can't become `terms` with the children it has."""
    name, out = parent.order_id, parent.committed_qty
    if terms.qty < out:
        text = (
            f"Of {name}, {out:,} are done or out in child orders; its quantity can't become "
            f"{terms.qty:,}. Cancel children first."
        )
        return "qty", text
    if out == parent.cum_qty or _lasts(terms) >= _lasts(parent):
        return None
    for child in state.orders.values():
        if child.parent_id == name and child.is_open and _lasts(child) > _lasts(terms):
            text = (
                f"Its child {child.order_id} is {child.time_in_force.label} and would outlive it. "
                "Cancel that first."
            )
            return "time_in_force", text
    return None


def child_objection(
    state: DeskState, parent: Order, terms: OrderTerms, amends: Order | None
) -> tuple[str, str] | None:
    """Return the field and why `terms` can't be a slice of `parent`, `None` when they can."""
    name = parent.order_id
    if not parent.is_care:
        return "", f"{name} is no care order, but at {parent.venue}; it has no slices."
    if not parent.is_live or parent.status is OrderStatus.PENDING_CANCEL:
        text = f"{name} is {parent.status.replace('_', ' ')}; no slice of it can be sent."
        return "qty", text
    if terms.venue == parent.venue:
        return "venue", f"A slice of {name} goes to a venue. Choose one."
    same = (terms.symbol, terms.side, terms.account) == (parent.symbol, parent.side, parent.account)
    if not same:
        return "symbol", f"A slice of {name} has its symbol, side and account. Change them back."
    if _lasts(terms) > _lasts(parent):
        text = (
            f"A slice that is {terms.time_in_force.label} would outlive {name}, which is "
            f"{parent.time_in_force.label}. Choose {parent.time_in_force.label}."
        )
        return "time_in_force", text
    if is_beyond(parent, terms):
        limit = state.instruments[parent.symbol].show_price(parent.limit_px or 0)
        most = "most" if parent.side is Side.BUY else "least"
        text = (
            f"A slice of {name} that has no limit, or one beyond {limit}, could trade where its "
            f"client would not. Enter a limit of {limit} at {most}."
        )
        return "limit_px", text
    return _no_room(parent, terms, amends)


def is_beyond(parent: Order, terms: Order | OrderTerms) -> bool:
    """Whether a child of these terms could trade where the limit of `parent` does not let it."""
    if parent.limit_px is None:
        return False
    if terms.limit_px is None:
        return True
    return (terms.limit_px - parent.limit_px) * parent.side.sign > 0


def _no_room(parent: Order, terms: OrderTerms, amends: Order | None) -> tuple[str, str] | None:
    room = parent.room + (amends.counted_qty - amends.cum_qty if amends is not None else 0)
    asked = terms.qty - (amends.cum_qty if amends is not None else 0)
    if asked <= room:
        return None
    text = (
        f"{asked:,} are more than {parent.order_id} has left to send, {room:,} of {parent.qty:,}. "
        f"{'Lower the quantity' if room else 'Wait for its children, or cancel one'}."
    )
    return "qty", text


def _lasts(terms: Order | OrderTerms) -> str:
    """Return until when it may work, so that later is more: a day, and forever after all."""
    if terms.time_in_force is TimeInForce.GTC:
        return _FOREVER
    return terms.expire_day if terms.time_in_force is TimeInForce.GTD else ""
