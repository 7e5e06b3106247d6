"""A shared desk on a real PostgreSQL: two desktops, and a standby that takes over.

Everybody with a login of their own, held to its role by the database.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import structlog

from app.core.desk_state import desk_view, state_hash
from app.engine.process import EngineRunner
from app.engine.step import Stop
from app.market.simulator import SimulatedFlow
from app.reference_data import reference_commands
from app.session.client import Session
from app.session.step import Link, submission_of
from app.store.postgres import PostgresStore
from app.venues.sim import SimVenue
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side
from tests.live_desk import DAY, REFERENCE
from tests.postgres import PostgresServer
from tests.store.shared_desk import SharedDesk

WAIT_S = 30
LOG = structlog.get_logger()


class _Desktop:
    """A desktop without a window; `pump` is its loop."""

    def __init__(self, login: str, url: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.session = Session(login, "EQ", lambda: PostgresStore(url), self._calls.put)
        self.session.start()

    def pump(self) -> None:
        try:
            self._calls.get(timeout=0.005)()
        except queue.Empty:
            return

    def rest(self, qty: int) -> str:
        """Enter a buy far below the market."""
        core = self.session.core
        bid = core.quotes["KO"].bid
        return self.session.submit(
            OrderTerms(
                symbol="KO",
                side=Side.BUY,
                qty=qty,
                order_type=OrderType.LIMIT,
                account="GROWTH",
                limit_px=bid - 90 * 10_000_000,
            )
        )

    def statuses(self) -> dict[str, OrderStatus]:
        return {o.order_id: o.status for o in self.session.core.state.orders.values()}


class _Engine:
    """An engine on a thread of its own, with its own connection."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._url = url
        self.runner: EngineRunner | None = None
        self.ended: Stop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        store = PostgresStore(self._url)
        runner: EngineRunner
        flow = SimulatedFlow(lambda: runner.core.state.instruments, seed=5)
        runner = EngineRunner(store, SimVenue(flow), self._name, lambda ts: DAY, LOG)
        self.runner = runner
        self.ended = runner.run()
        store.close()

    def stop(self) -> None:
        assert self.runner is not None
        self.runner.stop()
        self._thread.join()


def _until(desktops: list[_Desktop], what: str, holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < give_up, f"in vain for {what}"
        for desktop in desktops:
            desktop.pump()


@pytest.fixture
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    with contextlib.closing(SharedDesk(postgres_server, people=("alice", "ben", "eng"))) as made:
        yield made


def test_two_desktops_and_a_takeover_agree_on_postgresql(desk: SharedDesk) -> None:
    store = PostgresStore(desk.server.url(desk.name))
    store.submit_many([submission_of(command) for command in reference_commands(REFERENCE)])
    first = _Engine("first", desk.url("eng"))
    alice, ben = _Desktop("alice", desk.url("alice")), _Desktop("ben", desk.url("ben"))
    both = [alice, ben]
    cores = [desktop.session.core for desktop in both]
    _until(both, "both live", lambda: all(c.link is Link.LIVE and c.quotes for c in cores))
    _until(both, "the day", lambda: all(c.state.day_open and "KO" in c.quotes for c in cores))
    alice.rest(100)
    ben.rest(200)
    working = [OrderStatus.NEW, OrderStatus.NEW]
    _until(both, "both orders on both", lambda: [*alice.statuses().values()] == working)
    _until(both, "both orders on both", lambda: ben.statuses() == alice.statuses())

    assert all(d.session.health and d.session.health.enforces for d in both)

    second = _Engine("second", desk.url("eng"))
    first.stop()
    _until(both, "the standby", lambda: all(c.engine and c.engine.epoch == 2 for c in cores))
    (order_id,) = (o.order_id for o in cores[0].state.orders.values() if o.trader == "alice")
    alice.session.cancel(order_id)
    _until(
        both,
        "the cancel, by the new engine's venue",
        lambda: all(d.statuses()[order_id] is OrderStatus.CANCELED for d in both),
    )
    assert second.runner is not None
    second.stop()
    engine_view = state_hash(desk_view(second.runner.core.state, "EQ"))
    _until(both, "the same state", lambda: {state_hash(c.state) for c in cores} == {engine_view})
    for desktop in both:
        desktop.session.close()
    rows = [row for row in store.read(None, 0, 10_000) if row.kind == "OrderAccepted"]
    assert len(rows) == 2
    store.close()
