"""The main window over a desk that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.builders import Desk
from tests.ui.still_desk import StillDesk
from ui import theme
from ui.main_window import MainWindow
from ui.shell.window_state import StateFile

ZONE = ZoneInfo("America/New_York")
Open = Callable[..., MainWindow]


@pytest.fixture
def still() -> StillDesk:
    return StillDesk(Desk())


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Open]:
    """Return what opens a window on a still desk, with a state file where a path is given."""
    theme.apply(qapp, theme.DARK)

    def opened(still: StillDesk, path: Path | None = None) -> MainWindow:
        window = MainWindow(still.session, ZONE, StateFile(path) if path is not None else None)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        still.tell_all()
        qapp.processEvents()
        return window

    yield opened
    theme.apply(qapp, theme.DARK)
    qapp.setStyleSheet("")


@pytest.fixture
def window(open_window: Open, still: StillDesk) -> MainWindow:
    return open_window(still)
