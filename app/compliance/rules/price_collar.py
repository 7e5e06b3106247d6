"""A price far through the market is a mistake until proved otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Gauge, Limit, Outcome, next_limit
from models.money import BPS, format_bps
from models.orders import Side

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

_TITLE = "Price collar"

RULE = {
    "name": "COLLAR",
    "title": _TITLE,
    "rank": 30,
    "default": Limit(soft=300, hard=500),
    "unit": "bps",
    "source": "SEC 15c3-5 (c)(1)(ii); MiFID II RTS 6 Art. 15(1)(a); LULD bands as a proxy",
    "help": "A buy may not be priced above, nor a sale below, the reference price by more than "
    "this; tier 2 names get twice as much. A resting price on the far side is no risk.",
}

_PASS = Check("COLLAR", Outcome.PASS)


def check(proposal: Proposal, limit: Limit) -> Check:
    """Compare the limit price with the last price (a stop-limit's with its own stop price)."""
    terms = proposal.terms
    if proposal.reference_px is None:
        return Check(
            "COLLAR",
            Outcome.HARD,
            text=f"{terms.symbol} has no live reference price, so its price can't be judged. "
            "Wait for the market data to come back.",
        )
    if terms.limit_px is None:
        return _PASS
    reference, against = _anchor(proposal, proposal.reference_px)
    through = _through(proposal, reference)
    if through <= 0:
        return _PASS
    # A tier 2 name's LULD band is twice a tier 1 name's.
    for outcome, bound in ((Outcome.HARD, limit.hard), (Outcome.SOFT, limit.soft)):
        allowed = None if bound is None else bound * proposal.instrument.tier
        if allowed is not None and through * BPS > reference * allowed:
            return _breach(proposal, outcome, reference, allowed, against)
    return Check("COLLAR", Outcome.PASS, through * BPS // reference, limit.hard or 0)


def gauge(proposal: Proposal, limit: Limit) -> Gauge | None:
    """Return how far through the market the price is; `None` without a price to compare."""
    if proposal.reference_px is None or proposal.terms.limit_px is None:
        return None
    reference, _ = _anchor(proposal, proposal.reference_px)
    through = max(0, _through(proposal, reference)) * BPS
    value = -(-through // reference)
    tier = proposal.instrument.tier
    soft = None if limit.soft is None else limit.soft * tier
    hard = None if limit.hard is None else limit.hard * tier
    text = f"{format_bps(through // reference)} of {format_bps(next_limit(value, soft, hard))}"
    return Gauge("COLLAR", _TITLE, value, soft, hard, text)


def _anchor(proposal: Proposal, reference: int) -> tuple[int, str]:
    """Return the price that the limit is compared with, and its name."""
    stop_px = proposal.terms.stop_px
    if stop_px is not None and not proposal.is_triggered:
        return stop_px, "the stop"
    return reference, "the last"


def _through(proposal: Proposal, reference: int) -> int:
    """Return by how much the limit is worse than `reference`; not positive where it is no risk."""
    limit_px = proposal.terms.limit_px or 0
    return (limit_px - reference) * proposal.terms.side.sign


def _breach(
    proposal: Proposal, outcome: Outcome, reference: int, allowed: int, against: str
) -> Check:
    instrument, terms = proposal.instrument, proposal.terms
    limit_px = terms.limit_px or 0
    buys = terms.side is Side.BUY
    value = abs(limit_px - reference) * BPS // reference
    edge = reference + (reference * allowed // BPS if buys else -(reference * allowed // BPS))
    tick = instrument.tick_at(edge)
    edge = edge // tick * tick if buys else -(-edge // tick) * tick
    way_out = f"{'Lower' if buys else 'Raise'} it to {instrument.show_price(edge)}"
    text = (
        f"Limit price {instrument.show_price(limit_px)} is {format_bps(value)} "
        f"{'above' if buys else 'below'} {against} {instrument.show_price(reference)}; "
        f"the collar {'allows' if outcome is Outcome.HARD else 'warns over'} "
        f"{format_bps(allowed)}. "
        f"{way_out}{'' if outcome is Outcome.HARD else ' or give a reason'}."
    )
    return Check("COLLAR", outcome, value, allowed, text)
