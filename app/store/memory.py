"""The store in memory: the port's meaning in its plainest form, for tests and simulation."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from time import time_ns
from uuid import uuid4

from app.core.context import Quote
from app.ports import (
    FIRST_LANE,
    AppendRequest,
    AppendStatus,
    Lease,
    LogPage,
    Outcome,
    PendingCommand,
    ReadRows,
    StoredCheckpoint,
    StoredEvent,
    StoredSnapshot,
    StoreHealth,
    StreamHead,
    Submission,
    Verdict,
    check_chain,
)
from app.store.event_rows import order_mark
from app.store.submissions import check_numbers, conflict, refusal, same_command, unstorable
from models.alerts import Alert
from models.executions import Execution
from models.market import BARS_KEPT_NS, Bar, Depth
from models.orders import Order


class MemoryTables:
    """What several `MemoryStore`s share: the tables, and a lock around each call."""

    def __init__(self, clock: Callable[[], int] = time_ns) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.commands: dict[str, Submission] = {}
        self.voided: set[str] = set()
        self.pending: dict[str, PendingCommand] = {}
        self.arrivals = 0
        self.events: list[StoredEvent] = []
        self.heads: dict[str, StreamHead] = {}
        self.epoch = 0
        self.holder = ""
        self.lease: Lease | None = None
        self.store_id = str(uuid4())
        self.checkpoints: list[StoredCheckpoint] = []
        self.snapshots: dict[tuple[str, int], StoredSnapshot] = {}
        self.orders: dict[str, Order] = {}
        self.executions: dict[str, Execution] = {}
        self.alerts: dict[str, Alert] = {}
        self.quotes: dict[str, Quote] = {}
        self.depths: dict[str, Depth] = {}
        self.bars: dict[str, dict[int, Bar]] = {}
        self.feed_ts = 0
        self.command_hints: list[Callable[[], None]] = []
        self.event_hints: list[Callable[[], None]] = []


class MemoryStore:
    """A connection to `MemoryTables`; implements `Store`."""

    def __init__(self, tables: MemoryTables | None = None) -> None:
        self.tables = tables or MemoryTables()

    def health(self) -> StoreHealth:
        return StoreHealth(
            kind="memory", where="this process", enforces=False, notes=("Nothing is kept.",)
        )

    def now(self) -> int:
        return self.tables.clock()

    def close(self) -> None:
        pass

    def on_commands(self, wake: Callable[[], None]) -> None:
        self.tables.command_hints.append(wake)

    def on_events(self, wake: Callable[[], None]) -> None:
        self.tables.event_hints.append(wake)

    def submit(self, submission: Submission) -> Outcome:
        return self.submit_many([submission])[0]

    def submit_many(self, submissions: Sequence[Submission]) -> list[Outcome]:
        refused = [unstorable(submission) for submission in submissions]
        with self.tables.lock:
            outcomes = [
                why or self._submit(submission)
                for why, submission in zip(refused, submissions, strict=True)
            ]
        _call(self.tables.command_hints)
        return outcomes

    def _submit(self, submission: Submission) -> Outcome:
        tables, command_id = self.tables, submission.command_id
        known = tables.commands.get(command_id)
        if known is not None and not same_command(known, submission):
            return conflict(command_id)
        if known is not None or command_id in tables.voided:
            return self.lookup(command_id)
        refused = refusal(submission, self.now())
        if refused is not None:
            return refused
        tables.arrivals += 1
        tables.commands[command_id] = submission
        tables.pending[command_id] = PendingCommand(
            arrival=tables.arrivals,
            lane=submission.lane,
            command_id=command_id,
            body=submission.body,
        )
        return Outcome(command_id=command_id, verdict=Verdict.RECEIVED)

    def lookup(self, command_id: str) -> Outcome:
        tables = self.tables
        with tables.lock:
            if command_id in tables.voided:
                verdict = Verdict.VOIDED
            elif command_id in tables.pending:
                verdict = Verdict.RECEIVED
            elif command_id in tables.commands:
                verdict = Verdict.DECIDED
            else:
                verdict = Verdict.NOT_SEEN
        return Outcome(command_id=command_id, verdict=verdict)

    def void(self, command_id: str, author: str) -> Outcome:
        with self.tables.lock:
            if command_id not in self.tables.commands:
                self.tables.voided.add(command_id)
            return self.lookup(command_id)

    def read(self, streams: Sequence[str] | None, after_seq: int, limit: int) -> list[StoredEvent]:
        with self.tables.lock:
            found = []
            for event in self.tables.events[after_seq:]:
                if streams is None or event.stream in streams:
                    found.append(event)
                    if len(found) == limit:
                        break
            return found

    def head_seq(self) -> int:
        return len(self.tables.events)

    def read_page(self, streams: Sequence[str], after_seq: int, limit: int) -> LogPage:
        store_ts = self.now()
        return LogPage(store_ts, self.read(streams, after_seq, limit), self.head_seq())

    def seq_before(self, ts: int) -> int:
        with self.tables.lock:
            return bisect_left(self.tables.events, ts, key=lambda event: event.ts)

    def order_events(
        self, order_id: str, stream: str, after_seq: int, until_seq: int
    ) -> list[StoredEvent]:
        mark = order_mark(order_id).encode()
        with self.tables.lock:
            span = self.tables.events[after_seq:until_seq]
        return [event for event in span if event.stream == stream and mark in event.body]

    def latest_snapshot(self, scope: str, version: int) -> StoredSnapshot | None:
        with self.tables.lock:
            found = self._snapshots(scope, version)
        return found[-1] if found else None

    def _snapshots(self, scope: str, version: int) -> list[StoredSnapshot]:
        found = [
            snapshot
            for (of, _), snapshot in self.tables.snapshots.items()
            if of == scope and snapshot.version == version
        ]
        return sorted(found, key=lambda snapshot: snapshot.seq)

    def read_market(self, after_ts: int) -> tuple[int, list[Quote]]:
        with self.tables.lock:
            changed = [quote for quote in self.tables.quotes.values() if quote.ts > after_ts]
            return self.tables.feed_ts, changed

    def read_depth(self, symbols: Sequence[str]) -> list[Depth]:
        with self.tables.lock:
            depths = self.tables.depths
            return [depths[symbol] for symbol in symbols if symbol in depths]

    def read_bars(self, after: Mapping[str, int]) -> list[Bar]:
        with self.tables.lock:
            return [
                bar
                for symbol, from_ts in after.items()
                for start_ts, bar in sorted(self.tables.bars.get(symbol, {}).items())
                if start_ts >= from_ts
            ]

    def store_id(self) -> str:
        return self.tables.store_id

    def checkpoints(self) -> list[StoredCheckpoint]:
        with self.tables.lock:
            return list(self.tables.checkpoints)

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> bool:
        with self.tables.lock:
            is_next = checkpoint.number == len(self.tables.checkpoints) + 1
            if not is_next or checkpoint.seq > len(self.tables.events):
                return False
            self.tables.checkpoints.append(checkpoint)
            return True

    def leader(self) -> Lease | None:
        lease = self.tables.lease
        return lease if lease is not None and lease.expires_ts > self.now() else None

    def acquire_lease(self, holder: str, ttl_ns: int) -> Lease | None:
        tables = self.tables
        with tables.lock:
            if self.leader() is not None:
                return None
            tables.epoch += 1
            tables.holder = holder
            tables.lease = Lease(epoch=tables.epoch, holder=holder, expires_ts=self.now() + ttl_ns)
            return tables.lease

    def renew_lease(self, lease: Lease, ttl_ns: int) -> Lease | None:
        tables = self.tables
        with tables.lock:
            if (tables.epoch, tables.holder) != (lease.epoch, lease.holder):
                return None
            tables.lease = Lease(
                epoch=lease.epoch, holder=lease.holder, expires_ts=self.now() + ttl_ns
            )
            return tables.lease

    def release_lease(self, lease: Lease) -> None:
        with self.tables.lock:
            if (self.tables.epoch, self.tables.holder) == (lease.epoch, lease.holder):
                self.tables.lease = None

    def pending(self, limit: int) -> list[PendingCommand]:
        with self.tables.lock:
            waiting = sorted(self.tables.pending.values(), key=lambda p: (p.lane, p.arrival))
            first = [command for command in waiting if command.lane == FIRST_LANE]
            return (first or waiting)[:limit]

    def asks_four_eyes(self) -> bool:
        return False

    def use_approval(
        self, lease: Lease, command_id: str, kind: str, author: str, body: bytes
    ) -> str | None:
        return None

    def append(self, request: AppendRequest) -> AppendStatus:
        tables = self.tables
        check_numbers(request)
        with tables.lock:
            if tables.epoch != request.epoch:
                return AppendStatus.FENCED
            if tables.lease is None or tables.lease.expires_ts <= self.now():
                return AppendStatus.EXPIRED
            if len(tables.events) != request.expected_seq:
                events = request.events
                there = tables.events[request.expected_seq :]
                is_same = bool(events) and there == list(events)
                return AppendStatus.ALREADY if is_same else AppendStatus.FENCED
            if any(command.command_id not in tables.commands for command in request.settles):
                return AppendStatus.FENCED  # the store went back; see blotter_append
            heads = dict(tables.heads)
            check_chain(heads, request.events)
            self._write_rows(request.rows)
            tables.heads = heads
            tables.events.extend(request.events)
            for command in request.settles:
                tables.pending.pop(command.command_id, None)
        _call(tables.event_hints)
        return AppendStatus.APPENDED

    def _write_rows(self, rows: ReadRows) -> None:
        """Write all or, where a row is not what it should be, nothing."""
        tables = self.tables
        orders = {order.order_id: copy(order) for order in rows.orders}
        executions = {fill.exec_id: fill for fill in rows.executions}
        alerts = {alert.alert_id: alert for alert in rows.alerts}
        for exec_id in rows.busted:
            tables.executions.pop(exec_id, None)
        tables.orders.update(orders)
        tables.executions.update(executions)
        tables.alerts.update(alerts)

    def save_snapshot(self, snapshot: StoredSnapshot) -> None:
        with self.tables.lock:
            snapshots, last = self.tables.snapshots, self.tables.events[: snapshot.seq][-1:]
            if len(self.tables.events) < snapshot.seq or any(
                snapshot.heads.get(event.stream, event).hash != event.hash for event in last
            ):
                return
            snapshots[snapshot.scope, snapshot.seq] = snapshot
            for old in self._snapshots(snapshot.scope, snapshot.version)[:-2]:
                del snapshots[old.scope, old.seq]

    def publish_market(
        self,
        ts: int,
        quotes: Sequence[Quote],
        depths: Sequence[Depth] = (),
        bars: Sequence[Bar] = (),
    ) -> None:
        with self.tables.lock:
            self.tables.feed_ts = ts
            self.tables.quotes.update({quote.symbol: quote for quote in quotes})
            self.tables.depths.update({depth.symbol: depth for depth in depths})
            for bar in bars:
                kept = self.tables.bars.setdefault(bar.symbol, {})
                kept[bar.start_ts] = bar
                while (oldest := next(iter(kept))) <= bar.start_ts - BARS_KEPT_NS:
                    del kept[oldest]
        _call(self.tables.event_hints)


def _call(hints: Sequence[Callable[[], None]]) -> None:
    for wake in hints:
        wake()
