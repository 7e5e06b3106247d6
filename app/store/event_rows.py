"""The log's rows as both databases give them: in one order of columns, bodies as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from app.ports import StoredCheckpoint, StoredEvent

EVENT_COLUMNS = "seq, stream, stream_seq, ts, command_id, kind, body, hash"

SELECT_CHECKPOINTS = "SELECT number, seq, body, signature FROM checkpoint ORDER BY number"


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


def stored_checkpoints(rows: Iterable[Sequence[Any]]) -> list[StoredCheckpoint]:
    """Return rows of `SELECT_CHECKPOINTS` as the port has them."""
    return [
        StoredCheckpoint(number=number, seq=seq, body=body, signature=signature)
        for number, seq, body, signature in rows
    ]


def order_mark(order_id: str) -> str:
    """Return the letters that are in the body of every event about this order, and in no other's.

    Bodies are compact JSON: within a text their quotation marks would be escaped.
    """
    return f'"order_id":{msgspec.json.encode(order_id).decode()}'


def seq_before(ts: int, head_seq: int, ts_at: Callable[[int], int]) -> int:
    """Return the number of the last row older than `ts`, by halving; `ts_at` gives a row's time."""
    low, high = 0, head_seq
    while low < high:
        middle = (low + high + 1) // 2
        if ts_at(middle) < ts:
            low = middle
        else:
            high = middle - 1
    return low
