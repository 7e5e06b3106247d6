"""Orders alike within seconds are held until the trader says that they are meant."""

from __future__ import annotations

import pytest

from app.compliance.rules.duplicate_order import check
from models.limits import Limit, Outcome
from tests.builders import NOW, SECOND, proposal

LIMIT = Limit(soft=5 * SECOND)


def outcome(age_ns: int, limit: Limit = LIMIT, is_amendment: bool = False) -> Outcome:
    found = check(proposal(twin=(NOW - age_ns, "O-1"), is_amendment=is_amendment), limit)
    return found.outcome


@pytest.mark.parametrize(
    ("age_ns", "expected"),
    [
        (0, Outcome.SOFT),
        (1, Outcome.SOFT),
        (5 * SECOND, Outcome.SOFT),
        (5 * SECOND + 1, Outcome.PASS),
        (3_600 * SECOND, Outcome.PASS),
    ],
)
def test_duplicate_exactly_at_the_limit_is_held_and_later_passes(
    age_ns: int, expected: Outcome
) -> None:
    assert outcome(age_ns) is expected


def test_duplicate_without_an_order_alike_passes() -> None:
    assert check(proposal(), LIMIT).outcome is Outcome.PASS


def test_duplicate_amendment_passes() -> None:
    assert outcome(0, is_amendment=True) is Outcome.PASS


def test_duplicate_without_a_limit_passes() -> None:
    assert outcome(0, Limit()) is Outcome.PASS


@pytest.mark.parametrize("limit", [Limit(hard=5 * SECOND), Limit(soft=SECOND, hard=5 * SECOND)])
def test_duplicate_with_a_hard_limit_is_refused(limit: Limit) -> None:
    """A profile may set one; it must not be read as no limit."""
    assert outcome(2 * SECOND, limit) is Outcome.HARD


def test_duplicate_names_the_other_order_its_age_and_the_limit() -> None:
    found = check(proposal(twin=(NOW - 2_340_000_000, "O-1122-000007")), LIMIT)
    assert found.text == (
        "Same account, side, quantity and price as O-1122-000007, 2.3 s earlier; orders alike "
        "within 5.0 s are held. Wait, or give a reason if it is meant."
    )
    assert (found.value, found.limit) == (2_340_000_000, 5 * SECOND)
