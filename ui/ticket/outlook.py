"""What an order of an uncommon kind will do, beside what the checks say of it. No Qt."""

from __future__ import annotations

from datetime import date

from app.core.context import Quote
from models.calendars import Calendar
from models.instruments import Instrument
from models.money import BPS
from models.orders import OrderTerms, OrderType, Peg, Side, TimeInForce
from models.workflow import Contingency

_AUCTIONS = {
    TimeInForce.OPG: "It trades in the opening auction alone; what is left then is cancelled",
    TimeInForce.CLS: "It trades in the closing auction alone; what is left then is cancelled",
}

_TOGETHER = {
    Contingency.OCO: "What one trades the others trade less; two may trade at one instant",
    Contingency.OTO: "The others wait at the desk until the first has ended",
    Contingency.BRACKET: "The exits go out as it fills; both may trade at one instant",
}
_FOLLOWS = {
    Peg.PRIMARY: "It follows the best price of its own side",
    Peg.MID: "It follows the middle of bid and offer",
    Peg.MARKET: "It follows the best price of the other side",
}

# (tone, sign, words) of one thing to say.
Line = tuple[str, str, str]


def outlook(terms: OrderTerms, instrument: Instrument, quote: Quote | None) -> tuple[Line, ...]:
    """Return a line for each thing that the fields alone do not tell; none for a plain order."""
    lines: list[Line] = []
    if terms.post_only:
        lines += _of_post_only(terms, instrument, quote)
    if terms.display_qty is not None and terms.display_qty < terms.qty:
        about = "about " if terms.varies else ""
        lines.append(_plain(f"The book shows {about}{terms.display_qty:,} of it at a time"))
    if terms.order_type.trails:
        lines += _of_trail(terms, instrument, quote)
    elif terms.order_type is OrderType.MARKET_TO_LIMIT:
        lines.append(_plain("What is left rests at the price of its first trade"))
    elif terms.peg is not None:
        lines.append(_plain(f"{_FOLLOWS[terms.peg]}, and waits unseen while there is none"))
    if terms.all_or_none:
        lines.append(_plain("It is not shown, and waits until all of it can trade in one go"))
    if terms.time_in_force.is_for_auction:
        lines.append(_plain(_AUCTIONS[terms.time_in_force]))
    if terms.time_in_force is TimeInForce.GTD:
        lines.append(
            _plain(f"Works to the end of {date.fromisoformat(terms.expire_day):%a %d %b %Y}")
        )
    return tuple(lines)


def desk_outlook(*, is_care: bool, is_unclaimed: bool, is_staged: bool) -> tuple[Line, ...]:
    """Say what the desk does with an order that it keeps, or works itself."""
    lines = []
    if is_staged:
        lines.append(_plain("It is kept at the desk until it is released"))
    if is_unclaimed:
        lines.append(_plain("It waits at the desk for whoever claims it"))
    elif is_care:
        lines.append(_plain("It stays at the desk: slices, a strategy or a telephone work it"))
    return tuple(lines)


def group_outlook(contingency: Contingency) -> tuple[Line, ...]:
    """Say how the orders of a group hang together; the desk, not the venue, keeps them so."""
    return (_plain(_TOGETHER[contingency]),)


def early_close(terms: OrderTerms, calendar: Calendar | None, today: str) -> tuple[Line, ...]:
    """Say when the market closes early on the last day that an order works."""
    last = terms.expire_day or today
    if calendar is None or terms.time_in_force is TimeInForce.GTC:
        return ()
    at = calendar.early_closes.get(last)
    where = calendar.timezone.rpartition("/")[2].replace("_", " ")
    return () if at is None else (("muted", "◷", f"{calendar.mic} closes early, {at} {where}"),)


def _plain(words: str) -> Line:
    return ("muted", "·", words)


def _of_post_only(terms: OrderTerms, instrument: Instrument, quote: Quote | None) -> list[Line]:
    if quote is None or terms.limit_px is None:
        return []
    buys = terms.side is Side.BUY
    best = quote.ask if buys else quote.bid
    if not best or (terms.limit_px < best if buys else terms.limit_px > best):
        return []
    whose = "offer" if buys else "bid"
    words = (
        f"It would meet the {whose} {instrument.show_price(best)} now; post-only is rejected then"
    )
    return [("warning", "⚠", words)]


def _of_trail(terms: OrderTerms, instrument: Instrument, quote: Quote | None) -> list[Line]:
    """Say where its stop begins; the venue rounds it to the tick, away from the market."""
    if quote is None or not quote.last:
        return []
    last, buys = quote.last, terms.side is Side.BUY
    distance = terms.trail_px or last * (terms.trail_bps or 0) // BPS
    tick = instrument.tick_at(instrument.prev_close)
    stop = -(-(last + distance) // tick) if buys else (last - distance) // tick
    if stop <= 0:
        return [("warning", "⚠", "It trails by more than the price itself: the venue rejects that")]
    return [
        _plain(f"Its stop begins at {instrument.show_price(stop * tick)} and follows the market")
    ]
