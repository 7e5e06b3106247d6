"""Writes a part of the log to a file that somebody can verify without us, and verifies such a file.

The checkpoints come before the rows, so that a reader can compare as it goes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from app.audit.checkpoints import Contradiction
from app.audit.lines import (
    VERSION,
    CommandLine,
    End,
    Head,
    LineReader,
    LineWriter,
    Row,
    Signed,
    SnapshotLine,
    row_of,
)
from app.audit.log_auditor import LogAuditor
from app.audit.verify import PAGE, AuditReport, Fault, Progress, fill, no_progress, signed_by
from app.core.desk_state import STATE_VERSION, state_hash
from app.ports import Store, StoredCheckpoint
from models.errors import BadInput, StoreDamaged
from models.events import AnyEvent


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    file: str
    store_id: str
    from_seq: int
    to_seq: int
    is_whole: bool
    streams: list[str]
    rows: int
    checkpoints: int
    sha256: str
    notes: list[str] = []


def export_log(
    store: Store,
    path: Path,
    from_seq: int = 1,
    to_seq: int = 0,
    progress: Progress = no_progress,
    signed: Sequence[StoredCheckpoint] | None = None,
) -> Exported:
    """Write rows `from_seq` to `to_seq` (0: to the last) of what this login may read.

    Raises `BadInput` for a span that is none, `StoreDamaged` where what is read contradicts itself.
    """
    health = store.health()
    checkpoints = store.checkpoints() if signed is None else signed
    head_seq = store.head_seq()
    last = to_seq or head_seq
    if not 1 <= from_seq <= last <= head_seq:
        raise BadInput(
            f"Events {from_seq} to {last} can't be exported: the log has 1 to {head_seq}."
        )
    try:
        # The rows before the first are read too: where the streams stood follows from them.
        auditor = LogAuditor(is_whole=health.reads_all)
        auditor.replays = False
        _take_until(store, auditor, from_seq - 1, None, progress)
        head = Head(
            version=VERSION,
            store_id=store.store_id(),
            made_ts=store.now(),
            from_seq=from_seq,
            to_seq=last,
            head_seq=head_seq,
            is_whole=health.reads_all,
            before=dict(auditor.heads),
        )
        with LineWriter(path) as writer:
            writer.write(head)
            for each in checkpoints:
                writer.write(Signed(checkpoint=each))
            _take_until(store, auditor, last, writer, progress)
            if health.reads_all and auditor.seq != last:
                raise Contradiction(auditor.seq + 1, "", "it is missing")
            end = writer.end()
    except Contradiction as found:
        raise damaged(found, "Verify the store.") from None
    return _exported(path, head, end, sorted(auditor.heads))


def damaged(found: Contradiction, way_out: str) -> StoreDamaged:
    """Return a contradiction as the refusal of a verb that needs a sound log."""
    return StoreDamaged(
        f"Event {found.seq} of {found.stream or 'the log'}: {found.what}. {way_out}"
    )


def _take_until(
    store: Store, auditor: LogAuditor, last: int, writer: LineWriter | None, progress: Progress
) -> None:
    while auditor.seq < last:
        rows = [row for row in store.read(None, auditor.seq, PAGE) if row.seq <= last]
        if not rows:
            return
        auditor.take(rows)
        if writer is not None:
            for row in rows:
                writer.write(row_of(row))
        progress(auditor.seq, last)


def _exported(path: Path, head: Head, end: End, streams: list[str]) -> Exported:
    notes = []
    if not head.is_whole:
        notes.append(
            f"It holds what this login may read: {', '.join(streams) or 'nothing'}. The rest of "
            "the store can't be verified from it."
        )
    if not end.checkpoints:
        notes.append("It holds no signed checkpoint, so it proves its chain alone.")
    return Exported(
        file=str(path),
        store_id=head.store_id,
        from_seq=head.from_seq,
        to_seq=head.to_seq,
        is_whole=head.is_whole,
        streams=streams,
        rows=end.rows,
        checkpoints=end.checkpoints,
        sha256=end.sha256,
        notes=notes,
    )


# -- verifying a file ----------------------------------------------------------------------------


def verify_file(
    path: Path,
    trusted: Collection[str] = (),
    copies: Sequence[StoredCheckpoint] = (),
    progress: Progress = no_progress,
) -> AuditReport:
    """Verify an export, backup or archive; raises `BadInput` for a file that is none, or cut."""
    reader = LineReader(path)
    head = reader.head
    report = AuditReport(store_id=head.store_id, is_whole=head.is_whole, from_seq=head.from_seq)
    file = FileAuditor(head, report, trusted, copies)
    try:
        for line in reader:
            file.take(line)
            if isinstance(line, Row) and line.seq % PAGE == 0:
                progress(line.seq, head.to_seq)
        file.finish()
    except Contradiction as found:
        report.ok = False
        report.fault = Fault(seq=found.seq, stream=found.stream, what=found.what)
    fill(report, file.auditor, trusted)
    if not head.is_whole:
        report.notes.append(
            "The file holds the streams that its maker may read; the rest can't be verified from "
            "it, nor that the numbers have no gaps."
        )
    return report


class FileAuditor:
    """Takes a file's lines: its checkpoints first, and then the rows that they vouch for."""

    def __init__(
        self,
        head: Head,
        report: AuditReport,
        trusted: Collection[str],
        copies: Sequence[StoredCheckpoint],
    ) -> None:
        self._head, self._report, self._trusted, self._copies = head, report, trusted, copies
        self._signed: list[StoredCheckpoint] = []
        self._auditor: LogAuditor | None = None
        self._end: End | None = None

    @property
    def auditor(self) -> LogAuditor:
        """What holds the rows; made when the first one comes."""
        return self._auditor or LogAuditor(is_whole=self._head.is_whole)

    def take(self, line: Head | Row | Signed | CommandLine | SnapshotLine | End) -> list[AnyEvent]:
        """Take the next line, and return what it says if it is a row."""
        match line:
            case Signed():
                self._signed.append(line.checkpoint)
            case Row():
                return self._begun().take([line.event()])
            case End():
                self._end = line
            case _:
                pass  # of a backup: the log does not need it
        return []

    def _begun(self) -> LogAuditor:
        if self._auditor is None:
            head = self._head
            if head.from_seq == 1 and head.before:
                raise Contradiction(1, "", "the file begins at event 1 and has rows before it")
            signed = signed_by(self._signed, self._report, self._trusted, self._copies)
            self._auditor = LogAuditor(
                signed, is_whole=head.is_whole, after_seq=head.from_seq - 1, heads=head.before
            )
        return self._auditor

    def finish(self) -> None:
        """Hold the end against what came."""
        auditor, head = self._begun(), self._head
        auditor.finish(head.to_seq, ends_early=head.to_seq < head.head_seq)
        assert self._end is not None  # else the reader had refused the file
        if self._end.rows != auditor.rows:
            raise Contradiction(auditor.seq + 1, "", f"the file says that it has {self._end.rows}")
        if self._end.state_hash and auditor.replays:
            self._compare_state(self._end.state_hash)

    def _compare_state(self, wanted: str) -> None:
        found = state_hash(self.auditor.state)
        if wanted.startswith(f"{STATE_VERSION}:") and found != wanted:
            what = f"the file says the state {wanted}, and its log comes to {found}"
            raise Contradiction(self.auditor.seq, "", what)
