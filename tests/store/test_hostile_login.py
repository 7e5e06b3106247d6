"""A login that turns against its desk: a bare connection, all of SQL, and no good will.

Everything here is done as mallory, a trader of EQ, unless it says otherwise. After each attack the
log, its chain, the commands of others and every right are what they were.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import errors

from app.ports import BODY_MAX, AppendStatus, ReadRows, StoredSnapshot, Verdict, check_chain
from app.session.ids import new_command_id
from app.store.people import CONNECTIONS_MAX, People
from app.store.postgres import init_postgres
from models.errors import StoreDamaged, StoreRefused
from tests.postgres import PostgresServer
from tests.store.builders import HOUR_NS, Writer, alert, execution, order, submission
from tests.store.rights import catalogue
from tests.store.shared_desk import PEOPLE, SharedDesk, command

SECRETS = ("desk/FI", "compliance/EQ", "compliance/FI")


class _Desk(SharedDesk):
    """A desk with a past: an engine that leads, four streams, orders of two desks."""

    def __init__(self, server: PostgresServer) -> None:
        super().__init__(server)
        self.engine = self.store("eng")
        self.writer = writer = Writer(self.engine)
        writer.write(
            writer.event("desk/EQ"),
            writer.event("firm"),
            *(writer.event(stream) for stream in SECRETS),
            rows=ReadRows(
                orders=(order("O-1", desk="EQ"), order("O-2", desk="FI")),
                executions=(execution("E-1", desk="EQ"), execution("E-2", desk="FI")),
                alerts=(alert("A-1", desk="EQ"), alert("A-2", desk="FI")),
            ),
        )
        for scope in ("*", "desk/EQ", "desk/FI"):
            self.engine.save_snapshot(
                StoredSnapshot(
                    scope=scope, seq=5, version=1, state_hash="s", heads={}, blob=b"secret"
                )
            )
        with closing(self.store("alice")) as alice:
            self.of_alice = command("alice")
            assert alice.submit(self.of_alice).verdict is Verdict.RECEIVED
        self.at_first = self.picture()

    def close(self) -> None:
        self.engine.close()
        super().close()

    def picture(self) -> tuple[Any, ...]:
        """Return what no attack may change: the log, what others asked for, people, rights."""
        with self.admin() as admin:
            return (
                *(
                    admin.execute(
                        f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) {of}"
                    ).fetchall()
                    for of in (
                        "FROM event t",
                        "FROM stream t",
                        "FROM (SELECT epoch, holder, seq FROM head) t",
                        "FROM snapshot t",
                        "FROM command t WHERE author <> 'mallory'",
                        "FROM (SELECT p.* FROM pending p JOIN command USING (arrival) "
                        "WHERE author <> 'mallory') t",
                        "FROM orders t",
                        "FROM executions t",
                        "FROM alerts t",
                        "FROM person t",
                        "FROM approval t",
                        "FROM store t",
                        "FROM checkpoint t",
                        "FROM (SELECT oid, proname, prosrc, proowner FROM pg_proc) t",
                        "FROM (SELECT rolname, rolpassword, rolcanlogin FROM pg_authid) t",
                        "FROM (SELECT oid, relname FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
                        " AND relnamespace = 'public'::regnamespace) t",
                    )
                ),
                catalogue(admin),
            )


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer) -> Iterator[_Desk]:
    with closing(_Desk(postgres_server)) as made:
        yield made


@pytest.fixture
def mallory(desk: _Desk) -> Iterator[psycopg.Connection[Any]]:
    """Mallory's connection; afterwards everything is compared with what was at first."""
    with desk.connect("mallory") as connection:
        yield connection
        connection.close()
    assert desk.picture() == desk.at_first
    check_chain({}, desk.engine.read(None, 0, 1_000))


Mallory = psycopg.Connection[Any]


def refused(connection: Mallory, statement: str, error: type[psycopg.Error]) -> str:
    """Run `statement`, which has to be refused, and return why it was."""
    with pytest.raises(error) as caught:
        connection.execute(statement)
    return str(caught.value)


# -- writing past the functions ------------------------------------------------------------------

LOG = ("event", "stream", "head", "snapshot", "command", "pending")
READ_TABLES = ("orders", "executions", "alerts", "quote", "depth", "bar", "feed")
TABLES = (*LOG, *READ_TABLES, "person", "approval", "store", "checkpoint", "alembic_version")

_WRITES = {
    "insert": "INSERT INTO {} SELECT * FROM {} LIMIT 0",
    "update": "UPDATE {} SET {column} = {column}",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {}",
    "lock": "BEGIN; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
    "for update": "SELECT * FROM {} FOR UPDATE",
    "for share": "SELECT * FROM {} FOR SHARE",
    "copy in": "COPY {} FROM STDIN",
    "merge": "MERGE INTO {} t USING (SELECT 1) s ON false WHEN NOT MATCHED THEN DO NOTHING",
    "drop": "DROP TABLE {} CASCADE",
    "alter": "ALTER TABLE {} ADD COLUMN more text",
    "policy": "CREATE POLICY mine ON {} USING (true)",
    "no row security": "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "no triggers": "ALTER TABLE {} DISABLE TRIGGER ALL",
    "trigger": "CREATE TRIGGER mine BEFORE INSERT ON {} EXECUTE FUNCTION blotter_refuse_change()",
    "rule": "CREATE RULE mine AS ON INSERT TO {} DO INSTEAD NOTHING",
    "index": "CREATE INDEX ON {} ((1))",
    "grant": "GRANT ALL ON {} TO mallory",
    "owner": "ALTER TABLE {} OWNER TO mallory",
    "rename": "ALTER TABLE {} RENAME TO mine",
}


