"""Keeps a PostgreSQL server for as long as its parent lives; standard library only.

    python guard.py BIN DATA PORT LOG [UID GID] < a pipe that the parent holds open

The server is the guard's own child. When the pipe closes, in whatever way the parent ended, the
server is stopped in order. One line comes back: `ready`, or `failed` and the reason.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0
_LOG_TAIL = 2_000


def _started(server: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server says in its own file that it takes connections."""
    give_up = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < give_up and server.poll() is None:
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except OSError:
            lines = []
        if lines and lines[0] == str(server.pid) and lines[-1].strip() == "ready":
            return True
        time.sleep(0.02)
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End it as `pg_ctl stop -m fast` does; a server that does not, at once."""
    if server.poll() is not None:
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def main() -> int:
    """Start the server, say so, and stop it when the parent is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The parent is told, and closes the pipe. Not ignored: the server would ignore it too.
        signal.signal(number, lambda *_: None)
    bin_folder, data, port, log_path, *ids = sys.argv[1:]
    as_user: dict[str, Any] = {}
    if ids:
        as_user = {"user": int(ids[0]), "group": int(ids[1]), "extra_groups": []}
    command = [f"{bin_folder}/postgres", "-D", data, "-p", port]
    for option in ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"):
        command += ["-c", option]
    with Path(log_path).open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            **as_user,
        )
    if not _started(server, Path(data)):
        _stop(server)
        tail = Path(log_path).read_text(errors="replace")[-_LOG_TAIL:]
        print("failed", " ".join(tail.split()), flush=True)
        return 1
    print("ready", flush=True)
    while sys.stdin.buffer.read(1):
        pass
    _stop(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
