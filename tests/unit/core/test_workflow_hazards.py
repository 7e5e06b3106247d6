"""What a trader, a compliance officer and a crash can do to the desk's workflow at once."""

from __future__ import annotations

from typing import Any

import pytest

from models.commands import (
    SYSTEM,
    BustExecution,
    CancelOrders,
    CorrectExecution,
    HaltTrading,
    LoadBasket,
    PauseStrategy,
    ResumeStrategy,
    SendWave,
    StartStrategy,
    WorkStrategy,
)
from models.events import (
    CancelRequested,
    CommandFailed,
    ExecutionBusted,
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    RequestDenied,
    StrategyPaused,
)
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order, Side, TimeInForce
from models.workflow import Strategy, StrategyKind
from tests.builders import DESK as EQ
from tests.builders import (
    SECOND,
    Desk,
    end_day,
    exec_id,
    market_terms,
    new_id,
    px,
    terms,
)

S, T = OrderStatus, Trigger


def care(desk: Desk, qty: int = 1_000, **more: Any) -> Order:
    """Return an open care order of alice's."""
    return desk.accepted(terms(qty=qty, venue=DESK, **more))


def child(desk: Desk, parent: Order, qty: int, **more: Any) -> Order:
    return desk.accepted(terms(qty=qty, **more), parent_id=parent.order_id)


def kinds(events: Any) -> list[type]:
    return [type(event) for event in events]


def work(
    desk: Desk, order: Order, author: str = "alice", reason: str = "", **more: Any
) -> list[Any]:
    """Start a strategy on `order`, and let it send its first slice."""
    usual = {"kind": StrategyKind.TWAP, "start_ts": desk.ts, "end_ts": desk.ts + 300 * SECOND}
    strategy = Strategy(**{**usual, **more})
    asked = {"author": author, "desk": EQ, "order_id": order.order_id}
    events = desk.run(StartStrategy(id=new_id(), strategy=strategy, reason=reason, **asked))
    if order.order_id in desk.state.strategies:
        events += desk.run(WorkStrategy(id=new_id(), author=SYSTEM, order_id=order.order_id))
    return events


# -- executions by authority ---------------------------------------------------------------------


def _bust(order: Order) -> BustExecution:
    return BustExecution(
        id=new_id(), author="dana", desk=EQ, exec_id=exec_id(order, 40), note="agreed"
    )


def _correct(order: Order) -> CorrectExecution:
    return CorrectExecution(
        id=new_id(),
        author="dana",
        desk=EQ,
        exec_id=exec_id(order, 40),
        qty=30,
        px=px(100),
        note="agreed",
    )


@pytest.mark.parametrize("change", [_bust, _correct])
def test_execution_changed_after_the_days_end_leaves_its_order_ended(change: Any) -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    desk.run(end_day())
    desk.run(change(order))
    assert (order.status, order.leaves_qty) == (S.EXPIRED, 0)


def test_bust_of_a_trade_that_filled_a_canceled_order_leaves_it_canceled() -> None:
    desk = Desk()
    order = desk.order_in(S.CANCELED)
    desk.fill(order, 60)
    assert order.status is S.FILLED
    assert ExecutionBusted in kinds(desk.run(_bust(order)))
    assert (order.status, order.leaves_qty) == (S.CANCELED, 0)


# -- many cancels at once ------------------------------------------------------------------------


def cancel_many(desk: Desk, *orders: Order, author: str = "alice", **more: Any) -> list[Any]:
    named = tuple(order.order_id for order in orders)
    return desk.run(CancelOrders(id=new_id(), author=author, desk=EQ, order_ids=named, **more))


def test_cancel_of_an_order_and_its_child_by_name_asks_once_for_each() -> None:
    desk = Desk()
    parent = care(desk)
    first = child(desk, parent, 400)
    for named in ((parent, first), (first, parent)):
        events = cancel_many(desk, *named)
        asked = [e.order_id for e in events if isinstance(e, CancelRequested)]
        assert sorted(asked) in (sorted([parent.order_id, first.order_id]), [])
    assert (parent.status, first.status) == (S.PENDING_CANCEL, S.PENDING_CANCEL)


def test_cancel_by_name_takes_staged_and_unclaimed_orders_too() -> None:
    desk = Desk()
    desk.submit(staged=True)
    desk.submit(terms(venue=DESK), unclaimed=True)
    staged, pooled = desk.state.orders.values()
    assert kinds(cancel_many(desk, staged)) == [OrderCanceled]
    cancel_many(desk, pooled)
    assert (staged.status, pooled.status) == (S.CANCELED, S.CANCELED)


