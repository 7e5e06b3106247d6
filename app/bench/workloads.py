"""Message streams for the matching benchmark, the same for every engine in a run.

Workload A: 200,000 messages, one symbol, seed 42: 62% limit, 28.5% cancel, 4.7% repricing amend,
4.7% market. The first 10,000 are passive; later 45% of the limits reach or cross the mid with
small size. 38% of the cancels name a random recent order, which often is dead.

Workloads B: the same mix in a deep book. So many orders rest before the first message, the more
the further out, so that the queues near the touch are about as long as they are in A. Here a book
goes along and tells which orders are gone: cancels and amends leave those alone, and while more
orders rest than at the beginning 65% of the limits take, so that the depth stays what it was.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from app.matching.order_book import CANCELED, FILL, OrderBook

LIMIT, CANCEL, AMEND, MARKET = range(4)

TICK = 10_000_000
_MID = 100_000_000_000
_PASSIVE_UNTIL = 10_000
_FIRST = 100  # so many limit orders come before anything else
_RECENT = 2_000
_MEAN_TICKS = 4  # how far from the mid passive orders are in A, on the average
_ORDERS_A_TICK = 100  # in B, near the touch of both sides together


class Message(NamedTuple):
    """One message; `number` names the order: its own, or the one that it cancels or amends."""

    kind: int
    number: int
    is_buy: bool
    price: int
    qty: int


class Workload(NamedTuple):
    """What rests before the clock starts, and the messages that are measured."""

    before: list[Message]
    messages: list[Message]


class _Market:
    """The generator's own idea of what rests: passive orders that nothing named since.

    With a book that goes along it knows as well which are gone, and what is left of takers.
    """

    def __init__(
        self, seed: int, mean_ticks: int, book: OrderBook | None = None, depth: int = 0
    ) -> None:
        self.random = random.Random(seed)
        self.mean_ticks = mean_ticks
        self.mid_tick = _MID // TICK
        self.next_number = 0
        self.resting: list[tuple[int, bool, int]] = []  # number, side and tick
        self.recent: list[int] = []
        self.book = book
        self.gone: set[int] = set()
        self.depth = depth

    def is_aggressive(self) -> bool:
        """Whether the next limit order takes; in a book fuller than it began, more of them do."""
        full = self.book is not None and len(self.book.orders) > self.depth
        return self.random.random() < (0.65 if full else 0.45)

    def limit(self, aggressive: bool) -> Message:
        rnd = self.random
        is_buy = rnd.random() < 0.5
        if rnd.random() < 0.05:
            self.mid_tick += rnd.choice((-1, 1))
        away = -rnd.randint(0, 3) if aggressive else self._passive_ticks()
        tick = self.mid_tick - away if is_buy else self.mid_tick + away
        qty = rnd.randint(1, 50) if aggressive else rnd.randint(10, 100)
        message = Message(LIMIT, self._number(), is_buy, tick * TICK, qty)
        if not aggressive:
            self.resting.append((message.number, is_buy, tick))
        return message

    def _passive_ticks(self) -> int:
        mean = self.mean_ticks
        return 1 + min(int(self.random.expovariate(1 / mean)), 8 * mean - 2)

    def market(self) -> Message:
        rnd = self.random
        return Message(MARKET, self._number(), rnd.random() < 0.5, 0, rnd.randint(10, 120))

    def cancel(self) -> Message:
        rnd = self.random
        if rnd.random() < 0.38 or not self.resting:
            return Message(CANCEL, rnd.choice(self.recent), True, 0, 0)
        number, is_buy, _ = self._take_resting()
        return Message(CANCEL, number, is_buy, 0, 0)

    def amend(self) -> Message:
        if not self.resting:
            return self.limit(False)
        number, is_buy, old_tick = self._take_resting()
        away = self.random.randint(1, 5 * self.mean_ticks)
        tick = self.mid_tick - away if is_buy else self.mid_tick + away
        if tick == old_tick:  # at its old price a smaller quantity would keep its place
            tick += -1 if is_buy else 1
        self.resting.append((number, is_buy, tick))
        return Message(AMEND, number, is_buy, tick * TICK, self.random.randint(10, 100))

    def _take_resting(self) -> tuple[int, bool, int]:
        while True:
            at = self.random.randrange(len(self.resting))
            self.resting[at], self.resting[-1] = self.resting[-1], self.resting[at]
            order = self.resting.pop()
            if order[0] not in self.gone or not self.resting:
                return order

    def follow(self, message: Message) -> Message:
        """Let the book go along, where there is one, and return the message."""
        book = self.book
        if book is not None:
            feed(book, message)
            for report in book.reports:
                if report[0] == CANCELED or (report[0] == FILL and report[5] == 0):
                    self.gone.add(int(report[1]))
            book.reports.clear()
            kind, number, is_buy, price, _ = message
            known = self.resting and self.resting[-1][0] == number
            if kind == LIMIT and not known and str(number) in book.orders:
                self.resting.append((number, is_buy, price // TICK))
        return message

    def _number(self) -> int:
        self.next_number += 1
        self.recent.append(self.next_number)
        if len(self.recent) > _RECENT:
            del self.recent[: _RECENT // 2]
        return self.next_number


def workload_a(messages: int = 200_000, seed: int = 42) -> Workload:
    """Return workload A; the same arguments give the same messages."""
    market = _Market(seed, _MEAN_TICKS)
    return Workload([], _mix(market, messages, _PASSIVE_UNTIL))


def workload_b(resting: int, messages: int = 200_000, seed: int = 42) -> Workload:
    """Return workload B with `resting` orders in the book; the same arguments give the same."""
    market = _Market(seed, max(_MEAN_TICKS, resting // _ORDERS_A_TICK), OrderBook(), resting)
    before = [market.follow(market.limit(False)) for _ in range(resting)]
    return Workload(before, _mix(market, messages, 0))


def feed(book: OrderBook, message: Message) -> None:
    """Give one message to our book."""
    kind, number, is_buy, price, qty = message
    if kind == LIMIT:
        book.limit(str(number), is_buy, price, qty)
    elif kind == CANCEL:
        book.cancel(str(number))
    elif kind == AMEND:
        book.replace(str(number), qty, price)
    else:
        book.market(str(number), is_buy, qty)


def _mix(market: _Market, messages: int, passive_until: int) -> list[Message]:
    return [market.follow(_next(market, at >= passive_until)) for at in range(messages)]


def _next(market: _Market, active: bool) -> Message:
    """Return the next message of the mix; until the market is active nothing takes."""
    draw = market.random.random()
    if len(market.recent) < _FIRST or draw < 0.62:
        return market.limit(active and market.is_aggressive())
    if draw < 0.905:
        return market.cancel()
    if draw < 0.953:
        return market.amend()
    return market.market() if active else market.limit(False)
