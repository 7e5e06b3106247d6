"""Amending in the cell: what is typed over a quantity or price is judged before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from app.compliance.rulebook import breaches
from app.session.client import Session
from models.errors import BadInput, BlotterError
from models.limits import Outcome
from models.money import parse_price, parse_qty
from models.orders import Order, Replacement
from ui.tables.columns import Edit

# Columns that can be typed over, and what of the terms they change; `limit` is a stop's trigger
# where the order has no limit.
EDITED: Final = ("qty", "limit", "stop")


@dataclass(frozen=True)
class Committed:
    """What became of a cell that was typed over.

    Attributes:
        is_sent: the amendment is on its way.
        words: what to tell the person, in `tone`.
        wants_ticket: it needs a reason, or another thought: the ticket has room for that.
    """

    is_sent: bool
    words: str
    tone: str
    wants_ticket: bool = False


class InPlace:
    """Amends orders from their cells.

    Attributes:
        edits: how each column in `EDITED` is edited, for the table.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        # What the person saw when they began to type: an amendment is of that version or of none.
        self._seen: dict[str, int] = {}
        self.edits: dict[str, Edit[Order]] = {name: self._edit(name) for name in EDITED}

    def _edit(self, name: str) -> Edit[Order]:
        return Edit(
            text=lambda order: self._begin(order, name),
            check=lambda order, text: self.objection(order, name, text),
            allowed=lambda order: self.allows(order, name),
        )

    def allows(self, order: Order, name: str) -> bool:
        """Whether that cell of the order can be typed over now."""
        if not order.order_id or self._session.amend_objection(order.order_id, order.version):
            return False
        return name == "qty" or _field(order, name) != ""

    def _begin(self, order: Order, name: str) -> str:
        self._seen[order.order_id] = order.version
        if name == "qty":
            return f"{order.qty:,}"
        px = order.limit_px if _field(order, name) == "limit_px" else order.stop_px
        instrument = self._session.core.state.instruments[order.symbol]
        return instrument.show_price(px or 0)

    def replacement(self, order: Order, name: str, text: str) -> Replacement:
        """Return the order's terms with `text` in the column `name`; raises `BadInput`."""
        if name == "qty":
            return msgspec.structs.replace(order.replacement, qty=parse_qty(text))
        return msgspec.structs.replace(
            order.replacement, **{_field(order, name): parse_price(text)}
        )

    def objection(self, order: Order, name: str, text: str) -> str:
        """Return why `text` can't stand in that cell at all; empty when it may be tried."""
        stale = self._stale(order)
        if stale:
            return stale
        try:
            replacement = self.replacement(order, name, text)
        except BadInput as error:
            return str(error)
        errors = self._session.preview(order.terms(replacement), amends=order).errors
        return errors[0].text if errors else ""

    def commit(self, order: Order, name: str, text: str) -> Committed:
        """Send the amendment if every check passes; otherwise say why and send nothing."""
        objection = self.objection(order, name, text)
        if objection:
            return Committed(False, f"Nothing was sent. {objection}", "blocked")
        replacement = self.replacement(order, name, text)
        if replacement == order.replacement:
            return Committed(False, f"{order.order_id} stays as it is.", "muted")
        judgement = self._session.preview(order.terms(replacement), amends=order)
        if judgement.outcome is not Outcome.PASS:
            why = " ".join(check.text for check in breaches(judgement.checks))
            tone = "warning" if judgement.outcome is Outcome.SOFT else "blocked"
            return Committed(False, f"Nothing was sent. {why}", tone, wants_ticket=True)
        try:
            self._session.amend(order, replacement)
        except BlotterError as error:
            return Committed(False, str(error), "blocked")
        self._seen.pop(order.order_id, None)
        keeps = "keeps" if order.keeps_priority(replacement) else "loses"
        words = f"Amending {order.order_id}: {name} {text}; it {keeps} its priority."
        return Committed(True, words, "pending")

    def _stale(self, order: Order) -> str:
        seen = self._seen.get(order.order_id, order.version)
        return self._session.amend_objection(order.order_id, seen)


def _field(order: Order, name: str) -> str:
    """Return which price of the terms the column `name` shows; empty when the order has none."""
    if name == "stop":
        return "stop_px" if order.order_type.has_stop else ""
    if order.order_type.may_have_limit:
        return "limit_px"
    return "stop_px" if order.order_type.has_stop else ""
