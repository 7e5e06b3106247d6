"""Cancelling every order that a blotter shows: which they are, and the question before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QWidget

from app.core.decide.registry import may_handle
from app.session.client import Session
from app.session.step import SessionCore
from models.order_state import OrderStatus
from models.orders import Order
from models.parties import Role
from ui.desk.ask_dialog import AskDialog, Values

BATCH_MAX: Final = 500


@dataclass(frozen=True)
class CancelPlan:
    """What would be cancelled.

    Attributes:
        order_ids: the orders to name; slices of a care order among them go with it.
        slices: how many orders go along without being named.
        others: how many open ones stay, as they are other people's.
    """

    order_ids: tuple[str, ...]
    slices: int = 0
    others: int = 0

    @property
    def refusal(self) -> str:
        """Why there is nothing to cancel."""
        return " ".join(("No order that is shown can be cancelled.", *self._stay())).strip()

    @property
    def headline(self) -> str:
        """The question."""
        count = len(self.order_ids)
        return f"Cancel {count:,} order{'' if count == 1 else 's'}?"

    @property
    def words(self) -> str:
        """What happens, and what stays."""
        words = ["They are all open orders that the filter shows, folded away or not."]
        if self.slices:
            named = "1 slice goes" if self.slices == 1 else f"{self.slices:,} slices go"
            words.append(f"{named} along with their care orders.")
        words.append("An order may still fill before its venue confirms.")
        return " ".join((*words, *self._stay()))

    def _stay(self) -> list[str]:
        if not self.others:
            return []
        are = "1 is" if self.others == 1 else f"{self.others:,} are"
        return [f"{are} not yours to cancel. Ask the desk head."]


def cancel_plan(core: SessionCore, rows: Iterable[Order]) -> CancelPlan:
    """Return what cancelling `rows` comes to; those not in the log yet are left out."""
    state, login = core.state, core.login
    known = [order for row in rows if (order := state.orders.get(row.order_id)) is not None]
    is_led = _leads(core)
    open_ = [order for order in known if order.is_open]
    # A mass cancel is refused whole for one order of somebody else's, unless one leads the desk.
    mine = [order for order in open_ if is_led or may_handle(state, login, order)]
    asked = [order for order in mine if order.status is not OrderStatus.PENDING_CANCEL]
    care = {order.order_id for order in asked if order.is_care}
    return CancelPlan(
        order_ids=tuple(o.order_id for o in asked if not (o.parent_id in care and o.is_live)),
        slices=sum(o.parent_id in care for o in state.live_orders() if o.parent_id),
        others=len(open_) - len(mine),
    )


def _leads(core: SessionCore) -> bool:
    person = core.state.traders.get(core.login)
    if person is None:
        return False
    of_desk = person.role is Role.DESK_HEAD and person.desk == core.desk
    return of_desk or person.role is Role.COMPLIANCE


def batches(order_ids: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return ids in parts of at most `BATCH_MAX`: one command holds the engine up no longer."""
    return [order_ids[at : at + BATCH_MAX] for at in range(0, len(order_ids), BATCH_MAX)]


def ask_cancel(session: Session, plan: CancelPlan, parent: QWidget | None = None) -> AskDialog:
    """Ask before the orders of `plan` are cancelled."""

    def do(_: Values) -> None:
        for part in batches(plan.order_ids):
            session.work.cancel_many(part)

    count = len(plan.order_ids)
    return AskDialog(
        plan.headline,
        (),
        f"Cancel {count:,} order{'' if count == 1 else 's'}",
        lambda _: "",
        do,
        parent,
        words=plan.words,
        is_grave=True,
    )
