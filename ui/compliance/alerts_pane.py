"""The Compliance alerts pane: what was stopped, or let through with a reason."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.alerts import Alert, AlertState, Severity
from ui.blotter.columns import time_of_day
from ui.tables.columns import Column, Kind, text_column
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_SEVERITY: dict[Severity, tuple[str, str, str]] = {
    Severity.WARNING: ("⚠", "Warned", "warning"),
    Severity.BLOCK: ("■", "Blocked", "blocked"),
    Severity.FAULT: ("✕", "Fault", "blocked"),
}


def _state_text(alert: Alert) -> str:
    if alert.state is AlertState.ACKNOWLEDGED:
        return f"seen by {alert.acknowledged_by}"
    return "with reason" if alert.note and alert.severity is Severity.WARNING else "open"


def alert_columns(zone: ZoneInfo) -> list[Column[Alert]]:
    """Return the pane's columns; a new one is one more entry."""

    word = text_column
    return [
        Column(
            "severity", "Outcome", Kind.TEXT, 84,
            value=lambda a: _SEVERITY[a.severity][1],
            text=lambda a: " ".join(_SEVERITY[a.severity][:2]),
            tone=lambda a: _SEVERITY[a.severity][2], help="Blocked, or let through with a reason",
        ),
        Column(
            "time", "Time", Kind.TIME, 72,
            value=lambda a: a.ts, text=lambda a: time_of_day(a.ts, zone), help="When it was raised",
        ),
        word(
            "rule", "Rule", 108, lambda a: a.rule, "Which rule spoke",
            tone=lambda a: _SEVERITY[a.severity][2], strong=True,
        ),
        word("order", "Order", 118, lambda a: a.order_id, "The order it is about"),
        word("trader", "Trader", 54, lambda a: a.trader, "Whose order it was"),
        word("state", "State", 96, _state_text, "Whether somebody has seen it"),
        word("why", "Why", 640, lambda a: a.text, "The value, the limit, the way out"),
        word("reason", "Reason given", 160, lambda a: a.note, "What the trader said"),
    ]  # fmt: skip


class AlertsPane(QFrame):
    """Alerts, the newest first.

    Signals:
        order_wanted: the alert's order should be shown; carries its id.
    """

    order_wanted = Signal(str)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self.model = LiveTableModel(alert_columns(zone), key=lambda a: a.alert_id, parent=self)
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName("Compliance alerts")
        self.table.set_empty_text("No alerts", "An order that a rule stops or questions shows here")
        self.table.sortByColumn(self.model.column_index("time"), Qt.SortOrder.DescendingOrder)
        self.table.doubleClicked.connect(self.jump)
        title = QLabel("Compliance alerts", self)
        title.setProperty("role", "title")
        self._open = QLabel(self)
        self._open.setProperty("role", "muted")
        acknowledge = QPushButton("Acknowledge", self)
        acknowledge.setToolTip("Say that the selected alerts were seen (F8)")
        acknowledge.clicked.connect(self.acknowledge)
        jump = QPushButton("Open order", self)
        jump.setToolTip("Show the alert's order in the blotter (Ctrl+J)")
        jump.clicked.connect(self.jump)
        for button in (acknowledge, jump):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        top = QHBoxLayout()
        top.setContentsMargins(12, 6, 8, 6)
        top.setSpacing(8)
        top.addWidget(title)
        top.addWidget(self._open)
        top.addStretch(1)
        top.addWidget(acknowledge)
        top.addWidget(jump)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        session.listeners.append(self.on_changed)
        self._count()

    def selected_alerts(self) -> list[Alert]:
        """Return the selected alerts, from top to bottom."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.row_at(row) for row in rows]

    def focus_table(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        alerts = self._session.core.state.alerts
        if changed.reference:
            self.model.reset(alerts.values())
        elif changed.alerts:
            self.model.upsert(alerts.values())
        if changed.reference or changed.alerts:
            self._count()

    def _count(self) -> None:
        alerts = self._session.core.state.alerts.values()
        waiting = sum(1 for alert in alerts if alert.state is AlertState.OPEN)
        self._open.setText(f"{waiting:,} open" if waiting else "none open")

    @Slot()
    def acknowledge(self) -> None:
        """Say that the selected alerts were seen."""
        for alert in self.selected_alerts():
            if alert.state is AlertState.OPEN:
                self._session.acknowledge(alert.alert_id)

    @Slot()
    def jump(self) -> None:
        """Ask for the first selected alert's order."""
        for alert in self.selected_alerts()[:1]:
            if alert.order_id:
                self.order_wanted.emit(alert.order_id)
