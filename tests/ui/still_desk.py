"""A session over a `Desk` that stands still: real state and commands, no threads, no store."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.ports import Store
from app.session.client import Session
from app.session.order_reading import LoggedEvent, OrderReading
from app.session.step import Changed, Link
from app.store.memory import MemoryStore, MemoryTables
from models.commands import AnyCommand
from models.events import AnyEvent, desk_stream
from tests.builders import DESK, Desk, LogWriter


class StillDesk:
    """Alice's session over the state that commands and reports have built.

    Attributes:
        desk: run commands on it, then `tell` the panes.
        session: what panes are given.
    """

    def __init__(self, desk: Desk | None = None, login: str = "alice") -> None:
        self.desk = desk or Desk()
        self.session = _Session(login, self._store)
        core = self.session.core
        core.link, core.link_text = Link.LIVE, ""
        self.sync()

    def sync(self) -> None:
        """Let the session know the desk's time and market."""
        core = self.session.core
        core.state = self.desk.state
        core.quotes = self.desk.quotes
        core.store_ts = core.feed_ts = self.desk.ts

    def tell(self, changed: Changed) -> None:
        """Tell every listener what changed."""
        self.sync()
        for listener in list(self.session.listeners):
            listener(changed)

    def tell_all(self) -> None:
        """Tell every listener that all may be new, as after a snapshot."""
        self.tell(Changed(reference=True))

    def sent(self) -> list[AnyCommand]:
        """Return the commands that the person has sent."""
        return [request.command for request in self.session.core.requests.values()]

    def _store(self) -> MemoryStore:
        """Return a store that holds the desk's log."""
        tables, writer = MemoryTables(), LogWriter()
        tables.events += writer.write(*self.desk.log)
        return MemoryStore(tables)


class _Session(Session):
    """A session whose store answers at once, on the caller's thread."""

    def __init__(self, login: str, open_store: Callable[[], Store]) -> None:
        super().__init__(login, DESK, open_store, lambda call: call())
        self._open = open_store

    def order_events(
        self, order_id: str, done: Callable[[list[LoggedEvent]], None], after_seq: int = 0
    ) -> OrderReading:
        reading = OrderReading(order_id, desk_stream(DESK), 0, after_seq, done)
        store = self._open()
        while not reading.read_on(store):
            pass
        reading.deliver()
        return reading


def order_ids(events: Iterable[AnyEvent]) -> frozenset[str]:
    """Return the orders that these events are about."""
    return frozenset(filter(None, (getattr(event, "order_id", "") for event in events)))
