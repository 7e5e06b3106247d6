"""What panes and keys ask of the desk: amend, cancel, follow a symbol, show an order anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from app.session.client import Session
from models.orders import Order, Side
from ui.shell.panes import PANES

if TYPE_CHECKING:
    from ui.main_window import MainWindow

_FOLLOWERS = tuple(spec.name for spec in PANES if spec.follows)


class DeskDeeds(QObject):
    """Carries out what concerns more than one pane.

    Attributes:
        symbol: the symbol that was chosen last, which the market panes follow.
    """

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self.symbol = ""

    def links(self) -> dict[str, Any]:
        """Return what each signal of a pane does, by the signal's name."""
        return {
            "message_raised": self.tell,
            "symbol_chosen": self.choose_symbol,
            "order_wanted": self.show_order,
            "order_chosen": self.amend_order,
            "history_wanted": self.show_history,
            "price_chosen": self.take_price,
            "trader_wanted": self.show_trader,
            "slice_wanted": self.slice_order,
            "dialog_wanted": self._window.dialogs.open,
        }

    @Slot(str, str)
    def tell(self, words: str, tone: str) -> None:
        """Say something in passing."""
        self._window.health.tell(words, tone)

    # -- symbols -------------------------------------------------------------------------------

    @Slot(str)
    def choose_symbol(self, symbol: str) -> None:
        """Have the market panes follow `symbol`."""
        if not symbol or symbol not in self._session.core.state.instruments:
            return
        self.symbol = symbol
        self._window.top_bar.follow(symbol)
        for name in _FOLLOWERS:
            self.follow(name)

    def follow(self, name: str) -> None:
        """Have a pane show the symbol that was chosen last, now or when it is built."""
        pane = self._window.built(name)
        if name not in _FOLLOWERS:
            return
        if pane is not None and self.symbol:
            pane.show_symbol(self.symbol)  # type: ignore[attr-defined]
        self.entitle(name)

    def entitle(self, name: str) -> None:
        """Put the symbol that a market pane shows into its title."""
        pane = self._window.built(name)
        symbol = str(getattr(pane, "symbol", "") or self.symbol)
        dock = self._window.docks[name]
        title = dock.spec.title
        dock.name_as(f"{symbol} {title.lower()}" if symbol else "")

    @Slot(str)
    def trade_symbol(self, symbol: str) -> None:
        """Show a symbol's market, and begin a ticket in it."""
        self.choose_symbol(symbol)
        window = self._window
        window.show_pane("ticket")
        window.ticket.begin(window.ticket.draft.side, symbol)

    @Slot(str, object, object)
    def take_price(self, symbol: str, side: Side, price: int) -> None:
        """Take a price that was chosen in the market into the ticket."""
        self._window.show_pane("ticket")
        self._window.ticket.set_price(symbol, side, price)
        self._window.ticket.focus_pane()

    # -- orders --------------------------------------------------------------------------------

    def selected_orders(self) -> list[Order]:
        """Return the orders that are selected in the blotter."""
        return list(self._window.orders.selected_orders())

    @Slot()
    def amend_selected(self) -> None:
        """Take the first selected order into the ticket."""
        orders = self.selected_orders()
        if not orders:
            self.tell("Select an order in the blotter first (Ctrl+B).", "warning")
        elif not orders[0].is_open:
            status = orders[0].status.replace("_", " ")
            self.tell(f"{orders[0].order_id} is {status}; nothing to amend.", "warning")
        else:
            self._window.show_pane("ticket")
            self._window.ticket.begin_amend(orders[0])

    @Slot(str)
    def amend_order(self, order_id: str) -> None:
        """Take an order into the ticket."""
        order = self._session.core.state.orders.get(order_id)
        if order is None or not order.is_open:
            self.amend_selected()
            return
        self._window.show_pane("ticket")
        self._window.ticket.begin_amend(order)

    @Slot(str)
    def slice_order(self, order_id: str) -> None:
        """Begin a slice of a care order in the ticket."""
        order = self._session.core.state.orders.get(order_id)
        if order is None or not order.is_live:
            self.tell(f"{order_id} is no open care order.", "warning")
            return
        self._window.show_pane("ticket")
        self._window.ticket.begin_slice(order)

    def work_on_selected(self, name: str) -> None:
        """Claim, release, pass on …: a deed of the desk's work, with the selected orders."""
        orders = self.selected_orders()
        if orders:
            self._window.orders.desk_menu.deeds[name](orders)
        else:
            self.tell("Select an order in the blotter first (Ctrl+B).", "warning")

    @Slot()
    def cancel_selected(self) -> None:
        """Cancel every selected live order, at once."""
        self._window.orders.cancel_selected()

    @Slot(str)
    def show_order(self, order_id: str) -> None:
        """Select an order in the blotter, and put the keyboard there."""
        self._window.show_pane("orders")
        if self._window.orders.show_order(order_id):
            self._window.orders.table.setFocus()
        else:
            self.tell(f"{order_id} is not in the blotter: it is of another day or desk.", "warning")

    @Slot(str)
    def show_history(self, order_id: str) -> None:
        """Show the history of an order."""
        history = self._window.show_pane("history")
        history.show_order(order_id)  # type: ignore[attr-defined]

    @Slot()
    def show_history_of_selected(self) -> None:
        """Show the history of the first selected order."""
        orders = self.selected_orders()
        if orders:
            self.show_history(orders[0].order_id)
        else:
            self.tell("Select an order in the blotter first (Ctrl+B).", "warning")

    @Slot(str)
    def show_trader(self, login: str) -> None:
        """Show only the orders of one trader in the blotter."""
        self._window.show_pane("orders")
        self._window.orders.show_trader(login)
        self._window.orders.focus_table()

    @Slot()
    def drop(self) -> None:
        """Drop the ticket; where one types elsewhere, only leave that; leave the help."""
        focus = QApplication.focusWidget()
        here = self._window.pane_of(focus)
        if here == "help":
            self._window.leave_help()
            return
        if isinstance(focus, QLineEdit | QPlainTextEdit) and here not in ("", "ticket"):
            self._window.go_to(here)
        else:
            self._window.ticket.drop()
