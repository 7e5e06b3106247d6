"""What the ticket says of a draft in plain words: its mistakes, its checks, and its button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.compliance.rulebook import breaches
from app.core.differences import differences
from app.core.judgement import FieldError, Judgement
from models.instruments import Instrument
from models.limits import Gauge, Outcome
from models.orders import Order, OrderTerms, Replacement
from ui.ticket.outlook import Line
from ui.ticket.wording import force_words, instruction_words, price_words, trail_words

NEAR_PERCENT = 90
_WRITTEN = ("qty", "limit", "stop")  # what an amendment's button says in any case


@dataclass(frozen=True)
class Verdict:
    """What may be done with a draft, and why.

    Attributes:
        outcome: PASS may be sent, SOFT with a reason, HARD not at all.
        lines: each thing to say, the gravest first.
        errors: mistakes by field, to be marked where they stand.
    """

    outcome: Outcome
    lines: tuple[Line, ...]
    errors: tuple[FieldError, ...]


_SIGNS = {Outcome.HARD: ("blocked", "■"), Outcome.SOFT: ("warning", "⚠")}
# Where a rule's breach is put right, for the field to be marked.
_FIELDS = {
    "NOTIONAL": "qty",
    "ADV": "qty",
    "COLLAR": "limit_px",
    "RESTRICTED": "symbol",
    "ENTITLEMENT": "account",
}


def of_mistakes(errors: Iterable[FieldError]) -> Verdict:
    """Return the verdict on a draft that can't be read."""
    found = tuple(errors)
    return Verdict(Outcome.HARD, tuple(("muted", "·", error.text) for error in found), found)


def standstill(text: str) -> Verdict:
    """Return the verdict where nothing can be sent now, whatever the draft says."""
    return Verdict(Outcome.HARD, (("blocked", "■", text),), ())


def of_judgement(
    judgement: Judgement, gauges: tuple[Gauge, ...] = (), outlook: tuple[Line, ...] = ()
) -> Verdict:
    """Return the verdict that the engine's own rules give.

    `gauges` tell what a limit is near, `outlook` what the order will do.
    """
    if judgement.errors:
        lines = tuple(("blocked", "■", error.text) for error in judgement.errors)
        return Verdict(Outcome.HARD, lines, judgement.errors)
    broken = sorted(breaches(judgement.checks), key=lambda check: check.outcome is not Outcome.HARD)
    spoken: list[Line] = [(*_SIGNS[check.outcome], check.text) for check in broken]
    passed = len(judgement.checks)
    if passed and not broken:
        spoken.append(("good", "✓", f"{passed} check{'' if passed == 1 else 's'} pass"))
        spoken += [("warning", "⚠", words) for words in _near(gauges)]
    spoken += outlook
    errors = tuple(
        FieldError(_FIELDS[check.rule], check.text) for check in broken if check.rule in _FIELDS
    )
    return Verdict(judgement.outcome, tuple(spoken), errors)


def is_near(gauge: Gauge) -> bool:
    """Whether an order that passes comes near its next limit."""
    is_close = gauge.value * 100 >= gauge.bound * NEAR_PERCENT
    return gauge.outcome is Outcome.PASS and gauge.value > 0 and is_close


def _near(gauges: tuple[Gauge, ...]) -> list[str]:
    words = []
    for gauge in gauges:
        if is_near(gauge):
            level = "warning level" if gauge.bound == gauge.soft else "limit"
            bound = gauge.text.rpartition(" of ")[2]
            words.append(f"Near the {bound} {level}; nothing to do")
    return words


def button_text(terms: OrderTerms, instrument: Instrument) -> str:
    """Return exactly what is sent: `BUY 5,000 AAPL @ 190.50 DAY iceberg 500 → SIM`."""
    words = [terms.side.label, f"{terms.qty:,}", terms.symbol, *price_words(terms, instrument)]
    words += [*force_words(terms), *instruction_words(terms)]
    return " ".join([*words, "→", terms.venue])


def amend_text(
    order: Order, terms: OrderTerms, asked: Replacement | None, instrument: Instrument
) -> str:
    """Return exactly what is asked: `AMEND O-1 5,000 → 8,000 @ 190.50 → 191.00 force DAY → GTC`."""
    show = instrument.show_price
    words = ["AMEND", order.order_id, _moved(f"{order.qty:,}", f"{terms.qty:,}")]
    more: list[str] = []
    if asked is not None:
        changed = differences(order, asked, instrument)
        more = [str(each) for each in changed if each.name not in _WRITTEN]
    if order.order_type.trails:  # its prices are the venue's, and not part of what is asked
        told = more or trail_words(terms, instrument)
        return " ".join([*words, *told])
    if order.stop_px is not None and terms.stop_px is not None:
        words += ["stop", _moved(show(order.stop_px), show(terms.stop_px))]
    if order.limit_px is not None and terms.limit_px is not None:
        words += ["@", _moved(show(order.limit_px), show(terms.limit_px))]
    return " ".join([*words, *more])


def _moved(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"
