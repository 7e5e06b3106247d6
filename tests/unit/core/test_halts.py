"""Halts, resuming, and cancelling many orders at once: who may, and what it does."""

from __future__ import annotations

import pytest

from app.core.desk_state import decode_state, desk_view, encode_state, halt_key
from models.commands import (
    AdoptRuleBook,
    CancelOrders,
    EntitleTraders,
    HaltTrading,
    ResumeTrading,
    SubmitOrder,
    goes_first,
)
from models.events import (
    AlertRaised,
    AmendRequested,
    CancelRequested,
    CommandFailed,
    OrderAccepted,
    OrderDenied,
    RequestDenied,
    TradingHalted,
    TradingResumed,
)
from models.limits import Limit
from models.order_state import OrderStatus
from tests.builders import DESK, OTHER_DESK, Desk, amend, new_id, rule_book, submit, terms, trader


def halt(author: str, trader: str = "", desk: str = DESK, note: str = "fat finger") -> HaltTrading:
    return HaltTrading(id=new_id(), author=author, desk=desk, trader=trader, note=note)


def resume(author: str, trader: str = "", desk: str = DESK) -> ResumeTrading:
    return ResumeTrading(id=new_id(), author=author, desk=desk, trader=trader)


def cancel_all(author: str, trader: str = "", symbol: str = "") -> CancelOrders:
    return CancelOrders(id=new_id(), author=author, desk=DESK, trader=trader, symbol=symbol)


@pytest.mark.parametrize(
    ("author", "trader"),
    [("alice", "alice"), ("dana", "alice"), ("carl", "alice"), ("dana", ""), ("carl", "")],
)
def test_halt_by_who_may_denies_the_next_order(author: str, trader: str) -> None:
    desk = Desk()
    events = desk.run(halt(author, trader))
    assert [type(event) for event in events] == [TradingHalted, AlertRaised]
    denied = desk.submit()[0]
    assert isinstance(denied, OrderDenied)
    assert f"halted by {author} (fat finger)" in denied.text


@pytest.mark.parametrize(
    ("author", "trader"),
    [("alice", "ben"), ("alice", ""), ("axel", "alice"), ("fiona", "alice"), ("fiona", "")],
)
def test_halt_by_others_is_refused_and_changes_nothing(author: str, trader: str) -> None:
    desk = Desk()
    (refused,) = desk.run(halt(author, trader))
    assert isinstance(refused, CommandFailed)
    assert not desk.state.halts
    assert isinstance(desk.submit()[0], OrderAccepted)


def test_halt_of_somebody_of_another_desk_is_refused() -> None:
    (refused,) = Desk().run(halt("dana", "frank"))
    assert isinstance(refused, CommandFailed)
    assert f"frank is not of the desk {DESK}" in refused.text


def test_halt_of_one_trader_leaves_the_others_trading() -> None:
    desk = Desk()
    desk.run(halt("dana", "alice"))
    assert isinstance(desk.submit(author="ben")[0], OrderAccepted)


def test_halt_of_a_desk_leaves_other_desks_trading() -> None:
    desk = Desk()
    desk.run(halt("dana"))
    assert isinstance(desk.run(submit(author="frank", desk=OTHER_DESK))[0], OrderAccepted)


def test_halt_cannot_be_switched_off_by_a_rule_book() -> None:
    desk = Desk()
    desk.run(halt("dana", "alice"))
    rules = desk.state.rule_book
    assert rules is not None
    off = rule_book(
        **{name: Limit(enabled=False) for name in rules.limits}, HALT=Limit(enabled=False)
    )
    desk.run(AdoptRuleBook(id=new_id(), author="carl", rule_book=off))
    assert isinstance(desk.submit()[0], OrderDenied)


def test_halt_denies_amendments_even_by_the_head_and_lets_cancels_pass() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.run(halt("dana", "alice"))
    for author in ("alice", "dana"):
        (denied,) = desk.run(amend(order, author, qty=200))
        assert isinstance(denied, RequestDenied)
    assert isinstance(desk.cancel(order)[0], CancelRequested)


def test_halt_a_second_time_changes_nothing() -> None:
    desk = Desk()
    desk.run(halt("alice", "alice"))
    assert desk.run(halt("dana", "alice")) == []
    assert desk.state.halts[halt_key(DESK, "alice")].author == "alice"


def test_halt_by_compliance_takes_over_and_only_compliance_lifts_it() -> None:
    desk = Desk()
    desk.run(halt("alice", "alice", note="lunch"))
    assert isinstance(desk.run(halt("carl", "alice", note="investigation"))[0], TradingHalted)
    assert desk.state.halts[halt_key(DESK, "alice")].note == "investigation"
    assert desk.run(halt("dana", "alice")) == []
    (refused,) = desk.run(resume("dana", "alice"))
    assert isinstance(refused, CommandFailed)
    assert isinstance(desk.run(resume("carl", "alice"))[0], TradingResumed)


