"""The tests' own server: it must never outlive the run that started it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import PostgresServer, server_binaries
from tests.store.builders import wait_until

REPOSITORY = Path(__file__).parents[2]
_START = """
import time
from tests.postgres import PostgresServer
server = PostgresServer()
print(server.guard_pid, server.port, server.folder, flush=True)
time.sleep(600)
"""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_server_of_a_run_that_is_killed_ends_and_leaves_nothing() -> None:
    server_binaries()
    run = subprocess.Popen(
        [sys.executable, "-c", _START], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    guard_pid, port, folder = run.stdout.readline().split()
    assert _listens(int(port))
    run.send_signal(signal.SIGKILL)
    run.communicate()
    wait_until(lambda: not Path(folder).exists() and not _listens(int(port)))
    wait_until(lambda: not Path(f"/proc/{guard_pid}").exists())


def test_server_asks_for_a_password(postgres_server: PostgresServer) -> None:
    import psycopg

    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host="127.0.0.1", port=postgres_server.port, user="postgres", passfile="")


def test_server_binaries_missing_fails_in_ci_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="not installed"):
        server_binaries()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        server_binaries()
