"""Telephone executions captured while the store does not answer: drafts until a person sends them.

A draft's id is the id of the command that will book it: it may be sent as often as one likes, and
is booked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from models.orders import Order, Side

_LATE_NS = 7 * 24 * 3_600_000_000_000


class DraftState(StrEnum):
    """How far a draft has come."""

    DRAFT = "draft"
    SENT = "sent"
    BOOKED = "booked"
    REFUSED = "refused"
    DROPPED = "dropped"


class ManualExecution(msgspec.Struct, frozen=True, kw_only=True):
    """What was dealt by telephone: quantities in units, `px` in 1e-9 units, times in ns UTC.

    `said` is why it was dropped, or what the engine had against it.
    """

    draft_id: str
    order_id: str
    symbol: str
    side: Side
    account: str
    qty: int
    px: int
    counterparty: str
    traded_ts: int
    captured_ts: int
    captured_by: str
    note: str = ""
    state: DraftState = DraftState.DRAFT
    said: str = ""
    is_manual: bool = True

    @property
    def is_waiting(self) -> bool:
        """Whether it is neither booked nor dropped."""
        return self.state in (DraftState.DRAFT, DraftState.SENT)

    @property
    def exec_id(self) -> str:
        """The id of the execution that it becomes."""
        return f"M-{self.draft_id}"


def capture_objection(
    order: Order | None,
    qty: int,
    px: int,
    counterparty: str,
    traded_ts: int,
    now_ts: int,
    drafts: Iterable[ManualExecution],
) -> str:
    """Return why an execution can't be written down; empty when it can."""
    if order is None:
        return "Choose the order that it was dealt on."
    if qty <= 0:
        return "Quantity has to be above 0. Enter what was dealt."
    taken = sum(each.qty for each in drafts if each.is_waiting and each.order_id == order.order_id)
    room = (order.room if order.is_care else order.leaves_qty) - taken
    if qty > room:
        return (
            f"{qty:,} is more than the {max(0, room):,} left of {order.order_id} as last known, "
            "drafts counted. Correct the quantity."
        )
    if px <= 0:
        return "Price has to be above 0. Enter what was dealt at."
    if not counterparty.strip():
        return "Say who it was dealt with: the broker's name or code."
    if not -_LATE_NS < traded_ts - now_ts <= 0:
        return "The time of the deal is in the future, or more than 7 days ago. Correct it."
    return ""


def waiting(drafts: Sequence[ManualExecution]) -> int:
    """Return how many drafts are neither booked nor dropped."""
    return sum(each.is_waiting for each in drafts)
