"""Amending, cancelling and acknowledging: who may, when, and what it does."""

from __future__ import annotations

import pytest

from models.alerts import AlertState
from models.commands import SYSTEM, AcknowledgeAlert, AmendOrder, CancelOrder, RestrictSymbol
from models.events import (
    AlertAcknowledged,
    AlertRaised,
    AmendRequested,
    CancelRequested,
    CommandFailed,
    RequestDenied,
)
from models.order_state import OrderStatus, Trigger
from models.orders import Order, Replacement, Side
from tests.builders import (
    DESK,
    REACHABLE,
    Desk,
    amend,
    cancel,
    end_day,
    new_id,
    px,
    replace_report,
    stop_terms,
    terms,
)

S, T = OrderStatus, Trigger
AMENDABLE = {S.NEW, S.PARTIALLY_FILLED, S.FILLED}  # filled: for more only
CANCELLABLE = {
    S.PENDING_NEW,
    S.NEW,
    S.PARTIALLY_FILLED,
    S.SUSPENDED,
    S.DONE_FOR_DAY,
    S.PENDING_REPLACE,
}


def refusal(events: list[object], order: Order) -> str:
    """Return why a request was denied; nothing else may have happened to its order."""
    denied = events[0]
    assert isinstance(denied, RequestDenied)
    assert denied.order_id == order.order_id
    assert not [event for event in events[1:] if not isinstance(event, AlertRaised)]
    return denied.text


@pytest.mark.parametrize("qty", [100, 60, 1])
def test_amend_of_a_filled_order_to_no_more_than_it_was_is_denied(qty: int) -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    text = refusal(desk.amend(order, qty=qty, limit_px=px("99.99")), order)
    assert text == f"Order {order.order_id} is filled; it can't be amended any more."


def test_amend_of_an_order_filled_yesterday_is_denied() -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    desk.run(end_day())
    assert "can't be amended" in refusal(desk.amend(order, qty=300), order)


# -- amend ---------------------------------------------------------------------------------------


def test_amend_working_order_is_requested_under_the_next_client_order_id() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    command = amend(order, qty=200, limit_px=px("100.50"))
    (event,) = desk.run(command)
    assert isinstance(event, AmendRequested)
    assert event.cl_ord_id == f"{order.order_id}/2"
    assert event.replacement == Replacement(qty=200, limit_px=px("100.50"))
    assert (event.command_id, event.author) == (command.id, "alice")
    assert (order.status, order.version, order.qty) == (S.PENDING_REPLACE, 2, 100)
    assert order.cl_ord_id == f"{order.order_id}/1"


