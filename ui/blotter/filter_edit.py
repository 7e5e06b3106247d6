"""The filter's line: completes terms as they are typed, and underlines what isn't understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from shiboken6 import isValid

from ui import theme
from ui.blotter.filter_completion import Completion
from ui.tables.filter_query import FilterError
from ui.ticket.line_entry import LineEntry
from ui.ticket.one_line import Mistake

_ROW_PX: Final = 20
_WIDTH_PX: Final = 340
_TEXT_CHARS: Final = 18

# Text and cursor to what may be meant.
Complete = Callable[[str, int], Completion]


class FilterEdit(LineEntry):
    """A line with a list under it: ↓ and ↑ choose, Tab takes, Enter applies, Esc puts it away.

    Signals:
        applied: Enter was pressed, or a candidate taken.
    """

    applied = Signal()

    def __init__(self, complete: Complete, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(theme.mono_font(12))
        self.setClearButtonEnabled(True)
        self.setAccessibleName("Filter")
        self.setPlaceholderText("status:open side:buy qty>10k   (Ctrl+F)")
        self._complete = complete
        self._completion = Completion(0, 0, ())
        self._list = _Candidates(self)
        self.textEdited.connect(self._on_edited)
        self._list.itemClicked.connect(self._on_clicked)

    def show_errors(self, errors: Iterable[FilterError]) -> None:
        """Underline these; none of them takes the lines away."""
        self.mark(Mistake(error.start, error.end, error.reason) for error in errors)

    @property
    def is_completing(self) -> bool:
        """Whether the list is open."""
        return self._list.isVisible()

    # -- the list ------------------------------------------------------------------------------

    @Slot()
    def _on_edited(self) -> None:
        self._completion = self._complete(self.text(), self.cursorPosition())
        candidates = self._completion.candidates
        if not candidates:
            self._list.hide()
            return
        lines = [f"{one.text:<{_TEXT_CHARS}} {one.note}" for one in candidates]
        self._list.show_under(self, self._place_of(self._completion.start), lines)

    def _place_of(self, start: int) -> int:
        """Return where the letters from `start` on are painted, from the left of the edit."""
        text, metrics = self.text(), self.fontMetrics()
        zero = self.cursorRect().center().x()
        zero -= metrics.horizontalAdvance(text[: self.cursorPosition()])
        return max(0, zero + metrics.horizontalAdvance(text[:start]))

    def _take(self, row: int) -> None:
        completion, text = self._completion, self.text()
        self._list.hide()
        if not 0 <= row < len(completion.candidates):
            return
        chosen = completion.candidates[row]
        rest = text[completion.end :].lstrip()
        put = chosen.text if chosen.is_begun else f"{chosen.text} "
        self.setText(text[: completion.start] + put + rest)
        self.setCursorPosition(completion.start + len(put))
        if chosen.is_begun:
            self._on_edited()  # show the values before their first letter
        else:
            self.applied.emit()

    @Slot(QListWidgetItem)
    def _on_clicked(self, item: QListWidgetItem) -> None:
        self._take(self._list.row(item))

    # -- keys ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep Tab and Esc, while the list is open, from the window."""
        if isinstance(event, QKeyEvent) and self._list.isVisible():
            key = event.key()
            if event.type() == QEvent.Type.ShortcutOverride and key == Qt.Key.Key_Escape:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and key == Qt.Key.Key_Tab:
                self._take(max(0, self._list.currentRow()))
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the list while it is open; else edit."""
        key, is_open = event.key(), self._list.isVisible()
        steps = {Qt.Key.Key_Down.value: 1, Qt.Key.Key_Up.value: -1}.get(key, 0)
        if is_open and steps:
            self._list.step(steps)
        elif is_open and key == Qt.Key.Key_Escape:
            self._list.hide()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if is_open and self._list.currentRow() >= 0:
                self._take(self._list.currentRow())
            else:
                self._list.hide()
                self.applied.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Put the list away."""
        self._put_list_away()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Put the list away."""
        self._put_list_away()
        super().hideEvent(event)

    def _put_list_away(self) -> None:
        if isValid(self._list):  # it is the window's child, and may be gone before this one
            self._list.hide()


class _Candidates(QListWidget):
    """The list: a child of the window, so that it never takes the keyboard from the edit."""

    def __init__(self, edit: QLineEdit) -> None:
        super().__init__(edit)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFont(theme.mono_font(12))
        self.setFrameShape(QFrame.Shape.Box)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegate(_RowDelegate(self))
        self.setAccessibleName("Filter suggestions")
        self.hide()

    def show_under(self, edit: QLineEdit, left: int, lines: list[str]) -> None:
        """Show `lines` under `edit`, from `left` on, within its window."""
        window = edit.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.clear()
        self.addItems(lines)
        self.setCurrentRow(-1)
        below = edit.mapTo(window, QPoint(left, edit.height() + 1))
        width = min(_WIDTH_PX, window.width() - 8)
        x = max(4, min(below.x(), window.width() - width - 4))
        self.setGeometry(QRect(x, below.y(), width, len(lines) * _ROW_PX + 4))
        self.raise_()
        self.show()

    def step(self, steps: int) -> None:
        """Choose the next or the last before; beyond the ends it goes round."""
        row = self.currentRow()
        start = row if row >= 0 else (-1 if steps > 0 else 0)
        self.setCurrentRow((start + steps) % self.count())


class _RowDelegate(QStyledItemDelegate):
    """Rows of one height."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the row's size."""
        size = super().sizeHint(option, index)
        size.setHeight(_ROW_PX)
        return size
