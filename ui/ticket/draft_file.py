"""The file that a draft is kept in. No Qt.

It holds the draft's command id too. A restored draft is sent under that same id, so even one whose
order went out just before the crash can't become a second order; and when the log shows an order of
that id, the draft is dropped.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from ui.ticket.draft import Draft

_SIZE_MAX = 65_536


class SavedDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A draft as the file holds it; `order_id` and `version` are of the order that it amends.

    `parent_id` is the care order that it is a slice of.
    `was_sent` says that it was handed over, so that it must never be sent again.
    """

    login: str
    desk: str
    command_id: str
    saved_ts: int
    draft: Draft
    reason: str = ""
    order_id: str = ""
    version: int = 0
    was_sent: bool = False
    parent_id: str = ""


_decoder = msgspec.json.Decoder(SavedDraft)


def read_draft(path: Path) -> SavedDraft | None:
    """Return the draft in `path`; `None` where there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            return _decoder.decode(file.read(_SIZE_MAX))
    except (OSError, msgspec.MsgspecError):
        return None


def write_draft(path: Path, saved: SavedDraft) -> None:
    """Replace the file in one step, readable by its owner alone; raises `OSError`.

    It is not forced to the disk: that would hold the window for longer than a draft is worth, and
    after a power cut a file that can't be read is no draft.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(msgspec.json.encode(saved))
    beside.replace(path)
