"""The simulated venue: our matching core, with a market flow as everybody else in it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.core.context import Quote
from app.matching import order_book as ob
from app.matching.order_book import OrderBook, Report
from app.ports import (
    CancelRequest,
    EndSession,
    MarketAction,
    MarketFlow,
    NewOrder,
    ReplaceOrder,
    VenueMessage,
)
from models.commands import VenueReport
from models.executions import execution_id
from models.order_state import Trigger
from models.orders import OrderTerms, OrderType, Side, TimeInForce, order_id_of

NAME = "SIM"
_TIF = {TimeInForce.IOC: ob.IOC, TimeInForce.FOK: ob.FOK}
_PLAIN_TRIGGERS = {
    ob.ACCEPTED: Trigger.ACKNOWLEDGE,
    ob.REJECTED: Trigger.REJECT,
    ob.CANCELED: Trigger.CANCEL,
    ob.REPLACED: Trigger.REPLACE,
    ob.TRIGGERED: Trigger.ACTIVATE,
    ob.CANCEL_REJECTED: Trigger.REJECT_CANCEL,
    ob.REPLACE_REJECTED: Trigger.REJECT_REPLACE,
}


class _DeskOrder(msgspec.Struct):
    """One of the desk's orders as this venue knows it."""

    cl_ord_id: str
    terms: OrderTerms
    qty: int
    cum_qty: int = 0


