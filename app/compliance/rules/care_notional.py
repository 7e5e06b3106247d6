"""A care order is worked in slices, so it may be worth more than one that is sent at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.compliance.rules import order_notional
from models.limits import Check, Gauge, Limit
from models.money import MONEY_SCALE

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

_TITLE = "Care notional"

RULE = {
    "name": "CARE_NOTIONAL",
    "scope": "care",
    "title": _TITLE,
    "rank": 41,
    "default": Limit(soft=50_000_000 * MONEY_SCALE, hard=200_000_000 * MONEY_SCALE),
    "unit": "money",
    "source": "SEC 15c3-5 (c)(1)(ii); MiFID II RTS 6 Art. 15(1)(b): maximum order value",
    "help": "The value of an order that the desk works; each of its slices has the order limit.",
}


def check(proposal: Proposal, limit: Limit) -> Check:
    """Compare the care order's value with the limits."""
    return order_notional.check(proposal, limit, "CARE_NOTIONAL")


def gauge(proposal: Proposal, limit: Limit) -> Gauge | None:
    """Return the care order's value between its limits."""
    return order_notional.gauge(proposal, limit, "CARE_NOTIONAL", _TITLE)
