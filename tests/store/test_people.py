"""Logins: made, changed, shut out; each verb twice does nothing more; no password shows."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from app.ports import Verdict
from app.store.people import CONNECTIONS_MAX, People
from models.errors import BadInput, StoreMissing, StoreRefused, StoreUnavailable
from tests.postgres import PostgresServer
from tests.store.shared_desk import PASSWORD, SharedDesk, command

NEW_PASSWORD = "another horse, another battery"


@pytest.fixture
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    """A store with alice and dana; logins made here are this test's own."""
    with closing(SharedDesk(postgres_server, people=("alice", "dana"))) as made:
        yield made
        with made.admin() as admin:
            for (login,) in admin.execute(
                "SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'test-')"
            ).fetchall():
                admin.execute(f'DROP OWNED BY "{login}"; DROP ROLE "{login}"')


@pytest.fixture
def people(desk: SharedDesk) -> Iterator[People]:
    with People(desk.server.url(desk.name)) as opened:
        yield opened


def test_add_makes_a_login_that_may_do_its_role_and_no_more(
    desk: SharedDesk, people: People
) -> None:
    done = people.add("test-una", "trader", ["EQ", "FI", "EQ"], password=PASSWORD)
    assert done == [
        f"login test-una was made, for at most {CONNECTIONS_MAX} connections at once",
        f"test-una may connect to {desk.name}",
        "test-una is trader for desk EQ FI",
    ]
    with closing(desk.store("test-una")) as store:
        assert store.submit(command("test-una", "FI")).verdict is Verdict.RECEIVED
    with desk.admin() as admin:
        row = admin.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
            "FROM pg_roles WHERE rolname = 'test-una'"
        ).fetchone()
    assert row == (False,) * 5


def test_add_twice_changes_nothing_and_keeps_the_password(desk: SharedDesk, people: People) -> None:
    people.add("test-una", "trader", ["EQ"], password=PASSWORD)
    again = people.add("test-una", "trader", ["EQ"], password=NEW_PASSWORD)
    assert again == ["test-una is trader already; nothing was changed"]
    desk.connect("test-una").close()


def test_add_to_a_second_store_lets_the_same_login_in_there(
    desk: SharedDesk, people: People, postgres_server: PostgresServer
) -> None:
    people.add("test-una", "trader", ["EQ"], password=PASSWORD)
    with closing(SharedDesk(postgres_server, people=())) as other:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            other.connect("test-una")
        with People(other.server.url(other.name)) as there:
            done = there.add("test-una", "trader", ["FI"])
        assert done == [f"test-una may connect to {other.name}", "test-una is trader for desk FI"]
        with other.connect("test-una") as una:
            assert una.execute("SELECT desks FROM blotter_me()").fetchall() == [("FI",)]


def test_role_takes_the_old_rights_away_from_who_is_connected(
    desk: SharedDesk, people: People
) -> None:
    people.add("test-una", "desk_head", ["EQ"], password=PASSWORD)
    with desk.connect("test-una") as una:
        una.execute("SELECT blotter_approve('x', 'y')")
        done = people.set_role("test-una", "trader", None)
        assert done == [
            "test-una left blotter_desk_head",
            "test-una is trader for desk EQ, no longer desk_head",
        ]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            una.execute("SELECT blotter_approve('x', 'y')")
        assert una.execute("SELECT role, desks FROM blotter_me()").fetchall() == [("trader", "EQ")]
    again = people.set_role("test-una", "trader", None)
    assert again == ["test-una is trader already; nothing was changed"]


def test_role_with_other_desks_moves_what_one_reads(desk: SharedDesk, people: People) -> None:
    people.add("test-una", "compliance", ["*"], password=PASSWORD)
    assert people.set_role("test-una", "auditor", ["FI"], sees_compliance=True)[-1] == (
        "test-una is auditor for desk FI, and reads their compliance, no longer compliance"
    )
    with desk.connect("test-una") as una:
        assert una.execute("SELECT blotter_streams()").fetchall() == [
            (["firm", "desk/FI", "compliance/FI"],)
        ]


def test_disable_ends_sessions_and_add_lets_in_again(desk: SharedDesk, people: People) -> None:
    people.add("test-una", "trader", ["EQ"], password=PASSWORD)
    with desk.connect("test-una") as una:
        una.execute("SELECT 1")
        assert people.disable("test-una") == [
            "test-una is disabled",
            "1 sessions of test-una were ended",
        ]
        with pytest.raises(psycopg.OperationalError):
            una.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        desk.connect("test-una")
    assert people.disable("test-una") == ["test-una was disabled already; nothing was changed"]
    assert people.add("test-una", "trader", ["EQ"]) == [
        "test-una may log in again",
        f"test-una may connect to {desk.name}",
        "test-una is trader for desk EQ",
    ]
    desk.connect("test-una").close()


