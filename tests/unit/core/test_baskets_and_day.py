"""Baskets in waves; executions by hand and by authority; the desk head's words on the day."""

from __future__ import annotations

from typing import Any

import pytest

from models.commands import (
    SYSTEM,
    AcknowledgeAlert,
    BustExecution,
    CorrectExecution,
    ListInstruments,
    LoadBasket,
    OpenDesk,
    RecordExecution,
    SendWave,
    SignOffDay,
)
from models.events import (
    AlertRaised,
    BasketLoaded,
    CommandFailed,
    DaySignedOff,
    DeskOpened,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderReleased,
    OrderStaged,
    RequestDenied,
    WaveSent,
)
from models.order_state import OrderStatus
from models.orders import DESK, Order, OrderTerms, Side
from tests.builders import DESK as EQ
from tests.builders import TODAY, Desk, end_day, exec_id, instrument, new_id, px, start_day, terms

S = OrderStatus
KEY = f"{EQ}|GROWTH|ACME"


def kinds(events: Any) -> list[type]:
    return [type(event) for event in events]


LINES = (terms(qty=1_000), terms(symbol="BETA", side=Side.SELL, qty=70))


def load(desk: Desk, lines: tuple[OrderTerms, ...] = LINES, basket_id: str = "b1") -> list[Any]:
    return desk.run(
        LoadBasket(
            id=new_id(), author="alice", desk=EQ, basket_id=basket_id, name="rebalance", lines=lines
        )
    )


def wave(desk: Desk, share_bps: int, author: str = "alice", **more: Any) -> list[Any]:
    fields = {"basket_id": "b1", "share_bps": share_bps, **more}
    return desk.run(SendWave(id=new_id(), author=author, desk=EQ, **fields))


def test_basket_is_staged_line_by_line() -> None:
    desk = Desk()
    events = load(desk)
    assert kinds(events) == [OrderStaged, OrderStaged, BasketLoaded]
    orders = list(desk.state.orders.values())
    assert {order.status for order in orders} == {S.STAGED}
    assert {order.basket_id for order in orders} == {"b1"}
    assert len({order.command_id for order in orders}) == 2
    assert all(order.is_care for order in orders)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((terms(), terms(symbol="NONE"), terms(qty=-1)), "line 2: Symbol NONE"),
        ((), "1 to 1,000 lines"),
    ],
)
def test_basket_with_a_wrong_line_is_not_loaded_at_all(
    lines: tuple[OrderTerms, ...], says: str
) -> None:
    desk = Desk()
    (failed,) = load(desk, lines)
    assert isinstance(failed, CommandFailed)
    assert says in failed.text
    assert not desk.state.orders


def test_basket_is_loaded_once() -> None:
    desk = Desk()
    load(desk)
    assert isinstance(load(desk)[0], CommandFailed)


def test_waves_send_shares_of_each_line_and_then_what_is_left() -> None:
    desk = Desk()
    load(desk)
    first = wave(desk, 2_500)
    sent = [e for e in first if isinstance(e, OrderAccepted)]
    assert [e.terms.qty for e in sent] == [250, 18]  # a quarter of 70 is rounded up to a lot
    assert isinstance(first[-1], WaveSent)
    assert (first[-1].number, first[-1].sent, first[-1].refused) == (1, 2, 0)
    assert OrderReleased in kinds(first)
    last = wave(desk, 10_000)
    assert [e.terms.qty for e in last if isinstance(e, OrderAccepted)] == [750, 52]
    assert OrderReleased not in kinds(last)
    assert not [e for e in wave(desk, 10_000) if isinstance(e, OrderAccepted)]
    parents = [o for o in desk.state.orders.values() if o.basket_id]
    assert [order.room for order in parents] == [0, 0]


def test_wave_line_that_may_not_be_sent_says_why_and_the_others_go() -> None:
    desk = Desk()
    load(desk, (terms(qty=11_000), terms(symbol="BETA", qty=70)))
    events = wave(desk, 10_000)
    assert [e.order_id for e in events if isinstance(e, RequestDenied)] == ["O-1122-000001"]
    assert (events[-1].sent, events[-1].refused) == (1, 1)
    assert desk.order("O-1122-000001").status is S.STAGED
    events = wave(desk, 10_000, reason="rebalance")
    assert (events[-1].sent, events[-1].refused) == (1, 0)


