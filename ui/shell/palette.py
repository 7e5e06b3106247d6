"""The command palette: type a few letters of anything, and Enter does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.shell.palette_entries import FOUND_MAX, Entry

_WIDTH: Final = 620
_ROW_PX: Final = 28
_KIND_PX: Final = 64
_TOP_PX: Final = 44
_KEYS: Final = frozenset(
    {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Up, Qt.Key.Key_Down}
    | {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
)

Find = Callable[[str], Sequence[Entry]]
_ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class EntryModel(QAbstractListModel):
    """What was found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Hold `entries` and nothing else."""
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many were found."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of an entry."""
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = (entry.kind, entry.title, entry.detail, entry.key)
            return ", ".join(word for word in words if word)
        return None


class _EntryDelegate(QStyledItemDelegate):
    """Paints kind, title, detail and key of an entry."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are alike."""
        return QSize(200, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        model = index.model()
        assert isinstance(model, EntryModel)
        entry = model.entries[index.row()]
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        lift = "+" if is_chosen else ""
        if is_chosen:
            painter.fillRect(rect, theme.colour("selection"))
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), theme.colour("accent"))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.ui_font(theme.FONT_PX - 2))
        painter.setPen(QColor(theme.colour(f"muted{lift}")))
        kind = QRect(rect.left() + 12, rect.top(), _KIND_PX, rect.height())
        painter.drawText(kind, middle, entry.kind)
        right = int(Qt.AlignmentFlag.AlignRight) | middle
        painter.drawText(rect.adjusted(0, 0, -12, 0), right, entry.key)
        key_width = QFontMetrics(painter.font()).horizontalAdvance(entry.key) + 24
        font = theme.ui_font()
        font.setWeight(QFont.Weight.Medium)
        metrics = QFontMetrics(font)
        left, end = kind.right() + 8, rect.right() - key_width
        title = metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, end - left)
        painter.setFont(font)
        painter.setPen(theme.colour(f"text{lift}"))
        painter.drawText(QRect(left, rect.top(), end - left, rect.height()), middle, title)
        left += metrics.horizontalAdvance(title) + 10
        if entry.detail and end - left > 40:
            painter.setFont(theme.ui_font(theme.FONT_PX - 1))
            painter.setPen(theme.colour(f"muted{lift}"))
            detail = QFontMetrics(painter.font()).elidedText(
                entry.detail, Qt.TextElideMode.ElideRight, end - left
            )
            painter.drawText(QRect(left, rect.top(), end - left, rect.height()), middle, detail)


class Palette(QFrame):
    """Lies over the window while it is asked; Esc or a click elsewhere puts it away.

    Attributes:
        line_edit: what is typed.
        model: what was found.
    """

    def __init__(self, find: Find, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "overlay")
        self.setAccessibleName("Command palette")
        self._find = find
        self._came_from: QWidget | None = None
        self.line_edit = QLineEdit(self)
        self.line_edit.setPlaceholderText("An action, a pane, a symbol, an order's number")
        self.line_edit.setAccessibleName("Search or run anything")
        self.line_edit.textChanged.connect(self._on_typed)
        self.line_edit.installEventFilter(self)
        self.model = EntryModel(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_EntryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._on_clicked)
        self._nothing = QLabel("Nothing is called that. Symbols, orders and actions are searched.")
        self._nothing.setParent(self)
        self._nothing.setProperty("role", "muted")
        self._nothing.setContentsMargins(12, 6, 12, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.line_edit)
        layout.addWidget(self._nothing)
        layout.addWidget(self.list)
        self.hide()

    def ask(self) -> None:
        """Come up, empty, with the keyboard."""
        if self.isVisible():
            self.put_away()
            return
        self._came_from = QApplication.focusWidget()
        self.line_edit.clear()
        self._on_typed("")
        self.show()
        self.raise_()
        self.line_edit.setFocus()

    @Slot()
    def put_away(self) -> None:
        """Go away, and give the keyboard back."""
        self.hide()
        if self._came_from is not None and self._came_from.isVisible():
            self._came_from.setFocus()
        self._came_from = None

    def run(self, row: int) -> None:
        """Do what stands in a row."""
        if not 0 <= row < len(self.model.entries):
            return
        entry = self.model.entries[row]
        self.put_away()
        entry.run()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self.model.show(self._find(text))
        has_any = bool(self.model.entries)
        self._nothing.setVisible(not has_any)
        self.list.setVisible(has_any)
        if has_any:
            self.list.setCurrentIndex(self.model.index(0, 0))
        self._place()

    def _place(self) -> None:
        window = self.window()
        rows = min(len(self.model.entries), FOUND_MAX)
        below = rows * _ROW_PX + 2 if rows else self._nothing.sizeHint().height()
        height = self.line_edit.sizeHint().height() + 22 + below
        width = min(_WIDTH, window.width() - 24)
        height = min(height, window.height() - _TOP_PX - 24)
        self.setGeometry((window.width() - width) // 2, _TOP_PX, width, height)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.run(index.row())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys of a list for the list, and go away when the keyboard goes elsewhere."""
        if watched is not self.line_edit:
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent) and event.key() in _KEYS:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # not the window's: Esc would drop the ticket
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._press(Qt.Key(event.key()))
                return True
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._came_from = None
            self.put_away()
        return super().eventFilter(watched, event)

    def _press(self, key: Qt.Key) -> None:
        row, last = self.list.currentIndex().row(), len(self.model.entries) - 1
        if key == Qt.Key.Key_Escape:
            self.put_away()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run(row)
        else:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8}.get(key, 8)
            wanted = (
                max(0, min(last, row + step)) if abs(step) > 1 else (row + step) % (last + 1 or 1)
            )
            if last >= 0:
                self.list.setCurrentIndex(self.model.index(wanted, 0))
