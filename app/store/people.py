"""Logins of a PostgreSQL store: who may come in, as what, at which desks. For administrators.

Every verb may be run again, and says in words what it changed. A password reaches the server as a
SCRAM verifier only, so that no log of the server can hold it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql

from app.store.enforcement import GROUPS, Identity, read_identity
from app.store.postgres_driver import Target, connect, parse_target
from app.store.schema import check_version
from models.errors import BadInput, StoreRefused

ALL_DESKS = "*"
# A desktop has one connection, one that listens, and one for whatever it reads aside.
CONNECTIONS_MAX = 12
# An engine has two; its login is shared by all that stand by.
ENGINE_CONNECTIONS_MAX = 40
# Spills to disk that one statement may make; only a superuser can set it, and nobody lift it.
TEMP_FILES_MAX = "1GB"
PASSWORD_MIN = 12

_LOGIN = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_DESK = re.compile(r"[A-Za-z0-9_-]{1,32}")
_RESERVED = ("system", "public", "none", "postgres")
_ROLE = """
    SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls, rolcanlogin
    FROM pg_catalog.pg_roles WHERE rolname = %s
"""
_GROUPS_OF = """
    SELECT g.rolname FROM pg_catalog.pg_auth_members m
    JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    JOIN pg_catalog.pg_roles p ON p.oid = m.member
    WHERE p.rolname = %s
"""


def check_login(login: str) -> str:
    """Return `login`; raises `BadInput` for one that is no name, or somebody else's."""
    reserved = login in _RESERVED or login.startswith(("blotter_", "pg_"))
    if reserved or not _LOGIN.fullmatch(login):
        raise BadInput(
            f"Login {login!r} can't be used: up to 32 of a-z, 0-9, _, . and -, a letter first, and "
            f"none of {', '.join(_RESERVED)}, blotter_… and pg_…."
        )
    return login


def check_password(password: str) -> str:
    """Return `password`; raises `BadInput` for one that is too short, without repeating it."""
    if len(password) < PASSWORD_MIN:
        raise BadInput(
            f"The password has {len(password)} characters; at least {PASSWORD_MIN} are needed."
        )
    return password


