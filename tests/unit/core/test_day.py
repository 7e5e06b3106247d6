"""The desk's day: opened once, closed once, and what that does to orders."""

from __future__ import annotations

import pytest

from models.commands import SYSTEM
from models.events import CommandFailed, DayEnded, DayStarted, OrderExpired
from models.order_state import OrderStatus, Trigger
from models.orders import TimeInForce
from tests.builders import (
    RESTING,
    TODAY,
    TOMORROW,
    Desk,
    end_day,
    exec_id,
    px,
    start_day,
    terms,
)

S, T = OrderStatus, Trigger


def failure(events: list[object]) -> str:
    (event,) = events
    assert isinstance(event, CommandFailed)
    return event.text


def test_start_day_opens_it() -> None:
    desk = Desk(open_day=False)
    (event,) = desk.run(start_day(TODAY))
    assert isinstance(event, DayStarted)
    assert event.stream == "firm"
    assert (desk.state.day, desk.state.day_open) == (TODAY, True)


def test_start_day_that_is_open_changes_nothing() -> None:
    assert Desk().run(start_day(TODAY)) == []


def test_start_day_while_another_is_open_is_refused() -> None:
    desk = Desk()
    assert failure(desk.run(start_day(TOMORROW))) == (
        f"Day {TODAY} is still open. End it before {TOMORROW} can start."
    )


@pytest.mark.parametrize("day", [TODAY, "2024-11-21", "2023-12-31"])
def test_start_day_again_or_before_the_last_is_refused(day: str) -> None:
    desk = Desk()
    desk.run(end_day())
    assert "days are opened once" in failure(desk.run(start_day(day)))
    assert not desk.state.day_open


@pytest.mark.parametrize("day", ["", "today", "2024-13-45", "25.11.2024", "9", "2024-11-2x"])
def test_start_day_that_is_no_date_is_refused(day: str) -> None:
    """`9` sorts after every date: no day could ever be opened again."""
    desk = Desk()
    desk.run(end_day())
    assert failure(desk.run(start_day(day, "olga")))
    assert isinstance(desk.run(start_day(TOMORROW))[0], DayStarted)


@pytest.mark.parametrize("author", ["alice", "dana", "axel", "mallory"])
def test_day_is_not_for_traders_to_open_or_close(author: str) -> None:
    desk = Desk()
    assert failure(desk.run(end_day(TODAY, author))) == f"{author} may not end the day."
    desk.run(end_day())
    assert failure(desk.run(start_day(TOMORROW, author))) == f"{author} may not start the day."


@pytest.mark.parametrize("author", [SYSTEM, "olga", "carl"])
def test_day_is_for_the_schedule_and_operations(author: str) -> None:
    desk = Desk()
    assert isinstance(desk.run(end_day(TODAY, author))[-1], DayEnded)
    assert isinstance(desk.run(start_day(TOMORROW, author))[0], DayStarted)


@pytest.mark.parametrize("day", [TOMORROW, "2024-11-21"])
def test_end_day_that_is_not_open_is_refused(day: str) -> None:
    assert failure(Desk().run(end_day(day))) == f"Day {day} is not open."


def test_end_day_twice_is_refused() -> None:
    desk = Desk()
    desk.run(end_day())
    assert failure(desk.run(end_day())) == f"Day {TODAY} is not open."


@pytest.mark.parametrize(
    "status",
    [
        S.PENDING_NEW,
        S.NEW,
        S.PARTIALLY_FILLED,
        S.SUSPENDED,
        S.DONE_FOR_DAY,
        S.PENDING_CANCEL,
        S.PENDING_REPLACE,
    ],
)
def test_end_day_expires_day_orders_in_every_working_status(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    cum_qty = order.cum_qty
    expired, ended = desk.run(end_day())
    assert isinstance(expired, OrderExpired)
    assert (expired.order_id, expired.text) == (order.order_id, "End of day")
    assert isinstance(ended, DayEnded)
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.EXPIRED, cum_qty, 0)
    assert not desk.state.live


def test_end_day_ends_orders_that_filled_while_a_request_was_pending() -> None:
    """Nothing is left of it, but it still waits for the venue; it must not wait for ever."""
    desk = Desk()
    order = desk.order_in(S.PENDING_CANCEL)
    desk.fill(order, 100)
    desk.run(end_day())
    desk.run(start_day())
    assert order.order_id not in desk.state.orders


@pytest.mark.parametrize("time_in_force", RESTING)
def test_next_day_carries_gtc_orders_only(time_in_force: TimeInForce) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED, time_in_force=time_in_force)
    done = desk.order_in(S.FILLED)
    events = desk.run(end_day())
    desk.run(start_day())
    carried = time_in_force is TimeInForce.GTC
    assert [type(event) for event in events] == [OrderExpired, DayEnded][carried:]
    assert list(desk.state.orders) == ([order.order_id] if carried else [])
    assert list(desk.state.executions) == ([exec_id(order, 40)] if carried else [])
    assert list(desk.state.live) == ([order.order_id] if carried else [])
    assert done.order_id not in desk.state.orders


def test_next_day_keeps_positions_and_forgets_duplicates_and_alerts() -> None:
    desk = Desk(step_ns=0)
    desk.order_in(S.FILLED)
    desk.submit(terms(limit_px=px(106)))
    positions = dict(desk.state.positions)
    desk.run(end_day())
    desk.run(start_day())
    assert desk.state.positions == positions
    assert {alert.rule for alert in desk.state.alerts.values()} == {"SIGN_OFF"}
    assert desk.accepted()


def test_next_day_a_carried_order_works_on() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED, time_in_force=TimeInForce.GTC)
    desk.run(end_day())
    desk.run(start_day())
    desk.fill(order, 60)
    assert desk.order(order.order_id).status is S.FILLED