@pytest.mark.parametrize("status", REACHABLE)
def test_amend_only_when_the_table_allows(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    events = desk.amend(order, qty=300)
    if status in AMENDABLE:
        assert isinstance(events[0], AmendRequested)
        return
    text = refusal(events, order)
    assert order.status is status
    if status is S.PENDING_CANCEL:
        assert text == (
            f"Order {order.order_id} has a request pending at the venue. Wait for its answer."
        )
    elif status is S.PENDING_REPLACE:
        assert text == (
            f"Order {order.order_id} has an amendment by alice pending at the venue: "
            "qty 100 → 200. Wait for its answer."
        )
    else:
        words = status.value.replace("_", " ")
        assert text == f"Order {order.order_id} is {words}; it can't be amended any more."


def test_amend_seen_at_another_version_is_denied_and_told_what_changed() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    late = amend(order, qty=150)
    desk.run(amend(order, "dana", qty=200, limit_px=px("100.02"), display_qty=50))
    desk.run(replace_report(order))
    assert refusal(desk.run(late), order) == (
        f"Order {order.order_id} was changed meanwhile (version 2, you saw 1) by dana at "
        "13:01:20 UTC: qty 100 → 200 · limit 100.00 → 100.02 · shows all → 50. Amend again from "
        "its new terms."
    )
    assert order.qty == 200


def test_amend_after_several_others_is_told_of_the_last() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    late = amend(order, qty=150)
    for qty in (200, 300):
        desk.run(amend(order, "dana", qty=qty))
        desk.run(replace_report(order))
    text = refusal(desk.run(late), order)
    assert "(version 3, you saw 1) lastly by dana" in text
    assert "qty 200 → 300" in text


def test_amend_after_one_that_the_venue_refused_is_told_that_nothing_changed() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    late = amend(order, qty=150)
    desk.amend(order, "dana", qty=200)
    desk.report(order, T.REJECT_REPLACE)
    assert refusal(desk.run(late), order) == (
        f"Order {order.order_id} was changed meanwhile (version 2, you saw 1): dana asked to "
        "amend it and the venue refused, so its terms are as you saw them. Amend again."
    )


def test_of_two_who_amend_at_once_one_wins_and_the_other_is_told() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    alices, danas = amend(order, qty=150), amend(order, "dana", qty=200)
    assert isinstance(desk.run(alices)[0], AmendRequested)
    assert "an amendment by alice pending at the venue: qty 100 → 150" in refusal(
        desk.run(danas), order
    )


def test_amend_of_nothing_is_denied() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    assert refusal(desk.amend(order), order) == (
        f"The amendment changes nothing of {order.order_id}."
    )


def test_amend_unknown_order_fails_the_command() -> None:
    desk = Desk()
    command = AmendOrder(
        id="x",
        author="alice",
        desk=DESK,
        order_id="O-9",
        version=1,
        replacement=Replacement(qty=1),
    )
    (event,) = desk.run(command)
    assert isinstance(event, CommandFailed)
    assert (event.command_id, event.author, event.command) == ("x", "alice", "AmendOrder")
    assert event.text == "Order O-9 is not known. Look it up again."


@pytest.mark.parametrize("author", ["ben", "carl", "axel", "frank", "fiona", "mallory", ""])
def test_amend_or_cancel_by_somebody_else_is_denied(author: str) -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    sentence = f"Order {order.order_id} is alice's. Ask them or the desk head."
    assert refusal(desk.amend(order, author, qty=200), order) == sentence
    assert refusal(desk.cancel(order, author), order) == sentence


def test_amend_or_cancel_by_the_desk_head_is_taken() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    assert isinstance(desk.amend(order, "dana", qty=200)[0], AmendRequested)
    assert isinstance(desk.cancel(order, "dana")[0], CancelRequested)


def test_amend_through_the_collar_is_denied_with_an_alert() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    events = desk.amend(order, limit_px=px(106))
    assert refusal(events, order).startswith("Limit price 106.00 is 6% above the last 100.00")
    assert isinstance(events[1], AlertRaised)
    assert (order.status, order.version) == (S.NEW, 1)


def test_amend_soft_breach_needs_a_reason() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    assert "or give a reason" in refusal(desk.amend(order, qty=20_000), order)
    events = desk.amend(order, qty=20_000, reason="client asked")
    assert isinstance(events[0], AmendRequested)
    assert events[0].reason == "client asked"
    assert isinstance(events[1], AlertRaised)


def test_amend_alert_goes_to_the_orders_desk_whatever_the_command_says() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    events = desk.amend(order, qty=20_000, reason="client asked", desk="")
    assert [event.desk for event in events] == [DESK, DESK]


def test_amend_off_the_tick_is_denied() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    text = refusal(desk.amend(order, limit_px=px("99.999")), order)
    assert text == "Limit price 99.999 is not on ACME's tick of 0.01. Use 99.99 or 100.00."


def test_amend_in_a_name_restricted_since_is_denied_but_cancel_is_taken() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    desk.run(RestrictSymbol(id="r", author="carl", symbol="ACME", note="x"))
    assert "restricted list" in refusal(desk.amend(order, qty=50), order)
    assert isinstance(desk.cancel(order)[0], CancelRequested)


def test_amend_is_no_duplicate_of_an_order_alike() -> None:
    desk = Desk(step_ns=0)
    order = desk.order_in(S.NEW)
    desk.accepted(terms(qty=200))
    assert isinstance(desk.amend(order, qty=200)[0], AmendRequested)


def test_amend_waiting_stop_to_the_wrong_side_is_denied() -> None:
    desk = Desk()
    order = desk.accepted(stop_terms(px(101)))
    desk.report(order, T.ACKNOWLEDGE)
    assert "would trigger at once" in refusal(desk.amend(order, stop_px=px("99.99")), order)


def test_amend_triggered_stop_limit_may_move_its_limit() -> None:
    desk = Desk()
    order = desk.accepted(stop_terms(px(101), px(102)))
    desk.report(order, T.ACKNOWLEDGE)
    desk.report(order, T.ACTIVATE)
    desk.move_market(px(101))
    assert isinstance(desk.amend(order, limit_px=px("101.50"))[0], AmendRequested)


def test_amend_triggered_stop_limit_is_held_against_the_last_not_its_old_stop() -> None:
    """Once triggered it is a plain limit order; its stop price says nothing of the market."""
    desk = Desk()
    order = desk.accepted(stop_terms(px(110), px(111)))
    desk.report(order, T.ACKNOWLEDGE)
    desk.report(order, T.ACTIVATE)
    desk.move_market(px(60))
    assert "above the last 60.00" in refusal(desk.amend(order, limit_px=px(112)), order)


# -- cancel --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", REACHABLE)
def test_cancel_only_when_something_is_left(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    command = cancel(order)
    events = desk.run(command)
    if status in CANCELLABLE:
        (event,) = events
        assert isinstance(event, CancelRequested)
        assert (event.command_id, event.author) == (command.id, "alice")
        assert order.status is S.PENDING_CANCEL
        return
    text = refusal(events, order)
    assert order.status is status
    if status is S.PENDING_CANCEL:
        assert text == f"Order {order.order_id} has a cancel pending already."
    else:
        assert text == (
            f"Order {order.order_id} is {status.value.replace('_', ' ')}; "
            "nothing is left to cancel."
        )


def test_cancel_needs_neither_quotes_nor_an_open_entitlement() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    desk.quotes = {}
    desk.state.traders = {}
    desk.state.rule_book = None
    assert isinstance(desk.cancel(order)[0], CancelRequested)


def test_cancel_by_the_system_is_taken() -> None:
    desk = Desk()
    assert isinstance(desk.cancel(desk.order_in(S.NEW), SYSTEM)[0], CancelRequested)


def test_cancel_unknown_order_fails_the_command() -> None:
    (event,) = Desk().run(CancelOrder(id="x", author="alice", desk=DESK, order_id="O-9"))
    assert isinstance(event, CommandFailed)
    assert event.text == "Order O-9 is not known. Look it up again."


# -- alerts --------------------------------------------------------------------------------------


def alert_id(desk: Desk) -> str:
    desk.submit(terms(limit_px=px(106)))
    (found,) = desk.state.alerts
    return found


def acknowledge(desk: Desk, alert: str, author: str = "alice") -> list[object]:
    return list(desk.run(AcknowledgeAlert(id=new_id(), author=author, desk=DESK, alert_id=alert)))


def test_acknowledge_notes_who_has_seen_it() -> None:
    desk = Desk()
    alert = alert_id(desk)
    (event,) = acknowledge(desk, alert, "dana")
    assert isinstance(event, AlertAcknowledged)
    assert (event.alert_id, event.author, event.desk) == (alert, "dana", DESK)
    assert desk.state.alerts[alert].state is AlertState.ACKNOWLEDGED
    assert desk.state.alerts[alert].acknowledged_by == "dana"


def test_acknowledge_twice_changes_nothing() -> None:
    desk = Desk()
    alert = alert_id(desk)
    acknowledge(desk, alert)
    assert acknowledge(desk, alert, "dana") == []
    assert desk.state.alerts[alert].acknowledged_by == "alice"


def test_acknowledge_unknown_alert_fails_the_command() -> None:
    (event,) = acknowledge(Desk(), "A-9")
    assert isinstance(event, CommandFailed)
    assert event.text == "Alert A-9 is not known."


@pytest.mark.parametrize("author", ["mallory", "frank"])
def test_acknowledge_by_somebody_who_is_not_of_the_desk_is_refused(author: str) -> None:
    desk = Desk()
    alert = alert_id(desk)
    (event,) = acknowledge(desk, alert, author)
    assert isinstance(event, CommandFailed)
    assert desk.state.alerts[alert].state is AlertState.OPEN


def test_sell_order_is_amended_like_a_buy() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW, side=Side.SELL)
    assert isinstance(desk.amend(order, limit_px=px(96), reason="sell down")[0], AmendRequested)
    other = desk.order_in(S.NEW, side=Side.SELL)
    assert "below the last" in refusal(desk.amend(other, limit_px=px(94)), other)
