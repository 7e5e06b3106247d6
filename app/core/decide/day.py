"""The desk's day: opening it, and closing it with what that means for orders."""

from __future__ import annotations

from datetime import date

from app.core.context import Context
from app.core.decide.care import end_run
from app.core.decide.registry import decides, may_administer, refuse
from app.core.decide.sign_off import not_signed_off
from app.core.desk_state import DeskState
from models.commands import SYSTEM, EndDay, StartDay
from models.events import (
    AmendRejected,
    AnyEvent,
    CancelRejected,
    DayEnded,
    DayStarted,
    OrderExpired,
    OrderResumed,
)
from models.order_state import PENDING, OrderStatus
from models.orders import Order

_END = "End of day"


@decides(StartDay)
def start_day(state: DeskState, command: StartDay, context: Context) -> list[AnyEvent]:
    """Open a day after the last one; the day that is open already changes nothing."""
    if not may_administer(state, command.author):
        return refuse(command, context, f"{command.author} may not start the day.")
    if not _is_date(command.day):
        return refuse(command, context, f"Day {command.day!r} is no date; write 2026-11-23.")
    if state.day_open:
        if state.day == command.day:
            return []
        why = f"Day {state.day} is still open. End it before {command.day} can start."
        return refuse(command, context, why)
    if command.day <= state.day:
        why = f"Day {command.day} is not after the last day {state.day}; days are opened once."
        return refuse(command, context, why)
    started: list[AnyEvent] = [DayStarted(ts=context.ts, day=command.day)]
    started += _expired_meanwhile(state, command.day, context)
    started += _resumed(state, command.day, context)
    return started + not_signed_off(state, context)


def _expired_meanwhile(state: DeskState, day: str, context: Context) -> list[AnyEvent]:
    """Orders whose last day was no trading day, such as a Saturday, do not see the next one."""
    return [
        OrderExpired(
            ts=context.ts,
            desk=order.desk,
            order_id=order.order_id,
            text=f"Good till {order.expire_day}",
        )
        for order in _open_orders(state)
        if order.expire_day and order.expire_day < day
    ]


def _open_orders(state: DeskState) -> list[Order]:
    """Return the orders that work, or may work on, in their time priority, then staged ones."""
    live = list(state.live_orders())
    waiting = (
        order
        for order in state.orders.values()
        if order.order_id not in state.live
        and (order.may_work_on or order.status is OrderStatus.STAGED)
    )
    return [*live, *waiting]


def _resumed(state: DeskState, day: str, context: Context) -> list[AnyEvent]:
    """What a venue had done for yesterday works again today (FIX 4.4 App. D, H.1.a)."""
    return [
        OrderResumed(ts=context.ts, desk=order.desk, order_id=order.order_id)
        for order in state.live_orders()
        if order.status is OrderStatus.DONE_FOR_DAY
        and not (order.expire_day and order.expire_day < day)
    ]


@decides(EndDay)
def end_day(state: DeskState, command: EndDay, context: Context) -> list[AnyEvent]:
    """Close the open day: DAY orders expire, and GTD orders that go no further; GTC carry."""
    if not may_administer(state, command.author):
        return refuse(command, context, f"{command.author} may not end the day.")
    if not state.day_open or state.day != command.day:
        return refuse(command, context, f"Day {command.day} is not open.")
    events: list[AnyEvent] = []
    for order_id in state.strategies:
        events += end_run(state, order_id, SYSTEM, "The day is over.", context)
    events += [
        OrderExpired(ts=context.ts, desk=order.desk, order_id=order.order_id, text=_END)
        for order in _open_orders(state)
        if not order.outlives(command.day)
    ]
    for order in state.orders.values():
        events += _requests_given_up(order, context)
    closes = {quote.symbol: quote.last for quote in context.quotes.values() if quote.last}
    events.append(DayEnded(ts=context.ts, day=command.day, closes=closes))
    return events


def _requests_given_up(order: Order, context: Context) -> list[AnyEvent]:
    """An order that filled while a request was pending does not wait for its answer overnight."""
    if order.status not in PENDING or order.leaves_qty:
        return []
    events: list[AnyEvent] = []
    if order.status is OrderStatus.PENDING_CANCEL:
        events.append(
            CancelRejected(ts=context.ts, desk=order.desk, order_id=order.order_id, text=_END)
        )
    if order.pending is not None:
        events.append(
            AmendRejected(ts=context.ts, desk=order.desk, order_id=order.order_id, text=_END)
        )
    return events


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