def test_cancel_by_basket_takes_its_lines_and_their_children() -> None:
    desk = Desk()
    lines = (terms(qty=1_000), terms(symbol="BETA", qty=70))
    asked = {"author": "alice", "desk": EQ, "basket_id": "b"}
    desk.run(LoadBasket(id=new_id(), name="b", lines=lines, **asked))
    desk.run(SendWave(id=new_id(), share_bps=2_500, **asked))
    desk.run(CancelOrders(id=new_id(), **asked))
    orders = list(desk.state.orders.values())
    assert len(orders) == 4
    assert {order.status for order in orders} == {S.PENDING_CANCEL}


def test_mass_cancel_that_meets_slices_alone_pauses_their_strategy() -> None:
    """Else a slice that a person took out would be sent again at once."""
    for which in ({"venue": "SIM"}, {"parent_id": "it"}, {}):
        desk = Desk(step_ns=0)
        parent = care(desk)
        work(desk, parent)
        (slice_,) = [o for o in desk.state.orders.values() if o.parent_id]
        more = {"parent_id": parent.order_id} if "parent_id" in which else which
        events = cancel_many(desk, *([] if which else [slice_]), trader="alice", **more)
        assert StrategyPaused in kinds(events)
        assert OrderAccepted not in kinds(desk.report(slice_, T.CANCEL))


def test_staged_child_goes_with_its_canceled_parent() -> None:
    desk = Desk()
    for routed in (False, True):
        parent = care(desk, limit_px=px(101) if routed else px(100))
        if routed:
            out = child(desk, parent, 400)
        desk.submit(terms(qty=300), staged=True, parent_id=parent.order_id)
        staged = list(desk.state.orders.values())[-1]
        desk.cancel(parent)
        assert staged.status is S.CANCELED
        if routed:
            assert parent.status is S.PENDING_CANCEL
            desk.report(out, T.CANCEL)
        assert parent.status is S.CANCELED


# -- parents -------------------------------------------------------------------------------------


def test_nothing_is_sent_for_a_parent_whose_cancel_is_pending() -> None:
    desk = Desk()
    parent = care(desk)
    child(desk, parent, 400)
    desk.cancel(parent)
    denied = desk.submit(terms(qty=100), parent_id=parent.order_id)[0]
    assert isinstance(denied, OrderDenied)
    assert "pending cancel" in denied.text
    (refused,) = work(desk, parent)
    assert isinstance(refused, RequestDenied)
    assert parent.committed_qty == 400


def test_only_a_care_order_has_children() -> None:
    desk = Desk()
    plain = desk.accepted(terms(qty=1_000))
    denied = desk.submit(terms(qty=100), parent_id=plain.order_id)[0]
    assert isinstance(denied, OrderDenied)
    assert "no care order" in denied.text


def test_wave_goes_to_a_venue_and_not_to_the_desk_again() -> None:
    desk = Desk()
    asked = {"author": "alice", "desk": EQ, "basket_id": "b"}
    desk.run(LoadBasket(id=new_id(), name="b", lines=(terms(qty=1_000),), **asked))
    for venue in (DESK, "XNAS"):
        (failed,) = desk.run(SendWave(id=new_id(), share_bps=2_500, venue=venue, **asked))
        assert isinstance(failed, CommandFailed)
        assert "not connected" in failed.text
    assert len(desk.state.orders) == 1


def test_child_does_not_outlive_its_parent() -> None:
    """A client's order for the day is not worked tomorrow."""
    desk = Desk()
    parent = care(desk)
    later = terms(qty=100, time_in_force=TimeInForce.GTC)
    denied = desk.submit(later, parent_id=parent.order_id)[0]
    assert isinstance(denied, OrderDenied)
    assert "outlive" in denied.text
    first = child(desk, parent, 100)
    desk.report(first, T.ACKNOWLEDGE)
    (refused,) = desk.amend(first, time_in_force=TimeInForce.GTC)
    assert isinstance(refused, RequestDenied)
    lasting = care(desk, time_in_force=TimeInForce.GTC)
    desk.accepted(later, parent_id=lasting.order_id)
    (refused,) = desk.amend(lasting, time_in_force=TimeInForce.DAY)
    assert isinstance(refused, RequestDenied)
    assert "outlive" in refused.text


