"""Measures, in the real window, the time from the ticket's key to the filled row being painted."""

from __future__ import annotations

import asyncio
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest

from app.session.client import Session
from models.order_state import OrderStatus
from ui.autopilot import Autopilot
from ui.blotter.signs import STATUS
from ui.desktop import OpenSession, run_desktop
from ui.main_window import MainWindow

_SYMBOLS = ("aapl", "msft", "nvda", "amzn", "jpm", "xom", "ko", "spy", "qqq", "intc")
_PAUSE_S = 0.12  # about six orders a second, faster than anybody types
_FILLED = " ".join(STATUS[OrderStatus.FILLED][:2])


class _PaintWatch(QObject):
    """Tells when the row of a command has been painted as filled."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._orders = session.core.state.orders
        self._pane = window.orders
        self._session = session
        self.command_id = ""
        self.painted = asyncio.Event()
        self._pane.table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.command_id and self._row_says_filled():
            self.command_id = ""
            QTimer.singleShot(0, self.painted.set)  # when this very paint is over
        return False

    def _row_says_filled(self) -> bool:
        pane = self._pane
        for order in reversed(self._session.core.state.orders.values()):
            if order.command_id == self.command_id:
                row = pane.row_of(order)
                return row >= 0 and pane.model.cell(row, 0).text == _FILLED
        return False


def measured_window(open_session: OpenSession, orders: int, timezone: str) -> list[float]:
    """Send `orders` market orders by keys, one after the other; return the seconds of each."""
    times: list[float] = []
    tasks: list[asyncio.Task[None]] = []

    def opened(window: MainWindow, session: Session) -> None:
        drive = _drive(Autopilot(window, session), orders, times)
        tasks.append(asyncio.get_running_loop().create_task(drive))

    run_desktop(open_session, timezone=timezone, on_opened=opened)
    for task in tasks:
        task.result()
    return times


async def _drive(pilot: Autopilot, orders: int, times: list[float]) -> None:
    window, ticket = pilot.window, pilot.window.ticket
    try:
        await pilot.ready()
        watch = _PaintWatch(window, pilot.session)
        ticket.order_sent.connect(lambda sent: setattr(watch, "command_id", sent))
        for at in range(orders):
            side = "b" if at % 2 else "s"
            pilot.type_line(f"{side} {100 + at} {_SYMBOLS[at % len(_SYMBOLS)]} mkt acct growth")
            await pilot.until("a ticket that can be sent", lambda: ticket.can_send)
            await asyncio.sleep(_PAUSE_S)
            watch.painted.clear()
            started = perf_counter()
            QTest.keyClick(ticket.line_edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            await asyncio.wait_for(watch.painted.wait(), timeout=10)
            times.append(perf_counter() - started)
    finally:
        window.close()
