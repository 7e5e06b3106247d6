"""What is particular to the store over PostgreSQL: servers, connections, secrets, locks."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import msgspec
import psycopg
import pytest

from app.core.context import Quote
from app.ports import BODY_MAX, FRESHNESS_LIMIT_NS, AppendStatus, ReadRows, Store, Verdict
from app.store import postgres_driver
from app.store.postgres import PostgresStore, init_postgres, schema_version
from app.store.postgres_driver import check_server, parse_target
from app.store.schema import SCHEMA_VERSION
from models.errors import StoreDamaged, StoreMissing, StoreRefused, StoreUnavailable
from models.market import Bar, Depth
from tests.postgres import PostgresServer
from tests.store.builders import Writer, order, submission, wait_until
from tests.store.conftest import libpq

SECRET = "s3cr3t-hunter2"


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresStore]:
    with closing(PostgresStore(postgres_url)) as opened:
        yield opened


@pytest.fixture
def admin(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's own connection to the store's database, in autocommit."""
    with psycopg.connect(libpq(postgres_url), autocommit=True) as connection:
        yield connection


# -- which servers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "found", "needed"),
    [
        (180003, "18.3", "18.4"),
        (170009, "17.9", "17.10"),
        (160013, "16.13", "16.14"),
        (150017, "15.17", "15.18"),
        (140022, "14.22", "15.18"),
        (90624, "9.624", "15.18"),
    ],
)
def test_check_server_too_old_says_found_and_needed(version: int, found: str, needed: str) -> None:
    with pytest.raises(StoreRefused, match=rf"PostgreSQL {found}; at least {needed} is needed"):
        check_server(version, "UTF8", "db:5432/desk")


@pytest.mark.parametrize("version", [180004, 180005, 170010, 160014, 150018, 190000])
def test_check_server_of_a_safe_release_is_taken(version: int) -> None:
    check_server(version, "UTF8", "db:5432/desk")


def test_check_server_without_utf8_is_refused() -> None:
    with pytest.raises(StoreRefused, match="SQL_ASCII"):
        check_server(180004, "SQL_ASCII", "db:5432/desk")


@pytest.mark.parametrize("use", [PostgresStore, init_postgres, schema_version])
def test_server_too_old_is_refused_by_whatever_opens_it(
    use: Callable[[str], object], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres_driver.SAFE_MINORS, 18, 99)
    with pytest.raises(StoreRefused, match=r"at least 18\.99 is needed"):
        use(postgres_url)


# -- which schema --------------------------------------------------------------------------------


def test_open_database_without_a_store_is_refused(empty_postgres_url: str) -> None:
    assert schema_version(empty_postgres_url) is None
    with pytest.raises(StoreMissing, match="store init"):
        PostgresStore(empty_postgres_url)


