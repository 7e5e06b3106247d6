"""The share of a day's volume that one order may be."""

from __future__ import annotations

import pytest

from app.compliance.rules.share_of_adv import check
from models.limits import Check, Limit, Outcome
from models.money import parse_qty
from models.orders import Side
from tests.builders import instrument, market_terms, proposal, terms

LIMIT = Limit(soft=1_000, hard=2_500)


def judged(qty: int, limit: Limit = LIMIT, adv: int = 1_000_000, lot: int = 1) -> Check:
    return check(proposal(terms(qty=qty), instrument=instrument(adv=adv, lot=lot)), limit)


@pytest.mark.parametrize(
    ("qty", "outcome"),
    [
        (100_000, Outcome.PASS),
        (100_001, Outcome.SOFT),
        (250_000, Outcome.SOFT),
        (250_001, Outcome.HARD),
        (1_000_000_000, Outcome.HARD),
    ],
)
def test_adv_exactly_at_the_limit_passes_and_a_share_more_does_not(
    qty: int, outcome: Outcome
) -> None:
    assert judged(qty).outcome is outcome


@pytest.mark.parametrize("side", list(Side))
def test_adv_judges_market_orders_and_sales_alike(side: Side) -> None:
    found = check(proposal(market_terms(qty=250_001, side=side)), LIMIT)
    assert found.outcome is Outcome.HARD


@pytest.mark.parametrize("adv", [0, -5])
def test_adv_unknown_never_passes_by_itself(adv: int) -> None:
    found = judged(1, adv=adv)
    assert found.outcome is Outcome.SOFT
    assert found.text == (
        "ACME has no average daily volume in the security master, so its share can't be told. "
        "Give a reason to send it all the same."
    )


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        (Limit(), Outcome.PASS),
        (Limit(soft=1_000), Outcome.SOFT),
        (Limit(hard=1_000), Outcome.HARD),
        (Limit(hard=9_000), Outcome.PASS),
        (Limit(soft=0, hard=0), Outcome.HARD),
    ],
)
def test_adv_with_one_limit_only_or_none(limit: Limit, outcome: Outcome) -> None:
    assert judged(500_000, limit).outcome is outcome


def test_adv_breach_names_value_limit_and_way_out() -> None:
    assert judged(300_000).text == (
        "Quantity 300,000 is 30% of the average daily volume 1,000,000; the limit allows 25%. "
        "Lower it to 250,000."
    )
    assert judged(112_000).text == (
        "Quantity 112,000 is 11.2% of the average daily volume 1,000,000; the limit warns over "
        "10%. Lower it to 100,000 or give a reason."
    )


@pytest.mark.parametrize(("adv", "lot"), [(1_000_000, 1), (999_999, 100), (12_345, 7), (41, 1)])
def test_adv_way_out_passes_and_a_lot_more_breaches(adv: int, lot: int) -> None:
    limit = Limit(hard=2_500)
    breach = judged(adv * lot, limit, adv, lot)
    way_out = parse_qty(breach.text.rpartition("Lower it to ")[2].rstrip("."))
    assert way_out % lot == 0
    assert judged(way_out, limit, adv, lot).outcome is Outcome.PASS
    assert judged(way_out + lot, limit, adv, lot).outcome is Outcome.HARD


def test_adv_when_one_lot_is_too_much_names_no_quantity_of_zero() -> None:
    found = judged(1, adv=5)
    assert found.outcome is not Outcome.PASS
    assert "Lower it to 0" not in found.text
