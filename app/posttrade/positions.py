"""What positions are worth, and what the day has brought."""

from __future__ import annotations

from models.executions import Position
from models.instruments import Instrument


def market_value(position: Position, instrument: Instrument, px: int) -> int:
    """Return the position's value at `px` (1e-9 units), negative when it is short.

    In millionths of the instrument's currency.
    """
    return _value(instrument, px, position.qty)


def average_cost(position: Position, instrument: Instrument) -> int | None:
    """Return the price (1e-9 units) at which selling all of it would neither win nor lose.

    Below 0 when more was earned by trading than it is worth; `None` where nothing is held.
    """
    if not position.qty:
        return None
    px = instrument.price_of(abs(position.cost), abs(position.qty))
    return px if (position.cost < 0) == (position.qty < 0) else -px


def day_pnl(position: Position, instrument: Instrument, px: int) -> int:
    """Return what the position has won today at `px`: by what was held, and by what was traded.

    What was held when the day started counts from the last price of the day before, or from the
    security master's previous close where none is known. In millionths of its currency.
    """
    opened = _value(instrument, position.open_px or instrument.prev_close, position.open_qty)
    return market_value(position, instrument, px) - opened - position.day_cost


def _value(instrument: Instrument, px: int, qty: int) -> int:
    value = instrument.notional(px, abs(qty))
    return -value if qty < 0 else value
