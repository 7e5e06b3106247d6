"""The engine as a sans-IO state machine: `step(input) -> outputs`.

It owns no clock, socket or thread, so one simulator can drive several of it over a faulty store.
Whoever wraps it carries out the outputs in order and feeds the answers back as inputs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from app.core.consequences import consequences
from app.core.context import Context, Quote
from app.core.decide import decide
from app.core.decide.registry import raise_alert, refuse
from app.core.desk_state import (
    STATE_VERSION,
    DeskState,
    decode_state,
    desk_view,
    encode_state,
    state_hash,
)
from app.core.evolve import evolve
from app.core.strategies import due
from app.engine.effects import read_rows, venue_message, working_orders
from app.engine.kill import RESUMED_TOO_EARLY, Kill, KillRecorded, LocalKill
from app.ports import (
    LEASE_TTL_NS,
    WHOLE_STORE,
    AppendRequest,
    AppendStatus,
    Lease,
    NewOrder,
    PendingCommand,
    StoredEvent,
    StoredSnapshot,
    StreamHead,
    VenueMessage,
    chain_hash,
    check_chain,
)
from models.alerts import Severity
from models.commands import (
    SYSTEM,
    Command,
    EndDay,
    ResumeTrading,
    StartDay,
    VenueReport,
    WorkStrategy,
    decode_command,
)
from models.errors import BlotterError, StoreDamaged
from models.events import (
    FIRM_STREAM,
    AnyEvent,
    CommandFailed,
    decode_event,
    desk_stream,
    encode_event,
)

BATCH_MAX = 100
REPORTS_MAX = 500
READ_MAX = 5_000
SNAPSHOT_EVERY = 20_000  # events, taken when there is nothing else to do
_ZERO_BYTE = rb"\u0000"  # PostgreSQL's text can't hold it
SNAPSHOT_AT_LATEST = 200_000  # events, taken even then when there is: it costs a pause

# -- inputs --------------------------------------------------------------------------------------


class Tick(NamedTuple):
    """Time passed: the store's clock, and the date of the desk's calendar."""

    ts: int
    today: str


class LeaseAnswered(NamedTuple):
    """What became of asking for, or renewing, the lease."""

    lease: Lease | None


class SnapshotRead(NamedTuple):
    """The newest snapshot of a version we know, if any."""

    snapshot: StoredSnapshot | None


class EventsRead(NamedTuple):
    """A page of the log; shorter than `READ_MAX` when it is the last."""

    events: Sequence[StoredEvent]


class CommandsRead(NamedTuple):
    """Commands that wait to be decided; who approved which, `None` where nobody has to."""

    commands: Sequence[PendingCommand]
    approvals: Mapping[str, str] | None = None


class AppendAnswered(NamedTuple):
    """What became of an append; `None` when the store did not answer."""

    status: AppendStatus | None


class Reported(NamedTuple):
    """What venues said."""

    reports: Sequence[VenueReport]


class MarketSeen(NamedTuple):
    """The feed's last sign of life, and quotes that changed."""

    feed_ts: int
    quotes: Sequence[Quote]


class Shutdown(NamedTuple):
    """Somebody asked the engine to end."""


Input = (
    Tick
    | LeaseAnswered
    | SnapshotRead
    | EventsRead
    | CommandsRead
    | AppendAnswered
    | Reported
    | MarketSeen
    | LocalKill
    | Shutdown
)

# -- outputs -------------------------------------------------------------------------------------


class AcquireLease(NamedTuple):
    """Ask for the lease."""


class RenewLease(NamedTuple):
    """Prolong the lease."""

    lease: Lease


class ReadSnapshot(NamedTuple):
    """Read the newest snapshot of the whole store."""


class ReadEvents(NamedTuple):
    """Read a page of the log."""

    after_seq: int
    limit: int


class ReadCommands(NamedTuple):
    """Read commands that wait."""

    limit: int


class Append(NamedTuple):
    """Append a batch; sent again unchanged when the store does not answer."""

    request: AppendRequest


