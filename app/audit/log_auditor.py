"""Holds rows of a log against numbers, chain, themselves, and what was signed; no I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from app.audit.checkpoints import Checkpoint, Contradiction
from app.core.desk_state import STATE_VERSION, DeskState, desk_view, state_hash
from app.core.evolve import evolve
from app.ports import WHOLE_STORE, StoredEvent, StoredSnapshot, StreamHead, chain_hash
from models.events import AnyEvent, decode_event


class LogAuditor:
    """Takes the rows of a log, or of a part of it, in order.

    `is_whole` says that every stream is in it, so that the numbers have no gaps. From the first
    event on a whole log is replayed too, and states are compared: `state` is what it comes to.
    Raises `Contradiction` at the first row that can't be as it is.
    """

    def __init__(
        self,
        checkpoints: Sequence[Checkpoint] = (),
        snapshots: Sequence[StoredSnapshot] = (),
        *,
        is_whole: bool = True,
        after_seq: int = 0,
        heads: Mapping[str, StreamHead] | None = None,
    ) -> None:
        self.seq = after_seq
        self.rows = 0
        self.heads = dict(heads or {})
        self.state = DeskState()
        self.replays = is_whole and after_seq == 0
        self.signed_seq = 0
        self.states_compared = 0
        self.snapshots_checked = 0
        self._is_whole = is_whole
        self._sound_seq = after_seq
        self._checkpoints = deque(
            sorted((c for c in checkpoints if c.seq >= after_seq), key=lambda c: c.seq)
        )
        self._snapshots = deque(sorted(snapshots, key=lambda each: each.seq))

    def take(self, rows: Sequence[StoredEvent]) -> list[AnyEvent]:
        """Check rows that come next, and return what they say."""
        return [self._take(row) for row in rows]

    def _take(self, row: StoredEvent) -> AnyEvent:
        self._check_number(row)
        self._compare(row.seq - 1)
        event = self._check_row(row)
        self.seq = row.seq
        self.rows += 1
        if self.replays:
            self._replay(row, event)
        return event

    def _check_number(self, row: StoredEvent) -> None:
        if row.seq <= self.seq:
            raise Contradiction(row.seq, row.stream, f"it comes after event {self.seq}")
        if self._is_whole and row.seq != self.seq + 1:
            raise Contradiction(
                self.seq + 1, row.stream, f"it is missing; the next one there is {row.seq}"
            )

    def _check_row(self, row: StoredEvent) -> AnyEvent:
        head = self.heads.get(row.stream) or StreamHead()
        if row.stream_seq != head.stream_seq + 1:
            what = f"its stream goes from {head.stream_seq} to {row.stream_seq}: a row is missing"
            raise Contradiction(row.seq, row.stream, what)
        digest = chain_hash(head.hash, row.stream, row.stream_seq, row.command_id, row.body)
        if digest != row.hash:
            what = (
                f"its hash is {row.hash}, and from the row before it and its own text follows "
                f"{digest}: one of the two was changed after it was written"
            )
            raise Contradiction(row.seq, row.stream, what)
        self.heads[row.stream] = StreamHead(row.stream_seq, digest)
        try:
            event = decode_event(row.body)
        except ValueError as error:
            raise Contradiction(row.seq, row.stream, f"it is no event: {error}") from None
        # What stands beside the body is not in the chain, so it has to be what the body says.
        beside = (type(event).__name__, event.ts, event.stream)
        if beside != (row.kind, row.ts, row.stream):
            what = f"beside it stands {row.kind} at {row.ts}, and it says {beside[0]} at {event.ts}"
            raise Contradiction(row.seq, row.stream, what)
        return event

    def _replay(self, row: StoredEvent, event: AnyEvent) -> None:
        try:
            evolve(self.state, event)
        except Exception as error:
            what = f"it can't be replayed ({type(error).__name__}: {error})"
            raise Contradiction(row.seq, row.stream, what) from error
        while self._snapshots and self._snapshots[0].seq == self.seq:
            self._check_snapshot(self._snapshots.popleft())

    def _check_snapshot(self, snapshot: StoredSnapshot) -> None:
        desk = snapshot.scope.removeprefix("desk/")
        view = self.state if snapshot.scope == WHOLE_STORE else desk_view(self.state, desk)
        self.snapshots_checked += 1
        if state_hash(view) != snapshot.state_hash:
            what = f"the snapshot {snapshot.scope} there is not what the log comes to"
            raise Contradiction(snapshot.seq, "", what)

    # -- what was signed -----------------------------------------------------------------------

    def _compare(self, until_seq: int) -> None:
        """Hold the streams against each checkpoint up to `until_seq`, whose rows are all here."""
        while self._checkpoints and self._checkpoints[0].seq <= until_seq:
            self._check_signed(self._checkpoints.popleft())

    def _check_signed(self, checkpoint: Checkpoint) -> None:
        names = set(self.heads) | (set(checkpoint.streams) if self._is_whole else set())
        for name in sorted(names):
            here = self.heads.get(name) or StreamHead()
            signed = checkpoint.streams.get(name) or StreamHead()
            if here != signed:
                raise Contradiction(
                    checkpoint.seq,
                    name,
                    f"checkpoint {checkpoint.number} signed its row {signed.stream_seq} as "
                    f"{signed.hash}, and here it stands at row {here.stream_seq} with {here.hash}: "
                    f"something in events {self._sound_seq + 1} to {checkpoint.seq} was changed "
                    "after it was signed",
                )
        if self.replays and checkpoint.state_hash.startswith(f"{STATE_VERSION}:"):
            self.states_compared += 1
            found = state_hash(self.state)
            if found != checkpoint.state_hash:
                raise Contradiction(
                    checkpoint.seq,
                    "",
                    f"checkpoint {checkpoint.number} signed the state {checkpoint.state_hash}, "
                    f"and the log comes to {found}",
                )
        self._sound_seq = self.signed_seq = checkpoint.seq

    def finish(self, head_seq: int, *, ends_early: bool = False) -> None:
        """Check that nothing is missing at the end, which is event `head_seq`.

        `ends_early` says that the log goes on where this part of it ends.
        """
        if self._is_whole and self.seq != head_seq:
            raise Contradiction(
                min(self.seq, head_seq) + 1,
                "",
                f"the log ends at event {self.seq}, and its head says {head_seq}",
            )
        self._compare(head_seq)
        if self._snapshots and self.replays:
            beyond = self._snapshots[0]
            what = f"the snapshot {beyond.scope} is of event {beyond.seq}: the last ones are gone"
            raise Contradiction(head_seq + 1, "", what)
        if self._checkpoints and not ends_early:
            lost = self._checkpoints[0]
            raise Contradiction(
                head_seq + 1,
                "",
                f"checkpoint {lost.number} signed events up to {lost.seq}, and the log ends at "
                f"{head_seq}: the last ones are gone",
            )
