"""What the Qt binding must not do to the interpreter."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class _Speaker(QObject):
    spoken = Signal()


def test_signal_emitted_keeps_the_reference_count_of_true() -> None:
    """PySide6 6.12 drops one each time on Python 3.11, and after some hundreds the process dies."""
    speaker = _Speaker()
    speaker.spoken.emit()
    before = sys.getrefcount(True)
    for _ in range(20):
        speaker.spoken.emit()
    assert abs(sys.getrefcount(True) - before) < 10
