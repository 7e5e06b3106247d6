"""Runs an `EngineCore` against a store and venues: the loop around the state machine."""

from __future__ import annotations

import gc
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from app.core.context import FEED_TIMEOUT_NS, Quote
from app.core.desk_state import STATE_VERSION, state_hash
from app.engine.kill import KillRecorded
from app.engine.kill_file import KillFile
from app.engine.step import (
    AcquireLease,
    Append,
    AppendAnswered,
    CommandsRead,
    EngineCore,
    EventsRead,
    Input,
    LeaseAnswered,
    MarketSeen,
    Output,
    Phase,
    ReadCommands,
    ReadEvents,
    ReadSnapshot,
    RenewLease,
    Reported,
    RestoreVenues,
    SaveSnapshot,
    SendToVenues,
    Shutdown,
    SnapshotRead,
    Stop,
    Tick,
)
from app.ports import (
    LEASE_TTL_NS,
    WHOLE_STORE,
    AppendRequest,
    AppendStatus,
    Lease,
    MarketUpdate,
    PendingCommand,
    Store,
    StreamHead,
    Venue,
)
from models.commands import (
    AdoptRuleBook,
    Command,
    RestrictSymbol,
    decode_command,
    needs_second_person,
)
from models.errors import BlotterError, StoreDamaged, StoreUnavailable
from models.events import DayEnded

TICK_S = 0.25
MARKET_S = 0.1
KILL_POLL_S = 0.1
# The state only grows and holds no cycles: collecting it often finds nothing and costs pauses of
# tens of milliseconds.
GC_THRESHOLD: Final = (50_000, 50, 100)
_RETRY_S = 0.1
_RESTORED_AT_ONCE = 500  # orders; thousands take longer than a lease lasts
_MAY_NEED = (AdoptRuleBook.__name__.encode(), RestrictSymbol.__name__.encode())


# Signs where the log stands: its last event, its streams' heads, the state's hash.
SignCheckpoint = Callable[[int, Mapping[str, StreamHead], str], object]

_T = TypeVar("_T")


class Log(Protocol):
    """What the runner needs of a structured logger."""

    def info(self, event: str, **fields: object) -> object: ...

    def warning(self, event: str, **fields: object) -> object: ...

    def error(self, event: str, **fields: object) -> object: ...


