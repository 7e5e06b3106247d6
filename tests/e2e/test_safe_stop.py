"""An expired certificate and a changed clock: the desktop stops safely and says why."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from app.ports import FRESHNESS_LIMIT_NS, LEASE_TTL_NS, Store
from app.reference_data import reference_commands
from app.session.client import Session
from app.session.step import Link, submission_of
from app.store.memory import MemoryStore, MemoryTables
from app.store.postgres import PostgresStore
from models.errors import BlotterError
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side
from tests.postgres import PostgresServer
from tests.store.builders import wait_until
from tests.store.shared_desk import PASSWORD, SharedDesk
from tests.store.tls import Authority, TlsFront

REFERENCE = Path(__file__).parents[2] / "resources" / "reference"
HOUR_NS = 3_600_000_000_000
TERMS = OrderTerms(
    symbol="KO",
    side=Side.BUY,
    qty=100,
    order_type=OrderType.LIMIT,
    account="GROWTH",
    limit_px=62_000_000_000,
)


class _Desktop:
    """Alice's session; `pump` is its loop."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.session = Session("alice", "EQ", open_store, self._calls.put)
        self.core = self.session.core
        self.session.start()

    def until(self, holds: Callable[[], object]) -> None:
        def pumped() -> object:
            while not self._calls.empty():
                self._calls.get()()
            return holds()

        wait_until(pumped)


@contextmanager
def _desktop(open_store: Callable[[], Store]) -> Iterator[_Desktop]:
    desktop = _Desktop(open_store)
    try:
        yield desktop
    finally:
        desktop.session.close()


# -- the certificate -----------------------------------------------------------------------------


def test_desktop_whose_server_has_an_expired_certificate_sends_nothing_and_says_so(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "ca", "Desk CA")
    with (
        closing(SharedDesk(postgres_server, people=("alice",))) as desk,
        TlsFront(authority.certificate("db.test", days=-1), desk.server.port) as front,
    ):
        url = psycopg.conninfo.make_conninfo(
            host="db.test",
            hostaddr="127.0.0.1",
            port=front.port,
            dbname=desk.name,
            user="alice",
            password=PASSWORD,
            sslmode="verify-full",
            sslrootcert=str(authority.root),
        )
        with _desktop(lambda: PostgresStore(url)) as alice:
            alice.until(lambda: "certificate has expired" in alice.core.link_text)
            assert alice.core.link is Link.STARTING
            with pytest.raises(BlotterError, match=r"Nothing was sent.*certificate has expired"):
                alice.session.submit(TERMS)
        with desk.admin() as admin:
            assert admin.execute("SELECT count(*) FROM command").fetchone() == (0,)


# -- the store's clock ---------------------------------------------------------------------------


class _Clock:
    """A store's clock that can be put."""

    def __init__(self) -> None:
        self.offset_ns = 0

    def __call__(self) -> int:
        return time.time_ns() + self.offset_ns


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def tables(clock: _Clock) -> MemoryTables:
    made = MemoryTables(clock)
    MemoryStore(made).submit_many([submission_of(c) for c in reference_commands(REFERENCE)])
    return made


def test_order_looked_at_before_the_stores_clock_was_put_forward_is_refused_in_words(
    clock: _Clock, tables: MemoryTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.session.client.POLL_S", 1_000.0)  # it does not look by itself
    with _desktop(lambda: MemoryStore(tables)) as alice:
        alice.until(lambda: alice.core.link is Link.LIVE)
        clock.offset_ns = HOUR_NS
        command_id = alice.session.submit(TERMS)
        request = alice.core.requests[command_id]
        alice.until(lambda: request.status is OrderStatus.DENIED)
        assert request.text.startswith("This desktop last saw the store 3600.")
        assert request.text.endswith("Look at the prices and send again.")
        assert command_id not in tables.commands
        MemoryStore(tables).publish_market(clock(), [])  # a hint: it looks again
        alice.until(lambda: clock() - alice.core.store_ts < FRESHNESS_LIMIT_NS)
        again = alice.session.submit(TERMS)
        alice.until(lambda: again in tables.commands)


def test_leader_keeps_the_lease_when_the_stores_clock_is_put_back(
    clock: _Clock, tables: MemoryTables
) -> None:
    """Nobody takes over because of a clock, and the lease is an ordinary one at its renewal."""
    store = MemoryStore(tables)
    lease = store.acquire_lease("first", LEASE_TTL_NS)
    assert lease is not None
    clock.offset_ns = -HOUR_NS
    assert store.acquire_lease("second", LEASE_TTL_NS) is None
    renewed = store.renew_lease(lease, LEASE_TTL_NS)
    assert renewed is not None
    assert renewed.expires_ts <= clock() + LEASE_TTL_NS


def test_leader_is_replaced_but_not_doubled_when_the_stores_clock_is_put_forward(
    clock: _Clock, tables: MemoryTables
) -> None:
    store = MemoryStore(tables)
    first = store.acquire_lease("first", LEASE_TTL_NS)
    assert first is not None
    clock.offset_ns = HOUR_NS
    second = store.acquire_lease("second", LEASE_TTL_NS)
    assert second is not None
    assert second.epoch == first.epoch + 1
    assert store.renew_lease(first, LEASE_TTL_NS) is None
