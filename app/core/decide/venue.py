"""What a venue says of an order: held against the state table, deduplicated, never dropped."""

from __future__ import annotations

from collections.abc import Callable

from app.core.context import Context
from app.core.decide.registry import decides, raise_alert
from app.core.desk_state import DeskState
from models.alerts import Severity
from models.commands import VenueReport
from models.events import (
    AmendRejected,
    AnyEvent,
    CancelRejected,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAcknowledged,
    OrderAmended,
    OrderCanceled,
    OrderDoneForDay,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRestated,
    OrderResumed,
    OrderSuspended,
    OrderTriggered,
    ReportRefused,
)
from models.executions import Execution
from models.order_state import OrderStatus, Trigger, is_legal
from models.orders import Order, Replacement, order_id_of

S, T = OrderStatus, Trigger

# Reports that only say again what is known: a venue that is asked twice answers twice.
_SAID_BEFORE: dict[Trigger, frozenset[OrderStatus]] = {
    T.ACKNOWLEDGE: frozenset(set(S) - {S.PENDING_NEW, S.PENDING_CANCEL, S.DENIED}),
    T.REJECT: frozenset({S.REJECTED}),
    T.CANCEL: frozenset({S.CANCELED, S.EXPIRED}),
    T.EXPIRE: frozenset({S.EXPIRED, S.CANCELED}),
    T.REJECT_CANCEL: frozenset(set(S) - {S.PENDING_CANCEL}),
    T.REJECT_REPLACE: frozenset(set(S) - {S.PENDING_REPLACE, S.PENDING_CANCEL}),
}


@decides(VenueReport)
def venue_report(state: DeskState, report: VenueReport, context: Context) -> list[AnyEvent]:
    """Return the event that the report means for its order."""
    order = state.orders.get(order_id_of(report.cl_ord_id))
    if order is None:
        why = f"{report.author} reports on {report.cl_ord_id}, which this desk does not know."
        return _refused(state, report, context, None, why)
    if report.trigger in (T.PARTIAL_FILL, T.FILL):
        return _trade(state, report, context, order)
    if report.trigger in (T.CORRECT, T.BUST):
        return _correction(state, report, context, order)
    if report.trigger is T.ACTIVATE and order.triggered:
        return []
    if report.trigger is T.REPLACE:
        return _replaced(state, report, context, order)
    if order.status in _SAID_BEFORE.get(report.trigger, ()):
        return []
    builder = _SIMPLE.get(report.trigger)
    if builder is None or not is_legal(order.status, report.trigger):
        return _illegal(state, report, context, order)
    return [builder(report, context, order)]


def _trade(state: DeskState, report: VenueReport, context: Context, order: Order) -> list[AnyEvent]:
    if report.exec_id in state.executions:
        return []
    room = order.qty - order.cum_qty
    if report.last_qty <= 0 or report.last_px <= 0 or report.last_qty > room:
        why = (
            f"{report.author} reports {report.last_qty:,} traded on {order.order_id}, of which "
            f"{room:,} can still trade. Call the venue."
        )
        return _refused(state, report, context, order, why)
    trigger = T.FILL if report.last_qty == room else T.PARTIAL_FILL
    if not is_legal(order.status, trigger):
        return _illegal(state, report, context, order)
    filled = OrderFilled(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        execution=_execution(report, order, context),
    )
    if order.status in (S.CANCELED, S.EXPIRED):
        late = f"{order.order_id} traded {report.last_qty:,} after it was {order.status.value}."
        return [filled, _fault(state, context, order.desk, order.order_id, "LATE_TRADE", late)]
    return [filled]


def _execution(report: VenueReport, order: Order, context: Context) -> Execution:
    return Execution(
        exec_id=report.exec_id,
        order_id=order.order_id,
        desk=order.desk,
        symbol=order.symbol,
        side=order.side,
        account=order.account,
        qty=report.last_qty,
        px=report.last_px,
        ts=report.ts or context.ts,
        venue=report.author,
    )


