"""Opens the questions before a kill, one at a time, and knows whom each is about at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog

from app.core.desk_state import halt_key
from app.session.client import Session
from ui.shell.alarm_strip import may_lead
from ui.shell.kill_dialog import Deed, KillDialog

if TYPE_CHECKING:
    from ui.main_window import MainWindow


class Dialogs(QObject):
    """Holds the window's dialogs while they are open: one of a kind at a time."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._open: list[QDialog] = []

    @property
    def shown(self) -> list[QDialog]:
        """The dialogs that are open, the newest last."""
        return list(self._open)

    def open(self, dialog: QDialog) -> None:
        """Open a dialog over its window; another of its kind goes."""
        for other in [each for each in self._open if type(each) is type(dialog)]:
            other.reject()
        self._open.append(dialog)
        dialog.finished.connect(lambda _: self._forget(dialog))
        dialog.open()

    def _forget(self, dialog: QDialog) -> None:
        if dialog in self._open:
            self._open.remove(dialog)
            dialog.deleteLater()


class KillSwitch(QObject):
    """Asks, and never does anything by itself."""

    def __init__(self, window: MainWindow, session: Session, dialogs: Dialogs) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._dialogs = dialogs

    @Slot()
    def ask_kill(self) -> None:
        """Ask before halting; whoever leads begins with the trader selected in the overview."""
        trader = "" if may_lead(self._session) else self._session.core.login
        selected = getattr(self._window.built("overview"), "selected_trader", None)
        if selected is not None and self._window.current_pane == "overview":
            trader = selected() or trader
        self.ask(Deed.KILL.value, trader)

    @Slot()
    def ask_resume(self) -> None:
        """Ask before lifting a halt, the first one at first."""
        self.ask_resume_of("")

    @Slot(str)
    def ask_resume_of(self, trader: str) -> None:
        """Ask before lifting the halt of `trader`, empty for the whole desk's."""
        core = self._session.core
        halts = [halt for halt in core.state.halts.values() if halt.desk == core.desk]
        if not halts:
            self._window.health.tell("Nobody is halted.", "muted")
        elif not may_lead(self._session):
            words = "A desk head or compliance resumes trading. Ask them."
            self._window.health.tell(words, "warning")
        else:
            is_there = halt_key(core.desk, trader) in core.state.halts
            self.ask(Deed.RESUME.value, trader if is_there else halts[0].trader)

    @Slot(str, str)
    def ask(self, deed: str, trader: str) -> None:
        """Ask before `deed` ("kill", "cancel" or "resume") is done to `trader`."""
        keys = self._window.keymap.keys("kill") if deed == Deed.KILL.value else ()
        dialog = KillDialog(self._session, Deed(deed), trader, keys, self._window)
        dialog.done_so.connect(
            lambda words: self._window.health.tell(f"Asked for: {words}", "pending")
        )
        self._dialogs.open(dialog)
