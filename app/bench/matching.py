"""`blotter bench matching`: our book beside its peers on workloads A and B, in one run.

All engines get the same messages, each in its own form prepared beforehand. Rounds of all of them
alternate, so that a drift of the machine meets all alike; the medians are compared. Rates are by
the processor's time, and a message's latency is the median of its passes (the worst one by the
processor's time): what the machine does beside it falls out, what the engine does at that message,
garbage collection too, stays. The collector is set as the engine's process sets it. At the end
every peer's book is compared with ours: the same quantities at the same prices.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns, thread_time, thread_time_ns
from types import MappingProxyType
from typing import Final

import numpy as np

from app.bench.matching_engines import (
    PEERS,
    Calls,
    Depth,
    Engine,
    Ours,
    Prices,
    engine_named,
    is_compiled,
)
from app.bench.resting import RESTING
from app.bench.result import BenchResult, machine
from app.bench.workloads import Workload, workload_a, workload_b
from app.engine.process import GC_THRESHOLD

DEEP: Final[Mapping[str, int]] = MappingProxyType({"b4k": 4_000, "b40k": 40_000})
_ROOT: Final = Path(__file__).parents[2]
_PASSES: Final = 3


def run(
    messages: int = 200_000,
    rounds: int = 3,
    deep: Mapping[str, int] = DEEP,
    resting: int = RESTING,
) -> BenchResult:
    """Measure messages/s, p50, p99 and worst µs, and bytes a resting order, of every engine.

    `deep` names the workloads B and says how many orders rest in them; `resting` is how many orders
    the bytes are measured with.
    """
    names = ["ours", *filter(_is_there, PEERS)]
    found: dict[str, dict[str, float]] = {name: {} for name in names}
    workloads = {"a": workload_a(messages)}
    workloads |= {name: workload_b(orders, messages) for name, orders in deep.items()}
    with _engine_collector():
        for workload, stream in workloads.items():
            for name, figures in _measured(names, stream, rounds).items():
                found[name] |= {f"{workload}_{figure}": value for figure, value in figures.items()}
    for name in names:
        found[name]["resting_order_bytes"] = _bytes_per_order(name, resting)
    ours = found.pop("ours")
    ratios = {}
    for peer, theirs in found.items():
        for workload in workloads:
            rate, p99 = f"{workload}_messages_per_s", f"{workload}_p99"
            ratios[f"{rate}_vs_{peer}"] = round(ours[rate] / theirs[rate], 3)
            ratios[f"{p99}_vs_{peer}"] = round(theirs[f"{p99}_us"] / ours[f"{p99}_us"], 3)
    return BenchResult(
        bench="matching",
        machine=machine(),
        figures={"compiled": float(is_compiled()), **ours},
        peers=found,
        ratios=ratios,
    )


def _is_there(peer: str) -> bool:
    """Whether a peer can be had; says so when it can't."""
    try:
        engine_named(peer).close()
    except (ImportError, OSError) as error:
        print(
            f"{peer} is left out: it can't be loaded ({error}). "
            "make setup and packaging/peers.sh install the peers.",
            file=sys.stderr,
        )
        return False
    return True


@contextmanager
def _engine_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _measured(names: list[str], stream: Workload, rounds: int) -> dict[str, dict[str, float]]:
    """Return the figures of every engine on one workload."""
    rates: dict[str, list[float]] = {name: [] for name in names}
    same: dict[str, bool] = dict.fromkeys(names, True)
    trades = 0
    for _ in range(rounds):
        expected: Depth | None = None
        prices: Prices = ((), ())
        for name in names:  # ours is first
            engine = engine_named(name)
            rates[name].append(len(stream.messages) / _seconds(engine, stream))
            if expected is None:
                assert isinstance(engine, Ours)
                trades, prices = engine.trades, engine.prices()
                expected = engine.depth(prices)
            same[name] &= engine.depth(prices) == expected
            engine.close()
    passes: dict[str, list[tuple[array[int], array[int]]]] = {name: [] for name in names}
    for _ in range(_PASSES):
        for name in names:
            engine = engine_named(name)
            passes[name].append(_each_ns(engine, stream))
            engine.close()
    figures = {
        name: {
            "messages_per_s": round(statistics.median(rates[name])),
            **_latencies(passes[name]),
            "same_end_state": float(same[name]),
        }
        for name in names
    }
    figures["ours"]["trades"] = trades
    return figures


def _seconds(engine: Engine, stream: Workload) -> float:
    """Return the processor's time for the messages, with what they report read and let go."""
    read = engine.read
    with _prepared(engine, stream) as calls:
        started = thread_time()
        if read is None:
            for call, arguments in calls:
                call(*arguments)
        else:
            for call, arguments in calls:
                call(*arguments)
                read()
        return thread_time() - started


def _each_ns(engine: Engine, stream: Workload) -> tuple[array[int], array[int]]:
    """Return how long each message takes, in their order: by the clock, and of the processor."""
    read = engine.read or (lambda: None)
    spent, busy = array("q"), array("q")
    with _prepared(engine, stream) as calls:
        for call, arguments in calls:
            began = thread_time_ns()
            started = perf_counter_ns()
            call(*arguments)
            spent.append(perf_counter_ns() - started)
            busy.append(thread_time_ns() - began)
            read()
    return spent, busy


@contextmanager
def _prepared(engine: Engine, stream: Workload) -> Iterator[Calls]:
    """Enter what rests before the clock starts, and give the calls to be measured."""
    before, calls = engine.prepared(stream.before), engine.prepared(stream.messages)
    gc.collect()
    gc.freeze()  # what was prepared is no engine's garbage
    try:
        for call, arguments in before:
            call(*arguments)
            if engine.read is not None:
                engine.read()
        yield calls
    finally:
        gc.unfreeze()


def _latencies(passes: list[tuple[array[int], array[int]]]) -> dict[str, float]:
    spent_us, busy_us = np.median(np.array(passes, dtype=np.int64), axis=0) / 1_000
    p50, p99 = (float(us) for us in np.quantile(spent_us, (0.5, 0.99), method="higher"))
    return {
        "p50_us": round(p50, 2),
        "p99_us": round(p99, 2),
        "max_us": round(float(busy_us.max()), 1),
    }


def _bytes_per_order(engine: str, orders: int) -> float:
    """Return what a resting order takes, measured in a process that does nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "bench", "resting", engine, str(orders)],
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
    )
    return round(float(done.stdout))
