"""What an order would cost: commission by the schedule, and the spread it would cross. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.context import Quote
from app.core.desk_state import DeskState
from app.posttrade.commission import commission
from models.instruments import Instrument
from models.money import BPS, format_money
from models.orders import OrderTerms, Side

_NONE = "–"


@dataclass(frozen=True)
class Estimate:
    """Figures as they are written, each with what it is; `–` where it can't be told."""

    notional: str = _NONE
    notional_help: str = ""
    commission: str = _NONE
    commission_help: str = ""
    cost: str = _NONE
    cost_help: str = ""


def estimate(
    state: DeskState,
    terms: OrderTerms,
    instrument: Instrument,
    quote: Quote | None,
    notional: int | None,
) -> Estimate:
    """Return what `terms` would cost; `notional` is in millionths of the rule book's currency."""
    book = state.rule_book
    if notional is None or book is None:
        return Estimate()
    charged, charged_help = _commission(state, terms, instrument, notional, book.currency)
    cost, cost_help = _spread_cost(terms, instrument, quote)
    return Estimate(
        notional=format_money(notional, 0),
        notional_help=f"The order's value in {book.currency}, at its limit or the market's price.",
        commission=charged,
        commission_help=charged_help,
        cost=cost,
        cost_help=cost_help,
    )


def _commission(
    state: DeskState, terms: OrderTerms, instrument: Instrument, notional: int, currency: str
) -> tuple[str, str]:
    schedule = state.commissions
    if schedule is None:
        return _NONE, "No schedule of commissions is in force."
    if schedule.effective > state.day:
        return _NONE, f"The schedule {schedule.name} is in force from {schedule.effective} on."
    if schedule.currency != currency:
        return _NONE, f"The schedule is in {schedule.currency}, the order's value in {currency}."
    amount = commission(schedule, instrument, notional, terms.qty)
    words = (
        f"Commission in {currency} if all of it trades, by the schedule {schedule.name} "
        f"of {schedule.effective}."
    )
    return format_money(amount, 2), words


def _spread_cost(terms: OrderTerms, instrument: Instrument, quote: Quote | None) -> tuple[str, str]:
    """Return half the spread in basis points of the mid for an order that would cross it now."""
    if quote is None or not (quote.bid and quote.ask) or quote.ask < quote.bid:
        return _NONE, "It takes a bid and an offer to tell what crossing the spread costs."
    if terms.order_type.has_stop or terms.order_type.trails:
        return _NONE, "It waits for its trigger; what the spread will be then is not known."
    if terms.peg is not None:
        return _NONE, "It follows the market; whether it meets the other side is not known."
    if terms.post_only or not _crosses(terms, quote):
        return "rests", "It waits at its price and pays no spread; it may not trade at all."
    tenths = _half_spread_tenths(quote)
    spread = instrument.show_price(quote.ask - quote.bid)
    words = (
        f"Half the spread of {spread} against the mid: what trading at once costs, before the "
        "order's own impact and commission."
    )
    return f"{tenths // 10}.{tenths % 10} bp", words


def _crosses(terms: OrderTerms, quote: Quote) -> bool:
    if terms.limit_px is None:
        return True
    if terms.side is Side.BUY:
        return terms.limit_px >= quote.ask
    return terms.limit_px <= quote.bid


def _half_spread_tenths(quote: Quote) -> int:
    """(ask - bid) / 2 over (ask + bid) / 2, in tenths of a basis point, rounded half up."""
    total = quote.bid + quote.ask
    return (2 * (quote.ask - quote.bid) * BPS * 10 + total) // (2 * total)
