"""Taking new orders into the desk: what every way of entering one has in common."""

from __future__ import annotations

from app.compliance.rulebook import breaches
from app.core.context import Context
from app.core.decide.registry import raise_alert, short_id
from app.core.desk_state import DeskState
from app.core.judgement import Judgement
from models.alerts import Severity
from models.events import (
    AnyEvent,
    OrderAccepted,
    OrderAcknowledged,
    OrderDenied,
    OrderReleased,
    OrderRouted,
    OrderStaged,
)
from models.limits import Check, Outcome
from models.orders import DESK, Order, OrderTerms, client_order_id

REASON_MAX = 500


def may_pass(judgement: Judgement, reason: str) -> bool:
    """Whether an order so judged may be sent, given the reason for its soft breaches."""
    outcome = judgement.outcome
    if outcome is Outcome.SOFT:
        return bool(reason.strip())
    return outcome is Outcome.PASS


class Entry:
    """Builds the events of one decision that enters orders; it gives out their numbers in turn.

    `command_id` is the command's; the orders of a decision that enters several have it with a
    number behind, so that each has an id of its own. `next_number` is the first that is free.
    """

    def __init__(
        self, state: DeskState, context: Context, command_id: str, author: str, number: int = 0
    ) -> None:
        self.events: list[AnyEvent] = []
        self._state = state
        self._context = context
        self._command_id = command_id
        self._author = author
        self.next_number = number or state.next_number()
        self._orders = 0

    def _take(self, letter: str) -> str:
        number = self.next_number
        self.next_number += 1
        return short_id(self._state, letter, number)

    def _own_id(self) -> str:
        self._orders += 1
        return self._command_id if self._orders == 1 else f"{self._command_id}.{self._orders}"

    def accept(
        self,
        desk: str,
        trader: str,
        terms: OrderTerms,
        judgement: Judgement,
        reason: str = "",
        *,
        parent_id: str = "",
        group_id: str = "",
        by_strategy: bool = False,
    ) -> str:
        """Take an order that may pass and send it on its way; returns its id."""
        order_id = self._take("O")
        self.events.append(
            OrderAccepted(
                ts=self._context.ts,
                desk=desk,
                order_id=order_id,
                command_id=self._own_id(),
                trader=trader,
                terms=terms,
                checks=judgement.checks,
                arrival_px=self._mid(terms.symbol),
                reason=reason[:REASON_MAX],
                entered_by="" if trader == self._author else self._author,
                parent_id=parent_id,
                group_id=group_id,
                by_strategy=by_strategy,
                instrument_version=self._state.instruments[terms.symbol].version,
            )
        )
        self._send(desk, order_id, terms.venue)
        self.alert(desk, trader, order_id, judgement.checks, reason)
        return order_id

    def deny(
        self,
        desk: str,
        trader: str,
        terms: OrderTerms,
        judgement: Judgement,
        reason: str = "",
        *,
        text: str = "",
        parent_id: str = "",
        by_strategy: bool = False,
    ) -> str:
        """Refuse an order, for `text` or else what the judgement says; returns its id."""
        order_id = self._take("O")
        self.events.append(
            OrderDenied(
                ts=self._context.ts,
                desk=desk,
                order_id=order_id,
                command_id=self._own_id(),
                trader=trader,
                terms=terms,
                text=judgement.text or text,
                checks=judgement.checks,
                arrival_px=self._mid(terms.symbol),
                parent_id=parent_id,
                by_strategy=by_strategy,
            )
        )
        self.alert(desk, trader, order_id, judgement.checks, reason)
        return order_id

    def stage(
        self,
        desk: str,
        trader: str,
        terms: OrderTerms,
        judgement: Judgement,
        text: str = "",
        *,
        parent_id: str = "",
        group_id: str = "",
        basket_id: str = "",
    ) -> str:
        """Keep an order until it is released; returns its id."""
        order_id = self._take("O")
        self.events.append(
            OrderStaged(
                ts=self._context.ts,
                desk=desk,
                order_id=order_id,
                command_id=self._own_id(),
                trader=trader,
                terms=terms,
                checks=judgement.checks,
                text=text or judgement.text,
                entered_by="" if trader == self._author else self._author,
                parent_id=parent_id,
                group_id=group_id,
                basket_id=basket_id,
            )
        )
        return order_id

    def release(
        self,
        order: Order,
        author: str,
        judgement: Judgement,
        reason: str = "",
        version: int = 0,
    ) -> None:
        """Send a staged order that may pass on its way, as `version` where that is not its own."""
        self.events.append(
            OrderReleased(
                ts=self._context.ts,
                desk=order.desk,
                order_id=order.order_id,
                command_id=self._command_id,
                author=author,
                checks=judgement.checks,
                arrival_px=self._mid(order.symbol),
                reason=reason[:REASON_MAX],
                instrument_version=self._state.instruments[order.symbol].version,
            )
        )
        self._send(order.desk, order.order_id, order.venue, version or order.version)
        self.alert(order.desk, author, order.order_id, judgement.checks, reason)

    def alert(
        self, desk: str, trader: str, order_id: str, checks: tuple[Check, ...], note: str = ""
    ) -> None:
        """Raise an alert for each check that was not passed."""
        for check in breaches(checks):
            hard = check.outcome is Outcome.HARD
            self.warn(
                desk,
                trader,
                order_id,
                check.rule,
                check.text,
                Severity.BLOCK if hard else Severity.WARNING,
                note[:REASON_MAX],
            )

    def warn(
        self,
        desk: str,
        trader: str,
        order_id: str,
        rule: str,
        text: str,
        severity: Severity = Severity.WARNING,
        note: str = "",
    ) -> None:
        """Raise an alert."""
        number = self.next_number
        self.next_number += 1
        self.events.append(
            raise_alert(
                self._state,
                self._context,
                number,
                desk=desk,
                severity=severity,
                rule=rule,
                text=text,
                trader=trader,
                order_id=order_id,
                note=note,
            )
        )

    def _send(self, desk: str, order_id: str, venue: str, version: int = 1) -> None:
        """A care order works at the desk from here on; every other one goes to its venue."""
        ts = self._context.ts
        if venue == DESK:
            self.events.append(OrderAcknowledged(ts=ts, desk=desk, order_id=order_id))
            return
        self.events.append(
            OrderRouted(
                ts=ts,
                desk=desk,
                order_id=order_id,
                venue=venue,
                cl_ord_id=client_order_id(order_id, version),
            )
        )

    def _mid(self, symbol: str) -> int:
        quote = self._context.quote(symbol)
        return quote.mid if quote is not None else 0