@pytest.mark.parametrize("write", _WRITES)
def test_direct_write_to_any_table_is_refused(mallory: Mallory, desk: _Desk, write: str) -> None:
    with desk.admin() as admin:
        columns = dict(
            admin.execute(
                "SELECT relname, attname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid "
                "AND attnum = 1 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            ).fetchall()
        )
    assert set(TABLES) == set(columns)
    for table in TABLES:
        if write in ("merge", "grant"):
            # PostgreSQL takes some that do nothing, with a warning; what counts is the picture.
            with contextlib.suppress(errors.InsufficientPrivilege):
                mallory.execute(_WRITES[write].format(table))
            continue
        statement = _WRITES[write].format(table, table, column=columns[table])
        refused(mallory, statement, errors.InsufficientPrivilege)
        mallory.rollback()


def test_sequence_of_arrivals_can_be_neither_moved_nor_read(mallory: Mallory) -> None:
    for call in ("nextval", "currval", "lastval", "setval"):
        arguments = {"lastval": "", "setval": "'command_arrival_seq', 1"}.get(
            call, "'command_arrival_seq'"
        )
        with pytest.raises(psycopg.Error) as caught:
            mallory.execute(f"SELECT {call}({arguments})")
        assert isinstance(
            caught.value, errors.InsufficientPrivilege | errors.ObjectNotInPrerequisiteState
        )


# -- being somebody else -------------------------------------------------------------------------

_BECOME = {
    "SET SESSION AUTHORIZATION alice": errors.InsufficientPrivilege,
    "SET SESSION AUTHORIZATION postgres": errors.InsufficientPrivilege,
    "SET ROLE alice": errors.InsufficientPrivilege,
    "SET ROLE blotter_owner": errors.InsufficientPrivilege,
    "SET ROLE blotter_engine": errors.InsufficientPrivilege,
    "SET ROLE blotter_compliance": errors.InsufficientPrivilege,
    "SET ROLE postgres": errors.InsufficientPrivilege,
    "SELECT set_config('role', 'blotter_owner', false)": errors.InsufficientPrivilege,
    "SELECT set_config('session_authorization', 'alice', false)": errors.InsufficientPrivilege,
    "GRANT blotter_engine TO mallory": errors.InsufficientPrivilege,
    "GRANT blotter_owner TO mallory": errors.InsufficientPrivilege,
    "GRANT alice TO mallory": errors.InsufficientPrivilege,
    "ALTER ROLE mallory SUPERUSER": errors.InsufficientPrivilege,
    "ALTER ROLE mallory BYPASSRLS": errors.InsufficientPrivilege,
    "ALTER ROLE mallory CONNECTION LIMIT -1": errors.InsufficientPrivilege,
    "ALTER ROLE mallory RENAME TO alice": errors.FeatureNotSupported,
    "ALTER ROLE alice PASSWORD 'mine-now-and-for-ever'": errors.InsufficientPrivilege,
    "ALTER ROLE alice NOLOGIN": errors.InsufficientPrivilege,
    "CREATE ROLE accomplice LOGIN": errors.InsufficientPrivilege,
    "DROP ROLE alice": errors.InsufficientPrivilege,
    "REASSIGN OWNED BY blotter_owner TO mallory": errors.InsufficientPrivilege,
    "DROP OWNED BY blotter_owner": errors.InsufficientPrivilege,
    "CREATE USER MAPPING FOR alice SERVER s": errors.UndefinedObject,
}


@pytest.mark.parametrize("statement", _BECOME)
def test_becoming_somebody_else_is_refused(mallory: Mallory, statement: str) -> None:
    refused(mallory, statement, _BECOME[statement])
    assert mallory.execute("SELECT session_user, current_user").fetchall() == [
        ("mallory", "mallory")
    ]


def test_set_role_to_ones_own_group_does_not_hide_the_login(mallory: Mallory, desk: _Desk) -> None:
    mallory.execute("SET ROLE blotter_trader")
    forged = command("alice")
    assert _submit(mallory, forged)[0] == "refused"
    assert mallory.execute("SELECT login FROM blotter_me()").fetchall() == [("mallory",)]


def test_application_name_is_not_who_one_is(mallory: Mallory) -> None:
    mallory.execute("SET application_name = 'alice'")
    mallory.execute("SET \"blotter.login\" = 'alice'")
    assert _submit(mallory, command("alice"))[0] == "refused"


# -- commands ------------------------------------------------------------------------------------

_SUBMIT = (
    "SELECT verdict, reason FROM blotter_submit(ARRAY[%s], ARRAY[%s], ARRAY[%s], ARRAY[%s], "
    "ARRAY[%s::integer], ARRAY[%s::bigint], ARRAY[%s])"
)


def _submit(connection: Mallory, sent: Any, **changes: Any) -> tuple[str, str]:
    """Send a command past every check of a client; returns verdict and reason."""
    values = {name: getattr(sent, name) for name in sent.__struct_fields__} | changes
    names = ("command_id", "author", "desk", "kind", "lane", "seen_ts", "body")
    row = connection.execute(
        _SUBMIT, [values[n].decode() if n == "body" else values[n] for n in names]
    ).fetchone()
    assert row is not None
    return row


_FORGED: dict[str, tuple[Callable[[], tuple[Any, dict[str, Any]]], str]] = {
    "signed by alice": (lambda: (command("alice"), {}), "signed by alice"),
    "signed by alice within": (lambda: (command("alice"), {"author": "mallory"}), "beside"),
    "signed by alice beside": (lambda: (command("mallory"), {"author": "alice"}), "signed by"),
    "signed by the schedule": (
        lambda: (command("system", "", "EntitleTraders", fields={"traders": []}), {}),
        "signed by system",
    ),
    "signed by a venue": (
        lambda: (command("SIM", "", "VenueReport", fields={"cl_ord_id": "1"}), {}),
        "signed by SIM",
    ),
    "signed by nobody": (lambda: (command(""), {}), "signed by"),
    "signed by null": (lambda: (command("mallory"), {"author": None}), "not whole"),
    "for another desk": (lambda: (command("mallory", "FI"), {}), "not of the desk FI"),
    "for another desk within": (lambda: (command("mallory", "FI"), {"desk": "EQ"}), "beside"),
    "under another id": (
        lambda: (command("mallory"), {"command_id": new_command_id()}),
        "beside",
    ),
    "under a name one can guess": (
        lambda: (command("mallory", command_id="reference-0123"), {}),
        "no UUIDv7",
    ),
    "ahead of a kill": (
        lambda: (command("mallory", kind="AcknowledgeAlert", lane=0), {}),
        "waits in line 1",
    ),
    "as another kind": (
        lambda: (command("mallory", kind="SubmitOrder"), {"kind": "CancelOrder"}),
        "beside",
    ),
    "without having seen": (
        lambda: (command("mallory", kind="SubmitOrder", fields={"seen_ts": 0}), {}),
        "last saw",
    ),
    "having seen the future": (
        lambda: (command("mallory", kind="SubmitOrder", fields={"seen_ts": 9 * 10**18}), {}),
        "last saw",
    ),
    "older than it says": (
        lambda: (
            command("mallory", kind="SubmitOrder", fields={"seen_ts": 1}),
            {"seen_ts": time.time_ns()},
        ),
        "beside",
    ),
    "null time": (lambda: (command("mallory"), {"seen_ts": None}), "not whole"),
    "that is no JSON": (lambda: (command("mallory"), {"body": b"not json"}), "not JSON"),
    "that is a list": (lambda: (command("mallory"), {"body": b"[]"}), "not JSON"),
    "with a zero byte": (
        lambda: (command("mallory", fields={"order_id": "\0"}), {}),
        "not JSON",
    ),
}


@pytest.mark.parametrize("forgery", _FORGED)
def test_forged_command_is_refused(mallory: Mallory, forgery: str) -> None:
    make, words = _FORGED[forgery]
    sent, changes = make()
    verdict, reason = _submit(mallory, sent, **changes)
    assert verdict == "refused"
    assert words in reason
    assert mallory.execute("SELECT blotter_lookup(%s)", (sent.command_id,)).fetchall() == [
        ("not_seen",)
    ]


def test_body_that_names_its_author_twice_is_refused(mallory: Mallory) -> None:
    """One parser takes the first of two keys, another the last; escaped it is the same key."""
    honest = command("mallory")
    for key in ("author", "\\u0061uthor"):
        twice = honest.body.replace(b"{", b'{"' + key.encode() + b'":"alice",', 1)
        assert msgspec.json.decode(twice)["author"] == "mallory"
        assert _submit(mallory, honest, body=twice)[0] == "refused"


def test_oversized_body_is_refused(mallory: Mallory) -> None:
    large = command("mallory", fields={"order_id": "x" * BODY_MAX})
    assert _submit(mallory, large) == ("refused", "")


def test_arrays_of_different_lengths_store_nothing(mallory: Mallory) -> None:
    rows = mallory.execute(
        "SELECT verdict FROM blotter_submit(ARRAY[%s, %s], ARRAY['mallory'], ARRAY['EQ'], "
        "ARRAY['CancelOrder'], ARRAY[0], ARRAY[0::bigint], ARRAY['{}'])",
        (new_command_id(), new_command_id()),
    ).fetchall()
    assert rows == [("refused",), ("refused",)]


def test_stolen_id_is_a_conflict_and_tells_nothing(mallory: Mallory, desk: _Desk) -> None:
    stolen = command("mallory", command_id=desk.of_alice.command_id)
    assert _submit(mallory, stolen)[0] == "conflict"
    assert mallory.execute("SELECT blotter_lookup(%s)", (desk.of_alice.command_id,)).fetchall() == [
        ("conflict",)
    ]


def test_void_of_somebody_elses_command_does_nothing(mallory: Mallory, desk: _Desk) -> None:
    said = mallory.execute("SELECT blotter_void(%s, '')", (desk.of_alice.command_id,)).fetchall()
    assert said == [("conflict",)]
    with closing(desk.store("alice")) as alice:
        assert alice.lookup(desk.of_alice.command_id).verdict is Verdict.RECEIVED


def test_void_in_somebody_elses_name_or_of_a_name_one_can_guess_is_refused(
    mallory: Mallory,
) -> None:
    fresh = new_command_id()
    for command_id, author in ((fresh, "alice"), ("start-2026-11-25", ""), ("reference-0", "")):
        assert mallory.execute("SELECT blotter_void(%s, %s)", (command_id, author)).fetchall() == [
            ("refused",)
        ]
        assert mallory.execute("SELECT blotter_lookup(%s)", (command_id,)).fetchall() == [
            ("not_seen",)
        ]


def test_straggler_after_its_void_never_executes(mallory: Mallory, desk: _Desk) -> None:
    straggler = command("mallory")
    mallory.execute("SELECT blotter_void(%s, '')", (straggler.command_id,))
    assert _submit(mallory, straggler) == ("voided", "")
    assert straggler.command_id not in {c.command_id for c in desk.engine.pending(1_000)}


def test_id_used_again_with_another_body_is_a_conflict(mallory: Mallory) -> None:
    first = command("mallory")
    assert _submit(mallory, first)[0] == "received"
    again = command("mallory", command_id=first.command_id, fields={"order_id": "O-2"})
    assert _submit(mallory, again)[0] == "conflict"


def test_flood_of_commands_ends_at_a_limit_and_stops_nobody_else(
    mallory: Mallory, desk: _Desk
) -> None:
    def fill() -> set[str]:
        seen = {"kind": "AcknowledgeAlert", "lane": 1, "fields": {"alert_id": "A-1"}}
        sent = [command("mallory", **seen) for _ in range(2_500)]
        rows = mallory.execute(
            "SELECT verdict FROM blotter_submit(%s, %s, %s, %s, %s, %s::bigint[], %s)",
            (
                [s.command_id for s in sent],
                [s.author for s in sent],
                [s.desk for s in sent],
                [s.kind for s in sent],
                [s.lane for s in sent],
                [s.seen_ts for s in sent],
                [s.body.decode() for s in sent],
            ),
        )
        return {verdict for (verdict,) in rows.fetchall()}

    try:
        assert fill() == {"received"}
        assert fill() == {"received"}
        assert fill() == {"refused"}
        late = command("mallory", kind="AcknowledgeAlert", lane=1, fields={"alert_id": "A-2"})
        assert "has 5000 commands waiting" in _submit(mallory, late)[1]
        own_kill = command("mallory", kind="HaltTrading", lane=0, fields={"trader": "mallory"})
        assert _submit(mallory, own_kill)[0] == "received"  # a kill never waits behind a flood
        with closing(desk.store("dana")) as dana:
            assert dana.lookup(new_command_id()).verdict is Verdict.NOT_SEEN
            kill = command("dana", kind="HaltTrading", lane=0, fields={"trader": "mallory"})
            assert dana.submit(kill).verdict is Verdict.RECEIVED
    finally:
        with desk.admin() as admin:
            admin.execute(
                "DELETE FROM pending p USING command c WHERE p.arrival = c.arrival "
                "AND c.author IN ('mallory', 'dana')"
            )
            admin.execute("ALTER TABLE command DISABLE TRIGGER command_stays")
            admin.execute("DELETE FROM command WHERE author = 'dana'")
            admin.execute("ALTER TABLE command ENABLE ALWAYS TRIGGER command_stays")


@pytest.mark.parametrize("login", ["ada", "eng"])
def test_auditor_and_engine_enter_no_commands(desk: _Desk, login: str) -> None:
    with desk.connect(login) as connection:
        for statement in (
            "SELECT blotter_void('x', '')",
            "SELECT blotter_submit('{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        ):
            refused(connection, statement, errors.InsufficientPrivilege)


# -- reading what is not one's own ---------------------------------------------------------------


def _seen(connection: Mallory, table: str, column: str) -> set[str]:
    return {row[0] for row in connection.execute(f"SELECT {column} FROM {table}").fetchall()}


def test_another_desk_and_every_compliance_stream_are_not_there(mallory: Mallory) -> None:
    assert _seen(mallory, "event", "stream") == {"desk/EQ", "firm"}
    assert _seen(mallory, "stream", "name") == {"desk/EQ", "firm"}
    assert _seen(mallory, "snapshot", "scope") == {"desk/EQ"}
    for table in ("orders", "executions", "alerts"):
        assert _seen(mallory, table, "desk") == {"EQ"}


@pytest.mark.parametrize(
    ("login", "streams"),
    [
        ("fay", {"desk/FI", "firm"}),
        ("dana", {"desk/EQ", "firm"}),
        ("odo", {"desk/EQ", "firm"}),
        ("cora", {"desk/EQ", "firm", "compliance/EQ"}),
        ("ada", {"desk/EQ", "firm"}),
        ("abel", {"desk/EQ", "desk/FI", "firm", "compliance/EQ", "compliance/FI"}),
        ("eng", {"desk/EQ", "desk/FI", "firm", "compliance/EQ", "compliance/FI"}),
    ],
)
def test_everybody_reads_what_they_are_granted(desk: _Desk, login: str, streams: set[str]) -> None:
    with desk.connect(login) as connection:
        assert _seen(connection, "event", "stream") == streams


_READS = (
    "COPY event TO STDOUT",
    "COPY (SELECT * FROM event) TO STDOUT",
)


@pytest.mark.parametrize("statement", _READS)
def test_copy_out_shows_no_more_than_a_select(mallory: Mallory, statement: str) -> None:
    with mallory.cursor().copy(statement) as rows:
        text = b"".join(bytes(part) for part in rows).decode()
    assert "desk/EQ" in text
    assert not any(secret in text for secret in SECRETS)


def test_row_security_off_is_an_error_not_a_way(mallory: Mallory) -> None:
    mallory.execute("SET row_security = off")
    refused(mallory, "SELECT * FROM event", errors.InsufficientPrivilege)


def test_leaky_operator_is_not_asked_about_hidden_rows(mallory: Mallory) -> None:
    """A division by zero, or a cast that fails, on a row that a policy hides would tell of it."""
    for test in (
        "1 / (CASE stream WHEN 'desk/FI' THEN 0 ELSE 1 END) = 1",
        "(CASE stream WHEN 'desk/FI' THEN stream ELSE '1' END)::integer = 1",
    ):
        found = mallory.execute(f"SELECT stream FROM event WHERE {test}").fetchall()
        assert {stream for (stream,) in found} == {"desk/EQ", "firm"}


def test_statistics_and_plans_tell_nothing_of_hidden_rows(mallory: Mallory, desk: _Desk) -> None:
    with desk.admin() as admin:
        admin.execute("ANALYZE event")
    found = mallory.execute(
        "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats "
        "WHERE tablename IN ('event', 'stream', 'orders')"
    ).fetchall()
    assert found == []
    refused(mallory, "SELECT * FROM pg_statistic", errors.InsufficientPrivilege)
    refused(mallory, "EXPLAIN ANALYZE SELECT * FROM command", errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM command",
        "SELECT * FROM pending",
        "SELECT * FROM person",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT * FROM pg_user_mapping",
        "SELECT * FROM pg_hba_file_rules",
        "SELECT * FROM pg_file_settings",
        "SELECT * FROM pg_largeobject",
        "SELECT pg_read_file('postgresql.auto.conf')",
        "SELECT pg_read_binary_file('pg_hba.conf')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_ls_waldir()",
        "SELECT pg_stat_file('PG_VERSION')",
        "SELECT pg_current_logfile()",
        "COPY event FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/taken'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY event FROM PROGRAM 'id'",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/taken')",
        "SELECT pg_logical_slot_get_changes('s', NULL, NULL)",
        "SELECT pg_create_logical_replication_slot('s', 'test_decoding')",
        "SELECT pg_create_physical_replication_slot('s')",
        "SELECT blotter_known('x', NULL, NULL)",
        "SELECT * FROM blotter_pending(10)",
    ],
)
def test_reading_secrets_files_and_queues_is_refused(mallory: Mallory, statement: str) -> None:
    refused(mallory, statement, errors.InsufficientPrivilege)


def test_other_sessions_show_no_statements(mallory: Mallory, desk: _Desk) -> None:
    desk.engine.head_seq()
    found = mallory.execute(
        "SELECT query, application_name, client_port FROM pg_stat_activity WHERE usename = 'eng'"
    ).fetchall()
    assert {row[0] for row in found} == {"<insufficient privilege>"}


def test_replication_connection_is_refused(desk: _Desk) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"WAL sender"):
        desk.connect("mallory", replication="database")


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_other_databases_of_the_server_show_nothing_of_the_store(
    desk: _Desk, database: str
) -> None:
    """Who makes the server decides who may connect to them; the store is in neither."""
    with (
        contextlib.suppress(psycopg.OperationalError),
        desk.connect("mallory", dbname=database) as connection,
    ):
        assert connection.execute("SELECT to_regclass('public.event')").fetchone() == (None,)


