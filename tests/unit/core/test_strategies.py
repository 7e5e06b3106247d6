"""Working strategies: what is sent when, and what stops them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.core.desk_state import DeskState, decode_state, encode_state, state_hash
from app.core.strategies import due
from models.commands import (
    SYSTEM,
    HaltTrading,
    PauseStrategy,
    ResumeStrategy,
    StartStrategy,
    StopStrategy,
    WorkStrategy,
)
from models.events import (
    CancelRequested,
    CommandFailed,
    OrderAccepted,
    OrderDenied,
    RequestDenied,
    StrategyEnded,
    StrategyPaused,
    StrategyResumed,
    StrategyStarted,
    StrategyStepped,
)
from models.order_state import OrderStatus, Trigger
from models.orders import DESK, Order, OrderType, Side
from models.workflow import RunState, Strategy, StrategyKind, StrategyRun, Style
from tests.builders import DESK as EQ
from tests.builders import SECOND, Desk, SimDesk, end_day, market_limit, new_id, px, quote, terms

S, T, K = OrderStatus, Trigger, StrategyKind
MINUTE = 60 * SECOND


def kinds(events: Any) -> list[type]:
    return [type(event) for event in events]


def start(desk: Desk, order: Order, kind: StrategyKind, author: str = "alice", **more: Any) -> Any:
    """Let a strategy of ten minutes with a slice a minute work `order`."""
    fields = {"start_ts": desk.ts, "end_ts": desk.ts + 10 * MINUTE, "every_ns": MINUTE, **more}
    strategy = Strategy(kind=kind, **fields)
    return desk.run(
        StartStrategy(
            id=new_id(), author=author, desk=EQ, order_id=order.order_id, strategy=strategy
        )
    )


def running(desk: Desk, kind: StrategyKind, qty: int = 1_000, **more: Any) -> Order:
    order = desk.accepted(terms(qty=qty, venue=DESK, limit_px=px(101)))
    (started,) = start(desk, order, kind, **more)
    assert isinstance(started, StrategyStarted), started
    return order


def tick(desk: Desk) -> list[Any]:
    """Do what is due by now, as the engine would."""
    events: list[Any] = []
    for run in due(desk.state, desk.ts):
        events += desk.run(WorkStrategy(id=new_id(), author=SYSTEM, order_id=run.order_id))
    return events


def sent(events: list[Any]) -> list[tuple[int, int | None]]:
    return [(e.terms.qty, e.terms.limit_px) for e in events if isinstance(e, OrderAccepted)]


def at(desk: Desk, order: Order, minutes: int) -> list[Any]:
    desk.ts = desk.state.strategies[order.order_id].strategy.start_ts + minutes * MINUTE
    return tick(desk)


def test_twap_sends_as_much_each_time_and_joins_its_own_side() -> None:
    desk = SimDesk(step_ns=0)
    order = running(desk, K.TWAP)
    assert sent(at(desk, order, 0)) == [(100, px("99.99"))]
    assert not sent(tick(desk))  # nothing more in the same slice
    assert order.committed_qty == 100
    events = at(desk, order, 1)
    assert sent(events) == [(100, px("99.99")), (100, px("99.99"))]  # the rest of the first again
    assert order.committed_qty == 200
    assert CancelRequested in kinds(events)


def test_twap_is_on_schedule_when_it_was_away() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    assert sent(at(desk, order, 6)) == [(700, px("99.99"))]


def test_twap_never_goes_beyond_its_orders_limit() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP, style=Style.CROSS)
    assert sent(at(desk, order, 0)) == [(100, px("100.01"))]
    desk.move_market(px(102))
    assert sent(at(desk, order, 1)) == [(100, px(101))]


def test_sale_crosses_down_to_its_limit() -> None:
    desk = Desk(step_ns=0)
    order = desk.accepted(terms(side=Side.SELL, qty=1_000, venue=DESK, limit_px=px(100)))
    start(desk, order, K.TWAP, style=Style.CROSS)
    assert sent(at(desk, order, 0)) == [(100, px(100))]


def test_last_slice_takes_what_is_left_and_then_the_time_is_up() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP, qty=1_003)
    (first,) = sent(at(desk, order, 9))
    assert first[0] == 1_003
    (child,) = [o for o in desk.state.orders.values() if o.parent_id]
    desk.fill(child, 1_000)
    events = at(desk, order, 10)
    assert kinds(events) == [StrategyEnded, CancelRequested]
    assert order.order_id not in desk.state.strategies
    assert order.is_live  # the rest is to be worked by hand


def test_vwap_follows_its_curve() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.VWAP, curve=(5, 3, 0, 2))
    ends = [5, 8, 8, 10]
    for number, share in enumerate(ends):
        desk.ts = desk.state.strategies[order.order_id].strategy.start_ts
        desk.ts += number * 150 * SECOND
        tick(desk)
        assert desk.state.strategies[order.order_id].target_qty == share * 100


def test_pov_keeps_to_its_share_of_the_volume() -> None:
    desk = Desk(step_ns=0)
    desk.quotes["ACME"] = quote(volume=50_000)
    order = running(desk, K.POV, participation_bps=1_000, every_ns=10 * SECOND)
    assert not sent(tick(desk))
    desk.quotes["ACME"] = quote(volume=52_555)
    desk.ts += 10 * SECOND
    assert sent(tick(desk)) == [(255, px("99.99"))]
    desk.quotes["ACME"] = quote(volume=90_000)
    desk.ts += 10 * SECOND
    tick(desk)
    assert order.committed_qty == 1_000  # never more than was ordered


def test_iceberg_shows_a_part_and_the_next_when_that_is_done() -> None:
    desk = SimDesk(step_ns=0)
    order = running(desk, K.ICEBERG, qty=250, display_qty=100)
    assert sent(tick(desk)) == [(100, px("99.99"))]
    events = desk.market(market_limit(False, px("99.99"), 60))
    assert not sent(events)
    events = desk.market(market_limit(False, px("99.99"), 40))
    assert sent(events) == [(100, px("99.99"))]
    events = desk.market(market_limit(False, px("99.99"), 100))
    assert sent(events) == [(50, px("99.99"))]
    events = desk.market(market_limit(False, px("99.99"), 50))
    assert StrategyEnded in kinds(events)
    assert order.status is S.FILLED
    assert not desk.state.strategies


def test_same_orders_give_the_same_slices() -> None:
    logs = []
    for _ in range(2):
        desk = Desk(step_ns=0)
        order = desk.accepted(terms(qty=1_000, venue=DESK), id="care")
        strategy = Strategy(
            kind=K.TWAP, start_ts=desk.ts, end_ts=desk.ts + 10 * MINUTE, every_ns=MINUTE
        )
        desk.run(
            StartStrategy(
                id="s", author="alice", desk=EQ, order_id=order.order_id, strategy=strategy
            )
        )
        for minute in range(11):
            desk.ts = strategy.start_ts + minute * MINUTE
            for run in due(desk.state, desk.ts):
                desk.run(WorkStrategy(id=f"w{minute}", author=SYSTEM, order_id=run.order_id))
        logs.append(state_hash(desk.state))
    assert logs[0] == logs[1]


def test_strategy_survives_a_snapshot() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.VWAP, curve=(1, 2, 3))
    tick(desk)
    again = decode_state(encode_state(desk.state))
    assert state_hash(again) == state_hash(desk.state)
    assert again.strategies[order.order_id] == desk.state.strategies[order.order_id]


def test_pause_and_resume_by_command() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    tick(desk)
    asked = {"author": "alice", "desk": EQ, "order_id": order.order_id}
    assert kinds(desk.run(PauseStrategy(id=new_id(), **asked))) == [StrategyPaused]
    assert kinds(desk.run(PauseStrategy(id=new_id(), **asked))) == [RequestDenied]
    assert not at(desk, order, 3)
    assert kinds(desk.run(ResumeStrategy(id=new_id(), **asked))) == [StrategyResumed]
    assert kinds(desk.run(ResumeStrategy(id=new_id(), **asked))) == [RequestDenied]
    assert sent(tick(desk)) == [(300, px("99.99"))]


def test_stop_cancels_what_is_out_and_leaves_the_order() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    tick(desk)
    asked = {"author": "alice", "desk": EQ, "order_id": order.order_id}
    events = desk.run(StopStrategy(id=new_id(), **asked))
    assert kinds(events) == [StrategyEnded, CancelRequested]
    (failed,) = desk.run(StopStrategy(id=new_id(), **asked))
    assert isinstance(failed, CommandFailed)
    assert order.is_live


@pytest.mark.parametrize("kind", [PauseStrategy, ResumeStrategy, StopStrategy])
def test_only_its_trader_or_the_head_steers_a_strategy(kind: Any) -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    (denied,) = desk.run(kind(id=new_id(), author="ben", desk=EQ, order_id=order.order_id))
    assert isinstance(denied, RequestDenied)
    assert desk.state.strategies[order.order_id].state is RunState.RUNNING


def test_slice_that_compliance_refuses_pauses_the_strategy() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP, qty=240_000)
    events = at(desk, order, 5)  # 60% of it: 144,000 are worth more than the warning allows
    assert kinds(events)[:2] == [StrategyStepped, OrderDenied]
    assert StrategyPaused in kinds(events)
    assert not tick(desk)


def test_dead_feed_pauses_the_strategy() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    desk.feed_age_ns = 60 * SECOND
    events = tick(desk)
    assert StrategyPaused in kinds(events)
    assert "no live price" in desk.state.strategies[order.order_id].text


def test_halt_pauses_strategies_and_only_a_person_goes_on() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    events = desk.run(HaltTrading(id=new_id(), author="dana", desk=EQ, trader="alice"))
    assert StrategyPaused in kinds(events)
    asked = {"author": "alice", "desk": EQ, "order_id": order.order_id}
    (denied,) = desk.run(ResumeStrategy(id=new_id(), **asked))
    assert isinstance(denied, RequestDenied)
    assert "halted" in denied.text


def test_slice_canceled_by_hand_pauses_the_strategy() -> None:
    desk = SimDesk(step_ns=0)
    order = running(desk, K.TWAP)
    tick(desk)
    (child,) = [o for o in desk.state.orders.values() if o.parent_id]
    events = desk.cancel(child)
    assert StrategyPaused in kinds(events)
    assert order.committed_qty == 0  # and it was not sent again


def test_slice_that_its_venue_rejects_pauses_the_strategy() -> None:
    desk = Desk(step_ns=0)
    running(desk, K.TWAP)
    tick(desk)
    (child,) = [o for o in desk.state.orders.values() if o.parent_id]
    assert StrategyPaused in kinds(desk.report(child, T.REJECT, text="unknown symbol"))


def test_slice_that_its_venue_takes_out_is_not_sent_again_and_again() -> None:
    """Own interest on the other side: self-trade prevention would take out each one anew."""
    desk = SimDesk(step_ns=0)
    desk.accepted(terms(side=Side.SELL, qty=500, limit_px=px("99.99")))
    order = running(desk, K.TWAP)
    events = tick(desk)
    assert StrategyPaused in kinds(events)
    assert len(sent(events)) == 1
    assert "took its slice" in desk.state.strategies[order.order_id].text


def test_cancel_of_the_order_ends_its_strategy() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    tick(desk)
    assert StrategyEnded in kinds(desk.cancel(order))
    (child,) = [o for o in desk.state.orders.values() if o.parent_id]
    desk.report(child, T.CANCEL)
    assert order.status is S.CANCELED


def test_end_of_day_ends_strategies_before_orders_expire() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    tick(desk)
    events = desk.run(end_day())
    assert isinstance(events[0], StrategyEnded)
    assert order.status is S.EXPIRED
    assert not desk.state.strategies


def test_slices_are_no_duplicates_of_each_other() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP, every_ns=SECOND, end_ts=desk.ts + 100 * SECOND)
    for second in range(3):
        desk.ts = desk.state.strategies[order.order_id].strategy.start_ts + second * SECOND
        assert OrderDenied not in kinds(tick(desk))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": K.TWAP, "end_ts": 1}, "ends before it starts"),
        ({"kind": K.TWAP, "every_ns": 1}, "at least 1 second"),
        ({"kind": K.VWAP}, "no volume curve"),
        ({"kind": K.VWAP, "curve": (1, -1)}, "negative weight"),
        ({"kind": K.POV}, "of the volume"),
        ({"kind": K.POV, "participation_bps": 9_000}, "of the volume"),
        ({"kind": K.ICEBERG}, "at least a lot"),
        ({"kind": K.TWAP, "venue": "XNAS"}, "not connected"),
    ],
)
def test_strategy_that_makes_no_sense_is_denied(more: dict[str, Any], says: str) -> None:
    desk = Desk(step_ns=0)
    order = desk.accepted(terms(qty=1_000, venue=DESK))
    (denied,) = start(desk, order, **more)
    assert isinstance(denied, RequestDenied)
    assert says in denied.text


def test_strategy_needs_an_open_care_order_of_ones_own_without_another() -> None:
    desk = Desk(step_ns=0)
    plain = desk.accepted()
    assert isinstance(start(desk, plain, K.TWAP)[0], RequestDenied)
    order = running(desk, K.TWAP)
    assert "already" in start(desk, order, K.TWAP)[0].text
    other = desk.accepted(terms(qty=7, venue=DESK))
    assert "alice's" in start(desk, other, K.TWAP, author="ben")[0].text


def test_people_can_not_step_a_strategy() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    assert desk.run(WorkStrategy(id=new_id(), author="alice", order_id=order.order_id)) == []


def test_children_are_limit_orders_of_the_day_in_the_parents_name() -> None:
    desk = Desk(step_ns=0)
    running(desk, K.TWAP)
    (accepted,) = [e for e in tick(desk) if isinstance(e, OrderAccepted)]
    assert accepted.by_strategy
    assert accepted.trader == "alice"
    assert accepted.terms.order_type is OrderType.LIMIT
    assert accepted.terms.execution_decision == "twap"


def test_run_in_state_is_its_own_copy() -> None:
    desk = Desk(step_ns=0)
    order = running(desk, K.TWAP)
    (begun,) = [e.run for e in desk.log if isinstance(e, StrategyStarted)]
    tick(desk)
    assert begun.slices == 0
    assert isinstance(desk.state.strategies[order.order_id], StrategyRun)
    assert msgspec.structs.asdict(begun)["target_qty"] == 0
    assert DeskState().strategies == {}
