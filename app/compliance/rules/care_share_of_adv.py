"""A care order may take days of a name's volume; how many is still to be said on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.compliance.rules import share_of_adv
from models.limits import Check, Gauge, Limit

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

_TITLE = "Care share of ADV"

RULE = {
    "name": "CARE_ADV",
    "scope": "care",
    "title": _TITLE,
    "rank": 51,
    "default": Limit(soft=5_000, hard=30_000),
    "unit": "bps",
    "source": "MiFID II RTS 6 Art. 15(1)(c): maximum order volume",
    "help": "A care order's quantity as a share of the name's average daily volume.",
}


def check(proposal: Proposal, limit: Limit) -> Check:
    """Compare quantity over ADV with the limits."""
    return share_of_adv.check(proposal, limit, "CARE_ADV")


def gauge(proposal: Proposal, limit: Limit) -> Gauge | None:
    """Return the care order's share of the day's volume."""
    return share_of_adv.gauge(proposal, limit, "CARE_ADV", _TITLE)
