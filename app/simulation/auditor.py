"""The auditor: its own model of what may be true, fed by what people saw and by the store's log."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.ports import (
    Lease,
    NewOrder,
    Outcome,
    ReplaceOrder,
    StoredEvent,
    StreamHead,
    Submission,
    VenueMessage,
    Verdict,
)
from app.simulation.world import Call, World
from models.commands import AmendOrder, AnyCommand, CancelOrder, Command, SubmitOrder
from models.events import (
    AlertAcknowledged,
    AlertRaised,
    AmendRequested,
    AnyEvent,
    CancelRequested,
    CommandFailed,
    DayStarted,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderStaged,
    ReportRefused,
    RequestDenied,
    StrategyEnded,
    StrategyPaused,
    StrategyResumed,
    StrategyStarted,
    decode_event,
)
from models.orders import order_id_of

# Written out again on purpose: an auditor that asks the audited for the limit checks nothing.
FRESH_NS = 5_000_000_000
_GENESIS = "0" * 64
_DECISIONS = (
    OrderAccepted,
    OrderDenied,
    AmendRequested,
    CancelRequested,
    RequestDenied,
    CommandFailed,
    AlertAcknowledged,
    OrderStaged,
    StrategyStarted,
    StrategyPaused,
    StrategyResumed,
    StrategyEnded,
)
_OF_STRATEGIES = (StrategyPaused, StrategyEnded)
_ENDS = (OrderCanceled, OrderExpired, OrderRejected)
_VIOLATIONS_MAX = 50


def date_of(ts: int) -> str:
    """Return the ISO date of a time in nanoseconds UTC."""
    return datetime.fromtimestamp(ts // 10**9, UTC).date().isoformat()


class _Families:
    """Which orders are slices of which, and which of them can't trade any more."""

    def __init__(self) -> None:
        self._children: dict[str, list[str]] = {}
        self._ended: set[str] = set()

    def enter(
        self, order_id: str, parent_id: str, ordered: dict[str, int], traded: Counter[str]
    ) -> bool:
        """Note a slice; whether its parent's slices can trade more than the parent orders."""
        if not parent_id:
            return False
        slices = self._children.setdefault(parent_id, [])
        slices.append(order_id)
        out = sum(traded[key] if key in self._ended else ordered[key] for key in slices)
        return out > ordered[parent_id]

    def end(self, order_id: str) -> None:
        """Note that an order has ended; what it had not traded is free again."""
        self._ended.add(order_id)


