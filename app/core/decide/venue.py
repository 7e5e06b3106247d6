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
from models.order_state import PENDING, TERMINAL, OrderStatus, Trigger, is_legal
from models.orders import Order, Replacement, client_order_id, order_id_of

S, T = OrderStatus, Trigger
_TRADES = (T.PARTIAL_FILL, T.FILL, T.CORRECT, T.BUST)

# Reports that only say again what is known: a venue that is asked twice answers twice.
_SAID_BEFORE: dict[Trigger, frozenset[OrderStatus]] = {
    T.ACKNOWLEDGE: frozenset(set(S) - {S.PENDING_NEW, S.PENDING_CANCEL, S.DENIED}),
    T.CANCEL: frozenset({S.CANCELED, S.EXPIRED}),
    T.EXPIRE: frozenset({S.EXPIRED, S.CANCELED}),
    T.REJECT_CANCEL: frozenset(set(S) - {S.PENDING_CANCEL}),
    # "Pending" from a venue only says that it has our request, which was pending when we asked.
    T.REQUEST_CANCEL: frozenset({S.PENDING_CANCEL, *TERMINAL} - {S.DENIED}),
    T.REQUEST_REPLACE: frozenset({*PENDING, *TERMINAL} - {S.DENIED}),
}


@decides(VenueReport)
def venue_report(state: DeskState, report: VenueReport, context: Context) -> list[AnyEvent]:
    """Return the event that the report means for its order."""
    order = state.orders.get(order_id_of(report.cl_ord_id))
    if order is None:
        if order_id_of(report.cl_ord_id) in state.dropped and report.trigger not in _TRADES:
            return []  # it ended yesterday, and nothing but a trade can change that
        why = f"{report.author} reports on {report.cl_ord_id}, which this desk does not know."
        return _refused(state, report, context, None, why)
    if report.author != order.venue:
        why = f"{report.author} reports on {order.order_id}, which is {order.venue}'s to report on."
        return _refused(state, report, context, order, why)
    special = _SPECIAL.get(report.trigger)
    if special is not None:
        return special(state, report, context, order)
    if order.status in _SAID_BEFORE.get(report.trigger, ()):
        return []
    builder = _SIMPLE.get(report.trigger)
    if builder is None or not is_legal(order.status, report.trigger):
        return _illegal(state, report, context, order)
    return [builder(report, context, order)]


