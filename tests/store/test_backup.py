"""Backup, restore and move between kinds of store: what comes back is what was there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.audit.archive import archive
from app.audit.backup import backup, restore
from app.audit.export import export_log
from app.audit.keys import KeySigner
from app.audit.verify import take_checkpoint, verify_store
from app.bootstrap import make_store_if_missing, open_store, open_tables
from app.config import StoreAddress
from app.core.desk_state import STATE_VERSION
from app.engine.step import Shutdown, Tick
from app.ports import WHOLE_STORE, Store, Verdict
from app.session.step import submission_of
from app.store.sqlite import init_sqlite
from app.store.sqlite_driver import driver
from app.store.sqlite_tables import SqliteTables
from app.store.tables import StoreTables
from models.errors import BadInput, StoreDamaged, StoreRefused, StoreUnavailable
from tests.builders import TODAY, TOMORROW, EngineBench, submit, terms
from tests.postgres import PostgresServer
from tests.store.audit_desk import (
    append,
    as_owner,
    live_two_days,
    new_signer,
    rewrite,
    two_days,
    write_log,
)
from tests.store.builders import HOUR_NS
from tests.store.conftest import Backend, libpq, postgres_backend, sqlite_backend
from tests.store.shared_desk import SharedDesk


@dataclass
class Place:
    """A store that was made empty, and where it is."""

    address: StoreAddress
    backend: Backend

    def tables(self, *, writes: bool = False) -> StoreTables:
        return open_tables(self.address, writes=writes)

    def store(self) -> Store:
        return self.backend.open()


class Places:
    """Makes empty stores of either kind, and gives them back."""

    def __init__(self, server: Any, template: str, folder: Path) -> None:
        self._server, self._template, self._folder = server, template, folder
        self._made: list[tuple[Backend, str]] = []

    def make(self, kind: str) -> Place:
        number = len(self._made)
        if kind == "sqlite":
            path = self._folder / f"desk{number}.db"
            backend, name = sqlite_backend(path), ""
            address = StoreAddress(f"sqlite:///{path}", path)
        else:
            name = self._server.create_database(self._template)
            url = self._server.url(name)
            backend, address = postgres_backend(url), StoreAddress(url, None)
        self._made.append((backend, name))
        return Place(address, backend)

    def close(self) -> None:
        for backend, name in self._made:
            backend.close()
            if name:
                self._server.drop_database(name)


@pytest.fixture
def places(
    postgres_server: PostgresServer, store_template: str, tmp_path: Path
) -> Iterator[Places]:
    with closing(Places(postgres_server, store_template, tmp_path)) as made:
        yield made


class Lived:
    """A store after two days, with a checkpoint, snapshots, and commands that still wait."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self.signer = place, new_signer(folder)
        self.store = place.store()
        bench = EngineBench()
        bench.store = self.store  # type: ignore[assignment]
        live_two_days(bench)
        self.decided = submit(terms(qty=500))
        bench.ask(self.decided)
        bench.feed(Shutdown())
        self.waiting = [submit(terms(qty=600 + at)) for at in range(3)]
        for command in self.waiting:
            bench.store.submit(_submission(command))
        self.store.void("voided", "alice")
        self.signed = take_checkpoint(self.store, self.signer)


def _submission(command: Any) -> Any:
    return submission_of(command)


KINDS = ["sqlite", "postgres"]


@pytest.mark.parametrize("to", KINDS)
@pytest.mark.parametrize("from_", KINDS)
def test_store_that_is_moved_is_the_same_and_its_engine_goes_on(
    places: Places, tmp_path: Path, from_: str, to: str
) -> None:
    lived, target = Lived(places.make(from_), tmp_path), places.make(to)
    file = tmp_path / "store.jsonl.gz"
    with closing(lived.place.tables()) as tables:
        saved = backup(tables, file)
    with closing(target.tables(writes=True)) as tables:
        back = restore(file, tables)
    assert (back.state_hash, back.events) == (saved.state_hash, saved.events)
    assert (saved.waiting, back.waiting, back.commands) == (3, 3, saved.commands)

    old, new = lived.store, target.store()
    assert new.read(None, 0, 1_000) == old.read(None, 0, 1_000)
    assert (new.store_id(), new.head_seq()) == (old.store_id(), old.head_seq())
    assert new.checkpoints() == old.checkpoints() == [lived.signed]
    for table in ("orders", "executions", "alerts", "snapshot"):
        assert target.backend.rows(table) == lived.place.backend.rows(table), table
    whole = new.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    assert whole == old.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    assert new.lookup(lived.decided.id).verdict is Verdict.DECIDED
    assert new.lookup("voided").verdict is Verdict.VOIDED
    assert new.lookup("never").verdict is Verdict.NOT_SEEN
    assert [p.command_id for p in new.pending(10)] == [c.id for c in lived.waiting]
    assert verify_store(new, [lived.signer.key_id]).ok
    _go_on(new, lived)


