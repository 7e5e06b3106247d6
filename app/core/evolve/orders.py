"""How events change orders, executions, positions and alerts."""

from __future__ import annotations

import msgspec

from app.core.decide.registry import number_of
from app.core.desk_state import DeskState, position_key, twin_key
from app.core.differences import replacement_of
from app.core.evolve.registry import evolves
from models.alerts import AlertState
from models.events import (
    AlertAcknowledged,
    AlertRaised,
    AmendRejected,
    AmendRequested,
    CancelRejected,
    CancelRequested,
    CommandFailed,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderAcknowledged,
    OrderAmended,
    OrderCanceled,
    OrderDenied,
    OrderDoneForDay,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReleased,
    OrderRestated,
    OrderResumed,
    OrderRouted,
    OrderStaged,
    OrderSuspended,
    OrderTriggered,
    ReportRefused,
    RequestDenied,
)
from models.executions import Execution, Position
from models.order_state import (
    LOCAL,
    OPEN,
    PENDING,
    TERMINAL,
    TRANSITIONS,
    OrderStatus,
    Trigger,
    is_legal,
    next_status,
    open_status,
)
from models.orders import Order

T = Trigger
_REQUESTS = (T.REQUEST_CANCEL, T.REQUEST_REPLACE)


def _advance(state: DeskState, order: Order, trigger: Trigger, ts: int) -> None:
    """Move `order` by the table and keep what follows from it: leaves, pending terms, `live`."""
    was = order.status
    leaves = max(0, order.qty - order.cum_qty)  # a parent may be overfilled by late reports
    status = next_status(was, trigger, order.underlying_status, order.cum_qty, leaves)
    if order.ended is not None and leaves and TRANSITIONS[was, trigger] is OPEN:
        status = order.ended  # what the venue or the day ended does not work again
    elif status in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        order.ended = status
    if trigger is T.REJECT_CANCEL and order.pending is not None:
        status = OrderStatus.PENDING_REPLACE  # the replace that the cancel overtook still waits
    if status not in PENDING:
        order.underlying_status = status
        order.pending = None
    elif trigger in (T.REPLACE, T.REPLACE_TO_FILLED):
        order.underlying_status = open_status(order.cum_qty, leaves)
    elif was in PENDING and trigger not in _REQUESTS and is_legal(order.underlying_status, trigger):
        under = order.underlying_status
        order.underlying_status = next_status(under, trigger, under, order.cum_qty, leaves)
    order.status = status
    is_done = status is OrderStatus.DONE_FOR_DAY and not order.outlives(state.day)
    order.leaves_qty = 0 if status in TERMINAL or is_done else leaves
    order.updated_ts = ts
    if order.leaves_qty and status not in LOCAL:
        state.live.setdefault(order.order_id, True)
    else:
        state.live.pop(order.order_id, None)
    if order.parent_id:
        _count(state, order)


def _count(state: DeskState, child: Order) -> None:
    """Keep what `child` has done or may still do in what its parent has committed."""
    parent = state.orders.get(child.parent_id)
    if parent is None:
        return
    left = child.leaves_qty
    if child.pending is not None and left:
        left = max(left, child.pending.qty - child.cum_qty)
    parent.committed_qty += child.cum_qty + left - child.counted_qty
    child.counted_qty = child.cum_qty + left


def _roll_up(state: DeskState, child: Order, trigger: Trigger, ts: int) -> None:
    """Move the parent by what its child traded; one that ended keeps the quantities alone."""
    parent = state.orders.get(child.parent_id)
    if parent is None:
        return
    if parent.cum_qty >= parent.qty and trigger is T.PARTIAL_FILL:
        trigger = T.FILL
    parent.last_qty, parent.last_px, parent.updated_ts = child.last_qty, child.last_px, ts
    if is_legal(parent.status, trigger):
        _advance(state, parent, trigger, ts)


def _requeue(state: DeskState, order: Order) -> None:
    """Send `order` to the back of the queue: it has lost its time priority."""
    if state.live.pop(order.order_id, False):
        state.live[order.order_id] = True


def _new_order(state: DeskState, event: OrderAccepted | OrderDenied | OrderStaged) -> Order:
    terms = event.terms
    account = state.accounts.get(terms.account)
    return Order(
        order_id=event.order_id,
        command_id=event.command_id,
        desk=event.desk,
        trader=event.trader,
        symbol=terms.symbol,
        side=terms.side,
        qty=terms.qty,
        order_type=terms.order_type,
        account=terms.account,
        venue=terms.venue,
        time_in_force=terms.time_in_force,
        status=OrderStatus.RECEIVED,
        underlying_status=OrderStatus.RECEIVED,
        created_ts=event.ts,
        updated_ts=event.ts,
        limit_px=terms.limit_px,
        stop_px=terms.stop_px,
        display_qty=terms.display_qty,
        varies=terms.varies,
        min_qty=terms.min_qty,
        post_only=terms.post_only,
        expire_day=terms.expire_day,
        trail_px=terms.trail_px,
        trail_bps=terms.trail_bps,
        limit_offset=terms.limit_offset,
        all_or_none=terms.all_or_none,
        peg=terms.peg,
        peg_offset=terms.peg_offset,
        capacity=terms.capacity,
        investment_decision=terms.investment_decision,
        execution_decision=terms.execution_decision,
        instructions=terms.instructions,
        client=account.client if account is not None else "",
        beneficial_owner=account.owner if account is not None else "",
        parent_id=event.parent_id,
    )


