"""The live Orders blotter: orders from the log, and what was sent and is not in it yet."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed, Request
from models.commands import SubmitOrder
from models.order_state import WORKING, OrderStatus
from models.orders import Order
from ui.blotter.columns import STATUS, order_columns
from ui.tables.filter_query import Vocabulary, parse
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_LAST_REFRESH_MS = 500
_FILTER_TYPING_MS = 120


class OrdersPane(QFrame):
    """Orders blotter with its filter and totals.

    Attributes:
        table: the view; its model's keys are the ids of the commands that entered the orders, so
            that a row stays the same one from sent to filled.
        filter_edit: the filter's line.

    Signals:
        order_chosen: an order was activated; carries its id.
    """

    order_chosen = Signal(str)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._columns = order_columns(session.core, zone)
        self.model = LiveTableModel(self._columns, key=_key, parent=self)
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName("Orders blotter")
        self.table.set_empty_text("No orders yet", "F2 buys, F3 sells; type b 100 aapl mkt")
        self.table.sortByColumn(self.model.column_index("time"), Qt.SortOrder.DescendingOrder)
        self.table.doubleClicked.connect(self._on_activated)
        self._vocabulary = Vocabulary(
            names={"px": "limit", "age": "time", "id": "order", "tif": "tif"},
            values={
                "status": {
                    "working": {STATUS[status][1] for status in WORKING} | {"Awaiting trigger"},
                    "open": {STATUS[status][1] for status in WORKING} | {"Awaiting trigger"},
                },
                "trader": {"me": {session.core.login}},
            },
        )
        self._build()
        self._asked: set[str] = set()
        self._quoted: set[str] = set()
        self._last_timer = QTimer(self)
        self._last_timer.setInterval(_LAST_REFRESH_MS)
        self._last_timer.timeout.connect(self._on_last_due)
        self._last_timer.start()
        session.listeners.append(self.on_changed)

    def _build(self) -> None:
        title = QLabel("Orders", self)
        title.setProperty("role", "title")
        self.filter_edit = QLineEdit(self)
        self.filter_edit.setPlaceholderText("Filter: status:working side:buy qty>10k  (Ctrl+F)")
        self.filter_edit.setProperty("role", "command")
        self.filter_edit.setClearButtonEnabled(True)
        self.filter_edit.setAccessibleName("Blotter filter")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_FILTER_TYPING_MS)
        self._typing.timeout.connect(self._on_filter_typed)
        self.filter_edit.textChanged.connect(self._typing.start)
        self.filter_edit.returnPressed.connect(self._on_filter_typed)
        self._filter_error = QLabel(self)
        self._filter_error.setProperty("role", "error")
        self._filter_error.hide()
        self._totals = QLabel(self)
        self._totals.setProperty("role", "muted")
        top = QHBoxLayout()
        top.setContentsMargins(12, 6, 8, 6)
        top.addWidget(title)
        top.addStretch(1)
        top.addWidget(self._filter_error)
        top.addWidget(self.filter_edit, 2)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 4, 12, 6)
        foot.addWidget(self._totals)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        self.model.counts_changed.connect(self._on_counts_changed)
        self._on_counts_changed()

    # -- what others ask -----------------------------------------------------------------------

    def selected_orders(self) -> list[Order]:
        """Return the selected orders that the log knows, from top to bottom."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        orders = self._session.core.state.orders
        ids = (self.model.row_at(row).order_id for row in rows)
        return [orders[order_id] for order_id in ids if order_id in orders]

    def show_order(self, order_id: str) -> bool:
        """Select an order and bring it into view, past the filter if need be."""
        order = self._session.core.state.orders.get(order_id)
        if order is None:
            return False
        self.model.flush()
        row = self.row_of(order)
        if row < 0:
            self.filter_edit.clear()
            self._on_filter_typed()
            row = self.row_of(order)
        if row < 0:
            return False
        self.table.select_keys([_key(order)])
        self.table.scrollTo(self.model.index(row, 0))
        return True

    def row_of(self, order: Order) -> int:
        """Return the row in which an order is shown, -1 where it isn't."""
        return self.model.row_of_key(_key(order))

    def focus_table(self) -> None:
        """Put the keyboard on the table."""
        self.table.setFocus()

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.filter_edit.setFocus()
        self.filter_edit.selectAll()

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        core = self._session.core
        if changed.reference:
            # The day rolled, a snapshot was taken in, or instruments came: cheap, and rare.
            self.model.reset([*core.state.orders.values(), *self._pending_rows()])
        elif changed.orders:
            orders = core.state.orders
            self.model.upsert(orders[key] for key in changed.orders if key in orders)
        for command_id in changed.requests:
            request = core.requests.get(command_id)
            if request is None and command_id in self._asked:
                self._asked.discard(command_id)
                held = self.model.row_for(command_id)
                if held is not None and not held.order_id:
                    self.model.remove([command_id])  # settled without an order
            elif request is not None and isinstance(request.command, SubmitOrder):
                self._asked.add(command_id)
                row = pending_order(request, request.command)
                # That the store has it is told in passing: what comes of it follows in moments.
                at_once = request.status is not OrderStatus.RECEIVED
                self.model.upsert([row], at_once=at_once)
        self._quoted |= changed.quotes

    def _pending_rows(self) -> list[Order]:
        return [
            pending_order(request, request.command)
            for request in self._session.core.requests.values()
            if isinstance(request.command, SubmitOrder)
        ]

    @Slot()
    def _on_last_due(self) -> None:
        """Refresh the Last of live orders whose name traded; ended orders keep what they showed."""
        if not self._quoted or not self.isVisible():
            return
        state, quoted = self._session.core.state, self._quoted
        self.model.touch(_key(order) for order in state.live_orders() if order.symbol in quoted)
        self._quoted = set()

    # -- what the person does ------------------------------------------------------------------

    @Slot()
    def _on_filter_typed(self) -> None:
        query = parse(self.filter_edit.text(), self._columns, self._vocabulary)
        if isinstance(query, list):
            self._filter_error.setText(query[0].reason)
            self._filter_error.show()
            return
        self._filter_error.hide()
        self.model.set_filter(query)

    @Slot()
    def _on_activated(self) -> None:
        orders = self.selected_orders()
        if orders:
            self.order_chosen.emit(orders[0].order_id)

    @Slot()
    def _on_counts_changed(self) -> None:
        state = self._session.core.state
        shown, total = self.model.visible_count, self.model.total_count
        of = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        plural = "" if total == 1 else "s"
        self._totals.setText(f"<b>{of} order{plural}</b> &nbsp; {len(state.live):,} open")


def _key(order: Order) -> str:
    return order.command_id


def pending_order(request: Request, command: SubmitOrder) -> Order:
    """Return a row for what was sent and is not in the log yet; it has no order id."""
    terms = command.terms
    return Order(
        order_id="",
        command_id=command.id,
        desk=command.desk,
        trader=command.author,
        symbol=terms.symbol,
        side=terms.side,
        qty=terms.qty,
        order_type=terms.order_type,
        account=terms.account,
        venue=terms.venue,
        time_in_force=terms.time_in_force,
        status=request.status,
        underlying_status=request.status,
        created_ts=request.asked_ts,
        updated_ts=request.asked_ts,
        limit_px=terms.limit_px,
        stop_px=terms.stop_px,
        leaves_qty=terms.qty,
        reason=request.text,
    )
