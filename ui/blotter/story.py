"""One order's story: each event of the log in plain words, with old and new terms. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod

from app.core.differences import difference_text
from app.session.order_reading import LoggedEvent
from models.events import (
    AlertRaised,
    AmendRejected,
    AmendRequested,
    CancelRejected,
    CancelRequested,
    Event,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderAcknowledged,
    OrderAmended,
    OrderAssigned,
    OrderCanceled,
    OrderDenied,
    OrderDoneForDay,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReleased,
    OrderRestated,
    OrderResumed,
    OrderRouted,
    OrderStaged,
    OrderSuspended,
    OrderTriggered,
    ReportRefused,
    RequestDenied,
    StrategyEnded,
    StrategyPaused,
    StrategyResumed,
    StrategyStarted,
    StrategyStepped,
)
from models.executions import Execution
from models.instruments import Instrument
from models.limits import Check
from models.money import format_bps, format_price
from models.orders import DESK, Order, OrderTerms, Replacement, keeps_priority, with_replacement
from models.workflow import Strategy, StrategyKind
from ui.blotter.check_lines import CheckLine, check_line
from ui.blotter.id_chain import IdChain
from ui.blotter.signs import signed_tenths, slippage
from ui.ticket.wording import force_words, instruction_words, price_words

_ENGINE = "engine"


@dataclass(frozen=True)
class StoryLine:
    """One event.

    Attributes:
        seq: its number in the log.
        who: a login, a venue, or the engine.
        sign, title, tone: what happened, as a heading.
        text: what happened, in plain words.
        change: old → new, where terms changed.
        checks: the checks that ran with it.
        raw: the message as the log holds it.
    """

    seq: int
    ts: int
    who: str
    sign: str
    title: str
    tone: str
    text: str
    change: str = ""
    checks: tuple[CheckLine, ...] = ()
    raw: bytes = b""


@dataclass
class _Told:
    """What an event says, before it has its place and time."""

    who: str
    sign: str
    title: str
    tone: str = "text"
    text: str = ""
    change: str = ""
    checks: tuple[Check, ...] = ()


@dataclass
class Story:
    """Follows one order event by event, so that each can be told with what was before it.

    Attributes:
        instruments: the security master, for how prices are written.
        terms: the order's terms as far as they are known.
        chain: the client order ids that the venue has known it by.
    """

    instruments: Mapping[str, Instrument]
    terms: OrderTerms | None = None
    chain: IdChain = field(default_factory=IdChain)
    _venue: str = "venue"
    _pending: Replacement | None = None
    _arrival_px: int = 0
    _cum_qty: int = 0
    _cum_px_qty: int = 0
    _fills: dict[str, Execution] = field(default_factory=dict)

    def tell(self, logged: LoggedEvent) -> StoryLine:
        """Return what this event says; events come in the order of the log."""
        row, event = logged
        told = self._tell(event)
        return StoryLine(
            seq=row.seq,
            ts=event.ts,
            who=told.who,
            sign=told.sign,
            title=told.title,
            tone=told.tone,
            text=told.text,
            change=told.change,
            checks=tuple(check_line(check) for check in told.checks),
            raw=row.body,
        )

    # -- how things are written ----------------------------------------------------------------

    def _px(self, px: int | None) -> str:
        if px is None:
            return "none"
        instrument = self.instruments.get(self.terms.symbol) if self.terms else None
        return instrument.show_price(px) if instrument else format_price(px, 4)

    def _written(self, terms: OrderTerms) -> str:
        words = [terms.side.label, f"{terms.qty:,}", terms.symbol]
        instrument = self.instruments.get(terms.symbol)
        if instrument is not None:
            words += [*price_words(terms, instrument), *force_words(terms)]
        return " ".join([*words, *instruction_words(terms), "for", terms.account])

    def _difference(self, new: Replacement) -> str:
        """Return `qty 12,000 → 8,000 · limit 190.50 → 190.40`, of what differs."""
        if self.terms is None:
            return ""
        return difference_text(self.terms, new, self.instruments.get(self.terms.symbol))

    def _running(self) -> str:
        """Return how much is done so far, at which average."""
        of = f" of {self.terms.qty:,}" if self.terms else ""
        if not self._cum_qty:
            return f"0{of} done"
        average = (self._cum_px_qty + self._cum_qty // 2) // self._cum_qty
        words = f"{self._cum_qty:,}{of} done, average {self._px_fine(average)}"
        tenths = (
            slippage(self.terms.side, average, self._arrival_px) if self.terms is not None else None
        )
        return words if tenths is None else f"{words}, slip {signed_tenths(tenths)} bp"

    def _px_fine(self, px: int) -> str:
        """Return a price that need not be on the tick."""
        instrument = self.instruments.get(self.terms.symbol) if self.terms else None
        return instrument.show_average(px) if instrument else format_price(px, 4)

    def _book(self, fill: Execution, sign: int) -> None:
        self._cum_qty += sign * fill.qty
        self._cum_px_qty += sign * fill.px * fill.qty
        if sign > 0:
            self._fills[fill.exec_id] = fill
        else:
            self._fills.pop(fill.exec_id, None)

    # -- the events ----------------------------------------------------------------------------

    @singledispatchmethod
    def _tell(self, event: Event) -> _Told:
        return _Told(_ENGINE, "·", type(event).__name__, "muted", getattr(event, "text", ""))

    @_tell.register
    def _(self, event: OrderAccepted) -> _Told:
        self.terms, self._arrival_px = event.terms, event.arrival_px
        self._venue = event.terms.venue
        text = self._written(event.terms)
        if event.arrival_px:
            text += f"; mid at arrival {self._px_fine(event.arrival_px)}"
        if event.instrument_version:
            text += f"; {event.terms.symbol} as in version {event.instrument_version} of its line"
        if event.reason:
            text += f"; reason given: {event.reason}"
        if event.parent_id:
            text += f"; a slice of {event.parent_id}"
        if not event.trader:
            text += "; it waits to be claimed"
        who = event.entered_by or event.trader
        return _Told(who, "○", "Accepted", "accent", text, checks=event.checks)

    @_tell.register
    def _(self, event: OrderStaged) -> _Told:
        self.terms, self._venue = event.terms, event.terms.venue
        text = "; ".join(filter(None, (self._written(event.terms), event.text)))
        who = event.entered_by or event.trader
        return _Told(who, "◌", "Staged", "muted", text, checks=event.checks)

    @_tell.register
    def _(self, event: OrderReleased) -> _Told:
        self._arrival_px = event.arrival_px
        text = f"sent; mid at arrival {self._px_fine(event.arrival_px)}"
        if event.reason:
            text += f"; reason given: {event.reason}"
        return _Told(event.author, "○", "Released", "accent", text, checks=event.checks)

    @_tell.register
    def _(self, event: OrderAssigned) -> _Told:
        title = "Passed" if event.before else "Claimed"
        change = f"{event.before or 'nobody'} → {event.trader or 'nobody'}"
        return _Told(event.author, "⇄", title, "accent", event.note, change)

    @_tell.register
    def _(self, event: StrategyStarted) -> _Told:
        run = event.run
        text = f"{strategy_words(run.strategy)}, {run.total_qty:,} to work"
        return _Told(run.author, "▶", "Strategy started", "accent", text)

    @_tell.register
    def _(self, event: StrategyStepped) -> _Told:
        text = f"slice {event.slice_no}: {event.target_qty:,} should be out or done by now"
        return _Told(_ENGINE, "·", "Strategy stepped", "muted", text)

    @_tell.register
    def _(self, event: StrategyPaused) -> _Told:
        return _Told(event.author, "‖", "Strategy paused", "warning", event.text)

    @_tell.register
    def _(self, event: StrategyResumed) -> _Told:
        return _Told(event.author, "▶", "Strategy resumed", "accent", "it goes on at once")

    @_tell.register
    def _(self, event: StrategyEnded) -> _Told:
        return _Told(event.author, "■", "Strategy ended", "muted", event.text)

    @_tell.register
    def _(self, event: OrderDenied) -> _Told:
        self.terms = event.terms
        text = f"{self._written(event.terms)}: {event.text}"
        return _Told(event.trader, "✕", "Denied", "blocked", text, checks=event.checks)

    @_tell.register
    def _(self, event: OrderRouted) -> _Told:
        self._venue = event.venue
        self.chain.routed(event.cl_ord_id)
        return _Told(_ENGINE, "→", "Routed", "muted", f"to {event.venue} as {event.cl_ord_id}")

    @_tell.register
    def _(self, event: OrderAcknowledged) -> _Told:
        text = "the desk works it" if self._venue == DESK else "the venue has it"
        return _Told(self._venue, "●", "Working", "working", text)

    @_tell.register
    def _(self, event: OrderRejected) -> _Told:
        return _Told(self._venue, "✕", "Rejected", "rejected", event.text)

    @_tell.register
    def _(self, event: OrderFilled) -> _Told:
        fill = event.execution
        self._book(fill, 1)
        is_whole = self.terms is not None and self._cum_qty >= self.terms.qty
        sign, title = ("✔", "Filled") if is_whole else ("◐", "Part filled")
        text = f"{fill.qty:,} @ {self._px(fill.px)}; {self._running()}"
        if fill.is_manual:
            text += f"; by telephone with {fill.counterparty}"
        return _Told(fill.author or fill.venue, sign, title, "working", text)

    @_tell.register
    def _(self, event: ExecutionCorrected) -> _Told:
        old, new = self._fills.get(event.exec_ref), event.execution
        if old is not None:
            self._book(old, -1)
        self._book(new, 1)
        was = f"{old.qty:,} @ {self._px(old.px)}" if old is not None else event.exec_ref
        change = f"{was} → {new.qty:,} @ {self._px(new.px)}"
        text = f"execution {event.exec_ref} put right; {self._running()}"
        text += f"; {event.text}" if event.text else ""
        return _Told(event.author or new.venue, "↺", "Fill corrected", "warning", text, change)

    @_tell.register
    def _(self, event: ExecutionBusted) -> _Told:
        old = self._fills.get(event.exec_ref)
        if old is not None:
            self._book(old, -1)
        was = f"{old.qty:,} @ {self._px(old.px)}" if old is not None else event.exec_ref
        text = f"execution {event.exec_ref} is void; {self._running()}"
        text += f"; {event.text}" if event.text else ""
        who = event.author or self._venue
        return _Told(who, "✕", "Fill busted", "warning", text, f"{was} → nothing")

    @_tell.register
    def _(self, event: AmendRequested) -> _Told:
        self._pending = event.replacement
        change = self._difference(event.replacement)
        text = "asked for at the desk"
        if event.cl_ord_id:
            text = (
                f"asked for as {event.cl_ord_id} in place of {self.chain.known_as or 'nothing yet'}"
            )
            self.chain.asked(event.cl_ord_id)
        if event.reason:
            text += f"; reason given: {event.reason}"
        return _Told(
            event.author, "◌", "Pending replace", "pending", text, change, checks=event.checks
        )

    @_tell.register
    def _(self, event: OrderAmended) -> _Told:
        change = self._difference(event.replacement)
        at_venue = "the venue took the new terms"
        text = at_venue if self.chain.known_as else "the new terms are in force"
        self.chain.taken()
        if self.terms is not None:
            text += f"; {_priority(self.terms, event.replacement)}"
            self.terms = with_replacement(self.terms, event.replacement)
        self._pending = None
        return _Told(self._venue, "●", "Replaced", "working", text, change)

    @_tell.register
    def _(self, event: AmendRejected) -> _Told:
        change = self._difference(self._pending) if self._pending is not None else ""
        self._pending = None
        self.chain.refused()
        text = f"the old terms stand; {event.text}".rstrip("; ")
        return _Told(self._venue, "✕", "Replace refused", "rejected", text, change)

    @_tell.register
    def _(self, event: CancelRequested) -> _Told:
        return _Told(event.author, "◌", "Pending cancel", "pending", "asked for; it may still fill")

    @_tell.register
    def _(self, event: OrderCanceled) -> _Told:
        text = "; ".join(filter(None, (self._running(), event.text)))
        return _Told(self._venue, "✕", "Canceled", "stale", text)

    @_tell.register
    def _(self, event: CancelRejected) -> _Told:
        return _Told(self._venue, "✕", "Cancel refused", "rejected", event.text)

    @_tell.register
    def _(self, event: OrderExpired) -> _Told:
        text = "; ".join(filter(None, (self._running(), event.text)))
        return _Told(self._venue, "◷", "Expired", "stale", text)

    @_tell.register
    def _(self, event: OrderTriggered) -> _Told:
        stop = f" at {self._px(self.terms.stop_px)}" if self.terms and self.terms.stop_px else ""
        return _Told(self._venue, "◆", "Triggered", "accent", f"the stop{stop} was reached")

    @_tell.register
    def _(self, event: OrderSuspended) -> _Told:
        return _Told(self._venue, "‖", "Suspended", "warning", event.text)

    @_tell.register
    def _(self, event: OrderResumed) -> _Told:
        return _Told(self._venue, "●", "Resumed", "working", "it works again")

    @_tell.register
    def _(self, event: OrderDoneForDay) -> _Told:
        return _Told(self._venue, "◑", "Done for day", "muted", self._running())

    @_tell.register
    def _(self, event: OrderRestated) -> _Told:
        return _Told(self._venue, "↺", "Restated", "warning", event.text)

    @_tell.register
    def _(self, event: RequestDenied) -> _Told:
        title = f"{event.request.capitalize()} denied"
        return _Told(event.author, "✕", title, "blocked", event.text, checks=event.checks)

    @_tell.register
    def _(self, event: ReportRefused) -> _Told:
        text = f"{event.report.trigger.value.replace('_', ' ')}: {event.text}"
        return _Told(self._venue, "✕", "Report not applied", "blocked", text)

    @_tell.register
    def _(self, event: AlertRaised) -> _Told:
        alert = event.alert
        text = f"{alert.rule}: {alert.text}"
        if alert.note:
            text += f" Reason given: {alert.note}"
        return _Told(_ENGINE, "⚑", "Alert", "warning", text)


def strategy_words(strategy: Strategy) -> str:
    """Return how a strategy works, in a few words: `TWAP in 10 slices of 60 s, joining`."""
    words = [strategy.kind.label]
    if strategy.kind is StrategyKind.POV:
        words.append(f"{format_bps(strategy.participation_bps)} of the volume")
    if strategy.kind is StrategyKind.ICEBERG:
        words.append(f"{strategy.display_qty:,} at a time")
    else:
        words.append(f"in {strategy.slices:,} slices of {strategy.slice_ns // 10**9:,} s")
    how = {"join": "joining its own side", "cross": "crossing the spread"}[strategy.style.value]
    return f"{' '.join(words)}, {how}, at {strategy.venue}"


def _priority(terms: OrderTerms, new: Replacement) -> str:
    return (
        "it keeps its priority"
        if keeps_priority(terms, new)
        else "it goes to the back of the queue"
    )


def summary(order: Order, instrument: Instrument | None) -> str:
    """Return an order in one line: `BUY 5,000 AAPL LMT 190.50 DAY for GROWTH, alice`."""
    words = [order.side.label, f"{order.qty:,}", order.symbol, order.order_type.label]
    for px in (order.stop_px, order.limit_px):
        if px and instrument is not None:
            words.append(instrument.show_price(px))
    return " ".join([*words, order.time_in_force.label, "for", f"{order.account},", order.trader])
