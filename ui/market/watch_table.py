"""The watch list's view: keys and the mouse put rows in order, add them and take them out."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.tables.table_view import LiveTableView


class WatchTable(LiveTableView):
    """A live table whose rows can be moved.

    Attributes:
        is_movable: whether the list is one's own and in one's own order, so that rows can be moved.

    Signals:
        removal_requested: Del was pressed.
        addition_requested: Ins was pressed.
        move_requested: the selected rows are to move up (-1) or down (+1).
        drop_requested: the selected rows are to be put before the row of that number.
    """

    removal_requested = Signal()
    addition_requested = Signal()
    move_requested = Signal(int)
    drop_requested = Signal(int)

    is_movable = False
    _held_at: QPoint | None = None
    _drop_row: int | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the list's own keys; leave the rest to the table."""
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.AltModifier and key in moves:
            self.move_requested.emit(moves[key])
        elif modifiers == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Delete:
            self.removal_requested.emit()
        elif modifiers == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Insert:
            self.addition_requested.emit()
        elif key == Qt.Key.Key_Escape and self._drop_row is not None:
            self._let_go()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a row was taken hold of."""
        super().mousePressEvent(event)
        at = event.position().toPoint()
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        is_held = event.button() == Qt.MouseButton.LeftButton and is_plain
        on_row = self.indexAt(at).isValid()
        self._held_at = at if self.is_movable and is_held and on_row else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where the row would go."""
        at = event.position().toPoint()
        if self._held_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        far = QApplication.startDragDistance()
        if self._drop_row is not None or (at - self._held_at).manhattanLength() >= far:
            self._drop_row = self._gap_at(at)
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put the row down."""
        drop_row = self._drop_row
        self._let_go()
        if drop_row is not None:
            self.drop_requested.emit(drop_row)
        else:
            super().mouseReleaseEvent(event)

    def _gap_at(self, at: QPoint) -> int:
        """Return the number of the row before which something put down at `at` goes."""
        count = self.model().rowCount()
        row = self.rowAt(at.y())
        if row < 0:
            return 0 if at.y() < 0 else count
        middle = self.rowViewportPosition(row) + self.rowHeight(row) // 2
        return row if at.y() < middle else row + 1

    def _let_go(self) -> None:
        self._held_at = self._drop_row = None
        self.viewport().unsetCursor()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the table, and the gap that a held row would go into."""
        super().paintEvent(event)
        if self._drop_row is None:
            return
        count = self.model().rowCount()
        last = self.rowViewportPosition(count - 1) + self.rowHeight(count - 1) if count else 0
        y = self.rowViewportPosition(self._drop_row) if self._drop_row < count else last
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(0, max(1, y), self.viewport().width(), max(1, y))
        painter.end()
