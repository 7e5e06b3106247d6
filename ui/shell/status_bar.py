"""The status bar: the connection, what is on its way, and what was read; passing words between."""

from __future__ import annotations

import time
from html import escape

from PySide6.QtCore import QEvent, QTimer, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from app.session.client import Session
from app.session.step import Changed, Link
from ui import theme
from ui.shell.still import StillArea
from ui.shell.top_bar import LINK_SIGNS, copy_age

_REFRESH_MS = 500
_MESSAGE_MS = 6_000
_HEIGHT = 22


class HealthBar(QStatusBar):
    """Shows the connection at the left, passing messages in the middle, the market at the right.

    Attributes:
        link_label: the connection, and how old what is known is.
        outbox_label: requests under way.
        log_label: the newest event read, and whether its chain holds.
        passing_label: words that go away by themselves.
        help_button: opens the help of the pane that has the keyboard.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._is_built = False
        self._session = session
        self._last_event_s = 0.0
        self.link_label = QLabel(self)
        self.outbox_label = QLabel(self)
        self.log_label = QLabel(self)
        self.passing_label = QLabel(self)
        self.market_label = QLabel("SIMULATED MARKET", self)
        self.market_label.setToolTip("All prices are made up; nothing leaves this computer's desk")
        self.market_label.setProperty("role", "muted")
        self.help_button = QToolButton(self)
        self.help_button.setProperty("role", "quiet")
        self.help_button.setText("F1 help")
        self.help_button.setAccessibleName("Help on the pane that has the keyboard")
        self._lay_out()
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self.passing_label.clear)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        session.listeners.append(self.on_changed)
        self._is_built = True
        self.refresh()

    def _lay_out(self) -> None:
        """Put the parts into an area whose changes of words move nothing else."""
        area = StillArea(parent=self)
        inner = QWidget(area)
        row = QHBoxLayout(inner)
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(16)
        for label in (self.link_label, self.outbox_label, self.log_label):
            label.setProperty("role", "muted")
            row.addWidget(label)
        self.passing_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self.passing_label, 1)
        row.addWidget(self.market_label)
        row.addWidget(self.help_button)
        inner.setFixedHeight(_HEIGHT)
        area.hold((inner,))
        self.addWidget(area, 1)

    def tell(self, words: str, tone: str) -> None:
        """Show a message for a few seconds."""
        colour = theme.colour({"good": "gain"}.get(tone, tone)).name()
        # No style sheet: Qt would dress the label anew at every word.
        self.passing_label.setText(f'<span style="color:{colour}">{escape(words)}</span>')
        self.passing_label.setToolTip(words)
        self._passing.start(_MESSAGE_MS)

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.orders or changed.alerts or changed.reference:
            self._last_event_s = time.monotonic()
        if changed.link or changed.requests:
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """What is coloured in text looks its colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show how things stand now."""
        self._show_link()
        self._show_outbox()
        self._show_log()

    def _show_link(self) -> None:
        session, core = self._session, self._session.core
        sign, tone = LINK_SIGNS[core.link]
        words = {
            Link.STARTING: "connecting",
            Link.OFFLINE: f"offline copy, {copy_age(core)} old, read-only",
            Link.LIVE: "connected",
            Link.LOST: "store lost",
            Link.HALTED: "halted",
        }[core.link]
        if session.refusal:
            sign, tone, words = "■", "blocked", "store refused"
        if core.link is Link.LIVE and self._last_event_s:
            words += f", last event {_age(time.monotonic() - self._last_event_s)} ago"
        _show(self.link_label, sign, words, tone)
        asked_s = session.answered_s
        self.link_label.setToolTip(
            f"The store answered last {_age(time.monotonic() - asked_s)} ago" if asked_s else ""
        )

    def _show_outbox(self) -> None:
        requests = self._session.core.requests.values()
        under_way = sum(1 for request in requests if request.is_open)
        if under_way:
            plural = "" if under_way == 1 else "s"
            _show(self.outbox_label, "◌", f"{under_way} request{plural} under way", "pending")
        elif self.outbox_label.text() != "outbox empty":
            self.outbox_label.setText("outbox empty")
        self.outbox_label.setToolTip("Requests that were sent and are not settled yet")

    def _show_log(self) -> None:
        core = self._session.core
        if core.link is Link.HALTED:
            _show(self.log_label, "■", f"seq {core.seq:,} · chain broken", "blocked")
        elif self.log_label.text() != (text := f"seq {core.seq:,} · chain verified"):
            self.log_label.setText(text if core.seq else "nothing read yet")
        self.log_label.setToolTip(
            "The newest event read, and that each event's hash continues the one before it"
        )


def _age(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _show(label: QLabel, sign: str, words: str, tone: str) -> None:
    """Show words after a sign in its colour; what is well needs no colour but the sign's."""
    colour = theme.colour(tone).name()
    body = words if tone == "gain" else f'<span style="color:{colour}">{words}</span>'
    text = f'<span style="color:{colour}">{sign}</span> {body}'
    if label.text() != text:
        label.setText(text)