@pytest.mark.parametrize(
    "more", [{"share_bps": 0}, {"share_bps": 10_001}, {"share_bps": 1, "basket_id": "b2"}]
)
def test_wave_that_makes_no_sense_is_refused(more: dict[str, Any]) -> None:
    desk = Desk()
    load(desk)
    assert isinstance(wave(desk, **more)[0], CommandFailed)


def test_wave_of_somebody_elses_basket_sends_nothing() -> None:
    desk = Desk()
    load(desk)
    events = wave(desk, 10_000, author="ben")
    assert (events[-1].sent, events[-1].refused) == (0, 2)


# -- executions ----------------------------------------------------------------------------------


def care(desk: Desk, qty: int = 1_000) -> Order:
    return desk.accepted(terms(qty=qty, venue=DESK))


def by_phone(desk: Desk, order: Order, **more: Any) -> list[Any]:
    fields = {"qty": 300, "px": px("99.5"), "counterparty": "Broker A", **more}
    return desk.run(
        RecordExecution(id=new_id(), author="alice", desk=EQ, order_id=order.order_id, **fields)
    )


def test_execution_by_telephone_is_booked_with_who_and_when() -> None:
    desk = Desk()
    order = care(desk)
    (booked,) = by_phone(desk, order, traded_ts=desk.ts - 5)
    assert isinstance(booked, OrderFilled)
    fill = booked.execution
    assert (fill.is_manual, fill.author, fill.counterparty) == (True, "alice", "Broker A")
    assert fill.ts == desk.ts - desk.step_ns - 5
    assert (order.cum_qty, order.room) == (300, 700)
    assert desk.state.positions[KEY].qty == 300


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"qty": 1_001}, "neither done nor out"),
        ({"qty": 0}, "neither done nor out"),
        ({"px": 0}, "not above 0"),
        ({"counterparty": " "}, "dealt with"),
        ({"traded_ts": 2**62}, "in the future"),
        ({"traded_ts": 5}, "7 days ago"),
    ],
)
def test_execution_by_telephone_that_can_not_be_is_denied(more: dict[str, Any], says: str) -> None:
    desk = Desk()
    order = care(desk)
    (denied,) = by_phone(desk, order, **more)
    assert isinstance(denied, RequestDenied)
    assert says in denied.text
    assert order.cum_qty == 0


def test_execution_by_telephone_needs_room_beside_the_children() -> None:
    desk = Desk()
    order = care(desk)
    desk.accepted(terms(qty=800), parent_id=order.order_id)
    assert isinstance(by_phone(desk, order)[0], RequestDenied)
    assert isinstance(by_phone(desk, order, qty=200)[0], OrderFilled)


def test_execution_by_telephone_is_for_care_orders_only() -> None:
    desk = Desk()
    assert isinstance(by_phone(desk, desk.accepted(), qty=10)[0], RequestDenied)


def bust(desk: Desk, exec_id: str, author: str = "dana", note: str = "agreed") -> list[Any]:
    return desk.run(BustExecution(id=new_id(), author=author, desk=EQ, exec_id=exec_id, note=note))


def correct(desk: Desk, exec_id: str, author: str = "dana", **more: Any) -> list[Any]:
    fields = {"qty": 40, "px": px(99), "note": "agreed with the broker", **more}
    return desk.run(
        CorrectExecution(id=new_id(), author=author, desk=EQ, exec_id=exec_id, **fields)
    )


def test_bust_by_authority_takes_the_fill_out_and_tells_everybody() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    events = bust(desk, exec_id(order, 40))
    assert kinds(events) == [ExecutionBusted, AlertRaised]
    assert (order.cum_qty, order.status) == (0, S.NEW)
    assert desk.state.positions[KEY].qty == 0


