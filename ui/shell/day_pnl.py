"""What the day has brought, by currency, as far as every price is known. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.posttrade.positions import day_pnl
from app.session.step import SessionCore
from models.parties import Role


@dataclass(frozen=True)
class DayPnl:
    """What positions have won today.

    Attributes:
        by_currency: millionths of each currency; without those whose sum is not known.
        unknown: currencies whose sum is not known.
        unpriced: symbols that have no price, which is why.
    """

    by_currency: dict[str, int] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    unpriced: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was held or traded."""
        return not self.by_currency and not self.unknown


def accounts_seen(core: SessionCore) -> frozenset[str] | None:
    """Return the accounts whose positions a person answers for; `None` is all of the desk's."""
    person = core.state.traders.get(core.login)
    if person is None or person.role is not Role.TRADER:
        return None
    return frozenset(person.accounts)


def day_pnl_of(core: SessionCore) -> DayPnl:
    """Return what the desk's positions in the person's accounts have won since the day began."""
    accounts = accounts_seen(core)
    sums: dict[str, int] = {}
    unknown: set[str] = set()
    unpriced: set[str] = set()
    for key, position in core.state.positions.items():
        desk, account, symbol = key.split("|", 2)
        if desk != core.desk or (accounts is not None and account not in accounts):
            continue
        if not (position.qty or position.open_qty or position.day_cost):
            continue
        instrument = core.state.instruments.get(symbol)
        if instrument is None:
            unpriced.add(symbol)
            unknown.add("?")
            continue
        quote = core.quotes.get(symbol)
        px = (quote.last or quote.mid) if quote is not None else 0
        if position.qty and not px:
            unpriced.add(symbol)
            unknown.add(instrument.currency)
            continue
        won = day_pnl(position, instrument, px)
        sums[instrument.currency] = sums.get(instrument.currency, 0) + won
    known = {currency: money for currency, money in sums.items() if currency not in unknown}
    return DayPnl(known, frozenset(unknown), tuple(sorted(unpriced)))
