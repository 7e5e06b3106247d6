"""Runs the window off screen through the demonstration, and takes its pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.session.client import Session
from ui.autopilot import Autopilot, Step, StepFailed
from ui.demo_script import DemoScript
from ui.desktop import OpenSession, run_desktop
from ui.main_window import MainWindow

SIZES = ((1600, 950), (1280, 720))
_PROGRESS_S = 5


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
    *,
    seconds: int,
    out: Path,
    tell: Callable[[str], None],
    on_opened: Callable[[], None],
    timezone: str,
) -> DemoResult:
    """Open the window, drive it, let it run for `seconds` in all, and close it."""
    result = DemoResult()
    tasks: list[asyncio.Task[None]] = []

    def opened(window: MainWindow, session: Session) -> None:
        on_opened()
        drive = _drive(Autopilot(window, session), result, seconds, out, tell)
        tasks.append(asyncio.get_running_loop().create_task(drive))

    run_desktop(open_session, timezone=timezone, on_opened=opened)
    for task in tasks:
        if task.done() and not task.cancelled() and task.exception() is not None:
            result.failure = str(task.exception())
    return result


async def _drive(
    pilot: Autopilot, result: DemoResult, seconds: int, out: Path, tell: Callable[[str], None]
) -> None:
    started = time.monotonic()
    try:
        script = DemoScript(pilot, tell)
        result.steps = script.steps
        await script.run()
        while (left := started + seconds - time.monotonic()) > 0:
            state = pilot.session.core.state
            tell(f"  … {len(state.orders)} orders, {len(state.live)} open, {left:.0f} s to go")
            await asyncio.sleep(min(_PROGRESS_S, left))
        for dark in (True, False):
            for size in SIZES:
                name = f"desktop-{'dark' if dark else 'light'}-{size[0]}x{size[1]}.png"
                pilot.type_line("b 5k aapl 190 acct growth")
                pilot.screenshot(out / name, size, dark)
                result.pictures.append(out / name)
    except StepFailed as failure:
        result.failure = str(failure)
    finally:
        pilot.window.close()
