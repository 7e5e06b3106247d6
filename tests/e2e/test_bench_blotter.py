"""`blotter bench blotter`, small: what it measures is there, and the peer is left out openly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.bench import blotter as bench
from app.bench.engine import fill_store

BLOTTER = [sys.executable, "-m", "app"]


def test_bench_blotter_measures_the_table_and_names_the_missing_peer() -> None:
    small = ["--orders", "300", "--seconds", "0.4", "--no-window", "--json"]
    done = subprocess.run(
        [*BLOTTER, "bench", "blotter", *small],
        env={**os.environ, "VNPY_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    found = json.loads(done.stdout)
    figures = found["figures"]
    assert figures["orders"] == 300
    assert figures["selection_and_scroll_undisturbed"] == 1
    assert figures["shows_what_is"] == 1
    assert figures["updates_per_s"] > 0
    assert figures["longest_block_ms"] >= figures["live_longest_block_ms"] > 0
    assert figures["sort_ms"] >= figures["sort_p50_ms"] > 0
    assert found["peers"]["numpy_argsort"]["ms"] > 0
    assert "vnpy_order_monitor_at_10k" not in found["peers"]
    assert not any("vnpy" in name for name in found["ratios"])
    assert "VeighNa's order monitor is left out" in done.stderr
    assert "vnpy" in done.stderr


def test_peer_figures_become_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tables:
        @staticmethod
        def measured_table(*_: object) -> dict[str, float]:
            return {"sort_p50_ms": 20.0}

        @staticmethod
        def measured_rates(instruments: object, held: int, *_: object) -> dict[str, float]:
            return {"inserts_per_s": 30_000.0 / held, "updates_per_s": 20_000.0 / held}

    rates = {"inserts_per_s": 2.0, "updates_per_s": 4.0}
    monkeypatch.setattr(bench, "_vnpy_rates", lambda: rates)
    result = bench.run(Tables, 1_000, 0.1, with_window=False)
    assert result.figures["inserts_per_s"] == 30.0
    assert result.ratios["inserts_per_s_vs_vnpy"] == 1.5
    assert result.ratios["updates_per_s_vs_vnpy"] == 0.5
    assert result.peers["vnpy_order_monitor_at_10k"] == rates


def test_window_on_a_store_with_orders_becomes_usable(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    fill_store(path, 40)
    assert bench._start_ms(path, 40) > 0
