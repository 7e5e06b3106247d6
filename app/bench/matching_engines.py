"""Our order book and its peers behind one shape, so that one loop can drive any of them.

Each prepares the messages in its own form beforehand: what is measured are its own calls, and what
an adapter has to add (an amend is a cancel and a new order where there is none that reprices).
Reports differ: ours tells of every acceptance, cancel, replace, reject and trade, and each is read;
lightmatchingengine returns trades, lumina-lob logs everything, manticore-orderbook keeps its last
thousands of events, limit-order-book reports nothing at all.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Protocol

from app.bench.workloads import AMEND, CANCEL, LIMIT, Message
from app.matching import order_book
from app.matching.order_book import FILL, OrderBook

Calls = list[tuple[Callable[..., Any], tuple[Any, ...]]]
Prices = tuple[tuple[int, ...], tuple[int, ...]]
# Quantities by price, bids and offers, lowest price first.
Depth = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]

_PEERS: Final = Path(__file__).parents[2] / ".venv-bench"


class Engine(Protocol):
    """One engine with an empty book.

    `read` reads what its calls reported and lets it go; `None` where the calls return it.
    """

    read: Callable[[], None] | None = None

    def prepared(self, messages: Iterable[Message]) -> Calls:
        """Return the calls that these messages come to."""

    def depth(self, prices: Prices) -> Depth:
        """Return all quantities by price; `prices` are all there should be."""

    def close(self) -> None:
        """End what runs beside it, where something does."""
        return


class Ours(Engine):
    """`app.matching.order_book`, with every report read."""

    def __init__(self) -> None:
        self.book = OrderBook()
        self.trades = 0
        self.read = self._read

    def prepared(self, messages: Iterable[Message]) -> Calls:
        book, calls = self.book, Calls()
        for kind, number, is_buy, price, qty in messages:
            name = str(number)
            if kind == LIMIT:
                calls.append((book.limit, (name, is_buy, price, qty)))
            elif kind == CANCEL:
                calls.append((book.cancel, (name,)))
            elif kind == AMEND:
                calls.append((book.replace, (name, qty, price)))
            else:
                calls.append((book.market, (name, is_buy, qty)))
        return calls

    def _read(self) -> None:
        reports = self.book.reports
        for report in reports:
            if report[0] == FILL:
                self.trades += 1
        reports.clear()

    def prices(self) -> Prices:
        """Return the prices at which something rests."""
        bids, offers = self.book.bids.levels, self.book.offers.levels
        return tuple(sorted(bids)), tuple(sorted(-key for key in offers))

    def depth(self, prices: Prices) -> Depth:
        self.book.validate()
        bids, offers = (
            tuple(sorted(self.book.depth(is_buy, len(self.book.orders))))
            for is_buy in (True, False)
        )
        return bids, offers


class LightMatchingEngine(Engine):
    """lightmatchingengine: it numbers the orders itself, and market orders rest at price zero."""

    def __init__(self) -> None:
        module = importlib.import_module("lightmatchingengine.lightmatchingengine")
        self.engine = module.LightMatchingEngine()
        self._sides = {True: module.Side.BUY, False: module.Side.SELL}
        self._ids: dict[int, int] = {}

    def prepared(self, messages: Iterable[Message]) -> Calls:
        calls = Calls()
        for kind, number, is_buy, price, qty in messages:
            side = self._sides[is_buy]
            if kind == LIMIT:
                calls.append((self._limit, (number, price, qty, side)))
            elif kind == CANCEL:
                calls.append((self._cancel, (number,)))
            elif kind == AMEND:
                calls.append((self._amend, (number, price, qty, side)))
            else:
                calls.append((self._market, (qty, side)))
        return calls

    def _limit(self, number: int, price: int, qty: int, side: int) -> None:
        order, _ = self.engine.add_order("X", price, qty, side)
        self._ids[number] = order.order_id

    def _cancel(self, number: int) -> bool:
        try:
            return self.engine.cancel_order(self._ids[number], "X") is not None
        except (AssertionError, KeyError):  # how it answers for some dead orders
            return False

    def _amend(self, number: int, price: int, qty: int, side: int) -> None:
        if self._cancel(number):
            self._limit(number, price, qty, side)

    def _market(self, qty: int, side: int) -> None:
        order, _ = self.engine.add_order("X", 0, qty, side)
        if order.leaves_qty:
            self.engine.cancel_order(order.order_id, "X")

    def depth(self, prices: Prices) -> Depth:
        book = self.engine.order_books["X"]
        bids, offers = (
            tuple(
                sorted((price, sum(o.leaves_qty for o in queue)) for price, queue in side.items())
            )
            for side in (book.bids, book.asks)
        )
        return bids, offers


class LimitOrderBook(Engine):
    """limit-order-book (C++): to cancel an unknown order ends the process, so it is asked first."""

    def __init__(self) -> None:
        self.book = importlib.import_module("limit_order_book").LimitOrderBook()

    def prepared(self, messages: Iterable[Message]) -> Calls:
        book, calls = self.book, Calls()
        for kind, number, is_buy, price, qty in messages:
            if kind == LIMIT:
                calls.append((book.limit, (is_buy, number, qty, price)))
            elif kind == CANCEL:
                calls.append((self._cancel, (number,)))
            elif kind == AMEND:
                calls.append((self._amend, (is_buy, number, qty, price)))
            else:
                calls.append((book.market, (is_buy, number, qty)))
        return calls

    def _cancel(self, number: int) -> None:
        if self.book.has(number):
            self.book.cancel(number)

    def _amend(self, is_buy: bool, number: int, qty: int, price: int) -> None:
        if self.book.has(number):
            self.book.cancel(number)
            self.book.limit(is_buy, number, qty, price)

    def depth(self, prices: Prices) -> Depth:
        """It can't list its prices: it is asked for ours, and for whatever else there is."""
        book = self.book
        bids = [(price, book.volume_buy(price)) for price in prices[0]]
        offers = [(price, book.volume_sell(price)) for price in prices[1]]
        if elsewhere := book.volume_buy() - sum(qty for _, qty in bids):
            bids.append((0, elsewhere))
        if elsewhere := book.volume_sell() - sum(qty for _, qty in offers):
            offers.append((0, elsewhere))
        return tuple(bids), tuple(offers)


