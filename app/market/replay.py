"""Headless replay of recorded markets: how well our book predicts what the exchange did."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from time import perf_counter

import msgspec

from app.market.quoted import Quotations, Tick
from app.market.recorded import DELETE, EXECUTE, NEW, REDUCE, Recorded, priority_of
from app.matching.order_book import OrderBook
from app.ports import MarketAction


class ReplaySummary(msgspec.Struct, kw_only=True):
    """What `blotter replay --json` prints.

    `known_executions` are those whose resting order we knew, `predicted_exactly` those where it
    stood at the head of the queue at the best price, `priority_violations` those away from the
    best price, `crossing_adds` new orders that would have traded at once.
    """

    messages: int = 0
    resting_orders: int = 0
    known_executions: int = 0
    predicted_exactly: int = 0
    priority_violations: int = 0
    crossing_adds: int = 0
    seconds: float = 0.0
    messages_per_s: int = 0
    state_hash: str = ""


def replay(messages: Sequence[Recorded]) -> ReplaySummary:
    """Play `messages` through one book and compare each execution with our prediction."""
    book, summary = OrderBook(), ReplaySummary(messages=len(messages))
    started = perf_counter()
    for message in messages:
        _apply(book, message, summary)
        book.reports.clear()
    summary.seconds = round(perf_counter() - started, 4)
    summary.messages_per_s = round(len(messages) / max(summary.seconds, 1e-9))
    summary.resting_orders = len(book.orders)
    summary.state_hash = book.state_hash()
    return summary


def _apply(book: OrderBook, message: Recorded, summary: ReplaySummary) -> None:
    order_id = f"L{message.order_id}"
    if message.kind == NEW:
        best = book.best_offer if message.is_buy else book.best_bid
        if best and (message.price >= best if message.is_buy else message.price <= best):
            summary.crossing_adds += 1
        priority = priority_of(message.order_id)
        book.limit(order_id, message.is_buy, message.price, message.qty, priority=priority)
    elif message.kind == REDUCE:
        book.reduce(order_id, message.qty)
    elif message.kind == DELETE:
        if order_id in book.orders:
            book.cancel(order_id)
    elif message.kind == EXECUTE and order_id in book.orders:
        _judge(book, order_id, summary)
        book.hit(order_id, message.qty, "recorded")


def _judge(book: OrderBook, order_id: str, summary: ReplaySummary) -> None:
    order = book.orders[order_id]
    best = book.best_bid if order.is_buy else book.best_offer
    summary.known_executions += 1
    if order.price != best:
        summary.priority_violations += 1
    elif order.level.first is order:
        summary.predicted_exactly += 1


class QuoteReplaySummary(msgspec.Struct, kw_only=True):
    """What `blotter replay --format csv --json` prints.

    `known_executions` are trades whose side was quoted, `predicted_exactly` those at that quote's
    own price and within its size, `priority_violations` those at a price worse than it.
    """

    messages: int = 0
    quotes: int = 0
    trades: int = 0
    symbols: int = 0
    resting_orders: int = 0
    known_executions: int = 0
    predicted_exactly: int = 0
    priority_violations: int = 0
    seconds: float = 0.0
    messages_per_s: int = 0
    state_hash: str = ""


def replay_quotes(ticks: Sequence[Tick]) -> QuoteReplaySummary:
    """Play trades and quotes through a book a symbol, and compare each trade with its quote."""
    books: dict[str, OrderBook] = {}
    quotations, summary = Quotations(), QuoteReplaySummary(messages=len(ticks))
    started = perf_counter()
    for tick in ticks:
        book = books.get(tick.symbol)
        if book is None:
            book = books[tick.symbol] = OrderBook()
        if tick.is_trade:
            _judge_trade(tick, quotations, summary)
        for action in quotations.actions_of(tick):
            _do(book, action)
        book.reports.clear()
    summary.seconds = round(perf_counter() - started, 4)
    summary.messages_per_s = round(len(ticks) / max(summary.seconds, 1e-9))
    summary.quotes = len(ticks) - summary.trades
    summary.symbols = len(books)
    summary.resting_orders = sum(len(book.orders) for book in books.values())
    states = "".join(f"{symbol} {books[symbol].state_hash()}\n" for symbol in sorted(books))
    summary.state_hash = hashlib.sha256(states.encode()).hexdigest()
    return summary


def _judge_trade(tick: Tick, quotations: Quotations, summary: QuoteReplaySummary) -> None:
    hits_bid = quotations.hits_bid(tick)
    price, size = quotations.standing(tick.symbol, hits_bid)
    summary.trades += 1
    if not size:
        return
    summary.known_executions += 1
    if tick.price == price:
        summary.predicted_exactly += tick.size <= size
    elif (tick.price < price) is hits_bid:
        summary.priority_violations += 1


def _do(book: OrderBook, action: MarketAction) -> None:
    if action.kind == "limit":
        book.limit(
            action.order_id, action.is_buy, action.price, action.qty, priority=action.priority
        )
    elif action.kind == "cancel":
        book.cancel(action.order_id)
    elif action.order_id:
        book.hit(action.order_id, action.qty, "recorded")
