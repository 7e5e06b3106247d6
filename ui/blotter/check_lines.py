"""How a compliance check is written: its outcome, and its numbers in its rule's unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.compliance.rulebook import RULES
from models.limits import Check, Outcome
from models.money import format_bps, format_money

_OUTCOMES: dict[Outcome, tuple[str, str, str]] = {
    Outcome.PASS: ("✓", "pass", "good"),
    Outcome.SOFT: ("⚠", "warns", "warning"),
    Outcome.HARD: ("■", "stops", "blocked"),
}


@dataclass(frozen=True)
class CheckLine:
    """A compliance check as it ran: its rule, what it measured, the limit, and the outcome."""

    rule: str
    sign: str
    outcome: str
    tone: str
    value: str
    limit: str
    text: str


def check_line(check: Check) -> CheckLine:
    """Return a check as it is shown, its numbers in its rule's unit."""
    sign, word, tone = _OUTCOMES[check.outcome]
    rule = RULES.get(check.rule)
    written = _UNITS.get(rule.unit if rule is not None else "", str)
    has_numbers = bool(rule is not None and rule.unit and (check.value or check.limit))
    return CheckLine(
        rule=check.rule,
        sign=sign,
        outcome=word,
        tone=tone,
        value=written(check.value) if has_numbers else "",
        limit=written(check.limit) if has_numbers and check.limit else "",
        text=check.text or (rule.help if rule is not None else ""),
    )


def _seconds(ns: int) -> str:
    return f"{ns // 1_000_000_000}.{ns // 100_000_000 % 10} s"


_UNITS: dict[str, Callable[[int], str]] = {
    "bps": format_bps,
    "money": lambda amount: format_money(amount, 0),
    "ns": _seconds,
}