class LuminaLob(Engine):
    """lumina-lob's C++ core; its `modify` only takes quantity off, so an amend is two calls."""

    def __init__(self) -> None:
        core = importlib.import_module("lumina_lob._core")
        self.book = core.OrderBook()
        self._process = core.MatchingEngine(self.book).process
        self._sides = {True: core.Side.BID, False: core.Side.ASK}
        self._limit_type, self._market_type = core.OrderType.LIMIT, core.OrderType.MARKET

    def prepared(self, messages: Iterable[Message]) -> Calls:
        calls = Calls()
        for kind, number, is_buy, price, qty in messages:
            side = self._sides[is_buy]
            if kind == LIMIT:
                calls.append((self._process, (number, side, price, qty, self._limit_type)))
            elif kind == CANCEL:
                calls.append((self.book.cancel, (number,)))
            elif kind == AMEND:
                calls.append((self._amend, (number, side, price, qty)))
            else:
                calls.append((self._process, (number, side, None, qty, self._market_type)))
        return calls

    def _amend(self, number: int, side: Any, price: int, qty: int) -> None:
        if self.book.cancel(number):
            self._process(number, side, price, qty, self._limit_type)

    def depth(self, prices: Prices) -> Depth:
        bids, offers = self.book.full_snapshot()
        return tuple(sorted(bids)), tuple(sorted(offers))


class ManticoreOrderbook(Engine):
    """manticore-orderbook, its log and its thread that looks for expired orders switched off.

    Its `modify_order` does not trade with what the new price reaches as an order would that came
    anew, so an amend is a cancel and a new order.
    """

    def __init__(self) -> None:
        module = importlib.import_module("manticore_orderbook")
        events = importlib.import_module("manticore_orderbook.event_manager")
        for name in ("core", "matching", "book_management", "event_manager", "utils.expiry"):
            logging.getLogger(f"manticore_orderbook.{name}").setLevel(logging.CRITICAL)
        quiet = events.EventManager(enable_logging=False)
        self.book = module.OrderBook("X", enable_logging=False, event_manager=quiet)
        self.close()

    def prepared(self, messages: Iterable[Message]) -> Calls:
        book, calls = self.book, Calls()
        for kind, number, is_buy, price, qty in messages:
            name, side = str(number), "buy" if is_buy else "sell"
            if kind == LIMIT:
                calls.append((book.add_order, (side, price, qty, name)))
            elif kind == CANCEL:
                calls.append((book.cancel_order, (name,)))
            elif kind == AMEND:
                calls.append((self._amend, (side, price, qty, name)))
            else:
                market = (side, None, qty, name, None, None, None, "MARKET")
                calls.append((book.add_order, market))
        return calls

    def _amend(self, side: str, price: int, qty: int, name: str) -> None:
        if self.book.cancel_order(name):
            self.book.add_order(side, price, qty, name)

    def depth(self, prices: Prices) -> Depth:
        found = self.book.get_snapshot()
        bids, offers = (
            tuple(sorted((int(level["price"]), int(level["quantity"])) for level in found[side]))
            for side in ("bids", "asks")
        )
        return bids, offers

    def close(self) -> None:
        self.book.expiry_manager.stop()


PEERS: Final[dict[str, Callable[[], Engine]]] = {
    "lightmatchingengine": LightMatchingEngine,
    "limit_order_book": LimitOrderBook,
    "lumina_lob": LuminaLob,
    "manticore_orderbook": ManticoreOrderbook,
}


def engine_named(name: str) -> Engine:
    """Return a new engine; raises ImportError or OSError where the peer can't be had."""
    for folder in _PEERS.glob("lib/python*/site-packages"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))  # at the end: our own packages go first
    return Ours() if name == "ours" else PEERS[name]()


def is_compiled() -> bool:
    """Whether ours is what `make compiled` made, or the source itself."""
    return not str(order_book.__file__).endswith(".py")
