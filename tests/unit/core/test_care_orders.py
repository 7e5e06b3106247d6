"""Care orders, their children, claims and handing over; staged orders."""

from __future__ import annotations

from typing import Any

import pytest

from models.commands import CancelOrders, ClaimOrder, HandOver, PassOrder, ReleaseOrder
from models.events import (
    AmendRequested,
    CancelRejected,
    CancelRequested,
    CommandFailed,
    OrderAccepted,
    OrderAcknowledged,
    OrderAmended,
    OrderAssigned,
    OrderCanceled,
    OrderDenied,
    OrderExpired,
    OrderReleased,
    OrderRouted,
    OrderStaged,
    RequestDenied,
)
from models.limits import Limit
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order, OrderTerms, TimeInForce
from tests.builders import (
    DESK as EQ,
)
from tests.builders import (
    NOW,
    Desk,
    SimDesk,
    end_day,
    market_limit,
    market_terms,
    new_id,
    px,
    rule_book,
    start_day,
    terms,
)
from tests.builders import (
    report as venue_report,
)

S, T = OrderStatus, Trigger


def care(desk: Desk, qty: int = 1_000, **more: Any) -> Order:
    """Return an open care order of alice's."""
    return desk.accepted(terms(qty=qty, venue=DESK, **more))


def child(desk: Desk, parent: Order, qty: int, **more: Any) -> Order:
    return desk.accepted(terms(qty=qty, **more), parent_id=parent.order_id)


def kinds(events: Any) -> list[type]:
    return [type(event) for event in events]


def test_care_order_works_at_the_desk_and_is_sent_nowhere() -> None:
    desk = Desk()
    events = desk.submit(terms(venue=DESK))
    assert kinds(events) == [OrderAccepted, OrderAcknowledged]
    order = desk.order(events[0].order_id)  # type: ignore[union-attr]
    assert (order.status, order.is_routed, order.room) == (S.NEW, False, 100)


def test_care_order_has_limits_of_its_own() -> None:
    desk = Desk()
    big = terms(qty=200_000, venue=DESK)  # 20% of the day, 20m: no single order may be so large
    assert isinstance(desk.submit(big)[0], OrderAccepted)
    checks = {check.rule for check in desk.log[-2].checks}  # type: ignore[union-attr]
    assert "CARE_NOTIONAL" in checks
    assert "NOTIONAL" not in checks
    denied = desk.submit(terms(qty=3_100_000, venue=DESK))[0]
    assert isinstance(denied, OrderDenied)
    assert "300%" in denied.text or "ADV" in denied.text


def test_children_are_done_and_out_in_their_parent() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 400)
    desk.report(first, T.ACKNOWLEDGE)
    assert (parent.committed_qty, parent.room, parent.cum_qty) == (400, 600, 0)
    desk.fill(first, 150, px("99.98"))
    assert (parent.cum_qty, parent.leaves_qty, parent.status) == (150, 850, S.PARTIALLY_FILLED)
    assert parent.avg_px == px("99.98")
    desk.report(first, T.CANCEL)
    assert (parent.committed_qty, parent.room) == (150, 850)
    rest = child(desk, parent, 850)
    desk.fill(rest, 850)
    assert (parent.status, parent.leaves_qty, parent.room) == (S.FILLED, 0, 0)
    position = desk.state.positions[f"{EQ}|GROWTH|ACME"]
    assert position.qty == 1_000  # once, not once more for the parent


def test_parent_cannot_be_oversent_by_one_child_or_several() -> None:
    desk = Desk()
    parent = care(desk)
    too_large = desk.submit(terms(qty=1_001), parent_id=parent.order_id)[0]
    assert isinstance(too_large, OrderDenied)
    assert "1,001 are more than" in too_large.text
    child(desk, parent, 700)
    denied = desk.submit(terms(qty=301), parent_id=parent.order_id)[0]
    assert isinstance(denied, OrderDenied)
    assert "300 of 1,000" in denied.text
    child(desk, parent, 300)
    assert parent.room == 0


def test_child_cannot_be_amended_beyond_its_parents_room() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 400)
    desk.report(first, T.ACKNOWLEDGE)
    child(desk, parent, 500)
    assert isinstance(desk.amend(first, qty=501)[0], RequestDenied)
    assert isinstance(desk.amend(first, qty=500)[0], AmendRequested)
    assert parent.room == 0  # what is asked for counts while it is pending
    desk.run(venue_report(first, T.REJECT_REPLACE))
    assert parent.room == 100


