"""The Overview pane: the desk's traders side by side, and who leads it can halt and cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed
from ui.compliance.filling import FillingColumn
from ui.desk_head.overview_columns import overview_columns
from ui.desk_head.trader_rows import DeskBook, TraderRow
from ui.shell.alarm_strip import may_lead
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_ORDERS_MS = 200
_PRICES_MS = 1_000


class OverviewPane(QFrame):
    """A row a trader and the desk's total; a trader sees their own row, without controls.

    Attributes:
        model, table: the rows, and the view of them; its keys are logins, empty for the desk.
        tools: the buttons, which stand beside the pane's title.

    Signals:
        trader_wanted: the blotter should show this trader's orders only; carries the login.
        kill_wanted: something is to be asked: "kill", "cancel" or "resume", and whom it is about.
        message_raised: something to tell the person in passing; carries words and a tone.
    """

    help_page: ClassVar[str] = "overview"
    trader_wanted = Signal(str)
    kill_wanted = Signal(str, str)
    message_raised = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._book = DeskBook(session.core)
        self._changed: set[str] = set()
        self.model = LiveTableModel(overview_columns(), key=lambda row: row.login, parent=self)
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName("Traders of the desk")
        self.table.cells.glow.glow_ms = 0  # values follow the market: that is no news
        self.table.set_empty_text("Nobody trades here yet", "Traders show when the desk is open")
        self.table.doubleClicked.connect(self._on_activated)
        self._filling = FillingColumn(self.table, self.model.column_index("state"))
        self.tools = self._build_tools()
        self._build_foot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._foot)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_ORDERS_MS)
        self._soon.timeout.connect(self.refresh)
        self._prices = QTimer(self)
        self._prices.setInterval(_PRICES_MS)
        self._prices.timeout.connect(self.refresh)
        session.listeners.append(self.on_changed)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())

    def _build_tools(self) -> QWidget:
        tools = QWidget(self)
        row = QHBoxLayout(tools)
        row.setContentsMargins(6, 3, 0, 3)
        row.setSpacing(6)
        row.addStretch(1)

        def button(text: str, tip: str, deed: str) -> QPushButton:
            made = QPushButton(text, tools)
            made.setToolTip(tip)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.setProperty("in_title", True)
            made.clicked.connect(lambda: self._ask(deed))
            row.addWidget(made)
            return made

        self.show_button = QPushButton("Show orders", tools)
        self.show_button.setToolTip("Only this trader's orders in the blotter (double click)")
        self.show_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_button.setProperty("in_title", True)
        self.show_button.clicked.connect(self._on_activated)
        row.addWidget(self.show_button)
        self.cancel_button = button(
            "Cancel all…", "Cancel the selected trader's working orders; you are asked first",
            "cancel",
        )  # fmt: skip
        self.resume_button = button("Resume…", "Lift the halt; you are asked first", "resume")
        self.halt_button = button(
            "■ Halt…", "Halt the selected trader, and cancel; you are asked first (Ctrl+Shift+K)",
            "kill",
        )  # fmt: skip
        self.halt_button.setProperty("role", "kill")
        return tools

    def _build_foot(self) -> None:
        self._foot = QLabel(self)
        self._foot.setProperty("role", "muted")
        self._foot.setContentsMargins(12, 4, 12, 5)

    # -- what others ask -----------------------------------------------------------------------

    def selected_trader(self) -> str | None:
        """Return the selected trader's login, empty for the whole desk, `None` for no row."""
        keys = self.table.selected_keys()
        return keys[0] if keys else None

    def focus_pane(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()
        if not self.table.selected_keys() and self.model.visible_count:
            self.table.select_keys([self.model.key_at(0)])

    def save_state(self) -> dict[str, Any]:
        """Return columns and sort."""
        return {"table": self.table.save_state(), "fills": self._filling.is_on}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned."""
        table = state.get("table")
        if isinstance(table, dict):
            self.table.restore_state(table)
        self._filling.restored(dict(state))

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed, when somebody looks."""
        self._changed |= changed.orders
        is_news = changed.orders or changed.alerts or changed.reference
        if is_news and self.isVisible() and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def refresh(self) -> None:
        """Show how things stand now."""
        core = self._session.core
        self._book.take_in(self._changed)
        self._changed = set()
        logins = self._book.traders() if may_lead(self._session) else [core.login]
        rows = self._book.rows(logins)
        gone = [key for key in self._keys() if key not in {row.login for row in rows}]
        if gone:
            self.model.remove(gone)
        self.model.upsert(row for row in rows if row != self.model.row_for(row.login))
        self._enable()
        book = core.state.rule_book
        in_currency = f"Money in {book.currency}. " if book is not None else ""
        self._foot.setText(f"{in_currency}Gross and net: what today's fills have built up.")

    def _keys(self) -> list[str]:
        return [self.model.key_at(row) for row in range(self.model.visible_count)]

    def _enable(self) -> None:
        leads = may_lead(self._session)
        for button in (self.cancel_button, self.halt_button, self.resume_button):
            button.setVisible(leads)
        row = self._selected_row()
        self.show_button.setEnabled(row is not None and bool(row.login))
        self.cancel_button.setEnabled(row is not None and row.working_count > 0)
        is_halted = row is not None and bool(row.halted_by) and not row.is_desk_halt
        self.halt_button.setEnabled(row is not None and not is_halted)
        self.resume_button.setEnabled(is_halted)

    def _selected_row(self) -> TraderRow | None:
        login = self.selected_trader()
        return self.model.row_for(login) if login is not None else None

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the desk while somebody looks."""
        super().showEvent(event)
        self.refresh()
        self._prices.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Only note what changes while nobody looks."""
        super().hideEvent(event)
        self._prices.stop()
        self._soon.stop()

    # -- what the person does ------------------------------------------------------------------

    def _ask(self, deed: str) -> None:
        login = self.selected_trader()
        if login is None:
            self.message_raised.emit("Select a trader first.", "warning")
        else:
            self.kill_wanted.emit(deed, login)

    @Slot()
    def _on_activated(self) -> None:
        login = self.selected_trader()
        if login:
            self.trader_wanted.emit(login)
