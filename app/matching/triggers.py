"""Stop orders that wait for a trade price, and the order in which a price releases them."""

from __future__ import annotations

from bisect import insort
from operator import attrgetter

import msgspec


class StopOrder(msgspec.Struct, frozen=True):
    """A waiting stop; `limit_px` is `None` for one that becomes a market order."""

    order_id: str
    is_buy: bool
    stop_px: int
    qty: int
    limit_px: int | None
    arrival: int


_sort_key = attrgetter("stop_px", "arrival")


def _sell_key(stop: StopOrder) -> tuple[int, int]:
    return (-stop.stop_px, stop.arrival)


class TriggerBook:
    """Waiting stops of one instrument.

    A rising price releases buy stops from the lowest stop price up, a falling one sell stops from
    the highest down; stops at one price go in order of arrival. Buys go before sells.
    """

    def __init__(self) -> None:
        self._buys: list[StopOrder] = []
        self._sells: list[StopOrder] = []
        self._by_id: dict[str, StopOrder] = {}
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, order_id: object) -> bool:
        return order_id in self._by_id

    def add(
        self, order_id: str, is_buy: bool, stop_px: int, qty: int, limit_px: int | None
    ) -> None:
        """Let a stop wait behind those that came before it."""
        self._arrivals += 1
        stop = StopOrder(order_id, is_buy, stop_px, qty, limit_px, self._arrivals)
        self._by_id[order_id] = stop
        if is_buy:
            insort(self._buys, stop, key=_sort_key)
        else:
            insort(self._sells, stop, key=_sell_key)

    def remove(self, order_id: str) -> StopOrder | None:
        """Take a stop out and return it; `None` when none waits under that id."""
        stop = self._by_id.pop(order_id, None)
        if stop is not None:
            (self._buys if stop.is_buy else self._sells).remove(stop)
        return stop

    def release(self, trade_px: int) -> StopOrder | None:
        """Take out and return the next stop that a trade at `trade_px` triggers, if any."""
        for waiting in (self._buys, self._sells):
            if waiting:
                stop = waiting[0]
                if trade_px >= stop.stop_px if stop.is_buy else trade_px <= stop.stop_px:
                    del waiting[0]
                    del self._by_id[stop.order_id]
                    return stop
        return None

    def stops(self) -> list[StopOrder]:
        """Return all waiting stops in the order of their arrival."""
        return sorted(self._by_id.values(), key=attrgetter("arrival"))
