"""Names on the restricted list are not traded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Limit, Outcome

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

RULE = {
    "name": "RESTRICTED",
    "rank": 20,
    "default": Limit(),
    "unit": "",
    "source": "SEC 15c3-5 (c)(2)(ii): restricted securities",
    "help": "The symbol must not be on the firm's restricted list.",
}

_PASS = Check("RESTRICTED", Outcome.PASS)


def check(proposal: Proposal, limit: Limit) -> Check:
    """Refuse any order in a restricted name."""
    if proposal.restricted is None:
        return _PASS
    return Check(
        "RESTRICTED",
        Outcome.HARD,
        text=f"{proposal.terms.symbol} is on the restricted list: {proposal.restricted}. "
        "Ask compliance.",
    )
