"""Making a store that holds people to their rights: who can, what it says, what it keeps."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import get_args
from unittest.mock import Mock

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command as alembic_command
from alembic.config import Config
from psycopg.conninfo import make_conninfo

from app.bootstrap import open_session
from app.config import Settings
from app.ports import ReadRows, Verdict, check_chain
from app.store import enforcement
from app.store.enforcement import Means, means_of
from app.store.people import People
from app.store.postgres import PostgresStore, init_postgres, schema_version
from app.store.schema import MIGRATIONS
from models.commands import AnyCommand, goes_first
from models.errors import StoreRefused
from tests.postgres import PostgresServer
from tests.store.builders import Writer, order, submission
from tests.store.shared_desk import PASSWORD, SharedDesk, command


@pytest.fixture
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    with closing(SharedDesk(postgres_server)) as made:
        yield made


# -- who makes it --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server where no superuser has made the roles before."""
    with closing(PostgresServer()) as server:
        yield server


def _owned_database(server: PostgresServer, owner: str, attributes: str) -> str:
    """Return how `owner`, a new login, connects to a database of his own."""
    name = server.create_database()
    with server.admin() as admin:
        admin.execute(f"CREATE ROLE {owner} LOGIN PASSWORD '{PASSWORD}' {attributes}")
        admin.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
    return make_conninfo(
        host="127.0.0.1", port=server.port, dbname=name, user=owner, password=PASSWORD
    )


def test_init_by_a_superuser_takes_the_defaults_away(
    empty_postgres_url: str, postgres_server: PostgresServer
) -> None:
    done = init_postgres(empty_postgres_url)
    assert done["schema"] == "none to 0003"
    assert done["enforcement"].startswith("on")
    assert "taken away" in done["defaults"]
    with closing(PostgresStore(empty_postgres_url)) as store:
        health = store.health()
    assert not health.enforces
    assert "postgres administers this store" in health.notes[0]


def test_init_by_who_may_create_roles_enforces_and_says_what_is_left_open(
    own_server: PostgresServer,
) -> None:
    url = _owned_database(own_server, "oms", "CREATEROLE CREATEDB")
    done = init_postgres(url)
    assert done["enforcement"].startswith("on")
    assert "only store upgrade as a superuser" in done["defaults"]
    assert init_postgres(url)["schema"] == "0003 to 0003"
    with People(url) as people:
        people.add("alice", "trader", ["EQ"], password=PASSWORD)
        people.add("eng", "engine", [], password=PASSWORD)
    database = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    alice = make_conninfo(url, user="alice", dbname=database)
    with closing(PostgresStore(alice)) as store:
        health = store.health()
        assert health.enforces
        assert "Some of what PostgreSQL gives every login is still open" in health.notes[1]
        assert store.submit(command("alice")).verdict is Verdict.RECEIVED
    with psycopg.connect(alice) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM event")
    with closing(PostgresStore(make_conninfo(url, user="eng"))) as engine:
        writer = Writer(engine)
        writer.write(writer.event("desk/EQ"), settles=engine.pending(1))
        # It may not end sessions; that must not end the engine.
        assert engine.renew_lease(writer.lease, 10**9) is not None
    # A superuser closes the rest later.
    init_postgres(own_server.url(str(database)))
    with closing(PostgresStore(alice)) as store:
        assert store.health().notes == ("alice is trader here, for desk EQ.",)


def test_init_by_who_owns_only_the_database_enforces_nothing_and_says_so(
    postgres_server: PostgresServer,
) -> None:
    url = _owned_database(postgres_server, "plain_owner", "")
    done = init_postgres(url)
    assert "every login that can write to the store may write anything" in done["enforcement"]
    with closing(PostgresStore(url)) as store:
        health = store.health()
        assert not health.enforces
        assert health.notes == ("Every login of this store may write to it directly.",)
        assert store.submit(submission(author="anybody")).verdict is Verdict.RECEIVED
        writer = Writer(store)
        writer.write(writer.event())
        assert store.renew_lease(writer.lease, 10**9) is not None
    with pytest.raises(StoreRefused, match="has no roles yet"):
        People(url)