def test_child_goes_no_further_than_its_parents_limit() -> None:
    desk = Desk()
    buy = care(desk, limit_px=px(100))
    sale = care(desk, side=Side.SELL, limit_px=px(100))
    beyond = (
        (buy, terms(limit_px=px("100.01"))),
        (buy, market_terms()),
        (sale, terms(side=Side.SELL, limit_px=px("99.99"))),
    )
    for parent, asked in beyond:
        denied = desk.submit(asked, parent_id=parent.order_id)[0]
        assert isinstance(denied, OrderDenied)
        assert "beyond" in denied.text
    first = child(desk, buy, 100, limit_px=px(99))
    desk.report(first, T.ACKNOWLEDGE)
    assert isinstance(desk.amend(first, limit_px=px("100.01"))[0], RequestDenied)


def test_limit_that_is_drawn_in_takes_out_the_children_beyond_it() -> None:
    desk = Desk()
    parent = care(desk, limit_px=px(100))
    far, near = child(desk, parent, 100), child(desk, parent, 200, limit_px=px(98))
    events = desk.amend(parent, limit_px=px(99))
    assert [e.order_id for e in events if isinstance(e, CancelRequested)] == [far.order_id]
    assert near.status is S.PENDING_NEW


def test_parent_that_is_full_takes_out_what_is_still_out() -> None:
    """A late fill, or a venue that raised a child, has left more out than the parent wants."""
    desk = Desk()
    parent = care(desk, 100)
    first = child(desk, parent, 100)
    desk.report(first, T.CANCEL)
    second = child(desk, parent, 100, limit_px=px(99))
    events = desk.fill(first, 100)
    assert [e.order_id for e in events if isinstance(e, CancelRequested)] == [second.order_id]
    assert (parent.status, second.status) == (S.FILLED, S.PENDING_CANCEL)


def test_strategy_ends_with_an_order_that_is_filled_by_hand() -> None:
    desk = Desk(step_ns=0)
    parent = care(desk)
    work(desk, parent)
    (slice_,) = [o for o in desk.state.orders.values() if o.parent_id]
    desk.fill(slice_, slice_.qty)
    rest = child(desk, parent, parent.room)
    desk.fill(rest, rest.qty)
    assert parent.status is S.FILLED
    assert not desk.state.strategies


# -- whose halts and limits count ----------------------------------------------------------------


def halt(desk: Desk, trader: str) -> None:
    desk.run(HaltTrading(id=new_id(), author="carl", desk=EQ, trader=trader))


def test_halted_head_starts_and_resumes_no_strategy_of_anothers_order() -> None:
    desk = Desk(step_ns=0)
    parent = care(desk)
    halt(desk, "dana")
    (denied,) = work(desk, parent, "dana")
    assert isinstance(denied, RequestDenied)
    assert "halted" in denied.text
    work(desk, parent)
    asked = {"desk": EQ, "order_id": parent.order_id}
    desk.run(PauseStrategy(id=new_id(), author="alice", **asked))
    (denied,) = desk.run(ResumeStrategy(id=new_id(), author="dana", **asked))
    assert isinstance(denied, RequestDenied)
    assert "halted" in denied.text


def test_unclaimed_order_has_no_strategy() -> None:
    """Its slices would be nobody's: nobody's entitlement, and nobody's halt."""
    desk = Desk(step_ns=0)
    desk.submit(terms(qty=1_000, venue=DESK), "dana", unclaimed=True)
    (pooled,) = desk.state.orders.values()
    (denied,) = work(desk, pooled, "dana")
    assert isinstance(denied, RequestDenied)
    assert "claim" in denied.text


def test_slice_that_breaks_a_soft_limit_needs_the_reason_given_for_its_order() -> None:
    """What a refused request has left as the order's last word is no reason."""
    for reason, goes in (("index rebalance", True), ("", False)):
        desk = Desk(step_ns=0)
        parent = desk.accepted(terms(qty=240_000, venue=DESK), reason="care" if goes else "meant")
        desk.amend(parent, "ben", qty=230_000)  # refused, and says so
        parent = desk.order(parent.order_id)
        events = work(desk, parent, end_ts=desk.ts + 60 * SECOND, reason=reason)
        sent = [e for e in events if isinstance(e, OrderAccepted)]
        assert bool(sent) is goes
