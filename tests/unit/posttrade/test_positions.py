"""What positions are worth and what the day has brought, by hand-made figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.desk_state import position_key
from app.posttrade.positions import average_cost, day_pnl, market_value
from models.commands import SYSTEM, EndDay, StartDay
from models.executions import Position
from models.instruments import Instrument
from models.order_state import OrderStatus, Trigger
from models.orders import Side
from tests.builders import DESK, TODAY, TOMORROW, Desk, bond, exec_id, instrument, money, px, terms


def held(desk: Desk, symbol: str = "ACME") -> Position:
    return desk.state.positions[position_key(DESK, "GROWTH", symbol)]


def test_day_pnl_of_a_day_trade_is_what_it_earned_and_what_is_left_is_worth() -> None:
    desk = Desk()
    desk.fill(desk.accepted(terms(qty=100)), 100, px(100))
    desk.fill(desk.accepted(terms(qty=40, side=Side.SELL)), 40, px(101))
    position = held(desk)
    assert position.qty == 60
    # 40 sold a unit above their cost, 60 left that are worth 2 more than they cost
    assert day_pnl(position, instrument(), px(102)) == money(40 + 120)


def test_day_pnl_of_a_short_wins_when_the_price_falls() -> None:
    desk = Desk()
    desk.fill(desk.accepted(terms(qty=50, side=Side.SELL_SHORT)), 50, px(100))
    assert day_pnl(held(desk), instrument(), px(99)) == money(50)
    assert market_value(held(desk), instrument(), px(99)) == money(-4_950)


def test_day_pnl_of_what_was_held_overnight_counts_from_yesterdays_last_price() -> None:
    desk = Desk()
    desk.fill(desk.accepted(terms(qty=100)), 100, px(90))
    desk.move_market(px(96))
    desk.run(EndDay(id="e", author=SYSTEM, day=TODAY))
    desk.run(StartDay(id="s", author=SYSTEM, day=TOMORROW))
    position = held(desk)
    assert (position.open_qty, position.day_cost) == (100, 0)
    assert day_pnl(position, instrument(prev_close=px(95)), px(97)) == money(100)
    position.open_px = 0  # nothing was quoted that day
    assert day_pnl(position, instrument(prev_close=px(95)), px(97)) == money(200)
    assert position.cost == money(9_000)


def test_day_pnl_after_a_bust_is_as_if_the_fill_had_never_been() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    before = held(desk)
    assert before.qty == 40
    desk.report(order, Trigger.BUST, exec_ref=exec_id(order, 40), exec_id="bust-1")
    assert (held(desk).qty, held(desk).cost, held(desk).day_cost) == (0, 0, 0)
    assert day_pnl(held(desk), instrument(), px(150)) == 0


@pytest.mark.parametrize(
    ("qty", "cost", "expected"),
    [(100, 10_000, 100), (-100, -10_000, 100), (100, -500, -5), (-100, 500, -5), (0, -77, None)],
)
def test_average_cost_is_where_selling_neither_wins_nor_loses(
    qty: int, cost: int, expected: int | None
) -> None:
    found = average_cost(Position(qty=qty, cost=money(cost)), instrument())
    assert found == (None if expected is None else expected * px(1))


@given(st.integers(1, 10**9), st.integers(1, 10**13), st.sampled_from([instrument(), bond()]))
def test_price_of_a_notional_gives_that_notional_again(
    qty: int, value: int, each: Instrument
) -> None:
    price = each.price_of(value, qty)
    # half a price unit of the whole quantity is what rounding may cost
    assert abs(each.notional(price, qty) - value) <= each.notional(1, qty) // 2 + 1
