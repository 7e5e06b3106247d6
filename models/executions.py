"""Executions: what was traded, once each, identified by an id that a replay gives again."""

from __future__ import annotations

import msgspec

from models.orders import Side


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fill. `px` in 1e-9 units, `qty` in units, `ts` in nanoseconds UTC.

    A fill that a person reports by hand has them as its `author`, and `counterparty` is who they
    dealt with.
    """

    exec_id: str
    order_id: str
    desk: str
    symbol: str
    side: Side
    account: str
    qty: int
    px: int
    ts: int
    venue: str
    author: str = ""
    counterparty: str = ""

    @property
    def is_manual(self) -> bool:
        """Whether a person reported it, and no venue."""
        return bool(self.author)


class Position(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Net quantity of one symbol in one account, and the money (millionths) spent less received.

    `open_qty` was held when the day started, worth `open_px` (0: the security master's previous
    close); `day_cost` is what was spent less received since.
    """

    qty: int = 0
    cost: int = 0
    open_qty: int = 0
    day_cost: int = 0
    open_px: int = 0


def execution_id(order_id: str, cum_qty_before: int) -> str:
    """Return the id of a simulated fill: a pure function of the fill, so that a replay dedupes."""
    return f"{order_id}:{cum_qty_before}"
