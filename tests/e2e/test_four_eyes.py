"""Four eyes, and a move to PostgreSQL, as people run them: each with a login and a pass file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.sqlite import SqliteStore, init_sqlite
from tests.e2e.shell import Shell
from tests.postgres import PostgresServer
from tests.store.audit_desk import two_days, write_log

LOGINS = ("cli-odo", "cli-cora", "cli-ben")


@pytest.fixture
def shell(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(postgres_server, tmp_path)
    yield made
    postgres_server.drop_database(made.database)
    with postgres_server.admin() as admin:
        for login in LOGINS:
            admin.execute(f'DROP ROLE IF EXISTS "{login}"')


def test_desk_that_moves_to_postgres_verifies_there_and_has_four_eyes(
    shell: Shell, tmp_path: Path
) -> None:
    init_sqlite(tmp_path / "desk.db")
    old = SqliteStore(tmp_path / "desk.db", for_engine=True)
    write_log(old)
    old.close()
    moved = json.loads(
        shell.ok(
            "store", "move", "--from", f"sqlite:///{tmp_path / 'desk.db'}", "--to", shell.url(),
            "--json",
        )
    )  # fmt: skip
    assert moved["events"] == len(two_days())
    report = json.loads(shell.ok("audit", "verify", "--store", shell.url(), "--json"))
    assert (report["is_whole"], report["state_hash"]) == (True, moved["state_hash"])

    for login, role in zip(LOGINS, ("ops", "compliance", "trader"), strict=True):
        shell.add(login, role, "--desk", "EQ")
    odo, cora, ben = (shell.url(login) for login in LOGINS)
    part = json.loads(shell.ok("audit", "verify", "--store", ben, "--json"))
    assert not part["is_whole"]
    assert "desk/FI" not in part["streams"]
    refused = shell.run("store", "backup", "--store", ben, "--out", str(tmp_path / "b"))
    assert refused.returncode == 2
    assert "holds more than that may see" in refused.stderr

    asked = json.loads(
        shell.ok("approvals", "request", "release", "ACME", "--store", odo, "--json")
    )
    said = shell.ok("approvals", "list", "--store", cora)
    assert "cli-odo asks to let ACME be traded again" in said
    number, seen = asked["approval_id"], asked["body_hash"][:10]
    for url, why in ((odo, "ops here"), (ben, "trader here")):
        alone = shell.run("approvals", "approve", number, seen, "--store", url)
        assert alone.returncode == 2
        assert why in alone.stderr
    assert "approved by cli-cora" in shell.ok("approvals", "approve", number, seen, "--store", cora)
    twice = shell.run("approvals", "approve", number, seen, "--store", cora)
    assert twice.returncode == 2
    assert "it was approved already" in twice.stderr
