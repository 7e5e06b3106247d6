"""`blotter bench blotter`: the Orders blotter at 100,000 orders, beside VeighNa's and numpy's sort.

Sorting, filtering, 2,000 changes a second, and new orders flat out are measured in the real table
(off screen where there is no display), the start of the window in processes of their own, on an
empty store and on one that the engine has filled. VeighNa's order monitor runs in the environment
that has it (`.venv-bench`, made by packaging/peers.sh, or VNPY_PYTHON); without one its figures and
ratios are left out. It is measured at 10,000 rows: with more it is hardly filled in a minute.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, Protocol

import numpy as np

from app.bench.engine import fill_store
from app.bench.result import BenchResult, machine
from app.bootstrap import REFERENCE
from app.reference_data import read_instruments
from models.instruments import AssetClass, Instrument

_ROOT: Final = Path(__file__).parents[2]
_PEER_SCRIPT: Final = _ROOT / "ui" / "bench_vnpy.py"
_PEER_ROWS: Final = 10_000
_PEER_INSERTS: Final = 300
_PEER_UPDATES: Final = 300
_INSERTS: Final = 10_000
_UPDATES: Final = 40_000
_STARTS: Final = 3
_START_TIMEOUT_S: Final = 120


class Tables(Protocol):
    """What measures in the window; `ui.bench_blotter` has it."""

    def measured_table(
        self, instruments: Sequence[Instrument], count: int, seconds: float
    ) -> dict[str, float]:
        """Sort, filter and change a table of `count` orders."""

    def measured_rates(
        self, instruments: Sequence[Instrument], held: int, inserts: int, updates: int
    ) -> dict[str, float]:
        """Return orders and changes a second, flat out, in a table of `held`."""


def run(
    tables: Tables, orders: int = 100_000, seconds: float = 8.0, *, with_window: bool = True
) -> BenchResult:
    """Measure at `orders` orders, changing them for `seconds`."""
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    instruments = [
        each
        for each in read_instruments(REFERENCE / "instruments.csv")
        if each.asset_class in (AssetClass.SHARE, AssetClass.ETF)
    ]
    figures = {"orders": float(orders), **tables.measured_table(instruments, orders, seconds)}
    flat_out = tables.measured_rates(instruments, orders, _INSERTS, _UPDATES)
    figures["inserts_per_s"] = flat_out["inserts_per_s"]
    figures["updates_per_s_flat_out"] = flat_out["updates_per_s"]
    small = tables.measured_rates(instruments, _PEER_ROWS, _INSERTS, _UPDATES)
    figures |= {f"at_10k_{name}": value for name, value in small.items()}
    argsort_ms = _argsort_ms(orders)
    peers = {"numpy_argsort": {"ms": round(argsort_ms, 4)}}
    ratios = {"sort_p50_vs_numpy_argsort": round(argsort_ms / figures["sort_p50_ms"], 3)}
    peer = _vnpy_rates()
    if peer is not None:
        peers["vnpy_order_monitor_at_10k"] = peer
        for name in ("inserts_per_s", "updates_per_s"):
            ratios[f"{name}_vs_vnpy"] = round(small[name] / peer[name], 1)
    if with_window:
        figures |= _starts(orders)
    return BenchResult(
        bench="blotter", machine=machine(), figures=figures, peers=peers, ratios=ratios
    )


def _argsort_ms(count: int) -> float:
    """Return what sorting as many numbers takes, and nothing else."""
    rnd = random.Random(7)
    keys = np.array([rnd.randrange(40_000) for _ in range(count)], dtype=np.int64)
    times = []
    for _ in range(9):
        started = perf_counter()
        np.argsort(keys, kind="stable")
        times.append(perf_counter() - started)
    return median(times) * 1e3


# ---------------------------------------------------------------------------------------- the peer


def _vnpy_rates() -> dict[str, float] | None:
    """Return the figures of VeighNa's order monitor; None, and a word why, where there is none."""
    given = os.environ.get("VNPY_PYTHON", "")
    own = _ROOT / ".venv-bench" / "bin" / "python"
    python = given or (str(own) if own.exists() else sys.executable)
    with tempfile.TemporaryDirectory(prefix="deskblotter-peer-") as home:
        # It keeps a folder in the home of whoever runs it.
        done = subprocess.run(
            [python, str(_PEER_SCRIPT), *map(str, (_PEER_ROWS, _PEER_INSERTS, _PEER_UPDATES))],
            env={**os.environ, "HOME": home, "QT_LOGGING_RULES": "*.warning=false"},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        print(
            f"VeighNa's order monitor is left out: {python} can't run it ({lines[-1]}). "
            "packaging/peers.sh installs it into .venv-bench; VNPY_PYTHON names another Python.",
            file=sys.stderr,
        )
        return None
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return {name: float(found[name]) for name in ("inserts_per_s", "updates_per_s")}


# ------------------------------------------------------------------------------ the window's start


def _starts(orders: int) -> dict[str, float]:
    """Return the milliseconds from a process' start to a window that shows and answers."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="deskblotter-bench-") as folder:
        for name, count in (("empty", 0), (_short(orders), orders)):
            path = Path(folder) / f"{name}.db"
            fill_store(path, count)
            times = [_start_ms(path, count) for _ in range(_STARTS)]
            figures[f"window_usable_{name}_ms"] = round(median(times))
            figures[f"window_usable_{name}_max_ms"] = round(max(times))
    return figures


def _short(count: int) -> str:
    return f"{count // 1_000}k" if count >= 1_000 else str(count)


def _start_ms(path: Path, orders: int) -> float:
    started = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "bench", "window", f"sqlite:///{path}", str(orders)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        spent = perf_counter() - started
        process.wait(timeout=_START_TIMEOUT_S)
    if said != "usable":
        raise RuntimeError(f"The window on {path} did not become usable; it said {said!r}.")
    return spent * 1e3