def test_child_of_another_name_side_account_or_trader_is_denied() -> None:
    desk = Desk()
    parent = care(desk)
    for wrong in (terms(symbol="BETA"), terms(account="INCOME"), terms(venue=DESK)):
        assert isinstance(desk.submit(wrong, parent_id=parent.order_id)[0], OrderDenied)
    assert isinstance(desk.submit(terms(), "ben", parent_id=parent.order_id)[0], OrderDenied)
    assert isinstance(desk.submit(terms(), parent_id="O-none")[0], OrderDenied)
    assert parent.committed_qty == 0


def test_late_fill_of_a_canceled_child_overfills_the_parent_without_harm() -> None:
    desk = Desk()
    parent = care(desk, 100)
    first = child(desk, parent, 100)
    desk.report(first, T.ACKNOWLEDGE)
    desk.report(first, T.CANCEL)
    desk.fill(child(desk, parent, 100), 100)
    desk.fill(first, 40)
    assert (parent.status, parent.cum_qty, parent.leaves_qty) == (S.FILLED, 140, 0)


def test_bust_of_a_childs_fill_opens_its_parent_again() -> None:
    desk = Desk()
    parent = care(desk, 100)
    first = child(desk, parent, 100)
    desk.fill(first, 100, exec_id="e1")
    assert parent.status is S.FILLED
    desk.report(first, T.BUST, exec_id="e2", exec_ref="e1")
    assert (parent.status, parent.cum_qty) == (S.NEW, 0)


def test_care_order_is_amended_at_once_but_not_below_what_is_out() -> None:
    desk = Desk()
    parent = care(desk)
    child(desk, parent, 400)
    denied = desk.amend(parent, qty=300)[0]
    assert isinstance(denied, RequestDenied)
    assert "400 are done or out" in denied.text
    assert kinds(desk.amend(parent, qty=500)) == [AmendRequested, OrderAmended]
    assert (parent.qty, parent.room, parent.status) == (500, 100, S.NEW)


def test_cancel_of_a_care_order_waits_for_its_children() -> None:
    desk = SimDesk()
    parent = care(desk)
    first = child(desk, parent, 400, limit_px=px(99))
    desk.market(market_limit(True, px("98.99"), 10))
    events = desk.cancel(parent)
    assert kinds(events)[:2] == [CancelRequested, CancelRequested]
    assert OrderCanceled in kinds(events)
    assert (desk.order(first.order_id).status, parent.status) == (S.CANCELED, S.CANCELED)


def test_cancel_of_a_care_order_whose_last_child_fills_is_rejected() -> None:
    desk = Desk()
    parent = care(desk, 100)
    first = child(desk, parent, 100)
    desk.report(first, T.ACKNOWLEDGE)
    desk.cancel(parent)
    assert parent.status is S.PENDING_CANCEL
    assert CancelRejected in kinds(desk.fill(first, 100))  # nothing is left to be canceled
    assert (parent.status, first.status) == (S.FILLED, S.PENDING_CANCEL)
    desk.report(first, T.REJECT_CANCEL)
    assert (parent.status, first.status) == (S.FILLED, S.FILLED)


def test_cancel_of_a_care_order_without_children_is_immediate() -> None:
    desk = Desk()
    parent = care(desk)
    assert kinds(desk.cancel(parent)) == [CancelRequested, OrderCanceled]
    assert parent.status is S.CANCELED


def test_mass_cancel_takes_what_works_at_venues_and_leaves_care_orders() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 400)
    other = desk.accepted(terms(qty=70))
    everything = CancelOrders(id=new_id(), author="alice", desk=EQ, trader="alice")
    desk.run(everything)
    assert parent.status is S.NEW
    assert {first.status, other.status} == {S.PENDING_CANCEL}


@pytest.mark.parametrize(
    ("more", "hit"),
    [
        ({"side": "sell"}, ()),
        ({"side": "buy"}, (0, 1)),
        ({"symbol": "BETA"}, (1,)),
        ({"account": "INCOME"}, (1,)),
        ({"venue": "XNAS"}, ()),
    ],
)
def test_mass_cancel_by_filter(more: dict[str, Any], hit: tuple[int, ...]) -> None:
    desk = Desk()
    orders = [desk.accepted(), desk.accepted(terms(symbol="BETA", account="INCOME"))]
    asked = {"id": new_id(), "author": "alice", "desk": EQ, "trader": "alice", **more}
    desk.run(CancelOrders(**asked))
    canceled = tuple(at for at, order in enumerate(orders) if order.status is S.PENDING_CANCEL)
    assert canceled == hit


