"""Entering, amending and cancelling orders, and acknowledging the alerts about them."""

from __future__ import annotations

from app.compliance.rulebook import breaches
from app.core.context import Context
from app.core.decide.amend import as_asked, changed_meanwhile, pending_words, terms_objection
from app.core.decide.registry import decides, may_handle, raise_alert, refuse, short_id
from app.core.desk_state import DeskState
from app.core.judgement import Judgement, judge
from models.alerts import AlertState, Severity
from models.commands import AcknowledgeAlert, AmendOrder, CancelOrder, Command, SubmitOrder
from models.events import (
    AlertAcknowledged,
    AmendRequested,
    AnyEvent,
    CancelRequested,
    OrderAccepted,
    OrderDenied,
    OrderRouted,
    RequestDenied,
)
from models.limits import Check, Outcome
from models.order_state import PENDING, OrderStatus, Trigger, is_legal
from models.orders import Order, client_order_id

REASON_MAX = 500


@decides(SubmitOrder)
def submit_order(state: DeskState, command: SubmitOrder, context: Context) -> list[AnyEvent]:
    """Accept and route, or deny; what the decision used is written into its events."""
    number = state.next_number()
    order_id = short_id(state, "O", number)
    judgement = judge(state, command.author, command.desk, command.terms, context)
    quote = context.quote(command.terms.symbol)
    arrival_px = quote.mid if quote is not None else 0
    alerts = _alerts(state, command, context, judgement, number + 1, command.desk, order_id)
    if not _may_pass(judgement, command.reason):
        denied = OrderDenied(
            ts=context.ts,
            desk=command.desk,
            order_id=order_id,
            command_id=command.id,
            trader=command.author,
            terms=command.terms,
            text=judgement.text,
            checks=judgement.checks,
            arrival_px=arrival_px,
        )
        return [denied, *alerts]
    accepted = OrderAccepted(
        ts=context.ts,
        desk=command.desk,
        order_id=order_id,
        command_id=command.id,
        trader=command.author,
        terms=command.terms,
        checks=judgement.checks,
        arrival_px=arrival_px,
        reason=command.reason[:REASON_MAX],
    )
    routed = OrderRouted(
        ts=context.ts,
        desk=command.desk,
        order_id=order_id,
        venue=command.terms.venue,
        cl_ord_id=client_order_id(order_id, 1),
    )
    return [accepted, routed, *alerts]


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
    if not _may_pass(judgement, command.reason):
        text = judgement.text
        return [_denied(command, context, order, "amend", text, judgement.checks), *alerts]
    requested = AmendRequested(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
        cl_ord_id=client_order_id(order.order_id, order.version + 1),
        replacement=replacement,
        checks=judgement.checks,
        reason=command.reason[:REASON_MAX],
    )
    return [requested, *alerts]


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
    is_open = order.is_live or reopens
    if not is_open or not is_legal(order.status, Trigger.REQUEST_REPLACE):
        return f"Order {order.order_id} is {_words(order.status)}; it can't be amended any more."
    return ""


@decides(CancelOrder)
def cancel_order(state: DeskState, command: CancelOrder, context: Context) -> list[AnyEvent]:
    """Ask the venue to take the order out. No limit stands in the way of a cancel."""
    order = state.orders.get(command.order_id)
    if order is None:
        return refuse(command, context, f"Order {command.order_id} is not known. Look it up again.")
    objection = cancel_objection(state, command.author, order)
    if objection:
        return [_denied(command, context, order, "cancel", objection)]
    requested = CancelRequested(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
    )
    return [requested]


def cancel_objection(state: DeskState, login: str, order: Order) -> str:
    """Return why `login` can't cancel `order`; empty when they can."""
    if not may_handle(state, login, order):
        return f"Order {order.order_id} is {order.trader}'s. Ask them or the desk head."
    if order.status is OrderStatus.PENDING_CANCEL:
        return f"Order {order.order_id} has a cancel pending already."
    if not order.may_work_on or not is_legal(order.status, Trigger.REQUEST_CANCEL):
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


def _may_pass(judgement: Judgement, reason: str) -> bool:
    outcome = judgement.outcome
    if outcome is Outcome.SOFT:
        return bool(reason.strip())
    return outcome is Outcome.PASS


def _alerts(
    state: DeskState,
    command: SubmitOrder | AmendOrder,
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
