"""Message streams for the matching benchmark, the same for every engine in a run.

Workload A: 200,000 messages, one symbol, seed 42: 62% limit, 28.5% cancel, 4.7% repricing amend,
4.7% market. The first 10,000 are passive; later 45% of the limits reach or cross the mid with
small size. 38% of the cancels name a random recent order, which often is dead.
"""

from __future__ import annotations

import random
from typing import NamedTuple

LIMIT, CANCEL, AMEND, MARKET = range(4)

TICK = 10_000_000
_MID = 100_000_000_000
_PASSIVE_UNTIL = 10_000
_RECENT = 2_000


class Message(NamedTuple):
    """One message; `number` names the order: its own, or the one that it cancels or amends."""

    kind: int
    number: int
    is_buy: bool
    price: int
    qty: int


class _Market:
    """The generator's own idea of what rests: passive orders that nothing named since."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.mid_tick = _MID // TICK
        self.next_number = 0
        self.resting: list[tuple[int, bool]] = []
        self.recent: list[int] = []

    def limit(self, aggressive: bool) -> Message:
        rnd = self.random
        is_buy = rnd.random() < 0.5
        if rnd.random() < 0.05:
            self.mid_tick += rnd.choice((-1, 1))
        away = -rnd.randint(0, 3) if aggressive else 1 + min(int(rnd.expovariate(0.25)), 30)
        tick = self.mid_tick - away if is_buy else self.mid_tick + away
        qty = rnd.randint(1, 50) if aggressive else rnd.randint(10, 100)
        message = Message(LIMIT, self._number(), is_buy, tick * TICK, qty)
        if not aggressive:
            self.resting.append((message.number, is_buy))
        return message

    def market(self) -> Message:
        rnd = self.random
        return Message(MARKET, self._number(), rnd.random() < 0.5, 0, rnd.randint(10, 120))

    def cancel(self) -> Message:
        rnd = self.random
        if rnd.random() < 0.38 or not self.resting:
            return Message(CANCEL, rnd.choice(self.recent), True, 0, 0)
        number, is_buy = self._take_resting()
        return Message(CANCEL, number, is_buy, 0, 0)

    def amend(self) -> Message:
        if not self.resting:
            return self.limit(False)
        number, is_buy = self._take_resting()
        self.resting.append((number, is_buy))
        away = self.random.randint(1, 20)
        tick = self.mid_tick - away if is_buy else self.mid_tick + away
        return Message(AMEND, number, is_buy, tick * TICK, self.random.randint(10, 100))

    def _take_resting(self) -> tuple[int, bool]:
        at = self.random.randrange(len(self.resting))
        self.resting[at], self.resting[-1] = self.resting[-1], self.resting[at]
        return self.resting.pop()

    def _number(self) -> int:
        self.next_number += 1
        self.recent.append(self.next_number)
        if len(self.recent) > _RECENT:
            del self.recent[: _RECENT // 2]
        return self.next_number


def workload_a(messages: int = 200_000, seed: int = 42) -> list[Message]:
    """Return workload A; the same arguments give the same messages."""
    market = _Market(seed)
    stream: list[Message] = []
    for at in range(messages):
        draw = market.random.random()
        if at < 100 or draw < 0.62:
            aggressive = at >= _PASSIVE_UNTIL and market.random.random() < 0.45
            stream.append(market.limit(aggressive))
        elif draw < 0.905:
            stream.append(market.cancel())
        elif draw < 0.953:
            stream.append(market.amend())
        elif at >= _PASSIVE_UNTIL:
            stream.append(market.market())
        else:
            stream.append(market.limit(False))
    return stream
