"""Rows and columns for the tests of tables: small enough to read, with every kind of column."""

from __future__ import annotations

from dataclasses import dataclass

from models.money import MONEY_SCALE, PRICE_SCALE, format_price
from ui.tables.columns import NANOS_PER_SECOND, Column, Edit, Kind, count_of, mean_of, sum_of


@dataclass
class Line:
    """One row; `px` in 1e-9 units, `ts` in nanoseconds UTC."""

    key: str
    symbol: str | None = "AAPL"
    side: str = "buy"
    qty: int = 100
    done: int = 0
    px: int | None = None
    ts: int | None = 0
    note: str = ""
    ccy: str = "USD"


def key_of(line: Line) -> str:
    """Return what names a row."""
    return line.key


def line_columns() -> list[Column[Line]]:
    """Return the columns of a table of `Line`s."""
    return [
        Column("id", "Id", Kind.TEXT, 60, lambda r: r.key, lambda r: r.key),
        Column("symbol", "Symbol", Kind.TEXT, 70, lambda r: r.symbol, lambda r: r.symbol or ""),
        Column(
            "side",
            "Side",
            Kind.TEXT,
            48,
            lambda r: r.side,
            lambda r: r.side.upper(),
            tone=lambda r: r.side,
            strong=True,
            help="Buy or sell",
        ),
        Column(
            "qty",
            "Qty",
            Kind.INTEGER,
            70,
            lambda r: r.qty,
            lambda r: f"{r.qty:,}",
            total=sum_of(),
            edit=Edit(
                lambda r: str(r.qty),
                lambda r, text: "" if text.isdigit() else f"{text} is no whole number.",
                lambda r: r.done < r.qty,
            ),
        ),
        Column(
            "done_pct",
            "% Done",
            Kind.PERCENT,
            70,
            lambda r: 10_000 * r.done // r.qty if r.qty else None,
            lambda r: f"{100 * r.done // r.qty}%" if r.qty else "",
            bar=lambda r: r.done / r.qty if r.qty else None,
        ),
        Column(
            "limit",
            "Limit",
            Kind.PRICE,
            70,
            lambda r: r.px,
            lambda r: "" if r.px is None else format_price(r.px),
            total=mean_of(format_price, weight="done", unit="symbol"),
        ),
        Column(
            "notional",
            "Notional",
            Kind.MONEY,
            90,
            lambda r: None if r.px is None else r.px * r.qty * MONEY_SCALE // PRICE_SCALE,
            lambda r: "" if r.px is None else f"{r.px * r.qty // PRICE_SCALE:,}",
            visible=False,
            total=sum_of(lambda money: f"{money // MONEY_SCALE:,}", unit="ccy"),
        ),
        Column(
            "time",
            "Time",
            Kind.TIME,
            70,
            lambda r: r.ts,
            lambda r: "" if r.ts is None else f"{r.ts // NANOS_PER_SECOND}",
        ),
        Column(
            "note",
            "Note",
            Kind.TEXT,
            120,
            lambda r: r.note or None,
            lambda r: r.note,
            total=count_of(),
        ),
        Column("ccy", "Ccy", Kind.TEXT, 40, lambda r: r.ccy, lambda r: r.ccy, visible=False),
        Column(
            "done",
            "Done",
            Kind.INTEGER,
            60,
            lambda r: r.done,
            lambda r: f"{r.done:,}",
            visible=False,
        ),
    ]
