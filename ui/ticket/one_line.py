"""The one-line entry: `b 5k aapl 190.5 ioc acct growth`, and back from the fields. No Qt.

A side first; then quantity and symbol in either order; then, in any order, a limit price, `mkt`,
`stop PRICE`, a time in force, `acct NAME`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from models.errors import BadInput
from models.money import parse_price, parse_qty
from models.orders import OrderType, Side, TimeInForce
from ui.ticket.draft import Draft

SIDES = {
    "b": Side.BUY,
    "buy": Side.BUY,
    "s": Side.SELL,
    "sell": Side.SELL,
    "ss": Side.SELL_SHORT,
    "short": Side.SELL_SHORT,
}
_SHORTEST = {Side.BUY: "b", Side.SELL: "s", Side.SELL_SHORT: "ss"}
_MARKET = ("mkt", "market")
_STOP = ("stop", "stp")
_ACCOUNT = ("acct", "account")
_FORCES = {force.value: force for force in TimeInForce}
_WORD = re.compile(r"\S+")


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


class _Reader:
    """Reads one line, a word at a time."""

    def __init__(self, start: Draft, symbols: Collection[str], accounts: Collection[str]) -> None:
        self.draft = replace(start, qty="", symbol="", limit="", stop="")
        self.symbols = symbols
        self.accounts = {account.upper(): account for account in accounts}
        self.mistakes: list[Mistake] = []
        self.expects: Callable[[str], str] | None = None
        self.is_market = False

    def read(self, at: int, word: str) -> str:
        """Take one word; return why it means nothing, empty when it does."""
        lowered = word.lower()
        if self.expects is not None:
            take, self.expects = self.expects, None
            return take(word)
        if at == 0 and lowered in SIDES:
            self.draft.side = SIDES[lowered]
        elif lowered in _MARKET:
            self.is_market = True
        elif lowered in _STOP:
            self.expects = self._take_stop
        elif lowered in _ACCOUNT:
            self.expects = self._take_account
        elif lowered in _FORCES:
            self.draft.time_in_force = _FORCES[lowered]
        elif word.upper() in self.symbols and not self.draft.symbol:
            self.draft.symbol = word.upper()
        else:
            return self._take_number(at, word)
        return ""

    def _take_number(self, at: int, word: str) -> str:
        if not self.draft.qty:
            try:
                parse_qty(word)
            except BadInput:
                pass
            else:
                self.draft.qty = word
                return ""
        try:
            parse_price(word.removeprefix("@"))
        except BadInput:
            if at == 0:
                return f"{word!r} is no side: begin with b, s or ss."
            if not self.draft.symbol:
                return f"{word!r} is not in the security master."
            return f"{word!r} is not understood here."
        if self.draft.limit:
            return f"{word!r} is a second price; a stop price goes after `stop`."
        self.draft.limit = word.removeprefix("@")
        return ""

    def _take_stop(self, word: str) -> str:
        try:
            parse_price(word)
        except BadInput as error:
            return str(error)
        self.draft.stop = word
        return ""

    def _take_account(self, word: str) -> str:
        account = self.accounts.get(word.upper())
        if account is None:
            return f"{word!r} is no open account."
        self.draft.account = account
        return ""

    def finish(self) -> None:
        """Settle the type from the prices that were given."""
        draft = self.draft
        if self.is_market:
            draft.order_type, draft.limit, draft.stop = OrderType.MARKET, "", ""
        elif draft.stop:
            draft.order_type = OrderType.STOP_LIMIT if draft.limit else OrderType.STOP
        else:
            draft.order_type = OrderType.LIMIT


def parse(text: str, start: Draft, symbols: Collection[str], accounts: Collection[str]) -> Line:
    """Return what `text` says; what it leaves out is taken from `start` (side, account, force)."""
    reader = _Reader(start, symbols, accounts)
    for at, found in enumerate(_WORD.finditer(text)):
        reason = reader.read(at, found.group())
        if reason:
            reader.mistakes.append(Mistake(found.start(), found.end(), reason))
    if reader.expects is not None:
        reader.mistakes.append(Mistake(len(text), len(text), "Something is missing at the end."))
    reader.finish()
    return Line(reader.draft, tuple(reader.mistakes))


def write(draft: Draft) -> str:
    """Return the line that says what `draft` holds."""
    words = [_SHORTEST[draft.side], draft.qty, draft.symbol.lower()]
    if draft.order_type is OrderType.MARKET:
        words.append("mkt")
    if draft.order_type.has_stop and draft.stop:
        words += ["stop", draft.stop]
    if draft.order_type.has_limit:
        words.append(draft.limit)
    if draft.time_in_force is not TimeInForce.DAY:
        words.append(draft.time_in_force.value)
    if draft.account:
        words += ["acct", draft.account.lower()]
    return " ".join(word for word in words if word)
