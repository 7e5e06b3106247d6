"""How much room an order has: what it uses of each limit, and the largest that may be sent.

For the ticket as one types. It asks `judge`, so it can't say anything else than the engine will.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.compliance.rulebook import read_gauges
from app.core.context import Context
from app.core.desk_state import DeskState
from app.core.judgement import QTY_MAX, judge, propose
from models.limits import Gauge, Outcome
from models.orders import Order, OrderTerms


class Headroom(msgspec.Struct, frozen=True, kw_only=True):
    """What `terms` use of each limit, and the largest quantities, 0 where not even a lot may go.

    `largest_clean_qty` passes every check without a warning; `largest_allowed_qty` may be sent,
    if with a reason.
    """

    gauges: tuple[Gauge, ...] = ()
    largest_clean_qty: int = 0
    largest_allowed_qty: int = 0


def headroom(
    state: DeskState,
    login: str,
    desk: str,
    terms: OrderTerms,
    context: Context,
    amends: Order | None = None,
    parent: Order | None = None,
) -> Headroom:
    """Return the room that `terms` have; their quantity may be anything, also 0 or off the lot.

    Empty where they could not be sent in any quantity, because something else is wrong in them.
    How much of it is shown or has to trade at once uses no limit, and stays out of it. A slice of
    `parent` is no larger than what that has left to send.
    """
    terms = msgspec.structs.replace(terms, display_qty=None, varies=False, min_qty=None)
    instrument, book = state.instruments.get(terms.symbol), state.rule_book
    if instrument is None or book is None:
        return Headroom()
    lot = instrument.lot
    # Orders alike make single quantities fail in the middle of those that pass, so they stay out
    # of the halving: `_below` passes over them.
    alone = msgspec.structs.replace(state, twins={})

    def outcome(lots: int, of: DeskState = alone) -> Outcome:
        asked = msgspec.structs.replace(terms, qty=lots * lot)
        return judge(of, login, desk, asked, context, amends, parent).outcome

    least = max(1, -(-amends.committed_qty // lot)) if amends is not None else 1
    smallest = msgspec.structs.replace(terms, qty=least * lot)
    if judge(alone, login, desk, smallest, context, amends, parent).errors:
        return Headroom()
    allowed = _most(least, QTY_MAX // lot, lambda lots: outcome(lots) is not Outcome.HARD)
    clean = _most(least, allowed, lambda lots: outcome(lots) is Outcome.PASS)
    if state.twins:
        allowed = _below(allowed, lambda lots: outcome(lots, state) is not Outcome.HARD)
        clean = _below(clean, lambda lots: outcome(lots, state) is Outcome.PASS)
    proposal = propose(state, book, login, desk, terms, context, amends)
    return Headroom(
        gauges=read_gauges(book, proposal),
        largest_clean_qty=clean * lot,
        largest_allowed_qty=allowed * lot,
    )


def tightest(first: Headroom, other: Headroom) -> Headroom:
    """Return the room of `first` where `other`, of the same quantity, has to pass too."""
    return Headroom(
        gauges=first.gauges,
        largest_clean_qty=min(first.largest_clean_qty, other.largest_clean_qty),
        largest_allowed_qty=min(first.largest_allowed_qty, other.largest_allowed_qty),
    )


def _most(least: int, high: int, passes: Callable[[int], bool]) -> int:
    """Return the largest number from `least` to `high` that passes, 0 when none does.

    What follows a fail fails too.
    """
    if high < least or not passes(least):
        return 0
    low = least
    while low < high:
        middle = (low + high + 1) // 2
        if passes(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _below(lots: int, passes: Callable[[int], bool]) -> int:
    """Return the largest number from `lots` down that passes, 0 when none does."""
    while lots and not passes(lots):
        lots -= 1
    return lots
