"""The protocols that adapters implement: Store, Venue, MarketFlow; and what crosses them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from app.core.context import Quote
from models.alerts import Alert
from models.commands import VenueReport
from models.errors import StoreDamaged
from models.executions import Execution
from models.market import Bar, Depth
from models.orders import Order, OrderTerms, Replacement

GENESIS_HASH = "0" * 64
FRESHNESS_LIMIT_NS = 5_000_000_000
LEASE_TTL_NS = 2_000_000_000
BODY_MAX = 1_000_000
FIRST_LANE, REST_LANE = 0, 1


# -- what desktops ask of the store --------------------------------------------------------------


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A command on its way into the store. `seen_ts` 0 means that no freshness is asked of it."""

    command_id: str
    author: str
    desk: str
    kind: str
    lane: int
    seen_ts: int
    body: bytes


class Verdict(StrEnum):
    """What the store knows of a command id."""

    NOT_SEEN = "not_seen"
    RECEIVED = "received"  # stored and waiting for the engine
    DECIDED = "decided"  # its events, if it had any, are in the log
    VOIDED = "voided"  # claimed so that it can never execute
    STALE = "stale"  # refused: its author had not seen the store for too long
    CONFLICT = "conflict"  # the id is another command's
    REFUSED = "refused"  # it can't be stored as it is


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The store's answer to a submit, lookup or void; `text` says why in words."""

    command_id: str
    verdict: Verdict
    text: str = ""


# -- the log -------------------------------------------------------------------------------------


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the log.

    `seq` counts all rows of the store and may have gaps for a follower of some streams;
    `stream_seq` counts its own stream without gaps; `hash` chains it to the row before it there.
    """

    seq: int
    stream: str
    stream_seq: int
    ts: int
    command_id: str
    kind: str
    body: bytes
    hash: str


class LogPage(msgspec.Struct, frozen=True, gc=False):
    """A page of the log, the store's clock from before it was read, and the last number from then.

    `head_seq` is never older than the page: one that is behind it means a store gone back.
    """

    store_ts: int
    rows: list[StoredEvent]
    head_seq: int


def chain_hash(before: str, stream: str, stream_seq: int, command_id: str, body: bytes) -> str:
    """Return the hash of a row: SHA-256 over the hash before it, its place, its cause and body."""
    head = f"{before}|{stream}|{stream_seq}|{command_id}|"
    return hashlib.sha256(head.encode() + body).hexdigest()


class StreamHead(msgspec.Struct, frozen=True, array_like=True):
    """Where a stream stands: its last number and hash."""

    stream_seq: int = 0
    hash: str = GENESIS_HASH


def check_chain(heads: dict[str, StreamHead], events: Sequence[StoredEvent]) -> None:
    """Raise `StoreDamaged` unless `events` carry numbers and chains on; moves `heads`."""
    moved: dict[str, tuple[int, str]] = {}
    for event in events:
        stream = event.stream
        at = moved.get(stream)
        if at is None:
            head = heads.get(stream) or StreamHead()
            at = (head.stream_seq, head.hash)
        stream_seq = at[0] + 1
        if event.stream_seq != stream_seq:
            raise StoreDamaged(
                f"Stream {stream} goes from {at[0]} to {event.stream_seq} at event "
                f"{event.seq}: something is missing. Stop trading and verify the store."
            )
        expected = chain_hash(at[1], stream, stream_seq, event.command_id, event.body)
        if event.hash != expected:
            raise StoreDamaged(
                f"The hash chain of stream {stream} breaks at event {event.seq}: it was "
                "changed after it was written. Stop trading and verify the store."
            )
        moved[stream] = (stream_seq, expected)
    for stream, (stream_seq, digest) in moved.items():
        heads[stream] = StreamHead(stream_seq, digest)


class ReadRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of the read tables as they are after a batch, one for each thing that it touched."""

    orders: tuple[Order, ...] = ()
    executions: tuple[Execution, ...] = ()
    busted: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()


class PendingCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A stored command that is still to be decided; `arrival` orders it within its lane."""

    arrival: int
    lane: int
    command_id: str
    body: bytes


class AppendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One batch: events after `expected_seq`, the commands it settles, the read rows it changes."""

    epoch: int
    expected_seq: int
    events: tuple[StoredEvent, ...]
    settles: tuple[PendingCommand, ...]
    rows: ReadRows


class AppendStatus(StrEnum):
    """What became of an append."""

    APPENDED = "appended"
    ALREADY = "already"  # the same bytes were there: an answer had been lost
    FENCED = "fenced"  # another engine leads, or log or commands are not what we thought
    EXPIRED = "expired"  # our lease ran out and nobody has taken it; renew and send again


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to append: one holder a store, until `expires_ts` of the store's clock."""

    epoch: int
    holder: str
    expires_ts: int


class StoredSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A `DeskState` after `seq`, as the followers of `scope` build it, with their stream heads."""

    scope: str
    seq: int
    version: int
    state_hash: str
    heads: dict[str, StreamHead]
    blob: bytes


class StoredCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where the log stood: `body` as it was signed, and its signature in hexadecimal."""

    number: int
    seq: int
    body: str
    signature: str


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks a second person for: a command's very bytes, and what became of it."""

    approval_id: str
    kind: str
    desk: str
    maker: str
    body: str
    body_hash: str
    requested_ts: int
    expires_ts: int
    checker: str = ""
    refused_by: str = ""
    used_ts: int = 0


class ApprovalDesk(Protocol):
    """Where people ask each other for approval. Raises `StoreRefused` for whom it is not."""

    def whoami(self) -> tuple[str, str]:
        """Return the login of this connection, and its desks between spaces."""
        ...

    def request(self, submission: Submission) -> str:
        """Ask for a command to be approved, and return the request's id."""
        ...

    def waiting(self) -> list[Approval]:
        """Return the requests of one's desks that wait for an answer, oldest first."""
        ...

    def get(self, approval_id: str) -> Approval: ...

    def approve(self, approval_id: str, body_hash: str) -> None:
        """Approve the bytes with this hash, and so enter their command."""
        ...

    def refuse(self, approval_id: str) -> None:
        """Refuse a request, or take one's own back."""
        ...


WHOLE_STORE = "*"


class StoreHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What a person should know of the store they are on.

    `login` is who has to sign the commands of this connection, empty where the store does not ask;
    `reads_all` whether it is shown every stream, and not its desks' alone.
    """

    kind: str
    where: str
    enforces: bool
    notes: tuple[str, ...] = ()
    login: str = ""
    reads_all: bool = True


class Store(Protocol):
    """The shared store. An instance belongs to one thread.

    Every call raises `StoreUnavailable` when the store does not answer: the outcome of a write is
    then unknown, and the same bytes may be sent again.
    """

    def health(self) -> StoreHealth: ...

    def now(self) -> int:
        """Return the store's clock, nanoseconds UTC."""
        ...

    def close(self) -> None: ...

    def on_commands(self, wake: Callable[[], None]) -> None:
        """Call `wake` (from any thread, coalesced) when commands may have arrived."""
        ...

    def on_events(self, wake: Callable[[], None]) -> None:
        """Call `wake` (from any thread, coalesced) when events or quotes may have arrived."""
        ...

    # desktops
    def submit(self, submission: Submission) -> Outcome:
        """Store a command once: the same id and body again answers what is known of it."""
        ...

    def submit_many(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Store several in one transaction, in order; each gets its own outcome."""
        ...

    def lookup(self, command_id: str) -> Outcome: ...

    def void(self, command_id: str, author: str) -> Outcome:
        """Claim an id that the store has not seen, so that a straggler can never execute."""
        ...

    def read(self, streams: Sequence[str] | None, after_seq: int, limit: int) -> list[StoredEvent]:
        """Return up to `limit` rows of `streams` (`None`: all) after `after_seq`, in order."""
        ...

    def head_seq(self) -> int: ...

    def read_page(self, streams: Sequence[str], after_seq: int, limit: int) -> LogPage:
        """Return what a follower needs at each look: a page as `read` gives it, and where it is."""
        ...

    def seq_before(self, ts: int) -> int:
        """Return the number of the last row older than `ts`, 0 when none is.

        Found by halving, as numbers grow with time; a clock that was put back leaves it as far
        off as it was put back.
        """
        ...

    def order_events(
        self, order_id: str, stream: str, after_seq: int, until_seq: int
    ) -> list[StoredEvent]:
        """Return what `stream` says of an order from after `after_seq` up to `until_seq`, in order.

        Its alerts and refused reports too. No index serves it, so that appends stay as fast as
        they are: keep the span short.
        """
        ...

    def latest_snapshot(self, scope: str, version: int) -> StoredSnapshot | None: ...

    def read_market(self, after_ts: int) -> tuple[int, list[Quote]]:
        """Return the feed's last sign of life and the quotes that changed after `after_ts`."""
        ...

    def read_depth(self, symbols: Sequence[str]) -> list[Depth]:
        """Return the depth of those of `symbols` that have one; it changes only with the quote."""
        ...

    def read_bars(self, after: Mapping[str, int]) -> list[Bar]:
        """Return the bars of each symbol that start at or after its time, oldest first."""
        ...

    # audit
    def store_id(self) -> str:
        """Return which store this is; a copy that was restored elsewhere has the same."""
        ...

    def checkpoints(self) -> list[StoredCheckpoint]:
        """Return the signed checkpoints by number; none to who may not see them."""
        ...

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> bool:
        """Append a checkpoint; `False` when its number is not the next, or its row not there."""
        ...

    # the engine
    def leader(self) -> Lease | None:
        """Return the lease that is in force, `None` when none is."""
        ...

    def acquire_lease(self, holder: str, ttl_ns: int) -> Lease | None:
        """Take the lease when nobody holds it; the epoch grows by one."""
        ...

    def renew_lease(self, lease: Lease, ttl_ns: int) -> Lease | None:
        """Prolong our lease; `None` when another engine has taken it since."""
        ...

    def release_lease(self, lease: Lease) -> None: ...

    def pending(self, limit: int) -> list[PendingCommand]:
        """Return commands to decide: cancels and kills first, each lane in order of arrival."""
        ...

    def asks_four_eyes(self) -> bool:
        """Whether some commands need a second person's approval here."""
        ...

    def use_approval(
        self, lease: Lease, command_id: str, kind: str, author: str, body: bytes
    ) -> str | None:
        """Spend the approval of these bytes on a command: who gave it, `None` when nobody has."""
        ...

    def append(self, request: AppendRequest) -> AppendStatus: ...

    def save_snapshot(self, snapshot: StoredSnapshot) -> None:
        """Keep a snapshot, unless the log does not hold the event that it ends with.

        An engine that slept through the store's going back must not leave what can't be led from.
        """
        ...

    def publish_market(
        self,
        ts: int,
        quotes: Sequence[Quote],
        depths: Sequence[Depth] = (),
        bars: Sequence[Bar] = (),
    ) -> None:
        """Publish the feed's sign of life and what changed, in one transaction.

        Quotes and depth replace their symbol's, a bar the one of its start; a symbol's bars that
        began `BARS_KEPT_NS` before a new one go. All of it may be lost when the machine fails.
        """
        ...


# -- venues --------------------------------------------------------------------------------------


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order for a venue; after a restart the same one comes again, with what it has done.

    `owner` is the beneficial owner, whose orders must not trade with each other; `lot` and `tick`
    are the instrument's, for what the venue itself sizes and prices.
    """

    cl_ord_id: str
    terms: OrderTerms
    cum_qty: int = 0
    triggered: bool = False
    owner: str = ""
    lot: int = 1
    tick: int = 1


class ReplaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A replace: `orig_cl_ord_id` becomes `cl_ord_id` with these terms."""

    cl_ord_id: str
    orig_cl_ord_id: str
    replacement: Replacement


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A cancel of what the venue knows as `cl_ord_id`."""

    cl_ord_id: str


class StartSession(msgspec.Struct, frozen=True, kw_only=True):
    """The desk's day begins: orders whose last day was before `day` are gone."""

    day: str


class EndSession(msgspec.Struct, frozen=True, kw_only=True):
    """The desk's day is over: orders that do not outlive `day` are gone."""

    day: str


VenueMessage = NewOrder | ReplaceOrder | CancelRequest | StartSession | EndSession


class MarketUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What changed at a venue since it was last asked; `feed_ts` is its last sign of life.

    A symbol with a depth here has a quote here too. `bars` hold the growing ones as they are now.
    `feed` is the name of the feed that this comes from.
    """

    feed_ts: int
    quotes: Sequence[Quote] = ()
    depths: Sequence[Depth] = ()
    bars: Sequence[Bar] = ()
    feed: str = ""


class Venue(Protocol):
    """A place that orders go to. Its reports may be late, twice or out of order.

    Attributes:
        cancel_on_disconnect: what it does with working orders when the session ends, in words.
    """

    cancel_on_disconnect: str

    def send(self, messages: Sequence[VenueMessage], ts: int) -> list[VenueReport]:
        """Take messages in order and return what is to be said at once."""
        ...

    def restore(self, orders: Sequence[NewOrder], ts: int) -> list[VenueReport]:
        """Take working orders again, in their time priority, under their client order ids."""
        ...

    def advance(self, ts: int) -> list[VenueReport]:
        """Let time pass until `ts` and return what happened meanwhile."""
        ...

    def market(self) -> MarketUpdate:
        """Return what there is to publish since the last call."""
        ...


class MarketAction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that somebody else does in a simulated or recorded market.

    `kind` is limit, market, cancel, reduce, execute (a recorded execution of a resting order), halt
    or resume (of all trading in the name); `priority` ranks a limit in its level, `None` sends it
    to the back.
    """

    kind: str
    symbol: str
    order_id: str
    is_buy: bool = True
    price: int = 0
    qty: int = 0
    priority: int | None = None


class Heartbeat(NamedTuple):
    """What tells a dead feed from a quiet name: the feed's name and its last sign of life."""

    feed: str
    ts: int


class MarketFlow(Protocol):
    """The other side of a simulated venue: what the rest of the market does."""

    def actions(self, ts: int, last_px: Callable[[str], int]) -> Sequence[MarketAction]:
        """Return what happens until `ts`, in order."""
        ...

    def heartbeat(self, ts: int) -> Heartbeat:
        """Return the feed's last sign of life as of `ts`: `ts` itself while the feed lives."""
        ...

    def past(self) -> Sequence[Bar]:
        """Return, once, what traded before the market opened in names that have opened since."""
        ...
