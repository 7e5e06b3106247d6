"""The strip under the top bar: what is wrong, in plain words, for as long as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.context import FEED_TIMEOUT_NS
from app.core.desk_state import halt_key
from app.session.client import Session
from app.session.step import Changed, Link
from models.halts import Halt
from models.parties import Role
from ui.blotter.signs import time_of_day
from ui.shell.top_bar import copy_age

_REFRESH_MS = 500
_GRACE_TICKS = 4  # a desktop of its own starts its engine in a second or two


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong; `halted` is who could be resumed, `None` where nobody could.

    `opens` is the pane that says what to do, empty where none does.
    """

    text: str
    is_grave: bool
    halted: str | None = None
    opens: str = ""


def may_lead(session: Session) -> bool:
    """Whether the person may halt others, and resume trading."""
    core = session.core
    person = core.state.traders.get(core.login)
    if person is None:
        return False
    return person.role is Role.COMPLIANCE or (
        person.role is Role.DESK_HEAD and person.desk == core.desk
    )


def alarms(session: Session, zone: ZoneInfo) -> Iterator[Alarm]:
    """Yield what is wrong now, the worst first."""
    core = session.core
    if session.refusal:
        yield Alarm(f"The store can't be used: {session.refusal}", True)
    elif core.link is Link.HALTED:
        yield Alarm(f"This desktop has stopped: {core.link_text}", True)
    elif core.link is Link.OFFLINE:
        at = datetime.fromtimestamp(core.copy_ts // 10**9, UTC).astimezone(zone)
        yield Alarm(
            f"Offline copy of {at:%d %b %H:%M:%S}, {copy_age(core)} old, read-only: the store does "
            "not answer. Nothing can be sent; this desktop goes live by itself when it does.",
            True,
            opens="continuity",
        )
    elif core.link is Link.LOST:
        yield Alarm(
            f"The store does not answer: {core.link_text} Cancels go when it is back; new orders "
            "never go by themselves.",
            True,
            opens="continuity",
        )
    if session.hold:
        yield Alarm(session.hold, False, opens="continuity")
    yield from (
        _halt_alarm(halt, core.state.who_resumes(halt), zone)
        for halt in _halts_that_matter(session)
    )
    if core.link is not Link.LIVE:
        return
    if core.engine is None:
        yield Alarm(
            "No engine leads: orders are stored and wait. A store of your own starts one within "
            "seconds; otherwise call operations.",
            False,
        )
    if core.feed_ts and core.store_ts - core.feed_ts > FEED_TIMEOUT_NS:
        yield Alarm(
            f"The market data feed is dead since {time_of_day(core.feed_ts, zone)}: prices are as "
            "of then, and orders that need a price are refused until it is back.",
            False,
        )


def _halts_that_matter(session: Session) -> Iterator[Halt]:
    """Yield the desk's halt, then the person's own; those of others to who may lift them."""
    core = session.core
    halts = core.state.halts
    mine = (halt_key(core.desk, ""), halt_key(core.desk, core.login))
    yield from (halts[key] for key in mine if key in halts)
    if may_lead(session):
        yield from (halt for key, halt in halts.items() if key not in mine)


def _halt_alarm(halt: Halt, who_resumes: str, zone: ZoneInfo) -> Alarm:
    at = datetime.fromtimestamp(halt.ts // 10**9, UTC).astimezone(zone)
    because = f": “{halt.note}”" if halt.note else ""
    who = f"of {halt.trader}" if halt.trader else f"of the whole desk {halt.desk}"
    return Alarm(
        f"Trading {who} was halted by {halt.author} at {at:%H:%M:%S}{because}. "
        f"Nothing can be entered or amended until {who_resumes} resumes it.",
        True,
        halt.trader,
    )


class AlarmStrip(QFrame):
    """Shows a line an alarm; it takes no room while all is well.

    Signals:
        pane_wanted: the person wants the pane that says what to do; carries its name.
        resume_wanted: the person wants to lift a halt; carries the trader, empty for the desk.
        changed: it says something else, and may need another height.
    """

    resume_wanted = Signal(str)
    pane_wanted = Signal(str)
    changed = Signal()

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is wrong")
        self._session = session
        self._zone = zone
        self._shown: tuple[Alarm, ...] = ()
        self._ticks_without_engine = 0
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        session.listeners.append(self.on_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()
        self.hide()
        self.refresh()

    @property
    def texts(self) -> list[str]:
        """What it says, line by line."""
        return [alarm.text for alarm in self._shown]

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.link or changed.reference:
            self.refresh()

    def _on_tick(self) -> None:
        has_engine = self._session.core.engine is not None
        self._ticks_without_engine = 0 if has_engine else self._ticks_without_engine + 1
        self.refresh()

    def refresh(self) -> None:
        """Show what is wrong now."""
        found = tuple(
            alarm
            for alarm in alarms(self._session, self._zone)
            if not alarm.text.startswith("No engine") or self._ticks_without_engine > _GRACE_TICKS
        )
        if found == self._shown:
            return
        self._shown = found
        while (item := self._layout.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for alarm in found:
            line = self._line(alarm)
            self._layout.addWidget(line)
            line.show()  # at once: the layout would do it after the strip's height was asked for
        self.setVisible(bool(found))
        self.changed.emit()

    def _line(self, alarm: Alarm) -> QWidget:
        line = QFrame(self)
        line.setProperty("role", "alarm" if alarm.is_grave else "caution")
        words = QLabel(f"{'■' if alarm.is_grave else '⚠'}  {alarm.text}", line)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 5, 8, 5)
        row.addWidget(words, 1)
        if alarm.opens:
            what = QPushButton("What to do", line)
            what.setToolTip("Open orders, whom to call, and what to do when the store is back")
            what.clicked.connect(lambda: self.pane_wanted.emit(alarm.opens))
            row.addWidget(what)
        if alarm.halted is not None and may_lead(self._session):
            trader = alarm.halted
            resume = QPushButton("Resume trading…", line)
            resume.setToolTip("Lift this halt; you are asked first")
            resume.clicked.connect(lambda: self.resume_wanted.emit(trader))
            row.addWidget(resume)
        return line
