"""Keeps the ticket's draft in its file, so that it survives a crash of the desktop."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.session.step import Changed, SessionCore
from ui.ticket.draft_file import SavedDraft, read_draft, write_draft
from ui.ticket.restored import Restored

WRITE_AFTER_MS = 300


class DraftKeeper(QObject):
    """Writes what it was last told, a moment after the last key; nothing until it has a file.

    Signals:
        failed: the draft can't be kept; carries why. Once, until it succeeds again.
        restored: a draft was found that may come back; carries a `SavedDraft`, and from when it is.
        dropped: a draft that was found must not come back; carries its command id, and why.
    """

    failed = Signal(str)
    restored = Signal(object, str)
    dropped = Signal(str, str)

    def __init__(self, core: SessionCore, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._path: Path | None = None
        self._waiting: SavedDraft | None = None
        self._restored: Restored | None = None
        self._in_file = ""
        self._handed: set[str] = set()
        self._has_failed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self.flush)

    def use(self, path: Path) -> None:
        """Keep drafts in `path` from now on, and take up what a crash left there."""
        self._path = path
        saved, core = read_draft(path), self._core
        if saved is not None and (saved.login, saved.desk) == (core.login, core.desk):
            self._in_file = saved.command_id
            self._restored = Restored(saved)
            self._follow_restored(Changed())

    def note(self, saved: SavedDraft) -> None:
        """Keep this draft from now on."""
        if self._path is not None:
            self._waiting = saved
            self._timer.start()
        if self._restored is not None and self._restored.saved.command_id != saved.command_id:
            self._restored = None

    @Slot()
    def flush(self) -> None:
        """Write what is waiting to be written."""
        self._timer.stop()
        saved, self._waiting = self._waiting, None
        if saved is None or self._path is None:
            return
        try:
            write_draft(self._path, saved)
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                self.failed.emit(
                    f"The draft can't be kept in {self._path} ({error.strerror}): it would be lost "
                    "in a crash. Free the disk, or ask operations."
                )
        else:
            self._in_file, self._has_failed = saved.command_id, False

    def sending(self, saved: SavedDraft) -> None:
        """The draft is about to be handed over: the file says so first, whatever happens then."""
        if self._path is not None:
            self._waiting = msgspec.structs.replace(saved, was_sent=True)
            self.flush()

    def sent(self, command_id: str) -> None:
        """The draft was handed over: write no more of it, but keep the file until it is settled."""
        self._let_go()
        self._handed.add(command_id)

    def forget(self) -> None:
        """There is no draft any more."""
        self._let_go()
        if self._in_file:
            self._remove()

    def _let_go(self) -> None:
        self._timer.stop()
        self._waiting = self._restored = None

    def follow(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if self._restored is not None:
            self._follow_restored(changed)
        for command_id in self._handed & changed.requests:
            request = self._core.requests.get(command_id)
            if request is None or not request.is_open:
                self._handed.discard(command_id)
                if self._in_file == command_id:
                    self._remove()

    def _follow_restored(self, changed: Changed) -> None:
        """Let the draft come back when the log is here to say that it was not sent."""
        restored, core = self._restored, self._core
        if restored is None or not restored.is_ready(core):
            return
        saved = restored.saved
        if restored.is_taken:
            why = restored.sent_words if restored.was_sent(core, changed.orders) else ""
        else:
            why = restored.objection(core)
        if why:
            self.forget()
            self.dropped.emit(saved.command_id, why)
        elif not restored.is_taken:
            restored.is_taken = True
            self.restored.emit(saved, restored.words)

    def _remove(self) -> None:
        self._in_file = ""
        if self._path is None:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return  # it is dropped at the next start, when its order is in the log
