"""The watch list's columns, as data: a new column is one more entry in the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.core.context import Quote
from app.session.step import SessionCore
from models.market import Phase
from models.money import BPS
from ui.market.phase_words import PHASE_WORDS, sign_words
from ui.tables.columns import Column, Kind, text_column

_TENTHS = 10


@dataclass
class Watched:
    """One line of the list: `place` is where its person has put it."""

    symbol: str
    place: int


@dataclass
class WatchFacts:
    """What the columns look at beside the session's quotes.

    `positions` is what the desk holds, by symbol; `is_stale` that the quotes are not live; `quiet`
    for how long nothing has happened in a name whose quotes are, in words.
    """

    positions: dict[str, int]
    is_stale: bool = False
    quiet: dict[str, str] = field(default_factory=dict)


def positions_of(core: SessionCore) -> dict[str, int]:
    """Return what the desk holds of each symbol, all accounts together."""
    held: dict[str, int] = {}
    for key, position in core.state.positions.items():
        desk, _, symbol = key.split("|", 2)
        if desk == core.desk:
            held[symbol] = held.get(symbol, 0) + position.qty
    return held


def change_bps(last: int, prev_close: int) -> int | None:
    """Return the change since the previous close in basis points, rounded half away from zero."""
    if not last or prev_close <= 0:
        return None
    gap = last - prev_close
    size = (2 * abs(gap) * BPS + prev_close) // (2 * prev_close)
    return size if gap >= 0 else -size


def signed_percent(bps: int | None) -> str:
    """Return basis points as `+1.24%`, `−0.07%`, `0.00%`; empty for None."""
    if bps is None:
        return ""
    sign = "+" if bps > 0 else "−" if bps < 0 else ""
    return f"{sign}{abs(bps) // 100}.{abs(bps) % 100:02d}%"


def spread_tenths(quote: Quote | None) -> int | None:
    """Return the spread in tenths of a basis point of the mid; None where a side is empty."""
    if quote is None or not quote.bid or not quote.ask:
        return None
    return ((quote.ask - quote.bid) * BPS * _TENTHS * 2 + quote.mid) // (2 * quote.mid)


def watch_columns(core: SessionCore, facts: WatchFacts) -> list[Column[Watched]]:
    """Return the columns over the quotes of `core`."""

    def quote(row: Watched) -> Quote | None:
        return core.quotes.get(row.symbol)

    def stale(row: Watched) -> str | None:
        return "stale" if facts.is_stale else None

    def phase(row: Watched) -> Phase:
        found = quote(row)
        return found.phase if found is not None else Phase.CONTINUOUS

    def phase_tone(row: Watched) -> str:
        return stale(row) or PHASE_WORDS[phase(row)].tone

    def symbol_text(row: Watched) -> str:
        now = phase(row)
        return row.symbol if now is Phase.CONTINUOUS else f"{row.symbol} {PHASE_WORDS[now].sign}"

    def price(
        name: str, title: str, px: Callable[[Quote], int], help: str, tone: str | None = None
    ) -> Column[Watched]:
        def value(row: Watched) -> int | None:
            found = quote(row)
            return px(found) or None if found is not None else None

        def text(row: Watched) -> str:
            instrument, found = core.state.instruments.get(row.symbol), value(row)
            return instrument.show_price(found) if instrument is not None and found else ""

        return Column(
            name, title, Kind.PRICE, 58, value, text, help, tone=lambda row: stale(row) or tone,
            strong=name == "last",
        )  # fmt: skip

    def name_of(row: Watched) -> str:
        instrument = core.state.instruments.get(row.symbol)
        return instrument.name if instrument is not None else "not listed"

    def change(row: Watched) -> int | None:
        instrument, found = core.state.instruments.get(row.symbol), quote(row)
        if instrument is None or found is None:
            return None
        return change_bps(found.last, instrument.prev_close)

    def change_tone(row: Watched) -> str | None:
        bps = change(row)
        return stale(row) or (None if not bps else "gain" if bps > 0 else "loss")

    def volume(row: Watched) -> int | None:
        found = quote(row)
        return found.volume if found is not None else None

    def ticks(row: Watched) -> int | None:
        instrument, found = core.state.instruments.get(row.symbol), quote(row)
        if instrument is None or found is None or not found.bid or not found.ask:
            return None
        return (found.ask - found.bid) // instrument.tick_at(found.bid)

    def bps_text(row: Watched) -> str:
        tenths = spread_tenths(quote(row))
        return "" if tenths is None else f"{tenths // _TENTHS:,}.{tenths % _TENTHS}"

    def position(row: Watched) -> int | None:
        return facts.positions.get(row.symbol) or None

    def position_text(row: Watched) -> str:
        held = position(row)
        return "" if held is None else f"{'+' if held > 0 else '−'}{abs(held):,}"

    return [
        Column(
            "symbol", "Symbol", Kind.TEXT, 64, lambda row: row.symbol, symbol_text,
            "Ticker, and a sign where the market does not trade in it: see Phase",
            tone=lambda row: None if phase(row) is Phase.CONTINUOUS else phase_tone(row),
            strong=True,
        ),
        price("last", "Last", lambda q: q.last, "Last trade"),
        Column(
            "change", "Chg", Kind.PERCENT, 62, change, lambda row: signed_percent(change(row)),
            "Last trade against the previous close", tone=change_tone,
        ),
        price("bid", "Bid", lambda q: q.bid, "Best price that somebody buys at", "buy"),
        price("ask", "Ask", lambda q: q.ask, "Best price that somebody sells at", "sell"),
        text_column("name", "Name", 132, name_of, "Its name", tone=lambda row: "muted"),
        Column(
            "volume", "Volume", Kind.INTEGER, 104, volume,
            lambda row: "" if volume(row) is None else f"{volume(row):,}",
            "Quantity traded today", tone=stale,
        ),
        Column(
            "ticks", "Sprd tk", Kind.INTEGER, 58, ticks,
            lambda row: "" if ticks(row) is None else f"{ticks(row):,}",
            "Spread between bid and ask, in ticks", tone=stale,
        ),
        Column(
            "spread", "Sprd bp", Kind.INTEGER, 60, lambda row: spread_tenths(quote(row)), bps_text,
            "Spread between bid and ask, in basis points of the mid", tone=stale, scale=_TENTHS,
        ),
        Column(
            "position", "Position", Kind.INTEGER, 82, position, position_text,
            "What the desk holds, all accounts together; − is short",
        ),
        text_column(
            "phase", "Phase", 88, lambda row: sign_words(phase(row)),
            "What the market does in the name, where it is not trading: an auction's call, a halt",
            tone=phase_tone,
        ),
        text_column(
            "quiet", "Quiet", 62, lambda row: facts.quiet.get(row.symbol, ""),
            "For how long nothing has happened in the name, on a feed that lives",
            tone=lambda row: "muted",
        ),
        Column(
            "place", "No.", Kind.INTEGER, 44, lambda row: row.place, lambda row: f"{row.place:,}",
            "Your own order: sort by it, then move rows with Alt+Up and Alt+Down", visible=False,
        ),
    ]  # fmt: skip
