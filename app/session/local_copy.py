"""A desktop's own copy of what it may read: to look at while the store can't be reached.

The newest snapshot of its person's streams and what was read since, in a file of that person's
alone. It is appended to as the log is read, so that a desktop which is killed leaves one too; what
a crash has cut off at its end is left out.
"""

from __future__ import annotations

import contextlib
import os
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from app.core.desk_state import STATE_VERSION
from app.ports import StoredEvent, StoredSnapshot

TAIL_MAX = 50_000  # rows; a newer snapshot then takes the place of what is before it
_STAMP_EVERY_S = 5.0
_LENGTH = struct.Struct(">I")
_RECORD_MAX = 1 << 30


class _Begin(msgspec.Struct, tag=True):
    streams: tuple[str, ...]
    version: int
    snapshot: StoredSnapshot | None


class _Rows(msgspec.Struct, tag=True):
    rows: list[StoredEvent]


class _Stamp(msgspec.Struct, tag=True):
    store_ts: int
    saved_ts: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Begin | _Rows | _Stamp)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy holds; `store_ts` is the store's clock and `saved_ts` this machine's, when it
    was last known to be all that there was."""

    snapshot: StoredSnapshot | None
    rows: Sequence[StoredEvent]
    store_ts: int
    saved_ts: int

    @property
    def seq(self) -> int:
        """The last event in it."""
        if self.rows:
            return self.rows[-1].seq
        return self.snapshot.seq if self.snapshot is not None else 0


class LocalCopy:
    """The file; belongs to the thread that reads the store.

    A disk that refuses ends the copy, not the session.
    """

    def __init__(self, path: Path, streams: Sequence[str]) -> None:
        self._path = path
        self._streams = tuple(streams)
        self._file: IO[bytes] | None = None
        self._seq = 0
        self._tail = 0
        self._next_stamp_s = 0.0

    @property
    def is_long(self) -> bool:
        """Whether a newer snapshot should take the place of its beginning."""
        return self._file is not None and self._tail > TAIL_MAX

    def load(self) -> Kept | None:
        """Return what it holds, and go on behind that; `None` when it is of no use."""
        self.close()
        try:
            kept, end = self._read()
            if kept is None:
                return None
            self._file = self._path.open("r+b")
            self._file.truncate(end)
            self._file.seek(end)
        except OSError:
            return None
        self._seq, self._tail = kept.seq, len(kept.rows)
        return kept

    def peek(self) -> Kept | None:
        """Return what it holds without going on behind that: a desktop may be writing it."""
        try:
            return self._read()[0]
        except OSError:
            return None

    def follow(self, after_seq: int, snapshot: StoredSnapshot | None) -> None:
        """The session reads on after `after_seq`, which `snapshot` may have brought it to."""
        if self._file is not None and after_seq <= self._seq:
            return
        if snapshot is not None and snapshot.seq == after_seq:
            self._begin(snapshot, ())
        elif after_seq == 0:
            self._begin(None, ())
        else:
            self.close()  # it would have a gap

    def note(self, rows: Sequence[StoredEvent], store_ts: int, *, is_all: bool) -> None:
        """Keep what was read; `is_all` when the store had no more, which stamps it."""
        fresh = [row for row in rows if row.seq > self._seq]
        if self._file is None:
            return
        if fresh:
            self._write(_Rows(fresh))
            self._seq, self._tail = fresh[-1].seq, self._tail + len(fresh)
        if is_all and (fresh or time.monotonic() >= self._next_stamp_s):
            self._next_stamp_s = time.monotonic() + _STAMP_EVERY_S
            self._write(_Stamp(store_ts, time.time_ns()))

    def shorten(self, snapshot: StoredSnapshot | None) -> None:
        """Begin anew with a newer snapshot, and what was read after it."""
        if snapshot is None or self._file is None or snapshot.seq > self._seq:
            self._tail = 0  # asked for again when as much has come once more
            return
        self._file.flush()
        with contextlib.suppress(OSError):
            kept, _ = self._read()
            if kept is not None:
                self._begin(snapshot, [row for row in kept.rows if row.seq > snapshot.seq])
                self._write(_Stamp(kept.store_ts, kept.saved_ts))

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()

    # -- the file ------------------------------------------------------------------------------

    def _begin(self, snapshot: StoredSnapshot | None, rows: Sequence[StoredEvent]) -> None:
        self.close()
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.unlink(missing_ok=True)
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "r+b")
        except OSError:
            return
        self._write(_Begin(self._streams, STATE_VERSION, snapshot))
        if rows:
            self._write(_Rows(list(rows)))
        with contextlib.suppress(OSError):
            beside.replace(self._path)
        self._seq = rows[-1].seq if rows else snapshot.seq if snapshot is not None else 0
        self._tail = len(rows)

    def _write(self, record: _Begin | _Rows | _Stamp) -> None:
        if self._file is None:
            return
        body = _encoder.encode(record)
        try:
            self._file.write(_LENGTH.pack(len(body)) + body)
            self._file.flush()
        except OSError:
            self.close()

    def _read(self) -> tuple[Kept | None, int]:
        """Return what the file holds, and where that ends.

        Rows behind the last stamp are true too; only how old they are they do not tell.
        """
        end, stamp = 0, None
        snapshot: StoredSnapshot | None = None
        rows: list[StoredEvent] = []
        for record, at in self._records():
            match record:
                case _Begin():
                    if end or record.streams != self._streams or record.version != STATE_VERSION:
                        break
                    snapshot = record.snapshot
                case _Rows():
                    rows += record.rows
                case _Stamp():
                    stamp = record
            end = at
        if stamp is None:
            return None, 0
        return Kept(
            snapshot=snapshot, rows=rows, store_ts=stamp.store_ts, saved_ts=stamp.saved_ts
        ), end

    def _records(self) -> Iterator[tuple[_Begin | _Rows | _Stamp, int]]:
        with self._path.open("rb") as file:
            while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
                (length,) = _LENGTH.unpack(head)
                body = file.read(min(length, _RECORD_MAX))
                if len(body) != length:
                    return
                try:
                    record = _decoder.decode(body)
                except (msgspec.DecodeError, msgspec.ValidationError):
                    return
                yield record, file.tell()
