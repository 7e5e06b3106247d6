"""The story on a screen: banner, frame and hands put together; it gives way, and begins anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolBar

from app.session.client import Session
from ui.autopilot import Autopilot, StepFailed
from ui.main_window import MainWindow
from ui.story.banner import Banner
from ui.story.chapters import CHAPTERS
from ui.story.narrator import Chapter, Narrator, Stage
from ui.story.pace import ChapterLeft, Pace, Turn
from ui.story.spotlight import Spotlight
from ui.story.touch import TouchWatch

ANEW_AFTER_S = 90.0
_LOOK_S = 1.0
_OVER = (
    "The desk is yours. When nobody touches it for a minute and a half, the story begins anew; "
    "<b>Again</b> tells it at once, <b>End</b> puts the narrator away."
)


class _Ended(Exception):
    """The person has ended the story for good."""


class Teller:
    """Tells the chapters in a window, on and on, until its person ends it.

    Attributes:
        pace, banner, touches: what the person has chosen, sees, and last did.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        chapters: Sequence[Chapter] = CHAPTERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pace = Pace()
        self.banner = Banner(self.pace, window)
        self._chapters = chapters
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._pilot = Autopilot(window, session, self.pace)
        self._bar = QToolBar("Narrator", window)
        self._bar.setObjectName("narrator")
        self._bar.setMovable(False)
        self._bar.addWidget(self.banner)
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self._bar)
        self._spotlight = Spotlight(window)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.touches = TouchWatch(
            app, self.banner, lambda: self._pilot.is_acting, lambda: self.pace.pause(True)
        )

    def begin(self) -> None:
        """Run in the loop that is running, until the window goes."""
        self._task = asyncio.get_running_loop().create_task(self.run())

    async def run(self) -> None:
        """Tell the story again and again; returns when the person ends it."""
        window = self._pilot.window
        try:
            await self._pilot.ready(keyboard=False)
            while True:
                stage = Stage(self._pilot)
                narrator = Narrator(stage, window.show_pane, self.banner, self._spotlight)
                if not await narrator.run(self._chapters):
                    break
                await self._wait_to_begin_anew()
        except _Ended:
            pass
        except StepFailed as failure:
            self.banner.tell("The story can't be told now", str(failure), 0, 1)
            return
        finally:
            self.touches.stop()
        self._spotlight.point_at(None)
        self._bar.hide()

    async def _wait_to_begin_anew(self) -> None:
        """Wait for quiet, or for a button; raises `_Ended` when the story is ended."""
        self.banner.tell("The end, for now", _OVER, len(self._chapters), len(self._chapters))
        self.pace.begin_chapter()
        over_s = self._clock()
        while self._clock() - max(over_s, self.touches.last_s) < ANEW_AFTER_S:
            try:
                await self.pace.rest(0)
            except ChapterLeft as left:
                if left.turn is Turn.END:
                    raise _Ended from left
                return
            self.pace.pause(False)  # what paused the story is now only a sign of life
            await asyncio.sleep(_LOOK_S)
