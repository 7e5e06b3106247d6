"""What the desk holds, line by line: positions valued at the last prices. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.posttrade.positions import average_cost, day_pnl, market_value
from app.session.step import SessionCore
from models.executions import Position
from models.money import BPS
from ui.blotter.worth import Worth


@dataclass(frozen=True)
class Holding:
    """One position, valued.

    Prices in 1e-9 units; money in millionths of `currency`; `gross` in millionths of the rule
    book's currency, None where there is no rate for it. `is_live` says that `last_px` is a trade
    of today and not the previous close.
    """

    key: str
    account: str
    symbol: str
    currency: str
    qty: int
    avg_px: int | None
    last_px: int
    is_live: bool
    value: int
    day_pnl: int
    gross: int | None
    share_bps: int | None = None


def holdings(core: SessionCore) -> list[Holding]:
    """Return all positions of the desk, those that were closed today too."""
    found = [
        _holding(core, key, account, symbol, position)
        for key, position in core.state.positions.items()
        for desk, account, symbol in [key.split("|", 2)]
        if desk == core.desk and symbol in core.state.instruments
    ]
    gross = sum(one.gross or 0 for one in found)
    return [_with_share(one, gross) for one in found]


def _holding(core: SessionCore, key: str, account: str, symbol: str, position: Position) -> Holding:
    instrument = core.state.instruments[symbol]
    quote = core.quotes.get(symbol)
    last_px = quote.last if quote is not None and quote.last else instrument.prev_close
    value = market_value(position, instrument, last_px)
    return Holding(
        key=key,
        account=account,
        symbol=symbol,
        currency=instrument.currency,
        qty=position.qty,
        avg_px=average_cost(position, instrument),
        last_px=last_px,
        is_live=quote is not None and bool(quote.last),
        value=value,
        day_pnl=day_pnl(position, instrument, last_px),
        gross=Worth(core).in_book(abs(value), instrument.currency),
    )


def _with_share(one: Holding, gross: int) -> Holding:
    if one.gross is None or not gross:
        return one
    return replace(one, share_bps=one.gross * BPS // gross)


@dataclass(frozen=True)
class CurrencyTotal:
    """What is held in one currency, in millionths of it."""

    currency: str
    net: int
    gross: int
    day_pnl: int


def totals_by_currency(held: list[Holding]) -> list[CurrencyTotal]:
    """Return one total a currency, the largest gross first."""
    by_currency: dict[str, list[Holding]] = {}
    for one in held:
        by_currency.setdefault(one.currency, []).append(one)
    found = [
        CurrencyTotal(
            currency,
            sum(one.value for one in ones),
            sum(abs(one.value) for one in ones),
            sum(one.day_pnl for one in ones),
        )
        for currency, ones in by_currency.items()
    ]
    return sorted(found, key=lambda total: -total.gross)
