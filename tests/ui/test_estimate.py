"""What an order would cost: what can be told, and what can't."""

from __future__ import annotations

from typing import Any

import pytest

from app.compliance.rulebook import default_rule_book
from app.core.context import Quote
from app.core.desk_state import DeskState
from models.commission import CommissionRate, CommissionSchedule
from models.orders import OrderTerms, Side
from tests.builders import TODAY, instrument, market_terms, money, px, quote, rule_book, stop_terms
from tests.builders import terms as limit_terms
from ui.ticket.estimate import Estimate, estimate

SCHEDULE = CommissionSchedule(
    name="agency",
    effective=TODAY,
    currency="USD",
    rates={"share": CommissionRate(per_unit=5_000, minimum=money(1))},
)


def of(
    asked: OrderTerms,
    market: Quote | None = None,
    notional: int | None = money(952_500),
    **state: Any,
) -> Estimate:
    fields = {"rule_book": rule_book(), "commissions": SCHEDULE, "day": TODAY, **state}
    return estimate(DeskState(**fields), asked, instrument(), market, notional)


def test_estimate_writes_value_and_commission() -> None:
    found = of(limit_terms(qty=5_000))
    assert (found.notional, found.commission) == ("952,500", "25.00")
    assert "agency" in found.commission_help


def test_estimate_of_what_cannot_be_valued_is_dashes() -> None:
    assert of(limit_terms(), notional=None) == Estimate()


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"commissions": None}, "No schedule"),
        ({"day": "2024-11-21"}, f"from {TODAY} on"),
        ({"rule_book": default_rule_book("EUR")}, "in USD, the order's value in EUR"),
    ],
)
def test_estimate_without_a_schedule_in_force_says_why(state: dict[str, Any], why: str) -> None:
    found = of(limit_terms(), **state)
    assert found.commission == "–"
    assert why in found.commission_help


MARKET = quote(bid=px("99.99"), ask=px("100.01"))  # 2 cents over 100: half of it is 1 bp


@pytest.mark.parametrize(
    ("asked", "cost"),
    [
        (market_terms(), "1.0 bp"),
        (market_terms(side=Side.SELL), "1.0 bp"),
        (limit_terms(limit_px=px("100.01")), "1.0 bp"),
        (limit_terms(limit_px=px(100)), "rests"),
        (limit_terms(limit_px=px(100), side=Side.SELL), "rests"),
        (limit_terms(limit_px=px("99.99"), side=Side.SELL_SHORT), "1.0 bp"),
        (stop_terms(px(101)), "–"),
    ],
)
def test_estimate_half_spread_for_what_crosses_it(asked: OrderTerms, cost: str) -> None:
    assert of(asked, MARKET).cost == cost


@pytest.mark.parametrize(
    "market", [None, quote(bid=0), quote(ask=0), quote(bid=px(101), ask=px(100))]
)
def test_estimate_without_two_sides_tells_no_spread(market: Quote | None) -> None:
    assert of(market_terms(), market).cost == "–"


def test_estimate_half_spread_rounds_to_a_tenth() -> None:
    narrow = quote(bid=px("229.86"), ask=px("229.88"))  # 0.435 bp
    assert of(market_terms(), narrow).cost == "0.4 bp"