@evolves(OrderAccepted)
def order_accepted(state: DeskState, event: OrderAccepted) -> None:
    order = _new_order(state, event)
    order.reason, order.entered_by = event.reason, event.entered_by
    order.arrival_px = event.arrival_px
    order.instrument_version = event.instrument_version
    order.group_id, order.by_strategy = event.group_id, event.by_strategy
    if event.by_strategy:
        _made_by_strategy(state, event.parent_id)
    state.orders[order.order_id] = order
    state.numbers[event.desk] = number_of(event.order_id)
    state.twins[twin_key(event.desk, event.terms)] = (event.ts, event.order_id)
    _advance(state, order, T.ACCEPT, event.ts)


def _made_by_strategy(state: DeskState, parent_id: str) -> None:
    run = state.strategies.get(parent_id)
    if run is not None:
        run.children += 1


@evolves(OrderStaged)
def order_staged(state: DeskState, event: OrderStaged) -> None:
    order = _new_order(state, event)
    order.reason, order.entered_by = event.text, event.entered_by
    order.group_id, order.basket_id = event.group_id, event.basket_id
    state.orders[order.order_id] = order
    state.numbers[event.desk] = number_of(event.order_id)
    _advance(state, order, T.STAGE, event.ts)


@evolves(OrderReleased)
def order_released(state: DeskState, event: OrderReleased) -> None:
    order = state.orders[event.order_id]
    order.reason, order.arrival_px = event.reason, event.arrival_px
    order.instrument_version = event.instrument_version
    state.twins[twin_key(event.desk, order.terms())] = (event.ts, event.order_id)
    _advance(state, order, T.ACCEPT, event.ts)


@evolves(OrderDenied)
def order_denied(state: DeskState, event: OrderDenied) -> None:
    order = _new_order(state, event)
    order.reason, order.by_strategy = event.text, event.by_strategy
    order.arrival_px = event.arrival_px
    if event.by_strategy:
        _made_by_strategy(state, event.parent_id)
    state.orders[order.order_id] = order
    state.numbers[event.desk] = number_of(event.order_id)
    _advance(state, order, T.DENY, event.ts)


@evolves(OrderRouted)
def order_routed(state: DeskState, event: OrderRouted) -> None:
    order = state.orders[event.order_id]
    order.cl_ord_id = event.cl_ord_id
    _advance(state, order, T.ROUTE, event.ts)


@evolves(OrderFilled)
def order_filled(state: DeskState, event: OrderFilled) -> None:
    order, fill = state.orders[event.order_id], event.execution
    filled = fill.qty == order.qty - order.cum_qty
    _book(state, order, fill, 1)
    order.last_qty, order.last_px = fill.qty, fill.px
    state.executions[fill.exec_id] = fill
    _advance(state, order, T.FILL if filled else T.PARTIAL_FILL, event.ts)
    if order.parent_id:
        _roll_up(state, order, T.PARTIAL_FILL, event.ts)


def _book(state: DeskState, order: Order, fill: Execution, sign: int) -> None:
    """Add an execution to its order and position (`sign` -1 takes it out)."""
    order.cum_qty += sign * fill.qty
    order.add_traded(sign * fill.px * fill.qty)
    parent = state.orders.get(order.parent_id) if order.parent_id else None
    if parent is not None:
        parent.cum_qty += sign * fill.qty
        parent.add_traded(sign * fill.px * fill.qty)
    elif order.is_care:
        order.committed_qty += sign * fill.qty
    position = state.positions.setdefault(
        position_key(order.desk, order.account, order.symbol), Position()
    )
    position.qty += sign * fill.side.sign * fill.qty
    spent = sign * fill.side.sign * state.instruments[fill.symbol].notional(fill.px, fill.qty)
    position.cost += spent
    position.day_cost += spent


@evolves(ExecutionCorrected)
def execution_corrected(state: DeskState, event: ExecutionCorrected) -> None:
    order = state.orders[event.order_id]
    _book(state, order, state.executions.pop(event.exec_ref), -1)
    _book(state, order, event.execution, 1)
    state.executions[event.execution.exec_id] = event.execution
    state.superseded[event.exec_ref] = (event.order_id, event.execution.exec_id)
    _advance(state, order, T.CORRECT, event.ts)
    if order.parent_id:
        _roll_up(state, order, T.CORRECT, event.ts)


