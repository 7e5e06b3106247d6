"""A frame around what the story speaks of; it takes no click and hides nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme

_LINE_PX = 2


class Spotlight(QWidget):
    """Lies over the whole of `window` and frames one of its widgets."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._window = window
        self._target: QWidget | None = None
        window.installEventFilter(self)
        self.hide()

    @property
    def target(self) -> QWidget | None:
        """What is framed."""
        return self._target

    def point_at(self, target: QWidget | None) -> None:
        """Frame `target`; `None`, or one that is not to be seen, frames nothing."""
        self._target = target if target is not None and target.isVisible() else None
        self.setVisible(self._target is not None)
        if self._target is not None:
            self._cover()
            self.raise_()

    def framed(self) -> QRect:
        """Return where the frame is, in the window's coordinates."""
        target, window = self._target, self._window
        if target is None or target.window() is not window:
            return QRect()
        return QRect(target.mapTo(window, target.rect().topLeft()), target.size())

    def _cover(self) -> None:
        self.setGeometry(self._window.rect())
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if event.type() == QEvent.Type.Resize and self._target is not None:
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), _LINE_PX))
        painter.drawRoundedRect(self.framed().adjusted(1, 1, -2, -2), 4, 4)
        painter.end()
