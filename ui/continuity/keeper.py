"""Watches over an outage from its first moment: what was known, what is done, what is next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.continuity.contacts import Contacts, load_contacts
from app.continuity.journal import Journal, read_journal, write_journal
from app.continuity.manual import DraftState, ManualExecution, waiting
from app.continuity.outage import (
    Kind,
    Line,
    Outage,
    begin,
    compare,
    request_words,
    resume_objection,
)
from app.core.decide.executions import record_objection
from app.session.client import Session
from app.session.step import Changed, Link
from models.commands import RecordExecution
from models.errors import BlotterError

OPENS_AFTER_S: Final = 10.0
_TICK_MS: Final = 1_000
_READING: Final = "The store answers again; what changed meanwhile is being read."


class OutageKeeper(QObject):
    """Keeps an outage of the store, of this desktop's own sight, in a file of its person's.

    A loss that is over within `OPENS_AFTER_S`, with nothing written down, is forgotten.

    Attributes:
        outage: the one that is on, or was last; `None` before any.
        drafts: telephone executions, the newest last.
        contacts: whom to call.
        no_engine_ts: since when no engine leads, by this machine's clock, 0 while one does.

    Signals:
        changed: what is kept, or what is to be done, may be other than before.
        pane_wanted: the store has been lost for so long that the pane should be at hand.
        message_raised: something to say in passing, with its tone.
    """

    changed = Signal()
    pane_wanted = Signal()
    message_raised = Signal(str, str)

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        clock_ns: Callable[[], int] = time.time_ns,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self.outage: Outage | None = None
        self.drafts: list[ManualExecution] = []
        self.contacts = Contacts(())
        self.no_engine_ts = 0
        self._session = session
        self._clock_ns, self._monotonic_s = clock_ns, monotonic_s
        self._path: Path | None = None
        self._lost_s = self._back_s = 0.0
        self._was_opened = self._was_offline = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()
        session.listeners.append(self.on_changed)

    def use_folder(self, folder: Path, contacts: Path) -> None:
        """Keep everything in `folder`, and take up what an earlier desktop left there."""
        core = self._session.core
        self._path = folder / "journal.json"
        journal = read_journal(self._path, core.login, core.desk)
        self.contacts = load_contacts(contacts, folder / "contacts.json")
        self.outage = journal.outage
        # What was sent and not seen booked may be sent again: one id is booked once.
        self.drafts = [
            msgspec.structs.replace(each, state=DraftState.DRAFT)
            if each.state is DraftState.SENT
            else each
            for each in journal.drafts
        ]
        if self.outage is not None and not self.outage.resumed_ts:
            self.outage.unseen |= self.outage.requests
            self.outage.requests = {}
            self.note("This desktop was started again.")
        if self.is_returning:
            self._session.hold = _READING
        self.changed.emit()

    # -- how things stand ----------------------------------------------------------------------

    @property
    def is_lost(self) -> bool:
        """Whether the store does not answer, after it did or with a copy of our own."""
        return self._session.core.link in (Link.LOST, Link.OFFLINE)

    @property
    def is_open(self) -> bool:
        """Whether an outage is on, or its return is not done yet."""
        return self.outage is not None and not self.outage.resumed_ts

    @property
    def is_returning(self) -> bool:
        """Whether the store answers again, and the lines are looked at."""
        return self.outage is not None and self.is_open and bool(self.outage.ended_ts)

    @property
    def now_ts(self) -> int:
        """This machine's time."""
        return self._clock_ns()

    @property
    def objection(self) -> str:
        """Why trading can't be resumed yet; empty when it can."""
        if not self.is_returning or self.outage is None:
            return "The store does not answer." if self.is_open else "Nothing is to be resumed."
        if not self._is_read():
            return _READING
        return resume_objection(self.outage.lines, waiting(self.drafts))

    def _is_read(self) -> bool:
        """Whether the log was read to its end since the store is back."""
        is_live = self._session.core.link is Link.LIVE
        return is_live and (self._was_offline or self._session.answered_s > self._back_s)

    # -- what happens --------------------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take note of a store that is lost, or back."""
        if changed.link:
            self._look()
        if changed.requests and self.is_open:
            self._note_requests()

    @Slot()
    def tick(self) -> None:
        """Go on with time: open the pane, compare anew, see what became of what was sent."""
        if not self.is_open:
            self._follow_drafts()
            return
        if self.is_lost and not self._was_opened:
            if self._monotonic_s() - self._lost_s >= OPENS_AFTER_S:
                self._was_opened = True
                self.pane_wanted.emit()
        elif self.is_returning:
            self._go_on()
        self.changed.emit()

    def _look(self) -> None:
        core = self._session.core
        if core.link is Link.LIVE and core.engine is None:
            self.no_engine_ts = self.no_engine_ts or self._clock_ns()
        else:
            self.no_engine_ts = 0
        if self.is_lost and (not self.is_open or self.is_returning):
            self._begin()
        elif core.link is Link.LIVE and self.is_open and not self.is_returning:
            self._end()
        self.changed.emit()

    def _begin(self) -> None:
        core, now = self._session.core, self._clock_ns()
        self._lost_s, self._was_opened = self._monotonic_s(), False
        self._was_offline = core.link is Link.OFFLINE
        if self.outage is not None and self.is_returning:
            self._was_opened = True  # however short this is, what was lost before is not forgotten
            self.outage.ended_ts = 0
            self._note_requests()
            self.note(f"The store was lost again: {core.link_text}")
            return
        self.outage = begin(core.state, core.desk, core.store_ts, now, core.link_text)
        self.drafts = [each for each in self.drafts if each.is_waiting]
        self._note_requests()
        self.note(f"The store was lost: {core.link_text}", "desktop")

    def _note_requests(self) -> None:
        """Keep what is on its way in words: it may be gone from the session when it is settled."""
        if self.outage is None or self.is_returning:
            return
        for command_id, request in self._session.core.requests.items():
            if request.is_open and command_id not in self.outage.requests:
                self.outage.requests[command_id] = request_words(request.command)

    def _end(self) -> None:
        assert self.outage is not None
        is_short = self._monotonic_s() - self._lost_s < OPENS_AFTER_S
        if is_short and not self._was_opened and not waiting(self.drafts) and not self._was_offline:
            self.outage = None
            self._save()
            return
        self._back_s = self._monotonic_s()
        self.outage.ended_ts = self._clock_ns()
        self._session.hold = _READING
        self.note("The store answers again.", "desktop")

    def _go_on(self) -> None:
        """Compare anew; where there is nothing to look at, trading goes on by itself."""
        assert self.outage is not None
        self._follow_drafts()
        if not self._is_read():
            return
        core = self._session.core
        self.outage.lines = compare(self.outage, core.state, core.requests)
        has_lines = any(line.kind is not Kind.UNCHANGED for line in self.outage.lines)
        if not self.objection and not has_lines:
            self._resume("Nothing differs from what was last known.")
            return
        left = sum(not line.is_settled for line in self.outage.lines) + waiting(self.drafts)
        todo = f"{left:,} to look at first" if left else "all looked at: resume trading"
        self._session.hold = f"After the outage orders wait in this window: {todo} (Continuity)."

    # -- what the person does ------------------------------------------------------------------

    def note(self, text: str, who: str = "") -> None:
        """Write a line into the log."""
        if self.outage is not None:
            self.outage.note(self._clock_ns(), who or self._session.core.login, text)
            self._save()

    def acknowledge(self, keys: Iterable[str]) -> None:
        """Say that these lines were looked at; one that nobody can answer yet is left."""
        if self.outage is None or not self.is_returning:
            return
        login, now, wanted = self._session.core.login, self._clock_ns(), set(keys)
        lines: list[Line] = []
        for line in self.outage.lines:
            if line.key not in wanted or line.is_settled or line.kind is Kind.UNKNOWN:
                lines.append(line)
                continue
            lines.append(msgspec.structs.replace(line, acknowledged_by=login, acknowledged_ts=now))
            self.outage.note(now, login, f"Acknowledged {line.what}: {line.now}")
        self.outage.lines = lines
        self._save()
        self.changed.emit()

    def resume(self) -> None:
        """Resume trading on this desktop; raises `BlotterError` while something waits."""
        if self.objection:
            raise BlotterError(f"Trading is not resumed: {self.objection}")
        self._resume("Trading was resumed.")

    def _resume(self, words: str) -> None:
        assert self.outage is not None
        self.outage.resumed_ts = self._clock_ns()
        self._session.hold = ""
        self.note(words)
        self.changed.emit()

    # -- telephone executions ------------------------------------------------------------------

    def capture(self, draft: ManualExecution) -> None:
        """Write down what was dealt; raises `BlotterError` when the disk refuses it."""
        self.drafts.append(draft)
        try:
            self._save(is_needed=True)
        except OSError as error:
            self.drafts.pop()
            raise BlotterError(
                f"It was not written down: {error.strerror}. Write it on paper, and make room."
            ) from None
        self.note(f"Wrote down {draft.qty:,} {draft.symbol} with {draft.counterparty}")
        self.changed.emit()

    def draft(self, draft_id: str) -> ManualExecution | None:
        """Return a draft."""
        return next((each for each in self.drafts if each.draft_id == draft_id), None)

    def send_objection(self, draft: ManualExecution) -> str:
        """Return why a draft can't be sent now; empty when it can."""
        core = self._session.core
        if core.link is not Link.LIVE:
            return "The store does not answer: it is sent when it does, by you."
        if draft.state is not DraftState.DRAFT:
            return f"It is {draft.state.value} already."
        order = core.state.orders.get(draft.order_id)
        if order is None or not order.is_care:
            return (
                f"{draft.order_id} works at a venue, which reports its fills itself: compare, and "
                "drop this one, or it would count twice."
            )
        return record_objection(core.state, order, self._command(draft), core.context)

    def _command(self, draft: ManualExecution) -> RecordExecution:
        """Return what books a draft; its id is the draft's, so that it is booked once."""
        core = self._session.core
        return RecordExecution(
            id=draft.draft_id,
            author=core.login,
            desk=core.desk,
            order_id=draft.order_id,
            qty=draft.qty,
            px=draft.px,
            counterparty=draft.counterparty,
            # The engine judges by the store's clock, which may be behind this machine's.
            traded_ts=min(draft.traded_ts, core.store_ts),
            note=draft.note,
        )

    def send(self, draft_id: str) -> None:
        """Send a draft, as its person has confirmed it; raises `BlotterError`."""
        draft = self.draft(draft_id)
        if draft is None or (objection := self.send_objection(draft)):
            raise BlotterError(objection if draft is not None else "That draft is gone.")
        command = self._command(draft)
        self._put(draft, state=DraftState.SENT, said="", traded_ts=command.traded_ts)
        try:
            self._session.send(command)
        except BlotterError:
            self._put(draft, state=DraftState.DRAFT)
            raise
        self.note(f"Sent {draft.qty:,} {draft.symbol} with {draft.counterparty}")

    def drop(self, draft_id: str, why: str) -> None:
        """Drop a draft, with a reason that stays in the log."""
        draft = self.draft(draft_id)
        if draft is not None and draft.state is DraftState.DRAFT:
            self._put(draft, state=DraftState.DROPPED, said=why)
            self.note(f"Dropped {draft.qty:,} {draft.symbol} with {draft.counterparty}: {why}")

    def _put(self, draft: ManualExecution, **changes: object) -> None:
        at = next(n for n, each in enumerate(self.drafts) if each.draft_id == draft.draft_id)
        self.drafts[at] = msgspec.structs.replace(draft, **changes)
        self._save()
        self.changed.emit()

    def _follow_drafts(self) -> None:
        """See what became of drafts that were sent; one that was refused may be sent anew."""
        core = self._session.core
        for draft in [each for each in self.drafts if each.state is DraftState.SENT]:
            request = core.requests.get(draft.draft_id)
            if draft.exec_id in core.state.executions:
                self._put(draft, state=DraftState.BOOKED, said="")
            elif request is not None and not request.is_open:
                self._refused(draft, request.text)
            elif request is None and core.link is Link.LIVE and core.seq >= core.head_seq:
                self._refused(draft, "The engine did not book it; Activity says why.")

    def _refused(self, draft: ManualExecution, why: str) -> None:
        """Say it: it has to be written down anew, for a command is never decided again."""
        self._put(draft, state=DraftState.REFUSED, said=why)
        self.note(f"Not booked: {draft.qty:,} {draft.symbol} with {draft.counterparty}: {why}")
        self.message_raised.emit(f"A telephone execution was not booked: {why}", "blocked")

    def _save(self, *, is_needed: bool = False) -> None:
        if self._path is None:
            return
        core = self._session.core
        journal = Journal(login=core.login, desk=core.desk, outage=self.outage, drafts=self.drafts)
        try:
            write_journal(self._path, journal)
        except OSError as error:
            if is_needed:
                raise
            self.message_raised.emit(
                f"The outage's log can't be kept on this machine: {error.strerror}.", "blocked"
            )
