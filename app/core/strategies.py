"""How much of a parent order a strategy should have sent by a given time, and at which price."""

from __future__ import annotations

from app.core.context import Quote
from app.core.desk_state import DeskState
from models.instruments import Instrument
from models.money import BPS
from models.orders import Order, OrderTerms, OrderType, Side, TimeInForce
from models.workflow import RunState, StrategyKind, StrategyRun, Style


def due(state: DeskState, ts: int) -> list[StrategyRun]:
    """Return the strategies whose next slice is due at `ts`, the longest due first."""
    waiting = [
        run
        for run in state.strategies.values()
        if run.state is RunState.RUNNING and ts >= run.next_ts
    ]
    return sorted(waiting, key=lambda run: run.next_ts)


def slice_number(run: StrategyRun, ts: int) -> int:
    """Return which slice `ts` is in, from 1; the last one's number after the end."""
    strategy = run.strategy
    passed = max(0, ts - strategy.start_ts) // strategy.slice_ns + 1
    return min(passed, strategy.slices)


def target_qty(run: StrategyRun, lot: int, slice_no: int, volume: int) -> int:
    """Return how much of `total_qty` should be out or done in slice `slice_no`, in whole lots.

    `volume` is the day's volume by now. The last slice of a schedule takes what is left.
    """
    strategy, total = run.strategy, run.total_qty
    if strategy.kind is StrategyKind.ICEBERG:
        return total
    if strategy.kind is StrategyKind.POV:
        traded = max(0, volume - run.volume)
        return min(total, traded * strategy.participation_bps // BPS // lot * lot)
    if slice_no >= strategy.slices:
        return total
    if strategy.kind is StrategyKind.VWAP:
        share = total * sum(strategy.curve[:slice_no]) // sum(strategy.curve)
    else:
        share = total * slice_no // strategy.slices
    return share // lot * lot


def slice_qty(run: StrategyRun, order: Order, target: int, lot: int) -> int:
    """Return how much the next child takes so that `target` is out, 0 when it is."""
    missing = min(target - (order.committed_qty - run.base_qty), order.room)
    if run.strategy.kind is StrategyKind.ICEBERG:
        missing = min(missing, run.strategy.display_qty) if not _is_out(run, order) else 0
    return max(0, missing // lot * lot)


def _is_out(run: StrategyRun, order: Order) -> bool:
    """Whether a part of it is at a venue now."""
    return order.committed_qty > order.cum_qty


def slice_terms(
    run: StrategyRun, order: Order, qty: int, quote: Quote, instrument: Instrument, venue: str
) -> OrderTerms | None:
    """Return the child's terms, never beyond the parent's limit; `None` without a price."""
    buys = order.side is Side.BUY
    own, other = (quote.bid, quote.ask) if buys else (quote.ask, quote.bid)
    wanted = other if run.strategy.style is Style.CROSS else own
    price = wanted or quote.last
    if not price:
        return None
    tick = instrument.tick_at(price)
    price = price // tick * tick if buys else -(-price // tick) * tick
    if order.limit_px is not None:
        price = min(price, order.limit_px) if buys else max(price, order.limit_px)
    return OrderTerms(
        symbol=order.symbol,
        side=order.side,
        qty=qty,
        order_type=OrderType.LIMIT,
        account=order.account,
        limit_px=price,
        time_in_force=TimeInForce.DAY,
        venue=venue,
        capacity=order.capacity,
        investment_decision=order.investment_decision,
        execution_decision=run.strategy.kind.value,
    )
