"""Backup and restore with proof: what comes back replays to the very state that was saved.

A backup holds the whole log with its chain, checkpoints, commands and snapshots. The read tables
are made from the log anew; quotes are conflated and not kept; logins are the database server's.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.audit.checkpoints import Contradiction, check_signed
from app.audit.export import FileAuditor, damaged
from app.audit.lines import (
    VERSION,
    CommandLine,
    Head,
    LineReader,
    LineWriter,
    Row,
    Signed,
    SnapshotLine,
    row_of,
)
from app.audit.log_auditor import LogAuditor
from app.audit.verify import PAGE, AuditReport, Progress, audit_store, newest_snapshots, no_progress
from app.core.desk_state import state_hash
from app.engine.effects import read_rows
from app.store.tables import CommandRecord, EpochEvent, StoreTables
from models.errors import BadInput, StoreDamaged
from models.events import AnyEvent, DayStarted

_BATCH = 1_000


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What was saved, or restored; `state_hash` is what the log comes to, computed from it."""

    file: str
    store_id: str
    events: int
    commands: int
    waiting: int
    snapshots: int
    checkpoints: int
    state_hash: str
    proof: str


def backup(tables: StoreTables, path: Path, progress: Progress = no_progress) -> Copied:
    """Write all that the store holds; raises `StoreDamaged` when that contradicts itself."""
    try:
        signed = tables.checkpoints()
        auditor = LogAuditor(check_signed(signed, tables.store_id()), newest_snapshots(tables))
        with LineWriter(path) as writer:
            writer.write(_head(tables))
            for each in signed:
                writer.write(Signed(checkpoint=each))
            head_seq = tables.head_seq()
            while page := tables.epoch_events(auditor.seq, PAGE):
                auditor.take([row.event for row in page])
                for row in page:
                    writer.write(row_of(row.event, row.epoch))
                progress(auditor.seq, head_seq)
            auditor.finish(head_seq)
            waiting = _write_commands(tables, writer)
            for snapshot in tables.snapshots():
                writer.write(SnapshotLine(snapshot=snapshot))
            end = writer.end(state_hash(auditor.state))
    except Contradiction as found:
        raise damaged(found, "It is not backed up as if it were sound; verify it.") from None
    return Copied(
        file=str(path),
        store_id=tables.store_id(),
        events=end.rows,
        commands=end.commands,
        waiting=waiting,
        snapshots=end.snapshots,
        checkpoints=end.checkpoints,
        state_hash=end.state_hash,
        proof="the log that was written replays to this state",
    )


def _head(tables: StoreTables) -> Head:
    seq = tables.head_seq()
    return Head(
        version=VERSION,
        store_id=tables.store_id(),
        made_ts=tables.now(),
        from_seq=1,
        to_seq=seq,
        head_seq=seq,
        is_whole=True,
        kind="backup",
        epoch=tables.epoch(),
    )


def _write_commands(tables: StoreTables, writer: LineWriter) -> int:
    after, waiting = 0, 0
    while True:
        after, page = tables.commands(after, PAGE)
        if not page:
            return waiting
        for each in page:
            waiting += not each.decided
            writer.write(CommandLine(**msgspec.structs.asdict(each)))


# -- the way back --------------------------------------------------------------------------------


def restore(path: Path, tables: StoreTables, progress: Progress = no_progress) -> Copied:
    """Put a backup into an empty store, read it back, and keep it only if it is the same.

    Raises `BadInput` for a file that is no backup and a store that holds something, `StoreDamaged`
    when file or store do not come to what was saved; then nothing was changed.
    """
    reader = LineReader(path)
    if reader.head.kind != "backup":
        raise BadInput(f"{path} is an export of the log, and no backup: it has no commands.")
    if not tables.is_empty():
        raise BadInput(
            "The store holds something already, and nothing is written over it. Restore into a "
            "new one."
        )
    restoring = _Restoring(reader.head, tables)
    try:
        for line in reader:
            restoring.take(line)
            if isinstance(line, Row) and line.seq % PAGE == 0:
                progress(line.seq, reader.head.to_seq)
        restoring.finish()
    except Contradiction as found:
        raise damaged(found, "Nothing was restored.") from None
    again = _read_back(tables, restoring)
    tables.commit()
    return Copied(
        file=str(path),
        store_id=reader.head.store_id,
        events=again.events,
        commands=restoring.commands,
        waiting=restoring.waiting,
        snapshots=restoring.snapshots,
        checkpoints=again.checkpoints,
        state_hash=again.state_hash,
        proof="read back from the store, chain and state are those of the backup",
    )


def _read_back(tables: StoreTables, restored: _Restoring) -> AuditReport:
    report, auditor = audit_store(tables)
    same = auditor.heads == restored.auditor.heads and report.events == restored.auditor.rows
    wanted = state_hash(restored.auditor.state)
    if report.fault is not None or not same or report.state_hash != wanted:
        what = report.fault.what if report.fault is not None else f"{report.state_hash} ≠ {wanted}"
        raise StoreDamaged(
            f"What was written does not read back as the backup ({what}). Nothing was restored."
        )
    return report


class _Restoring:
    """Writes a backup's lines in batches, and checks them as a verification of the file does."""

    def __init__(self, head: Head, tables: StoreTables) -> None:
        self._head, self._tables = head, tables
        self._file = FileAuditor(head, AuditReport(store_id=head.store_id), (), ())
        self._rows: list[EpochEvent] = []
        self._events: list[AnyEvent] = []
        self._commands: list[CommandRecord] = []
        self.commands = self.waiting = self.snapshots = 0

    @property
    def auditor(self) -> LogAuditor:
        return self._file.auditor

    def take(self, line: object) -> None:
        """Take the next line."""
        match line:
            case Row():
                self._take_row(line)
                return
            case CommandLine():
                self._take_command(line)
            case SnapshotLine():
                self._flush_rows()  # a store keeps no snapshot of events that it does not hold
                self._tables.write_snapshot(line.snapshot)
                self.snapshots += 1
            case Signed():
                self._file.take(line)
                self._tables.write_checkpoint(line.checkpoint)
            case _:
                self._file.take(line)  # type: ignore[arg-type]

    def _take_row(self, row: Row) -> None:
        # A new day drops what the old one ended, so the rows of that are taken before it.
        if len(self._rows) >= _BATCH or row.kind == DayStarted.__name__:
            self._flush_rows()
        self._events += self._file.take(row)
        self._rows.append(EpochEvent(row.epoch, row.event()))

    def _flush_rows(self) -> None:
        if self._rows:
            self._tables.write_events(self._rows, read_rows(self.auditor.state, self._events))
        self._rows, self._events = [], []

    def _take_command(self, line: CommandLine) -> None:
        self.commands += 1
        self.waiting += not line.decided
        self._commands.append(CommandRecord(**msgspec.structs.asdict(line)))
        if len(self._commands) >= _BATCH:
            self._flush_commands()

    def _flush_commands(self) -> None:
        if self._commands:
            self._tables.write_commands(self._commands)
        self._commands = []

    def finish(self) -> None:
        """Write what is left, and say where the store stands."""
        self._flush_rows()
        self._flush_commands()
        self._file.finish()
        head = self._head
        self._tables.write_head(head.store_id, head.epoch, head.to_seq, self.auditor.heads)
