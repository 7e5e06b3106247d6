"""What became of the command that the ticket sent last, in words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.session.step import SessionCore
from models.order_state import OrderStatus
from models.orders import Order


@dataclass
class LastSent:
    """The command to follow; an amendment's order, and the version it had, are known at once."""

    command_id: str
    order_id: str = ""
    version: int = 0


@dataclass(frozen=True)
class Told:
    """Words, their tone, and whether there is no more to come."""

    words: str
    tone: str
    is_final: bool


def follow(core: SessionCore, sent: LastSent) -> Told | None:
    """Return what to say of `sent` now; `None` while there is nothing to say."""
    request = core.requests.get(sent.command_id)
    if request is not None:
        if not request.text:
            return None
        words = f"{request.status.replace('_', ' ').capitalize()}: {request.text}"
        return Told(words, "warning" if request.is_open else "blocked", is_final=False)
    order = _order_of(core, sent)
    if order is None:
        return Told("", "muted", is_final=True)
    if sent.version and order.version == sent.version:
        words = f"Amendment of {order.order_id} refused: {order.reason}"
        return Told(words, "blocked", is_final=True)
    words = f"{order.order_id} {order.status.replace('_', ' ')}"
    if order.is_terminal and order.reason and not order.cum_qty:
        return Told(f"{words}: {order.reason}", "blocked", is_final=True)
    if order.status is OrderStatus.PENDING_REPLACE:
        return Told(f"{words}: the venue has not answered yet", "pending", is_final=False)
    done = f"{words}, {order.cum_qty:,} of {order.qty:,} done"
    return Told(done, "good", is_final=order.is_terminal)


def _order_of(core: SessionCore, sent: LastSent) -> Order | None:
    if not sent.order_id:
        made = (o for o in reversed(core.state.orders.values()) if o.command_id == sent.command_id)
        order = next(made, None)
        sent.order_id = order.order_id if order is not None else ""
        return order
    return core.state.orders.get(sent.order_id)
