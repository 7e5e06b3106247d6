"""Amending what else may change: how long, how much of it shows, its trail, its words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models.events import (
    AmendRequested,
    AnyEvent,
    OrderAmended,
    RequestDenied,
    decode_event,
    encode_event,
)
from models.order_state import OrderStatus, Trigger
from models.orders import (
    Handling,
    Order,
    OrderTerms,
    OrderType,
    Peg,
    Replacement,
    Side,
    TimeInForce,
    handling_of,
    keeps_priority,
)
from tests.builders import (
    TOMORROW,
    Desk,
    amend,
    end_day,
    px,
    replace_report,
    start_day,
    stop_terms,
    terms,
)

GTC, GTD = TimeInForce.GTC, TimeInForce.GTD
TRAILING = terms(
    order_type=OrderType.TRAILING_STOP, limit_px=None, side=Side.SELL, trail_px=px("0.50")
)
TRAILING_LIMIT = msgspec.structs.replace(
    TRAILING, order_type=OrderType.TRAILING_STOP_LIMIT, limit_offset=0
)


def working(desk: Desk, asked: OrderTerms) -> Order:
    order = desk.accepted(asked)
    desk.report(order, Trigger.ACKNOWLEDGE)
    return order


def denial(events: list[AnyEvent]) -> str:
    assert isinstance(events[0], RequestDenied), events
    return events[0].text


@pytest.mark.parametrize(
    ("asked", "changes"),
    [
        (terms(), {"time_in_force": GTC}),
        (terms(), {"time_in_force": GTD, "expire_day": TOMORROW}),
        (terms(time_in_force=GTD, expire_day=TOMORROW), {"expire_day": "2024-12-02"}),
        (
            terms(time_in_force=GTD, expire_day=TOMORROW),
            {"time_in_force": TimeInForce.DAY, "expire_day": ""},
        ),
        (terms(), {"display_qty": 40}),
        (terms(display_qty=40), {"display_qty": None}),
        (terms(display_qty=40), {"varies": True}),
        (terms(), {"instructions": "not below the close"}),
        (TRAILING, {"trail_px": px("0.75")}),
        (TRAILING, {"trail_px": None, "trail_bps": 40}),
        (TRAILING_LIMIT, {"limit_offset": px("0.05")}),
        (terms(), {"qty": 50, "limit_px": px("99.98"), "display_qty": 10}),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, dict) else "",
)
def test_amended_term_is_asked_of_the_venue_and_then_the_orders(
    asked: OrderTerms, changes: dict[str, Any]
) -> None:
    desk = Desk()
    order = working(desk, asked)
    before = order.terms()
    (requested,) = desk.run(amend(order, **changes))
    assert isinstance(requested, AmendRequested)
    assert order.terms() == before  # nothing has changed before the venue says so
    assert order.terms(requested.replacement) == msgspec.structs.replace(before, **changes)
    (amended,) = desk.run(replace_report(order))
    assert isinstance(amended, OrderAmended)
    assert order.terms() == msgspec.structs.replace(before, **changes)
    assert decode_event(encode_event(requested)) == requested


def test_amended_time_in_force_carries_the_order_to_the_next_day() -> None:
    desk = Desk()
    order = working(desk, terms())
    desk.run(amend(order, time_in_force=GTC))
    desk.run(replace_report(order))
    desk.run(end_day())
    desk.run(start_day())
    assert desk.order(order.order_id).is_live


def test_amend_that_names_the_same_handling_changes_nothing() -> None:
    desk = Desk()
    order = working(desk, terms(display_qty=40))
    same = Replacement(qty=100, limit_px=px(100), handling=handling_of(order))
    text = denial(desk.run(amend(order, replacement=same)))
    assert text == f"The amendment changes nothing of {order.order_id}."


def test_amend_of_a_quantity_leaves_the_rest_out_of_the_message() -> None:
    desk = Desk()
    order = working(desk, terms(display_qty=40))
    (requested,) = desk.run(amend(order, qty=200, display_qty=40))
    assert isinstance(requested, AmendRequested)
    assert requested.replacement == Replacement(qty=200, limit_px=px(100))


@pytest.mark.parametrize(
    ("asked", "changes", "says"),
    [
        (terms(), {"time_in_force": TimeInForce.IOC}, "can't become IOC while it works"),
        (terms(), {"time_in_force": TimeInForce.FOK}, "can't become FOK while it works"),
        (terms(), {"time_in_force": GTD}, "needs its last day"),
        (terms(), {"expire_day": TOMORROW}, "goes with GTD only"),
        (terms(), {"display_qty": 0}, "Display quantity 0 is not between"),
        (terms(), {"trail_px": px(1)}, "A trail belongs to a trailing stop"),
        (terms(), {"peg_offset": px("0.01")}, "is not pegged"),
        (TRAILING, {"trail_px": None}, "Say how far it trails"),
        (TRAILING, {"trail_bps": 40}, "Say how far it trails"),
        (TRAILING, {"display_qty": 40}, "Only a limit order that rests"),
        (stop_terms(px(101)), {"display_qty": 40}, "Only a limit order that rests"),
    ],
)
def test_amend_to_terms_that_can_not_be_is_denied(
    asked: OrderTerms, changes: dict[str, Any], says: str
) -> None:
    desk = Desk()
    order = working(desk, asked)
    assert says in denial(desk.run(amend(order, **changes)))
    assert (order.status, order.version) == (OrderStatus.NEW, 1)


def test_amend_of_the_trail_after_the_trigger_is_denied() -> None:
    desk = Desk()
    order = working(desk, TRAILING_LIMIT)
    desk.report(order, Trigger.ACTIVATE)
    assert "trails no more" in denial(desk.run(amend(order, trail_px=px(1))))
    assert isinstance(desk.run(amend(order, qty=50))[0], AmendRequested)


def test_amend_rejected_leaves_every_term() -> None:
    desk = Desk()
    order = working(desk, terms(display_qty=40))
    before = order.terms()
    desk.run(amend(order, qty=300, display_qty=20, instructions="slowly"))
    desk.report(order, Trigger.REJECT_REPLACE)
    assert order.terms() == before


def test_fill_that_overtakes_the_answer_takes_the_whole_amendment_with_it() -> None:
    desk = Desk()
    order = working(desk, terms())
    desk.run(amend(order, qty=300, display_qty=20))
    desk.fill(order, 250)
    assert (order.qty, order.display_qty, order.cum_qty) == (300, 20, 250)


# -- priority ------------------------------------------------------------------------------------

PEGGED = terms(display_qty=50, peg=Peg.MID, peg_offset=px("0.01"))


@pytest.mark.parametrize(
    ("was", "changes", "keeps"),
    [
        (terms(), {"qty": 99}, True),
        (terms(), {"qty": 101}, False),
        (terms(), {"limit_px": px("99.99")}, False),
        (terms(), {"qty": 50, "limit_px": px("99.99")}, False),
        (terms(), {"time_in_force": GTC}, True),
        (terms(), {"qty": 50, "time_in_force": GTC}, True),
        (terms(), {"qty": 101, "time_in_force": GTC}, False),
        (terms(), {"instructions": "slowly"}, True),
        (terms(), {"display_qty": 50}, True),
        (PEGGED, {"display_qty": 40}, True),
        (PEGGED, {"display_qty": 60}, False),
        (PEGGED, {"display_qty": None}, False),
        (PEGGED, {"varies": True}, False),
        (PEGGED, {"peg_offset": px("0.02")}, False),
        (TRAILING, {"trail_px": px("0.75")}, False),
        (TRAILING, {"qty": 50, "trail_px": px("0.75")}, False),
        (TRAILING, {"qty": 50, "instructions": "slowly"}, True),
        (TRAILING_LIMIT, {"limit_offset": px("0.05")}, False),
    ],
)
def test_priority_is_kept_where_the_book_has_no_more_of_it(
    was: OrderTerms, changes: dict[str, Any], keeps: bool
) -> None:
    new = msgspec.structs.replace(was, **changes)
    replacement = Replacement(
        qty=new.qty, limit_px=new.limit_px, stop_px=new.stop_px, handling=handling_of(new)
    )
    assert keeps_priority(was, replacement) is keeps


@pytest.mark.parametrize(("display_qty", "first"), [(40, 0), (60, 1)])
def test_amended_order_stands_where_its_priority_says(display_qty: int, first: int) -> None:
    desk = Desk()
    orders = [working(desk, terms(display_qty=50)) for _ in range(2)]
    desk.run(amend(orders[0], display_qty=display_qty))
    desk.run(replace_report(orders[0]))
    assert next(iter(desk.state.live)) == orders[first].order_id


# -- what was written before ---------------------------------------------------------------------

OLD_REQUEST = b"""{"type":"AmendRequested","ts":1,"desk":"EQ","order_id":"%s","command_id":"c",
"author":"alice","cl_ord_id":"%s/2","replacement":{"qty":200,"limit_px":100500000000}}"""


def test_amendment_of_an_old_log_leaves_what_it_does_not_name() -> None:
    desk = Desk()
    order = working(desk, terms(time_in_force=GTC, display_qty=40, instructions="slowly"))
    name = order.order_id.encode()
    old = decode_event(OLD_REQUEST % (name, name))
    assert isinstance(old, AmendRequested)
    assert old.replacement == Replacement(qty=200, limit_px=px("100.50"))
    desk.apply(old)
    desk.run(replace_report(order))
    assert order.terms() == terms(
        qty=200,
        limit_px=px("100.50"),
        time_in_force=GTC,
        display_qty=40,
        instructions="slowly",
    )


def test_handling_that_is_empty_means_the_plainest_one() -> None:
    """Whole: what is to be. It is not "as it is", which is no handling at all."""
    assert Handling() == handling_of(terms())
    assert Replacement(qty=1) != Replacement(qty=1, handling=Handling())
    again = msgspec.json.decode(
        msgspec.json.encode(Replacement(qty=1, handling=Handling())), type=Replacement
    )
    assert again.handling == Handling()
