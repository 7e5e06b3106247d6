"""Archives of past days: exports that end with a signed checkpoint, verified once they are written.

The log itself is left as it is: nothing of this product deletes any of it.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec

from app.audit.checkpoints import read_checkpoint
from app.audit.export import export_log, verify_file
from app.audit.keys import Signer
from app.audit.verify import PAGE, Progress, no_progress, take_checkpoint
from app.ports import Store, StoredCheckpoint
from models.errors import BadInput, StoreDamaged
from models.events import DayStarted, decode_event

_NAME = re.compile(r".*-(\d{12})-(\d{12})\.jsonl\.gz")


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """What was archived, and the checkpoint that vouches for its last row."""

    file: str
    store_id: str
    from_seq: int
    to_seq: int
    before: str
    rows: int
    checkpoint: int
    signed_by: str
    sha256: str
    proof: str


def archive(
    store: Store, before: str, folder: Path, signer: Signer, progress: Progress = no_progress
) -> Archived:
    """Write the days before `before` that `folder` has not yet; raises `BadInput` if none are."""
    try:
        date.fromisoformat(before)
    except ValueError:
        raise BadInput(f"{before!r} is no day; write it like 2026-11-30.") from None
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder. Make it first.")
    store_id = store.store_id()
    from_seq = _archived_until(folder, store_id) + 1
    last = _last_before(store, before)
    if last < from_seq:
        until = f"event {from_seq - 1}" if from_seq > 1 else "nothing"
        raise BadInput(
            f"No day before {before} is left to archive: {folder} has {until}, and that day "
            f"{'begins after event ' + str(last) if last else 'is the first one, or not begun'}."
        )
    signed = _signed_at(store, last, signer) or take_checkpoint(store, signer, progress, last)
    path = folder / f"{store_id}-{from_seq:012}-{last:012}.jsonl.gz"
    done = export_log(store, path, from_seq, last, progress)
    report = verify_file(path, [signer.key_id])
    if not report.ok or report.signed_seq != last:
        what = report.fault.what if report.fault is not None else "its end is not signed"
        raise StoreDamaged(f"{path} does not verify ({what}). Don't rely on it; verify the store.")
    return Archived(
        file=str(path),
        store_id=store_id,
        from_seq=from_seq,
        to_seq=last,
        before=before,
        rows=done.rows,
        checkpoint=signed.number,
        signed_by=signer.key_id,
        sha256=done.sha256,
        proof="the file was read back: its chain holds, and a checkpoint signs its last row",
    )


def _archived_until(folder: Path, store_id: str) -> int:
    """Return the last row that the folder has of this store; spans follow on each other."""
    spans = sorted(
        (int(named[1]), int(named[2]))
        for path in folder.glob(f"{store_id}-*.jsonl.gz")
        if (named := _NAME.fullmatch(path.name))
    )
    until = 0
    for first, last in spans:
        if first != until + 1:
            raise BadInput(
                f"{folder} has no archive of events {until + 1} to {first - 1}. Put it back, or "
                "use another folder."
            )
        until = last
    return until


def _last_before(store: Store, before: str) -> int:
    """Return the last row before the first day that is not before `before`; 0 when there is none.

    Days are the desk's own: each begins with its event.
    """
    seq = 0
    while page := store.read(None, seq, PAGE):
        for row in page:
            if row.kind == DayStarted.__name__:
                event = decode_event(row.body)
                if isinstance(event, DayStarted) and event.day >= before:
                    return row.seq - 1
        seq = page[-1].seq
    return 0


def _signed_at(store: Store, seq: int, signer: Signer) -> StoredCheckpoint | None:
    """Return the checkpoint that this signer's engine took there when the day ended."""
    for each in store.checkpoints():
        if each.seq == seq and read_checkpoint(each).key == signer.key_id:
            return each
    return None
