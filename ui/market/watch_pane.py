"""The Watch list pane: quotes of all instruments, or of those that its person has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.session.client import Session
from app.session.step import Changed
from ui.market.freshness import Freshness, age_words
from ui.market.market_pane import notice, show_notice
from ui.market.watch_columns import Watched, WatchFacts, positions_of, watch_columns
from ui.market.watch_table import WatchTable
from ui.tables.live_table_model import LiveTableModel

FLUSH_MS: Final = 200
_AGE_MS: Final = 1_000
_GAP: Final = "  "
_SYMBOLS_MAX: Final = 1_000


class WatchPane(QFrame):
    """Quotes, live.

    Attributes:
        model, table: the lines, and the view of them.
        add_edit: where a symbol is typed to be added.
        own_symbols: the personal list, in its person's order.
        is_own: whether the personal list is shown, and not all instruments.

    Signals:
        symbol_chosen: a row was activated; carries its symbol.
    """

    help_page: ClassVar[str] = "watch"
    symbol_chosen = Signal(str)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.own_symbols: list[str] = []
        self.is_own = False
        self._session = session
        self._freshness = Freshness(session.core, zone=zone)
        self._facts = WatchFacts({})
        self._listed: list[str] = []
        columns = watch_columns(session.core, self._facts)
        self.model = LiveTableModel(
            columns, key=lambda row: row.symbol, parent=self, flush_ms=FLUSH_MS, flush_burst=1
        )
        self.table = WatchTable(self.model, self)
        self.table.setAccessibleName("Watch list")
        self._sort_as_put()
        self._connect_table()
        self._build()
        self._ages = QTimer(self)
        self._ages.setInterval(_AGE_MS)
        self._ages.timeout.connect(self._show_age)
        session.listeners.append(self.on_changed)

    def _connect_table(self) -> None:
        table = self.table
        table.activated.connect(self._on_activated)
        table.removal_requested.connect(self.remove_selected)
        table.addition_requested.connect(self.add_selected)
        table.move_requested.connect(self.move_selected)
        table.drop_requested.connect(self.drop_selected)
        table.columns_changed.connect(self._show_movable)
        # Every quote changes all the time: only a new last trade is worth a light.
        self.model.cells_changed.disconnect(table.cells.glow.start)
        self.model.cells_changed.connect(self._on_cells_changed)

    def _build(self) -> None:
        self.all_button, self.own_button = QPushButton("All", self), QPushButton("My list", self)
        group = QButtonGroup(self)
        for button, words in (
            (self.all_button, "Show every instrument that the desk can trade"),
            (self.own_button, "Show the symbols that you have chosen, in your order"),
        ):
            button.setProperty("role", "chip")
            button.setCheckable(True)
            button.setToolTip(words)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            group.addButton(button)
        self.all_button.setChecked(True)
        self.all_button.clicked.connect(lambda: self.show_own(False))
        self.own_button.clicked.connect(lambda: self.show_own(True))
        self.add_edit = QLineEdit(self)
        self.add_edit.setPlaceholderText("Add a symbol")
        self.add_edit.setAccessibleName("Add a symbol to my list")
        self.add_edit.setToolTip("Type a symbol or a name, Enter puts it on your list")
        self.add_edit.setMaximumWidth(180)
        self._names = QStringListModel(self)
        self._complete()
        self.error_label = QLabel(self)
        self.error_label.setProperty("role", "error")
        self.error_label.setContentsMargins(12, 0, 12, 3)
        self.error_label.setWordWrap(True)
        self.error_label.hide()
        self.add_edit.textEdited.connect(self.error_label.hide)
        self.add_edit.returnPressed.connect(self._on_typed)
        self.notice_label = notice(self)
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 4)
        top.setSpacing(4)
        top.addWidget(self.all_button)
        top.addWidget(self.own_button)
        top.addStretch(1)
        top.addWidget(self.add_edit, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.error_label)
        layout.addWidget(self.notice_label)
        layout.addWidget(self.table, 1)
        self._say_empty()

    def _complete(self) -> None:
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(self._on_completed)
        self.add_edit.setCompleter(completer)

    # -- what others ask -----------------------------------------------------------------------

    def focus_pane(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()

    def show_own(self, is_own: bool) -> None:
        """Show the personal list, or all instruments."""
        self.is_own = is_own
        (self.own_button if is_own else self.all_button).setChecked(True)
        self._say_empty()
        self._list()
        self._show_movable()

    def add(self, text: str) -> bool:
        """Put the symbol that `text` names on one's list, and show it; return whether it did."""
        symbol = self._symbol_of(text)
        if symbol is None:
            self.error_label.setText(
                f"{text.strip()!r} is not a listed symbol. Type one of those under All, or enough "
                "of its name."
            )
            self.error_label.show()
            return False
        if symbol not in self.own_symbols:
            self.own_symbols.append(symbol)
        self.error_label.hide()
        self.show_own(True)
        self._select([symbol])
        return True

    def save_state(self) -> dict[str, Any]:
        """Return the personal list and how the table looks, as JSON can hold them."""
        return {
            "symbols": list(self.own_symbols),
            "own": self.is_own,
            "table": self.table.save_state(),
        }

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what can't be read is left be."""
        symbols = state.get("symbols")
        if isinstance(symbols, list):
            known = dict.fromkeys(s for s in symbols if isinstance(s, str) and s)
            self.own_symbols = list(known)[:_SYMBOLS_MAX]
        table = state.get("table")
        if isinstance(table, dict):
            self.table.restore_state(table)
        self.show_own(state.get("own") is True)

    # -- what is listed ------------------------------------------------------------------------

    def _list(self) -> None:
        """List what is to be shown, and nothing else."""
        instruments = self._session.core.state.instruments
        names = [f"{symbol}{_GAP}{instruments[symbol].name}" for symbol in sorted(instruments)]
        if names != self._names.stringList():
            self._names.setStringList(names)
        self._listed = list(self.own_symbols if self.is_own else instruments)
        self._facts.positions = positions_of(self._session.core)
        self.model.reset(Watched(symbol, at) for at, symbol in enumerate(self._listed, 1))

    def _say_empty(self) -> None:
        if self.is_own:
            self.table.set_empty_text(
                "Your list is empty", "Type a symbol above, or press Ins on a row under All"
            )
        else:
            self.table.set_empty_text("No instruments yet", "They show when the store has them")

    def _symbol_of(self, text: str) -> str | None:
        """Return the listed symbol that was typed, or completed to, or the only one so named."""
        instruments = self._session.core.state.instruments
        words = text.split()
        if not words:
            return None
        if words[0].upper() in instruments:
            return words[0].upper()
        wanted = text.strip().casefold()
        found = [key for key, each in instruments.items() if wanted in each.name.casefold()]
        return found[0] if len(found) == 1 else None

    # -- one's own order -----------------------------------------------------------------------

    @Slot()
    def add_selected(self) -> None:
        """Put the selected rows at the end of one's list."""
        for symbol in self.table.selected_keys():
            if symbol not in self.own_symbols:
                self.own_symbols.append(symbol)
        if self.is_own:
            self._list()

    @Slot()
    def remove_selected(self) -> None:
        """Take the selected rows off one's list; the list of all can't be shortened."""
        if not self.is_own:
            return
        chosen = self.table.selected_keys()
        first = min((self.own_symbols.index(symbol) for symbol in chosen), default=0)
        self.own_symbols = [symbol for symbol in self.own_symbols if symbol not in chosen]
        self._list()
        self._select(self.own_symbols[min(first, len(self.own_symbols) - 1) :][:1])

    @Slot(int)
    def move_selected(self, by: int) -> None:
        """Move the selected rows up (-1) or down (+1), as far as it goes."""
        chosen = [symbol for symbol in self.own_symbols if symbol in self.table.selected_keys()]
        if not chosen or not self.table.is_movable:
            return
        places = [self.own_symbols.index(symbol) for symbol in chosen]
        self._put_before(chosen, places[0] - 1 if by < 0 else places[-1] + 2)

    @Slot(int)
    def drop_selected(self, row: int) -> None:
        """Put the selected rows before the row of that number."""
        if self.table.is_movable:
            chosen = self.table.selected_keys()
            self._put_before([symbol for symbol in self.own_symbols if symbol in chosen], row)

    def _put_before(self, chosen: list[str], place: int) -> None:
        place = min(max(place, 0), len(self.own_symbols))
        above = [symbol for symbol in self.own_symbols[:place] if symbol not in chosen]
        below = [symbol for symbol in self.own_symbols[place:] if symbol not in chosen]
        self.own_symbols = [*above, *chosen, *below]
        self._list()
        self._select(chosen)

    def _select(self, symbols: list[str]) -> None:
        self.table.select_keys(symbols)
        row = self.model.row_of_key(symbols[0]) if symbols else -1
        if row >= 0:
            self.table.scrollTo(self.model.index(row, 0))

    def _sort_as_put(self) -> None:
        as_put = Qt.SortOrder.AscendingOrder
        self.table.sortByColumn(self.model.column_index("place"), as_put)

    @Slot()
    def _show_movable(self) -> None:
        """Rows can be moved where their order is one's own, and not some column's."""
        by_place = self.model.sort_column in (-1, self.model.column_index("place"))
        is_rising = self.model.sort_order == Qt.SortOrder.AscendingOrder
        self.table.is_movable = self.is_own and by_place and is_rising

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed, if anybody looks."""
        self._freshness.observe()
        if not self.isVisible():
            return
        if changed.reference:
            self._list()
        elif changed.orders:
            self._note_positions()
        if changed.quotes:
            self.model.touch(changed.quotes)
        if changed.link:
            self._show_age()

    def _note_positions(self) -> None:
        before, now = self._facts.positions, positions_of(self._session.core)
        self._facts.positions = now
        symbols = before.keys() | now.keys()
        self.model.touch(s for s in symbols if before.get(s, 0) != now.get(s, 0))

    @Slot()
    def _show_age(self) -> None:
        """Say that the quotes are not live, where they aren't, and grey them."""
        trouble = self._freshness.trouble
        show_notice(self.notice_label, trouble)
        if self._facts.is_stale is not bool(trouble):
            self._facts.is_stale = bool(trouble)
            self.model.touch(self._listed)
        self._note_quiet()

    def _note_quiet(self) -> None:
        """Take note of the names in which nothing has happened for a while, and for how long."""
        before = self._facts.quiet
        self._facts.quiet = now = {
            symbol: age_words(quiet_ns)
            for symbol in self._listed
            if (quiet_ns := self._freshness.quiet_ns(symbol))
        }
        symbols = before.keys() | now.keys()
        self.model.touch(s for s in symbols if before.get(s) != now.get(s))

    def showEvent(self, event: QShowEvent) -> None:
        """Take up what came while nobody looked."""
        super().showEvent(event)
        self._list()
        self._show_age()
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take nothing in while nobody looks."""
        super().hideEvent(event)
        self._ages.stop()

    # -- what the person does ------------------------------------------------------------------

    @Slot(object)
    def _on_cells_changed(self, cells: Iterable[tuple[str, int]]) -> None:
        last = self.model.column_index("last")
        self.table.cells.glow.start([cell for cell in cells if cell[1] == last])

    @Slot()
    def _on_activated(self) -> None:
        row = self.table.currentIndex().row()
        if row >= 0:
            self.symbol_chosen.emit(self.model.key_at(row))

    @Slot()
    def _on_typed(self) -> None:
        if self.add(self.add_edit.text()):
            self.add_edit.clear()

    @Slot(str)
    def _on_completed(self, text: str) -> None:
        self.add(text)
        # The completer writes what it completed after this.
        QTimer.singleShot(0, self.add_edit.clear)
