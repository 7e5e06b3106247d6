"""Entering, amending and cancelling orders, and acknowledging the alerts about them."""

from __future__ import annotations

from app.compliance.rulebook import breaches
from app.core.context import Context
from app.core.decide.amend import as_asked, changed_meanwhile, pending_words, terms_objection
from app.core.decide.care import cancel_at_desk, pause_run
from app.core.decide.entry import REASON_MAX, Entry, may_pass
from app.core.decide.groups import raise_objection
from app.core.decide.registry import decides, may_handle, raise_alert, refuse
from app.core.desk_state import DeskState
from app.core.judgement import Judgement, judge
from models.alerts import AlertState, Severity
from models.commands import AcknowledgeAlert, AmendOrder, CancelOrder, Command, SubmitOrder
from models.events import (
    AlertAcknowledged,
    AmendRequested,
    AnyEvent,
    CancelRequested,
    OrderAmended,
    RequestDenied,
)
from models.limits import Check, Outcome
from models.order_state import PENDING, OrderStatus, Trigger, is_legal
from models.orders import DESK, Order, client_order_id


@decides(SubmitOrder)
def submit_order(state: DeskState, command: SubmitOrder, context: Context) -> list[AnyEvent]:
    """Accept and route, keep at the desk, or deny; what was used is written into the events."""
    terms, reason = command.terms, command.reason
    parent = state.orders.get(command.parent_id)
    entry = Entry(state, context, command.id, command.author)
    if command.parent_id and (parent is None or not may_handle(state, command.author, parent)):
        whose = f"{parent.trader or 'nobody'}'s" if parent is not None else "not known"
        text = f"{command.parent_id} is {whose}; {command.author} can't send a slice of it."
        entry.deny(command.desk, command.author, terms, Judgement(), text=text)
        return entry.events
    if command.unclaimed and terms.venue != DESK:
        text = "Only an order that the desk works waits to be claimed. Choose the venue DESK."
        entry.deny(command.desk, command.author, terms, Judgement(), text=text)
        return entry.events
    judgement = judge(state, command.author, command.desk, terms, context, parent=parent)
    trader = "" if command.unclaimed else command.author
    if command.staged and not judgement.errors:
        entry.stage(command.desk, trader, terms, judgement, parent_id=command.parent_id)
    elif may_pass(judgement, reason):
        entry.accept(command.desk, trader, terms, judgement, reason, parent_id=command.parent_id)
    else:
        entry.deny(
            command.desk, command.author, terms, judgement, reason, parent_id=command.parent_id
        )
    return entry.events


