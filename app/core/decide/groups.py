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
    AmendRejected,
    AmendRequested,
    AnyEvent,
    CancelRejected,
    GroupFormed,
    OrderAmended,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRestated,
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
    legs = _legs(state, group)
    if group.contingency is Contingency.OTO:
        ends = _ends(legs[0], event)
        return _triggered(state, legs[0], legs[1:], group_id, context) if ends else []
    remaining = _remaining(group, legs)
    if group.contingency is Contingency.OCO:
        return _size_all(legs, remaining, group_id, context)
    return _exits(state, legs, remaining, event, group_id, context)


def _legs(state: DeskState, group: OrderGroup) -> list[Order]:
    return [state.orders[leg] for leg in group.legs]


def _remaining(group: OrderGroup, legs: list[Order]) -> int:
    """Return what the legs of an OCO, or the exits of a bracket, have still to trade in all."""
    if group.contingency is Contingency.BRACKET:
        return legs[0].cum_qty - group.done_qty - sum(leg.cum_qty for leg in legs[1:])
    return group.qty - group.done_qty - sum(leg.cum_qty for leg in legs)


def waits_objection(state: DeskState, order: Order) -> str:
    """Return why a staged order has to wait for its group; empty when it can be sent by hand."""
    group = state.groups.get(order.group_id)
    if group is None:
        return ""
    legs = _legs(state, group)
    first = legs[0]
    if group.contingency is Contingency.OTO:
        if first.is_terminal:
            return ""
        return f"{order.order_id} waits for {first.order_id} of its group, which still works."
    remaining = max(0, _remaining(group, legs))
    if order.qty <= remaining:
        return ""
    way_out = f"Amend it to {remaining:,}" if remaining else f"Wait for {first.order_id}"
    return (
        f"{order.order_id} is of a group that has {remaining:,} to trade by now, less than its "
        f"{order.qty:,}. {way_out}."
    )


def raise_objection(state: DeskState, order: Order, qty: int) -> str:
    """Return why a working leg can't be asked to trade `qty`; empty when it can."""
    group = state.groups.get(order.group_id)
    if group is None or qty <= order.qty or not order.is_live:
        return ""
    legs = _legs(state, group)
    is_first = order is legs[0] and group.contingency is not Contingency.OCO
    if is_first or group.contingency is Contingency.OTO:
        return ""
    most = order.cum_qty + max(0, _remaining(group, legs))
    if qty <= most:
        return ""
    return (
        f"{order.order_id} is of a group, which leaves {most:,} to it; it can't become {qty:,}. "
        "Enter another order for more."
    )


def _exits(
    state: DeskState,
    legs: list[Order],
    remaining: int,
    event: AnyEvent,
    group_id: str,
    context: Context,
) -> list[AnyEvent]:
    """A bracket's exits are out over what its entry has filled, no more and no less."""
    entry, exits = legs[0], legs[1:]
    events: list[AnyEvent] = []
    staged = [leg for leg in exits if leg.status is OrderStatus.STAGED]
    fresh = isinstance(event, OrderFilled) and event.order_id == entry.order_id
    if fresh and remaining > 0:
        events += _release(state, staged, [remaining] * len(staged), group_id, context)
    elif entry.is_terminal and not entry.cum_qty:
        events += _gone(staged, context)
    if remaining > 0:
        events += _unprotected(state, entry, exits, remaining, event, context)
    may_grow = not isinstance(event, OrderRestated)  # a venue that takes some off would go on so
    return events + _size_all(exits, remaining, group_id, context, may_grow)


def _unprotected(
    state: DeskState,
    entry: Order,
    exits: list[Order],
    remaining: int,
    event: AnyEvent,
    context: Context,
) -> list[AnyEvent]:
    """Say that a position has no exit any more, or lost one that nobody asked to take out."""
    for leg in exits:
        ended = isinstance(event, OrderRejected | OrderCanceled) and event.order_id == leg.order_id
        if ended and leg.is_routed and not leg.canceled_by:
            text = f"{leg.venue} took out {leg.order_id}, an exit of {entry.order_id}: {leg.reason}"
            return [_alert(state, leg, text, context)]
    stands = any(leg.is_open and leg.status is not OrderStatus.PENDING_CANCEL for leg in exits)
    if stands or not (isinstance(event, OrderFilled) and event.order_id == entry.order_id):
        return []
    text = f"{remaining:,} that {entry.order_id} has traded have no exit any more. Enter one."
    return [_alert(state, entry, text, context)]


_ENDINGS = (OrderCanceled, OrderExpired, OrderRejected)
_MAY_FILL = (OrderFilled, OrderAmended, AmendRejected, CancelRejected)


def _ends(entry: Order, event: AnyEvent) -> bool:
    """Whether `event` ended the first of an OTO: once, as what is sized anew is not sized again."""
    if not entry.is_terminal or getattr(event, "order_id", "") != entry.order_id:
        return False
    return isinstance(event, _ENDINGS) or (entry.ended is None and isinstance(event, _MAY_FILL))


def _triggered(
    state: DeskState, entry: Order, others: list[Order], group_id: str, context: Context
) -> list[AnyEvent]:
    """An OTO's others go out when its first has ended: whole, or as much as it has done."""
    staged = [leg for leg in others if leg.status is OrderStatus.STAGED]
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
    """Size staged legs and send them; one that may not be sent stays, so sized, with an alert."""
    events: list[AnyEvent] = []
    number = state.next_number()
    for leg, qty in zip(legs, sizes, strict=True):
        new = msgspec.structs.replace(leg.replacement, qty=qty)
        judgement = judge(state, leg.trader, leg.desk, leg.terms(new), context, amends=leg)
        entry = Entry(state, context, group_id, leg.trader, number)
        if qty != leg.qty:
            events += _amends(leg, qty, group_id, context)
        if not may_pass(judgement, leg.reason or "group"):
            text = f"{leg.order_id} waited for its group and can't be sent: {judgement.text}"
            entry.warn(leg.desk, leg.trader, leg.order_id, "GROUP", text, Severity.BLOCK)
        else:
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
    return [_alert(state, order, text, context)]


def _alert(state: DeskState, order: Order, text: str, context: Context) -> AnyEvent:
    return raise_alert(
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
