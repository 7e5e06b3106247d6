"""The simulated venue: our matching core, with a market flow as everybody else in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

import msgspec

from app.core.context import Quote
from app.matching import order_book as ob
from app.matching.auction import Bands, Call
from app.matching.order_book import BookSide, OrderBook, Report
from app.ports import (
    CancelRequest,
    EndSession,
    MarketAction,
    MarketFlow,
    MarketUpdate,
    NewOrder,
    ReplaceOrder,
    StartSession,
    VenueMessage,
)
from app.venues.entry import into_book
from app.venues.phases import Phases, Schedule
from app.venues.tape import Tape
from models.commands import VenueReport
from models.executions import execution_id
from models.market import DEPTH_LEVELS, Bar, Depth, Level, Phase
from models.order_state import Trigger
from models.orders import Handling, OrderTerms, Side, TimeInForce, order_id_of, outlives
from models.venues import CANCEL_ON_DISCONNECT

NAME = "SIM"
_NO_BAND = Bands()
_NO_BANDS: Mapping[str, Bands] = MappingProxyType({})
_NO_CLOSING = "on close: this venue holds no closing auction; choose Day"
_CLOSED = "the market is closed; send it when the next pre-open call is on"
_NO_ROOM = "Its trail would put the stop below zero, or it was triggered."
_NO_OFFSET = "A pegged order takes no other offset here. Cancel it and enter it anew."
_MOVES_EVERY_NS = 1_000_000_000
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

    Without a `schedule` it matches all the time. `bands` are by symbol: a trade that would go
    beyond does not happen, and begins a volatility call that the rest of its order waits in; names
    without bands of their own have `usual_bands`.

    Attributes:
        books: the order book of each symbol.
        cancel_on_disconnect: as `Venue` has it.
    """

    cancel_on_disconnect = CANCEL_ON_DISCONNECT[NAME]

    def __init__(
        self,
        flow: MarketFlow,
        schedule: Schedule | None = None,
        bands: Mapping[str, Bands] = _NO_BANDS,
        usual_bands: Bands = _NO_BAND,
    ) -> None:
        self.books: dict[str, OrderBook] = {}
        self._flow = flow
        self._phases = Phases(schedule)
        self._bands, self._usual_bands = bands, usual_bands
        self._orders: dict[str, _DeskOrder] = {}
        self._tapes: dict[str, Tape] = {}
        self._touched: set[str] = set()
        self._ts = 0
        self._feed, self._feed_ts = "", 0
        self._is_silent = False
        self._next_moves_ts = 0

    def send(self, messages: Sequence[VenueMessage], ts: int) -> list[VenueReport]:
        reports = self._turn(ts)
        for message in messages:
            match message:
                case NewOrder():
                    self._take(message, reports)
                case ReplaceOrder():
                    self._replace(message, reports)
                case CancelRequest():
                    self._cancel(message, reports)
                case StartSession(day=day):
                    self._let_go(lambda each: _sees(each, day), reports)
                    self._phases.start_session(self.books, ts)
                    self._touched |= self.books.keys()
                case EndSession(day=day):
                    self._let_go(lambda each: _outlives(each, day), reports)
        return reports

    def restore(self, orders: Sequence[NewOrder], ts: int) -> list[VenueReport]:
        reports = self._turn(ts)
        for order in orders:
            self._enter(order, reports)
        return reports

    def halt(self, symbol: str) -> None:
        """Stop matching in a name; what is new waits for the auction that ends the halt."""
        self._phases.halt(symbol, self._book(symbol))

    def resume(self, symbol: str) -> None:
        """End a halt through an auction."""
        self._phases.resume(symbol, self._book(symbol), self._ts)

    def _turn(self, ts: int) -> list[VenueReport]:
        """Hear the time: names whose phase ends go on to the next, through their auctions."""
        self._ts = ts
        reports: list[VenueReport] = []
        for symbol in self._phases.turn(self.books, ts):
            self._touched.add(symbol)
            self._collect(symbol, True, reports)
        return reports

    def advance(self, ts: int) -> list[VenueReport]:
        reports = self._turn(ts)
        for action in self._flow.actions(ts, self._last_px):
            self._act(self._book(action.symbol), action)
            # Who executes a recorded order stands on its other side.
            is_buy = action.is_buy is not (action.kind == "execute")
            self._collect(action.symbol, is_buy, reports)
        self._feed, self._feed_ts = self._flow.heartbeat(ts)
        self._is_silent = self._feed_ts < ts
        # In the next moment, or when the store's clock has been put back.
        if not 0 < self._next_moves_ts - ts <= _MOVES_EVERY_NS:
            self._next_moves_ts = ts + _MOVES_EVERY_NS
            self._report_moves(reports)
        return reports

    def market(self) -> MarketUpdate:
        quotes: list[Quote] = []
        depths: list[Depth] = []
        bars: list[Bar] = []
        if self._is_silent:  # a silent feed tells nothing; it catches up when it is back
            return MarketUpdate(feed_ts=self._feed_ts, feed=self._feed)
        for bar in self._flow.past():
            self._tape(bar.symbol).volume += bar.qty
            bars.append(bar)
        for symbol in sorted(self._touched):
            bars += self._tapes[symbol].settle()
            quotes.append(self._quote(symbol))
            depths.append(self._depth(symbol))
        self._touched.clear()
        return MarketUpdate(
            feed_ts=self._feed_ts, quotes=quotes, depths=depths, bars=bars, feed=self._feed
        )

    # -- the desk's orders ---------------------------------------------------------------------

    def _take(self, message: NewOrder, reports: list[VenueReport]) -> None:
        """Take a new order, unless there is nothing here that it could ever trade in."""
        terms, order_id = message.terms, order_id_of(message.cl_ord_id)
        book = self._book(terms.symbol)
        why = _CLOSED if book.call is Call.CLOSED else ""
        if terms.time_in_force is TimeInForce.CLS and not self._phases.has_closing:
            why = _NO_CLOSING
        if not why or order_id in self._orders:
            self._enter(message, reports)
            return
        self._orders[order_id] = _DeskOrder(message.cl_ord_id, terms, terms.qty)
        reports.append(self._report(order_id, Trigger.REJECT, why))
        del self._orders[order_id]

    def _enter(self, message: NewOrder, reports: list[VenueReport]) -> None:
        """Enter an order; one that is here already (after a restart) is only acknowledged again."""
        terms, order_id = message.terms, order_id_of(message.cl_ord_id)
        if order_id in self._orders:
            reports.append(self._report(order_id, Trigger.ACKNOWLEDGE))
            return
        self._orders[order_id] = _DeskOrder(message.cl_ord_id, terms, terms.qty, message.cum_qty)
        book, is_buy = self._book(terms.symbol), terms.side is Side.BUY
        qty = terms.qty - message.cum_qty
        into_book(book, order_id, is_buy, qty, message)
        self._collect(terms.symbol, is_buy, reports)
        if terms.order_type.trails:
            self._tell_moves(book, reports)  # at once: a restart must find it where it began

    def _replace(self, message: ReplaceOrder, reports: list[VenueReport]) -> None:
        order_id, new = order_id_of(message.cl_ord_id), message.replacement
        order = self._orders.get(order_id)
        if order is None:
            reports.append(self._gone(message.cl_ord_id, Trigger.REJECT_REPLACE))
            return
        symbol = order.terms.symbol
        is_buy = order.terms.side is Side.BUY
        book, leaves = self._book(symbol), new.qty - order.cum_qty
        was = order.cl_ord_id, order.qty
        order.cl_ord_id, order.qty = message.cl_ord_id, new.qty
        if leaves <= 0:  # it becomes what was filled
            reports.append(self._report(order_id, Trigger.REPLACE))
            self._drop(order_id, reports)
            return
        if book.call is Call.CLOSED:
            reports.append(self._report(order_id, Trigger.REJECT_REPLACE, _CLOSED))
            order.cl_ord_id, order.qty = was
            return
        # A trailing stop's prices may have moved since they were looked at; they are not amended.
        is_trailing = order.terms.order_type.trails
        limit_px, stop_px = (None, None) if is_trailing else (new.limit_px, new.stop_px)
        trails_anew = is_trailing and _trails_anew(order.terms, new.handling)
        refusal = _NO_ROOM if trails_anew and not _retrail(book, order_id, new.handling) else ""
        if new.handling is not None and new.handling.peg_offset != order.terms.peg_offset:
            refusal = _NO_OFFSET
        if refusal:
            reports.append(self._report(order_id, Trigger.REJECT_REPLACE, refusal))
            order.cl_ord_id, order.qty = was
            return
        if not book.replace(order_id, leaves, limit_px, stop_px):
            self._collect(symbol, is_buy, reports)  # the rejection speaks of the replace's own id
            order.cl_ord_id, order.qty = was
        elif new.handling is not None:
            self._handle(book, order_id, order, new.handling)
        self._collect(symbol, is_buy, reports)
        if trails_anew:
            self._tell_moves(book, reports)

    @staticmethod
    def _handle(book: OrderBook, order_id: str, order: _DeskOrder, new: Handling) -> None:
        """How much it shows is the book's to know; how long it works is for `_let_go`."""
        old = order.terms
        order.terms = msgspec.structs.replace(old, **msgspec.structs.asdict(new))
        if (new.display_qty, new.varies) != (old.display_qty, old.varies):
            book.redisplay(order_id, new.display_qty or 0, int(new.varies))

    def _cancel(self, message: CancelRequest, reports: list[VenueReport]) -> None:
        order_id = order_id_of(message.cl_ord_id)
        order = self._orders.get(order_id)
        if order is None:
            reports.append(self._gone(message.cl_ord_id, Trigger.REJECT_CANCEL))
            return
        self._book(order.terms.symbol).cancel(order_id)
        self._collect(order.terms.symbol, order.terms.side is Side.BUY, reports)

    def _let_go(self, stays: Callable[[OrderTerms], bool], reports: list[VenueReport]) -> None:
        """Take out the orders that do not stay; the desk's log has expired them already."""
        gone = {key for key, order in self._orders.items() if not stays(order.terms)}
        for order_id in [key for key in self._orders if key in gone]:
            if order_id in self._orders:
                self._drop(order_id, reports)

    def _drop(self, order_id: str, reports: list[VenueReport]) -> None:
        """Forget an order of which nothing more is said; others may trade without it."""
        terms = self._orders.pop(order_id).terms
        self._book(terms.symbol).cancel(order_id)
        self._collect(terms.symbol, terms.side is Side.BUY, reports)

    # -- reports -------------------------------------------------------------------------------

    def _collect(self, symbol: str, is_buy: bool, reports: list[VenueReport]) -> None:
        """Turn what the book says of the desk's orders into execution reports, and trades.

        `is_buy` is the side that came into the book; a stop that it set off has its own.
        """
        book = self.books[symbol]
        for report in book.reports:
            if report[0] == ob.FILL:
                self._traded(symbol, is_buy, report, reports)
                continue
            order_id = str(report[1])
            if order_id in self._orders:
                kind = int(report[0])
                if kind == ob.PEGGED:
                    continue  # a peg's price is the book's to know
                if kind in (ob.REDUCED, ob.PRICED):
                    reports.append(self._restated(order_id, report))
                    continue
                text = str(report[-1]) if kind in _TEXTED else ""
                order, trigger = self._orders[order_id], _PLAIN_TRIGGERS[kind]
                if kind == ob.REJECTED and order.cum_qty:
                    trigger = Trigger.CANCEL  # it came back after a restart: it was accepted once
                reports.append(self._report(order_id, trigger, text))
                if (
                    kind == ob.TRIGGERED
                    and order.terms.order_type.trails
                    and order_id in book.orders
                ):
                    reports.append(self._priced(order_id, book.orders[order_id].price))
                if kind in (ob.CANCELED, ob.REJECTED):
                    del self._orders[order_id]
        book.reports.clear()
        if book.call is not None:
            self._phases.watch(symbol, book, self._ts)

    def _traded(
        self, symbol: str, is_buy: bool, report: Report, reports: list[VenueReport]
    ) -> None:
        _, maker, taker, price, qty, _ = report
        own = self._orders.get(str(taker))
        if own is not None:
            is_buy = own.terms.side is Side.BUY
        self._tapes[symbol].waiting.append((self._ts, int(price), int(qty), is_buy))
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

    def _report_moves(self, reports: list[VenueReport]) -> None:
        """Tell where trailing stops are now, so that a restart finds them there."""
        for book in self.books.values():
            self._tell_moves(book, reports)

    def _tell_moves(self, book: OrderBook, reports: list[VenueReport]) -> None:
        for order_id in sorted(book.stops.moved & self._orders.keys() & book.stops.by_id.keys()):
            order, stop = self._orders[order_id], book.stops.by_id[order_id]
            reports.append(
                VenueReport(
                    id=f"{order.cl_ord_id}:{Trigger.RESTATE.value}:{stop.stop_px}",
                    author=NAME,
                    cl_ord_id=order.cl_ord_id,
                    trigger=Trigger.RESTATE,
                    ts=self._ts,
                    stop_px=stop.stop_px,
                    limit_px=stop.limit_px or 0,
                )
            )
        book.stops.moved.clear()

    def _priced(self, order_id: str, limit_px: int) -> VenueReport:
        """Tell at which price a trailing stop-limit rests: its last move may not have been told."""
        report = self._report(order_id, Trigger.RESTATE)
        return msgspec.structs.replace(report, id=f"{report.id}:{limit_px}", limit_px=limit_px)

    def _restated(self, order_id: str, report: Report) -> VenueReport:
        """Self-trade prevention has taken quantity off, or a market-to-limit has got its price."""
        order = self._orders[order_id]
        was_reduced = report[0] == ob.REDUCED
        if was_reduced:
            order.qty = order.cum_qty + int(report[2])
        return VenueReport(
            id=f"{order.cl_ord_id}:{Trigger.RESTATE.value}:{report[2]}",
            author=NAME,
            cl_ord_id=order.cl_ord_id,
            trigger=Trigger.RESTATE,
            text=str(report[3]) if was_reduced else "",
            ts=self._ts,
            order_qty=order.qty if was_reduced else 0,
            limit_px=0 if was_reduced else int(report[2]),
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
            book.bands = self._bands.get(symbol, self._usual_bands)
            self._phases.add(symbol, book, self._ts)
            self._tape(symbol)
        return book

    def _tape(self, symbol: str) -> Tape:
        tape = self._tapes.get(symbol)
        if tape is None:
            tape = self._tapes[symbol] = Tape(symbol)
        return tape

    def _last_px(self, symbol: str) -> int:
        book = self.books.get(symbol)
        return book.last_px if book is not None else 0

    def _quote(self, symbol: str) -> Quote:
        book = self.books[symbol]
        bids, offers = book.depth(True, 1), book.depth(False, 1)
        bid, bid_qty = bids[0] if bids else (0, 0)
        ask, ask_qty = offers[0] if offers else (0, 0)
        if book.is_crossed():  # in a call: nobody can trade at these
            bid = bid_qty = ask = ask_qty = 0
        tape, phase = self._tapes[symbol], self._phases.of(book)
        return Quote(symbol, bid, bid_qty, ask, ask_qty, tape.last_px, tape.volume, self._ts, phase)

    def _depth(self, symbol: str) -> Depth:
        book = self.books[symbol]
        prints = tuple(self._tapes[symbol].prints)
        bids, offers, phase = _levels(book.bids), _levels(book.offers), self._phases.of(book)
        if phase is Phase.CONTINUOUS:
            return Depth(symbol, self._ts, bids, offers, prints)
        px, paired, imbalance = book.indicative()
        return Depth(symbol, self._ts, bids, offers, prints, phase, px, paired, imbalance)

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
                waits = ob.IOC if book.call is Call.CLOSED else ob.DAY
                book.market(action.order_id, action.is_buy, action.qty, waits)
            case "cancel":
                book.cancel(action.order_id)
            case "reduce":
                book.reduce(action.order_id, action.qty)
            case "execute" if book.call is None:
                self._execute_recorded(book, action)
            case "execute":
                book.reduce(action.order_id, action.qty)  # it stays in step, and prints nothing
            case "halt":
                self._phases.halt(action.symbol, book)
            case "resume":
                self._phases.resume(action.symbol, book, self._ts)
            case unknown:
                raise ValueError(f"A market can't do {unknown!r}.")

    def _execute_recorded(self, book: OrderBook, action: MarketAction) -> None:
        """A recorded execution of a resting order, whose side and price `action` gives.

        Whoever hit it would have hit the desk's orders ahead of it first; the recorded order is
        reduced by what the record says all the same, so that the book stays in step with it. An
        order that we do not know was hidden, or older than the record: its trade is only printed.
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
        if resting is not None:
            book.hit(action.order_id, action.qty, "recorded")
        elif left:
            book.reports.append((ob.FILL, action.order_id, "recorded", action.price, left, 0))


def _levels(side: BookSide) -> tuple[Level, ...]:
    """Return the best levels; orders are counted here, so that matching need not count them."""
    return tuple(
        Level(abs(level.key), level.qty, sum(1 for _ in level))
        for level in islice(side.from_best(), DEPTH_LEVELS)
    )


def _sees(terms: OrderTerms, day: str) -> bool:
    """Whether an order may see `day` (an ISO date) begin."""
    return not terms.expire_day or terms.expire_day >= day


def _outlives(terms: OrderTerms, day: str) -> bool:
    """Whether an order works on after the end of `day` (an ISO date)."""
    return outlives(terms.time_in_force, terms.expire_day, day)


def _trails_anew(terms: OrderTerms, new: Handling | None) -> bool:
    was = terms.trail_px, terms.trail_bps, terms.limit_offset
    return new is not None and (new.trail_px, new.trail_bps, new.limit_offset) != was


def _retrail(book: OrderBook, order_id: str, new: Handling | None) -> bool:
    """Give a waiting trailing stop another trail; `False` when it has none, or no room for it."""
    stop = book.stops.by_id.get(order_id)
    if stop is None or stop.trail is None or new is None:
        return False
    amount, bps = new.trail_px or 0, new.trail_bps or 0
    trail = stop.trail._replace(amount=amount, bps=bps, limit_offset=new.limit_offset)
    return book.stops.retrail(order_id, trail, book.last_px)


_LAST = 1 << 80
_TEXTED = frozenset({ob.REJECTED, ob.CANCELED, ob.CANCEL_REJECTED, ob.REPLACE_REJECTED})
