"""The way to the store: slow, forgetful, sometimes twice, sometimes closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.ports import Store
from app.simulation.faults import MS, Dice, S
from app.simulation.world import Answer, Call, World
from models.errors import StoreUnavailable

# Reads come in hundreds; a fault of one is only a lost connection, so they are spared.
_WEIGHTS = {
    "submit": 2.0,
    "lookup": 2.0,
    "void": 2.0,
    "append": 1.0,
    "acquire_lease": 1.0,
    "renew_lease": 1.0,
    "release_lease": 1.0,
    "save_snapshot": 1.0,
}
_READ_WEIGHT = 0.04

Performed = Callable[[Call, Any], None]


class Network:
    """Carries calls to one store. Whoever gets no answer does not know what has happened."""

    def __init__(self, world: World, store: Store, performed: Performed) -> None:
        self._world = world
        self._dice: Dice = world.dice
        self._store = store
        self._performed = performed
        self._closed_until = 0
        if world.dice.faults.outage_every_s:
            world.after(self._dice.after(world.dice.faults.outage_every_s), self._close)

    def carry(self, call: Call, answer: Answer) -> None:
        """Take `call` to the store and its answer back, if both get through."""
        dice, world = self._dice, self._world
        weight = _WEIGHTS.get(call.method, _READ_WEIGHT)
        there = dice.between(MS // 10, 2 * MS)
        if dice.hit("slow", weight):
            there += dice.between(50 * MS, 1_500 * MS)
        if dice.hit("lost_request", weight):
            self._give_up(answer)
        elif dice.hit("straggler", weight):
            late = there + self._give_up(answer) + dice.between(10 * MS, 9 * S)
            world.after(late, lambda: self._arrive(call, None))
        elif dice.hit("lost_answer", weight):
            world.after(there, lambda: self._arrive(call, None))
            self._give_up(answer)
        else:
            world.after(there, lambda: self._arrive(call, answer))
            if call.method in _WEIGHTS and dice.hit("duplicate", weight):
                late = there + dice.between(MS, 7 * S)
                world.after(late, lambda: self._arrive(call, None))

    def _give_up(self, answer: Answer) -> int:
        """Tell the caller, after a while, that no answer came; return after how long."""
        timeout = self._dice.between(20 * MS, 3 * S)
        self._world.after(timeout, lambda: answer(None, _unavailable("no answer")))
        return timeout

    def _arrive(self, call: Call, answer: Answer | None) -> None:
        """Let the store do it; `answer` is `None` when nobody will hear of it."""
        result, error = self._perform(call)
        if answer is not None:
            back = self._dice.between(MS // 10, 2 * MS)
            self._world.after(back, lambda: answer(result, error))

    def _perform(self, call: Call) -> tuple[Any, Exception | None]:
        if self._closed_until > self._world.now:
            return None, _unavailable("closed")
        try:
            result = getattr(self._store, call.method)(*call.arguments)
        except Exception as error:
            return None, error
        self._performed(call, result)
        return result, None

    def _close(self) -> None:
        """Close the store for a while."""
        dice = self._dice
        if dice.healed:
            self._closed_until = 0
            return
        dice.counts["outage"] += 1
        self._closed_until = self._world.now + dice.between(300 * MS, 8 * S)
        self._world.after(dice.after(dice.faults.outage_every_s), self._close)

    def heal(self) -> None:
        """Open it for good."""
        self._closed_until = 0


def _unavailable(why: str) -> StoreUnavailable:
    return StoreUnavailable(f"The simulated store: {why}.")
