"""Executions that people report or put right: by telephone, and by authority."""

from __future__ import annotations

import msgspec

from app.core.context import Context
from app.core.decide.care import denied
from app.core.decide.entry import REASON_MAX
from app.core.decide.registry import decides, may_handle, raise_alert, refuse
from app.core.desk_state import DeskState
from app.core.judgement import sense_objection
from models.alerts import Severity
from models.commands import BustExecution, CorrectExecution, RecordExecution
from models.events import (
    AnyEvent,
    ExecutionBusted,
    ExecutionCorrected,
    OrderCanceled,
    OrderFilled,
)
from models.executions import Execution
from models.order_state import OrderStatus, Trigger, is_legal
from models.orders import Order
from models.parties import Role

MANUAL = "MANUAL"
_AUTHORITY = (Role.DESK_HEAD, Role.COMPLIANCE, Role.OPS)
_LATE_NS = 7 * 24 * 3_600_000_000_000


@decides(RecordExecution)
def record_execution(
    state: DeskState, command: RecordExecution, context: Context
) -> list[AnyEvent]:
    """Book what was dealt by telephone on a care order, as far as it has room."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = record_objection(state, order, command, context)
    if objection:
        return denied(command, context, order, "execution", objection)
    execution = Execution(
        exec_id=f"M-{command.id}",
        order_id=order.order_id,
        desk=order.desk,
        symbol=order.symbol,
        side=order.side,
        account=order.account,
        qty=command.qty,
        px=command.px,
        ts=command.traded_ts or context.ts,
        venue=MANUAL,
        author=command.author,
        counterparty=command.counterparty,
    )
    booked = OrderFilled(
        ts=context.ts, desk=order.desk, order_id=order.order_id, execution=execution
    )
    if not _is_beyond(order, command.px):
        return [booked]
    show = state.instruments[order.symbol].show_price
    text = (
        f"{command.author} booked {command.qty:,} of {order.order_id} at {show(command.px)}, "
        f"beyond its limit {show(order.limit_px or 0)}. Ask whether the client takes it."
    )
    return [booked, _told(state, order, "LIMIT", text, context)]


def _is_beyond(order: Order, price: int) -> bool:
    """Whether `price` is worse than the order's limit."""
    return order.limit_px is not None and (price - order.limit_px) * order.side.sign > 0


def record_objection(
    state: DeskState, order: Order, command: RecordExecution, context: Context
) -> str:
    """Return why the execution can't be booked on `order`; empty when it can."""
    if not may_handle(state, command.author, order):
        return f"Order {order.order_id} is {order.trader or 'nobody'}'s. Ask them or the desk head."
    if not order.is_care or not order.is_live:
        return f"{order.order_id} is no open care order; a venue reports on its own orders."
    instrument = state.instruments[order.symbol]
    if not 0 < command.qty <= order.room:
        return (
            f"{command.qty:,} can't be booked on {order.order_id}: {order.room:,} of {order.qty:,} "
            "are neither done nor out in children. Correct the quantity."
        )
    if command.px <= 0:
        return f"Price {instrument.show_price(command.px)} is not above 0. Enter what was dealt at."
    reference = context.reference_px(order.symbol)
    senseless = sense_objection(instrument, reference, "Price", command.px)
    if senseless:
        return senseless
    if not command.counterparty.strip():
        return "Say who it was dealt with: the broker's name or code."
    if not -_LATE_NS < command.traded_ts - context.ts <= 0 and command.traded_ts:
        return "The time of the deal is in the future, or more than 7 days ago. Correct it."
    return ""


@decides(BustExecution)
def bust_execution(state: DeskState, command: BustExecution, context: Context) -> list[AnyEvent]:
    """Take an execution out of its order and position, and let everybody know."""
    execution = state.executions.get(command.exec_id)
    objection = bust_objection(state, command.author, command.exec_id, command.note)
    if objection or execution is None:
        return refuse(command, context, objection)
    order = state.orders[execution.order_id]
    busted = ExecutionBusted(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        exec_ref=command.exec_id,
        exec_id=f"B-{command.id}",
        text=command.note[:REASON_MAX],
        author=command.author,
    )
    words = f"{command.author} busted {execution.qty:,} {execution.symbol} of {order.order_id}"
    told = _told(state, order, "BUST", f"{words}: {command.note[:REASON_MAX]}.", context)
    return [busted, *_stays_ended(order, context), told]


