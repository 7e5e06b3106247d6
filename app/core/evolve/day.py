"""How the day's events change the state."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.desk_state import DeskState
from app.core.evolve.registry import evolves
from models.events import DayEnded, DayStarted
from models.order_state import OrderStatus
from models.workflow import Contingency


@evolves(DayStarted)
def day_started(state: DeskState, event: DayStarted) -> None:
    """Begin with what was carried: live orders with their fills, and positions."""
    state.last_day, state.day, state.day_open = state.day, event.day, True
    _carry_groups(state)
    carried = {key: order for key, order in state.orders.items() if not order.is_terminal}
    state.dropped = {key: o.desk for key, o in state.orders.items() if key not in carried}
    state.orders = carried
    state.executions = {k: fill for k, fill in state.executions.items() if fill.order_id in carried}
    state.superseded = {k: done for k, done in state.superseded.items() if done[0] in carried}
    state.alerts = {}
    state.twins = {}
    state.baskets = {
        k: basket for k, basket in state.baskets.items() if any(o in carried for o in basket.orders)
    }
    for position in state.positions.values():
        position.open_qty, position.day_cost = position.qty, 0


def _carry_groups(state: DeskState) -> None:
    """Groups go on with the legs that do: a bracket without its entry is its exits, a pair.

    The others of an OTO wait for nothing any more, so they are no group.
    """
    for group_id, group in list(state.groups.items()):
        legs = [state.orders[leg] for leg in group.legs if leg in state.orders]
        going = tuple(order.order_id for order in legs if not order.is_terminal)
        first_goes = group.legs[0] in going
        if not going or (group.contingency is Contingency.OTO and not first_goes):
            del state.groups[group_id]
            continue
        entry = legs[0] if group.contingency is Contingency.BRACKET else None
        done = sum(o.cum_qty for o in legs if o.is_terminal and o is not entry)
        changes: dict[str, Any] = {"legs": going, "done_qty": group.done_qty + done}
        if entry is not None and not first_goes:
            changes |= {"contingency": Contingency.OCO, "qty": entry.cum_qty}
        state.groups[group_id] = msgspec.structs.replace(group, **changes)


@evolves(DayEnded)
def day_ended(state: DeskState, event: DayEnded) -> None:
    """Close the day: a filled DAY order whose fill is busted later does not work again."""
    state.day_open = False
    for key, position in state.positions.items():
        position.open_px = event.closes.get(key.rpartition("|")[2], 0)
    for order in state.orders.values():
        if order.status is OrderStatus.FILLED and not order.outlives(event.day):
            order.ended = OrderStatus.EXPIRED
