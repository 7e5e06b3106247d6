"""What the ticket asks and says of a bond: clean price, accrued interest, money, yield. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.analytics.bonds import BondFigures, bond_figures, settlement_of
from app.core.context import Quote
from models.errors import BadInput
from models.instruments import Instrument
from models.money import format_money, format_price
from models.orders import OrderTerms, Side

NAMES = ("Clean", "Accrued", "Dirty money", "Yield")
NONE, WAITING = "–", "…"
_HELP = (
    "The price that figures and yield are told for, in percent of par, without accrued interest.",
    "What the seller has earned of the next coupon, in percent of par{settles}.",
    "Clean price and accrued interest of the whole quantity, in {currency}, before commission.",
    "Yield to maturity at the clean price, compounding as the coupon is paid{settles}.",
)


@dataclass(frozen=True)
class Question:
    """A bond at a clean price, traded on the ISO date `trade_day`."""

    instrument: Instrument
    trade_day: str
    clean_px: int


@dataclass(frozen=True)
class Told:
    """A figure as it is written, and what it is."""

    text: str
    help_text: str


def question_of(
    instrument: Instrument | None,
    terms: OrderTerms | None,
    side: Side,
    quote: Quote | None,
    trade_day: str,
) -> Question | None:
    """Return what to ask of a bond in the ticket; `None` when there is none, or no price.

    Its price is the order's own, else the one it would trade at now, else the last.
    """
    if instrument is None or not instrument.asset_class.is_bond or not trade_day:
        return None
    price = 0
    if terms is not None and terms.symbol == instrument.symbol:
        price = terms.limit_px or terms.stop_px or 0
    if not price and quote is not None:
        price = (quote.ask if side is Side.BUY else quote.bid) or quote.last
    price = price or instrument.prev_close
    return Question(instrument, trade_day, price) if price else None


def answer(question: Question) -> BondFigures | str:
    """Return the figures, or the reason why there are none. Loads the library: not for a window."""
    try:
        settlement = settlement_of(question.trade_day)
        return bond_figures(question.instrument, settlement, question.clean_px)
    except BadInput as error:
        return str(error)


def told(question: Question, answered: BondFigures | str | None, qty: int) -> tuple[Told, ...]:
    """Return the figures of `NAMES`; while the answer is awaited they say so."""
    instrument = question.instrument
    clean = instrument.show_price(question.clean_px)
    if not isinstance(answered, BondFigures):
        text, why = (WAITING, "") if answered is None else (NONE, answered)
        return (Told(clean, _HELP[0]), *(Told(text, why) for _ in NAMES[1:]))
    settles = f", for settlement on {answered.settlement} ({instrument.day_count})"
    helps = [each.format(settles=settles, currency=instrument.currency) for each in _HELP]
    if not qty:
        money = NONE
    else:
        dirty = instrument.notional(answered.dirty_px, qty)
        money = format_money(dirty, 0)
        helps[2] += f" To the cent: {format_money(dirty)}."
        interest = format_money(instrument.notional(answered.accrued_px, qty))
        helps[1] += f" {interest} {instrument.currency} on {qty:,}."
    texts = (
        clean,
        format_price(answered.accrued_px, 4),
        money,
        f"{format_price(answered.yield_px, 3)}%",
    )
    return tuple(Told(text, help_text) for text, help_text in zip(texts, helps, strict=True))


def one_line(figures: tuple[Told, ...]) -> str:
    """Return the figures of `NAMES` in one line, for where there is no room for headings."""
    clean, accrued, money, yields = (each.text for each in figures)
    return f"{clean} · acc {accrued} · dirty {money} · yield {yields}"
