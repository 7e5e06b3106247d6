"""One order may not be worth more than the desk can lose by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Limit, Outcome
from models.money import MONEY_SCALE, format_money

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

RULE = {
    "name": "NOTIONAL",
    "rank": 40,
    "default": Limit(soft=1_000_000 * MONEY_SCALE, hard=20_000_000 * MONEY_SCALE),
    "unit": "money",
    "source": "SEC 15c3-5 (c)(1)(ii); MiFID II RTS 6 Art. 15(1)(b): maximum order value",
    "help": "The order's value (at its limit, else the reference price) in the book's currency.",
}


def check(proposal: Proposal, limit: Limit) -> Check:
    """Compare the order's value with the limits; an order that can't be valued is refused."""
    value, currency, terms = proposal.notional, proposal.currency, proposal.terms
    if value is None:
        missing = (
            f"there is no rate from {proposal.instrument.currency} to {currency}"
            if proposal.effective_px is not None
            else "it has no live price"
        )
        return Check(
            "NOTIONAL",
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
            return Check("NOTIONAL", outcome, value, bound, text)
    return Check("NOTIONAL", Outcome.PASS, value, limit.soft or limit.hard or 0)


def _way_out(proposal: Proposal, bound: int) -> str:
    lot = proposal.instrument.lot
    qty = proposal.terms.qty * bound // (proposal.notional or 1) // lot * lot
    return f"Lower the quantity to {qty:,}" if qty > 0 else "Trade a smaller name"
