"""A takeover with a long log takes longer than the lease, and the lease is kept all the same."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
import structlog

from app.engine.process import EngineRunner
from app.engine.step import READ_MAX, Phase, RestoreVenues, Stop
from app.ports import LEASE_TTL_NS, Lease, NewOrder, StoredEvent, StreamHead
from app.session.step import submission_of
from app.store.memory import MemoryStore, MemoryTables
from app.venues.sim import SimVenue
from models.commands import VenueReport
from models.errors import StoreDamaged
from models.events import AnyEvent, SymbolReleased, SymbolRestricted
from tests.builders import NOW, LogWriter, ScriptedFlow, reference_commands, terms

EVENTS = 100_000
PAGE_NS = LEASE_TTL_NS // 2  # what reading and replaying a page costs: 20 pages, five leases
WAIT_S = 100


class _Slow(MemoryStore):
    """A store whose pages take long, and beside it a rival that wants to lead."""

    def __init__(self, tables: MemoryTables) -> None:
        super().__init__(tables)
        self.ts = NOW
        tables.clock = lambda: self.ts
        self.stolen: list[Lease] = []
        self.pages = 0

    def read(self, streams: Sequence[str] | None, after_seq: int, limit: int) -> list[StoredEvent]:
        rows = super().read(streams, after_seq, limit)
        self.ts += PAGE_NS
        self.pages += 1
        lease = MemoryStore(self.tables).acquire_lease("rival", LEASE_TTL_NS)
        if lease is not None:
            self.stolen.append(lease)
        return rows


@pytest.fixture(scope="module")
def rows() -> list[StoredEvent]:
    """A log without a snapshot: a name restricted and released over and over."""
    writer = LogWriter()
    for at in range(EVENTS // 2):
        pair: tuple[AnyEvent, AnyEvent] = (
            SymbolRestricted(ts=NOW, symbol="ACME", note=str(at)),
            SymbolReleased(ts=NOW, symbol="ACME"),
        )
        writer.write(*pair)
    return writer.rows


def test_leader_whose_store_lost_commits_says_so_and_writes_nothing(
    rows: list[StoredEvent],
) -> None:
    """As after the promotion of a standby that lagged: the lease is still its own."""
    tables = MemoryTables(lambda: NOW)
    tables.events += rows[:50]
    tables.heads = {"firm": StreamHead(rows[49].stream_seq, rows[49].hash)}
    store = MemoryStore(tables)
    runner = EngineRunner(
        store, SimVenue(ScriptedFlow()), "me", lambda ts: "", structlog.get_logger()
    )
    runner._lock.acquire()  # as `run` does
    runner._feed(runner._tick())
    assert runner.core.phase is Phase.LEADING
    del tables.events[40:]
    tables.heads = {"firm": StreamHead(rows[39].stream_seq, rows[39].hash)}
    store.submit_many([submission_of(command) for command in reference_commands()])
    with pytest.raises(StoreDamaged, match="went back from event 50 to 40"):
        runner._feed(runner._tick())
    assert len(tables.events) == 40


class _SlowVenue(SimVenue):
    """A venue that needs half a lease for each portion of orders that it gets back."""

    def __init__(self, store: _Slow) -> None:
        super().__init__(ScriptedFlow())
        self._store = store
        self.portions: list[int] = []

    def restore(self, orders: Sequence[NewOrder], ts: int) -> list[VenueReport]:
        self.portions.append(len(orders))
        self._store.ts += PAGE_NS
        lease = MemoryStore(self._store.tables).acquire_lease("rival", LEASE_TTL_NS)
        if lease is not None:
            self._store.stolen.append(lease)
        return super().restore(orders, ts)


def test_takeover_with_many_working_orders_keeps_its_lease_while_venues_get_them() -> None:
    tables = MemoryTables()
    store = _Slow(tables)
    venue = _SlowVenue(store)
    runner = EngineRunner(store, venue, "me", lambda ts: "", structlog.get_logger())
    runner._lock.acquire()  # as `run` does
    runner._feed(runner._tick())
    assert runner.core.phase is Phase.LEADING
    orders = [NewOrder(cl_ord_id=f"O-1122-{at:06}/1", terms=terms(qty=1)) for at in range(5_000)]
    runner._do(RestoreVenues(orders, ()))
    assert len(venue.portions) == 10
    assert sum(venue.portions) == len(venue.books["ACME"].orders) == 5_000
    assert store.stolen == []
    assert tables.epoch == 1


def test_takeover_of_a_long_log_keeps_its_lease_between_the_pages(rows: list[StoredEvent]) -> None:
    tables = MemoryTables()
    tables.events += rows
    tables.heads = {"firm": StreamHead(rows[-1].stream_seq, rows[-1].hash)}
    store = _Slow(tables)
    runner = EngineRunner(
        store, SimVenue(ScriptedFlow()), "second", lambda ts: "", structlog.get_logger()
    )
    ended: list[Stop] = []
    thread = threading.Thread(target=lambda: ended.append(runner.run()), daemon=True)
    thread.start()
    waits = threading.Event()
    for _ in range(WAIT_S * 100):
        if runner.core.phase in (Phase.LEADING, Phase.STOPPED):
            break
        waits.wait(0.01)
    assert runner.core.phase is Phase.LEADING
    runner.stop()
    thread.join(WAIT_S)
    assert runner.core.seq == EVENTS
    assert store.pages == EVENTS // READ_MAX + 1
    assert store.stolen == []
    assert tables.epoch == 1
