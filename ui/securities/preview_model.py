"""The lines of a file as a table: which line, which symbol, what it is, and what it says."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.securities.preview import Line, LineState
from ui import theme

_TITLES: Final = ("Line", "Symbol", "", "What it says")
_TONES: Final = {
    LineState.NEW: "accent",
    LineState.CHANGED: "text",
    LineState.UNCHANGED: "muted",
    LineState.WRONG: "blocked",
}
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def words_of(line: Line) -> str:
    """Return all that is to be said of a line, what is wrong first."""
    said = [fault.text for fault in line.faults]
    said += [f"⚠ {each}" for each in line.warnings]
    said += [f"{each.title} {each.old or '(empty)'} → {each.new or '(empty)'}" for each in
             line.changes]  # fmt: skip
    if line.state is LineState.NEW and line.instrument is not None:
        new = line.instrument
        said.append(f"{new.name}, {new.asset_class.words}, {new.market_code} in {new.currency}")
    return "  ·  ".join(said)


class PreviewModel(QAbstractTableModel):
    """Reads only; what is wrong stands first, then what is to be confirmed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Show these lines but for the unchanged ones, those first that ask for somebody."""
        self.beginResetModel()
        shown = [line for line in lines if line.state is not LineState.UNCHANGED]
        self._lines = sorted(
            shown, key=lambda line: (line.state is not LineState.WRONG, not line.warnings)
        )
        self.endResetModel()

    def words_at(self, row: int) -> str:
        """Return all that is to be said of the line in a row."""
        if not 0 <= row < len(self._lines):
            return ""
        line = self._lines[row]
        return f"Line {line.number}, {line.symbol or 'no symbol'}: {words_of(line)}"

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """One row a line."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Line, symbol, what it is, what it says."""
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, their colour, and the whole text where a cell is too narrow."""
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (f"{line.number:,}", line.symbol, line.state.value, words_of(line))[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return words_of(line).replace("  ·  ", "\n")
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 0:
            return int(_RIGHT)
        if role == Qt.ItemDataRole.ForegroundRole and column >= 2:
            return theme.colour("warning" if line.warnings else _TONES[line.state])
        return None
