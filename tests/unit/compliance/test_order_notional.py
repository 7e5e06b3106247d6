"""The value limit of one order."""

from __future__ import annotations

from typing import Any

import pytest

from app.compliance.rules.order_notional import check
from models.limits import Check, Limit, Outcome
from models.money import parse_qty
from tests.builders import instrument, market_terms, money, proposal, px, terms

LIMIT = Limit(soft=money(1_000_000), hard=money(20_000_000))


def judged(notional: int | None, limit: Limit = LIMIT, **changes: Any) -> Check:
    return check(proposal(changes.pop("asked", terms()), notional=notional, **changes), limit)


@pytest.mark.parametrize(
    ("notional", "outcome"),
    [
        (0, Outcome.PASS),
        (money(1_000_000), Outcome.PASS),
        (money(1_000_000) + 1, Outcome.SOFT),
        (money(20_000_000), Outcome.SOFT),
        (money(20_000_000) + 1, Outcome.HARD),
        (10**30, Outcome.HARD),
    ],
)
def test_notional_exactly_at_the_limit_passes_and_a_millionth_more_does_not(
    notional: int, outcome: Outcome
) -> None:
    assert judged(notional).outcome is outcome


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        (Limit(), Outcome.PASS),
        (Limit(soft=money(5)), Outcome.SOFT),
        (Limit(hard=money(5)), Outcome.HARD),
        (Limit(hard=money(7)), Outcome.PASS),
        (Limit(soft=0, hard=0), Outcome.HARD),
    ],
)
def test_notional_with_one_limit_only_or_none(limit: Limit, outcome: Outcome) -> None:
    assert judged(money(6), limit).outcome is outcome


def test_notional_without_a_price_fails_closed() -> None:
    found = judged(None, asked=market_terms(), effective_px=None)
    assert found.outcome is Outcome.HARD
    assert found.text == (
        "ACME can't be valued: it has no live price. "
        "Ask operations, or use a limit price once there is one."
    )


def test_notional_without_a_rate_fails_closed() -> None:
    found = judged(None, instrument=instrument(currency="GBX"))
    assert found.outcome is Outcome.HARD
    assert "there is no rate from GBX to USD" in found.text


@pytest.mark.parametrize(
    ("qty", "value", "sentence"),
    [
        (
            210_000,
            21_000_000,
            "Order value 21,000,000 USD is over the order limit, which allows 20,000,000. "
            "Lower the quantity to 200,000.",
        ),
        (
            15_000,
            1_500_000,
            "Order value 1,500,000 USD is over the order limit, which warns over 1,000,000. "
            "Lower the quantity to 10,000 or give a reason.",
        ),
    ],
)
def test_notional_breach_names_value_limit_and_way_out(qty: int, value: int, sentence: str) -> None:
    assert judged(money(value), asked=terms(qty=qty)).text == sentence


@pytest.mark.parametrize("price", ["100", "33.33", "7.07", "999.99", "0.03"])
@pytest.mark.parametrize("lot", [1, 100, 7])
def test_notional_way_out_passes_and_a_lot_more_breaches(price: str, lot: int) -> None:
    name = instrument(lot=lot)
    limit = Limit(hard=money(1_000_000))
    too_many = 3_000_000 * px(1) // px(price) // lot * lot

    def of(qty: int) -> Check:
        value = name.notional(px(price), qty)
        return judged(value, limit, asked=terms(qty=qty), instrument=name)

    breach = of(too_many)
    assert breach.outcome is Outcome.HARD
    way_out = parse_qty(breach.text.rpartition("quantity to ")[2].rstrip("."))
    assert way_out % lot == 0
    assert of(way_out).outcome is Outcome.PASS
    assert of(way_out + lot).outcome is Outcome.HARD


def test_notional_when_one_lot_is_too_much_says_so() -> None:
    found = judged(money(30_000_000), asked=terms(qty=1))
    assert found.text.endswith("allows 20,000,000. Trade a smaller name.")
