"""The order-state table: FIX 4.4 Vol. 4 Appendix D as one literal `(status, trigger) → status`."""

from __future__ import annotations

from enum import Enum, StrEnum


class OrderStatus(StrEnum):
    """OrdStatus (FIX tag 39), with the local states that come before any venue knows the order."""

    DRAFT = "draft"
    STAGED = "staged"
    SENDING = "sending"
    RECEIVED = "received"
    UNKNOWN = "unknown"
    DENIED = "denied"
    PENDING_NEW = "pending_new"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    SUSPENDED = "suspended"
    DONE_FOR_DAY = "done_for_day"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Trigger(StrEnum):
    """What moves an order: local steps, then ExecType (FIX tag 150)."""

    STAGE = "stage"
    SEND = "send"
    RECEIVE = "receive"
    LOSE = "lose"  # no answer within the time allowed
    DENY = "deny"
    ACCEPT = "accept"
    ROUTE = "route"
    ACKNOWLEDGE = "acknowledge"  # ExecType 0
    REJECT = "reject"  # 8
    PARTIAL_FILL = "partial_fill"  # F, leaves > 0
    FILL = "fill"  # F, leaves = 0
    REQUEST_CANCEL = "request_cancel"  # 6
    CANCEL = "cancel"  # 4
    REJECT_CANCEL = "reject_cancel"  # CancelReject (MsgType 9)
    REQUEST_REPLACE = "request_replace"  # E
    REPLACE = "replace"  # 5
    REPLACE_TO_FILLED = "replace_to_filled"  # 5 with a quantity at or below CumQty
    REJECT_REPLACE = "reject_replace"  # CancelReject (MsgType 9)
    EXPIRE = "expire"  # C
    ACTIVATE = "activate"  # L: a stop was triggered
    SUSPEND = "suspend"  # 9
    RESUME = "resume"
    END_DAY = "end_day"  # 3
    RESTATE = "restate"  # D
    CORRECT = "correct"  # G
    BUST = "bust"  # H


S = OrderStatus
T = Trigger


# While a cancel or replace is pending, the order keeps the status it would have without it in
# `underlying_status`. PRIOR says: go back to that one. OPEN says: New or PartiallyFilled or
# Filled, whichever the quantities say (fills may have been corrected or arrived meanwhile).
class Special(Enum):
    """Targets that depend on the order."""

    PRIOR = "prior"
    OPEN = "open"


PRIOR, OPEN = Special.PRIOR, Special.OPEN

