"""Labels of the ticket: words in tones that follow the theme, and words cut to their place."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui import theme

SMALL_PX = 11
_FIGURE_PX_MIN = 9
_TONES = {"good": "gain", "accent": "muted"}

# A tone (a colour's name) and the words in it.
Said = tuple[str, str]


class ToneLabel(QLabel):
    """Lines of text, each in a tone.

    The colour is in the text: giving a label another role would cost a polish of the style sheet
    on the way of every order from the key to its row.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._said: tuple[Said, ...] = ()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def say(self, lines: Iterable[Said]) -> None:
        """Show these lines; a word in `**` is bold."""
        said = tuple(lines)
        if said != self._said:
            self._said = said
            self.setText(_as_html(said))

    @property
    def words(self) -> str:
        """What it says, without tones."""
        return "\n".join(words for _, words in self._said)

    def changeEvent(self, event: QEvent) -> None:
        """Look the colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._said:
            self.setText(_as_html(self._said))


def _as_html(said: tuple[Said, ...]) -> str:
    lines = []
    for tone, words in said:
        colour = theme.colour(_TONES.get(tone, tone)).name()
        lines.append(f'<div style="color:{colour}">{escape(words)}</div>')
    return "".join(lines)


class ElidedLabel(QLabel):
    """One line that ends in `…` where it doesn't fit."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        self._write(painter, self.contentsRect())

    def _write(self, painter: QPainter, place: QRect) -> None:
        metrics = self.fontMetrics()
        fitting = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, int(self.alignment()), fitting)

    def minimumSizeHint(self) -> QSize:
        """It may be as narrow as its place."""
        return QSize(0, super().minimumSizeHint().height())


class FigureLabel(ElidedLabel):
    """A figure that gets smaller where it doesn't fit: part of a number is another number."""

    def _write(self, painter: QPainter, place: QRect) -> None:
        font = self.font()
        for px in range(font.pixelSize(), _FIGURE_PX_MIN - 1, -1):
            font.setPixelSize(px)
            if QFontMetrics(font).horizontalAdvance(self.text()) <= place.width():
                break
        painter.setFont(font)
        painter.drawText(place, int(self.alignment()), self.text())


def small(label: QLabel) -> QLabel:
    """Give `label` the small font of headings and hints, muted."""
    label.setFont(theme.ui_font(SMALL_PX))
    label.setProperty("role", "muted")
    return label


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at; costs only where it changes."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
