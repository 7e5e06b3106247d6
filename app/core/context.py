"""What a decision may know beside the state: the time and the quotes it was given."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from models.market import Phase

FEED_TIMEOUT_NS = 15_000_000_000


class Quote(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Best bid and offer with sizes, last trade and the day's volume; 0 means there is none.

    Prices in 1e-9 units, quantities in units, `ts` in nanoseconds UTC. `phase` is what its market
    does with orders now.
    """

    symbol: str
    bid: int = 0
    bid_qty: int = 0
    ask: int = 0
    ask_qty: int = 0
    last: int = 0
    volume: int = 0
    ts: int = 0
    phase: Phase = Phase.CONTINUOUS

    @property
    def mid(self) -> int:
        """Mid of bid and ask, else the last trade, else 0."""
        if self.bid and self.ask:
            return (self.bid + self.ask) // 2
        return self.last


_NO_QUOTES: Mapping[str, Quote] = MappingProxyType({})


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """The decision's surroundings.

    `ts` nanoseconds UTC; `quotes` by symbol; `feed_ts` when the feed last gave a sign of life. A
    feed that is silent for longer than `FEED_TIMEOUT_NS` is dead; a quiet name on a live feed
    keeps its last price. `venues` are those that orders can be sent to. `approvals` say who has
    approved which command, by its id; `None` where no second person is asked for.
    """

    ts: int
    quotes: Mapping[str, Quote] = _NO_QUOTES
    feed_ts: int = 0
    venues: frozenset[str] = frozenset({"SIM"})
    approvals: Mapping[str, str] | None = None

    def approver(self, command_id: str) -> str | None:
        """Return who approved a command, empty where nobody is asked, `None` where nobody has."""
        return "" if self.approvals is None else self.approvals.get(command_id)

    def quote(self, symbol: str) -> Quote | None:
        """Return the live quote of `symbol`, `None` when the feed is dead or never had one."""
        if self.ts - self.feed_ts > FEED_TIMEOUT_NS:
            return None
        return self.quotes.get(symbol)

    def reference_px(self, symbol: str) -> int | None:
        """Return the price that orders in `symbol` are judged against: the last, else the mid."""
        quote = self.quote(symbol)
        if quote is None:
            return None
        return quote.last or quote.mid or None