def test_login_of_another_store_is_not_let_in(postgres_server: PostgresServer) -> None:
    """Groups are the cluster's; CONNECT is a store's own."""
    with closing(SharedDesk(postgres_server, people=("fay", "eng"))) as other:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            other.connect("mallory")
        with other.connect("fay") as fay:
            assert fay.execute("SELECT role FROM blotter_me()").fetchall() == [("trader",)]


# -- forging events, stealing the lease ----------------------------------------------------------

_WITHIN = ("write_rows", "check_chain", "known", "objection", "flood")
_ENGINES = (
    *("acquire", "renew", "release", "pending", "append", "save_snapshot", "publish_market"),
    *("use_approval", "end_long_transactions", "add_checkpoint"),
    *_WITHIN,
)


@pytest.mark.parametrize("name", _ENGINES)
def test_what_is_the_engines_or_within_is_refused_to_everybody_else(
    desk: _Desk, mallory: Mallory, name: str
) -> None:
    with desk.admin() as admin:
        row = admin.execute(
            "SELECT string_agg('NULL::' || t::regtype, ', ') FROM pg_proc, unnest(proargtypes) t "
            "WHERE proname = %s",
            (f"blotter_{name}",),
        ).fetchone()
    assert row is not None
    call = f"SELECT blotter_{name}({row[0] or ''})"
    refused(mallory, call, errors.InsufficientPrivilege)
    for login in ("dana", "cora", "odo", "abel"):
        with desk.connect(login) as connection:
            refused(connection, call, errors.InsufficientPrivilege)


