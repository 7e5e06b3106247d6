"""The live Orders blotter: orders from the log, and what was sent and is not in it yet."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QLineEdit, QMenu, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.errors import BlotterError
from models.order_state import OrderStatus
from models.orders import Order
from ui.blotter.columns import order_columns
from ui.blotter.filter_bar import Chip
from ui.blotter.flags import Flags
from ui.blotter.in_place import InPlace
from ui.blotter.mass_cancel import ask_cancel, cancel_plan
from ui.blotter.pane import BlotterPane
from ui.blotter.pending_rows import pending_orders
from ui.blotter.signs import short_money, signed_tenths
from ui.blotter.words import known_values, order_words
from ui.desk.order_menu import OrderMenu
from ui.tables.families import Nesting

_LAST_REFRESH_MS: Final = 500
_LAST_AT_ONCE_MAX: Final = 250

_TREE_TIP: Final = "Slices under their care orders"

CHIPS: Final = (
    Chip("Mine", "trader:me", "Orders that I entered"),
    Chip("Open", "status:open", "Orders that may still fill"),
    Chip("Alerts", "flag:alert", "Orders with an alert that nobody has seen"),
    Chip("Care", "care:care", "Orders that the desk works, and those that wait to be claimed"),
    Chip("Done", "status:done", "Filled, canceled, refused and expired orders"),
)
GROUPS: Final = (
    "symbol", "trader", "account", "side", "status", "family", "basket", "client", "strategy",
)  # fmt: skip


class OrdersPane(BlotterPane):
    """Orders blotter with its filter and totals.

    Attributes:
        table: the view; its model's keys are the ids of the commands that entered the orders, so
            that a row stays the same one from sent to filled.
        desk_menu: what can be done with the selected orders at the desk.

    Signals:
        order_chosen: an order should be amended in the ticket; carries its id.
        history_wanted: an order's history should be shown; carries its id.
        slice_wanted: a slice of a care order should be entered; carries its id.
        dialog_wanted: a question should be asked.
    """

    help_page: ClassVar[str] = "orders"
    noun: ClassVar[str] = "order"
    nesting: ClassVar[Nesting | None] = Nesting("order", under="under", within="parent")

    order_chosen = Signal(str)
    history_wanted = Signal(str)
    slice_wanted = Signal(str)
    dialog_wanted = Signal(QDialog)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        core = session.core
        self._flags = Flags()
        self._in_place = InPlace(session)
        super().__init__(
            session,
            zone,
            order_columns(core, zone, self._flags, self._in_place.edits),
            _key,
            title="Orders",
            vocabulary=order_words(core, zone),
            values=known_values(core),
            chips=CHIPS,
            groups=GROUPS,
            parent=parent,
        )
        self.table.set_empty_text("No orders yet", "F2 buys, F3 sells; type b 100 aapl mkt")
        self.table.sortByColumn(self.model.column_index("time"), Qt.SortOrder.DescendingOrder)
        self.table.edit_committed.connect(self._on_edit_committed)
        self.bar.offer_tree(f"{_TREE_TIP} (Ctrl+T)")
        cancel_shown = QAction("Cancel all shown…", self)
        cancel_shown.triggered.connect(self.ask_cancel_shown)
        self.bar.menu.insertAction(self._totals_action, cancel_shown)
        self.bar.menu.insertSeparator(self._totals_action)
        self.desk_menu = OrderMenu(session, zone, self)
        self.desk_menu.message_raised.connect(self.message_raised)
        self.desk_menu.slice_wanted.connect(self.slice_wanted)
        self.desk_menu.dialog_wanted.connect(self.dialog_wanted)
        self._asked: dict[str, list[str]] = {}  # the keys of the rows that a command asked for
        self._quoted: set[str] = set()
        self._turn = 0
        self._last_timer = QTimer(self)
        self._last_timer.setInterval(_LAST_REFRESH_MS)
        self._last_timer.timeout.connect(self._on_last_due)
        self._last_timer.start()
        self._take_in_all()  # it may be opened in the middle of the day
        session.listeners.append(self.on_changed)

    # -- what others ask -----------------------------------------------------------------------

    @property
    def filter_edit(self) -> QLineEdit:
        """The filter's line."""
        return self.bar.edit

    def selected_orders(self) -> list[Order]:
        """Return the selected orders that the log knows, from top to bottom."""
        orders = self._session.core.state.orders
        ids = (row.order_id for row in self.selected())
        return [orders[order_id] for order_id in ids if order_id in orders]

    def show_order(self, order_id: str) -> bool:
        """Select an order and bring it into view, past the filter if need be."""
        order = self._session.core.state.orders.get(order_id)
        if order is None:
            return False
        self.model.flush()
        self.model.reveal(_key(order))
        if self.row_of(order) < 0:
            self.model.set_all_collapsed(())
        if self.row_of(order) < 0:
            self.bar.clear()
        row = self.row_of(order)
        if row < 0:
            return False
        self.table.select_keys([_key(order)])
        self.table.scrollTo(self.model.index(row, self.table.shown_columns()[0]))
        return True

    def row_of(self, order: Order) -> int:
        """Return the row in which an order is shown, -1 where it isn't."""
        return self.model.row_of_key(_key(order))

    def show_trader(self, login: str) -> None:
        """Show the orders of one trader, and no others."""
        self.bar.set_text(f"trader:{login}")

    def name_tree_key(self, key: str) -> None:
        """Tell in the tree's tooltip which key switches it."""
        self.bar.offer_tree(f"{_TREE_TIP} ({key})" if key else _TREE_TIP)

    @Slot()
    def toggle_tree(self) -> None:
        """Show slices under their care orders, or every order for itself."""
        self.model.set_tree(not self.model.is_tree)

    def focus_table(self) -> None:
        """Put the keyboard on the table."""
        self.focus_pane()

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        core = self._session.core
        if changed.alerts:
            self._renew_flags()
        if changed.reference:
            # The day rolled, a snapshot was taken in, or instruments came: cheap, and rare.
            self._take_in_all()
        elif changed.orders:
            orders = core.state.orders
            self.model.upsert(orders[key] for key in changed.orders if key in orders)
        for command_id in changed.requests:
            self._follow_request(command_id)
        self._quoted |= changed.quotes

    def _take_in_all(self) -> None:
        orders, pending = self._session.core.state.orders, self._pending_rows()
        if orders or pending or self.model.total_count:
            self._renew_flags()
            self.model.reset([*orders.values(), *pending])

    def _follow_request(self, command_id: str) -> None:
        request = self._session.core.requests.get(command_id)
        if request is None and command_id in self._asked:
            held = [self.model.row_for(key) for key in self._asked.pop(command_id)]
            gone = [_key(row) for row in held if row is not None and not row.order_id]
            if gone:
                self.model.remove(gone)  # settled without an order
        elif request is not None and (rows := pending_orders(request)):
            self._asked[command_id] = [_key(row) for row in rows]
            # That the store has it is told in passing: what comes of it follows in moments.
            at_once = request.status is not OrderStatus.RECEIVED
            self.model.upsert(rows, at_once=at_once)

    def _renew_flags(self) -> None:
        orders = self._session.core.state.orders
        changed = self._flags.update(self._session.core.state.alerts.values())
        self.model.touch(_key(orders[key]) for key in changed if key in orders)

    def _pending_rows(self) -> list[Order]:
        requests = self._session.core.requests.values()
        return [row for request in requests for row in pending_orders(request)]

    @Slot()
    def _on_last_due(self) -> None:
        """Refresh the Last of live orders whose name traded; ended orders keep what they showed.

        Of many, those on screen come first and the others in turn: all at once would hold the
        window up.
        """
        if not self._quoted or not self.isVisible():
            return
        state, quoted = self._session.core.state, self._quoted
        waiting = [_key(order) for order in state.live_orders() if order.symbol in quoted]
        if len(waiting) > _LAST_AT_ONCE_MAX:
            self._turn = (self._turn + _LAST_AT_ONCE_MAX) % len(waiting)
            in_turn = waiting[self._turn : self._turn + _LAST_AT_ONCE_MAX]
            waiting = [*in_turn, *self._keys_on_screen().intersection(waiting)]
        self.model.touch(waiting)
        self._quoted = set()

    def _keys_on_screen(self) -> set[str]:
        first = max(0, self.table.rowAt(0))
        last = self.table.rowAt(self.table.viewport().height() - 1)
        last = self.model.rowCount() - 1 if last < 0 else last
        rows = (row for row in range(first, last + 1) if self.model.heading_at(row) is None)
        return {self.model.key_at(row) for row in rows}

    # -- what the foot says --------------------------------------------------------------------

    def figures(self) -> list[str]:
        """Return how many are open, what they are worth, how far they are and what they cost."""
        is_open, notional = self.total_of("open"), self.total_of("notional")
        done, slip = self.total_of("pct"), self.total_of("slip")
        inside = self.model.once_count  # slices, whose care order counts for them
        return [
            f"{is_open or 0:,} open",
            f"{inside:,} inside care orders" if inside else "",
            "" if notional is None else f"notional {short_money(notional)}",
            "" if done is None else f"{done // 100}% done",
            "" if slip is None else f"slip {signed_tenths(slip)} bp",
        ]

    # -- what the person does ------------------------------------------------------------------

    def activate(self, row: Any) -> None:
        """Amend a live order; of any other show the history."""
        if row.order_id:
            (self.order_chosen if row.is_open else self.history_wanted).emit(row.order_id)

    def fill_row_menu(self, menu: QMenu, row: Any) -> None:
        """Amend, cancel, history."""
        order_id = row.order_id
        amend = menu.addAction("Amend in the ticket\tCtrl+E")
        amend.setEnabled(bool(order_id) and row.is_open)
        amend.triggered.connect(lambda: self.order_chosen.emit(order_id))
        for name, words in (("qty", "Amend quantity here"), ("limit", "Amend price here")):
            here = menu.addAction(words)
            here.setEnabled(self._in_place.allows(row, name))
            here.triggered.connect(lambda _=False, name=name: self.edit_cell(order_id, name))
        live = [order for order in self.selected_orders() if order.is_open]
        words = f"Cancel {len(live)} orders" if len(live) > 1 else "Cancel"
        cancel = menu.addAction(f"{words}\tDel")
        cancel.setEnabled(bool(live))
        cancel.triggered.connect(self.cancel_selected)
        history = menu.addAction("History")
        history.setEnabled(bool(order_id))
        history.triggered.connect(lambda: self.history_wanted.emit(order_id))
        menu.addSeparator()
        order = self._session.core.state.orders.get(order_id)
        if order is not None:
            self.desk_menu.fill(menu, order, self.selected_orders())
            menu.addSeparator()

    def fill_filter_menu(self, menu: QMenu, row: Any) -> None:
        """Filter by trader and account."""
        for name, value in (("trader", row.trader), ("account", row.account)):
            menu.addAction(f"Only {value}").triggered.connect(
                lambda _=False, name=name, value=value: self.bar.set_term(name, value.lower())
            )

    def edit_cell(self, order_id: str, name: str) -> bool:
        """Open an editor in an order's cell; whether it can be edited."""
        order = self._session.core.state.orders.get(order_id)
        row = self.row_of(order) if order is not None else -1
        return row >= 0 and self.table.edit_cell(
            self.model.index(row, self.model.column_index(name))
        )

    @Slot()
    def cancel_selected(self) -> None:
        """Cancel every selected open order, at once."""
        live = [order for order in self.selected_orders() if order.is_open]
        try:
            for order in live:
                self._session.cancel(order.order_id)
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")
            return
        words = f"Cancelling {len(live)} order{'' if len(live) == 1 else 's'}"
        self.message_raised.emit(words if live else "No selected order is open.", "pending")

    @Slot()
    def ask_cancel_shown(self) -> None:
        """Ask before cancelling every order that passes the filter and can be cancelled."""
        self.model.flush()
        plan = cancel_plan(self._session.core, self.model.passing_rows())
        if plan.order_ids:
            self.dialog_wanted.emit(ask_cancel(self._session, plan, self))
        else:
            self.message_raised.emit(plan.refusal, "warning")

    @Slot(str, str, str)
    def _on_edit_committed(self, key: str, name: str, text: str) -> None:
        row = self.model.row_for(key)
        order = self._session.core.state.orders.get(row.order_id) if row is not None else None
        if order is None:
            return
        done = self._in_place.commit(order, name, text)
        self.message_raised.emit(done.words, done.tone)
        if done.wants_ticket:
            self.order_chosen.emit(order.order_id)


def _key(order: Order) -> str:
    return order.command_id
