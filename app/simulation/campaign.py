"""Many seeds at once, over all cores: `blotter bench simulate`."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

import msgspec

from app.simulation.run import Mode, SimulationResult, simulate

_SEEDS_AT_ONCE = 5


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """What many worlds came to; `failing` are those with violations."""

    seeds: int
    commands: int
    events: int
    faults: int
    takeovers: int
    violations: int
    seconds: float
    failing: list[SimulationResult]


def run_campaign(seeds: Sequence[int], modes: Sequence[Mode]) -> Campaign:
    """Run each seed in each mode."""
    worlds = [(seed, mode) for mode in modes for seed in seeds]
    started = perf_counter()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        results = list(pool.map(_world, worlds, chunksize=_SEEDS_AT_ONCE))
    return Campaign(
        seeds=len(worlds),
        commands=sum(result.commands for result in results),
        events=sum(result.events for result in results),
        faults=sum(sum(result.faults.values()) for result in results),
        takeovers=sum(result.takeovers for result in results),
        violations=sum(len(result.violations) for result in results),
        seconds=perf_counter() - started,
        failing=[result for result in results if result.violations],
    )


def _world(world: tuple[int, Mode]) -> SimulationResult:
    seed, mode = world
    return simulate(seed, mode=mode)
