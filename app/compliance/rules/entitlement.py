"""Nobody trades what, or for whom, they are not entitled to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Limit, Outcome
from models.parties import Role

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

RULE = {
    "name": "ENTITLEMENT",
    "rank": 10,
    "default": Limit(),
    "unit": "",
    "source": "SEC 15c3-5 (c)(2)(iii): authorised persons only",
    "help": "The person must be a trader or desk head, entitled to the account and asset class.",
}

_PASS = Check("ENTITLEMENT", Outcome.PASS)
_MAY_TRADE = (Role.TRADER, Role.DESK_HEAD)


def check(proposal: Proposal, limit: Limit) -> Check:
    """Refuse unknown people, other roles, and accounts and asset classes not granted."""
    trader, terms = proposal.trader, proposal.terms
    if trader is None:
        return _refuse(f"{proposal.login} is not known at this desk. Ask operations for a login.")
    if trader.role not in _MAY_TRADE:
        return _refuse(
            f"{trader.login} is {trader.role.replace('_', ' ')}, who may not send orders. "
            "Ask a trader of the desk."
        )
    if terms.account not in trader.accounts:
        return _refuse(
            f"{trader.login} may not trade for account {terms.account}; entitled to "
            f"{', '.join(trader.accounts) or 'none'}. Choose one of those."
        )
    if proposal.instrument.asset_class not in trader.asset_classes:
        kind = proposal.instrument.asset_class.replace("_", " ")
        return _refuse(
            f"{trader.login} may not trade {kind}s such as {terms.symbol}. "
            "Pass the order to a trader who may."
        )
    return _PASS


def _refuse(text: str) -> Check:
    return Check("ENTITLEMENT", Outcome.HARD, text=text)
