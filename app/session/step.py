"""The session as a sans-IO state machine: `step(input) -> outputs`.

It follows the log into a `DeskState`, and takes each command of its person from the click to its
outcome. A command whose outcome is not known is shown as unknown, looked up, and never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from app.core.context import Context, Quote
from app.core.desk_state import STATE_VERSION, DeskState, decode_state, state_hash
from app.core.evolve import evolve
from app.ports import (
    Lease,
    Outcome,
    StoredEvent,
    StoredSnapshot,
    StreamHead,
    Submission,
    Verdict,
    check_chain,
)
from app.session.local_copy import Kept
from app.session.market import WatchedMarket
from models.commands import (
    AnyCommand,
    Command,
    encode_command,
    goes_first,
)
from models.errors import BlotterError
from models.events import (
    FIRM_STREAM,
    AnyEvent,
    BasketLoaded,
    GroupFormed,
    WaveSent,
    decode_event,
    desk_stream,
)
from models.market import Bar, Depth
from models.order_state import OrderStatus, Trigger, next_status

READ_MAX = 1_000
ANSWER_WITHIN_NS = 5_000_000_000
OFFLINE_TEXT = (
    "What is shown is this machine's own copy, for reading only. It goes live by itself when the "
    "store answers."
)

# -- inputs --------------------------------------------------------------------------------------


class SnapshotRead(NamedTuple):
    """The newest snapshot of the desk's view, if any."""

    snapshot: StoredSnapshot | None


class EventsRead(NamedTuple):
    """A page of our streams as the store gave it, decoded on the database thread."""

    rows: Sequence[StoredEvent]
    events: Sequence[AnyEvent]
    head_seq: int
    store_ts: int


class MarketRead(NamedTuple):
    """The feed's last sign of life, quotes that changed, and what changed of what is watched."""

    feed_ts: int
    quotes: Sequence[Quote]
    depths: Sequence[Depth] = ()
    bars: Sequence[Bar] = ()


class Watched(NamedTuple):
    """The person's panes show these symbols' depth, prints and bars, and no others'."""

    symbols: frozenset[str]


class Clicked(NamedTuple):
    """The person asked for this."""

    command: AnyCommand


class Answered(NamedTuple):
    """The store's answer to a submit, lookup or void, and its clock when it had been given."""

    outcome: Outcome
    store_ts: int = 0


class Lost(NamedTuple):
    """The store did not answer for these commands: nobody knows whether it has them."""

    command_ids: Sequence[str]


class EngineSeen(NamedTuple):
    """Which engine leads, `None` when none does."""

    lease: Lease | None


class Connected(NamedTuple):
    """The store answers (again)."""

    store_ts: int


class CopyRead(NamedTuple):
    """What this machine has kept of our streams, with its rows decoded; the store is not there."""

    kept: Kept
    events: Sequence[AnyEvent]


class Disconnected(NamedTuple):
    """The store does not answer."""

    reason: str


Input = (
    SnapshotRead
    | EventsRead
    | MarketRead
    | Watched
    | Clicked
    | Answered
    | Lost
    | EngineSeen
    | Connected
    | CopyRead
    | Disconnected
)

# -- outputs -------------------------------------------------------------------------------------


class Submit(NamedTuple):
    """Send this to the store."""

    submission: Submission


class Lookup(NamedTuple):
    """Ask the store what became of a command."""

    command_id: str


class Void(NamedTuple):
    """Claim a command's id so that it can never execute."""

    command_id: str


class ReadSnapshot(NamedTuple):
    """Read the newest snapshot of a scope."""

    scope: str


class ReadEvents(NamedTuple):
    """Read our streams on from here."""

    streams: Sequence[str]
    after_seq: int
    limit: int


class Watch(NamedTuple):
    """Read depth and bars of these symbols too, and of no others."""

    symbols: frozenset[str]


class Changed(NamedTuple):
    """What changed: orders and requests by id, quotes by symbol, and whether the rest did.

    A child's order has its parent beside it. `baskets` says that a basket or a group changed, and
    `market` are the watched symbols whose depth, prints or bars changed.
    `events` are those that were read while the session was live, in their order: the news.
    """

    orders: frozenset[str] = frozenset()
    alerts: bool = False
    reference: bool = False
    quotes: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    link: bool = False
    events: tuple[AnyEvent, ...] = ()
    market: frozenset[str] = frozenset()
    baskets: bool = False


class Halted(NamedTuple):
    """What was read contradicts what is known: trading stops on this desktop."""

    reason: str


Output = Submit | Lookup | Void | ReadSnapshot | ReadEvents | Watch | Changed | Halted


