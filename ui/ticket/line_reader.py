"""Reads an order line word by word; what it says as a whole is settled at its end. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from app.core.context import Quote
from models.errors import BadInput
from models.instruments import Instrument
from models.money import parse_price, parse_qty
from models.order_support import (
    all_or_none_objection,
    display_objection,
    min_qty_objection,
    pair_objection,
    post_only_objection,
)
from models.orders import DESK, Capacity, OrderType, Peg, Side, TimeInForce
from models.workflow import Contingency
from ui.ticket.days import last_day
from ui.ticket.draft import WORDS_MAX, Draft, plain_price
from ui.ticket.relative import is_relative, qty_worth, relative_price, value_of
from ui.ticket.trail import BP, read_offset, read_trail

SIDES = {
    "b": Side.BUY,
    "buy": Side.BUY,
    "s": Side.SELL,
    "sell": Side.SELL,
    "ss": Side.SELL_SHORT,
    "short": Side.SELL_SHORT,
}
LIMIT = ("lmt", "limit")
CAP = ("cap",)
STOP = ("stop", "stp")
STOP_LIMIT = ("stl",)
ACCOUNT = ("acct", "account")
ICEBERG = ("iceberg", "display")
RANDOM = ("random",)
MIN_QTY = ("min",)
POST_ONLY = ("post", "postonly")
TRAIL = ("trail", "trl")
PEG = ("peg",)
WHOLE = ("aon",)
TAKE_PROFIT = ("tp",)
STOP_LOSS = ("sl",)
BY = ("by",)
NOTE = ("note",)
CARE = ("care",)
POOL = ("pool",)
STAGE = ("stage",)
# Words after which another order of the same group follows.
LINKS = {"oco": Contingency.OCO, "then": Contingency.OTO}
CAPACITIES = {
    "agency": Capacity.AGENCY,
    "principal": Capacity.PRINCIPAL,
    "riskless": Capacity.RISKLESS_PRINCIPAL,
}
GTD = TimeInForce.GTD.value
_KINDS = {
    "mkt": OrderType.MARKET,
    "market": OrderType.MARKET,
    "mtl": OrderType.MARKET_TO_LIMIT,
    "stl": OrderType.STOP_LIMIT,
    **dict.fromkeys(TRAIL, OrderType.TRAILING_STOP),
    **dict.fromkeys(PEG, OrderType.PEGGED),
}
_BPS = (BP, "bps")
_FORCES = {force.value: force for force in TimeInForce}
_AT_MARKET = (OrderType.MARKET, OrderType.MARKET_TO_LIMIT)
# What is said once, of all orders of a group.
_OF_THE_FIRST = (*CARE, *POOL, *STAGE, *CAP, *BY, *NOTE, *TAKE_PROFIT, *STOP_LOSS)
_MISSING = {
    LIMIT: "a price, such as 190.50",
    CAP: "principal, agency or riskless, or how far a peg goes",
    TAKE_PROFIT: "the price at which the profit is taken",
    STOP_LOSS: "the price at which the loss is stopped",
    BY: "who decided it",
    NOTE: "the client's words, in quotes",
    STOP: "the price that triggers it",
    STOP_LIMIT: "the price that triggers it",
    ACCOUNT: "an account",
    ICEBERG: "how much of it is shown, such as 500",
    MIN_QTY: "how much has to trade at once, such as 500",
    TRAIL: "how far it trails, 0.50 or 25bp",
    PEG: "what it follows: primary, mid or market",
    (GTD,): "the last day, 2026-12-01 or +5d",
}

# Letters from, up to.
Span = tuple[int, int]


class Reason(NamedTuple):
    """Why the letters `span` mean nothing."""

    span: Span
    text: str


class LineReader:
    """Reads one order: a line's only one, or one of those that hang together.

    Attributes:
        draft: what has been read.
    """

    def __init__(
        self,
        start: Draft,
        instruments: Mapping[str, Instrument],
        accounts: Collection[str],
        quotes: Mapping[str, Quote],
        today: str,
        first: Draft | None = None,
    ) -> None:
        """`first` is the order that this one hangs together with, when it is not itself that."""
        self._first = first
        self.draft = replace(
            Draft(side=start.side, account=start.account, venue=start.venue),
            time_in_force=start.time_in_force,
            expire=start.expire,
        )
        self._instruments, self._quotes, self._today = instruments, quotes, today
        self._accounts = {account.upper(): account for account in accounts}
        self._expects: tuple[tuple[str, ...], Callable[[str], str]] | None = None
        self._kind: OrderType | None = None
        self._by_quote: dict[str, str] = {}
        self._by_value = ""
        self._limit_is_bare = False
        self._spans: dict[str, Span] = {}
        self._now: Span = (0, 0)
        self._takes: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
            (LIMIT, self._take_limit),
            (CAP, self._take_cap),
            (TAKE_PROFIT, lambda word: self._take_price("take_profit", word)),
            (STOP_LOSS, lambda word: self._take_price("stop_loss", word)),
            (BY, self._take_decider),
            (NOTE, self._take_note),
            (STOP, self._take_stop),
            (STOP_LIMIT, self._take_stop),
            (TRAIL, self._take_trail),
            (PEG, self._take_peg),
            (ACCOUNT, self._take_account),
            (ICEBERG, lambda word: self._take_qty("display", word)),
            (MIN_QTY, lambda word: self._take_qty("min_qty", word)),
            ((GTD,), self._take_day),
        )

    # -- word by word --------------------------------------------------------------------------

    def read(self, at: int, word: str, span: Span) -> str:
        """Take the word number `at`; return why it means nothing, empty when it does."""
        lowered, self._now = word.lower(), span
        if self._expects is not None:
            (_, take), self._expects = self._expects, None
            return take(word)
        if self._first is not None and lowered in _OF_THE_FIRST:
            return f"{word!r} is said of all of them: put it before the first oco or then."
        if at == 0 and lowered in SIDES:
            self.draft.side = SIDES[lowered]
        elif word.upper() in self._instruments and not self.draft.symbol:
            self.draft.symbol = word.upper()  # before all other words: POST and DAY are listed
        elif not self._take_keyword(lowered):
            return self._take_number(at, word)
        return ""

    def _take_keyword(self, word: str) -> bool:
        """Take a word of the language; return whether it is one."""
        draft, is_known = self.draft, False
        if word in _KINDS:
            self._kind, is_known = _KINDS[word], True
        if word in _FORCES:
            draft.time_in_force, is_known = _FORCES[word], True
            self._spans["force"] = self._now
        if word in POST_ONLY:
            draft.post_only = is_known = True
            self._spans["post"] = self._now
        elif word in WHOLE:
            draft.all_or_none = is_known = True
            self._spans["whole"] = self._now
        elif word in RANDOM:
            draft.varies = is_known = True
            self._spans["random"] = self._now
        elif word in CARE or word in POOL:
            draft.venue, draft.unclaimed, is_known = DESK, word in POOL, True
        elif word in STAGE:
            draft.staged = is_known = True
        elif word in _BPS and draft.trail.isdecimal():
            draft.trail += BP
            is_known = True
        for words, take in self._takes:
            if word in words:
                self._expects, is_known = (words, take), True
        return is_known

    def _take_number(self, at: int, word: str) -> str:
        if not self.draft.qty and not self._by_value and not self._shares_qty:
            try:
                if value_of(word) is not None:
                    self._by_value = word
                    self._spans["value"] = self._now
                else:
                    parse_qty(word)
                    self.draft.qty = word
            except BadInput:
                pass
            else:
                return ""
        if self._kind is OrderType.PEGGED and word[0] in "+-":
            return self._take_offset(word)
        if not is_relative(word.lower()):
            try:
                parse_price(word.removeprefix("@"))
            except BadInput:
                if at == 0:
                    return f"{word!r} is no side: begin with b, s or ss."
                if not self.draft.symbol:
                    return f"{word!r} is not in the security master."
                return f"{word!r} is not understood here."
        if self.draft.limit or "limit" in self._by_quote:
            return f"{word!r} is a second price; a stop price goes after `stop`."
        self._limit_is_bare = True
        return self._take_price("limit", word)

    def _take_limit(self, word: str) -> str:
        self._limit_is_bare = False
        return self._take_price("limit", word)

    def _take_cap(self, word: str) -> str:
        """A capacity, or how far a peg goes at most."""
        capacity = CAPACITIES.get(word.lower())
        if capacity is None:
            return self._take_limit(word)
        self.draft.capacity = capacity
        return ""

    def _take_decider(self, word: str) -> str:
        self.draft.decided_by = unquoted(word)
        return ""

    def _take_note(self, word: str) -> str:
        said = unquoted(word)
        if len(said) > WORDS_MAX:
            return f"The words have {len(said):,} letters; {WORDS_MAX:,} are kept. Shorten them."
        self.draft.words = said
        return ""

    def _take_stop(self, word: str) -> str:
        return self._take_price("stop", word)

    def _take_price(self, field: str, word: str) -> str:
        self._spans[field] = self._now
        if is_relative(word.lower()):
            self._by_quote[field] = word.lower()
            return ""
        try:
            parse_price(word.removeprefix("@"))
        except BadInput as error:
            return str(error)
        setattr(self.draft, field, word.removeprefix("@"))
        return ""

    def _take_qty(self, field: str, word: str) -> str:
        self._spans[field] = self._now
        try:
            parse_qty(word)
        except BadInput as error:
            return str(error)
        setattr(self.draft, field, word)
        return ""

    def _take_trail(self, word: str) -> str:
        try:
            _, bps = read_trail(word)
        except BadInput as error:
            return str(error)
        self.draft.trail = word if bps is None else f"{bps}{BP}"
        return ""

    def _take_peg(self, word: str) -> str:
        try:
            self.draft.peg = Peg(word.lower())
        except ValueError:
            return f"{word!r} is nothing to follow: say primary, mid or market."
        return ""

    def _take_offset(self, word: str) -> str:
        try:
            read_offset(word)
        except BadInput as error:
            return str(error)
        self.draft.peg_offset = word
        return ""

    def _take_day(self, word: str) -> str:
        try:
            self.draft.expire = last_day(word, self._today)
        except BadInput as error:
            return str(error)
        return ""

    def _take_account(self, word: str) -> str:
        account = self._accounts.get(word.upper())
        if account is None:
            return f"{word!r} is no open account."
        self.draft.account = account
        return ""

    # -- as a whole ----------------------------------------------------------------------------

    @property
    def may_end(self) -> bool:
        """Whether another order may follow here."""
        has_symbol = bool(self.draft.symbol) or self._first is not None
        return has_symbol and self._expects is None

    @property
    def _shares_qty(self) -> bool:
        """Whether it is of the quantity of the first: what one of an OCO trades, all do."""
        return self._first is not None and self._first.contingency is Contingency.OCO

    @property
    def missing(self) -> str:
        """What has to follow the last word, empty when it may be the last."""
        if self._expects is None:
            return ""
        words, _ = self._expects
        return f"After `{words[0]}` something is missing: {_MISSING[words]}."

    def finish(self) -> list[Reason]:
        """Settle the type, and what the quote says; return what turns out to mean nothing."""
        draft, first = self.draft, self._first
        if first is not None and not draft.symbol:
            draft.symbol = first.symbol
        found = self._settle_type()
        if draft.time_in_force is not TimeInForce.GTD:
            draft.expire = ""
        found += self._settle_prices()
        found += self._settle_qty()
        if draft.varies and not draft.display:
            draft.varies = False
            text = "`random` is how an iceberg's tranches vary: iceberg 500 random."
            found.append(Reason(self._spans["random"], text))
        return found + self._objections()

    def _settle_type(self) -> list[Reason]:
        draft, kind = self.draft, self._kind
        has_stop = bool(draft.stop or "stop" in self._by_quote)
        has_limit = bool(draft.limit or "limit" in self._by_quote)
        if kind is OrderType.TRAILING_STOP:
            return self._settle_trail(has_stop, has_limit)
        draft.trail = ""
        if kind is OrderType.PEGGED:
            return self._settle_peg(has_stop)
        if kind in _AT_MARKET:
            assert kind is not None
            draft.order_type, draft.limit, draft.stop = kind, "", ""
            self._forget_prices()
        elif has_stop or kind is OrderType.STOP_LIMIT:
            is_both = has_limit or kind is OrderType.STOP_LIMIT
            draft.order_type = OrderType.STOP_LIMIT if is_both else OrderType.STOP
        else:
            draft.order_type = OrderType.LIMIT
        return []

    def _settle_peg(self, has_stop: bool) -> list[Reason]:
        """A peg's price is the venue's; a price beside it is how far it goes at most."""
        self.draft.order_type, self.draft.stop = OrderType.PEGGED, ""
        self._by_quote.pop("stop", None)
        text = "A peg follows the market and waits for no stop: leave out stop, or peg."
        return [Reason(self._spans["stop"], text)] if has_stop else []

    def _settle_trail(self, has_stop: bool, has_limit: bool) -> list[Reason]:
        """A trailing stop's prices are the venue's; after `limit` stands its limit's distance."""
        draft, found = self.draft, []
        draft.order_type = OrderType.TRAILING_STOP
        if has_stop:
            text = "A trailing stop has no stop price of its own: leave it out, or leave out trail."
            found.append(Reason(self._spans["stop"], text))
        if has_limit and (self._limit_is_bare or "limit" in self._by_quote):
            text = "A trailing stop's limit is a distance from its stop: limit 0.05."
            found.append(Reason(self._spans["limit"], text))
        elif has_limit:
            draft.order_type, draft.offset = OrderType.TRAILING_STOP_LIMIT, draft.limit
        draft.limit = draft.stop = ""
        self._forget_prices()
        return found

    def _forget_prices(self) -> None:
        """Its own prices are the venue's; those of its exits are not."""
        for field in ("limit", "stop"):
            self._by_quote.pop(field, None)

    def _objections(self) -> list[Reason]:
        """Return what does not go with the rest of the line."""
        terms = self.draft.bare_terms()
        says = {
            "force": pair_objection(terms.order_type, terms.time_in_force),
            "display": display_objection(terms) if self.draft.display else "",
            "min_qty": min_qty_objection(terms) if self.draft.min_qty else "",
            "post": post_only_objection(terms) if self.draft.post_only else "",
            "whole": all_or_none_objection(terms) if self.draft.all_or_none else "",
        }
        return [
            Reason(self._spans[name], text)
            for name, text in says.items()
            if text and name in self._spans
        ]

    def _settle_prices(self) -> list[Reason]:
        found = []
        instrument = self._instruments.get(self.draft.symbol)
        for field, word in self._by_quote.items():
            span = self._spans[field]
            if instrument is None:
                text = f"{word!r} is a price by the quote; say the symbol first."
                found.append(Reason(span, text))
                continue
            quote = self._quotes.get(instrument.symbol)
            try:
                price = relative_price(word, self.draft.side, instrument, quote)
            except BadInput as error:
                found.append(Reason(span, str(error)))
                continue
            setattr(self.draft, field, plain_price(instrument, price))
        return found

    def _settle_qty(self) -> list[Reason]:
        instrument, word = self._instruments.get(self.draft.symbol), self._by_value
        if not word or instrument is None:
            return []
        try:
            qty = qty_worth(
                word, value_of(word) or 0, instrument, self._price_to_size_by(instrument)
            )
        except BadInput as error:
            return [Reason(self._spans["value"], str(error))]
        self.draft.qty = str(qty)
        return []

    def _price_to_size_by(self, instrument: Instrument) -> int:
        """Return the order's own price, else what it would meet in the market now; 0 for none."""
        for written in (self.draft.limit, self.draft.stop):
            if written:
                return parse_price(written)
        quote = self._quotes.get(instrument.symbol)
        if quote is None:
            return 0
        return (quote.ask if self.draft.side is Side.BUY else quote.bid) or quote.last


def unquoted(word: str) -> str:
    """Return what a word in quotes says; a quote within it is written twice."""
    if not word.startswith('"'):
        return word
    inner = word[1:]
    return (inner.removesuffix('"') if _is_closed(inner) else inner).replace('""', '"')


def _is_closed(inner: str) -> bool:
    """Whether the quotes at the end of `inner` close it: an odd number of them does."""
    return (len(inner) - len(inner.rstrip('"'))) % 2 == 1
