"""One order's events out of the log: every store, by time and by name, and no other order's."""

from __future__ import annotations

import msgspec
import pytest

from app.ports import Store
from tests.store.builders import Writer

STREAM = "desk:alpha"


def _body(order_id: str, **more: str) -> bytes:
    return msgspec.json.encode({"type": "OrderAcknowledged", "order_id": order_id, **more})


def _write(writer: Writer, *bodies: bytes, stream: str = STREAM) -> None:
    writer.write(*[writer.event(stream, body=body) for body in bodies])


def test_seq_before_of_an_empty_log_is_zero(store: Store) -> None:
    assert store.seq_before(10**18) == 0


@pytest.mark.parametrize(
    ("ts", "seq"), [(0, 0), (1_001, 0), (1_002, 1), (1_004, 3), (1_005, 4), (10**18, 7)]
)
def test_seq_before_is_the_last_row_older_than_a_time(store: Store, ts: int, seq: int) -> None:
    _write(Writer(store), *[b"{}"] * 7)  # the first has the time 1,001
    assert store.seq_before(ts) == seq


def test_seq_before_of_rows_of_one_time_is_before_all_of_them(store: Store) -> None:
    writer = Writer(store)
    rows = [msgspec.structs.replace(writer.event(), ts=ts) for ts in (5, 7, 7, 7, 9)]
    writer.write(*rows)
    assert (store.seq_before(7), store.seq_before(8)) == (1, 4)


def test_order_events_are_the_orders_alone_and_in_order(store: Store, other: Store) -> None:
    writer = Writer(store)
    _write(writer, _body("O-1"), _body("O-12"), _body("O-1", text="again"), _body("o-1"))
    found = other.order_events("O-1", STREAM, 0, 4)
    assert [(row.seq, row.body) for row in found] == [
        (1, _body("O-1")),
        (3, _body("O-1", text="again")),
    ]


def test_order_events_are_of_the_asked_stream(store: Store) -> None:
    writer = Writer(store)
    _write(writer, _body("O-1"))
    _write(writer, _body("O-1"), stream="desk:beta")
    assert [row.seq for row in store.order_events("O-1", "desk:beta", 0, 9)] == [2]


def test_order_events_keep_to_the_span(store: Store) -> None:
    _write(Writer(store), *[_body("O-1")] * 6)
    assert [row.seq for row in store.order_events("O-1", STREAM, 2, 5)] == [3, 4, 5]
    assert store.order_events("O-1", STREAM, 6, 6) == []


def test_order_events_take_in_what_carries_the_order_inside(store: Store) -> None:
    alert = msgspec.json.encode({"type": "AlertRaised", "alert": {"order_id": "O-1"}})
    _write(Writer(store), alert)
    assert [row.body for row in store.order_events("O-1", STREAM, 0, 1)] == [alert]


def test_order_events_leave_out_texts_that_name_the_order(store: Store) -> None:
    said = _body("O-2", text='twin of "order_id":"O-1"')
    _write(Writer(store), said)
    assert store.order_events("O-1", STREAM, 0, 1) == []


@pytest.mark.parametrize("order_id", ["O-%", "O_1", "Ö-1", "O'1", 'O"1', "O\\1", ""])
def test_order_events_take_an_id_as_it_is(store: Store, order_id: str) -> None:
    _write(Writer(store), _body("O-1"), _body(order_id))
    assert [row.seq for row in store.order_events(order_id, STREAM, 0, 2)] == [2]


def test_order_events_hold_what_read_gives(store: Store) -> None:
    _write(Writer(store), _body("O-1"), _body("O-2"))
    assert store.order_events("O-2", STREAM, 0, 2) == store.read([STREAM], 1, 9)
