"""Opens the window on a session and runs until it is closed: Qt's and asyncio's loops in one."""

from __future__ import annotations

import asyncio
import signal
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from zoneinfo import ZoneInfo

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox
from qasync import QEventLoop

from app.session.client import Post, Session
from ui import theme
from ui.collector import Collector
from ui.main_window import MainWindow

OpenSession = Callable[[Post], Session]
_boxes: list[QMessageBox] = []
_SWITCH_S = 0.0005


def run_desktop(
    open_session: OpenSession,
    *,
    theme_name: str = "dark",
    timezone: str = "America/New_York",
    on_opened: Callable[[MainWindow, Session], None] | None = None,
) -> int:
    """Show the window, start its session, and return an exit code when it is closed."""
    app = application(theme_name)
    sys.excepthook = _report
    # The store's thread has a few microseconds of work at a time; at the usual 5 ms it would wait
    # for the window's painting at every step of an order.
    sys.setswitchinterval(_SWITCH_S)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        return runner.run(_live(open_session, ZoneInfo(timezone), on_opened))


def application(theme_name: str) -> QApplication:
    """Return the process's application, dressed."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Deskblotter")
    if app.platformName() == "offscreen":
        qInstallMessageHandler(_quiet_offscreen)
    app.setQuitOnLastWindowClosed(False)
    theme.apply(app, theme.LIGHT if theme_name == "light" else theme.DARK)
    return app


def _quiet_offscreen(kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
    """Pass Qt's messages on, but for what the offscreen platform says of every window."""
    if "This plugin does not support" not in words:
        print(words, file=sys.stderr)


async def _live(
    open_session: OpenSession,
    zone: ZoneInfo,
    on_opened: Callable[[MainWindow, Session], None] | None,
) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_on_loop_error)
    closed = asyncio.Event()
    collector = Collector()
    session = open_session(loop.call_soon_threadsafe)
    window = MainWindow(session, zone)
    window.closed.connect(closed.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(closed.set))
    window.show()
    session.start()
    if on_opened is not None:
        on_opened(window, session)
    await closed.wait()
    session.close()
    window.hide()
    window.deleteLater()
    collector.stop()
    return 0


def _on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    if isinstance(error, Exception):
        _report(type(error), error, error.__traceback__)


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say calmly that something went wrong in the program; nothing that was sent is lost by it."""
    traceback.print_exception(kind, error, trace)
    if QApplication.instance() is None or issubclass(kind, KeyboardInterrupt):
        return
    box = QMessageBox()
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Deskblotter")
    box.setText("Something went wrong in this window. Orders that were sent are not affected.")
    box.setInformativeText(f"{kind.__name__}: {error}")
    box.setDetailedText("".join(traceback.format_exception(kind, error, trace)))
    _boxes.append(box)  # a box without an owner would be gone at once
    box.finished.connect(lambda _: _boxes.remove(box))
    box.open()
