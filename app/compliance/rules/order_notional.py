"""One order may not be worth more than the desk can lose by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Gauge, Limit, Outcome, next_limit
from models.money import MONEY_SCALE, format_money

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

_TITLE = "Order notional"

RULE = {
    "name": "NOTIONAL",
    "scope": "sent",
    "title": _TITLE,
    "rank": 40,
    "default": Limit(soft=1_000_000 * MONEY_SCALE, hard=20_000_000 * MONEY_SCALE),
    "unit": "money",
    "source": "SEC 15c3-5 (c)(1)(ii); MiFID II RTS 6 Art. 15(1)(b): maximum order value",
    "help": "The order's value (at its limit, else the reference price) in the book's currency.",
}


def check(proposal: Proposal, limit: Limit, name: str = "NOTIONAL") -> Check:
    """Compare the order's value with the limits; an order that can't be valued is refused."""
    value, currency, terms = proposal.notional, proposal.currency, proposal.terms
    if value is None:
        missing = (
            f"there is no rate from {proposal.instrument.currency} to {currency}"
            if proposal.effective_px is not None
            else "it has no live price"
        )
        return Check(
            name,
            Outcome.HARD,
            text=f"{terms.symbol} can't be valued: {missing}. "
            "Ask operations, or use a limit price once there is one.",
        )
    for outcome, bound in ((Outcome.HARD, limit.hard), (Outcome.SOFT, limit.soft)):
        if bound is not None and value > bound:
            way_out = _way_out(proposal, bound)
            if outcome is Outcome.SOFT:
                way_out += " or give a reason"
            verb = "allows" if outcome is Outcome.HARD else "warns over"
            text = (
                f"Order value {format_money(value, 0)} {currency} is over the order limit, which "
                f"{verb} {format_money(bound, 0)}. {way_out}."
            )
            return Check(name, outcome, value, bound, text)
    return Check(name, Outcome.PASS, value, limit.soft or limit.hard or 0)


def gauge(
    proposal: Proposal, limit: Limit, name: str = "NOTIONAL", title: str = _TITLE
) -> Gauge | None:
    """Return the order's value between its limits; `None` where it can't be valued."""
    value = proposal.notional
    if value is None:
        return None
    text = _share(value, next_limit(value, limit.soft, limit.hard))
    return Gauge(name, title, value, limit.soft, limit.hard, text)


def _share(value: int, bound: int) -> str:
    """Write `0.95 of 1.0m`: both in the bound's thousands, millions or billions."""
    powers = ((9, "b"), (6, "m"), (3, "k"))
    power, letter = next((p for p in powers if bound >= 10 ** p[0] * MONEY_SCALE), (0, ""))
    unit = 10**power * MONEY_SCALE
    return f"{_figures(value, unit, 2)} of {_figures(bound, unit, 1)}{letter}"


def _figures(amount: int, unit: int, places: int) -> str:
    """Write `amount` in `unit` with `places` decimals, one less from 10 and again from 100."""
    for over in (10, 100):
        places -= amount >= over * unit and places > 0
    return format_money(amount * MONEY_SCALE // unit, places)


def _way_out(proposal: Proposal, bound: int) -> str:
    lot = proposal.instrument.lot
    qty = proposal.terms.qty * bound // (proposal.notional or 1) // lot * lot
    return f"Lower the quantity to {qty:,}" if qty > 0 else "Trade a smaller name"
