"""Orders that hang together: entering them, and keeping each in step with what the others traded.

The desk keeps them, so they work across types and venues; two legs can still trade at the same
instant at a venue before the desk has heard of either.
"""

from __future__ import annotations

import msgspec

from app.core.context import Context
from app.core.decide.care import cancel_requested, cancellable
from app.core.decide.entry import Entry, may_pass
from app.core.decide.registry import decides, raise_alert, refuse
from app.core.desk_state import DeskState
from app.core.judgement import judge
from models.alerts import Severity
from models.commands import SYSTEM, SubmitGroup
from models.events import (
    AmendRequested,
    AnyEvent,
    GroupFormed,
    OrderAmended,
    OrderCanceled,
    OrderEvent,
    OrderFilled,
)
from models.order_state import PENDING, OrderStatus, Trigger, is_legal
from models.orders import DESK, Order, OrderTerms, Side, client_order_id
from models.workflow import Contingency, OrderGroup

LEGS_MAX = 10
_WAITS = "Waits for the first order of its group."


@decides(SubmitGroup)
def submit_group(state: DeskState, command: SubmitGroup, context: Context) -> list[AnyEvent]:
    """Enter all of a group's orders, or deny all when one may not be sent."""
    objection = group_objection(command.contingency, command.legs)
    if objection:
        return refuse(command, context, objection)
    author, desk, reason = command.author, command.desk, command.reason
    judged = [judge(state, author, desk, terms, context) for terms in command.legs]
    entry = Entry(state, context, command.id, author)
    if not all(may_pass(judgement, reason) for judgement in judged):
        for terms, judgement in zip(command.legs, judged, strict=True):
            text = "Another order of its group may not be sent."
            entry.deny(desk, author, terms, judgement, reason, text=text)
        return entry.events
    group_id = ""
    legs: list[str] = []
    for terms, judgement in zip(command.legs, judged, strict=True):
        waits = bool(legs) and command.contingency is not Contingency.OCO
        group_id = group_id or command.id
        if waits:
            entry.stage(desk, author, terms, judgement, _WAITS, group_id=group_id)
            legs.append(_entered(entry.events[-1]))
        else:
            legs.append(entry.accept(desk, author, terms, judgement, reason, group_id=group_id))
    group = OrderGroup(
        contingency=command.contingency, desk=desk, legs=tuple(legs), qty=command.legs[0].qty
    )
    formed = GroupFormed(ts=context.ts, desk=desk, group_id=group_id, author=author, group=group)
    return [*entry.events, formed]


def _entered(event: AnyEvent) -> str:
    assert isinstance(event, OrderEvent)
    return event.order_id


def group_objection(contingency: Contingency, legs: tuple[OrderTerms, ...]) -> str:
    """Return why these orders can't hang together so, empty when they can."""
    if not 2 <= len(legs) <= LEGS_MAX:
        return f"{contingency.label} takes 2 to {LEGS_MAX} orders, not {len(legs)}. Change them."
    if any(terms.venue == DESK for terms in legs):
        return f"{contingency.label} goes with orders for a venue, not with care orders."
    first, others = legs[0], legs[1:]
    if contingency is Contingency.OCO and any(terms.qty != first.qty for terms in others):
        return f"The orders of an OCO have one quantity, {first.qty:,}. Make them the same."
    if contingency is not Contingency.BRACKET:
        return ""
    if len(others) > 2:
        return f"A bracket has one or two exits, not {len(others)}. Take some out."
    against = {Side.SELL, Side.SELL_SHORT} if first.side is Side.BUY else {Side.BUY}
    for terms in others:
        if (terms.symbol, terms.account) != (first.symbol, first.account):
            return f"A bracket's exits are in {first.symbol} for {first.account}. Change them."
        if terms.side not in against or terms.qty != first.qty:
            return f"A bracket's exits close its {first.qty:,}, on the other side. Change them."
    return ""


def keep_in_step(
    state: DeskState, group_id: str, event: AnyEvent, context: Context
) -> list[AnyEvent]:
    """Return what `event`, which `state` contains, means for the others of its group."""
    group = state.groups.get(group_id)
    if group is None:
        return []
    legs = [state.orders[leg] for leg in group.legs if leg in state.orders]
    if not legs:
        return []
    if group.contingency is Contingency.OCO:
        remaining = group.qty - sum(leg.cum_qty for leg in legs)
        return _size_all(legs, remaining, group_id, context)
    entry, others = legs[0], legs[1:]
    if entry.order_id != group.legs[0]:
        return []  # the first was let go of; what is left works by itself
    if group.contingency is Contingency.BRACKET:
        remaining = entry.cum_qty - sum(leg.cum_qty for leg in others)
        fresh = isinstance(event, OrderFilled) and event.order_id == entry.order_id
        return _exits(state, entry, others, remaining, fresh, group_id, context)
    return _triggered(state, entry, others, group_id, context)