def test_mass_cancel_of_named_orders_takes_care_orders_too() -> None:
    desk = Desk()
    parent = care(desk)
    asked = {"id": new_id(), "author": "alice", "desk": EQ}
    desk.run(CancelOrders(order_ids=(parent.order_id,), **asked))
    assert parent.status is S.CANCELED


def test_mass_cancel_of_a_parent_and_its_child_asks_for_each_once() -> None:
    desk = Desk()
    parent = care(desk)
    slices = [child(desk, parent, 100), child(desk, parent, 200)]
    named = (slices[0].order_id, parent.order_id)
    events = desk.run(CancelOrders(id=new_id(), author="alice", desk=EQ, order_ids=named))
    asked = [event.order_id for event in events if isinstance(event, CancelRequested)]
    assert sorted(asked) == sorted([parent.order_id, *(each.order_id for each in slices)])
    assert {each.status for each in (parent, *slices)} == {S.PENDING_CANCEL}


def test_mass_cancel_by_name_takes_staged_orders_and_by_filter_leaves_them() -> None:
    desk = Desk()
    first, second = staged(desk), staged(desk)
    desk.run(CancelOrders(id=new_id(), author="alice", desk=EQ, trader="alice"))
    assert first.status is S.STAGED
    named = (first.order_id, first.order_id, "O-unknown")
    events = desk.run(CancelOrders(id=new_id(), author="alice", desk=EQ, order_ids=named))
    assert kinds(events) == [OrderCanceled]
    assert (first.status, second.status) == (S.CANCELED, S.STAGED)


# -- claims and handing over ---------------------------------------------------------------------


def pooled(desk: Desk) -> Order:
    first = desk.submit(terms(venue=DESK), "dana", unclaimed=True)[0]
    assert isinstance(first, OrderAccepted)
    return desk.order(first.order_id)


def claim(desk: Desk, order: Order, login: str) -> list[Any]:
    return desk.run(ClaimOrder(id=new_id(), author=login, desk=EQ, order_id=order.order_id))


def give(desk: Desk, order: Order, login: str, to: str, note: str = "") -> list[Any]:
    return desk.run(
        PassOrder(id=new_id(), author=login, desk=EQ, order_id=order.order_id, to=to, note=note)
    )


def test_unclaimed_order_is_for_the_first_who_claims_it() -> None:
    desk = Desk()
    order = pooled(desk)
    assert (order.trader, order.entered_by) == ("", "dana")
    assert kinds(claim(desk, order, "alice")) == [OrderAssigned]
    assert order.trader == "alice"
    (denied,) = claim(desk, order, "ben")
    assert isinstance(denied, RequestDenied)
    assert "alice's already" in denied.text


@pytest.mark.parametrize("login", ["carl", "frank", "nobody"])
def test_only_a_trader_of_the_desk_claims(login: str) -> None:
    desk = Desk()
    order = pooled(desk)
    (denied,) = claim(desk, order, login)
    assert isinstance(denied, RequestDenied)
    assert order.trader == ""


def test_unclaimed_order_needs_the_desk_as_its_venue() -> None:
    desk = Desk()
    assert isinstance(desk.submit(terms(), unclaimed=True)[0], OrderDenied)


def test_pass_moves_the_order_and_what_works_for_it_with_a_note() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 100)
    events = give(desk, parent, "alice", "ben", "off to lunch")
    assert kinds(events) == [OrderAssigned, OrderAssigned]
    assert {parent.trader, first.trader} == {"ben"}
    assert parent.note == "off to lunch"
    assert isinstance(desk.cancel(first, "alice")[0], RequestDenied)
    assert isinstance(desk.cancel(first, "ben")[0], CancelRequested)


def test_pass_back_to_all_waits_for_children() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 100)
    assert isinstance(give(desk, parent, "alice", "")[0], RequestDenied)
    desk.report(first, T.REJECT)
    assert isinstance(give(desk, parent, "alice", "")[0], OrderAssigned)
    assert parent.trader == ""


