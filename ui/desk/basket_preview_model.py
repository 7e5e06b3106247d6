"""A basket before it is loaded, cell by cell: what is wrong is marked where it stands."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.baskets.preview import COLUMNS, BasketPreview, Line
from ui import theme

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NAMES: Final = tuple(COLUMNS)
_TITLES: Final = ("Line", *(name.capitalize() for name in _NAMES), "What it says")
_NUMBERS: Final = (0, 1 + _NAMES.index("qty"), 1 + _NAMES.index("limit"))


class BasketPreviewModel(QAbstractTableModel):
    """Reads only; lines that are wrong stand first, then those that warn."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    def show_preview(self, found: BasketPreview | None) -> None:
        """Show a basket's lines."""
        self.beginResetModel()
        lines = found.lines if found is not None else ()
        self._lines = sorted(lines, key=lambda line: (not line.faults, not line.warnings))
        self.endResetModel()

    def words_at(self, row: int) -> str:
        """Return all that is to be said of a line."""
        if not 0 <= row < len(self._lines):
            return ""
        line = self._lines[row]
        return " ".join(fault.text for fault in line.faults) or line.warnings

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """One row a line."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """The line's number, its cells, what is to be said."""
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts; a wrong cell in its colour, with the reason as its tooltip."""
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, column, index.row())
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return int(_RIGHT)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._fault(line, column) or self.words_at(index.row()) or None
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(line, column)
        return None

    def _text(self, line: Line, column: int, row: int) -> str:
        if column == 0:
            return f"{line.number:,}"
        if column > len(_NAMES):
            said = self.words_at(row)
            sign = "✕ " if line.faults else "⚠ " if line.warnings else ""
            return f"{sign}{said}" if said else "✓"
        text = line.cells.get(_NAMES[column - 1], "")
        return f"✕ {text or 'missing'}" if self._fault(line, column) else text

    def _fault(self, line: Line, column: int) -> str:
        if not 0 < column <= len(_NAMES):
            return ""
        name = _NAMES[column - 1]
        return " ".join(fault.text for fault in line.faults if fault.column == name)

    def _colour(self, line: Line, column: int) -> Any:
        if self._fault(line, column):
            return theme.colour("blocked")
        if column > len(_NAMES):
            tone = "blocked" if line.faults else "warning" if line.warnings else "gain"
            return theme.colour(tone)
        return None