def _exits(
    state: DeskState,
    entry: Order,
    exits: list[Order],
    remaining: int,
    fresh: bool,
    group_id: str,
    context: Context,
) -> list[AnyEvent]:
    """A bracket's exits are out over what its entry has filled, no more and no less."""
    events: list[AnyEvent] = []
    staged = [leg for leg in exits if leg.status is OrderStatus.STAGED]
    if fresh and remaining > 0:
        events += _release(state, staged, [remaining] * len(staged), group_id, context)
    elif entry.is_terminal and not entry.cum_qty:
        events += _gone(staged, context)
    return events + _size_all(exits, remaining, group_id, context, may_grow=True)


def _triggered(
    state: DeskState, entry: Order, others: list[Order], group_id: str, context: Context
) -> list[AnyEvent]:
    """An OTO's others go out when its first has ended: whole, or as much as it has done."""
    staged = [leg for leg in others if leg.status is OrderStatus.STAGED]
    if not entry.is_terminal or not staged:
        return []
    shares = [_share(state, leg, entry) for leg in staged]
    out = [(leg, qty) for leg, qty in zip(staged, shares, strict=True) if qty]
    gone = _gone([leg for leg, qty in zip(staged, shares, strict=True) if not qty], context)
    return gone + _release(state, [o for o, _ in out], [q for _, q in out], group_id, context)


def _share(state: DeskState, leg: Order, entry: Order) -> int:
    lot = state.instruments[leg.symbol].lot
    return leg.qty * entry.cum_qty // entry.qty // lot * lot


def _gone(staged: list[Order], context: Context) -> list[AnyEvent]:
    text = "The first order of its group ended without a fill."
    return [
        OrderCanceled(ts=context.ts, desk=leg.desk, order_id=leg.order_id, text=text)
        for leg in staged
    ]


def _release(
    state: DeskState, legs: list[Order], sizes: list[int], group_id: str, context: Context
) -> list[AnyEvent]:
    """Size staged legs and send them; one that may not be sent stays staged, with an alert."""
    events: list[AnyEvent] = []
    number = state.next_number()
    for leg, qty in zip(legs, sizes, strict=True):
        new = msgspec.structs.replace(leg.replacement, qty=qty)
        judgement = judge(state, leg.trader, leg.desk, leg.terms(new), context, amends=leg)
        entry = Entry(state, context, group_id, leg.trader, number)
        if not may_pass(judgement, leg.reason or "group"):
            text = f"{leg.order_id} waited for its group and can't be sent: {judgement.text}"
            entry.warn(leg.desk, leg.trader, leg.order_id, "GROUP", text, Severity.BLOCK)
        else:
            if qty != leg.qty:
                events += _amends(leg, qty, group_id, context)
            version = leg.version + (qty != leg.qty)
            entry.release(leg, leg.trader, judgement, "its group", version)
        events += entry.events
        number = entry.next_number
    return events


def _size_all(
    legs: list[Order], remaining: int, group_id: str, context: Context, may_grow: bool = False
) -> list[AnyEvent]:
    """Bring what is left of each working leg to `remaining`; one with a request pending waits."""
    events: list[AnyEvent] = []
    for leg in legs:
        if not leg.is_live or leg.status in PENDING:
            continue
        if remaining <= 0:
            if cancellable(leg):
                events.append(cancel_requested(leg, group_id, SYSTEM, context))
        elif _is_off(leg, remaining, may_grow) and is_legal(leg.status, Trigger.REQUEST_REPLACE):
            events += _amends(leg, leg.cum_qty + remaining, group_id, context)
    return events


def _is_off(leg: Order, remaining: int, may_grow: bool) -> bool:
    return leg.leaves_qty > remaining or (may_grow and leg.leaves_qty < remaining)


def _amends(leg: Order, qty: int, group_id: str, context: Context) -> list[AnyEvent]:
    new = msgspec.structs.replace(leg.replacement, qty=qty)
    requested = AmendRequested(
        ts=context.ts,
        desk=leg.desk,
        order_id=leg.order_id,
        command_id=group_id,
        author=SYSTEM,
        cl_ord_id=client_order_id(leg.order_id, leg.version + 1) if leg.is_routed else "",
        replacement=new,
        reason="its group",
    )
    if leg.is_routed:
        return [requested]
    done = OrderAmended(ts=context.ts, desk=leg.desk, order_id=leg.order_id, replacement=new)
    return [requested, done]


def out_of_step(state: DeskState, order: Order, context: Context) -> list[AnyEvent]:
    """A venue would not resize or cancel a leg: a person has to look, and nobody asks again."""
    text = (
        f"{order.venue} refused to keep {order.order_id} in step with its group ({order.reason}). "
        "Look at the group and cancel or amend by hand."
    )
    return [
        raise_alert(
            state,
            context,
            state.next_number(),
            desk=order.desk,
            severity=Severity.FAULT,
            rule="GROUP",
            text=text,
            trader=order.trader,
            order_id=order.order_id,
        )
    ]
