"""What a trader, a compliance officer and a crash can do to the desk's workflow at once."""

from __future__ import annotations

from typing import Any

import pytest

from models.commands import (
    SYSTEM,
    BustExecution,
    CancelOrders,
    CorrectExecution,
    LoadBasket,
    SendWave,
    StartStrategy,
    WorkStrategy,
)
from models.events import (
    CancelRequested,
    ExecutionBusted,
    OrderAccepted,
    OrderCanceled,
    StrategyPaused,
)
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order
from models.workflow import Strategy, StrategyKind
from tests.builders import DESK as EQ
from tests.builders import (
    SECOND,
    Desk,
    end_day,
    exec_id,
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


def work(desk: Desk, order: Order, author: str = "alice", **more: Any) -> list[Any]:
    """Start a strategy on `order`, and let it send its first slice."""
    usual = {"kind": StrategyKind.TWAP, "start_ts": desk.ts, "end_ts": desk.ts + 300 * SECOND}
    strategy = Strategy(**{**usual, **more})
    asked = {"author": author, "desk": EQ, "order_id": order.order_id}
    events = desk.run(StartStrategy(id=new_id(), strategy=strategy, **asked))
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
