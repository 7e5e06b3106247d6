"""People, approvals, and limits on what rows may hold; PostgreSQL only, as SQLite enforces nothing.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# No column is numeric or floating, so there is no NaN and no infinity to keep out; a test holds it.
_LIMITS = {
    "command": {
        "command_id": "length(command_id) BETWEEN 1 AND 128",
        "author": "length(author) <= 128",
        "desk": "length(desk) <= 128",
        "kind": "length(kind) <= 64",
        "lane": "lane IN (0, 1)",
        "received_ts": "received_ts > 0",
        "body": "octet_length(body) <= 1000000",
        "void": "NOT void OR body = ''",
    },
    "event": {
        "seq": "seq > 0 AND stream_seq > 0 AND epoch > 0",
        "stream": "length(stream) BETWEEN 1 AND 256",
        "command_id": "length(command_id) <= 512",
        "kind": "length(kind) BETWEEN 1 AND 64",
        # What is decided says more than what was asked for, yet not much.
        "body": "octet_length(body) <= 4000000",
        "hash": "hash ~ '^[0-9a-f]{64}$'",
    },
    "stream": {
        "hash": "hash ~ '^[0-9a-f]{64}$'",
        "stream_seq": "stream_seq > 0",
    },
    "head": {
        "one": "id = 1",
        "epoch": "epoch >= 0 AND seq >= 0",
        "holder": "length(holder) <= 256",
    },
    "pending": {"lane": "lane IN (0, 1)"},
    "snapshot": {"seq": "seq >= 0", "scope": "length(scope) BETWEEN 1 AND 256"},
    "quote": {"symbol": "length(symbol) BETWEEN 1 AND 64", "body": "octet_length(body) <= 10000"},
    "depth": {"symbol": "length(symbol) BETWEEN 1 AND 64", "body": "octet_length(body) <= 100000"},
    "bar": {"symbol": "length(symbol) BETWEEN 1 AND 64"},
    "person": {
        # "system" is the name that the schedule and the reference data sign with.
        "login": "login ~ '^[a-z][a-z0-9_.-]{0,31}$' AND login <> 'system'",
        "role": "role IN ('trader', 'desk_head', 'compliance', 'ops', 'auditor', 'engine')",
        "desks": "desks = '*' OR desks ~ '^([A-Za-z0-9_-]{1,32}( [A-Za-z0-9_-]{1,32})*)?$'",
        "sees_compliance": "NOT sees_compliance OR role IN ('compliance', 'auditor')",
    },
    "approval": {
        "kind": "length(kind) BETWEEN 1 AND 64",
        "body_hash": "body_hash ~ '^[0-9a-f]{64}$'",
        "checker": "checker <> maker",
        "approved": "(checker = '') = (approved_ts = 0)",
        "used": "used_ts = 0 OR approved_ts > 0",
        "expires": "expires_ts > requested_ts",
    },
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _create_people()
    _create_approvals()
    for table, limits in _LIMITS.items():
        for name, condition in limits.items():
            op.create_check_constraint(f"{table}_{name}_limit", table, sa.text(condition))


def _create_people() -> None:
    op.create_table(
        "person",
        sa.Column("login", sa.String(), primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("desks", sa.String(), nullable=False),
        sa.Column("sees_compliance", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("since_ts", sa.BigInteger(), nullable=False),
    )


def _create_approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.String(), primary_key=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("kind", "body_hash", "desk", "maker")
        ),
        sa.Column("requested_ts", sa.BigInteger(), nullable=False),
        sa.Column("expires_ts", sa.BigInteger(), nullable=False),
        sa.Column("checker", sa.String(), nullable=False),
        sa.Column("approved_ts", sa.BigInteger(), nullable=False),
        sa.Column("used_ts", sa.BigInteger(), nullable=False),
        sa.Column("used_by", sa.String(), nullable=False),
    )
