"""What every test of the desktop needs: a screen to draw on, and an end to what was deleted."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

# Before Qt is imported: without a display it would abort the process.
if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.live_desk import LiveDesk
from ui import theme


@pytest.fixture(autouse=True)
def _deferred_deletes_done(qapp: QApplication) -> Iterator[None]:
    """Delete at the end of a test what it left to `deleteLater`, which `processEvents` doesn't."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    qapp.processEvents()
    gc.collect(1)  # here, and not on some thread of a later test


@pytest.fixture
def dark(qapp: QApplication) -> Iterator[theme.Theme]:
    """Apply the dark theme, and take the style sheet off again for other tests."""
    theme.apply(qapp, theme.DARK)
    yield theme.DARK
    theme.apply(qapp, theme.DARK)
    qapp.setStyleSheet("")


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[LiveDesk]:
    """Alice's window on a live desk."""
    live = LiveDesk(qtbot)
    yield live
    live.close()
