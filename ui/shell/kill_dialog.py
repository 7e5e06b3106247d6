"""The question before a kill: whom, what will happen exactly, and a second deliberate key."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.session.client import Session
from models.errors import BlotterError
from models.parties import Role
from ui.shell.alarm_strip import may_lead
from ui.shell.kill_words import KillPlan, kill_plan, resume_plan

_RECOUNT_MS = 250
_NOTE_MAX = 200
_WIDTH = 600
_MARGIN = 20


class Deed(Enum):
    """What is asked for."""

    KILL = "kill"
    CANCEL = "cancel"
    RESUME = "resume"


class KillDialog(QDialog):
    """Asks before it halts, cancels or resumes; counts while it asks, and keeps trading by default.

    Attributes:
        whom_box: whom it is about; only a desk head or compliance can choose.
        keep_button: changes nothing; it has the keyboard at first.
        do_button: does what the headline says.

    Signals:
        done_so: it was done; carries what, in words.
    """

    done_so = Signal(str)

    def __init__(
        self,
        session: Session,
        deed: Deed,
        trader: str | None = None,
        keys: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`trader` is whom it is about at first, empty for the desk; `keys` confirm."""
        super().__init__(parent)
        self._session = session
        self._deed = deed
        self._keys = keys
        self.setObjectName("kill_dialog")
        self.setWindowTitle({"kill": "Kill", "cancel": "Cancel orders"}.get(deed.value, "Resume"))
        self._build()
        self._offer(trader)
        self._recount_timer = QTimer(self)
        self._recount_timer.setInterval(_RECOUNT_MS)
        self._recount_timer.timeout.connect(self.recount)
        self._recount_timer.start()
        self.recount()
        self.keep_button.setFocus()

    def _build(self) -> None:
        self.headline = QLabel(self)
        self.headline.setProperty("role", "headline")
        self.headline.setWordWrap(True)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.whom_box = QComboBox(self)
        self.whom_box.setAccessibleName("Whom")
        self.whom_box.currentIndexChanged.connect(self.recount)
        self.note_edit = QLineEdit(self)
        self.note_edit.setAccessibleName("Why, for the record")
        self.note_edit.setPlaceholderText("Why, for the record (may be left empty)")
        self.note_edit.setMaxLength(_NOTE_MAX)
        self.note_edit.setVisible(self._deed is not Deed.CANCEL)
        self.error = QLabel(self)
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        keep = "Leave as it is" if self._deed is Deed.RESUME else "Keep trading"
        self.keep_button = QPushButton(keep, self)
        self.keep_button.setDefault(True)
        self.keep_button.clicked.connect(self.reject)
        self.do_button = QPushButton(self)
        self.do_button.setAutoDefault(False)
        self.do_button.setProperty("role", "send" if self._deed is Deed.RESUME else "kill")
        self.do_button.clicked.connect(self.do)
        for key in self._keys:
            again = QShortcut(QKeySequence(key), self)
            again.setAutoRepeat(False)  # a key held down is one press, not two
            again.activated.connect(self.do)
        self._hint = QLabel(self)
        self._hint.setProperty("role", "muted")
        self._hint.setText(
            f"{self._keys[0]} again does it · Esc keeps" if self._keys else "Esc keeps"
        )
        self._lay_out()

    def _lay_out(self) -> None:
        form = QGridLayout()
        self._whom_label = QLabel("Whom", self)
        self._whom_label.setProperty("role", "muted")
        form.addWidget(self._whom_label, 0, 0)
        form.addWidget(self.whom_box, 0, 1)
        form.addWidget(self.note_edit, 1, 0, 1, 2)
        form.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._hint)
        buttons.addStretch(1)
        buttons.addWidget(self.keep_button)
        buttons.addWidget(self.do_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 18, _MARGIN, 14)
        layout.setSpacing(12)
        layout.addWidget(self.headline)
        layout.addWidget(self.words)
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setFixedWidth(_WIDTH)

    def _offer(self, trader: str | None) -> None:
        """Fill in whom it may be about."""
        core = self._session.core
        if not may_lead(self._session):
            self.whom_box.addItem(core.login, core.login)
            self.whom_box.hide()
            self._whom_label.hide()
            return
        halts = core.state.halts.values()
        if self._deed is Deed.RESUME:
            people = sorted(halt.trader for halt in halts if halt.desk == core.desk)
        else:
            listed = (p for p in core.state.traders.values() if p.desk == core.desk)
            people = ["", *sorted(p.login for p in listed if p.role in _TRADES)]
        for login in people:
            self.whom_box.addItem(self._name_of(login), login)
        wanted = self.whom_box.findData(trader) if trader is not None else -1
        self.whom_box.setCurrentIndex(max(0, wanted))

    def _name_of(self, login: str) -> str:
        if not login:
            return f"The whole desk {self._session.core.desk}"
        person = self._session.core.state.traders.get(login)
        return f"{login} · {person.name}" if person is not None else login

    @property
    def trader(self) -> str:
        """Whom it is about, empty for the whole desk."""
        return str(self.whom_box.currentData() or "")

    @property
    def plan(self) -> KillPlan:
        """What will happen, as things stand now."""
        core = self._session.core
        if self._deed is Deed.RESUME:
            return resume_plan(core, self.trader)
        return kill_plan(core, self.trader, halts=self._deed is Deed.KILL)

    @Slot()
    def recount(self) -> None:
        """Say what will happen, as things stand now."""
        plan = self.plan
        count = f"{plan.order_count:,} order{'' if plan.order_count == 1 else 's'}"
        does = {
            Deed.KILL: f"Halt and cancel {count}",
            Deed.CANCEL: f"Cancel {count}",
            Deed.RESUME: "Resume trading",
        }[self._deed]
        self.headline.setText(plan.headline)
        self.words.setText("\n".join(f"•  {sentence}" for sentence in plan.sentences))
        self.do_button.setText(does)
        if self._deed is Deed.CANCEL:
            self.do_button.setEnabled(plan.order_count > 0)
        self._make_room()

    def _make_room(self) -> None:
        """Have the words in full: a dialog does not grow with a label that wraps."""
        for label in (self.headline, self.words, self.error):
            label.setMinimumHeight(max(0, label.heightForWidth(_WIDTH - 2 * _MARGIN)))

    @Slot()
    def do(self) -> None:
        """Do what the headline says; it stays open when that can't be sent."""
        if not self.isVisible() or not self.do_button.isEnabled():
            return
        session, trader, note = self._session, self.trader, self.note_edit.text().strip()
        plan = self.plan
        try:
            if self._deed is Deed.RESUME:
                session.resume(trader, note)
            else:
                if self._deed is Deed.KILL:
                    session.halt(trader, note)  # also where it seems halted: that may be old
                session.cancel_all(trader)
        except BlotterError as error:
            self.error.setText(str(error))
            self.error.show()
            self._make_room()
            return
        self.done_so.emit(plan.headline.removesuffix("?"))
        self.accept()


_TRADES = frozenset({Role.TRADER, Role.DESK_HEAD})
