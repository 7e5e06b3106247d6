"""The rule book as data: which compliance rule has which soft and hard limit."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from models.money import Int64


class Outcome(StrEnum):
    """What a rule says of an order, in order of precedence."""

    PASS = "pass"
    SOFT = "soft"  # may be sent when the trader confirms it with a reason
    HARD = "hard"  # may not be sent


class Limit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Limits of one rule, in the unit that its file names; `None` where it has no such limit."""

    soft: Int64 | None = None
    hard: Int64 | None = None
    enabled: bool = True


class Check(msgspec.Struct, frozen=True, array_like=True):
    """One rule's finding: the value it measured, the limit it held it against, and why."""

    rule: str
    outcome: Outcome
    value: int = 0
    limit: int = 0
    text: str = ""


class Gauge(msgspec.Struct, frozen=True):
    """What an order would use of one rule's limits, in the rule's unit, and how to write it.

    `value` is rounded up, so that it is over a limit exactly when the rule says so.
    """

    rule: str
    title: str
    value: int
    soft: int | None
    hard: int | None
    text: str

    @property
    def outcome(self) -> Outcome:
        """What the rule says of the value."""
        if self.hard is not None and self.value > self.hard:
            return Outcome.HARD
        if self.soft is not None and self.value > self.soft:
            return Outcome.SOFT
        return Outcome.PASS

    @property
    def bound(self) -> int:
        """The next limit ahead; the last one when the value is over all of them."""
        return next_limit(self.value, self.soft, self.hard)


def next_limit(value: int, soft: int | None, hard: int | None) -> int:
    """Return the limit that `value` meets next, or the last that it has passed; 0 without any."""
    if soft is not None and (value <= soft or hard is None):
        return soft
    return hard if hard is not None else 0


class RuleBook(msgspec.Struct, frozen=True, kw_only=True):
    """A profile of limits. Money limits are in `currency`; `fx` gives millionths of it per unit.

    A currency that `fx` does not list can't be valued, so orders in it are refused: GBX is a
    currency of its own (a hundredth of GBP), not a way to write GBP.
    """

    name: str
    version: int
    currency: str
    fx: dict[str, Int64]
    limits: dict[str, Limit]
