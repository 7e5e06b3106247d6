"""How halts change the state."""

from __future__ import annotations

from app.core.desk_state import DeskState, halt_key
from app.core.evolve.registry import evolves
from models.events import TradingHalted, TradingResumed


@evolves(TradingHalted)
def trading_halted(state: DeskState, event: TradingHalted) -> None:
    state.halts[halt_key(event.desk, event.halt.trader)] = event.halt


@evolves(TradingResumed)
def trading_resumed(state: DeskState, event: TradingResumed) -> None:
    del state.halts[halt_key(event.desk, event.trader)]