class Link(Enum):
    """How the desktop stands with its store."""

    STARTING = "starting"
    OFFLINE = "offline"  # a copy of our own is shown, and the store has not answered yet
    LIVE = "live"
    LOST = "lost"
    HALTED = "halted"


class Request:
    """A command on its way: what it asks, and how far it has come.

    Attributes:
        command: what was asked.
        status: SENDING, RECEIVED or UNKNOWN; DENIED when it was not taken; PENDING_NEW once
            events have settled it.
        text: why, in plain words, where there is something to say.
        asked_ts: the store's clock, as last seen, when it was asked.
        decided_ts: the store's clock when it said that it is settled, 0 before; what is read of
            the log after that has its events, if it had any.
    """

    __slots__ = ("asked_ts", "command", "decided_ts", "status", "text")

    def __init__(self, command: AnyCommand, asked_ts: int) -> None:
        self.command = command
        self.asked_ts = asked_ts
        self.decided_ts = 0
        self.status = next_status(OrderStatus.DRAFT, Trigger.SEND, OrderStatus.DRAFT, 0, 0)
        self.text = ""

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.status in (OrderStatus.SENDING, OrderStatus.RECEIVED, OrderStatus.UNKNOWN)

    def move(self, trigger: Trigger, text: str = "") -> None:
        """Go on by the order-state table; what the table does not have changes nothing."""
        try:
            self.status = next_status(self.status, trigger, self.status, 0, 0)
        except KeyError:
            return
        self.text = text


