"""`blotter bench books`, small: what it counts, and what it says where the books differ."""

from __future__ import annotations

import json

import pytest
import typer

from app.bench import books as bench
from app.cli import bench as verbs
from app.simulation import books
from models.errors import BadInput


def test_sequences_are_run_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    verbs.books(sequences=3, first_seed=5, as_json=True)
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures.pop("sequences_per_s") > 0
    assert figures == {"sequences": 3, "first_seed": 5, "differences": 0}


def test_a_difference_is_told_with_its_seed_and_fails_the_verb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(books, "run_sequence", lambda seed: f"seed {seed}" if seed == 8 else "")
    with pytest.raises(typer.Exit) as ended:
        verbs.books(sequences=4, first_seed=6, as_json=True)
    assert ended.value.exit_code == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["figures"]["differences"] == 1
    assert said.err == "seed 8\n"


def test_every_seed_is_asked_once_and_all_differences_are_counted() -> None:
    asked: list[int] = []

    def differs(seed: int) -> str:
        asked.append(seed)
        return "differs"

    result = bench.run(differs, 30, 10)
    assert asked == list(range(10, 40))
    assert result.figures["differences"] == 30


def test_no_sequences_is_refused() -> None:
    with pytest.raises(BadInput, match="0 sequences"):
        bench.run(lambda seed: "", 0)
