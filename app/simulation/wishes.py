"""What simulated people ask for: every type, time in force and instruction; some of it mistaken."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from app.core.context import Quote
from models.instruments import Instrument
from models.order_support import SUPPORT
from models.orders import OrderTerms, OrderType, Peg, Side, TimeInForce

CENT = 10**7
_TYPES = (OrderType.LIMIT,) * 6 + tuple(OrderType)
_FORCES = (TimeInForce.DAY,) * 2 + tuple(TimeInForce)
_MISTAKEN_PAIR = 0.04


def wish(pick: Random, instrument: Instrument, quote: Quote | None, today: str) -> OrderTerms:
    """Return an order around the market; `today` is the desk's day, empty when it has none."""
    kind, side = pick.choice(_TYPES), pick.choice((Side.BUY, Side.SELL))
    qty = pick.choice((0, 20_000, *(pick.randint(1, 900) for _ in range(20))))
    tif = _force(pick, kind)
    limit_px, stop_px = _prices(pick, instrument, quote, kind, side)
    trails_by_px = kind.trails and pick.random() < 0.5
    trails_by_bps = kind.trails and not trails_by_px
    rests = kind is OrderType.LIMIT and tif.rests
    draw = pick.random()
    is_whole = rests and 0.3 < draw < 0.45
    is_peg = kind is OrderType.PEGGED
    return OrderTerms(
        symbol=instrument.symbol,
        side=side,
        qty=qty,
        order_type=kind,
        account=pick.choice(("GROWTH",) * 15 + ("NOBODY",)),
        limit_px=limit_px,
        stop_px=stop_px,
        time_in_force=tif,
        display_qty=pick.randint(1, max(1, qty // 3)) if kind.has_limit and draw < 0.25 else None,
        varies=kind.has_limit and draw < 0.1,
        min_qty=pick.randint(1, max(1, qty)) if tif is TimeInForce.IOC and draw > 0.6 else None,
        post_only=rests and draw > 0.8,
        expire_day=_last_day(pick, today) if tif is TimeInForce.GTD else "",
        trail_px=pick.randint(1, 8) * CENT if trails_by_px else None,
        trail_bps=pick.randint(1, 8) if trails_by_bps else None,
        limit_offset=pick.randint(0, 5) * CENT if kind is OrderType.TRAILING_STOP_LIMIT else None,
        all_or_none=is_whole,
        peg=pick.choice(tuple(Peg)) if is_peg and draw < 0.97 else None,
        peg_offset=pick.randint(-4, 2) * CENT if is_peg and draw < 0.6 else None,
    )


def _force(pick: Random, kind: OrderType) -> TimeInForce:
    """Return one that goes with `kind`, but for a slip of the hand."""
    if pick.random() < _MISTAKEN_PAIR:
        return pick.choice(tuple(TimeInForce))
    return pick.choice([tif for tif in _FORCES if not SUPPORT[kind, tif]])


def _last_day(pick: Random, today: str) -> str:
    """Return today or a day or two later; nothing is a mistake that can be made too."""
    if not today or pick.random() < 0.05:
        return ""
    return (date.fromisoformat(today) + timedelta(days=pick.randint(0, 2))).isoformat()


def _prices(
    pick: Random, instrument: Instrument, quote: Quote | None, kind: OrderType, side: Side
) -> tuple[int | None, int | None]:
    last = (quote.last or quote.mid if quote else 0) or instrument.prev_close
    last -= last % CENT
    stop_px = last + side.sign * pick.randint(1, 12) * CENT if kind.has_stop else None
    around = (stop_px or last) + side.sign * pick.randint(0, 5) * CENT
    if stop_px is None:
        around -= side.sign * pick.randint(0, 12) * CENT
    has_limit = kind.has_limit or (kind is OrderType.PEGGED and pick.random() < 0.5)
    return (around if has_limit else None), stop_px
