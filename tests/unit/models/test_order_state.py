"""The order-state table, held against FIX 4.4 Vol. 4 Appendix D row by row."""

from __future__ import annotations

import pytest

from models.order_state import (
    LOCAL,
    PENDING,
    TERMINAL,
    TRANSITIONS,
    WORKING,
    OrderStatus,
    Trigger,
    is_legal,
    next_status,
    open_status,
)

S, T = OrderStatus, Trigger

# From, what happens, to: FIX 4.4 Vol. 4 App. D. "prior" and "open" depend on the order.
FIX_ROWS = [
    (S.DRAFT, T.ACCEPT, S.PENDING_NEW),
    (S.STAGED, T.ACCEPT, S.PENDING_NEW),
    (S.DRAFT, T.DENY, S.DENIED),
    (S.STAGED, T.DENY, S.DENIED),
    (S.SENDING, T.DENY, S.DENIED),
    (S.SENDING, T.ACCEPT, S.PENDING_NEW),
    (S.RECEIVED, T.DENY, S.DENIED),
    (S.RECEIVED, T.ACCEPT, S.PENDING_NEW),
    (S.UNKNOWN, T.DENY, S.DENIED),
    (S.UNKNOWN, T.ACCEPT, S.PENDING_NEW),
    (S.PENDING_NEW, T.ACKNOWLEDGE, S.NEW),
    (S.PENDING_NEW, T.REJECT, S.REJECTED),
    (S.PENDING_NEW, T.CANCEL, S.CANCELED),
    (S.PENDING_NEW, T.PARTIAL_FILL, S.PARTIALLY_FILLED),
    (S.PENDING_NEW, T.FILL, S.FILLED),
    (S.NEW, T.PARTIAL_FILL, S.PARTIALLY_FILLED),
    (S.NEW, T.FILL, S.FILLED),
    (S.NEW, T.REJECT, S.REJECTED),
    (S.NEW, T.REQUEST_CANCEL, S.PENDING_CANCEL),
    (S.NEW, T.REQUEST_REPLACE, S.PENDING_REPLACE),
    (S.NEW, T.CANCEL, S.CANCELED),
    (S.NEW, T.EXPIRE, S.EXPIRED),
    (S.NEW, T.ACTIVATE, S.NEW),
    (S.NEW, T.SUSPEND, S.SUSPENDED),
    (S.NEW, T.END_DAY, S.DONE_FOR_DAY),
    (S.NEW, T.RESTATE, S.NEW),
    (S.SUSPENDED, T.RESUME, "open"),
    (S.SUSPENDED, T.CANCEL, S.CANCELED),
    (S.SUSPENDED, T.EXPIRE, S.EXPIRED),
    (S.SUSPENDED, T.PARTIAL_FILL, S.SUSPENDED),
    (S.SUSPENDED, T.FILL, S.FILLED),
    (S.DONE_FOR_DAY, T.RESUME, "open"),
    (S.DONE_FOR_DAY, T.CANCEL, S.CANCELED),
    (S.DONE_FOR_DAY, T.EXPIRE, S.EXPIRED),
    (S.DONE_FOR_DAY, T.PARTIAL_FILL, S.DONE_FOR_DAY),
    (S.DONE_FOR_DAY, T.FILL, S.FILLED),
    (S.PARTIALLY_FILLED, T.PARTIAL_FILL, S.PARTIALLY_FILLED),
    (S.PARTIALLY_FILLED, T.FILL, S.FILLED),
    (S.PARTIALLY_FILLED, T.REQUEST_CANCEL, S.PENDING_CANCEL),
    (S.PARTIALLY_FILLED, T.REQUEST_REPLACE, S.PENDING_REPLACE),
    (S.PARTIALLY_FILLED, T.CANCEL, S.CANCELED),
    (S.PARTIALLY_FILLED, T.EXPIRE, S.EXPIRED),
    (S.PARTIALLY_FILLED, T.ACTIVATE, S.PARTIALLY_FILLED),
    (S.PARTIALLY_FILLED, T.SUSPEND, S.SUSPENDED),
    (S.PARTIALLY_FILLED, T.END_DAY, S.DONE_FOR_DAY),
    (S.PARTIALLY_FILLED, T.RESTATE, S.PARTIALLY_FILLED),
    (S.PENDING_CANCEL, T.CANCEL, S.CANCELED),
    (S.PENDING_CANCEL, T.PARTIAL_FILL, S.PENDING_CANCEL),
    (S.PENDING_CANCEL, T.FILL, S.PENDING_CANCEL),
    (S.PENDING_CANCEL, T.REJECT_CANCEL, "prior"),
    (S.PENDING_REPLACE, T.REPLACE, "open"),
    (S.PENDING_REPLACE, T.REPLACE_TO_FILLED, S.FILLED),
    (S.PENDING_REPLACE, T.PARTIAL_FILL, S.PENDING_REPLACE),
    (S.PENDING_REPLACE, T.FILL, S.PENDING_REPLACE),
    (S.PENDING_REPLACE, T.REJECT_REPLACE, "prior"),
    (S.PENDING_REPLACE, T.REJECT, S.REJECTED),
    (S.PENDING_REPLACE, T.REQUEST_CANCEL, S.PENDING_CANCEL),
    (S.CANCELED, T.PARTIAL_FILL, S.CANCELED),
    (S.CANCELED, T.FILL, S.FILLED),
    (S.PARTIALLY_FILLED, T.CORRECT, "open"),
    (S.PARTIALLY_FILLED, T.BUST, "open"),
    (S.FILLED, T.CORRECT, "open"),
    (S.FILLED, T.BUST, "open"),
    (S.FILLED, T.REQUEST_REPLACE, S.PENDING_REPLACE),
]

