"""The main window: ticket, Orders blotter and Compliance alerts, and the keys that drive them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QIcon, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QSplitter

import resources
from app.session.client import Session
from app.session.step import Changed
from models.errors import BlotterError
from models.orders import Side
from ui import theme
from ui.actions import ACTIONS
from ui.blotter.orders_pane import OrdersPane
from ui.compliance.alerts_pane import AlertsPane
from ui.status_bar import HealthBar
from ui.ticket.ticket import Ticket

_TICKET_WIDTH = 312
_SIZE = (1600, 950)


class MainWindow(QMainWindow):
    """One person's window on one session.

    Attributes:
        ticket, orders, alerts, health: its panes.

    Signals:
        closed: the person closed it.
    """

    closed = Signal()

    def __init__(self, session: Session, zone: ZoneInfo) -> None:
        super().__init__()
        self.setWindowTitle("Deskblotter")
        self.setWindowIcon(QIcon(str(resources.path("icons", "deskblotter.svg"))))
        self._session = session
        self.ticket = Ticket(session, self)
        self.orders = OrdersPane(session, zone, self)
        self.alerts = AlertsPane(session, zone, self)
        self.health = HealthBar(session, self)
        self.setStatusBar(self.health)
        self._lay_out()
        self._add_actions()
        self.ticket.message_raised.connect(self.health.tell)
        self.orders.order_chosen.connect(self._on_order_chosen)
        self.alerts.order_wanted.connect(self._on_order_wanted)
        session.listeners.append(self.on_changed)
        self.resize(*_SIZE)

    def _lay_out(self) -> None:
        scroll = QScrollArea(self)
        scroll.setWidget(self.ticket)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(_TICKET_WIDTH)
        right = QSplitter(Qt.Orientation.Vertical, self)
        right.addWidget(self.orders)
        right.addWidget(self.alerts)
        right.setStretchFactor(0, 7)
        right.setStretchFactor(1, 3)
        whole = QSplitter(Qt.Orientation.Horizontal, self)
        whole.addWidget(scroll)
        whole.addWidget(right)
        whole.setStretchFactor(0, 0)
        whole.setStretchFactor(1, 1)
        whole.setSizes([_TICKET_WIDTH, _SIZE[0] - _TICKET_WIDTH])
        for splitter in (right, whole):
            splitter.setHandleWidth(4)
            splitter.setChildrenCollapsible(False)
        self.setCentralWidget(whole)
        whole.setContentsMargins(4, 4, 4, 0)

    def _add_actions(self) -> None:
        does: dict[str, Callable[[], object]] = {
            "new_buy": lambda: self.ticket.begin(Side.BUY),
            "new_sell": lambda: self.ticket.begin(Side.SELL),
            "send": self.ticket.send,
            "drop": self.ticket.drop,
            "amend": self.amend_selected,
            "cancel": self.cancel_selected,
            "filter": self.orders.focus_filter,
            "go_blotter": self.orders.focus_table,
            "go_alerts": self.alerts.focus_table,
            "acknowledge": self.alerts.acknowledge,
            "jump": self.alerts.jump,
            "theme": self.toggle_theme,
        }
        for spec in ACTIONS:
            action = QAction(spec.title, self)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.triggered.connect(lambda _=False, do=does[spec.name]: do())
            if spec.name == "cancel":  # Del belongs to text wherever text is edited
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
                self.orders.table.addAction(action)
            else:
                self.addAction(action)

    # -- what keys do --------------------------------------------------------------------------

    @Slot()
    def amend_selected(self) -> None:
        """Take the first selected order into the ticket."""
        orders = self.orders.selected_orders()
        if not orders:
            self.health.tell("Select an order in the blotter first (Ctrl+B).", "warning")
        elif not orders[0].is_live:
            status = orders[0].status.replace("_", " ")
            self.health.tell(f"{orders[0].order_id} is {status}; nothing to amend.", "warning")
        else:
            self.ticket.begin_amend(orders[0])

    @Slot()
    def cancel_selected(self) -> None:
        """Cancel every selected live order, at once."""
        live = [order for order in self.orders.selected_orders() if order.is_live]
        try:
            for order in live:
                self._session.cancel(order.order_id)
        except BlotterError as error:
            self.health.tell(str(error), "blocked")
            return
        words = f"Cancelling {len(live)} order{'' if len(live) == 1 else 's'}"
        self.health.tell(words if live else "No selected order is live.", "pending")

    @Slot()
    def toggle_theme(self) -> None:
        """Change between dark and light."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, theme.LIGHT if theme.current().is_dark else theme.DARK)

    @Slot(str)
    def _on_order_chosen(self, order_id: str) -> None:
        self.amend_selected()

    @Slot(str)
    def _on_order_wanted(self, order_id: str) -> None:
        if self.orders.show_order(order_id):
            self.orders.table.setFocus()

    def on_changed(self, changed: Changed) -> None:
        """Tell the person of their own requests that were refused."""
        core = self._session.core
        for command_id in changed.requests:
            request = core.requests.get(command_id)
            if request is not None and request.text:
                self.health.tell(request.text, "warning" if request.is_open else "blocked")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the application end the session before it ends itself."""
        self.closed.emit()
        super().closeEvent(event)
