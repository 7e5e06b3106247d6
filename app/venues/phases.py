"""The phases of a venue's day: calls, auctions, halts, and when each name goes on to the next.

A halt is a call without an end: the book stays as it is, cancels pass, new orders and amendments
wait in it for the auction that ends the halt, and what has to trade at once is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import msgspec

from app.matching.auction import Call
from app.matching.order_book import OrderBook
from models.market import Phase

_S = 1_000_000_000
_NEVER = 1 << 80
_DAY = (Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING, Phase.CLOSED)
_PHASE_OF = {
    None: Phase.CONTINUOUS,
    Call.OPENING: Phase.PRE_OPEN,
    Call.CLOSING: Phase.CLOSING,
    Call.VOLATILITY: Phase.VOLATILITY,
    Call.HALT: Phase.HALTED,
    Call.RESUMPTION: Phase.RESUMING,
    Call.CLOSED: Phase.CLOSED,
}


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """How long each phase of a venue's day lasts, in nanoseconds.

    The day begins at `start_ts`; 0 is the start of each session, or when the venue first hears the
    time. `volatility_ns` and `resumption_ns` are how long the calls last that a price band or the
    end of a halt begins. A call ends up to `random_end_ns` later than it should, differently for
    each name, drawn from `seed`: nobody can wait for its last moment.
    """

    start_ts: int = 0
    pre_open_ns: int = 600 * _S
    continuous_ns: int = 8 * 3_600 * _S
    closing_ns: int = 300 * _S
    volatility_ns: int = 120 * _S
    resumption_ns: int = 120 * _S
    random_end_ns: int = 0
    seed: int = 0

    def ends(self, symbol: str) -> tuple[int, int, int]:
        """Return when pre-open, continuous trading and the closing call end, from the start on."""
        opens = self.pre_open_ns + self._draw(symbol, Phase.PRE_OPEN)
        calls = self.pre_open_ns + self.continuous_ns
        return opens, max(opens, calls), calls + self.closing_ns + self._draw(symbol, Phase.CLOSING)

    def _draw(self, symbol: str, phase: Phase) -> int:
        if not self.random_end_ns:
            return 0
        return crc32(f"{self.seed}|{symbol}|{phase.value}".encode()) % (self.random_end_ns + 1)


# A day of a minute and a half, for demonstrations and tests.
SHORT = Schedule(
    pre_open_ns=10 * _S,
    continuous_ns=60 * _S,
    closing_ns=10 * _S,
    volatility_ns=5 * _S,
    resumption_ns=5 * _S,
    random_end_ns=2 * _S,
)


class _Name:
    """Where one name stands: its phase by the schedule, a call's end (0 for none), a halt."""

    __slots__ = ("is_halted", "phase", "until_ts")

    def __init__(self, phase: Phase) -> None:
        self.phase = phase
        self.until_ts = 0
        self.is_halted = False