def test_hand_over_gives_everything_open_or_nothing() -> None:
    desk = Desk()
    orders = [care(desk), desk.accepted(terms(qty=7))]
    done = desk.order_in(S.FILLED)
    events = desk.run(HandOver(id=new_id(), author="alice", desk=EQ, to="ben", note="home"))
    assert kinds(events) == [OrderAssigned, OrderAssigned]
    assert {order.trader for order in orders} == {"ben"}
    assert done.trader == "alice"
    (failed,) = desk.run(HandOver(id=new_id(), author="alice", desk=EQ, to="ben"))
    assert isinstance(failed, CommandFailed)
    (failed,) = desk.run(HandOver(id=new_id(), author="ben", desk=EQ, to="frank"))
    assert isinstance(failed, CommandFailed)
    assert {order.trader for order in orders} == {"ben"}


# -- staged orders -------------------------------------------------------------------------------


def staged(desk: Desk, asked: OrderTerms | None = None) -> Order:
    first = desk.submit(asked or terms(), staged=True)[0]
    assert isinstance(first, OrderStaged)
    return desk.order(first.order_id)


def release(desk: Desk, order: Order, login: str = "alice", **more: Any) -> list[Any]:
    fields = {"version": order.version, **more}
    return desk.run(
        ReleaseOrder(id=new_id(), author=login, desk=EQ, order_id=order.order_id, **fields)
    )


def test_staged_order_is_kept_until_it_is_released() -> None:
    desk = Desk()
    order = staged(desk)
    assert (order.status, order.is_open, order.is_live) == (S.STAGED, True, False)
    assert order.order_id not in desk.state.live
    assert kinds(release(desk, order)) == [OrderReleased, OrderRouted]
    assert (order.status, order.cl_ord_id) == (S.PENDING_NEW, f"{order.order_id}/1")
    desk.fill(order, 100)
    assert order.status is S.FILLED


def test_staged_order_is_amended_and_canceled_at_the_desk() -> None:
    desk = Desk()
    order = staged(desk)
    seen = order.version
    assert kinds(desk.amend(order, qty=300)) == [AmendRequested, OrderAmended]
    assert (order.qty, order.status, order.leaves_qty) == (300, S.STAGED, 300)
    (denied,) = release(desk, order, version=seen)
    assert "changed meanwhile" in denied.text
    assert kinds(release(desk, order)) == [OrderReleased, OrderRouted]
    assert order.cl_ord_id.endswith("/2")
    other = staged(desk)
    assert kinds(desk.cancel(other)) == [OrderCanceled]
    assert other.status is S.CANCELED


def test_staged_order_is_judged_when_it_is_released() -> None:
    desk = Desk()
    order = staged(desk, terms(qty=11_000))  # worth more than the warning allows
    denied, *alerts = release(desk, order)
    assert isinstance(denied, RequestDenied)
    assert alerts
    assert order.status is S.STAGED
    assert isinstance(release(desk, order, reason="index rebalance")[0], OrderReleased)


def test_staged_order_that_could_never_be_sent_is_denied_at_once() -> None:
    desk = Desk()
    assert isinstance(desk.submit(terms(qty=-1), staged=True)[0], OrderDenied)


def test_staged_day_order_expires_and_gtc_carries() -> None:
    desk = Desk()
    today, later = staged(desk), staged(desk, terms(qty=5, time_in_force=TimeInForce.GTC))
    events = desk.run(end_day())
    assert [e.order_id for e in events if isinstance(e, OrderExpired)] == [today.order_id]
    desk.run(start_day())
    assert list(desk.state.orders) == [later.order_id]


def test_care_order_that_expires_lets_its_children_expire() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 100)
    desk.run(end_day())
    assert (parent.status, first.status) == (S.EXPIRED, S.EXPIRED)
    desk.run(start_day())
    assert not desk.state.orders


def test_order_keeps_client_owner_and_who_decided() -> None:
    desk = Desk()
    order = desk.accepted(
        terms(investment_decision="pm1", execution_decision="alice", instructions="work it")
    )
    assert (order.client, order.beneficial_owner) == ("Meridian", "Meridian")
    again = order.terms()
    assert (again.investment_decision, again.execution_decision) == ("pm1", "alice")
    assert again.instructions == "work it"


def test_market_care_order_is_judged_at_the_reference() -> None:
    desk = Desk()
    assert desk.accepted(market_terms(venue=DESK)).room == 100
    assert desk.ts > NOW
    assert rule_book(CARE_ADV=Limit(hard=1)).limits["CARE_ADV"].hard == 1
