"""What has happened, in one line of plain words an event. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from app.core.desk_state import DeskState
from app.core.differences import difference_text
from models import events as e
from models.money import format_bps
from models.orders import Order, OrderTerms, Replacement, keeps_priority, with_replacement
from ui.ticket.wording import instruction_words, price_words

_TEXT_MAX: Final = 160


@dataclass(frozen=True)
class Line:
    """One line: who, what, and the order that it is about, empty for none."""

    ts: int
    who: str
    what: str
    order_id: str = ""
    tone: str | None = None


class EventWords:
    """Puts events into words. It remembers orders' terms, so that it can say what they were.

    What it says of an order needs the order: of one that is not known it says less.
    """

    def __init__(self) -> None:
        self._terms: dict[str, OrderTerms] = {}

    def line(self, event: e.AnyEvent, state: DeskState) -> Line | None:
        """Return what an event says, `None` for one that nobody needs to read."""
        order_id = str(getattr(event, "order_id", "") or "")
        order = state.orders.get(order_id)
        terms = getattr(event, "terms", None)
        if order_id and isinstance(terms, OrderTerms):
            self._terms[order_id] = terms
        tell = _WORDS.get(type(event))
        if tell is None:
            return None
        said = tell(event, order, state, self)
        if said is None:
            return None
        who, what, tone = said
        if order is not None and order.is_terminal:
            self._terms.pop(order_id, None)
        if len(what) > _TEXT_MAX:
            what = f"{what[: _TEXT_MAX - 1]}…"
        return Line(event.ts, who, what, order_id, tone)

    def before(self, order_id: str, now: Replacement) -> OrderTerms | None:
        """Return an order's terms before `now`, which it has from here on."""
        was = self._terms.get(order_id)
        if was is not None:
            self._terms[order_id] = with_replacement(was, now)
        return was


_REQUESTS = {
    "amend": "an amendment",
    "cancel": "a cancel",
    "release": "the release",
    "claim": "a claim",
    "pass": "passing on",
    "strategy": "a strategy",
    "execution": "an execution by telephone",
    "wave": "a wave",
    "pause": "a pause",
    "resume": "the resumption",
    "stop": "the end of the strategy",
}
Said = tuple[str, str, str | None] | None
Tell = Callable[[Any, Order | None, DeskState, EventWords], Said]
_WORDS: dict[type, Tell] = {}


def _says(kind: type) -> Callable[[Tell], Tell]:
    def register(tell: Tell) -> Tell:
        _WORDS[kind] = tell
        return tell

    return register


def _px(state: DeskState, symbol: str, px: int | None) -> str:
    instrument = state.instruments.get(symbol)
    return instrument.show_price(px) if instrument is not None and px else "market"


def _terms_words(state: DeskState, terms: OrderTerms) -> str:
    words = [terms.side.label, f"{terms.qty:,}", terms.symbol]
    instrument = state.instruments.get(terms.symbol)
    if instrument is not None:
        words += price_words(terms, instrument)
    return " ".join([*words, *instruction_words(terms)])


def _order_words(order: Order | None) -> str:
    return f"{order.side.label} {order.qty:,} {order.symbol}" if order is not None else "an order"


def _venue(order: Order | None) -> str:
    return order.venue if order is not None and order.venue else "venue"


def _because(text: str) -> str:
    return f": {text}" if text else ""


@_says(e.OrderAccepted)
def _accepted(event: e.OrderAccepted, order: Order | None, state: DeskState, _: Any) -> Said:
    reason = f", reason “{event.reason}”" if event.reason else ""
    return event.trader, f"accepted {_terms_words(state, event.terms)}{reason}", None


@_says(e.OrderStaged)
def _staged(event: e.OrderStaged, order: Order | None, state: DeskState, _: Any) -> Said:
    who = event.entered_by or event.trader
    return who, f"staged {_terms_words(state, event.terms)}", "muted"


@_says(e.OrderReleased)
def _order_released(event: e.OrderReleased, order: Order | None, state: DeskState, _: Any) -> Said:
    return event.author, f"released {_order_words(order)}", None


@_says(e.OrderAssigned)
def _assigned(event: e.OrderAssigned, order: Order | None, state: DeskState, _: Any) -> Said:
    words = _order_words(order)
    if not event.trader:
        what = f"gave {words} back to the desk"
    elif event.trader == event.author:
        what = f"took {words}" + (f" from {event.before}" if event.before else "")
    else:
        what = f"passed {words} to {event.trader}"
    return event.author, f"{what}{_because(event.note)}", None


@_says(e.StrategyStarted)
def _strategy(event: e.StrategyStarted, order: Order | None, state: DeskState, _: Any) -> Said:
    kind = event.run.strategy.kind.label
    return event.run.author, f"started {kind} on {_order_words(order)}", None


@_says(e.StrategyPaused)
def _paused(event: e.StrategyPaused, order: Order | None, state: DeskState, _: Any) -> Said:
    return event.author, f"paused the strategy of {_order_words(order)}: {event.text}", "warning"


