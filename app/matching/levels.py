"""What a book is made of: orders in the queues of their prices, on the sides they stand on.

Both sides are kept in the same shape by giving each price a *key*: the price itself for bids, its
negative for offers. On either side the best level has the highest key and stands last in `keys`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from app.matching.instructions import Instructions, PegTo
from app.matching.reports import DAY


class Resting:
    """An order in the book; `before` and `behind` are its neighbours in the queue of its level."""

    __slots__ = ("before", "behind", "is_buy", "leaves", "level", "order_id", "price", "priority")

    def __init__(
        self, order_id: str, is_buy: bool, price: int, leaves: int, priority: int, level: Level
    ) -> None:
        self.order_id = order_id
        self.is_buy = is_buy
        self.price = price
        self.leaves = leaves
        self.priority = priority
        self.level = level
        self.before: Resting | None = None
        self.behind: Resting | None = None


class Note:
    """What is remembered of a resting order with instructions.

    `reserve` is what an iceberg does not show; `time_in_force` is OPG or CLS for an order that is
    for one auction; a pegged order follows `peg` up to `cap` (0 for none); `is_priced_by_auction`
    marks a market-to-limit order that waits for its price.
    """

    __slots__ = (
        "cap",
        "instructions",
        "is_priced_by_auction",
        "peg",
        "refreshes",
        "reserve",
        "time_in_force",
    )

    def __init__(
        self, instructions: Instructions, reserve: int = 0, time_in_force: int = DAY
    ) -> None:
        self.instructions = instructions
        self.reserve = reserve
        self.refreshes = 0
        self.time_in_force = time_in_force
        self.peg: PegTo | None = None
        self.cap = 0
        self.is_priced_by_auction = False

    @property
    def mark(self) -> str:
        """What a state's hash says of it beside its quantity, empty for nothing."""
        parts = [f"@{self.time_in_force}"] if self.time_in_force else []
        if self.peg is not None:
            parts.append(f"peg {self.peg.to.value} {self.peg.offset} {self.peg.tick} {self.cap}")
        if self.is_priced_by_auction:
            parts.append("to limit")
        return "".join(f";{part}" for part in parts)


class Level:
    """The queue at one price; `qty` is the sum of what its orders show."""

    __slots__ = ("first", "key", "last", "qty", "side")

    def __init__(self, key: int, side: BookSide) -> None:
        self.key = key
        self.side = side
        self.qty = 0
        self.first: Resting | None = None
        self.last: Resting | None = None

    def __iter__(self) -> Iterator[Resting]:
        order = self.first
        while order is not None:
            yield order
            order = order.behind


class BookSide:
    """One side: levels by key, and the keys in order, the best one last."""

    __slots__ = ("keys", "levels")

    def __init__(self) -> None:
        self.levels: dict[int, Level] = {}
        self.keys: list[int] = []

    def from_best(self) -> Iterator[Level]:
        """Yield the levels from the best outwards."""
        levels = self.levels
        return (levels[key] for key in reversed(self.keys))

    def orders(self) -> Iterator[Resting]:
        """Yield the orders, who comes first standing first."""
        return (order for level in self.from_best() for order in level)

    def level(self, key: int) -> Level:
        """Return the level of `key`, a new one where there is none."""
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(key, self)
            insort(self.keys, key)
        return level


def insert(level: Level, order: Resting) -> None:
    """Put `order` where its priority says: recorded flow shows old orders late."""
    ahead = level.last
    while ahead is not None and ahead.priority > order.priority:
        ahead = ahead.before
    if ahead is None:
        behind, level.first = level.first, order
    else:
        behind, ahead.behind = ahead.behind, order
    order.before, order.behind = ahead, behind
    if behind is None:
        level.last = order
    else:
        behind.before = order


def unlink(order: Resting) -> None:
    """Take `order` out of its queue, and an empty level off its side."""
    level, before, behind = order.level, order.before, order.behind
    level.qty -= order.leaves
    if before is not None:
        before.behind = behind
    else:
        level.first = behind
    if behind is not None:
        behind.before = before
    else:
        level.last = before
        if before is None:
            side, key = level.side, level.key
            keys = side.keys
            del side.levels[key]
            del keys[bisect_left(keys, key)]
