"""`blotter bench matching`: our book beside lightmatchingengine on workload A, in one run.

Both engines get the same messages, each in its own form prepared beforehand; both make a report
of every trade, and ours of every acceptance, cancel, replace and reject as well. Rounds of the
two alternate, so that a drift of the machine meets both alike; the medians are compared.
"""

from __future__ import annotations

import gc
import statistics
import tracemalloc
from collections.abc import Callable
from time import perf_counter, perf_counter_ns
from typing import Any

from app.bench.result import BenchResult, machine, percentile
from app.bench.workloads import AMEND, CANCEL, LIMIT, Message, workload_a
from app.matching.order_book import FILL, OrderBook
from models.errors import BadInput

Calls = list[tuple[Callable[..., Any], tuple[Any, ...]]]


def run(messages: int = 200_000, rounds: int = 5) -> BenchResult:
    """Measure messages/s, p50, p99 and worst µs of both, and bytes a resting order of ours."""
    peer_module = _peer()
    stream = workload_a(messages)
    ours: list[float] = []
    theirs: list[float] = []
    end_states = set()
    trades = 0
    for _ in range(rounds):
        seconds, trades, book = _run_ours(stream)
        ours.append(len(stream) / seconds)
        seconds, peer_book = _run_peer(peer_module, stream)
        theirs.append(len(stream) / seconds)
        end_states.add((_our_depth(book), _peer_depth(peer_book)))
    same = all(left == right for left, right in end_states)
    our_p = _latencies_ours(stream)
    peer_p = _latencies_peer(peer_module, stream)
    rate, peer_rate = statistics.median(ours), statistics.median(theirs)
    return BenchResult(
        bench="matching",
        machine=machine(),
        figures={
            "a_messages_per_s": round(rate),
            "a_trades": trades,
            "a_same_end_state": float(same),
            **{f"a_{name}": value for name, value in our_p.items()},
            "resting_order_bytes": _bytes_per_order(),
        },
        peers={
            "lightmatchingengine": {
                "a_messages_per_s": round(peer_rate),
                **{f"a_{name}": value for name, value in peer_p.items()},
            }
        },
        ratios={
            "a_messages_per_s_vs_lightmatchingengine": round(rate / peer_rate, 3),
            "a_p99_vs_lightmatchingengine": round(peer_p["p99_us"] / our_p["p99_us"], 3),
        },
    )


def _peer() -> Any:
    try:
        from lightmatchingengine import lightmatchingengine
    except ImportError:
        raise BadInput("The peer lightmatchingengine is not installed; run `make setup`.") from None
    return lightmatchingengine


def _run_ours(stream: list[Message]) -> tuple[float, int, OrderBook]:
    """Feed the stream; every report is read (trades are counted) and let go."""
    names = [str(number) for number in range(len(stream) + 1)]
    book = OrderBook()
    limit, cancel, replace, market = book.limit, book.cancel, book.replace, book.market
    reports, trades = book.reports, 0
    gc.collect()
    started = perf_counter()
    for kind, number, is_buy, price, qty in stream:
        if kind == LIMIT:
            limit(names[number], is_buy, price, qty)
        elif kind == CANCEL:
            cancel(names[number])
        elif kind == AMEND:
            replace(names[number], qty, price)
        else:
            market(names[number], is_buy, qty)
        for report in reports:
            if report[0] == FILL:
                trades += 1
        reports.clear()
    seconds = perf_counter() - started
    book.validate()
    return seconds, trades, book


class _PeerSession:
    """The peer's engine behind our message kinds: an amend is a cancel and a new order."""

    def __init__(self, module: Any) -> None:
        self.engine = module.LightMatchingEngine()
        self.buy, self.sell = module.Side.BUY, module.Side.SELL
        self.ids: dict[int, int] = {}
        self.trades = 0

    def apply(self, message: Message) -> None:
        kind, number, is_buy, price, qty = message
        engine = self.engine
        if kind in (CANCEL, AMEND):
            try:
                gone = engine.cancel_order(self.ids[number], "X")
            except (AssertionError, KeyError):  # how it answers for some dead orders
                gone = None
            if kind == CANCEL or gone is None:
                return
        order, trades = engine.add_order("X", price, qty, self.buy if is_buy else self.sell)
        self.trades += len(trades)
        if price:
            self.ids[number] = order.order_id
        elif order.leaves_qty:
            engine.cancel_order(order.order_id, "X")  # it would rest at price zero


def _run_peer(module: Any, stream: list[Message]) -> tuple[float, Any]:
    session = _PeerSession(module)
    apply = session.apply
    gc.collect()
    started = perf_counter()
    for message in stream:
        apply(message)
    return perf_counter() - started, session.engine.order_books["X"]


def _our_depth(book: OrderBook) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple(sorted(book.depth(is_buy, len(book.orders)))) for is_buy in (True, False))


def _peer_depth(book: Any) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(
        tuple(sorted((price, sum(o.leaves_qty for o in queue)) for price, queue in side.items()))
        for side in (book.bids, book.asks)
    )


def _latencies_ours(stream: list[Message]) -> dict[str, float]:
    book = OrderBook()
    calls: Calls = []
    for kind, number, is_buy, price, qty in stream:
        name = str(number)
        if kind == LIMIT:
            calls.append((book.limit, (name, is_buy, price, qty)))
        elif kind == CANCEL:
            calls.append((book.cancel, (name,)))
        elif kind == AMEND:
            calls.append((book.replace, (name, qty, price)))
        else:
            calls.append((book.market, (name, is_buy, qty)))
    return _time_each(calls, book.reports.clear)


def _latencies_peer(module: Any, stream: list[Message]) -> dict[str, float]:
    session = _PeerSession(module)
    return _time_each([(session.apply, (message,)) for message in stream], lambda: None)


def _time_each(calls: Calls, after: Callable[[], None]) -> dict[str, float]:
    gc.collect()
    gc.freeze()  # the prepared calls are not the engine's garbage
    spent: list[float] = []
    for call, arguments in calls:
        started = perf_counter_ns()
        call(*arguments)
        spent.append((perf_counter_ns() - started) / 1_000)
        after()
    gc.unfreeze()
    spent.sort()
    return {
        "p50_us": round(percentile(spent, 0.5), 2),
        "p99_us": round(percentile(spent, 0.99), 2),
        "max_us": round(spent[-1], 1),
    }


def _bytes_per_order(orders: int = 20_000) -> float:
    book = OrderBook()
    names = [str(number) for number in range(orders)]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for at, name in enumerate(names):
        book.limit(name, at % 2 == 0, 1_000_000 - at % 200 if at % 2 == 0 else 2_000_000 + at, 10)
        book.reports.clear()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round((after - before) / orders)