def test_disabled_person_is_nobody_even_before_the_session_ends(desk: SharedDesk) -> None:
    with desk.connect("alice") as alice, desk.admin() as admin:
        admin.execute("UPDATE person SET disabled = true WHERE login = 'alice'")
        sent = command("alice")
        row = alice.execute(
            "SELECT verdict FROM blotter_submit(ARRAY[%s], ARRAY['alice'], ARRAY['EQ'], "
            "ARRAY['CancelOrder'], ARRAY[0], ARRAY[0::bigint], ARRAY[%s])",
            (sent.command_id, sent.body.decode()),
        ).fetchone()
        assert row == ("refused",)
        assert alice.execute("SELECT * FROM head").fetchall() == []
        assert alice.execute("SELECT blotter_void(%s, '')", (sent.command_id,)).fetchone() == (
            "refused",
        )


def test_reset_changes_the_password_alone(desk: SharedDesk, people: People) -> None:
    people.add("test-una", "trader", ["EQ"], password=PASSWORD)
    assert people.reset("test-una", NEW_PASSWORD) == ["test-una has a new password"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        desk.connect("test-una")
    psycopg.connect(desk.url("test-una", NEW_PASSWORD)).close()


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login",
    ["", "Alice", "a b", 'a"b', "x" * 33, "system", "postgres", "public", "pg_x", "blotter_owner"],
)
def test_login_that_is_no_name_or_somebody_elses_is_refused(people: People, login: str) -> None:
    with pytest.raises(BadInput, match="can't be used"):
        people.add(login, "trader", ["EQ"], password=PASSWORD)


@pytest.mark.parametrize(
    ("role", "desks", "sees", "words"),
    [
        ("root", ["EQ"], False, "Role 'root' is not known"),
        ("trader", [], False, "needs a desk"),
        ("trader", ["*"], False, "of desks by name"),
        ("trader", ["E Q"], False, "is no code"),
        ("engine", ["EQ"], False, "leave the desk out"),
        ("trader", ["EQ"], True, "can't read compliance"),
    ],
)
def test_role_and_desks_that_do_not_go_together_are_refused(
    people: People, role: str, desks: list[str], sees: bool, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        people.add("test-una", role, desks, sees_compliance=sees, password=PASSWORD)
    assert not people.exists("test-una")


def test_password_that_is_short_is_refused_and_not_repeated(people: People) -> None:
    with pytest.raises(BadInput, match="has 7 characters; at least 12") as caught:
        people.add("test-una", "trader", ["EQ"], password="hunter2")
    assert "hunter2" not in str(caught.value)
    assert not people.exists("test-una")


def test_login_with_rights_of_its_own_is_refused(desk: SharedDesk, people: People) -> None:
    with desk.admin() as admin:
        admin.execute('CREATE ROLE "test-root" LOGIN CREATEROLE')
    with pytest.raises(BadInput, match="rights of its own"):
        people.add("test-root", "trader", ["EQ"])


@pytest.mark.parametrize("verb", ["disable", "reset", "set_role"])
def test_verb_on_nobody_is_refused(people: People, verb: str) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "disable": (),
        "reset": (PASSWORD,),
        "set_role": ("trader", None),
    }
    with pytest.raises(BadInput, match="nobody is nobody in"):
        getattr(people, verb)("nobody", *arguments[verb])


def test_people_of_a_database_without_a_store_is_missing(empty_postgres_url: str) -> None:
    with pytest.raises(StoreMissing, match="store init"):
        People(empty_postgres_url)


# -- secrets -------------------------------------------------------------------------------------


def test_password_reaches_the_server_only_as_a_verifier(desk: SharedDesk, people: People) -> None:
    with desk.admin() as admin:
        admin.execute("ALTER SYSTEM SET log_statement = 'all'")
        admin.execute("SELECT pg_reload_conf()")
    try:
        with People(desk.server.url(desk.name)) as again:
            again.add("test-una", "trader", ["EQ"], password=PASSWORD)
            again.reset("test-una", NEW_PASSWORD)
        log = (desk.server.folder / "log").read_text()
        assert re.search(r'ALTER ROLE "test-una" PASSWORD .SCRAM-SHA-256', log)
        assert PASSWORD not in log
        assert NEW_PASSWORD not in log
    finally:
        with desk.admin() as admin:
            admin.execute("ALTER SYSTEM RESET log_statement")
            admin.execute("SELECT pg_reload_conf()")


def test_refusal_by_the_server_shows_neither_password_nor_verifier(
    desk: SharedDesk, people: People
) -> None:
    people.add("test-una", "trader", ["EQ"], password=PASSWORD)
    people._connection.execute("SET default_transaction_read_only = on")
    people._connection.commit()
    with pytest.raises(StoreRefused, match="read-only") as caught:
        people.reset("test-una", NEW_PASSWORD)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__cause__)
    assert NEW_PASSWORD not in shown
    assert "SCRAM" not in shown


def test_people_with_a_wrong_password_is_unavailable(desk: SharedDesk) -> None:
    with pytest.raises(StoreUnavailable, match="password authentication failed"):
        People(desk.url("alice", "wrong"))
