"""Rows for what was sent and is not in the log yet."""

from __future__ import annotations

from app.session.step import Request
from models.commands import SubmitOrder
from models.orders import Order


def pending_order(request: Request, command: SubmitOrder) -> Order:
    """Return a row for what was sent and is not in the log yet; it has no order id."""
    terms = command.terms
    return Order(
        order_id="",
        command_id=command.id,
        desk=command.desk,
        trader=command.author,
        symbol=terms.symbol,
        side=terms.side,
        qty=terms.qty,
        order_type=terms.order_type,
        account=terms.account,
        venue=terms.venue,
        time_in_force=terms.time_in_force,
        status=request.status,
        underlying_status=request.status,
        created_ts=request.asked_ts,
        updated_ts=request.asked_ts,
        limit_px=terms.limit_px,
        stop_px=terms.stop_px,
        leaves_qty=terms.qty,
        reason=request.text,
    )
