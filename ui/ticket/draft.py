"""What a ticket holds before it is sent: texts as typed, and the terms that they mean. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.judgement import FieldError
from models.errors import BadInput
from models.instruments import Instrument
from models.money import parse_price, parse_qty
from models.orders import Order, OrderTerms, OrderType, Side, TimeInForce


@dataclass
class Draft:
    """A ticket's fields, as typed. Prices and quantities are text until they are asked for."""

    side: Side = Side.BUY
    symbol: str = ""
    qty: str = ""
    order_type: OrderType = OrderType.LIMIT
    limit: str = ""
    stop: str = ""
    time_in_force: TimeInForce = TimeInForce.DAY
    account: str = ""
    venue: str = "SIM"

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been entered that could be sent."""
        return not (self.qty or self.limit or self.stop)

    def terms(self) -> OrderTerms | list[FieldError]:
        """Return the terms that the texts mean, or which of them mean nothing."""
        errors: list[FieldError] = []
        qty = _number(errors, "qty", self.qty, "Quantity is missing. Enter one, such as 5k.")
        limit = stop = None
        if self.order_type.has_limit:
            missing = "Limit price is missing. Enter one, or choose a market order."
            limit = _price(errors, "limit_px", self.limit, missing)
        if self.order_type.has_stop:
            missing = "Stop price is missing. Enter the price that triggers the order."
            stop = _price(errors, "stop_px", self.stop, missing)
        if not self.symbol:
            errors.insert(0, FieldError("symbol", "Symbol is missing. Type one, such as AAPL."))
        if errors:
            return errors
        return OrderTerms(
            symbol=self.symbol,
            side=self.side,
            qty=qty,
            order_type=self.order_type,
            account=self.account,
            limit_px=limit,
            stop_px=stop,
            time_in_force=self.time_in_force,
            venue=self.venue,
        )


def _number(errors: list[FieldError], field: str, text: str, missing: str) -> int:
    try:
        if not text.strip():
            raise BadInput(missing)
        return parse_qty(text)
    except BadInput as error:
        errors.append(FieldError(field, str(error)))
        return 0


def _price(errors: list[FieldError], field: str, text: str, missing: str) -> int | None:
    try:
        if not text.strip():
            raise BadInput(missing)
        return parse_price(text)
    except BadInput as error:
        errors.append(FieldError(field, str(error)))
        return None


def draft_of(order: Order, instruments: Mapping[str, Instrument]) -> Draft:
    """Return the draft that an amendment of `order` starts from."""
    instrument = instruments[order.symbol]

    def shown(price: int | None) -> str:
        return "" if price is None else instrument.show_price(price).replace(",", "")

    return Draft(
        side=order.side,
        symbol=order.symbol,
        qty=str(order.qty),
        order_type=order.order_type,
        limit=shown(order.limit_px),
        stop=shown(order.stop_px),
        time_in_force=order.time_in_force,
        account=order.account,
        venue=order.venue,
    )
