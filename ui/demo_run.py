"""Runs the window off screen through the demonstration, and takes its pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from app.session.client import Session
from ui.autopilot import Autopilot, Step, StepFailed
from ui.desktop import OpenSession, run_desktop
from ui.main_window import MainWindow
from ui.story.chapters import CHAPTERS
from ui.story.narrator import Narrator, Stage
from ui.story.pictures import take_heads_pictures, take_pictures

_PROGRESS_S = 5
_DONE_S = 0.05  # the loop's timers are no finer


@dataclass
class DemoResult:
    """What a demonstration did.

    Attributes:
        steps: what the autopilot did, in order.
        pictures: the files that were written.
        failure: why it could not even begin, empty when it did.
    """

    steps: list[Step] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    failure: str = ""


def run_demo(
    open_session: OpenSession,
    open_heads_session: OpenSession,
    *,
    seconds: int,
    out: Path,
    tell: Callable[[str], None],
    on_opened: Callable[[], None],
    timezone: str,
    continuity: tuple[Path, Path] | None = None,
) -> DemoResult:
    """Open the window, drive it, let it run for `seconds` in all, take pictures, and close it.

    `open_heads_session` gives a session of the desk's head, whose window is in the pictures too.
    """
    result = DemoResult()
    tasks: list[asyncio.Task[None]] = []

    def open_heads() -> tuple[MainWindow, Session]:
        session = open_heads_session(asyncio.get_running_loop().call_soon_threadsafe)
        return MainWindow(session, ZoneInfo(timezone)), session

    def opened(window: MainWindow, session: Session) -> None:
        on_opened()
        drive = _drive(Autopilot(window, session), open_heads, result, seconds, out, tell)
        tasks.append(asyncio.get_running_loop().create_task(drive))

    run_desktop(open_session, timezone=timezone, on_opened=opened, continuity=continuity)
    for task in tasks:
        if task.done() and not task.cancelled() and task.exception() is not None:
            result.failure = str(task.exception())
    return result


async def _drive(
    pilot: Autopilot,
    open_heads: Callable[[], tuple[MainWindow, Session]],
    result: DemoResult,
    seconds: int,
    out: Path,
    tell: Callable[[str], None],
) -> None:
    started = time.monotonic()
    try:
        await pilot.ready()
        stage = Stage(pilot, tell)
        result.steps = stage.steps
        await Narrator(stage, pilot.window.show_pane).run(CHAPTERS)
        while (left := started + seconds - time.monotonic()) > _DONE_S:
            state = pilot.session.core.state
            tell(f"  … {len(state.orders)} orders, {len(state.live)} open, {left:.0f} s to go")
            await asyncio.sleep(min(_PROGRESS_S, left))
        tell("  … taking pictures")
        result.pictures = await take_pictures(pilot, out)
        result.pictures += await _heads_pictures(open_heads, out)
    except StepFailed as failure:
        result.failure = str(failure)
    finally:
        pilot.window.close()


async def _heads_pictures(
    open_heads: Callable[[], tuple[MainWindow, Session]], out: Path
) -> list[Path]:
    window, session = open_heads()
    window.show()
    session.start()
    try:
        pilot = Autopilot(window, session)
        await pilot.ready(keyboard=False)
        return await take_heads_pictures(pilot, out)
    finally:
        session.close()
        window.hide()
        window.deleteLater()