@_says(e.StrategyResumed)
def _strategy_goes_on(
    event: e.StrategyResumed, order: Order | None, state: DeskState, _: Any
) -> Said:
    return event.author, f"resumed the strategy of {_order_words(order)}", None


@_says(e.StrategyEnded)
def _strategy_ended(event: e.StrategyEnded, order: Order | None, state: DeskState, _: Any) -> Said:
    return event.author, f"ended the strategy of {_order_words(order)}: {event.text}", "muted"


@_says(e.GroupFormed)
def _grouped(event: e.GroupFormed, order: Order | None, state: DeskState, _: Any) -> Said:
    group = event.group
    return event.author, f"tied {len(group.legs)} orders together, {group.contingency.label}", None


@_says(e.BasketLoaded)
def _loaded(event: e.BasketLoaded, order: Order | None, state: DeskState, _: Any) -> Said:
    basket = event.basket
    return basket.author, f"loaded basket {basket.name}, {len(basket.orders):,} lines", None


@_says(e.WaveSent)
def _wave(event: e.WaveSent, order: Order | None, state: DeskState, _: Any) -> Said:
    basket = state.baskets.get(event.basket_id)
    name = basket.name if basket is not None else event.basket_id
    refused = f", {event.refused:,} refused" if event.refused else ""
    what = f"sent wave {event.number} of {name}: {format_bps(event.share_bps)} of each line"
    return event.author, f"{what}, {event.sent:,} sent{refused}", "warning" if refused else None


@_says(e.DeskOpened)
def _desk_opened(event: e.DeskOpened, order: Order | None, state: DeskState, _: Any) -> Said:
    word = event.sign_on
    return word.author, f"opened the desk for {word.day}{_because(word.note)}", "gain"


@_says(e.DaySignedOff)
def _signed_off(event: e.DaySignedOff, order: Order | None, state: DeskState, _: Any) -> Said:
    word = event.sign_off
    return word.author, f"signed the day {word.day} off{_because(word.note)}", "gain"


@_says(e.OrderDenied)
def _denied(event: e.OrderDenied, order: Order | None, state: DeskState, _: Any) -> Said:
    return (
        event.trader,
        f"denied {_terms_words(state, event.terms)}{_because(event.text)}",
        "blocked",
    )


@_says(e.OrderRejected)
def _rejected(event: e.OrderRejected, order: Order | None, state: DeskState, _: Any) -> Said:
    return _venue(order), f"rejected {_order_words(order)}{_because(event.text)}", "blocked"


@_says(e.OrderFilled)
def _filled(event: e.OrderFilled, order: Order | None, state: DeskState, _: Any) -> Said:
    fill = event.execution
    who = order.trader if order is not None else fill.venue
    verb = "bought" if fill.side.sign > 0 else "sold"
    how = f" by telephone with {fill.counterparty}" if fill.is_manual else ""
    px = _px(state, fill.symbol, fill.px)
    return who, f"{verb} {fill.qty:,} {fill.symbol} @ {px}{how}", None


@_says(e.ExecutionCorrected)
def _corrected(event: e.ExecutionCorrected, order: Order | None, state: DeskState, _: Any) -> Said:
    fill = event.execution
    px = _px(state, fill.symbol, fill.px)
    return (
        event.author or fill.venue,
        f"corrected a fill to {fill.qty:,} {fill.symbol} @ {px}",
        "warning",
    )


@_says(e.ExecutionBusted)
def _busted(event: e.ExecutionBusted, order: Order | None, state: DeskState, _: Any) -> Said:
    who = event.author or _venue(order)
    return who, f"busted a fill of {_order_words(order)}{_because(event.text)}", "warning"


@_says(e.OrderAmended)
def _amended(
    event: e.OrderAmended, order: Order | None, state: DeskState, words: EventWords
) -> Said:
    new, was = event.replacement, words.before(event.order_id, event.replacement)
    if order is None:
        return "desk", f"amended an order to {new.qty:,}", None
    if was is None:
        asked = [("limit", new.limit_px), ("stop", new.stop_px)]
        more = [f"{name} to {_px(state, order.symbol, px)}" for name, px in asked if px is not None]
        return order.trader, f"amended {order.symbol} {', '.join([f'to {new.qty:,}', *more])}", None
    said = difference_text(was, new, state.instruments.get(order.symbol)).removeprefix("qty ")
    end = ", keeps priority" if keeps_priority(was, new) else ""
    return order.trader, f"amended {order.symbol} {said or 'nothing'}{end}", None


@_says(e.AmendRejected)
def _amend_rejected(event: e.AmendRejected, order: Order | None, state: DeskState, _: Any) -> Said:
    what = f"refused to amend {_order_words(order)}{_because(event.text)}"
    return _venue(order), what, "warning"


@_says(e.CancelRequested)
def _cancel_asked(event: e.CancelRequested, order: Order | None, state: DeskState, _: Any) -> Said:
    whose = f" of {order.trader}" if order is not None and order.trader != event.author else ""
    return event.author, f"asked to cancel {_order_words(order)}{whose}", None


