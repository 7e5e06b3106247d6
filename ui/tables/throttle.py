"""A throttle: the first request after a quiet period acts at once, the rest share a timer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot


class Throttle(QObject):
    """Calls an action at once when it is first asked to, then at most once per delay.

    A trader's own order shows without waiting for a timer, and two thousand changes a second cost
    no more than the screen can show.

    Attributes:
        delay_ms: least time between two calls; 0 calls at every request (tests set that).
    """

    def __init__(
        self, action: Callable[[], None], delay_ms: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.delay_ms = delay_ms
        self._action = action
        self._is_wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def is_waiting(self) -> bool:
        """Whether a request waits for the timer."""
        return self._is_wanted

    def request(self) -> None:
        """Call the action now, or when the delay since the last call is over."""
        if self._timer.isActive():
            self._is_wanted = True
            return
        self.run_now()

    def run_now(self) -> None:
        """Call the action now, whatever the timer says; the next delay starts here."""
        self._is_wanted = False
        if self.delay_ms > 0:
            self._timer.start(self.delay_ms)
        self._action()

    def request_later(self) -> None:
        """Call the action when the delay is over, even if it could be called now."""
        self._is_wanted = True
        if not self._timer.isActive():
            self._timer.start(self.delay_ms)

    @Slot()
    def _on_timeout(self) -> None:
        if self._is_wanted:
            self.run_now()
