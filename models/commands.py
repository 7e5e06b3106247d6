"""Commands: requests by a person, a schedule or a venue; imperative, immutable, asked once each.

`id` is a UUIDv7 that the author made before sending; `author` a login, `SYSTEM` or a venue's code.
"""

from __future__ import annotations

import msgspec

from models.calendars import Calendar
from models.commission import CommissionSchedule
from models.instruments import Instrument
from models.limits import RuleBook
from models.money import Int64
from models.order_state import Trigger
from models.orders import OrderTerms, Replacement, Side
from models.parties import Account, Trader
from models.workflow import Contingency, Strategy

SYSTEM = "system"


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """What every command carries."""

    id: str
    author: str
    desk: str = ""


class SubmitOrder(Command, frozen=True, kw_only=True, tag=True):
    """Enter an order. `reason` confirms soft limits; `seen_ts` is the store time last seen.

    It may be `staged`: kept until it is released. A slice names the care order it is of as its
    `parent_id`; a care order that is `unclaimed` is for whoever claims it.
    """

    terms: OrderTerms
    reason: str = ""
    seen_ts: Int64 = 0
    staged: bool = False
    parent_id: str = ""
    unclaimed: bool = False


class ReleaseOrder(Command, frozen=True, kw_only=True, tag=True):
    """Send a staged order, if it still is at `version`."""

    order_id: str
    version: Int64
    reason: str = ""
    seen_ts: Int64 = 0


class SubmitGroup(Command, frozen=True, kw_only=True, tag=True):
    """Enter orders that hang together; the one that others wait for comes first."""

    contingency: Contingency
    legs: tuple[OrderTerms, ...]
    reason: str = ""
    seen_ts: Int64 = 0


class AmendOrder(Command, frozen=True, kw_only=True, tag=True):
    """Replace those of an order's terms that may change, if it still is at `version`."""

    order_id: str
    version: Int64
    replacement: Replacement
    reason: str = ""
    seen_ts: Int64 = 0


class CancelOrder(Command, frozen=True, kw_only=True, tag=True):
    """Cancel what is left of an order."""

    order_id: str


class CancelOrders(Command, frozen=True, kw_only=True, tag=True):
    """Cancel every order of the desk that works at a venue, or those that match all that is given.

    Care orders stay, as they are the client's; their strategies pause. `order_ids` and `basket_id`
    name orders of any kind.
    """

    trader: str = ""
    symbol: str = ""
    side: Side | None = None
    account: str = ""
    venue: str = ""
    parent_id: str = ""
    basket_id: str = ""
    order_ids: tuple[str, ...] = ()


class ClaimOrder(Command, frozen=True, kw_only=True, tag=True):
    """Take a care order that nobody has claimed."""

    order_id: str


class PassOrder(Command, frozen=True, kw_only=True, tag=True):
    """Give an open order, with what works for it, to trader `to`; empty gives it back to all."""

    order_id: str
    to: str
    note: str = ""


class HandOver(Command, frozen=True, kw_only=True, tag=True):
    """Give every open order of `trader` (empty: one's own) to trader `to`."""

    to: str
    trader: str = ""
    note: str = ""


class StartStrategy(Command, frozen=True, kw_only=True, tag=True):
    """Let a strategy work what is left of a care order; `reason` is for its slices' soft limits."""

    order_id: str
    strategy: Strategy
    seen_ts: Int64 = 0
    reason: str = ""


class PauseStrategy(Command, frozen=True, kw_only=True, tag=True):
    """Send no more slices for now; what is out stays."""

    order_id: str


class ResumeStrategy(Command, frozen=True, kw_only=True, tag=True):
    """Go on sending slices."""

    order_id: str
    seen_ts: Int64 = 0


class StopStrategy(Command, frozen=True, kw_only=True, tag=True):
    """End a strategy, and cancel what it has out."""

    order_id: str


class WorkStrategy(Command, frozen=True, kw_only=True, tag=True):
    """Send the slice that is due: the engine's own, by its clock."""

    order_id: str


class LoadBasket(Command, frozen=True, kw_only=True, tag=True):
    """Stage all of a basket's lines as care orders, or none of them."""

    basket_id: str
    name: str
    lines: tuple[OrderTerms, ...]


class SendWave(Command, frozen=True, kw_only=True, tag=True):
    """Send `share_bps` of each line's quantity, or what is left of it, to `venue`."""

    basket_id: str
    share_bps: Int64
    venue: str = "SIM"
    reason: str = ""
    seen_ts: Int64 = 0


class RecordExecution(Command, frozen=True, kw_only=True, tag=True):
    """Book what was traded by telephone on a care order; `traded_ts` is when, 0 for now."""

    order_id: str
    qty: Int64
    px: Int64
    counterparty: str
    traded_ts: Int64 = 0
    note: str = ""


class BustExecution(Command, frozen=True, kw_only=True, tag=True):
    """Take an execution out, by authority."""

    exec_id: str
    note: str