def test_engine_of_an_old_epoch_writes_nothing(mallory: Mallory, desk: _Desk) -> None:
    """Even who has the engine's own password can't append beside the engine that leads."""
    with closing(desk.store("eng")) as thief:
        assert thief.acquire_lease("thief", HOUR_NS) is None
        forged = Writer(thief, msgspec.structs.replace(desk.writer.lease, epoch=0))
        forged.seq, forged.heads = desk.writer.seq, dict(desk.writer.heads)
        assert thief.append(forged.request([forged.event("desk/EQ")])) is AppendStatus.FENCED


def test_engines_login_can_not_write_past_its_functions(mallory: Mallory, desk: _Desk) -> None:
    with desk.connect("eng") as engine:
        for table in TABLES:
            refused(engine, f"DELETE FROM {table}", errors.InsufficientPrivilege)
        refused(engine, "SELECT * FROM command", errors.InsufficientPrivilege)
        refused(engine, "SET session_replication_role = replica", errors.InsufficientPrivilege)


# -- code of one's own ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN PERFORM 1; END $$",
        "DO LANGUAGE plpgsql 'BEGIN LOOP END LOOP; END'",
        "CREATE TEMP TABLE head (id integer)",
        "CREATE TEMP VIEW event AS SELECT 1",
        "SELECT 1 INTO TEMP taken",
        "CREATE TABLE mine (x integer)",
        "CREATE SCHEMA mine",
        "CREATE SCHEMA AUTHORIZATION mallory",
        "CREATE VIEW mine AS SELECT * FROM event",
        "CREATE MATERIALIZED VIEW mine AS SELECT * FROM event",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION pg_temp.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION blotter_now() RETURNS bigint RETURN 1::bigint",
        "CREATE FUNCTION blotter_now(integer) RETURNS bigint RETURN 1::bigint",
        "ALTER FUNCTION blotter_now() OWNER TO mallory",
        "DROP FUNCTION blotter_now()",
        "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = textne)",
        "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat)",
        "CREATE CAST (text AS integer) WITH INOUT AS IMPLICIT",
        "CREATE AGGREGATE sum(text) (SFUNC = textcat, STYPE = text)",
        "CREATE TYPE mine AS (x integer)",
        "CREATE DOMAIN mine AS text",
        'CREATE COLLATION mine FROM "C"',
        "CREATE SEQUENCE mine",
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION vector",
        "CREATE EXTENSION postgres_fdw",
        "CREATE FOREIGN DATA WRAPPER mine",
        "CREATE SERVER mine FOREIGN DATA WRAPPER mine",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION blotter_refuse_change()",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE SUBSCRIPTION mine CONNECTION '' PUBLICATION p",
        "CREATE DATABASE mine",
        "CREATE TABLESPACE mine LOCATION '/tmp'",
        "CREATE LANGUAGE plperl",
        "LOAD '/tmp/mine.so'",
        "SECURITY LABEL ON TABLE event IS 'mine'",
        "COMMENT ON TABLE event IS 'mine'",
        "IMPORT FOREIGN SCHEMA s FROM SERVER v INTO public",
        "ALTER DATABASE postgres OWNER TO mallory",
        "ALTER SYSTEM SET fsync = off",
        "SELECT pg_reload_conf()",
        "SELECT pg_switch_wal()",
        "SELECT pg_promote()",
        "CHECKPOINT",
        "REINDEX TABLE event",
        "CLUSTER event USING event_pkey",
        "SET session_replication_role = replica",
        "SET log_statement = 'all'",
        "SET temp_file_limit = -1",
        "SET lc_messages = 'C'",
    ],
)
def test_code_and_settings_of_ones_own_are_refused(mallory: Mallory, statement: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        mallory.execute(statement)
    assert isinstance(
        caught.value,
        errors.InsufficientPrivilege
        | errors.UndefinedObject  # no such wrapper, server, template or label provider
        | errors.FeatureNotSupported  # an extension that is not there
        | errors.InvalidParameterValue
        | errors.UndefinedFile,
    ), f"{type(caught.value).__name__}: {caught.value}"


def test_search_path_of_ones_own_changes_no_function(mallory: Mallory) -> None:
    """Functions that run as the owner pin theirs; there is no schema to put a lure into either."""
    mallory.execute("SET search_path = pg_temp, mine, information_schema, public")
    verdict, _ = _submit(mallory, command("alice"))
    assert verdict == "refused"
    mallory.execute("SET search_path = ''")
    sent = command("mallory")
    row = mallory.execute(
        "SELECT verdict FROM public.blotter_submit(ARRAY[%s], ARRAY['mallory'], ARRAY['EQ'], "
        "ARRAY['CancelOrder'], ARRAY[0], ARRAY[0::bigint], ARRAY[%s])",
        (sent.command_id, sent.body.decode()),
    ).fetchone()
    assert row == ("received",)


@pytest.mark.parametrize(
    "setting",
    [
        "standard_conforming_strings = off",
        "backslash_quote = on",
        "bytea_output = 'escape'",
        "extra_float_digits = -15",
        "intervalstyle = 'iso_8601'",
        "timezone = 'Asia/Kolkata'",
        "transform_null_equals = on",
        "default_transaction_isolation = 'serializable'",
        "plan_cache_mode = 'force_generic_plan'",
        "check_function_bodies = off",
        "row_security = off",
    ],
)
def test_settings_of_a_session_do_not_change_what_the_functions_decide(
    mallory: Mallory, setting: str
) -> None:
    mallory.execute(f"SET {setting}")
    assert _submit(mallory, command("alice"))[0] == "refused"
    assert _submit(mallory, command("mallory", "FI"))[0] == "refused"
    assert _submit(mallory, command("mallory"))[0] == "received"


# -- making a nuisance of oneself ----------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        "pg_advisory_lock(1)",
        "pg_advisory_xact_lock(1)",
        "pg_try_advisory_lock(1)",
        "pg_try_advisory_xact_lock_shared(1, 2)",
        "pg_advisory_unlock_all()",
        "lo_create(0)",
        "lo_creat(-1)",
        "lo_from_bytea(0, 'x')",
        "lo_put(1, 0, 'x')",
        "lo_get(1)",
        "lo_unlink(1)",
        "lo_open(1, 131072)",
        "pg_sleep(3600)",
        "pg_sleep_for('1 hour')",
        "pg_export_snapshot()",
        "pg_notify('commands', '')",
        "pg_logical_emit_message(true, 'x', repeat('x', 1000))",
        "pg_cancel_backend(1)",
        "pg_terminate_backend(1)",
        "pg_current_xact_id()",
        "txid_current()",
        "pg_stat_reset()",
        "pg_rotate_logfile()",
        "pg_backup_start('x')",
        "pg_log_backend_memory_contexts(1)",
        "pg_wal_replay_pause()",
    ],
)
def test_locks_large_objects_sleeping_and_signals_are_refused(mallory: Mallory, call: str) -> None:
    refused(mallory, f"SELECT {call}", errors.InsufficientPrivilege)