def _correction(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    if report.exec_id in state.executions:
        return []
    earlier = state.executions.get(report.exec_ref)
    busts = report.trigger is T.BUST
    if earlier is None and busts:
        return []  # busted already: the execution is gone
    room = order.qty - order.cum_qty + (earlier.qty if earlier else 0)
    known = earlier is not None and is_legal(order.status, report.trigger)
    if not known or not (busts or 0 < report.last_qty <= room):
        return _illegal(state, report, context, order)
    if busts:
        return [
            ExecutionBusted(
                ts=context.ts,
                desk=order.desk,
                order_id=order.order_id,
                exec_ref=report.exec_ref,
                text=report.text,
            )
        ]
    return [
        ExecutionCorrected(
            ts=context.ts,
            desk=order.desk,
            order_id=order.order_id,
            exec_ref=report.exec_ref,
            execution=_execution(report, order, context),
        )
    ]


def _replaced(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    """A replace applies the pending terms; a quantity below what was filled becomes that."""
    if order.pending is None:
        said_before = report.cl_ord_id == order.cl_ord_id
        return [] if said_before else _illegal(state, report, context, order)
    new = Replacement(
        qty=max(order.pending.qty, order.cum_qty),
        limit_px=order.pending.limit_px,
        stop_px=order.pending.stop_px,
    )
    trigger = T.REPLACE_TO_FILLED if new.qty == order.cum_qty else T.REPLACE
    if not is_legal(order.status, trigger):
        return _illegal(state, report, context, order)
    return [OrderAmended(ts=context.ts, desk=order.desk, order_id=order.order_id, replacement=new)]


def _plain(event_type: type) -> Callable[[VenueReport, Context, Order], AnyEvent]:
    def build(report: VenueReport, context: Context, order: Order) -> AnyEvent:
        return event_type(ts=context.ts, desk=order.desk, order_id=order.order_id)  # type: ignore[no-any-return]

    return build


def _texted(event_type: type) -> Callable[[VenueReport, Context, Order], AnyEvent]:
    def build(report: VenueReport, context: Context, order: Order) -> AnyEvent:
        return event_type(  # type: ignore[no-any-return]
            ts=context.ts, desk=order.desk, order_id=order.order_id, text=report.text
        )

    return build


_SIMPLE: dict[Trigger, Callable[[VenueReport, Context, Order], AnyEvent]] = {
    T.ACKNOWLEDGE: _plain(OrderAcknowledged),
    T.REJECT: _texted(OrderRejected),
    T.CANCEL: _texted(OrderCanceled),
    T.REJECT_CANCEL: _texted(CancelRejected),
    T.REJECT_REPLACE: _texted(AmendRejected),
    T.EXPIRE: _texted(OrderExpired),
    T.ACTIVATE: _plain(OrderTriggered),
    T.SUSPEND: _texted(OrderSuspended),
    T.RESUME: _plain(OrderResumed),
    T.END_DAY: _plain(OrderDoneForDay),
    T.RESTATE: _texted(OrderRestated),
}


def _illegal(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    why = (
        f"{report.author} reports {report.trigger.replace('_', ' ')} on {order.order_id}, which "
        f"is {order.status.replace('_', ' ')}. It was kept and not applied; call the venue."
    )
    return _refused(state, report, context, order, why)


def _refused(
    state: DeskState, report: VenueReport, context: Context, order: Order | None, why: str
) -> list[AnyEvent]:
    desk, order_id = (order.desk, order.order_id) if order is not None else ("", "")
    kept = ReportRefused(ts=context.ts, desk=desk, order_id=order_id, report=report, text=why)
    return [kept, _fault(state, context, desk, order_id, "ILLEGAL_REPORT", why)]


def _fault(
    state: DeskState, context: Context, desk: str, order_id: str, rule: str, text: str
) -> AnyEvent:
    return raise_alert(
        state,
        context,
        state.next_number(),
        desk=desk,
        severity=Severity.FAULT,
        rule=rule,
        text=text,
        order_id=order_id,
    )
