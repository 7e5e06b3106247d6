"""A session for tests of the market panes: a real core, filled by hand, and no store behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import cast
from zoneinfo import ZoneInfo

from app.session.client import Session
from app.session.step import Changed, Link, SessionCore
from models.commands import SYSTEM, ListInstruments
from models.instruments import Instrument
from models.market import BAR_NS, Bar, Depth, Level, Print
from models.order_state import Trigger
from models.orders import Order, Side
from tests.builders import DESK, NOW, SECOND, Desk, px, quote, terms

TICK = px("0.01")
NEW_YORK = ZoneInfo("America/New_York")  # where it is 08:00:00 at `NOW`


def levels(best: int, tick: int, *qtys: int) -> tuple[Level, ...]:
    """Return levels from `best` on, `tick` apart (negative downwards), with these quantities."""
    return tuple(Level(best + at * tick, qty, 1) for at, qty in enumerate(qtys) if qty)


def bar(at: int, close: int, qty: int = 100, **changes: int) -> Bar:
    """Return the bar that starts `at` bars after `NOW`; it opened, and traded all, at `close`."""
    prices = {"open": close, "high": close, "low": close, "vwap": close, **changes}
    start_ts = NOW // BAR_NS * BAR_NS + at * BAR_NS
    return Bar(
        "ACME", start_ts, prices["open"], prices["high"], prices["low"], close, qty, prices["vwap"]
    )


class MarketSession:
    """What a pane sees of a session; `core` is real, and changes only by the methods here.

    Attributes:
        watched: by owner, what panes have asked to watch.
    """

    def __init__(self, login: str = "alice") -> None:
        self.desk = Desk()
        self.core = SessionCore(login, DESK)
        self.core.state = self.desk.state
        self.core.link = Link.LIVE
        self.core.store_ts = self.core.feed_ts = NOW
        self.core.quotes.update(self.desk.quotes)
        self.listeners: list[Callable[[Changed], None]] = []
        self.watched: dict[str, list[str]] = {}

    @property
    def session(self) -> Session:
        """This, as panes take it."""
        return cast("Session", self)

    def watch(self, owner: str, symbols: Iterable[str]) -> None:
        """Note what is asked for."""
        self.watched[owner] = list(symbols)

    def tell(self, changed: Changed) -> None:
        """Tell the panes what changed."""
        for listener in self.listeners:
            listener(changed)

    # -- the market ----------------------------------------------------------------------------

    def book(self, bids: Sequence[Level], offers: Sequence[Level], symbol: str = "ACME") -> None:
        """Let this be the symbol's depth."""
        self.core.depths[symbol] = Depth(symbol, self.core.feed_ts, tuple(bids), tuple(offers))
        self.tell(Changed(market=frozenset({symbol})))

    def two_sided(self, bid: int = px("99.99"), *, ticks: int = 1, symbol: str = "ACME") -> None:
        """Let five levels a side rest, the best `ticks` apart."""
        tick = self.core.state.instruments[symbol].tick_at(bid)
        qtys = (600, 500, 400, 300, 200)
        offer = bid + ticks * tick
        self.book(levels(bid, -tick, *qtys), levels(offer, tick, *qtys), symbol)

    def trade(self, *pxs: int, symbol: str = "ACME", qty: int = 100) -> None:
        """Print trades at these prices, a second apart."""
        tape = self.core.tapes.setdefault(symbol, deque(maxlen=200))
        for price in pxs:
            seq = tape[-1].seq + 1 if tape else 1
            tape.append(Print(seq, NOW + seq * SECOND, price, qty, is_buy=True))
        self.tell(Changed(market=frozenset({symbol})))

    def show_bars(self, bars: Sequence[Bar], symbol: str = "ACME") -> None:
        """Let these be the symbol's bars."""
        self.core.bars[symbol] = list(bars)
        if bars:
            self.core.store_ts = self.core.feed_ts = bars[-1].start_ts + BAR_NS
        self.tell(Changed(market=frozenset({symbol})))

    def quote(self, symbol: str, last: int, **changes: int) -> None:
        """Let this be the symbol's quote."""
        self.core.quotes[symbol] = quote(symbol, last, **changes)
        self.tell(Changed(quotes=frozenset({symbol})))

    def fall_silent(self, for_ns: int) -> None:
        """Let the store's time go on without a sign of life from the feed."""
        self.core.store_ts = self.core.feed_ts + for_ns

    # -- the desk ------------------------------------------------------------------------------

    def work(
        self, side: Side, limit: int, qty: int = 100, author: str = "alice", **more: object
    ) -> Order:
        """Enter an order and let the venue take it."""
        order = self.desk.accepted(terms(side=side, limit_px=limit, qty=qty, **more), author)
        self.desk.report(order, Trigger.ACKNOWLEDGE)
        self.changed(order)
        return order

    def fill(self, order: Order, qty: int, price: int, ts: int = NOW) -> None:
        """Let the venue report a fill."""
        self.desk.fill(order, qty, price, ts=ts)
        self.changed(order)

    def changed(self, order: Order) -> None:
        """Say that an order changed."""
        self.tell(Changed(orders=frozenset({order.order_id})))

    def list_instruments(self, *instruments: Instrument) -> None:
        """Add lines to the security master."""
        self.desk.run(
            ListInstruments(id=f"i-{len(self.desk.log)}", author=SYSTEM, instruments=instruments)
        )
        self.tell(Changed(reference=True))
