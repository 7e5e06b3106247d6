"""The desk's day: what was checked before trading and at the end, and the head's word on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.day_checks import end_checks, failed, start_checks
from app.core.decide.sign_off import word_objection
from app.session.client import Session
from app.session.step import Changed
from models.errors import BlotterError
from models.workflow import DayCheck, SignOff

_REFRESH_MS: Final = 1_000
_NOTE_MAX: Final = 500


class _Checks(QWidget):
    """A headed list of checks: sign, name, what was found."""

    def __init__(self, heading: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.heading = QLabel(heading, self)
        self.heading.setProperty("role", "title")
        self.word = QLabel(self)
        self.word.setProperty("role", "muted")
        self.word.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.word)
        column.addLayout(self._grid)

    def show_checks(self, checks: tuple[DayCheck, ...]) -> None:
        """Show what was found."""
        while len(self._rows) < len(checks):
            self._rows.append(self._add_row(len(self._rows)))
        for (sign, name, text), check in zip(self._rows, checks, strict=False):
            sign.setText("✓" if check.passed else "✕")
            role = "good" if check.passed else "error"
            if sign.property("role") != role:
                sign.setProperty("role", role)
                sign.style().polish(sign)
            name.setText(check.name)
            text.setText(check.text)

    def _add_row(self, at: int) -> tuple[QLabel, QLabel, QLabel]:
        sign, name, text = QLabel(self), QLabel(self), QLabel(self)
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for place, label in enumerate((sign, name, text)):
            self._grid.addWidget(label, at, place, Qt.AlignmentFlag.AlignTop)
        return sign, name, text


class DayPane(QFrame):
    """Checks as things stand now; the head opens the desk and signs the day off.

    Attributes:
        start, end: the checks before trading and at the end.
        note_edit: why it is right although a check has not passed.
        open_button, sign_button: the head's word.

    Signals:
        message_raised: something to say in passing, with its tone.
    """

    help_page: ClassVar[str] = "day"

    message_raised = Signal(str, str)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._zone = zone
        self._is_stale = True
        self.start = _Checks("Before trading", self)
        self.end = _Checks("End of the day", self)
        self.note_edit = QLineEdit(self)
        self.note_edit.setMaxLength(_NOTE_MAX)
        self.note_edit.setAccessibleName("Why it is right all the same")
        self.note_edit.setPlaceholderText("Why it is right, where a check has not passed")
        self.open_button = self._button("Open the desk", self.open_desk)
        self.sign_button = self._button("Sign the day off", self.sign_off)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        session.listeners.append(self.on_changed)

    def _button(self, text: str, do: object) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(do)
        return button

    def _lay_out(self) -> None:
        inner = QWidget(self)
        sides = QHBoxLayout(inner)
        sides.setContentsMargins(12, 10, 12, 10)
        sides.setSpacing(28)
        for part in (self.start, self.end):
            column = QVBoxLayout()
            column.addWidget(part)
            column.addStretch(1)
            sides.addLayout(column, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inner)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 8)
        foot.addWidget(self.note_edit, 1)
        foot.addWidget(self.open_button)
        foot.addWidget(self.sign_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addLayout(foot)
        self.setFocusProxy(self.note_edit)

    def focus_pane(self) -> None:
        """Put the keyboard on the note."""
        self.note_edit.setFocus()

    def on_changed(self, changed: Changed) -> None:
        """Note that a check may come out otherwise."""
        if changed.orders or changed.reference or changed.alerts or changed.baskets:
            self._is_stale = True

    def showEvent(self, event: QShowEvent) -> None:
        """Check now."""
        super().showEvent(event)
        self._is_stale = True
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Check anew, if anything changed and somebody looks."""
        if not self._is_stale or not self.isVisible():
            return
        self._is_stale = False
        core = self._session.core
        state, desk = core.state, core.desk
        self.start.show_checks(start_checks(state, desk, core.context))
        self.end.show_checks(end_checks(state, desk, core.context))
        self.start.word.setText(self._said(state.opened.get(desk), "opened the desk", "Not opened"))
        self.end.word.setText(
            self._said(state.signed_off.get(desk), "signed it off", "Not signed off")
        )
        objection = word_objection(state, core.login, desk)
        for button in (self.open_button, self.sign_button):
            button.setEnabled(not objection)
            button.setToolTip(objection)
        self.note_edit.setEnabled(not objection)

    def _said(self, word: SignOff | None, what: str, otherwise: str) -> str:
        day = self._session.core.state.day
        if word is None or word.day != day:
            return f"{otherwise} yet for {day}." if day else "No day has started yet."
        at = datetime.fromtimestamp(word.ts // 1_000_000_000, UTC).astimezone(self._zone)
        wrong = failed(word.checks)
        note = f"; {len(wrong)} not passed: “{word.note}”" if wrong else ""
        return f"{word.author} {what} at {at:%H:%M:%S}{note}."

    # -- what the head does --------------------------------------------------------------------

    @Slot()
    def open_desk(self) -> None:
        """Say that the desk is ready."""
        note = self.note_edit.text().strip()
        self._carry_out(lambda: self._session.work.open_desk(note), "Opening the desk.")

    @Slot()
    def sign_off(self) -> None:
        """Sign the day off."""
        note, day = self.note_edit.text().strip(), self._session.core.state.day
        self._carry_out(lambda: self._session.work.sign_off(day, note), f"Signing {day} off.")

    def _carry_out(self, do, said: str) -> None:  # type: ignore[no-untyped-def]
        try:
            do()
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")
        else:
            self.note_edit.clear()
            self.message_raised.emit(said, "pending")
