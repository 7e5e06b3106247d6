"""The view of every live table: keyboard, copy, columns to choose, and no jumping about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView, QWidget

from ui import theme
from ui.tables import header_menu, table_state
from ui.tables.column_places import ColumnPlaces, column_places
from ui.tables.delegates import CellDelegate
from ui.tables.families import CHILD_INDENT_PX
from ui.tables.folding import fold_by_click, fold_by_key
from ui.tables.live_table_model import LiveTableModel
from ui.tables.shown_table import ShownTable
from ui.tables.table_header import TableHeader
from ui.tables.table_painter import TablePainter
from ui.tables.totals_row import TotalsRow

_SELECTED_MAX: Final = 1_000

Index = QModelIndex | QPersistentModelIndex


class LiveTableView(QTableView):
    """A table over a `LiveTableModel`: rows are selected whole, headings sort, nothing jumps.

    Attributes:
        cells: draws and edits the cells; `cells.glow.glow_ms` says how long changed cells glow.
        painting: draws the rows.

    Signals:
        columns_changed: a column was moved, resized, shown, hidden or frozen, or the sort or the
            grouping changed; time to keep `save_state()`.
        edit_committed: a cell was edited and Enter pressed; carries the row's key, the column's
            name, and the text that its check takes. The cell shows it only once its row changes.
    """

    columns_changed = Signal()
    edit_committed = Signal(str, str, str)

    def __init__(self, model: LiveTableModel[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = model
        self._frozen = 0
        self._indented = -1  # the column that the tree has made wider
        self._totals: TotalsRow | None = None
        self.cells = CellDelegate(self)
        self.painting = TablePainter(self)
        self._empty_text = ("Nothing here yet", "")
        self._filtered_text = ("The filter hides every row", "Clear the filter to see them")
        self._top_rows: list[str] = []
        self._selected_keys: list[str] = []
        self._dress()
        self.setHorizontalHeader(TableHeader(self.column_places, self))
        self.setModel(model)
        self.setItemDelegate(self.cells)
        self._set_up_header()
        self.cells.edit_committed.connect(self.edit_committed)
        self.cells.edit_ended.connect(self._on_edit_ended)
        model.cells_changed.connect(self.cells.glow.start)
        model.totals_changed.connect(self._on_totals_changed)
        model.grouping_changed.connect(self._on_grouping_changed)
        model.tree_changed.connect(self._on_tree_changed)
        model.rearranging.connect(self._on_rearranging)
        model.rearranged.connect(self._on_rearranged)
        model.modelAboutToBeReset.connect(self._on_about_to_reset)
        model.modelReset.connect(self._on_reset)
        model.counts_changed.connect(self._on_counts_changed)

    def _dress(self) -> None:
        self.setFont(theme.table_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setTabKeyNavigation(False)  # Tab leaves the table for the next pane
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(theme.ROW_PX_COMPACT)
        rows.setDefaultSectionSize(theme.ROW_PX)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(table_state.WIDTH_MIN)
        header.setFixedHeight(theme.ROW_PX)
        header.setFont(theme.table_font())
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu_requested)
        # Without a sorted column first, enabling sorting would sort by column 0.
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.setSortIndicatorShown(False)  # the model's heading carries the arrow
        self.reset_columns()
        header.sectionMoved.connect(self._on_columns_changed)
        header.sectionResized.connect(self._on_columns_changed)
        header.sortIndicatorChanged.connect(self._on_columns_changed)

    # ------------------------------------------------------------------ what the owner says

    @property
    def live_model(self) -> LiveTableModel[Any]:
        """The model it was made with."""
        return self._live

    def set_compact(self, is_compact: bool) -> None:
        """Make rows 18 px high instead of 22."""
        height = theme.ROW_PX_COMPACT if is_compact else theme.ROW_PX
        self.verticalHeader().setDefaultSectionSize(height)

    def set_empty_text(self, title: str, hint: str = "") -> None:
        """Say what will appear here, and the key that makes it so."""
        self._empty_text = (title, hint)
        self.viewport().update()

    def set_filtered_text(self, title: str, hint: str = "") -> None:
        """Say what to do when the filter hides every row."""
        self._filtered_text = (title, hint)
        self.viewport().update()

    def totals_row(self) -> TotalsRow:
        """Return a row of totals that belongs right below this table, in the same layout.

        It takes the horizontal scroll bar with it, so that the totals stand under their columns.
        """
        if self._totals is None:
            self._totals = TotalsRow(self)
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return self._totals

    def group_by(self, name: str | None) -> None:
        """Group rows by a column of texts; None ungroups."""
        self._live.group_by(name)

    # -------------------------------------------------------------------------- the selection

    def selected_keys(self) -> list[str]:
        """Return the keys of the selected rows, from top to bottom."""
        rows = sorted(self.selected_rows(0, self._live.rowCount() - 1))
        return [self._live.key_at(row) for row in rows if self._live.heading_at(row) is None]

    def selected_rows(self, first: int, last: int) -> set[int]:
        """Return which rows from `first` to `last` are selected, headings among them too."""
        rows: set[int] = set()
        for part in self.selectionModel().selection().toList():
            rows.update(range(max(part.top(), first), min(part.bottom(), last) + 1))
        return rows

    def select_keys(self, keys: list[str]) -> None:
        """Select just these rows, as far as they are shown; the first becomes the current one."""
        chosen = self.selectionModel()
        chosen.clear()
        flag = chosen.SelectionFlag
        rows = [row for row in map(self._live.row_of_key, keys) if row >= 0]
        for row in rows:
            chosen.select(self._live.index(row, 0), flag.Select | flag.Rows)
        if rows:
            column = max(0, self.horizontalHeader().logicalIndexAt(0))
            chosen.setCurrentIndex(self._live.index(rows[0], column), flag.NoUpdate)

    def selection_as_tsv(self) -> str:
        """Return the selected rows with headings, as shown, fit to be pasted into a spreadsheet."""
        rows = [self._live.row_at(self._live.row_of_key(key)) for key in self.selected_keys()]
        return self._table_of(rows).as_tsv() if rows else ""

    def visible_table(self) -> ShownTable[Any]:
        """Return what is shown, for exports: columns on screen, rows that pass the filter.

        Rows of collapsed groups are in it, headings are not.
        """
        return self._table_of(self._live.visible_rows())

    def _table_of(self, rows: Any) -> ShownTable[Any]:
        return ShownTable([self._live.columns[at] for at in self.shown_columns()], rows)

    # --------------------------------------------------------------------------- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, edit a cell, fold a group or a family; leave the rest to Qt."""
        if event.matches(QKeySequence.StandardKey.Copy):
            text = self.selection_as_tsv()
            if text:
                QGuiApplication.clipboard().setText(text)
            event.accept()
        elif not (fold_by_key(self, event) or self._edit_by_key(event)):
            super().keyPressEvent(event)

    def _edit_by_key(self, event: QKeyEvent) -> bool:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return is_enter and not event.modifiers() and self.edit_cell(self.currentIndex())

    def edit_cell(self, index: Index) -> bool:
        """Open an editor in a cell; whether it can be edited."""
        if not index.isValid() or not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return False
        self.scrollTo(index)
        self.setCurrentIndex(index)
        self._live.set_pinned(True)
        self.edit(index)
        return True

    def closeEditor(self, editor: QWidget, hint: Any) -> None:
        """Close an editor, and let rows find their places again."""
        super().closeEditor(editor, hint)
        self._live.set_pinned(False)

    @Slot()
    def _on_edit_ended(self) -> None:
        self._live.set_pinned(False)

    # ------------------------------------------------------------------------------ the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold a group or a family whose arrow is clicked; leave the rest to Qt."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        if not (is_left and fold_by_click(self, event.position().toPoint())):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fold a group, or edit a cell that can be; `doubleClicked` is for the others."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            heading = self._live.heading_at(index.row())
            if heading is not None:
                self._live.set_collapsed(index.row(), not heading.is_collapsed)
                return
            # The second press on an arrow folds as the first did.
            if fold_by_click(self, event.position().toPoint()) or self.edit_cell(index):
                return
        super().mouseDoubleClickEvent(event)

    # ---------------------------------------------------------------------------- the columns

    def shown_columns(self) -> list[int]:
        """Return the columns on screen, from left to right."""
        header = self.horizontalHeader()
        logical = (header.logicalIndex(visual) for visual in range(header.count()))
        return [column for column in logical if not self.isColumnHidden(column)]

    def column_places(self) -> ColumnPlaces:
        """Return where the columns on screen stand."""
        return column_places(self.horizontalHeader(), self._frozen, self.viewport().width())

    @property
    def frozen_count(self) -> int:
        """How many columns, from the left, stay while the others scroll."""
        return self._frozen

    def freeze(self, count: int) -> None:
        """Let the first `count` columns on screen stay while the others scroll; 0 frees all."""
        if count != self._frozen:
            self._frozen = count
            self._on_columns_changed()

    def column_menu(self) -> QMenu:
        """Return a menu that shows and hides columns; the last one on screen can't be hidden."""
        return header_menu.column_menu(self)

    def choose_columns(self) -> None:
        """Open the window in which columns are searched, shown, hidden and put in order."""
        from ui.tables.column_chooser import ColumnChooser

        chooser = ColumnChooser(self)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.open()

    def show_column(self, column: int, is_shown: bool) -> None:
        """Show or hide a column; the last one on screen stays."""
        if not is_shown and self.shown_columns() == [column]:
            return
        self.setColumnHidden(column, not is_shown)
        self._on_columns_changed()

    def reset_columns(self) -> None:
        """Give columns the order, width and visibility that they are declared with."""
        header = self.horizontalHeader()
        for at, column in enumerate(self._live.columns):
            header.moveSection(header.visualIndex(at), at)
            header.setSectionHidden(at, False)
            header.resizeSection(at, column.width)
            header.setSectionHidden(at, not column.visible)
        self._frozen = 0
        if self._indented >= 0:
            self._indented = self.shown_columns()[0]
            width = self._live.columns[self._indented].width + CHILD_INDENT_PX
            header.resizeSection(self._indented, width)

    @Slot()
    def reset_columns_clicked(self) -> None:
        """Reset the columns, and say so."""
        self.reset_columns()
        self._on_columns_changed()

    def save_state(self) -> dict[str, Any]:
        """Return columns, sort, freeze and grouping, as JSON can hold them."""
        return table_state.saved_state(self)

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what it doesn't know or can't be read is left be."""
        table_state.restore_state(self, state)

    # --------------------------------------------------- frozen columns, where Qt asks for them

    def visualRect(self, index: Index) -> QRect:
        """Return where a cell is on screen."""
        rect = super().visualRect(index)
        if self._frozen and not rect.isNull():
            left = self.column_places().x_of(index.column())
            if left is not None:
                rect.moveLeft(left)
        return rect

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the cell at a point of the viewport."""
        if self._frozen:
            at = self.column_places().frozen_at(point.x())
            row = self.rowAt(point.y())
            if at >= 0:
                return self._live.index(row, at) if row >= 0 else QModelIndex()
        return super().indexAt(point)

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll until a cell is on screen, and not under a frozen column."""
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        lay = self.column_places()
        if not lay.frozen or not index.isValid():
            return
        if lay.x_of(index.column()) is not None:
            bar.setValue(before)
        else:
            hidden = lay.frozen_width - self.visualRect(index).left()
            if hidden > 0:
                bar.setValue(bar.value() - hidden)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Scroll; what is frozen has to be painted where Qt has just moved it from."""
        super().scrollContentsBy(dx, dy)
        if dx and self._frozen:
            self.viewport().update()
            self.horizontalHeader().viewport().update()

    # ----------------------------------------------------------------------- staying in place

    @Slot()
    def _on_rearranging(self) -> None:
        """Remember what is being read, unless the newest rows at the top are."""
        bar = self.verticalScrollBar()
        count = self._live.rowCount()
        if bar.value() == bar.minimum():
            self._top_rows = []
            return
        top = self.rowAt(0)
        last = min(count, top + self.viewport().height() // theme.ROW_PX_COMPACT + 1)
        self._top_rows = [self._live.key_at(row) for row in range(max(top, 0), last)]

    @Slot()
    def _on_rearranged(self) -> None:
        """Scroll by as much as most of the rows on screen have moved."""
        now = [self._live.row_of_key(key) for key in self._top_rows]
        # The median: one row that leaves for the other end of the list takes nobody with it.
        shifts = sorted(row - at for at, row in enumerate(now) if row >= 0)
        self._top_rows = []
        if shifts:
            self.updateGeometries()
            self.verticalScrollBar().setValue(shifts[len(shifts) // 2])

    @Slot()
    def _on_about_to_reset(self) -> None:
        self._selected_keys = self.selected_keys()[:_SELECTED_MAX]

    @Slot()
    def _on_reset(self) -> None:
        if self._selected_keys:
            self.select_keys(self._selected_keys)

    @Slot()
    def _on_counts_changed(self) -> None:
        if self._live.visible_count == 0:
            self.viewport().update()

    @Slot()
    def _on_totals_changed(self) -> None:
        if self._live.group_name is not None:
            self.viewport().update()  # the headings, among rows that are painted from pictures

    @Slot()
    def _on_grouping_changed(self) -> None:
        self.viewport().update()
        self.columns_changed.emit()

    @Slot()
    def _on_tree_changed(self) -> None:
        """Give the first column the room that the tree takes of it, and take it back."""
        header, shown = self.horizontalHeader(), self.shown_columns()
        if self._live.is_tree != (self._indented >= 0):
            at = shown[0] if self._live.is_tree else self._indented
            wider = CHILD_INDENT_PX if self._live.is_tree else -CHILD_INDENT_PX
            header.resizeSection(at, max(table_state.WIDTH_MIN, header.sectionSize(at) + wider))
            self._indented = at if self._live.is_tree else -1
        self._on_grouping_changed()

    def showEvent(self, event: QShowEvent) -> None:
        """Take up the changes that came while nobody looked."""
        super().showEvent(event)
        self._live.set_held(False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Hold changes back while nobody looks."""
        super().hideEvent(event)
        self._live.set_held(True)
        self.painting.strips.clear()

    # ------------------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the table, or say why it is empty."""
        if self._live.rowCount():
            self.painting.paint(event.rect())
        else:
            self._paint_reason()

    def _paint_reason(self) -> None:
        is_filtered = self._live.total_count > 0
        title, hint = self._filtered_text if is_filtered else self._empty_text
        painter = QPainter(self.viewport())
        middle = self.viewport().rect().adjusted(16, 0, -16, 0)
        line = theme.FONT_PX + 9
        upper = QRect(middle.left(), middle.center().y() - line, middle.width(), line)
        painter.setFont(theme.ui_font())
        painter.setPen(theme.colour("text"))
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, title)
        painter.setPen(theme.colour("muted"))
        painter.drawText(upper.translated(0, line), Qt.AlignmentFlag.AlignCenter, hint)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.cells.drawing.forget_fonts()
            self.painting.strips.clear()
        super().changeEvent(event)

    # --------------------------------------------------------------------------------- slots

    @Slot(QPoint)
    def _on_header_menu_requested(self, at: QPoint) -> None:
        header = self.horizontalHeader()
        assert isinstance(header, TableHeader)
        menu = header_menu.header_menu(self, header.section_at(at.x()))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(header.mapToGlobal(at))

    @Slot()
    def _on_columns_changed(self) -> None:
        if self._frozen:
            self.viewport().update()
            self.horizontalHeader().viewport().update()
        self.columns_changed.emit()
