"""A live session: `SessionCore` on the caller's thread, the store on a thread of its own.

The store's thread does the I/O and the decoding and hands inputs over through `post`; the core is
stepped, and listeners are called, on the thread that `post` runs things on (the window's).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from app.core.decide.orders import amend_objection
from app.core.desk_state import STATE_VERSION
from app.core.headroom import Headroom, headroom
from app.core.judgement import Judgement, judge
from app.ports import Lease, Store, StoredEvent, StoredSnapshot, StoreHealth
from app.session import step
from app.session.desk_work import DeskWork
from app.session.ids import new_command_id
from app.session.local_copy import LocalCopy
from app.session.market_reader import MarketReader
from app.session.order_reading import LoggedEvent, OrderReading
from app.session.step import Changed, Link, SessionCore
from models.commands import (
    AcknowledgeAlert,
    AmendOrder,
    AnyCommand,
    CancelOrder,
    CancelOrders,
    HaltTrading,
    ReleaseOrder,
    ResumeTrading,
    SendWave,
    StartStrategy,
    SubmitOrder,
    goes_first,
)
from models.errors import BlotterError, StoreMissing, StoreUnavailable
from models.orders import Order, OrderTerms, Replacement

POLL_S = 1.0
MARKET_S = 0.05  # the market and the lease are looked at no more often, however much there is
_NEVER = float("inf")
_BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)

# What makes or changes an order: held after an outage until its lines were looked at.
_HELD = (SubmitOrder, AmendOrder, ReleaseOrder, SendWave, StartStrategy)

Post = Callable[[Callable[[], None]], object]


class _Hint(NamedTuple):
    """Something may be new."""


class _Stop(NamedTuple):
    """The session ends."""


_Item = step.Output | OrderReading | _Hint | _Stop


class Session:
    """What a desktop holds: the state it draws from, and the ways to ask for something.

    Attributes:
        core: the state machine; read it, never step it.
        work: what may be asked of the desk itself.
        listeners: called with what changed, on the thread of `post`.
        health: what the store says of itself, once it was opened.
        refusal: why the store can't be used at all, empty while it can.
        hold: why nothing new is sent from here although the store answers, empty while it is.
        answer_ms: how long the store took to give the last page of the log; negative before any.
        answered_s: when that was, on the monotonic clock.
    """

    def __init__(
        self,
        login: str,
        desk: str,
        open_store: Callable[[], Store],
        post: Post,
        keep_engine: Callable[[Lease | None], None] | None = None,
        copy_path: Path | None = None,
    ) -> None:
        self.core = SessionCore(login, desk)
        self.work = DeskWork(self)
        self.listeners: list[Callable[[Changed], None]] = []
        self.health: StoreHealth | None = None
        self.refusal = ""
        self.hold = ""
        self.answer_ms = -1.0
        self.answered_s = 0.0
        self._post = post
        self._closed = False
        self._watches: dict[str, frozenset[str]] = {}
        self._worker = _StoreThread(
            open_store, self._receive, self._opened, keep_engine, self._read_order
        )
        self._worker.answered = self._answered
        if copy_path is not None:
            self._worker.copy = LocalCopy(copy_path, self.core.streams)

    def start(self) -> None:
        """Begin to follow."""
        for output in self.core.start():
            self._worker.do(output)
        self._worker.start()

    def close(self) -> None:
        """End the store's thread and wait for it; nothing more is delivered."""
        self._closed = True
        self._worker.stop()

    def watch(self, owner: str, symbols: Iterable[str]) -> None:
        """Follow depth, prints and bars of what the pane `owner` shows, until it asks anew.

        They come into `core.depths`, `tapes` and `bars`; what nobody shows is forgotten at once.
        """
        self._watches[owner] = frozenset(symbols)
        wanted = frozenset[str]().union(*self._watches.values())
        if wanted != self.core.watched:
            self._step(step.Watched(wanted))

    # -- asking --------------------------------------------------------------------------------

    def preview(
        self, terms: OrderTerms, amends: Order | None = None, parent: Order | None = None
    ) -> Judgement:
        """Return what the engine would say of `terms` now, by its own code."""
        core = self.core
        return judge(core.state, core.login, core.desk, terms, core.context, amends, parent)

    def headroom(
        self, terms: OrderTerms, amends: Order | None = None, parent: Order | None = None
    ) -> Headroom:
        """Return the room that `terms` have under the limits, by the engine's own code."""
        core = self.core
        return headroom(core.state, core.login, core.desk, terms, core.context, amends, parent)

    def amend_objection(self, order_id: str, version: int) -> str:
        """Return why the engine would not amend that order as seen at `version`; empty if it would.

        Its terms aside, which `preview` judges.
        """
        order = self.core.state.orders.get(order_id)
        if order is None:
            return f"Order {order_id} is not known any more. Look it up again."
        return amend_objection(self.core.state, self.core.login, order, version)

    def submit(
        self,
        terms: OrderTerms,
        reason: str = "",
        command_id: str = "",
        *,
        staged: bool = False,
        parent_id: str = "",
        unclaimed: bool = False,
    ) -> str:
        """Enter an order, as `SubmitOrder` says; returns its command id."""
        return self.send(
            SubmitOrder(
                id=command_id or new_command_id(),
                author=self.core.login,
                desk=self.core.desk,
                terms=terms,
                reason=reason,
                seen_ts=self.core.store_ts,
                staged=staged,
                parent_id=parent_id,
                unclaimed=unclaimed,
            )
        )

    def amend(
        self, order: Order, replacement: Replacement, reason: str = "", command_id: str = ""
    ) -> str:
        """Ask to replace an order's terms, as the person saw it; returns the command id.

        A trailing stop's prices are left out: they are the venue's, and may move meanwhile.
        """
        if order.order_type.trails:
            replacement = Replacement(qty=replacement.qty, handling=replacement.handling)
        return self.send(
            AmendOrder(
                id=command_id or new_command_id(),
                author=self.core.login,
                desk=self.core.desk,
                order_id=order.order_id,
                version=order.version,
                replacement=replacement,
                reason=reason,
                seen_ts=self.core.store_ts,
            )
        )

    def cancel(self, order_id: str) -> str:
        """Ask to cancel what is left of an order; returns the command id."""
        core = self.core
        return self.send(
            CancelOrder(id=new_command_id(), author=core.login, desk=core.desk, order_id=order_id)
        )

    def cancel_all(self, trader: str = "", symbol: str = "") -> str:
        """Ask to cancel every open order of `trader` (empty: of the desk); returns the id."""
        core = self.core
        return self.send(
            CancelOrders(
                id=new_command_id(), author=core.login, desk=core.desk, trader=trader, symbol=symbol
            )
        )

    def halt(self, trader: str, note: str = "") -> str:
        """Ask to halt `trader` (empty: the whole desk); returns the command id."""
        core = self.core
        return self.send(
            HaltTrading(
                id=new_command_id(), author=core.login, desk=core.desk, trader=trader, note=note
            )
        )

    def resume(self, trader: str, note: str = "") -> str:
        """Ask to lift the halt of `trader` (empty: of the whole desk); returns the command id."""
        core = self.core
        return self.send(
            ResumeTrading(
                id=new_command_id(), author=core.login, desk=core.desk, trader=trader, note=note
            )
        )

    def acknowledge(self, alert_id: str) -> str:
        """Say that an alert was seen; returns the command id."""
        core = self.core
        return self.send(
            AcknowledgeAlert(
                id=new_command_id(), author=core.login, desk=core.desk, alert_id=alert_id
            )
        )

    def send(self, command: AnyCommand) -> str:
        """Take a command from its person; refused while the session is not live."""
        link = self.core.link
        waits = link in (Link.STARTING, Link.LOST) and goes_first(command)
        if link is not Link.LIVE and not waits:
            raise BlotterError(
                f"Nothing was sent: the store is {link.value}. {self.core.link_text}"
            )
        if self.hold and isinstance(command, _HELD):
            raise BlotterError(f"Nothing was sent: {self.hold}")
        self._step(step.Clicked(command))
        return command.id

    def dismiss(self, command_id: str) -> None:
        """Let go of a refused request that its person has dealt with."""
        self.core.dismiss(command_id)
        self._tell(Changed(requests=frozenset({command_id})))

    # -- looking things up ---------------------------------------------------------------------

    def order_events(
        self, order_id: str, done: Callable[[list[LoggedEvent]], None], after_seq: int = 0
    ) -> OrderReading:
        """Read from the log what it says of an order, after `after_seq`.

        `done` gets it on the thread of `post`, oldest first, unless the reading is canceled. While
        the store does not answer it waits.
        """
        order = self.core.state.orders.get(order_id)
        since_ts = order.created_ts if order is not None else 0
        reading = OrderReading(order_id, self.core.streams[0], since_ts, after_seq, done)
        self._worker.do(reading)
        return reading

    # -- listening -----------------------------------------------------------------------------

    def _read_order(self, reading: OrderReading) -> None:
        self._post(lambda: None if self._closed else reading.deliver())

    def _receive(self, given: step.Input) -> None:
        self._post(lambda: self._step(given))

    def _step(self, given: step.Input) -> None:
        if self._closed:
            return
        for output in self.core.step(given):
            if isinstance(output, Changed):
                self._tell(output)
            elif not isinstance(output, step.Halted):
                self._worker.do(output)

    def _tell(self, changed: Changed) -> None:
        for listener in list(self.listeners):
            listener(changed)

    def _answered(self, milliseconds: float) -> None:
        self.answer_ms, self.answered_s = milliseconds, time.monotonic()

    def _opened(self, health: StoreHealth | None, refusal: str) -> None:
        def note() -> None:
            self.health, self.refusal = health, refusal
            self._tell(Changed(link=True))

        self._post(note)


