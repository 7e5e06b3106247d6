"""An engine's machine: the real engine core, carried out as `app.engine.process` ought to do it.

Where the store does not answer, the core is told so whatever it had asked for; nothing that
leaves for a venue is dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from app.core.desk_state import STATE_VERSION
from app.engine import step
from app.engine.kill import KillRecorded, LocalKill
from app.engine.process import MARKET_S, TICK_S
from app.engine.step import EngineCore, Phase
from app.ports import LEASE_TTL_NS, WHOLE_STORE, Venue, VenueMessage
from app.simulation.auditor import Auditor
from app.simulation.faults import MS, Dice, S
from app.simulation.network import Network
from app.simulation.world import Call, Crash, Process, Script, Wait, World
from models.errors import BlotterError, StoreUnavailable

TICK_NS = int(TICK_S * S)
MARKET_NS = int(MARKET_S * S) * 3  # the market is slower than the real one, to spare time
_RETRY_NS = 100 * MS

MakeVenue = Callable[["Engine"], Venue]


class Engine:
    """One machine that keeps an engine running.

    Attributes:
        core: the engine, a new one after each end.
        venue: its venue, a new one after each end.
        holder: how this incarnation signs the lease.
        kill_asked: what lies in the machine's kill file, `None` when there is none.
    """

    core: EngineCore
    venue: Venue

    def __init__(
        self,
        world: World,
        network: Network,
        auditor: Auditor,
        name: str,
        make_venue: MakeVenue,
        today: Callable[[int, int], str],
    ) -> None:
        self.name = name
        self.incarnation = 0
        self.clock_offset_ns = 0
        self.kill_asked: LocalKill | None = None
        self._world, self._network, self._auditor = world, network, auditor
        self._dice: Dice = world.dice
        self._make_venue, self._today = make_venue, today
        self._process: Process | None = None
        self.start()

    # -- life --------------------------------------------------------------------------------

    @property
    def holder(self) -> str:
        return f"{self.name}:{self.incarnation}"

    @property
    def leads(self) -> bool:
        """Whether it believes that it leads."""
        return self._process is not None and self.core.phase is Phase.LEADING

    def start(self) -> None:
        """Start the program, with nothing kept from before."""
        if self._process is not None:
            return
        self.incarnation += 1
        self.core = EngineCore(frozenset({"SIM"}))
        self.venue = self._make_venue(self)
        self._inputs: deque[step.Input] = deque()
        self._is_over = self._stop_asked = False
        self._is_restoring = True
        self._next_tick = self._next_market = self._last_ts = 0
        self._process = Process(self._world, self._run(), self._network.carry, self._ended)

    def crash(self) -> None:
        """End without a word, and start again later."""
        if self._process is not None:
            self._process.kill()
            self._start_again()

    def freeze(self, duration_ns: int) -> None:
        """Stand still, as a machine does that swaps or migrates; the lease runs out meanwhile."""
        if self._process is not None:
            self._process.freeze(duration_ns)

    def stop(self) -> None:
        """Ask it to end, as an upgrade does."""
        if self._process is not None:
            self._stop_asked = True
            self._process.wake()

    def kill(self, kill: LocalKill) -> None:
        """Put a kill file there; the thread that looks for it needs no store."""
        self.kill_asked = self.kill_asked or kill
        self._kill_if_asked()

    def _kill_if_asked(self) -> None:
        if self.kill_asked is None or self._process is None or self._process.is_frozen:
            return
        if self._is_restoring or self.core.is_killed:
            return
        for output in self.core.step(self.kill_asked):
            if isinstance(output, step.SendToVenues):
                self._inputs.append(step.Reported(self.venue.send(output.messages, self._last_ts)))
                self._auditor.killed(self.holder)
        self._process.wake()

    def hint(self) -> None:
        """Commands may have arrived."""
        if self._process is not None:
            self._process.wake()

    def _ended(self, error: Exception | None) -> None:
        if isinstance(error, BlotterError) and self._auditor.forgotten is not None:
            self._auditor.counts["engine_refused"] += 1  # what it knows is not in the log any more
        elif error is not None and not isinstance(error, Crash):
            self._auditor.note(f"Engine {self.holder} died: {error!r}")
        self._start_again()

    def _start_again(self) -> None:
        self._process = None
        self._world.after(self._dice.between(100 * MS, 3 * S), self.start)

    # -- the loop around the core ------------------------------------------------------------

    def _run(self) -> Script:
        woken = False
        while not self._is_over:
            if self._stop_asked:
                yield from self._feed(step.Shutdown())
            if woken or self._world.now >= self._next_tick:
                yield from self._tick()
            yield from self._move_market_when_due()
            self._kill_if_asked()
            yield from self._feed_on()
            leads = self.core.phase is Phase.LEADING
            due = min(self._next_tick, self._next_market) if leads else self._next_tick
            woken = yield Wait(max(0, due - self._world.now))

    def _tick(self) -> Script:
        """Tell the core the time; when the store does not say it, the next tick will."""
        yield from self._tell_the_time()
        yield from self._feed_on()

    def _tell_the_time(self) -> Script:
        self._next_tick = self._world.now + TICK_NS
        try:
            self._last_ts = yield Call("now")
        except StoreUnavailable:
            return
        self._inputs.append(self._tick_at(self._last_ts))

    def _tick_at(self, ts: int) -> step.Tick:
        return step.Tick(ts, self._today(ts, self.clock_offset_ns))

    def _feed(self, given: step.Input) -> Script:
        """Step, carry out, and feed the answers until the core is content."""
        self._inputs.append(given)
        yield from self._feed_on()

    def _feed_on(self) -> Script:
        while self._inputs and not self._is_over:
            for output in self.core.step(self._inputs.popleft()):
                yield from self._do(output)
            if self._world.now >= self._next_tick:
                yield from self._tell_the_time()
                yield from self._move_market_when_due()

    def _do(self, output: step.Output) -> Script:
        while True:
            try:
                yield from self._carry_out(output)
                return
            except StoreUnavailable:
                yield Wait(_RETRY_NS, wakes=False)
                unanswered = self._unanswered(output)
                if unanswered is not None:
                    self._inputs.append(unanswered)
                    return
                if isinstance(output, step.SaveSnapshot | step.Stop):
                    return

    def _unanswered(self, output: step.Output) -> step.Input | None:
        """Return what the core is told when the store did not answer; `None`: do it again."""
        match output:
            case step.Append():
                return step.AppendAnswered(None)
            case step.ReadCommands():
                return step.CommandsRead(())
            case step.AcquireLease():
                return step.LeaseAnswered(None)
            case step.RenewLease():
                return step.LeaseAnswered(output.lease)  # ours until somebody says otherwise
        return None

    def _carry_out(self, output: step.Output) -> Script:
        feed = self._inputs.append
        match output:
            case step.AcquireLease():
                feed(step.LeaseAnswered((yield Call("acquire_lease", (self.holder, LEASE_TTL_NS)))))
            case step.RenewLease():
                feed(step.LeaseAnswered((yield Call("renew_lease", (output.lease, LEASE_TTL_NS)))))
            case step.ReadSnapshot():
                snapshot = yield Call("latest_snapshot", (WHOLE_STORE, STATE_VERSION))
                feed(step.SnapshotRead(snapshot))
            case step.ReadEvents():
                events = yield Call("read", (None, output.after_seq, output.limit))
                feed(self._tick_at((yield Call("now"))))
                feed(step.EventsRead(events))
            case step.ReadCommands():
                feed(step.CommandsRead((yield Call("pending", (output.limit,)))))
            case step.Append():
                feed(step.AppendAnswered((yield Call("append", (output.request,)))))
            case step.RestoreVenues():
                yield from self._restore(output)
            case step.SendToVenues():
                yield from self._hazard()
                ts: int = yield Call("now")
                self._send(output.messages, ts)
            case KillRecorded():
                self._auditor.kill_recorded(self.holder)
                if self.kill_asked is not None and self.kill_asked.kill_id == output.kill_id:
                    self.kill_asked = None
            case step.SaveSnapshot():
                yield Call("save_snapshot", (output.snapshot,))
            case step.Stop():
                yield from self._end(output)

    def _restore(self, output: step.RestoreVenues) -> Script:
        yield from self._hazard()
        ts: int = yield Call("now")
        self._inputs.append(step.Reported(self.venue.advance(ts)))
        self._inputs.append(step.Reported(self.venue.restore(output.orders, ts)))
        self._is_restoring = False
        self._kill_if_asked()
        self._send(output.requests, ts, again=True)
        yield from self._publish()

    def _send(self, messages: Sequence[VenueMessage], ts: int, *, again: bool = False) -> None:
        """Send what a kill that has come meanwhile lets pass."""
        self._last_ts = ts
        passing = self.core.passing(messages, again=again)
        self._auditor.sent(self.holder, passing)
        self._inputs.append(step.Reported(self.venue.send(passing, ts)))

    def _hazard(self) -> Script:
        """What was appended has not left: the worst moment to die, or to stand still."""
        if self._dice.hit("engine_dies_before_sending"):
            raise Crash
        if self._dice.hit("engine_pauses_before_sending"):
            yield Wait(self._dice.between(1 * S, 8 * S), wakes=False)

    def _end(self, output: step.Stop) -> Script:
        self._is_over = True
        if output.fault and not self.core.is_killed:
            self._auditor.note(f"Engine {self.holder} stopped: {output.reason}")
        if output.release is not None:
            yield Call("release_lease", (output.release,))

    def _move_market_when_due(self) -> Script:
        if self.core.phase is not Phase.LEADING or self._world.now < self._next_market:
            return
        self._next_market = self._world.now + MARKET_NS
        try:
            ts: int = yield Call("now")
        except StoreUnavailable:
            return
        self._last_ts = ts
        self._inputs.append(step.Reported(self.venue.advance(ts)))
        yield from self._publish()

    def _publish(self) -> Script:
        seen = self.venue.market()
        self._inputs.append(step.MarketSeen(seen.feed_ts, seen.quotes))
        try:
            yield Call("publish_market", (seen.feed_ts, seen.quotes, seen.depths, seen.bars))
        except StoreUnavailable:
            return  # quotes are conflated: the next ones replace these
