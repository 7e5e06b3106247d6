"""Who rewrites the log is caught: by the chain, by what was signed, by a desktop that was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from app.audit.checkpoints import append_copy, check_signed, read_copies, sign
from app.audit.keys import KeySigner
from app.audit.verify import AuditReport, take_checkpoint, verify_store
from app.core.desk_state import STATE_VERSION
from app.ports import GENESIS_HASH, Store, StoredCheckpoint, StoredSnapshot, chain_hash
from app.session.step import EventsRead, Halted, Link, ReadEvents, SessionCore, SnapshotRead
from app.store.postgres import PostgresStore
from models.errors import StoreDamaged, StoreRefused
from models.events import decode_event
from tests.postgres import PostgresServer
from tests.store.audit_desk import (
    DESK_STREAM,
    append,
    as_owner,
    delete_tail,
    new_signer,
    rewrite,
    rewrite_and_chain_anew,
    two_days,
    write_log,
)
from tests.store.builders import HOUR_NS
from tests.store.conftest import Backend, libpq
from tests.store.shared_desk import SharedDesk

LAST = len(two_days())
FIRST_DESK_ROW = next(row.seq for row in two_days() if row.stream == DESK_STREAM)


@pytest.fixture
def signer(tmp_path: Path) -> KeySigner:
    return new_signer(tmp_path)


def fault(report: AuditReport) -> tuple[int, str, str]:
    """Return what was found in a report that has to have found something."""
    assert not report.ok
    assert report.fault is not None
    return report.fault.seq, report.fault.stream, report.fault.what


# -- any store -----------------------------------------------------------------------------------


def test_verify_of_a_sound_store_vouches_for_what_was_signed(
    store: Store, signer: KeySigner
) -> None:
    write_log(store, two_days()[:20])
    take_checkpoint(store, signer)
    lease = store.acquire_lease("engine", HOUR_NS)
    assert lease is not None
    append(store, two_days()[20:])
    report = verify_store(store, [signer.key_id])
    assert report.ok, report.fault
    assert (report.events, report.signed_seq, report.states_compared) == (LAST, 20, 1)
    assert report.signed_by == [signer.key_id]
    assert sum(report.streams.values()) == LAST
    assert report.state_hash


def test_verify_without_a_checkpoint_says_that_the_chain_alone_holds(store: Store) -> None:
    write_log(store)
    report = verify_store(store)
    assert report.ok
    assert "the chain alone holds" in report.notes[0]


def test_verify_with_a_key_of_a_store_that_nobody_signed_fails(
    store: Store, signer: KeySigner
) -> None:
    write_log(store)
    assert "no checkpoint by it" in fault(verify_store(store, [signer.key_id]))[2]


def test_verify_with_a_key_refuses_another_signer(
    store: Store, signer: KeySigner, tmp_path: Path
) -> None:
    write_log(store)
    take_checkpoint(store, new_signer(tmp_path, "another"))
    assert "none of the keys" in fault(verify_store(store, [signer.key_id]))[2]


def test_checkpoints_name_each_other_and_the_state(store: Store, signer: KeySigner) -> None:
    write_log(store)
    made = [take_checkpoint(store, signer) for _ in range(3)]
    assert store.checkpoints() == made
    said = check_signed(made, store.store_id(), [signer.key_id])
    assert [each.number for each in said] == [1, 2, 3]
    assert len({each.before for each in said}) == 3
    assert said[0].seq == LAST
    assert said[0].state_hash == verify_store(store).state_hash


def test_checkpoint_with_a_number_that_is_taken_or_beyond_the_log_is_not_added(
    store: Store, signer: KeySigner
) -> None:
    write_log(store)
    made = take_checkpoint(store, signer)
    assert not store.add_checkpoint(made)
    assert not store.add_checkpoint(msgspec.structs.replace(made, number=3))
    assert not store.add_checkpoint(msgspec.structs.replace(made, number=2, seq=LAST + 1))
    assert store.checkpoints() == [made]


def test_copy_of_the_store_has_an_id_of_its_own_and_every_connection_the_same(
    backend: Backend,
) -> None:
    first, second = backend.open(), backend.open()
    assert first.store_id() == second.store_id()
    assert len(first.store_id()) == 36


def test_snapshot_that_the_log_does_not_come_to_is_found(store: Store) -> None:
    write_log(store)
    store.save_snapshot(
        StoredSnapshot(
            scope="*",
            seq=20,
            version=STATE_VERSION,
            state_hash=f"{STATE_VERSION}:0",
            heads={},
            blob=b"\x80",
        )
    )
    seq, _, what = fault(verify_store(store))
    assert (seq, what) == (20, "the snapshot * there is not what the log comes to")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"seq": 5}, "is filed at event 5"),
        ({"signature": "0" * 128}, "it was changed afterwards"),
        ({"number": 2}, "is missing"),
    ],
)
def test_checkpoint_that_was_changed_is_found(
    store: Store, signer: KeySigner, changes: dict[str, Any], what: str
) -> None:
    write_log(store)
    made = msgspec.structs.replace(_signed(store, signer), **changes)
    with pytest.raises(Exception, match=what):
        check_signed([made], store.store_id())


def _signed(store: Store, signer: KeySigner) -> StoredCheckpoint:
    return sign(
        signer,
        store_id=store.store_id(),
        seq=LAST,
        streams={},
        ts=store.now(),
        state_hash="",
        last=None,
    )


def test_checkpoint_of_another_store_is_found(store: Store, signer: KeySigner) -> None:
    write_log(store)
    with pytest.raises(Exception, match="and this one is else"):
        check_signed([_signed(store, signer)], "else")


# -- an owner of a real PostgreSQL ---------------------------------------------------------------


class Owned:
    """A store with two days in it, signed at the end, and its owner's connection."""

    def __init__(self, url: str, signer: KeySigner) -> None:
        self.store = PostgresStore(url)
        self.signer = signer
        write_log(self.store)
        self.signed = take_checkpoint(self.store, signer)
        self.admin = psycopg.connect(libpq(url), autocommit=True)

    def tamper(self, with_: Callable[[psycopg.Connection[Any]], None]) -> None:
        as_owner(self.admin, with_)

    def verify(self, *copies: StoredCheckpoint) -> AuditReport:
        return verify_store(self.store, [self.signer.key_id], copies)

    def close(self) -> None:
        self.store.close()
        self.admin.close()


