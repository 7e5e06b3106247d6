"""The Positions blotter's columns, as data: a new column is one more entry in the list."""

from __future__ import annotations

from collections.abc import Callable

from app.session.step import SessionCore
from models.money import BPS
from ui.blotter.holdings import Holding
from ui.blotter.signs import gain_tone, signed_money
from ui.blotter.worth import whole_money
from ui.tables.columns import Column, Kind, sum_of, text_column


def position_columns(core: SessionCore) -> list[Column[Holding]]:
    """Return the columns over the holdings of `core`."""

    def price(
        name: str, title: str, value: Callable[[Holding], int | None], help: str
    ) -> Column[Holding]:
        def text(one: Holding) -> str:
            px, instrument = value(one), core.state.instruments.get(one.symbol)
            return instrument.show_average(px) if px is not None and instrument else ""

        return Column(name, title, Kind.PRICE, 76, value, text, help)

    word = text_column
    return [
        word(
            "account", "Account", 80, lambda p: p.account, "Client account",
        ),
        word("symbol", "Symbol", 72, lambda p: p.symbol, "Ticker", strong=True),
        Column(
            "qty", "Qty", Kind.INTEGER, 76, value=lambda p: p.qty,
            text=lambda p: f"{p.qty:,}".replace("-", "−"),
            tone=lambda p: "short" if p.qty < 0 else None, strong=True,
            help="Held; short is negative", total=sum_of(unit="symbol"),
        ),
        price("avg", "Avg cost", lambda p: p.avg_px, "Selling here would neither win nor lose"),
        Column(
            "last", "Last", Kind.PRICE, 72, value=lambda p: p.last_px,
            text=lambda p: _shown(core, p.symbol, p.last_px),
            tone=lambda p: None if p.is_live else "stale",
            help="Last trade; grey: yesterday's close, as nothing has traded yet",
        ),
        Column(
            "value", "Market value", Kind.MONEY, 98, value=lambda p: p.value,
            text=lambda p: whole_money(p.value).replace("-", "−"),
            help="Quantity × last, in the name's currency",
            total=sum_of(lambda n: whole_money(n).replace("-", "−"), unit="currency"),
        ),
        Column(
            "pnl", "Day P&L", Kind.MONEY, 84, value=lambda p: p.day_pnl,
            text=lambda p: signed_money(p.day_pnl), tone=lambda p: gain_tone(p.day_pnl),
            help="Since yesterday's close, with today's trades, in the name's currency",
            total=sum_of(signed_money, unit="currency"),
        ),
        word("currency", "Ccy", 42, lambda p: p.currency, "The name's currency"),
        Column(
            "share", "Share of gross", Kind.PERCENT, 100, value=lambda p: p.share_bps,
            text=lambda p: "" if p.share_bps is None else _percent(p.share_bps),
            bar=lambda p: (p.share_bps or 0) / BPS or None,
            help="Share of the desk's gross value, in the rule book's currency",
        ),
        Column(
            "gross", "Gross", Kind.MONEY, 108, value=lambda p: p.gross,
            text=lambda p: "" if p.gross is None else whole_money(p.gross),
            help="Value without its sign, in the rule book's currency", visible=False,
            total=sum_of(whole_money),
        ),
        word(
            "name", "Name", 180, lambda p: _name(core, p.symbol), "Of the issuer", visible=False
        ),
    ]  # fmt: skip


def _shown(core: SessionCore, symbol: str, px: int) -> str:
    instrument = core.state.instruments.get(symbol)
    return instrument.show_price(px) if instrument and px else ""


def _name(core: SessionCore, symbol: str) -> str:
    instrument = core.state.instruments.get(symbol)
    return instrument.name if instrument else ""


def _percent(bps: int) -> str:
    return f"{bps // 100}.{bps // 10 % 10}%"
