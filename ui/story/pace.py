"""How fast the story goes: pauses, speeds, and leaving a chapter for another. No Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum

SPEEDS = (0.5, 1.0, 2.0, 4.0)
_SLICE_S = 0.05


class Turn(Enum):
    """Where the story goes when a chapter is left before its end."""

    AGAIN = "again"
    NEXT = "next"
    END = "end"


class ChapterLeft(Exception):
    """The chapter that is running is left; carries where to.

    Attributes:
        turn: where the story goes on.
    """

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn.value)
        self.turn = turn


class Pace:
    """What the person who watches has chosen; everything that waits in the story waits through it.

    Attributes:
        is_instant: nothing waits at all, as off screen.
        on_changed: called when speed or pause have changed.
    """

    def __init__(self, *, instant: bool = False) -> None:
        self.is_instant = instant
        self.on_changed: Callable[[], None] = lambda: None
        self._speed_at = SPEEDS.index(1.0)
        self._is_paused = False
        self._turn: Turn | None = None

    @property
    def speed(self) -> float:
        """How many times faster than told it goes."""
        return SPEEDS[self._speed_at]

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self._is_paused

    def pause(self, is_paused: bool) -> None:
        """Stand still, or go on."""
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            self.on_changed()

    def faster(self) -> None:
        """Take the next higher speed, if there is one."""
        self._set_speed(self._speed_at + 1)

    def slower(self) -> None:
        """Take the next lower speed, if there is one."""
        self._set_speed(self._speed_at - 1)

    def turn(self, turn: Turn) -> None:
        """Leave the running chapter at its next wait, even from a pause."""
        self._turn = turn
        self.pause(False)

    def begin_chapter(self) -> None:
        """Forget a turn that came too late for the chapter before."""
        if self._turn is not Turn.END:
            self._turn = None

    async def rest(self, seconds: float) -> None:
        """Wait `seconds` of told time; raises `ChapterLeft` when the chapter is to be left."""
        left = seconds
        while True:
            if self._turn is not None:
                turn, self._turn = self._turn, None
                raise ChapterLeft(turn)
            if self.is_instant or (left <= 0 and not self._is_paused):
                return
            await asyncio.sleep(_SLICE_S)
            if not self._is_paused:
                left -= _SLICE_S * self.speed

    def _set_speed(self, at: int) -> None:
        if 0 <= at < len(SPEEDS) and at != self._speed_at:
            self._speed_at = at
            self.on_changed()