@pytest.mark.parametrize("use", [PostgresStore, init_postgres])
def test_store_of_a_newer_schema_is_refused(
    use: Callable[[str], object], postgres_url: str, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(StoreRefused, match="schema 0099, newer than"):
        use(postgres_url)
    assert schema_version(postgres_url) == "0099"


def test_store_of_an_older_schema_is_refused(
    postgres_url: str, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreRefused, match="store upgrade"):
        PostgresStore(postgres_url)


def test_init_postgres_twice_keeps_what_is_there(postgres_url: str, store: Store) -> None:
    store.submit(submission())
    init_postgres(postgres_url)
    assert schema_version(postgres_url) == f"{SCHEMA_VERSION:04}"
    assert len(store.pending(10)) == 1


def test_init_postgres_of_two_at_once_makes_one_store(empty_postgres_url: str) -> None:
    errors: list[BaseException] = []

    def init() -> None:
        try:
            init_postgres(empty_postgres_url)
        except BaseException as error:  # shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=init, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert schema_version(empty_postgres_url) == f"{SCHEMA_VERSION:04}"


# -- which connections ---------------------------------------------------------------------------


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting is a failure of its own kind; the environment names no server."""

    def connect(*_: object, **__: object) -> None:
        raise AssertionError("it connected")

    monkeypatch.setattr(psycopg, "connect", connect)
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)


PLAIN = [
    f"postgresql+psycopg://desk:{SECRET}@db.example.com/desk",
    f"postgresql://desk:{SECRET}@10.1.2.3:5433/desk?sslmode=prefer",
    f"postgresql://desk:{SECRET}@db.example.com/desk?sslmode=disable",
    f"host=db.example.com dbname=desk user=desk password={SECRET}",
    f"postgresql://desk:{SECRET}@127.0.0.1,db.example.com/desk",
    f"host=localhost hostaddr=10.1.2.3 dbname=desk password={SECRET}",
]


@pytest.mark.parametrize("url", PLAIN)
@pytest.mark.parametrize("use", [PostgresStore, init_postgres, schema_version])
@pytest.mark.usefixtures("no_network")
def test_plain_connection_beyond_this_machine_is_refused_without_connecting(
    use: Callable[[str], object], url: str
) -> None:
    with pytest.raises(StoreRefused, match="sslmode=verify-full") as refused:
        use(url)
    assert SECRET not in str(refused.value)


@pytest.mark.usefixtures("no_network")
def test_plain_connection_that_the_environment_leads_to_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGHOST", "db.example.com")
    with pytest.raises(StoreRefused, match=r"db\.example\.com"):
        parse_target("postgresql:///desk")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://desk@127.0.0.1/desk",
        "postgresql://desk@localhost/desk",
        "postgresql://desk@[::1]:5433/desk",
        "postgresql:///desk",
        "host=/run/postgresql dbname=desk",
        "host=127.0.0.8 dbname=desk",
    ],
)
@pytest.mark.usefixtures("no_network")
def test_plain_connection_within_this_machine_is_taken(url: str) -> None:
    assert parse_target(url).is_local


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
@pytest.mark.usefixtures("no_network")
def test_encrypted_connection_is_taken_and_bound_to_its_channel(mode: str) -> None:
    target = parse_target(f"postgresql://desk@db.example.com/desk?sslmode={mode}")
    assert not target.is_local
    assert target.params["channel_binding"] == "require"


@pytest.mark.usefixtures("no_network")
def test_plain_connection_is_taken_when_allowed() -> None:
    assert not parse_target(PLAIN[0], allow_plain=True).is_local


def test_connection_that_turns_out_plain_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service file may lead elsewhere than the URL says: what was connected to is looked at."""
    target = parse_target(postgres_url)
    monkeypatch.setattr(postgres_driver, "_is_local", lambda host: False)
    with pytest.raises(StoreRefused, match="is not encrypted"):
        postgres_driver.connect(target)


def test_connection_over_the_local_socket_is_taken(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    params = psycopg.conninfo.conninfo_to_dict(libpq(postgres_url))
    params["host"] = str(postgres_server.folder)
    with closing(PostgresStore(psycopg.conninfo.make_conninfo("", **params))) as store:
        assert store.head_seq() == 0


def test_session_settings_of_a_login_do_not_weaken_a_commit(
    postgres_url: str, admin: psycopg.Connection[Any]
) -> None:
    database = psycopg.conninfo.conninfo_to_dict(libpq(postgres_url))["dbname"]
    for setting in ("synchronous_commit = off", "default_transaction_isolation = serializable"):
        admin.execute(f"ALTER DATABASE {database} SET {setting}")
    with closing(PostgresStore(postgres_url)) as store:
        names = "synchronous_commit", "default_transaction_isolation", "statement_timeout"
        found = [store._value(f"SHOW {name}") for name in names]
    assert found == ["on", "read committed", "10s"]


# -- secrets -------------------------------------------------------------------------------------


def _with(url: str, **changes: object) -> str:
    """Return `url` with other parameters, as a conninfo string."""
    return psycopg.conninfo.make_conninfo(libpq(url), **changes)


def _shown(error: BaseException) -> str:
    """Return everything that a log could show of an error."""
    text = "".join(traceback.format_exception(error))
    return f"{text} {error!r} {error.args!r} {error.__cause__!r}"


@pytest.mark.parametrize(
    "address",
    [
        lambda url: _with(url, password=SECRET),
        lambda url: _with(url, password=SECRET, port=1),
        lambda url: _with(url, password=SECRET, dbname="absent"),
        lambda url: _with(url, password=SECRET, host="no-such-host.invalid", sslmode="require"),
        lambda url: f"postgresql://desk:{SECRET}@[::1/desk",
        lambda url: f"postgresql://desk:{SECRET}@host/desk?password={SECRET}&nonsense={SECRET}",
        lambda url: f"host=db {SECRET}",
        lambda url: f"mysql://desk:{SECRET}@host/desk",
    ],
    ids=["wrong", "no server", "no database", "no host", "bad url", "bad option", "bad", "other"],
)
@pytest.mark.parametrize("use", [PostgresStore, init_postgres, schema_version])
def test_error_of_a_connection_never_shows_the_password(
    use: Callable[[str], object], address: Callable[[str], str], postgres_url: str
) -> None:
    with pytest.raises((StoreRefused, StoreUnavailable)) as failed:
        use(address(postgres_url))
    assert SECRET not in _shown(failed.value)


def test_store_never_shows_the_password(
    postgres_url: str, store: PostgresStore, postgres_server: PostgresServer
) -> None:
    password = postgres_server.password
    shown = f"{store!r} {store} {store.health()!r} {store._target!r} {store._target}"
    assert password in postgres_url
    assert password not in shown
    assert "127.0.0.1" in shown


def test_open_with_a_wrong_password_is_unavailable_and_says_why(postgres_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="password authentication failed"):
        PostgresStore(_with(postgres_url, password="wrong"))


# -- lost connections ----------------------------------------------------------------------------


def _terminate_others(admin: psycopg.Connection[Any]) -> None:
    admin.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_call_on_a_terminated_connection_is_unavailable_and_the_next_reconnects(
    store: PostgresStore, admin: psycopg.Connection[Any]
) -> None:
    command = submission()
    store.submit(command)
    _terminate_others(admin)
    with pytest.raises(StoreUnavailable):
        store.submit(command)
    assert store.submit(command).verdict is Verdict.RECEIVED
    assert len(store.pending(10)) == 1


def test_follower_of_a_terminated_connection_is_woken_again(
    store: PostgresStore, postgres_url: str, admin: psycopg.Connection[Any]
) -> None:
    woken = threading.Event()
    store.on_commands(woken.set)
    assert woken.wait(30)
    woken.clear()
    _terminate_others(admin)
    assert woken.wait(30), "a new connection wakes, as something may have been missed"
    woken.clear()
    with closing(PostgresStore(postgres_url)) as other:
        other.submit(submission())
    assert woken.wait(30)


def test_append_that_settles_a_command_lost_in_a_failover_is_fenced(store: PostgresStore) -> None:
    """Nobody knows it any more: it could come again, or be voided, and must not be in the log."""
    store.submit(submission())
    writer, (waiting,) = Writer(store), store.pending(1)
    lost = msgspec.structs.replace(waiting, arrival=waiting.arrival + 1)
    assert store.append(writer.request([writer.event()], [waiting, lost])) is AppendStatus.FENCED
    assert store.head_seq() == 0


@pytest.mark.parametrize("crash", [False, True])
def test_server_restart_loses_nothing_that_was_acknowledged(
    store: PostgresStore, postgres_server: PostgresServer, crash: bool
) -> None:
    commands = [submission() for _ in range(5)]
    store.submit_many(commands)
    writer = Writer(store)
    request = writer.write(
        writer.event(), settles=store.pending(2), rows=ReadRows(orders=(order("O-1"),))
    )
    bar = Bar("ACME", 5, 1, 1, 1, 1, 1, 1)
    store.publish_market(10, [Quote("ACME", ts=9)], [Depth("ACME", 9)], [bar])
    started = store._value("SELECT pg_postmaster_start_time()")
    postgres_server.restart(crash=crash)
    with pytest.raises(StoreUnavailable):
        store.append(request)
    assert store.append(request) is AppendStatus.ALREADY
    assert store._value("SELECT pg_postmaster_start_time()") > started
    assert [c.command_id for c in store.pending(9)] == [c.command_id for c in commands[2:]]
    assert store.read(None, 0, 9) == list(request.events)
    # The market is unlogged: a crash may take it, an orderly stop does not.
    assert store.read_market(0)[0] == (0 if crash else 10)
    assert store.read_depth(["ACME"]) == ([] if crash else [Depth("ACME", 9)])
    assert store.read_bars({"ACME": 0}) == ([] if crash else [bar])


def test_call_after_close_is_unavailable(store: PostgresStore) -> None:
    store.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        store.head_seq()


def test_write_on_a_server_that_has_become_a_standby_is_unavailable_and_reconnects(
    store: PostgresStore,
) -> None:
    pid = store._value("SELECT pg_backend_pid()")
    store._rows("SELECT set_config('default_transaction_read_only', 'on', false)")
    with pytest.raises(StoreUnavailable, match="read-only"):
        store.submit(submission())
    assert store.submit(submission()).verdict is Verdict.RECEIVED
    assert store._value("SELECT pg_backend_pid()") != pid


def test_call_that_waits_too_long_for_a_lock_is_unavailable(
    store: PostgresStore, admin: psycopg.Connection[Any]
) -> None:
    store._rows("SELECT set_config('statement_timeout', '50ms', false)")
    writer = Writer(store)
    request = writer.request([writer.event()])
    with admin.transaction():
        admin.execute("SELECT 1 FROM head FOR UPDATE")
        with pytest.raises(StoreUnavailable, match="statement timeout"):
            store.append(request)
    assert store.append(request) is AppendStatus.APPENDED


# -- the functions -------------------------------------------------------------------------------


def test_append_that_waited_while_another_took_over_is_fenced(
    store: PostgresStore, admin: psycopg.Connection[Any]
) -> None:
    """The lease is judged after the lock is held, not when the call came."""
    writer = Writer(store)
    request = writer.request([writer.event()])
    status: list[AppendStatus] = []
    thread = threading.Thread(target=lambda: status.append(store.append(request)), daemon=True)
    with admin.transaction():
        admin.execute("UPDATE head SET epoch = epoch + 1")
        thread.start()
        _wait_for_a_lock(admin)
    thread.join(30)
    assert status == [AppendStatus.FENCED]
    assert store.head_seq() == 0


def _wait_for_a_lock(admin: psycopg.Connection[Any]) -> None:
    """Return when a call waits for what `admin` holds."""
    wait_until(
        lambda: admin.execute(
            "SELECT 1 FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchall()
    )


@pytest.mark.parametrize(
    ("author", "verdict"), [("alice", Verdict.RECEIVED), ("mallory", Verdict.CONFLICT)]
)
def test_submit_of_an_id_that_another_is_just_storing_is_stored_once(
    store: PostgresStore, admin: psycopg.Connection[Any], author: str, verdict: Verdict
) -> None:
    command = submission(author=author)
    verdicts: list[Verdict] = []
    thread = threading.Thread(
        target=lambda: verdicts.append(store.submit(command).verdict), daemon=True
    )
    with admin.transaction():
        admin.execute(
            "SELECT blotter_submit(ARRAY[%s], ARRAY['alice'], ARRAY['alpha'], ARRAY['k'], "
            "ARRAY[1], ARRAY[0::bigint], ARRAY[%s])",
            (command.command_id, command.body.decode()),
        )
        thread.start()
        _wait_for_a_lock(admin)
    thread.join(30)
    assert verdicts == [verdict]
    assert [c.command_id for c in store.pending(10)] == [command.command_id]


_SUBMIT_RAW = (
    "SELECT verdict FROM blotter_submit(ARRAY['c'], ARRAY['a'], ARRAY['d'], ARRAY['k'], "
    "ARRAY[1], ARRAY[%s::bigint], ARRAY[%s::text])"
)


@pytest.mark.parametrize(
    ("age_ns", "size", "verdict"),
    [
        (0, BODY_MAX, "received"),
        (0, BODY_MAX + 1, "refused"),
        (FRESHNESS_LIMIT_NS - 10**9, 1, "received"),
        (FRESHNESS_LIMIT_NS + 10**6, 1, "stale"),
    ],
)
def test_submit_function_enforces_the_limits_itself(
    admin: psycopg.Connection[Any], store: PostgresStore, age_ns: int, size: int, verdict: str
) -> None:
    """Whatever a client leaves out, the server asks for."""
    seen_ts = store.now() - age_ns
    assert admin.execute(_SUBMIT_RAW, (seen_ts, "x" * size)).fetchall() == [(verdict,)]


def test_check_chain_of_a_changed_log_is_damaged(
    store: PostgresStore, admin: psycopg.Connection[Any]
) -> None:
    writer = Writer(store)
    writer.write(writer.event())
    admin.execute("UPDATE stream SET hash = repeat('f', 64)")
    with pytest.raises(StoreDamaged, match="Stop trading"):
        store.append(writer.request([writer.event()]))


def test_append_zero_byte_in_a_read_row_is_marked_not_fatal(
    store: PostgresStore, admin: psycopg.Connection[Any]
) -> None:
    """A reason may hold what a person's JSON said with an escape; the log keeps it as it was."""
    writer = Writer(store)
    rows = ReadRows(orders=(order("O-1", reason="a\0b \\u0000"),))
    writer.write(writer.event(body=b'{"reason":"a\\u0000b"}'), rows=rows)
    assert admin.execute("SELECT reason FROM orders").fetchall() == [("a\ufffdb \\u0000",)]
    assert store.read(None, 0, 1)[0].body == b'{"reason":"a\\u0000b"}'


def test_refused_statement_keeps_the_connection(
    store: PostgresStore, admin: psycopg.Connection[Any]
) -> None:
    pid = store._value("SELECT pg_backend_pid()")
    admin.execute("DROP FUNCTION blotter_now() CASCADE")
    with pytest.raises(StoreRefused, match="blotter_now"):
        store.now()
    assert store._value("SELECT pg_backend_pid()") == pid
