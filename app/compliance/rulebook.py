"""The rules' registry and how an order is held against all of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from app.compliance import rules
from models.instruments import Instrument
from models.limits import Check, Gauge, Limit, Outcome, RuleBook
from models.money import MONEY_SCALE
from models.orders import OrderTerms
from models.parties import Trader


class Proposal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order that wants to be sent, with all that a rule may look at.

    `reference_px` is the price it is judged against (1e-9 units), `None` when no live one is
    known; `effective_px` the price it is valued at; `notional` its value in millionths of the
    rule book's currency, `None` where it can't be valued; `twin` the time and id of the last
    order alike; `restricted` the note on the restricted list. An amendment is judged on its new
    terms; `is_amendment` says so, and `is_triggered` that its stop has been triggered. `is_care`
    says that it is worked at the desk and never sent itself, `by_strategy` that no person sends it.
    """

    terms: OrderTerms
    instrument: Instrument
    login: str
    trader: Trader | None
    ts: int
    currency: str
    reference_px: int | None = None
    effective_px: int | None = None
    notional: int | None = None
    restricted: str | None = None
    twin: tuple[int, str] | None = None
    is_amendment: bool = False
    is_triggered: bool = False
    is_care: bool = False
    by_strategy: bool = False


CheckRule = Callable[[Proposal, Limit], Check]
GaugeRule = Callable[[Proposal, Limit], Gauge | None]


class Rule(NamedTuple):
    """One rule: its name, its limits where a profile says nothing, their unit, and its check.

    `gauge` tells how much of its limits an order would use, for rules where that can be drawn, and
    `title` is what it is called there. An order that is larger and otherwise the same is judged no
    milder by any rule, except by one that looks for an order alike: the largest quantity that the
    ticket offers is found by halving. `scope` says which orders it looks at: all, those that are
    sent to a venue (`sent`), or care orders, which the desk works (`care`).
    """

    name: str
    rank: int
    default: Limit
    unit: str
    source: str
    help: str
    check: CheckRule
    gauge: GaugeRule | None = None
    title: str = ""
    scope: str = "all"


def _load() -> dict[str, Rule]:
    """Import every file in `rules/`; each holds one `RULE`."""
    found: list[Rule] = []
    for module in pkgutil.iter_modules(rules.__path__):
        loaded = importlib.import_module(f"{rules.__name__}.{module.name}")
        spec = loaded.RULE
        found.append(
            Rule(
                spec["name"],
                spec["rank"],
                spec["default"],
                spec["unit"],
                spec["source"],
                spec["help"],
                loaded.check,
                getattr(loaded, "gauge", None),
                spec.get("title", ""),
                spec.get("scope", "all"),
            )
        )
    return {rule.name: rule for rule in sorted(found, key=lambda rule: (rule.rank, rule.name))}


RULES: Mapping[str, Rule] = _load()
_SENT = tuple(rule for rule in RULES.values() if rule.scope != "care")
_CARE = tuple(rule for rule in RULES.values() if rule.scope != "sent")


def default_rule_book(currency: str = "USD") -> RuleBook:
    """Return the rule book with every rule's own defaults."""
    return RuleBook(
        name="default",
        version=1,
        currency=currency,
        fx={currency: MONEY_SCALE},
        limits={rule.name: rule.default for rule in RULES.values()},
    )


def run_checks(book: RuleBook, proposal: Proposal) -> tuple[Check, ...]:
    """Hold `proposal` against every enabled rule for its kind; a rule new to the book counts."""
    limits = book.limits
    found = []
    for rule in _CARE if proposal.is_care else _SENT:
        limit = limits.get(rule.name, rule.default)
        if limit.enabled:
            found.append(rule.check(proposal, limit))
    return tuple(found)


def read_gauges(book: RuleBook, proposal: Proposal) -> tuple[Gauge, ...]:
    """Return how much of each rule's limits `proposal` would use, in rank order."""
    found = []
    for rule in _CARE if proposal.is_care else _SENT:
        limit = book.limits.get(rule.name, rule.default)
        if rule.gauge is not None and limit.enabled and (limit.soft, limit.hard) != (None, None):
            gauge = rule.gauge(proposal, limit)
            if gauge is not None:
                found.append(gauge)
    return tuple(found)


def worst(checks: tuple[Check, ...]) -> Outcome:
    """Return the gravest outcome among `checks`."""
    outcome = Outcome.PASS
    for check in checks:
        if check.outcome is Outcome.HARD:
            return Outcome.HARD
        if check.outcome is Outcome.SOFT:
            outcome = Outcome.SOFT
    return outcome


def breaches(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return those that did not pass."""
    return tuple(check for check in checks if check.outcome is not Outcome.PASS)
