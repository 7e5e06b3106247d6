"""Notices that a person has taken keyboard or mouse, so that the story gives way."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

_TOUCHES = frozenset({
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
})  # fmt: skip


class TouchWatch(QObject):
    """Calls `on_touch` when a person touches the application anywhere but on the banner.

    Attributes:
        last_s: when that last was, on the monotonic clock.
    """

    def __init__(
        self,
        app: QApplication,
        banner: QWidget,
        is_ours: Callable[[], bool],
        on_touch: Callable[[], None],
    ) -> None:
        """`is_ours` tells whether what arrives just now is the story's own doing."""
        super().__init__(app)
        self.last_s = time.monotonic()
        self._app = app
        self._banner = banner
        self._is_ours = is_ours
        self._on_touch = on_touch
        app.installEventFilter(self)

    def stop(self) -> None:
        """Watch no longer."""
        self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at every event in passing; none is kept from where it goes."""
        if event.type() in _TOUCHES and event.spontaneous() and not self._is_ours():
            self.last_s = time.monotonic()
            if isinstance(watched, QWidget) and not self._is_banner(watched):
                self._on_touch()
        return False

    def _is_banner(self, widget: QWidget) -> bool:
        return widget is self._banner or self._banner.isAncestorOf(widget)