def test_killing_the_engines_session_is_refused(mallory: Mallory, desk: _Desk) -> None:
    pid = desk.engine._value("SELECT pg_backend_pid()")
    refused(mallory, f"SELECT pg_terminate_backend({pid})", errors.InsufficientPrivilege)
    assert desk.engine._value("SELECT pg_backend_pid()") == pid


def test_cancel_request_with_a_guessed_key_does_nothing(mallory: Mallory, desk: _Desk) -> None:
    """It needs no login at all, so it must need the key."""
    pid = desk.engine._value("SELECT pg_backend_pid()")
    done = threading.Event()

    def busy() -> None:
        desk.engine._value("SELECT count(*) FROM generate_series(1, 2000000)")
        done.set()

    thread = threading.Thread(target=busy, daemon=True)
    thread.start()
    cancel_all(desk.server.port, pid)
    thread.join(30)
    assert done.is_set()


def cancel_all(port: int, pid: int) -> None:
    """Send cancel requests for `pid` with keys that are guessed."""
    for key in (0, 1, 0xFFFFFFFF):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(struct.pack("!IIII", 16, 80877102, pid, key))
            line.recv(1)


def test_flood_of_notifications_wakes_and_changes_nothing(mallory: Mallory, desk: _Desk) -> None:
    """NOTIFY can't be taken away: a hint says nothing, and who is woken looks for himself."""
    woken = threading.Event()
    with closing(desk.store("alice")) as alice:
        alice.on_events(woken.set)
        assert woken.wait(30)
        head, events = alice.head_seq(), alice.read(["desk/EQ"], 0, 100)
        for _ in range(2_000):
            mallory.execute("NOTIFY events, '{\"seq\": 999999}'")
        assert alice.head_seq() == head
        assert alice.read(["desk/EQ"], 0, 100) == events
        assert desk.engine.renew_lease(desk.writer.lease, HOUR_NS) is not None


