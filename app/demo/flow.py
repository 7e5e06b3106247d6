"""Other traders of the desk: seeded sessions that trade through the real engine."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable

from app.demo.desk_work import DeskWorker
from app.demo.orders import wish
from app.session.client import Post, Session
from app.session.step import Link
from models.errors import BlotterError
from models.limits import Outcome
from models.orders import Order, Replacement

_PAUSE_S = (0.25, 1.1)
_LIVE_MAX = 14
_DESK_WORK = 0.06  # of what they do is work at the desk itself


class OtherTraders(threading.Thread):
    """Runs a session for each of `logins` in one thread until `stop`.

    `open_session` gives a session for a login; everything they do is checked like anybody's.
    """

    def __init__(
        self, logins: tuple[str, ...], open_session: Callable[[str, Post], Session], seed: int
    ) -> None:
        super().__init__(name="other-traders", daemon=True)
        self._random = random.Random(seed)
        self._desk_work = DeskWorker(random.Random(seed + 1))
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
        mine = [
            order
            for order in core.state.live_orders()
            if order.trader == core.login and order.is_routed and not order.pending
            if not order.parent_id  # a slice taken out by hand would pause its strategy
        ]
        draw = self._random.random()
        try:
            if draw > 1 - _DESK_WORK:
                self._desk_work.act(session)
            elif mine and (len(mine) > _LIVE_MAX or draw < 0.15):
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
        instrument = self._random.choice(names)
        quote = session.core.quotes.get(instrument.symbol)
        if quote is None or not (quote.bid and quote.ask):
            return
        today = session.core.state.day
        terms = wish(self._random, instrument, quote, trader.accounts, today)
        judgement = session.preview(terms)
        if judgement.outcome is Outcome.PASS:
            session.submit(terms)
        elif judgement.outcome is Outcome.SOFT or not judgement.errors:
            session.submit(terms, "client instruction")  # a hard breach is denied, and shows so

    def _amend(self, session: Session, order: Order) -> None:
        instrument = session.core.state.instruments[order.symbol]
        if order.limit_px is None or order.order_type.trails:
            return  # there is no price of the trader's own
        tick = instrument.tick_at(order.limit_px)
        new = Replacement(
            qty=order.qty, limit_px=order.limit_px + self._random.choice((-2, -1, 1, 2)) * tick
        )
        if session.preview(order.terms(new), order).outcome is Outcome.PASS:
            session.amend(order, new)
