"""How much room an order has: exactly what `judge` would say, a lot more and a lot less."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.headroom import Headroom, headroom
from app.core.judgement import QTY_MAX, judge
from models.commands import SYSTEM, AdoptRuleBook, HaltTrading, ListInstruments, RestrictSymbol
from models.limits import Limit, Outcome
from models.orders import DESK as CARE
from models.orders import OrderTerms, Side
from tests.builders import (
    DESK,
    Desk,
    bond,
    instrument,
    market_terms,
    money,
    new_id,
    px,
    rule_book,
    stop_terms,
    terms,
)


def room(desk: Desk, asked: OrderTerms, login: str = "alice") -> Headroom:
    return headroom(desk.state, login, DESK, asked, desk.context)


def outcome(desk: Desk, asked: OrderTerms, qty: int) -> Outcome:
    resized = msgspec.structs.replace(asked, qty=qty)
    return judge(desk.state, "alice", DESK, resized, desk.context).outcome


def assert_exact(desk: Desk, asked: OrderTerms, found: Headroom) -> None:
    """The largest passes; a lot more does not, unless nothing larger can be entered at all."""
    lot = desk.state.instruments[asked.symbol].lot
    clean, allowed = found.largest_clean_qty, found.largest_allowed_qty
    assert 0 <= clean <= allowed <= QTY_MAX
    assert clean % lot == allowed % lot == 0
    if clean:
        assert outcome(desk, asked, clean) is Outcome.PASS
    if allowed:
        assert outcome(desk, asked, allowed) is not Outcome.HARD
    assert outcome(desk, asked, clean + lot) is not Outcome.PASS
    assert outcome(desk, asked, allowed + lot) is Outcome.HARD


def limits(unit: int) -> st.SearchStrategy[Limit]:
    amount = st.none() | st.integers(0, 10**6).map(lambda n: n * unit)
    return st.builds(Limit, soft=amount, hard=amount, enabled=st.booleans())


@given(
    lot=st.sampled_from([1, 7, 100, 1_000]),
    adv=st.sampled_from([0, 1, 999, 1_000_000, 10**10]),
    cents=st.integers(9_000, 11_000),
    side=st.sampled_from(Side),
    qty=st.integers(0, 2 * 10**9),
    notional=limits(money(1)),
    share=limits(1),
)
@settings(max_examples=150, deadline=None)
def test_headroom_largest_passes_and_a_lot_more_does_not(
    lot: int, adv: int, cents: int, side: Side, qty: int, notional: Limit, share: Limit
) -> None:
    desk = Desk()
    listed = instrument(lot=lot, adv=adv)
    desk.run(ListInstruments(id=new_id(), author=SYSTEM, instruments=(listed,)))
    book = rule_book(NOTIONAL=notional, ADV=share)
    desk.run(AdoptRuleBook(id=new_id(), author=SYSTEM, rule_book=book))
    asked = terms(side=side, qty=qty, limit_px=cents * px("0.01"))
    assert_exact(desk, asked, room(desk, asked))


@given(qtys=st.lists(st.integers(9_990, 10_003), max_size=20), hard=st.booleans())
@settings(max_examples=60, deadline=None)
def test_headroom_passes_over_orders_alike(qtys: list[int], hard: bool) -> None:
    """An order alike makes one quantity fail in the middle of those that pass."""
    desk = Desk(step_ns=1)
    for qty in qtys:
        desk.submit(terms(qty=qty), reason="meant")
    within = Limit(hard=10**12) if hard else Limit(soft=10**12)
    book = rule_book(DUPLICATE=within)
    desk.run(AdoptRuleBook(id=new_id(), author=SYSTEM, rule_book=book))
    assert_exact(desk, terms(), room(desk, terms()))


@pytest.mark.parametrize(
    "asked",
    [
        market_terms(),
        market_terms(side=Side.SELL),
        stop_terms(px(101)),
        stop_terms(px(101), px("101.5")),
        terms(symbol="UST10Y", qty=1_000),
        terms(limit_px=px(104)),
        terms(limit_px=px(106)),
    ],
)
def test_headroom_is_exact_for_every_type(asked: OrderTerms) -> None:
    desk = Desk()
    assert_exact(desk, asked, room(desk, asked))


def test_headroom_largest_is_what_the_limits_say() -> None:
    found = room(Desk(), terms())
    assert (found.largest_clean_qty, found.largest_allowed_qty) == (10_000, 200_000)


def test_headroom_of_a_price_that_warns_has_no_clean_quantity() -> None:
    found = room(Desk(), terms(limit_px=px(104)))
    assert found.largest_clean_qty == 0
    assert found.largest_allowed_qty > 0


@pytest.mark.parametrize("qty", [0, 3, 10**18])
def test_headroom_does_not_need_a_quantity_that_may_be_sent(qty: int) -> None:
    desk = Desk()
    desk.run(ListInstruments(id=new_id(), author=SYSTEM, instruments=(instrument(lot=100),)))
    assert room(desk, terms(qty=qty)).largest_clean_qty == 10_000


@pytest.mark.parametrize(
    "asked",
    [
        terms(symbol="NOSUCH"),
        terms(limit_px=px("100.005")),
        terms(account="NOBODY"),
        terms(venue="X"),
    ],
)
def test_headroom_of_terms_wrong_in_themselves_is_empty(asked: OrderTerms) -> None:
    assert room(Desk(), asked) == Headroom()


def test_headroom_without_a_rule_book_or_while_halted_is_empty() -> None:
    desk = Desk()
    desk.run(HaltTrading(id=new_id(), author="dana", desk=DESK, trader="alice", note="x"))
    assert room(desk, terms()) == Headroom()
    desk = Desk()
    desk.state.rule_book = None
    assert room(desk, terms()) == Headroom()


def test_headroom_of_a_restricted_name_is_nothing() -> None:
    desk = Desk()
    desk.run(RestrictSymbol(id=new_id(), author=SYSTEM, symbol="ACME", note="x"))
    found = room(desk, terms())
    assert (found.largest_clean_qty, found.largest_allowed_qty) == (0, 0)


def gauges(asked: OrderTerms, **listed: Any) -> dict[str, tuple[int, str]]:
    desk = Desk()
    if listed:
        lines = (instrument(**listed), bond())
        desk.run(ListInstruments(id=new_id(), author=SYSTEM, instruments=lines))
    return {gauge.rule: (gauge.value, gauge.text) for gauge in room(desk, asked).gauges}


def test_headroom_gauges_say_what_the_order_uses() -> None:
    found = gauges(terms(qty=9_500, limit_px=px(101)))
    assert found == {
        "COLLAR": (100, "1% of 3%"),
        "NOTIONAL": (money(959_500), "0.96 of 1.0m"),
        "ADV": (95, "0.95% of 10%"),
    }


def test_headroom_gauges_over_the_warning_go_on_to_the_hard_limit() -> None:
    found = gauges(terms(qty=150_000, limit_px=px(104)))
    assert found["NOTIONAL"] == (money(15_600_000), "15.6 of 20m")
    assert found["ADV"] == (1_500, "15% of 25%")
    assert found["COLLAR"] == (400, "4% of 5%")


def test_headroom_has_no_gauge_where_there_is_nothing_to_measure() -> None:
    assert "COLLAR" not in gauges(market_terms())
    assert "ADV" not in gauges(terms(), adv=0)


def test_headroom_gauge_of_a_rule_switched_off_is_not_there() -> None:
    desk = Desk()
    book = rule_book(ADV=Limit(enabled=False, soft=1), COLLAR=Limit())
    desk.run(AdoptRuleBook(id=new_id(), author=SYSTEM, rule_book=book))
    assert [gauge.rule for gauge in room(desk, terms()).gauges] == ["NOTIONAL"]


@given(qty=st.integers(1, 400_000), cents=st.integers(9_000, 11_000), tier=st.sampled_from([1, 2]))
@settings(max_examples=100, deadline=None)
def test_headroom_gauge_is_over_its_limit_exactly_when_the_rule_says_so(
    qty: int, cents: int, tier: int
) -> None:
    desk = Desk()
    listed = instrument(adv=999_983, tier=tier)
    desk.run(ListInstruments(id=new_id(), author=SYSTEM, instruments=(listed,)))
    desk.move_market(px("100.37"))
    asked = terms(qty=qty, limit_px=cents * px("0.01"))
    checks = judge(desk.state, "alice", DESK, asked, desk.context).checks
    said = {check.rule: check.outcome for check in checks}
    drawn = {gauge.rule: gauge.outcome for gauge in room(desk, asked).gauges}
    assert drawn == {rule: said[rule] for rule in drawn}
    assert len(drawn) == 3


def test_headroom_of_an_amendment_counts_the_whole_order() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=500))
    found = headroom(desk.state, "alice", DESK, terms(qty=900), desk.context, order)
    assert found.largest_clean_qty == 10_000


def test_headroom_of_a_slice_is_what_its_parent_has_left() -> None:
    desk = Desk()
    parent = desk.accepted(terms(qty=5_000, venue=CARE))
    desk.submit(terms(qty=1_200), parent_id=parent.order_id)
    parent = desk.order(parent.order_id)
    found = headroom(desk.state, "alice", DESK, terms(), desk.context, parent=parent)
    assert found.largest_clean_qty == found.largest_allowed_qty == 3_800


def test_headroom_of_an_amended_care_order_begins_at_what_is_out() -> None:
    desk = Desk()
    parent = desk.accepted(terms(qty=5_000, venue=CARE))
    desk.submit(terms(qty=1_200), parent_id=parent.order_id)
    parent = desk.order(parent.order_id)
    asked = terms(qty=6_000, venue=CARE)
    found = headroom(desk.state, "alice", DESK, asked, desk.context, amends=parent)
    plain = headroom(desk.state, "alice", DESK, asked, desk.context)
    assert found.gauges
    assert found.largest_clean_qty == plain.largest_clean_qty > 5_000
