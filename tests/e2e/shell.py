"""A person's shell, for tests of the command line against a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


class Shell:
    """A person's shell: a pass file of its own, and no other way to a password."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self.database = server.create_database()
        self._server = server
        self._pass_file = folder / "passfile"
        self._pass_file.touch(mode=0o600)
        self.knows("postgres", server.password)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
            "PGPASSFILE": str(self._pass_file),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(ROOT),
        }

    def knows(self, login: str, password: str) -> None:
        with self._pass_file.open("a") as file:
            file.write(f"127.0.0.1:{self._server.port}:*:{login}:{password}\n")

    def url(self, login: str = "postgres") -> str:
        return f"postgresql://{login}@127.0.0.1:{self._server.port}/{self.database}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add(self, login: str, role: str, *arguments: str) -> str:
        """Add a login, note the password that is shown once, and return it."""
        said = self.ok("user", "add", login, "--store", self.url(), "--role", role, *arguments)
        shown = re.search(rf"password of {login}, shown this once: (\S+)", said)
        assert shown is not None, said
        self.knows(login, shown[1])
        return shown[1]