@decides(AmendOrder)
def amend_order(state: DeskState, command: AmendOrder, context: Context) -> list[AnyEvent]:
    """Ask the venue to replace the terms, after the same checks that a new order passes."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = amend_objection(
        state, command.author, order, command.version, command.replacement.qty
    )
    objection = objection or terms_objection(order, command.replacement)
    replacement = as_asked(order, command.replacement)
    if not objection and replacement == order.replacement:
        objection = f"The amendment changes nothing of {order.order_id}."
    if objection:
        return [_denied(command, context, order, "amend", objection)]
    terms = order.terms(replacement)
    judgement = judge(state, command.author, order.desk, terms, context, amends=order)
    alerts = _alerts(
        state, command, context, judgement, state.next_number(), order.desk, order.order_id
    )
    if not may_pass(judgement, command.reason):
        text = judgement.text
        return [_denied(command, context, order, "amend", text, judgement.checks), *alerts]
    requested = AmendRequested(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
        cl_ord_id=client_order_id(order.order_id, order.version + 1) if order.is_routed else "",
        replacement=replacement,
        checks=judgement.checks,
        reason=command.reason[:REASON_MAX],
    )
    if order.is_routed:
        return [requested, *alerts]
    amended = OrderAmended(
        ts=context.ts, desk=order.desk, order_id=order.order_id, replacement=replacement
    )
    return [requested, amended, *alerts]  # at the desk nobody else has to answer


def amend_objection(
    state: DeskState, login: str, order: Order, version: int, new_qty: int = 0
) -> str:
    """Return why `login` can't amend `order` as it was at `version`; empty when they can.

    One that is filled can be asked for more (FIX 4.4 App. D, C.1.c), if `new_qty` is more.
    """
    if not may_handle(state, login, order):
        return f"Order {order.order_id} is {order.trader}'s. Ask them or the desk head."
    if order.status in PENDING:
        return f"Order {order.order_id} has {pending_words(state, order)}. Wait for its answer."
    if order.version != version:
        return changed_meanwhile(state, order, version)
    reopens = order.status is OrderStatus.FILLED and order.ended is None and new_qty > order.qty
    is_open = order.is_open or (reopens and order.is_routed)
    if not is_open or not is_legal(order.status, Trigger.REQUEST_REPLACE):
        return f"Order {order.order_id} is {_words(order.status)}; it can't be amended any more."
    return raise_objection(state, order, new_qty)


@decides(CancelOrder)
def cancel_order(state: DeskState, command: CancelOrder, context: Context) -> list[AnyEvent]:
    """Ask the venue to take the order out. No limit stands in the way of a cancel."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = cancel_objection(state, command.author, order)
    if objection:
        return [_denied(command, context, order, "cancel", objection)]
    if not order.is_routed:
        return cancel_at_desk(state, order, command.id, command.author, context)
    requested = CancelRequested(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
    )
    by_hand = f"{command.author} canceled its slice {order.order_id}."
    return [requested, *pause_run(state, order.parent_id, command.author, by_hand, context)]


def cancel_objection(state: DeskState, login: str, order: Order) -> str:
    """Return why `login` can't cancel `order`; empty when they can."""
    if not may_handle(state, login, order):
        return f"Order {order.order_id} is {order.trader}'s. Ask them or the desk head."
    if order.status is OrderStatus.PENDING_CANCEL:
        return f"Order {order.order_id} has a cancel pending already."
    staged = order.status is OrderStatus.STAGED
    works = order.may_work_on and is_legal(order.status, Trigger.REQUEST_CANCEL)
    if not staged and not works:
        return f"Order {order.order_id} is {_words(order.status)}; nothing is left to cancel."
    return ""


@decides(AcknowledgeAlert)
def acknowledge_alert(
    state: DeskState, command: AcknowledgeAlert, context: Context
) -> list[AnyEvent]:
    """Note who has seen an alert; a second time changes nothing."""
    alert = state.alerts.get(command.alert_id)
    if alert is None:
        return refuse(command, context, f"Alert {command.alert_id} is not known.")
    person = state.traders.get(command.author)
    if person is None or (alert.desk and person.desk != alert.desk):
        return refuse(command, context, f"{command.author} is not of the desk {alert.desk}.")
    if alert.state is AlertState.ACKNOWLEDGED:
        return []
    seen = AlertAcknowledged(
        ts=context.ts, desk=alert.desk, alert_id=alert.alert_id, author=command.author
    )
    return [seen]


def _alerts(
    state: DeskState,
    command: AmendOrder,
    context: Context,
    judgement: Judgement,
    number: int,
    desk: str,
    order_id: str,
) -> list[AnyEvent]:
    return [
        raise_alert(
            state,
            context,
            number + at,
            desk=desk,
            severity=Severity.BLOCK if check.outcome is Outcome.HARD else Severity.WARNING,
            rule=check.rule,
            text=check.text,
            trader=command.author,
            order_id=order_id,
            note=command.reason[:REASON_MAX],
        )
        for at, check in enumerate(breaches(judgement.checks))
    ]


def _denied(
    command: Command,
    context: Context,
    order: Order,
    request: str,
    text: str,
    checks: tuple[Check, ...] = (),
) -> RequestDenied:
    return RequestDenied(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
        request=request,
        text=text,
        checks=checks,
    )


def _words(status: OrderStatus) -> str:
    return status.value.replace("_", " ")
