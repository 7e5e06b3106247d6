"""A trader's desktop: the real session core, carried out as `app.session.client` does it."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from app.core.desk_state import STATE_VERSION
from app.session import step
from app.session.step import Link, Request, SessionCore
from app.simulation.auditor import Auditor
from app.simulation.faults import MS, Dice, S
from app.simulation.network import Network
from app.simulation.world import Call, Process, Script, Wait, World
from models.commands import AnyCommand, CancelOrder, Command
from models.errors import StoreUnavailable
from models.order_state import Trigger

POLL_NS = 1 * S
_BACKOFF_NS = tuple(ms * MS for ms in (50, 100, 200, 500, 1_000, 2_000))


class Hint(NamedTuple):
    """Something may be new."""


class Desktop:
    """One person's machine; what is in `outbox` outlives its crashes.

    Attributes:
        core: the session, a new one after each crash.
        outbox: commands whose outcome the person does not know, by id.
        refused: what the person was told will not happen, and may enter again.
    """

    def __init__(
        self,
        world: World,
        network: Network,
        auditor: Auditor,
        login: str,
        desk: str,
        *,
        outbox_is_durable: bool = True,
    ) -> None:
        self.login, self.desk = login, desk
        self.core = SessionCore(login, desk)
        self.outbox: dict[str, Command] = {}
        self.refused: deque[Command] = deque()
        self.clock_offset_ns = 0
        self._outbox_is_durable = outbox_is_durable
        self._world, self._network, self._auditor = world, network, auditor
        self._dice: Dice = world.dice
        self._process: Process | None = None
        self.start()

    # -- life --------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether a person can do anything on it."""
        return self._process is not None and not self._process.is_frozen

    def start(self) -> None:
        """Start the program: follow the log, and ask what became of what is in the outbox."""
        if self._process is not None:
            return
        if not self._outbox_is_durable:
            self.outbox.clear()
        self.core = SessionCore(self.login, self.desk)
        self._queue: deque[step.Output | Hint] = deque(self.core.start())
        self._streams: tuple[str, ...] = ()
        self._seq = self._market_ts = self._failures = self._next_poll = 0
        for command_id, command in self.outbox.items():
            request = Request(command, 0)  # type: ignore[arg-type]
            request.move(Trigger.LOSE, "It was sent before this desktop ended.")
            self.core.requests[command_id] = request
        self._asks = list(self.outbox)
        self._process = Process(self._world, self._run(), self._network.carry, self._ended)

    def crash(self) -> None:
        """End without a word, and start again later."""
        if self._process is not None:
            self._process.kill()
            self._process = None
            self._world.after(self._dice.between(200 * MS, 4 * S), self.start)

    def freeze(self, duration_ns: int) -> None:
        """Sleep, as a laptop does."""
        if self._process is not None:
            self._process.freeze(duration_ns)

    def hint(self) -> None:
        """Something may be new in the store."""
        if self._process is not None and Hint() not in self._queue:
            self._put(Hint())

    def _ended(self, error: Exception | None) -> None:
        self._process = None
        self._auditor.note(f"{self.login}'s desktop died: {error!r}")

    # -- the person's side -------------------------------------------------------------------

    def can_send(self, command: Command) -> bool:
        """Whether `Session.send` would take it."""
        link = self.core.link
        return link is Link.LIVE or (link is not Link.HALTED and isinstance(command, CancelOrder))

    def click(self, command: AnyCommand) -> None:
        """Take a command: into the outbox first, then towards the store."""
        if command.id not in self._auditor.clicked:
            self.outbox[command.id] = command
            self._auditor.click(command)
        self._deliver(step.Clicked(command))
        if self._dice.hit("crash_after_click"):
            self._world.after(self._dice.between(0, 3 * MS), self.crash)

    def _deliver(self, given: step.Input) -> None:
        """Step the core, queue what it wants, and let the person see what changed."""
        if isinstance(given, step.Answered):
            self._auditor.answer(given.outcome)
        if isinstance(given, step.Lost):
            self._auditor.counts["unknown"] += len(given.command_ids)
        for output in self.core.step(given):
            if isinstance(output, step.Halted):
                self._auditor.counts["halted"] += 1
                if self._auditor.forgotten is None:
                    self._auditor.note(f"{self.login}'s desktop halted: {output.reason}")
            elif isinstance(output, step.Changed):
                self._look_at(output)
            else:
                self._put(output)
        if self._asks and self.core.link is Link.LIVE:
            asks, self._asks = self._asks, []
            for command_id in asks:
                self._put(step.Lookup(command_id))

    def _look_at(self, changed: step.Changed) -> None:
        for command_id in sorted(changed.requests):
            request = self.core.requests.get(command_id)
            if request is not None and request.is_open:
                continue
            command = self.outbox.pop(command_id, None)
            if request is not None:
                self._auditor.tell(command_id, request.text)
                self.core.dismiss(command_id)
                if command is not None:
                    self.refused.append(command)

    # -- the store's thread ------------------------------------------------------------------

    def _put(self, item: step.Output | Hint) -> None:
        self._queue.append(item)
        if self._process is not None:
            self._process.wake()

    def _run(self) -> Script:
        while True:
            item = yield from self._next()
            try:
                yield from self._handle(item)
                if self._failures:
                    self._failures = 0
                    self._deliver(step.Connected((yield Call("now"))))
            except StoreUnavailable as error:
                yield from self._on_unavailable(item, error)

    def _next(self) -> Script:
        """Return what to do next; once a second a look at the store, however much there is."""
        left = self._next_poll - self._world.now
        if left > 0:
            if not self._queue:
                yield Wait(left)
            if self._queue:
                return self._queue.popleft()
        self._next_poll = self._world.now + POLL_NS
        return Hint()

    def _on_unavailable(self, item: step.Output | Hint, error: Exception) -> Script:
        self._deliver(step.Disconnected(str(error)))
        if isinstance(item, step.Submit):
            self._deliver(step.Lost((item.submission.command_id,)))
        elif not isinstance(item, Hint):
            self._queue.append(item)
        self._failures += 1
        yield Wait(_BACKOFF_NS[min(self._failures, len(_BACKOFF_NS)) - 1], wakes=False)

    def _handle(self, item: step.Output | Hint) -> Script:
        match item:
            case Hint():
                yield from self._read_events()
                yield from self._read_market()
                self._deliver(step.EngineSeen((yield Call("leader"))))
            case step.Submit():
                self._deliver(step.Answered((yield Call("submit", (item.submission,)))))
            case step.Lookup():
                self._deliver(step.Answered((yield Call("lookup", (item.command_id,)))))
            case step.Void():
                self._deliver(step.Answered((yield Call("void", (item.command_id, "")))))
            case step.ReadSnapshot():
                snapshot = yield Call("latest_snapshot", (item.scope, STATE_VERSION))
                self._deliver(step.SnapshotRead(snapshot))
            case step.ReadEvents():
                self._streams, self._seq = tuple(item.streams), item.after_seq
                yield from self._read_events()

    def _read_events(self) -> Script:
        while self._streams:
            store_ts: int = yield Call("now")
            rows: Any = yield Call("read", (self._streams, self._seq, step.READ_MAX))
            head_seq: int = yield Call("head_seq")
            self._deliver(step.EventsRead(rows, step.decode_rows(rows), head_seq, store_ts))
            if rows:
                self._seq = rows[-1].seq
            if len(rows) < step.READ_MAX:
                return

    def _read_market(self) -> Script:
        feed_ts, quotes = yield Call("read_market", (self._market_ts,))
        if quotes:
            self._market_ts = max(quote.ts for quote in quotes)
        self._deliver(step.MarketRead(feed_ts, quotes))