class RestoreVenues(NamedTuple):
    """Give venues their working orders again, and then the requests that wait for an answer."""

    orders: Sequence[NewOrder]
    requests: Sequence[VenueMessage]


class SendToVenues(NamedTuple):
    """Send what was appended."""

    messages: Sequence[VenueMessage]


class SaveSnapshot(NamedTuple):
    """Keep a state."""

    snapshot: StoredSnapshot


class Stop(NamedTuple):
    """End. `fault` when a person must look at it; the lease is given back when `release`."""

    reason: str
    fault: bool
    release: Lease | None


Output = (
    AcquireLease
    | RenewLease
    | ReadSnapshot
    | ReadEvents
    | ReadCommands
    | Append
    | RestoreVenues
    | SendToVenues
    | SaveSnapshot
    | KillRecorded
    | Stop
)


class Phase(Enum):
    """What the engine is doing."""

    STANDBY = "standby"
    LOADING = "loading"
    LEADING = "leading"
    STOPPED = "stopped"


class EngineCore:
    """One engine.

    Attributes:
        phase: what it is doing.
        state: its `DeskState`, after `seq`.
        seq: the last event it knows to be appended or in flight.
    """

    def __init__(self, venues: frozenset[str]) -> None:
        self.phase = Phase.STANDBY
        self.state = DeskState()
        self.heads: dict[str, StreamHead] = {}
        self.seq = 0
        self.lease: Lease | None = None
        self._venues = venues
        self._snapshot_seq = 0
        self._ts = 0
        self._today = ""
        self._quotes: dict[str, Quote] = {}
        self._feed_ts = 0
        self._context = Context(ts=0)
        self._lease_asked = False
        self._reading = False
        self._in_flight: AppendRequest | None = None
        self._messages: list[VenueMessage] = []
        self._reports: deque[VenueReport] = deque()
        self._stopping = False
        self._kill: Kill | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an append is under way, or reports wait to be decided."""
        return self._in_flight is not None or bool(self._reports)

    @property
    def is_killed(self) -> bool:
        """Whether a kill is in force here that the log does not have yet."""
        return self._kill is not None

    def step(self, given: Input) -> list[Output]:
        """Take one input and return what is to be done about it, in order."""
        if self.phase is Phase.STOPPED:
            return []
        try:
            match given:
                case Tick():
                    return self._on_tick(given)
                case LeaseAnswered():
                    return self._on_lease(given.lease)
                case SnapshotRead():
                    return self._on_snapshot(given.snapshot)
                case EventsRead():
                    return self._on_events(given.events)
                case CommandsRead():
                    self._reading = False
                    return self._decide_batch(given.commands, given.approvals)
                case AppendAnswered():
                    return self._on_append(given.status)
                case Reported():
                    self._reports.extend(given.reports)
                    return self._drain() if given.reports else []
                case MarketSeen():
                    self._feed_ts = given.feed_ts
                    self._quotes.update({quote.symbol: quote for quote in given.quotes})
                    return []
                case LocalKill():
                    return self._on_kill(given)
                case Shutdown():
                    self._stopping = True
                    return [] if self._in_flight else self._finish()
        except BlotterError as error:
            return self._stop(str(error), fault=True)

    # -- leading -------------------------------------------------------------------------------

    def _on_tick(self, tick: Tick) -> list[Output]:
        self._ts, self._today = max(self._ts, tick.ts), tick.today
        if self.phase is Phase.STANDBY:
            return self._ask(AcquireLease())
        outputs: list[Output] = []
        if self.lease is not None and self.lease.expires_ts - tick.ts < LEASE_TTL_NS * 2 // 3:
            outputs += self._ask(RenewLease(self.lease))
        if self.phase is Phase.LEADING:
            outputs += self._drain()
        return outputs

    def _ask(self, output: AcquireLease | RenewLease) -> list[Output]:
        if self._lease_asked:
            return []
        self._lease_asked = True
        return [output]

    def _on_lease(self, lease: Lease | None) -> list[Output]:
        self._lease_asked = False
        if lease is None:
            if self.phase is Phase.STANDBY:
                return []
            return self._stop("Another engine has taken the lease.", fault=False)
        self.lease = lease
        if self.phase is Phase.STANDBY:
            self.phase = Phase.LOADING
            return [ReadSnapshot()]
        return []

    def _on_snapshot(self, snapshot: StoredSnapshot | None) -> list[Output]:
        if snapshot is not None:
            try:
                state = decode_state(snapshot.blob)
            except msgspec.DecodeError as error:
                raise StoreDamaged(
                    f"The snapshot at event {snapshot.seq} can't be read ({error}). Verify the "
                    "store before anybody trades."
                ) from error
            if state_hash(state) != snapshot.state_hash:
                return self._stop(
                    f"The snapshot at event {snapshot.seq} does not have the hash it was saved "
                    "with. Verify the store before anybody trades.",
                    fault=True,
                )
            self.state, self.heads, self.seq = state, dict(snapshot.heads), snapshot.seq
            self._snapshot_seq = snapshot.seq
        return [ReadEvents(self.seq, READ_MAX)]

    def _on_events(self, events: Sequence[StoredEvent]) -> list[Output]:
        check_chain(self.heads, events)
        for event in events:
            if event.seq != self.seq + 1:
                return self._stop(f"Event {self.seq + 1} is missing from the log.", fault=True)
            self.seq = event.seq
            self._evolve(decode_event(event.body))
        if len(events) == READ_MAX:
            return [ReadEvents(self.seq, READ_MAX)]
        self.phase = Phase.LEADING
        orders, requests = working_orders(self.state)
        return [RestoreVenues(orders, requests), *self._drain()]

    def _stop(self, reason: str, *, fault: bool) -> list[Output]:
        self.phase = Phase.STOPPED
        if self._kill is not None:
            fault = True
            reason += (
                " It was killed, and its venues told to cancel, but the log does not have that: "
                "halt the desk on the engine that leads now."
            )
        return [Stop(reason, fault, None)]

    def _finish(self) -> list[Output]:
        outputs: list[Output] = []
        if self.phase is Phase.LEADING and self.seq > self._snapshot_seq:
            outputs += self._snapshots()
        self.phase = Phase.STOPPED
        return [*outputs, Stop("It was asked to end.", False, self.lease)]

    # -- a kill of its own ---------------------------------------------------------------------

    def _on_kill(self, kill: LocalKill) -> list[Output]:
        """Cancel everything at the venues now; the log hears of it first thing when it can.

        An engine that does not lead has nothing at a venue: it is told again when it does.
        """
        if self.phase is not Phase.LEADING or self._kill is not None:
            return []
        self._kill = Kill(kill, self.state)
        return [SendToVenues(tuple(self._kill.cancels))]

    def passing(
        self, messages: Sequence[VenueMessage], *, again: bool = False
    ) -> Sequence[VenueMessage]:
        """Return what of `messages` may still go to venues, at the moment when it would.

        A kill may have come since they were put out; the rest is reported as never sent, unless
        it was to go `again`: then it may have been.
        """
        if self._kill is None:
            return messages
        passing, unsent = self._kill.stop(messages, self.state)
        if not again:
            self._reports.extendleft(reversed(unsent))
        return passing

    # -- deciding ------------------------------------------------------------------------------

    def _drain(self) -> list[Output]:
        """Ask for commands unless an append is under way; its answer asks again."""
        if self.phase is not Phase.LEADING or self._in_flight or self._reading or self._stopping:
            return []
        self._reading = True
        return [ReadCommands(BATCH_MAX)]

    def _decide_batch(
        self, commands: Sequence[PendingCommand], approvals: Mapping[str, str] | None
    ) -> list[Output]:
        stored: list[StoredEvent] = []
        events: list[AnyEvent] = []
        expected_seq = self.seq
        self._context = Context(
            ts=self._ts,
            quotes=self._quotes,
            feed_ts=self._feed_ts,
            venues=self._venues,
            approvals=approvals,
        )
        if self._kill is not None and not self._kill.is_decided:
            self._kill.is_decided = True
            for command in self._kill.commands(self.state):
                self._decide(command, stored, events)
        for _ in range(min(len(self._reports), REPORTS_MAX)):
            self._decide(self._reports.popleft(), stored, events)
        scheduled = None if self._reports else self._scheduled()
        if scheduled is not None:
            # A day ends, or starts, by itself: what waits is read again afterwards, and venues
            # hear of an end before the next day can begin.
            self._decide(scheduled, stored, events)
            commands = ()
        settled = self._decide_stored(commands, stored, events)
        if scheduled is None:
            self._work_strategies(stored, events)
        if not stored and not settled:
            ended = self._end_kill()
            return self._snapshots() if self._snapshot_is_due(SNAPSHOT_EVERY) else ended
        assert self.lease is not None
        self._in_flight = AppendRequest(
            epoch=self.lease.epoch,
            expected_seq=expected_seq,
            events=tuple(stored),
            settles=tuple(settled),
            rows=read_rows(self.state, events),
        )
        return [Append(self._in_flight)]

    def _work_strategies(self, stored: list[StoredEvent], events: list[AnyEvent]) -> None:
        """Send the slices that are due; after people's commands, so that a halt comes first."""
        if not self.state.strategies or not self.state.day_open:
            return
        for order_id in [run.order_id for run in due(self.state, self._ts)]:
            step = WorkStrategy(id=f"work-{order_id}-{self._ts}", author=SYSTEM, order_id=order_id)
            self._decide(step, stored, events)

    def _scheduled(self) -> Command | None:
        """Return what the calendar asks for next: yesterday ends, then today starts."""
        state, today = self.state, self._today
        if not today or state.day >= today:
            return None
        if state.day_open:
            return EndDay(id=f"end-{state.day}", author=SYSTEM, day=state.day)
        return StartDay(id=f"start-{today}", author=SYSTEM, day=today)

    def _decide_stored(
        self,
        commands: Sequence[PendingCommand],
        stored: list[StoredEvent],
        events: list[AnyEvent],
    ) -> list[PendingCommand]:
        """Decide stored commands in order, and return those that were.

        A new day drops what the old one ended, so it begins a batch of its own: the read rows of
        a batch are taken when all of it is decided.
        """
        settled: list[PendingCommand] = []
        for pending in commands:
            try:
                command = _readable(pending.body)
            except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
                self._fail(pending.command_id, "", "", "unreadable", error, stored, events)
            else:
                if isinstance(command, StartDay) and stored:
                    break
                self._decide(command, stored, events)
            settled.append(pending)
        return settled

    def _decide(self, command: Command, stored: list[StoredEvent], events: list[AnyEvent]) -> None:
        try:
            if isinstance(command, ResumeTrading) and self._kill is not None:
                decided = refuse(command, self._context, RESUMED_TOO_EARLY)
            else:
                decided = decide(self.state, command, self._context)
        except Exception as error:  # a poisoned command must not stop the desk
            kind = type(command).__name__
            self._fail(command.id, command.author, command.desk, kind, error, stored, events)
            return
        for event in decided:
            self._record(event, command.id, stored, events)
        self._follow_up(decided, command.id, stored, events)

    def _follow_up(
        self,
        decided: list[AnyEvent],
        command_id: str,
        stored: list[StoredEvent],
        events: list[AnyEvent],
    ) -> None:
        """Record what follows from events, and from that in turn, in the order of its causes."""
        waiting = deque(decided)
        while waiting:
            follows = consequences(self.state, waiting.popleft(), self._context)
            for event in follows:
                self._record(event, command_id, stored, events)
            waiting.extend(follows)

    def _fail(
        self,
        command_id: str,
        author: str,
        desk: str,
        kind: str,
        error: Exception,
        stored: list[StoredEvent],
        events: list[AnyEvent],
    ) -> None:
        text = f"The {kind} command could not be decided ({type(error).__name__}: {error})."
        failed = CommandFailed(
            ts=self._ts, desk=desk, command_id=command_id, author=author, command=kind, text=text
        )
        alert = raise_alert(
            self.state,
            Context(ts=self._ts),
            self.state.next_number(),
            desk=desk,
            severity=Severity.FAULT,
            rule="COMMAND_FAILED",
            text=text,
            trader=author,
        )
        for event in (failed, alert):
            self._record(event, command_id, stored, events)

    def _record(
        self, event: AnyEvent, command_id: str, stored: list[StoredEvent], events: list[AnyEvent]
    ) -> None:
        """Evolve by `event` and put it into the batch, numbered and chained."""
        message = venue_message(self.state, event)
        if message is not None:
            self._messages.append(message)
        self._evolve(event)
        stream, body = event.stream, encode_event(event)
        head = self.heads.get(stream) or StreamHead()
        stream_seq = head.stream_seq + 1
        digest = chain_hash(head.hash, stream, stream_seq, command_id, body)
        self.heads[stream] = StreamHead(stream_seq, digest)
        self.seq += 1
        stored.append(
            StoredEvent(
                seq=self.seq,
                stream=stream,
                stream_seq=stream_seq,
                ts=event.ts,
                command_id=command_id,
                kind=type(event).__name__,
                body=body,
                hash=digest,
            )
        )
        events.append(event)

    def _evolve(self, event: AnyEvent) -> None:
        try:
            evolve(self.state, event)
        except Exception as error:
            raise BlotterError(
                f"Event {type(event).__name__} can't be applied ({type(error).__name__}: {error}). "
                "The log and this version of the engine contradict each other."
            ) from error

    # -- appending -----------------------------------------------------------------------------

    def _on_append(self, status: AppendStatus | None) -> list[Output]:
        request = self._in_flight
        assert request is not None
        if status is None:
            if self._stopping:  # the log knows whether it came; nothing of it has left
                return self._stop("It was asked to end while the store was silent.", fault=False)
            return [Append(request)]  # the same bytes again: never decided twice
        if status is AppendStatus.EXPIRED:
            assert self.lease is not None
            return [*self._ask(RenewLease(self.lease)), Append(request)]
        if status is AppendStatus.FENCED:
            return self._stop(
                "Another engine leads, or the store went back; nothing was written.", fault=False
            )
        self._in_flight = None
        outputs: list[Output] = []
        messages = self.passing(self._messages)
        if messages:
            outputs.append(SendToVenues(tuple(messages)))
        self._messages.clear()
        outputs += self._end_kill()
        if self._snapshot_is_due(SNAPSHOT_AT_LATEST):
            outputs += self._snapshots()
        return outputs + (self._finish() if self._stopping else self._drain())

    def _end_kill(self) -> list[Output]:
        """Once the log has the kill, the halts in it stop what must not pass."""
        kill = self._kill
        if kill is None or not kill.is_decided:
            return []
        self._kill = None
        return [KillRecorded(kill.given.kill_id)]

    def _snapshot_is_due(self, events: int) -> bool:
        return self.seq - self._snapshot_seq >= events

    def _snapshots(self) -> list[Output]:
        """One of the whole store for engines, and one of each desk's view for its desktops."""
        self._snapshot_seq = self.seq
        saved: list[Output] = [SaveSnapshot(self._snapshot(WHOLE_STORE, self.state))]
        for desk in sorted({trader.desk for trader in self.state.traders.values()}):
            saved.append(
                SaveSnapshot(self._snapshot(desk_stream(desk), desk_view(self.state, desk)))
            )
        return saved

    def _snapshot(self, scope: str, state: DeskState) -> StoredSnapshot:
        """Return `state` with the heads of its followers' streams; other streams are not theirs."""
        is_whole = scope == WHOLE_STORE
        heads = {
            name: head
            for name, head in self.heads.items()
            if is_whole or name in (scope, FIRM_STREAM)
        }
        return StoredSnapshot(
            scope=scope,
            seq=self.seq,
            version=STATE_VERSION,
            state_hash=state_hash(state),
            heads=heads,
            blob=encode_state(state),
        )


def _readable(body: bytes) -> Command:
    """Return the command in `body`; raises `ValueError` for what the log must not hold."""
    command = decode_command(body)
    if _ZERO_BYTE in body:
        raise ValueError("a text in it holds a zero byte")
    if isinstance(command, VenueReport):
        raise ValueError("a venue's reports do not come through the inbox")
    return command
