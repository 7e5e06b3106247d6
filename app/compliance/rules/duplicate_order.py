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
    "help": "Same account, symbol, side, quantity and price within this time of an earlier order. "
    "A strategy's slices are alike on purpose.",
}

_PASS = Check("DUPLICATE", Outcome.PASS)


def check(proposal: Proposal, limit: Limit) -> Check:
    """Hold an order like an earlier one until the trader says that it is meant."""
    if proposal.twin is None or proposal.is_amendment or proposal.by_strategy:
        return _PASS
    then, order_id = proposal.twin
    age = proposal.ts - then
    for outcome, within in ((Outcome.HARD, limit.hard), (Outcome.SOFT, limit.soft)):
        if within is not None and age <= within:
            return _breach(outcome, order_id, age, within)
    return _PASS


def _breach(outcome: Outcome, order_id: str, age: int, within: int) -> Check:
    way_out = "Wait" if outcome is Outcome.HARD else "Wait, or give a reason if it is meant"
    text = (
        f"Same account, side, quantity and price as {order_id}, {_seconds(age)} s earlier; orders "
        f"alike within {_seconds(within)} s are held. {way_out}."
    )
    return Check("DUPLICATE", outcome, age, within, text)


def _seconds(nanos: int) -> str:
    tenths = (nanos + _NANOS // 20) // (_NANOS // 10)
    return f"{tenths // 10}.{tenths % 10}"
