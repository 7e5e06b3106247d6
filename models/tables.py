"""SQLModel rows: the schema of the shared store. Only `app.store` imports this.

Prices are 1e-9 units, money millionths, times nanoseconds UTC, all in 64-bit integers. The log
(`head`, `stream`, `event`, `snapshot`) is the truth; `orders`, `executions` and `alerts` are read
tables for SQL, reports and other systems. `command`, `pending` and the market's are in the same
database on PostgreSQL; over SQLite they are files of their own beside the log's. `person` and
`approval` are on PostgreSQL only, as SQLite enforces nothing.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


def _big(**options: object) -> Column[int]:
    return Column(BigInteger, nullable=bool(options.pop("nullable", False)), **options)  # type: ignore[arg-type]


class HeadRow(SQLModel, table=True):
    """The one row that every append locks: lease, position, and the engine's inbox cursors."""

    __tablename__ = "head"
    id: int = Field(primary_key=True)
    epoch: int = Field(sa_column=_big())
    holder: str
    lease_expires_ts: int = Field(sa_column=_big())
    seq: int = Field(sa_column=_big())
    cursor_first: int = Field(sa_column=_big())
    cursor_rest: int = Field(sa_column=_big())


class StreamRow(SQLModel, table=True):
    """Where a stream stands."""

    __tablename__ = "stream"
    name: str = Field(primary_key=True)
    stream_seq: int = Field(sa_column=_big())
    hash: str


class EventRow(SQLModel, table=True):
    """The log, one row an event; append only."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("stream", "stream_seq"),)
    # SQLite makes a 64-bit key the row's own number, and keeps no index, only as INTEGER.
    seq: int = Field(
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
        )
    )
    stream: str
    stream_seq: int = Field(sa_column=_big())
    epoch: int = Field(sa_column=_big())
    ts: int = Field(sa_column=_big())
    command_id: str
    kind: str
    body: str
    hash: str


class SnapshotRow(SQLModel, table=True):
    """States at some point of the log, so that a start need not replay all of it."""

    __tablename__ = "snapshot"
    scope: str = Field(primary_key=True)
    seq: int = Field(sa_column=_big(primary_key=True, autoincrement=False))
    version: int
    state_hash: str
    heads: str
    blob: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StoreRow(SQLModel, table=True):
    """Which store this is; a copy of it, restored elsewhere, is the same one."""

    __tablename__ = "store"
    id: int = Field(primary_key=True)
    store_id: str


class CheckpointRow(SQLModel, table=True):
    """Where the log stood, signed with a key that the database does not have; only grows."""

    __tablename__ = "checkpoint"
    number: int = Field(sa_column=_big(primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=_big())
    body: str
    signature: str


class CommandRow(SQLModel, table=True):
    """Commands as they were received; never changed. A void claims an id with an empty body."""

    __tablename__ = "command"
    arrival: int = Field(sa_column=_big(primary_key=True, autoincrement=True))
    command_id: str = Field(unique=True)
    author: str
    desk: str
    kind: str
    lane: int
    void: bool
    received_ts: int = Field(sa_column=_big())
    body: str


class PendingRow(SQLModel, table=True):
    """Points at commands that are still to be decided."""

    __tablename__ = "pending"
    arrival: int = Field(sa_column=_big(primary_key=True, autoincrement=False))
    lane: int


class QuoteRow(SQLModel, table=True):
    """The last quote of a symbol; conflated, never history."""

    __tablename__ = "quote"
    symbol: str = Field(primary_key=True)
    ts: int = Field(sa_column=_big())
    body: str


class DepthRow(SQLModel, table=True):
    """The last depth of a symbol and its last prints; conflated, never history."""

    __tablename__ = "depth"
    symbol: str = Field(primary_key=True)
    ts: int = Field(sa_column=_big())
    body: str


class BarRow(SQLModel, table=True):
    """What traded in a symbol within a bar's time; kept for a day."""

    __tablename__ = "bar"
    symbol: str = Field(primary_key=True)
    start_ts: int = Field(sa_column=_big(primary_key=True, autoincrement=False))
    open: int = Field(sa_column=_big())
    high: int = Field(sa_column=_big())
    low: int = Field(sa_column=_big())
    close: int = Field(sa_column=_big())
    qty: int = Field(sa_column=_big())
    vwap: int = Field(sa_column=_big())


class FeedRow(SQLModel, table=True):
    """When the market data feed last gave a sign of life."""

    __tablename__ = "feed"
    id: int = Field(primary_key=True)
    ts: int = Field(sa_column=_big())


class OrderRow(SQLModel, table=True):
    """An order as it is now."""

    __tablename__ = "orders"
    order_id: str = Field(primary_key=True)
    command_id: str
    desk: str
    trader: str
    symbol: str
    side: str
    qty: int = Field(sa_column=_big())
    order_type: str
    account: str
    venue: str
    time_in_force: str
    status: str
    created_ts: int = Field(sa_column=_big())
    updated_ts: int = Field(sa_column=_big())
    limit_px: int | None = Field(sa_column=_big(nullable=True))
    stop_px: int | None = Field(sa_column=_big(nullable=True))
    leaves_qty: int = Field(sa_column=_big())
    cum_qty: int = Field(sa_column=_big())
    avg_px: int = Field(sa_column=_big())
    last_px: int = Field(sa_column=_big())
    last_qty: int = Field(sa_column=_big())
    arrival_px: int = Field(sa_column=_big())
    cl_ord_id: str
    version: int
    reason: str


class ExecutionRow(SQLModel, table=True):
    """A fill; a busted one is gone from here and stays in the log."""

    __tablename__ = "executions"
    exec_id: str = Field(primary_key=True)
    order_id: str
    desk: str
    symbol: str
    side: str
    account: str
    qty: int = Field(sa_column=_big())
    px: int = Field(sa_column=_big())
    ts: int = Field(sa_column=_big())
    venue: str


class AlertRow(SQLModel, table=True):
    """An alert as it is now."""

    __tablename__ = "alerts"
    alert_id: str = Field(primary_key=True)
    desk: str
    severity: str
    rule: str
    text: str
    ts: int = Field(sa_column=_big())
    trader: str
    order_id: str
    note: str
    state: str
    acknowledged_by: str


class PersonRow(SQLModel, table=True):
    """Who may use this store with a database login of their own, as what, and at which desks.

    `desks` are codes between spaces, or `*` for all; `disabled` people keep their row.
    """

    __tablename__ = "person"
    login: str = Field(primary_key=True)
    role: str
    desks: str
    sees_compliance: bool
    disabled: bool
    since_ts: int = Field(sa_column=_big())


class ApprovalRow(SQLModel, table=True):
    """A request that a second person has to approve; bound to the hash of a command's body."""

    __tablename__ = "approval"
    approval_id: str = Field(primary_key=True)
    kind: str
    body_hash: str
    desk: str
    maker: str
    requested_ts: int = Field(sa_column=_big())
    expires_ts: int = Field(sa_column=_big())
    checker: str
    approved_ts: int = Field(sa_column=_big())
    used_ts: int = Field(sa_column=_big())
    used_by: str
    body: str
    refused_by: str
    refused_ts: int = Field(sa_column=_big())
