"""Programs that end-to-end tests run as processes of their own.

`window STORE OUT`: open the real window, buy at market by keys, and write what it saw as JSON.
`submitter STORE`: a desktop without a window that submits without end; a line an acknowledgement.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.bootstrap import EmbeddedEngine, open_session
from app.config import Settings, store_address
from app.ports import Verdict
from app.session.client import Session
from app.session.step import Answered, Link
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side


def window(store: str, out: str) -> None:
    """Drive the real window from ticket to filled row."""
    from PySide6.QtWidgets import QApplication

    from ui.autopilot import Autopilot
    from ui.desktop import run_desktop
    from ui.main_window import MainWindow

    settings = Settings(store=store, login="alice")
    engine = EmbeddedEngine(store_address(store))
    seen: dict[str, object] = {}
    tasks = []

    async def drive(main: MainWindow, session: Session) -> None:
        pilot = Autopilot(main, session)
        try:
            await pilot.ready()
            order = await pilot.enter("b 250 msft mkt acct growth")
            seen["status"] = await pilot.reaches(order, OrderStatus.FILLED)
            model = main.orders.model
            await pilot.until(
                "the filled row",
                lambda: model.cell(main.orders.row_of(order), 0).text == "✔ Filled",
            )
            seen["order_id"] = order.order_id
            row = main.orders.row_of(order)
            seen["row"] = {
                column.name: model.cell(row, at).text for at, column in enumerate(model.columns)
            }
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            seen["platform"] = app.platformName()
            main.screen().grabWindow(main.winId()).save(str(Path(out).with_suffix(".png")))
        finally:
            main.close()

    def opened(main: MainWindow, session: Session) -> None:
        tasks.append(asyncio.get_running_loop().create_task(drive(main, session)))

    run_desktop(lambda post: open_session(settings, post, engine), on_opened=opened)
    engine.close()
    for task in tasks:
        task.result()
    Path(out).write_text(json.dumps(seen))


def submitter(store: str) -> None:
    """Submit small orders until killed; print `engine PID` and `ack ID` as they are known."""
    settings = Settings(store=store, login="alice")
    engine = EmbeddedEngine(store_address(store))
    calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    session = open_session(settings, calls.put, engine)
    step = session.core.step

    def watched(given: object) -> object:
        if isinstance(given, Answered) and given.outcome.verdict is Verdict.RECEIVED:
            print("ack", given.outcome.command_id, flush=True)
        return step(given)  # type: ignore[arg-type]

    session.core.step = watched  # type: ignore[assignment,method-assign]
    session.start()
    pid, at, next_order = None, 0, 0.0
    while True:
        with contextlib.suppress(queue.Empty):
            calls.get(timeout=0.005)()
        if engine.pid != pid:
            pid = engine.pid
            print("engine", pid, flush=True)
        core = session.core
        # The engine opens the day by itself, and may do so before it lists the instruments.
        is_ready = core.link is Link.LIVE and core.state.day_open and "KO" in core.state.instruments
        if is_ready and time.monotonic() > next_order:
            next_order = time.monotonic() + 0.01
            at += 1
            session.submit(_small_order(core.state.instruments["KO"].prev_close, at))


def _small_order(price: int, at: int) -> OrderTerms:
    return OrderTerms(
        symbol="KO",
        side=Side.BUY if at % 2 else Side.SELL,
        qty=1 + at % 997,
        order_type=OrderType.LIMIT,
        account="GROWTH",
        limit_px=price + (at % 40 - 20) * 10_000_000,
    )


if __name__ == "__main__":
    {"window": window, "submitter": submitter}[sys.argv[1]](*sys.argv[2:])