TRANSITIONS: dict[tuple[OrderStatus, Trigger], OrderStatus | Special] = {
    # Local life, before any event.
    (S.DRAFT, T.STAGE): S.STAGED,
    (S.RECEIVED, T.STAGE): S.STAGED,
    (S.STAGED, T.REQUEST_REPLACE): S.STAGED,  # nobody else has to answer
    (S.STAGED, T.REPLACE): S.STAGED,
    (S.STAGED, T.CANCEL): S.CANCELED,
    (S.STAGED, T.EXPIRE): S.EXPIRED,
    (S.DRAFT, T.SEND): S.SENDING,
    (S.STAGED, T.SEND): S.SENDING,
    (S.SENDING, T.RECEIVE): S.RECEIVED,
    (S.SENDING, T.LOSE): S.UNKNOWN,
    (S.RECEIVED, T.LOSE): S.UNKNOWN,
    (S.UNKNOWN, T.RECEIVE): S.RECEIVED,  # resolved by lookup, never by guessing
    # The engine's word. An order may be denied or accepted before its desktop hears of storage.
    (S.DRAFT, T.DENY): S.DENIED,
    (S.STAGED, T.DENY): S.DENIED,
    (S.SENDING, T.DENY): S.DENIED,
    (S.RECEIVED, T.DENY): S.DENIED,
    (S.UNKNOWN, T.DENY): S.DENIED,
    (S.DRAFT, T.ACCEPT): S.PENDING_NEW,
    (S.STAGED, T.ACCEPT): S.PENDING_NEW,
    (S.SENDING, T.ACCEPT): S.PENDING_NEW,
    (S.RECEIVED, T.ACCEPT): S.PENDING_NEW,
    (S.UNKNOWN, T.ACCEPT): S.PENDING_NEW,
    # PendingNew: at the venue, not yet acknowledged.
    (S.PENDING_NEW, T.ROUTE): S.PENDING_NEW,
    (S.PENDING_NEW, T.ACKNOWLEDGE): S.NEW,
    (S.PENDING_NEW, T.REJECT): S.REJECTED,
    (S.PENDING_NEW, T.CANCEL): S.CANCELED,  # IOC and FOK that find nothing
    (S.PENDING_NEW, T.PARTIAL_FILL): S.PARTIALLY_FILLED,
    (S.PENDING_NEW, T.FILL): S.FILLED,
    (S.PENDING_NEW, T.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.PENDING_NEW, T.EXPIRE): S.EXPIRED,
    (S.PENDING_NEW, T.ACTIVATE): S.PENDING_NEW,  # the trigger's report overtook the ack
    (S.PENDING_NEW, T.RESTATE): S.PENDING_NEW,  # so did where a trailing stop stands
    # New.
    (S.NEW, T.PARTIAL_FILL): S.PARTIALLY_FILLED,
    (S.NEW, T.FILL): S.FILLED,
    (S.NEW, T.REJECT): S.REJECTED,  # a venue may accept and then reject
    (S.NEW, T.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.NEW, T.REQUEST_REPLACE): S.PENDING_REPLACE,
    (S.NEW, T.CANCEL): S.CANCELED,  # unsolicited
    (S.NEW, T.REPLACE): S.NEW,  # unsolicited
    (S.NEW, T.EXPIRE): S.EXPIRED,
    (S.NEW, T.ACTIVATE): S.NEW,
    (S.NEW, T.SUSPEND): S.SUSPENDED,
    (S.NEW, T.END_DAY): S.DONE_FOR_DAY,
    (S.NEW, T.RESTATE): S.NEW,
    # PartiallyFilled: as New, CumQty kept; never Rejected.
    (S.PARTIALLY_FILLED, T.PARTIAL_FILL): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, T.FILL): S.FILLED,
    (S.PARTIALLY_FILLED, T.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.PARTIALLY_FILLED, T.REQUEST_REPLACE): S.PENDING_REPLACE,
    (S.PARTIALLY_FILLED, T.CANCEL): S.CANCELED,
    (S.PARTIALLY_FILLED, T.REPLACE): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, T.REPLACE_TO_FILLED): S.FILLED,
    (S.PARTIALLY_FILLED, T.EXPIRE): S.EXPIRED,
    (S.PARTIALLY_FILLED, T.ACTIVATE): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, T.SUSPEND): S.SUSPENDED,
    (S.PARTIALLY_FILLED, T.END_DAY): S.DONE_FOR_DAY,
    (S.PARTIALLY_FILLED, T.RESTATE): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, T.CORRECT): OPEN,
    (S.PARTIALLY_FILLED, T.BUST): OPEN,
    # Filled.
    (S.FILLED, T.REQUEST_REPLACE): S.PENDING_REPLACE,  # a replace that increases quantity
    (S.FILLED, T.RESTATE): OPEN,  # a fill from before a replace that made it filled
    (S.FILLED, T.CORRECT): OPEN,
    (S.FILLED, T.BUST): OPEN,
    # Suspended and DoneForDay resume or end; what was in flight may still trade.
    (S.SUSPENDED, T.RESUME): OPEN,
    (S.SUSPENDED, T.PARTIAL_FILL): S.SUSPENDED,
    (S.SUSPENDED, T.FILL): S.FILLED,
    (S.SUSPENDED, T.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.SUSPENDED, T.CANCEL): S.CANCELED,
    (S.SUSPENDED, T.EXPIRE): S.EXPIRED,
    (S.SUSPENDED, T.RESTATE): S.SUSPENDED,
    (S.SUSPENDED, T.CORRECT): S.SUSPENDED,
    (S.SUSPENDED, T.BUST): S.SUSPENDED,
    (S.DONE_FOR_DAY, T.RESUME): OPEN,
    (S.DONE_FOR_DAY, T.PARTIAL_FILL): S.DONE_FOR_DAY,
    (S.DONE_FOR_DAY, T.FILL): S.FILLED,
    (S.DONE_FOR_DAY, T.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.DONE_FOR_DAY, T.CANCEL): S.CANCELED,
    (S.DONE_FOR_DAY, T.EXPIRE): S.EXPIRED,
    (S.DONE_FOR_DAY, T.RESTATE): S.DONE_FOR_DAY,
    (S.DONE_FOR_DAY, T.CORRECT): S.DONE_FOR_DAY,
    (S.DONE_FOR_DAY, T.BUST): S.DONE_FOR_DAY,
    # PendingCancel outranks Filled in OrdStatus: a fill leaves it pending until the venue answers.
    (S.PENDING_CANCEL, T.ACKNOWLEDGE): S.PENDING_CANCEL,  # the ack crossed our cancel
    (S.PENDING_CANCEL, T.PARTIAL_FILL): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.FILL): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.CANCEL): S.CANCELED,
    (S.PENDING_CANCEL, T.REJECT_CANCEL): PRIOR,
    (S.PENDING_CANCEL, T.REJECT): S.REJECTED,
    (S.PENDING_CANCEL, T.EXPIRE): S.EXPIRED,
    (S.PENDING_CANCEL, T.ACTIVATE): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.REPLACE): S.PENDING_CANCEL,  # a replace that was under way wins the race
    (S.PENDING_CANCEL, T.REPLACE_TO_FILLED): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.REJECT_REPLACE): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.SUSPEND): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.RESUME): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.END_DAY): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.RESTATE): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.CORRECT): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, T.BUST): S.PENDING_CANCEL,
    # PendingReplace outranks Filled too; fills carry the old terms.
    (S.PENDING_REPLACE, T.PARTIAL_FILL): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.FILL): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.REJECT): S.REJECTED,  # the order itself, before the venue saw the replace
    (S.PENDING_REPLACE, T.REPLACE): OPEN,
    (S.PENDING_REPLACE, T.REPLACE_TO_FILLED): S.FILLED,
    (S.PENDING_REPLACE, T.REJECT_REPLACE): PRIOR,
    (S.PENDING_REPLACE, T.REQUEST_CANCEL): S.PENDING_CANCEL,
    (S.PENDING_REPLACE, T.CANCEL): S.CANCELED,
    (S.PENDING_REPLACE, T.EXPIRE): S.EXPIRED,
    (S.PENDING_REPLACE, T.ACTIVATE): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.SUSPEND): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.RESUME): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.END_DAY): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.RESTATE): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.CORRECT): S.PENDING_REPLACE,
    (S.PENDING_REPLACE, T.BUST): S.PENDING_REPLACE,
    # Ended orders: in the real world a trade may still arrive, be corrected or be busted.
    (S.CANCELED, T.PARTIAL_FILL): S.CANCELED,
    (S.CANCELED, T.FILL): S.FILLED,
    (S.CANCELED, T.CORRECT): S.CANCELED,
    (S.CANCELED, T.BUST): S.CANCELED,
    (S.EXPIRED, T.PARTIAL_FILL): S.EXPIRED,
    (S.EXPIRED, T.FILL): S.FILLED,
    (S.EXPIRED, T.CORRECT): S.EXPIRED,
    (S.EXPIRED, T.BUST): S.EXPIRED,
}

