"""Four eyes in the database: maker is not checker, for these bytes, in time, once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import errors

from app.ports import Submission, Verdict
from tests.postgres import PostgresServer
from tests.store.builders import HOUR_NS
from tests.store.shared_desk import SharedDesk, command

OTHER_HASH = hashlib.sha256(b"{}").hexdigest()
KIND = "RestrictSymbol"


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    with closing(SharedDesk(postgres_server)) as made:
        with closing(made.store("eng")) as engine:
            assert engine.acquire_lease("engine", HOUR_NS) is not None
        yield made


def _call(desk: SharedDesk, login: str, call: str, *values: object) -> Any:
    with desk.connect(login) as connection:
        row = connection.execute(f"SELECT {call}", values).fetchone()
    assert row is not None
    return row[0]


def wish(maker: str = "alice", of_desk: str = "EQ", kind: str = KIND, **changes: Any) -> Submission:
    """Return a command that somebody else has to approve."""
    fields = {"symbol": "ACME", "note": "cleared", "restricted": False}
    return command(maker, of_desk, kind, fields=fields, **changes)


def ask(desk: SharedDesk, maker: str, wished: Submission) -> Any:
    """Ask for approval, and return the request's id and the reason where there is none."""
    with desk.connect(maker) as connection:
        return connection.execute(
            "SELECT approval_id, reason FROM blotter_request_approval(%s, %s, %s, %s)",
            (wished.command_id, wished.kind, wished.desk, wished.body.decode()),
        ).fetchone()


def request(desk: SharedDesk, maker: str = "alice", of_desk: str = "EQ") -> Any:
    approval_id, reason = ask(desk, maker, wish(maker, of_desk))
    assert approval_id is not None, reason
    return approval_id


def row_of(desk: SharedDesk, approval_id: str) -> Any:
    """Return hash, maker and command id of a request."""
    with desk.admin() as admin:
        return admin.execute(
            "SELECT body_hash, maker, body::json ->> 'id' FROM approval WHERE approval_id = %s",
            (approval_id,),
        ).fetchone() or (OTHER_HASH, "", "")


def approve(desk: SharedDesk, checker: str, approval_id: str, body_hash: str = "") -> Any:
    seen = body_hash or row_of(desk, approval_id)[0]
    return _call(desk, checker, "blotter_approve(%s, %s)", approval_id, seen)


def refuse(desk: SharedDesk, login: str, approval_id: str) -> Any:
    return _call(desk, login, "blotter_refuse_approval(%s)", approval_id)


def use(desk: SharedDesk, approval_id: str, **changes: Any) -> Any:
    """Spend an approval as the engine does."""
    body_hash, maker, command_id = row_of(desk, approval_id)
    given = {
        "epoch": 1,
        "kind": KIND,
        "body_hash": body_hash,
        "author": maker,
        "command_id": command_id,
    } | changes
    call = "(blotter_use_approval(%s::bigint, %s, %s, %s, %s)).verdict"
    return _call(desk, "eng", call, *given.values())


def test_approval_by_a_second_person_is_granted_once(desk: SharedDesk) -> None:
    asked = request(desk)
    assert use(desk, asked) == "not_approved"
    assert approve(desk, "dana", asked) == "approved"
    assert use(desk, asked) == "granted"
    assert use(desk, asked, command_id="c-2") == "used"
    assert approve(desk, "cora", asked) == "used"


def test_approval_used_again_for_the_same_command_is_granted_again(desk: SharedDesk) -> None:
    """An engine that failed between spending and appending decides the command anew."""
    asked = request(desk)
    approve(desk, "dana", asked)
    assert [use(desk, asked), use(desk, asked)] == ["granted", "granted"]


@pytest.mark.parametrize("maker", ["dana", "cora"])
def test_approval_of_ones_own_request_is_refused(desk: SharedDesk, maker: str) -> None:
    asked = request(desk, maker)
    assert approve(desk, maker, asked) == "own"
    assert use(desk, asked, author=maker) == "not_approved"


def test_approval_of_ones_own_under_another_role_is_refused(desk: SharedDesk) -> None:
    asked = request(desk, "dana")
    with desk.connect("dana") as dana:
        dana.execute("SET ROLE blotter_desk_head")
        row = dana.execute(
            "SELECT blotter_approve(%s, %s)", (asked, row_of(desk, asked)[0])
        ).fetchone()
    assert row == ("own",)


@pytest.mark.parametrize("login", ["mallory", "odo", "ada", "eng"])
def test_approval_by_who_is_no_checker_is_refused(desk: SharedDesk, login: str) -> None:
    asked = request(desk)
    with pytest.raises(errors.InsufficientPrivilege):
        approve(desk, login, asked)
    assert use(desk, asked) == "not_approved"


def test_approval_of_another_desks_request_is_unknown(desk: SharedDesk) -> None:
    asked = request(desk, "fay", "FI")
    assert approve(desk, "dana", asked) == "unknown"
    with desk.connect("dana") as dana:
        assert dana.execute(
            "SELECT count(*) FROM approval WHERE approval_id = %s", (asked,)
        ).fetchone() == (0,)


def test_approval_of_other_bytes_than_were_read_is_refused(desk: SharedDesk) -> None:
    asked = request(desk)
    assert approve(desk, "dana", asked, OTHER_HASH) == "other_body"
    assert approve(desk, "dana", "no-such-id") == "unknown"


