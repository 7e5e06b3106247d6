"""How an order that comes to the simulated venue enters its book."""

from __future__ import annotations

from app.matching import order_book as ob
from app.matching.instructions import Instructions, PegTo, Trail
from app.matching.order_book import OrderBook
from app.ports import NewOrder
from models.orders import OrderType, Peg, TimeInForce

_TIF = {
    TimeInForce.IOC: ob.IOC,
    TimeInForce.FOK: ob.FOK,
    TimeInForce.OPG: ob.OPG,
    TimeInForce.CLS: ob.CLS,
}
_AT_MARKET = (OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP)


def into_book(book: OrderBook, order_id: str, is_buy: bool, qty: int, message: NewOrder) -> None:
    """Enter an order (or what is left of it, after a restart) as its terms say."""
    terms, asks = message.terms, _instructions(message)
    kind, waits = terms.order_type, not message.triggered
    if kind.trails and waits:
        stop_px, limit_px = terms.stop_px or 0, terms.limit_px
        book.stop(order_id, is_buy, stop_px, qty, limit_px, asks, _trail(message))
        book.stops.moved.add(order_id)
    elif kind.has_stop and waits:
        book.stop(order_id, is_buy, terms.stop_px or 0, qty, terms.limit_px, asks)
    elif kind is OrderType.PEGGED:
        book.pegged(order_id, is_buy, qty, _peg(message), terms.limit_px or 0, asks)
    elif kind is OrderType.MARKET_TO_LIMIT and terms.limit_px is None:
        book.market_to_limit(order_id, is_buy, qty, asks)
    elif kind in _AT_MARKET:
        book.market(order_id, is_buy, qty, _TIF.get(terms.time_in_force, ob.DAY), asks)
    else:
        tif = _TIF.get(terms.time_in_force, ob.DAY)
        book.limit(order_id, is_buy, terms.limit_px or 0, qty, tif, instructions=asks)


def _peg(message: NewOrder) -> PegTo:
    """Return what a pegged order follows: a restart finds its price in the book, not in the log."""
    terms = message.terms
    return PegTo(terms.peg or Peg.PRIMARY, terms.peg_offset or 0, message.tick)


def _trail(message: NewOrder) -> Trail:
    terms = message.terms
    return Trail(terms.trail_px or 0, terms.trail_bps or 0, message.tick, terms.limit_offset)


def _instructions(message: NewOrder) -> Instructions:
    terms = message.terms
    return Instructions(
        owner=message.owner,
        display=terms.display_qty or 0,
        seed=int(terms.varies),
        lot=message.lot,
        post_only=terms.post_only,
        min_qty=0 if message.cum_qty else terms.min_qty or 0,
        all_or_none=terms.all_or_none,
    )
