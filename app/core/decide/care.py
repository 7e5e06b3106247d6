"""Orders at the desk itself: claims, handing over, and cancels that no venue has to answer."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.context import Context
from app.core.decide.entry import REASON_MAX
from app.core.decide.registry import decides, may_handle, refuse
from app.core.desk_state import DeskState
from models.commands import ClaimOrder, Command, HandOver, PassOrder
from models.events import (
    AnyEvent,
    CancelRequested,
    OrderAssigned,
    OrderCanceled,
    RequestDenied,
    StrategyEnded,
    StrategyPaused,
)
from models.order_state import OrderStatus, Trigger, is_legal
from models.orders import Order
from models.parties import Role
from models.workflow import RunState

_WORKS = (Role.TRADER, Role.DESK_HEAD)


def children_of(state: DeskState, order: Order) -> Iterator[Order]:
    """Yield what works at venues for `order`, or is staged to."""
    if order.is_care and order.committed_qty > order.cum_qty:
        orders = state.orders.values()
        yield from (o for o in orders if o.parent_id == order.order_id and o.is_open)


def denied(
    command: Command, context: Context, order: Order, request: str, text: str
) -> list[AnyEvent]:
    """Return the event that says a request about an order was refused, and why."""
    return [
        RequestDenied(
            ts=context.ts,
            desk=order.desk,
            order_id=order.order_id,
            command_id=command.id,
            author=command.author,
            request=request,
            text=text,
        )
    ]


def cancel_requested(order: Order, command_id: str, author: str, context: Context) -> AnyEvent:
    """Return the event of a cancel on its way."""
    return CancelRequested(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command_id,
        author=author,
    )


def cancellable(order: Order) -> bool:
    """Whether a venue can still be asked to take it out."""
    return order.status is not OrderStatus.PENDING_CANCEL and is_legal(
        order.status, Trigger.REQUEST_CANCEL
    )


def cancel_at_desk(
    state: DeskState, order: Order, command_id: str, author: str, context: Context
) -> list[AnyEvent]:
    """Cancel an order that no venue knows: at once, or when the last of its children is out."""
    ts, desk, order_id = context.ts, order.desk, order.order_id
    canceled = OrderCanceled(ts=ts, desk=desk, order_id=order_id, text=f"Canceled by {author}")
    if order.status is OrderStatus.STAGED:
        return [canceled]
    events: list[AnyEvent] = [cancel_requested(order, command_id, author, context)]
    events += end_run(state, order_id, author, "Its order was canceled.", context)
    is_out = False
    for child in children_of(state, order):
        is_out = is_out or child.is_live
        if child.status is OrderStatus.STAGED:
            events += cancel_at_desk(state, child, command_id, author, context)
        elif cancellable(child):
            events.append(cancel_requested(child, command_id, author, context))
    return events if is_out else [*events, canceled]


def pause_run(
    state: DeskState, order_id: str, author: str, text: str, context: Context
) -> list[AnyEvent]:
    """Pause the strategy that works `order_id`, if one runs."""
    run = state.strategies.get(order_id)
    if run is None or run.state is not RunState.RUNNING:
        return []
    desk = state.orders[order_id].desk
    return [StrategyPaused(ts=context.ts, desk=desk, order_id=order_id, author=author, text=text)]


def end_run(
    state: DeskState, order_id: str, author: str, text: str, context: Context
) -> list[AnyEvent]:
    """End the strategy that works `order_id`, if there is one."""
    if order_id not in state.strategies:
        return []
    desk = state.orders[order_id].desk
    return [StrategyEnded(ts=context.ts, desk=desk, order_id=order_id, author=author, text=text)]


@decides(ClaimOrder)
def claim_order(state: DeskState, command: ClaimOrder, context: Context) -> list[AnyEvent]:
    """Take an order that waits to be claimed; the first to ask has it."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = claim_objection(state, command.author, order)
    if objection:
        return denied(command, context, order, "claim", objection)
    return [_assigned(order, command.author, command, context, "")]


def claim_objection(state: DeskState, login: str, order: Order) -> str:
    """Return why `login` can't claim `order`; empty when they can."""
    if order.trader:
        return f"Order {order.order_id} is {order.trader}'s already. Ask them to pass it to you."
    if not order.is_open:
        return f"Order {order.order_id} is {order.status.replace('_', ' ')}; nothing is left of it."
    return _can_work(state, login, order)


@decides(PassOrder)
def pass_order(state: DeskState, command: PassOrder, context: Context) -> list[AnyEvent]:
    """Give an order and what works for it to somebody else of the desk, or back to all."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = pass_objection(state, command.author, order, command.to)
    if objection:
        return denied(command, context, order, "pass", objection)
    moved = [order, *(child for child in children_of(state, order) if command.to)]
    return [_assigned(each, command.to, command, context, command.note) for each in moved]


def pass_objection(state: DeskState, login: str, order: Order, to: str) -> str:
    """Return why `login` can't give `order` to `to` (empty: to all); empty when they can."""
    if not may_handle(state, login, order):
        return f"Order {order.order_id} is {order.trader or 'nobody'}'s. Ask them or the desk head."
    if not order.is_open:
        return f"Order {order.order_id} is {order.status.replace('_', ' ')}; nothing is left of it."
    if to == order.trader:
        return f"Order {order.order_id} is {to or 'nobody'}'s already."
    if to:
        return _can_work(state, to, order)
    if not order.is_care:
        return f"Order {order.order_id} is at {order.venue}; only care orders wait to be claimed."
    if order.order_id in state.strategies or any(children_of(state, order)):
        return f"{order.order_id} has children or a strategy at work. Cancel them first."
    return ""


def _can_work(state: DeskState, login: str, order: Order) -> str:
    person = state.traders.get(login)
    if person is None or person.desk != order.desk or person.role not in _WORKS:
        return f"{login} is no trader of the desk {order.desk}. Choose one who is."
    if order.account not in person.accounts:
        return f"{login} may not trade for account {order.account}. Choose somebody who may."
    return ""


@decides(HandOver)
def hand_over(state: DeskState, command: HandOver, context: Context) -> list[AnyEvent]:
    """Give all of a trader's open orders to another; none of them when one can't go."""
    giver = command.trader or command.author
    moved = [
        order
        for order in state.orders.values()
        if order.desk == command.desk and order.trader == giver and order.is_open
    ]
    if not moved:
        return refuse(command, context, f"{giver} has no open orders to hand over.")
    for order in moved:
        objection = pass_objection(state, command.author, order, command.to)
        if objection:
            return refuse(command, context, f"{objection} Nothing was handed over.")
    return [_assigned(order, command.to, command, context, command.note) for order in moved]


def _assigned(
    order: Order, to: str, command: Command, context: Context, note: str
) -> OrderAssigned:
    return OrderAssigned(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
        trader=to,
        before=order.trader,
        note=note[:REASON_MAX],
    )
