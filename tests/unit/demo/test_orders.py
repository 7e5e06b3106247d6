"""What the demo's other traders ask for: seeded, mostly plain, and accepted by the desk."""

from __future__ import annotations

from random import Random

import pytest

from app.demo.orders import wish
from models.events import OrderAccepted
from models.orders import OrderTerms, OrderType, TimeInForce
from tests.builders import TODAY, Desk, bond, instrument, px, quote

QUOTES = {
    "ACME": quote("ACME", px(100), bid=px("99.99"), ask=px("100.01")),
    "UST10Y": quote("UST10Y", px(98), bid=px("97.984375"), ask=px("98.015625")),
}


def wishes(seed: int, count: int) -> list[OrderTerms]:
    pick = Random(seed)
    listed = (instrument("ACME"), bond())
    return [
        wish(pick, each, QUOTES[each.symbol], ("GROWTH",), TODAY)
        for each in (listed[at % 2] for at in range(count))
    ]


def is_plain(terms: OrderTerms) -> bool:
    kind_is_plain = terms.order_type in (OrderType.LIMIT, OrderType.MARKET, OrderType.STOP)
    is_usual = terms.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)
    return kind_is_plain and is_usual and not (terms.display_qty or terms.post_only)


def test_wish_of_the_same_seed_is_the_same() -> None:
    assert wishes(7, 50) == wishes(7, 50)
    assert wishes(7, 50) != wishes(8, 50)


def test_wish_is_mostly_plain_and_shows_everything_in_half_an_hour() -> None:
    asked = wishes(1, 2_000)
    assert 0.6 < sum(map(is_plain, asked)) / len(asked) < 0.85
    types = {terms.order_type for terms in asked}
    assert types == set(OrderType) - {OrderType.STOP_LIMIT}
    assert any(terms.display_qty and terms.varies for terms in asked)
    assert any(terms.post_only for terms in asked)
    assert any(terms.all_or_none for terms in asked)
    assert any(terms.trail_bps for terms in asked)
    assert any(terms.trail_px for terms in asked)
    assert any(terms.expire_day for terms in asked)


@pytest.mark.parametrize("seed", range(3))
def test_wish_is_nothing_that_the_desk_can_not_read(seed: int) -> None:
    """A limit may stand in its way, as in anybody's; a mistaken field may not."""
    desk = Desk()
    desk.quotes |= QUOTES
    for terms in wishes(seed, 100):
        event = desk.submit(terms, reason="client instruction")[0]
        if not isinstance(event, OrderAccepted):
            assert getattr(event, "checks", ()), getattr(event, "text", event)