@pytest.fixture
def owned(postgres_url: str, signer: KeySigner) -> Iterator[Owned]:
    with closing(Owned(postgres_url, signer)) as made:
        assert made.verify(made.signed).ok
        yield made


def test_owner_who_does_not_take_the_triggers_away_is_refused(owned: Owned) -> None:
    for statement in (
        "UPDATE checkpoint SET seq = 1",
        "DELETE FROM checkpoint",
        "TRUNCATE checkpoint",
        "DELETE FROM event",
    ):
        with pytest.raises(psycopg.Error, match="what is written there stays"):
            owned.admin.execute(statement)


def test_owner_who_rewrites_a_row_is_caught_by_the_chain(owned: Owned) -> None:
    owned.tamper(lambda admin: rewrite(admin, FIRST_DESK_ROW))
    seq, stream, what = fault(owned.verify())
    assert (seq, stream) == (FIRST_DESK_ROW, DESK_STREAM)
    assert "one of the two was changed after it was written" in what


@pytest.mark.parametrize(
    "change", ["kind = 'OrderFilled'", "ts = ts + 1", "stream_seq = 900"], ids=str.split
)
def test_owner_who_changes_what_stands_beside_a_body_is_caught(owned: Owned, change: str) -> None:
    owned.tamper(
        lambda admin: admin.execute(f"UPDATE event SET {change} WHERE seq = {FIRST_DESK_ROW}")
    )
    assert fault(owned.verify())[:2] == (FIRST_DESK_ROW, DESK_STREAM)


def test_owner_who_computes_the_chain_anew_is_caught_by_what_was_signed(owned: Owned) -> None:
    owned.tamper(lambda admin: rewrite_and_chain_anew(admin, FIRST_DESK_ROW))
    assert verify_store_chain_alone(owned.store).ok
    seq, stream, what = fault(owned.verify())
    assert (seq, stream) == (LAST, DESK_STREAM)
    assert "was changed after it was signed" in what


