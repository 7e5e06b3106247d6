"""The questions of an outage: what was dealt by telephone, and why a draft is dropped."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from app.continuity.manual import ManualExecution, capture_objection
from app.continuity.tables import at
from app.session.client import Session
from app.session.ids import new_command_id
from models.contacts import broker_of
from models.errors import BadInput
from models.money import parse_price, parse_qty
from models.orders import Order
from ui.continuity.keeper import OutageKeeper
from ui.continuity.words import today_at
from ui.desk.ask_dialog import AskDialog, Field, Values


def ask_capture(
    session: Session, keeper: OutageKeeper, order: Order, zone: ZoneInfo, parent: QWidget
) -> AskDialog:
    """Ask what was dealt by telephone on an order; it is written down on this machine alone."""
    broker = broker_of(order.venue, keeper.contacts.brokers)
    room = order.room if order.is_care else order.leaves_qty

    def draft(values: Values) -> ManualExecution:
        return ManualExecution(
            draft_id=new_command_id(),
            order_id=order.order_id,
            symbol=order.symbol,
            side=order.side,
            account=order.account,
            qty=parse_qty(values["qty"]),
            px=parse_price(values["px"]),
            counterparty=values["with"],
            traded_ts=today_at(values["at"], keeper.now_ts, zone),
            captured_ts=keeper.now_ts,
            captured_by=session.core.login,
            note=values["note"],
        )

    def check(values: Values) -> str:
        try:
            made = draft(values)
        except BadInput as error:
            return str(error)
        return capture_objection(
            order, made.qty, made.px, made.counterparty, made.traded_ts, keeper.now_ts,
            keeper.drafts,
        )  # fmt: skip

    said = "It stays on this machine as a draft, marked as manual, until you send it."
    if not order.is_care:
        said += " Its venue reports fills itself: compare them when the store is back."
    return AskDialog(
        f"Dealt by telephone: {order.side.label} {order.symbol} ({order.order_id})",
        (
            Field("qty", "Quantity", placeholder=f"up to {room:,} as last known"),
            Field("px", "Price"),
            Field("with", "Dealt with", broker.name if broker and order.is_care else ""),
            Field("at", "At", f"{at(keeper.now_ts, zone):%H:%M:%S}"),
            Field("note", "Note", placeholder="Who was on the telephone; may be left empty"),
        ),
        "Write it down",
        check,
        lambda values: keeper.capture(draft(values)),
        parent,
        words=said,
    )


def ask_drop(keeper: OutageKeeper, draft: ManualExecution, parent: QWidget) -> AskDialog:
    """Ask why a draft is dropped."""
    return AskDialog(
        f"Drop {draft.side.label} {draft.qty:,} {draft.symbol} with {draft.counterparty}?",
        (Field("why", "Why", placeholder="Such as: the venue reported it itself"),),
        "Drop it",
        lambda values: "" if values["why"] else "Say why; it stays in the outage's report.",
        lambda values: keeper.drop(draft.draft_id, values["why"]),
        parent,
        words="It is not booked. The line stays in the report, with your reason.",
    )
