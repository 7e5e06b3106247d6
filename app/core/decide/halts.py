"""Kills: halting people or a whole desk, lifting that, and cancelling many orders at once."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.context import Context
from app.core.decide.care import cancel_at_desk, cancel_requested, cancellable, pause_run
from app.core.decide.entry import REASON_MAX
from app.core.decide.registry import decides, may_handle, raise_alert, refuse
from app.core.desk_state import DeskState, halt_key
from models.alerts import Severity
from models.commands import SYSTEM, CancelOrders, Command, HaltTrading, ResumeTrading
from models.events import AnyEvent, OrderEvent, TradingHalted, TradingResumed
from models.halts import Halt
from models.order_state import OrderStatus
from models.orders import Order
from models.parties import Role


@decides(HaltTrading)
def halt_trading(state: DeskState, command: HaltTrading, context: Context) -> list[AnyEvent]:
    """Halt a trader or the desk; people may halt themselves, their head and compliance anybody."""
    objection = halt_objection(state, command.author, command.desk, command.trader)
    if objection:
        return refuse(command, context, objection)
    halt = Halt(
        desk=command.desk,
        author=command.author,
        ts=context.ts,
        trader=command.trader,
        note=command.note[:REASON_MAX],
    )
    earlier = state.halts.get(halt_key(halt.desk, halt.trader))
    if earlier is not None and (
        state.is_compliance(earlier.author) or not state.is_compliance(halt.author)
    ):
        return []  # compliance takes a halt over, with its own reason; nobody takes over theirs
    because = f": {halt.note}" if halt.note else ""
    alert = raise_alert(
        state,
        context,
        state.next_number(),
        desk=halt.desk,
        severity=Severity.BLOCK,
        rule="HALT",
        text=f"Trading of {halt.whom} was halted by {halt.author}{because}. "
        f"Only {state.who_resumes(halt)} resumes it.",
        trader=halt.trader,
    )
    halted = TradingHalted(ts=context.ts, desk=halt.desk, command_id=command.id, halt=halt)
    return [halted, alert]


@decides(ResumeTrading)
def resume_trading(state: DeskState, command: ResumeTrading, context: Context) -> list[AnyEvent]:
    """Lift a halt; a desk head or compliance may, and compliance alone what it halted."""
    objection = resume_objection(state, command.author, command.desk, command.trader)
    if objection:
        return refuse(command, context, objection)
    if halt_key(command.desk, command.trader) not in state.halts:
        return []
    resumed = TradingResumed(
        ts=context.ts,
        desk=command.desk,
        command_id=command.id,
        author=command.author,
        trader=command.trader,
        note=command.note[:REASON_MAX],
    )
    return [resumed]


@decides(CancelOrders)
def cancel_orders(state: DeskState, command: CancelOrders, context: Context) -> list[AnyEvent]:
    """Ask for the cancel of each open order that is meant and that the author may cancel."""
    is_narrow = command.trader or command.parent_id or command.basket_id or command.order_ids
    if not is_narrow and not _leads(state, command.author, command.desk):
        return refuse(command, context, _not_the_head(command, "cancel everybody's orders"))
    meant = _meant(state, command)
    others = next((o for o in meant if not may_handle(state, command.author, o)), None)
    if others is not None and not _leads(state, command.author, command.desk):
        what = f"cancel {others.trader or 'nobody'}'s orders"
        return refuse(command, context, _not_the_head(command, what))
    by_hand = f"{command.author} canceled what it had out."
    events: list[AnyEvent] = []
    for worked in dict.fromkeys(o.order_id if o.is_care else o.parent_id for o in meant):
        events += pause_run(state, worked, command.author, by_hand, context)
    return [*events, *_cancels(state, meant, command, context)]


def _meant(state: DeskState, command: CancelOrders) -> list[Order]:
    """Return the orders that are meant, parents before their children; staged ones by name only."""
    among: Iterable[Order] = state.live_orders()
    if command.order_ids:  # looked up: 500 names against 100,000 orders would take a second
        named = (state.orders.get(order_id) for order_id in dict.fromkeys(command.order_ids))
        among = [o for o in named if o is not None and o.is_open]
    elif command.basket_id:
        among = [o for o in state.orders.values() if o.is_open]
    meant = [order for order in among if _is_meant(state, order, command)]
    return sorted(meant, key=lambda order: bool(order.parent_id))


def _cancels(
    state: DeskState, meant: list[Order], command: CancelOrders, context: Context
) -> list[AnyEvent]:
    """Cancel each once: a parent takes its children along. Care orders go by name only."""
    events: list[AnyEvent] = []
    asked: set[str] = set()
    is_named = bool(command.order_ids or command.basket_id)
    for order in meant:
        if order.order_id in asked:
            continue
        new: list[AnyEvent] = []
        if order.is_routed and cancellable(order):
            new = [cancel_requested(order, command.id, command.author, context)]
        elif (
            not order.is_routed
            and is_named
            and (order.status is OrderStatus.STAGED or cancellable(order))
        ):
            new = cancel_at_desk(state, order, command.id, command.author, context)
        asked |= {event.order_id for event in new if isinstance(event, OrderEvent)}
        events += new
    return events


def _is_meant(state: DeskState, order: Order, command: CancelOrders) -> bool:
    """Whether `order` matches everything that the command gives."""
    parent = state.orders.get(order.parent_id)
    return (
        order.desk == command.desk
        and command.trader in ("", order.trader)
        and command.symbol in ("", order.symbol)
        and command.side in (None, order.side)
        and command.account in ("", order.account)
        and command.venue in ("", order.venue)
        and command.parent_id in ("", order.parent_id)
        and command.basket_id in ("", order.basket_id, parent.basket_id if parent else "")
        and (not command.order_ids or order.order_id in command.order_ids)
    )


def halt_objection(state: DeskState, login: str, desk: str, trader: str) -> str:
    """Return why `login` can't halt `trader` (empty: the desk); empty when they can."""
    person = state.traders.get(trader)
    if trader and (person is None or person.desk != desk):
        return f"{trader} is not of the desk {desk}. Choose one of its people."
    if login == trader or _leads(state, login, desk):
        return ""
    return f"{login} may halt only {login}. Ask the head of the desk {desk} or compliance."


def resume_objection(state: DeskState, login: str, desk: str, trader: str = "") -> str:
    """Return why `login` can't lift the halt of `trader` at `desk`; empty when they can."""
    halt = state.halts.get(halt_key(desk, trader))
    is_theirs = halt is not None and state.is_compliance(halt.author)
    if is_theirs and login != SYSTEM and not state.is_compliance(login):
        return f"Compliance halted {trader or desk}, and only compliance resumes that. Ask them."
    if _leads(state, login, desk):
        return ""
    return f"{login} may not resume trading. Ask the head of the desk {desk} or compliance."


def _leads(state: DeskState, login: str, desk: str) -> bool:
    if login == SYSTEM:
        return True
    person = state.traders.get(login)
    if person is None:
        return False
    return person.role is Role.COMPLIANCE or (person.role is Role.DESK_HEAD and person.desk == desk)


def _not_the_head(command: Command, what: str) -> str:
    return f"{command.author} may not {what}. Ask the head of the desk {command.desk}."
