"""What an order's menu and the keys offer of the desk's work, each only where it can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from app.core.decide.care import claim_objection
from app.core.decide.registry import may_handle
from app.core.decide.staging import release_objection
from app.session.client import Session
from models.errors import BlotterError
from models.orders import Order
from models.workflow import RunState
from ui.desk.questions import ask_execution, ask_hand_over, ask_pass, ask_strategy

Deed = Callable[[Sequence[Order]], None]


class OrderMenu(QObject):
    """Carries out what is chosen for the orders that are selected.

    Attributes:
        deeds: what the keys and the palette ask for, by the action's name.

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
        self.deeds: Mapping[str, Deed] = {
            "claim": self.claim,
            "release": self.release,
            "pass_on": lambda orders: self.ask_pass(orders[0]),
            "slice": lambda orders: self.want_slice(orders[0]),
            "strategy": lambda orders: self.ask_strategy(orders[0]),
            "phone": lambda orders: self.ask_execution(orders[0]),
        }

    # -- the menu ------------------------------------------------------------------------------

    def fill(self, menu: QMenu, order: Order, selected: Sequence[Order] = ()) -> None:
        """Add what can be done with `order`, and with all that are `selected` beside it."""
        orders = selected if order in selected else (order,)
        waiting = [each for each in orders if not self._release_objection(each)]
        if waiting:
            words = f"Release{_counted(waiting)}\tCtrl+Shift+R"
            menu.addAction(words).triggered.connect(partial(self._do, self.release, waiting))
        free = [each for each in orders if not self._claim_objection(each)]
        if free:
            words = f"Claim{_counted(free)}\tCtrl+Shift+C"
            menu.addAction(words).triggered.connect(partial(self._do, self.claim, free))
        if not self._is_mine(order) or not order.is_open:
            return
        if order.is_care and order.is_live:
            self._fill_care(menu, order)
        menu.addAction("Pass to…\tCtrl+Shift+P").triggered.connect(lambda: self.ask_pass(order))

    def _fill_care(self, menu: QMenu, order: Order) -> None:
        run = self._session.core.state.strategies.get(order.order_id)
        slice_ = menu.addAction("Send a slice…\tCtrl+I")
        slice_.setEnabled(order.room > 0)
        slice_.triggered.connect(lambda: self.want_slice(order))
        if run is None:
            start = menu.addAction("Work with a strategy…\tCtrl+Shift+S")
            start.setEnabled(order.room > 0)
            start.triggered.connect(lambda: self.ask_strategy(order))
        else:
            self._fill_strategy(menu, order.order_id, run.strategy.kind.label, run.state)
        phone = menu.addAction("Telephone execution…\tCtrl+Shift+X")
        phone.setEnabled(order.room > 0)
        phone.triggered.connect(lambda: self.ask_execution(order))

    def _fill_strategy(self, menu: QMenu, order_id: str, label: str, state: RunState) -> None:
        work = self._session.work
        if state is RunState.RUNNING:
            self._add(menu, f"Pause {label}", lambda: work.pause_strategy(order_id), "Pausing")
        else:
            self._add(menu, f"Resume {label}", lambda: work.resume_strategy(order_id), "Resuming")
        stop = f"Stop {label} and cancel its slices"
        self._add(menu, stop, lambda: work.stop_strategy(order_id), "Stopping")

    def _add(self, menu: QMenu, words: str, do: Callable[[], object], said: str) -> QAction:
        action = menu.addAction(words)
        action.triggered.connect(lambda: self._carry_out(do, said))
        return action

    def _do(self, deed: Deed, orders: Sequence[Order], _: bool = False) -> None:
        deed(orders)

    # -- what is done at once ------------------------------------------------------------------

    def release(self, orders: Sequence[Order]) -> None:
        """Send those of `orders` that are staged."""
        self._each(orders, self._release_objection, self._session.work.release, "Releasing")

    def claim(self, orders: Sequence[Order]) -> None:
        """Take those of `orders` that nobody has claimed."""
        work = self._session.work
        self._each(
            orders, self._claim_objection, lambda each: work.claim(each.order_id), "Claiming"
        )

    def _each(
        self,
        orders: Sequence[Order],
        objection: Callable[[Order], str],
        do: Callable[[Order], object],
        doing: str,
    ) -> None:
        """Do it with all that it can be done with; say why not where that is none of them."""
        able = [each for each in orders if not objection(each)]
        if not able:
            self.message_raised.emit(objection(orders[0]), "warning")
            return
        count = f"{len(able):,} order{'' if len(able) == 1 else 's'}"
        self._carry_out(lambda: [do(each) for each in able], f"{doing} {count}")

    def _carry_out(self, do: Callable[[], object], said: str) -> None:
        try:
            do()
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")
        else:
            self.message_raised.emit(f"{said}.", "pending")

    # -- what is asked first -------------------------------------------------------------------

    def ask_pass(self, order: Order) -> None:
        """Ask to whom `order` goes."""
        objection = self._open_objection(order)
        self._ask(objection, lambda: ask_pass(self._session, order, self._pane))

    def want_slice(self, order: Order) -> None:
        """Begin a slice of a care order in the ticket."""
        objection = self._care_objection(order)
        if objection:
            self.message_raised.emit(objection, "warning")
        else:
            self.slice_wanted.emit(order.order_id)

    def ask_strategy(self, order: Order) -> None:
        """Ask how a care order is to be worked."""
        objection = self._care_objection(order)
        if not objection and order.order_id in self._session.core.state.strategies:
            objection = f"A strategy works {order.order_id} already. Stop it first."
        self._ask(objection, lambda: ask_strategy(self._session, order, self._zone, self._pane))

    def ask_execution(self, order: Order) -> None:
        """Ask what was dealt by telephone on a care order."""
        objection = self._care_objection(order)
        self._ask(objection, lambda: ask_execution(self._session, order, self._zone, self._pane))

    def ask_hand_over(self) -> None:
        """Ask to whom all of one's open orders go."""
        self.dialog_wanted.emit(ask_hand_over(self._session, self._pane))

    def _ask(self, objection: str, make: Callable[[], QDialog]) -> None:
        if objection:
            self.message_raised.emit(objection, "warning")
        else:
            self.dialog_wanted.emit(make())

    # -- why not -------------------------------------------------------------------------------

    def _is_mine(self, order: Order) -> bool:
        core = self._session.core
        return may_handle(core.state, core.login, order)

    def _release_objection(self, order: Order) -> str:
        core = self._session.core
        return release_objection(core.state, core.login, order, order.version)

    def _claim_objection(self, order: Order) -> str:
        core = self._session.core
        return claim_objection(core.state, core.login, order)

    def _open_objection(self, order: Order) -> str:
        if not self._is_mine(order):
            return f"Order {order.order_id} is {order.trader or 'nobody'}'s. Ask them to pass it."
        if not order.is_open:
            status = order.status.replace("_", " ")
            return f"Order {order.order_id} is {status}; nothing is left of it."
        return ""

    def _care_objection(self, order: Order) -> str:
        objection = self._open_objection(order)
        if objection:
            return objection
        if not order.is_care or not order.is_live:
            return f"{order.order_id} is no open care order: only those are worked at the desk."
        if not order.room:
            return f"Nothing of {order.order_id} is left to send: all is done or out in slices."
        return ""


def _counted(orders: Sequence[Order]) -> str:
    return f" {len(orders):,} orders" if len(orders) > 1 else ""