class SimVenue:
    """Matches the desk's orders against a flow; implements `Venue`.

    Attributes:
        books: the order book of each symbol.
    """

    def __init__(self, flow: MarketFlow) -> None:
        self.books: dict[str, OrderBook] = {}
        self._flow = flow
        self._orders: dict[str, _DeskOrder] = {}
        self._volumes: dict[str, int] = {}
        self._touched: set[str] = set()
        self._ts = 0
        self._feed_ts = 0

    def send(self, messages: Sequence[VenueMessage], ts: int) -> list[VenueReport]:
        self._ts = ts
        reports: list[VenueReport] = []
        for message in messages:
            match message:
                case NewOrder():
                    self._enter(message, reports)
                case ReplaceOrder():
                    self._replace(message, reports)
                case CancelRequest():
                    self._cancel(message, reports)
                case EndSession():
                    self._end_session()
        return reports

    def restore(self, orders: Sequence[NewOrder], ts: int) -> list[VenueReport]:
        return self.send(orders, ts)

    def advance(self, ts: int) -> list[VenueReport]:
        self._ts = ts
        reports: list[VenueReport] = []
        for action in self._flow.actions(ts, self._last_px):
            self._act(self._book(action.symbol), action)
            self._collect(action.symbol, reports)
        if self._flow.is_alive(ts):
            self._feed_ts = ts
        return reports

    def quotes(self) -> tuple[int, list[Quote]]:
        changed = [self._quote(symbol) for symbol in sorted(self._touched)]
        self._touched.clear()
        return self._feed_ts, changed

    # -- the desk's orders ---------------------------------------------------------------------

    def _enter(self, message: NewOrder, reports: list[VenueReport]) -> None:
        """Enter an order; one that is here already (after a restart) is only acknowledged again."""
        terms, order_id = message.terms, order_id_of(message.cl_ord_id)
        if order_id in self._orders:
            reports.append(self._report(order_id, Trigger.ACKNOWLEDGE))
            return
        self._orders[order_id] = _DeskOrder(message.cl_ord_id, terms, terms.qty, message.cum_qty)
        book, is_buy = self._book(terms.symbol), terms.side is Side.BUY
        qty = terms.qty - message.cum_qty
        if terms.order_type.has_stop and not message.triggered:
            book.stop(order_id, is_buy, terms.stop_px or 0, qty, terms.limit_px)
        elif terms.order_type in (OrderType.MARKET, OrderType.STOP):
            book.market(order_id, is_buy, qty, _TIF.get(terms.time_in_force, ob.IOC))
        else:
            tif = _TIF.get(terms.time_in_force, ob.DAY)
            book.limit(order_id, is_buy, terms.limit_px or 0, qty, tif)
        self._collect(terms.symbol, reports)

    def _replace(self, message: ReplaceOrder, reports: list[VenueReport]) -> None:
        order_id, new = order_id_of(message.cl_ord_id), message.replacement
        order = self._orders.get(order_id)
        if order is None:
            reports.append(self._gone(message.cl_ord_id, Trigger.REJECT_REPLACE))
            return
        symbol = order.terms.symbol
        book, leaves = self._book(symbol), new.qty - order.cum_qty
        was = order.cl_ord_id, order.qty
        order.cl_ord_id, order.qty = message.cl_ord_id, new.qty
        if leaves <= 0:  # it becomes what was filled
            book.cancel(order_id)
            book.reports.clear()
            reports.append(self._report(order_id, Trigger.REPLACE))
            del self._orders[order_id]
            return
        if not book.replace(order_id, leaves, new.limit_px, new.stop_px):
            self._collect(symbol, reports)  # the rejection speaks of the replace's own id
            order.cl_ord_id, order.qty = was
        self._collect(symbol, reports)

    def _cancel(self, message: CancelRequest, reports: list[VenueReport]) -> None:
        order_id = order_id_of(message.cl_ord_id)
        order = self._orders.get(order_id)
        if order is None:
            reports.append(self._gone(message.cl_ord_id, Trigger.REJECT_CANCEL))
            return
        self._book(order.terms.symbol).cancel(order_id)
        self._collect(order.terms.symbol, reports)

    def _end_session(self) -> None:
        """Take the DAY orders out; the desk's log has expired them already."""
        for order_id, order in list(self._orders.items()):
            if order.terms.time_in_force is not TimeInForce.GTC:
                book = self._book(order.terms.symbol)
                book.cancel(order_id)
                book.reports.clear()
                del self._orders[order_id]

    # -- reports -------------------------------------------------------------------------------

    def _collect(self, symbol: str, reports: list[VenueReport]) -> None:
        """Turn what the book says of the desk's orders into execution reports."""
        book = self.books[symbol]
        for report in book.reports:
            if report[0] == ob.FILL:
                self._volumes[symbol] = self._volumes.get(symbol, 0) + int(report[4])
                self._traded(report, reports)
                continue
            order_id = str(report[1])
            if order_id in self._orders:
                kind = int(report[0])
                text = str(report[-1]) if kind in _TEXTED else ""
                reports.append(self._report(order_id, _PLAIN_TRIGGERS[kind], text))
                if kind in (ob.CANCELED, ob.REJECTED):
                    del self._orders[order_id]
        book.reports.clear()

    def _traded(self, report: Report, reports: list[VenueReport]) -> None:
        _, maker, taker, price, qty, _ = report
        for order_id in (str(maker), str(taker)):
            order = self._orders.get(order_id)
            if order is None:
                continue
            exec_id = execution_id(order_id, order.cum_qty)
            order.cum_qty += int(qty)
            filled = order.cum_qty == order.qty
            reports.append(
                VenueReport(
                    id=exec_id,
                    author=NAME,
                    cl_ord_id=order.cl_ord_id,
                    trigger=Trigger.FILL if filled else Trigger.PARTIAL_FILL,
                    exec_id=exec_id,
                    last_qty=int(qty),
                    last_px=int(price),
                    ts=self._ts,
                )
            )
            if filled:
                del self._orders[order_id]

    def _report(self, order_id: str, trigger: Trigger, text: str = "") -> VenueReport:
        cl_ord_id = self._orders[order_id].cl_ord_id
        return VenueReport(
            id=f"{cl_ord_id}:{trigger.value}",
            author=NAME,
            cl_ord_id=cl_ord_id,
            trigger=trigger,
            text=text,
            ts=self._ts,
        )

    def _gone(self, cl_ord_id: str, trigger: Trigger) -> VenueReport:
        return VenueReport(
            id=f"{cl_ord_id}:{trigger.value}",
            author=NAME,
            cl_ord_id=cl_ord_id,
            trigger=trigger,
            text="Too late: the order is not working.",
            ts=self._ts,
        )

    # -- the market ----------------------------------------------------------------------------

    def _book(self, symbol: str) -> OrderBook:
        self._touched.add(symbol)
        book = self.books.get(symbol)
        if book is None:
            book = self.books[symbol] = OrderBook()
        return book

    def _last_px(self, symbol: str) -> int:
        book = self.books.get(symbol)
        return book.last_px if book is not None else 0

    def _quote(self, symbol: str) -> Quote:
        book = self.books[symbol]
        bids, offers = book.depth(True, 1), book.depth(False, 1)
        bid, bid_qty = bids[0] if bids else (0, 0)
        ask, ask_qty = offers[0] if offers else (0, 0)
        volume = self._volumes.get(symbol, 0)
        return Quote(symbol, bid, bid_qty, ask, ask_qty, book.last_px, volume, self._ts)

    def _act(self, book: OrderBook, action: MarketAction) -> None:
        """Do to `book` what somebody else in the market does."""
        match action.kind:
            case "limit":
                book.limit(
                    action.order_id,
                    action.is_buy,
                    action.price,
                    action.qty,
                    priority=action.priority,
                )
            case "market":
                book.market(action.order_id, action.is_buy, action.qty)
            case "cancel":
                book.cancel(action.order_id)
            case "reduce":
                book.reduce(action.order_id, action.qty)
            case "execute":
                self._execute_recorded(book, action)
            case unknown:
                raise ValueError(f"A market can't do {unknown!r}.")

    def _execute_recorded(self, book: OrderBook, action: MarketAction) -> None:
        """A recorded execution of a resting order, whose side and price `action` gives.

        Whoever hit it would have hit the desk's orders ahead of it first; the recorded order is
        reduced by what the record says all the same, so that the book stays in step with it.
        """
        resting = book.orders.get(action.order_id)
        key = action.price if action.is_buy else -action.price
        priority = resting.priority if resting is not None else _LAST
        ahead = [
            order
            for order_id in self._orders
            if (order := book.orders.get(order_id)) is not None
            and order.is_buy is action.is_buy
            and (-order.level.key, order.priority) < (-key, priority)
        ]
        left = action.qty
        for order in sorted(ahead, key=lambda order: (-order.level.key, order.priority)):
            left -= book.hit(order.order_id, left, "recorded")
            if not left:
                break
        book.hit(action.order_id, action.qty, "recorded")


_LAST = 1 << 80
_TEXTED = frozenset({ob.REJECTED, ob.CANCELED, ob.CANCEL_REJECTED, ob.REPLACE_REJECTED})
