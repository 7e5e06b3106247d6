"""Keeps the changes of a bar's words from laying out the whole window again.

In Qt a label whose text changes asks every layout above it for a new layout, up to the main
window, which then moves all docks: some 5 ms for each second that a clock shows. A widget without
a layout of its own ends that.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class StillArea(QWidget):
    """Stacks parts that it sizes itself, each as high as it asks to be when told of a change."""

    def __init__(self, foot: int = 0, parent: QWidget | None = None) -> None:
        """`foot` is the room that is left below the parts."""
        super().__init__(parent)
        self._parts: list[QWidget] = []
        self._foot = foot

    def hold(self, parts: Sequence[QWidget]) -> None:
        """Hold `parts`, its children, from top to bottom."""
        self._parts = list(parts)
        self.parts_changed()

    def parts_changed(self) -> None:
        """Give each part its height anew: one was shown, hidden, or has more to say."""
        self._place()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its parts."""
        return QSize(self._least_width(), self._height(self.width()))

    def minimumSizeHint(self) -> QSize:
        """As high as its parts."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the parts the new width."""
        super().resizeEvent(event)
        before = self._height(event.oldSize().width())
        self._place()
        if self._height(self.width()) != before:
            self.updateGeometry()

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]

    def _least_width(self) -> int:
        return max((part.minimumSizeHint().width() for part in self._shown()[:1]), default=0)

    def _height(self, width: int) -> int:
        return sum(_height_of(part, width) for part in self._shown()) + self._foot

    def _place(self) -> None:
        top = 0
        for part in self._shown():
            height = _height_of(part, self.width())
            part.setGeometry(0, top, self.width(), height)
            top += height


def _height_of(part: QWidget, width: int) -> int:
    if part.minimumHeight() == part.maximumHeight():
        return part.minimumHeight()
    height = part.heightForWidth(width) if part.hasHeightForWidth() else -1
    return height if height >= 0 else part.sizeHint().height()
