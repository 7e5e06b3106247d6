"""A PostgreSQL store read or written as a whole, by whoever administers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from app.ports import ReadRows, StoredCheckpoint, StoredSnapshot, StreamHead
from app.store.event_rows import EVENT_COLUMNS, stored_events
from app.store.postgres import PostgresStore, number_array, read_row_values, text_array
from app.store.tables import CommandRecord, EpochEvent
from models.errors import StoreRefused, StoreUnavailable

_heads_decoder = msgspec.json.Decoder(dict[str, StreamHead])
_COMMANDS = """
    SELECT c.arrival, c.command_id, c.author, c.desk, c.kind, c.lane, c.void, c.received_ts, c.body,
        p.arrival IS NULL
    FROM command c LEFT JOIN pending p ON p.arrival = c.arrival
    WHERE c.arrival > %s ORDER BY c.arrival LIMIT %s
"""
_INSERT_EVENTS = f"""
    INSERT INTO event (epoch, {EVENT_COLUMNS})
    SELECT * FROM unnest(
        %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
        %s::text[], %s::text[], %s::text[]
    ) RETURNING 1
"""
_INSERT_COMMANDS = """
    INSERT INTO command (command_id, author, desk, kind, lane, void, received_ts, body)
    SELECT c.command_id, c.author, c.desk, c.kind, c.lane, c.void, c.received_ts, c.body
    FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::boolean[],
        %s::bigint[], %s::text[]
    ) WITH ORDINALITY AS c (command_id, author, desk, kind, lane, void, received_ts, body, n)
    ORDER BY c.n RETURNING 1
