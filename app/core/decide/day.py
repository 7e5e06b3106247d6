"""The desk's day: opening it, and closing it with what that means for orders."""

from __future__ import annotations

from app.core.context import Context
from app.core.decide.registry import decides, may_administer, refuse
from app.core.desk_state import DeskState
from models.commands import EndDay, StartDay
from models.events import AnyEvent, DayEnded, DayStarted, OrderExpired
from models.orders import TimeInForce


@decides(StartDay)
def start_day(state: DeskState, command: StartDay, context: Context) -> list[AnyEvent]:
    """Open a day after the last one; the day that is open already changes nothing."""
    if not may_administer(state, command.author):
        return refuse(command, context, f"{command.author} may not start the day.")
    if state.day_open:
        if state.day == command.day:
            return []
        why = f"Day {state.day} is still open. End it before {command.day} can start."
        return refuse(command, context, why)
    if command.day <= state.day:
        why = f"Day {command.day} is not after the last day {state.day}; days are opened once."
        return refuse(command, context, why)
    return [DayStarted(ts=context.ts, day=command.day)]


@decides(EndDay)
def end_day(state: DeskState, command: EndDay, context: Context) -> list[AnyEvent]:
    """Close the open day: DAY orders expire, GTC orders carry."""
    if not may_administer(state, command.author):
        return refuse(command, context, f"{command.author} may not end the day.")
    if not state.day_open or state.day != command.day:
        return refuse(command, context, f"Day {command.day} is not open.")
    events: list[AnyEvent] = [
        OrderExpired(ts=context.ts, desk=order.desk, order_id=order.order_id, text="End of day")
        for order in state.live_orders()
        if order.time_in_force is not TimeInForce.GTC
    ]
    events.append(DayEnded(ts=context.ts, day=command.day))
    return events
