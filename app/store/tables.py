"""A store's tables as a whole, in one transaction: what backup, restore and move work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from app.ports import ReadRows, Store, StoredCheckpoint, StoredEvent, StoredSnapshot, StreamHead


class EpochEvent(msgspec.Struct, frozen=True, gc=False):
    """A row of the log, and the epoch that it was written in."""

    epoch: int
    event: StoredEvent


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A command as it was received; `decided` when it does not wait any more."""

    command_id: str
    author: str
    desk: str
    kind: str
    lane: int
    void: bool
    received_ts: int
    decided: bool
    body: str


class StoreTables(Store, Protocol):
    """A store that is read, or written, as a whole; as a `Store` it shows the same moment.

    Nothing that is written is there before `commit`; closed without it, all is as it was.
    """

    def epoch(self) -> int: ...

    def is_empty(self) -> bool:
        """Whether nothing was ever entered or appended here."""
        ...

    def epoch_events(self, after_seq: int, limit: int) -> list[EpochEvent]: ...

    def commands(self, after: int, limit: int) -> tuple[int, list[CommandRecord]]:
        """Return commands that arrived after one, and the last one's arrival."""
        ...

    def snapshots(self) -> list[StoredSnapshot]: ...

    def write_events(self, events: Sequence[EpochEvent], rows: ReadRows) -> None:
        """Write rows of the log, and the read rows that they come to."""
        ...

    def write_commands(self, commands: Sequence[CommandRecord]) -> None:
        """Write commands in the order they arrived in; those not decided wait again."""
        ...

    def write_snapshot(self, snapshot: StoredSnapshot) -> None: ...

    def write_checkpoint(self, checkpoint: StoredCheckpoint) -> None: ...

    def write_head(
        self, store_id: str, epoch: int, seq: int, streams: Mapping[str, StreamHead]
    ) -> None:
        """Say which store this is, and where it stands."""
        ...

    def commit(self) -> None: ...
