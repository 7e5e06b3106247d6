"""Reading one order's events: piece by piece, from its time on, and not after it was canceled."""

from __future__ import annotations

from app.session import order_reading
from app.session.order_reading import CLOCK_SLACK_NS, PIECE_ROWS, LoggedEvent, OrderReading
from app.store.memory import MemoryStore, MemoryTables
from models.events import OrderAcknowledged, desk_stream
from tests.builders import DESK, NOW, LogWriter

STREAM = desk_stream(DESK)


def _store(*order_ids: str, ts: int = NOW) -> MemoryStore:
    tables = MemoryTables()
    writer = LogWriter()
    tables.events += writer.write(
        *[OrderAcknowledged(ts=ts, desk=DESK, order_id=order_id) for order_id in order_ids]
    )
    return MemoryStore(tables)


def _reading(found: list[LoggedEvent], after_seq: int = 0, since_ts: int = 0) -> OrderReading:
    return OrderReading("O-1", STREAM, since_ts, after_seq, found.extend)


def test_read_on_of_a_short_log_is_done_at_once() -> None:
    found: list[LoggedEvent] = []
    reading = _reading(found)
    assert reading.read_on(_store("O-1", "O-2", "O-1"))
    reading.deliver()
    assert [(one.row.seq, one.event.ts) for one in found] == [(1, NOW), (3, NOW)]


def test_read_on_of_a_long_log_takes_several_pieces_and_misses_nothing() -> None:
    store = _store(*["O-2"] * PIECE_ROWS, "O-1", *["O-2"] * PIECE_ROWS, "O-1")
    found: list[LoggedEvent] = []
    reading = _reading(found)
    pieces = [reading.read_on(store) for _ in range(3)]
    assert pieces == [False, False, True]
    reading.deliver()
    assert [one.row.seq for one in found] == [PIECE_ROWS + 1, 2 * PIECE_ROWS + 2]


def test_read_on_begins_a_little_before_the_orders_time() -> None:
    writer = LogWriter()
    early = [OrderAcknowledged(ts=NOW, desk=DESK, order_id="O-1")]
    slack = order_reading.CLOCK_SLACK_NS
    late = [OrderAcknowledged(ts=NOW + slack + at, desk=DESK, order_id="O-1") for at in (1, 2)]
    tables = MemoryTables()
    tables.events += writer.write(*early, *late)
    found: list[LoggedEvent] = []
    reading = _reading(found, since_ts=NOW + 2 * CLOCK_SLACK_NS + 2)
    assert reading.read_on(MemoryStore(tables))
    reading.deliver()
    assert [one.row.seq for one in found] == [3]


def test_read_on_after_a_number_gives_only_what_came_since() -> None:
    found: list[LoggedEvent] = []
    reading = _reading(found, after_seq=2)
    assert reading.read_on(_store("O-1", "O-1", "O-1"))
    reading.deliver()
    assert [one.row.seq for one in found] == [3]


def test_canceled_reading_reads_and_delivers_nothing() -> None:
    found: list[LoggedEvent] = []
    reading = _reading(found)
    reading.cancel()
    assert reading.read_on(_store("O-1"))
    reading.deliver()
    assert found == []
