"""Pictures of the window and of every pane, dark and light, for the help pages and the README."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.autopilot import Autopilot
from ui.main_window import MainWindow
from ui.shell.layouts import DESK_HEAD, TRADER

SIZES = ((1600, 950), (1280, 720))
_LOOKS = {"dark": theme.DARK, "light": theme.LIGHT}
_SETTLES_S = 0.6  # glows fade, hidden panes catch up, the chart is drawn
_PANE_SETTLES_S = 0.15
_LINE = "b 5k aapl 190 acct growth"
_SYMBOL = "AAPL"
_CHART_SETTLES_S = 2.5  # its past is read anew when another symbol is shown
_HEADS_PANES = ("overview",)
_ELSEWHERE = (*_HEADS_PANES, "continuity")  # its pictures show an outage, which no demo has


async def take_pictures(pilot: Autopilot, folder: Path) -> list[Path]:
    """Take a trader's whole window, and each pane by itself, in both sizes and themes.

    Leaves the window in its former size. Returns the files.
    """

    async def take(named: str) -> list[Path]:
        pilot.window.keeper.use(TRADER)
        pilot.type_line(_LINE)
        await _settle()
        taken = [_save(pilot.window.grab(), folder / f"desktop-{named}")]
        for name, dock in pilot.window.docks.items():
            if name not in _ELSEWHERE:
                pilot.window.show_pane(name)
                await _settle(_PANE_SETTLES_S)
                taken.append(_save(dock.grab(), folder / f"{name}-{named}"))
        return taken

    pilot.window.deeds.choose_symbol(_SYMBOL)
    await _settle(_CHART_SETTLES_S)
    return await _in_every_look(pilot.window, take)


async def take_heads_pictures(pilot: Autopilot, folder: Path) -> list[Path]:
    """Take a desk head's whole window, and the panes that are theirs, as `take_pictures` does."""

    async def take(named: str) -> list[Path]:
        pilot.window.keeper.use(DESK_HEAD)
        await _settle()
        taken = [_save(pilot.window.grab(), folder / f"desk-head-{named}")]
        for name in _HEADS_PANES:
            pilot.window.show_pane(name)
            await _settle(_PANE_SETTLES_S)
            taken.append(_save(pilot.window.docks[name].grab(), folder / f"{name}-{named}"))
        return taken

    return await _in_every_look(pilot.window, take)


async def _in_every_look(
    window: MainWindow, take: Callable[[str], Awaitable[list[Path]]]
) -> list[Path]:
    before, taken = window.size(), []
    for look, colours in _LOOKS.items():
        theme.apply(_app(), colours)
        for size in SIZES:
            window.resize(QSize(*size))
            taken += await take(f"{look}-{size[0]}x{size[1]}.png")
    theme.apply(_app(), theme.DARK)
    window.resize(before)
    return taken


async def _settle(seconds: float = _SETTLES_S) -> None:
    await asyncio.sleep(seconds)
    _app().processEvents()


def _save(picture: QPixmap, path: Path) -> Path:
    picture.save(str(path))
    return path


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
