"""`blotter bench roundtrip`: from the ticket's key to the filled row on screen, embedded.

The window is a real one (off screen where there is no display), the engine a process of its own,
SQLite on FULL. The floor beside it: three bare durable commits on the same disk, which is what the
command, its decision and its fill cost at the least.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from app.bench.result import BenchResult, machine, percentile
from app.bootstrap import EmbeddedEngine, open_session
from app.config import Settings, store_address

Measure = Callable[[Any, int, str], list[float]]


def run(measure: Measure, orders: int = 200) -> BenchResult:
    """Measure with `measure`, which opens the window and returns the seconds of each order."""
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="deskblotter-bench-") as folder:
        settings = Settings(store=f"sqlite:///{Path(folder) / 'desk.db'}", login="alice")
        engine = EmbeddedEngine(store_address(settings.store))
        try:
            times = measure(
                lambda post: open_session(settings, post, engine), orders, settings.timezone
            )
        finally:
            engine.close()
        floor = _three_commits(Path(folder) / "floor.db", orders)
    times.sort()
    p50, p99 = percentile(times, 0.5) * 1e3, percentile(times, 0.99) * 1e3
    floor_p50 = percentile(floor, 0.5) * 1e3
    return BenchResult(
        bench="roundtrip",
        machine=machine(),
        figures={
            "orders": float(len(times)),
            "ticket_to_row_p50_ms": round(p50, 2),
            "ticket_to_row_p99_ms": round(p99, 2),
            "ticket_to_row_max_ms": round(times[-1] * 1e3, 2),
        },
        peers={"three_bare_commits": {"p50_ms": round(floor_p50, 3)}},
        ratios={"ticket_to_row_p50_vs_three_bare_commits": round(floor_p50 / p50, 3)},
    )


def _three_commits(path: Path, rounds: int) -> list[float]:
    from app.store.sqlite_driver import connect

    connection = connect(path, checkpoints=True)
    connection.execute("CREATE TABLE row (body TEXT)")
    spent = []
    for _ in range(rounds):
        started = perf_counter()
        for _ in range(3):
            connection.execute("INSERT INTO row VALUES ('x')")
        spent.append(perf_counter() - started)
    connection.close()
    return sorted(spent)
