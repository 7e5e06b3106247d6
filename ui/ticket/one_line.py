"""The one-line entry: `b 5k aapl 190.5 ioc acct growth`, and back from the fields. No Qt.

A side first; then quantity (or value, `2m$`) and symbol in either order; then, in any order:

- a limit price, `mkt`, `mtl`, `lmt PRICE`, `stop PRICE`; `trail 0.50` or `trail 25bp`, with
  `limit 0.05` for what its limit keeps from its stop; `peg primary` (or `mid`, `market`), with an
  offset `+0.01` and `cap PRICE`;
- `day ioc fok gtc opg cls`, `gtd 2026-12-01` (or `1dec`, `+5d`);
- `iceberg 500`, `iceberg 500 random`, `post`, `aon`, `min 500`;
- `acct NAME`;
- `care` or `pool` (worked by the desk, or waiting for who claims it), `stage`;
- `cap principal` (or `agency`, `riskless`), `by NAME`, `note "the client's words"`;
- `tp PRICE`, `sl PRICE`: a bracket's exits.

After that `oco …` or `then …`, as often as there are orders that hang together: each says what
differs from the first, which an OCO shares its quantity with. `then` is the other side unless said.

A price may be said by the quote: `bid+2t`, `mid`, `ask`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.core.context import Quote
from models.instruments import Instrument
from models.orders import OrderType, Side, TimeInForce
from models.workflow import Contingency
from ui.ticket.draft import Draft, plain_price
from ui.ticket.legs import leg_start
from ui.ticket.line_reader import CAPACITIES, LINKS, LineReader

__all__ = ["Line", "Mistake", "parse", "plain_price", "write"]

_SHORTEST = {Side.BUY: "b", Side.SELL: "s", Side.SELL_SHORT: "ss"}
_AT_MARKET = {OrderType.MARKET: "mkt", OrderType.MARKET_TO_LIMIT: "mtl"}
_WORD = re.compile(r'"(?:[^"]|"")*"?|\S+')
_TWO_LINKS = "A line hangs together in one way: by oco or by then, not by both."
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
    known = (instruments, accounts, quotes, today)
    reader = first = LineReader(start, *known)
    mistakes: list[Mistake] = []
    legs: list[Draft] = []
    at = 0

    def end_order() -> None:
        mistakes.extend(Mistake(*found.span, found.text) for found in reader.finish())
        if reader is not first:
            same = reader.draft.symbol == first.draft.symbol
            legs.append(replace(reader.draft, symbol="") if same else reader.draft)

    for found in _WORD.finditer(text):
        word, span = found.group(), found.span()
        link = LINKS.get(word.lower()) if reader.may_end else None
        reason = ""
        if link is not None:
            end_order()
            if first.draft.contingency not in (None, link):
                reason = _TWO_LINKS
            first.draft.contingency = link
            reader, at = LineReader(leg_start(first.draft), *known, first.draft), 0
        else:
            reason = reader.read(at, word, span)
            at += 1
        if reason:
            mistakes.append(Mistake(*span, reason))
    if reader.missing:
        mistakes.append(Mistake(len(text), len(text), reader.missing))
    end_order()
    first.draft.legs = tuple(legs)
    return Line(first.draft, tuple(sorted(mistakes, key=lambda mistake: mistake.start)))


def write(draft: Draft) -> str:
    """Return the line that says what `draft` holds; what is half entered it leaves out."""
    words = [_SHORTEST[draft.side], draft.qty, draft.symbol.lower(), *_prices(draft)]
    words += [*_handling(draft, TimeInForce.DAY), *_after("acct", draft.account.lower())]
    if draft.is_care:
        words.append("pool" if draft.unclaimed else "care")
    words += ["stage" if draft.staged else "", *_why(draft)]
    words += _after("tp", draft.take_profit) + _after("sl", draft.stop_loss)
    for leg in draft.legs:
        words += _leg(leg, draft)
    return " ".join(word for word in words if word)


def _handling(draft: Draft, usual: TimeInForce) -> list[str]:
    """Return the time in force, unless it is the usual one, and the instructions."""
    words = []
    if draft.time_in_force is TimeInForce.GTD:
        words += _after(draft.time_in_force.value, draft.expire)
    elif draft.time_in_force is not usual:
        words.append(draft.time_in_force.value)
    if draft.display:
        words += ["iceberg", draft.display, "random" if draft.varies else ""]
    words += _after("min", draft.min_qty)
    if draft.post_only:
        words.append("post")
    if draft.all_or_none:
        words.append("aon")
    return words


def _why(draft: Draft) -> list[str]:
    """Return the capacity, who decided and the client's words."""
    who = draft.decided_by
    capacity = next(word for word, each in CAPACITIES.items() if each is draft.capacity)
    return [
        *_after("cap", capacity if draft.capacity is not Draft.capacity else ""),
        *_after("by", who if who.isalnum() else _quoted(who)),
        *_after("note", _quoted(draft.words)),
    ]


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""')) if text else ""


def _leg(leg: Draft, first: Draft) -> list[str]:
    """Return what a leg says that the first order does not; its side where one has to look."""
    is_oco = first.contingency is Contingency.OCO
    side = "" if is_oco and leg.side is first.side else _SHORTEST[leg.side]
    prices = _prices(leg)
    if prices and not leg.qty and prices[-1] == leg.limit and leg.order_type is OrderType.LIMIT:
        prices = _after("lmt", leg.limit)  # a bare number would be the quantity
    account = leg.account.lower() if leg.account != first.account else ""
    return [
        "oco" if is_oco else "then",
        *(side, leg.qty, leg.symbol.lower(), *prices),
        *_handling(leg, first.time_in_force),
        *_after("acct", account),
    ]


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