def test_init_by_who_can_not_pass_on_the_roles_of_another_store_is_plain(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    """Where a superuser has made them for one store, another's owner can't use them."""
    url = _owned_database(postgres_server, "second_owner", "CREATEROLE CREATEDB")
    assert init_postgres(url)["enforcement"].startswith("none")


# Its answer had a column less, which no replacement can add.
_SUBMIT_OF_SCHEMA_1 = """
    CREATE FUNCTION blotter_submit(
        text[], text[], text[], text[], integer[], bigint[], text[]
    ) RETURNS TABLE (verdict text, judged_ts bigint) LANGUAGE sql AS $$ SELECT 'x', 1::bigint $$
"""


def test_upgrade_of_a_plain_store_of_schema_1_keeps_its_log_and_enforces(
    postgres_server: PostgresServer,
) -> None:
    name = postgres_server.create_database()
    url = postgres_server.url(name)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        alembic_command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO command (command_id, author, desk, kind, lane, void, received_ts, body) "
            "VALUES ('c-1', 'alice', 'EQ', 'SubmitOrder', 1, false, 1, '{}')"
        )
        connection.exec_driver_sql(_SUBMIT_OF_SCHEMA_1)
    engine.dispose()
    assert schema_version(url) == "0001"
    assert init_postgres(url)["schema"] == "0001 to 0003"
    with postgres_server.admin(name) as admin:
        owners = admin.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert owners == [("blotter_owner",)]
    with closing(PostgresStore(url)) as store:
        assert store.lookup("c-1").verdict is Verdict.DECIDED
        writer = Writer(store)
        writer.write(writer.event())
        check_chain({}, store.read(None, 0, 10))
    postgres_server.drop_database(name)


def test_init_that_fails_leaves_the_database_as_it_was(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = enforcement._text
    monkeypatch.setattr(
        enforcement,
        "_text",
        lambda *names: (
            whole(*names) + "SELECT 1 / (count(*) - 1) FROM head;"
            if "policies" in names
            else whole(*names)
        ),
    )
    with pytest.raises(StoreRefused, match="division by zero"):
        init_postgres(empty_postgres_url)
    assert schema_version(empty_postgres_url) is None


def test_upgrade_leaves_no_function_of_an_older_version(desk: SharedDesk) -> None:
    with desk.admin() as admin:
        admin.execute("CREATE FUNCTION blotter_append(text) RETURNS text RETURN 'appended'")
        admin.execute("CREATE FUNCTION blotter_forgotten() RETURNS text RETURN 'old'")
        admin.execute("CREATE FUNCTION somebody_elses() RETURNS text RETURN 'kept'")
        init_postgres(desk.server.url(desk.name))
        found = admin.execute(
            "SELECT proname, pronargs FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "AND proname IN ('blotter_append', 'blotter_forgotten', 'somebody_elses') ORDER BY 1"
        ).fetchall()
    assert [name for name, _ in found] == ["blotter_append", "somebody_elses"]
    assert found[0][1] > 1


@pytest.mark.parametrize("login", ["alice", "eng", "cora"])
def test_means_of_a_login_that_the_store_binds_is_refused(desk: SharedDesk, login: str) -> None:
    with desk.connect(login) as connection, pytest.raises(StoreRefused, match="does not admin"):
        means_of(connection, "here")


def test_means_of_a_superuser_is_all(desk: SharedDesk) -> None:
    with desk.admin() as admin:
        assert means_of(admin, "here") is Means.ALL


# -- what it says of itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "note"),
    [
        ("alice", "alice is trader here, for desk EQ."),
        ("abel", "abel is auditor here, for all desks."),
        ("eng", "eng is engine here."),
    ],
)
def test_health_of_a_bound_login_enforces_and_says_who_one_is(
    desk: SharedDesk, login: str, note: str
) -> None:
    with closing(desk.store(login)) as store:
        health = store.health()
    assert (health.enforces, health.login) == (True, login)
    assert health.notes == (note,)