class CorrectExecution(Command, frozen=True, kw_only=True, tag=True):
    """Put an execution's quantity and price right, by authority."""

    exec_id: str
    qty: Int64
    px: Int64
    note: str


class OpenDesk(Command, frozen=True, kw_only=True, tag=True):
    """A desk head's word that the desk is ready to trade; a `note` where a check has not passed."""

    note: str = ""


class SignOffDay(Command, frozen=True, kw_only=True, tag=True):
    """A desk head's word on the day; a `note` where a check has not passed."""

    day: str
    note: str = ""


class HaltTrading(Command, frozen=True, kw_only=True, tag=True):
    """Let `trader` (empty: the whole desk) enter and amend nothing until trading is resumed."""

    trader: str = ""
    note: str = ""


class ResumeTrading(Command, frozen=True, kw_only=True, tag=True):
    """Lift the halt of `trader` (empty: of the whole desk)."""

    trader: str = ""
    note: str = ""


class AcknowledgeAlert(Command, frozen=True, kw_only=True, tag=True):
    """Say that an alert was seen."""

    alert_id: str


class VenueReport(Command, frozen=True, kw_only=True, tag=True):
    """A venue's execution report. `id` is its own, and the same when it is sent again.

    `exec_ref` names the execution that a correction or a bust changes; `order_qty`,
    `limit_px` and `stop_px` are what a restatement makes of the order, 0 where it leaves them;
    `cum_qty` is how much the venue says is done, `None` where it does not say.
    """

    cl_ord_id: str
    trigger: Trigger
    exec_id: str = ""
    exec_ref: str = ""
    last_qty: int = 0
    last_px: int = 0
    text: str = ""
    ts: int = 0
    order_qty: int = 0
    limit_px: int = 0
    stop_px: int = 0
    cum_qty: int | None = None


class StartDay(Command, frozen=True, kw_only=True, tag=True):
    """Open the trading day `day` (ISO date of the desk's calendar)."""

    day: str


class EndDay(Command, frozen=True, kw_only=True, tag=True):
    """Close the trading day: DAY orders expire, GTC orders carry."""

    day: str


class ListInstruments(Command, frozen=True, kw_only=True, tag=True):
    """Put instruments into the security master, or replace their lines."""

    instruments: tuple[Instrument, ...]


class OpenAccounts(Command, frozen=True, kw_only=True, tag=True):
    """Open client accounts."""

    accounts: tuple[Account, ...]


class EntitleTraders(Command, frozen=True, kw_only=True, tag=True):
    """Give people their desk, role, accounts and asset classes."""

    traders: tuple[Trader, ...]


class AdoptRuleBook(Command, frozen=True, kw_only=True, tag=True):
    """Put a rule book into force."""

    rule_book: RuleBook


class AdoptCommissions(Command, frozen=True, kw_only=True, tag=True):
    """Put a schedule of commissions into force."""

    schedule: CommissionSchedule


class AdoptCalendar(Command, frozen=True, kw_only=True, tag=True):
    """Put a market's calendar into force."""

    calendar: Calendar


class RestrictSymbol(Command, frozen=True, kw_only=True, tag=True):
    """Put a symbol on the restricted list, or take it off (`restricted=False`)."""

    symbol: str
    note: str
    restricted: bool = True


def needs_second_person(command: Command) -> bool:
    """Whether somebody else has to approve it, where a store holds people to their roles.

    What lets more through does; what holds more back never waits for anybody.
    """
    if isinstance(command, RestrictSymbol):
        return not command.restricted
    return isinstance(command, AdoptRuleBook)


AnyCommand = (
    SubmitOrder
    | AmendOrder
    | CancelOrder
    | CancelOrders
    | HaltTrading
    | ResumeTrading
    | AcknowledgeAlert
    | VenueReport
    | StartDay
    | EndDay
    | ListInstruments
    | OpenAccounts
    | EntitleTraders
    | AdoptRuleBook
    | AdoptCommissions
    | RestrictSymbol
    | ReleaseOrder
    | SubmitGroup
    | ClaimOrder
    | PassOrder
    | HandOver
    | StartStrategy
    | PauseStrategy
    | ResumeStrategy
    | StopStrategy
    | WorkStrategy
    | LoadBasket
    | SendWave
    | RecordExecution
    | BustExecution
    | CorrectExecution
    | OpenDesk
    | SignOffDay
    | AdoptCalendar
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def encode_command(command: Command) -> bytes:
    """Return the command as JSON; the same command gives the same bytes."""
    return _encoder.encode(command)


def decode_command(body: bytes) -> AnyCommand:
    """Return the command in `body`; raises `msgspec.DecodeError` when it is none."""
    return _decoder.decode(body)


def goes_first(command: Command) -> bool:
    """Whether the command takes the lane ahead of the rest: what reduces risk never queues."""
    return isinstance(
        command, CancelOrder | CancelOrders | HaltTrading | PauseStrategy | StopStrategy
    )
