"""What Qt asks of a live table's cells one by one: to be drawn, edited, and explained."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from ui import theme
from ui.tables.cell_cache import Cell
from ui.tables.cell_painter import PAD, CellPainter
from ui.tables.columns import Align, Column, Edit
from ui.tables.glow import Glow
from ui.tables.live_table_model import LiveTableModel

Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Draws, edits and explains the cells of a `LiveTableModel`.

    An editor is opened by the view only; Enter commits what was typed if the column's check takes
    it, Esc and leaving the editor drop it. Whatever changes meanwhile, the text stays as typed.

    Attributes:
        drawing: draws the cells.
        glow: which of them glow.

    Signals:
        edit_committed: Enter was pressed on a text that the check takes: key, column, text.
        edit_ended: an editor has gone.
    """

    edit_committed = Signal(str, str, str)
    edit_ended = Signal()

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self.drawing = CellPainter(view)
        self.glow = Glow(self._repaint, view.isVisible, self)
        self._view = view
        self._model: LiveTableModel[Any]
        self._selected: AbstractSet[int] = frozenset()
        self._focused: tuple[int, int] | None = None
        self._edited: tuple[str, str, str] | None = None  # key, column and text at first

    def _repaint(self, key: str, column: int) -> None:
        model = self._view.model()
        if isinstance(model, LiveTableModel):
            row = model.row_of_key(key)
            if row >= 0:
                self._view.update(model.index(row, column))

    # -------------------------------------------------------------------------- the painting

    def begin_pass(
        self,
        model: LiveTableModel[Any],
        selected: AbstractSet[int],
        focused: tuple[int, int] | None,
    ) -> None:
        """Take what holds for all cells of one painting: selected rows, and the cell in focus."""
        self._model, self._selected, self._focused = model, selected, focused

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell over the row's ground, as Qt's own painting asks for it."""
        row, at = index.row(), index.column()
        rect: QRect = option.rect
        if row in self._selected:
            painter.fillRect(rect, theme.colour("selection"))
        start = self.glow.columns_of(self._model.key_at(row)).get(at)
        self.paint_cell(painter, rect, row, at, start)
        if self._focused == (row, at):
            self.paint_focus(painter, rect)

    def paint_cell(
        self, painter: QPainter, rect: QRect, row: int, at: int, glowing_since: float | None
    ) -> None:
        """Paint one cell over its row's ground: glow, bar and text."""
        is_selected = is_lifted = row in self._selected
        if glowing_since is not None and (share := self.glow.share(glowing_since)) > 0.0:
            light = QColor(theme.colour("glow"))
            light.setAlphaF(share)
            painter.fillRect(rect, light)
            is_lifted = True
        column = self._model.columns[at]
        self.drawing.cell(
            painter,
            rect,
            self._model.cell(row, at),
            column.align,
            is_strong=column.strong,
            is_selected=is_selected,
            is_lifted=is_lifted,
        )

    def focused_column(self, row: int) -> int | None:
        """Return the column of `row` that has the keyboard, None for none."""
        if self._focused is None or self._focused[0] != row:
            return None
        return self._focused[1]

    @staticmethod
    def paint_focus(painter: QPainter, rect: QRect) -> None:
        """Paint the frame of the cell that has the keyboard."""
        painter.setPen(theme.colour("accent"))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))

    # --------------------------------------------------------------------------- the editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a line to edit a cell in, with what it starts with selected."""
        model: LiveTableModel[Any] = self._view.model()  # type: ignore[assignment]
        column = model.columns[index.column()]
        edit = _edit_of(column)
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setFont(self._view.font())
        right = column.align is Align.RIGHT
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        editor.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        editor.setText(edit.text(model.row_at(index.row())))
        editor.selectAll()
        editor.setAccessibleName(f"{column.title} of {model.key_at(index.row())}")
        editor.setToolTip("Enter takes it, Esc leaves it as it was")
        editor.textEdited.connect(lambda: self._mark(editor, ""))
        editor.destroyed.connect(self.edit_ended)
        self._edited = (model.key_at(index.row()), column.name, editor.text())
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Leave the text as typed: it was set at first, and the cell may change under it."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand the text over, unless it is what the editor started with."""
        if self._edited is None or not isinstance(editor, QLineEdit):
            return
        key, name, at_first = self._edited
        self._edited = None
        if editor.text() != at_first:
            self.edit_committed.emit(key, name, editor.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Commit on Enter if the text can be taken; drop it on Esc, Tab, or when left."""
        if not isinstance(watched, QLineEdit):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusOut:
            if not watched.hasFocus():
                self._drop(watched)
            return False
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # Esc, Enter and Del belong to the editor, whatever the window does with them.
            if event.key() in _EDITOR_KEYS:
                event.accept()
                return True
            return False
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._commit(watched)
                return True
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                self._drop(watched)
                return True
        return False

    def _commit(self, editor: QLineEdit) -> None:
        reason = self._refusal(editor.text())
        if reason:
            self._mark(editor, reason)
            return
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def _drop(self, editor: QLineEdit) -> None:
        self._edited = None
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)

    def _refusal(self, text: str) -> str:
        """Return why `text` can't be taken; "" when it can."""
        model = self._view.model()
        if self._edited is None or not isinstance(model, LiveTableModel):
            return ""
        key, name, at_first = self._edited
        row = model.row_for(key)
        if row is None or text == at_first:
            return ""
        return _edit_of(model.columns[model.column_index(name)]).check(row, text)

    @staticmethod
    def _mark(editor: QLineEdit, reason: str) -> None:
        """Show, or stop showing, why the text can't be taken."""
        if bool(editor.property("invalid")) != bool(reason):
            editor.setProperty("invalid", bool(reason))
            editor.style().polish(editor)
        if reason:
            QToolTip.showText(editor.mapToGlobal(editor.rect().bottomLeft()), reason, editor)
        else:
            QToolTip.hideText()

    # ------------------------------------------------------------------------- the explaining

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Show the whole text of a cell that is too narrow for it, and what a subtotal mixes."""
        model = index.model()
        if event.type() == QEvent.Type.ToolTip and isinstance(model, LiveTableModel):
            branch = model.branch_at(index.row())
            is_first = branch is not None and index.column() == self._first_column()
            indent = branch.indent_px if branch is not None and is_first else 0
            words = self._explanation(model, index, option.rect.width() - 2 * PAD - indent)
            if words:
                QToolTip.showText(event.globalPos(), words, view)
                return True
        return super().helpEvent(event, view, option, index)

    def _first_column(self) -> int:
        shown = getattr(self._view, "shown_columns", None)
        return next(iter(shown()), -1) if shown is not None else -1

    def _explanation(self, model: LiveTableModel[Any], index: Index, room: int) -> str:
        cell: Cell = model.cell(index.row(), index.column())
        if model.heading_at(index.row()) is not None:
            figure = model.subtotal(index.row(), index.column())
            if figure is not None and figure.lines:
                return "\n".join(figure.lines)
        is_strong = model.columns[index.column()].strong
        is_whole = self.drawing.width_of(cell.text, is_strong=is_strong) <= room
        return "" if is_whole else cell.text


_EDITOR_KEYS = (
    Qt.Key.Key_Escape,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
)


def _edit_of(column: Column[Any]) -> Edit[Any]:
    assert column.edit is not None  # Qt asks only for cells whose flags say so
    return column.edit
