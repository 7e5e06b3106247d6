"""The columns of the Continuity pane's tables, as data."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from app.continuity.manual import DraftState, ManualExecution
from app.continuity.outage import Kind, Line, LogLine
from app.session.step import SessionCore
from models.contacts import Broker, broker_of
from models.orders import Order
from ui.blotter.signs import status_signs, time_of_day
from ui.tables.columns import Column, integer_column, text_column
from ui.tables.columns import Kind as ColumnKind

_LINE_SIGNS = {
    Kind.SENT: ("✓", "gain"),
    Kind.NOT_SENT: ("✕", "blocked"),
    Kind.UNKNOWN: ("◌", "pending"),
    Kind.OUT_OF_SIGHT: ("⚠", "warning"),
    Kind.CHANGED: ("△", "warning"),
    Kind.NEW: ("+", "accent"),
    Kind.UNCHANGED: ("=", "muted"),
}
_DRAFT_SIGNS = {
    DraftState.DRAFT: ("◌", "pending"),
    DraftState.SENT: ("▸", "pending"),
    DraftState.BOOKED: ("✓", "gain"),
    DraftState.REFUSED: ("✕", "blocked"),
    DraftState.DROPPED: ("–", "muted"),
}


def order_columns(
    core: SessionCore, brokers: Callable[[], tuple[Broker, ...]], zone: ZoneInfo
) -> list[Column[Order]]:
    """Return the columns of open orders as last known."""

    def price(order: Order, px: int | None) -> str:
        instrument = core.state.instruments.get(order.symbol)
        return instrument.show_price(px) if instrument is not None and px else ""

    def call(order: Order) -> str:
        broker = broker_of(order.venue, brokers())
        return f"{broker.phone} · {broker.name}" if broker is not None else "nobody is listed"

    return [
        text_column(
            "status", "Last known", 96, lambda o: " ".join(status_signs(o)[:2]), "Its last status",
            tone=lambda o: status_signs(o)[2],
        ),
        text_column(
            "side", "Side", 46, lambda o: o.side.label, "Buy or sell",
            tone=lambda o: "buy" if o.side.label == "BUY" else "sell",
        ),
        text_column("symbol", "Symbol", 64, lambda o: o.symbol, "Ticker", strong=True),
        integer_column("qty", "Qty", 70, lambda o: o.qty, "Ordered"),
        integer_column("done", "Done", 66, lambda o: o.cum_qty, "Traded, as last known"),
        integer_column("leaves", "Leaves", 70, lambda o: o.leaves_qty, "Left, as last known"),
        Column(
            "limit", "Limit", ColumnKind.PRICE, 72, lambda o: o.limit_px,
            lambda o: price(o, o.limit_px), "Limit price",
        ),
        text_column("call", "Call", 230, call, "The broker's desk and telephone", strong=True),
        text_column("account", "Account", 76, lambda o: o.account, "For whom"),
        text_column("trader", "Trader", 58, lambda o: o.trader, "Whose it is"),
        text_column("venue", "Venue", 52, lambda o: o.venue, "Where it works"),
        text_column("order", "Order", 110, lambda o: o.order_id, "The desk's id"),
        text_column(
            "cl_ord_id", "At the venue as", 120, lambda o: o.cl_ord_id, "What the venue calls it"
        ),
        text_column(
            "as_of", "As of", 70, lambda o: time_of_day(o.updated_ts, zone), "Its last event"
        ),
    ]  # fmt: skip


def draft_columns(core: SessionCore, zone: ZoneInfo) -> list[Column[ManualExecution]]:
    """Return the columns of telephone executions."""

    def price(draft: ManualExecution) -> str:
        instrument = core.state.instruments.get(draft.symbol)
        return instrument.show_price(draft.px) if instrument is not None else str(draft.px)

    return [
        text_column(
            "state", "State", 84, lambda d: f"{_DRAFT_SIGNS[d.state][0]} {d.state.value}",
            "Sent by a person alone, once the store answers",
            tone=lambda d: _DRAFT_SIGNS[d.state][1],
        ),
        text_column("side", "Side", 46, lambda d: d.side.label, "Bought or sold"),
        text_column("symbol", "Symbol", 64, lambda d: d.symbol, "Ticker", strong=True),
        integer_column("qty", "Qty", 70, lambda d: d.qty, "Dealt"),
        Column("px", "Price", ColumnKind.PRICE, 76, lambda d: d.px, price, "Dealt at"),
        text_column("with", "Dealt with", 110, lambda d: d.counterparty, "The broker"),
        text_column("at", "At", 66, lambda d: time_of_day(d.traded_ts, zone), "When it was dealt"),
        text_column("order", "Order", 110, lambda d: d.order_id, "On which order"),
        text_column("by", "By", 58, lambda d: d.captured_by, "Who wrote it down: manual"),
        text_column("note", "Note", 120, lambda d: d.note, "What else was said"),
        text_column("said", "What became of it", 220, lambda d: d.said, "Why it was not booked"),
    ]  # fmt: skip


def line_columns() -> list[Column[Line]]:
    """Return the columns of the return."""
    return [
        text_column(
            "kind", "What", 96, lambda line: f"{_LINE_SIGNS[line.kind][0]} {line.kind.value}",
            "Sent, not sent, not known; changed, new, unchanged",
            tone=lambda line: _LINE_SIGNS[line.kind][1],
        ),
        text_column(
            "seen", "Seen", 72,
            lambda line: f"✓ {line.acknowledged_by}" if line.acknowledged_by
            else "" if line.is_settled else "waits",
            "Who has looked at it", tone=lambda line: "gain" if line.acknowledged_by else "warning",
        ),
        text_column("what", "About", 190, lambda line: line.what, "Order or request", strong=True),
        text_column("before", "Last known", 190, lambda line: line.before, "Before the outage"),
        text_column("now", "Now", 300, lambda line: line.now, "As the store has it"),
    ]  # fmt: skip


def log_columns(zone: ZoneInfo) -> list[Column[LogLine]]:
    """Return the columns of the outage's log."""
    return [
        Column(
            "ts", "Time", ColumnKind.TIME, 76, lambda line: line.ts,
            lambda line: time_of_day(line.ts, zone), "By this machine's clock",
        ),
        text_column("who", "Who", 76, lambda line: line.who, "Who did it"),
        text_column("what", "What", 520, lambda line: line.text, "What happened, or was done"),
    ]  # fmt: skip
