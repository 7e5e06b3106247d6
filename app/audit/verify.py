"""Verifies a store, or a file that was exported from one, and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from app.audit.checkpoints import (
    Checkpoint,
    Contradiction,
    add_signed,
    check_copies,
    check_signed,
)
from app.audit.keys import Signer
from app.audit.log_auditor import LogAuditor
from app.core.desk_state import STATE_VERSION, state_hash
from app.ports import WHOLE_STORE, Store, StoredCheckpoint, StoredSnapshot
from models.errors import StoreDamaged, StoreRefused

PAGE = 5_000
Progress = Callable[[int, int], None]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The first bad row: its number, its stream, and what differs."""

    seq: int
    stream: str
    what: str


class AuditReport(msgspec.Struct, kw_only=True):
    """What a verification found; `fault` is empty when all is well.

    `signed_seq` is the last event that a checkpoint vouches for; whoever owns the store could
    have written what comes after it anew.
    """

    ok: bool = True
    fault: Fault | None = None
    store_id: str = ""
    is_whole: bool = True
    from_seq: int = 1
    to_seq: int = 0
    events: int = 0
    streams: dict[str, int] = {}
    checkpoints: int = 0
    signed_seq: int = 0
    signed_by: list[str] = []
    states_compared: int = 0
    snapshots_checked: int = 0
    state_hash: str = ""
    notes: list[str] = []


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def verify_store(
    store: Store,
    trusted: Collection[str] = (),
    copies: Sequence[StoredCheckpoint] = (),
    progress: Progress = no_progress,
) -> AuditReport:
    """Verify what this connection is shown of a store; never raises for what the store holds."""
    report, _ = audit_store(store, trusted, copies, progress)
    return report


def audit_store(
    store: Store,
    trusted: Collection[str] = (),
    copies: Sequence[StoredCheckpoint] = (),
    progress: Progress = no_progress,
    until_seq: int = 0,
) -> tuple[AuditReport, LogAuditor]:
    """Verify up to `until_seq` (0: to the head), and give what the log came to there."""
    report = AuditReport(store_id=store.store_id(), is_whole=store.health().reads_all)
    # Checkpoints before the head: one that is signed meanwhile would lie beyond what is read.
    stored = store.checkpoints()
    snapshots = newest_snapshots(store) if report.is_whole else []
    head_seq = store.head_seq()
    last = min(until_seq, head_seq) if until_seq else head_seq
    snapshots = [each for each in snapshots if last == head_seq or each.seq <= last]
    auditor = LogAuditor(is_whole=report.is_whole)
    try:
        signed = signed_by(stored, report, trusted, copies)
        auditor = LogAuditor(signed, snapshots, is_whole=report.is_whole)
        while auditor.seq < last and (page := store.read(None, auditor.seq, PAGE)):
            auditor.take([row for row in page if row.seq <= last])
            progress(auditor.seq, last)
            if page[-1].seq > last:
                break
        _check_end(store, head_seq)
        auditor.finish(last, ends_early=last < head_seq)
    except Contradiction as found:
        report.ok = False
        report.fault = Fault(seq=found.seq, stream=found.stream, what=found.what)
    fill(report, auditor, trusted)
    if not report.is_whole:
        report.notes.append(
            "This login is shown a part of the store, and only that part was verified. An engine's "
            "login, its administrator's, or an auditor's of all desks with compliance sees it all."
        )
    return report, auditor


def take_checkpoint(
    store: Store,
    signer: Signer,
    progress: Progress = no_progress,
    until_seq: int = 0,
) -> StoredCheckpoint:
    """Verify the store and sign where it stands (or stood at `until_seq`).

    Raises `StoreRefused` for a login that is not shown all of it, `StoreDamaged` for a store that
    contradicts itself: nobody should sign that.
    """
    if not store.health().reads_all:
        raise StoreRefused(
            f"{store.health().login} is shown a part of this store and can't sign for the whole. "
            "Use an engine's login, or its administrator's."
        )
    report, auditor = audit_store(store, progress=progress, until_seq=until_seq)
    if report.fault is not None:
        fault = report.fault
        raise StoreDamaged(
            f"Event {fault.seq} of {fault.stream or 'the log'}: {fault.what}. It is not signed."
        )
    return add_signed(store, signer, auditor.seq, auditor.heads, state_hash(auditor.state))


def _check_end(store: Store, head_seq: int) -> None:
    """A row that nobody appended may lie beyond the head; an engine at work moves both."""
    beyond = store.read(None, head_seq, 1)
    if beyond and beyond[0].seq > store.head_seq():
        raise Contradiction(
            beyond[0].seq, beyond[0].stream, f"it lies beyond the head, which is at {head_seq}"
        )


def signed_by(
    stored: Sequence[StoredCheckpoint],
    report: AuditReport,
    trusted: Collection[str],
    copies: Sequence[StoredCheckpoint] = (),
) -> list[Checkpoint]:
    """Check the checkpoints by themselves, and note in the report whose they are."""
    report.checkpoints = len(stored)
    check_copies(stored, copies)
    signed = check_signed(stored, report.store_id, trusted)
    report.signed_by = sorted({each.key for each in signed})
    return signed


def fill(report: AuditReport, auditor: LogAuditor, trusted: Collection[str]) -> None:
    """Put what the auditor came to into the report, and what it does not prove."""
    report.to_seq, report.events = auditor.seq, auditor.rows
    report.streams = {name: head.stream_seq for name, head in sorted(auditor.heads.items())}
    report.signed_seq = auditor.signed_seq
    report.states_compared = auditor.states_compared
    report.snapshots_checked = auditor.snapshots_checked
    if auditor.replays and report.ok:
        report.state_hash = state_hash(auditor.state)
    if not report.ok:
        return
    if trusted and not report.signed_seq and report.events:
        report.ok = False
        report.fault = Fault(
            seq=1,
            stream="",
            what="a key was given, and no checkpoint by it vouches for anything here; whoever "
            "owns the store could have written all of it anew",
        )
    elif not report.checkpoints:
        report.notes.append(
            "No checkpoint is shown: the chain alone holds, and whoever owns the store could have "
            "written all of it anew. Sign one with blotter audit checkpoint."
        )
    elif not trusted:
        report.notes.append(
            "Compare signed_by with the key that you keep, or give it with --public-key: anybody "
            "can sign with a key of his own."
        )


def newest_snapshots(store: Store) -> list[StoredSnapshot]:
    """Return the newest snapshot of the whole store, and of each desk's view that has one."""
    whole = store.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    if whole is None:
        return []
    views = (store.latest_snapshot(name, STATE_VERSION) for name in whole.heads)
    return [whole, *(view for view in views if view is not None)]
