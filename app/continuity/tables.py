"""An outage as tables: open orders with whom to call, positions, contacts, telephone executions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.continuity.manual import ManualExecution
from app.continuity.outage import Line, Outage
from app.core.desk_state import DeskState
from app.reports.render import Cell, Table
from models.contacts import Broker, broker_of
from models.money import price_to_decimal
from models.orders import Order

_ORDER_COLUMNS = (
    "Order", "Last known", "Side", "Symbol", "Qty", "Done", "Leaves", "Type", "Limit", "Stop",
    "TIF", "Avg px", "Account", "Trader", "Venue", "At the venue as", "As of", "Call", "Phone",
)  # fmt: skip
_QTY = "#,##0"


def at(ts: int, zone: ZoneInfo) -> datetime | None:
    """Return a time where the desk is, `None` for 0."""
    if not ts:
        return None
    whole, nanos = divmod(ts, 1_000_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=nanos // 1_000).astimezone(zone)


def clock(ts: int, zone: ZoneInfo) -> str:
    """Return a time as it is said: `2026-11-27 14:03:22 EST`."""
    return f"{at(ts, zone):%Y-%m-%d %H:%M:%S %Z}" if ts else "not known"


def _price(px: int | None) -> Cell:
    return price_to_decimal(px) if px else None


def orders_table(orders: Iterable[Order], brokers: tuple[Broker, ...], zone: ZoneInfo) -> Table:
    """Return open orders as last known, each with whom to call about it."""
    rows: list[tuple[Cell, ...]] = []
    for order in orders:
        broker = broker_of(order.venue, brokers)
        rows.append(
            (
                order.order_id, order.status.replace("_", " "), order.side.label, order.symbol,
                order.qty, order.cum_qty, order.leaves_qty, order.order_type.label,
                _price(order.limit_px), _price(order.stop_px), order.time_in_force.label,
                _price(order.avg_px), order.account, order.trader, order.venue, order.cl_ord_id,
                at(order.updated_ts, zone), broker.name if broker else None,
                broker.phone if broker else None,
            )
        )  # fmt: skip
    formats = tuple(_QTY if each in ("Qty", "Done", "Leaves") else "" for each in _ORDER_COLUMNS)
    return Table("Open orders", _ORDER_COLUMNS, rows, formats=formats)


def positions_table(state: DeskState, desk: str) -> Table:
    """Return what the desk's accounts hold."""
    rows = []
    for key, position in sorted(state.positions.items()):
        of_desk, account, symbol = key.split("|", 2)
        if of_desk == desk and position.qty:
            rows.append((account, symbol, position.qty))
    return Table("Positions", ("Account", "Symbol", "Qty"), rows, formats=("", "", _QTY))


def contacts_table(brokers: Iterable[Broker]) -> Table:
    """Return whom to call, and the script."""
    rows = [(each.venue or "any other", each.name, each.phone, each.script) for each in brokers]
    return Table("Contacts", ("Venue", "Name", "Phone", "Script"), rows)


def drafts_table(drafts: Iterable[ManualExecution], zone: ZoneInfo) -> Table:
    """Return the telephone executions, with their manual flag."""
    columns = (
        "State", "Manual", "Order", "Side", "Symbol", "Qty", "Price", "Counterparty", "Traded",
        "Account", "Written down by", "Written down", "Note", "Said",
    )  # fmt: skip
    rows = [
        (
            each.state.value, "manual" if each.is_manual else "", each.order_id, each.side.label,
            each.symbol, each.qty, _price(each.px), each.counterparty, at(each.traded_ts, zone),
            each.account, each.captured_by, at(each.captured_ts, zone), each.note, each.said,
        )
        for each in drafts
    ]  # fmt: skip
    return Table("Telephone executions", columns, rows)


def lines_table(lines: Iterable[Line], zone: ZoneInfo) -> Table:
    """Return the lines of the return, and who has looked at each."""
    rows = [
        (
            line.kind.value, line.what, line.before, line.now,
            line.acknowledged_by, at(line.acknowledged_ts, zone),
        )
        for line in lines
    ]  # fmt: skip
    columns = ("Kind", "What", "Last known", "Now", "Acknowledged by", "At")
    return Table("On return", columns, rows)


def log_table(outage: Outage, zone: ZoneInfo) -> Table:
    """Return everything that was done, with its time."""
    rows = [(at(line.ts, zone), line.who, line.text) for line in outage.log]
    return Table("Log", ("Time", "Who", "What"), rows)


def report(
    outage: Outage, drafts: Iterable[ManualExecution], zone: ZoneInfo
) -> tuple[Mapping[str, str], tuple[Table, ...]]:
    """Return a whole outage: its facts by name, and its tables."""
    facts = {
        "Desk": outage.desk,
        "Began": clock(outage.started_ts, zone),
        "Known as of": clock(outage.known_ts, zone),
        "Reason": outage.reason,
        "Store back": clock(outage.ended_ts, zone) if outage.ended_ts else "not yet",
        "Trading resumed": clock(outage.resumed_ts, zone) if outage.resumed_ts else "not yet",
    }
    return facts, (
        lines_table(outage.lines, zone),
        drafts_table(drafts, zone),
        log_table(outage, zone),
    )


def as_one_table(title: str, facts: Mapping[str, str], tables: Iterable[Table]) -> Table:
    """Return facts and tables below each other in one, for a file that holds a single sheet."""
    tables = tuple(tables)
    width = max([2, *(len(table.columns) for table in tables)])
    rows: list[tuple[Cell, ...]] = [_wide((name, said), width) for name, said in facts.items()]
    for table in tables:
        rows += [_wide((), width), _wide((table.title,), width), _wide(table.columns, width)]
        rows += [_wide(tuple(row), width) for row in table.rows]
    return Table(title, tuple(["What", "Value", *[""] * (width - 2)]), rows)


def _wide(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    return (*cells, *[None] * (width - len(cells)))
