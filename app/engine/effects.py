"""What events mean outside the log: the read rows they change and the venue messages they send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.core.desk_state import DeskState
from app.ports import (
    CancelRequest,
    EndSession,
    NewOrder,
    ReadRows,
    ReplaceOrder,
    StartSession,
    VenueMessage,
)
from models.events import (
    AlertAcknowledged,
    AlertRaised,
    AmendRequested,
    AnyEvent,
    CancelRequested,
    DayEnded,
    DayStarted,
    Event,
    ExecutionBusted,
    ExecutionCorrected,
    OrderEvent,
    OrderFilled,
    OrderRouted,
)
from models.executions import Execution
from models.order_state import PENDING, OrderStatus
from models.orders import Order, client_order_id


def read_rows(state: DeskState, events: Sequence[AnyEvent]) -> ReadRows:
    """Return the read rows that `events` touched, once each, as `state` has them now."""
    orders: dict[str, Order] = {}
    executions: dict[str, Execution] = {}
    busted: list[str] = []
    alerts: dict[str, None] = {}
    for event in events:
        if isinstance(event, OrderEvent):
            order = state.orders.get(event.order_id)
            if order is not None:  # else a new day began in this very batch and dropped it
                orders[event.order_id] = order
                if order.parent_id in state.orders:
                    orders[order.parent_id] = state.orders[order.parent_id]
            if isinstance(event, OrderFilled | ExecutionCorrected):
                executions[event.execution.exec_id] = event.execution
            if isinstance(event, ExecutionCorrected | ExecutionBusted):
                busted.append(event.exec_ref)
        elif isinstance(event, AlertRaised):
            alerts[event.alert.alert_id] = None
        elif isinstance(event, AlertAcknowledged):
            alerts[event.alert_id] = None
    return ReadRows(
        orders=tuple(orders.values()),
        executions=tuple(fill for key, fill in executions.items() if key in state.executions),
        busted=tuple(busted),
        alerts=tuple(state.alerts[key] for key in alerts if key in state.alerts),
    )


def _routed(state: DeskState, event: OrderRouted) -> VenueMessage:
    return _new_order(state, state.orders[event.order_id], event.cl_ord_id)


def _new_order(state: DeskState, order: Order, cl_ord_id: str) -> NewOrder:
    instrument = state.instruments[order.symbol]
    return NewOrder(
        cl_ord_id=cl_ord_id,
        terms=order.terms(),
        cum_qty=order.cum_qty,
        triggered=order.triggered,
        owner=order.beneficial_owner,
        lot=instrument.lot,
        tick=instrument.tick_at(instrument.prev_close),
    )


def _replaces(state: DeskState, event: AmendRequested) -> VenueMessage | None:
    if not event.cl_ord_id:
        return None  # no venue has it
    return ReplaceOrder(
        cl_ord_id=event.cl_ord_id,
        orig_cl_ord_id=state.orders[event.order_id].cl_ord_id,
        replacement=event.replacement,
    )


def _cancels(state: DeskState, event: CancelRequested) -> VenueMessage | None:
    order = state.orders[event.order_id]
    return CancelRequest(cl_ord_id=order.cl_ord_id) if order.is_routed else None


_MESSAGES: dict[type[Event], Callable[[DeskState, Any], VenueMessage | None]] = {
    OrderRouted: _routed,
    AmendRequested: _replaces,
    CancelRequested: _cancels,
    DayStarted: lambda state, event: StartSession(day=event.day),
    DayEnded: lambda state, event: EndSession(day=event.day),
}


def venue_message(state: DeskState, event: AnyEvent) -> VenueMessage | None:
    """Return what the venue has to be told of `event`, which `state` does not yet contain."""
    make = _MESSAGES.get(type(event))
    return make(state, event) if make is not None else None


def working_orders(state: DeskState) -> tuple[list[NewOrder], list[VenueMessage]]:
    """Return what a venue is given after a restart: working orders in their time priority, and
    the replaces and cancels that wait for its answer."""
    orders = [
        _new_order(state, order, order.cl_ord_id)
        for order in state.live_orders()
        if order.is_routed
    ]
    # An end of day that was appended and perhaps never sent: saying it again does no harm.
    ended = bool(state.day) and not state.day_open
    requests: list[VenueMessage] = [EndSession(day=state.day)] if ended else []
    for order in state.orders.values():
        if order.status not in PENDING or not order.is_routed:
            continue
        if order.pending is not None:
            requests.append(
                ReplaceOrder(
                    cl_ord_id=client_order_id(order.order_id, order.version),
                    orig_cl_ord_id=order.cl_ord_id,
                    replacement=order.pending,
                )
            )
        if order.status is OrderStatus.PENDING_CANCEL:
            requests.append(CancelRequest(cl_ord_id=order.cl_ord_id))
    return orders, requests
