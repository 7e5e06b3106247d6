"""Staged orders: sending what the desk has kept."""

from __future__ import annotations

from app.core.context import Context
from app.core.decide.care import denied
from app.core.decide.entry import Entry, may_pass
from app.core.decide.groups import waits_objection
from app.core.decide.registry import decides, may_handle, refuse
from app.core.desk_state import DeskState
from app.core.judgement import judge
from models.commands import ReleaseOrder
from models.events import AnyEvent
from models.order_state import OrderStatus
from models.orders import Order


@decides(ReleaseOrder)
def release_order(state: DeskState, command: ReleaseOrder, context: Context) -> list[AnyEvent]:
    """Judge a staged order by what is so now, and send it; one that may not be sent stays."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = release_objection(state, command.author, order, command.version)
    if objection:
        return denied(command, context, order, "release", objection)
    return released(state, order, command.id, command.author, command.reason, context)


def release_objection(state: DeskState, login: str, order: Order, version: int) -> str:
    """Return why `login` can't release `order` as it was at `version`; empty when they can."""
    if not may_handle(state, login, order):
        return f"Order {order.order_id} is {order.trader or 'nobody'}'s. Ask them or the desk head."
    if order.status is not OrderStatus.STAGED:
        return f"Order {order.order_id} is {order.status.replace('_', ' ')}, not staged."
    if order.version != version:
        return (
            f"Order {order.order_id} was changed meanwhile (version {order.version}, you saw "
            f"{version}). Look at its new terms and release it again."
        )
    return waits_objection(state, order)


def released(
    state: DeskState, order: Order, command_id: str, author: str, reason: str, context: Context
) -> list[AnyEvent]:
    """Return what becomes of sending `order`, which is staged."""
    parent = state.orders.get(order.parent_id)
    terms = order.terms()
    judgement = judge(state, author, order.desk, terms, context, amends=order, parent=parent)
    entry = Entry(state, context, command_id, author)
    if may_pass(judgement, reason):
        entry.release(order, author, judgement, reason)
        return entry.events
    entry.alert(order.desk, author, order.order_id, judgement.checks, reason)
    command = ReleaseOrder(
        id=command_id, author=author, desk=order.desk, order_id=order.order_id, version=0
    )
    return [*denied(command, context, order, "release", judgement.text), *entry.events]
