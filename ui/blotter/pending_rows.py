"""Rows for what was sent and is not in the log yet."""

from __future__ import annotations

from app.session.step import Request
from models.commands import SubmitGroup, SubmitOrder
from models.orders import Order, OrderTerms


def pending_orders(request: Request) -> list[Order]:
    """Return a row for each order that was sent and is not in the log yet, the first first.

    None has an order id. Their command ids are those that the orders will have.
    """
    command = request.command
    if isinstance(command, SubmitOrder):
        return [_row(request, command.terms, command.id)]
    if not isinstance(command, SubmitGroup):
        return []
    ids = [command.id, *(f"{command.id}.{at}" for at in range(2, len(command.legs) + 1))]
    return [_row(request, terms, own) for terms, own in zip(command.legs, ids, strict=True)]


def _row(request: Request, terms: OrderTerms, command_id: str) -> Order:
    command = request.command
    alone = command if isinstance(command, SubmitOrder) else None
    return Order(
        order_id="",
        command_id=command_id,
        desk=command.desk,
        trader="" if alone is not None and alone.unclaimed else command.author,
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
        parent_id=alone.parent_id if alone is not None else "",
        group_id=command.id if alone is None else "",
    )
