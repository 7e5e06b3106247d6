"""Baskets and their lines as rows: how far each has come. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.session.step import SessionCore
from models.money import BPS
from models.orders import Order
from models.workflow import Basket
from ui.blotter.signs import SIDE_TONES, short_money, status_signs
from ui.blotter.worth import Worth, whole_money
from ui.tables.columns import Column, Kind, integer_column, text_column


@dataclass(frozen=True)
class BasketRow:
    """One basket, and what its lines add up to; money in millionths of the book's currency."""

    basket_id: str
    name: str
    author: str
    lines: int
    is_open: int
    waves: int
    sent_bps: int
    done_bps: int
    notional: int
    done: int


def basket_row(core: SessionCore, basket: Basket, worth: Worth) -> BasketRow:
    """Return how far a basket has come, weighed by what its lines are worth."""
    known = (core.state.orders.get(key) for key in basket.orders)
    orders = [order for order in known if order is not None]
    values = [(order, worth.notional(order) or 0) for order in orders]
    notional = sum(value for _, value in values)
    out = sum(value * order.committed_qty // order.qty for order, value in values)
    done = sum(value * order.cum_qty // order.qty for order, value in values)
    return BasketRow(
        basket_id=basket.basket_id,
        name=basket.name,
        author=basket.author,
        lines=len(basket.orders),
        is_open=sum(order.is_open for order in orders),
        waves=basket.waves,
        sent_bps=out * BPS // notional if notional else 0,
        done_bps=done * BPS // notional if notional else 0,
        notional=notional,
        done=sum(worth.done(order) or 0 for order in orders),
    )


def basket_columns(currency: str) -> list[Column[BasketRow]]:
    """Return the columns over baskets."""

    def share(name: str, title: str, of: str, help: str) -> Column[BasketRow]:
        return Column(
            name, title, Kind.PERCENT, 84,
            value=lambda row: int(getattr(row, of)),
            text=lambda row: f"{getattr(row, of) // 100}%",
            bar=lambda row: getattr(row, of) / BPS or None, help=help,
        )  # fmt: skip

    return [
        text_column("basket", "Basket", 190, lambda row: row.name, "Its name", strong=True),
        integer_column("lines", "Lines", 56, lambda row: row.lines, "How many orders it has"),
        integer_column("open", "Open", 52, lambda row: row.is_open, "Lines that are not done"),
        integer_column("waves", "Waves", 56, lambda row: row.waves, "How many waves went out"),
        share("sent", "Sent", "sent_bps", "Share of its value that is done or out at venues"),
        share("done", "Done", "done_bps", "Share of its value that is filled"),
        Column(
            "notional", "Notional", Kind.MONEY, 92, value=lambda row: row.notional,
            text=lambda row: short_money(row.notional), help=f"What it is worth, {currency}",
        ),
        Column(
            "value", "Done value", Kind.MONEY, 92, value=lambda row: row.done,
            text=lambda row: whole_money(row.done), help=f"What is filled, {currency}",
        ),
        text_column("author", "Loaded by", 84, lambda row: row.author, "Who loaded it"),
    ]  # fmt: skip


def line_columns(core: SessionCore) -> list[Column[Order]]:
    """Return the columns over a basket's lines."""

    def price(order: Order, px: int | None) -> str:
        instrument = core.state.instruments.get(order.symbol)
        return instrument.show_price(px) if px and instrument is not None else ""

    def done_bps(order: Order) -> int:
        return order.cum_qty * BPS // order.qty if order.qty else 0

    return [
        Column(
            "status", "Status", Kind.TEXT, 112,
            value=lambda o: status_signs(o)[1], text=lambda o: " ".join(status_signs(o)[:2]),
            tone=lambda o: status_signs(o)[2], help="Where the line stands",
        ),
        text_column(
            "side", "Side", 50, lambda o: o.side.label, "Buy, sell or sell short",
            tone=lambda o: SIDE_TONES[o.side], strong=True,
        ),
        text_column("symbol", "Symbol", 66, lambda o: o.symbol, "What is traded", strong=True),
        integer_column("qty", "Qty", 72, lambda o: o.qty, "Quantity ordered"),
        integer_column("room", "To send", 72, lambda o: o.room, "Neither done nor out"),
        integer_column(
            "out", "Out", 72, lambda o: o.committed_qty - o.cum_qty, "At venues now"
        ),
        integer_column("done", "Done", 72, lambda o: o.cum_qty, "Filled"),
        Column(
            "pct", "% Done", Kind.PERCENT, 66, value=done_bps,
            text=lambda o: f"{done_bps(o) // 100}%", bar=lambda o: done_bps(o) / BPS or None,
            help="Share of the quantity filled",
        ),
        Column(
            "limit", "Limit", Kind.PRICE, 76, value=lambda o: o.limit_px,
            text=lambda o: price(o, o.limit_px), help="Limit price, empty at market",
        ),
        Column(
            "avg", "Avg px", Kind.PRICE, 76, value=lambda o: o.avg_px or None,
            text=lambda o: price(o, o.avg_px), help="Average fill price",
        ),
        text_column("account", "Account", 84, lambda o: o.account, "Client account"),
        text_column("order", "Order", 118, lambda o: o.order_id, "The desk's order id"),
        text_column("reason", "Reason", 320, lambda o: o.reason, "Why, in plain words"),
    ]  # fmt: skip