# What the standard does not allow, whatever the order has been through.
NEVER = [
    (S.PARTIALLY_FILLED, T.REJECT),
    (S.FILLED, T.REJECT),
    (S.FILLED, T.CANCEL),
    (S.FILLED, T.PARTIAL_FILL),
    (S.FILLED, T.FILL),
    (S.FILLED, T.REQUEST_CANCEL),
    (S.CANCELED, T.REQUEST_REPLACE),
    (S.CANCELED, T.REQUEST_CANCEL),
    (S.CANCELED, T.ACKNOWLEDGE),
    (S.REJECTED, T.FILL),
    (S.REJECTED, T.PARTIAL_FILL),
    (S.EXPIRED, T.REQUEST_REPLACE),
    (S.PENDING_NEW, T.REQUEST_REPLACE),
    (S.PENDING_CANCEL, T.REQUEST_CANCEL),
    (S.PENDING_CANCEL, T.REQUEST_REPLACE),
    (S.PENDING_REPLACE, T.REQUEST_REPLACE),
    (S.DRAFT, T.FILL),
    (S.UNKNOWN, T.FILL),
    (S.UNKNOWN, T.SEND),
]


@pytest.mark.parametrize(
    ("status", "trigger", "after"),
    FIX_ROWS,
    ids=[f"{status.value}-{trigger.value}" for status, trigger, _ in FIX_ROWS],
)
def test_next_status_follows_fix_appendix_d(
    status: OrderStatus, trigger: Trigger, after: OrderStatus | str
) -> None:
    prior = S.SUSPENDED
    expected = {"prior": prior, "open": S.PARTIALLY_FILLED}.get(after, after)
    assert next_status(status, trigger, prior, cum_qty=40, leaves_qty=60) is expected


@pytest.mark.parametrize(
    ("status", "trigger"),
    NEVER,
    ids=[f"{status.value}-{trigger.value}" for status, trigger in NEVER],
)
def test_is_legal_what_fix_forbids_is_not(status: OrderStatus, trigger: Trigger) -> None:
    assert not is_legal(status, trigger)


@pytest.mark.parametrize("status", list(S))
def test_next_status_without_a_row_raises(status: OrderStatus) -> None:
    for trigger in T:
        if (status, trigger) not in TRANSITIONS:
            assert not is_legal(status, trigger)
            with pytest.raises(KeyError):
                next_status(status, trigger, status, 0, 100)


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_terminal_status_is_left_by_trades_corrections_and_increases_only(
    status: OrderStatus,
) -> None:
    leaving = {
        trigger for (before, trigger), after in TRANSITIONS.items() if before is status is not after
    }
    assert leaving <= {T.FILL, T.CORRECT, T.BUST, T.REQUEST_REPLACE, T.RESTATE}


def test_denied_and_rejected_are_final() -> None:
    assert not [row for row in TRANSITIONS if row[0] in (S.DENIED, S.REJECTED)]


def test_status_groups_cover_every_status_once() -> None:
    assert set(S) == TERMINAL | LOCAL | WORKING
    assert len(TERMINAL) + len(LOCAL) + len(WORKING) == len(S)
    assert PENDING < WORKING


@pytest.mark.parametrize("status", sorted(WORKING))
def test_working_status_can_always_fill_expire_and_be_cancelled(status: OrderStatus) -> None:
    assert all(is_legal(status, trigger) for trigger in (T.FILL, T.EXPIRE, T.CANCEL))


@pytest.mark.parametrize("pending", sorted(PENDING))
def test_pending_status_outranks_what_happens_meanwhile(pending: OrderStatus) -> None:
    for trigger in (T.PARTIAL_FILL, T.FILL, T.SUSPEND, T.END_DAY, T.ACTIVATE, T.RESTATE):
        assert next_status(pending, trigger, S.NEW, 100, 0) is pending


@pytest.mark.parametrize(
    ("cum_qty", "leaves_qty", "status"),
    [(0, 100, S.NEW), (1, 99, S.PARTIALLY_FILLED), (100, 0, S.FILLED)],
)
def test_open_status_says_what_the_quantities_say(
    cum_qty: int, leaves_qty: int, status: OrderStatus
) -> None:
    assert open_status(cum_qty, leaves_qty) is status
