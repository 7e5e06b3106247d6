"""The one-line entry: `b 5k aapl 190.5 ioc acct growth`, and back from the fields. No Qt.

A side first; then quantity (or value, `2m$`) and symbol in either order; then, in any order:

- a limit price, `mkt`, `mtl`, `lmt PRICE`, `stop PRICE`; `trail 0.50` or `trail 25bp`, with
  `limit 0.05` for what its limit keeps from its stop; `peg primary` (or `mid`, `market`), with an
  offset `+0.01` and `cap PRICE`;
- `day ioc fok gtc opg cls`, `gtd 2026-12-01` (or `1dec`, `+5d`);
- `iceberg 500`, `iceberg 500 random`, `post`, `aon`, `min 500`;
- `acct NAME`.

A price may be said by the quote: `bid+2t`, `mid`, `ask`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.core.context import Quote
from models.instruments import Instrument
from models.orders import OrderType, Side, TimeInForce
from ui.ticket.draft import Draft
from ui.ticket.line_reader import LineReader, plain_price

__all__ = ["Line", "Mistake", "parse", "plain_price", "write"]

_SHORTEST = {Side.BUY: "b", Side.SELL: "s", Side.SELL_SHORT: "ss"}
_AT_MARKET = {OrderType.MARKET: "mkt", OrderType.MARKET_TO_LIMIT: "mtl"}
_WORD = re.compile(r"\S+")
_NO_QUOTES: Mapping[str, Quote] = MappingProxyType({})


@dataclass(frozen=True)
class Mistake:
    """Letters `start` up to `end` of the line that mean nothing, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Line:
    """What a line says: the draft it makes, and what of it is not understood."""

    draft: Draft
    mistakes: tuple[Mistake, ...]


def parse(
    text: str,
    start: Draft,
    instruments: Mapping[str, Instrument],
    accounts: Collection[str],
    quotes: Mapping[str, Quote] = _NO_QUOTES,
    today: str = "",
) -> Line:
    """Return what `text` says; what it leaves out is taken from `start` (side, account, force).

    `today` is the desk's day, which `gtd +5d` counts from.
    """
    reader = LineReader(start, instruments, accounts, quotes, today)
    mistakes = []
    for at, found in enumerate(_WORD.finditer(text)):
        reason = reader.read(at, found.group(), found.span())
        if reason:
            mistakes.append(Mistake(*found.span(), reason))
    if reader.missing:
        mistakes.append(Mistake(len(text), len(text), reader.missing))
    mistakes += [Mistake(*found.span, found.text) for found in reader.finish()]
    return Line(reader.draft, tuple(sorted(mistakes, key=lambda mistake: mistake.start)))


def write(draft: Draft) -> str:
    """Return the line that says what `draft` holds; what is half entered it leaves out."""
    words = [_SHORTEST[draft.side], draft.qty, draft.symbol.lower(), *_prices(draft)]
    if draft.time_in_force is TimeInForce.GTD:
        words += _after(draft.time_in_force.value, draft.expire)
    elif draft.time_in_force is not TimeInForce.DAY:
        words.append(draft.time_in_force.value)
    if draft.display:
        words += ["iceberg", draft.display, "random" if draft.varies else ""]
    words += _after("min", draft.min_qty)
    if draft.post_only:
        words.append("post")
    if draft.all_or_none:
        words.append("aon")
    words += _after("acct", draft.account.lower())
    return " ".join(word for word in words if word)


def _prices(draft: Draft) -> list[str]:
    kind = draft.order_type
    if kind in _AT_MARKET:
        return [_AT_MARKET[kind]]
    if kind is OrderType.PEGGED:
        return ["peg", draft.peg.value, _signed(draft.peg_offset), *_after("cap", draft.limit)]
    if kind.trails:
        has_offset = kind is OrderType.TRAILING_STOP_LIMIT and draft.trail
        return _after("trail", draft.trail) + _after("limit", draft.offset if has_offset else "")
    words = _after("stop", draft.stop) if kind.has_stop else []
    return [*words, draft.limit if kind.has_limit else ""]


def _after(keyword: str, text: str) -> list[str]:
    return [keyword, text] if text else []


def _signed(offset: str) -> str:
    """Return a peg's offset as a line says it: always with its sign."""
    return offset if not offset or offset[0] in "+-" else f"+{offset}"
