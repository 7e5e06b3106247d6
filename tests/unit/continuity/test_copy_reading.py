"""The pack's second source: what a desktop on this machine has kept, read beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings, StoreAddress, local_copy_path, store_address
from app.continuity.copy_reading import state_of_copy
from app.session.local_copy import LocalCopy
from tests.builders import DESK, NOW, Desk, LogWriter, submit

STREAMS = (f"desk/{DESK}", "firm")
SETTINGS = Settings(login="alice", desk=DESK)


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoreAddress:
    monkeypatch.setattr("app.config.data_dir", lambda: tmp_path)
    return store_address("postgresql://db.example/desk")


def keep(address: StoreAddress) -> Path:
    """Let a desktop keep a desk with one order, and return the file."""
    path = local_copy_path("alice", DESK, address)
    assert path is not None
    desk, log = Desk(), LogWriter()
    desk.run(submit())
    copy = LocalCopy(path, STREAMS)
    copy.follow(0, None)
    copy.note(log.write(*desk.log), NOW, is_all=True)
    copy.close()
    return path


def test_state_of_a_copy_has_its_orders_and_the_stores_time(address: StoreAddress) -> None:
    keep(address)
    found = state_of_copy(SETTINGS, address)
    assert found is not None
    state, known_ts = found
    assert [order.symbol for order in state.orders.values()] == ["ACME"]
    assert known_ts == NOW


def test_reading_leaves_a_copy_as_it_is_even_where_it_is_being_written(
    address: StoreAddress,
) -> None:
    path = keep(address)
    half_written = path.read_bytes() + b"\x00\x00\x10\x00half a record"
    path.write_bytes(half_written)
    assert state_of_copy(SETTINGS, address) is not None
    assert path.read_bytes() == half_written


def test_copy_that_is_damaged_or_not_there_is_no_source(address: StoreAddress) -> None:
    assert state_of_copy(SETTINGS, address) is None
    path = keep(address)
    path.write_bytes(b"\x00\x00\x00\x02no")
    assert state_of_copy(SETTINGS, address) is None
    embedded = store_address("sqlite:////tmp/desk.db")
    assert state_of_copy(SETTINGS, embedded) is None
