"""Reads one order's events out of the log, a piece at a time, so that nothing sent waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from app.ports import Store, StoredEvent
from models.events import AnyEvent, decode_event

# Some 5 ms of the store's thread: an order that is sent meanwhile goes out between two pieces.
PIECE_ROWS = 10_000
# The log's times may step back a little when another engine, or a corrected clock, takes over.
CLOCK_SLACK_NS = 10_000_000_000


class LoggedEvent(NamedTuple):
    """An event, and the row of the log that holds it."""

    row: StoredEvent
    event: AnyEvent


class OrderReading:
    """One order's events on their way; stepped on the store's thread, delivered on the window's.

    Attributes:
        order_id: the order.
        is_canceled: nobody waits for it any more.
        is_over: it was delivered, or canceled.
    """

    def __init__(
        self,
        order_id: str,
        stream: str,
        since_ts: int,
        after_seq: int,
        done: Callable[[list[LoggedEvent]], None],
    ) -> None:
        """Read what `stream` says after `after_seq`, or from `since_ts` on where that is 0."""
        self.order_id = order_id
        self.is_canceled = False
        self.is_over = False
        self._stream = stream
        self._since_ts = since_ts
        self._after_seq = after_seq
        self._done = done
        self._found: list[LoggedEvent] = []

    def cancel(self) -> None:
        """Stop: its events are not delivered."""
        self.is_canceled = self.is_over = True

    def read_on(self, store: Store) -> bool:
        """Read the next piece; return whether the end of the log was reached."""
        if self.is_canceled:
            return True
        if not self._after_seq and self._since_ts > CLOCK_SLACK_NS:
            self._after_seq = store.seq_before(self._since_ts - CLOCK_SLACK_NS)
            self._since_ts = 0
        head_seq = store.head_seq()
        until_seq = min(head_seq, self._after_seq + PIECE_ROWS)
        rows = store.order_events(self.order_id, self._stream, self._after_seq, until_seq)
        self._found += [LoggedEvent(row, decode_event(row.body)) for row in rows]
        self._after_seq = max(self._after_seq, until_seq)
        return until_seq >= head_seq

    def deliver(self) -> None:
        """Hand over what was read; called where its person waits."""
        if not self.is_canceled:
            self.is_over = True
            self._done(self._found)
