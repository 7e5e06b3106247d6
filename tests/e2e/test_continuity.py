"""The pack of `blotter continuity`: by a real process, out of a real store, once and again."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blotter(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_pack_writes_everything_and_says_what(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'desk.db'}"
    assert blotter("store", "init", "--store", store).returncode == 0
    done = blotter("continuity", "pack", "--store", store, "--out", str(tmp_path / "p"), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    folder = Path(said["pack"])
    assert said["files"] == len(list(folder.iterdir()))
    assert (folder / "pack.pdf").read_bytes().startswith(b"%PDF-")
    assert (folder / "open-orders.xlsx").read_bytes().startswith(b"PK")
    with (folder / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "SIM" in {row["Venue"] for row in csv.DictReader(file)}
    assert (tmp_path / "p" / "LATEST").read_text(encoding="utf-8").strip() == folder.name


def test_pack_without_its_store_says_so_and_makes_none(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'gone' / 'desk.db'}"
    done = blotter("continuity", "pack", "--store", store, "--out", str(tmp_path / "p"))
    assert done.returncode == 2
    assert "is not there" in done.stderr
    assert not (tmp_path / "p").exists()
    assert not (tmp_path / "gone").exists()


def test_unattended_pack_goes_on_when_the_store_is_away(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'gone.db'}"
    command = ["continuity", "pack", "--store", store, "--out", str(tmp_path / "p"), "--every", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "app", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        try:
            assert "No pack this time" in child.stderr.readline()
            time.sleep(0.3)
            assert child.poll() is None
        finally:
            child.terminate()
