"""Which store this is, its signed checkpoints, and what a person asks a second one for.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LIMITS = {
    "store": {"one": "id = 1", "store_id": "length(store_id) BETWEEN 1 AND 64"},
    "checkpoint": {
        "number": "number > 0 AND seq >= 0",
        "body": "octet_length(body) <= 1000000",
        "signature": "signature ~ '^[0-9a-f]{128}$'",
    },
    "approval": {
        "body": "octet_length(body) <= 1000000",
        "refused": "(refused_by = '') = (refused_ts = 0)",
        "answer": "refused_ts = 0 OR approved_ts = 0",
    },
}


def upgrade() -> None:
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("store_id", sa.String(), nullable=False),
    )
    op.execute(f"INSERT INTO store VALUES (1, '{uuid.uuid4()}')")
    op.create_table(
        "checkpoint",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    _widen_approvals()
    for table, limits in _LIMITS.items():
        for name, condition in limits.items():
            op.create_check_constraint(f"{table}_{name}_limit", table, sa.text(condition))


def _widen_approvals() -> None:
    """What was asked for before has no text to read, and has long lapsed."""
    for name, kind, before in (
        ("body", sa.String(), "''"),
        ("refused_by", sa.String(), "''"),
        ("refused_ts", sa.BigInteger(), "0"),
    ):
        op.add_column(
            "approval", sa.Column(name, kind, nullable=False, server_default=sa.text(before))
        )
        op.alter_column("approval", name, server_default=None)
