"""What simulated people ask for: seeded, and everything that there is."""

from __future__ import annotations

from random import Random

from app.simulation.people import INSTRUMENTS
from app.simulation.wishes import wish
from models.order_support import SUPPORT
from models.orders import OrderTerms

TODAY = "2026-11-20"


def wishes(seed: int, count: int) -> list[OrderTerms]:
    pick = Random(seed)
    return [wish(pick, pick.choice(INSTRUMENTS), None, TODAY) for _ in range(count)]


def test_wish_of_the_same_seed_is_the_same() -> None:
    assert wishes(7, 50) == wishes(7, 50)


def test_wish_comes_to_every_pair_that_is_offered_and_some_that_are_not() -> None:
    asked = wishes(1, 5_000)
    pairs = {(terms.order_type, terms.time_in_force) for terms in asked}
    assert {pair for pair, why in SUPPORT.items() if not why} <= pairs
    assert any(SUPPORT[pair] for pair in pairs)


def test_wish_comes_to_every_instruction() -> None:
    asked = wishes(1, 2_000)
    for given in (
        lambda terms: terms.display_qty and not terms.varies,
        lambda terms: terms.display_qty and terms.varies,
        lambda terms: terms.min_qty,
        lambda terms: terms.post_only,
        lambda terms: terms.expire_day == TODAY,
        lambda terms: terms.expire_day > TODAY,
        lambda terms: terms.trail_px,
        lambda terms: terms.trail_bps,
        lambda terms: terms.limit_offset,
    ):
        assert any(map(given, asked))
