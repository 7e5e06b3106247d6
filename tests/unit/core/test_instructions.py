"""Display and minimum quantity, post-only, market-to-limit and GTD, from entry to their end."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.judgement import judge
from models.commands import SYSTEM, EndDay, StartDay
from models.events import OrderAccepted, OrderDenied, OrderExpired, OrderRestated, ReportRefused
from models.order_state import OrderStatus, Trigger
from models.order_support import SUPPORT
from models.orders import OrderTerms, OrderType, Peg, Side, TimeInForce
from tests.builders import (
    DESK,
    TODAY,
    TOMORROW,
    Desk,
    amend,
    bond,
    market_terms,
    money,
    px,
    report,
    stop_terms,
    terms,
)

IOC, GTC, GTD = TimeInForce.IOC, TimeInForce.GTC, TimeInForce.GTD
SATURDAY = "2024-11-23"


def mtl_terms(**changes: Any) -> OrderTerms:
    return terms(**{"order_type": OrderType.MARKET_TO_LIMIT, "limit_px": None, **changes})


def trailing_terms(**changes: Any) -> OrderTerms:
    return terms(**{"order_type": OrderType.TRAILING_STOP, "limit_px": None, **changes})


def peg_terms(**changes: Any) -> OrderTerms:
    fields = {"order_type": OrderType.PEGGED, "limit_px": None, "peg": Peg.MID, **changes}
    return terms(**fields)


def denial(asked: OrderTerms) -> str:
    event = Desk().submit(asked)[0]
    assert isinstance(event, OrderDenied), event
    return event.text


def test_support_says_something_of_every_pair() -> None:
    assert set(SUPPORT) == {(kind, tif) for kind in OrderType for tif in TimeInForce}


@pytest.mark.parametrize("pair", SUPPORT, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_support_is_what_the_desk_does(pair: tuple[OrderType, TimeInForce]) -> None:
    kind, tif = pair
    asked = terms(
        trail_px=px(1) if kind.trails else None,
        limit_offset=0 if kind is OrderType.TRAILING_STOP_LIMIT else None,
        order_type=kind,
        peg=Peg.PRIMARY if kind is OrderType.PEGGED else None,
        limit_px=px(102) if kind.has_limit else None,
        stop_px=px(101) if kind.has_stop else None,
        time_in_force=tif,
        expire_day=TOMORROW if tif is GTD else "",
    )
    event = Desk().submit(asked)[0]
    assert isinstance(event, OrderDenied if SUPPORT[pair] else OrderAccepted)
    if SUPPORT[pair]:
        assert isinstance(event, OrderDenied)
        assert SUPPORT[pair] in event.text


@pytest.mark.parametrize(
    "asked",
    [
        terms(display_qty=10),
        terms(display_qty=100, time_in_force=GTC),
        stop_terms(px(101), px(102), display_qty=10, varies=True),
        terms(post_only=True),
        terms(min_qty=50, time_in_force=IOC),
        market_terms(min_qty=50, time_in_force=IOC),
        mtl_terms(),
        terms(all_or_none=True, time_in_force=GTC),
        peg_terms(),
        peg_terms(peg=Peg.MARKET, peg_offset=-px("0.05"), limit_px=px(101), time_in_force=GTC),
        terms(time_in_force=TimeInForce.OPG),
        market_terms(time_in_force=TimeInForce.CLS),
        trailing_terms(trail_px=px("0.50")),
        trailing_terms(trail_bps=25, side=Side.SELL),
        trailing_terms(
            order_type=OrderType.TRAILING_STOP_LIMIT, trail_bps=25, limit_offset=px("0.05")
        ),
        terms(time_in_force=GTD, expire_day=TODAY),
        terms(time_in_force=GTD, expire_day=SATURDAY),
    ],
)
def test_submit_with_instructions_is_accepted_and_kept(asked: OrderTerms) -> None:
    assert Desk().accepted(asked).terms() == asked


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (terms(display_qty=101), "Display quantity 101 is not between 1 and the quantity 100."),
        (terms(display_qty=0), "Display quantity 0 is not between 1 and the quantity 100."),
        (market_terms(display_qty=10), "Only a limit order that rests can show a part of itself."),
        (terms(display_qty=9, time_in_force=IOC), "Only a limit order that rests"),
        (terms(min_qty=101, time_in_force=IOC), "Minimum quantity 101 is not between 1 and"),
        (terms(min_qty=50), "A minimum quantity goes with IOC"),
        (terms(post_only=True, time_in_force=IOC), "Post-only goes with a limit order that rests."),
        (market_terms(post_only=True), "Post-only goes with a limit order that rests."),
        (terms(time_in_force=GTD), "A GTD order needs its last day; nothing is no date."),
        (terms(time_in_force=GTD, expire_day="soon"), "soon is no date."),
        (terms(time_in_force=GTD, expire_day="2024-11-21"), "Last day 2024-11-21 is not within"),
        (terms(time_in_force=GTD, expire_day="2026-01-01"), "Last day 2026-01-01 is not within"),
        (terms(expire_day=TOMORROW), "goes with GTD only."),
        (trailing_terms(), "Say how far it trails"),
        (trailing_terms(trail_px=px(1), trail_bps=5), "Say how far it trails"),
        (trailing_terms(trail_px=px("0.505")), "Trail 0.505 is not a positive multiple"),
        (trailing_terms(trail_bps=5_001), "Trail 5001 bp is not between 1 and 5000."),
        (trailing_terms(trail_bps=5, limit_offset=0), "belongs to a trailing stop-limit."),
        (trailing_terms(trail_bps=5, stop_px=px(101)), "Stop price does not belong"),
        (terms(trail_bps=5), "A trail belongs to a trailing stop."),
        (
            trailing_terms(order_type=OrderType.TRAILING_STOP_LIMIT, trail_bps=5),
            "Say how far beyond the stop its limit goes",
        ),
        (mtl_terms(limit_px=px(100)), "Limit price does not belong to this type."),
        (terms(all_or_none=True, time_in_force=IOC), "All-or-none goes with a limit order that"),
        (market_terms(all_or_none=True), "All-or-none goes with a limit order that rests."),
        (terms(all_or_none=True, display_qty=10), "An all-or-none order is not shown"),
        (terms(all_or_none=True, post_only=True), "An all-or-none order is not shown"),
        (peg_terms(peg=None), "Say what it follows: primary"),
        (peg_terms(peg_offset=px("0.005")), "Peg offset 0.005 is not on ACME's tick of 0.01."),
        (peg_terms(peg_offset=-px("0.005")), "Use -0.01 or 0."),
        (peg_terms(peg_offset=px(11)), "Peg offset 11 is more than 10% of ACME's 100.00. Use 10"),
        (peg_terms(time_in_force=IOC), "A peg rests and follows the market"),
        (peg_terms(limit_px=px("99.995")), "Limit price 99.995 is not on ACME's tick"),
        (peg_terms(display_qty=10), "Only a limit order that rests can show a part of itself."),
        (terms(peg=Peg.MID), "A peg belongs to a pegged order."),
        (terms(peg_offset=px(1)), "A peg belongs to a pegged order."),
        (terms(time_in_force=TimeInForce.OPG, post_only=True), "Post-only goes with"),
        (stop_terms(px(101), time_in_force=TimeInForce.CLS), "An auction takes market and limit"),
        (
            terms(symbol="UST10Y", qty=5_000, display_qty=1_500),
            "not a multiple of UST10Y's lot of 1,000. Use 2,000.",
        ),
    ],
)
def test_submit_instructions_that_do_not_go_together_are_denied(
    asked: OrderTerms, sentence: str
) -> None:
    assert sentence in denial(asked)


def test_gtd_order_expires_at_the_end_of_its_last_day_and_not_before() -> None:
    desk = Desk()
    today = desk.accepted(terms(time_in_force=GTD, expire_day=TODAY))
    later = desk.accepted(terms(time_in_force=GTD, expire_day=TOMORROW, limit_px=px(99)))
    desk.run(EndDay(id="e", author=SYSTEM, day=TODAY))
    assert (today.status, later.status) == (OrderStatus.EXPIRED, OrderStatus.PENDING_NEW)


def test_gtd_order_whose_last_day_is_no_trading_day_does_not_see_the_next_one() -> None:
    desk = Desk()
    order = desk.accepted(terms(time_in_force=GTD, expire_day=SATURDAY))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.run(EndDay(id="e", author=SYSTEM, day=TODAY))
    assert order.status is OrderStatus.NEW
    started = desk.run(StartDay(id="s", author=SYSTEM, day=TOMORROW))
    assert isinstance(started[1], OrderExpired)
    assert desk.order(order.order_id).status is OrderStatus.EXPIRED


def test_restatement_prices_a_market_to_limit_order_which_can_then_be_amended() -> None:
    desk = Desk()
    order = desk.accepted(mtl_terms())
    desk.report(order, Trigger.ACKNOWLEDGE)
    (restated,) = desk.report(order, Trigger.RESTATE, limit_px=px("100.01"))
    assert isinstance(restated, OrderRestated)
    assert (order.limit_px, order.qty) == (px("100.01"), 100)
    desk.amend(order, limit_px=px("100.02"))
    assert order.status is OrderStatus.PENDING_REPLACE


def test_restatement_that_lowers_the_quantity_leaves_what_was_done() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    desk.report(order, Trigger.RESTATE, order_qty=70, text="self-trade prevention")
    assert (order.qty, order.cum_qty, order.leaves_qty) == (70, 40, 30)
    assert order.reason == "self-trade prevention"


def test_restatement_said_again_changes_nothing() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    desk.report(order, Trigger.RESTATE, order_qty=70)
    assert desk.report(order, Trigger.RESTATE, order_qty=70) == []
    desk.fill(order, 30)
    assert desk.report(order, Trigger.RESTATE, order_qty=70) == []
    assert order.status is OrderStatus.FILLED


def test_restatement_below_what_was_done_is_kept_and_refused() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    refused, _alert = desk.report(order, Trigger.RESTATE, order_qty=40)
    assert isinstance(refused, ReportRefused)
    assert order.qty == 100


def test_bond_takes_a_display_quantity_in_its_lots() -> None:
    assert bond().lot == 1_000
    asked = terms(symbol="UST10Y", qty=5_000, display_qty=2_000)
    assert Desk().accepted(asked).display_qty == 2_000


def test_trailing_stop_follows_what_the_venue_says_and_waits_for_its_trigger() -> None:
    desk = Desk()
    order = desk.accepted(trailing_terms(trail_px=px(1), side=Side.SELL))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.report(order, Trigger.RESTATE, stop_px=px("99.50"))
    assert (order.stop_px, order.awaits_trigger) == (px("99.50"), True)
    desk.report(order, Trigger.ACTIVATE)
    assert not order.awaits_trigger


def test_trailing_stop_takes_another_quantity_and_no_other_price() -> None:
    desk = Desk()
    order = desk.accepted(trailing_terms(trail_px=px(1), side=Side.SELL))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.report(order, Trigger.RESTATE, stop_px=px(99))
    (denied,) = desk.amend(order, stop_px=px(98))
    assert "Amend its quantity or its trail" in getattr(denied, "text", "")
    asked = amend(order, qty=50, limit_px=None, stop_px=None)
    desk.report(order, Trigger.RESTATE, stop_px=px("99.20"))  # it moves between click and decision
    desk.run(asked)
    assert order.status is OrderStatus.PENDING_REPLACE
    assert order.pending is not None
    assert order.pending.stop_px == px("99.20")


def test_amended_trailing_stop_keeps_the_price_that_the_venue_gave_it_meanwhile() -> None:
    desk = Desk()
    order = desk.accepted(trailing_terms(trail_px=px(1), side=Side.SELL))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.report(order, Trigger.RESTATE, stop_px=px(99))
    desk.amend(order, qty=50)
    desk.report(order, Trigger.RESTATE, stop_px=px("99.30"))
    desk.report(order, Trigger.REPLACE)
    assert (order.qty, order.stop_px) == (50, px("99.30"))


def test_amended_market_to_limit_keeps_the_price_that_the_venue_gave_it_meanwhile() -> None:
    desk = Desk()
    order = desk.accepted(mtl_terms())
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.amend(order, qty=50)
    desk.report(order, Trigger.RESTATE, limit_px=px("100.01"))
    desk.report(order, Trigger.REPLACE)
    assert (order.qty, order.limit_px) == (50, px("100.01"))


def test_price_of_terms_that_were_replaced_since_changes_nothing() -> None:
    desk = Desk()
    order = desk.accepted(mtl_terms())
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.report(order, Trigger.RESTATE, limit_px=px("100.01"))
    desk.amend(order, limit_px=px("100.02"))
    desk.report(order, Trigger.REPLACE)
    again = report(order, Trigger.RESTATE, cl_ord_id=f"{order.order_id}/1", limit_px=px("100.01"))
    assert desk.run(again) == []
    assert order.limit_px == px("100.02")


def test_trigger_that_comes_after_a_trailing_stop_has_ended_is_no_fault() -> None:
    desk = Desk()
    order = desk.accepted(trailing_terms(trail_px=px(1), side=Side.SELL))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.fill(order, order.qty)
    assert desk.report(order, Trigger.ACTIVATE) == []


def test_buying_trailing_stop_is_valued_where_it_would_trigger() -> None:
    desk = Desk()
    asked = trailing_terms(qty=6_000, trail_bps=5_000)
    judged = judge(desk.state, "alice", DESK, asked, desk.context)
    assert judged.notional == money(900_000)


def test_iceberg_may_be_amended_to_less_than_it_shows() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=500, display_qty=100))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.amend(order, qty=50)
    assert order.status is OrderStatus.PENDING_REPLACE


def test_auction_order_that_traded_nothing_expires_with_its_day() -> None:
    desk = Desk()
    order = desk.accepted(terms(time_in_force=TimeInForce.CLS))
    desk.run(EndDay(id="e", author=SYSTEM, day=TODAY))
    assert order.status is OrderStatus.EXPIRED


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"limit_px": px(101)}, 101),
        ({"peg_offset": px(2)}, 102),
        ({"peg_offset": -px(2)}, 100),
        ({"side": Side.SELL, "limit_px": px(101)}, 101),
    ],
)
def test_peg_is_valued_at_the_worst_price_that_it_may_be_expected_to_trade_at(
    changes: dict[str, Any], value: int
) -> None:
    """With the market at 100.00: a cap bounds a buy, an offset moves it."""
    desk = Desk()
    found = judge(desk.state, "alice", DESK, peg_terms(qty=100, **changes), desk.context)
    assert found.notional == money(value * 100)


def test_amended_peg_takes_another_cap() -> None:
    desk = Desk()
    order = desk.accepted(peg_terms(limit_px=px(101)))
    desk.report(order, Trigger.ACKNOWLEDGE)
    desk.run(amend(order, qty=50, limit_px=px(100)))
    assert order.pending is not None
    desk.report(order, Trigger.REPLACE)
    assert (order.qty, order.limit_px) == (50, px(100))
