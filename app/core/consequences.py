"""What one event makes the desk do next: parents, strategies and groups follow their orders.

Asked after the event was applied; what comes of it is events again, recorded like every other, so
a replay finds them in the log and never asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.context import Context
from app.core.decide.care import cancel_requested, cancellable, children_of, end_run, pause_run
from app.core.decide.groups import keep_in_step, out_of_step
from app.core.decide.strategies import send_slice
from app.core.desk_state import DeskState
from app.core.families import is_beyond
from models.commands import SYSTEM
from models.events import (
    AmendRejected,
    AnyEvent,
    CancelRejected,
    Event,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAcknowledged,
    OrderAmended,
    OrderCanceled,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRestated,
    OrderResumed,
    TradingHalted,
)
from models.order_state import OrderStatus
from models.orders import Order
from models.workflow import RunState, StrategyKind

_MOVES_GROUPS = (
    OrderFilled,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    OrderAcknowledged,
    OrderAmended,
    OrderRestated,
    OrderResumed,
    AmendRejected,
    CancelRejected,
    ExecutionBusted,
    ExecutionCorrected,
)


def consequences(state: DeskState, event: AnyEvent, context: Context) -> list[AnyEvent]:
    """Return the events that follow from `event`, which `state` contains already."""
    if isinstance(event, OrderEvent):
        order = state.orders.get(event.order_id)
        if order is None or not (order.parent_id or order.group_id or order.is_care):
            return []
        return _of_order(state, order, event, context)
    follow = _OF_EVENT.get(type(event))
    return follow(state, event, context) if follow is not None else []


def _of_order(
    state: DeskState, order: Order, event: OrderEvent, context: Context
) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    if order.group_id:
        if _refuses_the_desk(order, event):
            events += out_of_step(state, order, context)
        elif isinstance(event, _MOVES_GROUPS):
            events += keep_in_step(state, order.group_id, event, context)
    parent = state.orders.get(order.parent_id)
    if parent is not None:
        events += _of_child(state, parent, order, event, context)
    elif order.is_care and order.is_terminal:
        events += end_run(state, order.order_id, SYSTEM, _why_ended(order), context)
    elif order.is_care and isinstance(event, OrderAmended):
        events += _take_out(state, order, context, beyond=True)
    return events


def _refuses_the_desk(order: Order, event: OrderEvent) -> bool:
    """Whether a venue refused what the desk, and no person, asked of an order that still works."""
    if not order.is_live:
        return False
    if isinstance(event, AmendRejected):
        return order.amending == SYSTEM
    return isinstance(event, CancelRejected) and order.canceled_by == SYSTEM


def _why_ended(order: Order) -> str:
    return f"Its order is {order.status.replace('_', ' ')}."


def _of_child(
    state: DeskState, parent: Order, child: Order, event: OrderEvent, context: Context
) -> list[AnyEvent]:
    """A parent is canceled when the last of its children is out; a strategy goes on, or pauses."""
    if parent.status is OrderStatus.PENDING_CANCEL and parent.committed_qty == parent.cum_qty:
        kind, text = (
            (OrderCanceled, "Its children are out.")
            if parent.leaves_qty
            else (CancelRejected, "Its children filled first.")
        )
        return [kind(ts=context.ts, desk=parent.desk, order_id=parent.order_id, text=text)]
    run = state.strategies.get(parent.order_id)
    if parent.is_terminal:
        ended = end_run(state, parent.order_id, SYSTEM, _why_ended(parent), context)
        trades = isinstance(event, OrderFilled | ExecutionCorrected)
        return [*ended, *(_take_out(state, parent, context) if trades else [])]
    if run is None or not child.by_strategy:
        return []
    if isinstance(event, OrderRejected):
        text = f"{child.venue} rejected its slice {child.order_id}: {child.reason}"
        return pause_run(state, parent.order_id, SYSTEM, text, context)
    if isinstance(event, OrderCanceled) and not child.canceled_by:
        # Sent again it might be taken out again, without end (a self-trade, say).
        text = f"{child.venue} took its slice {child.order_id} out: {child.reason}"
        return pause_run(state, parent.order_id, SYSTEM, text, context)
    if isinstance(event, OrderDenied) or run.state is RunState.PAUSED:
        return []
    tops_up = run.strategy.kind is StrategyKind.ICEBERG and isinstance(event, OrderFilled)
    if isinstance(event, OrderCanceled) or (tops_up and child.is_terminal):
        return send_slice(state, run, run.target_qty, context)
    return []


def _take_out(
    state: DeskState, parent: Order, context: Context, *, beyond: bool = False
) -> list[AnyEvent]:
    """Cancel what is out for a parent that is full, or what is `beyond` the limit it has by now.

    Asked once: a venue that refuses is for people.
    """
    return [
        cancel_requested(child, parent.order_id, SYSTEM, context)
        for child in children_of(state, parent)
        if child.is_routed and cancellable(child) and not (beyond and not is_beyond(parent, child))
    ]


def _halted(state: DeskState, event: TradingHalted, context: Context) -> list[AnyEvent]:
    """A halt stops the strategies of whom it names; they do not go on by themselves."""
    events: list[AnyEvent] = []
    for order_id in state.strategies:
        order = state.orders[order_id]
        if order.desk == event.desk and event.halt.trader in ("", order.trader):
            text = f"Trading of {event.halt.whom} was halted by {event.halt.author}."
            events += pause_run(state, order_id, event.halt.author, text, context)
    return events


_OF_EVENT: dict[type[Event], Callable[[DeskState, Any, Context], list[AnyEvent]]] = {
    TradingHalted: _halted,
}
