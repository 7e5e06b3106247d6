"""An outage: when it began, what was known then, what was done, and what has to be looked at after.

Its times are this machine's, in nanoseconds UTC: the store's clock is what does not answer. Only
`known_ts` is the store's: as of then its orders are true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from app.core.desk_state import DeskState
from app.session.step import Request
from models.commands import (
    AmendOrder,
    CancelOrder,
    CancelOrders,
    Command,
    RecordExecution,
    SubmitOrder,
)
from models.instruments import Instrument
from models.orders import Order

LOG_MAX = 5_000
# An order may have been made before the store answered last, and be read only after.
_UNREAD_NS = 60_000_000_000


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """Something that happened or was done in an outage."""

    ts: int
    who: str
    text: str


class Kind(StrEnum):
    """What a line of the return is about."""

    SENT = "sent"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    OUT_OF_SIGHT = "out of sight"
    CHANGED = "changed"
    NEW = "new"
    UNCHANGED = "unchanged"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the return: what was last known, and what is so now.

    `acknowledged_by` is who has looked at it, at `acknowledged_ts`.
    """

    key: str
    kind: Kind
    what: str
    before: str
    now: str
    acknowledged_by: str = ""
    acknowledged_ts: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to look at it (any more)."""
        return bool(self.acknowledged_by) or self.kind is Kind.UNCHANGED


class Outage(msgspec.Struct, kw_only=True):
    """What is kept of an outage, on this machine alone.

    `orders` are the desk's open orders as last known, by id, `recent` those made shortly before;
    `requests` what was on its way, in words, by command id, and `unseen` what was so when this
    desktop was ended, so that it can't tell what became of it. `ended_ts` is when the store
    answered again, `resumed_ts` when trading was resumed, 0 before.
    """

    desk: str
    started_ts: int
    known_ts: int
    reason: str
    orders: dict[str, Order]
    recent: list[str] = []
    requests: dict[str, str] = {}
    unseen: dict[str, str] = {}
    ended_ts: int = 0
    resumed_ts: int = 0
    lines: list[Line] = []
    log: list[LogLine] = []

    def note(self, ts: int, who: str, text: str) -> None:
        """Write a line into the log; the oldest goes when it is full."""
        self.log.append(LogLine(ts, who, text))
        del self.log[:-LOG_MAX]


def open_orders(state: DeskState, desk: str) -> dict[str, Order]:
    """Return copies of a desk's open orders, as they stand now."""
    return {
        order.order_id: msgspec.structs.replace(order)
        for order in state.orders.values()
        if order.desk == desk and order.is_open
    }


def begin(state: DeskState, desk: str, known_ts: int, now_ts: int, reason: str) -> Outage:
    """Return an outage that begins now: what is known is `state`, as of `known_ts`."""
    return Outage(
        desk=desk,
        started_ts=now_ts,
        known_ts=known_ts,
        reason=reason,
        orders=open_orders(state, desk),
        recent=[order.order_id for order in _made_since(state, desk, known_ts - _UNREAD_NS)],
    )


def _made_since(state: DeskState, desk: str, since_ts: int) -> Iterator[Order]:
    """Yield a desk's orders from the newest back; they stand in the order of their making."""
    for order in reversed(state.orders.values()):
        if order.created_ts < since_ts:
            return
        if order.desk == desk:
            yield order


def request_words(command: Command) -> str:
    """Return what a command asks for, in few words."""
    match command:
        case SubmitOrder(terms=terms):
            return f"New order: {terms.side.label} {terms.qty:,} {terms.symbol}, {terms.account}"
        case AmendOrder():
            return f"Amend {command.order_id} to {command.replacement.qty:,}"
        case CancelOrder():
            return f"Cancel {command.order_id}"
        case CancelOrders():
            return f"Cancel many orders{f' of {command.trader}' if command.trader else ''}"
        case RecordExecution():
            return f"Telephone execution of {command.qty:,} on {command.order_id}"
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(command).__name__)
    return words.strip().capitalize()


