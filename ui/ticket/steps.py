"""What ↑ and ↓ make of a field: ticks of a price or a trail, basis points, days. No Qt."""

from __future__ import annotations

from models.errors import BadInput
from models.instruments import Instrument
from models.money import parse_price
from ui.ticket.days import moved
from ui.ticket.draft import plain_price
from ui.ticket.trail import BP, is_in_bps, read_offset, read_trail

STEPPED = (
    "limit_px",
    "stop_px",
    "trail",
    "limit_offset",
    "expire_day",
    "peg_offset",
    "take_profit",
    "stop_loss",
)


def stepped(
    field: str, text: str, steps: int, instrument: Instrument | None, last: int, today: str
) -> str:
    """Return `text` of `field` moved by `steps`; where there is none, from the last price, or 0."""
    if field == "expire_day":
        return moved(text, today, steps)
    if field == "trail" and is_in_bps(text):
        return f"{max(1, (read_trail(text)[1] or 0) + steps)}{BP}"
    if instrument is None:
        return text
    if field == "peg_offset":
        return _moved_offset(text, steps, instrument)
    is_distance = field in ("trail", "limit_offset")
    try:
        price = parse_price(text)
    except BadInput:
        price = 0 if is_distance else last or instrument.prev_close
    tick = instrument.tick_at(instrument.prev_close if is_distance else price)
    least = 0 if field == "limit_offset" else tick
    return plain_price(instrument, max(least, (price // tick + steps) * tick))


def _moved_offset(text: str, steps: int, instrument: Instrument) -> str:
    """Return a peg's offset moved by ticks: it goes both ways from 0, which is written as none."""
    tick = instrument.tick_at(instrument.prev_close)
    try:
        offset = read_offset(text)
    except BadInput:
        offset = 0
    moved_to = (offset // tick + steps) * tick
    sign = "+" if moved_to > 0 else "-"
    return f"{sign}{plain_price(instrument, abs(moved_to))}" if moved_to else ""
