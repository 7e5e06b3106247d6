"""One order's history: what the log says of it, in plain words and as the messages themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import msgspec
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.session.client import Session
from app.session.order_reading import LoggedEvent, OrderReading
from app.session.step import Changed
from models.orders import Order
from models.venues import cancel_on_disconnect
from ui import theme
from ui.blotter.signs import status_signs
from ui.blotter.story import Story, StoryLine, summary
from ui.blotter.timeline import Timeline
from ui.ticket.labels import ElidedLabel, ToneLabel, small

_FOLLOW_MS: Final = 100


class HistoryPane(QFrame):
    """The timeline of one order; follows the log while it is looked at.

    Attributes:
        timeline: the events; `messages` the log's own words for the chosen ones.
    """

    help_page: ClassVar[str] = "history"

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._order_id = ""
        self._story = Story({})
        self._last_seq = 0
        self._reading: OrderReading | None = None
        self._is_stale = False
        self.timeline = Timeline(zone, self)
        self._follow_timer = QTimer(self)
        self._follow_timer.setSingleShot(True)
        self._follow_timer.setInterval(_FOLLOW_MS)
        self._follow_timer.timeout.connect(self._follow)
        self._lay_out()
        self.timeline.line_chosen.connect(self._show_messages)
        session.listeners.append(self.on_changed)
        self._show_head()

    def _lay_out(self) -> None:
        self.id_label = QLabel(self)
        self.id_label.setProperty("role", "title")
        self.summary_label = ElidedLabel(self)
        self.chain_label = small(ElidedLabel(self))
        self.chain_label.setToolTip("Client order ids, the venue's name for each version")
        self.status_label = ToneLabel(self)
        self.status_label.setWordWrap(False)
        self.status_label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.checks_button = self._toggle("Checks", "Show every check that ran, not only warnings")
        self.checks_button.toggled.connect(self.timeline.expand_checks)
        self.messages_button = self._toggle("Messages", "Show the log's own messages")
        copy = QPushButton("Copy", self)
        copy.setToolTip("Copy the history as a table, or the messages where they are shown")
        copy.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        copy.clicked.connect(self.copy)
        head = QHBoxLayout()
        head.setContentsMargins(10, 5, 8, 5)
        head.setSpacing(10)
        head.addWidget(self.id_label)
        head.addWidget(self.summary_label, 1)
        head.addWidget(self.status_label)
        for button in (self.checks_button, self.messages_button, copy):
            head.addWidget(button)
        self.messages = QPlainTextEdit(self)
        self.messages.setReadOnly(True)
        self.messages.setFont(theme.mono_font(12))
        self.messages.setAccessibleName("Messages of the log")
        self.messages.setTabChangesFocus(True)
        self.messages.hide()
        self.messages_button.toggled.connect(self.messages.setVisible)
        self.messages_button.toggled.connect(self._on_messages_toggled)
        halves = QSplitter(Qt.Orientation.Horizontal, self)
        halves.addWidget(self.timeline)
        halves.addWidget(self.messages)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        halves.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        self.chain_label.setContentsMargins(10, 0, 8, 4)
        layout.addWidget(self.chain_label)
        layout.addWidget(halves, 1)
        self.setFocusProxy(self.timeline)

    def _toggle(self, words: str, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setCheckable(True)
        button.setProperty("role", "chip")
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    # -- what the shell asks -------------------------------------------------------------------

    def focus_pane(self) -> None:
        """Put the keyboard on the timeline."""
        self.timeline.setFocus()

    def save_state(self) -> dict[str, Any]:
        """Return which order is shown, and how."""
        return {
            "order": self._order_id,
            "checks": self.checks_button.isChecked(),
            "messages": self.messages_button.isChecked(),
        }

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what is unknown or broken is left be."""
        self.checks_button.setChecked(state.get("checks") is True)
        self.messages_button.setChecked(state.get("messages") is True)
        order_id = state.get("order")
        if isinstance(order_id, str) and order_id:
            self.show_order(order_id)

    # -- the order -----------------------------------------------------------------------------

    @property
    def order_id(self) -> str:
        """The order that is shown, "" for none."""
        return self._order_id

    def show_order(self, order_id: str) -> None:
        """Show the history of an order, and follow it."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._order_id = order_id
        self._story = Story(self._session.core.state.instruments)
        self._last_seq = 0
        self.timeline.show_lines([])
        self.messages.clear()
        self._show_head()
        self._follow()

    def on_changed(self, changed: Changed) -> None:
        """Read on when the order, or an alert that may be its own, has changed."""
        if not self._order_id:
            return
        if self._order_id in changed.orders or changed.alerts or changed.reference:
            self._is_stale = True
            if self.isVisible() and not self._follow_timer.isActive():
                self._follow_timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Take up what came while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self._follow()

    @Slot()
    def _follow(self) -> None:
        """Ask for what came since the last event that is shown."""
        if not self._order_id or self._is_reading:
            return  # the reading under way may have missed the newest: see `_on_read`
        self._is_stale = False
        self._show_head()
        self._reading = self._session.order_events(self._order_id, self._on_read, self._last_seq)

    @property
    def _is_reading(self) -> bool:
        return self._reading is not None and not self._reading.is_over

    def _on_read(self, logged: list[LoggedEvent]) -> None:
        fresh = [one for one in logged if one.row.seq > self._last_seq]
        lines = [self._story.tell(one) for one in fresh]
        if lines:
            self._last_seq = lines[-1].seq
            self.timeline.add_lines(lines)
            if self.checks_button.isChecked():
                self.timeline.expand_checks(True)
        self._show_head()
        if self._is_stale and self.isVisible():
            self._follow_timer.start()

    # -- what is said --------------------------------------------------------------------------

    def _show_head(self) -> None:
        order = self._session.core.state.orders.get(self._order_id)
        self.id_label.setText(self._order_id or "No order chosen")
        instrument = self._session.core.state.instruments.get(order.symbol) if order else None
        self.summary_label.setText(summary(order, instrument) if order is not None else "")
        self.status_label.say([_standing(order)] if order is not None else [])
        chain = self._story.chain.words
        self.chain_label.setText(f"At the venue as {chain}" if chain else "")
        self.chain_label.setVisible(bool(chain))
        policy = cancel_on_disconnect(order.venue) if order is not None else ""
        self.summary_label.setToolTip(policy)
        self.status_label.setToolTip(policy)
        if not self._order_id:
            self.timeline.set_empty_text(
                "No order chosen", "Choose History in the menu of an order's row"
            )
        elif self._is_reading or not self._last_seq:
            self.timeline.set_empty_text("Reading the log …", "Nothing that is sent waits for it")
        for button in (self.checks_button, self.messages_button):
            button.setEnabled(bool(self._order_id))

    @Slot(bool)
    def _on_messages_toggled(self, is_shown: bool) -> None:
        line = self.timeline.current_line()
        if is_shown and line is not None:
            self._show_messages(line)
        elif is_shown:
            self.messages.setPlainText("\n\n".join(map(pretty, self.timeline.lines)))

    @Slot(object)
    def _show_messages(self, line: StoryLine) -> None:
        if self.messages_button.isChecked():
            self.messages.setPlainText(pretty(line))

    @Slot()
    def copy(self) -> None:
        """Copy the messages where they are shown, else the history as a table."""
        is_raw = self.messages_button.isChecked()
        text = self.messages.toPlainText() if is_raw else self.timeline.as_tsv()
        if text:
            QGuiApplication.clipboard().setText(text)


def pretty(line: StoryLine) -> str:
    """Return an event's message as the log holds it, set out in lines."""
    return msgspec.json.format(line.raw, indent=2).decode()


def _standing(order: Order) -> tuple[str, str]:
    """Return how an order stands, in its tone."""
    sign, word, tone = status_signs(order)
    return tone, f"{sign} {word}  {order.cum_qty:,} of {order.qty:,}"
