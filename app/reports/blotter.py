"""The blotter as a report: every order of the store's present state, from the log itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from app.core.desk_state import STATE_VERSION, DeskState, decode_state
from app.core.evolve import evolve
from app.ports import WHOLE_STORE, Store
from app.reports.render import Cell, Table
from models.events import decode_event
from models.money import price_to_decimal
from models.orders import Order

_PAGE = 5_000


def current_state(store: Store) -> tuple[DeskState, int]:
    """Return the state at the head of the log, and its event number."""
    snapshot = store.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    state, seq = (decode_state(snapshot.blob), snapshot.seq) if snapshot else (DeskState(), 0)
    while page := store.read(None, seq, _PAGE):
        for row in page:
            evolve(state, decode_event(row.body))
        seq = page[-1].seq
    return state, seq


def _time(ts: int) -> str:
    seconds, nanos = divmod(ts, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


def _price(px: int | None) -> Cell:
    return price_to_decimal(px) if px else None


# One line a column: its title, and what it shows of an order.
COLUMNS: tuple[tuple[str, Callable[[Order], Cell]], ...] = (
    ("Order", lambda o: o.order_id),
    ("Status", lambda o: o.status.value),
    ("Created (UTC)", lambda o: _time(o.created_ts)),
    ("Updated (UTC)", lambda o: _time(o.updated_ts)),
    ("Side", lambda o: o.side.label),
    ("Symbol", lambda o: o.symbol),
    ("Qty", lambda o: o.qty),
    ("Done", lambda o: o.cum_qty),
    ("Leaves", lambda o: o.leaves_qty),
    ("Type", lambda o: o.order_type.label),
    ("Limit", lambda o: _price(o.limit_px)),
    ("Stop", lambda o: _price(o.stop_px)),
    ("TIF", lambda o: o.time_in_force.label),
    ("Avg px", lambda o: _price(o.avg_px)),
    ("Last px", lambda o: _price(o.last_px)),
    ("Arrival px", lambda o: _price(o.arrival_px)),
    ("Account", lambda o: o.account),
    ("Trader", lambda o: o.trader),
    ("Venue", lambda o: o.venue),
    ("Client order id", lambda o: o.cl_ord_id),
    ("Version", lambda o: o.version),
    ("Reason", lambda o: o.reason),
)


def blotter_table(store: Store) -> Table:
    """Return the report's table, in the order in which the orders were entered."""
    state, _ = current_state(store)
    return orders_table(list(state.orders.values()))


def orders_table(orders: list[Order]) -> Table:
    """Return the table of these orders."""
    return Table(
        "Blotter",
        tuple(title for title, _ in COLUMNS),
        [[cell(order) for _, cell in COLUMNS] for order in orders],
    )
