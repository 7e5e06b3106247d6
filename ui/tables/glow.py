"""The glow of cells that have just changed: it comes at once, and fades."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

GLOW_MS: Final = 600
_STEP_MS: Final = 60
# More than this many changes at once is a flood, not news: nobody could follow the light.
_CELLS_MAX: Final = 300

Repaint = Callable[[str, int], None]


class Glow(QObject):
    """Which cells glow, and how much.

    Attributes:
        glow_ms: how long a changed cell glows; 0 switches the glow off.
        clock_ms: a clock in milliseconds, replaced in tests.
    """

    def __init__(
        self, repaint: Repaint, is_seen: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        """`repaint` is called with the key and column of every cell whose glow changes."""
        super().__init__(parent)
        self.glow_ms = GLOW_MS
        self.clock_ms: Callable[[], float] = _monotonic_ms
        self._repaint = repaint
        self._is_seen = is_seen
        self._rows: dict[str, dict[int, float]] = {}  # when each began, by key and column
        self._count = 0
        self._fading = QTimer(self)
        self._fading.setInterval(_STEP_MS)
        self._fading.timeout.connect(self.fade)

    @property
    def is_on(self) -> bool:
        """Whether any cell glows; while none does, no timer runs."""
        return self._fading.isActive()

    @Slot(object)
    def start(self, cells: Iterable[tuple[str, int]]) -> None:
        """Let the cells `(key, column)` glow and fade, from now on."""
        if self.glow_ms <= 0 or not self._is_seen():
            return
        now = self.clock_ms()
        for key, column in cells:
            row = self._rows.get(key)
            if row is None or column not in row:
                if self._count >= _CELLS_MAX:
                    continue
                self._count += 1
                row = self._rows.setdefault(key, {})
            row[column] = now
        if self._rows:
            self._fading.start()

    @Slot()
    def fade(self) -> None:
        """Have the glowing cells painted one step paler, and forget those that are done."""
        over = self.clock_ms() - self.glow_ms
        for key, row in list(self._rows.items()):
            for column, start in list(row.items()):
                if start <= over:
                    del row[column]
                    self._count -= 1
                self._repaint(key, column)
            if not row:
                del self._rows[key]
        if not self._rows:
            self._fading.stop()

    def columns_of(self, key: str) -> dict[int, float]:
        """Return the glowing columns of a row; see `share`."""
        return self._rows.get(key, {})

    def share(self, start: float) -> float:
        """Return how much a cell glows that began at `start`, from 1 down to 0."""
        return max(0.0, 1.0 - (self.clock_ms() - start) / max(1, self.glow_ms))


def _monotonic_ms() -> float:
    return time.monotonic() * 1_000
