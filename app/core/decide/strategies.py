"""Working strategies: starting, pausing, resuming and ending them, and sending what is due."""

from __future__ import annotations

from app.core.context import Context
from app.core.decide.care import cancel_requested, cancellable, denied, end_run
from app.core.decide.entry import REASON_MAX, Entry, may_pass
from app.core.decide.registry import decides, may_handle, refuse
from app.core.desk_state import DeskState
from app.core.judgement import judge
from app.core.strategies import slice_number, slice_qty, slice_terms, target_qty
from models.alerts import Severity
from models.commands import (
    SYSTEM,
    Command,
    PauseStrategy,
    ResumeStrategy,
    StartStrategy,
    StopStrategy,
    WorkStrategy,
)
from models.events import (
    AnyEvent,
    StrategyEnded,
    StrategyPaused,
    StrategyResumed,
    StrategyStarted,
    StrategyStepped,
)
from models.order_state import OrderStatus
from models.orders import Order
from models.workflow import RunState, Strategy, StrategyKind, StrategyRun


@decides(StartStrategy)
def start_strategy(state: DeskState, command: StartStrategy, context: Context) -> list[AnyEvent]:
    """Let a strategy work what is left of a care order; its first slice is the engine's to send."""
    order = state.orders.get(command.order_id)
    if order is None:
        return _unknown(command, context, command.order_id)
    objection = start_objection(state, command.author, order, command.strategy, context)
    if objection:
        return denied(command, context, order, "strategy", objection)
    quote = context.quote(order.symbol)
    run = StrategyRun(
        order_id=order.order_id,
        strategy=command.strategy,
        author=command.author,
        total_qty=order.room,
        base_qty=order.committed_qty,
        next_ts=max(context.ts, command.strategy.start_ts),
        volume=quote.volume if quote is not None else 0,
        reason=command.reason[:REASON_MAX],
    )
    started = StrategyStarted(
        ts=context.ts, desk=order.desk, order_id=order.order_id, command_id=command.id, run=run
    )
    return [started]


def start_objection(
    state: DeskState, login: str, order: Order, strategy: Strategy, context: Context
) -> str:
    """Return why `login` can't let `strategy` work `order`; empty when they can."""
    whose = _objection(state, login, order)
    if whose:
        return whose
    if not order.is_care or not order.is_live:
        return f"{order.order_id} is no open care order. Enter one for the venue DESK."
    if not order.trader:
        return f"Nobody has claimed {order.order_id}. Claim it, or have it claimed, first."
    if order.order_id in state.strategies:
        return f"A strategy works {order.order_id} already. Stop it first."
    if order.status is OrderStatus.PENDING_CANCEL:
        return f"{order.order_id} has a cancel pending; nothing more of it is sent."
    fault = strategy.fault()
    if fault:
        return f"The {strategy.kind.label} strategy {fault}."
    if strategy.end_ts <= context.ts:
        return f"The {strategy.kind.label} strategy ends in the past. Choose a later end."
    if strategy.venue not in context.venues:
        return f"Venue {strategy.venue} is not connected. Choose {', '.join(context.venues)}."
    if order.room < state.instruments[order.symbol].lot:
        return f"Nothing of {order.order_id} is left to send."
    return _halted(state, login, order)


@decides(PauseStrategy)
def pause_strategy(state: DeskState, command: PauseStrategy, context: Context) -> list[AnyEvent]:
    """Pause it; what is out stays."""
    order, run = state.orders.get(command.order_id), state.strategies.get(command.order_id)
    if order is None or run is None:
        return _unknown(command, context, command.order_id)
    objection = _objection(state, command.author, order)
    if objection:
        return denied(command, context, order, "pause", objection)
    if run.state is RunState.PAUSED:
        return denied(command, context, order, "pause", f"It is paused already: {run.text}")
    return [_paused(order, command.author, f"Paused by {command.author}.", context)]


@decides(ResumeStrategy)
def resume_strategy(state: DeskState, command: ResumeStrategy, context: Context) -> list[AnyEvent]:
    """Go on: by hand, whatever had stopped it (RTS 6 Art. 15(3) asks for a person)."""
    order, run = state.orders.get(command.order_id), state.strategies.get(command.order_id)
    if order is None or run is None:
        return _unknown(command, context, command.order_id)
    objection = _objection(state, command.author, order)
    objection = objection or _halted(state, command.author, order)
    if objection:
        return denied(command, context, order, "resume", objection)
    if run.state is RunState.RUNNING:
        return denied(command, context, order, "resume", "It runs already.")
    resumed = StrategyResumed(
        ts=context.ts, desk=order.desk, order_id=order.order_id, author=command.author
    )
    return [resumed]


