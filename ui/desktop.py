"""Opens the window on a session and runs until it is closed: Qt's and asyncio's loops in one."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from app.session.client import Post, Session
from ui import theme
from ui.collector import Collector
from ui.main_window import MainWindow
from ui.shell.error_report import ErrorReport, details_of
from ui.shell.window_state import StateFile

OpenSession = Callable[[Post], Session]
_reports: list[ErrorReport] = []
_SWITCH_S = 0.0005


def run_desktop(
    open_session: OpenSession,
    *,
    theme_name: str = "dark",
    timezone: str = "America/New_York",
    on_opened: Callable[[MainWindow, Session], None] | None = None,
    state_path: Path | None = None,
    continuity: tuple[Path, Path] | None = None,
) -> int:
    """Show the window, start its session, and return an exit code when it is closed.

    `state_path` is the file that keeps how the window was left; without one nothing is kept.
    `continuity` are the folder that outages are kept in, and the file that says whom to call.
    """
    app = application(theme_name)
    sys.excepthook = _report
    # The store's thread has a few microseconds of work at a time; at the usual 5 ms it would wait
    # for the window's painting at every step of an order.
    sys.setswitchinterval(_SWITCH_S)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        return runner.run(
            _live(open_session, ZoneInfo(timezone), on_opened, state_path, continuity)
        )


def application(theme_name: str) -> QApplication:
    """Return the process's application, dressed."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Deskblotter")
    if app.platformName() == "offscreen":
        qInstallMessageHandler(_quiet_offscreen)
    app.setQuitOnLastWindowClosed(False)
    theme.apply(app, theme.named(theme_name, app))
    return app


def _quiet_offscreen(kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
    """Pass Qt's messages on, but for what the offscreen platform says of every window."""
    if "This plugin does not support" not in words:
        print(words, file=sys.stderr)


async def _live(
    open_session: OpenSession,
    zone: ZoneInfo,
    on_opened: Callable[[MainWindow, Session], None] | None,
    state_path: Path | None,
    continuity: tuple[Path, Path] | None,
) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_on_loop_error)
    closed = asyncio.Event()
    collector = Collector()
    session = open_session(loop.call_soon_threadsafe)
    window = MainWindow(session, zone, StateFile(state_path) if state_path is not None else None)
    if state_path is not None:
        window.use_drafts(state_path.with_suffix(".draft.json"))
    if continuity is not None:
        window.use_continuity(*continuity)
    window.closed.connect(closed.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(closed.set))
    window.show()
    session.start()
    if on_opened is not None:
        on_opened(window, session)
    await closed.wait()
    window.keeper.save()
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
    print(details_of(kind, error, trace), file=sys.stderr, end="")
    if QApplication.instance() is None or issubclass(kind, KeyboardInterrupt):
        return
    if not _reports:
        _reports.append(ErrorReport())  # kept: a dialog that nobody holds would be gone at once
    _reports[0].add(kind, error, trace)