def _go_on(store: Store, lived: Lived) -> None:
    """An engine of the restored store decides what waited, in a later epoch, on the old chain."""
    bench = EngineBench(today=TOMORROW)
    bench.store = store  # type: ignore[assignment]
    bench.feed(Tick(bench.ts, TOMORROW))
    assert bench.ended is None
    bench.tick()
    assert store.pending(10) == []
    assert all(store.lookup(c.id).verdict is Verdict.DECIDED for c in lived.waiting)
    assert bench.core.lease is not None
    assert bench.core.lease.epoch == 2
    report = verify_store(store, [lived.signer.key_id])
    assert report.ok, report.fault
    assert report.to_seq > lived.signed.seq == report.signed_seq


@pytest.mark.parametrize("kind", KINDS)
def test_restore_over_something_is_refused_and_changes_nothing(
    places: Places, tmp_path: Path, kind: str
) -> None:
    lived, full = Lived(places.make("sqlite"), tmp_path), places.make(kind)
    full.store().submit(_submission(submit()))
    with closing(lived.place.tables()) as tables:
        backup(tables, tmp_path / "b")
    with (
        closing(full.tables(writes=True)) as tables,
        pytest.raises(BadInput, match="holds something already"),
    ):
        restore(tmp_path / "b", tables)
    assert full.store().head_seq() == 0
    assert len(full.store().pending(10)) == 1


def _broken(line: dict[str, Any]) -> dict[str, Any]:
    if line.get("line") == "row" and line["seq"] == 20:
        line["hash"] = "0" * 64
    return line


@pytest.mark.parametrize("kind", KINDS)
def test_restore_of_a_file_that_does_not_hold_leaves_the_store_empty(
    places: Places, tmp_path: Path, kind: str
) -> None:
    lived, target = Lived(places.make("sqlite"), tmp_path), places.make(kind)
    with closing(lived.place.tables()) as tables:
        backup(tables, tmp_path / "b")
    lines = [json.loads(line) for line in (tmp_path / "b").read_text().splitlines()]
    bad = "".join(f"{json.dumps(_broken(line))}\n" for line in lines)
    (tmp_path / "bad").write_text(bad)
    (tmp_path / "cut").write_bytes((tmp_path / "b").read_bytes()[:-300])
    for name, error, why in (
        ("bad", StoreDamaged, "Event 20 of .* Nothing was restored"),
        ("cut", BadInput, "line"),
    ):
        with closing(target.tables(writes=True)) as tables, pytest.raises(error, match=why):
            restore(tmp_path / name, tables)
        store = target.store()
        assert store.head_seq() == 0
        assert store.checkpoints() == []
    with closing(target.tables(writes=True)) as tables:
        assert restore(tmp_path / "b", tables).events == lived.store.head_seq()


def test_export_is_no_backup(places: Places, tmp_path: Path) -> None:
    source = places.make("sqlite")
    write_log(source.store())
    export_log(source.store(), tmp_path / "log")
    with (
        closing(places.make("sqlite").tables(writes=True)) as tables,
        pytest.raises(BadInput, match="is an export of the log, and no backup"),
    ):
        restore(tmp_path / "log", tables)


def test_damaged_store_is_not_backed_up_as_if_it_were_sound(places: Places, tmp_path: Path) -> None:
    place = places.make("postgres")
    write_log(place.store())
    with psycopg.connect(libpq(place.address.url), autocommit=True) as admin:
        as_owner(admin, lambda admin: rewrite(admin, 16))
    with closing(place.tables()) as tables, pytest.raises(StoreDamaged, match="Event 16 of desk"):
        backup(tables, tmp_path / "b")
    assert not list(tmp_path.glob("b*"))


def test_backup_of_a_store_that_goes_on_is_of_one_moment(places: Places, tmp_path: Path) -> None:
    for kind in KINDS:
        place = places.make(kind)
        lease = place.store().acquire_lease("engine", HOUR_NS)
        assert lease is not None
        append(place.store(), two_days()[:20])
        with closing(place.tables()) as tables:
            append(place.store(), two_days()[20:])
            place.store().submit(_submission(submit()))
            saved = backup(tables, tmp_path / kind)
        assert saved.events == 20