class Auditor:
    """What happened, as a bystander sees it, and every contradiction in it.

    Attributes:
        violations: what must not be, in words.
        counts: what was seen, by name; events by their kind.
        clicked: every command that a person asked for, by id.
        received: ids that a desktop was told are stored or decided.
        told: why a command will never happen, by the id of each whose person was told so.
        rows, events, epochs: the log, decoded, and the epoch of the engine that wrote each row.
        forgotten: what had been clicked when the store went back, `None` while it has not: those
            commands may be gone, and may execute although somebody was told that they won't.
    """

    def __init__(self, world: World) -> None:
        self.violations: list[str] = []
        self.counts: Counter[str] = Counter()
        self.clicked: dict[str, Command] = {}
        self.received: dict[str, Verdict] = {}
        self.told: dict[str, str] = {}
        self.rows: list[StoredEvent] = []
        self.events: list[AnyEvent] = []
        self.epochs: list[int] = []
        self.newest_epoch = 0
        self.forgotten: set[str] | None = None
        self._world = world
        self._first_receipt: dict[str, int] = {}
        self._heads: dict[str, tuple[int, str]] = {}
        self._stale: set[str] = set()
        self._at_venue: dict[str, set[str]] = {}
        self._killed: set[str] = set()

    def note(self, violation: str) -> None:
        """Write down a contradiction."""
        if len(self.violations) < _VIOLATIONS_MAX:
            self.violations.append(violation)

    # -- what people did and saw -------------------------------------------------------------

    def click(self, command: AnyCommand) -> None:
        """A person asked for this; the second click of the same command is not another intent."""
        self.clicked[command.id] = command
        self.counts["commands"] += 1

    def answer(self, outcome: Outcome) -> None:
        """A desktop had this answer."""
        self.counts[outcome.verdict.value] += 1
        if outcome.verdict in (Verdict.RECEIVED, Verdict.DECIDED):
            self.received[outcome.command_id] = outcome.verdict
        if outcome.verdict is Verdict.STALE:
            self._stale.add(outcome.command_id)
        if outcome.verdict is Verdict.CONFLICT:
            self.note(f"{outcome.command_id} is said to be another command's.")

    def tell(self, command_id: str, why: str) -> None:
        """A person was told that a command of theirs will never happen."""
        self.told[command_id] = why

    # -- what the store did ------------------------------------------------------------------

    def performed(self, call: Call, result: Any, fresh: Sequence[StoredEvent]) -> None:
        """The store has carried out `call`; `fresh` are the rows that the log has gained by it."""
        match call.method:
            case "submit":
                submission: Submission = call.arguments[0]
                self._first_receipt.setdefault(submission.command_id, self._world.store_now)
            case "acquire_lease" if result is not None:
                self._lease_granted(result)
            case "latest_snapshot":
                self.counts["snapshots_used"] += result is not None
            case "append":
                self._appended(call.arguments[0].epoch, fresh)
        if fresh and call.method != "append":
            self.note(f"{call.method} wrote {len(fresh)} events.")

    def _lease_granted(self, lease: Lease) -> None:
        if lease.epoch <= self.newest_epoch:
            self.note(f"Epoch {lease.epoch} was granted after epoch {self.newest_epoch}.")
        self.newest_epoch = lease.epoch

    def _appended(self, epoch: int, fresh: Sequence[StoredEvent]) -> None:
        if fresh and epoch != self.newest_epoch:
            self.note(
                f"Epoch {epoch} appended {len(fresh)} events while {self.newest_epoch} leads."
            )
        for row in fresh:
            self._check_place(row)
            self.rows.append(row)
            self.epochs.append(epoch)
            self.events.append(decode_event(row.body))
            self.counts[row.kind] += 1

    def _check_place(self, row: StoredEvent) -> None:
        """Numbers without a gap, and a chain that holds, by arithmetic of our own."""
        if row.seq != len(self.rows) + 1:
            self.note(f"Event {row.seq} stands where {len(self.rows) + 1} should be.")
        number, before = self._heads.get(row.stream, (0, _GENESIS))
        text = f"{before}|{row.stream}|{number + 1}|{row.command_id}|".encode() + row.body
        digest = hashlib.sha256(text).hexdigest()
        if (row.stream_seq, row.hash) != (number + 1, digest):
            self.note(f"The chain of {row.stream} breaks at event {row.seq}.")
        self._heads[row.stream] = (row.stream_seq, row.hash)

    def went_back(self, seq: int, epoch: int, heads: Mapping[str, StreamHead]) -> None:
        """The store has forgotten all after event `seq`, and which epochs there were since."""
        del self.rows[seq:], self.events[seq:], self.epochs[seq:]
        self._heads = {name: (head.stream_seq, head.hash) for name, head in heads.items()}
        self.newest_epoch = epoch
        self.forgotten = set(self.clicked)

    # -- what venues got ---------------------------------------------------------------------

    def venue_got(self, venue: str, order: NewOrder, *, restored: bool) -> None:
        """A venue was given a new order, or one again after a restart."""
        known = self._at_venue.setdefault(venue, set())
        order_id = order_id_of(order.cl_ord_id)
        if order_id in known and not restored:
            self.note(f"{venue} got {order_id} again without a restore.")
        known.add(order_id)

    def sent(self, engine: str, messages: Sequence[VenueMessage]) -> None:
        """An engine sends this to its venue."""
        if engine in self._killed and any(isinstance(m, NewOrder | ReplaceOrder) for m in messages):
            self.note(f"{engine} was killed, and sends on.")

    def killed(self, engine: str) -> None:
        """An engine was killed on its machine and has told its venue to cancel."""
        self._killed.add(engine)

    def kill_recorded(self, engine: str) -> None:
        """The log has the kill: from here on it is a halt like any other."""
        self._killed.discard(engine)

    # -- the log as a whole ------------------------------------------------------------------

    def audit_log(self) -> None:
        """Hold the whole log against what people and venues may expect; at any time."""
        decisions = self._decisions()
        for command_id, found in decisions.items():
            if len(found) > 1:
                names = ", ".join(f"{self.rows[at].kind} at {at + 1}" for at in found)
                self.note(f"{command_id} was decided {len(found)} times: {names}.")
            if command_id in self.told and not self._is_excused(command_id):
                self.note(
                    f"{command_id} was decided at event {found[0] + 1}, but its person had been "
                    f"told: {self.told[command_id]}"
                )
            self._check_fresh(command_id, self.events[found[0]])
        if any(
            later < earlier for earlier, later in zip(self.epochs, self.epochs[1:], strict=False)
        ):
            self.note("An older epoch's events follow a newer one's.")
        self._check_orders()
        for row, event in zip(self.rows, self.events, strict=True):
            if isinstance(event, ReportRefused):
                self.note(f"An honest report was refused at event {row.seq}: {event.text}")
            elif isinstance(event, DayStarted) and event.day != date_of(event.ts):
                self.note(f"Event {row.seq} starts {event.day} on {date_of(event.ts)}.")
            elif isinstance(event, AlertRaised) and event.alert.rule == "COMMAND_FAILED":
                self.note(f"Event {row.seq}: {event.alert.text}")

    def _is_excused(self, command_id: str) -> bool:
        """Whether what its person was told could not be kept.

        A store that went back has forgotten its word. And what it refused as stale is fresh again
        once its clock is put back: then a second copy counts, which only this network delivers.
        """
        return command_id in (self.forgotten or ()) or (
            command_id in self._stale and self._world.store_went_slow
        )

    def _decisions(self) -> dict[str, list[int]]:
        """Return where in the log each person's command was decided."""
        found: dict[str, list[int]] = {}
        for at, (row, event) in enumerate(zip(self.rows, self.events, strict=True)):
            command = self.clicked.get(row.command_id)
            if command is None or not isinstance(event, _DECISIONS):
                continue
            whose = getattr(command, "order_id", "")
            if whose and getattr(event, "order_id", whose) != whose:
                continue  # it follows for an order's children
            if isinstance(command, CancelOrder) and isinstance(event, _OF_STRATEGIES):
                continue  # so it does for its strategy
            found.setdefault(row.command_id, []).append(at)
        return found

    def _check_fresh(self, command_id: str, event: AnyEvent) -> None:
        command = self.clicked[command_id]
        if not isinstance(event, OrderAccepted | AmendRequested):
            return
        if command_id not in self._first_receipt:
            self.note(f"{command_id} was decided and never received.")
        elif isinstance(command, SubmitOrder | AmendOrder):
            age = self._first_receipt[command_id] - command.seen_ts
            if age > FRESH_NS:
                self.note(f"{command_id} was {age / 1e9:.1f} s old when received, and executes.")

    def _check_orders(self) -> None:
        """Follow quantities with a model that knows only what was ordered and what traded."""
        ordered: dict[str, int] = {}
        families = _Families()
        traded: Counter[str] = Counter()
        executions: set[str] = set()
        asked: dict[str, str] = {}
        # A fill may overtake the answer to the replace that made room for it.
        trades = {e.execution.exec_id for e in self.events if isinstance(e, OrderFilled)}
        for row, event in zip(self.rows, self.events, strict=True):
            match event:
                case OrderAccepted():
                    if event.order_id in ordered:
                        self.note(f"Order {event.order_id} was accepted twice.")
                    ordered[event.order_id] = event.terms.qty
                    if families.enter(event.order_id, event.parent_id, ordered, traded):
                        self.note(f"{event.parent_id} is oversent at event {row.seq}.")
                case OrderStaged():
                    ordered[event.order_id] = event.terms.qty
                case AmendRequested():
                    asked[event.order_id] = event.cl_ord_id
                case OrderAmended():
                    ordered[event.order_id] = event.replacement.qty
                    answers = row.command_id.startswith(f"{asked.get(event.order_id)}:")
                    at_desk = asked.get(event.order_id) == ""
                    if not at_desk and not answers and row.command_id not in trades:
                        self.note(
                            f"{event.order_id} was amended at event {row.seq} by the report "
                            f"{row.command_id}; what was asked is {asked.get(event.order_id)}."
                        )
                case OrderFilled():
                    traded[event.order_id] += event.execution.qty
                    if event.execution.exec_id in executions:
                        self.note(f"Execution {event.execution.exec_id} is there twice.")
                    executions.add(event.execution.exec_id)
            if isinstance(event, _ENDS):
                families.end(event.order_id)
            order_id = getattr(event, "order_id", "")
            if traded[order_id] > ordered.get(order_id, 0):
                self.note(f"{order_id} is overfilled at event {row.seq}.")

    def audit_outcomes(self, settled: set[str]) -> None:
        """At rest: every click has come to something. `settled` ids no longer wait in the store."""
        decided = self._decisions()
        for command_id, command in self.clicked.items():
            kind = type(command).__name__
            in_log = command_id in decided
            if command_id in (self.forgotten or ()):
                continue
            if command_id in self.received and command_id not in settled:
                self.note(f"{kind} {command_id} was acknowledged and never decided.")
            if in_log or command_id in self.told:
                continue
            # An alert that somebody else has acknowledged is the one thing decided without a word.
            if kind == "AcknowledgeAlert" and command_id in settled:
                continue
            self.note(f"{kind} {command_id} vanished: not in the log, and nobody was told.")