class SessionCore:
    """One person's session at one desk.

    Attributes:
        state: the `DeskState` that the log has built so far, at `seq`.
        link: how it stands with the store; `link_text` says why when it is not live.
        requests: commands whose outcome is not known yet, or that were refused, by id.
        engine: the lease of the engine that leads, as last seen.
        copy_ts: while offline, this machine's clock when the copy was last all there was.
        store_ts: the store's clock when it last answered.
        context: what a decision would see now, for previews.
        depths, tapes, bars: of watched symbols, as in `WatchedMarket`.
    """

    def __init__(self, login: str, desk: str) -> None:
        self.login = login
        self.desk = desk
        self.streams = (desk_stream(desk), FIRM_STREAM)
        self.state = DeskState()
        self.heads: dict[str, StreamHead] = {}
        self.seq = 0
        self.head_seq = 0
        self.link = Link.STARTING
        self.link_text = "Connecting."
        self.store_ts = 0
        self.feed_ts = 0
        self.quotes: dict[str, Quote] = {}
        self._watched = WatchedMarket()
        self.depths = self._watched.depths
        self.tapes = self._watched.tapes
        self.bars = self._watched.bars
        self.requests: dict[str, Request] = {}
        self.engine: Lease | None = None
        self.copy_ts = 0

    @property
    def watched(self) -> frozenset[str]:
        """The symbols whose depth, prints and bars are followed."""
        return self._watched.symbols

    @property
    def context(self) -> Context:
        return Context(ts=self.store_ts, quotes=self.quotes, feed_ts=self.feed_ts)

    def start(self) -> list[Output]:
        """Return what has to be read first."""
        return [ReadSnapshot(self.streams[0])]

    def step(self, given: Input) -> list[Output]:
        """Take one input and return what is to be done about it, in order."""
        if self.link is Link.HALTED:
            return []
        try:
            match given:
                case SnapshotRead():
                    return self._on_snapshot(given.snapshot)
                case EventsRead():
                    return self._on_events(given)
                case MarketRead():
                    return self._on_market(given)
                case Watched():
                    self._watched.watch(given.symbols)
                    return [Watch(given.symbols)]
                case Clicked():
                    return self._on_click(given.command)
                case Answered():
                    return self._on_answer(given.outcome, given.store_ts)
                case Lost():
                    return self._on_lost(given.command_ids)
                case EngineSeen():
                    return self._on_engine(given.lease)
                case Connected():
                    return self._on_connected(given.store_ts)
                case CopyRead():
                    return self._on_copy(given)
                case Disconnected():
                    return self._on_disconnected(given.reason)
        except BlotterError as error:
            return self._halt(str(error))

    def _halt(self, reason: str) -> list[Output]:
        self.link, self.link_text = Link.HALTED, reason
        return [Halted(reason), Changed(link=True)]

    # -- following -----------------------------------------------------------------------------

    def _on_snapshot(self, snapshot: StoredSnapshot | None) -> list[Output]:
        state = _usable(snapshot, self.seq)
        if snapshot is not None and state is not None:
            self.state, self.seq = state, snapshot.seq
            self.heads = {
                name: head for name, head in snapshot.heads.items() if name in self.streams
            }
        return [self._read_on(), Changed(reference=True)]

    def _on_copy(self, copy: CopyRead) -> list[Output]:
        """Show what was kept, for reading; what is wrong with it is as if there were none."""
        kept = copy.kept
        if self.link is not Link.STARTING or self.seq or kept.seq == 0:
            return []
        state = DeskState() if kept.snapshot is None else _usable(kept.snapshot, 0)
        if state is None:
            return []
        heads = dict(kept.snapshot.heads) if kept.snapshot is not None else {}
        try:
            check_chain(heads, kept.rows)
            for event in copy.events:
                evolve(state, event)
        except Exception:
            return []
        self.state, self.seq, self.store_ts = state, kept.seq, kept.store_ts
        self.heads = {name: head for name, head in heads.items() if name in self.streams}
        self.link, self.link_text, self.copy_ts = Link.OFFLINE, OFFLINE_TEXT, kept.saved_ts
        return [Changed(link=True, reference=True, alerts=True)]

    def _read_on(self) -> ReadEvents:
        return ReadEvents(self.streams, self.seq, READ_MAX)

    def _on_events(self, page: EventsRead) -> list[Output]:
        self.store_ts = max(self.store_ts, page.store_ts)
        if page.head_seq < self.head_seq or page.head_seq < self.seq:
            return self._halt(
                f"The store went back from event {max(self.head_seq, self.seq)} to "
                f"{page.head_seq}: something that was acknowledged may be gone. Stop trading and "
                "call operations."
            )
        self.head_seq = page.head_seq
        fresh = [at for at, row in enumerate(page.rows) if row.seq > self.seq]
        check_chain(self.heads, [page.rows[at] for at in fresh])
        changes = _Changes()
        for at in fresh:
            row = page.rows[at]
            self.seq = row.seq
            self._evolve(page.events[at])
            changes.note(page.events[at], self.state)
            if not self._is_behind:
                changes.events.append(page.events[at])
            self._settle(row, page.events[at], changes)
        if len(page.rows) == READ_MAX:
            return [changes.summary()]  # more is on its way
        if self._is_behind:
            self.link, self.link_text, self.copy_ts = Link.LIVE, "", 0
            changes.link = True
        for command_id, request in list(self.requests.items()):
            if 0 < request.decided_ts < page.store_ts:
                del self.requests[command_id]  # settled without an event of its own
                changes.requests.add(command_id)
        summary = changes.summary()
        return [*self._overdue(), *([summary] if summary != Changed() else [])]

    @property
    def _is_behind(self) -> bool:
        """Whether the log has not been read to its end yet: what it says is no news."""
        return self.link in (Link.STARTING, Link.OFFLINE)

    def _overdue(self) -> list[Output]:
        """An answer that has not come in time is not guessed: the store is asked."""
        late = [
            (key, request)
            for key, request in self.requests.items()
            if request.status in (OrderStatus.SENDING, OrderStatus.RECEIVED)
            and self.store_ts - request.asked_ts > ANSWER_WITHIN_NS
        ]
        outputs: list[Output] = []
        for command_id, request in late:
            request.asked_ts = self.store_ts
            request.move(Trigger.LOSE, "No answer in time. Its outcome is looked up.")
            outputs.append(Lookup(command_id))
        if late:
            outputs.append(Changed(requests=frozenset(key for key, _ in late)))
        return outputs

    def _on_engine(self, lease: Lease | None) -> list[Output]:
        changed = (lease is None) is not (self.engine is None) or (
            lease is not None and self.engine is not None and lease.epoch != self.engine.epoch
        )
        self.engine = lease
        return [Changed(link=True)] if changed else []

    def _evolve(self, event: AnyEvent) -> None:
        try:
            evolve(self.state, event)
        except Exception as error:
            raise BlotterError(
                f"Event {type(event).__name__} can't be applied ({type(error).__name__}: {error}). "
                "This desktop and the log contradict each other; install the same version."
            ) from error

    def _settle(self, row: StoredEvent, event: AnyEvent, changes: _Changes) -> None:
        """A request is settled by the first event that it caused."""
        request = self.requests.get(row.command_id)
        if request is None:
            return
        changes.requests.add(row.command_id)
        del self.requests[row.command_id]

    def _on_market(self, market: MarketRead) -> list[Output]:
        self.feed_ts = market.feed_ts
        self.quotes.update({quote.symbol: quote for quote in market.quotes})
        quotes = frozenset(quote.symbol for quote in market.quotes)
        watched = self._watched.take(market.depths, market.bars)
        return [Changed(quotes=quotes, market=watched)] if quotes or watched else []

    # -- asking --------------------------------------------------------------------------------

    def _on_click(self, command: AnyCommand) -> list[Output]:
        if command.id in self.requests:
            return []  # the same click twice
        self.requests[command.id] = Request(command, self.store_ts)
        return [Submit(submission_of(command)), Changed(requests=frozenset({command.id}))]

    def _on_answer(self, outcome: Outcome, store_ts: int) -> list[Output]:
        request = self.requests.get(outcome.command_id)
        if request is None:
            return []  # its events were here before the answer
        outputs: list[Output] = []
        match outcome.verdict:
            case Verdict.RECEIVED:
                request.move(Trigger.RECEIVE)
            case Verdict.DECIDED:
                request.move(Trigger.RECEIVE)
                request.decided_ts = max(store_ts, self.store_ts)
                outputs.append(self._read_on())
            case Verdict.NOT_SEEN:
                outputs += self._on_not_seen(request)
            case Verdict.VOIDED:
                request.move(
                    Trigger.DENY, "It was not sent, and now never will be. Enter it again."
                )
            case Verdict.STALE | Verdict.CONFLICT | Verdict.REFUSED:
                request.move(Trigger.DENY, outcome.text)
        return [*outputs, Changed(requests=frozenset({outcome.command_id}))]

    def _on_not_seen(self, request: Request) -> list[Output]:
        """After an outage cancels and kills go by themselves; whatever else never does."""
        command = request.command
        return [Submit(submission_of(command)) if goes_first(command) else Void(command.id)]

    def _on_lost(self, command_ids: Sequence[str]) -> list[Output]:
        for command_id in command_ids:
            request = self.requests.get(command_id)
            if request is not None:
                request.move(Trigger.LOSE, "The store did not answer. Its outcome is looked up.")
        return [Changed(requests=frozenset(command_ids))]

    # -- the link ------------------------------------------------------------------------------

    def _on_connected(self, store_ts: int) -> list[Output]:
        self.store_ts = max(self.store_ts, store_ts)
        lookups: list[Output] = [
            Lookup(command_id)
            for command_id, request in self.requests.items()
            if request.status is OrderStatus.UNKNOWN
        ]
        if self.link is not Link.LOST:
            return lookups
        self.link, self.link_text = Link.LIVE, ""
        return [self._read_on(), *lookups, Changed(link=True)]

    def _on_disconnected(self, reason: str) -> list[Output]:
        if self.link is Link.STARTING:
            self.link_text = reason
        elif self.link is Link.OFFLINE:
            return []
        else:
            self.link, self.link_text = Link.LOST, reason
        return [Changed(link=True)]

    def dismiss(self, command_id: str) -> None:
        """Let go of a refused request that its person has seen."""
        request = self.requests.get(command_id)
        if request is not None and not request.is_open:
            del self.requests[command_id]