@decides(CorrectExecution)
def correct_execution(
    state: DeskState, command: CorrectExecution, context: Context
) -> list[AnyEvent]:
    """Put an execution's quantity and price right, within what its order can hold."""
    execution = state.executions.get(command.exec_id)
    objection = correct_objection(
        state, command.author, command.exec_id, command.qty, command.px, command.note, context
    )
    if objection or execution is None:
        return refuse(command, context, objection)
    order = state.orders[execution.order_id]
    show = state.instruments[order.symbol].show_price
    new = msgspec.structs.replace(
        execution, exec_id=f"C-{command.id}", qty=command.qty, px=command.px
    )
    corrected = ExecutionCorrected(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        exec_ref=command.exec_id,
        execution=new,
        text=command.note[:REASON_MAX],
        author=command.author,
    )
    words = (
        f"{command.author} corrected a fill of {order.order_id} from {execution.qty:,} at "
        f"{show(execution.px)} to {new.qty:,} at {show(new.px)}"
    )
    note = command.note[:REASON_MAX]
    ended = _stays_ended(order, context) if new.qty < execution.qty else []
    return [corrected, *ended, _told(state, order, "CORRECT", f"{words}: {note}.", context)]


def authority_objection(state: DeskState, login: str, exec_id: str, note: str) -> str:
    """Return why `login` can't bust or correct an execution; empty when they can."""
    execution, person = state.executions.get(exec_id), state.traders.get(login)
    if execution is None:
        return f"Execution {exec_id} is not known, or was corrected or busted since."
    of_desk = person is not None and (
        person.desk == execution.desk or person.role is not Role.DESK_HEAD
    )
    if person is None or person.role not in _AUTHORITY or not of_desk:
        return f"{login} may not change executions. Ask the desk head, operations or compliance."
    order = state.orders.get(execution.order_id)
    if login in (execution.author, order.trader if order is not None else ""):
        return f"{exec_id} is {login}'s own. Ask somebody else with authority to change it."
    if not note.strip():
        return "Say why the execution is changed: who agreed to it, and when."
    return ""


def bust_objection(state: DeskState, login: str, exec_id: str, note: str) -> str:
    """Return why `login` can't bust an execution; empty when they can."""
    objection = authority_objection(state, login, exec_id, note)
    if objection:
        return objection
    order = state.orders[state.executions[exec_id].order_id]
    return "" if is_legal(order.status, Trigger.BUST) else _illegal(order)


def correct_objection(
    state: DeskState, login: str, exec_id: str, qty: int, px: int, note: str, context: Context
) -> str:
    """Return why `login` can't correct an execution to these figures; empty when they can."""
    objection = authority_objection(state, login, exec_id, note)
    if objection:
        return objection
    execution = state.executions[exec_id]
    order = state.orders[execution.order_id]
    if not is_legal(order.status, Trigger.CORRECT):
        return _illegal(order)
    room = (order.room if order.is_care else order.qty - order.cum_qty) + execution.qty
    instrument = state.instruments[order.symbol]
    if 0 < qty <= room and px > 0:
        return sense_objection(instrument, context.reference_px(order.symbol), "Price", px)
    show = instrument.show_price
    return (
        f"{qty:,} at {show(px)} can't be: {order.order_id} can hold up to {room:,}, at a price "
        "above 0. Correct the figures."
    )


def _stays_ended(order: Order, context: Context) -> list[AnyEvent]:
    """A venue has let go of what it filled: what the desk takes out does not work there again.

    One that the venue or the day had ended before goes back to that by itself.
    """
    if order.status is not OrderStatus.FILLED or not order.is_routed or order.ended is not None:
        return []
    text = "What was taken out does not work again; enter it anew if it is wanted."
    return [OrderCanceled(ts=context.ts, desk=order.desk, order_id=order.order_id, text=text)]


def _illegal(order: Order) -> str:
    status = order.status.replace("_", " ")
    return f"{order.order_id} is {status}; its executions can't be changed now."


def _told(state: DeskState, order: Order, rule: str, text: str, context: Context) -> AnyEvent:
    return raise_alert(
        state,
        context,
        state.next_number(),
        desk=order.desk,
        severity=Severity.WARNING,
        rule=rule,
        text=text,
        trader=order.trader,
        order_id=order.order_id,
    )
