"""Seeded worlds through the real cores: nothing contradicts itself, and mutants are caught."""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any

import pytest

from app.simulation.faults import Faults
from app.simulation.run import SimulationResult, simulate
from tests.sim.mutants import Forgetful, Undated, Unfenced, Voidless

SEEDS = range(1, 51)
CHUNKS = [SEEDS[at : at + 10] for at in range(0, len(SEEDS), 10)]


@functools.cache
def _result(seed: int) -> SimulationResult:
    return simulate(seed)


def _first_catch(seeds: range, **options: Any) -> SimulationResult | None:
    """Return the first world with a violation; the seeds after it are spared."""
    results = (simulate(seed, **options) for seed in seeds)
    return next((result for result in results if result.violations), None)


@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_simulation_with_faults_then_peace_holds_every_invariant(seeds: range) -> None:
    bad = [result for result in map(_result, seeds) if result.violations]
    lines = [
        f"python -m app.simulation {result.seed}\n  " + "\n  ".join(result.violations)
        for result in bad
    ]
    assert not bad, "\n".join(lines)


def test_simulation_with_faults_without_end_stays_safe() -> None:
    bad = _first_catch(range(1_001, 1_011), heals=False)
    assert bad is None, f"simulate({bad.seed}, heals=False): {bad.violations}"


@pytest.mark.parametrize("seed", [3, 4], ids=["exchange", "own_venue"])
def test_simulation_of_the_same_seed_gives_the_same_world(seed: int) -> None:
    assert simulate(seed) == simulate(seed)


def test_simulation_of_another_seed_gives_another_world() -> None:
    assert simulate(3).state_hash != simulate(5).state_hash


def test_simulation_over_all_seeds_meets_every_fault_and_outcome() -> None:
    faults: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for result in map(_result, SEEDS):
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
    assert sum(result.takeovers for result in map(_result, SEEDS)) > len(SEEDS)


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
    caught = _first_catch(range(1, 61), **options)
    assert caught is not None
    assert any(words in violation for violation in caught.violations)
