"""The Fills blotter's columns, as data: a new column is one more entry in the list."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from app.session.step import SessionCore
from models.executions import Execution
from models.orders import Order
from ui.blotter.signs import (
    SIDE_TONES,
    TENTHS_PER_BP,
    cost_tone,
    short_money,
    short_qty,
    signed_tenths,
    slippage,
    time_of_day,
)
from ui.blotter.worth import Worth, whole_money
from ui.tables.columns import (
    Column,
    Kind,
    count_of,
    integer_column,
    mean_of,
    sum_of,
    text_column,
)


def fill_columns(core: SessionCore, zone: ZoneInfo) -> list[Column[Execution]]:
    """Return the columns over the executions of `core`, times in `zone`."""
    worth = Worth(core)

    def order_of(fill: Execution) -> Order | None:
        return core.state.orders.get(fill.order_id)

    def trader(fill: Execution) -> str:
        order = order_of(fill)
        return order.trader if order is not None else ""

    def slip(fill: Execution) -> int | None:
        order = order_of(fill)
        return slippage(fill.side, fill.px, order.arrival_px) if order is not None else None

    def notional(fill: Execution) -> int | None:
        return worth.money(fill.symbol, fill.px, fill.qty)

    def shown_px(symbol: str, px: int) -> str:
        instrument = core.state.instruments.get(symbol)
        return instrument.show_price(px) if px and instrument else ""

    def slip_text(fill: Execution) -> str:
        tenths = slip(fill)
        return "" if tenths is None else signed_tenths(tenths)

    def money_text(value: Callable[[Execution], int | None]) -> Callable[[Execution], str]:
        return lambda fill: "" if (amount := value(fill)) is None else whole_money(amount)

    def arrival(fill: Execution) -> int | None:
        order = order_of(fill)
        return (order.arrival_px or None) if order is not None else None

    word, integer = text_column, integer_column
    return [
        Column(
            "time", "Time", Kind.TIME, 66,
            value=lambda f: f.ts, text=lambda f: time_of_day(f.ts, zone),
            help=f"When it traded, {zone.key}",
            total=count_of(lambda n: f"{n:,} fill{'' if n == 1 else 's'}"),
        ),
        word(
            "side", "Side", 54, lambda f: f.side.label, "Buy, sell or sell short",
            tone=lambda f: SIDE_TONES[f.side], strong=True,
        ),
        word("symbol", "Symbol", 66, lambda f: f.symbol, "Ticker", strong=True),
        integer("qty", "Qty", 66, lambda f: f.qty, "Quantity traded", total=sum_of(short_qty)),
        Column(
            "px", "Price", Kind.PRICE, 72, value=lambda f: f.px,
            text=lambda f: shown_px(f.symbol, f.px), help="Price of the fill",
        ),
        Column(
            "notional", "Notional", Kind.MONEY, 84, value=notional, text=money_text(notional),
            help="Quantity × price, in the rule book's currency", total=sum_of(short_money),
        ),
        Column(
            "slip", "Slip bp", Kind.INTEGER, 56, value=slip, text=slip_text,
            tone=lambda f: cost_tone(slip(f)), scale=TENTHS_PER_BP,
            help="Price against the mid when the order arrived, in basis points; + is a cost",
            total=mean_of(signed_tenths, weight="notional"),
        ),
        word("account", "Account", 76, lambda f: f.account, "Client account"),
        word("trader", "Trader", 56, trader, "Who entered the order"),
        word("venue", "Venue", 52, lambda f: f.venue, "Where it traded"),
        word("order", "Order", 118, lambda f: f.order_id, "The desk's order id"),
        word("exec", "Execution", 150, lambda f: f.exec_id, "The execution's id (FIX ExecID)"),
        Column(
            "arrival", "Arrival", Kind.PRICE, 72, value=arrival,
            text=lambda f: shown_px(f.symbol, arrival(f) or 0),
            help="Mid when the order arrived", visible=False,
        ),
    ]  # fmt: skip
