"""`blotter bench load` in its short form: everybody sees every order, and ends in one state."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import server_binaries

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_load_of_two_desktops_shows_every_order_to_both_and_ends_in_one_state() -> None:
    server_binaries()
    command = [sys.executable, "-m", "app", "bench", "load", "--desktops", "2", "--rate", "40"]
    done = subprocess.run(
        [*command, "--seconds", "2", "--catch-up", "100", "--json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    figures = result["figures"]
    assert figures["orders"] > 0
    assert (figures["rows_missing"], figures["different_states"]) == (0, 0)
    assert figures["own_row_p99_ms"] >= figures["own_row_p50_ms"] > 0
    assert figures["other_row_p50_ms"] > 0
    assert figures["quotes_per_s_a_desktop"] > 0
    assert figures["catch_up_events"] == 100
    assert result["peers"]["two_commits_and_notifications"]["p50_ms"] > 0
    assert result["ratios"]["own_row_p50_vs_floor"] > 0
