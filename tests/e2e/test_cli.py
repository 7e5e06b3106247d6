"""The command line: every verb has help, refuses bad input with exit code 2, and says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]
LOBSTER_LINES = (
    "34200.1,1,11,100,5850000,1\n34200.2,1,12,50,5851000,-1\n34200.3,4,12,20,5851000,-1\n"
)


def blotter(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "verb",
    [
        [],
        ["desktop"],
        ["demo"],
        ["engine"],
        ["store"],
        ["store", "init"],
        ["store", "upgrade"],
        ["store", "health"],
        ["store", "verify"],
        ["store", "backup"],
        ["store", "restore"],
        ["store", "move"],
        ["store", "archive"],
        ["approvals"],
        ["approvals", "request"],
        ["approvals", "list"],
        ["approvals", "approve"],
        ["approvals", "refuse"],
        ["audit"],
        ["audit", "keygen"],
        ["audit", "checkpoint"],
        ["audit", "verify"],
        ["audit", "export"],
        ["user"],
        ["user", "add"],
        ["user", "role"],
        ["user", "disable"],
        ["user", "reset"],
        ["user", "remember"],
        ["replay"],
        ["bench"],
        ["bench", "matching"],
        ["bench", "books"],
        ["bench", "engine"],
        ["bench", "roundtrip"],
        ["bench", "blotter"],
        ["report", "blotter"],
        ["securities"],
        ["securities", "import"],
        ["securities", "history"],
    ],
    ids=" ".join,
)
def test_verb_has_help(verb: list[str]) -> None:
    done = blotter(*verb, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["store", "verify", "--store", "sqlite:////nowhere/at/all.db"], "holds no store"),
        (["store", "init", "--store", "mysql://x/y"], "not known"),
        (["store", "init", "--store", "postgresql://me:secret@host/desk"], "holds a password"),
        (["desktop", "--profile", "../etc"], "no name"),
        (["replay", "no-such-file.csv"], "can't be read"),
        (["replay", "LICENSE"], "line 1"),
        (["replay", "LICENSE", "--format", "pcap"], "not known"),
        (["replay", "LICENSE", "--format", "csv"], "LICENSE, line 1: the header has to name"),
        (
            ["report", "blotter", "--store", "sqlite:///x.db", "--out", "x", "--format", "pdf"],
            "pdf",
        ),
        (["approvals", "list", "--store", "sqlite:///x.db"], "enforces nothing"),
        (["approvals", "request", "lunch", "x", "--store", "sqlite:///x.db"], "lunch"),
        (["store", "restore", "LICENSE", "--store", "sqlite:////nowhere/at/all.db"], "line 1"),
        (["store", "move", "--from", "sqlite:///x.db", "--to", "sqlite:///x.db"], "the same one"),
        (["audit", "verify"], "either a store"),
        (["audit", "verify", "--file", "LICENSE"], "line 1"),
        (["audit", "verify", "--file", "no-such-file"], "can't be read"),
        (["audit", "verify", "--store", "sqlite:////nowhere/at/all.db"], "holds no store"),
        (["audit", "keygen", "--out", "/nowhere/at/all"], "can't be written"),
        (["audit", "checkpoint", "--store", "sqlite:///x.db", "--key", "LICENSE"], "LICENSE"),
        (["nonsense"], "nonsense"),
        (["replay"], "Missing argument"),
    ],
)
def test_bad_input_is_refused_with_the_reason_and_code_2(arguments: list[str], reason: str) -> None:
    done = blotter(*arguments)
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_store_init_verify_and_report_on_a_new_store(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'desk.db'}"
    for _ in range(2):  # idempotent
        made = blotter("store", "init", "--store", store, "--json")
        assert made.returncode == 0, made.stderr
        # Securities, accounts, people, rule book, commissions, restricted name; three calendars.
        assert len(json.loads(made.stdout)["reference_commands"]) == 9
    assert blotter("store", "upgrade", "--store", store).returncode == 0
    verified = blotter("store", "verify", "--store", store, "--json")
    assert json.loads(verified.stdout)["events"] == 0
    out = tmp_path / "blotter.csv"
    assert blotter("report", "blotter", "--store", store, "--out", str(out)).returncode == 0
    assert out.read_text(encoding="utf-8-sig").startswith("Order,Status")


def test_store_verify_names_the_first_bad_row(tmp_path: Path) -> None:
    from tests.e2e.damage import damaged_store

    store = damaged_store(tmp_path)
    done = blotter("store", "verify", "--store", store)
    assert done.returncode == 2
    assert "breaks at event 3" in done.stderr


def test_replay_prints_its_summary_as_json(tmp_path: Path) -> None:
    file = tmp_path / "flow.csv"
    file.write_text(LOBSTER_LINES)
    done = blotter("replay", str(file), "--format", "lobster", "--json")
    summary = json.loads(done.stdout)
    assert done.returncode == 0
    assert (summary["messages"], summary["resting_orders"]) == (3, 2)
    assert (summary["known_executions"], summary["predicted_exactly"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LOBSTER_LINES[:-4], "line 3: the file ends in the middle"),
        (LOBSTER_LINES + "34200.4,1,13,ten,5850000,1\n", "line 4: 'ten' is not a whole number"),
        (LOBSTER_LINES + "34200.4,9,13,10,5850000,1\n", "line 4: type 9"),
        (LOBSTER_LINES + "34100.0,1,13,10,5850000,1\n", "line 4: time 34100.0 goes backwards"),
        (LOBSTER_LINES + "34200.4,1,13,10\n", "line 4: 4 fields"),
    ],
)
def test_replay_of_a_damaged_file_names_file_line_and_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "flow.csv"
    file.write_text(text)
    done = blotter("replay", str(file), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{file}, {reason}" in done.stderr


CSV_LINES = (
    "time,symbol,kind,price,size,bid,bid_size,ask,ask_size\n"
    "2026-11-23T14:30:00Z,ACME,quote,,,99.99,500,100.01,300\n"
    "2026-11-23T14:30:01Z,ACME,trade,100.01,200,,,,\n"
)


def test_replay_of_trades_and_quotes_prints_its_summary_as_json(tmp_path: Path) -> None:
    file = tmp_path / "ticks.csv"
    file.write_text(CSV_LINES)
    done = blotter("replay", str(file), "--format", "csv", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["messages"], summary["quotes"], summary["trades"]) == (2, 1, 1)
    assert (summary["known_executions"], summary["predicted_exactly"]) == (1, 1)


def test_replay_of_damaged_quotes_makes_no_store(tmp_path: Path) -> None:
    file, desk = tmp_path / "ticks.csv", tmp_path / "desk.db"
    file.write_text(CSV_LINES + "2026-11-23T14:30:02Z,ACME,trade,100.01,many,,,,\n")
    done = blotter("replay", str(file), "--format", "csv", "--store", f"sqlite:///{desk}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{file}, line 4: price's size 'many' is not a whole number" in done.stderr
    assert not desk.exists()


def test_replay_of_quotes_is_the_market_of_a_store(tmp_path: Path) -> None:
    file, store = tmp_path / "ticks.csv", f"sqlite:///{tmp_path / 'desk.db'}"
    file.write_text(CSV_LINES)
    done = blotter("replay", str(file), "--format", "csv", "--store", store, "--json")
    assert done.returncode == 0, done.stderr
    opened = SqliteStore(tmp_path / "desk.db")
    _, (quote,) = opened.read_market(0)
    opened.close()
    assert (quote.symbol, quote.bid_qty, quote.ask_qty, quote.volume) == ("ACME", 500, 100, 200)
