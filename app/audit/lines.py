"""The file that exports, backups and archives are: JSON, one object a line, `line` says which.

A `head` first, rows of the log in their order, then what else it holds, and an `end` with counts
and the SHA-256 of every byte before it. A name that ends in .gz is compressed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, cast

import msgspec

from app.ports import StoredCheckpoint, StoredEvent, StoredSnapshot, StreamHead
from models.errors import BadInput

VERSION = 1
_LEVEL = 6


class Head(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="head"):
    """What the file is: rows `from_seq` to `to_seq` of a store whose log ended at `head_seq`.

    `is_whole` tells that every stream is in it; `before` is where the streams stood at its start.
    """

    version: int
    store_id: str
    made_ts: int
    from_seq: int
    to_seq: int
    head_seq: int
    is_whole: bool
    before: dict[str, StreamHead] = {}
    kind: str = "export"
    epoch: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="row", gc=False):
    """A row of the log; a backup has its epoch too."""

    seq: int
    stream: str
    stream_seq: int
    ts: int
    command_id: str
    kind: str
    body: str
    hash: str
    epoch: int = 0

    def event(self) -> StoredEvent:
        """Return it as the port has it."""
        return StoredEvent(
            seq=self.seq,
            stream=self.stream,
            stream_seq=self.stream_seq,
            ts=self.ts,
            command_id=self.command_id,
            kind=self.kind,
            body=self.body.encode(),
            hash=self.hash,
        )


class Signed(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="checkpoint"):
    """A signed checkpoint."""

    checkpoint: StoredCheckpoint


class CommandLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="command"):
    """A command as it was received; in backups only."""

    command_id: str
    author: str
    desk: str
    kind: str
    lane: int
    void: bool
    received_ts: int
    decided: bool
    body: str


class SnapshotLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="snapshot"):
    """A snapshot, its blob in base64; in backups only."""

    snapshot: StoredSnapshot


class End(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="end"):
    """What the file holds, and the SHA-256 of all before it."""

    rows: int
    checkpoints: int
    sha256: str
    commands: int = 0
    snapshots: int = 0
    state_hash: str = ""


Line = Head | Row | Signed | CommandLine | SnapshotLine | End
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def row_of(event: StoredEvent, epoch: int = 0) -> Row:
    """Return a row of the log as a line."""
    return Row(
        seq=event.seq,
        stream=event.stream,
        stream_seq=event.stream_seq,
        ts=event.ts,
        command_id=event.command_id,
        kind=event.kind,
        body=event.body.decode(),
        hash=event.hash,
        epoch=epoch,
    )


class LineWriter:
    """Writes such a file. It has its name only when it is whole; an old one is not overwritten."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise BadInput(f"{path} is there already and is not overwritten. Name another file.")
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._digest = hashlib.sha256()
        self.counts: dict[type, int] = {}
        try:
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._raw = os.fdopen(handle, "wb")
        except OSError as error:
            raise BadInput(f"{path} can't be written: {error.strerror}.") from None
        self._file = cast("IO[bytes]", self._raw)
        if path.suffix == ".gz":
            # Without a name and a time in it, so that the same content gives the same bytes.
            packed = gzip.GzipFile("", "wb", _LEVEL, self._raw, mtime=0)
            self._file = cast("IO[bytes]", packed)

    def __enter__(self) -> LineWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if kind is None:
            return
        if self._file is not self._raw:
            self._file.close()
        self._raw.close()
        self._part.unlink(missing_ok=True)

    def write(self, line: Line) -> None:
        """Append a line; raises `BadInput` when the disk is full."""
        encoded = _encoder.encode(line) + b"\n"
        self.counts[type(line)] = self.counts.get(type(line), 0) + 1
        self._digest.update(encoded)
        try:
            self._file.write(encoded)
        except OSError as error:
            raise BadInput(f"{self._path} can't be written: {error.strerror}.") from None

    def end(self, state_hash: str = "") -> End:
        """Write the last line, and give the file its name."""
        end = End(
            rows=self.counts.get(Row, 0),
            checkpoints=self.counts.get(Signed, 0),
            commands=self.counts.get(CommandLine, 0),
            snapshots=self.counts.get(SnapshotLine, 0),
            sha256=self._digest.hexdigest(),
            state_hash=state_hash,
        )
        self.write(end)
        try:
            if self._file is not self._raw:
                self._file.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            self._part.replace(self._path)
        except OSError as error:
            raise BadInput(f"{self._path} can't be written: {error.strerror}.") from None
        return end


class LineReader:
    """Reads such a file from its beginning; raises `BadInput` where it is none.

    `head` is its first line. The end's digest and counts are held against what was read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = self._read()
        first = next(self._lines, None)
        if not isinstance(first, Head):
            raise BadInput(f"{path} is no export, backup or archive of a log.")
        if first.version != VERSION:
            raise BadInput(
                f"{path} has version {first.version}, and this one reads {VERSION}. "
                "Install the newer Deskblotter."
            )
        self.head = first

    def __iter__(self) -> Iterator[Line]:
        return self._lines

    def _read(self) -> Iterator[Line]:
        digest = hashlib.sha256()
        ended = False
        try:
            packed = self._path.suffix == ".gz"
            with gzip.open(self._path) if packed else self._path.open("rb") as file:
                for at, raw in enumerate(file, 1):
                    line = self._decoded(raw, at)
                    if ended:
                        raise BadInput(f"{self._path}, line {at}: it goes on after its end.")
                    if isinstance(line, End):
                        ended = True
                        if line.sha256 != digest.hexdigest():
                            raise BadInput(
                                f"{self._path} is not as it was written: its end says SHA-256 "
                                f"{line.sha256}, and it is {digest.hexdigest()}."
                            )
                    digest.update(raw)
                    yield line
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise BadInput(f"{self._path} can't be read: {reason}.") from None
        if not ended:
            raise BadInput(f"{self._path} ends in the middle: its last lines are gone.")

    def _decoded(self, raw: bytes, at: int) -> Line:
        try:
            return _decoder.decode(raw)
        except msgspec.DecodeError as error:
            raise BadInput(f"{self._path}, line {at}: {error}.") from None
