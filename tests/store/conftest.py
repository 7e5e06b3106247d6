"""The stores that the conformance suite runs against: memory, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.ports import Store
from app.store.memory import MemoryStore, MemoryTables
from app.store.postgres import PostgresStore
from app.store.read_tables import (
    ALERT_COLUMNS,
    EXECUTION_COLUMNS,
    ORDER_COLUMNS,
    alert_values,
    execution_values,
    order_values,
)
from app.store.sqlite import SqliteStore, init_sqlite
from app.store.sqlite_driver import connect as sqlite_connect

READ_TABLES = {
    "orders": ORDER_COLUMNS,
    "executions": EXECUTION_COLUMNS,
    "alerts": ALERT_COLUMNS,
    "snapshot": ("scope", "seq", "version"),
}


@dataclass
class Backend:
    """A store that connections can be opened to.

    `rows` gives a table's rows, sorted, as another program would see them; `wakes_at_start` tells
    that a new follower is woken once, since it may have missed something.
    """

    name: str
    connect: Callable[[], Store]
    rows: Callable[[str], list[tuple[Any, ...]]]
    wakes_at_start: bool
    _open: list[Store] = field(default_factory=list)

    def open(self) -> Store:
        """Return a connection of this thread's that is closed when the test ends."""
        store = self.connect()
        self._open.append(store)
        return store

    def close(self) -> None:
        for store in self._open:
            store.close()


def _select(table: str) -> str:
    return f"SELECT {', '.join(READ_TABLES[table])} FROM {table} ORDER BY 1, 2"


def memory_backend() -> Backend:
    tables = MemoryTables()

    def rows(table: str) -> list[tuple[Any, ...]]:
        found = {
            "orders": [order_values(order) for order in tables.orders.values()],
            "executions": [execution_values(fill) for fill in tables.executions.values()],
            "alerts": [alert_values(alert) for alert in tables.alerts.values()],
            "snapshot": [(s.scope, s.seq, s.version) for s in tables.snapshots.values()],
        }
        return sorted(found[table])

    return Backend("memory", lambda: MemoryStore(tables), rows, wakes_at_start=False)


def sqlite_backend(path: Path) -> Backend:
    init_sqlite(path)

    def rows(table: str) -> list[tuple[Any, ...]]:
        connection = sqlite_connect(path, checkpoints=False)
        try:
            return list(connection.execute(_select(table)))
        finally:
            connection.close()

    return Backend("sqlite", lambda: SqliteStore(path), rows, wakes_at_start=True)


def postgres_backend(url: str) -> Backend:
    def rows(table: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(libpq(url)) as connection:
            return connection.execute(_select(table)).fetchall()

    return Backend("postgres", lambda: PostgresStore(url), rows, wakes_at_start=True)


def libpq(url: str) -> str:
    """Return `url` in the driver's own form."""
    return url.replace("+psycopg", "")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """An empty store."""
    if request.param == "memory":
        found = memory_backend()
    elif request.param == "sqlite":
        found = sqlite_backend(tmp_path / "desk.db")
    else:
        found = postgres_backend(request.getfixturevalue("postgres_url"))
    yield found
    found.close()


@pytest.fixture
def store(backend: Backend) -> Store:
    """A connection to the store."""
    return backend.open()


@pytest.fixture
def other(backend: Backend) -> Store:
    """Another connection to the same store."""
    return backend.open()
