"""Keeps windows where somebody can see them, also after a screen has gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_GRIP: Final = 80  # so much of a window's top has to be on a screen to be taken hold of


def place_in_view(frame: QRect, screens: Sequence[QRect]) -> QRect:
    """Return where a window whose frame is `frame` has to stand to be seen on one of `screens`.

    It stays where it is when enough of its top edge is on a screen; else it goes to the first
    screen, no larger than that.
    """
    top = QRect(frame.left(), frame.top(), frame.width(), min(24, frame.height()))
    for screen in screens:
        seen = screen.intersected(top)
        if seen.width() >= min(_GRIP, frame.width()) and seen.height() >= min(12, top.height()):
            return frame
    if not screens:
        return frame
    first = screens[0]
    size = frame.size().boundedTo(first.size())
    spare = first.size() - size
    return QRect(first.topLeft() + QPoint(spare.width() // 2, spare.height() // 2), size)


def bring_into_view(window: QWidget) -> None:
    """Move `window` onto a screen if it is on none."""
    primary = QGuiApplication.primaryScreen()
    screens = [s.availableGeometry() for s in QGuiApplication.screens() if s is not primary]
    if primary is not None:
        screens.insert(0, primary.availableGeometry())
    frame = window.frameGeometry()
    place = place_in_view(frame, screens)
    if place != frame:
        window.move(place.topLeft())
        if place.size() != frame.size():
            window.resize(place.size())
