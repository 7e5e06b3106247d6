"""The collar: how far through the market a limit price may be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.compliance.rules.price_collar import check
from models.instruments import TickBand
from models.limits import Check, Limit, Outcome
from models.money import parse_price
from models.orders import OrderTerms, Side
from tests.builders import instrument, market_terms, proposal, px, stop_terms, terms

LIMIT = Limit(soft=300, hard=500)
BUY, SELL, SHORT = Side.BUY, Side.SELL, Side.SELL_SHORT


def judged(asked: OrderTerms, limit: Limit = LIMIT, **changes: Any) -> Check:
    return check(proposal(asked, **changes), limit)


@pytest.mark.parametrize(
    ("side", "price", "outcome"),
    [
        (BUY, "100", Outcome.PASS),
        (BUY, "103", Outcome.PASS),
        (BUY, "103.01", Outcome.SOFT),
        (BUY, "105", Outcome.SOFT),
        (BUY, "105.01", Outcome.HARD),
        (BUY, "11", Outcome.PASS),
        (SELL, "97", Outcome.PASS),
        (SELL, "96.99", Outcome.SOFT),
        (SELL, "95", Outcome.SOFT),
        (SELL, "94.99", Outcome.HARD),
        (SELL, "900", Outcome.PASS),
        (SHORT, "97", Outcome.PASS),
        (SHORT, "94.99", Outcome.HARD),
    ],
)
def test_collar_exactly_at_the_limit_passes_and_a_tick_more_does_not(
    side: Side, price: str, outcome: Outcome
) -> None:
    assert judged(terms(side=side, limit_px=px(price))).outcome is outcome


@pytest.mark.parametrize(
    ("side", "price", "outcome"),
    [
        (BUY, "106", Outcome.PASS),
        (BUY, "106.01", Outcome.SOFT),
        (BUY, "110", Outcome.SOFT),
        (BUY, "110.01", Outcome.HARD),
        (SELL, "90", Outcome.SOFT),
        (SELL, "89.99", Outcome.HARD),
    ],
)
def test_collar_of_tier_2_is_twice_as_wide(side: Side, price: str, outcome: Outcome) -> None:
    asked = terms(side=side, limit_px=px(price))
    assert judged(asked, instrument=instrument(tier=2)).outcome is outcome


@pytest.mark.parametrize("reference", ["181.93", "0.97", "33.33", "7.77", "12345.67"])
@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("bound", [Outcome.SOFT, Outcome.HARD])
def test_collar_way_out_passes_and_a_tick_more_breaches(
    reference: str, side: Side, bound: Outcome
) -> None:
    limit = Limit(soft=300) if bound is Outcome.SOFT else Limit(hard=300)
    far = px(reference) * (120 if side is BUY else 80) // 100 // 10**7 * 10**7
    breach = judged(terms(side=side, limit_px=far), limit, reference_px=px(reference))
    assert breach.outcome is bound
    way_out = parse_price(breach.text.rpartition(" it to ")[2].split()[0].rstrip("."))
    passing = judged(terms(side=side, limit_px=way_out), limit, reference_px=px(reference))
    assert passing.outcome is Outcome.PASS
    worse = way_out + side.sign * px("0.01")
    assert (
        judged(terms(side=side, limit_px=worse), limit, reference_px=px(reference)).outcome is bound
    )


def test_collar_way_out_is_on_a_tick_finer_than_six_decimals() -> None:
    fine = instrument(ticks=(TickBand(0, px("0.00390625")),))
    breach = judged(terms(limit_px=px(110)), instrument=fine, reference_px=px("99.55859375"))
    way_out = parse_price(breach.text.rpartition(" it to ")[2].rstrip("."))
    assert way_out % px("0.00390625") == 0
    again = terms(limit_px=way_out)
    assert judged(again, instrument=fine, reference_px=px("99.55859375")).outcome is Outcome.SOFT


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            terms(limit_px=px("191.40")),
            "Limit price 191.40 is 5.2% above the last 181.93; the collar allows 5%. "
            "Lower it to 191.02.",
        ),
        (
            terms(limit_px=px("188.00")),
            "Limit price 188.00 is 3.33% above the last 181.93; the collar warns over 3%. "
            "Lower it to 187.38 or give a reason.",
        ),
        (
            terms(side=SELL, limit_px=px("172.00")),
            "Limit price 172.00 is 5.45% below the last 181.93; the collar allows 5%. "
            "Raise it to 172.84.",
        ),
    ],
)
def test_collar_breach_names_value_limit_and_way_out(asked: OrderTerms, sentence: str) -> None:
    assert judged(asked, reference_px=px("181.93")).text == sentence


@pytest.mark.parametrize(
    "asked",
    [
        market_terms(),
        market_terms(side=SELL),
        terms(),
        terms(side=SELL),
        stop_terms(px(101)),
        stop_terms(px(101), px(102)),
    ],
)
def test_collar_without_a_reference_fails_closed(asked: OrderTerms) -> None:
    found = judged(asked, reference_px=None)
    assert found.outcome is Outcome.HARD
    assert found.text == (
        "ACME has no live reference price, so its price can't be judged. "
        "Wait for the market data to come back."
    )


@pytest.mark.parametrize("asked", [market_terms(), stop_terms(px(150))])
def test_collar_of_an_order_without_a_limit_passes_while_there_is_a_reference(
    asked: OrderTerms,
) -> None:
    assert judged(asked).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("limit_px", "outcome"),
    [
        ("153", Outcome.SOFT),
        ("157.5", Outcome.SOFT),
        ("157.51", Outcome.HARD),
        ("151", Outcome.PASS),
    ],
)
def test_collar_of_a_stop_limit_is_around_its_stop(limit_px: str, outcome: Outcome) -> None:
    found = judged(stop_terms(px(150), px(limit_px)), Limit(soft=150, hard=500))
    assert found.outcome is outcome
    if outcome is not Outcome.PASS:
        assert "the stop 150.00" in found.text


@pytest.mark.parametrize(
    ("limit", "price", "outcome"),
    [
        (Limit(soft=300), "150", Outcome.SOFT),
        (Limit(hard=500), "104", Outcome.PASS),
        (Limit(), "900", Outcome.PASS),
        (Limit(soft=0, hard=0), "100.01", Outcome.HARD),
        (Limit(soft=0, hard=0), "100", Outcome.PASS),
        (Limit(soft=900, hard=500), "106", Outcome.HARD),
    ],
)
def test_collar_with_one_limit_only_or_none(limit: Limit, price: str, outcome: Outcome) -> None:
    assert judged(terms(limit_px=px(price)), limit).outcome is outcome


def test_collar_of_a_penny_price_has_a_way_out_that_passes() -> None:
    penny = msgspec.structs.replace(
        instrument(), ticks=(TickBand(0, px("0.0001")), TickBand(px(1), px("0.01")))
    )
    breach = judged(terms(limit_px=px("1.10")), instrument=penny, reference_px=px("0.98"))
    way_out = parse_price(breach.text.rpartition(" it to ")[2].rstrip("."))
    assert way_out % penny.tick_at(way_out) == 0
    again = judged(terms(limit_px=way_out), instrument=penny, reference_px=px("0.98"))
    assert again.outcome is Outcome.SOFT
