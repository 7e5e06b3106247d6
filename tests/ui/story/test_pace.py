"""The story's pace: waits, pauses, speeds, and leaving a chapter."""

from __future__ import annotations

import asyncio
import time

import pytest

from ui.story.pace import SPEEDS, ChapterLeft, Pace, Turn


def test_rest_when_instant_waits_for_nothing() -> None:
    started = time.monotonic()
    asyncio.run(Pace(instant=True).rest(3_600))
    assert time.monotonic() - started < 60


def test_rest_while_paused_lasts_until_it_goes_on() -> None:
    async def scene() -> list[str]:
        pace, said = Pace(), []
        pace.pause(True)
        resting = asyncio.create_task(pace.rest(0.0))
        await asyncio.sleep(0.2)
        said.append("still" if not resting.done() else "over")
        pace.pause(False)
        await asyncio.wait_for(resting, 5)
        said.append("over")
        return said

    assert asyncio.run(scene()) == ["still", "over"]


@pytest.mark.parametrize("turn", list(Turn))
def test_turn_during_a_rest_leaves_the_chapter_even_from_a_pause(turn: Turn) -> None:
    async def scene() -> Turn:
        pace = Pace()
        pace.pause(True)
        resting = asyncio.create_task(pace.rest(3_600))
        await asyncio.sleep(0)
        pace.turn(turn)
        with pytest.raises(ChapterLeft) as left:
            await asyncio.wait_for(resting, 5)
        assert not pace.is_paused
        return left.value.turn

    assert asyncio.run(scene()) is turn


def test_turn_that_comes_between_chapters_is_forgotten_but_an_end_is_not() -> None:
    pace = Pace(instant=True)
    pace.turn(Turn.NEXT)
    pace.begin_chapter()
    asyncio.run(pace.rest(1))
    pace.turn(Turn.END)
    pace.begin_chapter()
    with pytest.raises(ChapterLeft):
        asyncio.run(pace.rest(1))


def test_speed_goes_from_the_slowest_to_the_fastest_and_no_further() -> None:
    pace, told = Pace(), []
    pace.on_changed = lambda: told.append(pace.speed)
    for _ in SPEEDS:
        pace.faster()
    assert pace.speed == SPEEDS[-1]
    for _ in SPEEDS:
        pace.slower()
    assert pace.speed == SPEEDS[0]
    assert told == [2.0, 4.0, 2.0, 1.0, 0.5]


def test_rest_at_a_higher_speed_takes_less_time() -> None:
    def timed(pace: Pace) -> float:
        started = time.monotonic()
        asyncio.run(pace.rest(0.8))
        return time.monotonic() - started

    fast = Pace()
    fast.faster()
    fast.faster()
    assert timed(fast) < timed(Pace())
