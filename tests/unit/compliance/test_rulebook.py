"""The registry: every rule found, in rank order, and what many findings add up to."""

from __future__ import annotations

import msgspec
import pytest

from app.compliance.rulebook import RULES, breaches, default_rule_book, run_checks, worst
from models.limits import Check, Limit, Outcome
from models.money import MONEY_SCALE
from tests.builders import proposal, px, rule_book, terms

PASS, SOFT, HARD = (Check(name, Outcome(name)) for name in ("pass", "soft", "hard"))


def test_rules_are_found_in_rank_order() -> None:
    assert list(RULES) == [
        "ENTITLEMENT",
        "RESTRICTED",
        "COLLAR",
        "NOTIONAL",
        "CARE_NOTIONAL",
        "ADV",
        "CARE_ADV",
        "DUPLICATE",
    ]
    assert [rule.rank for rule in RULES.values()] == sorted(rule.rank for rule in RULES.values())


@pytest.mark.parametrize("name", RULES)
def test_rule_names_itself_its_unit_and_its_source(name: str) -> None:
    rule = RULES[name]
    assert rule.name == name
    assert rule.unit in ("", "bps", "money", "ns")
    assert "SEC" in rule.source or "MiFID" in rule.source
    assert rule.help.endswith(".")


@pytest.mark.parametrize("name", RULES)
def test_rule_finding_carries_its_name(name: str) -> None:
    assert RULES[name].check(proposal(), RULES[name].default).rule == name


def test_default_rule_book_has_every_rules_own_limits() -> None:
    book = default_rule_book("EUR")
    assert book.limits == {name: rule.default for name, rule in RULES.items()}
    assert (book.currency, book.fx) == ("EUR", {"EUR": MONEY_SCALE})


def test_run_checks_gives_one_finding_for_each_rule_switched_on() -> None:
    sent = [name for name, rule in RULES.items() if rule.scope != "care"]
    care = [name for name, rule in RULES.items() if rule.scope != "sent"]
    assert [check.rule for check in run_checks(rule_book(), proposal())] == sent
    worked = run_checks(rule_book(), proposal(is_care=True))
    assert [check.rule for check in worked] == care
    assert set(sent) | set(care) == set(RULES)
    off = rule_book(ADV=Limit(enabled=False), RESTRICTED=Limit(enabled=False))
    assert [check.rule for check in run_checks(off, proposal())] == [
        "ENTITLEMENT",
        "COLLAR",
        "NOTIONAL",
        "DUPLICATE",
    ]


def test_run_checks_rule_missing_from_the_book_counts_with_its_own_limits() -> None:
    bare = msgspec.structs.replace(rule_book(), limits={})
    found = run_checks(bare, proposal(terms(limit_px=px(106))))
    assert worst(found) is Outcome.HARD
    assert [check.rule for check in breaches(found)] == ["COLLAR"]


@pytest.mark.parametrize(
    ("checks", "outcome"),
    [
        ((), Outcome.PASS),
        ((PASS, PASS), Outcome.PASS),
        ((PASS, SOFT), Outcome.SOFT),
        ((HARD, SOFT, PASS), Outcome.HARD),
        ((SOFT, HARD), Outcome.HARD),
        ((SOFT, SOFT, PASS), Outcome.SOFT),
    ],
)
def test_worst_is_the_gravest(checks: tuple[Check, ...], outcome: Outcome) -> None:
    assert worst(checks) is outcome


def test_breaches_are_those_that_did_not_pass_in_order() -> None:
    assert breaches((PASS, SOFT, PASS, HARD)) == (SOFT, HARD)
