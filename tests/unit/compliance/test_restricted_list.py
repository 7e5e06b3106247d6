"""Names on the restricted list are not traded."""

from __future__ import annotations

import pytest

from app.compliance.rules.restricted_list import check
from models.limits import Limit, Outcome
from models.orders import OrderTerms, Side
from tests.builders import market_terms, proposal, terms


def test_restricted_name_that_is_not_listed_passes() -> None:
    assert check(proposal(restricted=None), Limit()).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "asked", [terms(), market_terms(), terms(side=Side.SELL), terms(side=Side.SELL_SHORT)]
)
@pytest.mark.parametrize("note", ["research conflict", ""])
def test_restricted_name_is_refused_whatever_the_order(asked: OrderTerms, note: str) -> None:
    found = check(proposal(asked, restricted=note), Limit())
    assert found.outcome is Outcome.HARD
    assert found.text == f"ACME is on the restricted list: {note}. Ask compliance."
