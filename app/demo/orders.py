"""The orders that the demo's other traders ask for: mostly plain, now and then anything else."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import msgspec

from app.core.context import Quote
from models.instruments import Instrument
from models.orders import OrderTerms, OrderType, Peg, Side, TimeInForce

_TYPES = (
    *(OrderType.LIMIT,) * 14,
    *(OrderType.MARKET,) * 4,
    *(OrderType.STOP,) * 2,
    OrderType.TRAILING_STOP,
    OrderType.TRAILING_STOP_LIMIT,
    OrderType.MARKET_TO_LIMIT,
    OrderType.PEGGED,
)
_LOTS = (1, 2, 3, 5, 8, 10, 20, 25)
_UNIT_WORTH = 20_000_000_000  # of the currency, in millionths
_FRIDAY = 4
_GTC, _GTD, _ICEBERG, _POST, _WHOLE = 0.1, 0.08, 0.12, 0.1, 0.03
_TRANCHES = 5
_DAYS_MAX = 10


def wish(
    pick: Random, instrument: Instrument, quote: Quote, accounts: tuple[str, ...], today: str
) -> OrderTerms:
    """Return an order around the market; `quote` has two sides."""
    tick = instrument.tick_at(quote.ask)
    side, kind = pick.choice((Side.BUY, Side.SELL)), pick.choice(_TYPES)
    away = pick.randint(-3, 12) * max(1, quote.mid // tick // 8_000) * tick
    gap = (abs(away) // tick + 20) * tick
    best = quote.bid if side is Side.BUY else quote.ask
    other = quote.ask if side is Side.BUY else quote.bid
    size = pick.choice(_LOTS) * _lots_of_a_unit(instrument, quote.mid)
    trails_by_bps = kind.trails and pick.random() < 0.5
    terms = OrderTerms(
        symbol=instrument.symbol,
        side=side,
        qty=instrument.lot * max(1, size),
        order_type=kind,
        account=pick.choice(accounts),
        limit_px=best - side.sign * away if kind is OrderType.LIMIT else None,
        stop_px=other + side.sign * gap if kind is OrderType.STOP else None,
        trail_px=gap if kind.trails and not trails_by_bps else None,
        trail_bps=pick.choice((10, 25, 50)) if trails_by_bps else None,
        limit_offset=5 * tick if kind is OrderType.TRAILING_STOP_LIMIT else None,
        peg=pick.choice((Peg.PRIMARY, Peg.MID)) if kind is OrderType.PEGGED else None,
    )
    return _instructed(pick, terms, instrument.lot, today) if away >= 0 else terms


def _instructed(pick: Random, terms: OrderTerms, lot: int, today: str) -> OrderTerms:
    """Let a limit order that rests work longer, hide itself in part, never take, or only whole."""
    if terms.order_type is not OrderType.LIMIT:
        return terms
    changes: dict[str, object] = {}
    draw = pick.random()
    if draw < _GTC:
        changes["time_in_force"] = TimeInForce.GTC
    elif draw < _GTC + _GTD and today:
        last = date.fromisoformat(today) + timedelta(days=pick.randint(1, _DAYS_MAX))
        if last.weekday() > _FRIDAY:
            last += timedelta(days=_FRIDAY + 3 - last.weekday())
        changes |= {"time_in_force": TimeInForce.GTD, "expire_day": last.isoformat()}
    shown = terms.qty // _TRANCHES // lot * lot
    draw = pick.random()
    if draw < _ICEBERG and shown:
        changes |= {"display_qty": shown, "varies": pick.random() < 0.5}
    elif draw > 1 - _POST:
        changes["post_only"] = True
    elif draw > 1 - _POST - _WHOLE:
        changes["all_or_none"] = True
    return msgspec.structs.replace(terms, **changes)


def _lots_of_a_unit(instrument: Instrument, price: int) -> int:
    """Return how many lots are worth about 20,000 of the currency."""
    return max(1, _UNIT_WORTH // max(1, instrument.notional(price, instrument.lot)))
