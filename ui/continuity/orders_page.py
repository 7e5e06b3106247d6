"""Open orders as last known: whom to call about each, what to say, and what was dealt."""

from __future__ import annotations

from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.continuity.outage import open_orders
from app.continuity.templates import call_script
from app.session.client import Session
from models.contacts import broker_of
from models.orders import Order
from ui.continuity.capture import ask_capture
from ui.continuity.columns import order_columns
from ui.continuity.keeper import OutageKeeper
from ui.continuity.page import Page

_EVERY_S: Final = 10.0


class OrdersPage(Page):
    """Open orders, and below them the telephone and the script of the one that is chosen.

    Attributes:
        call_label, script_label: whom to call, and what to say.
        capture_button, copy_button: write an execution down; copy the script.
    """

    def __init__(
        self, session: Session, keeper: OutageKeeper, zone: ZoneInfo, parent: QWidget
    ) -> None:
        columns = order_columns(session.core, lambda: keeper.contacts.brokers, zone)
        super().__init__(session, keeper, columns, lambda order: order.order_id, parent)
        self._zone = zone
        self._was_lost, self._next_s = False, 0.0
        self.table.setAccessibleName("Open orders as last known")
        self.table.set_empty_text("No open orders", "Those of the desk show here, as last known")
        self.call_label, self.script_label = QLabel(self), QLabel(self)
        self.call_label.setProperty("role", "title")
        self.script_label.setWordWrap(True)
        for label in (self.call_label, self.script_label):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        card = QVBoxLayout()
        card.setContentsMargins(10, 6, 10, 2)
        card.setSpacing(3)
        card.addWidget(self.call_label)
        card.addWidget(self.script_label)
        self.body.insertLayout(1, card)
        self.copy_button = self.button("Copy script", "Copy what to say", self.copy_script)
        self.capture_button = self.button(
            "Write down an execution…", "What was dealt by telephone on this order", self.capture
        )
        self.refresh()

    @property
    def orders(self) -> list[Order]:
        """The open orders: as last known while the store does not answer, else as they are."""
        core, outage = self._session.core, self._keeper.outage
        if outage is not None and self._keeper.is_lost:
            return list(outage.orders.values())
        return list(open_orders(core.state, core.desk).values())

    @property
    def count(self) -> int:
        """How many are listed."""
        return len(self._shown)

    def refresh(self) -> None:
        """Show the orders as they are known now; a long day is not searched every second."""
        now_s = monotonic()
        if self._keeper.is_lost is not self._was_lost or now_s >= self._next_s:
            self._was_lost, self._next_s = self._keeper.is_lost, now_s + _EVERY_S
            self.put(self.orders)
        self.show_chosen()

    def showEvent(self, event: QShowEvent) -> None:
        """List them anew when somebody looks."""
        super().showEvent(event)
        self._next_s = 0.0
        self.refresh()

    @Slot()
    def show_chosen(self, *_: Any) -> None:
        """Show whom to call about the order that is chosen."""
        order = next(iter(self.chosen()), None)
        for button in (self.capture_button, self.copy_button):
            button.setEnabled(order is not None)
        trouble = self._keeper.contacts.trouble
        self.hint.setText(trouble and f"⚠ {trouble}")
        if order is None:
            self.call_label.setText("Choose an order: whom to call, and what to say, show here.")
            self.script_label.hide()
            return
        core = self._session.core
        broker = broker_of(order.venue, self._keeper.contacts.brokers)
        person = core.state.traders.get(core.login)
        name = person.name if person is not None else core.login
        self.call_label.setText(
            f"☎ {broker.phone}   {broker.name}" if broker else "No broker is listed for its venue"
        )
        instrument = core.state.instruments.get(order.symbol)
        self.script_label.setText(call_script(order, broker, instrument, name))
        self.script_label.show()

    def copy_script(self) -> None:
        """Copy what to say."""
        QGuiApplication.clipboard().setText(self.script_label.text())
        self.message_raised.emit("The script was copied.", "good")

    def capture(self) -> None:
        """Ask what was dealt on the order that is chosen."""
        order = next(iter(self.chosen()), None)
        if order is not None:
            self.dialog_wanted.emit(
                ask_capture(self._session, self._keeper, order, self._zone, self)
            )
