"""What can go wrong in a simulated world, and how often."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec

MS = 1_000_000
S = 1_000 * MS


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Shares are of 1 and count per call, report or click; `…_every_s` are means, 0 for never.

    `venue_shuffled` lets reports on one order overtake each other; `venue_replays_all` lets a
    venue say again, at a logon, all that it ever said rather than what the log lacks;
    `day_rolls` starts shortly before midnight; `machine_calendar` takes the desk's date from the
    engine's machine, whose clock jumps, and not from the store; `two_logons` lets an engine that
    was replaced at the venue go on talking to it; `rollback_after_s` lets the store, once, go back
    to what it was a moment ago, as an asynchronous standby does that is promoted.
    """

    lost_request: float = 0.02
    lost_answer: float = 0.03
    duplicate: float = 0.03
    straggler: float = 0.015
    slow: float = 0.04
    lost_hint: float = 0.1
    outage_every_s: float = 18
    engine_pause_every_s: float = 12
    engine_crash_every_s: float = 18
    engine_stop_every_s: float = 25
    engine_dies_before_sending: float = 0.01
    engine_pauses_before_sending: float = 0.01
    desktop_pause_every_s: float = 22
    desktop_crash_every_s: float = 25
    crash_after_click: float = 0.03
    clock_jump_every_s: float = 8
    store_clock_jump_every_s: float = 40
    rollback_after_s: float = 0
    engine_kill_every_s: float = 0
    venue_late: float = 0.2
    venue_twice: float = 0.1
    venue_shuffled: float = 0.0
    venue_replays_all: bool = False
    day_rolls: bool = False
    machine_calendar: bool = False
    two_logons: bool = False


class Dice:
    """Throws the seeded dice, and counts what came; healed, nothing goes wrong any more.

    Attributes:
        random: the world's only source of chance.
        counts: how often each fault came.
    """

    def __init__(self, seed: int, faults: Faults) -> None:
        self.random = Random(seed)
        self.faults = faults
        self.counts: Counter[str] = Counter()
        self.healed = False

    def hit(self, name: str, weight: float = 1.0) -> bool:
        """Whether the fault `name` comes now; `weight` makes it likelier or rarer."""
        share: float = getattr(self.faults, name)
        if self.healed or not share or self.random.random() >= share * weight:
            return False
        self.counts[name] += 1
        return True

    def between(self, low_ns: int, high_ns: int) -> int:
        """Return a duration or time."""
        return self.random.randrange(low_ns, high_ns)

    def after(self, mean_s: float) -> int:
        """Return when the next of something that comes every `mean_s` comes, in nanoseconds."""
        return 1 + int(self.random.expovariate(1 / mean_s) * S)
