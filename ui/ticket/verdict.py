"""What the ticket says of a draft in plain words: its mistakes, its checks, and its button."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from app.compliance.rulebook import breaches
from app.core.differences import differences
from app.core.judgement import FieldError, Judgement
from models.instruments import Instrument
from models.limits import Gauge, Outcome
from models.orders import Order, OrderTerms, Replacement
from models.workflow import Contingency
from ui.ticket.legs import STOP_LOSS, Group, Leg
from ui.ticket.outlook import Line
from ui.ticket.wording import (
    decision_words,
    force_words,
    instruction_words,
    order_words,
    price_words,
    trail_words,
)

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
_GRAVEST = (Outcome.HARD, Outcome.SOFT, Outcome.PASS)
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


def of_faults(errors: Iterable[FieldError]) -> Verdict:
    """Return the verdict on what is all there and can't be sent so."""
    found = tuple(errors)
    return Verdict(Outcome.HARD, tuple(("blocked", "■", error.text) for error in found), found)


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


def of_group(
    judged: Sequence[tuple[Leg, Judgement]],
    gauges: tuple[Gauge, ...] = (),
    outlook: tuple[Line, ...] = (),
) -> Verdict:
    """Return the verdict on orders that are sent together: none goes when one may not."""
    verdicts = [(leg, of_judgement(told)) for leg, told in _told_once(judged)]
    found = {judgement.outcome for _, judgement in judged}
    outcome = next(each for each in _GRAVEST if each in found)
    lines: list[Line] = []
    for leg, verdict in verdicts:
        start = f"{leg.name}: " if leg.name else ""
        lines += [
            (tone, sign, start + text) for tone, sign, text in verdict.lines if tone != "good"
        ]
    if outcome is Outcome.PASS:
        passed = sum(len(judgement.checks) for _, judgement in judged)
        lines.insert(0, ("good", "✓", f"{passed} checks of {len(judged)} orders pass"))
        lines += [("warning", "⚠", words) for words in _near(gauges)]
    errors = [
        FieldError(leg.fields.get(error.field, "" if leg.name else error.field), error.text)
        for leg, verdict in verdicts
        for error in verdict.errors
    ]
    return Verdict(outcome, (*lines, *outlook), tuple(errors))


def _told_once(judged: Sequence[tuple[Leg, Judgement]]) -> Iterator[tuple[Leg, Judgement]]:
    """Leave out of each what was said of one before it: a rule that warns of them all says it once.

    What can't be sent at all is said of each, as it may be put right in one alone.
    """
    said: set[str] = set()
    for leg, judgement in judged:
        soft = {check.rule for check in judgement.checks if check.outcome is Outcome.SOFT}
        new = tuple(check for check in judgement.checks if check.rule not in said & soft)
        yield leg, msgspec.structs.replace(judgement, checks=new)
        said |= soft


def kept(verdict: Verdict) -> Verdict:
    """Return the verdict on staging what `verdict` is of: a limit holds it up at its release."""
    if verdict.outcome is Outcome.PASS:
        return verdict
    is_soft = verdict.outcome is Outcome.SOFT
    later = "want a reason" if is_soft else "be refused until that is put right"
    lines = [line if line[0] == "muted" else ("warning", "⚠", line[2]) for line in verdict.lines]
    lines.append(("muted", "·", f"It can be staged; its release will {later}"))
    return replace(verdict, outcome=Outcome.PASS, lines=tuple(lines))


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


def button_text(terms: OrderTerms, instrument: Instrument, verb: str = "", to: str = "") -> str:
    """Return exactly what is sent: `BUY 5,000 AAPL @ 190.50 DAY iceberg 500 → SIM`.

    `verb` says that it is staged or a slice, `to` where it goes when that is no venue alone.
    """
    words = [verb] if verb else []
    words += [*order_words(terms, instrument), *decision_words(terms)]
    return " ".join([*words, "→", to or terms.venue])


def group_text(group: Group, instruments: Mapping[str, Instrument]) -> str:
    """Return exactly what is sent of a group, with what all have in common once, at its end.

    `BRACKET BUY 5,000 AAPL @ 190.50, take profit 195.00, stop 185.00 DAY → SIM`
    """
    first, *others = group.legs
    end = [*decision_words(first.terms), "→", first.terms.venue]
    kind = group.contingency
    if kind is not Contingency.BRACKET:
        link = " or " if kind is Contingency.OCO else ", then "
        told = (
            " ".join(order_words(leg.terms, instruments[leg.terms.symbol])) for leg in group.legs
        )
        return " ".join([kind.label, link.join(told), *end])
    terms, instrument, force = first.terms, instruments[first.terms.symbol], others[0].terms
    words = [terms.side.label, f"{terms.qty:,}", terms.symbol, *price_words(terms, instrument)]
    if force_words(force) != force_words(terms):
        words += force_words(terms)
    words += instruction_words(terms)
    exits = [f", {_exit_words(leg, instrument)}" for leg in others]
    return " ".join([kind.label, " ".join(words) + "".join(exits), *force_words(force), *end])


def _exit_words(leg: Leg, instrument: Instrument) -> str:
    if leg.name == STOP_LOSS:
        return f"stop {instrument.show_price(leg.terms.stop_px or 0)}"
    return f"take profit {instrument.show_price(leg.terms.limit_px or 0)}"


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
