"""What an order's menu offers of the desk's work: each entry only where it can be done."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from app.core.decide.care import claim_objection
from app.core.decide.groups import waits_objection
from app.core.decide.registry import may_handle
from app.session.client import Session
from models.errors import BlotterError
from models.order_state import OrderStatus
from models.orders import Order
from models.workflow import RunState
from ui.desk.questions import ask_execution, ask_pass, ask_strategy


class OrderMenu(QObject):
    """Carries out what is chosen for one order.

    Signals:
        message_raised: something to say in passing, with its tone.
        slice_wanted: a slice of this care order should be entered in the ticket.
        dialog_wanted: a question should be asked.
    """

    message_raised = Signal(str, str)
    slice_wanted = Signal(str)
    dialog_wanted = Signal(QDialog)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._zone = zone
        self._pane = parent

    def fill(self, menu: QMenu, order: Order) -> None:
        """Add what can be done with `order` at the desk."""
        core, work = self._session.core, self._session.work
        mine = may_handle(core.state, core.login, order)
        if order.status is OrderStatus.STAGED and mine:
            release = self._add(menu, "Release", lambda: work.release(order), "Released")
            release.setEnabled(not waits_objection(core.state, order))
        if order.is_care and not order.trader and order.is_open:
            claim = self._add(menu, "Claim", lambda: work.claim(order.order_id), "Claimed")
            claim.setEnabled(not claim_objection(core.state, core.login, order))
        if not mine or not order.is_open:
            return
        if order.is_care and order.is_live:
            self._fill_care(menu, order)
        menu.addAction("Pass to…").triggered.connect(
            lambda: self.dialog_wanted.emit(ask_pass(self._session, order, self._pane))
        )

    def _fill_care(self, menu: QMenu, order: Order) -> None:
        work, run = self._session.work, self._session.core.state.strategies.get(order.order_id)
        order_id, session = order.order_id, self._session
        slice_ = menu.addAction("Send a slice…")
        slice_.setEnabled(order.room > 0)
        slice_.triggered.connect(lambda: self.slice_wanted.emit(order_id))
        if run is None:
            start = menu.addAction("Work with a strategy…")
            start.setEnabled(order.room > 0)
            start.triggered.connect(
                lambda: self.dialog_wanted.emit(
                    ask_strategy(session, order, self._zone, self._pane)
                )
            )
        elif run.state is RunState.RUNNING:
            label = run.strategy.kind.label
            self._add(menu, f"Pause {label}", lambda: work.pause_strategy(order_id), "Pausing")
        else:
            label = run.strategy.kind.label
            self._add(menu, f"Resume {label}", lambda: work.resume_strategy(order_id), "Resuming")
        if run is not None:
            stop = f"Stop {run.strategy.kind.label} and cancel its slices"
            self._add(menu, stop, lambda: work.stop_strategy(order_id), "Stopping")
        phone = menu.addAction("Telephone execution…")
        phone.setEnabled(order.room > 0)
        phone.triggered.connect(
            lambda: self.dialog_wanted.emit(ask_execution(session, order, self._zone, self._pane))
        )

    def _add(self, menu: QMenu, words: str, do: Callable[[], object], said: str) -> QAction:
        action = menu.addAction(words)
        action.triggered.connect(lambda: self._carry_out(do, said))
        return action

    def _carry_out(self, do: Callable[[], object], said: str) -> None:
        try:
            do()
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")
        else:
            self.message_raised.emit(f"{said}.", "pending")