class _StoreThread(threading.Thread):
    """Owns the store: one thread, one connection."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        deliver: Callable[[step.Input], None],
        opened: Callable[[StoreHealth | None, str], None],
        keep_engine: Callable[[Lease | None], None] | None,
        order_read: Callable[[OrderReading], None],
    ) -> None:
        super().__init__(name="store", daemon=True)
        self._open_store = open_store
        self._deliver = deliver
        self._opened = opened
        self._keep_engine = keep_engine
        self.answered: Callable[[float], None] = lambda milliseconds: None
        self.copy: LocalCopy | None = None
        self._snapshot: StoredSnapshot | None = None
        self._order_read = order_read
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._hinted = threading.Event()
        self._stopping = threading.Event()
        self._store: Store | None = None
        self._streams: tuple[str, ...] = ()
        self._seq = 0
        self._market = MarketReader()
        self._failures = 0
        self._next_poll = self._next_market = 0.0
        self._look_again = _NEVER

    def do(self, output: step.Output | OrderReading) -> None:
        """Queue an output of the core, or a look into the log."""
        self._queue.put(output)

    def stop(self) -> None:
        self._stopping.set()
        self._queue.put(_Stop())
        if self.is_alive():
            self.join(timeout=10)

    def run(self) -> None:
        store = self._open()
        if store is not None:
            self._follow(store)
        if self.copy is not None:
            self.copy.close()

    def _follow(self, store: Store) -> None:
        self._store = store
        store.on_events(self._hint)
        while not self._stopping.is_set():
            item = self._next()
            if isinstance(item, _Stop):
                break
            try:
                self._handle(store, item)
                if self._failures:
                    self._failures = 0
                    self._deliver(step.Connected(store.now()))
            except StoreUnavailable as error:
                self._on_unavailable(item, error)
            except BlotterError as error:
                self._opened(None, str(error))
                break
        store.close()

    def _next(self) -> _Item:
        """Return what to do next; once a second that is a look at the store."""
        left = min(self._next_poll, self._look_again) - time.monotonic()
        if left > 0:
            try:
                return self._queue.get(timeout=left)
            except queue.Empty:
                pass
        if time.monotonic() >= self._next_poll:
            self._next_poll = time.monotonic() + POLL_S
        return _Hint()

    def _hint(self) -> None:
        if not self._hinted.is_set():
            self._hinted.set()
            self._queue.put(_Hint())

    def _open(self) -> Store | None:
        """Open the store, waiting for one that its engine is still making."""
        while not self._stopping.is_set():
            try:
                store = self._open_store()
            except StoreMissing as error:
                if self._keep_engine is None:
                    self._opened(None, str(error))
                    return None
                self._keep_engine(None)
                self._stopping.wait(_BACKOFF_S[0])
            except StoreUnavailable as error:
                self._deliver(step.Disconnected(str(error)))
                if self.copy is not None and not self._failures:
                    self._show(self.copy)
                self._stopping.wait(self._backoff())
            except BlotterError as error:
                self._opened(None, str(error))
                return None
            else:
                self._opened(store.health(), "")
                return store
        return None

    def _show(self, copy: LocalCopy) -> None:
        """Give what this machine has kept, until the store answers."""
        kept = copy.load()
        if kept is not None:
            self._deliver(step.CopyRead(kept, step.decode_rows(kept.rows)))

    def _keep(self, store: Store, rows: Sequence[StoredEvent], store_ts: int) -> None:
        """Keep what was read on this machine too."""
        copy = self.copy
        if copy is None:
            return
        is_all = len(rows) < step.READ_MAX
        copy.note(rows, store_ts, is_all=is_all)
        if is_all and copy.is_long:
            copy.shorten(store.latest_snapshot(self._streams[0], STATE_VERSION))

    def _backoff(self) -> float:
        self._failures += 1
        return _BACKOFF_S[min(self._failures, len(_BACKOFF_S)) - 1]

    def _on_unavailable(self, item: _Item, error: Exception) -> None:
        self._deliver(step.Disconnected(str(error)))
        if isinstance(item, step.Submit):
            self._deliver(step.Lost((item.submission.command_id,)))
        elif isinstance(item, step.ReadSnapshot | step.ReadEvents | OrderReading):
            self._queue.put(item)  # lookups are asked for anew when the store is back
        self._stopping.wait(self._backoff())

    def _handle(self, store: Store, item: step.Output | _Hint | OrderReading) -> None:
        match item:
            case _Hint():
                self._hinted.clear()
                self._read_events(store)
                self._look_around(store)
            case step.Submit():
                self._deliver(step.Answered(store.submit(item.submission), store.now()))
            case step.Lookup():
                self._deliver(step.Answered(store.lookup(item.command_id), store.now()))
            case step.Void():
                self._deliver(step.Answered(store.void(item.command_id, ""), store.now()))
            case step.Watch():
                self._market.watch(item.symbols)
                self._read_market(store)
            case step.ReadSnapshot():
                snapshot = store.latest_snapshot(item.scope, STATE_VERSION)
                self._snapshot = snapshot
                self._deliver(step.SnapshotRead(snapshot))
            case step.ReadEvents():
                self._streams, self._seq = tuple(item.streams), item.after_seq
                if self.copy is not None:
                    self.copy.follow(item.after_seq, self._snapshot)
                self._snapshot = None
                self._read_events(store)
            case OrderReading():
                if item.read_on(store):
                    self._order_read(item)
                else:
                    self._queue.put(item)  # behind whatever was asked for meanwhile

    def _read_events(self, store: Store) -> None:
        if not self._streams:
            return
        while not self._stopping.is_set():
            asked_s = time.perf_counter()
            page = store.read_page(self._streams, self._seq, step.READ_MAX)
            self.answered((time.perf_counter() - asked_s) * 1_000)
            rows = page.rows
            self._deliver(
                step.EventsRead(rows, step.decode_rows(rows), page.head_seq, page.store_ts)
            )
            self._keep(store, rows, page.store_ts)
            if rows:
                self._seq = rows[-1].seq
            if len(rows) < step.READ_MAX:
                return

    def _look_around(self, store: Store) -> None:
        """Look at the market and the lease, unless that was a moment ago: then a moment later.

        A busy desk is told of events hundreds of times a second, and each look costs its server.
        """
        now = time.monotonic()
        if now < self._next_market and not self._market.is_behind:
            self._look_again = self._next_market
            return
        self._next_market, self._look_again = now + MARKET_S, _NEVER
        self._read_market(store)
        self._see_engine(store)

    def _read_market(self, store: Store) -> None:
        self._deliver(self._market.read(store))
        if self._market.is_behind:
            self._hint()

    def _see_engine(self, store: Store) -> None:
        lease = store.leader()
        self._deliver(step.EngineSeen(lease))
        if self._keep_engine is not None:
            self._keep_engine(lease)