@pytest.mark.parametrize(
    "changes",
    [{"body_hash": OTHER_HASH}, {"author": "mallory"}, {"kind": "other"}],
    ids=lambda changes: next(iter(changes)),
)
def test_approval_used_for_something_else_is_refused(
    desk: SharedDesk, changes: dict[str, str]
) -> None:
    asked = request(desk)
    approve(desk, "dana", asked)
    assert use(desk, asked, **changes) == "unknown"
    assert use(desk, asked) == "granted"


def test_approval_that_expired_is_neither_given_nor_used(desk: SharedDesk) -> None:
    waiting, approved = request(desk), request(desk)
    approve(desk, "dana", approved)
    with desk.admin() as admin:
        admin.execute(
            "UPDATE approval SET requested_ts = 1, expires_ts = 2 WHERE approval_id = ANY (%s)",
            ([waiting, approved],),
        )
    assert approve(desk, "dana", waiting) == "expired"
    assert use(desk, approved) == "expired"


def test_approval_used_by_an_engine_that_does_not_lead_is_fenced(desk: SharedDesk) -> None:
    asked = request(desk)
    approve(desk, "dana", asked)
    assert use(desk, asked, epoch=0) == "fenced"
    assert use(desk, asked) == "granted"


def test_approval_used_by_two_at_once_is_granted_to_one(desk: SharedDesk) -> None:
    asked = request(desk)
    approve(desk, "dana", asked)
    answers: list[str] = []
    threads = [
        threading.Thread(
            target=lambda at=at: answers.append(use(desk, asked, command_id=f"c-{at}"))
        )
        for at in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["granted", "used", "used", "used"]


def test_approval_can_not_be_asked_for_by_auditor_for_another_desk_or_without_end(
    desk: SharedDesk,
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        request(desk, "ada")
    assert ask(desk, "alice", wish("alice", "FI")) == (None, "alice is not of the desk FI.")
    made = [ask(desk, "mallory", wish("mallory")) for _ in range(102)]
    assert [row[0] is None for row in made] == [False] * 100 + [True] * 2
    assert "100 requests waiting" in made[-1][1]


def test_request_in_somebody_elses_name_or_for_what_needs_nobody_is_refused(
    desk: SharedDesk,
) -> None:
    assert "not what its body says" in ask(desk, "alice", wish("ben"))[1]
    assert "needs no second person" in ask(desk, "alice", command("alice"))[1]
    forged = wish("alice")
    other = msgspec.structs.replace(forged, body=wish("alice").body)
    assert "not what its body says" in ask(desk, "alice", other)[1]


def test_request_that_is_approved_enters_the_very_bytes_in_its_makers_name(
    desk: SharedDesk,
) -> None:
    wished = wish("odo")
    asked, _ = ask(desk, "odo", wished)
    with closing(desk.store("odo")) as store:
        assert store.lookup(wished.command_id).verdict is Verdict.NOT_SEEN
        assert approve(desk, "cora", asked) == "approved"
        assert store.lookup(wished.command_id).verdict is Verdict.RECEIVED
    with desk.admin() as admin:
        assert admin.execute(
            "SELECT author, body FROM command WHERE command_id = %s", (wished.command_id,)
        ).fetchall() == [("odo", wished.body.decode())]


def test_request_whose_maker_sent_it_without_waiting_is_not_approved(desk: SharedDesk) -> None:
    wished = wish("odo")
    asked, _ = ask(desk, "odo", wished)
    with closing(desk.store("odo")) as store:
        assert store.submit(wished).verdict is Verdict.RECEIVED
    assert approve(desk, "dana", asked) == "used"
    assert use(desk, asked) == "not_approved"


def test_request_of_somebody_who_is_gone_is_not_approved(desk: SharedDesk) -> None:
    asked = request(desk, "ben")
    with desk.admin() as admin:
        admin.execute("UPDATE person SET disabled = true WHERE login = 'ben'")
        try:
            assert approve(desk, "dana", asked) == "maker_gone"
        finally:
            admin.execute("UPDATE person SET disabled = false WHERE login = 'ben'")


@pytest.mark.parametrize(("login", "answer"), [("alice", "refused"), ("dana", "refused")])
def test_request_that_is_refused_or_taken_back_is_not_approved(
    desk: SharedDesk, login: str, answer: str
) -> None:
    asked = request(desk)
    assert refuse(desk, "ben", asked) == "not_a_checker"
    assert refuse(desk, "fay", asked) == "unknown"
    assert refuse(desk, login, asked) == answer
    assert refuse(desk, login, asked) == "refused_before"
    assert approve(desk, "cora", asked) == "refused_before"
    assert use(desk, asked) == "not_approved"


def test_request_that_was_approved_is_not_refused(desk: SharedDesk) -> None:
    asked = request(desk)
    approve(desk, "dana", asked)
    assert refuse(desk, "dana", asked) == "already"
    assert use(desk, asked) == "granted"


@pytest.mark.parametrize("login", ["alice", "dana", "eng"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approval SET checker = 'dana', approved_ts = 1",
        "INSERT INTO approval SELECT * FROM approval",
        "DELETE FROM approval",
    ],
)
def test_approval_table_is_written_by_nobody(desk: SharedDesk, login: str, statement: str) -> None:
    with desk.connect(login) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_approval_with_maker_as_checker_is_refused_by_the_table_itself(desk: SharedDesk) -> None:
    asked = request(desk)
    with desk.admin() as admin, pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(
            "UPDATE approval SET checker = maker, approved_ts = 1 WHERE approval_id = %s", (asked,)
        )