@_says(e.OrderCanceled)
def _canceled(event: e.OrderCanceled, order: Order | None, state: DeskState, _: Any) -> Said:
    done = f" with {order.cum_qty:,} done" if order is not None and order.cum_qty else ""
    who = order.trader if order is not None else "venue"
    return who, f"cancelled {_order_words(order)}{done}{_because(event.text)}", "muted"


@_says(e.CancelRejected)
def _cancel_rejected(
    event: e.CancelRejected, order: Order | None, state: DeskState, _: Any
) -> Said:
    what = f"refused to cancel {_order_words(order)}{_because(event.text)}"
    return _venue(order), what, "warning"


@_says(e.OrderExpired)
def _expired(event: e.OrderExpired, order: Order | None, state: DeskState, _: Any) -> Said:
    return _venue(order), f"expired {_order_words(order)}{_because(event.text)}", "muted"


@_says(e.OrderTriggered)
def _triggered(event: e.OrderTriggered, order: Order | None, state: DeskState, _: Any) -> Said:
    return _venue(order), f"triggered {_order_words(order)}", None


@_says(e.OrderSuspended)
def _suspended(event: e.OrderSuspended, order: Order | None, state: DeskState, _: Any) -> Said:
    return _venue(order), f"suspended {_order_words(order)}{_because(event.text)}", "warning"


@_says(e.OrderResumed)
def _order_resumed(event: e.OrderResumed, order: Order | None, state: DeskState, _: Any) -> Said:
    return _venue(order), f"works {_order_words(order)} again", None


@_says(e.OrderDoneForDay)
def _done_for_day(event: e.OrderDoneForDay, order: Order | None, state: DeskState, _: Any) -> Said:
    return _venue(order), f"works {_order_words(order)} no more today", "muted"


@_says(e.RequestDenied)
def _request_denied(event: e.RequestDenied, order: Order | None, state: DeskState, _: Any) -> Said:
    request = _REQUESTS.get(event.request, event.request)
    return (
        event.author,
        f"was denied {request} of {_order_words(order)}{_because(event.text)}",
        ("blocked"),
    )


@_says(e.ReportRefused)
def _report_refused(event: e.ReportRefused, order: Order | None, state: DeskState, _: Any) -> Said:
    return "engine", f"did not take a report of the venue{_because(event.text)}", "warning"


@_says(e.AlertAcknowledged)
def _acknowledged(
    event: e.AlertAcknowledged, order: Order | None, state: DeskState, _: Any
) -> Said:
    alert = state.alerts.get(event.alert_id)
    return event.author, f"has seen {alert.rule if alert is not None else 'an alert'}", "muted"


@_says(e.CommandFailed)
def _failed(event: e.CommandFailed, order: Order | None, state: DeskState, _: Any) -> Said:
    return event.author, f"was refused{_because(event.text)}", "blocked"


@_says(e.TradingHalted)
def _halted(event: e.TradingHalted, order: Order | None, state: DeskState, _: Any) -> Said:
    halt = event.halt
    return halt.author, f"halted trading of {halt.whom}{_because(halt.note)}", "blocked"


@_says(e.TradingResumed)
def _resumed(event: e.TradingResumed, order: Order | None, state: DeskState, _: Any) -> Said:
    whom = event.trader or f"the whole desk {event.desk}"
    return event.author, f"resumed trading of {whom}{_because(event.note)}", "gain"


@_says(e.DayStarted)
def _day_started(event: e.DayStarted, order: Order | None, state: DeskState, _: Any) -> Said:
    return "engine", f"opened the day {event.day}", None


@_says(e.DayEnded)
def _day_ended(event: e.DayEnded, order: Order | None, state: DeskState, _: Any) -> Said:
    return "engine", f"closed the day {event.day}", None


@_says(e.RuleBookAdopted)
def _adopted(event: e.RuleBookAdopted, order: Order | None, state: DeskState, _: Any) -> Said:
    book = event.rule_book
    said = f"put rule book {book.name}, version {book.version}, into force"
    return "desk", said + _approved(event.approved_by), None


@_says(e.SymbolRestricted)
def _restricted(event: e.SymbolRestricted, order: Order | None, state: DeskState, _: Any) -> Said:
    return "compliance", f"restricted {event.symbol}{_because(event.note)}", "warning"


@_says(e.SymbolReleased)
def _released(event: e.SymbolReleased, order: Order | None, state: DeskState, _: Any) -> Said:
    return "compliance", f"released {event.symbol}{_approved(event.approved_by)}", None


def _approved(by: str) -> str:
    return f", approved by {by}" if by else ""


def short_id(order_id: str) -> str:
    """Return an order id short enough to be read in passing: `O-2411-000123` → `O-…123`."""
    head, _, tail = order_id.rpartition("-")
    if not head or len(order_id) <= 8:
        return order_id
    return f"{head.partition('-')[0]}-…{tail[-3:]}"
