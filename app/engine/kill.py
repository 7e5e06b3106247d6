"""A kill that does not wait for the store: what it stops, cancels, and has written down later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.core.desk_state import DeskState
from app.ports import CancelRequest, NewOrder, ReplaceOrder, VenueMessage
from models.commands import SYSTEM, CancelOrders, Command, HaltTrading, VenueReport
from models.order_state import Trigger
from models.orders import order_id_of

RESUMED_TOO_EARLY = (
    "The engine was killed on its machine after this was asked. Look at what happened, and resume "
    "again."
)


class LocalKill(NamedTuple):
    """Somebody on this machine halts everything; `note` says who, when and why."""

    kill_id: str
    note: str


class KillRecorded(NamedTuple):
    """The log has the kill and what it caused; from here on a person's resume ends it."""

    kill_id: str


class Kill:
    """A kill, from when it was asked until the log has it.

    Cancels leave without having been appended, which nothing else may: the log hears of them
    first thing when the store answers, and until then no new order and no amendment passes.

    Attributes:
        given: what was asked.
        cancels: what goes to venues at once.
        is_decided: whether its events are on their way into the log.
    """

    def __init__(self, given: LocalKill, state: DeskState) -> None:
        self.given = given
        routed = (order for order in state.live_orders() if order.is_routed)
        self.cancels = [CancelRequest(cl_ord_id=order.cl_ord_id) for order in routed]
        self.is_decided = False

    def commands(self, state: DeskState) -> list[Command]:
        """Return what has to be decided before anything else: halts, and then the cancels."""
        desks = {trader.desk for trader in state.traders.values()}
        desks |= {order.desk for order in state.live_orders()}
        kill_id, note = self.given
        return [
            HaltTrading(id=f"{kill_id}-halt-{desk}", author=SYSTEM, desk=desk, note=note)
            for desk in sorted(desks)
        ] + [
            CancelOrders(id=f"{kill_id}-cancel-{desk}", author=SYSTEM, desk=desk)
            for desk in sorted(desks)
        ]

    def stop(
        self, messages: Sequence[VenueMessage], state: DeskState
    ) -> tuple[list[VenueMessage], list[VenueReport]]:
        """Return what of `messages` still goes to venues, and what became of the rest.

        An order that was appended but had not left ends here: no venue will ever report on it.
        """
        canceled = {request.cl_ord_id for request in self.cancels}
        passing: list[VenueMessage] = []
        reports: list[VenueReport] = []
        for message in messages:
            if isinstance(message, NewOrder):
                reports.append(self._unsent(message, Trigger.CANCEL, state))
            elif isinstance(message, ReplaceOrder):
                reports.append(self._unsent(message, Trigger.REJECT_REPLACE, state))
            elif not (isinstance(message, CancelRequest) and message.cl_ord_id in canceled):
                passing.append(message)
        return passing, reports

    def _unsent(
        self, message: NewOrder | ReplaceOrder, trigger: Trigger, state: DeskState
    ) -> VenueReport:
        venue = state.orders[order_id_of(message.cl_ord_id)].venue
        return VenueReport(
            id=f"{self.given.kill_id}-unsent-{message.cl_ord_id}",
            author=venue,
            cl_ord_id=message.cl_ord_id,
            trigger=trigger,
            text=f"Never sent to {venue}: the engine was killed before it left.",
        )