def test_held_snapshot_is_ended_by_the_watchdog(mallory: Mallory, desk: _Desk) -> None:
    mallory.execute("SET statement_timeout = 0")
    mallory.execute("SET idle_in_transaction_session_timeout = 0")
    mallory.execute("SET transaction_timeout = 0")
    mallory.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    mallory.execute("SELECT count(*) FROM event")
    time.sleep(1.2)
    assert desk.engine._value("SELECT blotter_end_long_transactions(60)") == 0
    assert desk.engine._value("SELECT blotter_end_long_transactions(1)") == 1
    with pytest.raises(psycopg.OperationalError):
        mallory.execute("SELECT 1")


def test_endless_statement_is_ended_by_the_watchdog(mallory: Mallory, desk: _Desk) -> None:
    mallory.execute("SET statement_timeout = 0")
    ended: list[BaseException] = []

    def run() -> None:
        try:
            mallory.execute("SELECT count(*) FROM generate_series(1, 1000000000000)")
        except psycopg.Error as error:
            ended.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    give_up = time.monotonic() + 30
    while not ended and time.monotonic() < give_up:
        desk.engine._value("SELECT blotter_end_long_transactions(1)")
        time.sleep(0.1)
    thread.join(30)
    assert isinstance(ended[0], errors.AdminShutdown | psycopg.OperationalError)


