"""`store verify`: a sound log is counted, and the first contradiction is named."""

from __future__ import annotations

import msgspec
import pytest

from app.core.desk_state import state_hash
from app.engine.step import Shutdown
from app.engine.verify import verify_log
from app.ports import WHOLE_STORE
from models.errors import StoreDamaged
from tests.builders import EngineBench, submit, terms


def sound() -> EngineBench:
    bench = EngineBench().lead()
    bench.ask(submit(), submit(terms(qty=-1)))
    bench.feed(Shutdown())
    return bench


def test_verify_sound_log_says_what_it_found() -> None:
    bench = sound()
    found = verify_log(bench.store)
    assert (found.events, found.orders) == (len(bench.tables.events), 2)
    assert found.streams == {
        name: head.stream_seq for name, head in sorted(bench.core.heads.items())
    }
    assert found.state_hash == state_hash(bench.core.state)
    assert found.snapshots_checked == 2


@pytest.mark.parametrize("field", ["body", "hash", "command_id"])
def test_verify_changed_row_is_named(field: str) -> None:
    bench = sound()
    at = len(bench.tables.events) // 2
    row = bench.tables.events[at]
    changed = {
        "body": row.body.replace(b'"ts":1', b'"ts":2'),
        "hash": row.hash[::-1],
        "command_id": "x",
    }
    bench.tables.events[at] = msgspec.structs.replace(row, **{field: changed[field]})
    with pytest.raises(StoreDamaged, match=f"breaks at event {row.seq}"):
        verify_log(bench.store)


def test_verify_row_taken_out_is_named() -> None:
    bench = sound()
    del bench.tables.events[5]
    with pytest.raises(StoreDamaged, match="something is missing"):
        verify_log(bench.store)


def test_verify_snapshot_that_the_log_does_not_give_is_named() -> None:
    bench = sound()
    key, snapshot = next(
        (key, each) for key, each in bench.tables.snapshots.items() if key[0] == WHOLE_STORE
    )
    bench.tables.snapshots[key] = msgspec.structs.replace(snapshot, state_hash="1:0")
    with pytest.raises(StoreDamaged, match="is not what the log says"):
        verify_log(bench.store)