TERMINAL = frozenset({S.DENIED, S.FILLED, S.CANCELED, S.REJECTED, S.EXPIRED})
LOCAL = frozenset({S.DRAFT, S.STAGED, S.SENDING, S.RECEIVED, S.UNKNOWN})
PENDING = frozenset({S.PENDING_CANCEL, S.PENDING_REPLACE})
WORKING = frozenset(set(S) - TERMINAL - LOCAL)


def is_legal(status: OrderStatus, trigger: Trigger) -> bool:
    """Return whether the table has a row for `trigger` in `status`."""
    return (status, trigger) in TRANSITIONS


def next_status(
    status: OrderStatus, trigger: Trigger, underlying: OrderStatus, cum_qty: int, leaves_qty: int
) -> OrderStatus:
    """Return the status after `trigger`; raises `KeyError` where the table has no such row.

    `underlying` is what the order would be without its pending request; the quantities are those
    after the trigger.
    """
    after = TRANSITIONS[status, trigger]
    if after is Special.PRIOR:
        return underlying
    if after is Special.OPEN:
        return open_status(cum_qty, leaves_qty)
    return after


def open_status(cum_qty: int, leaves_qty: int) -> OrderStatus:
    """Return New, PartiallyFilled or Filled, as the quantities say."""
    if leaves_qty == 0:
        return OrderStatus.FILLED
    return OrderStatus.PARTIALLY_FILLED if cum_qty else OrderStatus.NEW
