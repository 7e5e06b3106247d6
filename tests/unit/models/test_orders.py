"""Orders: what follows from their terms and fills."""

from __future__ import annotations

import pytest

from models.order_state import LOCAL, TERMINAL, WORKING, OrderStatus
from models.orders import (
    OrderType,
    Replacement,
    Side,
    TimeInForce,
    client_order_id,
    order_id_of,
)
from tests.builders import REACHABLE, Desk, px, stop_terms, terms


@pytest.mark.parametrize("status", REACHABLE)
def test_is_live_only_while_working(status: OrderStatus) -> None:
    order = Desk().order_in(status)
    # A DAY order that is done for the day trades no more unless the venue resumes it.
    assert order.is_live is (status in WORKING and status is not OrderStatus.DONE_FOR_DAY)
    assert order.may_work_on is (status in WORKING)
    assert order.is_terminal is (status in TERMINAL)
    assert status not in LOCAL


def test_avg_px_is_rounded_half_up() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=3))
    desk.fill(order, 1, 1)
    desk.fill(order, 1, 2)
    assert order.avg_px == 2


def test_avg_px_without_fills_is_zero() -> None:
    assert Desk().accepted().avg_px == 0


@pytest.mark.parametrize(
    ("new", "keeps"),
    [
        (Replacement(qty=99, limit_px=px(100)), True),
        (Replacement(qty=100, limit_px=px(100)), False),
        (Replacement(qty=101, limit_px=px(100)), False),
        (Replacement(qty=50, limit_px=px("99.99")), False),
        (Replacement(qty=50, limit_px=px(100), stop_px=px(99)), False),
    ],
)
def test_keeps_priority_only_when_nothing_but_quantity_falls(new: Replacement, keeps: bool) -> None:
    assert Desk().accepted().keeps_priority(new) is keeps


def test_terms_round_trip_through_an_order() -> None:
    asked = stop_terms(px(101), px(102), side=Side.BUY, time_in_force=TimeInForce.GTC)
    order = Desk().accepted(asked)
    assert order.terms() == asked
    assert order.terms(Replacement(qty=7, limit_px=px(103), stop_px=px(101))) == stop_terms(
        px(101), px(103), qty=7, time_in_force=TimeInForce.GTC
    )


def test_awaits_trigger_only_stops_not_yet_triggered() -> None:
    desk = Desk()
    assert desk.accepted(stop_terms(px(101))).awaits_trigger
    assert not desk.accepted().awaits_trigger


def test_order_id_of_undoes_client_order_id() -> None:
    assert order_id_of(client_order_id("O-1122-000001", 12)) == "O-1122-000001"
    assert order_id_of("nonsense") == ""


def test_sides_and_types_say_what_they_are() -> None:
    assert [(side.sign, side.label) for side in Side] == [(1, "BUY"), (-1, "SELL"), (-1, "SHORT")]
    assert {kind for kind in OrderType if kind.has_limit} == {
        OrderType.LIMIT,
        OrderType.STOP_LIMIT,
    }
    assert {kind for kind in OrderType if kind.has_stop} == {OrderType.STOP, OrderType.STOP_LIMIT}
    assert {kind for kind in OrderType if kind.trails} == {
        OrderType.TRAILING_STOP,
        OrderType.TRAILING_STOP_LIMIT,
    }
    assert len({kind.label for kind in OrderType}) == len(OrderType)
    assert {kind for kind in OrderType if kind.may_have_limit and not kind.has_limit} == {
        OrderType.PEGGED
    }
    assert [tif.label for tif in TimeInForce if tif.rests] == ["DAY", "GTC", "GTD"]
    assert [tif.label for tif in TimeInForce if tif.is_for_auction] == ["OPG", "CLS"]