@decides(StopStrategy)
def stop_strategy(state: DeskState, command: StopStrategy, context: Context) -> list[AnyEvent]:
    """End it, and cancel the children that it has out; the order stays to be worked by hand."""
    order = state.orders.get(command.order_id)
    if order is None or command.order_id not in state.strategies:
        return _unknown(command, context, command.order_id)
    objection = _objection(state, command.author, order)
    if objection:
        return denied(command, context, order, "stop", objection)
    ended = end_run(state, order.order_id, command.author, f"Stopped by {command.author}.", context)
    return [*ended, *_cancel_slices(state, order, command.id, command.author, context)]


@decides(WorkStrategy)
def work_strategy(state: DeskState, command: WorkStrategy, context: Context) -> list[AnyEvent]:
    """Step a strategy whose slice is due: what earlier slices left is canceled and sent anew."""
    run, order = state.strategies.get(command.order_id), state.orders.get(command.order_id)
    if command.author != SYSTEM or run is None or order is None or run.state is RunState.PAUSED:
        return []
    strategy, ts = run.strategy, context.ts
    if ts >= strategy.end_ts:
        text = f"Its time is up; {order.room:,} of {order.qty:,} are left to be worked by hand."
        ended = StrategyEnded(
            ts=ts, desk=order.desk, order_id=order.order_id, author=SYSTEM, text=text
        )
        return [ended, *_cancel_slices(state, order, command.id, SYSTEM, context)]
    number = slice_number(run, ts)
    quote = context.quote(order.symbol)
    volume = quote.volume if quote is not None else run.volume
    target = target_qty(run, state.instruments[order.symbol].lot, number, volume)
    rests = strategy.kind is StrategyKind.ICEBERG
    following = strategy.start_ts + number * strategy.slice_ns
    stepped = StrategyStepped(
        ts=ts,
        desk=order.desk,
        order_id=order.order_id,
        slice_no=number,
        target_qty=target,
        next_ts=strategy.end_ts if rests else min(following, strategy.end_ts),
    )
    stale = [] if rests else _cancel_slices(state, order, command.id, SYSTEM, context)
    return [stepped, *stale, *send_slice(state, run, target, context)]


def send_slice(state: DeskState, run: StrategyRun, target: int, context: Context) -> list[AnyEvent]:
    """Send what is missing to `target`; what may not be sent pauses the strategy, with an alert."""
    order = state.orders[run.order_id]
    instrument = state.instruments[order.symbol]
    qty = slice_qty(run, order, target, instrument.lot)
    if not qty or not order.is_live:
        return []
    quote = context.quote(order.symbol)
    venue = run.strategy.venue
    terms = slice_terms(run, order, qty, quote, instrument, venue) if quote is not None else None
    entry = Entry(state, context, f"{order.order_id}#{run.children + 1}", order.trader)
    if terms is None:
        text = f"{order.symbol} has no live price, so no slice of {order.order_id} can be priced."
        entry.warn(order.desk, order.trader, order.order_id, "STRATEGY", text, Severity.FAULT)
        return [_paused(order, SYSTEM, text, context), *entry.events]
    judgement = judge(
        state, order.trader, order.desk, terms, context, parent=order, by_strategy=True
    )
    how = {"parent_id": order.order_id, "by_strategy": True}
    if may_pass(judgement, run.reason):
        entry.accept(order.desk, order.trader, terms, judgement, run.reason, **how)  # type: ignore[arg-type]
        return entry.events
    entry.deny(order.desk, order.trader, terms, judgement, **how)  # type: ignore[arg-type]
    return [*entry.events, _paused(order, SYSTEM, judgement.text, context)]


def _cancel_slices(
    state: DeskState, order: Order, command_id: str, author: str, context: Context
) -> list[AnyEvent]:
    return [
        cancel_requested(child, command_id, author, context)
        for child in state.live_orders()
        if child.parent_id == order.order_id and child.by_strategy and cancellable(child)
    ]


def _paused(order: Order, author: str, text: str, context: Context) -> AnyEvent:
    return StrategyPaused(
        ts=context.ts, desk=order.desk, order_id=order.order_id, author=author, text=text
    )


def _objection(state: DeskState, login: str, order: Order) -> str:
    if may_handle(state, login, order):
        return ""
    return f"Order {order.order_id} is {order.trader or 'nobody'}'s. Ask them or the desk head."


def _halted(state: DeskState, login: str, order: Order) -> str:
    """Return whose halt stops a strategy: of who asks for it, or of whose slices it sends."""
    halt = state.halt_of(order.desk, login) or state.halt_of(order.desk, order.trader)
    if halt is None:
        return ""
    return f"Trading of {halt.whom} is halted by {halt.author}. Resume trading first."


def _unknown(command: Command, context: Context, order_id: str) -> list[AnyEvent]:
    return refuse(command, context, f"No strategy works {order_id}, or it is not known.")
