"""What a half-typed word of the order line, or of the symbol field, may become. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from models.instruments import Instrument
from models.parties import Account
from ui.ticket.line_reader import (
    ACCOUNT,
    BY,
    CAP,
    CAPACITIES,
    GTD,
    ICEBERG,
    LIMIT,
    LINKS,
    MIN_QTY,
    NOTE,
    PEG,
    STOP,
    STOP_LIMIT,
    STOP_LOSS,
    TAKE_PROFIT,
    TRAIL,
)

SUGGESTIONS_MAX = 6
_SIDE_WORDS = {"b": "buy", "s": "sell", "ss": "sell short"}
_WORDS = {
    "mkt": "market order",
    "lmt": "limit price follows",
    "stop": "stop price follows",
    "stl": "stop-limit: stop, then limit",
    "mtl": "market to limit: the rest stays",
    "trail": "trailing stop: 0.50, or 25bp",
    "day": "for the day",
    "ioc": "now, or cancel what is left",
    "fok": "all of it now, or none",
    "gtc": "until cancelled",
    "gtd": "until a day: 2026-12-01, +5d",
    "iceberg": "shows only so much of it",
    "post": "post only: rests, never takes",
    "min": "least that trades at once (IOC)",
    "aon": "all or none: whole, or not at all",
    "peg": "follows primary, mid or market",
    "cap": "principal, agency; a peg's limit",
    "opg": "in the opening auction alone",
    "cls": "in the closing auction alone",
    "acct": "account follows",
    "care": "the desk works it",
    "pool": "the desk works it: who claims it",
    "stage": "kept until it is released",
    "tp": "bracket: take profit at",
    "sl": "bracket: stop the loss at",
    "oco": "or: what one trades, the other does not",
    "then": "and when it is filled, this one",
    "by": "who decided it",
    "note": 'the client\'s words: note "…"',
}
_AFTER_ICEBERG = {"random": "tranches vary in size"}
_AFTER_TRAIL = {"limit": "what its limit keeps from its stop"}
_AFTER_PEG = {
    "primary": "its own side's best price",
    "mid": "half way between the bests",
    "market": "the other side's best price",
}
_ENDS = (GTD, *ICEBERG, *MIN_QTY, *TRAIL, *BY, *NOTE)  # what follows can't be offered
_AFTER_CAP = {word: capacity.value.replace("_", " ") for word, capacity in CAPACITIES.items()}
_PRICES = {
    "bid": "the best bid; bid+2t is two ticks more",
    "ask": "the best offer",
    "mid": "half way between them",
    "last": "the last trade",
}


@dataclass(frozen=True)
class Suggestion:
    """A word that may be meant, and what it is."""

    word: str
    note: str


@dataclass(frozen=True)
class Completion:
    """Suggestions for the letters `start` up to `end`."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...]


def complete_line(
    text: str,
    cursor: int,
    instruments: Mapping[str, Instrument],
    accounts: Mapping[str, Account],
) -> Completion:
    """Return what the word before `cursor` may become; nothing within a word or for a number."""
    start = text.rfind(" ", 0, cursor) + 1
    begun = text[start:cursor].lower()
    is_quoted = text.count('"', 0, cursor) % 2 == 1
    if not begun or begun[0].isdigit() or is_quoted or text[cursor : cursor + 1].strip():
        return Completion(start, cursor, ())
    before = text[:start].lower().split()
    if not before:
        found = _starting(begun, _SIDE_WORDS)
    elif before[-1] in ACCOUNT:
        found = [
            Suggestion(code.lower(), account.name)
            for code, account in accounts.items()
            if code.lower().startswith(begun)
        ]
    elif before[-1] in PEG:
        found = _starting(begun, _AFTER_PEG)
    elif before[-1] in LINKS:
        found = _starting(begun, _SIDE_WORDS | _WORDS)
    elif before[-1] in CAP:
        found = _starting(begun, _AFTER_CAP | _PRICES)
    elif before[-1] in STOP + STOP_LIMIT + LIMIT + TAKE_PROFIT + STOP_LOSS:
        found = _starting(begun, _PRICES)
    elif before[-1] in _ENDS:
        found = []
    else:
        has_symbol = any(word.upper() in instruments for word in before)
        found = [] if has_symbol else list(_symbols(begun, instruments))
        if any(word in ICEBERG for word in before):
            found += _starting(begun, _AFTER_ICEBERG)
        if any(word in TRAIL for word in before):
            found += _starting(begun, _AFTER_TRAIL)
        found += _starting(begun, _WORDS) + _starting(begun, _PRICES)
    return Completion(start, cursor, _worth_showing(begun, found))


def complete_symbol(text: str, instruments: Mapping[str, Instrument]) -> Completion:
    """Return the symbols that `text` may become."""
    begun = text.strip().lower()
    found = _symbols(begun, instruments) if begun else []
    upper = [Suggestion(each.word.upper(), each.note) for each in found]
    return Completion(0, len(text), _worth_showing(begun, upper))


def _starting(begun: str, words: Mapping[str, str]) -> list[Suggestion]:
    return [Suggestion(word, note) for word, note in words.items() if word.startswith(begun)]


def _symbols(begun: str, instruments: Mapping[str, Instrument]) -> list[Suggestion]:
    """Return symbols that begin so, the shortest first; then names of which a word does."""
    by_symbol = sorted(
        (s for s in instruments if s.lower().startswith(begun)), key=lambda s: (len(s), s)
    )
    by_name = [
        symbol
        for symbol, instrument in instruments.items()
        if len(begun) > 1
        and symbol not in by_symbol
        and any(word.startswith(begun) for word in instrument.name.lower().split())
    ]
    return [
        Suggestion(symbol.lower(), instruments[symbol].name)
        for symbol in (by_symbol + by_name)[:SUGGESTIONS_MAX]
    ]


def _worth_showing(begun: str, found: Collection[Suggestion]) -> tuple[Suggestion, ...]:
    """A word that is all there needs no list, unless it may become another one."""
    words = [each.word.lower() for each in found]
    return () if words == [begun] else tuple(found)[:SUGGESTIONS_MAX]
