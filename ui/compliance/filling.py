"""A column of words that takes the room the other columns leave, until somebody resizes one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Slot

from ui.tables.table_view import LiveTableView

_LEAST_PX = 120


class FillingColumn(QObject):
    """Fits one column of a table to the table's width.

    Attributes:
        is_on: whether it does; a person's own widths end it, a reset of columns begins it again.
    """

    def __init__(self, table: LiveTableView, column: int) -> None:
        super().__init__(table)
        self._table = table
        self._column = column
        self._is_fitting = False
        self.is_on = True
        table.viewport().installEventFilter(self)
        header = table.horizontalHeader()
        header.sectionResized.connect(self._on_resized)
        table.columns_changed.connect(self.fit)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.fit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the table's width."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.fit()
        return super().eventFilter(watched, event)

    def restored(self, state: dict[str, Any]) -> None:
        """Go on as it was left, after the table's columns were restored."""
        self.is_on = state.get("fills", True) is not False
        self._later.start(0)

    @Slot()
    def fit(self) -> None:
        """Give the column what the others leave."""
        header = self._table.horizontalHeader()
        if not self.is_on or self._is_fitting or header.isSectionHidden(self._column):
            return
        others = header.length() - header.sectionSize(self._column)
        width = max(_LEAST_PX, self._table.viewport().width() - others)
        if width != header.sectionSize(self._column):
            self._is_fitting = True
            header.resizeSection(self._column, width)
            self._is_fitting = False

    @Slot(int, int, int)
    def _on_resized(self, column: int, before: int, now: int) -> None:
        if self._is_fitting or not before or not now:
            return  # our own doing, or a column that was hidden or shown
        is_dragged = self._table.isVisible() and self._table.underMouse()
        if is_dragged:
            self.is_on = False
