"""A throttle: the first requests after a quiet period act at once, the rest share a timer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot


class Throttle(QObject):
    """Calls an action at once for the first few requests, then at most once per delay.

    A trader's own order goes from sent to filled in a handful of changes, none of which waits for
    a timer; two thousand changes a second cost no more than the screen can show.

    Attributes:
        delay_ms: time in which one more call is earned; 0 calls at every request (tests set that).
        burst: how many calls a quiet period earns at the most.
    """

    def __init__(
        self,
        action: Callable[[], None],
        delay_ms: int,
        parent: QObject | None = None,
        *,
        burst: int = 1,
    ) -> None:
        super().__init__(parent)
        self.delay_ms = delay_ms
        self.burst = burst
        self._earned = burst
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
        """Call the action now, or as soon as a call is earned."""
        if self._earned <= 0:
            self._is_wanted = True
            return
        self.run_now()

    def run_now(self) -> None:
        """Call the action now, whether it is earned or not."""
        self._is_wanted = False
        if self.delay_ms > 0:
            self._earned = max(0, self._earned - 1)
            self._keep_earning()
        self._action()

    def _keep_earning(self) -> None:
        if not self._timer.isActive():
            self._timer.start(self.delay_ms)

    def request_later(self) -> None:
        """Call the action when the next delay is over, even if it could be called now."""
        self._is_wanted = True
        self._keep_earning()

    @Slot()
    def _on_timeout(self) -> None:
        self._earned = min(self.burst, self._earned + 1)
        if self._is_wanted:
            self.run_now()
        elif self._earned < self.burst:
            self._keep_earning()
