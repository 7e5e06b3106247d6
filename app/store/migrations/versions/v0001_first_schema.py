"""First schema: the log, its head, snapshots, commands, quotes and the read tables.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _big(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _key(name: str, kind: type = sa.String) -> sa.Column[object]:
    return sa.Column(name, kind(), primary_key=True, autoincrement=False, nullable=False)


def _sequence(name: str) -> sa.Column[int]:
    """A 64-bit key; SQLite makes it the row's own number, and keeps no index, only as INTEGER."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, primary_key=True, autoincrement=False, nullable=False)


def upgrade() -> None:
    _create_log()
    _create_read_tables()
    if op.get_bind().dialect.name == "postgresql":
        _create_shared_tables()


def _create_log() -> None:
    op.create_table(
        "head",
        _key("id", sa.Integer),
        *_big("epoch"),
        *_text("holder"),
        *_big("lease_expires_ts", "seq", "cursor_first", "cursor_rest"),
    )
    op.execute("INSERT INTO head VALUES (1, 0, '', 0, 0, 0, 0)")
    op.create_table("stream", _key("name"), *_big("stream_seq"), *_text("hash"))
    op.create_table(
        "event",
        _sequence("seq"),
        *_text("stream"),
        *_big("stream_seq", "epoch", "ts"),
        *_text("command_id", "kind", "body", "hash"),
        sa.UniqueConstraint("stream", "stream_seq"),
    )
    op.create_table(
        "snapshot",
        _key("scope"),
        _key("seq", sa.BigInteger),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text("state_hash", "heads"),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
    )


def _create_read_tables() -> None:
    op.create_table(
        "orders",
        _key("order_id"),
        *_text("command_id", "desk", "trader", "symbol", "side"),
        *_big("qty"),
        *_text("order_type", "account", "venue", "time_in_force", "status"),
        *_big("created_ts", "updated_ts"),
        *_big("limit_px", "stop_px", nullable=True),
        *_big("leaves_qty", "cum_qty", "avg_px", "last_px", "last_qty", "arrival_px"),
        *_text("cl_ord_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text("reason"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "executions",
        _key("exec_id"),
        *_text("order_id", "desk", "symbol", "side", "account"),
        *_big("qty", "px", "ts"),
        *_text("venue"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alerts",
        _key("alert_id"),
        *_text("desk", "severity", "rule", "text"),
        *_big("ts"),
        *_text("trader", "order_id", "note", "state", "acknowledged_by"),
        sqlite_with_rowid=False,
    )


def _create_shared_tables() -> None:
    """What SQLite keeps in files of their own."""
    op.create_table(
        "command",
        sa.Column("arrival", sa.BigInteger(), primary_key=True, autoincrement=True),
        sa.Column("command_id", sa.String(), nullable=False, unique=True),
        *_text("author", "desk", "kind"),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        *_big("received_ts"),
        *_text("body"),
    )
    op.create_table(
        "pending",
        _key("arrival", sa.BigInteger),
        sa.Column("lane", sa.Integer(), nullable=False),
    )
    op.create_table("quote", _key("symbol"), *_big("ts"), *_text("body"), prefixes=["UNLOGGED"])
    op.create_table("depth", _key("symbol"), *_big("ts"), *_text("body"), prefixes=["UNLOGGED"])
    op.create_table(
        "bar",
        _key("symbol"),
        _key("start_ts", sa.BigInteger),
        *_big("open", "high", "low", "close", "qty", "vwap"),
        prefixes=["UNLOGGED"],
    )
    op.create_table("feed", _key("id", sa.Integer), *_big("ts"), prefixes=["UNLOGGED"])
