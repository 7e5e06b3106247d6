"""The same order twice within seconds is most often one order sent twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.limits import Check, Limit, Outcome

if TYPE_CHECKING:
    from app.compliance.rulebook import Proposal

_NANOS = 1_000_000_000

RULE = {
    "name": "DUPLICATE",
    "rank": 60,
    "default": Limit(soft=5 * _NANOS),
    "unit": "ns",
    "source": "SEC 15c3-5 (c)(1)(ii): duplicative orders",
    "help": "Same account, symbol, side, quantity and price within this time of an earlier order.",
}

_PASS = Check("DUPLICATE", Outcome.PASS)


def check(proposal: Proposal, limit: Limit) -> Check:
    """Hold an order like an earlier one until the trader says that it is meant."""
    if proposal.twin is None or limit.soft is None or proposal.is_amendment:
        return _PASS
    then, order_id = proposal.twin
    age = proposal.ts - then
    if age > limit.soft:
        return _PASS
    text = (
        f"Same account, side, quantity and price as {order_id}, {_seconds(age)} s earlier; orders "
        f"alike within {_seconds(limit.soft)} s are held. Wait, or give a reason if it is meant."
    )
    return Check("DUPLICATE", Outcome.SOFT, age, limit.soft, text)


def _seconds(nanos: int) -> str:
    tenths = (nanos + _NANOS // 20) // (_NANOS // 10)
    return f"{tenths // 10}.{tenths % 10}"
