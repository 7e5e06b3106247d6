"""A store that goes back to what it was a moment ago, and whether everybody notices."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from app.session.step import Link, SessionCore
from app.simulation.auditor import Auditor
from app.simulation.desktop import Desktop
from app.simulation.faults import MS, S
from app.simulation.parts import Tables
from app.simulation.world import World

_COPY_EVERY_NS = 250 * MS
_COPIES = 10
_COLLECTIONS = ("commands", "voided", "pending", "heads", "snapshots")
_VALUES = ("arrivals", "epoch", "holder", "lease")


class Rollback:
    """Keeps copies of the last seconds, and puts one of them back, once.

    What desktops know is then ahead of the store: each has to halt before its person can act on
    it, and operations start it anew a while later.
    """

    def __init__(
        self, world: World, tables: Tables, auditor: Auditor, desktops: Sequence[Desktop]
    ) -> None:
        self._world, self._tables, self._auditor = world, tables, auditor
        self._desktops = desktops
        self._copies: deque[dict[str, Any]] = deque(maxlen=_COPIES)
        self._ahead: list[tuple[Desktop, SessionCore]] = []
        self._copy()
        world.after(world.dice.after(world.dice.faults.rollback_after_s), self._go_back)

    def _copy(self) -> None:
        tables = self._tables
        copy: dict[str, Any] = {name: getattr(tables, name).copy() for name in _COLLECTIONS}
        copy |= {name: getattr(tables, name) for name in _VALUES}
        self._copies.append(copy | {"seq": len(tables.events)})
        self._world.after(_COPY_EVERY_NS, self._copy)

    def _go_back(self) -> None:
        dice, tables = self._world.dice, self._tables
        copy = dice.random.choice(self._copies)
        seq = copy["seq"]
        if dice.healed:
            return
        if seq == len(tables.events):  # nothing would be lost
            self._world.after(_COPY_EVERY_NS, self._go_back)
            return
        dice.counts["rollback"] += 1
        del tables.events[seq:]
        for name in _COLLECTIONS:
            setattr(tables, name, copy[name].copy())
        for name in _VALUES:
            setattr(tables, name, copy[name])
        self._auditor.went_back(seq, tables.epoch, tables.heads)
        self._ahead = [(each, each.core) for each in self._desktops if each.core.seq > seq]
        self._world.after(dice.between(5 * S, 12 * S), self._start_anew)

    def _start_anew(self) -> None:
        """Operations have looked at it: whoever has halted starts again."""
        for desktop in self._desktops:
            if desktop.core.link is Link.HALTED:
                desktop.crash()

    def audit(self) -> None:
        """At rest: nobody goes on with what the log does not hold."""
        for desktop in self._desktops:
            if desktop.core.link is Link.HALTED:  # its person is told to call operations
                self._auditor.told |= dict.fromkeys(desktop.outbox, desktop.core.link_text)
        for desktop, core in self._ahead:
            if desktop.core is core and core.link is not Link.HALTED:
                self._auditor.note(f"{desktop.login}'s desktop did not see the store go back.")
