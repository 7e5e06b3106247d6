"""Four eyes in the database: maker is not checker, for these bytes, in time, once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.postgres import PostgresServer
from tests.store.builders import HOUR_NS
from tests.store.shared_desk import SharedDesk

BODY_HASH = hashlib.sha256(b'{"type":"AmendLimit"}').hexdigest()
OTHER_HASH = hashlib.sha256(b"{}").hexdigest()


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


def request(desk: SharedDesk, maker: str = "alice", of_desk: str = "EQ") -> Any:
    return _call(desk, maker, "blotter_request_approval(%s, %s, %s)", "limit", BODY_HASH, of_desk)


def approve(desk: SharedDesk, checker: str, approval_id: str, body_hash: str = BODY_HASH) -> Any:
    return _call(desk, checker, "blotter_approve(%s, %s)", approval_id, body_hash)


def use(desk: SharedDesk, approval_id: str, **changes: Any) -> Any:
    """Spend an approval as the engine does."""
    given = {
        "epoch": 1,
        "id": approval_id,
        "kind": "limit",
        "body_hash": BODY_HASH,
        "author": "alice",
        "command_id": "c-1",
    } | changes
    call = "blotter_use_approval(%s::bigint, %s, %s, %s, %s, %s)"
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
        row = dana.execute("SELECT blotter_approve(%s, %s)", (asked, BODY_HASH)).fetchone()
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
    assert use(desk, asked, **changes) == "other_body"
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
    assert request(desk, "alice", "FI") is None
    with desk.connect("mallory") as mallory:
        made = [
            mallory.execute(
                "SELECT blotter_request_approval('limit', %s, 'EQ')", (BODY_HASH,)
            ).fetchone()
            for _ in range(102)
        ]
    assert sum(row != (None,) for row in made) == 100


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
