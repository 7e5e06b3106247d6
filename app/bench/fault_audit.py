"""What people clicked and were told, held against the log that the faults have left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
import psycopg

PROMISES = (
    "acknowledged_lost",
    "executed_twice",
    "interleaved_epochs",
    "refused_yet_executed",
    "vanished",
)
_DECISIONS = ("OrderAccepted", "OrderDenied", "CommandFailed")


class Told(msgspec.Struct):
    """What the desktops saw, by command id.

    Attributes:
        clicked: all that was submitted.
        acknowledged: what the store said it has, or has decided.
        refused: what a person was told will not happen.
    """

    clicked: set[str] = msgspec.field(default_factory=set)
    acknowledged: set[str] = msgspec.field(default_factory=set)
    refused: set[str] = msgspec.field(default_factory=set)

    def add(self, other: Told) -> None:
        """Take over what another desktop saw."""
        self.clicked |= other.clicked
        self.acknowledged |= other.acknowledged
        self.refused |= other.refused


def read_log(connection: psycopg.Connection[tuple[object, ...]]) -> list[tuple[int, str, str]]:
    """Return epoch, cause and kind of every event, in order."""
    rows = connection.execute("SELECT epoch, command_id, kind FROM event ORDER BY seq")
    return [(int(str(epoch)), str(cause), str(kind)) for epoch, cause, kind in rows]


def audit(log: Iterable[tuple[int, str, str]], told: Told) -> dict[str, float]:
    """Return how often each promise was broken; all must be 0."""
    decided: Counter[str] = Counter()
    executed: Counter[str] = Counter()
    interleaved = newest = 0
    for epoch, cause, kind in log:
        interleaved += epoch < newest
        newest = max(newest, epoch)
        if cause in told.clicked and kind in _DECISIONS:
            decided[cause] += 1
            executed[cause] += kind == "OrderAccepted"
    broken = (
        len(told.acknowledged - decided.keys()),
        sum(count > 1 for count in decided.values()),
        interleaved,
        sum(executed[each] > 0 for each in told.refused),
        len(told.clicked - decided.keys() - told.refused),
    )
    return dict(zip(PROMISES, map(float, broken), strict=True))