def test_bust_of_a_filled_order_does_not_make_it_work_again() -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    events = bust(desk, exec_id(order, 40))
    assert OrderCanceled in kinds(events)
    assert (order.cum_qty, order.status, order.leaves_qty) == (60, S.CANCELED, 0)


def test_bust_on_a_care_order_gives_the_room_back() -> None:
    desk = Desk()
    order = care(desk, 300)
    (booked,) = by_phone(desk, order)
    assert order.status is S.FILLED
    bust(desk, booked.execution.exec_id)
    assert (order.status, order.room) == (S.NEW, 300)


def test_correct_by_authority_changes_quantity_and_price() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    events = correct(desk, exec_id(order, 40), qty=50)
    assert kinds(events) == [ExecutionCorrected, AlertRaised]
    assert (order.cum_qty, order.avg_px) == (50, px(99))
    assert "from 40 at 100.00 to 50 at 99.00" in events[-1].alert.text


def test_correct_to_less_of_a_filled_order_does_not_make_it_work_again() -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    correct(desk, exec_id(order, 40), qty=30)
    assert (order.cum_qty, order.status) == (90, S.CANCELED)


def test_correct_to_more_than_the_order_holds_is_refused() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    (failed,) = correct(desk, exec_id(order, 40), qty=101)
    assert isinstance(failed, CommandFailed)
    assert "can hold up to 100" in failed.text


@pytest.mark.parametrize("login", ["alice", "fiona", "nobody"])
def test_bust_and_correct_need_authority(login: str) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    for (failed,) in (bust(desk, exec_id(order, 40), login), correct(desk, "x", login)):
        assert isinstance(failed, CommandFailed)
    assert order.cum_qty == 40


@pytest.mark.parametrize("login", ["dana", "carl", "olga"])
def test_bust_needs_a_note(login: str) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    assert isinstance(bust(desk, exec_id(order, 40), login, " ")[0], CommandFailed)
    assert isinstance(bust(desk, exec_id(order, 40), login)[0], ExecutionBusted)


# -- the desk head's words -----------------------------------------------------------------------


def sign_off(desk: Desk, author: str = "dana", note: str = "", day: str = TODAY) -> Any:
    return desk.run(SignOffDay(id=new_id(), author=author, desk=EQ, day=day, note=note))[0]


def test_desk_head_opens_the_desk_with_what_was_checked() -> None:
    desk = Desk()
    (opened,) = desk.run(OpenDesk(id=new_id(), author="dana", desk=EQ))
    assert isinstance(opened, DeskOpened)
    names = {check.name: check.passed for check in opened.sign_on.checks}
    assert names["Previous closes"]
    assert names["Market data"]
    assert desk.state.opened[EQ].author == "dana"


def test_open_with_a_failed_check_needs_a_note() -> None:
    desk = Desk()
    desk.feed_age_ns = 10**12
    (failed,) = desk.run(OpenDesk(id=new_id(), author="dana", desk=EQ))
    assert isinstance(failed, CommandFailed)
    assert "Market data: silent" in failed.text
    (opened,) = desk.run(OpenDesk(id=new_id(), author="dana", desk=EQ, note="feed at 9:30"))
    assert isinstance(opened, DeskOpened)


@pytest.mark.parametrize("login", ["alice", "carl", "fiona"])
def test_only_the_desks_head_speaks_for_it(login: str) -> None:
    desk = Desk()
    assert isinstance(sign_off(desk, login, "x"), CommandFailed)
    (failed,) = desk.run(OpenDesk(id=new_id(), author=login, desk=EQ, note="x"))
    assert isinstance(failed, CommandFailed)


def test_sign_off_names_what_is_not_in_order() -> None:
    desk = Desk()
    desk.accepted()
    desk.submit(terms(qty=7), staged=True)
    failed = sign_off(desk)
    assert isinstance(failed, CommandFailed)
    assert "Day orders: 1 still working" in failed.text
    assert "Staged orders: 1 not sent" in failed.text
    signed = sign_off(desk, note="client asked to keep it")
    assert isinstance(signed, DaySignedOff)
    assert signed.sign_off.note == "client asked to keep it"


