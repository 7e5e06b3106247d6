"""A primary dies and its standby is promoted, on two real servers: engine and desktop follow."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

import pytest

from app.ports import Verdict
from app.reference_data import reference_commands
from app.session.step import Answered, Link, submission_of
from app.store.people import People
from app.store.postgres import PostgresStore, init_postgres
from models.errors import BlotterError
from models.order_state import OrderStatus
from tests.e2e.replicas import Replicas
from tests.e2e.shared import Desktop, EngineProcess
from tests.live_desk import REFERENCE
from tests.store.shared_desk import PASSWORD

DATABASE = "desk"


@contextlib.contextmanager
def _desk(*, synchronous: bool) -> Iterator[tuple[Replicas, Desktop, EngineProcess]]:
    """Two servers with a store and people, an engine process, and alice's open desktop."""
    with (
        contextlib.closing(Replicas(synchronous=synchronous)) as replicas,
        contextlib.ExitStack() as stack,
    ):
        with replicas.admin(replicas.primary) as admin:
            admin.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        url = replicas.url("postgres", replicas.primary.password, DATABASE)
        init_postgres(url)
        with People(url) as people:
            people.add("alice", "trader", ["EQ"], password=PASSWORD)
            people.add("eng", "engine", [], password=PASSWORD)
        with contextlib.closing(PostgresStore(url)) as store:
            store.submit_many([submission_of(c) for c in reference_commands(REFERENCE)])
        engine = EngineProcess(
            replicas.url("eng", "", DATABASE), replicas.folder / "engine", PASSWORD
        )
        stack.callback(engine.close)
        alice = Desktop.at("alice", replicas.url("alice", PASSWORD, DATABASE))
        stack.callback(alice.session.close)
        core = alice.session.core
        alice.until(
            "an open market",
            lambda: core.link is Link.LIVE and core.state.day_open and "KO" in core.quotes,
        )
        yield replicas, alice, engine


@pytest.mark.timeout(300)
def test_failover_to_a_synchronous_standby_loses_nothing_and_does_nothing_twice() -> None:
    with _desk(synchronous=True) as (replicas, alice, engine):
        core = alice.session.core
        acknowledged: set[str] = set()
        step = core.step

        def listening(given: object) -> object:
            if isinstance(given, Answered) and given.outcome.verdict is Verdict.RECEIVED:
                acknowledged.add(given.outcome.command_id)
            return step(given)  # type: ignore[arg-type]

        core.step = listening  # type: ignore[assignment,method-assign]
        sent = [alice.rest(100 + at) for at in range(20)]
        alice.until("the first answers", lambda: len(acknowledged) > 2 and bool(core.state.orders))
        replicas.kill_primary()
        alice.until("the loss", lambda: core.link is Link.LOST)
        with pytest.raises(BlotterError, match="Nothing was sent: the store is lost"):
            alice.rest(500)
        first = next(iter(core.state.orders))
        alice.session.cancel(first)  # a cancel goes by itself when the store is back
        replicas.promote()
        alice.until("the new primary", lambda: core.link is Link.LIVE)
        alice.until("an outcome of all", lambda: not any(r.is_open for r in core.requests.values()))
        after = alice.rest(600)

        def orders() -> list[str]:
            return [order.command_id for order in core.state.orders.values()]

        alice.until("an order after it", lambda: after in orders())
        alice.until("all settled", lambda: not {OrderStatus.PENDING_NEW} & set(alice.statuses()))
        alice.until("the cancel", lambda: core.state.orders[first].status is OrderStatus.CANCELED)
        assert acknowledged & {*sent, after} <= set(orders())
        assert set(orders()) <= {*sent, after}
        url = replicas.url("postgres", replicas.primary.password, DATABASE)
        with contextlib.closing(PostgresStore(url)) as store:
            rows = store.read(None, 0, 10_000)
            accepted = Counter(row.command_id for row in rows if row.kind == "OrderAccepted")
            assert set(accepted.values()) == {1}
            leader = store.leader()
        assert leader is not None
        assert leader.holder.endswith(f":{engine.process.pid}")
        assert engine.process.poll() is None


@pytest.mark.timeout(300)
def test_failover_to_a_standby_that_lost_commits_stops_the_desktop() -> None:
    with _desk(synchronous=False) as (replicas, alice, _):
        core = alice.session.core
        alice.rest(100)
        alice.until("an order at work", lambda: alice.statuses() == [OrderStatus.NEW])
        with replicas.deaf_standby():
            for at in range(5):
                alice.rest(200 + at)
            alice.until("orders that only the primary has", lambda: len(alice.statuses()) == 6)
            replicas.kill_primary()
        replicas.promote()
        alice.until("the stop", lambda: core.link is Link.HALTED)
        assert "went back" in core.link_text or "changed after" in core.link_text
        assert "Stop trading" in core.link_text
