"""The store over SQLite: shared by the desktops of one machine.

Three files: the log (`desk.db`, which only the engine writes), the inbox (`desk.inbox.db`, which
only desktops write, and which so is their durable outbox), and the market (`desk.market.db`,
which may be lost). One file for all would let busy writers starve the engine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import Any

import msgspec

from app.core.context import Quote
from app.ports import (
    FIRST_LANE,
    REST_LANE,
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
from app.store.event_rows import (
    EVENT_COLUMNS,
    SELECT_CHECKPOINTS,
    order_mark,
    seq_before,
    stored_checkpoints,
    stored_events,
)
from app.store.read_tables import (
    ALERT_COLUMNS,
    EXECUTION_COLUMNS,
    ORDER_COLUMNS,
    alert_values,
    execution_values,
    order_values,
)
from app.store.schema import SCHEMA_VERSION, check_version, disposing, migrate
from app.store.sqlite_driver import (
    connect,
    driver,
    health_notes,
    is_busy,
    refuse_network_share,
    retry_busy,
)
from app.store.sqlite_market import (
    MARKET_SCHEMA,
    SELECT_BARS,
    decode_depth,
    decode_quote,
    write_market,
)
from app.store.submissions import check_numbers, conflict, refusal, unstorable
from models.errors import StoreRefused, StoreUnavailable
from models.market import Bar, Depth

DESKTOP_POLL_S = 0.010
ENGINE_POLL_S = 0.005  # an order waits for this one first
BUSY_POLL_S = 0.004
_HURRY_S = 0.5
_INBOX_CHECKPOINT_COMMANDS = 2_000

_INBOX_SCHEMA = """
CREATE TABLE IF NOT EXISTS command (
    arrival INTEGER PRIMARY KEY AUTOINCREMENT, command_id TEXT NOT NULL UNIQUE,
    author TEXT NOT NULL, desk TEXT NOT NULL, kind TEXT NOT NULL, lane INTEGER NOT NULL,
    void INTEGER NOT NULL, received_ts INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_command_lane ON command (lane, arrival) WHERE void = 0;
"""


def _upsert(table: str, columns: Sequence[str]) -> str:
    """Whole rows are written, so the old one may go: cheaper than to name each column's change."""
    return (
        f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) "
        f"VALUES ({', '.join('?' * len(columns))})"
    )