def test_sign_off_is_clean_after_the_end_of_the_day() -> None:
    desk = Desk()
    desk.accepted()
    desk.submit(terms(limit_px=px(106)))
    desk.run(end_day())
    failed = sign_off(desk)
    assert isinstance(failed, CommandFailed)
    (alert,) = desk.state.alerts
    desk.run(AcknowledgeAlert(id=new_id(), author="dana", desk=EQ, alert_id=alert))
    assert isinstance(sign_off(desk), DaySignedOff)


def test_sign_off_is_of_the_desks_own_day() -> None:
    desk = Desk()
    assert isinstance(sign_off(desk, day="2024-01-01"), CommandFailed)


def test_day_that_was_not_signed_off_says_so_next_morning() -> None:
    desk = Desk()
    sign_off(desk)
    desk.run(end_day())
    events = desk.run(start_day())
    told = [e.alert for e in events if isinstance(e, AlertRaised)]
    assert [(alert.desk, alert.rule) for alert in told] == [("FI", "SIGN_OFF")]
    (opened,) = desk.run(OpenDesk(id=new_id(), author="dana", desk=EQ))
    assert isinstance(opened, DeskOpened)
    (failed,) = desk.run(OpenDesk(id=new_id(), author="fiona", desk="FI"))
    assert isinstance(failed, CommandFailed)
    assert "not signed off" in failed.text


# -- executions that can't be right --------------------------------------------------------------


@pytest.mark.parametrize("price", [px(1_001), px("9.99"), 10_000_001 * px(1)])
def test_execution_far_off_the_market_is_denied(price: int) -> None:
    desk = Desk()
    order = care(desk)
    (denied,) = by_phone(desk, order, px=price)
    assert isinstance(denied, RequestDenied)
    assert "decimal point" in denied.text
    (booked,) = by_phone(desk, order)
    (failed,) = correct(desk, booked.execution.exec_id, px=price)
    assert isinstance(failed, CommandFailed)
    assert "decimal point" in failed.text


def test_execution_in_a_name_without_any_price_is_held_to_the_largest() -> None:
    desk = Desk()
    desk.run(ListInstruments(id="i2", author=SYSTEM, instruments=(instrument(prev_close=0),)))
    order = care(desk)
    desk.feed_age_ns = 10**12
    assert isinstance(by_phone(desk, order, px=10_000_001 * px(1))[0], RequestDenied)
    assert isinstance(by_phone(desk, order, px=px(5))[0], OrderFilled)


def test_execution_beyond_the_clients_limit_is_booked_and_alerted() -> None:
    """It was dealt, so it has to be booked; whether the client takes it is for people."""
    desk = Desk()
    order = care(desk)
    booked, alert = by_phone(desk, order, px=px("100.5"))
    assert isinstance(booked, OrderFilled)
    assert (alert.alert.rule, alert.alert.order_id) == ("LIMIT", order.order_id)
    assert "100.50" in alert.alert.text


def test_nobody_busts_or_corrects_what_is_their_own() -> None:
    desk = Desk()
    own = desk.accepted(terms(qty=300, venue=DESK), "dana")
    asked = {"qty": 300, "px": px(100), "counterparty": "Broker A"}
    (booked,) = desk.run(
        RecordExecution(id=new_id(), author="dana", desk=EQ, order_id=own.order_id, **asked)
    )
    for (failed,) in (
        bust(desk, booked.execution.exec_id),
        correct(desk, booked.execution.exec_id, qty=200, px=px(100)),
    ):
        assert isinstance(failed, CommandFailed)
        assert "own" in failed.text
    assert isinstance(bust(desk, booked.execution.exec_id, "olga")[0], ExecutionBusted)


def test_who_booked_an_execution_of_anothers_order_does_not_bust_it() -> None:
    desk = Desk()
    order = care(desk)
    (booked,) = desk.run(
        RecordExecution(
            id=new_id(),
            author="dana",
            desk=EQ,
            order_id=order.order_id,
            qty=10,
            px=px(100),
            counterparty="B",
        )
    )
    assert isinstance(bust(desk, booked.execution.exec_id)[0], CommandFailed)
