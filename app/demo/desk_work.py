"""What the demo's other traders do at the desk itself: care orders, strategies, baskets."""

from __future__ import annotations

from random import Random

from app.core.context import Quote
from app.session.client import Session
from models.instruments import Instrument
from models.limits import Outcome
from models.orders import DESK, Order, OrderTerms, OrderType, Side
from models.workflow import Strategy, StrategyKind, Style

_CARE_MAX = 2
_SECOND = 1_000_000_000
_UNIT_WORTH = 400_000_000_000  # a care order, of the currency, in millionths
_LINES = 6
_WAVE_BPS = 2_500


class DeskWorker:
    """Works care orders for one session at a time; whatever it does is checked like anybody's."""

    def __init__(self, pick: Random) -> None:
        self._pick = pick

    def act(self, session: Session) -> None:
        """Do one thing that is due: claim, start a strategy, send a wave, or take a new order."""
        core = session.core
        orders = core.state.orders.values()
        open_care = [o for o in orders if o.is_care and o.is_open and o.desk == core.desk]
        mine = [o for o in open_care if o.trader == core.login]
        pool = [o for o in open_care if not o.trader]
        idle = [o for o in mine if self._is_idle(session, o)]
        baskets = [b for b in core.state.baskets.values() if b.author == core.login]
        if idle:
            session.work.start_strategy(idle[0].order_id, self._strategy(session, idle[0]))
        elif pool and len(mine) < _CARE_MAX:
            session.work.claim(pool[0].order_id)
        elif baskets and baskets[-1].waves < 2:
            session.work.send_wave(baskets[-1].basket_id, _WAVE_BPS, reason="client instruction")
        elif not baskets and not core.state.baskets:
            self._load_basket(session)
        elif len([o for o in mine if not o.basket_id]) < _CARE_MAX:
            self._take_order(session, unclaimed=self._pick.random() < 0.3)

    @staticmethod
    def _is_idle(session: Session, order: Order) -> bool:
        has_run = order.order_id in session.core.state.strategies
        return order.is_live and not order.basket_id and order.room > 0 and not has_run

    def _strategy(self, session: Session, order: Order) -> Strategy:
        kind = self._pick.choice((StrategyKind.TWAP, StrategyKind.TWAP, StrategyKind.ICEBERG))
        now = session.core.store_ts
        lot = session.core.state.instruments[order.symbol].lot
        return Strategy(
            kind=kind,
            start_ts=now,
            end_ts=now + self._pick.choice((300, 600, 900)) * _SECOND,
            every_ns=10 * _SECOND,
            style=self._pick.choice((Style.JOIN, Style.CROSS)),
            display_qty=max(lot, order.room // 20 // lot * lot),
        )

    def _take_order(self, session: Session, *, unclaimed: bool) -> None:
        terms = self._care_terms(session)
        if terms is not None and session.preview(terms).outcome is not Outcome.HARD:
            session.submit(terms, "client instruction", unclaimed=unclaimed)

    def _load_basket(self, session: Session) -> None:
        lines = [self._care_terms(session) for _ in range(_LINES)]
        known = {terms.symbol: terms for terms in lines if terms is not None}
        if len(known) > 1:
            session.work.load_basket("Index rebalance", tuple(known.values()))

    def _care_terms(self, session: Session) -> OrderTerms | None:
        """Return a care order in a share, a little beyond the market; `None` without a price."""
        core = session.core
        trader = core.state.traders.get(core.login)
        if trader is None:
            return None
        shares = [
            each
            for each in core.state.instruments.values()
            if each.asset_class in trader.asset_classes
            and not each.asset_class.is_bond
            and each.symbol not in core.state.restricted
        ]
        instrument = self._pick.choice(shares)
        quote = core.quotes.get(instrument.symbol)
        if quote is None or not quote.mid:
            return None
        return self._terms(instrument, quote, self._pick.choice(trader.accounts))

    def _terms(self, instrument: Instrument, quote: Quote, account: str) -> OrderTerms:
        side = self._pick.choice((Side.BUY, Side.SELL))
        tick = instrument.tick_at(quote.mid)
        limit = (quote.mid + side.sign * quote.mid // 200) // tick * tick
        worth = instrument.notional(quote.mid, instrument.lot) or 1
        lots = max(10, _UNIT_WORTH * self._pick.randint(1, 4) // worth)
        return OrderTerms(
            symbol=instrument.symbol,
            side=side,
            qty=lots // 10 * 10 * instrument.lot,
            order_type=OrderType.LIMIT,
            account=account,
            limit_px=limit,
            venue=DESK,
            investment_decision="client",
            instructions="Work it over the day",
        )
