"""Where the deciders of each command are found, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.context import Context
from app.core.desk_state import DeskState
from models.alerts import Alert, Severity
from models.commands import SYSTEM, Command
from models.events import AlertRaised, AnyEvent, CommandFailed
from models.orders import Order
from models.parties import Role

Decider = Callable[[DeskState, Any, Context], list[AnyEvent]]
DECIDERS: dict[type[Command], Decider] = {}


def decides(command_type: type[Command]) -> Callable[[Decider], Decider]:
    """Register the decorated function for `command_type`; a second one is a mistake."""

    def register(decider: Decider) -> Decider:
        if command_type in DECIDERS:
            raise ValueError(f"{command_type.__name__} is decided twice")
        DECIDERS[command_type] = decider
        return decider

    return register


def short_id(state: DeskState, letter: str, number: int) -> str:
    """Return an id for people, such as `O-1122-000123` on 22 November."""
    return f"{letter}-{state.day[5:7]}{state.day[8:10]}-{number:06d}"


def number_of(identifier: str) -> int:
    """Return the number in an id that `short_id` made."""
    return int(identifier.rpartition("-")[2])


def raise_alert(
    state: DeskState,
    context: Context,
    number: int,
    *,
    desk: str,
    severity: Severity,
    rule: str,
    text: str,
    trader: str = "",
    order_id: str = "",
    note: str = "",
) -> AlertRaised:
    """Return the event of a new alert with the given number."""
    alert = Alert(
        alert_id=short_id(state, "A", number),
        desk=desk,
        severity=severity,
        rule=rule,
        text=text,
        ts=context.ts,
        trader=trader,
        order_id=order_id,
        note=note,
    )
    return AlertRaised(ts=context.ts, desk=desk, alert=alert)


def refuse(command: Command, context: Context, text: str) -> list[AnyEvent]:
    """Return the event that says a whole command was refused, and why."""
    return [
        CommandFailed(
            ts=context.ts,
            desk=command.desk,
            command_id=command.id,
            author=command.author,
            command=type(command).__name__,
            text=text,
        )
    ]


def may_administer(state: DeskState, login: str) -> bool:
    """Whether `login` may change reference data and the day: the schedule, and operations."""
    if login == SYSTEM:
        return True
    trader = state.traders.get(login)
    return trader is not None and trader.role in (Role.OPS, Role.COMPLIANCE)


def may_handle(state: DeskState, login: str, order: Order) -> bool:
    """Whether `login` may amend or cancel `order`: its trader, or a head of its desk.

    While nobody has claimed it, whoever entered it may.
    """
    if login in (order.trader or order.entered_by, SYSTEM):
        return True
    person = state.traders.get(login)
    return person is not None and person.role is Role.DESK_HEAD and person.desk == order.desk
