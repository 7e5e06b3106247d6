"""Baskets: loading many orders at once, and sending them in waves."""

from __future__ import annotations

import msgspec

from app.core.context import Context
from app.core.decide.entry import REASON_MAX, Entry, may_pass
from app.core.decide.registry import decides, may_handle, refuse
from app.core.desk_state import DeskState
from app.core.judgement import Judgement, judge
from models.commands import LoadBasket, SendWave
from models.events import (
    AnyEvent,
    BasketLoaded,
    OrderStaged,
    RequestDenied,
    WaveSent,
)
from models.money import BPS, format_bps
from models.order_state import OrderStatus
from models.orders import DESK, Order, OrderTerms
from models.workflow import BASKET_LINES_MAX, Basket


@decides(LoadBasket)
def load_basket(state: DeskState, command: LoadBasket, context: Context) -> list[AnyEvent]:
    """Stage every line as a care order, or none when one of them is wrong."""
    lines = tuple(msgspec.structs.replace(terms, venue=DESK) for terms in command.lines)
    if command.basket_id in state.baskets:
        return refuse(command, context, f"Basket {command.basket_id} was loaded already.")
    if not 0 < len(lines) <= BASKET_LINES_MAX:
        text = f"A basket has 1 to {BASKET_LINES_MAX:,} lines, not {len(lines):,}. Split it."
        return refuse(command, context, text)
    judged = basket_judgements(state, command.author, command.desk, lines, context)
    faults = [
        f"line {number}: {judgement.text}"
        for number, judgement in enumerate(judged, 1)
        if judgement.errors
    ]
    if faults:
        more = f" ({len(faults) - 3} more)" if len(faults) > 3 else ""
        text = f"Nothing was loaded: {'; '.join(faults[:3])}{more}"
        return refuse(command, context, text)
    entry = Entry(state, context, command.id, command.author)
    for terms, judgement in zip(lines, judged, strict=True):
        entry.stage(command.desk, command.author, terms, judgement, basket_id=command.basket_id)
    orders = tuple(e.order_id for e in entry.events if isinstance(e, OrderStaged))
    basket = Basket(
        basket_id=command.basket_id,
        name=command.name[:REASON_MAX],
        desk=command.desk,
        author=command.author,
        ts=context.ts,
        orders=orders,
    )
    loaded = BasketLoaded(ts=context.ts, desk=command.desk, command_id=command.id, basket=basket)
    return [*entry.events, loaded]


def basket_judgements(
    state: DeskState, login: str, desk: str, lines: tuple[OrderTerms, ...], context: Context
) -> list[Judgement]:
    """Return what the desk says of each line as a care order: for the preview and the engine."""
    care = (msgspec.structs.replace(terms, venue=DESK) for terms in lines)
    return [judge(state, login, desk, terms, context) for terms in care]


def wave_qty(order: Order, share_bps: int, lot: int) -> int:
    """Return how much of a line a wave of `share_bps` takes: whole lots, what is left at most."""
    if share_bps >= BPS:
        return order.room
    share = -(-order.qty * share_bps // BPS // lot) * lot
    return min(share, order.room)


@decides(SendWave)
def send_wave(state: DeskState, command: SendWave, context: Context) -> list[AnyEvent]:
    """Send a share of each line to a venue; a line that may not be sent says why and stays."""
    basket = state.baskets.get(command.basket_id)
    if basket is None or basket.desk != command.desk:
        return refuse(command, context, f"Basket {command.basket_id} is not known.")
    if not 0 < command.share_bps <= BPS:
        text = f"A wave takes more than 0% and up to 100%, not {format_bps(command.share_bps)}."
        return refuse(command, context, text)
    if command.venue not in context.venues:
        text = f"Venue {command.venue} is not connected. Choose {', '.join(context.venues)}."
        return refuse(command, context, text)
    entry = Entry(state, context, command.id, command.author)
    sent = refused = 0
    for order_id in basket.orders:
        order = state.orders.get(order_id)
        if order is None or not order.is_open or order.status is OrderStatus.PENDING_CANCEL:
            continue
        went = _send_line(state, entry, order, command, context)
        sent, refused = sent + (went is True), refused + (went is False)
    wave = WaveSent(
        ts=context.ts,
        desk=basket.desk,
        command_id=command.id,
        author=command.author,
        basket_id=basket.basket_id,
        number=basket.waves + 1,
        share_bps=command.share_bps,
        sent=sent,
        refused=refused,
    )
    return [*entry.events, wave]


def _send_line(
    state: DeskState, entry: Entry, order: Order, command: SendWave, context: Context
) -> bool | None:
    """Send a wave's part of one line; `None` where nothing of it is left to send."""
    lot = state.instruments[order.symbol].lot
    qty = wave_qty(order, command.share_bps, lot)
    if not may_handle(state, command.author, order):
        text = f"{order.order_id} is {order.trader or 'nobody'}'s."
        entry.events.append(_refused(order, command, Judgement(), text, context))
        return False
    if not qty:
        return None
    as_line = judge(state, command.author, order.desk, order.terms(), context, amends=order)
    terms = msgspec.structs.replace(order.terms(), qty=qty, venue=command.venue)
    judgement = judge(state, command.author, order.desk, terms, context)
    worse = next((j for j in (as_line, judgement) if not may_pass(j, command.reason)), None)
    if worse is not None:
        entry.events.append(_refused(order, command, worse, worse.text, context))
        entry.alert(order.desk, command.author, order.order_id, worse.checks, command.reason)
        return False
    if order.status is OrderStatus.STAGED:
        entry.release(order, command.author, as_line, command.reason)
    entry.accept(
        order.desk,
        order.trader or command.author,
        terms,
        judgement,
        command.reason,
        parent_id=order.order_id,
    )
    return True


def _refused(
    order: Order, command: SendWave, judgement: Judgement, text: str, context: Context
) -> AnyEvent:
    return RequestDenied(
        ts=context.ts,
        desk=order.desk,
        order_id=order.order_id,
        command_id=command.id,
        author=command.author,
        request="wave",
        text=text,
        checks=judgement.checks,
    )
