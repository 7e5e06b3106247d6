"""Stop orders that wait for a trade price, and the order in which a price releases them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from operator import attrgetter

import msgspec

from app.matching.instructions import PLAIN, Instructions, Trail


class StopOrder(msgspec.Struct, frozen=True):
    """A waiting stop; `limit_px` is `None` for one that becomes a market order."""

    order_id: str
    is_buy: bool
    stop_px: int
    qty: int
    limit_px: int | None
    arrival: int
    instructions: Instructions = PLAIN
    trail: Trail | None = None


_buy_key = attrgetter("stop_px", "arrival")


def _sell_key(stop: StopOrder) -> tuple[int, int]:
    return (-stop.stop_px, stop.arrival)


class TriggerBook:
    """Waiting stops of one instrument.

    A stop is *elected* by any trade at or through its price, wherever the price goes next. Elected
    buys are released from the lowest stop price up, then elected sells from the highest down;
    stops at one price go in order of arrival.

    Attributes:
        by_id: every stop that waits or is elected; read it, never change it.
        moved: ids of trailing stops whose price has moved; whoever reads it clears it.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, StopOrder] = {}
        self._buys: list[StopOrder] = []
        self._sells: list[StopOrder] = []
        self._elected_buys: list[StopOrder] = []
        self._elected_sells: list[StopOrder] = []
        self._arrivals = 0
        self._trailing: set[str] = set()
        self.moved: set[str] = set()

    def __len__(self) -> int:
        return len(self.by_id)

    def __contains__(self, order_id: object) -> bool:
        return order_id in self.by_id

    def add(
        self,
        order_id: str,
        is_buy: bool,
        stop_px: int,
        qty: int,
        limit_px: int | None,
        instructions: Instructions = PLAIN,
        trail: Trail | None = None,
    ) -> None:
        """Let a stop wait behind those that came before it."""
        self._arrivals += 1
        at = self._arrivals
        self._put(StopOrder(order_id, is_buy, stop_px, qty, limit_px, at, instructions, trail))

    def _put(self, stop: StopOrder) -> None:
        self.by_id[stop.order_id] = stop
        if stop.trail is not None:
            self._trailing.add(stop.order_id)
        if stop.is_buy:
            insort(self._buys, stop, key=_buy_key)
        else:
            insort(self._sells, stop, key=_sell_key)

    def remove(self, order_id: str) -> StopOrder | None:
        """Take a stop out and return it; `None` when none waits under that id."""
        stop = self.by_id.pop(order_id, None)
        if stop is not None:
            self._trailing.discard(order_id)
            (self._buys if stop.is_buy else self._sells).remove(stop)
        return stop

    def replace(self, order_id: str, qty: int, stop_px: int | None, limit_px: int | None) -> None:
        """Give a waiting stop new terms; it keeps its place when only its quantity falls."""
        stop = self.by_id[order_id]
        self.remove(order_id)
        new = msgspec.structs.replace(
            stop,
            qty=qty,
            stop_px=stop.stop_px if stop_px is None else stop_px,
            limit_px=stop.limit_px if limit_px is None else limit_px,
        )
        same_prices = (new.stop_px, new.limit_px) == (stop.stop_px, stop.limit_px)
        if not (same_prices and qty <= stop.qty):
            self._arrivals += 1
            new = msgspec.structs.replace(new, arrival=self._arrivals)
        self._put(new)

    def redisplay(self, order_id: str, display: int, seed: int) -> None:
        """Let a waiting stop show at most `display` once it rests; showing more costs its place."""
        stop = self.by_id.get(order_id)
        if stop is None:
            return
        was = stop.instructions
        asks = was._replace(display=display, seed=seed)
        stays = seed == was.seed and 0 < display <= (was.display or display)
        self._renew(msgspec.structs.replace(stop, instructions=asks), stays=stays)

    def retrail(self, order_id: str, trail: Trail, last_px: int) -> bool:
        """Let a waiting stop trail anew behind `last_px`; `False` where there is no room for it."""
        stop = self.by_id[order_id]
        stop_px = trail.stop_from(last_px, stop.is_buy) if last_px else stop.stop_px
        if stop_px <= 0:
            return False
        limit_px = trail.limit_of(stop_px, stop.is_buy)
        self._renew(
            msgspec.structs.replace(stop, trail=trail, stop_px=stop_px, limit_px=limit_px),
            stays=False,
        )
        self.moved.add(order_id)
        return True

    def _renew(self, stop: StopOrder, *, stays: bool) -> None:
        self.remove(stop.order_id)
        if not stays:
            self._arrivals += 1
            stop = msgspec.structs.replace(stop, arrival=self._arrivals)
        self._put(stop)

    def traded(self, first: int, last: int) -> None:
        """Elect what trades from `first` to `last`, all one way, reach; let trailing stops follow.

        A trailing stop follows a price after it was held against it, so a sweep that begins far
        away from it may end where it has followed to.
        """
        if not self._trailing:
            self.elect(min(first, last), max(first, last))
            return
        for price in (first, last):
            self.elect(price, price)
            self._follow(price)

    def _follow(self, price: int) -> None:
        for order_id in self._trailing:
            stop = self.by_id[order_id]
            assert stop.trail is not None
            stop_px = stop.trail.stop_from(price, stop.is_buy)
            if stop_px > 0 and (stop_px < stop.stop_px if stop.is_buy else stop_px > stop.stop_px):
                self._move(stop, stop_px)

    def _move(self, stop: StopOrder, stop_px: int) -> None:
        """Give a trailing stop its new price in place; it keeps its arrival."""
        assert stop.trail is not None
        limit_px = stop.trail.limit_of(stop_px, stop.is_buy)
        new = msgspec.structs.replace(stop, stop_px=stop_px, limit_px=limit_px)
        side, key = (self._buys, _buy_key) if stop.is_buy else (self._sells, _sell_key)
        side.remove(stop)
        insort(side, new, key=key)
        self.by_id[stop.order_id] = new
        self.moved.add(stop.order_id)

    def elect(self, low: int, high: int) -> None:
        """Elect every stop that trades between `low` and `high` reach."""
        buys, sells = self._buys, self._sells
        while buys and buys[0].stop_px <= high:
            self._elect(self._elected_buys, buys.pop(0), _buy_key)
        while sells and sells[0].stop_px >= low:
            self._elect(self._elected_sells, sells.pop(0), _sell_key)

    def _elect(
        self, elected: list[StopOrder], stop: StopOrder, key: Callable[[StopOrder], tuple[int, int]]
    ) -> None:
        self._trailing.discard(stop.order_id)
        self.moved.discard(stop.order_id)
        insort(elected, stop, key=key)

    def release(self) -> StopOrder | None:
        """Take out and return the next elected stop, `None` when there is none."""
        elected = self._elected_buys or self._elected_sells
        if not elected:
            return None
        stop = elected.pop(0)
        del self.by_id[stop.order_id]
        return stop

    def stops(self) -> list[StopOrder]:
        """Return all waiting stops in the order of their arrival."""
        return sorted(self.by_id.values(), key=attrgetter("arrival"))