def verify_store_chain_alone(store: Store) -> AuditReport:
    """Verify as if nobody had ever signed anything: what the owner hopes for."""

    class Unsigned:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def checkpoints(self) -> list[StoredCheckpoint]:
            return []

    return verify_store(Unsigned())  # type: ignore[arg-type]


def test_owner_who_deletes_a_row_in_the_middle_is_caught(owned: Owned) -> None:
    owned.tamper(lambda admin: admin.execute("DELETE FROM event WHERE seq = %s", (FIRST_DESK_ROW,)))
    seq, _, what = fault(owned.verify())
    assert (seq, what) == (
        FIRST_DESK_ROW,
        f"it is missing; the next one there is {FIRST_DESK_ROW + 1}",
    )


def test_owner_who_deletes_the_tail_is_caught_by_what_was_signed(owned: Owned) -> None:
    owned.tamper(lambda admin: delete_tail(admin, 20))
    assert verify_store_chain_alone(owned.store).ok
    seq, _, what = fault(owned.verify())
    assert seq == 21
    assert f"signed events up to {LAST}, and the log ends at 20" in what


def test_owner_who_adds_a_row_beyond_the_head_is_caught(owned: Owned) -> None:
    owned.tamper(lambda admin: admin.execute("UPDATE head SET seq = seq - 1"))
    seq, _, what = fault(verify_store_chain_alone(owned.store))
    assert (seq, what) == (LAST, f"it lies beyond the head, which is at {LAST - 1}")


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM checkpoint", "UPDATE checkpoint SET body = replace(body, '\"seq\"', '\"Seq\"')"],
)
def test_owner_who_takes_the_checkpoints_away_is_caught(owned: Owned, statement: str) -> None:
    owned.tamper(lambda admin: rewrite_and_chain_anew(admin, FIRST_DESK_ROW))
    owned.tamper(lambda admin: admin.execute(statement))  # type: ignore[arg-type]
    assert not owned.verify().ok
    assert not owned.verify(owned.signed).ok


def test_owner_who_signs_with_a_key_of_his_own_is_caught(owned: Owned, tmp_path: Path) -> None:
    his = new_signer(tmp_path, "his")

    def tamper(admin: psycopg.Connection[Any]) -> None:
        rewrite_and_chain_anew(admin, FIRST_DESK_ROW)
        admin.execute("DELETE FROM checkpoint")

    owned.tamper(tamper)
    take_checkpoint(owned.store, his)
    assert verify_store(owned.store).ok  # nobody has said whose key it has to be
    assert "none of the keys" in fault(owned.verify())[2]
    copied = verify_store(owned.store, copies=[owned.signed])
    assert "is another than the copy of it" in fault(copied)[2]


def test_owner_who_takes_the_last_checkpoint_and_its_rows_is_caught_by_a_copy(
    owned: Owned, tmp_path: Path
) -> None:
    append_copy(tmp_path / "copies", owned.signed)

    def tamper(admin: psycopg.Connection[Any]) -> None:
        admin.execute("DELETE FROM checkpoint")
        delete_tail(admin, 20)

    owned.tamper(tamper)
    earlier = take_checkpoint(owned.store, owned.signer)  # by a signer who knows of nothing
    assert earlier.seq == 20
    assert owned.verify().ok
    assert not owned.verify(*read_copies(tmp_path / "copies")).ok


def test_damaged_store_is_not_signed(owned: Owned) -> None:
    owned.tamper(lambda admin: rewrite(admin, FIRST_DESK_ROW))
    with pytest.raises(StoreDamaged, match="It is not signed"):
        take_checkpoint(owned.store, owned.signer)
    assert owned.store.checkpoints() == [owned.signed]


# -- a desktop that was there --------------------------------------------------------------------


def follow(core: SessionCore, store: Store) -> list[object]:
    """Let a desktop read on, and return what it says of it."""
    wanted = ReadEvents(core.streams, core.seq, 1_000)
    rows = store.read(wanted.streams, wanted.after_seq, wanted.limit)
    events = [decode_event(row.body) for row in rows]
    return list(core.step(EventsRead(rows, events, store.head_seq(), store.now())))


