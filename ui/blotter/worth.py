"""What orders and fills are worth, in one currency, so that they can be added up."""

from __future__ import annotations

from app.session.step import SessionCore
from models.money import MONEY_SCALE, format_money
from models.orders import Order


class Worth:
    """What orders are worth, in the rule book's currency; None where there is no rate for it."""

    def __init__(self, core: SessionCore) -> None:
        self._core = core

    @property
    def currency(self) -> str:
        """The currency, empty while there is no rule book."""
        book = self._core.state.rule_book
        return book.currency if book is not None else ""

    def in_book(self, amount: int, currency: str) -> int | None:
        """Return an amount of `currency` in the rule book's."""
        book = self._core.state.rule_book
        rate = book.fx.get(currency) if book is not None else None
        return None if rate is None else amount * rate // MONEY_SCALE

    def money(self, symbol: str, px: int, qty: int) -> int | None:
        """Return `qty` at `px` in millionths."""
        instrument = self._core.state.instruments.get(symbol)
        if instrument is None or not px:
            return None
        return self.in_book(instrument.notional(px, qty), instrument.currency)

    def _valued_at(self, order: Order) -> int:
        instrument = self._core.state.instruments.get(order.symbol)
        known = order.limit_px or order.stop_px or order.arrival_px
        return known or (instrument.prev_close if instrument else 0)

    def notional(self, order: Order) -> int | None:
        """Return all that was ordered, at its limit, stop or arrival price."""
        return self.money(order.symbol, self._valued_at(order), order.qty)

    def done(self, order: Order) -> int | None:
        """Return what has been filled, at the same price as `notional`."""
        return self.money(order.symbol, self._valued_at(order), order.cum_qty)

    def slip(self, order: Order) -> int | None:
        """Return what the fills cost against the mid at arrival; a gain is negative."""
        if not order.cum_qty or not order.arrival_px:
            return None
        paid = self.money(order.symbol, order.avg_px, order.cum_qty)
        at_arrival = self.money(order.symbol, order.arrival_px, order.cum_qty)
        if paid is None or at_arrival is None:
            return None
        return order.side.sign * (paid - at_arrival)

    def slip_base(self, order: Order) -> int | None:
        """Return the fills at the mid at arrival: what `slip` is a share of."""
        if not order.cum_qty:
            return None
        return self.money(order.symbol, order.arrival_px, order.cum_qty)


def whole_money(amount: int) -> str:
    """Return money (millionths) in whole units, with thousands separators."""
    return format_money(amount, 0)
