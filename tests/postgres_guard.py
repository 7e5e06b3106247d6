"""Keeps a PostgreSQL server for as long as its parent lives; standard library only.

    python postgres_guard.py BIN FOLDER DURABLE < a pipe that the parent holds open

The server is the guard's own child. When the pipe closes, in whatever way the parent ended, the
server is stopped and its folder removed. Lines on the pipe: `restart` stops the server in order and
starts it again, `crash` does so without giving it time to write anything down. After a start a line
`ready PORT` comes back, or `failed` and the reason.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PASSWORD_FILE = "password"
START_TIMEOUT_S = 60.0
_QUICK = ("fsync=off", "full_page_writes=off")
_ALWAYS = (
    "listen_addresses=127.0.0.1",
    "max_connections=60",
    "shared_buffers=32MB",
    "autovacuum_naptime=10s",
    "log_min_messages=warning",
)


class Guard:
    """One server: its binaries, its folder, its port."""

    def __init__(self, bin_folder: Path, folder: Path, *, durable: bool) -> None:
        self._folder = folder
        self._options = _ALWAYS if durable else (*_ALWAYS, *_QUICK)
        self._as_user: dict[str, Any] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._port = 0
        if os.geteuid() == 0:
            # The server refuses to run as root.
            nobody = pwd.getpwnam("nobody")
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            bin_folder = self._reachable(bin_folder)
        self._bin = bin_folder

    def _reachable(self, bin_folder: Path) -> Path:
        """Return the binaries, copied when they lie where the server's user can't go."""
        try:
            command = [bin_folder / "postgres", "--version"]
            subprocess.run(command, check=True, capture_output=True, **self._as_user)
        except (OSError, subprocess.CalledProcessError):
            # With the libraries of the wheel, which the programs look for beside their package.
            package = bin_folder.parents[1]
            copy = self._folder / package.name
            shutil.copytree(bin_folder.parent, copy / bin_folder.parent.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, self._folder / libraries.name)
            return copy / bin_folder.parent.name / bin_folder.name
        return bin_folder

    def init(self) -> None:
        password_file = self._folder / PASSWORD_FILE
        password_file.write_text(secrets.token_hex(12))
        if self._as_user:
            os.chown(password_file, self._as_user["user"], self._as_user["group"])
        command = [self._bin / "initdb", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        command += ["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command += [f"--pgdata={self._data}"]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", **self._as_user
        )
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr.strip()}")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> int:
        """Start on a free port, the same one after the first time, and return it."""
        for _ in range(5):
            port = self._port or _free_port()
            if self._start(port):
                self._port = port
                return port
        raise RuntimeError((self._folder / "log").read_text()[-2000:])

    def _start(self, port: int) -> bool:
        command = [self._bin / "postgres", "-D", self._data, "-p", str(port), "-k", self._folder]
        for option in self._options:
            command += ["-c", option]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._as_user
            )
        pid_file = self._data / "postmaster.pid"
        give_up = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up and self._server.poll() is None:
            if pid_file.exists():
                lines = pid_file.read_text().splitlines()
                if lines and lines[0] == str(self._server.pid) and lines[-1].strip() == "ready":
                    return True
            time.sleep(0.01)
        self.stop(signal.SIGQUIT)
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        server, self._server = self._server, None
        if server is None or server.poll() is not None:
            return
        server.send_signal(how)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()

    def serve(self) -> None:
        self.init()
        _say(f"ready {self.start()}")
        for line in sys.stdin:
            self.stop(signal.SIGQUIT if line.strip() == "crash" else signal.SIGINT)
            _say(f"ready {self.start()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The parent is gone; the pipe that it held tells us next.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(number: int, frame: object) -> None:
    sys.exit(128 + number)


def main() -> None:
    bin_folder, folder, durable = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "durable"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    guard = None
    try:
        guard = Guard(bin_folder, folder, durable=durable)
        guard.serve()
    except (RuntimeError, OSError) as error:
        _say(f"failed {' '.join(str(error).split())}")
    finally:
        if guard is not None:
            guard.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
