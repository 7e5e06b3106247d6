"""The Activity pane: what happens at the desk, one line each, the newest on top."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.events import AnyEvent
from ui.blotter.signs import time_of_day
from ui.compliance.event_words import EventWords, Line, short_id
from ui.compliance.filling import FillingColumn
from ui.tables.columns import Column, Kind, text_column
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

LINES_MAX: Final = 5_000
_SHOW_MS: Final = 150


@dataclass(frozen=True)
class NumberedLine:
    """A line with its place in the order of coming."""

    number: int
    line: Line

    @property
    def key(self) -> str:
        """What the row is known by."""
        return str(self.number)


def activity_columns(zone: ZoneInfo) -> list[Column[NumberedLine]]:
    """Return the pane's columns; a new one is one more entry."""
    word = text_column
    return [
        Column(
            "time", "Time", Kind.TIME, 66,
            value=lambda r: r.line.ts, text=lambda r: time_of_day(r.line.ts, zone),
            tone=lambda r: "muted", help=f"When the engine wrote it, {zone.key}",
        ),
        word("who", "Who", 60, lambda r: r.line.who, "Who did it"),
        word("what", "What", 240, lambda r: r.line.what, "What happened",
             tone=lambda r: r.line.tone),
        word("order", "Order", 60, lambda r: short_id(r.line.order_id), "The order it is about",
             tone=lambda r: "muted"),
        Column(
            "number", "#", Kind.INTEGER, 56, visible=False,
            value=lambda r: r.number, text=lambda r: f"{r.number:,}", help="Order of coming",
        ),
    ]  # fmt: skip


class ActivityPane(QFrame):
    """The desk's news since the window was opened, the last `LINES_MAX` of it.

    Attributes:
        model, table: the lines, and the view of them.

    Signals:
        order_wanted: a line's order should be shown; carries its id.
    """

    help_page: ClassVar[str] = "activity"
    order_wanted = Signal(str)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._words = EventWords()
        self._lines: deque[NumberedLine] = deque(maxlen=LINES_MAX)
        self._fresh: list[NumberedLine] = []
        self._number = 0
        self.model = LiveTableModel(activity_columns(zone), key=lambda row: row.key, parent=self)
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName("Activity of the desk")
        self.table.set_empty_text(
            "Nothing has happened yet", "What anybody at the desk does shows here"
        )
        column = self.model.column_index("number")
        self.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        self.table.doubleClicked.connect(self._on_activated)
        self._filling = FillingColumn(self.table, self.model.column_index("what"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        self._show_timer = QTimer(self)
        self._show_timer.setSingleShot(True)
        self._show_timer.setInterval(_SHOW_MS)
        self._show_timer.timeout.connect(self._show_fresh)
        session.listeners.append(self.on_changed)

    def focus_pane(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()

    def save_state(self) -> dict[str, Any]:
        """Return columns and sort."""
        return {"table": self.table.save_state(), "fills": self._filling.is_on}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned."""
        table = state.get("table")
        if isinstance(table, dict):
            self.table.restore_state(table)
        self._filling.restored(dict(state))

    def on_changed(self, changed: Changed) -> None:
        """Take in what has happened."""
        for event in changed.events:
            self._note(event)
        if self._fresh and self.isVisible() and not self._show_timer.isActive():
            self._show_timer.start()

    def _note(self, event: AnyEvent) -> None:
        line = self._words.line(event, self._session.core.state)
        if line is None:
            return
        self._number += 1
        row = NumberedLine(self._number, line)
        self._lines.append(row)
        if self.isVisible():
            self._fresh.append(row)

    @Slot()
    def _show_fresh(self) -> None:
        """Show what came, and let go of as much at the other end."""
        fresh, self._fresh = self._fresh[-LINES_MAX:], []
        over = self.model.total_count + len(fresh) - LINES_MAX
        if over > 0:
            oldest = self._lines[0].number
            self.model.remove(str(number) for number in range(max(1, oldest - over), oldest))
        self.model.upsert(fresh)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while nobody looked."""
        super().showEvent(event)
        self._fresh = []
        self.model.reset(self._lines)

    def hideEvent(self, event: QHideEvent) -> None:
        """Only remember while nobody looks."""
        super().hideEvent(event)
        self._show_timer.stop()
        self._fresh = []

    @Slot()
    def _on_activated(self) -> None:
        for key in self.table.selected_keys()[:1]:
            row = self.model.row_for(key)
            if row is not None and row.line.order_id:
                self.order_wanted.emit(row.line.order_id)
