"""A shared desk set up from the command line, and driven with the passwords that it gave out."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.bootstrap import open_session
from app.config import Settings
from app.session.client import Session
from app.session.step import Link
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side
from tests.e2e.shell import Shell
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
WAIT_S = 60


@pytest.fixture
def shell(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(postgres_server, tmp_path)
    yield made
    postgres_server.drop_database(made.database)
    with postgres_server.admin() as admin:
        for login in ("cli-eng", "cli-alice"):
            admin.execute(f'DROP ROLE IF EXISTS "{login}"')


def test_desk_set_up_from_the_command_line_trades_with_logins_of_its_own(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The README's words, with logins that no other test uses."""
    made = json.loads(shell.ok("store", "init", "--store", shell.url(), "--json"))
    assert made["schema"] == "none to 0003"
    assert made["enforcement"].startswith("on")
    assert set(made["reference_commands"].values()) == {"received"}
    reference = _reference_with(tmp_path, "cli-alice")
    shell.ok("store", "init", "--store", shell.url(), "--reference", str(reference))
    shell.add("cli-eng", "engine")
    shell.add("cli-alice", "trader", "--desk", "EQ")
    with subprocess.Popen(
        [sys.executable, "-m", "app", "engine", "--store", shell.url("cli-eng")],
        cwd=ROOT,
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as engine:
        try:
            monkeypatch.setenv("PGPASSFILE", shell.environment["PGPASSFILE"])
            _trade("cli-alice", shell.url("cli-alice"))
        finally:
            engine.terminate()
    assert engine.returncode == 0
    verified = json.loads(shell.ok("store", "verify", "--store", shell.url("cli-eng"), "--json"))
    assert verified["orders"] == 1
    health = json.loads(shell.ok("store", "health", "--store", shell.url("cli-alice"), "--json"))
    assert health["enforces"]
    assert health["notes"] == ["cli-alice is trader here, for desk EQ."]
    part = shell.run("store", "verify", "--store", shell.url("cli-alice"))
    assert part.returncode == 2
    assert "cli-alice is shown a part of this store" in part.stderr
    table = tmp_path / "blotter.csv"
    shell.ok("report", "blotter", "--store", shell.url("cli-alice"), "--out", str(table))
    assert "MSFT" in table.read_text()
    refused = shell.run("store", "upgrade", "--store", shell.url("cli-alice"))
    assert refused.returncode == 2
    assert "cli-alice does not administer" in refused.stderr


def _reference_with(folder: Path, login: str) -> Path:
    """Return a reference folder whose desk has `login` among its traders."""
    given = ROOT / "resources" / "reference"
    made = folder / "reference"
    made.mkdir()
    (made / "instruments.csv").write_text((given / "instruments.csv").read_text())
    desk = (given / "desk.toml").read_text()
    (made / "desk.toml").write_text(desk.replace('login = "alice"', f'login = "{login}"'))
    return made


def _trade(login: str, url: str) -> None:
    """Enter an order at the market as `login`, and wait until it is filled."""
    calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    session: Session = open_session(Settings(store=url, login=login), calls.put, None)
    core = session.core
    session.start()

    def until(what: str, holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < give_up, f"in vain for {what}: {session.refusal}"
            try:
                calls.get(timeout=0.01)()
            except queue.Empty:
                continue

    try:
        until("a live desk", lambda: core.link is Link.LIVE and core.state.day_open)
        until("a price", lambda: "MSFT" in core.quotes)
        assert session.health is not None
        assert session.health.enforces
        terms = OrderTerms(
            symbol="MSFT", side=Side.BUY, qty=100, order_type=OrderType.MARKET, account="GROWTH"
        )
        session.submit(terms)
        until(
            "the fill",
            lambda: [o.status for o in core.state.orders.values()] == [OrderStatus.FILLED],
        )
    finally:
        session.close()


def test_user_verbs_twice_say_that_nothing_was_changed(shell: Shell) -> None:
    shell.ok("store", "init", "--store", shell.url())
    first = shell.add("cli-alice", "trader", "--desk", "EQ")
    again = shell.ok(
        "user", "add", "cli-alice", "--store", shell.url(), "--role", "trader", "--desk", "EQ"
    )
    assert again == "cli-alice is trader already; nothing was changed\n"
    reset = shell.ok("user", "reset", "cli-alice", "--store", shell.url())
    assert re.search(r"shown this once: \S+", reset)
    assert first not in reset
    moved = shell.ok(
        "user", "role", "cli-alice", "--store", shell.url(), "--role", "desk_head", "--desk", "FI"
    )
    assert "cli-alice is desk_head for desk FI, no longer trader" in moved
    assert "is disabled" in shell.ok("user", "disable", "cli-alice", "--store", shell.url())
    shut_out = shell.run("store", "health", "--store", shell.url("cli-alice"))
    assert shut_out.returncode == 2


def test_password_is_taken_from_a_file_of_ones_own_only(shell: Shell, tmp_path: Path) -> None:
    shell.ok("store", "init", "--store", shell.url())
    path = tmp_path / "secret"
    path.write_text("a password of my own\nand a note\n")
    path.chmod(0o644)
    add = ("user", "add", "cli-alice", "--store", shell.url(), "--role", "trader", "--desk", "EQ")
    refused = shell.run(*add, "--password-file", str(path))
    assert refused.returncode == 2
    assert f"chmod 600 {path}" in refused.stderr
    path.chmod(0o600)
    said = shell.ok(*add, "--password-file", str(path))
    assert "password" not in said
    shell.knows("cli-alice", "a password of my own")
    assert "enforces: True" in shell.ok("store", "health", "--store", shell.url("cli-alice"))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["user", "add", "x", "--store", "sqlite:///x.db", "--role", "trader"], "has no logins"),
        (
            ["user", "add", "x", "--store", "postgresql://a:geheim@h/d", "--role", "trader"],
            "holds a password",
        ),
        (["user", "disable", "x", "--store", "postgresql://a@h.invalid/d"], "sslmode=verify-full"),
        (["user", "remember", "--store", "postgresql://a@127.0.0.1:1/d"], "no terminal"),
    ],
    ids=["sqlite", "password", "plain", "no terminal"],
)
def test_user_verb_with_bad_input_is_one_sentence_and_exit_code_2(
    shell: Shell, arguments: list[str], reason: str
) -> None:
    done = shell.run(*arguments)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr + done.stdout
