"""A store with people: logins of their own on a real PostgreSQL, for tests of what binds them."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from app.ports import Submission
from app.session.ids import new_command_id
from app.store.people import People
from app.store.postgres import PostgresStore, init_postgres
from tests.postgres import PostgresServer

PASSWORD = "correct horse battery"
# login: role, desks, reads compliance. Logins are the server's, so each means the same everywhere.
PEOPLE = {
    "alice": ("trader", ["EQ"], False),
    "ben": ("trader", ["EQ"], False),
    "mallory": ("trader", ["EQ"], False),
    "fay": ("trader", ["FI"], False),
    "dana": ("desk_head", ["EQ"], False),
    "cora": ("compliance", ["EQ"], False),
    "odo": ("ops", ["EQ"], False),
    "ada": ("auditor", ["EQ"], False),
    "abel": ("auditor", ["*"], True),
    "eng": ("engine", [], False),
}


class SharedDesk:
    """One store of a server; `PEOPLE` may log in with `PASSWORD`."""

    def __init__(self, server: PostgresServer, people: tuple[str, ...] = tuple(PEOPLE)) -> None:
        self.server = server
        self.name = server.create_database()
        init_postgres(server.url(self.name))
        with People(server.url(self.name)) as admin:
            for login in people:
                role, desks, sees = PEOPLE[login]
                admin.add(login, role, desks, sees_compliance=sees, password=PASSWORD)

    def close(self) -> None:
        self.server.drop_database(self.name)

    def url(self, login: str, password: str = PASSWORD) -> str:
        """Return how `login` connects, as a conninfo string."""
        return make_conninfo(
            host="127.0.0.1",
            port=self.server.port,
            dbname=self.name,
            user=login,
            password=password,
        )

    def connect(self, login: str, **settings: Any) -> psycopg.Connection[Any]:
        """Return a bare connection of `login`, as a hostile client has it."""
        return psycopg.connect(self.url(login), autocommit=True, **settings)

    def store(self, login: str) -> PostgresStore:
        """Return the store as `login`'s desktop, or engine, opens it."""
        return PostgresStore(self.url(login))

    def admin(self) -> psycopg.Connection[Any]:
        return self.server.admin(self.name)


def command(author: str, desk: str = "EQ", kind: str = "CancelOrder", **changes: Any) -> Submission:
    """Return a command as an honest desktop sends it; `changes` are of what stands beside it."""
    command_id = changes.pop("command_id", None) or new_command_id()
    fields = {"type": kind, "id": command_id, "author": author, "desk": desk}
    fields |= changes.pop("fields", {"order_id": "O-1"})
    usual = Submission(
        command_id=command_id,
        author=author,
        desk=desk,
        kind=kind,
        lane=0 if kind == "CancelOrder" else 1,
        seen_ts=int(fields.get("seen_ts", 0)),
        body=msgspec.json.encode(fields),
    )
    return msgspec.structs.replace(usual, **changes)
