"""A whole outage through the real session: the store goes away, and comes back, under a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from pytestqt.qtbot import QtBot

from app.continuity.outage import Kind
from app.ports import Outcome, StoredEvent, Submission
from app.session.ids import new_command_id
from app.session.step import Link
from app.store.memory import MemoryStore, MemoryTables
from models.errors import BlotterError, StoreUnavailable
from models.order_state import OrderStatus
from tests.builders import terms
from tests.live_desk import LiveDesk


class Wire:
    """What lies between the window and its store; `swallowed` is what never gets through."""

    def __init__(self) -> None:
        self.is_cut = False
        self.swallowed: set[str] = set()

    def open(self, tables: MemoryTables) -> MemoryStore:
        return _Wired(tables, self)


class _Wired(MemoryStore):
    def __init__(self, tables: MemoryTables, wire: Wire) -> None:
        super().__init__(tables)
        self._wire = wire

    def _pass(self) -> None:
        if self._wire.is_cut:
            raise StoreUnavailable("no route to host")

    def now(self) -> int:
        self._pass()
        return super().now()

    def read(
        self, streams: Sequence[str] | None, after_seq: int, limit: int
    ) -> Sequence[StoredEvent]:
        self._pass()
        return super().read(streams, after_seq, limit)

    def submit_many(self, submissions: Sequence[Submission]) -> list[Outcome]:
        self._pass()
        if not self._wire.swallowed.isdisjoint(each.command_id for each in submissions):
            raise StoreUnavailable("the line went dead")
        return super().submit_many(submissions)

    def lookup(self, command_id: str) -> Outcome:
        self._pass()
        return super().lookup(command_id)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def desk(qtbot: QtBot, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveDesk]:
    monkeypatch.setattr("ui.continuity.keeper.OPENS_AFTER_S", 0.5)
    made = LiveDesk(qtbot, open_store=wire.open)
    yield made
    made.close()


def test_outage_from_the_cut_to_trading_again(desk: LiveDesk, wire: Wire) -> None:
    session, keeper = desk.session, desk.window.outages
    core = session.core
    bid = core.quotes["KO"].bid
    far = terms(symbol="KO", qty=100, limit_px=bid - 50 * 10**7)
    session.submit(far)
    desk.until(lambda: any(order.status is OrderStatus.NEW for order in desk.orders()))
    (order,) = desk.orders()

    wire.is_cut = True
    lost_id = new_command_id()
    wire.swallowed.add(lost_id)  # else it might be sent late, and still be fresh enough
    session.submit(terms(symbol="KO", qty=200, limit_px=bid - 60 * 10**7), command_id=lost_id)
    desk.until(lambda: core.link is Link.LOST)
    with pytest.raises(BlotterError, match="Nothing was sent: the store is lost"):
        session.submit(far)
    cancel_id = session.cancel(order.order_id)
    desk.until(lambda: not desk.window.docks["continuity"].isHidden())
    assert keeper.outage is not None
    assert set(keeper.outage.requests) == {lost_id, cancel_id}

    def kinds() -> dict[str, Kind]:
        assert keeper.outage is not None
        return {line.key: line.kind for line in keeper.outage.lines}

    wire.is_cut = False
    desk.until(lambda: core.link is Link.LIVE)
    with pytest.raises(BlotterError, match="Nothing was sent: "):
        session.submit(far)
    desk.until(lambda: core.state.orders[order.order_id].status is OrderStatus.CANCELED)
    desk.until(
        lambda: (
            kinds() == {lost_id: Kind.NOT_SENT, cancel_id: Kind.SENT, order.order_id: Kind.CHANGED}
        )
    )
    assert len(desk.orders()) == 1  # nothing went by itself
    keeper.acknowledge([lost_id, cancel_id, order.order_id])
    desk.until(lambda: not keeper.objection)
    keeper.resume()

    session.submit(far)
    desk.until(lambda: len(desk.orders()) == 2)
    assert not session.hold
