"""Seeded worlds through the real cores: nothing contradicts itself, and mutants are caught."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from app.session.step import EventsRead, Output, SessionCore
from app.simulation.campaign import run_campaign
from app.simulation.faults import Faults
from app.simulation.run import Mode, SimulationResult, simulate
from tests.sim.mutants import Forgetful, Undated, Unfenced, Voidless

# 300 worlds in all, in parts that the test run's processes share out among them.
PARTS = [
    *((Mode.HEAL, range(at, at + 20)) for at in range(1, 201, 20)),
    *((Mode.ENDLESS, range(at, at + 20)) for at in range(1_001, 1_061, 20)),
    *((Mode.ROLLBACK, range(at, at + 20)) for at in (101, 161)),
]
EVERYTHING = range(1, 21)
KILLED_WITHIN = 500


def _first_catch(seeds: range, words: str, **options: Any) -> SimulationResult | None:
    """Return the first world with a violation in these words; the seeds after it are spared."""
    results = (simulate(seed, **options) for seed in seeds)
    return next((each for each in results if any(words in why for why in each.violations)), None)


@pytest.mark.parametrize(
    ("mode", "seeds"), PARTS, ids=lambda part: str(getattr(part, "start", part))
)
def test_simulation_holds_every_invariant(mode: Mode, seeds: range) -> None:
    bad = [result for result in (simulate(seed, mode=mode) for seed in seeds) if result.violations]
    lines = [f"{result.again}\n  " + "\n  ".join(result.violations) for result in bad]
    assert not bad, "\n".join(lines)


def test_simulation_of_twenty_desktops_and_three_engines_holds_every_invariant() -> None:
    result = simulate(7, desktops=20, engines=3)
    assert not result.violations
    assert result.commands > 1_000


@pytest.mark.parametrize("seed", [47, 115, 228, 281, 487])
def test_simulation_of_a_seed_that_found_something_holds_every_invariant(seed: int) -> None:
    """A snapshot of what the log had lost; a refusal as stale when the store's clock is put back;
    a replace whose order is rejected; a decision on a command that the failover lost; a trailing
    stop that waits for the old clock."""
    assert not simulate(seed, mode=Mode.ROLLBACK).violations


@pytest.mark.parametrize("seed", [3, 4], ids=["exchange", "own_venue"])
def test_simulation_of_the_same_seed_gives_the_same_world(seed: int) -> None:
    assert simulate(seed) == simulate(seed)


def test_simulation_of_another_seed_gives_another_world() -> None:
    assert simulate(3).state_hash != simulate(5).state_hash


def test_campaign_counts_worlds_and_names_none_when_all_hold() -> None:
    done = run_campaign(range(1, 3), [Mode.HEAL, Mode.ENDLESS])
    assert (done.seeds, done.violations, done.failing) == (4, 0, [])
    assert done.commands > 100
    assert done.faults > 100


def test_result_names_the_command_line_that_runs_its_world_again() -> None:
    result = simulate(9, mode=Mode.ENDLESS)
    assert result.again == "blotter bench simulate --first 9 --seeds 1 --mode endless"


def test_simulation_meets_every_fault_and_outcome() -> None:
    faults: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    results = [simulate(seed) for seed in EVERYTHING]
    for result in results:
        faults.update(result.faults)
        seen.update(result.seen)
    wished = {
        name.removesuffix("_every_s")
        for name in Faults.__struct_fields__
        if getattr(Faults(), name)
    }
    outcomes = {"unknown", "voided", "stale", "not_seen", "received", "decided", "snapshots_used"}
    events = {"OrderFilled", "OrderAmended", "OrderCanceled", "OrderTriggered", "OrderDenied"}
    events |= {"OrderRestated", "OrderRejected"}  # priced by the venue; post-only that would take
    assert wished - set(+faults) == set()
    assert (outcomes | events) - set(+seen) == set()
    assert sum(result.takeovers for result in results) > len(results)


def test_simulation_of_a_store_that_goes_back_halts_desktops_that_knew_more() -> None:
    results = [simulate(seed, mode=Mode.ROLLBACK) for seed in range(1, 6)]
    assert sum(result.faults.get("rollback", 0) for result in results)
    assert sum(result.seen.get("halted", 0) for result in results)


def test_auditor_of_a_desktop_that_does_not_see_the_store_go_back_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mutant believes whatever head the store names, and whatever chain."""
    on_events = SessionCore._on_events

    def blind(core: SessionCore, page: EventsRead) -> list[Output]:
        core.head_seq = 0
        return on_events(core, page._replace(head_seq=1 << 60))

    monkeypatch.setattr(SessionCore, "_on_events", blind)
    monkeypatch.setattr("app.session.step.check_chain", lambda heads, rows: None)
    words = "did not see the store go back"
    assert _first_catch(range(1, KILLED_WITHIN + 1), words, mode=Mode.ROLLBACK) is not None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"make_store": Forgetful}, "times"),
        ({"make_store": Unfenced}, "appended"),
        ({"make_store": Voidless}, "had been told"),
        ({"make_store": Undated}, "old when received"),
        ({"outbox_is_durable": False}, "vanished"),
    ],
    ids=["no_idempotency", "no_fencing", "no_void", "no_freshness", "volatile_outbox"],
)
def test_auditor_of_a_mutant_finds_the_violation(options: dict[str, Any], words: str) -> None:
    caught = _first_catch(range(1, KILLED_WITHIN + 1), words, **options)
    assert caught is not None