"""


class PostgresTables(PostgresStore):
    """One transaction of one connection, which is not opened again; implements `StoreTables`."""

    def __init__(self, url: str, *, password: str = "", writes: bool) -> None:
        super().__init__(url, password=password, application_name="deskblotter copy")
        self._begun = False
        try:
            self._refuse_bound()
            self._run("SET statement_timeout = 0")
            self._run(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ {'WRITE' if writes else 'ONLY'}")
            if writes:
                self._run("LOCK TABLE event, command, checkpoint IN SHARE ROW EXCLUSIVE MODE")
            # The moment that all is read at; who wants the lease meanwhile waits for us.
            self._run("SELECT 1 FROM head" + (" FOR UPDATE" if writes else ""))
            self._begun = True
        except BaseException:
            self.close()
            raise

    def _refuse_bound(self) -> None:
        identity = self._identity()
        if identity.is_held:
            raise StoreRefused(
                f"{identity.login} is {identity.role or 'nobody'} here, and a copy of the whole "
                "store holds more than that may see. Use the login that administers it."
            )

    def _connected(self) -> psycopg.Connection[Any]:
        if getattr(self, "_begun", False) and self._connection is None:
            raise StoreUnavailable(
                f"PostgreSQL {self._target.where}: the connection was lost in the middle. "
                "Nothing was changed; run it again."
            )
        return super()._connected()

    def _run(self, sql: str, values: Sequence[object] = ()) -> None:
        """Run what gives no rows."""
        try:
            self._connected().execute(sql, values)
        except psycopg.OperationalError as error:
            self._drop_connection()
            raise StoreUnavailable(f"PostgreSQL {self._target.where}: {error}") from error
        except psycopg.Error as error:
            raise StoreRefused(f"{self._target.where} can't be used: {error}.") from error

    def epoch(self) -> int:
        return int(self._value("SELECT epoch FROM head"))

    def is_empty(self) -> bool:
        return bool(
            self._value(
                "SELECT seq = 0 AND NOT EXISTS (SELECT FROM event) "
                "AND NOT EXISTS (SELECT FROM command) AND NOT EXISTS (SELECT FROM checkpoint) "
                "AND NOT EXISTS (SELECT FROM stream) AND NOT EXISTS (SELECT FROM snapshot) "
                "FROM head"
            )
        )

    def epoch_events(self, after_seq: int, limit: int) -> list[EpochEvent]:
        rows = self._rows(
            f"SELECT epoch, {EVENT_COLUMNS} FROM event WHERE seq > %s ORDER BY seq LIMIT %s",
            (after_seq, limit),
        )
        events = stored_events(row[1:] for row in rows)
        return [EpochEvent(row[0], event) for row, event in zip(rows, events, strict=True)]

    def commands(self, after: int, limit: int) -> tuple[int, list[CommandRecord]]:
        rows = self._rows(_COMMANDS, (after, limit))
        found = [
            CommandRecord(
                command_id=command_id,
                author=author,
                desk=desk,
                kind=kind,
                lane=lane,
                void=void,
                received_ts=received_ts,
                decided=decided,
                body=body,
            )
            for _, command_id, author, desk, kind, lane, void, received_ts, body, decided in rows
        ]
        return (rows[-1][0] if rows else after), found

    def snapshots(self) -> list[StoredSnapshot]:
        rows = self._rows(
            "SELECT scope, seq, version, state_hash, heads, blob FROM snapshot ORDER BY seq, scope",
            binary=True,
        )
        return [
            StoredSnapshot(
                scope=scope,
                seq=seq,
                version=version,
                state_hash=state_hash,
                heads=_heads_decoder.decode(heads),
                blob=blob,
            )
            for scope, seq, version, state_hash, heads, blob in rows
        ]

    # -- writing -------------------------------------------------------------------------------

    def write_events(self, events: Sequence[EpochEvent], rows: ReadRows) -> None:
        bare = [each.event for each in events]
        self._rows(
            _INSERT_EVENTS,
            (
                number_array(each.epoch for each in events),
                number_array(event.seq for event in bare),
                text_array(event.stream for event in bare),
                number_array(event.stream_seq for event in bare),
                number_array(event.ts for event in bare),
                text_array(event.command_id for event in bare),
                text_array(event.kind for event in bare),
                text_array(event.body.decode() for event in bare),
                text_array(event.hash for event in bare),
            ),
        )
        self._rows(
            "SELECT blotter_write_rows(%s::jsonb, %s::text[], %s::jsonb, %s::jsonb)",
            read_row_values(rows),
        )

    def write_commands(self, commands: Sequence[CommandRecord]) -> None:
        self._rows(
            _INSERT_COMMANDS,
            (
                text_array(c.command_id for c in commands),
                text_array(c.author for c in commands),
                text_array(c.desk for c in commands),
                text_array(c.kind for c in commands),
                number_array(c.lane for c in commands),
                [c.void for c in commands],
                number_array(c.received_ts for c in commands),
                text_array(c.body for c in commands),
            ),
        )
        self._rows(
            "INSERT INTO pending (arrival, lane) SELECT arrival, lane FROM command "
            "WHERE command_id = ANY (%s::text[]) RETURNING 1",
            (text_array(c.command_id for c in commands if not c.decided),),
        )

    def write_snapshot(self, snapshot: StoredSnapshot) -> None:
        self.save_snapshot(snapshot)

    def write_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        self._run(
            "INSERT INTO checkpoint (number, seq, body, signature) VALUES (%s, %s, %s, %s)",
            (checkpoint.number, checkpoint.seq, checkpoint.body, checkpoint.signature),
        )

    def write_head(
        self, store_id: str, epoch: int, seq: int, streams: Mapping[str, StreamHead]
    ) -> None:
        self._run("UPDATE head SET epoch = greatest(epoch, %s), seq = %s", (epoch, seq))
        self._run("UPDATE store SET store_id = %s", (store_id,))
        self._run(
            "INSERT INTO stream (name, stream_seq, hash) "
            "SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[])",
            (
                text_array(streams),
                number_array(head.stream_seq for head in streams.values()),
                text_array(head.hash for head in streams.values()),
            ),
        )

    def commit(self) -> None:
        self._run("COMMIT")