def order_words(order: Order, instrument: Instrument | None) -> str:
    """Return how far an order has come and on which terms."""
    show: Callable[[int], str] = instrument.show_price if instrument is not None else str
    words = [f"{order.status.replace('_', ' ')}, done {order.cum_qty:,} of {order.qty:,}"]
    if order.limit_px:
        words.append(f"limit {show(order.limit_px)}")
    if order.cum_qty:
        words.append(f"average {show(order.avg_px)}")
    return ", ".join(words)


def order_name(order: Order) -> str:
    """Return an order's id and what it is."""
    return f"{order.order_id} {order.side.label} {order.qty:,} {order.symbol}"


def compare(outage: Outage, state: DeskState, requests: Mapping[str, Request]) -> list[Line]:
    """Return the lines of the return: requests first, then orders that differ, then the rest.

    What was acknowledged stays as it was when it was; what is not yet is as of now.
    """
    done = {line.key: line for line in outage.lines if line.acknowledged_by}
    found = [
        *(_request_line(key, words, requests.get(key)) for key, words in outage.requests.items()),
        *_unseen_lines(outage, state),
        *_order_lines(outage, state),
    ]
    ranks = {kind: rank for rank, kind in enumerate(Kind)}
    lines = [done.get(line.key, line) for line in found]
    return sorted(lines, key=lambda line: ranks[line.kind])


def _request_line(command_id: str, words: str, request: Request | None) -> Line:
    if request is None:
        kind, now = Kind.SENT, "It arrived and was decided; its order says how."
    elif request.is_open:
        kind, now = Kind.UNKNOWN, "Nobody knows yet; the store is being asked."
    else:
        kind, now = Kind.NOT_SENT, request.text
    return Line(key=command_id, kind=kind, what=words, before="No answer", now=now)


def _unseen_lines(outage: Outage, state: DeskState) -> Iterable[Line]:
    """Of what was on its way when this desktop was ended, an order that it made tells."""
    if not outage.unseen:
        return
    made = {order.command_id: order.order_id for order in state.orders.values()}
    for key, words in outage.unseen.items():
        kind = Kind.OUT_OF_SIGHT
        now = "Not seen by this desktop: look before it is asked for again."
        if key in made:
            kind, now = Kind.SENT, f"It arrived, as {made[key]}."
        yield Line(key=key, kind=kind, what=words, before="No answer", now=now)


def _order_lines(outage: Outage, state: DeskState) -> Iterable[Line]:
    for order_id, known in outage.orders.items():
        instrument = state.instruments.get(known.symbol)
        before, now = order_words(known, instrument), state.orders.get(order_id)
        said = "No longer at the desk: its day has ended" if now is None else ""
        said = said or order_words(now or known, instrument)
        kind = Kind.UNCHANGED if said == before else Kind.CHANGED
        yield Line(key=order_id, kind=kind, what=order_name(known), before=before, now=said)
    known_ids = {*outage.orders, *outage.recent}
    for order in _made_since(state, outage.desk, outage.known_ts - _UNREAD_NS):
        if order.order_id not in known_ids:
            said = order_words(order, state.instruments.get(order.symbol))
            yield Line(
                key=order.order_id, kind=Kind.NEW, what=order_name(order), before="–", now=said
            )


def resume_objection(lines: Iterable[Line], drafts_left: int) -> str:
    """Return why trading can't be resumed yet; empty when it can."""
    lines = list(lines)
    unknown = sum(line.kind is Kind.UNKNOWN and not line.is_settled for line in lines)
    waiting = sum(not line.is_settled for line in lines)
    if unknown:
        return f"{_count(unknown, 'request')} not answered yet: the store is being asked."
    if waiting:
        return f"{_count(waiting, 'line')} not acknowledged yet."
    if drafts_left:
        return f"{_count(drafts_left, 'telephone execution')} neither booked nor dropped yet."
    return ""


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