def test_restore_of_sqlite_that_stops_between_its_files_lets_nobody_lead(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived, target = Lived(places.make("sqlite"), tmp_path), places.make("sqlite")
    with closing(lived.place.tables()) as tables:
        backup(tables, tmp_path / "b")

    class _Stops(SqliteTables):
        def commit(self) -> None:
            self._log.execute("COMMIT")
            raise StoreUnavailable("the power went")

    assert target.address.path is not None
    with (
        closing(_Stops(target.address.path, writes=True)) as tables,
        pytest.raises(StoreUnavailable),
    ):
        restore(tmp_path / "b", tables)
    assert target.store().acquire_lease("engine", HOUR_NS) is None
    leader = target.store().leader()
    assert leader is not None
    assert leader.holder == "a restore that did not end"


def test_who_is_held_to_a_role_makes_no_copy_of_the_whole(postgres_server: PostgresServer) -> None:
    with closing(SharedDesk(postgres_server)) as desk:
        for login in ("alice", "abel", "eng"):
            with pytest.raises(StoreRefused, match="holds more than that may see"):
                open_tables(StoreAddress(desk.url(login), None))


def test_connection_that_is_lost_in_the_middle_is_not_opened_again(places: Places) -> None:
    place = places.make("postgres")
    with closing(place.tables(writes=True)) as tables:
        tables._drop_connection()  # type: ignore[attr-defined]
        with pytest.raises(StoreUnavailable, match="lost in the middle"):
            tables.is_empty()


# -- archives ------------------------------------------------------------------------------------


@pytest.fixture
def signer(tmp_path: Path) -> KeySigner:
    return new_signer(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_archive_has_the_days_before_and_ends_signed(
    places: Places, tmp_path: Path, signer: KeySigner, kind: str
) -> None:
    place = places.make(kind)
    write_log(place.store())
    before = place.store().read(None, 0, 1_000)
    next_day = next(r.seq for r in before if r.kind == "DayStarted" and r.seq > 1)
    done = archive(place.store(), TOMORROW, tmp_path, signer)
    assert (done.from_seq, done.to_seq, done.checkpoint) == (1, next_day - 1, 1)
    assert place.store().read(None, 0, 1_000) == before
    with pytest.raises(BadInput, match="is left to archive"):
        archive(place.store(), TOMORROW, tmp_path, signer)
    with pytest.raises(BadInput, match="is left to archive"):
        archive(place.store(), TODAY, tmp_path, signer)
    report = verify_store(place.store(), [signer.key_id])
    assert report.ok
    assert report.signed_seq == next_day - 1


def test_archive_uses_the_checkpoint_of_the_days_end(
    places: Places, tmp_path: Path, signer: KeySigner
) -> None:
    place = places.make("sqlite")
    rows = two_days()
    next_day = next(r.seq for r in rows if r.kind == "DayStarted" and r.seq > 1)
    write_log(place.store(), rows[: next_day - 1])
    take_checkpoint(place.store(), signer)
    assert place.store().acquire_lease("engine", HOUR_NS) is not None
    append(place.store(), rows[next_day - 1 :])
    assert archive(place.store(), TOMORROW, tmp_path, signer).checkpoint == 1
    assert len(place.store().checkpoints()) == 1


def test_archive_of_a_damaged_store_is_not_signed(
    places: Places, tmp_path: Path, signer: KeySigner
) -> None:
    place = places.make("sqlite")
    write_log(place.store())
    connection = driver.connect(str(place.address.path))
    connection.execute("UPDATE event SET body = replace(body, 'alice', 'aljce') WHERE seq = 16")
    connection.commit()
    connection.close()
    with pytest.raises(StoreDamaged, match="It is not signed"):
        archive(place.store(), TOMORROW, tmp_path, signer)
    assert not list(tmp_path.glob("*.jsonl*"))


@pytest.mark.parametrize(
    ("before", "folder", "why"),
    [("yesterday", ".", "is no day"), (TOMORROW, "nowhere", "is no folder")],
)
def test_archive_of_what_is_no_day_or_no_folder_is_refused(
    places: Places, tmp_path: Path, signer: KeySigner, before: str, folder: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        archive(places.make("sqlite").store(), before, tmp_path / folder, signer)


def test_archives_with_a_gap_between_them_are_refused(
    places: Places, tmp_path: Path, signer: KeySigner
) -> None:
    store = places.make("sqlite").store()
    write_log(store)
    (tmp_path / f"{store.store_id()}-{5:012}-{9:012}.jsonl.gz").write_bytes(b"")
    with pytest.raises(BadInput, match="no archive of events 1 to 4"):
        archive(store, TOMORROW, tmp_path, signer)


def test_inited_store_is_empty(tmp_path: Path) -> None:
    init_sqlite(tmp_path / "desk.db")
    with closing(SqliteTables(tmp_path / "desk.db", writes=False)) as tables:
        assert tables.is_empty()
        with pytest.raises(StoreRefused, match="opened to be read"):
            tables.commit()
    address = StoreAddress("", tmp_path / "desk.db")
    assert open_store(address).head_seq() == 0


def test_restore_makes_a_postgres_store_that_is_not_there_and_upgrades_none(
    places: Places, tmp_path: Path, empty_postgres_url: str
) -> None:
    lived, address = Lived(places.make("sqlite"), tmp_path), StoreAddress(empty_postgres_url, None)
    with closing(lived.place.tables()) as tables:
        saved = backup(tables, tmp_path / "b")
    make_store_if_missing(address)
    with closing(open_tables(address, writes=True)) as tables:
        assert restore(tmp_path / "b", tables).state_hash == saved.state_hash
    with psycopg.connect(libpq(empty_postgres_url), autocommit=True) as admin:
        admin.execute("UPDATE alembic_version SET version_num = '0002'")
        make_store_if_missing(address)
        found = admin.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == [("0002",)]
