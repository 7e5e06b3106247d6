"""The columns of the overview: a new one is one more entry."""

from __future__ import annotations

from collections.abc import Callable

from models.money import BPS, format_money
from ui.desk_head.trader_rows import TraderRow
from ui.tables.columns import Column, Kind, integer_column, text_column

_MILLION = 10**12  # of money's millionths


def short_money(money: int | None) -> str:
    """Return money in whole units below a million, in millions with two decimals above."""
    if money is None:
        return "–"
    if abs(money) >= _MILLION:
        return f"{format_money(money // 1_000_000)}m"
    return format_money(money, 0)


def overview_columns() -> list[Column[TraderRow]]:
    """Return the columns."""

    def money(
        name: str, title: str, value: Callable[[TraderRow], int | None], help: str
    ) -> Column[TraderRow]:
        return Column(
            name, title, Kind.MONEY, 76, value, lambda r: short_money(value(r)),
            f"{help}, in the rule book's currency; – where a price or a rate is not known",
        )  # fmt: skip

    def use_text(row: TraderRow) -> str:
        bps = row.limit_use_bps
        return "–" if bps is None else f"{bps // 100}.{bps % 100 // 10}%"

    def use_tone(row: TraderRow) -> str | None:
        bps = row.limit_use_bps
        if bps is None:
            return "muted"
        return "warning" if row.over_soft or bps >= BPS else None

    def halt_text(row: TraderRow) -> str:
        if not row.halted_by:
            return "● trading"
        what = "desk halted" if row.is_desk_halt and row.login else "halted"
        return f"■ {what} by {row.halted_by}"

    return [
        text_column(
            "trader", "Trader", 70, lambda r: r.login or "Σ desk", "Who; Σ is the whole desk",
            strong=True,
        ),
        text_column("name", "Name", 124, lambda r: r.name, "Their name", visible=False),
        Column(
            "state", "State", Kind.TEXT, 130, value=halt_text, text=halt_text,
            tone=lambda r: "blocked" if r.halted_by else "gain",
            help="Whether they may enter and amend, and who has halted them",
        ),
        integer_column("working", "Open", 50, lambda r: r.working_count,
                       "Orders that may still fill"),
        integer_column("orders", "Orders", 54, lambda r: r.order_count, "All orders of today"),
        money("to_do", "To do", lambda r: r.working,
              "What is still to be done, at its limit or the last price"),
        money("done", "Done", lambda r: r.done, "What was filled, at the fills' prices"),
        money("gross", "Gross", lambda r: r.gross,
              "What today's fills have built up at last prices, long and short added up"),
        money("net", "Net", lambda r: r.net,
              "What today's fills have built up at last prices, long less short"),
        Column(
            "limit_use", "Largest", Kind.PERCENT, 72,
            value=lambda r: r.limit_use_bps, text=use_text, tone=use_tone,
            bar=lambda r: min(1.0, r.limit_use_bps / BPS) if r.limit_use_bps else None,
            help="The largest order of today as a share of what one order may be worth",
        ),
        integer_column("over_soft", "Over soft", 72, lambda r: r.over_soft,
                       "Orders of today over the limit that warns"),
        Column(
            "alerts", "Alerts", Kind.INTEGER, 54,
            value=lambda r: r.open_alerts, text=lambda r: f"{r.open_alerts:,}",
            tone=lambda r: "warning" if r.open_alerts else "muted",
            help="Alerts about them that nobody has seen",
        ),
        text_column("role", "Role", 84, lambda r: r.role, "What they may do", visible=False),
    ]  # fmt: skip
