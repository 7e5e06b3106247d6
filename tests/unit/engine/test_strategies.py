"""The engine works strategies by its clock: in turn, after a takeover, and when one goes wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from app.core.context import FEED_TIMEOUT_NS
from app.core.decide.registry import DECIDERS
from app.engine.kill import Kill, LocalKill
from app.engine.step import STEPS_MAX, Append
from app.ports import LEASE_TTL_NS
from models.commands import StartStrategy, WorkStrategy
from models.workflow import RunState, Strategy, StrategyKind, StrategyRun
from tests.builders import DESK, SECOND, EngineBench, new_id, quote, submit, terms


def worked(bench: EngineBench, count: int = 1) -> list[StrategyRun]:
    """Return the runs of `count` care orders whose strategies are due in ten seconds."""
    for number in range(count):
        entered = submit(terms(qty=1_000 + number, venue="DESK"))
        bench.ask(entered)
        strategy = Strategy(
            kind=StrategyKind.TWAP,
            start_ts=bench.ts + 10 * SECOND,
            end_ts=bench.ts + 310 * SECOND,
        )
        order_id = bench.order_of(entered.id).order_id
        asked = {"author": "alice", "desk": DESK, "order_id": order_id, "strategy": strategy}
        bench.ask(StartStrategy(id=new_id(), **asked))
    return list(bench.core.state.strategies.values())


def later(bench: EngineBench, seconds: int) -> None:
    """Let time pass with a market that lives."""
    for _ in range(seconds):
        bench.ts += SECOND
        bench.see_market(quote(), quote("BETA"))
    bench.tick()


def takeover(bench: EngineBench) -> EngineBench:
    """Return another engine that leads, over the same store, before it has seen the market."""
    again = EngineBench(
        bench.tables,
        holder="engine-2",
        ts=bench.ts + 2 * LEASE_TTL_NS + 20 * SECOND,
        today=bench.today,
    )
    again.tick()
    return again


def test_many_strategies_due_at_once_leave_room_between_them() -> None:
    """A click, or a kill, waits for one handful of slices and not for a thousand."""
    bench = EngineBench().lead()
    count = STEPS_MAX + 5
    worked(bench, count)
    before = len(bench.outputs)
    later(bench, 11)
    batches = [o.request.events for o in bench.outputs[before:] if isinstance(o, Append)]
    steps = [Counter(event.kind for event in batch)["StrategyStepped"] for batch in batches]
    assert max(steps) == STEPS_MAX
    assert sum(steps) == count


def test_strategy_whose_step_can_not_be_decided_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be due, and fail, again and again without end."""

    def breaks(*given: Any) -> Any:
        raise ZeroDivisionError

    bench = EngineBench().lead()
    (run,) = worked(bench)
    monkeypatch.setitem(DECIDERS, WorkStrategy, breaks)
    later(bench, 11)
    (run,) = bench.core.state.strategies.values()
    assert run.state is RunState.PAUSED
    assert "ZeroDivisionError" in run.text
    rows = len(bench.tables.events)
    later(bench, 1)
    assert len(bench.tables.events) == rows


def test_takeover_waits_for_the_market_before_it_works_strategies() -> None:
    bench = EngineBench().lead()
    worked(bench)
    again = takeover(bench)
    (run,) = again.core.state.strategies.values()
    assert (run.state, run.children) == (RunState.RUNNING, 0)
    later(again, 1)
    (run,) = again.core.state.strategies.values()
    assert (run.state, run.children) == (RunState.RUNNING, 1)


def test_takeover_whose_market_stays_silent_pauses_strategies() -> None:
    bench = EngineBench().lead()
    worked(bench)
    again = takeover(bench)
    again.tick(FEED_TIMEOUT_NS + SECOND)
    (run,) = again.core.state.strategies.values()
    assert run.state is RunState.PAUSED


def test_kill_tells_venues_nothing_of_orders_that_they_do_not_have() -> None:
    bench = EngineBench().lead()
    bench.ask(submit(terms(qty=1_000, venue="DESK")), submit(terms(qty=7)))
    kill = Kill(LocalKill("kill-1", "fire"), bench.core.state)
    (cancel,) = kill.cancels
    assert cancel.cl_ord_id
