"""Events: facts, in the past tense, immutable, one row each in one stream of the log."""

from __future__ import annotations

import msgspec

from models.alerts import Alert
from models.calendars import Calendar
from models.commands import VenueReport
from models.commission import CommissionSchedule
from models.executions import Execution
from models.halts import Halt
from models.instruments import Instrument
from models.limits import Check, RuleBook
from models.money import Int64
from models.orders import OrderTerms, Replacement
from models.parties import Account, Trader
from models.workflow import Basket, OrderGroup, SignOff, StrategyRun

FIRM_STREAM = "firm"


def desk_stream(desk: str) -> str:
    """Return the stream that a desk's events are in."""
    return f"desk/{desk}"


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True, gc=False):
    """What every event carries: `ts` in nanoseconds UTC, of the engine's clock."""

    ts: int
    desk: str = ""

    @property
    def stream(self) -> str:
        """The stream that it belongs to: its desk's, or the firm's."""
        return f"desk/{self.desk}" if self.desk else FIRM_STREAM


class OrderEvent(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A fact about one order."""

    order_id: str


class OrderAccepted(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The desk took the order: valid and compliant. `arrival_px` is the mid at that time.

    `trader` is empty where nobody has claimed it; `entered_by` is given where it is another.
    `instrument_version` is the line of the security master that it was decided on.
    """

    command_id: str
    trader: str
    terms: OrderTerms
    checks: tuple[Check, ...]
    arrival_px: int = 0
    reason: str = ""
    entered_by: str = ""
    parent_id: str = ""
    group_id: str = ""
    by_strategy: bool = False
    instrument_version: int = 0


class OrderStaged(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The desk keeps the order until it is released; `text` says what it is waiting for."""

    command_id: str
    trader: str
    terms: OrderTerms
    checks: tuple[Check, ...] = ()
    text: str = ""
    entered_by: str = ""
    parent_id: str = ""
    group_id: str = ""
    basket_id: str = ""


class OrderReleased(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """A staged order was taken: valid and compliant by now."""

    command_id: str
    author: str
    checks: tuple[Check, ...]
    arrival_px: int = 0
    reason: str = ""
    instrument_version: int = 0


class OrderAssigned(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The order is `trader`'s from here on, empty for whoever claims it; it was `before`'s."""

    command_id: str
    author: str
    trader: str
    before: str = ""
    note: str = ""


class OrderDenied(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The desk refused the order; it never left."""

    command_id: str
    trader: str
    terms: OrderTerms
    text: str
    checks: tuple[Check, ...] = ()
    arrival_px: int = 0
    parent_id: str = ""
    by_strategy: bool = False


class OrderRouted(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The order is on its way to `venue` as `cl_ord_id`; written before it leaves."""

    venue: str
    cl_ord_id: str


class OrderAcknowledged(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue has it (ExecType 0)."""


class OrderRejected(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue refused it (ExecType 8)."""

    text: str = ""


class OrderFilled(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """Part or all of it traded (ExecType F)."""

    execution: Execution


class ExecutionCorrected(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """An execution's quantity and price were put right (ExecType G), by `author` or the venue."""

    exec_ref: str
    execution: Execution
    text: str = ""
    author: str = ""


class ExecutionBusted(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """An execution was cancelled (ExecType H)."""

    exec_ref: str
    exec_id: str = ""
    text: str = ""
    author: str = ""


class AmendRequested(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """A replace is on its way (ExecType E); it stays pending until the venue answers."""

    command_id: str
    author: str
    cl_ord_id: str
    replacement: Replacement
    checks: tuple[Check, ...] = ()
    reason: str = ""


class OrderAmended(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue replaced the terms (ExecType 5)."""

    replacement: Replacement


class AmendRejected(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue refused the replace (CancelReject)."""

    text: str = ""


class CancelRequested(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """A cancel is on its way (ExecType 6); the order may still fill."""

    command_id: str
    author: str


class OrderCanceled(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue took it out (ExecType 4)."""

    text: str = ""


class CancelRejected(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue refused the cancel (CancelReject)."""

    text: str = ""


class OrderExpired(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """Its time in force ran out (ExecType C)."""

    text: str = ""


class OrderTriggered(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """A stop was triggered (ExecType L)."""


class OrderSuspended(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue suspended it (ExecType 9)."""

    text: str = ""


class OrderResumed(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """It works again after a suspension or the end of a session."""


class OrderDoneForDay(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue works it no more today (ExecType 3)."""


class OrderRestated(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The venue restated it (ExecType D): its quantity or prices, 0 where they stay.

    `venue_ts` is when it did so by its own clock, 0 where it does not say.
    """

    text: str = ""
    qty: int = 0
    limit_px: int = 0
    stop_px: int = 0
    venue_ts: int = 0


class RequestDenied(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """An amendment, a cancel or another request was refused by the desk and changed nothing."""

    command_id: str
    author: str
    request: str
    text: str
    checks: tuple[Check, ...] = ()


class ReportRefused(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A venue's report that the order-state table does not allow: kept and shown, not applied."""

    report: VenueReport
    text: str
    order_id: str = ""


class AlertRaised(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A person has to see this."""

    alert: Alert


class AlertAcknowledged(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A person has seen it."""

    alert_id: str
    author: str


class CommandFailed(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A command that could not be decided, or was refused whole; it is never tried again."""

    command_id: str
    author: str
    command: str
    text: str


class TradingHalted(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody, or a whole desk, may enter and amend nothing for now."""

    command_id: str
    halt: Halt


class TradingResumed(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A halt was lifted; `trader` is empty for the whole desk's."""

    command_id: str
    author: str
    trader: str = ""
    note: str = ""


class GroupFormed(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Orders hang together from here on."""

    group_id: str
    author: str
    group: OrderGroup


class StrategyStarted(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """A strategy works the order; `run` is how it begins."""

    command_id: str
    run: StrategyRun


class StrategyStepped(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """A slice was due: `target_qty` should have been sent by then, and the next is at `next_ts`."""

    slice_no: int
    target_qty: int
    next_ts: int


class StrategyPaused(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The strategy sends nothing until it is resumed."""

    author: str
    text: str


class StrategyResumed(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The strategy goes on."""

    author: str


class StrategyEnded(OrderEvent, frozen=True, kw_only=True, tag=True, gc=False):
    """The strategy is over."""

    author: str
    text: str


class BasketLoaded(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A basket's lines were staged."""

    command_id: str
    basket: Basket


class WaveSent(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A wave of a basket went out: `sent` lines of it, `refused` did not pass."""

    command_id: str
    author: str
    basket_id: str
    number: int
    share_bps: int
    sent: int
    refused: int


class DeskOpened(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A desk head has said that the desk is ready."""

    command_id: str
    sign_on: SignOff


class DaySignedOff(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A desk head has signed the day off."""

    command_id: str
    sign_off: SignOff


class DayStarted(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A trading day is open."""

    day: str


class DayEnded(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A trading day is closed; `closes` holds the last price of each quoted symbol."""

    day: str
    closes: dict[str, Int64] = {}


class InstrumentListed(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A line of the security master is in force."""

    instrument: Instrument


class AccountOpened(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """An account can be traded for."""

    account: Account


class TraderEntitled(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A person has these entitlements."""

    trader: Trader


class RuleBookAdopted(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A rule book is in force."""

    rule_book: RuleBook
    approved_by: str = ""


class CommissionsAdopted(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A schedule of commissions is in force."""

    schedule: CommissionSchedule


class CalendarAdopted(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A market's calendar is in force."""

    calendar: Calendar


class SymbolRestricted(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A symbol may not be traded."""

    symbol: str
    note: str


class SymbolReleased(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A symbol may be traded again."""

    symbol: str
    approved_by: str = ""


AnyEvent = (
    OrderAccepted
    | OrderDenied
    | OrderRouted
    | OrderAcknowledged
    | OrderRejected
    | OrderFilled
    | ExecutionCorrected
    | ExecutionBusted
    | AmendRequested
    | OrderAmended
    | AmendRejected
    | CancelRequested
    | OrderCanceled
    | CancelRejected
    | OrderExpired
    | OrderTriggered
    | OrderSuspended
    | OrderResumed
    | OrderDoneForDay
    | OrderRestated
    | RequestDenied
    | ReportRefused
    | AlertRaised
    | AlertAcknowledged
    | CommandFailed
    | TradingHalted
    | TradingResumed
    | DayStarted
    | DayEnded
    | InstrumentListed
    | AccountOpened
    | TraderEntitled
    | RuleBookAdopted
    | CommissionsAdopted
    | SymbolRestricted
    | SymbolReleased
    | OrderStaged
    | OrderReleased
    | OrderAssigned
    | GroupFormed
    | StrategyStarted
    | StrategyStepped
    | StrategyPaused
    | StrategyResumed
    | StrategyEnded
    | BasketLoaded
    | WaveSent
    | DeskOpened
    | DaySignedOff
    | CalendarAdopted
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode_event(event: Event) -> bytes:
    """Return the event as JSON; the same event gives the same bytes."""
    return _encoder.encode(event)


def decode_event(body: bytes) -> AnyEvent:
    """Return the event in `body`; raises `msgspec.DecodeError` when it is none."""
    return _decoder.decode(body)
