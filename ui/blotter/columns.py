"""The Orders blotter's columns, as data: a new column is one more entry in the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.session.step import SessionCore
from models.money import BPS
from models.order_state import OrderStatus
from models.orders import Order, Side
from ui.tables.columns import Column, Kind, integer_column, text_column

S = OrderStatus

# Sign, word and tone of each status: colour never says anything alone.
STATUS: dict[OrderStatus, tuple[str, str, str]] = {
    S.DRAFT: ("○", "Draft", "muted"),
    S.STAGED: ("○", "Staged", "muted"),
    S.SENDING: ("◌", "Sending", "accent"),
    S.RECEIVED: ("◌", "Received", "accent"),
    S.UNKNOWN: ("?", "Unknown", "warning"),
    S.DENIED: ("✕", "Denied", "blocked"),
    S.PENDING_NEW: ("◌", "Pending new", "pending"),
    S.NEW: ("●", "Working", "working"),
    S.PARTIALLY_FILLED: ("◐", "Part filled", "working"),
    S.FILLED: ("✔", "Filled", "text"),
    S.SUSPENDED: ("‖", "Suspended", "warning"),
    S.DONE_FOR_DAY: ("◑", "Done for day", "muted"),
    S.PENDING_CANCEL: ("◌", "Pending cancel", "pending"),
    S.PENDING_REPLACE: ("◌", "Pending replace", "pending"),
    S.CANCELED: ("✕", "Canceled", "stale"),
    S.REJECTED: ("✕", "Rejected", "rejected"),
    S.EXPIRED: ("◷", "Expired", "stale"),
}
AWAITING_TRIGGER = ("◆", "Awaiting trigger", "accent")
SIDE_TONES = {Side.BUY: "buy", Side.SELL: "sell", Side.SELL_SHORT: "short"}


def status_signs(order: Order) -> tuple[str, str, str]:
    """Return sign, word and tone of an order's status."""
    if order.status is S.NEW and order.awaits_trigger:
        return AWAITING_TRIGGER
    return STATUS[order.status]


def time_of_day(ts: int, zone: ZoneInfo) -> str:
    """Return `ts` (nanoseconds UTC) as the desk's time of day."""
    return f"{datetime.fromtimestamp(ts // 1_000_000_000, UTC).astimezone(zone):%H:%M:%S}"


def slippage_bps(order: Order) -> int | None:
    """Return the average price against the arrival mid, in bps; what the desk paid is positive."""
    if not order.cum_qty or not order.arrival_px:
        return None
    return order.side.sign * (order.avg_px - order.arrival_px) * BPS // order.arrival_px


def order_columns(core: SessionCore, zone: ZoneInfo) -> list[Column[Order]]:
    """Return the columns over the orders of `core`, times in `zone`."""

    def price(
        name: str,
        title: str,
        value: Callable[[Order], int | None],
        help: str,
        visible: bool = True,
    ) -> Column[Order]:
        def text(order: Order) -> str:
            px = value(order)
            instrument = core.state.instruments.get(order.symbol)
            return instrument.show_price(px) if px and instrument else ""

        return Column(
            name, title, Kind.PRICE, 78, lambda o: value(o) or None, text, help, visible=visible
        )

    def last_px(order: Order) -> int | None:
        quote = core.quotes.get(order.symbol)
        return quote.last if quote is not None else None

    def done_bps(order: Order) -> int:
        return order.cum_qty * BPS // order.qty if order.qty else 0

    def slippage_text(order: Order) -> str:
        bps = slippage_bps(order)
        return "" if bps is None else f"{bps:+d}"

    word, integer = text_column, integer_column
    return [
        Column(
            "status", "Status", Kind.TEXT, 122,
            value=lambda o: status_signs(o)[1], text=lambda o: " ".join(status_signs(o)[:2]),
            tone=lambda o: status_signs(o)[2], help="Where the order stands (FIX OrdStatus)",
        ),
        Column(
            "time", "Time", Kind.TIME, 72,
            value=lambda o: o.created_ts, text=lambda o: time_of_day(o.created_ts, zone),
            help=f"When the desk took the order, {zone.key}",
        ),
        word(
            "side", "Side", 50, lambda o: o.side.label, "Buy, sell or sell short",
            tone=lambda o: SIDE_TONES[o.side], strong=True,
        ),
        word("symbol", "Symbol", 66, lambda o: o.symbol, "Ticker", strong=True),
        integer("qty", "Qty", 64, lambda o: o.qty, "Quantity ordered"),
        integer("done", "Done", 62, lambda o: o.cum_qty, "Quantity filled"),
        integer("leaves", "Leaves", 62, lambda o: o.leaves_qty, "Quantity that may still fill"),
        Column(
            "pct", "% Done", Kind.PERCENT, 62,
            value=done_bps, text=lambda o: f"{done_bps(o) // 100}%",
            bar=lambda o: done_bps(o) / BPS or None, help="Share of the quantity filled",
        ),
        word("type", "Type", 46, lambda o: o.order_type.label, "Order type"),
        price("limit", "Limit", lambda o: o.limit_px, "Limit price"),
        price("stop", "Stop", lambda o: o.stop_px, "Stop price"),
        word("tif", "TIF", 40, lambda o: o.time_in_force.label, "Time in force"),
        price("last", "Last", last_px, "Last trade of the name"),
        price("avg", "Avg px", lambda o: o.avg_px, "Average fill price"),
        Column(
            "slip", "Slip bp", Kind.INTEGER, 56, value=slippage_bps, text=slippage_text,
            tone=lambda o: _gain_tone(slippage_bps(o)),
            help="Average price against the mid at arrival, in basis points; + is a cost",
        ),
        word("account", "Account", 74, lambda o: o.account, "Client account"),
        word("trader", "Trader", 54, lambda o: o.trader, "Who entered it"),
        word("order", "Order", 118, lambda o: o.order_id, "The desk's order id"),
        word("reason", "Reason", 420, lambda o: o.reason, "Why, in plain words"),
        price("arrival", "Arrival", lambda o: o.arrival_px, "Mid at arrival", visible=False),
        integer("lastqty", "Last qty", 70, lambda o: o.last_qty, "Last fill", visible=False),
        word("venue", "Venue", 56, lambda o: o.venue, "Where it works", visible=False),
        word(
            "clordid", "Client order", 128, lambda o: o.cl_ord_id,
            "The id that the venue knows it by (FIX ClOrdID)", visible=False,
        ),
        integer("version", "Version", 60, lambda o: o.version, "Amendments, and 1", visible=False),
        Column(
            "amended", "Updated", Kind.TIME, 72, visible=False,
            value=lambda o: o.updated_ts, text=lambda o: time_of_day(o.updated_ts, zone),
            help=f"When it last changed, {zone.key}",
        ),
    ]  # fmt: skip


def _gain_tone(bps: int | None) -> str | None:
    if not bps:
        return None
    return "loss" if bps > 0 else "gain"
