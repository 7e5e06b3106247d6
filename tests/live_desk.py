"""A whole desk for window tests: memory store, real engine on a thread, real window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.qtbot import QtBot

from app.engine.process import EngineRunner
from app.market.simulator import SimulatedFlow
from app.ports import Store
from app.reference_data import reference_commands
from app.session.client import Session
from app.session.step import Link, submission_of
from app.store.memory import MemoryStore, MemoryTables
from app.venues.sim import SimVenue
from models.orders import Order
from ui.collector import Collector
from ui.main_window import MainWindow

REFERENCE = Path(__file__).parents[1] / "resources" / "reference"
DAY = "2026-11-23"
WAIT_MS = 10_000


class _Poster(QObject):
    """Runs calls from other threads on the thread of the window."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        self.posted.emit(call)


class LiveDesk:
    """Alice's window over a desk that is open and quoted.

    Attributes:
        window, session, tables: what a test looks at.
    """

    def __init__(
        self,
        qtbot: QtBot,
        login: str = "alice",
        open_store: Callable[[MemoryTables], Store] = MemoryStore,
    ) -> None:
        """`open_store` makes the window's own connection."""
        self.qtbot = qtbot
        self._collector = Collector()
        self.tables = MemoryTables()
        store = MemoryStore(self.tables)
        store.submit_many([submission_of(c) for c in reference_commands(REFERENCE)])
        runner: EngineRunner
        flow = SimulatedFlow(lambda: runner.core.state.instruments, seed=3)
        log = structlog.get_logger()
        runner = EngineRunner(store, SimVenue(flow), "test", lambda ts: DAY, log)
        self._runner = runner
        self._engine = threading.Thread(target=runner.run, daemon=True)
        self._poster = _Poster()
        self.session = Session(login, "EQ", lambda: open_store(self.tables), self._poster.post)
        self.window = MainWindow(self.session, ZoneInfo("America/New_York"))
        qtbot.addWidget(self.window)
        self.window.show()
        self._engine.start()
        self.session.start()
        core = self.session.core
        self.until(lambda: core.link is Link.LIVE and core.state.day_open)
        self.until(lambda: len(core.quotes) == len(core.state.instruments) > 0)

    def close(self) -> None:
        """End session and engine."""
        self.session.close()
        self._runner.stop()
        self._engine.join()
        self._collector.stop()

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the loop run until `holds`."""
        self.qtbot.waitUntil(holds, timeout=WAIT_MS)

    def orders(self) -> list[Order]:
        """Return the orders in the desktop's own state."""
        return list(self.session.core.state.orders.values())

    def price(self, symbol: str, ticks: int) -> str:
        """Return a price `ticks` from the bid, as a person types it."""
        instrument = self.session.core.state.instruments[symbol]
        bid = self.session.core.quotes[symbol].bid
        return instrument.show_price(bid + ticks * instrument.tick_at(bid)).replace(",", "")
