"""Virtual time: one queue of what happens next, and processes that wait, call, freeze and die."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from app.simulation.faults import Dice

Action = Callable[[], None]


class World:
    """The queue, and the clock that is the store's.

    Attributes:
        now: nanoseconds UTC; nobody else's clock can be trusted.
        store_offset_ns: how far the store's own clock has been put off.
        store_went_slow: whether it has ever been put back.
        steps: how many things have happened.
    """

    def __init__(self, start_ts: int, dice: Dice) -> None:
        self.now = start_ts
        self.dice = dice
        self.steps = 0
        self.store_offset_ns = 0
        self.store_went_slow = False
        self._queue: list[tuple[int, int, Action]] = []
        self._number = 0

    @property
    def store_now(self) -> int:
        """What the store takes for the time."""
        return self.now + self.store_offset_ns

    def put_store_clock(self, by_ns: int) -> None:
        """Put the store's clock, as happens to a server whose clock had drifted."""
        self.store_offset_ns += by_ns
        self.store_went_slow |= by_ns < 0

    def after(self, delay_ns: int, action: Action) -> None:
        """Let `action` happen later; what is due at the same time happens in order of asking."""
        self._number += 1
        heapq.heappush(self._queue, (self.now + delay_ns, self._number, action))

    def run(self, until: int) -> None:
        """Let happen all that is due until then."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, action = heapq.heappop(queue)
            self.steps += 1
            action()
        self.now = until


class Call(NamedTuple):
    """A call of the store, over the network."""

    method: str
    arguments: tuple[Any, ...] = ()


class Wait(NamedTuple):
    """Time to let pass; a wake ends it early when it `wakes`. Its answer: whether one did."""

    duration_ns: int
    wakes: bool = True


class Crash(Exception):
    """The process ends here, in the middle of whatever it did."""


Script = Generator[Call | Wait, Any, Any]
Answer = Callable[[Any, Exception | None], None]


class Process:
    """A script that runs on one machine, and whatever may happen to it from outside.

    `carry` takes its calls to the store; `ended` is told when the script is over, with the error
    that ended it, if any. A killed process ends without a word.
    """

    def __init__(
        self,
        world: World,
        script: Script,
        carry: Callable[[Call, Answer], None],
        ended: Callable[[Exception | None], None],
    ) -> None:
        self._world = world
        self._script = script
        self._carry = carry
        self._ended = ended
        self._turn = 0
        self._waits = self._woken = False
        self._frozen_until = 0
        self.is_alive = True
        world.after(0, lambda: self._go(0, None, None))

    @property
    def is_frozen(self) -> bool:
        """Whether it is paused."""
        return self._frozen_until > self._world.now

    def wake(self) -> None:
        """End its wait, or the next one if it does not wait now."""
        if self._waits:
            self._waits, turn = False, self._turn
            self._world.after(0, lambda: self._go(turn, True, None))
        else:
            self._woken = True

    def freeze(self, duration_ns: int) -> None:
        """Let it not go on for a while; it does not know, and what it waits for waits for it."""
        self._frozen_until = self._world.now + duration_ns

    def kill(self) -> None:
        """End it between two of its instructions."""
        self.is_alive = False
        self._script.close()

    def _go(self, turn: int, value: Any, error: Exception | None) -> None:
        """Go on after what was waited for; an answer to an earlier turn comes too late."""
        if turn != self._turn or not self.is_alive:
            return
        if self.is_frozen:
            delay = self._frozen_until - self._world.now
            self._world.after(delay, lambda: self._go(turn, value, error))
            return
        self._turn += 1
        self._waits = False
        try:
            wish = self._script.send(value) if error is None else self._script.throw(error)
        except StopIteration:
            self.is_alive = False
            self._ended(None)
        except Exception as why:
            self.is_alive = False
            self._ended(why)
        else:
            self._grant(wish)

    def _grant(self, wish: Call | Wait) -> None:
        turn = self._turn
        if isinstance(wish, Call):
            self._carry(wish, lambda value, error: self._go(turn, value, error))
        elif wish.wakes and self._woken:
            self._woken = False
            self._world.after(0, lambda: self._go(turn, True, None))
        else:
            self._waits = wish.wakes
            self._world.after(wish.duration_ns, lambda: self._go(turn, False, None))
