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
from models.orders import OrderTerms, Replacement
from models.parties import Account, Trader

SYSTEM = "system"


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """What every command carries."""

    id: str
    author: str
    desk: str = ""


class SubmitOrder(Command, frozen=True, kw_only=True, tag=True):
    """Enter an order. `reason` confirms soft limits; `seen_ts` is the store time last seen."""

    terms: OrderTerms
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
    """Cancel every open order of the desk, or only those of `trader` and in `symbol`."""

    trader: str = ""
    symbol: str = ""


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
    return isinstance(command, CancelOrder | CancelOrders | HaltTrading)