def test_engine_that_renews_its_lease_sends_the_watchdog(
    mallory: Mallory, desk: _Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.postgres.TRANSACTION_MAX_S", 1)
    mallory.execute("BEGIN")
    mallory.execute("SELECT 1")
    time.sleep(1.2)
    with closing(desk.store("eng")) as engine:
        assert engine.renew_lease(desk.writer.lease, HOUR_NS) is not None
    with pytest.raises(psycopg.OperationalError):
        mallory.execute("SELECT 1")


def test_transaction_that_is_left_open_after_a_submit_holds_nobody_up(
    mallory: Mallory, desk: _Desk
) -> None:
    with mallory.transaction(force_rollback=True):
        assert _submit(mallory, command("mallory"))[0] == "received"
        head = desk.engine._value("SELECT seq FROM head")
        began = threading.Event()
        thread = threading.Thread(
            target=lambda: (desk.engine.pending(10), began.set()), daemon=True
        )
        thread.start()
        assert began.wait(9), "the engine's read waits for mallory"
        with closing(desk.store("fay")) as fay:
            assert fay.submit(command("nobody")).verdict is Verdict.REFUSED
            assert fay.head_seq() == head


def test_prepared_transaction_that_would_outlive_its_session_is_refused(
    mallory: Mallory,
) -> None:
    """The watchdog could not end it; servers allow none unless somebody sets a number."""
    mallory.execute("BEGIN")
    mallory.execute("SELECT count(*) FROM event")
    refused(mallory, "PREPARE TRANSACTION 'for ever'", errors.ObjectNotInPrerequisiteState)
    mallory.rollback()


def test_share_lock_on_a_table_stops_no_append(mallory: Mallory, desk: _Desk) -> None:
    """ACCESS SHARE is what every SELECT takes; nothing stronger is to be had."""
    for mode in ("ROW SHARE", "ROW EXCLUSIVE", "SHARE", "EXCLUSIVE"):
        refused(mallory, f"BEGIN; LOCK TABLE event IN {mode} MODE", errors.InsufficientPrivilege)
        mallory.rollback()
    with mallory.transaction():
        mallory.execute("LOCK TABLE event, head IN ACCESS SHARE MODE")
        assert desk.engine.renew_lease(desk.writer.lease, HOUR_NS) is not None


def test_connections_beyond_the_limit_are_refused(desk: _Desk) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(CONNECTIONS_MAX):
            held.enter_context(desk.connect("mallory"))
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            desk.connect("mallory")
        with desk.connect("alice") as alice:
            assert alice.execute("SELECT 1").fetchone() == (1,)


def test_spill_to_disk_ends_at_a_limit(mallory: Mallory) -> None:
    assert mallory.execute("SHOW temp_file_limit").fetchone() == ("1GB",)
    refused(mallory, "RESET temp_file_limit", errors.InsufficientPrivilege)


# -- those who own it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}' WHERE seq = 1",
        "DELETE FROM event",
        "TRUNCATE event CASCADE",
        "UPDATE command SET author = 'alice'",
        "DELETE FROM command WHERE false",
        "TRUNCATE command",
        "SET session_replication_role = replica; DELETE FROM event",
    ],
)
def test_log_and_commands_refuse_change_even_by_a_superuser(
    mallory: Mallory, desk: _Desk, statement: str
) -> None:
    with desk.admin() as admin, pytest.raises(psycopg.Error, match="what is written there stays"):
        admin.execute(statement)


