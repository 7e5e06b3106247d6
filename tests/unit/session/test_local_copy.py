"""A desktop's own copy: kept as the log is read, shown while the store is away, its own alone."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from app.core.desk_state import STATE_VERSION, desk_view, encode_state, state_hash
from app.ports import Store, StoredEvent, StoredSnapshot
from app.session import local_copy
from app.session.client import Session
from app.session.local_copy import Kept, LocalCopy
from app.session.step import (
    CopyRead,
    Disconnected,
    EventsRead,
    Link,
    SessionCore,
    SnapshotRead,
    decode_rows,
)
from app.store.memory import MemoryStore, MemoryTables
from models.errors import BlotterError, StoreUnavailable
from tests.builders import DESK, NOW, Desk, EngineBench, LogWriter, cancel, submit, terms

STREAMS = (f"desk/{DESK}", "firm")
WAIT_S = 20


@pytest.fixture
def log() -> LogWriter:
    """A desk's log with two orders in it."""
    desk, log = Desk(), LogWriter()
    desk.run(submit())
    desk.run(submit(terms(qty=200)))
    log.write(*desk.log)
    return log


def snapshot_of(rows: Sequence[StoredEvent]) -> StoredSnapshot:
    """Return the snapshot of alice's desk after `rows`."""
    core = followed(rows)
    return StoredSnapshot(
        scope=STREAMS[0],
        seq=core.seq,
        version=STATE_VERSION,
        state_hash=state_hash(core.state),
        heads=dict(core.heads),
        blob=encode_state(core.state),
    )


def followed(rows: Sequence[StoredEvent]) -> SessionCore:
    core = SessionCore("alice", DESK)
    core.step(SnapshotRead(None))
    core.step(EventsRead(rows, decode_rows(rows), rows[-1].seq, NOW))
    return core


def shown(kept: Kept | None) -> SessionCore:
    """Return a session that has nothing but what was kept."""
    core = SessionCore("alice", DESK)
    core.step(Disconnected("no answer"))
    if kept is not None:
        core.step(CopyRead(kept, decode_rows(kept.rows)))
    return core


def held(path: Path, streams: Sequence[str] = STREAMS) -> Kept | None:
    """Return what a copy gives to whoever opens it."""
    copy = LocalCopy(path, streams)
    try:
        return copy.load()
    finally:
        copy.close()


def filled(path: Path, rows: Sequence[StoredEvent], after: int = 0) -> LocalCopy:
    """Return a copy of `rows`, of which the first `after` come as a snapshot."""
    copy = LocalCopy(path, STREAMS)
    first = snapshot_of(rows[:after]) if after else None
    copy.follow(rows[after - 1].seq if after else 0, first)
    copy.note(rows[after:], NOW, is_all=True)
    return copy


# -- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_copy_gives_the_state_that_was_read(tmp_path: Path, log: LogWriter, share: float) -> None:
    rows = log.of(*STREAMS)
    filled(tmp_path / "c" / "copy", rows, int(len(rows) * share)).close()
    kept = held(tmp_path / "c" / "copy")
    assert kept is not None
    assert (kept.seq, kept.store_ts) == (rows[-1].seq, NOW)
    assert state_hash(shown(kept).state) == state_hash(followed(rows).state)


def test_copy_is_its_persons_alone(tmp_path: Path, log: LogWriter) -> None:
    filled(tmp_path / "c" / "copy", log.of(*STREAMS)).close()
    assert (tmp_path / "c" / "copy").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o700


def test_copy_goes_on_behind_what_it_holds(tmp_path: Path, log: LogWriter) -> None:
    rows = log.of(*STREAMS)
    filled(tmp_path / "copy", rows[:-2]).close()
    again = LocalCopy(tmp_path / "copy", STREAMS)
    assert again.load() is not None
    again.follow(rows[-3].seq, None)
    again.note(rows[-4:], NOW + 5, is_all=True)  # two of them once more
    again.close()
    kept = held(tmp_path / "copy")
    assert kept is not None
    assert list(kept.rows) == list(rows)
    assert kept.store_ts == NOW + 5


@pytest.mark.parametrize("cut", [1, 3, 40, 200])
def test_copy_that_was_cut_off_gives_what_is_whole_and_goes_on_there(
    tmp_path: Path, log: LogWriter, cut: int
) -> None:
    rows, path = log.of(*STREAMS), tmp_path / "copy"
    copy = filled(path, rows[:-1])
    copy.note(rows[-1:], NOW + 5, is_all=True)
    copy.close()
    path.write_bytes(path.read_bytes()[:-cut])
    again = LocalCopy(path, STREAMS)
    kept = again.load()
    assert kept is not None
    again.follow(kept.seq, None)
    again.note(rows, NOW + 9, is_all=True)
    again.close()
    whole = held(path)
    assert whole is not None
    assert list(whole.rows) == list(rows)


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\0\0\5hello", b"\xff" * 100])
def test_file_that_is_no_copy_gives_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "copy").write_bytes(content)
    assert held(tmp_path / "copy") is None


def test_copy_of_other_streams_or_another_version_gives_nothing(
    tmp_path: Path, log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "copy", log.of(*STREAMS)).close()
    assert held(tmp_path / "copy", ("desk/FI", "firm")) is None
    monkeypatch.setattr(local_copy, "STATE_VERSION", STATE_VERSION + 1)
    assert held(tmp_path / "copy") is None


