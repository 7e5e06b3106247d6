"""OCO, OTO and bracket: each order in step with what the others of its group traded."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models.commands import ReleaseOrder, SubmitGroup
from models.events import (
    AlertRaised,
    AmendRequested,
    CancelRequested,
    CommandFailed,
    GroupFormed,
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderReleased,
    OrderRouted,
    OrderStaged,
    RequestDenied,
)
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order, OrderTerms, Side, TimeInForce
from models.workflow import Contingency
from tests.builders import DESK as EQ
from tests.builders import (
    Desk,
    SimDesk,
    end_day,
    market_limit,
    new_id,
    px,
    replace_report,
    start_day,
    stop_terms,
    terms,
)

S, T = OrderStatus, Trigger
OCO, OTO, BRACKET = Contingency.OCO, Contingency.OTO, Contingency.BRACKET


def kinds(events: Any) -> list[type]:
    return [type(event) for event in events]


def group(desk: Desk, contingency: Contingency, *legs: OrderTerms, **more: Any) -> list[Order]:
    """Enter a group that has to be taken, and return its orders."""
    asked = {"id": new_id(), "author": "alice", "desk": EQ, **more}
    events = desk.run(SubmitGroup(contingency=contingency, legs=legs, **asked))
    made = [e.order_id for e in events if isinstance(e, OrderAccepted | OrderStaged)]
    assert len(made) == len(legs), events
    return [desk.order(order_id) for order_id in made]


def take_profit_or_stop(qty: int = 100) -> tuple[OrderTerms, OrderTerms]:
    return (
        terms(side=Side.SELL, qty=qty, limit_px=px(103)),
        stop_terms(px(98), side=Side.SELL, qty=qty),
    )


def bracket(desk: Desk, qty: int = 100) -> list[Order]:
    return group(desk, BRACKET, terms(qty=qty), *take_profit_or_stop(qty))


def test_oco_full_fill_cancels_the_other() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    assert {profit.group_id, stop.group_id} == set(desk.state.groups)
    assert profit.command_id != stop.command_id
    desk.report(stop, T.ACKNOWLEDGE)
    events = desk.fill(profit, 100, px(103))
    assert [e.order_id for e in events if isinstance(e, CancelRequested)] == [stop.order_id]
    desk.report(stop, T.CANCEL)
    assert (profit.status, stop.status) == (S.FILLED, S.CANCELED)


def test_oco_partial_fill_reduces_the_other_across_types() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    desk.report(stop, T.ACKNOWLEDGE)
    events = desk.fill(profit, 30, px(103))
    (amended,) = [e for e in events if isinstance(e, AmendRequested)]
    assert (amended.order_id, amended.replacement.qty) == (stop.order_id, 70)
    desk.fill(profit, 20, px(103))  # meanwhile: the stop's answer is still to come
    assert stop.pending is not None
    events = desk.run(replace_report(stop))
    (amended,) = [e for e in events if isinstance(e, AmendRequested)]
    assert amended.replacement.qty == 50
    desk.run(replace_report(stop))
    assert (stop.qty, stop.leaves_qty, profit.leaves_qty) == (50, 50, 50)


def test_oco_leg_that_is_not_acknowledged_yet_is_reduced_when_it_is() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    assert not [e for e in desk.fill(profit, 30, px(103)) if isinstance(e, AmendRequested)]
    events = desk.report(stop, T.ACKNOWLEDGE)
    assert AmendRequested in kinds(events)


def test_oco_leg_that_a_venue_will_not_resize_is_alerted_and_not_asked_again() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    desk.report(stop, T.ACKNOWLEDGE)
    desk.fill(profit, 30, px(103))
    events = desk.report(stop, T.REJECT_REPLACE, text="too late")
    assert [e.alert.rule for e in events if isinstance(e, AlertRaised)] == ["GROUP"]
    assert AmendRequested not in kinds(events)


def test_oto_sends_the_others_when_the_first_is_filled() -> None:
    desk = Desk()
    first, then = group(desk, OTO, terms(), terms(symbol="BETA", side=Side.SELL, qty=60))
    assert (then.status, then.reason) == (S.STAGED, "Waits for the first order of its group.")
    assert OrderReleased not in kinds(desk.fill(first, 40))
    events = desk.fill(first, 60)
    assert kinds(events)[1:] == [OrderReleased, OrderRouted]
    assert (then.status, then.qty) == (S.PENDING_NEW, 60)


def test_oto_first_that_ends_with_fills_sends_the_others_in_proportion() -> None:
    desk = Desk()
    first, then = group(desk, OTO, terms(), terms(symbol="BETA", side=Side.SELL, qty=60))
    desk.fill(first, 50)
    desk.report(first, T.CANCEL)
    assert (then.status, then.qty, then.cl_ord_id) == (S.PENDING_NEW, 30, f"{then.order_id}/2")


def test_oto_first_that_ends_without_a_fill_takes_the_others_along() -> None:
    desk = Desk()
    first, then = group(desk, OTO, terms(), terms(symbol="BETA"))
    desk.report(first, T.REJECT, text="no")
    assert then.status is S.CANCELED


def test_bracket_exits_are_out_over_what_the_entry_has_filled() -> None:
    desk = Desk()
    entry, profit, stop = bracket(desk)
    assert {profit.status, stop.status} == {S.STAGED}
    desk.report(entry, T.ACKNOWLEDGE)
    events = desk.fill(entry, 40)
    assert [e.order_id for e in events if isinstance(e, OrderRouted)] == [
        profit.order_id,
        stop.order_id,
    ]
    assert (profit.qty, stop.qty) == (40, 40)
    for leg in (profit, stop):
        desk.report(leg, T.ACKNOWLEDGE)
    desk.fill(entry, 60)
    for leg in (profit, stop):
        assert leg.pending is not None
        assert leg.pending.qty == 100
        desk.run(replace_report(leg))
    desk.fill(profit, 30, px(103))
    desk.run(replace_report(stop))
    assert (profit.leaves_qty, stop.leaves_qty) == (70, 70)
    events = desk.fill(profit, 70, px(103))
    assert [e.order_id for e in events if isinstance(e, CancelRequested)] == [stop.order_id]


def test_bracket_entry_that_ends_without_a_fill_takes_its_exits_along() -> None:
    desk = Desk()
    entry, profit, stop = bracket(desk)
    desk.report(entry, T.ACKNOWLEDGE)
    desk.cancel(entry)
    desk.report(entry, T.CANCEL)
    assert {profit.status, stop.status} == {S.CANCELED}


def test_bracket_entry_that_ends_with_fills_leaves_its_exits_over_them() -> None:
    desk = Desk()
    entry, profit, stop = bracket(desk)
    desk.fill(entry, 40)
    desk.report(entry, T.CANCEL)
    assert (profit.qty, stop.qty) == (40, 40)
    assert {profit.status, stop.status} == {S.PENDING_NEW}


def test_bracket_exit_that_may_not_be_sent_stays_staged_and_is_alerted() -> None:
    desk = Desk()
    entry, profit, stop = bracket(desk)
    desk.move_market(px(97))  # the stop would trigger at once by now
    events = desk.fill(entry, 100)
    assert profit.status is S.PENDING_NEW
    assert stop.status is S.STAGED
    (alert,) = [e.alert for e in events if isinstance(e, AlertRaised)]
    assert (alert.rule, alert.order_id) == ("GROUP", stop.order_id)


def test_bracket_over_the_simulated_venue_ends_flat() -> None:
    desk = SimDesk()
    desk.market(market_limit(False, px(100), 60), market_limit(True, px("99.5"), 500))
    entry, profit, stop = bracket(desk)
    assert (entry.cum_qty, profit.qty, stop.qty) == (60, 60, 60)
    desk.market(market_limit(False, px(100), 40))
    assert (entry.status, profit.leaves_qty, stop.leaves_qty) == (S.FILLED, 100, 100)
    desk.market(market_limit(True, px(103), 100))
    assert (profit.status, stop.status) == (S.FILLED, S.CANCELED)
    assert desk.state.positions[f"{EQ}|GROWTH|ACME"].qty == 0


def test_group_is_denied_whole_when_one_order_may_not_be_sent() -> None:
    desk = Desk()
    asked = {"id": new_id(), "author": "alice", "desk": EQ}
    events = desk.run(SubmitGroup(contingency=OTO, legs=(terms(), terms(symbol="NONE")), **asked))
    assert kinds(events) == [OrderDenied, OrderDenied]
    assert not desk.state.groups


_EXITS = take_profit_or_stop()


@pytest.mark.parametrize(
    ("contingency", "legs", "says"),
    [
        (OCO, (terms(),), "2 to 10"),
        (OCO, (terms(), terms(qty=90)), "one quantity"),
        (OTO, (terms(), terms(venue=DESK)), "care orders"),
        (BRACKET, (terms(), *_EXITS, terms(side=Side.SELL)), "one or two exits"),
        (BRACKET, (terms(), terms()), "other side"),
        (BRACKET, (terms(), terms(side=Side.SELL, symbol="BETA")), "exits are in ACME"),
        (BRACKET, (terms(), terms(side=Side.SELL, qty=90)), "other side"),
    ],
)
def test_group_that_makes_no_sense_is_refused(
    contingency: Contingency, legs: tuple[OrderTerms, ...], says: str
) -> None:
    desk = Desk()
    asked = {"id": new_id(), "author": "alice", "desk": EQ}
    (failed,) = desk.run(SubmitGroup(contingency=contingency, legs=legs, **asked))
    assert isinstance(failed, CommandFailed)
    assert says in failed.text
    assert not desk.state.orders


def test_group_at_the_end_of_the_day_expires_whole() -> None:
    desk = Desk()
    entry, profit, stop = bracket(desk)
    events = desk.run(end_day())
    assert {entry.status, profit.status, stop.status} == {S.EXPIRED}
    assert OrderCanceled not in kinds(events)
    assert GroupFormed in kinds(desk.log)


# -- over days, races and people -----------------------------------------------------------------


def next_morning(desk: Desk) -> None:
    desk.run(end_day())
    desk.run(start_day())


def lasting(*legs: OrderTerms) -> list[OrderTerms]:
    return [msgspec.structs.replace(leg, time_in_force=TimeInForce.GTC) for leg in legs]


def asked_for(events: Any) -> dict[str, int]:
    """Return what working orders were amended to, 0 for a cancel."""
    amended = {e.order_id: e.replacement.qty for e in events if isinstance(e, AmendRequested)}
    return amended | {e.order_id: 0 for e in events if isinstance(e, CancelRequested)}


def test_exits_of_a_bracket_stay_a_pair_when_its_entry_is_of_yesterday() -> None:
    """Else both exits would trade whole, and the position end short."""
    desk = Desk()
    entry, profit, stop = group(desk, BRACKET, terms(), *lasting(*take_profit_or_stop()))
    desk.fill(entry, 40)
    for leg in (profit, stop):
        desk.report(leg, T.ACKNOWLEDGE)
    next_morning(desk)
    assert entry.order_id not in desk.state.orders
    profit, stop = desk.order(profit.order_id), desk.order(stop.order_id)
    assert asked_for(desk.fill(profit, 30, px(103))) == {stop.order_id: 10}
    desk.run(replace_report(stop))
    assert asked_for(desk.fill(profit, 10, px(103))) == {stop.order_id: 0}


def test_oco_counts_what_a_leg_of_yesterday_has_traded() -> None:
    desk = Desk()
    legs = lasting(*(terms(limit_px=px(price)) for price in (97, 98, 99)))
    first, second, third = group(desk, OCO, *legs)
    for leg in (first, second, third):
        desk.report(leg, T.ACKNOWLEDGE)
    desk.fill(first, 40, px(97))
    for leg in (second, third):
        desk.run(replace_report(leg))
    desk.cancel(first)
    desk.report(first, T.CANCEL)
    next_morning(desk)
    second, third = desk.order(second.order_id), desk.order(third.order_id)
    assert asked_for(desk.fill(second, 20, px(98))) == {third.order_id: 40}


def test_oto_whose_first_is_of_yesterday_is_for_people() -> None:
    desk = Desk()
    first, then = group(desk, OTO, terms(), *lasting(terms(symbol="BETA", side=Side.SELL)))
    desk.fill(first, 50)
    events = desk.run(end_day())
    assert not [e for e in events if isinstance(e, OrderReleased)]
    desk.run(start_day())
    then = desk.order(then.order_id)
    assert then.qty == 50
    assert isinstance(release(desk, then)[0], OrderReleased)


@pytest.mark.parametrize("asked", ["amend", "cancel"])
def test_oto_first_that_fills_while_a_request_is_pending_sends_the_others(asked: str) -> None:
    desk = Desk()
    first, then = group(desk, OTO, terms(), terms(symbol="BETA", side=Side.SELL, qty=60))
    desk.report(first, T.ACKNOWLEDGE)
    if asked == "amend":
        desk.amend(first, limit_px=px(101))
    else:
        desk.cancel(first)
    desk.fill(first, 100)
    assert then.status is S.STAGED
    desk.report(first, T.REJECT_REPLACE if asked == "amend" else T.REJECT_CANCEL)
    assert (first.status, then.status) == (S.FILLED, S.PENDING_NEW)


def test_leg_whose_own_amendment_was_refused_is_still_kept_in_step() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    desk.report(stop, T.ACKNOWLEDGE)
    desk.amend(stop, stop_px=px(97))
    assert asked_for(desk.fill(profit, 30, px(103))) == {}
    assert asked_for(desk.report(stop, T.REJECT_REPLACE)) == {stop.order_id: 70}


def test_leg_that_was_suspended_is_resized_when_it_resumes() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    desk.report(stop, T.ACKNOWLEDGE)
    desk.report(stop, T.SUSPEND)
    assert asked_for(desk.fill(profit, 30, px(103))) == {}
    assert asked_for(desk.report(stop, T.RESUME)) == {stop.order_id: 70}


def test_leg_that_its_venue_raised_is_brought_down_again() -> None:
    desk = Desk()
    profit, stop = group(desk, OCO, *take_profit_or_stop())
    desk.report(stop, T.ACKNOWLEDGE)
    desk.fill(profit, 30, px(103))
    desk.run(replace_report(stop))
    events = desk.report(stop, T.RESTATE, order_qty=90, ts=desk.ts, cl_ord_id=stop.cl_ord_id)
    assert asked_for(events) == {stop.order_id: 70}


def release(desk: Desk, order: Order) -> list[Any]:
    asked = {"author": "alice", "desk": EQ, "order_id": order.order_id, "version": order.version}
    return desk.run(ReleaseOrder(id=new_id(), **asked))


@pytest.mark.parametrize("contingency", [OTO, BRACKET])
def test_leg_that_waits_for_its_group_is_not_released_by_hand(contingency: Contingency) -> None:
    """An exit that went out before its entry would open a position the other way."""
    desk = Desk()
    first, then = group(desk, contingency, terms(), take_profit_or_stop()[0])
    (denied,) = release(desk, then)
    assert isinstance(denied, RequestDenied)
    assert first.order_id in denied.text


def test_exit_that_could_not_be_sent_goes_by_hand_as_far_as_its_entry_is_done() -> None:
    desk = Desk()
    entry, _, stop = bracket(desk)
    desk.move_market(px(97))  # the stop would trigger at once by now
    desk.fill(entry, 40)
    desk.move_market(px(100))
    assert stop.qty == 40
    desk.amend(stop, qty=50)
    (denied,) = release(desk, stop)
    assert "Amend it to 40" in denied.text
    desk.amend(stop, qty=40)
    assert isinstance(release(desk, stop)[0], OrderReleased)


def test_working_leg_is_not_raised_beyond_what_its_group_leaves() -> None:
    desk = Desk()
    profit, _ = group(desk, OCO, *take_profit_or_stop())
    desk.report(profit, T.ACKNOWLEDGE)
    (denied,) = desk.amend(profit, qty=150)
    assert isinstance(denied, RequestDenied)
    assert "leaves 100 to it" in denied.text


def test_entry_that_fills_on_after_its_exits_are_done_is_alerted() -> None:
    desk = Desk()
    entry, profit, stop = bracket(desk)
    desk.fill(entry, 40)
    desk.report(stop, T.ACKNOWLEDGE)
    desk.fill(profit, 40, px(103))
    desk.report(stop, T.CANCEL)
    events = desk.fill(entry, 60)
    (alert,) = [e.alert for e in events if isinstance(e, AlertRaised)]
    assert (alert.rule, alert.order_id) == ("GROUP", entry.order_id)
    assert "60" in alert.text


def test_exit_that_its_venue_rejects_is_alerted() -> None:
    desk = Desk()
    entry, _, stop = bracket(desk)
    desk.fill(entry, 100)
    events = desk.report(stop, T.REJECT, text="no stops today")
    (alert,) = [e.alert for e in events if isinstance(e, AlertRaised)]
    assert (alert.rule, alert.order_id) == ("GROUP", stop.order_id)
    assert "no stops today" in alert.text
