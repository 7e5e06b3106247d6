"""Checks a whole log: numbers, hash chain, replay, and every snapshot that is kept."""

from __future__ import annotations

import msgspec

from app.core.desk_state import STATE_VERSION, DeskState, desk_view, state_hash
from app.core.evolve import evolve
from app.ports import WHOLE_STORE, Store, StoredSnapshot, StreamHead, check_chain
from models.errors import StoreDamaged
from models.events import decode_event

_PAGE = 5_000


class Verification(msgspec.Struct, kw_only=True):
    """What `blotter store verify` found; that it was printed at all means that all is well."""

    events: int = 0
    streams: dict[str, int] = {}
    orders: int = 0
    snapshots_checked: int = 0
    state_hash: str = ""


def verify_log(store: Store) -> Verification:
    """Replay the log from its first event; raises `StoreDamaged` at the first contradiction."""
    state, heads, seq = DeskState(), dict[str, StreamHead](), 0
    found = Verification()
    waiting = _snapshots(store)
    while page := store.read(None, seq, _PAGE):
        check_chain(heads, page)
        for row in page:
            if row.seq != seq + 1:
                raise StoreDamaged(f"Event {seq + 1} is missing from the log.")
            seq = row.seq
            try:
                evolve(state, decode_event(row.body))
            except Exception as error:
                raise StoreDamaged(
                    f"Event {seq} ({row.kind}) can't be replayed: {type(error).__name__}: {error}."
                ) from error
            for snapshot in [each for each in waiting if each.seq == seq]:
                _check_snapshot(snapshot, state)
                found.snapshots_checked += 1
    head_seq = store.head_seq()
    if head_seq != seq:
        raise StoreDamaged(f"The log ends at event {seq}; its head says {head_seq}.")
    found.events, found.orders = seq, len(state.orders)
    found.streams = {name: head.stream_seq for name, head in sorted(heads.items())}
    found.state_hash = state_hash(state)
    return found


def _snapshots(store: Store) -> list[StoredSnapshot]:
    """Return the newest snapshot of the whole store, and of each desk's view that has one."""
    whole = store.latest_snapshot(WHOLE_STORE, STATE_VERSION)
    if whole is None:
        return []
    views = (store.latest_snapshot(name, STATE_VERSION) for name in whole.heads)
    return [whole, *(view for view in views if view is not None)]


def _check_snapshot(snapshot: StoredSnapshot, state: DeskState) -> None:
    desk = snapshot.scope.removeprefix("desk/")
    view = state if snapshot.scope == WHOLE_STORE else desk_view(state, desk)
    if state_hash(view) != snapshot.state_hash:
        raise StoreDamaged(
            f"The snapshot {snapshot.scope} at event {snapshot.seq} is not what the log says."
        )
