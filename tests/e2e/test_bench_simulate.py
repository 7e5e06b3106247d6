"""`blotter bench simulate` from the command line: its figures, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.simulation.campaign import Campaign
from app.simulation.run import Mode, simulate

REPOSITORY = Path(__file__).parents[2]


def _blotter(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "bench", "simulate", *words]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_simulate_prints_its_figures_as_json() -> None:
    done = _blotter("--seeds", "2", "--first", "5", "--mode", "endless", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["figures"]
    assert (figures["violations"], figures["worlds"]) == (0, 2)
    assert figures["commands"] > 0
    assert figures["faults"] > 0
    assert figures["seeds_per_s"] > 0


def test_simulate_in_a_mode_that_is_not_known_is_refused() -> None:
    done = _blotter("--mode", "peaceful")
    assert done.returncode == 2
    assert "use heal, endless or rollback" in done.stderr


def test_simulate_that_finds_a_violation_prints_how_to_see_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = simulate(3)
    bad.violations.append("Something vanished.")
    found = Campaign(
        seeds=1,
        commands=1,
        events=1,
        faults=1,
        takeovers=1,
        violations=1,
        seconds=1.0,
        failing=[bad],
    )
    monkeypatch.setattr("app.simulation.campaign.run_campaign", lambda seeds, modes: found)
    done = CliRunner().invoke(app, ["bench", "simulate", "--seeds", "1", "--mode", Mode.HEAL])
    assert done.exit_code == 1
    assert "blotter bench simulate --first 3 --seeds 1 --mode heal" in done.stderr
    assert "Something vanished." in done.stderr
