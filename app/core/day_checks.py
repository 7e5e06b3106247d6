"""What is looked at before a desk trades, and before its head signs the day off."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.core.context import FEED_TIMEOUT_NS, Context
from app.core.desk_state import DeskState
from models.alerts import AlertState, Severity
from models.order_state import PENDING, OrderStatus
from models.orders import Order
from models.workflow import DayCheck

_NAMED = 5


def start_checks(state: DeskState, desk: str, context: Context) -> tuple[DayCheck, ...]:
    """Return what was found before `desk` trades."""
    listed = state.instruments.values()
    no_close = [each.symbol for each in listed if not each.prev_close]
    no_adv = [each.symbol for each in listed if not each.adv]
    orders = _of_desk(state, desk)
    carried = [order.order_id for order in orders if order.is_open]
    people = [each.login for each in state.traders.values() if each.desk == desk]
    held = [key for key, position in state.positions.items() if position.qty and _is(key, desk)]
    signed = state.signed_off.get(desk)
    is_first = not state.last_day
    before = is_first or (signed is not None and signed.day >= state.last_day)
    halts = [halt.whom for halt in state.halts.values() if halt.desk == desk]
    book = state.rule_book
    return (
        DayCheck("Day", state.day_open, f"{state.day} is {'open' if state.day_open else 'closed'}"),
        DayCheck(
            "Yesterday", before, f"{state.last_day or 'none'}{'' if before else ' not signed off'}"
        ),
        _none("Previous closes", no_close, "without one", f"{len(state.instruments):,} names"),
        _none("Volumes", no_adv, "without an ADV", "every name has one"),
        DayCheck(
            "Limits", book is not None, f"{book.name} {book.version}" if book else "no rule book"
        ),
        DayCheck("Entitlements", bool(people), f"{len(people)} people"),
        DayCheck("Positions", True, f"{len(held):,} held"),
        DayCheck("Orders carried", True, f"{len(carried):,}"),
        _none("Halts", halts, "halted", "none"),
        _feed(context),
    )


def end_checks(state: DeskState, desk: str, context: Context) -> tuple[DayCheck, ...]:
    """Return what was found before the day of `desk` is signed off."""
    orders = _of_desk(state, desk)
    working = [o.order_id for o in orders if o.is_live and not o.outlives(state.day)]
    pending = [o.order_id for o in orders if o.status in PENDING]
    staged = [o.order_id for o in orders if o.status is OrderStatus.STAGED]
    unclaimed = [o.order_id for o in orders if o.is_open and not o.trader]
    over = [o.order_id for o in orders if o.cum_qty > o.qty]
    alerts = [
        alert.alert_id
        for alert in state.alerts.values()
        if alert.desk == desk
        and alert.state is not AlertState.ACKNOWLEDGED
        and alert.severity is not Severity.WARNING
    ]
    running = [key for key in state.strategies if state.orders[key].desk == desk]
    fills = sum(1 for fill in state.executions.values() if fill.desk == desk)
    return (
        _none("Day orders", working, "still working", "none works"),
        _none("Requests", pending, "waiting for a venue", "none is pending"),
        _none("Staged orders", staged, "not sent", "none"),
        _none("Care orders", unclaimed, "not claimed", "all are claimed"),
        _none("Strategies", running, "still running", "none runs"),
        _none("Overfills", over, "overfilled", "none"),
        _none("Alerts", alerts, "not acknowledged", "all acknowledged"),
        DayCheck("Executions", True, f"{fills:,} booked"),
    )


def failed(checks: Iterable[DayCheck]) -> list[DayCheck]:
    """Return those that were not passed."""
    return [check for check in checks if not check.passed]


def _of_desk(state: DeskState, desk: str) -> list[Order]:
    return [order for order in state.orders.values() if order.desk == desk]


def _is(position_key: str, desk: str) -> bool:
    return position_key.startswith(f"{desk}|")


def _none(name: str, found: list[str], what: str, otherwise: str) -> DayCheck:
    """Return a check that is passed when nothing was found."""
    if not found:
        return DayCheck(name, True, otherwise)
    named = ", ".join(found[:_NAMED]) + ("…" if len(found) > _NAMED else "")
    return DayCheck(name, False, f"{len(found):,} {what}: {named}")


def _feed(context: Context) -> DayCheck:
    age_s = (context.ts - context.feed_ts) // 1_000_000_000
    alive = context.ts - context.feed_ts <= FEED_TIMEOUT_NS
    return DayCheck("Market data", alive, "alive" if alive else f"silent for {age_s:,} s")


Checks = Callable[[DeskState, str, Context], tuple[DayCheck, ...]]
