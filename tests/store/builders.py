"""Submissions, events and rows for the store's tests, in the fewest words."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.ports import (
    REST_LANE,
    AppendRequest,
    AppendStatus,
    Lease,
    PendingCommand,
    ReadRows,
    Store,
    StoredEvent,
    StreamHead,
    Submission,
    chain_hash,
)
from models.alerts import Alert, Severity
from models.executions import Execution
from models.order_state import OrderStatus
from models.orders import Order, OrderType, Side, TimeInForce

HOUR_NS = 3_600 * 10**9
_numbers = itertools.count(1)


def submission(**changes: Any) -> Submission:
    """Return a submission with an id of its own, of which no freshness is asked."""
    number = next(_numbers)
    usual = Submission(
        command_id=f"c-{number}",
        author="alice",
        desk="alpha",
        kind="SubmitOrder",
        lane=REST_LANE,
        seen_ts=0,
        body=b'{"n":%d}' % number,
    )
    return msgspec.structs.replace(usual, **changes)


def order(order_id: str, **changes: Any) -> Order:
    """Return an accepted order to buy 100."""
    fields: dict[str, Any] = {
        "order_id": order_id,
        "command_id": f"c-{order_id}",
        "desk": "alpha",
        "trader": "alice",
        "symbol": "ACME",
        "side": Side.BUY,
        "qty": 100,
        "order_type": OrderType.LIMIT,
        "account": "FUND1",
        "venue": "SIM",
        "time_in_force": TimeInForce.DAY,
        "status": OrderStatus.NEW,
        "underlying_status": OrderStatus.NEW,
        "created_ts": 1,
        "updated_ts": 1,
        "limit_px": 191_400_000_000,
        "leaves_qty": 100,
    }
    return Order(**{**fields, **changes})


def execution(exec_id: str, **changes: Any) -> Execution:
    """Return a fill of 10."""
    usual = Execution(
        exec_id=exec_id,
        order_id="O-1",
        desk="alpha",
        symbol="ACME",
        side=Side.BUY,
        account="FUND1",
        qty=10,
        px=191_400_000_000,
        ts=5,
        venue="SIM",
    )
    return msgspec.structs.replace(usual, **changes)


def alert(alert_id: str, **changes: Any) -> Alert:
    """Return an open warning."""
    usual = Alert(
        alert_id=alert_id,
        desk="alpha",
        severity=Severity.WARNING,
        rule="price_collar",
        text="Limit price 191.40 is 5.2% above the last.",
        ts=7,
    )
    return msgspec.structs.replace(usual, **changes)


class Writer:
    """An engine's pen: builds events that carry on the log's numbers and chains."""

    def __init__(self, store: Store, lease: Lease | None = None) -> None:
        taken = lease or store.acquire_lease("engine", HOUR_NS)
        assert taken is not None, "somebody else holds the lease"
        self.store = store
        self.lease = taken
        self.seq = 0
        self.heads: dict[str, StreamHead] = {}

    def event(
        self, stream: str = "desk:alpha", command_id: str = "c", body: bytes = b"{}"
    ) -> StoredEvent:
        """Return the next event of the log."""
        head = self.heads.get(stream, StreamHead())
        self.seq += 1
        stream_seq = head.stream_seq + 1
        hash_ = chain_hash(head.hash, stream, stream_seq, command_id, body)
        self.heads[stream] = StreamHead(stream_seq, hash_)
        return StoredEvent(
            seq=self.seq,
            stream=stream,
            stream_seq=stream_seq,
            ts=1_000 + self.seq,
            command_id=command_id,
            kind="OrderAccepted",
            body=body,
            hash=hash_,
        )

    def request(
        self,
        events: Sequence[StoredEvent] = (),
        settles: Sequence[PendingCommand] = (),
        rows: ReadRows | None = None,
        expected_seq: int | None = None,
    ) -> AppendRequest:
        """Return a batch of `events`; `expected_seq` follows from the first of them."""
        if expected_seq is None:
            expected_seq = events[0].seq - 1 if events else self.seq
        return AppendRequest(
            epoch=self.lease.epoch,
            expected_seq=expected_seq,
            events=tuple(events),
            settles=tuple(settles),
            rows=rows or ReadRows(),
        )

    def write(
        self,
        *events: StoredEvent,
        settles: Sequence[PendingCommand] = (),
        rows: ReadRows | None = None,
    ) -> AppendRequest:
        """Append a batch that has to succeed, and return it."""
        request = self.request(events, settles, rows)
        assert self.store.append(request) is AppendStatus.APPENDED
        return request


def wait_until(condition: Callable[[], object], give_up_s: float = 30.0) -> None:
    """Return when `condition` holds; fails long after it should have."""
    until = time.monotonic() + give_up_s
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.005)
