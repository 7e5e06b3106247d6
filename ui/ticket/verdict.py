"""What the ticket says of a draft in plain words: its mistakes, its checks, and its button."""

from __future__ import annotations

from dataclasses import dataclass

from app.compliance.rulebook import breaches
from app.core.judgement import FieldError, Judgement
from models.instruments import Instrument
from models.limits import Outcome
from models.orders import OrderTerms


@dataclass(frozen=True)
class Verdict:
    """What may be done with a draft, and why.

    Attributes:
        outcome: PASS may be sent, SOFT with a reason, HARD not at all.
        lines: (tone, sign, words) of each thing to say, the gravest first.
        errors: mistakes by field, to be marked where they stand.
    """

    outcome: Outcome
    lines: tuple[tuple[str, str, str], ...]
    errors: tuple[FieldError, ...]


_SIGNS = {Outcome.HARD: ("blocked", "■"), Outcome.SOFT: ("warning", "⚠")}


def of_mistakes(errors: list[FieldError]) -> Verdict:
    """Return the verdict on a draft that can't be read."""
    lines = tuple(("muted", "·", error.text) for error in errors)
    return Verdict(Outcome.HARD, lines, tuple(errors))


def of_judgement(judgement: Judgement) -> Verdict:
    """Return the verdict that the engine's own rules give."""
    if judgement.errors:
        lines = tuple(("blocked", "■", error.text) for error in judgement.errors)
        return Verdict(Outcome.HARD, lines, judgement.errors)
    broken = sorted(breaches(judgement.checks), key=lambda check: check.outcome is not Outcome.HARD)
    spoken = [(*_SIGNS[check.outcome], check.text) for check in broken]
    passed = len(judgement.checks) - len(broken)
    if passed:
        spoken.append(("good", "✓", f"{passed} check{'' if passed == 1 else 's'} pass"))
    return Verdict(judgement.outcome, tuple(spoken), ())


def button_text(terms: OrderTerms, instrument: Instrument) -> str:
    """Return exactly what is sent: `BUY 5,000 AAPL @ 190.50 DAY → SIM`."""
    words = [terms.side.label, f"{terms.qty:,}", terms.symbol]
    if terms.stop_px is not None:
        words += ["stop", instrument.show_price(terms.stop_px)]
    if terms.limit_px is not None:
        words += ["@", instrument.show_price(terms.limit_px)]
    elif terms.stop_px is None:
        words.append("at market")
    return " ".join([*words, terms.time_in_force.label, "→", terms.venue])
