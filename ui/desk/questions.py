"""The questions that the desk's work asks: to whom, how, how much, at which price, and why."""

from __future__ import annotations

from datetime import datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from app.core.decide.care import pass_objection
from app.core.decide.executions import bust_objection, correct_objection, record_objection
from app.core.decide.strategies import start_objection
from app.session.client import Session
from app.volume_curve import BUCKET_S, VenueHours, venue_hours
from models.commands import RecordExecution
from models.errors import BadInput
from models.executions import Execution
from models.money import parse_price, parse_qty
from models.orders import Order
from models.parties import Role
from models.workflow import SLICES_MAX, Strategy, StrategyKind, Style
from ui.desk.ask_dialog import AskDialog, Field, Values

SECOND = 1_000_000_000
_WORKS = (Role.TRADER, Role.DESK_HEAD)
_TIMED = ("twap", "vwap", "pov")
_DAY_S = 86_400
_BUCKET_NS = BUCKET_S * SECOND
_NOBODY = (("", "nobody"),)


def _people(session: Session, but: str = "") -> tuple[tuple[str, str], ...]:
    core = session.core
    return tuple(
        (person.login, f"{person.login} · {person.name}")
        for person in sorted(core.state.traders.values(), key=lambda each: each.login)
        if person.desk == core.desk and person.role in _WORKS and person.login != but
    )


def _named(order: Order) -> str:
    return f"{order.side.label} {order.qty:,} {order.symbol} ({order.order_id})"


def ask_pass(session: Session, order: Order, parent: QWidget | None = None) -> AskDialog:
    """Ask to whom an order goes, and with which note."""
    core = session.core
    back = (("", "Back to the desk, for whoever claims it"),) if order.is_care else ()

    def check(values: Values) -> str:
        return pass_objection(core.state, core.login, order, values["to"])

    return AskDialog(
        f"Pass {_named(order)}",
        (
            Field("to", "To", choices=(*_people(session, order.trader), *back) or _NOBODY),
            Field("note", "Note", placeholder="What they should know"),
        ),
        "Pass it on",
        check,
        lambda values: session.work.pass_on(order.order_id, values["to"], values["note"]),
        parent,
        words="What works for it at venues goes along.",
    )


def ask_hand_over(session: Session, parent: QWidget | None = None) -> AskDialog:
    """Ask to whom all open orders of one's own, or for a desk head of anybody, go."""
    core = session.core
    own = (core.login, f"{core.login} · you")
    person = core.state.traders.get(core.login)
    is_head = person is not None and person.role is Role.DESK_HEAD
    givers = (own, *_people(session, core.login)) if is_head else (own,)

    def check(values: Values) -> str:
        giver, to = values["of"], values["to"]
        moved = [o for o in core.state.orders.values() if o.trader == giver and o.is_open]
        if not moved:
            whose = "You have" if giver == core.login else f"{giver} has"
            return f"{whose} no open orders to hand over."
        if not to:
            return "Nobody else of the desk may trade."
        found = (pass_objection(core.state, core.login, order, to) for order in moved)
        return next(filter(None, found), "")

    return AskDialog(
        "Hand over all open orders",
        (
            Field("of", "Of", core.login, choices=givers),
            Field("to", "To", choices=_people(session, "" if is_head else core.login) or _NOBODY),
            Field("note", "Note", placeholder="What they should know"),
        ),
        "Hand over",
        check,
        lambda values: session.work.hand_over(values["to"], values["of"], values["note"]),
        parent,
        words="All of them go, or none: whoever takes them has to be entitled to each account.",
    )