def test_owner_who_takes_the_trigger_away_is_found_by_the_chain(
    postgres_server: PostgresServer,
) -> None:
    """Whoever owns the tables can change them; nobody can do so unseen."""
    with closing(_Desk(postgres_server)) as own:
        rows = own.engine.read(None, 0, 100)
        with own.admin() as admin:
            admin.execute("ALTER TABLE event DISABLE TRIGGER event_stays")
            admin.execute("""UPDATE event SET body = '{"forged":1}' WHERE seq = 1""")
            assert "trigger event event_stays D" in catalogue(admin)
        with pytest.raises(StoreDamaged, match="hash chain"):
            check_chain({}, own.engine.read(None, 0, 100))
        check_chain({}, rows)


@pytest.mark.parametrize("login", [login for login in PEOPLE if login != "eng"])
def test_nobody_makes_or_upgrades_the_store_but_its_administrator(desk: _Desk, login: str) -> None:
    with pytest.raises(StoreRefused, match=f"{login} does not administer"):
        init_postgres(desk.url(login))
    with pytest.raises(StoreRefused, match=f"{login} does not administer"):
        People(desk.url(login))


def test_honest_command_of_a_desktop_is_received(mallory: Mallory, desk: _Desk) -> None:
    """The walls have a door: all of the above is refused to somebody who may trade."""
    with closing(desk.store("mallory")) as store:
        sent = command("mallory", kind="SubmitOrder", fields={"seen_ts": store.now()})
        assert store.submit(sent).verdict is Verdict.RECEIVED
        assert store.submit(sent).verdict is Verdict.RECEIVED
        assert store.health().enforces
        forged = submission(author="alice")
        answer = store.submit(forged)
        assert answer.verdict is Verdict.REFUSED
        assert 'Set login = "mallory"' in answer.text