class People:
    """A connection of an administrator's, to give and take logins."""

    def __init__(self, url: str, *, password: str = "") -> None:
        self._target: Target = parse_target(url, password=password)
        self._connection: psycopg.Connection[Any] = connect(self._target, autocommit=False)
        try:
            self._check_store()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> People:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _check_store(self) -> None:
        where = self._target.where
        exists = self._one("SELECT to_regclass('alembic_version') IS NOT NULL")
        try:
            found = self._one("SELECT version_num FROM alembic_version") if exists else None
            check_version(found, where)
            identity: Identity = read_identity(self._connection)
        except psycopg.Error:
            raise self._not_administrator() from None
        if identity.is_bound:
            raise self._not_administrator()
        if not identity.is_enforced:
            raise StoreRefused(
                f"{where} has no roles yet, so a login would be held to nothing. "
                "Run blotter store upgrade as a login that may create roles and databases."
            )

    def _not_administrator(self) -> StoreRefused:
        return StoreRefused(
            f"{self._connection.info.user} does not administer {self._target.where}. "
            "Run this with the login that made the store."
        )

    # -- the verbs -----------------------------------------------------------------------------

    def exists(self, login: str) -> bool:
        """Whether the server knows the login, in this store or another."""
        return self._role_of(check_login(login)) is not None

    def add(
        self,
        login: str,
        role: str,
        desks: Sequence[str],
        *,
        sees_compliance: bool = False,
        password: str = "",
    ) -> list[str]:
        """Let `login` in; raises `BadInput` for a role or desk that is none.

        A login that the server knows keeps its password. One that was disabled comes back.
        """
        written = _desks(role, desks)
        _check_role(role, sees_compliance)
        known = self._role_of(check_login(login))
        if known is not None and known[0]:
            raise BadInput(
                f"{login} has rights of its own on the server (superuser, or may create roles or "
                "databases); such a login can't be held to a role. Choose another name."
            )
        with self._transaction():
            done = (
                [] if known is not None else [self._create(login, role, check_password(password))]
            )
            if known is not None and not known[1]:
                self._execute("ALTER ROLE {} LOGIN", login)
                done.append(f"{login} may log in again")
            done += self._connect_rights(login)
            done += self._set_role(login, role, written, sees_compliance or role == "compliance")
        return done or [f"{login} is {role} already; nothing was changed"]

    def set_role(
        self, login: str, role: str, desks: Sequence[str] | None, *, sees_compliance: bool = False
    ) -> list[str]:
        """Change what somebody is, from the next statement on; `desks` `None` keeps them."""
        person = self._person(login)
        _check_role(role, sees_compliance)
        written = person[1] if desks is None else _desks(role, desks)
        _desks(role, written.split())
        with self._transaction():
            done = self._set_role(login, role, written, sees_compliance or role == "compliance")
        return done or [f"{login} is {role} already; nothing was changed"]

    def disable(self, login: str) -> list[str]:
        """Shut somebody out, at once: sessions end, and the row stays for the log's sake."""
        is_disabled = self._person(login)[3]
        with self._transaction():
            self._connection.execute("UPDATE person SET disabled = true WHERE login = %s", (login,))
            database = self._connection.info.dbname
            self._execute("ALTER ROLE {} NOLOGIN", login)
            self._execute("REVOKE ALL ON DATABASE {} FROM {}", database, login)
        ended = self._one(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE usename = %s AND pid <> pg_backend_pid()",
            (login,),
        )
        self._connection.commit()
        if is_disabled and not ended:
            return [f"{login} was disabled already; nothing was changed"]
        return [f"{login} is disabled", f"{ended} sessions of {login} were ended"]

    def reset(self, login: str, password: str) -> list[str]:
        """Give somebody a new password; who is connected stays connected."""
        self._person(login)
        with self._transaction():
            self._set_password(login, check_password(password))
        return [f"{login} has a new password"]

    # -- steps ---------------------------------------------------------------------------------

    def _create(self, login: str, role: str, password: str) -> str:
        most = ENGINE_CONNECTIONS_MAX if role == "engine" else CONNECTIONS_MAX
        self._execute(
            "CREATE ROLE {} LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT "
            + str(most),
            login,
        )
        self._set_password(login, password)
        if self._one("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"):
            self._execute(f"ALTER ROLE {{}} SET temp_file_limit = '{TEMP_FILES_MAX}'", login)
        return f"login {login} was made, for at most {most} connections at once"

    def _set_password(self, login: str, password: str) -> None:
        verifier = self._connection.pgconn.encrypt_password(
            password.encode(), login.encode(), b"scram-sha-256"
        )
        self._connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(login), sql.Literal(verifier.decode())
            )
        )

    def _connect_rights(self, login: str) -> list[str]:
        database = self._connection.info.dbname
        if self._one("SELECT has_database_privilege(%s, %s, 'CONNECT')", (login, database)):
            return []
        self._execute("GRANT CONNECT ON DATABASE {} TO {}", database, login)
        return [f"{login} may connect to {database}"]

    def _set_role(self, login: str, role: str, desks: str, sees_compliance: bool) -> list[str]:
        wanted = (role, desks, sees_compliance, False)
        had = self._connection.execute(
            "SELECT role, desks, sees_compliance, disabled FROM person WHERE login = %s", (login,)
        ).fetchone()
        done = self._set_groups(login, GROUPS[role])
        if had == wanted:
            return done
        self._connection.execute(
            "INSERT INTO person (login, role, desks, sees_compliance, disabled, since_ts) "
            "VALUES (%s, %s, %s, %s, false, blotter_now()) ON CONFLICT (login) DO UPDATE SET "
            "role = excluded.role, desks = excluded.desks, disabled = false, "
            "sees_compliance = excluded.sees_compliance, since_ts = excluded.since_ts",
            (login, role, desks, sees_compliance),
        )
        where = {"": "", ALL_DESKS: " for all desks"}.get(desks, f" for desk {desks}")
        sight = ", and reads their compliance" if sees_compliance else ""
        was = f", no longer {had[0]}" if had is not None and had[0] != role else ""
        return [*done, f"{login} is {role}{where}{sight}{was}"]

    def _set_groups(self, login: str, wanted: str) -> list[str]:
        has = {name for (name,) in self._connection.execute(_GROUPS_OF, (login,)).fetchall()}
        stray = sorted(has - {wanted})
        for group in stray:
            self._execute("REVOKE {} FROM {}", group, login)
        if wanted not in has:
            self._execute("GRANT {} TO {}", wanted, login)
        return [f"{login} left {group}" for group in stray]

    # -- SQL -----------------------------------------------------------------------------------

    def _person(self, login: str) -> tuple[str, str, bool, bool]:
        row = self._connection.execute(
            "SELECT role, desks, sees_compliance, disabled FROM person WHERE login = %s",
            (check_login(login),),
        ).fetchone()
        if row is None:
            raise BadInput(
                f"{login} is nobody in {self._target.where}. Run blotter user add {login}."
            )
        return row[0], row[1], row[2], row[3]

    def _role_of(self, login: str) -> tuple[bool, bool] | None:
        """Return whether the server gives `login` rights of its own, and whether it may log in."""
        row = self._connection.execute(_ROLE, (login,)).fetchone()
        return None if row is None else (row[0], row[1])

    def _one(self, query: str, values: Sequence[object] = ()) -> Any:
        row = self._connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    def _execute(self, statement: str, *names: str) -> None:
        identifiers = (sql.Identifier(name) for name in names)
        self._connection.execute(sql.SQL(statement).format(*identifiers))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of a verb or nothing of it; a refusal of the server's is one line."""
        try:
            yield
            self._connection.commit()
        except psycopg.Error as error:
            self._connection.rollback()
            # Its first line alone, and no cause: the statement may hold a verifier.
            reason = error.diag.message_primary or "the server refused it"
            raise StoreRefused(f"{self._target.where} can't be changed: {reason}.") from None
        except BaseException:
            self._connection.rollback()
            raise


def _check_role(role: str, sees_compliance: bool) -> None:
    if role not in GROUPS:
        raise BadInput(f"Role {role!r} is not known; choose among {', '.join(GROUPS)}.")
    if sees_compliance and role not in ("compliance", "auditor"):
        raise BadInput(f"A {role} can't read compliance; only compliance and auditors may.")


def _desks(role: str, desks: Sequence[str]) -> str:
    """Return desks as the table has them; raises `BadInput` when they don't go with the role."""
    if role == "engine":
        if desks:
            raise BadInput("An engine decides for all desks; leave the desk out.")
        return ""
    if not desks:
        raise BadInput(f"A {role} needs a desk: --desk EQ, more than once for several.")
    if list(desks) == [ALL_DESKS]:
        if role in ("trader", "desk_head"):
            raise BadInput(
                f"A {role} is of desks by name; '*' is for compliance, ops and auditors."
            )
        return ALL_DESKS
    for desk in desks:
        if not _DESK.fullmatch(desk):
            raise BadInput(f"Desk {desk!r} is no code; write EQ: up to 32 of A-Z, a-z, 0-9, _, -.")
    return " ".join(sorted(set(desks)))
