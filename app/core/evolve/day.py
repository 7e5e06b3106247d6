"""How the day's events change the state."""

from __future__ import annotations

from app.core.desk_state import DeskState
from app.core.evolve.registry import evolves
from models.events import DayEnded, DayStarted


@evolves(DayStarted)
def day_started(state: DeskState, event: DayStarted) -> None:
    """Begin with what was carried: live orders with their fills, and positions."""
    state.day, state.day_open = event.day, True
    carried = {key: order for key, order in state.orders.items() if not order.is_terminal}
    state.orders = carried
    state.executions = {k: fill for k, fill in state.executions.items() if fill.order_id in carried}
    state.alerts = {}
    state.twins = {}


@evolves(DayEnded)
def day_ended(state: DeskState, event: DayEnded) -> None:
    state.day_open = False