def ask_strategy(
    session: Session, order: Order, zone: ZoneInfo, parent: QWidget | None = None
) -> AskDialog:
    """Ask how a care order is to be worked."""
    core = session.core
    now = core.store_ts

    def check(values: Values) -> str:
        try:
            strategy = strategy_of(session, order, values, zone)
        except BadInput as error:
            return str(error)
        return start_objection(core.state, core.login, order, strategy, core.context)

    def do(values: Values) -> str:
        strategy = strategy_of(session, order, values, zone)
        return session.work.start_strategy(order.order_id, strategy, values["reason"].strip())

    end = datetime.fromtimestamp(now // SECOND + 3_600, zone)
    return AskDialog(
        f"Work {_named(order)}",
        (
            Field(
                "kind",
                "Strategy",
                "twap",
                (
                    ("twap", "TWAP: as much in every slice"),
                    ("vwap", "VWAP: as the day's volume usually falls"),
                    ("pov", "POV: a share of what the market trades"),
                    ("iceberg", "Iceberg: a part at a time"),
                ),
            ),
            Field(
                "style",
                "Price",
                "join",
                (("join", "Join its own side"), ("cross", "Cross the spread")),
            ),
            Field("until", "Until", f"{end:%H:%M}", placeholder="15:45, or 30m from now"),
            Field("every", "A slice every", "30s", placeholder="30s, 2m", needs=("kind", _TIMED)),
            Field("share", "Share of volume", "10%", needs=("kind", ("pov",))),
            Field("show", "Show", "", placeholder="500", needs=("kind", ("iceberg",))),
            Field("reason", "Reason", placeholder="for slices over a soft limit"),
        ),
        "Start it",
        check,
        do,
        parent,
        words=f"{order.room:,} are left to send, never beyond the order's limit.",
    )


def strategy_of(session: Session, order: Order, values: Values, zone: ZoneInfo) -> Strategy:
    """Return the strategy that is asked for; raises `BadInput` where it can't be read."""
    start = session.core.store_ts
    kind = StrategyKind(values["kind"])
    end = _until(values["until"], start, zone)
    every = _seconds(values["every"]) if kind.value in _TIMED else 3_600
    share = 0
    if kind is StrategyKind.POV:
        share = _share_bps(values["share"])
    curve: tuple[int, ...] = ()
    if kind is StrategyKind.VWAP:
        curve = _curve(session, order, start, end, every * SECOND)
    return Strategy(
        kind=kind,
        start_ts=start,
        end_ts=end,
        every_ns=every * SECOND,
        style=Style(values["style"]),
        participation_bps=share,
        display_qty=_qty(values["show"]) if kind is StrategyKind.ICEBERG else 0,
        curve=curve,
    )


def _curve(session: Session, order: Order, start: int, end: int, every_ns: int) -> tuple[int, ...]:
    """Return how the day's usual volume falls on the slices between `start` and `end`.

    Outside the venue's hours it falls evenly: there is nothing to follow.
    """
    hours = venue_hours(session.core.state.instruments[order.symbol].mic)
    slices = max(1, -(-(end - start) // every_ns))
    if slices > SLICES_MAX:
        return (1,) * slices  # refused for their number
    edges = [start + (end - start) * number // slices for number in range(slices + 1)]
    weights = tuple(_volume(hours, *edge) for edge in pairwise(edges))
    return weights if sum(weights) else (1,) * slices


def _volume(hours: VenueHours, start: int, end: int) -> int:
    """Return how much of the day's volume usually falls between two times, in weight × seconds."""
    total, ts = 0, start
    while ts < end:
        until = min(end, ts - ts % _BUCKET_NS + _BUCKET_NS)
        total += hours.weights[hours.bucket_at(ts)] * (until - ts)
        ts = until
    return total // SECOND


def _until(text: str, start: int, zone: ZoneInfo) -> int:
    """Read `15:45` as a time of the desk's day, or `30m` from now."""
    if text[-1:] in ("s", "m", "h"):
        return start + _seconds(text) * SECOND
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise BadInput(f"Until {text or 'nothing'} is no time. Write 15:45, or 30m.") from None
    day = datetime.fromtimestamp(start // SECOND, zone).date()
    return int(datetime.combine(day, at, zone).timestamp()) * SECOND


def _seconds(text: str) -> int:
    unit = {"s": 1, "m": 60, "h": 3_600}.get(text[-1:])
    if unit is None or not text[:-1].strip().isdecimal():
        raise BadInput(f"{text or 'Nothing'} is no length of time. Write 30s, 2m or 1h.")
    seconds = int(text[:-1]) * unit
    if not 0 < seconds <= _DAY_S:
        raise BadInput(f"{text} is not between 1 second and a day. Write 30s, 2m or 1h.")
    return seconds


def _share_bps(text: str) -> int:
    digits = text.removesuffix("%").strip()
    if not digits.isdecimal():
        raise BadInput(f"Share {text or 'nothing'} is no whole percentage. Write 10%.")
    return int(digits) * 100


def _qty(text: str) -> int:
    if not text:
        raise BadInput("Quantity is empty. Write 5000, 5k or 2m.")
    return parse_qty(text)


def _price(text: str) -> int:
    if not text:
        raise BadInput("Price is empty. Write 190.50, or 98-16 for a bond.")
    return parse_price(text)


def ask_execution(
    session: Session, order: Order, zone: ZoneInfo, parent: QWidget | None = None
) -> AskDialog:
    """Ask what was dealt by telephone on a care order."""
    core = session.core
    now = datetime.fromtimestamp(core.store_ts // SECOND, zone)

    def command(values: Values) -> RecordExecution:
        traded = _until(values["at"], core.store_ts, zone)
        return RecordExecution(
            id="preview",
            author=core.login,
            desk=core.desk,
            order_id=order.order_id,
            qty=_qty(values["qty"]),
            px=_price(values["px"]),
            counterparty=values["with"],
            traded_ts=min(traded, core.store_ts) if values["at"] == f"{now:%H:%M:%S}" else traded,
            note=values["note"],
        )

    def check(values: Values) -> str:
        try:
            return record_objection(core.state, order, command(values), core.context)
        except BadInput as error:
            return str(error)

    def do(values: Values) -> str:
        asked = command(values)
        return session.work.record_execution(
            order.order_id, asked.qty, asked.px, asked.counterparty, asked.traded_ts, asked.note
        )

    return AskDialog(
        f"Telephone execution on {_named(order)}",
        (
            Field("qty", "Quantity", placeholder=f"up to {order.room:,}"),
            Field("px", "Price"),
            Field("with", "Dealt with", placeholder="The broker's name or code"),
            Field("at", "At", f"{now:%H:%M:%S}"),
            Field("note", "Note", placeholder="May be left empty"),
        ),
        "Book it",
        check,
        do,
        parent,
        words="It is marked as reported by hand, with your name and the time of the deal.",
    )


def ask_bust(session: Session, fill: Execution, parent: QWidget | None = None) -> AskDialog:
    """Ask why an execution is taken out."""
    core = session.core
    show = core.state.instruments[fill.symbol].show_price

    def check(values: Values) -> str:
        return bust_objection(core.state, core.login, fill.exec_id, values["note"])

    return AskDialog(
        f"Bust {fill.qty:,} {fill.symbol} @ {show(fill.px)} of {fill.order_id}",
        (Field("note", "Why", placeholder="Who agreed to it, and when"),),
        "Bust it",
        check,
        lambda values: session.work.bust(fill.exec_id, values["note"]),
        parent,
        words="It leaves the order and the position; everybody at the desk is told.",
        is_grave=True,
    )


def ask_correct(session: Session, fill: Execution, parent: QWidget | None = None) -> AskDialog:
    """Ask what an execution should have been."""
    core = session.core
    show = core.state.instruments[fill.symbol].show_price

    def figures(values: Values) -> tuple[int, int]:
        return _qty(values["qty"]), _price(values["px"])

    def check(values: Values) -> str:
        try:
            qty, px = figures(values)
        except BadInput as error:
            return str(error)
        if (qty, px) == (fill.qty, fill.px):
            return "It is that already. Change the quantity or the price."
        if qty <= 0 or px <= 0:
            return "Quantity and price are above 0. To take it out, bust it."
        return correct_objection(
            core.state, core.login, fill.exec_id, qty, px, values["note"], core.context
        )

    return AskDialog(
        f"Correct {fill.qty:,} {fill.symbol} @ {show(fill.px)} of {fill.order_id}",
        (
            Field("qty", "Quantity", f"{fill.qty:,}"),
            Field("px", "Price", show(fill.px)),
            Field("note", "Why", placeholder="Who agreed to it, and when"),
        ),
        "Correct it",
        check,
        lambda values: session.work.correct(fill.exec_id, *figures(values), values["note"]),
        parent,
        words="Order, position and money are computed anew; everybody at the desk is told.",
    )
