"""Tells a story chapter by chapter: words, a frame around what they speak of, and deeds."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtWidgets import QWidget

from models.orders import Order
from ui.autopilot import Autopilot, Step, StepFailed
from ui.story.banner import Banner
from ui.story.pace import ChapterLeft, Turn
from ui.story.spotlight import Spotlight

Tell = Callable[[str], None]


@dataclass
class Stage:
    """What chapters act on, and what they hand on to later ones.

    Attributes:
        pilot: the hands on the window.
        tell: says in the terminal what was done.
        steps: what was done so far, and whether it ended as it should.
        orders: orders that later chapters go on with, by a name.
    """

    pilot: Autopilot
    tell: Tell = lambda words: None
    steps: list[Step] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)

    async def step(
        self, name: str, expected: str, do: Callable[[], Awaitable[tuple[Order, str]]]
    ) -> Order | None:
        """Do one thing that has to end in `expected`; return its order when it did."""
        started, order, reached = time.monotonic(), None, "nothing"
        try:
            order, reached = await do()
        except StepFailed as failure:
            reached = str(failure)
        order_id = order.order_id if order is not None else ""
        step = Step(name, order_id, expected, reached, round(time.monotonic() - started, 3))
        self.steps.append(step)
        self.tell(f"  {'✓' if step.ok else '✕'} {name}: {order_id} {reached}")
        return order if step.ok else None


@dataclass(frozen=True)
class Chapter:
    """One scene of the story.

    Attributes:
        title: its heading.
        words: what is told, in a sentence or two; rich text.
        seconds: how long the words stay before anything is done, at normal pace.
        shows: the name of the pane that is framed, empty for none.
        act: what is done, after the words.
        after_s: how long the outcome stays.
    """

    title: str
    words: str
    seconds: float = 8.0
    shows: str = ""
    act: Callable[[Stage], Awaitable[None]] | None = None
    after_s: float = 3.0


class Narrator:
    """Runs chapters on a stage; `banner` and `spotlight` are left out off screen."""

    def __init__(
        self,
        stage: Stage,
        find: Callable[[str], QWidget | None],
        banner: Banner | None = None,
        spotlight: Spotlight | None = None,
    ) -> None:
        """`find` shows and returns the pane of a name."""
        self._stage = stage
        self._find = find
        self._banner = banner
        self._spotlight = spotlight

    async def run(self, chapters: Sequence[Chapter]) -> bool:
        """Tell all chapters; returns early, and false, when the person ends the story."""
        at = 0
        while at < len(chapters):
            try:
                await self._tell(chapters[at], at + 1, len(chapters))
            except ChapterLeft as left:
                if left.turn is Turn.END:
                    return False
                at -= left.turn is Turn.AGAIN
            except StepFailed as failure:
                step = Step(chapters[at].title, "", "told", str(failure), 0.0)
                self._stage.steps.append(step)
                self._stage.tell(f"  ✕ {step.name}: {step.reached}")
            at += 1
        if self._spotlight is not None:
            self._spotlight.point_at(None)
        return True

    async def _tell(self, chapter: Chapter, at: int, of: int) -> None:
        pace = self._stage.pilot.pace
        pace.begin_chapter()
        target = self._find(chapter.shows) if chapter.shows else None
        if self._banner is not None:
            self._banner.tell(chapter.title, chapter.words, at, of)
        if self._spotlight is not None:
            self._spotlight.point_at(target)
        await pace.rest(chapter.seconds)
        if chapter.act is not None:
            await chapter.act(self._stage)
        await pace.rest(chapter.after_s)
