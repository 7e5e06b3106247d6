"""How the day's events change the state."""

from __future__ import annotations

from app.core.desk_state import DeskState
from app.core.evolve.registry import evolves
from models.events import DayEnded, DayStarted
from models.order_state import OrderStatus


@evolves(DayStarted)
def day_started(state: DeskState, event: DayStarted) -> None:
    """Begin with what was carried: live orders with their fills, and positions."""
    state.last_day, state.day, state.day_open = state.day, event.day, True
    carried = {key: order for key, order in state.orders.items() if not order.is_terminal}
    state.dropped = {key: o.desk for key, o in state.orders.items() if key not in carried}
    state.orders = carried
    state.executions = {k: fill for k, fill in state.executions.items() if fill.order_id in carried}
    state.superseded = {k: done for k, done in state.superseded.items() if done[0] in carried}
    state.alerts = {}
    state.twins = {}
    state.groups = {k: g for k, g in state.groups.items() if any(leg in carried for leg in g.legs)}
    state.baskets = {
        k: basket for k, basket in state.baskets.items() if any(o in carried for o in basket.orders)
    }
    for position in state.positions.values():
        position.open_qty, position.day_cost = position.qty, 0


@evolves(DayEnded)
def day_ended(state: DeskState, event: DayEnded) -> None:
    """Close the day: a filled DAY order whose fill is busted later does not work again."""
    state.day_open = False
    for key, position in state.positions.items():
        position.open_px = event.closes.get(key.rpartition("|")[2], 0)
    for order in state.orders.values():
        if order.status is OrderStatus.FILLED and not order.outlives(event.day):
            order.ended = OrderStatus.EXPIRED
