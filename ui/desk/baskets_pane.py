"""The Baskets pane: many orders loaded at once, sent in waves, and how far each has come."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.session.client import Session
from app.session.step import Changed
from models.errors import BlotterError
from models.orders import Order
from ui.blotter.worth import Worth
from ui.desk.basket_dialog import BasketDialog
from ui.desk.basket_rows import BasketRow, basket_columns, basket_row, line_columns
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_REFRESH_MS: Final = 300
_SHARES: Final = ((1_000, "10%"), (2_500, "25%"), (3_333, "a third"), (5_000, "half"))
_REST: Final = 10_000


class BasketsPane(QFrame):
    """Baskets above, the chosen one's lines below.

    Attributes:
        table, model: the baskets.
        lines, line_model: the chosen basket's lines.
        load_button, wave_button, cancel_button: what can be done.
        share_box, reason_edit: how much a wave takes of each line, and why a warning is right.

    Signals:
        symbol_chosen, order_wanted, history_wanted: as every blotter has them.
        dialog_wanted: a question should be asked.
        message_raised: something to say in passing, with its tone.
    """

    help_page: ClassVar[str] = "baskets"

    symbol_chosen = Signal(str)
    order_wanted = Signal(str)
    history_wanted = Signal(str)
    dialog_wanted = Signal(QDialog)
    message_raised = Signal(str, str)
    state_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._worth = Worth(session.core)
        self._is_stale = True
        self._known: set[str] = set()
        self.model: LiveTableModel[BasketRow] = LiveTableModel(
            basket_columns("in the rule book's currency"), lambda row: row.basket_id, self
        )
        self.table = LiveTableView(self.model, self)
        self.table.setAccessibleName("Baskets")
        self.table.set_empty_text("No baskets yet", "Load one from a file, or paste it")
        self.table.selectionModel().selectionChanged.connect(self._on_basket_chosen)
        self.line_model: LiveTableModel[Order] = LiveTableModel(
            line_columns(session.core), lambda order: order.order_id, self
        )
        self.lines = LiveTableView(self.line_model, self)
        self.lines.setAccessibleName("Lines of the basket")
        self.lines.set_empty_text("No basket is chosen", "Its lines show here")
        self.lines.activated.connect(self._on_line_activated)
        self.lines.selectionModel().selectionChanged.connect(self._on_line_chosen)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        session.listeners.append(self.on_changed)

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.addWidget(self.table)
        parts.addWidget(self.lines)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 2)
        parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._build_tools())
        layout.addWidget(parts, 1)
        self.setFocusProxy(self.table)

    def _build_tools(self) -> QWidget:
        tools = QWidget(self)
        row = QHBoxLayout(tools)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(6)
        self.load_button = QPushButton("Load a basket…", tools)
        self.load_button.setToolTip("From a CSV file, a workbook or the clipboard")
        self.load_button.clicked.connect(self.ask_load)
        self.share_box = QComboBox(tools)
        self.share_box.setAccessibleName("How much a wave takes of each line")
        for share, words in _SHARES:
            self.share_box.addItem(f"{words} of each line", share)
        self.share_box.addItem("all that is left", _REST)
        self.reason_edit = QLineEdit(tools)
        self.reason_edit.setAccessibleName("Why a warning is right")
        self.reason_edit.setPlaceholderText("Reason")
        self.reason_edit.setToolTip("Why it is right to send lines that warn")
        self.reason_edit.setMinimumWidth(72)
        self.wave_button = QPushButton("Send a wave", tools)
        self.wave_button.setProperty("role", "send")
        self.wave_button.clicked.connect(self.send_wave)
        self.cancel_button = QPushButton("Cancel the basket", tools)
        self.cancel_button.setToolTip("Cancel every line that is open, and what is out of it")
        self.cancel_button.clicked.connect(self.cancel_basket)
        row.addWidget(self.load_button)
        row.addWidget(self.share_box)
        row.addWidget(self.reason_edit, 1)
        row.addWidget(self.wave_button)
        row.addWidget(self.cancel_button)
        self._enable()
        return tools

    # -- what the shell asks -------------------------------------------------------------------

    def focus_pane(self) -> None:
        """Put the keyboard on the baskets."""
        self.table.setFocus()
        if not self.table.selected_keys() and self.model.visible_count:
            self.table.select_keys([self.model.key_at(0)])

    def save_state(self) -> dict[str, Any]:
        """Return columns and sort of both tables."""
        return {"baskets": self.table.save_state(), "lines": self.lines.save_state()}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up what `save_state` returned."""
        for name, table in (("baskets", self.table), ("lines", self.lines)):
            kept = state.get(name)
            if isinstance(kept, dict):
                table.restore_state(kept)

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Note that something may have come further."""
        if changed.orders or changed.baskets or changed.reference:
            self._is_stale = True

    @Slot()
    def refresh(self) -> None:
        """Count anew, if anything changed and somebody looks."""
        if not self._is_stale or not self.isVisible():
            return
        self._is_stale = False
        core = self._session.core
        rows = [basket_row(core, basket, self._worth) for basket in core.state.baskets.values()]
        known = {row.basket_id for row in rows}
        if self._known - known:
            self.model.remove(self._known - known)
        self._known = known
        self.model.upsert(rows)
        self.model.flush()
        if rows and not self.table.selected_keys():
            self.table.select_keys([rows[-1].basket_id])
        self._show_lines()

    def showEvent(self, event: QShowEvent) -> None:
        """Count anew."""
        super().showEvent(event)
        self.refresh()

    @property
    def basket_id(self) -> str:
        """The chosen basket, empty where none is."""
        keys = self.table.selected_keys()
        return keys[0] if keys else ""

    @Slot()
    def _on_basket_chosen(self) -> None:
        self.line_model.reset([])
        self._show_lines()

    def _show_lines(self) -> None:
        core = self._session.core
        basket = core.state.baskets.get(self.basket_id)
        keys = basket.orders if basket is not None else ()
        orders = [core.state.orders[key] for key in keys if key in core.state.orders]
        if orders and self.line_model.total_count == len(orders):
            self.line_model.upsert(orders)
        else:
            self.line_model.reset(orders)
        self._enable()

    def _enable(self) -> None:
        core = self._session.core
        basket = core.state.baskets.get(self.basket_id)
        orders = [core.state.orders.get(key) for key in basket.orders] if basket else []
        is_open = any(order is not None and order.is_open for order in orders)
        has_room = any(order is not None and order.room for order in orders)
        self.wave_button.setEnabled(has_room)
        self.cancel_button.setEnabled(is_open)

    # -- what the person does ------------------------------------------------------------------

    @Slot()
    def ask_load(self) -> None:
        """Ask for a basket."""
        dialog = BasketDialog(self._session, self)
        dialog.loaded.connect(lambda words: self.message_raised.emit(words, "pending"))
        self.dialog_wanted.emit(dialog)

    @Slot()
    def send_wave(self) -> None:
        """Send the chosen share of each line."""
        share = int(self.share_box.currentData())
        reason = self.reason_edit.text().strip()
        self._carry_out(
            lambda: self._session.work.send_wave(self.basket_id, share, reason=reason),
            f"Sending {self.share_box.currentText()}.",
        )

    @Slot()
    def cancel_basket(self) -> None:
        """Cancel every line that is open."""
        core = self._session.core
        basket = core.state.baskets.get(self.basket_id)
        keys = basket.orders if basket is not None else ()
        orders = [core.state.orders[key] for key in keys if key in core.state.orders]
        staged = [order.order_id for order in orders if order.is_open and not order.is_live]
        live = [order.order_id for order in orders if order.is_live]

        def cancel() -> None:
            if live:
                self._session.work.cancel_many(live)
            for order_id in staged:
                self._session.cancel(order_id)

        self._carry_out(cancel, f"Cancelling {len(live) + len(staged):,} lines.")

    def _carry_out(self, do: Any, said: str) -> None:
        try:
            do()
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")
        else:
            self.message_raised.emit(said, "pending")

    @Slot()
    def _on_line_activated(self) -> None:
        keys = self.lines.selected_keys()
        if keys:
            self.order_wanted.emit(keys[0])

    @Slot()
    def _on_line_chosen(self) -> None:
        keys = self.lines.selected_keys()
        order = self._session.core.state.orders.get(keys[0]) if keys else None
        if order is not None:
            self.symbol_chosen.emit(order.symbol)
