"""Engines as processes: one that was paused writes nothing more, one that finds damage says so."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.bootstrap import init_store
from app.config import store_address
from app.ports import Lease
from app.reference_data import reference_commands
from app.session.step import Link, submission_of
from app.store.postgres import PostgresStore
from app.store.sqlite_driver import connect as sqlite_connect
from models.order_state import OrderStatus
from tests.e2e.shared import ROOT, WAIT_S, Desktop, EngineProcess
from tests.live_desk import REFERENCE
from tests.postgres import PostgresServer
from tests.store.shared_desk import PASSWORD, SharedDesk


@pytest.mark.timeout(240)
def test_leader_that_was_paused_and_wakes_ends_without_writing(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    desk = SharedDesk(postgres_server, people=("alice", "eng"))
    with contextlib.ExitStack() as stack:
        stack.callback(desk.close)
        store = stack.enter_context(
            contextlib.closing(PostgresStore(postgres_server.url(desk.name)))
        )
        store.submit_many([submission_of(command) for command in reference_commands(REFERENCE)])
        url = f"postgresql://eng@127.0.0.1:{postgres_server.port}/{desk.name}"
        engines: list[EngineProcess] = []

        def start_one() -> None:
            engines.append(EngineProcess(url, tmp_path, PASSWORD, f"engine-{len(engines)}"))
            stack.callback(engines[-1].close)

        start_one()
        alice = Desktop.at("alice", desk.url("alice"))
        stack.callback(alice.session.close)
        core = alice.session.core
        alice.until(
            "an open market",
            lambda: core.link is Link.LIVE and core.state.day_open and "KO" in core.quotes,
        )
        alice.rest(100)
        alice.until("an order at work", lambda: alice.statuses() == [OrderStatus.NEW])
        # A machine that is busy enough takes the lease from a leader by itself.
        start_one()
        paused, epoch = _leading(engines, core.engine)
        paused.process.send_signal(signal.SIGSTOP)
        alice.rest(200)
        alice.until("the standby", lambda: core.engine is not None and core.engine.epoch > epoch)
        alice.until("both at work", lambda: alice.statuses() == [OrderStatus.NEW] * 2)
        paused.process.send_signal(signal.SIGCONT)
        assert paused.process.wait(WAIT_S) == 0
        assert "Another engine" in paused.log.read_text()

        alice.rest(300)
        alice.until("all at work", lambda: alice.statuses() == [OrderStatus.NEW] * 3)
        with desk.admin() as admin:
            epochs = [row[0] for row in admin.execute("SELECT epoch FROM event ORDER BY seq")]
        assert epochs == sorted(epochs)
        assert len(set(epochs)) >= 2


def _leading(engines: list[EngineProcess], lease: Lease | None) -> tuple[EngineProcess, int]:
    assert lease is not None
    (leader,) = [e for e in engines if lease.holder.endswith(f":{e.process.pid}")]
    return leader, lease.epoch


def test_engine_whose_snapshot_has_another_hash_says_so_and_does_not_lead(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    url = f"sqlite:///{path}"
    init_store(store_address(url))
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DESKBLOTTER_RUN_DIR": str(tmp_path / "run"),
    }
    command = [sys.executable, "-m", "app", "engine", "--store", url]
    log = tmp_path / "log"
    with log.open("wb") as written:
        first = subprocess.Popen(command, stderr=written, env=environment)
        connection = sqlite_connect(path, checkpoints=False)
        with contextlib.closing(connection):
            _until_events(connection)
            first.terminate()
            assert first.wait(WAIT_S) == 0
            found = connection.execute("SELECT count(*) FROM snapshot WHERE scope = '*'").fetchone()
            assert found[0] == 1
            connection.execute("UPDATE snapshot SET state_hash = 'x' WHERE scope = '*'")
            connection.commit()
            events = connection.execute("SELECT count(*) FROM event").fetchone()
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                env=environment,
                timeout=WAIT_S,
            )
            assert done.returncode == 2
            assert "does not have the hash it was saved with. Verify the store" in done.stderr
            assert connection.execute("SELECT count(*) FROM event").fetchone() == events


def _until_events(connection: object) -> None:
    give_up = time.monotonic() + WAIT_S
    sql = "SELECT count(*) FROM event WHERE kind = 'DayStarted'"
    while not connection.execute(sql).fetchone()[0]:  # type: ignore[attr-defined]
        assert time.monotonic() < give_up
        time.sleep(0.05)
