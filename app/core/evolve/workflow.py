"""How claims, groups, strategies, baskets and the day's sign-off change the state."""

from __future__ import annotations

import msgspec

from app.core.desk_state import DeskState
from app.core.evolve.registry import evolves
from models.events import (
    BasketLoaded,
    DaySignedOff,
    DeskOpened,
    GroupFormed,
    OrderAssigned,
    StrategyEnded,
    StrategyPaused,
    StrategyResumed,
    StrategyStarted,
    StrategyStepped,
    WaveSent,
)
from models.workflow import RunState


@evolves(OrderAssigned)
def order_assigned(state: DeskState, event: OrderAssigned) -> None:
    order = state.orders[event.order_id]
    order.trader = event.trader
    order.note = event.note or order.note
    order.updated_ts = event.ts


@evolves(GroupFormed)
def group_formed(state: DeskState, event: GroupFormed) -> None:
    state.groups[event.group_id] = event.group


@evolves(StrategyStarted)
def strategy_started(state: DeskState, event: StrategyStarted) -> None:
    state.strategies[event.order_id] = msgspec.structs.replace(event.run)


@evolves(StrategyStepped)
def strategy_stepped(state: DeskState, event: StrategyStepped) -> None:
    run = state.strategies[event.order_id]
    run.slices, run.target_qty, run.next_ts = event.slice_no, event.target_qty, event.next_ts


@evolves(StrategyPaused)
def strategy_paused(state: DeskState, event: StrategyPaused) -> None:
    run = state.strategies[event.order_id]
    run.state, run.text = RunState.PAUSED, event.text


@evolves(StrategyResumed)
def strategy_resumed(state: DeskState, event: StrategyResumed) -> None:
    """It is due at once: what the pause left behind its schedule is sent."""
    run = state.strategies[event.order_id]
    run.state, run.text = RunState.RUNNING, ""
    run.next_ts = max(event.ts, run.strategy.start_ts)


@evolves(StrategyEnded)
def strategy_ended(state: DeskState, event: StrategyEnded) -> None:
    del state.strategies[event.order_id]


@evolves(BasketLoaded)
def basket_loaded(state: DeskState, event: BasketLoaded) -> None:
    state.baskets[event.basket.basket_id] = msgspec.structs.replace(event.basket)


@evolves(WaveSent)
def wave_sent(state: DeskState, event: WaveSent) -> None:
    basket = state.baskets[event.basket_id]
    basket.waves = event.number
    basket.sent_bps = min(10_000, basket.sent_bps + event.share_bps)


@evolves(DeskOpened)
def desk_opened(state: DeskState, event: DeskOpened) -> None:
    state.opened[event.desk] = event.sign_on


@evolves(DaySignedOff)
def day_signed_off(state: DeskState, event: DaySignedOff) -> None:
    state.signed_off[event.desk] = event.sign_off