def test_session_that_signs_as_somebody_else_than_its_login_is_refused_at_once(
    desk: SharedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://alice@127.0.0.1:{desk.server.port}/{desk.name}"
    calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    session = open_session(Settings(store=url, login="dana"), calls.put, None)
    session.start()
    while not session.refusal:
        calls.get(timeout=30)()
    session.close()
    assert "knows this connection as alice" in session.refusal
    assert 'Set login = "alice"' in session.refusal


# -- a working desk ------------------------------------------------------------------------------


def test_command_of_a_trader_is_decided_by_the_engine_and_read_by_the_desk(
    desk: SharedDesk,
) -> None:
    sent = command("alice")
    with (
        closing(desk.store("alice")) as alice,
        closing(desk.store("eng")) as engine,
        closing(desk.store("dana")) as dana,
        closing(desk.store("fay")) as fay,
    ):
        assert alice.submit(sent).verdict is Verdict.RECEIVED
        writer = Writer(engine)
        pending = engine.pending(10)
        assert [c.command_id for c in pending] == [sent.command_id]
        event = writer.event("desk/EQ", sent.command_id)
        writer.write(event, writer.event("desk/FI"), settles=pending)
        assert alice.lookup(sent.command_id).verdict is Verdict.DECIDED
        assert dana.read(["desk/EQ", "firm"], 0, 10) == [event]
        assert dana.read(["desk/FI"], 0, 10) == []
        assert [row.stream for row in fay.read(None, 0, 10)] == ["desk/FI"]
        assert alice.leader() == engine.leader()
        assert alice.head_seq() == 2


def test_streams_of_a_desk_are_gap_free_for_who_reads_only_them(desk: SharedDesk) -> None:
    with closing(desk.store("eng")) as engine, closing(desk.store("alice")) as alice:
        writer = Writer(engine)
        names = ("desk/EQ", "desk/FI", "compliance/EQ", "firm")
        writer.write(*(writer.event(names[at % 4]) for at in range(40)))
        rows = alice.read(["desk/EQ", "firm", "compliance/EQ"], 0, 100)
        assert len(rows) == 20
        check_chain({}, rows)


def test_rows_of_the_read_tables_are_the_desks(desk: SharedDesk) -> None:
    with closing(desk.store("eng")) as engine:
        writer = Writer(engine)
        rows = ReadRows(orders=(order("O-1", desk="EQ"), order("O-2", desk="FI")))
        writer.write(writer.event("desk/EQ"), rows=rows)
    for login, seen in (("alice", ["O-1"]), ("fay", ["O-2"]), ("eng", ["O-1", "O-2"])):
        with desk.connect(login) as connection:
            found = connection.execute("SELECT order_id FROM orders ORDER BY 1").fetchall()
        assert [order_id for (order_id,) in found] == seen


def test_lane_of_a_command_in_sql_is_that_of_goes_first() -> None:
    """The database lets the same kinds go ahead as the models do."""
    text = (enforcement._SQL / "identity.sql").read_text()
    listed = text.partition("p_kind NOT IN (")[2].partition(")")[0]
    ahead = {name.strip().strip("'") for name in listed.split(",")}
    kinds = get_args(AnyCommand)
    assert ahead == {kind.__name__ for kind in kinds if goes_first(Mock(spec=kind))}


def test_scripts_have_no_percent_sign_that_a_driver_would_take_for_a_parameter() -> None:
    files = sorted(enforcement._SQL.glob("*.sql"))
    assert len(files) >= 9
    assert [path.name for path in files if "%" in path.read_text()] == []


# -- limits --------------------------------------------------------------------------------------

_ROW = "(command_id, author, desk, kind, lane, void, received_ts, body)"


@pytest.mark.parametrize(
    ("statement", "limit"),
    [
        (f"INSERT INTO command {_ROW} VALUES ('', 'a', 'd', 'k', 1, false, 1, '')", "command_id"),
        (
            f"INSERT INTO command {_ROW} VALUES (repeat('x', 129), 'a', 'd', 'k', 1, false, 1, '')",
            "command_id",
        ),
        (f"INSERT INTO command {_ROW} VALUES ('c', 'a', 'd', 'k', 2, false, 1, '')", "lane"),
        (f"INSERT INTO command {_ROW} VALUES ('c', 'a', 'd', 'k', 1, false, 0, '')", "received_ts"),
        (f"INSERT INTO command {_ROW} VALUES ('c', 'a', 'd', 'k', 1, true, 1, '{{}}')", "void"),
        (
            f"INSERT INTO command {_ROW} "
            "VALUES ('c', 'a', 'd', 'k', 1, false, 1, repeat('x', 1000001))",
            "body",
        ),
        (
            "INSERT INTO event VALUES (1, 'firm', 1, 1, 1, 'c', 'k', '{}', repeat('g', 64))",
            "hash",
        ),
        ("INSERT INTO event VALUES (0, 'firm', 1, 1, 1, 'c', 'k', '{}', repeat('0', 64))", "seq"),
        (
            "INSERT INTO event VALUES "
            "(1, 'firm', 1, 1, 1, 'c', 'k', repeat('x', 4000001), repeat('0', 64))",
            "body",
        ),
        ("INSERT INTO head SELECT 2, 0, '', 0, 0, 0, 0", "one"),
        ("INSERT INTO person VALUES ('system', 'trader', 'EQ', false, false, 1)", "login"),
        ("INSERT INTO person VALUES ('eve', 'root', 'EQ', false, false, 1)", "role"),
        ("INSERT INTO person VALUES ('eve', 'trader', 'E Q,', false, false, 1)", "desks"),
        ("INSERT INTO person VALUES ('eve', 'trader', 'EQ', true, false, 1)", "sees_compliance"),
    ],
)
def test_row_beyond_a_limit_is_refused_by_the_table(
    desk: SharedDesk, statement: str, limit: str
) -> None:
    with desk.admin() as admin, pytest.raises(psycopg.errors.CheckViolation, match=f"_{limit}_lim"):
        admin.execute(statement)
