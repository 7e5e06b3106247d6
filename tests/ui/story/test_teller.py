"""The story in a real window on a real engine: told, interrupted, told again, ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.live_desk import LiveDesk
from ui.autopilot import Autopilot
from ui.story.chapters import CHAPTERS
from ui.story.narrator import Chapter, Narrator, Stage
from ui.story.pace import Pace, Turn
from ui.story.teller import ANEW_AFTER_S, Teller


def played(scene: Callable[[], Awaitable[None]]) -> None:
    """Run `scene` while Qt's events are worked off beside it."""

    async def pump() -> None:
        while True:
            QApplication.processEvents()
            await asyncio.sleep(0.005)

    async def both() -> None:
        pumping = asyncio.create_task(pump())
        try:
            await asyncio.wait_for(scene(), 60)
        finally:
            pumping.cancel()

    asyncio.run(both())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what Qt shows has no event to wait for
        await asyncio.sleep(0.01)


def test_chapters_all_do_what_they_tell(desk: LiveDesk) -> None:
    stage = Stage(Autopilot(desk.window, desk.session, Pace(instant=True)))

    async def scene() -> None:
        await stage.pilot.ready(keyboard=False)
        assert await Narrator(stage, desk.window.show_pane).run(CHAPTERS)

    played(scene)
    assert [(step.name, step.reached) for step in stage.steps if not step.ok] == []
    assert len(stage.steps) == 10


def test_chapters_name_panes_that_the_window_has(desk: LiveDesk) -> None:
    assert {chapter.shows for chapter in CHAPTERS if chapter.shows} <= set(desk.window.docks)


def test_teller_begins_anew_after_a_while_of_quiet_and_ends_when_told(desk: LiveDesk) -> None:
    now, told = [0.0], []

    async def act(stage: Stage) -> None:
        told.append("told")

    scenes = [Chapter("One", "first", 0, "orders", act, 0)]
    teller = Teller(desk.window, desk.session, scenes, lambda: now[0])
    teller.touches.last_s = 0.0

    async def scene() -> None:
        running = asyncio.create_task(teller.run())
        await until(lambda: "The end" in teller.banner.title.text())
        assert told == ["told"]
        now[0] = ANEW_AFTER_S + 1
        await until(lambda: len(told) == 2)
        await until(lambda: "The end" in teller.banner.title.text())
        teller.pace.turn(Turn.AGAIN)
        await until(lambda: len(told) == 3)
        await until(lambda: "The end" in teller.banner.title.text())
        teller.pace.turn(Turn.END)
        await running

    played(scene)
    assert not teller.banner.isVisible()


def test_teller_gives_way_to_whoever_touches_the_window(desk: LiveDesk) -> None:
    teller = Teller(desk.window, desk.session, [Chapter("One", "first", 3_600)])

    async def scene() -> None:
        running = asyncio.create_task(teller.run())
        await until(lambda: teller.banner.title.text() == "One")
        assert not teller.pace.is_paused
        QTest.keyClick(desk.window.ticket.line_edit, Qt.Key.Key_B)
        assert teller.pace.is_paused
        assert teller.banner.pause_button.text() == "Continue"
        QTest.mouseClick(teller.banner.end_button, Qt.MouseButton.LeftButton)
        await running

    played(scene)
    assert not teller.banner.isVisible()