def test_long_copy_begins_anew_with_a_newer_snapshot(
    tmp_path: Path, log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_copy, "TAIL_MAX", 3)
    rows = log.of(*STREAMS)
    copy = filled(tmp_path / "copy", rows)
    assert copy.is_long
    copy.shorten(snapshot_of(rows[:-2]))
    assert not copy.is_long
    copy.close()
    kept = held(tmp_path / "copy")
    assert kept is not None
    assert len(kept.rows) == 2
    assert state_hash(shown(kept).state) == state_hash(followed(rows).state)


def test_copy_that_would_have_a_gap_is_not_kept(tmp_path: Path, log: LogWriter) -> None:
    rows = log.of(*STREAMS)
    copy = LocalCopy(tmp_path / "copy", STREAMS)
    copy.follow(rows[2].seq, None)
    copy.note(rows[3:], NOW, is_all=True)
    assert not (tmp_path / "copy").exists()


def test_disk_that_refuses_ends_the_copy_not_the_session(tmp_path: Path, log: LogWriter) -> None:
    (tmp_path / "file").write_text("no folder")
    filled(tmp_path / "file" / "copy", log.of(*STREAMS)).close()


# -- the session ---------------------------------------------------------------------------------


def test_copy_makes_an_offline_session_that_says_so(tmp_path: Path, log: LogWriter) -> None:
    filled(tmp_path / "copy", log.of(*STREAMS)).close()
    core = shown(held(tmp_path / "copy"))
    assert core.link is Link.OFFLINE
    assert "for reading only" in core.link_text
    assert core.copy_ts > 0
    core.step(Disconnected("still not"))
    assert core.link is Link.OFFLINE


def test_offline_session_goes_live_where_the_log_goes_on(tmp_path: Path, log: LogWriter) -> None:
    rows = log.of(*STREAMS)
    filled(tmp_path / "copy", rows[:-3]).close()
    core = shown(held(tmp_path / "copy"))
    core.step(SnapshotRead(None))
    fresh = [row for row in rows if row.seq > core.seq]
    core.step(EventsRead(fresh, decode_rows(fresh), rows[-1].seq, NOW))
    assert (core.link, core.link_text, core.copy_ts) == (Link.LIVE, "", 0)
    assert state_hash(core.state) == state_hash(followed(rows).state)


def test_store_that_lost_what_the_copy_has_stops_the_session(
    tmp_path: Path, log: LogWriter
) -> None:
    rows = log.of(*STREAMS)
    filled(tmp_path / "copy", rows).close()
    core = shown(held(tmp_path / "copy"))
    core.step(EventsRead([], [], rows[-2].seq, NOW))
    assert core.link is Link.HALTED
    assert "went back" in core.link_text


def test_copy_that_was_changed_is_as_if_there_were_none(tmp_path: Path, log: LogWriter) -> None:
    rows = list(log.of(*STREAMS))
    rows[2] = msgspec.structs.replace(rows[2], hash="0" * 64)
    copy = LocalCopy(tmp_path / "copy", STREAMS)
    copy.follow(0, None)
    copy.note(rows, NOW, is_all=True)
    copy.close()
    core = shown(held(tmp_path / "copy"))
    assert core.link is Link.STARTING
    assert core.seq == 0
    assert not core.state.orders


class _Desktop:
    """A session over tables that can be out of reach."""

    def __init__(self, tables: MemoryTables, path: Path) -> None:
        self.is_there = True
        self._tables = tables
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.session = Session("alice", DESK, self._open, self._calls.put, copy_path=path)

    def _open(self) -> Store:
        if not self.is_there:
            raise StoreUnavailable("gone")
        return MemoryStore(self._tables)

    def until(self, holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < give_up
            self._calls.get(timeout=WAIT_S)()


def test_desktop_without_its_store_opens_on_its_copy_and_goes_live_when_it_is_back(
    tmp_path: Path,
) -> None:
    bench = EngineBench().lead()
    command = submit()
    bench.ask(command)
    first = _Desktop(bench.tables, tmp_path / "copy")
    first.session.start()
    first.until(lambda: first.session.core.link is Link.LIVE)
    seen = first.session.core.state
    first.session.close()

    second = _Desktop(bench.tables, tmp_path / "copy")
    second.is_there = False
    second.session.start()
    core = second.session.core
    second.until(lambda: core.link is Link.OFFLINE)
    assert state_hash(core.state) == state_hash(seen)
    (order_id,) = core.state.orders
    for ask in (
        lambda: second.session.submit(terms()),
        lambda: second.session.cancel(order_id),
        lambda: second.session.halt("alice"),
    ):
        with pytest.raises(BlotterError, match="Nothing was sent: the store is offline"):
            ask()
    bench.ask(cancel(bench.order_of(command.id)))
    second.is_there = True
    second.until(lambda: core.link is Link.LIVE)
    assert state_hash(core.state) == state_hash(desk_view(bench.core.state, DESK))
    second.session.close()


def test_copy_holds_its_persons_streams_and_no_others(tmp_path: Path) -> None:
    bench = EngineBench().lead()
    bench.ask(submit(), submit(author="fay", desk="FI"))
    desktop = _Desktop(bench.tables, tmp_path / "copy")
    desktop.session.start()
    desktop.until(lambda: desktop.session.core.link is Link.LIVE)
    desktop.session.close()
    kept = held(tmp_path / "copy")
    assert kept is not None
    assert {row.stream for row in kept.rows} == set(STREAMS)
    assert any(row.stream not in STREAMS for row in bench.tables.events)
