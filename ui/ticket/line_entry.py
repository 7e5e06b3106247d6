"""The one-line entry's field: what isn't understood is underlined where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QWidget

from ui import theme
from ui.ticket.labels import restyle
from ui.ticket.one_line import Mistake

_WAVE_PX = 2.0


class LineEntry(QLineEdit):
    """A line edit that underlines the words that were mistaken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._mistakes: tuple[Mistake, ...] = ()
        self.setProperty("role", "command")
        self.setFont(theme.mono_font())
        self.setPlaceholderText("b 5k aapl 190.50 day acct growth")
        self.setAccessibleName("One-line order entry")

    def mark(self, mistakes: Iterable[Mistake]) -> None:
        """Underline these, and say the first one's reason to who can't see it."""
        self._mistakes = tuple(mistakes)
        restyle(self, "invalid", bool(self._mistakes))
        self.setAccessibleDescription(self._mistakes[0].reason if self._mistakes else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._mistakes or not self.text():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("blocked"), 1.2))
        painter.setClipRect(self.contentsRect().adjusted(4, 0, -4, 0))
        for mistake in self._mistakes:
            self._underline(painter, mistake)

    def _underline(self, painter: QPainter, mistake: Mistake) -> None:
        """Draw a wave; Qt tells where the cursor is, and the rest follows from the letters."""
        text, metrics = self.text(), self.fontMetrics()
        cursor = self.cursorRect()
        zero = cursor.center().x() - metrics.horizontalAdvance(text[: self.cursorPosition()])
        end = max(mistake.end, mistake.start + 1)
        left = zero + metrics.horizontalAdvance(text[: mistake.start])
        right = zero + metrics.horizontalAdvance(text[:end].ljust(end))
        bottom = float(cursor.bottom() - 1)
        count = max(1, round((right - left) / _WAVE_PX))
        wave = [QPointF(left + at * _WAVE_PX, bottom - (at % 2) * 2) for at in range(count + 1)]
        painter.drawPolyline(wave)
