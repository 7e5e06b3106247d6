"""Which SQLite is used, and where its files may lie."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from models.errors import StoreRefused, StoreUnavailable

T = TypeVar("T")

# Below this, two connections that write or checkpoint at one instant can damage a WAL file.
SAFE_VERSION = (3, 51, 3)
BUSY_TIMEOUT_S = 5.0
_BUSY_RETRY_S = 0.0002
_CHECKPOINT_PAGES = 4_000
_CACHE_KIB = -32_000  # negative counts KiB

_NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "9p",
    "vboxsf", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "davfs",
})  # fmt: skip


def _load() -> ModuleType:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2 if dbapi2.sqlite_version_info >= sqlite3.sqlite_version_info else sqlite3


driver: Any = _load()
IS_SAFE = driver.sqlite_version_info >= SAFE_VERSION


def health_notes() -> tuple[str, ...]:
    """Return what a person should know of the SQLite in use."""
    notes: tuple[str, ...] = ("SQLite enforces nothing against whoever owns the file.",)
    if not IS_SAFE:
        notes += (
            f"SQLite {driver.sqlite_version} is older than {'.'.join(map(str, SAFE_VERSION))}: "
            "open one desktop at a time on this store.",
        )
    return notes


def refuse_network_share(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise `StoreRefused` when `path` lies on a network file system, whose locks fail."""
    absolute = path.absolute()
    kind = (
        "network share" if str(path).startswith(("\\\\", "//")) else _mount_kind(absolute, mounts)
    )
    if kind:
        raise StoreRefused(
            f"{path} lies on a network file system ({kind}), where SQLite loses data. Put the "
            "store on a local disk, or share a desk through PostgreSQL."
        )


def _mount_kind(path: Path, mounts: Path) -> str:
    """Return the network file system that `path` is on, empty for a local one."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind if kind in _NETWORK_FILE_SYSTEMS else ""


def connect(path: Path, *, checkpoints: bool, durable: bool = True) -> Any:
    """Open `path` in WAL mode, autocommit, with explicit transactions.

    `checkpoints` only for the engine: one process moves the WAL into the file. `durable` chooses
    synchronous FULL, else OFF for what may be lost (quotes).
    """
    connection = driver.connect(str(path), isolation_level=None, timeout=BUSY_TIMEOUT_S)
    try:
        retry_busy(lambda: connection.execute("PRAGMA journal_mode=WAL"))
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES if checkpoints else 0}")
        connection.execute(f"PRAGMA cache_size={_CACHE_KIB}")
        connection.execute("PRAGMA busy_timeout=0")
    except driver.DatabaseError as error:
        connection.close()
        if is_busy(error):
            raise StoreUnavailable(str(error)) from error
        raise StoreRefused(f"{path} is not a database that can be read: {error}.") from error
    return connection


def is_busy(error: Exception) -> bool:
    """Whether `error` says that another connection holds the lock."""
    return "locked" in str(error) or "busy" in str(error)


def retry_busy(call: Callable[[], T]) -> T:
    """Run `call` until the lock is free; SQLite's own busy handler is unfair under load."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            return call()
        except driver.OperationalError as error:
            if not is_busy(error) or time.monotonic() > give_up:
                raise
            time.sleep(_BUSY_RETRY_S)