_UPSERT_ORDER = _upsert("orders", ORDER_COLUMNS)
_UPSERT_EXECUTION = _upsert("executions", EXECUTION_COLUMNS)
_UPSERT_ALERT = _upsert("alerts", ALERT_COLUMNS)
UPSERT_STREAM = _upsert("stream", ("name", "stream_seq", "hash"))
INSERT_EVENT = (
    "INSERT INTO event (seq, stream, stream_seq, epoch, ts, command_id, kind, body, hash) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_COMMAND = (
    "INSERT INTO command (command_id, author, desk, kind, lane, void, received_ts, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

_heads_decoder = msgspec.json.Decoder(dict[str, StreamHead])


def inbox_path(path: Path) -> Path:
    """Return the file that desktops write their commands to."""
    return path.with_name(f"{path.stem}.inbox{path.suffix}")


def market_path(path: Path) -> Path:
    """Return the file that quotes are published in."""
    return path.with_name(f"{path.stem}.market{path.suffix}")


def init_sqlite(path: Path) -> None:
    """Make the store at `path`, or bring its schema up to date; idempotent."""
    import sqlalchemy as sa

    refuse_network_share(path)
    found = schema_version(path)
    if found is not None and not (found.isdigit() and int(found) <= SCHEMA_VERSION):
        check_version(found, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    connect(path, checkpoints=True).close()
    engine = sa.create_engine(f"sqlite:///{path}", module=driver)
    with disposing(engine):
        migrate(engine)
    _beside(inbox_path(path), _INBOX_SCHEMA, durable=True).close()
    _beside(market_path(path), MARKET_SCHEMA, durable=False).close()


def _beside(path: Path, schema: str, *, durable: bool, checkpoints: bool = False) -> Any:
    connection = connect(path, checkpoints=checkpoints, durable=durable)
    retry_busy(lambda: connection.executescript(schema))
    return connection


def schema_version(path: Path) -> str | None:
    """Return Alembic's version of the store at `path`, `None` where there is none."""
    if not path.exists():
        return None
    connection = connect(path, checkpoints=False)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except driver.OperationalError:
        return None
    finally:
        connection.close()
    return str(row[0]) if row else None


class SqliteStore:
    """A connection to a SQLite store; implements `Store`. Belongs to the thread that uses it.

    `for_engine` lets it move the WAL files' content into the databases, which one process may do.
    """

    def __init__(self, path: Path, *, for_engine: bool = False) -> None:
        refuse_network_share(path)
        check_version(schema_version(path), str(path))
        self._path = path
        self._log = connect(path, checkpoints=for_engine)
        self._inbox = _beside(inbox_path(path), _INBOX_SCHEMA, durable=True)
        self._market = _beside(
            market_path(path), MARKET_SCHEMA, durable=False, checkpoints=for_engine
        )
        self._for_engine = for_engine
        self._settled = 0
        self._pollers: list[_Poller] = []

    def health(self) -> StoreHealth:
        return StoreHealth(
            kind="SQLite", where=self._path.name, enforces=False, notes=health_notes()
        )

    def now(self) -> int:
        return time_ns()

    def close(self) -> None:
        for poller in self._pollers:
            poller.stop()
        for connection in (self._log, self._inbox, self._market):
            connection.close()

    def on_commands(self, wake: Callable[[], None]) -> None:
        self._pollers.append(_Poller([inbox_path(self._path)], wake, ENGINE_POLL_S))

    def on_events(self, wake: Callable[[], None]) -> None:
        self._pollers.append(_Poller([self._path, market_path(self._path)], wake, DESKTOP_POLL_S))

    @contextmanager
    def _writing(self, connection: Any) -> Iterator[None]:
        """Hold the write lock for a block; commit at its end, or leave everything as it was."""
        try:
            retry_busy(lambda: connection.execute("BEGIN IMMEDIATE"))
            try:
                yield
                retry_busy(lambda: connection.execute("COMMIT"))
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except driver.OperationalError as error:
            raise StoreUnavailable(f"SQLite: {error}") from error
        except (driver.DatabaseError, OverflowError) as error:
            raise StoreRefused(f"{self._path.name} can't be used: {error}.") from error

    def _rows(self, connection: Any, sql: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            rows: list[Any] = retry_busy(lambda: connection.execute(sql, values).fetchall())
        except driver.OperationalError as error:
            raise StoreUnavailable(f"SQLite: {error}") from error
        return rows

    # -- desktops ------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> Outcome:
        return self.submit_many([submission])[0]

    def submit_many(self, submissions: Sequence[Submission]) -> list[Outcome]:
        for poller in self._pollers:
            poller.hurry()
        with self._writing(self._inbox):
            return [self._submit(submission) for submission in submissions]

    def _submit(self, submission: Submission) -> Outcome:
        refused = unstorable(submission)
        if refused is not None:
            return refused
        command_id, body = submission.command_id, submission.body.decode()
        known = self._inbox.execute(
            "SELECT author, body, void FROM command WHERE command_id = ?", (command_id,)
        ).fetchone()
        if known is not None:
            author, known_body, void = known
            if not void and (author, known_body) != (submission.author, body):
                return conflict(command_id)
            return self.lookup(command_id)
        now = self.now()
        refused = refusal(submission, now)
        if refused is not None:
            return refused
        self._inbox.execute(
            INSERT_COMMAND,
            (
                command_id,
                submission.author,
                submission.desk,
                submission.kind,
                submission.lane,
                0,
                now,
                body,
            ),
        )
        return Outcome(command_id=command_id, verdict=Verdict.RECEIVED)

    def lookup(self, command_id: str) -> Outcome:
        rows = self._rows(
            self._inbox,
            "SELECT arrival, lane, void FROM command WHERE command_id = ?",
            (command_id,),
        )
        if not rows:
            return Outcome(command_id=command_id, verdict=Verdict.NOT_SEEN)
        arrival, lane, void = rows[0]
        if void:
            return Outcome(command_id=command_id, verdict=Verdict.VOIDED)
        decided = arrival <= self._cursors()[lane]
        return Outcome(
            command_id=command_id, verdict=Verdict.DECIDED if decided else Verdict.RECEIVED
        )

    def _cursors(self) -> dict[int, int]:
        first, rest = self._rows(self._log, "SELECT cursor_first, cursor_rest FROM head")[0]
        return {FIRST_LANE: first, REST_LANE: rest}

    def void(self, command_id: str, author: str) -> Outcome:
        with self._writing(self._inbox):
            self._inbox.execute(
                f"{INSERT_COMMAND} ON CONFLICT (command_id) DO NOTHING",
                (command_id, author, "", "", REST_LANE, 1, self.now(), ""),
            )
        return self.lookup(command_id)

    def read(self, streams: Sequence[str] | None, after_seq: int, limit: int) -> list[StoredEvent]:
        sql, values = f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > ?", [after_seq, limit]
        if streams is not None:
            sql += f" AND stream IN ({', '.join('?' * len(streams))})"
            values[1:1] = streams  # type: ignore[assignment]
        rows = self._rows(self._log, f"{sql} ORDER BY seq LIMIT ?", values)
        return stored_events(rows)

    def head_seq(self) -> int:
        return int(self._rows(self._log, "SELECT seq FROM head")[0][0])

    def read_page(self, streams: Sequence[str], after_seq: int, limit: int) -> LogPage:
        store_ts = self.now()
        return LogPage(store_ts, self.read(streams, after_seq, limit), self.head_seq())

    def seq_before(self, ts: int) -> int:
        sql = "SELECT ts FROM event WHERE seq = ?"
        return seq_before(
            ts, self.head_seq(), lambda seq: int(self._rows(self._log, sql, (seq,))[0][0])
        )

    def order_events(
        self, order_id: str, stream: str, after_seq: int, until_seq: int
    ) -> list[StoredEvent]:
        # The plus keeps the planner off the index by stream, which would read the whole of it.
        rows = self._rows(
            self._log,
            f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > ? AND seq <= ? AND +stream = ? "
            "AND instr(body, ?) > 0 ORDER BY seq",
            (after_seq, until_seq, stream, order_mark(order_id)),
        )
        return stored_events(rows)

    def latest_snapshot(self, scope: str, version: int) -> StoredSnapshot | None:
        rows = self._rows(
            self._log,
            "SELECT seq, state_hash, heads, blob FROM snapshot WHERE scope = ? AND version = ? "
            "ORDER BY seq DESC LIMIT 1",
            (scope, version),
        )
        if not rows:
            return None
        seq, state_hash, heads, blob = rows[0]
        return StoredSnapshot(
            scope=scope,
            seq=seq,
            version=version,
            state_hash=state_hash,
            heads=_heads_decoder.decode(heads),
            blob=bytes(blob),
        )

    def read_market(self, after_ts: int) -> tuple[int, list[Quote]]:
        feed = self._rows(self._market, "SELECT ts FROM feed")
        rows = self._rows(self._market, "SELECT body FROM quote WHERE ts > ?", (after_ts,))
        return (feed[0][0] if feed else 0), [decode_quote(body) for (body,) in rows]

    def read_depth(self, symbols: Sequence[str]) -> list[Depth]:
        rows = self._rows(
            self._market,
            f"SELECT body FROM depth WHERE symbol IN ({', '.join('?' * len(symbols))})",
            symbols,
        )
        return [decode_depth(body) for (body,) in rows]

    def read_bars(self, after: Mapping[str, int]) -> list[Bar]:
        return [
            Bar(*row)
            for wanted in after.items()
            for row in self._rows(self._market, SELECT_BARS, wanted)
        ]

    # -- audit ---------------------------------------------------------------------------------

    def store_id(self) -> str:
        return str(self._rows(self._log, "SELECT store_id FROM store")[0][0])

    def checkpoints(self) -> list[StoredCheckpoint]:
        return stored_checkpoints(self._rows(self._log, SELECT_CHECKPOINTS))

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> bool:
        with self._writing(self._log):
            added = self._log.execute(
                "INSERT INTO checkpoint (number, seq, body, signature) SELECT ?1, ?2, ?3, ?4 "
                "WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM checkpoint) "
                "AND ?2 <= (SELECT seq FROM head) RETURNING 1",
                (checkpoint.number, checkpoint.seq, checkpoint.body, checkpoint.signature),
            ).fetchall()
        return bool(added)

    # -- the engine ----------------------------------------------------------------------------

    def leader(self) -> Lease | None:
        epoch, holder, expires_ts = self._rows(
            self._log, "SELECT epoch, holder, lease_expires_ts FROM head"
        )[0]
        if expires_ts <= self.now():
            return None
        return Lease(epoch=epoch, holder=holder, expires_ts=expires_ts)

    def acquire_lease(self, holder: str, ttl_ns: int) -> Lease | None:
        if self.leader() is not None:
            return None
        with self._writing(self._log):
            now = self.now()
            taken = self._log.execute(
                "UPDATE head SET epoch = epoch + 1, holder = ?, lease_expires_ts = ? "
                "WHERE lease_expires_ts <= ? RETURNING epoch",
                (holder, now + ttl_ns, now),
            ).fetchall()
        if not taken:
            return None
        return Lease(epoch=taken[0][0], holder=holder, expires_ts=now + ttl_ns)

    def renew_lease(self, lease: Lease, ttl_ns: int) -> Lease | None:
        expires_ts = self.now() + ttl_ns
        with self._writing(self._log):
            kept = self._log.execute(
                "UPDATE head SET lease_expires_ts = ? WHERE epoch = ? AND holder = ? RETURNING 1",
                (expires_ts, lease.epoch, lease.holder),
            ).fetchall()
        return msgspec.structs.replace(lease, expires_ts=expires_ts) if kept else None

    def release_lease(self, lease: Lease) -> None:
        with self._writing(self._log):
            self._log.execute(
                "UPDATE head SET lease_expires_ts = 0 WHERE epoch = ? AND holder = ?",
                (lease.epoch, lease.holder),
            )

    def pending(self, limit: int) -> list[PendingCommand]:
        cursors = self._cursors()
        for lane in (FIRST_LANE, REST_LANE):
            rows = self._rows(
                self._inbox,
                "SELECT arrival, lane, command_id, body FROM command "
                "WHERE lane = ? AND arrival > ? AND void = 0 ORDER BY arrival LIMIT ?",
                (lane, cursors[lane], limit),
            )
            if rows:
                return [
                    PendingCommand(arrival=a, lane=at, command_id=c, body=body.encode())
                    for a, at, c, body in rows
                ]
        return []

    def asks_four_eyes(self) -> bool:
        return False

    def use_approval(
        self, lease: Lease, command_id: str, kind: str, author: str, body: bytes
    ) -> str | None:
        return None

    def append(self, request: AppendRequest) -> AppendStatus:
        log = self._log
        check_numbers(request)
        with self._writing(log):
            epoch, expires_ts, seq = log.execute(
                "SELECT epoch, lease_expires_ts, seq FROM head"
            ).fetchone()
            if epoch != request.epoch:
                return AppendStatus.FENCED
            if expires_ts <= self.now():
                return AppendStatus.EXPIRED
            if seq != request.expected_seq:
                return self._sent_before(request)
            check_chain(self._stream_heads(request), request.events)
            self._write_events(request)
            self._write_rows(request.rows)
            self._move_head(request)
        self._checkpoint_inbox(len(request.settles))
        return AppendStatus.APPENDED

    def _sent_before(self, request: AppendRequest) -> AppendStatus:
        there = self.read(None, request.expected_seq, len(request.events) + 1)
        is_same = bool(there) and tuple(there) == request.events
        return AppendStatus.ALREADY if is_same else AppendStatus.FENCED

    def _stream_heads(self, request: AppendRequest) -> dict[str, StreamHead]:
        streams = tuple({event.stream for event in request.events})
        rows = self._log.execute(
            "SELECT name, stream_seq, hash FROM stream "
            f"WHERE name IN ({', '.join('?' * len(streams))})",
            streams,
        )
        return {name: StreamHead(stream_seq, hash_) for name, stream_seq, hash_ in rows}

    def _write_events(self, request: AppendRequest) -> None:
        self._log.executemany(
            INSERT_EVENT,
            [
                (
                    event.seq,
                    event.stream,
                    event.stream_seq,
                    request.epoch,
                    event.ts,
                    event.command_id,
                    event.kind,
                    event.body.decode(),
                    event.hash,
                )
                for event in request.events
            ],
        )
        heads = {e.stream: (e.stream, e.stream_seq, e.hash) for e in request.events}
        self._log.executemany(UPSERT_STREAM, heads.values())

    def _write_rows(self, rows: ReadRows) -> None:
        log = self._log
        if rows.orders:
            log.executemany(_UPSERT_ORDER, map(order_values, rows.orders))
        if rows.busted:
            log.executemany("DELETE FROM executions WHERE exec_id = ?", [(x,) for x in rows.busted])
        if rows.executions:
            log.executemany(_UPSERT_EXECUTION, map(execution_values, rows.executions))
        if rows.alerts:
            log.executemany(_UPSERT_ALERT, map(alert_values, rows.alerts))

    def _move_head(self, request: AppendRequest) -> None:
        cursors = {FIRST_LANE: 0, REST_LANE: 0}
        for command in request.settles:
            cursors[command.lane] = max(cursors[command.lane], command.arrival)
        self._log.execute(
            "UPDATE head SET seq = ?, cursor_first = max(cursor_first, ?), "
            "cursor_rest = max(cursor_rest, ?)",
            (
                request.expected_seq + len(request.events),
                cursors[FIRST_LANE],
                cursors[REST_LANE],
            ),
        )

    def _checkpoint_inbox(self, settled: int) -> None:
        """Now and then move the inbox's WAL into its file; desktops never do."""
        self._settled += settled
        if self._settled >= _INBOX_CHECKPOINT_COMMANDS:
            self._settled = 0
            self._rows(self._inbox, "PRAGMA wal_checkpoint(PASSIVE)")

    def save_snapshot(self, snapshot: StoredSnapshot) -> None:
        last = self._rows(
            self._log, "SELECT stream, hash FROM event WHERE seq = ?", (snapshot.seq,)
        )
        if not last or snapshot.heads.get(last[0][0], StreamHead(0, last[0][1])).hash != last[0][1]:
            return
        with self._writing(self._log):
            self._insert_snapshot(snapshot)
            self._log.execute(
                "DELETE FROM snapshot WHERE scope = ? AND version = ? AND seq < (SELECT seq FROM "
                "snapshot WHERE scope = ? AND version = ? ORDER BY seq DESC LIMIT 1 OFFSET 1)",
                (snapshot.scope, snapshot.version, snapshot.scope, snapshot.version),
            )

    def _insert_snapshot(self, snapshot: StoredSnapshot) -> None:
        self._log.execute(
            "INSERT OR REPLACE INTO snapshot (scope, seq, version, state_hash, heads, blob) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                snapshot.scope,
                snapshot.seq,
                snapshot.version,
                snapshot.state_hash,
                msgspec.json.encode(snapshot.heads).decode(),
                snapshot.blob,
            ),
        )

    def publish_market(
        self,
        ts: int,
        quotes: Sequence[Quote],
        depths: Sequence[Depth] = (),
        bars: Sequence[Bar] = (),
    ) -> None:
        with self._writing(self._market):
            write_market(self._market, ts, quotes, depths, bars)


class _Poller(threading.Thread):
    """Watches files for commits by others; `PRAGMA data_version` costs some microseconds."""

    def __init__(self, paths: Sequence[Path], wake: Callable[[], None], poll_s: float) -> None:
        super().__init__(name="sqlite-hints", daemon=True)
        self._poll_s = poll_s
        self._paths = paths
        self._wake = wake
        self._stopping = threading.Event()
        self._hurry_until = 0.0
        self.start()

    def hurry(self) -> None:
        """Look more often for a while: something is about to happen."""
        self._hurry_until = time.monotonic() + _HURRY_S

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def run(self) -> None:
        connections = [connect(path, checkpoints=False) for path in self._paths]
        try:
            seen = [-1] * len(connections)
            while not self._stopping.is_set():
                versions = [self._version(connection) for connection in connections]
                if versions != seen:
                    seen = versions
                    self._wake()
                in_a_hurry = time.monotonic() < self._hurry_until
                self._stopping.wait(BUSY_POLL_S if in_a_hurry else self._poll_s)
        finally:
            for connection in connections:
                connection.close()

    @staticmethod
    def _version(connection: Any) -> int:
        try:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])
        except driver.OperationalError as error:
            if is_busy(error):
                return -1
            raise
