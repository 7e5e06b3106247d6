"""The Time & sales pane: a symbol's trades as they happen, the newest at the top."""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar, Final, NamedTuple
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.instruments import Instrument
from models.market import TAPE_MAX, Print
from ui.blotter.signs import time_of_day
from ui.market.market_pane import NO_SYMBOL, MarketPane
from ui.tables.columns import Column, Kind
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

FLUSH_MS: Final = 100
_SIGNS: Final = {1: ("▲", "gain"), -1: ("▼", "loss"), 0: ("", None)}


class Trade(NamedTuple):
    """A print as it is listed; `number` counts them here, `tick` is +1, -1, or 0 for unknown.

    At an unchanged price `tick` is that of the trade before: an uptick stays one (a zero-plus).
    """

    number: int
    printed: Print
    tick: int


def tick_after(before: Trade | None, px: int) -> int:
    """Return the direction of a trade at `px`."""
    if before is None:
        return 0
    return before.tick if px == before.printed.px else 1 if px > before.printed.px else -1


class TapePane(MarketPane):
    """Time and sales of a symbol: at most `TAPE_MAX` trades.

    Attributes:
        model, table: the trades, and the view of them.
    """

    help_page: ClassVar[str] = "tape"

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(session, zone, parent)
        self._zone = zone
        self._shown: deque[Trade] = deque()
        self._number = 0
        self._shown_symbol = ""
        self.model = LiveTableModel(
            self._columns(), key=lambda trade: str(trade.number), parent=self, flush_ms=FLUSH_MS
        )
        self.table = LiveTableView(self.model, self)
        self.table.cells.glow.glow_ms = 0  # a trade never changes; it only arrives
        self.table.setAccessibleName("Time and sales")
        self.table.set_empty_text(*NO_SYMBOL)
        # The last column's figures stand at the pane's edge, however wide the pane is.
        self.table.horizontalHeader().setStretchLastSection(True)
        newest_first = Qt.SortOrder.DescendingOrder
        self.table.sortByColumn(self.model.column_index("number"), newest_first)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.notice_label)
        layout.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def focus_pane(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()

    def save_state(self) -> dict[str, Any]:
        """Return symbol and columns, as JSON can hold them."""
        return {**super().save_state(), "table": self.table.save_state()}

    def restore_state(self, state: Any) -> None:
        """Take up what `save_state` returned; what can't be read is left be."""
        super().restore_state(state)
        table = state.get("table")
        if isinstance(table, dict):
            self.table.restore_state(table)

    def _columns(self) -> list[Column[Trade]]:
        """Return the columns over the trades of whatever symbol is shown."""

        def tone(trade: Trade) -> str | None:
            return _SIGNS[trade.tick][1]

        return [
            Column(
                "time", "Time", Kind.TIME, 76,
                value=lambda t: t.printed.ts, text=lambda t: time_of_day(t.printed.ts, self._zone),
                tone=lambda t: "muted", help=f"When it traded, {self._zone.key}",
            ),
            Column(
                "price", "Price", Kind.PRICE, 108,
                value=lambda t: t.printed.px, text=self._price_text, tone=tone,
                help="▲ above the last different price, ▼ below it",
            ),
            Column(
                "qty", "Qty", Kind.INTEGER, 72,
                value=lambda t: t.printed.qty, text=lambda t: f"{t.printed.qty:,}",
                help="Quantity traded",
            ),
            Column(
                "aggressor", "Hit by", Kind.TEXT, 62, visible=False,
                value=_aggressor, text=_aggressor,
                tone=lambda t: "buy" if t.printed.is_buy else "sell",
                help="Who took the price that rested: a buyer or a seller",
            ),
            Column(
                "number", "No.", Kind.INTEGER, 56, visible=False,
                value=lambda t: t.number, text=lambda t: f"{t.number:,}",
                help="Order of arrival: sort by it to have the newest at the top",
            ),
        ]  # fmt: skip

    def _price_text(self, trade: Trade) -> str:
        instrument: Instrument | None = self.instrument
        if instrument is None:
            return ""
        sign = _SIGNS[trade.tick][0]
        return f"{sign} {instrument.show_price(trade.printed.px)}".strip()

    # -- what the session says -----------------------------------------------------------------

    def _take_up(self) -> None:
        self._shown.clear()
        self._shown_symbol = self.symbol
        if not self.symbol:
            self.table.set_empty_text(*NO_SYMBOL)
        elif self.instrument is None:
            self.table.set_empty_text(
                f"{self.symbol} is not listed", "Choose a symbol that the watch list has"
            )
        else:
            self.table.set_empty_text(f"No trade in {self.symbol} yet", "Each is listed at once")
        self.model.reset(self._listed(self._tape()))

    def _take_in(self, changed: Changed) -> None:
        if self.symbol not in changed.market:
            return
        tape = self._tape()
        fresh = self._fresh(tape)
        if fresh is None:
            self._shown.clear()
            self.model.reset(self._listed(tape))
            return
        listed = self._listed(fresh)
        gone = [self._shown.popleft() for _ in range(len(self._shown) - TAPE_MAX)]
        self.model.upsert(listed)
        self.model.remove(str(trade.number) for trade in gone)

    def _tape(self) -> list[Print]:
        if self.instrument is None:
            return []
        return list(self._session.core.tapes.get(self.symbol, ()))

    def _fresh(self, tape: list[Print]) -> list[Print] | None:
        """Return the prints after the last that is listed; None where that is not on the tape.

        Prints are compared whole: their numbers begin again when the venue does.
        """
        if not self._shown:
            return tape
        last = self._shown[-1].printed
        at = next((at for at in range(len(tape) - 1, -1, -1) if tape[at] == last), None)
        return None if at is None else tape[at + 1 :]

    def _listed(self, prints: list[Print]) -> list[Trade]:
        """Add `prints` to what is listed, and return them so."""
        listed: list[Trade] = []
        for printed in prints:
            before = self._shown[-1] if self._shown else None
            self._number += 1
            trade = Trade(self._number, printed, tick_after(before, printed.px))
            self._shown.append(trade)
            listed.append(trade)
        return listed


def _aggressor(trade: Trade) -> str:
    return "buyer" if trade.printed.is_buy else "seller"
