"""What makes PostgreSQL itself hold people to their rights: who can set that up, and who one is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import psycopg

from models.errors import StoreRefused

OWNER = "blotter_owner"
GROUPS = {
    "trader": "blotter_trader",
    "desk_head": "blotter_desk_head",
    "compliance": "blotter_compliance",
    "ops": "blotter_ops",
    "auditor": "blotter_auditor",
    "engine": "blotter_engine",
}
_SQL = Path(__file__).parent / "sql"
_FUNCTIONS = ("clear", "identity", "functions", "guards", "watchdog", "approvals", "checkpoints")
_RIGHTS = ("rights", "policies")
_AS_OWNER, _AS_ONESELF = f"SET LOCAL ROLE {OWNER};", "RESET ROLE;"

_MEANS = """
    SELECT
        r.rolsuper,
        r.rolcreaterole AND r.rolcreatedb AND pg_has_role(d.datdba, 'MEMBER') AND (
            to_regrole('blotter_owner') IS NULL
            OR current_setting('server_version_num')::integer < 160000
            OR pg_has_role(to_regrole('blotter_owner'), 'MEMBER WITH ADMIN OPTION')
        ),
        coalesce(
            (
                SELECT c.relowner = to_regrole('blotter_owner') FROM pg_catalog.pg_class c
                WHERE c.oid = to_regclass('public.event')
            ),
            false
        ),
        coalesce(pg_has_role(to_regrole('blotter_owner'), 'MEMBER'), false)
    FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
    WHERE r.rolname = current_user AND d.datname = current_database()
"""


class Means(Enum):
    """What a login that makes or upgrades a store can do for enforcement."""

    ALL = "superuser"
    ROLES = "may create roles, and passes on the owner's if another store has made it"
    RIGHTS = "administers the store"
    NONE = "owns its tables alone"


def means_of(connection: psycopg.Connection[Any], where: str) -> Means:
    """Return what this login can set up; raises `StoreRefused` for one that the store binds."""
    row = connection.execute(_MEANS).fetchone()
    assert row is not None
    is_superuser, makes_roles, is_enforced, is_administrator = row
    if is_superuser:
        return Means.ALL
    if is_enforced and not is_administrator:
        raise StoreRefused(
            f"{connection.info.user} does not administer {where}. "
            "Run this with the login that made the store."
        )
    if makes_roles:
        return Means.ROLES
    return Means.RIGHTS if is_enforced else Means.NONE


def scripts(means: Means) -> tuple[str, str]:
    """Return the SQL before the migrations, and the SQL after them."""
    if means is Means.NONE:
        return "", _text(*_FUNCTIONS)
    before = _AS_OWNER if means is Means.RIGHTS else _text("roles") + _AS_OWNER
    after = _text(*_FUNCTIONS, *_RIGHTS) + _AS_ONESELF
    return before, after + (_text("hardening") if means is Means.ALL else "")


def _text(*names: str) -> str:
    return "".join((_SQL / f"{name}.sql").read_text(encoding="utf-8") for name in names)


def what_was_done(means: Means) -> dict[str, str]:
    """Return a line a matter for whoever ran `store init` or `store upgrade`."""
    if means is Means.NONE:
        return {
            "enforcement": "none: this login may not create roles and databases, so every login "
            "that can write to the store may write anything. Run store upgrade as one that may."
        }
    return {
        "enforcement": f"on: everything belongs to {OWNER}; rights and policies are written anew",
        "roles": ", ".join(GROUPS.values()) + (" kept" if means is Means.RIGHTS else ""),
        "defaults": "TEMP, DO, large objects, advisory locks and the like are taken away"
        if means is Means.ALL
        else "DO, large objects and advisory locks are as PostgreSQL leaves them; only store "
        "upgrade as a superuser takes them away",
    }


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this connection is to the store."""

    login: str
    role: str
    desks: str
    is_bound: bool
    is_enforced: bool
    is_hardened: bool
    reads_all: bool

    @property
    def is_held(self) -> bool:
        """Whether the database holds this login to the rights of its role."""
        return self.is_bound and self.is_enforced

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        if not self.is_enforced:
            return ("Every login of this store may write to it directly.",)
        if not self.is_bound:
            return (
                f"{self.login} administers this store, so nothing is enforced on it. People and "
                "engines connect with logins of their own: blotter user add.",
            )
        desks = "all desks" if self.desks == "*" else f"desk {self.desks}"
        who = f"{self.login} is {self.role or 'nobody'} here"
        notes: tuple[str, ...] = (f"{who}, for {desks}." if self.desks else f"{who}.",)
        if not self.is_hardened:
            notes += (
                "Some of what PostgreSQL gives every login is still open. "
                "Run blotter store upgrade as a superuser.",
            )
        return notes


def read_identity(connection: psycopg.Connection[Any]) -> Identity:
    """Return who the connection's login is."""
    row = connection.execute(
        "SELECT login, role, desks, is_bound, is_enforced, is_hardened, reads_all FROM blotter_me()"
    ).fetchone()
    assert row is not None
    return Identity(*row)
