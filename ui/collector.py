"""Garbage collection on the window's thread alone.

Python collects on whichever thread allocates; a cycle that holds a Qt object would then be
destroyed on the store's thread, which Qt does not survive. So automatic collection is off while a
window lives, and a timer of its thread collects instead.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 500


class Collector(QObject):
    """Collects when Python's own thresholds say so, but only ever on the thread it lives on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    @Slot()
    def collect_if_due(self) -> None:
        """Collect the oldest generation whose threshold is passed."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Collect all, here, and let Python collect by itself again."""
        self._timer.stop()
        gc.collect()
        gc.enable()