class Phases:
    """Moves the books of a venue through its day; without a schedule they match all the time."""

    def __init__(self, schedule: Schedule | None = None) -> None:
        self._schedule = schedule
        self._lasts = schedule or Schedule()
        self._start_ts = schedule.start_ts if schedule is not None else 0
        self._names: dict[str, _Name] = {}
        self._next_ts = 0

    @property
    def has_closing(self) -> bool:
        """Whether there is a closing auction at all."""
        return self._schedule is not None

    @staticmethod
    def of(book: OrderBook) -> Phase:
        """Return the phase that a book is in."""
        return _PHASE_OF[book.call]

    def add(self, symbol: str, book: OrderBook, ts: int) -> None:
        """Bring a new book to where its name is at `ts`: no auction is held of nothing."""
        phase = self._wanted(symbol, ts)
        self._names[symbol] = _Name(phase)
        if phase is not Phase.CONTINUOUS:
            book.begin_call(_CALL_OF[phase])
        self._next_ts = 0

    def start_session(self, books: Mapping[str, OrderBook], ts: int) -> None:
        """Begin the day anew with its pre-open call, where the schedule has no times of its own."""
        if self._schedule is None or self._schedule.start_ts:
            return
        self._start_ts, self._next_ts = ts, 0
        for symbol, book in books.items():
            name = self._names[symbol]
            name.phase, name.until_ts = Phase.PRE_OPEN, 0
            book.begin_call(Call.HALT if name.is_halted else Call.OPENING)

    def halt(self, symbol: str, book: OrderBook) -> None:
        """Stop matching in a name until it is resumed."""
        name = self._names[symbol]
        name.is_halted, name.until_ts, self._next_ts = True, 0, 0
        if name.phase is not Phase.CLOSED:
            book.begin_call(Call.HALT)

    def resume(self, symbol: str, book: OrderBook, ts: int) -> None:
        """End a halt: with a call of its own, or in the call that is on by the schedule."""
        name = self._names[symbol]
        if not name.is_halted:
            return
        name.is_halted, self._next_ts = False, 0
        if name.phase is Phase.CONTINUOUS:
            name.until_ts = ts + self._lasts.resumption_ns
            book.begin_call(Call.RESUMPTION)
        elif name.phase is not Phase.CLOSED:
            book.begin_call(_CALL_OF[name.phase])

    def watch(self, symbol: str, book: OrderBook, ts: int) -> None:
        """Note that a trade has begun a volatility call, which has to end some time."""
        name = self._names[symbol]
        if book.call is Call.VOLATILITY and not name.until_ts:
            name.until_ts, self._next_ts = ts + self._lasts.volatility_ns, 0

    def turn(self, books: Mapping[str, OrderBook], ts: int) -> list[str]:
        """Let every name go on to where it is at `ts`; return those whose phase has changed."""
        self._start_ts = self._start_ts or ts
        if ts < self._next_ts:
            return []
        moved = [symbol for symbol, book in books.items() if self._bring(symbol, book, ts)]
        self._next_ts = min((self._changes_at(symbol) for symbol in self._names), default=_NEVER)
        return moved

    def _bring(self, symbol: str, book: OrderBook, ts: int) -> bool:
        name, before = self._names[symbol], book.call
        if name.until_ts and ts >= name.until_ts and not name.is_halted:
            name.until_ts = 0
            book.uncross()
        wanted = _DAY.index(self._wanted(symbol, ts))
        at = _DAY.index(name.phase)
        for phase in _DAY[at + 1 : wanted + 1]:
            self._enter(name, phase, book)
        if book.call not in (Call.VOLATILITY, Call.RESUMPTION):
            name.until_ts = 0
        self.watch(symbol, book, ts)
        return book.call is not before or wanted > at

    @staticmethod
    def _enter(name: _Name, phase: Phase, book: OrderBook) -> None:
        """Enter the next phase of the day; a halt lasts through them all but the last."""
        name.phase = phase
        if phase is Phase.CLOSED:
            if book.call is Call.CLOSING:
                book.uncross()
            book.begin_call(Call.CLOSED)
        elif name.is_halted:
            return
        elif phase is Phase.CONTINUOUS:
            book.uncross()
        else:
            book.begin_call(_CALL_OF[phase])

    def _wanted(self, symbol: str, ts: int) -> Phase:
        """Return the phase by the schedule alone."""
        if self._schedule is None:
            return Phase.CONTINUOUS
        since = ts - (self._start_ts or ts)
        return _DAY[sum(since >= end for end in self._schedule.ends(symbol))]

    def _changes_at(self, symbol: str) -> int:
        """Return when the name's phase may change next, 2^80 for never."""
        name = self._names[symbol]
        until = name.until_ts or _NEVER
        at = _DAY.index(name.phase)
        if self._schedule is None or name.phase is Phase.CLOSED:
            return until
        return min(until, self._start_ts + self._schedule.ends(symbol)[at])


_CALL_OF = {
    Phase.PRE_OPEN: Call.OPENING,
    Phase.CLOSING: Call.CLOSING,
    Phase.CLOSED: Call.CLOSED,
}
