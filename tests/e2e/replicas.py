"""Two real PostgreSQL servers for tests: a primary, and a standby that streams from it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from app.serving.postgres_server import OWNER, PrivateServer
from tests.postgres import server_binaries

WAIT_S = 60
_STANDBY = "standby"


class Replicas:
    """A primary with its standby, synchronous or not.

    Attributes:
        folder: of both, and of whatever else a test keeps.
        primary, standby: the servers; the standby stands by until `promote`.
    """

    def __init__(self, *, synchronous: bool) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="tests-replicas-")
        self.folder = Path(self._scratch.name)
        self.folder.chmod(0o711)
        self.primary = self._server("primary")
        self.primary.make()
        self.primary.start()
        self.standby = self._server(_STANDBY)
        self._copy()
        self.standby.start()
        self.wait("streaming", "SELECT count(*) = 1 FROM pg_stat_replication")
        if synchronous:
            self.run(self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.run(self.primary, "SELECT pg_reload_conf()")
            self.wait("synchronous", "SELECT sync_state = 'sync' FROM pg_stat_replication")

    def _server(self, name: str) -> PrivateServer:
        folder = self.folder / name
        for part in (folder, folder / "secrets", folder / "log"):
            part.mkdir(mode=0o711)
        return PrivateServer(folder, server_binaries())

    def _copy(self) -> None:
        """Make the standby's data folder from the running primary."""
        server = self.standby
        home = server._data.parent
        home.mkdir(mode=0o700)
        if server._ids is not None:
            os.chown(home, *server._ids)
        subprocess.run(
            [
                str(server._programs / "pg_basebackup"),
                f"--dbname=host=127.0.0.1 port={self.primary.port} user={OWNER} "
                f"password={self.primary.password}",
                f"--pgdata={server._data}",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--write-recovery-conf",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd="/",
            **server._as_user,
        )
        server.password = self.primary.password

    # -- what a test does ----------------------------------------------------------------------

    def admin(self, server: PrivateServer, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1",
            port=server.port,
            user=OWNER,
            password=server.password,
            dbname=database,
            autocommit=True,
        )

    def run(self, server: PrivateServer, statement: str) -> Any:
        with self.admin(server) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def wait(self, what: str, question: str) -> None:
        """Wait until the primary answers `question` with true."""
        give_up = time.monotonic() + WAIT_S
        while self.run(self.primary, question) is not True:
            assert time.monotonic() < give_up, f"in vain for {what}"
            time.sleep(0.02)

    def url(self, login: str, password: str, database: str) -> str:
        """Return how `login` follows whichever of the two is the primary."""
        ports = (self.primary.port, self.standby.port)
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        secret = f":{quote(password)}" if password else ""
        query = "target_session_attrs=read-write"
        return f"postgresql://{login}{secret}@{hosts}/{database}?{query}"

    def kill_primary(self) -> None:
        """End the primary like a machine that loses its power."""
        os.kill(_postmaster(self.primary), signal.SIGKILL)

    def promote(self) -> None:
        assert self.run(self.standby, "SELECT pg_promote(true, 60)") is True

    @contextlib.contextmanager
    def deaf_standby(self) -> Any:
        """Let the standby receive nothing; an asynchronous primary does not wait for it."""
        pid = self.run(self.standby, "SELECT pid FROM pg_stat_wal_receiver")
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.standby.stop()
            self.standby.start()

    def close(self) -> None:
        self.standby.stop()
        self.primary.stop()
        self._scratch.cleanup()


def _postmaster(server: PrivateServer) -> int:
    return int((server._data / "postmaster.pid").read_text().split()[0])
