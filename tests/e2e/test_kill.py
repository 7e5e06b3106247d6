"""A kill on the engine's machine while PostgreSQL stands still, by real processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.reference_data import reference_commands
from app.session.step import Link, submission_of
from app.store.postgres import PostgresStore
from models.order_state import OrderStatus
from tests.e2e.shared import Desktop, EngineProcess, stopped
from tests.live_desk import REFERENCE
from tests.postgres import PostgresServer
from tests.store.shared_desk import PASSWORD, SharedDesk


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that may be stopped: no other test's."""
    with contextlib.closing(PostgresServer()) as server:
        yield server


def test_kill_while_the_store_stands_still_cancels_at_once_and_is_logged_when_it_is_back(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    desk = SharedDesk(own_server, people=("alice", "dana", "eng"))
    store = PostgresStore(own_server.url(desk.name))
    store.submit_many([submission_of(command) for command in reference_commands(REFERENCE)])
    url = f"postgresql://eng@127.0.0.1:{own_server.port}/{desk.name}"
    engine = EngineProcess(url, tmp_path, PASSWORD)
    alice = Desktop.at("alice", desk.url("alice"))
    core = alice.session.core
    try:
        alice.until(
            "an open market",
            lambda: core.link is Link.LIVE and core.state.day_open and "KO" in core.quotes,
        )
        alice.rest(100)
        alice.rest(200)
        alice.until("both at work", lambda: alice.statuses() == [OrderStatus.NEW] * 2)
        before = store.head_seq()

        with stopped(own_server):
            told = engine.blotter("engine", "kill", "--store", url, "--note", "feed gone mad")
        assert "sent 2 cancels to its venues" in told
        assert "The store does not answer yet" in told

        alice.until("the cancels", lambda: alice.statuses() == [OrderStatus.CANCELED] * 2)
        kinds = list(dict.fromkeys(row.kind for row in store.read(None, before, 100)))
        assert kinds[:4] == ["TradingHalted", "AlertRaised", "CancelRequested", "OrderCanceled"]
        (halt,) = (halt for halt in core.state.halts.values() if halt.desk == "EQ")
        assert "feed gone mad" in halt.note
        alice.rest(300)
        alice.until("a denial", lambda: OrderStatus.DENIED in alice.statuses())

        dana = Desktop.at("dana", desk.url("dana"))
        dana.until("dana", lambda: dana.session.core.link is Link.LIVE)
        dana.session.resume("")
        alice.until("trading again", lambda: not core.state.halts)
        alice.rest(400)
        alice.until("work again", lambda: OrderStatus.NEW in alice.statuses())
        dana.session.close()
    finally:
        alice.session.close()
        engine.close()
        store.close()
