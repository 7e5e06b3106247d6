"""The Compliance alerts pane: what was stopped, or let through with a reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.alerts import Alert, AlertState
from models.errors import BlotterError
from ui.blotter.signs import time_of_day
from ui.compliance.alert_rows import AlertRow, alert_columns, row_key, rows_of
from ui.compliance.filling import FillingColumn
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_AGES_MS = 1_000


class AlertsPane(QFrame):
    """Alerts, the open ones first, then the newest.

    Attributes:
        model, table: the rows, and the view of them.
        tools: its buttons, which stand beside the pane's title.

    Signals:
        order_wanted: the alert's order should be shown; carries its id.
        counted: how many alerts wait to be seen has changed; carries the count.
        message_raised: something to tell the person in passing; carries words and a tone.
    """

    help_page: ClassVar[str] = "alerts"
    order_wanted = Signal(str)
    counted = Signal(int)
    message_raised = Signal(str, str)

    def __init__(
        self,
        session: Session,
        zone: ZoneInfo,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._rows: dict[str, AlertRow] = {}
        self._known: dict[str, Alert] = {}
        self._is_grouped = True
        self._waiting = -1
        columns = alert_columns(clock, lambda ts: time_of_day(ts, zone))
        self.model = LiveTableModel(columns, key=lambda row: row.key, parent=self)
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName("Compliance alerts")
        self.table.cells.glow.glow_ms = 0  # ages change every second: that is no news
        self.table.set_empty_text("No alerts", "An order that a rule stops or questions shows here")
        self._sort_open_first()
        self.table.doubleClicked.connect(self.jump)
        self._filling = FillingColumn(self.table, self.model.column_index("why"))
        self.tools = self._build_tools()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addWidget(self.table, 1)
        self._ages = QTimer(self)
        self._ages.setInterval(_AGES_MS)
        self._ages.timeout.connect(self._on_second)
        session.listeners.append(self.on_changed)
        self._renew()

    def _build_tools(self) -> QWidget:
        tools = QWidget(self)
        row = QHBoxLayout(tools)
        row.setContentsMargins(6, 3, 0, 3)
        row.setSpacing(6)
        row.addStretch(1)
        self.group_button = QPushButton("Group", tools)
        self.group_button.setProperty("role", "chip")
        self.group_button.setCheckable(True)
        self.group_button.setChecked(True)
        self.group_button.setToolTip("One row for what a rule says of an order, however often")
        self.group_button.toggled.connect(self.set_grouped)
        self.acknowledge_button = QPushButton("Acknowledge", tools)
        self.acknowledge_button.setToolTip("Say that the selected alerts were seen (F8)")
        self.acknowledge_button.clicked.connect(self.acknowledge)
        self.jump_button = QPushButton("Open order", tools)
        self.jump_button.setToolTip("Show the alert's order in the blotter (Ctrl+J)")
        self.jump_button.clicked.connect(self.jump)
        for button in (self.group_button, self.acknowledge_button, self.jump_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("in_title", True)
            row.addWidget(button)
        return tools

    def _sort_open_first(self) -> None:
        column = self.model.column_index("rank")
        self.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)

    # -- what others ask -----------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many alerts nobody has seen."""
        return max(0, self._waiting)

    def selected_rows(self) -> list[AlertRow]:
        """Return the selected rows, from top to bottom; of grouped ones each is several alerts."""
        keys = self.table.selected_keys()
        return [row for row in map(self.model.row_for, keys) if row is not None]

    def selected_alerts(self) -> list[Alert]:
        """Return the alerts of the selected rows."""
        return [alert for row in self.selected_rows() for alert in row.alerts.values()]

    def focus_table(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()
        if not self.table.selected_keys() and self.model.visible_count:
            self.table.select_keys([self.model.key_at(0)])

    def focus_pane(self) -> None:
        """Put the keyboard on the table."""
        self.focus_table()

    def save_state(self) -> dict[str, Any]:
        """Return columns, sort, and whether rows are grouped."""
        table = self.table.save_state()
        return {"table": table, "grouped": self._is_grouped, "fills": self._filling.is_on}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned."""
        table = state.get("table")
        if isinstance(table, dict):
            self.table.restore_state(table)
        self.group_button.setChecked(state.get("grouped") is not False)
        self._filling.restored(dict(state))

    @Slot(bool)
    def set_grouped(self, is_grouped: bool) -> None:
        """Put what a rule says of an order into one row, or give each alert its own."""
        self._is_grouped = is_grouped
        self._renew()

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.reference:
            self._renew()  # the day rolled, or a snapshot was taken in
        elif changed.alerts:
            self._take_in()

    def _renew(self) -> None:
        alerts = self._session.core.state.alerts
        self._known = dict(alerts)
        self._rows = rows_of(alerts.values(), self._is_grouped)
        self.model.reset(self._rows.values())
        self._count()

    def _take_in(self) -> None:
        """Take in the alerts that are new or were seen; there are far fewer than alerts in all."""
        touched: dict[str, AlertRow] = {}
        for alert_id, alert in self._session.core.state.alerts.items():
            if self._known.get(alert_id) is alert:
                continue
            self._known[alert_id] = alert
            key = row_key(alert, self._is_grouped)
            row = self._rows.setdefault(key, AlertRow(key))
            row.alerts[alert_id] = alert
            touched[key] = row
        self.model.upsert(touched.values())
        self._count()

    def _count(self) -> None:
        alerts = self._session.core.state.alerts.values()
        waiting = sum(1 for alert in alerts if alert.state is AlertState.OPEN)
        if waiting != self._waiting:
            self._waiting = waiting
            self.counted.emit(waiting)

    # -- ages ----------------------------------------------------------------------------------

    @Slot()
    def _on_second(self) -> None:
        """Let the ages of what is on screen grow."""
        height = self.table.viewport().height()
        first, last = self.table.rowAt(0), self.table.rowAt(height - 1)
        if first < 0:
            return
        last = self.model.visible_count - 1 if last < 0 else last
        self.model.touch([self.model.key_at(row) for row in range(first, last + 1)])

    def showEvent(self, event: QShowEvent) -> None:
        """Ages grow while somebody looks."""
        super().showEvent(event)
        self._on_second()
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._ages.stop()

    # -- what the person does ------------------------------------------------------------------

    @Slot()
    def acknowledge(self) -> None:
        """Say that the selected alerts were seen."""
        waiting = [alert for row in self.selected_rows() for alert in row.waiting]
        if not waiting:
            self.message_raised.emit("Select an open alert first (Ctrl+0).", "warning")
            return
        try:
            for alert in waiting:
                self._session.acknowledge(alert.alert_id)
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")

    @Slot()
    def jump(self) -> None:
        """Ask for the first selected alert's order."""
        for row in self.selected_rows()[:1]:
            if row.newest.order_id:
                self.order_wanted.emit(row.newest.order_id)
            else:
                self.message_raised.emit(f"{row.newest.rule} is about no order.", "warning")
