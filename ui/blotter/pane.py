"""What every blotter is made of: a filter row, a live table, a foot, a menu, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from app.session.client import Session
from ui.blotter.exporting import Exporter
from ui.blotter.filter_bar import Chip, FilterBar
from ui.blotter.filter_completion import Values
from ui.blotter.foot import Foot
from ui.tables.columns import Column
from ui.tables.families import Nesting
from ui.tables.filter_query import FilterQuery, Vocabulary
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_FOOT_MS: Final = 100
_READ_AT_ONCE_MAX: Final = 10_000
STATE_VERSION: Final = 1


def utc_offset_s(zone: ZoneInfo) -> int:
    """Return what is added to UTC now to get `zone`'s time of day."""
    offset = datetime.now(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


class BlotterPane(QFrame):
    """A live table under its filter row and over its totals.

    Attributes:
        bar: the filter row; `table` and `model` what is under it; `foot` the line at the bottom.

    Signals:
        symbol_chosen: a row was chosen; carries its symbol.
        message_raised: something to tell the person in passing; carries words and a tone.
        state_changed: something that `save_state` holds has changed.
    """

    help_page: ClassVar[str] = ""
    noun: ClassVar[str] = "row"
    has_totals: ClassVar[bool] = False
    nesting: ClassVar[Nesting | None] = None

    symbol_chosen = Signal(str)
    message_raised = Signal(str, str)
    state_changed = Signal()

    def __init__(
        self,
        session: Session,
        zone: ZoneInfo,
        columns: Sequence[Column[Any]],
        key: Callable[[Any], str],
        *,
        title: str,
        vocabulary: Vocabulary,
        values: Values,
        chips: Sequence[Chip] = (),
        groups: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._zone = zone
        self._told_key = ""
        self.model: LiveTableModel[Any] = LiveTableModel(
            columns, key=key, parent=self, nesting=self.nesting
        )
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName(f"{title} blotter")
        self.bar = FilterBar(columns, vocabulary, values, chips, groups, self)
        self.foot = Foot(self)
        self.exporter = Exporter(self.table, title, zone, self)
        self._foot_timer = QTimer(self)
        self._foot_timer.setSingleShot(True)
        self._foot_timer.setInterval(_FOOT_MS)
        self._lay_out()
        self._wire()
        self._fill_menu()

    def _lay_out(self) -> None:
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.bar)
        self._layout.addWidget(self.table, 1)
        self._layout.addWidget(self.foot)
        self.setFocusProxy(self.table)

    def _wire(self) -> None:
        self.bar.filter_changed.connect(self._on_filter_changed)
        self.bar.group_chosen.connect(lambda name: self.table.group_by(name or None))
        self.bar.state_changed.connect(self.state_changed)
        self.table.columns_changed.connect(self.state_changed)
        self.model.grouping_changed.connect(self._on_grouping_changed)
        self.model.tree_changed.connect(self._on_tree_changed)
        self.bar.tree_chosen.connect(self.model.set_tree)
        self.model.counts_changed.connect(self._want_foot)
        self.model.totals_changed.connect(self._want_foot)
        self._foot_timer.timeout.connect(self._renew_foot)
        self.exporter.message_raised.connect(self.message_raised)
        self.table.activated.connect(self._on_activated)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu_wanted)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.clicked.connect(self._tell_symbol)

    def _fill_menu(self) -> None:
        menu = self.bar.menu
        self.bar.add_filter_actions()
        self._xlsx_action = menu.addAction("Export as Excel workbook…")
        self._xlsx_action.triggered.connect(lambda: self.exporter.ask(".xlsx"))
        self._csv_action = menu.addAction("Export as CSV…")
        self._csv_action.triggered.connect(lambda: self.exporter.ask(".csv"))
        self._stop_action = menu.addAction("Stop the export")
        self._stop_action.triggered.connect(self.exporter.stop)
        menu.addSeparator()
        menu.addAction("Columns…").triggered.connect(self.table.choose_columns)
        if self.nesting is not None:
            self._fill_tree_menu(menu)
        self._totals_action = menu.addAction("Totals under the columns")
        self._totals_action.setCheckable(True)
        self._totals_action.toggled.connect(self._on_totals_toggled)
        self._totals_action.setChecked(self.has_totals)
        menu.aboutToShow.connect(self._on_menu_opened)

    def _fill_tree_menu(self, menu: QMenu) -> None:
        self._tree_action = menu.addAction("Tree")
        self._tree_action.setCheckable(True)
        self._tree_action.triggered.connect(self.model.set_tree)
        self._fold_action = menu.addAction("Fold all families")
        self._fold_action.triggered.connect(lambda: self.model.set_folded_keys(None))
        self._unfold_action = menu.addAction("Unfold all families")
        self._unfold_action.triggered.connect(lambda: self.model.set_folded_keys([]))
        self._on_tree_changed()

    # -- what the shell asks -------------------------------------------------------------------

    def focus_pane(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.bar.focus_edit()

    def save_state(self) -> dict[str, Any]:
        """Return filter, saved filters, columns, sort and groups, as JSON can hold them."""
        return {
            "version": STATE_VERSION,
            "table": self.table.save_state(),
            "totals": self._totals_action.isChecked(),
            **self.bar.save_state(),
        }

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what is unknown or broken is left be."""
        if state.get("version") != STATE_VERSION:
            return
        table = state.get("table")
        if isinstance(table, Mapping):
            self.table.restore_state(table)
        if isinstance(state.get("totals"), bool):
            self._totals_action.setChecked(state["totals"])
        self.bar.restore_state(state)

    # -- what a blotter of its own kind adds ---------------------------------------------------

    def symbol_of(self, row: Any) -> str:
        """Return the symbol of one of its rows."""
        return str(row.symbol)

    def figures(self) -> list[str]:
        """Return what the foot says beside the count."""
        return []

    def activate(self, row: Any) -> None:
        """Do what Enter or a double click on a row is for."""

    def fill_row_menu(self, menu: QMenu, row: Any) -> None:
        """Put what can be done with a row before what every blotter offers."""

    def total_of(self, name: str) -> int | None:
        """Return what a column totals over the rows shown, None where there is no one figure."""
        figure = self.model.total(self.model.column_index(name))
        return figure.value if figure is not None else None

    # -- rows ----------------------------------------------------------------------------------

    def current_row(self) -> Any | None:
        """Return the row that has the keyboard, None where there is none, or a heading."""
        index = self.table.currentIndex()
        if not index.isValid() or self.model.heading_at(index.row()) is not None:
            return None
        return self.model.row_at(index.row())

    def selected(self) -> list[Any]:
        """Return the selected rows, from top to bottom."""
        rows = (self.model.row_of_key(key) for key in self.table.selected_keys())
        return [self.model.row_at(row) for row in rows if row >= 0]

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        row = self.current_row()
        if row is not None:
            self.activate(row)

    @Slot()
    def _on_selection_changed(self) -> None:
        parts = self.table.selectionModel().selection().toList()
        self.foot.show_selected(sum(part.height() for part in parts))
        index = self.table.currentIndex()
        key = self.model.key_at(index.row()) if parts and index.isValid() else ""
        if key and key != self._told_key:  # a reset selects again what was selected
            self._told_key = key
            self._tell_symbol()

    @Slot()
    def _tell_symbol(self) -> None:
        row = self.current_row()
        if row is not None:
            self.symbol_chosen.emit(self.symbol_of(row))

    @Slot(QPoint)
    def _on_menu_wanted(self, at: QPoint) -> None:
        if not self.table.indexAt(at).isValid():  # by key: where the row is
            at = self.table.visualRect(self.table.currentIndex()).bottomLeft()
        row = self.current_row()
        if row is None:
            return
        menu = self.row_menu(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def row_menu(self, row: Any) -> QMenu:
        """Return what can be done with a row and what is selected beside it."""
        menu = QMenu(self)
        self.fill_row_menu(menu, row)
        symbol = self.symbol_of(row)
        menu.addAction(f"Show {symbol} on the chart").triggered.connect(
            lambda: self.symbol_chosen.emit(symbol)
        )
        menu.addSeparator()
        menu.addAction(f"Only {symbol}").triggered.connect(
            lambda: self.bar.set_term("symbol", symbol.lower())
        )
        self.fill_filter_menu(menu, row)
        menu.addSeparator()
        menu.addAction("Copy as table\tCtrl+C").triggered.connect(self._on_copy_asked)
        return menu

    def fill_filter_menu(self, menu: QMenu, row: Any) -> None:
        """Put more filters after that by symbol."""

    @Slot()
    def _on_copy_asked(self) -> None:
        text = self.table.selection_as_tsv()
        if text:
            QGuiApplication.clipboard().setText(text)

    @Slot(bool)
    def _on_totals_toggled(self, is_shown: bool) -> None:
        """Show or hide the row of totals, which has the table's scroll bar while it is there."""
        row = self.table.totals_row()
        if self._layout.indexOf(row) < 0:
            self._layout.insertWidget(self._layout.indexOf(self.foot), row)
        row.setVisible(is_shown)
        policy = Qt.ScrollBarPolicy
        self.table.setHorizontalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if is_shown else policy.ScrollBarAsNeeded
        )
        self.state_changed.emit()

    # -- filter, groups, foot ------------------------------------------------------------------

    @Slot(object)
    def _on_filter_changed(self, query: FilterQuery[Any]) -> None:
        self.model.set_filter(query if query.terms else None)

    @Slot()
    def _on_grouping_changed(self) -> None:
        self.bar.show_group(self.model.group_name or "")

    @Slot()
    def _on_tree_changed(self) -> None:
        is_tree = self.model.is_tree
        self.bar.tree_button.setChecked(is_tree)
        self._tree_action.setChecked(is_tree)
        self._fold_action.setVisible(is_tree)
        self._unfold_action.setVisible(is_tree)

    @Slot()
    def _want_foot(self) -> None:
        if not self._foot_timer.isActive():
            self._foot_timer.start()

    @Slot()
    def _renew_foot(self) -> None:
        if not self.isVisible():
            return
        self.foot.show_count(self.model.visible_count, self.model.total_count, self.noun)
        if self.model.is_reading_ahead and self.model.total_count > _READ_AT_ONCE_MAX:
            self._foot_timer.start()  # totals of columns not read yet would hold the window up
            return
        self.foot.show_figures(self.figures())

    def showEvent(self, event: Any) -> None:
        """Take up what came while nobody looked."""
        super().showEvent(event)
        self._want_foot()

    @Slot()
    def _on_menu_opened(self) -> None:
        is_busy = self.exporter.is_busy
        for action in (self._xlsx_action, self._csv_action):
            action.setVisible(not is_busy)
            action.setEnabled(self.model.visible_count > 0)
        self._stop_action.setVisible(is_busy)
