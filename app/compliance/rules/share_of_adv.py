"""An order that is a large part of a day's volume moves the price against its client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Gauge, Limit, Outcome, next_limit
from models.money import BPS, format_bps, ratio_bps

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

_TITLE = "Share of ADV"

RULE = {
    "name": "ADV",
    "scope": "sent",
    "title": _TITLE,
    "rank": 50,
    "default": Limit(soft=1_000, hard=2_500),
    "unit": "bps",
    "source": "MiFID II RTS 6 Art. 15(1)(c): maximum order volume",
    "help": "The order's quantity as a share of the name's average daily volume.",
}


def check(proposal: Proposal, limit: Limit, name: str = "ADV") -> Check:
    """Compare quantity over ADV with the limits; an unknown ADV has to be confirmed."""
    adv, qty = proposal.instrument.adv, proposal.terms.qty
    if adv <= 0:
        return Check(
            name,
            Outcome.SOFT,
            text=f"{proposal.terms.symbol} has no average daily volume in the security master, "
            "so its share can't be told. Give a reason to send it all the same.",
        )
    share = ratio_bps(qty, adv)
    for outcome, bound in ((Outcome.HARD, limit.hard), (Outcome.SOFT, limit.soft)):
        if bound is not None and qty * BPS > adv * bound:
            return _breach(proposal, name, outcome, share, bound)
    return Check(name, Outcome.PASS, share, limit.soft or limit.hard or 0)


def gauge(proposal: Proposal, limit: Limit, name: str = "ADV", title: str = _TITLE) -> Gauge | None:
    """Return the order's share of the day's volume; `None` where that volume isn't known."""
    adv = proposal.instrument.adv
    if adv <= 0:
        return None
    value = -(-proposal.terms.qty * BPS // adv)
    bound = next_limit(value, limit.soft, limit.hard)
    text = f"{format_bps(ratio_bps(proposal.terms.qty, adv))} of {format_bps(bound)}"
    return Gauge(name, title, value, limit.soft, limit.hard, text)


def _breach(proposal: Proposal, name: str, outcome: Outcome, share: int, bound: int) -> Check:
    instrument = proposal.instrument
    largest = instrument.adv * bound // BPS // instrument.lot * instrument.lot
    way_out = f"Lower it to {largest:,}" if largest else "Trade a more liquid name"
    verb = "allows" if outcome is Outcome.HARD else "warns over"
    or_reason = " or give a reason" if outcome is Outcome.SOFT else ""
    text = (
        f"Quantity {proposal.terms.qty:,} is {format_bps(share)} of the average daily volume "
        f"{instrument.adv:,}; the limit {verb} {format_bps(bound)}. "
        f"{way_out}{or_reason}."
    )
    return Check(name, outcome, share, bound, text)
