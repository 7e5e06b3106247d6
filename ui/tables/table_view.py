"""The view of every live table: keyboard, copy, columns to choose, and no jumping about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView, QWidget

from ui import theme
from ui.tables.delegates import CellDelegate
from ui.tables.live_table_model import LiveTableModel

WIDTH_MIN: Final = 24
WIDTH_MAX: Final = 2_000
STATE_VERSION: Final = 1
_SELECTED_MAX: Final = 1_000

# What a spreadsheet would take for a formula (OWASP, "CSV injection") unless it is a plain number.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[-+]?(\d[\d,]*)?\.?\d+%?")


def tsv_cell(text: str) -> str:
    """Return `text` as one field of a table that is pasted into a spreadsheet.

    What would start a formula is made text by a leading apostrophe; breaks and tabs become spaces,
    and a field with quotation marks in it is quoted, lest it swallow its neighbours.
    """
    if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    text = re.sub(r"[\t\r\n]+", " ", text)
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


class LiveTableView(QTableView):
    """A table over a `LiveTableModel`: rows are selected whole, headings sort, nothing jumps.

    Signals:
        columns_changed: a column was moved, resized, shown or hidden, or the sort changed; time to
            keep `save_state()`.
    """

    columns_changed = Signal()

    def __init__(self, model: LiveTableModel[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = CellDelegate(self)
        self._live = model
        self._empty_text = ("Nothing here yet", "")
        self._filtered_text = ("The filter hides every row", "Clear the filter to see them")
        self._top_rows: list[str] = []
        self._selected_keys: list[str] = []
        self._dress()
        self.setModel(model)
        self.setItemDelegate(self.cells)
        self._set_up_header()
        model.cells_changed.connect(self.cells.glow)
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
        header.setMinimumSectionSize(WIDTH_MIN)
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

    def selected_keys(self) -> list[str]:
        """Return the keys of the selected rows, from top to bottom."""
        rows: set[int] = set()
        for part in self.selectionModel().selection().toList():
            rows.update(range(part.top(), part.bottom() + 1))
        return [self._live.key_at(row) for row in sorted(rows) if row < self._live.rowCount()]

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

    # --------------------------------------------------------------------------------- copy

    def selection_as_tsv(self) -> str:
        """Return the selected rows with headings, as shown, fit to be pasted into a spreadsheet."""
        columns = self._shown_columns()
        rows = [self._live.row_of_key(key) for key in self.selected_keys()]
        if not rows:
            return ""
        lines = [[self._live.columns[column].title for column in columns]]
        lines += [[self._live.cell(row, column).text for column in columns] for row in rows]
        return "".join("\t".join(map(tsv_cell, line)) + "\n" for line in lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on the system's key for it; leave the rest to Qt."""
        if event.matches(QKeySequence.StandardKey.Copy):
            text = self.selection_as_tsv()
            if text:
                QGuiApplication.clipboard().setText(text)
            event.accept()
            return
        super().keyPressEvent(event)

    def _shown_columns(self) -> list[int]:
        """Return the columns on screen, from left to right."""
        header = self.horizontalHeader()
        logical = (header.logicalIndex(visual) for visual in range(header.count()))
        return [column for column in logical if not self.isColumnHidden(column)]

    # ------------------------------------------------------------------------ column chooser

    def column_menu(self) -> QMenu:
        """Return a menu that shows and hides columns; the last one on screen can't be hidden."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        is_last = len(self._shown_columns()) == 1
        for at, column in enumerate(self._live.columns):
            action = menu.addAction(column.title or column.help or column.name)
            action.setData(column.name)
            action.setToolTip(column.help)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(at))
            action.setEnabled(not (is_last and action.isChecked()))
            action.toggled.connect(lambda is_on, at=at: self.show_column(at, is_on))
        menu.addSeparator()
        menu.addAction("Reset columns").triggered.connect(self._on_reset_columns_triggered)
        return menu

    def show_column(self, column: int, is_shown: bool) -> None:
        """Show or hide a column; the last one on screen stays."""
        if not is_shown and self._shown_columns() == [column]:
            return
        self.setColumnHidden(column, not is_shown)
        self.columns_changed.emit()

    def reset_columns(self) -> None:
        """Give columns the order, width and visibility that they are declared with."""
        header = self.horizontalHeader()
        for at, column in enumerate(self._live.columns):
            header.moveSection(header.visualIndex(at), at)
            header.resizeSection(at, column.width)
            header.setSectionHidden(at, not column.visible)

    # --------------------------------------------------------------------------------- state

    def save_state(self) -> dict[str, Any]:
        """Return order, widths and visibility of columns and the sort, as JSON can hold them."""
        header = self.horizontalHeader()
        columns = []
        for visual in range(header.count()):
            at = header.logicalIndex(visual)
            is_shown = not header.isSectionHidden(at)
            # A hidden section is 0 wide: show it to learn the width it will have.
            width = header.sectionSize(at) if is_shown else self._hidden_width(at)
            name = self._live.columns[at].name
            columns.append({"name": name, "width": width, "visible": is_shown})
        return {"version": STATE_VERSION, "columns": columns, "sort": self._sort_state()}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what it doesn't know or can't be read is left be."""
        if state.get("version") != STATE_VERSION:
            return
        saved = state.get("columns")
        place = 0
        for entry in saved if isinstance(saved, list) else []:
            at = self._live.column_index(str(entry.get("name"))) if isinstance(entry, dict) else -1
            if at >= 0:
                self._restore_column(at, entry, place)
                place += 1
        if not self._shown_columns():
            self.reset_columns()
        self._restore_sort(state.get("sort"))

    def _restore_column(self, at: int, entry: Mapping[str, Any], place: int) -> None:
        header = self.horizontalHeader()
        header.moveSection(header.visualIndex(at), place)
        header.setSectionHidden(at, False)
        width = entry.get("width")
        if isinstance(width, int) and WIDTH_MIN <= width <= WIDTH_MAX:
            header.resizeSection(at, width)
        header.setSectionHidden(at, entry.get("visible") is False)

    def _hidden_width(self, at: int) -> int:
        header = self.horizontalHeader()
        with _Quiet(header):
            header.setSectionHidden(at, False)
            width = header.sectionSize(at)
            header.setSectionHidden(at, True)
        return width

    def _sort_state(self) -> dict[str, str] | None:
        at = self._live.sort_column
        if at < 0:
            return None
        is_descending = self._live.sort_order == Qt.SortOrder.DescendingOrder
        return {"column": self._live.columns[at].name, "order": "desc" if is_descending else "asc"}

    def _restore_sort(self, sort: Any) -> None:
        at = self._live.column_index(str(sort.get("column"))) if isinstance(sort, dict) else -1
        is_descending = at >= 0 and sort.get("order") == "desc"
        order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
        self.sortByColumn(at, order)

    # --------------------------------------------------------------------- staying in place

    @Slot()
    def _on_rearranging(self) -> None:
        """Remember what is being read, unless the newest rows at the top are."""
        bar = self.verticalScrollBar()
        count = self._live.visible_count
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

    def showEvent(self, event: QShowEvent) -> None:
        """Take up the changes that came while nobody looked."""
        super().showEvent(event)
        self._live.set_held(False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Hold changes back while nobody looks."""
        super().hideEvent(event)
        self._live.set_held(True)

    # ------------------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the table, or say why it is empty."""
        if self._live.visible_count:
            self._paint_beyond_columns(event.rect())
            self.cells.begin_pass(self._live, *self._chosen())
            super().paintEvent(event)
            return
        super().paintEvent(event)
        self._paint_reason()

    def _chosen(self) -> tuple[set[int], tuple[int, int] | None]:
        """Return the selected rows, and the cell that has the keyboard, if any."""
        rows: set[int] = set()
        for part in self.selectionModel().selection().toList():
            rows.update(range(part.top(), part.bottom() + 1))
        current = self.currentIndex()
        has_keyboard = current.isValid() and self.hasFocus()
        return rows, (current.row(), current.column()) if has_keyboard else None

    def _paint_beyond_columns(self, dirty: QRect) -> None:
        """Carry the shade of rows on to the right edge, where no column is."""
        left = self.horizontalHeader().length() - self.horizontalHeader().offset()
        right = self.viewport().width()
        if left >= right or dirty.right() < left:
            return
        painter = QPainter(self.viewport())
        for row in range(max(0, self.rowAt(0)), self._live.visible_count):
            top, height = self.rowViewportPosition(row), self.rowHeight(row)
            if top > dirty.bottom():
                break
            is_selected = self.selectionModel().isRowSelected(row, self.rootIndex())
            if is_selected or row % 2:
                ground = "selection" if is_selected else "alternate"
                painter.fillRect(left, top, right - left, height, theme.colour(ground))
        painter.end()

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
            self.cells.forget_fonts()
        super().changeEvent(event)

    # --------------------------------------------------------------------------------- slots

    @Slot(QPoint)
    def _on_header_menu_requested(self, at: QPoint) -> None:
        menu = self.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    @Slot()
    def _on_columns_changed(self) -> None:
        self.columns_changed.emit()

    @Slot()
    def _on_reset_columns_triggered(self) -> None:
        self.reset_columns()
        self.columns_changed.emit()


class _Quiet:
    """Keeps a widget from sending signals for a while."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._was = False

    def __enter__(self) -> None:
        self._was = self._widget.blockSignals(True)

    def __exit__(self, *_: object) -> None:
        self._widget.blockSignals(self._was)
