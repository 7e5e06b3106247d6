"""The narrator: chapters in order, again, skipped, ended; the banner and the frame around panes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.autopilot import Autopilot, StepFailed
from ui.story.banner import Banner
from ui.story.narrator import Chapter, Narrator, Stage
from ui.story.pace import Pace, Turn
from ui.story.spotlight import Spotlight
from ui.story.touch import TouchWatch


class Hands:
    """Stands in for the autopilot where only its pace is asked for."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace


def stage(pace: Pace) -> Stage:
    return Stage(cast("Autopilot", Hands(pace)))


def told(turns: dict[str, list[Turn]], names: str = "abc") -> list[str]:
    """Run chapters named by letters; each takes its next turn, if it has one, while it acts."""
    pace, seen = Pace(instant=True), []

    def chapter(name: str) -> Chapter:
        async def act(_: Stage) -> None:
            seen.append(name)
            if turns.get(name):
                pace.turn(turns[name].pop(0))
            await pace.rest(1)
            seen.append(name.upper())

        return Chapter(name, "", act=act)

    asyncio.run(Narrator(stage(pace), lambda _: None).run([chapter(name) for name in names]))
    return seen


def test_run_tells_every_chapter_in_order() -> None:
    assert told({}) == list("aAbBcC")


def test_run_next_skips_what_is_left_of_a_chapter() -> None:
    assert told({"b": [Turn.NEXT]}) == list("aAbcC")


def test_run_again_tells_the_same_chapter_once_more() -> None:
    assert told({"b": [Turn.AGAIN]}) == list("aAbbBcC")


def test_run_end_tells_nothing_more() -> None:
    assert told({"b": [Turn.END]}) == list("aAb")


def test_step_that_fails_is_kept_with_its_reason_and_gives_no_order() -> None:
    async def fails() -> tuple[object, str]:
        raise StepFailed("the market was closed")

    here, said = stage(Pace(instant=True)), []
    here.tell = said.append
    assert asyncio.run(here.step("sell", "filled", cast("Callable[..., object]", fails))) is None  # type: ignore[arg-type]
    assert not here.steps[0].ok
    assert "the market was closed" in said[0]


def test_banner_shows_the_chapter_and_its_buttons_turn_the_story(qtbot: QtBot) -> None:
    pace = Pace()
    banner = Banner(pace)
    qtbot.addWidget(banner)
    banner.tell("Amend", "Old and <b>new</b>", 3, 12)
    assert (banner.title.text(), banner.place.text()) == ("Amend", "3 of 12")
    assert (banner.progress.value(), banner.progress.maximum()) == (3, 12)
    qtbot.mouseClick(banner.pause_button, Qt.MouseButton.LeftButton)
    assert pace.is_paused
    assert banner.pause_button.text() == "Continue"
    qtbot.mouseClick(banner.pause_button, Qt.MouseButton.LeftButton)
    assert not pace.is_paused
    qtbot.mouseClick(banner.faster_button, Qt.MouseButton.LeftButton)
    assert pace.speed == 2.0
    assert "2×" in banner.faster_button.text()


def test_spotlight_frames_its_target_and_follows_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    first, second = QLineEdit(window), QLineEdit(window)
    layout.addWidget(first)
    layout.addWidget(second)
    spotlight = Spotlight(window)
    window.resize(300, 200)
    window.show()
    spotlight.point_at(second)
    assert spotlight.isVisible()
    assert spotlight.framed() == second.geometry()
    window.resize(500, 400)
    qtbot.waitUntil(lambda: spotlight.size() == window.size())
    assert spotlight.framed() == second.geometry()
    spotlight.point_at(None)
    assert not spotlight.isVisible()
    assert spotlight.framed() == QRect()


def test_touch_by_a_person_is_noticed_but_not_on_the_banner_or_by_the_story(
    qtbot: QtBot, qapp: object
) -> None:
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    window = QWidget()
    qtbot.addWidget(window)
    edit, banner = QLineEdit(window), Banner(Pace(), window)
    touches: list[int] = []
    ours = [False]
    watch = TouchWatch(app, banner, lambda: ours[0], lambda: touches.append(1))
    try:
        qtbot.keyClick(edit, "a")
        assert touches == [1]
        qtbot.mouseClick(banner.faster_button, Qt.MouseButton.LeftButton)
        assert touches == [1]
        ours[0] = True
        qtbot.keyClick(edit, "b")
        assert touches == [1]
    finally:
        watch.stop()
    ours[0] = False
    qtbot.keyClick(edit, "c")
    assert touches == [1]
