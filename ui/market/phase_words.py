"""How a market's phase is said: its sign, tone and words, and the line of an auction. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from models.market import Depth, Phase


class PhaseWords(NamedTuple):
    """A phase as it is shown: sign, tone, words, and a word for where there is little room."""

    sign: str
    tone: str
    words: str
    brief: str


# The call before the open is called an auction as soon as something would trade in it.
OPENING_AUCTION: Final = PhaseWords("◇", "pending", "OPENING AUCTION", "OPENING")
PHASE_WORDS: Final = {
    Phase.PRE_OPEN: PhaseWords("◇", "pending", "PRE-OPEN", "PRE-OPEN"),
    Phase.CONTINUOUS: PhaseWords("●", "gain", "CONTINUOUS", "CONT"),
    Phase.VOLATILITY: PhaseWords("⚠", "warning", "VOLATILITY AUCTION", "VOLATILITY"),
    Phase.HALTED: PhaseWords("■", "blocked", "HALTED", "HALTED"),
    Phase.RESUMING: PhaseWords("◇", "warning", "RESUMPTION AUCTION", "RESUMING"),
    Phase.CLOSING: PhaseWords("◇", "pending", "CLOSING CALL", "CLOSING"),
    Phase.CLOSED: PhaseWords("■", "stale+", "CLOSED", "CLOSED"),
}
_WAITS: Final = {
    Phase.HALTED: "Orders wait for the auction that ends it; cancels pass",
    Phase.CLOSED: "Orders are refused until the next pre-open call",
}


def phase_words(phase: Phase, indicative_px: int = 0) -> PhaseWords:
    """Return how `phase` is said; an indicative price tells that an auction is on."""
    if phase is Phase.PRE_OPEN and indicative_px:
        return OPENING_AUCTION
    return PHASE_WORDS[phase]


def sign_words(phase: Phase) -> str:
    """Return a phase for a narrow column, empty while all is as usual: `■ Halted`."""
    if phase is Phase.CONTINUOUS:
        return ""
    words = PHASE_WORDS[phase]
    return f"{words.sign} {words.brief.capitalize()}"


def auction_lines(depth: Depth, price: Callable[[int], str]) -> tuple[str, ...]:
    """Return what an auction of `depth` would do now, in two lines; none while the market trades.

    `◇ Opening auction · Indicative 190.52`, `12,300 paired · 4,100 more to buy`; `price` writes a
    price.
    """
    phase = depth.phase
    if phase is Phase.CONTINUOUS:
        return ()
    said = phase_words(phase, depth.indicative_px)
    head = f"{said.sign} {said.words.capitalize()}"
    if depth.indicative_px:
        more = f"{depth.paired_qty:,} paired · {_left_over(depth.imbalance)}"
        return f"{head} · Indicative {price(depth.indicative_px)}", more
    return head, _WAITS.get(phase, "Nothing pairs yet")


def _left_over(imbalance: int) -> str:
    if not imbalance:
        return "balanced"
    return f"{abs(imbalance):,} more to {'buy' if imbalance > 0 else 'sell'}"
