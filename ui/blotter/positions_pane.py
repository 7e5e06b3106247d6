"""The live Positions blotter: what each account holds, at the last prices."""

from __future__ import annotations

from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.session.client import Session
from app.session.step import Changed
from ui.blotter.filter_bar import Chip
from ui.blotter.holdings import Holding, holdings, totals_by_currency
from ui.blotter.pane import BlotterPane
from ui.blotter.position_columns import position_columns
from ui.blotter.signs import short_money, signed_money
from ui.blotter.words import known_values
from ui.tables.filter_query import Vocabulary

_REFRESH_MS: Final = 500

CHIPS: Final = (
    Chip("Long", "qty>0", "What is held"),
    Chip("Short", "qty<0", "What is owed"),
    Chip("Flat", "qty=0", "What was closed today"),
)
GROUPS: Final = ("account", "symbol", "currency")


class PositionsPane(BlotterPane):
    """Positions with their day P&L; valued anew a few times a second while they are looked at."""

    help_page: ClassVar[str] = "positions"
    noun: ClassVar[str] = "position"
    has_totals: ClassVar[bool] = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        core = session.core
        super().__init__(
            session,
            ZoneInfo("UTC"),
            position_columns(core),
            lambda holding: holding.key,
            title="Positions",
            vocabulary=Vocabulary(names={"ccy": "currency", "p&l": "pnl"}),
            values=known_values(core),
            chips=CHIPS,
            groups=GROUPS,
            parent=parent,
        )
        self.bar.edit.setPlaceholderText("account:growth qty<0 pnl<-1k")
        self.table.set_empty_text("No positions yet", "The first fill makes one")
        self.table.sortByColumn(self.model.column_index("symbol"), Qt.SortOrder.AscendingOrder)
        self._held: dict[str, Holding] = {}
        self._is_stale = True
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        session.listeners.append(self.on_changed)

    def on_changed(self, changed: Changed) -> None:
        """Note that something may be worth another amount."""
        if changed.orders or changed.reference or changed.quotes:
            self._is_stale = True

    @Slot()
    def refresh(self) -> None:
        """Value what is held, if anything changed and somebody looks."""
        if not self._is_stale or not self.isVisible():
            return
        self._is_stale = False
        held = {one.key: one for one in holdings(self._session.core)}
        changed = [one for key, one in held.items() if self._held.get(key) != one]
        gone = self._held.keys() - held.keys()
        self._held = held
        if gone:
            self.model.remove(gone)
        if changed:
            self.model.upsert(changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Value what is held now."""
        super().showEvent(event)
        self.refresh()

    def figures(self) -> list[str]:
        """Return what is held in each currency, of the rows shown."""
        totals = totals_by_currency(list(self.model.visible_rows()))
        return [
            f"{total.currency}  net {short_money(total.net)}  gross {short_money(total.gross)}  "
            f"day P&L {signed_money(total.day_pnl)}"
            for total in totals
        ]