@evolves(ExecutionBusted)
def execution_busted(state: DeskState, event: ExecutionBusted) -> None:
    order = state.orders[event.order_id]
    _book(state, order, state.executions.pop(event.exec_ref), -1)
    state.superseded[event.exec_ref] = (event.order_id, event.exec_id)
    _advance(state, order, T.BUST, event.ts)
    if order.parent_id:
        _roll_up(state, order, T.BUST, event.ts)


@evolves(AmendRequested)
def amend_requested(state: DeskState, event: AmendRequested) -> None:
    order = state.orders[event.order_id]
    order.pending, order.amending = event.replacement, event.author
    order.version += 1
    _advance(state, order, T.REQUEST_REPLACE, event.ts)


@evolves(OrderAmended)
def order_amended(state: DeskState, event: OrderAmended) -> None:
    order, new = state.orders[event.order_id], event.replacement
    keeps_priority = order.keeps_priority(new)
    order.amended_by, order.amended_ts = order.amending, event.ts
    order.amended_version, order.amended_from = order.version, replacement_of(order, new)
    order.qty, order.limit_px, order.stop_px = new.qty, new.limit_px, new.stop_px
    if new.handling is not None:
        for field in new.handling.__struct_fields__:
            setattr(order, field, getattr(new.handling, field))
    if order.cl_ord_id:
        order.cl_ord_id = f"{order.order_id}/{order.version}"
    order.pending = None
    trigger = T.REPLACE_TO_FILLED if order.qty == order.cum_qty else T.REPLACE
    _advance(state, order, trigger, event.ts)
    if not keeps_priority:
        _requeue(state, order)


@evolves(OrderTriggered)
def order_triggered(state: DeskState, event: OrderTriggered) -> None:
    order = state.orders[event.order_id]
    order.triggered = True
    _advance(state, order, T.ACTIVATE, event.ts)
    _requeue(state, order)


@evolves(AmendRejected)
def amend_rejected(state: DeskState, event: AmendRejected) -> None:
    order = state.orders[event.order_id]
    order.pending = None
    order.reason = event.text
    _advance(state, order, T.REJECT_REPLACE, event.ts)


def _moves(event_type: type[OrderEvent], trigger: Trigger) -> None:
    """Register an event that only moves its order by `trigger`, and keeps its text as reason."""

    @evolves(event_type)
    def move(state: DeskState, event: OrderEvent) -> None:
        order = state.orders[event.order_id]
        order.reason = getattr(event, "text", "") or order.reason
        _advance(state, order, trigger, event.ts)


_moves(OrderAcknowledged, T.ACKNOWLEDGE)
_moves(OrderRejected, T.REJECT)
_moves(OrderCanceled, T.CANCEL)
_moves(CancelRejected, T.REJECT_CANCEL)
_moves(OrderExpired, T.EXPIRE)
_moves(OrderSuspended, T.SUSPEND)
_moves(OrderResumed, T.RESUME)
_moves(OrderDoneForDay, T.END_DAY)


@evolves(CancelRequested)
def cancel_requested(state: DeskState, event: CancelRequested) -> None:
    order = state.orders[event.order_id]
    order.canceled_by = event.author
    _advance(state, order, T.REQUEST_CANCEL, event.ts)


@evolves(OrderRestated)
def order_restated(state: DeskState, event: OrderRestated) -> None:
    order = state.orders[event.order_id]
    order.qty = event.qty or order.qty
    if event.qty:
        order.restated_ts = event.venue_ts
    if event.limit_px or event.stop_px:
        order.priced_ts = event.venue_ts
    order.limit_px = event.limit_px or order.limit_px
    order.stop_px = event.stop_px or order.stop_px
    order.reason = event.text or order.reason
    _advance(state, order, T.RESTATE, event.ts)


@evolves(AlertRaised)
def alert_raised(state: DeskState, event: AlertRaised) -> None:
    state.alerts[event.alert.alert_id] = event.alert
    state.numbers[event.desk] = number_of(event.alert.alert_id)


@evolves(AlertAcknowledged)
def alert_acknowledged(state: DeskState, event: AlertAcknowledged) -> None:
    alert = state.alerts[event.alert_id]
    state.alerts[event.alert_id] = msgspec.structs.replace(
        alert, state=AlertState.ACKNOWLEDGED, acknowledged_by=event.author
    )


@evolves(RequestDenied)
def request_denied(state: DeskState, event: RequestDenied) -> None:
    state.orders[event.order_id].reason = event.text


@evolves(CommandFailed)
@evolves(ReportRefused)
def nothing_changes(state: DeskState, event: CommandFailed | ReportRefused) -> None:
    """These facts are for the log and for people; no order moves by them."""