def test_halt_of_a_person_goes_with_them_to_another_desk() -> None:
    desk = Desk()
    desk.run(halt("carl", "alice"))
    desk.run(
        EntitleTraders(id=new_id(), author="olga", traders=(trader("alice", desk=OTHER_DESK),))
    )
    assert isinstance(desk.run(submit(desk=OTHER_DESK))[0], OrderDenied)


def test_cancel_all_by_compliance_takes_everybodys_orders() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    (event,) = desk.run(cancel_all("carl", "alice"))
    assert isinstance(event, CancelRequested)
    assert event.order_id == order.order_id


@pytest.mark.parametrize("author", ["dana", "carl"])
def test_resume_by_who_may_lets_orders_pass_again(author: str) -> None:
    desk = Desk()
    desk.run(halt("alice", "alice"))
    (resumed,) = desk.run(resume(author, "alice"))
    assert isinstance(resumed, TradingResumed)
    assert not desk.state.halts
    assert isinstance(desk.submit()[0], OrderAccepted)


@pytest.mark.parametrize("author", ["alice", "ben", "axel", "fiona"])
def test_resume_by_others_is_refused(author: str) -> None:
    desk = Desk()
    desk.run(halt("alice", "alice"))
    (refused,) = desk.run(resume(author, "alice"))
    assert isinstance(refused, CommandFailed)
    assert isinstance(desk.submit()[0], OrderDenied)


def test_resume_of_the_desk_leaves_a_trader_halted() -> None:
    desk = Desk()
    desk.run(halt("dana", "alice"))
    desk.run(halt("dana"))
    desk.run(resume("dana"))
    assert isinstance(desk.submit(author="ben")[0], OrderAccepted)
    assert isinstance(desk.submit()[0], OrderDenied)


def test_resume_without_a_halt_changes_nothing() -> None:
    assert Desk().run(resume("dana", "alice")) == []


def test_cancel_all_by_a_trader_takes_only_own_orders() -> None:
    desk = Desk()
    own = [desk.order_in(OrderStatus.NEW), desk.order_in(OrderStatus.PARTIALLY_FILLED, qty=150)]
    other = desk.accepted(author="ben")
    events = desk.run(cancel_all("alice", "alice"))
    assert [event.order_id for event in events if isinstance(event, CancelRequested)] == [
        order.order_id for order in own
    ]
    assert other.status is OrderStatus.PENDING_NEW


@pytest.mark.parametrize("trader", ["", "ben"])
def test_cancel_all_of_others_by_a_trader_is_refused(trader: str) -> None:
    desk = Desk()
    desk.accepted(author="ben")
    (refused,) = desk.run(cancel_all("alice", trader))
    assert isinstance(refused, CommandFailed)


def test_cancel_all_by_the_head_takes_everybodys_but_what_is_done_or_pending() -> None:
    desk = Desk()
    live = [desk.accepted(author="ben"), desk.order_in(OrderStatus.NEW)]
    desk.order_in(OrderStatus.PENDING_CANCEL, qty=110)
    desk.order_in(OrderStatus.FILLED)
    events = desk.run(cancel_all("dana"))
    assert {event.order_id for event in events if isinstance(event, CancelRequested)} == {
        order.order_id for order in live
    }
    assert len(events) == len(live)


def test_cancel_all_in_a_symbol_leaves_the_others() -> None:
    desk = Desk()
    desk.order_in(OrderStatus.NEW)
    beta = desk.accepted(terms(symbol="BETA"))
    (event,) = desk.run(cancel_all("dana", symbol="BETA"))
    assert isinstance(event, CancelRequested)
    assert event.order_id == beta.order_id


def test_cancel_all_of_nothing_changes_nothing() -> None:
    assert Desk().run(cancel_all("alice", "alice")) == []


def test_halt_in_a_snapshot_is_there_again_and_only_its_own_desk_sees_it() -> None:
    desk = Desk()
    desk.run(halt("dana", "alice"))
    assert decode_state(encode_state(desk.state)).halts == desk.state.halts
    assert desk_view(desk.state, DESK).halts == desk.state.halts
    assert not desk_view(desk.state, OTHER_DESK).halts


def test_kills_take_the_lane_ahead_of_orders_and_amendments() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    assert goes_first(halt("dana"))
    assert goes_first(cancel_all("dana"))
    assert not goes_first(resume("dana"))
    later: list[SubmitOrder | object] = [submit(), amend(order, qty=200)]
    assert not any(goes_first(command) for command in later)  # type: ignore[arg-type]


def test_an_amendment_of_a_trader_not_halted_still_passes() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.run(halt("dana", "ben"))
    assert isinstance(desk.amend(order, qty=200)[0], AmendRequested)


@pytest.mark.parametrize(
    ("author", "who"), [("carl", "compliance"), ("dana", "a desk head or compliance")]
)
def test_refusal_under_a_halt_names_who_resumes_it(author: str, who: str) -> None:
    desk = Desk()
    desk.run(halt(author, "alice"))
    denied = desk.submit()[0]
    assert isinstance(denied, OrderDenied)
    assert f"Cancels pass; {who} resumes trading." in denied.text
