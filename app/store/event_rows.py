"""The log's rows as both databases give them: in one order of columns, bodies as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.ports import StoredEvent

EVENT_COLUMNS = "seq, stream, stream_seq, ts, command_id, kind, body, hash"


def stored_events(rows: Iterable[Sequence[Any]]) -> list[StoredEvent]:
    """Return rows of `EVENT_COLUMNS` as the port has them."""
    return [
        StoredEvent(
            seq=seq,
            stream=stream,
            stream_seq=stream_seq,
            ts=ts,
            command_id=command_id,
            kind=kind,
            body=body.encode(),
            hash=hash_,
        )
        for seq, stream, stream_seq, ts, command_id, kind, body, hash_ in rows
    ]
