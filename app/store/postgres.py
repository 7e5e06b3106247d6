"""The store over PostgreSQL: a desk shared by many machines.

What is written goes through the functions in `sql/functions.sql`, one statement a call, so that
a client which stops in the middle holds no lock. A lost connection is opened again by the next
call; the call that lost it has an unknown outcome.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from app.core.context import Quote
from app.ports import (
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
)
from app.store import passwords
from app.store.enforcement import Identity, means_of, read_identity, scripts, what_was_done
from app.store.event_rows import (
    EVENT_COLUMNS,
    SELECT_CHECKPOINTS,
    order_mark,
    seq_before,
    stored_checkpoints,
    stored_events,
)
from app.store.postgres_driver import Listener, Target, connect, parse_target, unavailable
from app.store.read_tables import (
    ALERT_COLUMNS,
    EXECUTION_COLUMNS,
    ORDER_COLUMNS,
    alert_values,
    execution_values,
    order_values,
)
from app.store.schema import SCHEMA_VERSION, check_version, disposing, migrate
from app.store.submissions import check_numbers, conflict, refusal, unstorable
from models.errors import StoreDamaged, StoreRefused, StoreUnavailable
from models.market import Bar, Depth

_SUBMIT = (
    "SELECT verdict, judged_ts, reason FROM blotter_submit(%s::text[], %s::text[], %s::text[], "
    "%s::text[], %s::integer[], %s::bigint[], %s::text[])"
)
_APPEND = (
    "SELECT blotter_append(%s::bigint, %s::bigint, %s::text[], %s::bigint[], %s::bigint[], "
    "%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], "
    "%s::jsonb, %s::text[], %s::jsonb, %s::jsonb)"
)
_READ = f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > %s"
_READ_PAGE = (
    f"SELECT clock.ts, head.seq, {', '.join(f'e.{name}' for name in EVENT_COLUMNS.split(', '))} "
    "FROM (SELECT blotter_now() AS ts) AS clock CROSS JOIN head LEFT JOIN LATERAL ("
    f"{_READ} AND stream = ANY (%s::text[]) ORDER BY seq LIMIT %s) AS e ON true ORDER BY e.seq"
)
_SNAPSHOT = (
    "SELECT seq, state_hash, heads, blob FROM snapshot WHERE scope = %s AND version = %s "
    "ORDER BY seq DESC LIMIT 1"
)
_VERSION = "SELECT to_regclass('alembic_version') IS NOT NULL"
_PUBLISH_MARKET = (
    "SELECT blotter_publish_market(%s::bigint, %s::text[], %s::bigint[], %s::text[], "
    "%s::text[], %s::bigint[], %s::text[], "
    "%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::bigint[], %s::bigint[])"
)
_BARS = (
    f"SELECT {', '.join(f'bar.{name}' for name in Bar.__struct_fields__)} "
    "FROM unnest(%s::text[], %s::bigint[]) AS wanted (symbol, from_ts) "
    "JOIN bar ON bar.symbol = wanted.symbol AND bar.start_ts >= wanted.from_ts "
    "ORDER BY bar.symbol, bar.start_ts"
)
# Any number of this program's; held while a schema is made, so that two do not make it at once.
_INIT_LOCK = 0x6465736B
_DAMAGED = "DB001"  # raised by blotter_check_chain
# What a desktop does takes milliseconds; a snapshot that is held open slows every append.
TRANSACTION_MAX_S = 30
WATCH_EVERY_S = 5.0

_heads_decoder = msgspec.json.Decoder(dict[str, StreamHead])
_quote_decoder = msgspec.json.Decoder(Quote)
_depth_decoder = msgspec.json.Decoder(Depth)


def init_postgres(url: str, *, password: str = "", allow_plain: bool = False) -> dict[str, str]:
    """Make the store at `url`, or bring it up to date; idempotent. Returns what was done.

    Roles and rights too, when the login may make them; without them the store enforces nothing.

    Raises `StoreUnavailable` when the server can't be reached, `StoreRefused` when it or what it
    holds can't be used, or the login may not create tables.
    """
    import sqlalchemy as sa

    target = parse_target(url, password=password, allow_plain=allow_plain)
    connection = connect(target)
    try:
        means = means_of(connection, target.where)
        connection.execute("SET statement_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", (_INIT_LOCK,))
        found = _schema_version(connection)
        if found is not None and not (found.isdigit() and int(found) <= SCHEMA_VERSION):
            check_version(found, target.where)
        connection.autocommit = False
        engine = sa.create_engine(
            "postgresql+psycopg://", creator=lambda: connection, poolclass=sa.StaticPool
        )
        with disposing(engine):
            migrate(engine, *scripts(means))
    except sa.exc.DBAPIError as error:
        raise _translated(error.orig or error, target.where) from error
    except psycopg.Error as error:
        raise _translated(error, target.where) from error
    finally:
        connection.close()
    return {
        "schema": f"{found or 'none'} to {SCHEMA_VERSION:04}",
        **what_was_done(means),
    }


def schema_version(url: str, *, password: str = "", allow_plain: bool = False) -> str | None:
    """Return Alembic's version of the store at `url`, `None` where there is none."""
    target = parse_target(url, password=password, allow_plain=allow_plain)
    with connect(target) as connection:
        try:
            return _schema_version(connection)
        except psycopg.Error as error:
            raise _translated(error, target.where) from error