class EngineRunner:
    """One engine in one thread, and one that looks for a kill.

    `today` gives the date of the desk's calendar at a time of the store's clock; `market_s` is how
    often the venue's time moves and quotes are published; `sign` is called when a day has ended.
    `run` returns why the engine ended.

    Everything here is done under one lock, which is let go only while the store is called, or
    nothing is to do: a store that never answers must not keep a kill from the venues.
    """

    def __init__(
        self,
        store: Store,
        venue: Venue,
        holder: str,
        today: Callable[[int], str],
        log: Log,
        *,
        core: EngineCore | None = None,
        market_s: float = MARKET_S,
        sign: SignCheckpoint | None = None,
        kill_file: KillFile | None = None,
    ) -> None:
        self.core = core or EngineCore(frozenset({"SIM"}))
        self._store = store
        self._venue = venue
        self._holder = holder
        self._today = today
        self._log = log
        self._market_s = market_s
        self._asks_four_eyes = False
        self._sign = sign
        self._unsigned: tuple[int, Mapping[str, StreamHead], str] | None = None
        self._kill_file = kill_file
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop_asked = threading.Event()
        self._inputs: deque[Input] = deque()
        self._ended: Stop | None = None
        self._last_ts = 0
        self._feed_is_dead = False
        self._is_restoring = True
        self._next_tick = self._next_market = 0.0
        self._handlers: dict[type, Callable[..., None]] = {
            AcquireLease: self._acquire_lease,
            RenewLease: self._renew_lease,
            ReadSnapshot: self._read_snapshot,
            ReadEvents: self._read_events,
            ReadCommands: self._read_commands,
            Append: self._append,
            RestoreVenues: self._restore_venues,
            SendToVenues: self._send_to_venues,
            SaveSnapshot: self._save_snapshot,
            KillRecorded: self._kill_recorded,
            Stop: self._end,
        }

    def stop(self) -> None:
        """Ask the engine to end; may be called from any thread."""
        self._stop_asked.set()
        self._wake.set()

    def run(self) -> Stop:
        """Run until the engine ends, and say why."""
        gc.set_threshold(*GC_THRESHOLD)
        self._store.on_commands(self._wake.set)
        if self._kill_file is not None:
            threading.Thread(target=self._watch_for_kill, name="kill", daemon=True).start()
        with self._lock:
            while self._ended is None:
                self._turn()
            self._sign_when_due()
        return self._ended

    def _turn(self) -> None:
        woken = self._wake.is_set()
        self._wake.clear()
        if self._stop_asked.is_set():
            self._feed(Shutdown())
        if woken or time.monotonic() >= self._next_tick:
            self._feed(self._tick())
        self._sign_when_due()
        self._move_market_when_due()
        self._feed_on()
        leads = self.core.phase is Phase.LEADING
        due = min(self._next_tick, self._next_market) if leads else self._next_tick
        self._aside(self._wake.wait, max(0.0, due - time.monotonic()))

    def _aside(self, call: Callable[..., _T], *values: object) -> _T:
        """Call the store, or wait, without the lock: it may take for ever, and a kill may not."""
        self._lock.release()
        try:
            return call(*values)
        finally:
            self._lock.acquire()

    # -- a kill --------------------------------------------------------------------------------

    def _watch_for_kill(self) -> None:
        while self._ended is None:
            with self._lock:
                self._kill_if_asked()
            time.sleep(KILL_POLL_S)

    def _kill_if_asked(self) -> None:
        """Halt and cancel at the venues when the kill file is there, whatever the store does."""
        if self._kill_file is None or self._is_restoring or self.core.is_killed:
            return
        kill = self._kill_file.asked()
        if kill is None:
            return
        for output in self.core.step(kill):
            if isinstance(output, SendToVenues):
                reports = self._venue.send(output.messages, self._last_ts)
                self._inputs.append(Reported(reports))
                self._log.error("killed", cancels=len(output.messages), note=kill.note)
                self._kill_file.answer(kill.kill_id, len(output.messages), recorded=False)
                self._wake.set()

    def _kill_recorded(self, output: KillRecorded) -> None:
        self._log.warning("kill_recorded", kill=output.kill_id, seq=self.core.seq)
        if self._kill_file is not None:
            self._kill_file.recorded(output.kill_id)

    # -- what the engine wants -----------------------------------------------------------------

    def _tick(self) -> Tick:
        self._next_tick = time.monotonic() + TICK_S
        ts = self._now()
        return Tick(ts, self._today(ts))

    def _now(self) -> int:
        """Return the store's clock; while it does not answer, the last time it told."""
        try:
            self._last_ts = self._aside(self._store.now)
        except StoreUnavailable as error:
            self._log.warning("clock_unavailable", error=str(error))
        return self._last_ts

    def _feed(self, given: Input) -> None:
        """Step, carry out what the engine wants, and feed it the answers until it is content.

        Under load that takes long, so the lease is renewed and the market moves on meanwhile.
        """
        self._inputs.append(given)
        self._feed_on()

    def _feed_on(self) -> None:
        while self._inputs and self._ended is None:
            for output in self.core.step(self._inputs.popleft()):
                self._do(output)
            if time.monotonic() >= self._next_tick:
                self._inputs.append(self._tick())
                self._move_market_when_due()

    def _do(self, output: Output) -> None:
        while True:
            try:
                return self._handlers[type(output)](output)
            except StoreUnavailable as error:
                action = type(output).__name__
                self._log.warning("store_unavailable", action=action, error=str(error))
            self._aside(time.sleep, _RETRY_S)
            unanswered = self._unanswered(output)
            if unanswered is not None:
                self._inputs.append(unanswered)
            if self._stop_asked.is_set():
                self._inputs.appendleft(Shutdown())
                return
            if unanswered is not None or isinstance(output, SaveSnapshot | Stop):
                return

    @staticmethod
    def _unanswered(output: Output) -> Input | None:
        """Return what the core is told when the store did not answer; `None`: do it again."""
        match output:
            case Append():
                return AppendAnswered(None)
            case ReadCommands():
                return CommandsRead(())
            case AcquireLease():
                return LeaseAnswered(None)
            case RenewLease():
                return LeaseAnswered(output.lease)  # as it was; it is asked for again
        return None

    def _acquire_lease(self, output: AcquireLease) -> None:
        lease = self._aside(self._store.acquire_lease, self._holder, LEASE_TTL_NS)
        if lease is not None:
            self._asks_four_eyes = self._aside(self._store.asks_four_eyes)
            self._log.info("lease_taken", epoch=lease.epoch, holder=self._holder)
        self._inputs.append(LeaseAnswered(lease))

    def _renew_lease(self, output: RenewLease) -> None:
        lease = self._aside(self._store.renew_lease, output.lease, LEASE_TTL_NS)
        self._inputs.append(LeaseAnswered(lease))

    def _read_snapshot(self, output: ReadSnapshot) -> None:
        snapshot = self._aside(self._store.latest_snapshot, WHOLE_STORE, STATE_VERSION)
        self._inputs.append(SnapshotRead(snapshot))

    def _read_events(self, output: ReadEvents) -> None:
        # A long log must not cost the lease: renewal is asked for between the pages.
        events = self._aside(self._store.read, None, output.after_seq, output.limit)
        self._inputs.append(self._tick())
        self._inputs.append(EventsRead(events))
        self._is_restoring = True  # until venues have the orders, a kill has nothing to cancel

    def _read_commands(self, output: ReadCommands) -> None:
        commands = self._aside(self._store.pending, output.limit)
        self._inputs.append(CommandsRead(commands, self._approvals(commands)))

    def _approvals(self, commands: Sequence[PendingCommand]) -> dict[str, str] | None:
        """Spend what was approved on these commands, and say by whom."""
        if not self._asks_four_eyes:
            return None
        given: dict[str, str] = {}
        for pending in commands:
            command = _in_need(pending.body)
            if command is None or self.core.lease is None:
                continue
            checker = self._aside(
                self._store.use_approval,
                self.core.lease,
                pending.command_id,
                type(command).__name__,
                command.author,
                pending.body,
            )
            if checker:
                given[command.id] = checker
        return given

    def _append(self, output: Append) -> None:
        status = self._aside(self._store.append, output.request)
        if status is AppendStatus.FENCED:
            self._check_regression(output.request.expected_seq)
        if status in (AppendStatus.APPENDED, AppendStatus.ALREADY):
            self._note_day_end(output.request)
        self._inputs.append(AppendAnswered(status))

    def _check_regression(self, left_at_seq: int) -> None:
        """Tell a store that has lost commits from another engine, which only adds to the log."""
        head_seq = self._aside(self._store.head_seq)
        if head_seq < left_at_seq:
            raise StoreDamaged(
                f"The store went back from event {left_at_seq} to {head_seq}: something that was "
                "acknowledged may be gone. Verify the store before anybody trades."
            )

    def _note_day_end(self, request: AppendRequest) -> None:
        """Keep where the log stands when a day has ended: nothing is decided until we answer."""
        if self._sign is not None and any(e.kind == DayEnded.__name__ for e in request.events):
            core = self.core
            self._unsigned = core.seq, dict(core.heads), state_hash(core.state)

    def _sign_when_due(self) -> None:
        """Sign a day's end, again while the store is silent. What can't be signed stops no desk."""
        if self._unsigned is None or self._sign is None:
            return
        try:
            self._aside(self._sign, *self._unsigned)
            self._log.info("checkpoint_signed", seq=self._unsigned[0])
        except StoreUnavailable as error:
            self._log.warning("checkpoint_waits", error=str(error))
            return
        except BlotterError as error:
            self._log.error("checkpoint_not_signed", error=str(error))
        self._unsigned = None

    def _restore_venues(self, output: RestoreVenues) -> None:
        ts = self._last_ts
        self._inputs.append(Reported(self._venue.advance(ts)))
        for start in range(0, len(output.orders), _RESTORED_AT_ONCE):
            some = output.orders[start : start + _RESTORED_AT_ONCE]
            self._inputs.append(Reported(self._venue.restore(some, ts)))
            self._keep_lease()
            if self._ended is not None:
                return  # another engine has taken over meanwhile
        self._is_restoring = False
        self._kill_if_asked()
        requests = self.core.passing(output.requests, again=True)
        self._inputs.append(Reported(self._venue.send(requests, ts)))
        self._publish()  # an order is judged on quotes, so they come before any command
        self._log.info("leading", orders=len(output.orders), seq=self.core.seq)

    def _keep_lease(self) -> None:
        """Prolong the lease in the midst of long work, before it is due by the core's own clock."""
        lease, now = self.core.lease, self._now()
        if lease is not None and lease.expires_ts - now < LEASE_TTL_NS * 2 // 3:
            self._feed_lease(self._aside(self._store.renew_lease, lease, LEASE_TTL_NS))

    def _feed_lease(self, lease: Lease | None) -> None:
        """Let the core know at once: what comes next may depend on it."""
        for output in self.core.step(LeaseAnswered(lease)):
            self._do(output)

    def _send_to_venues(self, output: SendToVenues) -> None:
        ts = self._now()
        # A kill may have come since these were put out.
        messages = self.core.passing(output.messages)
        self._inputs.append(Reported(self._venue.send(messages, ts)))

    def _save_snapshot(self, output: SaveSnapshot) -> None:
        self._aside(self._store.save_snapshot, output.snapshot)

    def _end(self, output: Stop) -> None:
        self._ended = output
        log = self._log.error if output.fault else self._log.info
        log("engine_ended", reason=output.reason)
        if output.release is not None:
            self._aside(self._store.release_lease, output.release)

    def _move_market_when_due(self) -> None:
        if self.core.phase is not Phase.LEADING or time.monotonic() < self._next_market:
            return
        self._next_market = time.monotonic() + self._market_s
        ts = self._now()
        reports = Reported(self._venue.advance(ts))
        self._inputs.append(reports)  # at once: what a kill brings about comes after it
        self._publish()

    def _publish(self) -> None:
        seen = self._venue.market()
        self._watch_feed(seen)
        self._inputs.append(MarketSeen(seen.feed_ts, seen.quotes))
        try:
            self._aside(
                self._store.publish_market, seen.feed_ts, seen.quotes, seen.depths, seen.bars
            )
        except StoreUnavailable as error:  # it is conflated: what comes next replaces this
            self._log.warning("market_not_published", error=str(error))

    def _watch_feed(self, seen: MarketUpdate) -> None:
        """Log when the feed dies and when it is back: from then on orders are refused, or not."""
        is_dead = self._last_ts - seen.feed_ts > FEED_TIMEOUT_NS
        if is_dead is self._feed_is_dead:
            return
        self._feed_is_dead = is_dead
        log = self._log.warning if is_dead else self._log.info
        log("feed_dead" if is_dead else "feed_alive", feed=seen.feed, since_ts=seen.feed_ts)


def _in_need(body: bytes) -> Command | None:
    """Return the command in `body` if a second person has to approve it."""
    if not any(kind in body for kind in _MAY_NEED):
        return None  # what most are, told without reading it
    try:
        command = decode_command(body)
    except (ValueError, RecursionError):
        return None
    return command if needs_second_person(command) else None


def quotes_by_symbol(quotes: Sequence[Quote]) -> dict[str, int]:
    """Return the last price of each symbol that has one, for a market to go on from."""
    return {quote.symbol: quote.last or quote.mid for quote in quotes if quote.last or quote.mid}
