"""Other traders of the desk: seeded sessions that trade through the real engine."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable

from app.session.client import Post, Session
from app.session.step import Link
from models.errors import BlotterError
from models.instruments import Instrument
from models.limits import Outcome
from models.orders import Order, OrderTerms, OrderType, Replacement, Side, TimeInForce

_PAUSE_S = (0.25, 1.1)
_LIVE_MAX = 14
_TYPES = (OrderType.LIMIT,) * 7 + (OrderType.MARKET,) * 2 + (OrderType.STOP,)


class OtherTraders(threading.Thread):
    """Runs a session for each of `logins` in one thread until `stop`.

    `open_session` gives a session for a login; everything they do is checked like anybody's.
    """

    def __init__(
        self, logins: tuple[str, ...], open_session: Callable[[str, Post], Session], seed: int
    ) -> None:
        super().__init__(name="other-traders", daemon=True)
        self._random = random.Random(seed)
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._sessions = [open_session(login, self._calls.put) for login in logins]
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End the sessions and wait for it."""
        self._stopping.set()
        self.join()

    def run(self) -> None:
        for session in self._sessions:
            session.start()
        next_at = time.monotonic()
        while not self._stopping.is_set():
            try:
                self._calls.get(timeout=max(0.01, next_at - time.monotonic()))()
            except queue.Empty:
                next_at = time.monotonic() + self._random.uniform(*_PAUSE_S)
                self._act(self._random.choice(self._sessions))
        for session in self._sessions:
            session.close()

    def _act(self, session: Session) -> None:
        core = session.core
        if core.link is not Link.LIVE or not core.state.day_open or not core.quotes:
            return
        mine = [o for o in core.state.live_orders() if o.trader == core.login and not o.pending]
        draw = self._random.random()
        try:
            if mine and (len(mine) > _LIVE_MAX or draw < 0.15):
                session.cancel(self._random.choice(mine).order_id)
            elif mine and draw < 0.3:
                self._amend(session, self._random.choice(mine))
            else:
                self._enter(session)
        except BlotterError:
            return  # the link went down between the look and the act; try again later

    def _enter(self, session: Session) -> None:
        trader = session.core.state.traders.get(session.core.login)
        if trader is None:
            return
        listed = session.core.state.instruments.values()
        names = [each for each in listed if each.asset_class in trader.asset_classes]
        terms = self._terms(session, self._random.choice(names), trader.accounts)
        if terms is None:
            return
        judgement = session.preview(terms)
        if judgement.outcome is Outcome.PASS:
            session.submit(terms)
        elif judgement.outcome is Outcome.SOFT or not judgement.errors:
            session.submit(terms, "client instruction")  # a hard breach is denied, and shows so

    def _terms(
        self, session: Session, instrument: Instrument, accounts: tuple[str, ...]
    ) -> OrderTerms | None:
        quote = session.core.quotes.get(instrument.symbol)
        if quote is None or not (quote.bid and quote.ask):
            return None
        rnd, tick = self._random, instrument.tick_at(quote.ask)
        side = rnd.choice((Side.BUY, Side.SELL))
        order_type = rnd.choice(_TYPES)
        away = rnd.randint(-3, 12) * max(1, quote.mid // tick // 8_000) * tick
        limit = stop = None
        if order_type is OrderType.LIMIT:
            limit = quote.bid - away if side is Side.BUY else quote.ask + away
        elif order_type is OrderType.STOP:
            gap = (abs(away) // tick + 20) * tick
            stop = quote.ask + gap if side is Side.BUY else quote.bid - gap
        return OrderTerms(
            symbol=instrument.symbol,
            side=side,
            qty=instrument.lot
            * max(1, rnd.choice((1, 2, 3, 5, 8, 10, 20, 25)) * self._unit(instrument, quote.mid)),
            order_type=order_type,
            account=rnd.choice(accounts),
            limit_px=limit,
            stop_px=stop,
            time_in_force=TimeInForce.GTC if rnd.random() < 0.1 and limit else TimeInForce.DAY,
        )

    def _unit(self, instrument: Instrument, price: int) -> int:
        """Return how many lots are worth about 20,000 of the currency."""
        lot_value = max(1, instrument.notional(price, instrument.lot))
        return max(1, 20_000_000_000 // lot_value)

    def _amend(self, session: Session, order: Order) -> None:
        instrument = session.core.state.instruments[order.symbol]
        if order.limit_px is None:
            return
        tick = instrument.tick_at(order.limit_px)
        new = Replacement(
            qty=order.qty, limit_px=order.limit_px + self._random.choice((-2, -1, 1, 2)) * tick
        )
        if session.preview(order.terms(new), order).outcome is Outcome.PASS:
            session.amend(order, new)
