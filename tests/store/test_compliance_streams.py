"""What lives in a compliance stream is nowhere on a trader's side: not readable, not kept.

On a real PostgreSQL, with a trader's own login, through every object that it may read at all; and
in the copy that a trader's desktop keeps on its machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from app.core.desk_state import STATE_VERSION, DeskState, encode_state, state_hash
from app.ports import ReadRows, StoredSnapshot, Verdict
from app.session.step import Link
from app.store.postgres import PostgresStore
from tests.e2e.shared import Desktop
from tests.postgres import PostgresServer
from tests.store.builders import Writer, alert, order
from tests.store.shared_desk import SharedDesk, command

SECRET = "WATCHED-ISSUER-7Q"
STREAM = "compliance/EQ"

_RELATIONS = """
    SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg_toast%'
        AND has_schema_privilege(n.oid, 'USAGE')
        AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
    ORDER BY 1, 2
"""
_FUNCTIONS = """
    SELECT p.proname, p.pronargs, pg_get_function_identity_arguments(p.oid)
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
    ORDER BY 1
"""


class _Desk(SharedDesk):
    """A desk whose compliance has a secret in each place where it may be."""

    def __init__(self, server: PostgresServer) -> None:
        super().__init__(server, people=("alice", "dana", "cora", "eng"))
        with closing(self.store("cora")) as cora:
            self.asked = command(
                "cora", kind="RestrictSymbol", fields={"symbol": SECRET, "note": SECRET}
            )
            assert cora.submit(self.asked).verdict is Verdict.RECEIVED
        with closing(self.store("eng")) as engine:
            writer = Writer(engine)
            writer.write(
                writer.event(STREAM, body=b'{"text": "' + SECRET.encode() + b'"}'),
                rows=ReadRows(orders=(order("O-1", desk="EQ"),), alerts=(alert("A-1", desk="EQ"),)),
            )
            for scope in ("*", STREAM):
                engine.save_snapshot(
                    StoredSnapshot(
                        scope=scope,
                        seq=1,
                        version=STATE_VERSION,
                        state_hash=state_hash(DeskState()),
                        heads={},
                        blob=encode_state(DeskState()) + SECRET.encode(),
                    )
                )


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer) -> Iterator[_Desk]:
    with closing(_Desk(postgres_server)) as made:
        yield made


def _text_of(connection: psycopg.Connection[Any], schema: str, name: str) -> str:
    """Return all that a relation shows, as text; bytes in full."""
    relation = sql.Identifier(schema, name)
    try:
        rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(relation)).fetchall()
    except (errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState):
        return ""
    return "\n".join(str(row[0]) for row in rows)


def _shows(text: str) -> bool:
    return any(sign in text for sign in (SECRET, SECRET.encode().hex(), STREAM))


def test_compliance_reads_what_the_other_tests_look_for(desk: _Desk) -> None:
    with desk.connect("cora") as cora:
        assert _shows(_text_of(cora, "public", "event"))
        assert _shows(_text_of(cora, "public", "snapshot"))
        assert _shows(_text_of(cora, "public", "stream"))


@pytest.mark.parametrize("login", ["alice", "dana"])
def test_no_relation_that_the_desk_may_read_shows_it(desk: _Desk, login: str) -> None:
    with desk.connect(login) as connection:
        relations = connection.execute(_RELATIONS).fetchall()
        names = {f"{schema}.{name}" for schema, name in relations}
        assert {"public.event", "public.alerts", "pg_catalog.pg_stats"} <= names
        telling = [
            f"{schema}.{name}"
            for schema, name in relations
            if _shows(_text_of(connection, schema, name))
        ]
    assert telling == []


@pytest.mark.parametrize("login", ["alice", "dana"])
def test_no_function_that_the_desk_may_call_tells_it(desk: _Desk, login: str) -> None:
    asked = {"blotter_lookup": (desk.asked.command_id,), "blotter_approve": ("A", "")}
    told: list[str] = []
    with desk.connect(login) as connection:
        functions = connection.execute(_FUNCTIONS).fetchall()
        assert ("blotter_streams", 0, "") in functions
        for name, count, _ in functions:
            values = () if count == 0 else asked.get(name)
            if values is None or len(values) != count:
                continue  # those that write answer with a verdict and no content
            places = sql.SQL(", ").join([sql.Placeholder()] * count)
            call = sql.SQL("SELECT {}({})::text").format(sql.Identifier(name), places)
            try:
                told += [str(row[0]) for row in connection.execute(call, values).fetchall()]
            except psycopg.Error as error:
                told.append(str(error))
    assert told
    assert not _shows("\n".join(told))


def test_trader_that_asks_for_a_compliance_stream_by_name_gets_nothing(desk: _Desk) -> None:
    with closing(desk.store("alice")) as store:
        assert store.read([STREAM], 0, 100) == []
        assert not [row for row in store.read(None, 0, 100) if row.stream == STREAM]
        assert store.latest_snapshot(STREAM, STATE_VERSION) is None
        assert store.latest_snapshot("*", STATE_VERSION) is None
        assert store.order_events("O-1", STREAM, 0, 100) == []


def test_traders_desktop_keeps_nothing_of_it_on_its_machine(desk: _Desk, tmp_path: Path) -> None:
    path = tmp_path / "copies" / "alice"
    alice = Desktop("alice", lambda: PostgresStore(desk.url("alice")), copy_path=path)
    core = alice.session.core
    alice.until("the log's end", lambda: core.link is Link.LIVE)
    alice.session.close()
    assert set(core.heads) <= {"desk/EQ", "firm"}
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert path in kept
    for file in kept:
        content = file.read_bytes()
        assert SECRET.encode() not in content
        assert STREAM.encode() not in content
