"""An engine signs where the log stands when a day has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import structlog

from app.audit.checkpoints import read_checkpoint, read_copies
from app.audit.verify import verify_store
from app.bootstrap import day_end_signer
from app.engine.process import EngineRunner, SignCheckpoint
from app.engine.step import Stop
from app.ports import Store, StreamHead
from app.session.step import submission_of
from app.store.memory import MemoryStore, MemoryTables
from app.venues.sim import SimVenue
from models.errors import BadInput, StoreRefused, StoreUnavailable
from tests.builders import TODAY, TOMORROW, ScriptedFlow, reference_commands
from tests.store.audit_desk import new_signer
from tests.store.builders import wait_until


def run_two_days(
    tables: MemoryTables, sign: SignCheckpoint | None, until: Callable[[], object]
) -> Stop:
    """Run an engine from one day into the next, until something holds, and return its end."""
    store: Store = MemoryStore(tables)
    store.submit_many([submission_of(command) for command in reference_commands()])
    days = [TODAY]
    runner = EngineRunner(
        store,
        SimVenue(ScriptedFlow()),
        "engine",
        lambda ts: days[-1],
        structlog.get_logger(),
        sign=sign,
    )
    ended: list[Stop] = []
    thread = threading.Thread(target=lambda: ended.append(runner.run()), daemon=True)
    thread.start()
    wait_until(lambda: runner.core.state.day == TODAY)
    days.append(TOMORROW)
    wait_until(lambda: runner.core.state.day == TOMORROW)
    wait_until(until)
    runner.stop()
    thread.join(30)
    return ended[0]


def test_engine_signs_when_a_day_ends_and_keeps_a_copy(tmp_path: Path) -> None:
    signer = new_signer(tmp_path)
    tables = MemoryTables()
    copy = tmp_path / "copies"
    sign = day_end_signer(MemoryStore(tables), str(tmp_path / "key"), str(copy))
    run_two_days(tables, sign, lambda: tables.checkpoints)
    (signed,) = tables.checkpoints
    day_end = next(row.seq for row in tables.events if row.kind == "DayEnded")
    assert signed.seq == day_end
    assert read_copies(copy) == [signed]
    assert read_checkpoint(signed).state_hash
    report = verify_store(MemoryStore(tables), [signer.key_id])
    assert report.ok, report.fault
    assert report.states_compared == 1


def test_engine_without_a_key_signs_nothing() -> None:
    tables = MemoryTables()
    assert day_end_signer(MemoryStore(tables), "") is None
    run_two_days(tables, None, lambda: True)
    assert tables.checkpoints == []


def test_engine_tries_again_while_the_store_is_silent_and_gives_up_on_a_refusal() -> None:
    answers: list[Exception | None] = [StoreUnavailable("silent"), StoreRefused("no"), None]
    asked: list[int] = []

    def sign(seq: int, heads: Mapping[str, StreamHead], state_hash: str) -> None:
        asked.append(seq)
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    ended = run_two_days(MemoryTables(), sign, lambda: len(asked) == 2)
    assert asked[0] == asked[1]
    assert not ended.fault


def test_key_that_can_not_be_used_is_refused_before_the_engine_runs(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        day_end_signer(MemoryStore(), str(tmp_path / "nothing"))
