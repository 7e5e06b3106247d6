"""The file that an outage is kept in on a person's machine: its log, last known orders, drafts.

It outlives the desktop, so that one that is started again in the middle of an outage still has what
was written down. Readable by its owner alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.continuity.manual import ManualExecution
from app.continuity.outage import Outage

_SIZE_MAX = 200_000_000


class Journal(msgspec.Struct, kw_only=True):
    """What one person's desktop keeps: the outage that is on or was last, and drafts."""

    login: str
    desk: str
    outage: Outage | None = None
    drafts: list[ManualExecution] = []


_decoder = msgspec.json.Decoder(Journal)


def read_journal(path: Path, login: str, desk: str) -> Journal:
    """Return the journal in `path`; a new one where there is none, or somebody else's.

    A file that can't be read is put aside, never written over: it may hold executions.
    """
    new = Journal(login=login, desk=desk)
    try:
        if path.stat().st_size > _SIZE_MAX:
            return new
        found = _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return new
    except (OSError, msgspec.MsgspecError):
        put_aside(path)
        return new
    return found if (found.login, found.desk) == (login, desk) else new


def put_aside(path: Path) -> None:
    """Give a file that can't be read another name, so that a person can look into it."""
    try:
        path.replace(path.with_name(f"{path.name}.unreadable"))
    except OSError:
        return


def write_private(path: Path, body: bytes) -> None:
    """Replace a file in one step, on the disk, readable by its owner alone; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def write_journal(path: Path, journal: Journal) -> None:
    """Keep the journal; raises `OSError`."""
    write_private(path, msgspec.json.encode(journal))
