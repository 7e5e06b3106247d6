"""Requests for a second person's approval, on PostgreSQL; each person with a login of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from app.ports import Approval, Submission
from app.store.enforcement import read_identity
from app.store.postgres_driver import connect, parse_target, unavailable
from models.errors import BadInput, StoreRefused

_COLUMNS = (
    "approval_id, kind, desk, maker, body, body_hash, requested_ts, expires_ts, checker, "
    "refused_by, used_ts"
)
_WAITING = (
    f"SELECT {_COLUMNS} FROM approval WHERE checker = '' AND refused_ts = 0 "
    "AND expires_ts > blotter_now() ORDER BY requested_ts"
)
_ANSWERS = {
    "unknown": "there is no such request at your desks",
    "own": "it is your own; somebody else has to look at it",
    "not_a_checker": "only a desk head or compliance of its desk may answer it",
    "other_body": "that is not the hash of what it asks for; read it again",
    "used": "its command was entered already",
    "refused_before": "it was refused",
    "expired": "it waited longer than 15 minutes; its maker has to ask again",
    "already": "it was approved already",
    "maker_gone": "its maker is not let in any more",
}


class PostgresApprovals:
    """A connection of one person's; implements `ApprovalDesk`.

    Raises `StoreRefused` on a store that holds nobody to a role, as it would enforce nothing.
    """

    def __init__(self, url: str, *, password: str = "") -> None:
        self._target = parse_target(url, password=password)
        self._connection: psycopg.Connection[Any] = connect(self._target)
        try:
            self._identity = read_identity(self._connection)
            if not self._identity.is_held:
                who = f"{self._identity.login} is held to nothing on {self._target.where}"
                raise StoreRefused(
                    f"{who}, so no second person is asked for. Connect as one of its people."
                )
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> PostgresApprovals:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def whoami(self) -> tuple[str, str]:
        return self._identity.login, self._identity.desks

    def request(self, submission: Submission) -> str:
        approval_id, reason = self._rows(
            "SELECT approval_id, reason FROM blotter_request_approval(%s, %s, %s, %s)",
            (
                submission.command_id,
                submission.kind,
                submission.desk,
                submission.body.decode(),
            ),
        )[0]
        if approval_id is None:
            raise BadInput(str(reason))
        return str(approval_id)

    def waiting(self) -> list[Approval]:
        return [_approval(row) for row in self._rows(_WAITING)]

    def get(self, approval_id: str) -> Approval:
        rows = self._rows(f"SELECT {_COLUMNS} FROM approval WHERE approval_id = %s", (approval_id,))
        if not rows:
            raise BadInput(f"Request {approval_id}: {_ANSWERS['unknown']}.")
        return _approval(rows[0])

    def approve(self, approval_id: str, body_hash: str) -> None:
        answer = self._rows("SELECT blotter_approve(%s, %s)", (approval_id, body_hash))[0][0]
        self._expect("approved", answer, approval_id)

    def refuse(self, approval_id: str) -> None:
        answer = self._rows("SELECT blotter_refuse_approval(%s)", (approval_id,))[0][0]
        self._expect("refused", answer, approval_id)

    def _expect(self, wanted: str, answer: str, approval_id: str) -> None:
        if answer != wanted:
            raise BadInput(
                f"Request {approval_id} is not {wanted}: {_ANSWERS.get(answer, answer)}."
            )

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            raise StoreRefused(
                f"{self._identity.login} is {self._identity.role} here, which may not do that."
            ) from None
        except psycopg.Error as error:
            raise unavailable(error, self._target.where) from error


def _approval(row: Sequence[Any]) -> Approval:
    return Approval(**dict(zip(_COLUMNS.split(", "), row, strict=True)))