def desktop(store: Store) -> SessionCore:
    core = SessionCore("alice", "EQ")
    core.step(SnapshotRead(None))
    follow(core, store)
    assert core.link is Link.LIVE
    return core


def test_desktop_stops_when_the_owner_has_deleted_the_tail(owned: Owned) -> None:
    core = desktop(owned.store)
    owned.tamper(lambda admin: delete_tail(admin, 20))
    halted = follow(core, owned.store)
    assert isinstance(halted[0], Halted)
    assert f"went back from event {LAST} to 20" in halted[0].reason


def test_desktop_stops_at_the_first_row_after_a_chain_that_was_computed_anew(
    postgres_url: str, signer: KeySigner
) -> None:
    with closing(PostgresStore(postgres_url)) as store:
        before, after = two_days()[:20], two_days()[20:]
        write_log(store, before)
        core = desktop(store)
        with psycopg.connect(libpq(postgres_url), autocommit=True) as admin:
            as_owner(admin, lambda admin: rewrite_and_chain_anew(admin, FIRST_DESK_ROW))
            lease = store.acquire_lease("engine", HOUR_NS)
            assert lease is not None
            with pytest.raises(StoreDamaged):  # the old chain does not go on here
                append(store, after)
            # His own engine goes on with his own chain.
            row = _next_of_his(store, DESK_STREAM)
            append(store, (row,))
        halted = follow(core, store)
    assert isinstance(halted[0], Halted)
    assert f"breaks at event {row.seq}" in halted[0].reason


def _next_of_his(store: Store, stream: str) -> Any:
    last = [row for row in store.read((stream,), 0, 1_000)][-1]
    body = two_days()[20].body
    return msgspec.structs.replace(
        last,
        seq=21,
        stream_seq=last.stream_seq + 1,
        kind=two_days()[20].kind,
        body=body,
        hash=chain_hash(last.hash, stream, last.stream_seq + 1, last.command_id, body),
    )


# -- who may look --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer, tmp_path_factory: Any) -> Iterator[SharedDesk]:
    with closing(SharedDesk(postgres_server)) as made:
        with closing(made.store("eng")) as engine:
            write_log(engine)
            take_checkpoint(engine, new_signer(tmp_path_factory.mktemp("keys")))
        yield made


def test_engine_and_auditor_of_everything_verify_the_whole(desk: SharedDesk) -> None:
    for login in ("eng", "abel"):
        with closing(desk.store(login)) as store:
            report = verify_store(store)
        assert report.ok, report.fault
        assert (report.is_whole, report.events, report.signed_seq) == (True, LAST, LAST)


@pytest.mark.parametrize(("login", "signed"), [("alice", 0), ("cora", LAST), ("ada", LAST)])
def test_who_is_shown_a_part_verifies_that_part_and_is_told(
    desk: SharedDesk, login: str, signed: int
) -> None:
    with closing(desk.store(login)) as store:
        report = verify_store(store)
    assert report.ok, report.fault
    assert not report.is_whole
    assert set(report.streams) == {"firm", DESK_STREAM}
    assert report.events < LAST
    assert report.signed_seq == signed
    assert "only that part was verified" in report.notes[-1]


@pytest.mark.parametrize("login", ["alice", "ada", "cora"])
def test_who_is_shown_a_part_can_not_sign_for_the_whole(
    desk: SharedDesk, login: str, signer: KeySigner
) -> None:
    with closing(desk.store(login)) as store, pytest.raises(StoreRefused, match="shown a part"):
        take_checkpoint(store, signer)


def test_genesis_is_where_every_stream_begins() -> None:
    firsts = [row for row in two_days() if row.stream_seq == 1]
    assert {row.stream for row in firsts} == {"firm", DESK_STREAM, "desk/FI"}
    assert all(row.hash != GENESIS_HASH for row in firsts)


def test_trader_sees_no_checkpoint_and_adds_none(desk: SharedDesk) -> None:
    """It names every stream of the store, and so how much goes on where he may not look."""
    with desk.connect("alice") as alice:
        assert alice.execute("SELECT count(*) FROM checkpoint").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            alice.execute("SELECT blotter_add_checkpoint(2, 1, '', '')")
