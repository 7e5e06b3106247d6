"""Prices said by the quote (`bid+2t`, `mid`) and quantities said by their value (`2m$`). No Qt."""

from __future__ import annotations

import re

from app.core.context import Quote
from models.errors import BadInput
from models.instruments import Instrument
from models.money import MONEY_SCALE, PRICE_PER_MONEY, parse_qty
from models.orders import Side

_RELATIVE = re.compile(r"@?(bid|ask|mid|last)(?:([+-])([0-9]{1,4})t)?")
_BEGUN = re.compile(r"@?(bid|ask|mid|last)[+-].*")
_CURRENCY_OF_SIGN = "USD"


def is_relative(word: str) -> bool:
    """Whether `word` is a price by the quote, or the beginning of one."""
    return bool(_RELATIVE.fullmatch(word) or _BEGUN.fullmatch(word))


def relative_price(word: str, side: Side, instrument: Instrument, quote: Quote | None) -> int:
    """Return the price that `word` means now, on the tick; raises `BadInput` when it means none.

    A mid between two ticks goes to the side that is better for the order.
    """
    found = _RELATIVE.fullmatch(word)
    if found is None:
        raise BadInput(f"{word!r} is not a price: say how many ticks, as in bid+2t.")
    source, sign, ticks = found.groups()
    price = getattr(quote, source) if quote is not None else 0
    if not price or quote is None:
        raise BadInput(f"{instrument.symbol} has no {source} now. Enter a price instead.")
    if source == "mid" and not (quote.bid and quote.ask):
        raise BadInput(f"{instrument.symbol} is quoted on one side only. Enter a price instead.")
    tick = instrument.tick_at(price)
    whole = price // tick if side is Side.BUY else -(-price // tick)
    moved = (whole + int(f"{sign or '+'}{ticks or 0}")) * tick
    if moved <= 0:
        raise BadInput(f"{word!r} is below zero for {instrument.symbol}. Use fewer ticks.")
    return moved


def value_of(word: str) -> int | None:
    """Return the money (millionths) that a quantity such as `2m$` is worth, `None` if it is none.

    Raises `BadInput` where there is a `$` and no amount.
    """
    if "$" not in word:
        return None
    return parse_qty(word.strip("$")) * MONEY_SCALE


def qty_worth(word: str, money: int, instrument: Instrument, price: int) -> int:
    """Return the most whole lots that `money` pays for at `price`; raises `BadInput` for none."""
    if instrument.currency != _CURRENCY_OF_SIGN:
        raise BadInput(
            f"{word!r} is in dollars and {instrument.symbol} trades in {instrument.currency}. "
            "Enter a quantity instead."
        )
    if price <= 0:
        raise BadInput(f"{word!r} needs a price to be sized by. Enter one, or a quantity.")
    per_unit = price * instrument.lot
    percent = 100 if instrument.asset_class.is_bond else 1
    lots = money * PRICE_PER_MONEY * percent // per_unit
    if lots <= 0:
        raise BadInput(f"{word!r} does not pay for one lot of {instrument.symbol}.")
    return lots * instrument.lot
