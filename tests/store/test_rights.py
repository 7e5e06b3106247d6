"""Every right in a store's database is one that was reviewed; a table or grant more fails here."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.store.postgres import init_postgres
from tests.postgres import PostgresServer
from tests.store.rights import catalogue

REVIEWED = Path(__file__).with_name("rights.txt")


def _difference(found: str) -> str:
    lines = difflib.unified_diff(
        REVIEWED.read_text().splitlines(), found.splitlines(), "reviewed", "found", "", "", 0, ""
    )
    return "\n".join(lines)


def test_rights_in_a_new_store_are_those_reviewed(
    empty_postgres_url: str, postgres_server: PostgresServer
) -> None:
    init_postgres(empty_postgres_url)
    with psycopg.connect(_libpq(empty_postgres_url)) as admin:
        difference = _difference(catalogue(admin))
    assert not difference, (
        f"{difference}\nIf that is meant: python -m tests.store.rights > {REVIEWED.name}"
    )


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT INSERT ON event TO blotter_trader",
        "GRANT UPDATE (body) ON event TO blotter_ops",
        "GRANT USAGE ON SEQUENCE command_arrival_seq TO blotter_trader",
        "GRANT EXECUTE ON FUNCTION blotter_append TO blotter_desk_head",
        "GRANT EXECUTE ON FUNCTION blotter_known TO PUBLIC",
        "GRANT SELECT ON person TO blotter_auditor",
        "GRANT CREATE ON SCHEMA public TO blotter_engine",
        "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO blotter_compliance",
        "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO blotter_trader",
        "GRANT SELECT ON pg_authid TO blotter_auditor",
        "GRANT SELECT (rolpassword) ON pg_authid TO PUBLIC",
        "GRANT SET ON PARAMETER session_replication_role TO blotter_trader",
        "GRANT blotter_engine TO blotter_desk_head",
        "GRANT pg_read_all_data TO blotter_owner",
        "ALTER ROLE blotter_trader LOGIN",
        "ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE event DISABLE TRIGGER event_stays",
        "CREATE POLICY more ON event FOR SELECT USING (true)",
        "ALTER FUNCTION blotter_submit SECURITY INVOKER",
        "ALTER FUNCTION blotter_void RESET search_path",
        "ALTER TABLE orders OWNER TO blotter_trader",
        "CREATE TABLE more (x integer)",
        "CREATE SCHEMA more; GRANT USAGE ON SCHEMA more TO PUBLIC",
        "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER DEFAULT PRIVILEGES FOR ROLE blotter_owner GRANT SELECT ON TABLES TO PUBLIC",
        "SELECT lo_create(0)",
    ],
)
def test_rights_with_one_more_are_noticed(
    postgres_url: str, postgres_server: PostgresServer, grant: str
) -> None:
    with psycopg.connect(_libpq(postgres_url)) as admin:
        before = catalogue(admin)
        admin.execute(grant)
        assert catalogue(admin) != before
        admin.rollback()


def test_rights_with_connect_for_everybody_are_noticed(postgres_url: str) -> None:
    """A copy of a database is not closed by itself; init closes it."""
    with psycopg.connect(_libpq(postgres_url)) as copy:
        assert "database this one: CONNECT everybody" in catalogue(copy)
    init_postgres(postgres_url)
    with psycopg.connect(_libpq(postgres_url)) as copy:
        assert "database this one" not in catalogue(copy)


def test_rights_after_upgrade_are_again_those_reviewed(postgres_url: str) -> None:
    init_postgres(postgres_url)
    with psycopg.connect(_libpq(postgres_url), autocommit=True) as admin:
        admin.execute("GRANT INSERT ON event TO blotter_trader")
        admin.execute("GRANT EXECUTE ON FUNCTION blotter_append TO PUBLIC")
        admin.execute("DROP POLICY streams ON event")
        admin.execute("CREATE POLICY anything ON event USING (true)")
        admin.execute("ALTER TABLE orders DISABLE ROW LEVEL SECURITY")
        assert _difference(catalogue(admin))
        init_postgres(postgres_url)
        assert not _difference(catalogue(admin))


def test_no_column_can_hold_a_number_that_is_none(postgres_url: str) -> None:
    """NaN and Infinity pass most checks; no column is of a kind that has them."""
    with psycopg.connect(_libpq(postgres_url)) as admin:
        found: list[Any] = admin.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' "
            "AND data_type IN ('numeric', 'real', 'double precision')"
        ).fetchall()
    assert found == []


def _libpq(url: str) -> str:
    return url.replace("+psycopg", "")
