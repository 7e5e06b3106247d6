"""The ticket's foot: what the checks say, the reason, and the button that says what it sends."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.core.decide.entry import REASON_MAX
from ui import theme
from ui.ticket.labels import SMALL_PX, ToneLabel, restyle

_PADDING_PX = 28
# Not beside an arrow, nor between a price and its word: what belongs together stays on one line.
_BEFORE = (
    "[→@]",
    "stop",
    "trail",
    "limit",
    "GTD",
    "iceberg",
    "min",
    "market",
    " to",
    "peg",
    "cap",
    "ALL",
    "OR",
    "take",
    "profit",
    "care",
    "of",
    "by",
    "for",
)
_BREAKS = re.compile("".join(f"(?<!{word})" for word in _BEFORE) + r" (?!→|bp\b|random|ONLY)")
HINT = "Ctrl+Enter sends · Esc drops"


class SendButton(QPushButton):
    """A button whose words break into lines where they don't fit: none of them may be cut."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ""
        self.setProperty("role", "send")
        self.setAccessibleName("Send")

    def say(self, words: str) -> None:
        """Show `words`."""
        if words != self._words:
            self._words = words
            self.setAccessibleDescription(words)
            self._wrap()

    @property
    def words(self) -> str:
        """What it says, in one line."""
        return self._words

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._wrap()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._words:
            self._wrap()

    def minimumSizeHint(self) -> QSize:
        """It may be narrow; its words break."""
        return QSize(80, super().minimumSizeHint().height())

    def _wrap(self) -> None:
        lines = [""]
        font = self.font()
        font.setBold(True)  # the style sheet's weight is not in `font()`
        metrics = QFontMetrics(font)
        room = self.width() - _PADDING_PX
        for word in _BREAKS.split(self._words):
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        text = "\n".join(lines).replace("&", "&&")
        if text != self.text():
            self.setText(text)


class SendPanel(QWidget):
    """Stays in sight when the fields above have to scroll.

    Attributes:
        checks_label, reason_edit, send_button, outcome_label: its parts.

    Signals:
        reason_edited: the person typed a reason.
    """

    reason_edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.checks_label = ToneLabel(self)
        self.checks_label.setFont(theme.ui_font(12))
        self.checks_label.setAccessibleName("Checks")
        self.reason_edit = QLineEdit(self)
        self.reason_edit.setAccessibleName("Reason to send it all the same")
        self.reason_edit.setPlaceholderText("Reason to send it all the same")
        self.reason_edit.setMaxLength(REASON_MAX)
        self.reason_edit.hide()
        self.send_button = SendButton(self)
        self.send_button.setToolTip(HINT)
        self.outcome_label = ToneLabel(self)
        self.outcome_label.setFont(theme.ui_font(SMALL_PX))
        self.outcome_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.outcome_label.setAccessibleName("What became of the last order")
        self.outcome_label.say([("muted", HINT)])
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 6)
        column.setSpacing(4)
        for widget in (
            self.checks_label,
            self.reason_edit,
            self.send_button,
            self.outcome_label,
        ):
            column.addWidget(widget)
        self.reason_edit.textEdited.connect(self.reason_edited)

    @property
    def reason(self) -> str:
        """The reason as typed."""
        return self.reason_edit.text().strip()

    def show_reason(self, is_wanted: bool, is_missing: bool) -> None:
        """Offer the reason's field, marked while there has to be one and is none."""
        self.reason_edit.setVisible(is_wanted)
        restyle(self.reason_edit, "invalid", "soft" if is_wanted and is_missing else "")
