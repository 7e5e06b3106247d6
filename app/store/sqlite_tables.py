"""A SQLite store read or written as a whole; implements `StoreTables`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from app.ports import ReadRows, StoredCheckpoint, StoredSnapshot, StreamHead
from app.store.event_rows import EVENT_COLUMNS, stored_events
from app.store.sqlite import INSERT_COMMAND, INSERT_EVENT, UPSERT_STREAM, SqliteStore
from app.store.sqlite_driver import driver, retry_busy
from app.store.tables import CommandRecord, EpochEvent
from models.errors import StoreRefused, StoreUnavailable

_heads_decoder = msgspec.json.Decoder(dict[str, StreamHead])
# Who leads a store whose commands are not there yet, for as long as that lasts.
_HALF_DONE, _FOR_EVER = "a restore that did not end", 2**62


class SqliteTables(SqliteStore):
    """The log's file in one transaction, and the inbox beside it, which is read after it.

    What was decided when the log's transaction began is in the inbox that is read later; what
    arrived since counts as waiting, which at that moment it was.
    """

    def __init__(self, path: Path, *, writes: bool) -> None:
        super().__init__(path, for_engine=writes)
        self._waiting: list[CommandRecord] = []
        self._commits = writes
        try:
            begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
            retry_busy(lambda: self._log.execute(begin))
            self._log.execute("SELECT seq FROM head").fetchone()  # where the moment is taken
            if writes:
                retry_busy(lambda: self._inbox.execute(begin))
        except driver.OperationalError as error:
            self.close()
            raise StoreUnavailable(f"SQLite: {error}") from error

    def epoch(self) -> int:
        return int(self._rows(self._log, "SELECT epoch FROM head")[0][0])

    def is_empty(self) -> bool:
        counts = [
            self._rows(self._log, f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)")[0][0]
            for table in ("event", "checkpoint", "stream", "snapshot")
        ]
        commands = self._rows(self._inbox, "SELECT count(*) FROM (SELECT 1 FROM command LIMIT 1)")
        return not any(counts) and not commands[0][0] and self.head_seq() == 0

    def epoch_events(self, after_seq: int, limit: int) -> list[EpochEvent]:
        rows = self._rows(
            self._log,
            f"SELECT epoch, {EVENT_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
            (after_seq, limit),
        )
        events = stored_events(row[1:] for row in rows)
        return [EpochEvent(row[0], event) for row, event in zip(rows, events, strict=True)]

    def commands(self, after: int, limit: int) -> tuple[int, list[CommandRecord]]:
        cursors = self._cursors()
        rows = self._rows(
            self._inbox,
            "SELECT arrival, command_id, author, desk, kind, lane, void, received_ts, body "
            "FROM command WHERE arrival > ? ORDER BY arrival LIMIT ?",
            (after, limit),
        )
        found = [
            CommandRecord(
                command_id=command_id,
                author=author,
                desk=desk,
                kind=kind,
                lane=lane,
                void=bool(void),
                received_ts=received_ts,
                decided=bool(void) or arrival <= cursors[lane],
                body=body,
            )
            for arrival, command_id, author, desk, kind, lane, void, received_ts, body in rows
        ]
        return (rows[-1][0] if rows else after), found

    def snapshots(self) -> list[StoredSnapshot]:
        rows = self._rows(
            self._log,
            "SELECT scope, seq, version, state_hash, heads, blob FROM snapshot ORDER BY seq, scope",
        )
        return [
            StoredSnapshot(
                scope=scope,
                seq=seq,
                version=version,
                state_hash=state_hash,
                heads=_heads_decoder.decode(heads),
                blob=bytes(blob),
            )
            for scope, seq, version, state_hash, heads, blob in rows
        ]

    # -- writing -------------------------------------------------------------------------------

    def write_events(self, events: Sequence[EpochEvent], rows: ReadRows) -> None:
        self._log.executemany(
            INSERT_EVENT,
            [
                (
                    each.event.seq,
                    each.event.stream,
                    each.event.stream_seq,
                    each.epoch,
                    each.event.ts,
                    each.event.command_id,
                    each.event.kind,
                    each.event.body.decode(),
                    each.event.hash,
                )
                for each in events
            ],
        )
        self._write_rows(rows)

    def write_commands(self, commands: Sequence[CommandRecord]) -> None:
        # What waits has to lie behind the cursor, so it is written last.
        self._waiting += [command for command in commands if not command.decided]
        self._insert([command for command in commands if command.decided])

    def _insert(self, commands: Sequence[CommandRecord]) -> None:
        self._inbox.executemany(
            INSERT_COMMAND,
            [
                (c.command_id, c.author, c.desk, c.kind, c.lane, c.void, c.received_ts, c.body)
                for c in commands
            ],
        )

    def write_snapshot(self, snapshot: StoredSnapshot) -> None:
        self._insert_snapshot(snapshot)

    def write_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        self._log.execute(
            "INSERT INTO checkpoint (number, seq, body, signature) VALUES (?, ?, ?, ?)",
            (checkpoint.number, checkpoint.seq, checkpoint.body, checkpoint.signature),
        )

    def write_head(
        self, store_id: str, epoch: int, seq: int, streams: Mapping[str, StreamHead]
    ) -> None:
        last = self._inbox.execute("SELECT coalesce(max(arrival), 0) FROM command").fetchone()[0]
        self._insert(self._waiting)
        self._log.execute(
            "UPDATE head SET epoch = max(epoch, ?), seq = ?, cursor_first = ?, cursor_rest = ?, "
            "holder = ?, lease_expires_ts = ?",
            (epoch, seq, last, last, _HALF_DONE, _FOR_EVER),
        )
        self._log.execute("UPDATE store SET store_id = ?", (store_id,))
        self._log.executemany(
            UPSERT_STREAM, [(name, head.stream_seq, head.hash) for name, head in streams.items()]
        )

    def commit(self) -> None:
        """Two files can't be committed at once, so between them nobody may lead."""
        if not self._commits:
            raise StoreRefused("This store was opened to be read.")
        self._log.execute("COMMIT")
        self._inbox.execute("COMMIT")
        self._log.execute("UPDATE head SET holder = '', lease_expires_ts = 0")