class _Changes:
    """Collects what a page of events touched."""

    def __init__(self) -> None:
        self.orders: set[str] = set()
        self.requests: set[str] = set()
        self.alerts = self.reference = self.link = self.baskets = False
        self.events: list[AnyEvent] = []

    def note(self, event: AnyEvent, state: DeskState) -> None:
        order_id = getattr(event, "order_id", "")
        if order_id:
            self.orders.add(order_id)
            order = state.orders.get(order_id)
            if order is not None and order.parent_id:
                self.orders.add(order.parent_id)
        elif isinstance(event, BasketLoaded | WaveSent | GroupFormed):
            self.baskets = True
        elif type(event).__name__.startswith("Alert"):
            self.alerts = True
        else:
            self.reference = True

    def summary(self) -> Changed:
        return Changed(
            orders=frozenset(self.orders),
            alerts=self.alerts,
            reference=self.reference,
            requests=frozenset(self.requests),
            link=self.link,
            events=tuple(self.events),
            baskets=self.baskets,
        )


def _usable(snapshot: StoredSnapshot | None, after_seq: int) -> DeskState | None:
    """Return a snapshot's state if it is ahead of ours, of our version, whole, and what it says."""
    if snapshot is None or snapshot.version != STATE_VERSION or snapshot.seq <= after_seq:
        return None
    try:
        state = decode_state(snapshot.blob)
    except msgspec.DecodeError:
        return None  # the log is replayed instead
    return state if state_hash(state) == snapshot.state_hash else None


def submission_of(command: Command) -> Submission:
    """Return a command in the form in which the store takes it."""
    return Submission(
        command_id=command.id,
        author=command.author,
        desk=command.desk,
        kind=type(command).__name__,
        lane=0 if goes_first(command) else 1,
        seen_ts=getattr(command, "seen_ts", 0),
        body=encode_command(command),
    )


def decode_rows(rows: Sequence[StoredEvent]) -> list[AnyEvent]:
    """Decode a page; meant for the database thread, where it costs the window nothing."""
    return [decode_event(row.body) for row in rows]
