"""A symbol's own working orders and fills, kept up from what the session says changed. No Qt."""

from __future__ import annotations

from itertools import islice

from app.session.step import Changed, SessionCore
from models.executions import Execution
from models.orders import Order
from models.parties import Role


def is_own(core: SessionCore, trader: str) -> bool:
    """Whether what `trader` does counts as one's own.

    A trader's own is what that trader did; whoever does not trade sees the desk's.
    """
    person = core.state.traders.get(core.login)
    return trader == core.login or person is None or person.role is not Role.TRADER


def working_px(order: Order) -> int | None:
    """Return the price that an order waits at: its stop until triggered; None at the market."""
    return order.stop_px if order.awaits_trigger else order.limit_px


class OwnOrders:
    """The own orders in one symbol that may still fill, and its own fills of the day.

    Looking at what changed keeps it up: reading all orders at each change would cost a desk with
    100,000 orders milliseconds at a time.

    Attributes:
        symbol: whose orders these are, empty for none.
        working: orders by id.
        fills: executions in the order in which they were taken into the log.
    """

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        self.symbol = ""
        self.working: dict[str, Order] = {}
        self.fills: list[Execution] = []
        self._fills_read = 0
        self._superseded_read = 0

    def read(self, symbol: str) -> None:
        """Take up `symbol`, from the state as it is now."""
        self.symbol = symbol
        state = self._core.state
        self.working = {
            order.order_id: order
            for order in (state.live_orders() if symbol else ())
            if order.symbol == symbol and is_own(self._core, order.trader)
        }
        self._read_fills()

    def note(self, changed: Changed) -> bool:
        """Take up what changed; return whether any of it was here."""
        if changed.reference:
            self.read(self.symbol)
            return True
        orders = self._core.state.orders
        is_ours = False
        for order_id in changed.orders:
            order = orders.get(order_id)
            if order is None or order.symbol != self.symbol:
                continue
            if not is_own(self._core, order.trader):
                continue
            is_ours = True
            if order.is_live:
                self.working[order_id] = order
            else:
                self.working.pop(order_id, None)
        if is_ours:
            self._note_fills()
        return is_ours

    def _read_fills(self) -> None:
        state = self._core.state
        self.fills = self._own(list(state.executions.values())) if self.symbol else []
        self._fills_read = len(state.executions)
        self._superseded_read = len(state.superseded)

    def _note_fills(self) -> None:
        """Executions come at the end; only a correction or a bust means reading all of them."""
        state = self._core.state
        if len(state.superseded) != self._superseded_read:
            self._read_fills()
            return
        fresh = len(state.executions) - self._fills_read
        newest_first = islice(reversed(state.executions.values()), max(0, fresh))
        self.fills += self._own(list(newest_first)[::-1])
        self._fills_read = len(state.executions)

    def _own(self, executions: list[Execution]) -> list[Execution]:
        orders = self._core.state.orders
        return [
            fill
            for fill in executions
            if fill.symbol == self.symbol
            and fill.order_id in orders
            and is_own(self._core, orders[fill.order_id].trader)
        ]
