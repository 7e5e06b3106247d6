"""The floor of a shared desk's way from submit to row: two commits and two notifications."""

from __future__ import annotations

import selectors
import threading
import time
from typing import Any

import psycopg

from app.bench.private_desk import PrivateDesk

_TABLE = "CREATE TABLE IF NOT EXISTS floor (n bigint)"
_WRITE = "WITH written AS (INSERT INTO floor VALUES (1)) SELECT pg_notify(%s, '')"
_DATABASE = "floor"


class _Side:
    """One side of the ping-pong: it writes on one connection and listens on another."""

    def __init__(self, desk: PrivateDesk, hears: str, tells: str) -> None:
        self.writer = desk.admin(_DATABASE)
        self.listener: psycopg.Connection[Any] = desk.admin(_DATABASE)
        self.listener.execute(f"LISTEN {hears}")
        self._tells = tells
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.listener.pgconn.socket, selectors.EVENT_READ)

    def tell(self) -> None:
        self.writer.execute(_WRITE, (self._tells,))

    def hear(self) -> None:
        pgconn = self.listener.pgconn
        while True:
            self._selector.select()
            pgconn.consume_input()
            if pgconn.notifies():
                return

    def close(self) -> None:
        self._selector.close()
        self.listener.close()
        self.writer.close()


def two_commits_and_notifications(desk: PrivateDesk, rounds: int) -> list[float]:
    """Return the seconds of each round: a durable row, a hint, a durable row, a hint back."""
    with desk.admin("postgres") as admin:
        known = admin.execute("SELECT FROM pg_database WHERE datname = %s", (_DATABASE,))
        if known.fetchone() is None:
            admin.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
    with desk.admin(_DATABASE) as admin:
        admin.execute(_TABLE)
    here, there = _Side(desk, "back", "forth"), _Side(desk, "forth", "back")

    def answer() -> None:
        for _ in range(rounds):
            there.hear()
            there.tell()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        here.tell()
        here.hear()
        spent.append(time.perf_counter() - started)
    thread.join()
    here.close()
    there.close()
    return spent