def _rejected(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    """A venue may accept and then reject, but not what has traded."""
    if order.status is S.REJECTED:
        return []
    if order.cum_qty or not is_legal(order.status, T.REJECT):
        return _illegal(state, report, context, order)
    return [_SIMPLE[T.REJECT](report, context, order)]


def _triggered(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    waited = order.order_type.has_stop or order.order_type.trails
    if order.triggered or (order.is_terminal and waited):
        return []  # known, or overtaken by what the stop did next
    if not is_legal(order.status, T.ACTIVATE):
        return _illegal(state, report, context, order)
    return [_SIMPLE[T.ACTIVATE](report, context, order)]


def _trade(state: DeskState, report: VenueReport, context: Context, order: Order) -> list[AnyEvent]:
    known = state.executions.get(report.exec_id)
    if known is not None and known.order_id == order.order_id:
        return []
    if state.superseded.get(report.exec_id, ("",))[0] == order.order_id:
        return []  # corrected or busted since
    if not report.exec_id or known is not None:
        return _illegal(state, report, context, order)
    events: list[AnyEvent] = []
    room = order.qty - order.cum_qty
    if order.pending is not None and room < report.last_qty <= order.pending.qty - order.cum_qty:
        # The fill has overtaken the answer to the replace that made room for it.
        events += _replace_now(order, order.pending, context)
        room = order.pending.qty - order.cum_qty
    if room < report.last_qty <= _room_before_replace(report, order):
        events.append(_as_done(report, order, context))
        room = report.last_qty
    if not (0 < report.last_qty <= room and report.last_px > 0):
        why = (
            f"{report.author} reports {report.last_qty:,} traded on {order.order_id}, of which "
            f"{room:,} can still trade. Call the venue."
        )
        return _refused(state, report, context, order, why)
    fills = T.FILL if report.last_qty == room else T.PARTIAL_FILL
    reopened = order.status is S.FILLED and bool(events)
    if not reopened and not is_legal(order.status, fills):
        return _illegal(state, report, context, order)
    events.append(
        OrderFilled(
            ts=context.ts,
            desk=order.desk,
            order_id=order.order_id,
            execution=_execution(report, order, context),
        )
    )
    if order.status in (S.CANCELED, S.EXPIRED):
        late = f"{order.order_id} traded {report.last_qty:,} after it was {order.status.value}."
        events.append(_fault(state, context, order.desk, order.order_id, "LATE_TRADE", late))
    return events


def _room_before_replace(report: VenueReport, order: Order) -> int:
    """How much could still trade under the terms before these, when the report speaks of those.

    The word of a replace that lowers the quantity may overtake a fill that came before it.
    """
    was = order.amended_from
    if was is None or _version(report.cl_ord_id) >= _version(order.cl_ord_id):
        return 0
    return was.qty - order.cum_qty if is_legal(order.status, T.RESTATE) else 0


def _as_done(report: VenueReport, order: Order, context: Context) -> AnyEvent:
    """A quantity below what was filled becomes that, also when we hear of the fill last."""
    return OrderRestated(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        text="What was done before the replace is more than it left.",
        qty=order.cum_qty + report.last_qty,
        venue_ts=order.restated_ts,
    )


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
    """A correction or a bust changes an execution of this very order, once."""
    busts = report.trigger is T.BUST
    if state.superseded.get(report.exec_ref) == (order.order_id, report.exec_id):
        return []
    earlier = state.executions.get(report.exec_ref)
    is_new = bool(report.exec_id) and report.exec_id not in state.executions
    if earlier is None or earlier.order_id != order.order_id or not is_new:
        return _illegal(state, report, context, order)
    room = order.qty - order.cum_qty + earlier.qty
    fits = 0 < report.last_qty <= room and report.last_px > 0
    if not is_legal(order.status, report.trigger) or not (busts or fits):
        return _illegal(state, report, context, order)
    if busts:
        return [
            ExecutionBusted(
                ts=context.ts,
                desk=order.desk,
                order_id=order.order_id,
                exec_ref=report.exec_ref,
                exec_id=report.exec_id,
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


def _answers_pending(report: VenueReport, order: Order) -> bool:
    """Whether the report speaks of the very replace that waits for an answer."""
    latest = client_order_id(order.order_id, order.version)
    return order.pending is not None and report.cl_ord_id == latest


def _speaks_of_the_past(report: VenueReport, order: Order) -> bool:
    """Whether the report confirms again a replace that the order's terms have had since."""
    version, now = report.cl_ord_id.rpartition("/")[2], order.cl_ord_id.rpartition("/")[2]
    return version.isdecimal() and 1 < int(version) <= int(now)


def _version(cl_ord_id: str) -> int:
    """Return which version of an order's terms it names, 0 for none."""
    version = cl_ord_id.rpartition("/")[2]
    return int(version) if version.isdecimal() else 0


def _restated(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    """A venue may change the quantity, to more than was filled, and price a market-to-limit."""
    if _restates_the_past(report, order):
        return []
    if not is_legal(order.status, T.RESTATE):
        return _illegal(state, report, context, order)
    raised = report.order_qty > order.qty
    wrong = _restated_wrongly(report, order)
    if wrong:
        return _refused(state, report, context, order, wrong)
    restated = OrderRestated(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        text=report.text,
        qty=report.order_qty,
        limit_px=report.limit_px,
        stop_px=report.stop_px,
        venue_ts=report.ts,
    )
    if not raised:
        return [restated]
    told = (
        f"{report.author} raised {order.order_id} from {order.qty:,} to {report.order_qty:,} "
        "without being asked to. Call the venue, or lower it again."
    )
    return [restated, _fault(state, context, order.desk, order.order_id, "RAISED_BY_VENUE", told)]


def _restates_the_past(report: VenueReport, order: Order) -> bool:
    """Whether more has happened since what the report says, or it says what is so already."""
    changes = report.order_qty or report.limit_px or report.stop_px
    if not changes:
        return False
    if order.is_terminal or report.order_qty == order.qty:
        return True
    is_of_old_terms = _version(report.cl_ord_id) < _version(order.cl_ord_id)
    if not report.order_qty:
        # The venue moves a trailing stop whatever version it is; other prices go with the terms.
        is_overtaken = 0 < report.ts < order.priced_ts
        return is_overtaken or (is_of_old_terms and not order.order_type.trails)
    if is_of_old_terms:
        return True
    if report.order_qty > order.qty:
        return not report.ts > order.restated_ts  # an echo from before it was lowered
    return 0 < report.ts < order.restated_ts


def _restated_wrongly(report: VenueReport, order: Order) -> str:
    """Why a restatement can't be so; empty when it can.

    One that changes what is done, as a stock split does, is for people: our executions would have
    to be split with it.
    """
    if report.cum_qty is not None and report.cum_qty != order.cum_qty:
        return (
            f"{report.author} restates {order.order_id} with {report.cum_qty:,} done; we have "
            f"{order.cum_qty:,}. It was kept and not applied; call the venue, then cancel and "
            "enter what is left anew."
        )
    if report.order_qty and report.order_qty <= order.cum_qty:
        return (
            f"{report.author} restates {order.order_id} to {report.order_qty:,}, of which "
            f"{order.cum_qty:,} of {order.qty:,} are done. Call the venue."
        )
    return ""


def _replaced(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    """A replace applies the pending terms; a quantity below what was filled becomes that."""
    if order.pending is None or not _answers_pending(report, order):
        is_over = order.ended is not None and 1 < _version(report.cl_ord_id) == order.version
        past = is_over or _speaks_of_the_past(report, order)  # the end overtook the answer
        return [] if past else _illegal(state, report, context, order)
    filled = max(order.pending.qty, order.cum_qty) == order.cum_qty
    if not is_legal(order.status, T.REPLACE_TO_FILLED if filled else T.REPLACE):
        return _illegal(state, report, context, order)
    return _replace_now(order, order.pending, context)


def _replace_now(order: Order, pending: Replacement, context: Context) -> list[AnyEvent]:
    """What the venue prices by itself it may have priced anew while the request was under way."""
    limit_px, stop_px = pending.limit_px, pending.stop_px
    if order.order_type.trails:
        limit_px, stop_px = order.limit_px, order.stop_px
    elif limit_px is None:
        limit_px = order.limit_px
    new = Replacement(
        qty=max(pending.qty, order.cum_qty),
        limit_px=limit_px,
        stop_px=stop_px,
        handling=pending.handling,
    )
    return [OrderAmended(ts=context.ts, desk=order.desk, order_id=order.order_id, replacement=new)]


def _replace_rejected(
    state: DeskState, report: VenueReport, context: Context, order: Order
) -> list[AnyEvent]:
    if not _answers_pending(report, order):
        latest = client_order_id(order.order_id, order.version)
        past = order.pending is None or report.cl_ord_id != latest
        return [] if past else _illegal(state, report, context, order)
    if not is_legal(order.status, T.REJECT_REPLACE):
        return _illegal(state, report, context, order)
    return [_SIMPLE[T.REJECT_REPLACE](report, context, order)]


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
}


_SPECIAL: dict[Trigger, Callable[[DeskState, VenueReport, Context, Order], list[AnyEvent]]] = {
    T.PARTIAL_FILL: _trade,
    T.FILL: _trade,
    T.CORRECT: _correction,
    T.BUST: _correction,
    T.REJECT: _rejected,
    T.ACTIVATE: _triggered,
    T.RESTATE: _restated,
    T.REPLACE: _replaced,
    T.REJECT_REPLACE: _replace_rejected,
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
