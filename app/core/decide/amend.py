"""What an amendment may ask of an order, and what it asks when it says nothing of a term."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from app.core.desk_state import DeskState
from app.core.differences import difference_text
from models.orders import Handling, Order, Replacement, handling_of


def terms_objection(order: Order, asked: Replacement) -> str:
    """Return why these terms can't become those of `order` while it works; empty when they can.

    What is wrong with them in themselves is for `judge` to say.
    """
    asked_px = ((asked.limit_px, order.limit_px), (asked.stop_px, order.stop_px))
    if order.order_type.trails and any(px not in (None, now) for px, now in asked_px):
        return (
            f"The prices of {order.order_id}, a trailing stop, are the venue's. Amend its quantity "
            "or its trail, or cancel it and enter it anew."
        )
    return _handling_objection(order, asked.handling) if asked.handling is not None else ""


def _handling_objection(order: Order, new: Handling) -> str:
    old = handling_of(order)
    changes = new.time_in_force is not old.time_in_force
    if changes and not (new.time_in_force.rests and old.time_in_force.rests):
        return (
            f"{order.order_id} is {old.time_in_force.label} and can't become "
            f"{new.time_in_force.label} while it works. Choose one that rests (DAY, GTC or GTD), "
            "or cancel it and enter it anew."
        )
    trail = (new.trail_px, new.trail_bps, new.limit_offset)
    if order.triggered and trail != (old.trail_px, old.trail_bps, old.limit_offset):
        return (
            f"{order.order_id} was triggered; it trails no more. Amend its quantity, or cancel it."
        )
    if new.peg_offset is not None and order.peg is None:
        return f"{order.order_id} is not pegged, so it has no offset to its peg. Clear it."
    return ""


def as_asked(order: Order, asked: Replacement) -> Replacement:
    """Return what is asked in its one form, which is equal only to what asks the same.

    Prices that are not named for a trailing stop stay where the venue has them by now; a handling
    that changes nothing is not named.
    """
    if order.order_type.trails:
        asked = msgspec.structs.replace(asked, limit_px=order.limit_px, stop_px=order.stop_px)
    if asked.handling == handling_of(order):
        asked = msgspec.structs.replace(asked, handling=None)
    return asked


def pending_words(state: DeskState, order: Order) -> str:
    """Return what waits for the venue's answer, and whose it is: two may amend at once."""
    if order.pending is None:
        return "a request pending at the venue"
    change = difference_text(order, order.pending, state.instruments.get(order.symbol))
    what = f": {change}" if change else ""
    return f"an amendment by {order.amending or order.trader} pending at the venue{what}"


def changed_meanwhile(state: DeskState, order: Order, seen: int) -> str:
    """Return what became of an order since its version `seen`: old and new terms, whose, when."""
    start = (
        f"Order {order.order_id} was changed meanwhile (version {order.version}, you saw {seen})"
    )
    if order.amended_version <= seen or order.amended_from is None:
        who = order.amending or order.trader
        return (
            f"{start}: {who} asked to amend it and the venue refused, so its terms are as you saw "
            "them. Amend again."
        )
    before = order.terms(order.amended_from)
    as_whole = msgspec.structs.replace(order.replacement, handling=handling_of(order))
    change = difference_text(before, as_whole, state.instruments.get(order.symbol))
    at = datetime.fromtimestamp(order.amended_ts // 1_000_000_000, UTC)
    last = "lastly " if order.amended_version > seen + 1 else ""
    by = f"{last}by {order.amended_by or order.trader} at {at:%H:%M:%S} UTC"
    return f"{start} {by}: {change or 'back to what it was'}. Amend again from its new terms."