def lacks_password(url: str) -> bool:
    """Whether the server asks for a password that is found nowhere; `False` when it is silent."""
    target = parse_target(url)
    try:
        connect(target).close()
    except StoreRefused as error:
        return passwords.missing_text(target.params, target.where) == str(error)
    except StoreUnavailable:
        return False
    return False


def remember_postgres_password(url: str, password: str) -> str:
    """Put a password that the server takes into the keyring, and return its name there."""
    target = parse_target(url, password=password)
    connect(target).close()
    return passwords.remember(target.params, password)


def _schema_version(connection: psycopg.Connection[Any]) -> str | None:
    exists = connection.execute(_VERSION).fetchone()
    if exists is None or not exists[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _translated(error: BaseException, where: str) -> Exception:
    """Return a driver's error as the port's: what another try may mend, and what it can't."""
    if not isinstance(error, psycopg.Error):
        return StoreRefused(f"{where} can't be used: {error}.")
    if error.sqlstate == _DAMAGED:
        return StoreDamaged(error.diag.message_primary or str(error))
    # Read-only: the server has become a standby, and the next connection finds the new primary.
    if isinstance(
        error,
        psycopg.OperationalError | psycopg.InterfaceError | psycopg.errors.ReadOnlySqlTransaction,
    ):
        return unavailable(error, where)
    return StoreRefused(f"{where} can't be used: {error.diag.message_primary or error}.")


class PostgresStore:
    """A connection to a PostgreSQL store; implements `Store`. Belongs to the thread that uses it.

    `url` is SQLAlchemy's (`postgresql+psycopg://…`), libpq's, or a conninfo string; a password
    better comes from a pass file or the keyring. `allow_plain` takes an unencrypted connection
    over a network.
    """

    def __init__(
        self,
        url: str,
        *,
        password: str = "",
        allow_plain: bool = False,
        application_name: str = "deskblotter",
    ) -> None:
        self._target: Target = parse_target(url, password=password, allow_plain=allow_plain)
        self._application_name = application_name
        self._connection: psycopg.Connection[Any] | None = None
        self._listeners: list[Listener] = []
        self._is_closed = False
        self._next_watch = 0.0
        self._connected()

    def __repr__(self) -> str:
        return f"<PostgresStore {self._target.where}>"

    def health(self) -> StoreHealth:
        identity = self._identity()
        notes = identity.notes
        if not self._target.is_local and self._target.allow_plain:
            notes += ("The connection may be unencrypted.",)
        return StoreHealth(
            kind="PostgreSQL",
            where=self._target.where,
            enforces=identity.is_held,
            notes=notes,
            login=identity.login if identity.is_held else "",
            reads_all=not identity.is_held or identity.reads_all,
        )

    def _identity(self) -> Identity:
        try:
            return read_identity(self._connected())
        except psycopg.Error as error:
            self._drop_connection()
            raise _translated(error, self._target.where) from error

    def now(self) -> int:
        return int(self._value("SELECT blotter_now()"))

    def close(self) -> None:
        self._is_closed = True
        while self._listeners:
            self._listeners.pop().stop()
        self._drop_connection()

    def on_commands(self, wake: Callable[[], None]) -> None:
        self._listen(("commands",), wake)

    def on_events(self, wake: Callable[[], None]) -> None:
        self._listen(("events", "market"), wake)

    def _listen(self, channels: Sequence[str], wake: Callable[[], None]) -> None:
        self._listeners.append(Listener(self._target, channels, wake, self._application_name))

    # -- the connection ------------------------------------------------------------------------

    def _connected(self) -> psycopg.Connection[Any]:
        """Return the connection, opened again when it was lost."""
        if self._is_closed:
            raise StoreUnavailable(f"PostgreSQL {self._target.where}: this connection was closed.")
        if self._connection is None:
            connection = connect(self._target, application_name=self._application_name)
            try:
                check_version(_schema_version(connection), self._target.where)
            except BaseException as error:
                connection.close()
                if isinstance(error, psycopg.Error):
                    raise _translated(error, self._target.where) from error
                raise
            self._connection = connection
        return self._connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _rows(self, sql: str, values: Sequence[object] = (), *, binary: bool = False) -> list[Any]:
        connection = self._connected()
        try:
            return connection.execute(sql, values, binary=binary).fetchall()
        except psycopg.Error as error:
            translated = _translated(error, self._target.where)
            if isinstance(translated, StoreUnavailable):
                self._drop_connection()
            raise translated from error

    def _value(self, sql: str, values: Sequence[object] = ()) -> Any:
        return self._rows(sql, values)[0][0]

    # -- desktops ------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> Outcome:
        return self.submit_many([submission])[0]

    def submit_many(self, submissions: Sequence[Submission]) -> list[Outcome]:
        outcomes = [unstorable(submission) for submission in submissions]
        sent = [s for s, refused in zip(submissions, outcomes, strict=True) if refused is None]
        answers = iter(self._submit(sent) if sent else [])
        return [refused if refused is not None else next(answers) for refused in outcomes]

    def _submit(self, sent: Sequence[Submission]) -> list[Outcome]:
        rows = self._rows(
            _SUBMIT,
            (
                text_array(s.command_id for s in sent),
                text_array(s.author for s in sent),
                text_array(s.desk for s in sent),
                text_array(s.kind for s in sent),
                number_array(s.lane for s in sent),
                number_array(s.seen_ts for s in sent),
                text_array(s.body.decode() for s in sent),
            ),
        )
        return [
            _outcome(submission, Verdict(verdict), judged_ts, reason)
            for submission, (verdict, judged_ts, reason) in zip(sent, rows, strict=True)
        ]

    def lookup(self, command_id: str) -> Outcome:
        verdict = self._value("SELECT blotter_lookup(%s)", (command_id,))
        return Outcome(command_id=command_id, verdict=Verdict(verdict))

    def void(self, command_id: str, author: str) -> Outcome:
        verdict = self._value("SELECT blotter_void(%s, %s)", (command_id, author))
        return Outcome(command_id=command_id, verdict=Verdict(verdict))

    def read(self, streams: Sequence[str] | None, after_seq: int, limit: int) -> list[StoredEvent]:
        if streams is None:
            rows = self._rows(f"{_READ} ORDER BY seq LIMIT %s", (after_seq, limit))
        else:
            rows = self._rows(
                f"{_READ} AND stream = ANY (%s::text[]) ORDER BY seq LIMIT %s",
                (after_seq, text_array(streams), limit),
            )
        return stored_events(rows)

    def head_seq(self) -> int:
        return int(self._value("SELECT seq FROM head"))

    def read_page(self, streams: Sequence[str], after_seq: int, limit: int) -> LogPage:
        # One statement, as every desktop asks this on every hint.
        rows = self._rows(_READ_PAGE, (after_seq, text_array(streams), limit))
        return LogPage(
            rows[0][0], stored_events(row[2:] for row in rows if row[2] is not None), rows[0][1]
        )

    def seq_before(self, ts: int) -> int:
        sql = "SELECT ts FROM event WHERE seq = %s"
        return seq_before(ts, self.head_seq(), lambda seq: int(self._value(sql, (seq,))))

    def order_events(
        self, order_id: str, stream: str, after_seq: int, until_seq: int
    ) -> list[StoredEvent]:
        # The empty text keeps the planner off the index by stream, as it may read all of that.
        rows = self._rows(
            f"{_READ} AND seq <= %s AND stream || '' = %s AND strpos(body, %s) > 0 ORDER BY seq",
            (after_seq, until_seq, stream, order_mark(order_id)),
        )
        return stored_events(rows)

    def latest_snapshot(self, scope: str, version: int) -> StoredSnapshot | None:
        rows = self._rows(_SNAPSHOT, (scope, version), binary=True)
        if not rows:
            return None
        seq, state_hash, heads, blob = rows[0]
        return StoredSnapshot(
            scope=scope,
            seq=seq,
            version=version,
            state_hash=state_hash,
            heads=_heads_decoder.decode(heads),
            blob=blob,
        )

    def read_market(self, after_ts: int) -> tuple[int, list[Quote]]:
        # One statement, so that the feed and its quotes are of one moment.
        rows = self._rows(
            "SELECT coalesce((SELECT ts FROM feed), 0), body "
            "FROM (VALUES (1)) AS one LEFT JOIN quote ON quote.ts > %s",
            (after_ts,),
        )
        return rows[0][0], [_quote_decoder.decode(body) for _, body in rows if body is not None]

    def read_depth(self, symbols: Sequence[str]) -> list[Depth]:
        rows = self._rows(
            "SELECT body FROM depth WHERE symbol = ANY (%s::text[])", (text_array(symbols),)
        )
        return [_depth_decoder.decode(body) for (body,) in rows]

    def read_bars(self, after: Mapping[str, int]) -> list[Bar]:
        rows = self._rows(_BARS, (text_array(after), number_array(after.values())), binary=True)
        return [Bar(*row) for row in rows]

    # -- audit ---------------------------------------------------------------------------------

    def store_id(self) -> str:
        return str(self._value("SELECT store_id FROM store"))

    def checkpoints(self) -> list[StoredCheckpoint]:
        return stored_checkpoints(self._rows(SELECT_CHECKPOINTS))

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> bool:
        return bool(
            self._value(
                "SELECT blotter_add_checkpoint(%s::bigint, %s::bigint, %s, %s)",
                (checkpoint.number, checkpoint.seq, checkpoint.body, checkpoint.signature),
            )
        )

    # -- the engine ----------------------------------------------------------------------------

    def leader(self) -> Lease | None:
        rows = self._rows("SELECT epoch, holder, expires_ts FROM blotter_leader()")
        if not rows:
            return None
        epoch, holder, expires_ts = rows[0]
        return Lease(epoch=epoch, holder=holder, expires_ts=expires_ts)

    def acquire_lease(self, holder: str, ttl_ns: int) -> Lease | None:
        rows = self._rows(
            "SELECT epoch, expires_ts FROM blotter_acquire(%s, %s::bigint)", (holder, ttl_ns)
        )
        if not rows:
            return None
        epoch, expires_ts = rows[0]
        return Lease(epoch=epoch, holder=holder, expires_ts=expires_ts)

    def renew_lease(self, lease: Lease, ttl_ns: int) -> Lease | None:
        expires_ts = self._value(
            "SELECT blotter_renew(%s::bigint, %s, %s::bigint)", (lease.epoch, lease.holder, ttl_ns)
        )
        if expires_ts is None:
            return None
        self._watch()
        return msgspec.structs.replace(lease, expires_ts=expires_ts)

    def _watch(self) -> None:
        """End people's transactions that are so long that they hold the engine up."""
        if time.monotonic() >= self._next_watch:
            self._next_watch = time.monotonic() + WATCH_EVERY_S
            self._rows("SELECT blotter_end_long_transactions(%s)", (TRANSACTION_MAX_S,))

    def release_lease(self, lease: Lease) -> None:
        self._rows("SELECT blotter_release(%s::bigint, %s)", (lease.epoch, lease.holder))

    def pending(self, limit: int) -> list[PendingCommand]:
        rows = self._rows(
            "SELECT arrival, lane, command_id, body FROM blotter_pending(%s::bigint)", (limit,)
        )
        return [
            PendingCommand(arrival=arrival, lane=lane, command_id=command_id, body=body.encode())
            for arrival, lane, command_id, body in rows
        ]

    def asks_four_eyes(self) -> bool:
        return bool(self._value("SELECT blotter_asks_four_eyes()"))

    def use_approval(
        self, lease: Lease, command_id: str, kind: str, author: str, body: bytes
    ) -> str | None:
        verdict, checker = self._rows(
            "SELECT verdict, checker FROM blotter_use_approval(%s::bigint, %s, %s, %s, %s)",
            (lease.epoch, kind, hashlib.sha256(body).hexdigest(), author, command_id),
        )[0]
        if verdict == "fenced":  # what is not known must not be decided
            raise StoreUnavailable(f"PostgreSQL {self._target.where}: the lease ran out.")
        return str(checker) if verdict == "granted" else None

    def append(self, request: AppendRequest) -> AppendStatus:
        check_numbers(request)
        events, rows = request.events, request.rows
        status = self._value(
            _APPEND,
            (
                request.epoch,
                request.expected_seq,
                text_array(event.stream for event in events),
                number_array(event.stream_seq for event in events),
                number_array(event.ts for event in events),
                text_array(event.command_id for event in events),
                text_array(event.kind for event in events),
                text_array(event.body.decode() for event in events),
                text_array(event.hash for event in events),
                number_array(command.arrival for command in request.settles),
                *read_row_values(rows),
            ),
        )
        return AppendStatus(status)

    def save_snapshot(self, snapshot: StoredSnapshot) -> None:
        self._rows(
            "SELECT blotter_save_snapshot(%s, %s::bigint, %s::integer, %s, %s, %b)",
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
        self._rows(
            _PUBLISH_MARKET,
            (
                ts,
                text_array(quote.symbol for quote in quotes),
                number_array(quote.ts for quote in quotes),
                text_array(msgspec.json.encode(quote).decode() for quote in quotes),
                text_array(depth.symbol for depth in depths),
                number_array(depth.ts for depth in depths),
                text_array(msgspec.json.encode(depth).decode() for depth in depths),
                text_array(bar.symbol for bar in bars),
                *(
                    number_array(getattr(bar, name) for bar in bars)
                    for name in Bar.__struct_fields__[1:]
                ),
            ),
        )


def text_array(values: Iterable[str]) -> str:
    """Return a `text[]` as the server reads it; ten times as fast as the driver's own way."""
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def number_array(values: Iterable[int]) -> str:
    """Return an array of integers as the server reads it."""
    return "{" + ",".join(map(str, values)) + "}"


def _outcome(submission: Submission, verdict: Verdict, judged_ts: int, reason: str) -> Outcome:
    """Return the server's verdict in every store's words."""
    if verdict is Verdict.CONFLICT:
        return conflict(submission.command_id)
    if verdict is Verdict.STALE:
        return refusal(submission, judged_ts) or Outcome(
            command_id=submission.command_id, verdict=verdict
        )
    return Outcome(command_id=submission.command_id, verdict=verdict, text=reason)


def read_row_values(rows: ReadRows) -> tuple[object, ...]:
    """Return the read rows as `blotter_append` takes them, each thing once; `None` for no rows."""
    orders = {order.order_id: order_values(order) for order in rows.orders}
    executions = {fill.exec_id: execution_values(fill) for fill in rows.executions}
    alerts = {alert.alert_id: alert_values(alert) for alert in rows.alerts}
    return (
        _json_rows(ORDER_COLUMNS, orders.values()),
        text_array(rows.busted) if rows.busted else None,
        _json_rows(EXECUTION_COLUMNS, executions.values()),
        _json_rows(ALERT_COLUMNS, alerts.values()),
    )


def _json_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str | None:
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    if not objects:
        return None
    encoded = msgspec.json.encode(objects)
    if rb"\u0000" in encoded:
        encoded = msgspec.json.encode([_without_nul(row) for row in objects])
    return encoded.decode()


def _without_nul(row: dict[str, object]) -> dict[str, object]:
    """Return `row` with a mark for each NUL: PostgreSQL's text has none, and the log keeps it."""
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
        for name, value in row.items()
    }
