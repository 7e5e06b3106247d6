"""What a trader, a compliance officer and a crash can do to the desk's workflow at once."""

from __future__ import annotations

from typing import Any

import pytest

from models.commands import BustExecution, CorrectExecution
from models.events import (
    ExecutionBusted,
)
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order
from tests.builders import DESK as EQ
from tests.builders import (
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
