"""The window in which the columns of a table are searched, shown, hidden and put in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
)

from ui import theme

if TYPE_CHECKING:
    from ui.tables.table_view import LiveTableView

_COLUMN: Final = int(Qt.ItemDataRole.UserRole)
_SIZE: Final = (440, 520)


class ColumnChooser(QDialog):
    """Columns in their order, ticked when shown; what is done here is seen in the table at once.

    Attributes:
        search: narrows the list to columns whose heading or help has these words.
        listed: the columns; Space ticks, Alt+Up and Alt+Down move, or drag them.
    """

    def __init__(self, view: LiveTableView) -> None:
        super().__init__(view)
        self.setWindowTitle("Columns")
        self.resize(*_SIZE)
        self._view = view
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search columns")
        self.search.setAccessibleName("Search columns")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self.listed = QListWidget(self)
        self.listed.setAccessibleName("Columns")
        self.listed.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.listed.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.listed.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.listed.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.listed.setUniformItemSizes(True)
        self.listed.itemChanged.connect(self._on_ticked)
        self.listed.model().rowsMoved.connect(self._on_dragged)
        self._lay_out()
        self._fill()
        self.search.setFocus()

    def _lay_out(self) -> None:
        self._up = self._button("Move up", "Alt+Up", -1)
        self._down = self._button("Move down", "Alt+Down", 1)
        reset = QPushButton("Reset to default", self)
        reset.setToolTip("Order, width and choice of columns as at first")
        reset.clicked.connect(self._on_reset_clicked)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.accept)
        for button in (self._up, self._down, reset, *buttons.findChildren(QPushButton)):
            button.setAutoDefault(False)  # Enter in the search must not press any
        hint = QLabel("Space shows or hides · Alt+↑ and Alt+↓ move · or drag", self)
        hint.setProperty("role", "muted")
        foot = QHBoxLayout()
        for widget in (self._up, self._down, reset):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.listed, 1)
        layout.addWidget(hint)
        layout.addLayout(foot)

    def _button(self, title: str, key: str, step: int) -> QPushButton:
        button = QPushButton(title, self)
        button.setToolTip(f"{title} ({key})")
        button.clicked.connect(lambda: self.move_current(step))
        QShortcut(QKeySequence(key), self, lambda: self.move_current(step))
        return button

    def _fill(self) -> None:
        """List the columns as the table has them."""
        header = self._view.horizontalHeader()
        self.listed.blockSignals(True)
        self.listed.clear()
        for visual in range(header.count()):
            at = header.logicalIndex(visual)
            column = self._view.live_model.columns[at]
            title = column.title or column.name
            item = QListWidgetItem(f"{title}  –  {column.help}" if column.help else title)
            item.setData(_COLUMN, at)
            item.setToolTip(column.help)
            item.setSizeHint(QSize(0, theme.ROW_PX))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            is_shown = not self._view.isColumnHidden(at)
            item.setCheckState(Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked)
            self.listed.addItem(item)
        self.listed.setCurrentRow(0)
        self.listed.blockSignals(False)
        self._on_searched(self.search.text())

    def move_current(self, step: int) -> None:
        """Move the current column one place up (-1) or down (1) among those that are listed."""
        row = self.listed.currentRow()
        other = row + step
        while 0 <= other < self.listed.count() and self.listed.item(other).isHidden():
            other += step
        if row < 0 or not 0 <= other < self.listed.count():
            return
        self._view.horizontalHeader().moveSection(row, other)
        self.listed.blockSignals(True)
        self.listed.insertItem(other, self.listed.takeItem(row))
        self.listed.setCurrentRow(other)
        self.listed.blockSignals(False)

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self.listed.count()):
            item = self.listed.item(row)
            name = self._view.live_model.columns[item.data(_COLUMN)].name
            said = f"{item.text()} {name}".casefold()
            item.setHidden(not all(word in said for word in words))
        # Where a dragged column lands among those that are not listed nobody could tell.
        mode = QAbstractItemView.DragDropMode
        self.listed.setDragDropMode(mode.NoDragDrop if words else mode.InternalMove)

    @Slot(QListWidgetItem)
    def _on_ticked(self, item: QListWidgetItem) -> None:
        at = item.data(_COLUMN)
        is_wanted = item.checkState() == Qt.CheckState.Checked
        self._view.show_column(at, is_wanted)
        if is_wanted == self._view.isColumnHidden(at):  # the last one on screen stays
            item.setCheckState(Qt.CheckState.Checked)

    @Slot(QModelIndex, int, int, QModelIndex, int)
    def _on_dragged(
        self, parent: QModelIndex, first: int, last: int, into: QModelIndex, before: int
    ) -> None:
        self._view.horizontalHeader().moveSection(first, before - 1 if before > first else before)

    @Slot()
    def _on_reset_clicked(self) -> None:
        self._view.reset_columns_clicked()
        self._fill()
