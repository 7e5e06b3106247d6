"""Instruments, people, orders, desks and engines for tests, in the fewest words.

Times are made up and only move when a test says so; prices are written as a person writes them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.compliance.rulebook import Proposal, default_rule_book
from app.core.consequences import consequences
from app.core.context import Context, Quote
from app.core.decide import decide
from app.core.desk_state import DeskState
from app.core.evolve import evolve
from app.engine.effects import venue_message
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
    ReadCommands,
    ReadEvents,
    ReadSnapshot,
    RenewLease,
    Reported,
    RestoreVenues,
    SaveSnapshot,
    SendToVenues,
    SnapshotRead,
    Stop,
    Tick,
)
from app.ports import (
    LEASE_TTL_NS,
    WHOLE_STORE,
    Heartbeat,
    MarketAction,
    StoredEvent,
    StreamHead,
    VenueMessage,
    chain_hash,
)
from app.session.step import submission_of
from app.store.memory import MemoryStore, MemoryTables
from app.venues.sim import SimVenue
from models.commands import (
    SYSTEM,
    AdoptRuleBook,
    AmendOrder,
    CancelOrder,
    Command,
    EndDay,
    EntitleTraders,
    ListInstruments,
    OpenAccounts,
    StartDay,
    SubmitOrder,
    VenueReport,
)
from models.events import AnyEvent, OrderAccepted, OrderDenied, encode_event
from models.instruments import AssetClass, Instrument, TickBand
from models.limits import Limit, RuleBook
from models.market import Bar
from models.money import MONEY_SCALE, PRICE_SCALE
from models.order_state import OrderStatus, Trigger
from models.orders import (
    Handling,
    Order,
    OrderTerms,
    OrderType,
    Replacement,
    Side,
    TimeInForce,
    handling_of,
)
from models.parties import Account, Role, Trader

SECOND = 1_000_000_000
NOW = 1_732_280_400 * SECOND
TODAY, TOMORROW = "2024-11-22", "2024-11-25"
DESK, OTHER_DESK = "EQ", "FI"
VENUE = "SIM"
ALL_CLASSES = tuple(AssetClass)
_ids = itertools.count(1)


def new_id() -> str:
    """Return a command id that no other test has."""
    return f"c-{next(_ids)}"


def px(text: str | float) -> int:
    """Return a price in 1e-9 units; floats are for short literals such as 191.4 only."""
    whole, _, part = str(text).partition(".")
    return int(whole) * PRICE_SCALE + int(part.ljust(9, "0")[:9] or 0)


def money(amount: int) -> int:
    """Return whole units of money in millionths."""
    return amount * MONEY_SCALE


def instrument(symbol: str = "ACME", **changes: Any) -> Instrument:
    """Return a tier 1 share in USD at 100.00 with a cent's tick, lot 1 and 1,000,000 a day."""
    fields: dict[str, Any] = {
        "symbol": symbol,
        "name": f"{symbol} Corp",
        "asset_class": AssetClass.SHARE,
        "isin": "US0378331005",
        "currency": "USD",
        "mic": "XNAS",
        "lot": 1,
        "ticks": (TickBand(0, px("0.01")),),
        "adv": 1_000_000,
        "prev_close": px(100),
    }
    return Instrument(**{**fields, **changes})


def bond(symbol: str = "UST10Y", **changes: Any) -> Instrument:
    """Return a government bond at par with a tick of half a 32nd and a lot of 1,000 face."""
    fields: dict[str, Any] = {
        "asset_class": AssetClass.GOVERNMENT_BOND,
        "lot": 1_000,
        "ticks": (TickBand(0, px("0.015625")),),
        "adv": 4_000_000_000,
    }
    return instrument(symbol, **{**fields, **changes})


def account(code: str = "GROWTH") -> Account:
    return Account(code=code, name=f"{code} fund", client="Meridian")


def trader(login: str = "alice", **changes: Any) -> Trader:
    """Return a trader of the desk who may trade everything for GROWTH and INCOME."""
    fields: dict[str, Any] = {
        "login": login,
        "name": login.title(),
        "desk": DESK,
        "role": Role.TRADER,
        "accounts": ("GROWTH", "INCOME"),
        "asset_classes": ALL_CLASSES,
    }
    return Trader(**{**fields, **changes})


PEOPLE = (
    trader("alice"),
    trader("ben"),
    trader("dana", role=Role.DESK_HEAD),
    trader("carl", role=Role.COMPLIANCE, accounts=()),
    trader("olga", role=Role.OPS, accounts=()),
    trader("axel", role=Role.AUDITOR, accounts=()),
    trader("frank", desk=OTHER_DESK),
    trader("fiona", desk=OTHER_DESK, role=Role.DESK_HEAD),
)


def rule_book(**limits: Limit) -> RuleBook:
    """Return the default rule book with these rules' limits instead of their own."""
    usual = default_rule_book()
    return msgspec.structs.replace(usual, limits={**usual.limits, **limits})


def terms(**changes: Any) -> OrderTerms:
    """Return the terms of: buy 100 ACME limit 100.00 day, for GROWTH."""
    fields: dict[str, Any] = {
        "symbol": "ACME",
        "side": Side.BUY,
        "qty": 100,
        "order_type": OrderType.LIMIT,
        "account": "GROWTH",
        "limit_px": px(100),
    }
    return OrderTerms(**{**fields, **changes})


def market_terms(**changes: Any) -> OrderTerms:
    return terms(order_type=OrderType.MARKET, limit_px=None, **changes)


def stop_terms(stop_px: int, limit_px: int | None = None, **changes: Any) -> OrderTerms:
    """Return a stop's terms, or a stop-limit's where a limit price is given."""
    kind = OrderType.STOP if limit_px is None else OrderType.STOP_LIMIT
    return terms(order_type=kind, stop_px=stop_px, limit_px=limit_px, **changes)


def proposal(order_terms: OrderTerms | None = None, **changes: Any) -> Proposal:
    """Return a proposal of alice's that every rule passes, with the market at 100.00."""
    asked = order_terms or terms()
    fields: dict[str, Any] = {
        "terms": asked,
        "instrument": instrument(asked.symbol),
        "login": "alice",
        "trader": trader("alice"),
        "ts": NOW,
        "currency": "USD",
        "reference_px": px(100),
        "effective_px": px(100),
        "notional": money(10_000),
    }
    return Proposal(**{**fields, **changes})


def quote(symbol: str = "ACME", last: int = px(100), **changes: Any) -> Quote:
    """Return a quote a cent wide on either side of `last`."""
    fields: dict[str, Any] = {
        "symbol": symbol,
        "bid": last - px("0.01"),
        "bid_qty": 500,
        "ask": last + px("0.01"),
        "ask_qty": 500,
        "last": last,
        "ts": NOW,
    }
    return Quote(**{**fields, **changes})


def context(ts: int = NOW, quotes: Sequence[Quote] = (quote(),), **changes: Any) -> Context:
    """Return what a decision sees beside the state: a live feed and ACME at 100.00."""
    fields: dict[str, Any] = {
        "ts": ts,
        "quotes": {each.symbol: each for each in quotes},
        "feed_ts": ts,
    }
    return Context(**{**fields, **changes})


def reference_commands() -> list[Command]:
    """Return what a store is told before it can trade: three names, two accounts, eight people."""
    return [
        ListInstruments(
            id="i", author=SYSTEM, instruments=(instrument(), instrument("BETA"), bond())
        ),
        OpenAccounts(id="a", author=SYSTEM, accounts=(account(), account("INCOME"))),
        EntitleTraders(id="t", author=SYSTEM, traders=PEOPLE),
        AdoptRuleBook(id="r", author=SYSTEM, rule_book=rule_book()),
    ]


class Desk:
    """A `DeskState` with commands run through `decide` and `evolve`, as an engine would.

    Attributes:
        state: the state after all events so far.
        ts: the time of the next command; moves on by `step_ns` with each, so that two orders
            alike are not taken for a duplicate unless a test wants that.
        quotes: by symbol.
        log: every event so far.
    """

    def __init__(self, *, step_ns: int = 10 * SECOND, open_day: bool = True) -> None:
        self.state = DeskState()
        self.ts = NOW
        self.step_ns = step_ns
        self.feed_age_ns = 0
        self.quotes = {each.symbol: each for each in (quote(), quote("BETA"), quote("UST10Y"))}
        self.log: list[AnyEvent] = []
        for command in reference_commands():
            self.run(command)
        if open_day:
            self.run(StartDay(id="d", author=SYSTEM, day=TODAY))

    @property
    def context(self) -> Context:
        return Context(ts=self.ts, quotes=self.quotes, feed_ts=self.ts - self.feed_age_ns)

    def run(self, command: Command) -> list[AnyEvent]:
        """Decide a command, apply its events and return them."""
        events = decide(self.state, command, self.context)
        self.apply(*events)
        events = [*events, *self.follow_up(events)]
        self.ts += self.step_ns
        return events

    def follow_up(self, events: Sequence[AnyEvent]) -> list[AnyEvent]:
        """Apply what follows from events that were applied, and return it."""
        followed: list[AnyEvent] = []
        waiting = list(events)
        while waiting:
            follows = consequences(self.state, waiting.pop(0), self.context)
            self.apply(*follows)
            followed += follows
            waiting += follows
        return followed

    def apply(self, *events: AnyEvent) -> None:
        for event in events:
            evolve(self.state, event)
            self.log.append(event)

    def move_market(self, last: int, symbol: str = "ACME") -> None:
        self.quotes[symbol] = quote(symbol, last)

    def order(self, order_id: str) -> Order:
        return self.state.orders[order_id]

    # -- what people ask -----------------------------------------------------------------------

    def submit(
        self, order_terms: OrderTerms | None = None, author: str = "alice", **more: Any
    ) -> list[AnyEvent]:
        return self.run(submit(order_terms, author, **more))

    def accepted(
        self, order_terms: OrderTerms | None = None, author: str = "alice", **more: Any
    ) -> Order:
        """Enter an order that has to be accepted, and return it."""
        first = self.submit(order_terms, author, **more)[0]
        assert isinstance(first, OrderAccepted), first
        return self.order(first.order_id)

    def amend(self, order: Order, author: str = "alice", **more: Any) -> list[AnyEvent]:
        """Ask to change `qty`, `limit_px` or `stop_px`, whichever are given."""
        return self.run(amend(order, author, **more))

    def cancel(self, order: Order, author: str = "alice") -> list[AnyEvent]:
        return self.run(cancel(order, author))

    # -- what a venue says ---------------------------------------------------------------------

    def report(self, order: Order, trigger: Trigger, **more: Any) -> list[AnyEvent]:
        return self.run(report(order, trigger, **more))

    def fill(self, order: Order, qty: int, price: int = px(100), **more: Any) -> list[AnyEvent]:
        return self.run(fill_report(order, qty, price, **more))

    def order_in(self, status: OrderStatus, **changes: Any) -> Order:
        """Return an order for 100 that has come to `status` by the usual way.

        Those with fills have 40 done as `exec_id(order, 40)`, a Filled one 60 more like it.
        """
        if status is OrderStatus.DENIED:
            event = self.submit(terms(qty=-1))[0]
            assert isinstance(event, OrderDenied)
            return self.order(event.order_id)
        order = self.accepted(terms(**changes))
        for step in _WAYS[status]:
            step(self, order)
        assert order.status is status, order.status
        return order


def submit(
    order_terms: OrderTerms | None = None, author: str = "alice", **more: Any
) -> SubmitOrder:
    fields = {"id": new_id(), "author": author, "desk": DESK, **more}
    return SubmitOrder(terms=order_terms or terms(), **fields)


def amend(order: Order, author: str = "alice", **more: Any) -> AmendOrder:
    """Return an amendment of the terms named (`qty`, prices, what is in a handling) as seen now."""
    asked = {key: more.pop(key) for key in ("qty", "limit_px", "stop_px") if key in more}
    how = {key: more.pop(key) for key in Handling.__struct_fields__ if key in more}
    if how:
        asked["handling"] = msgspec.structs.replace(handling_of(order), **how)
    fields = {
        "id": new_id(),
        "author": author,
        "desk": order.desk,
        "order_id": order.order_id,
        "version": order.version,
        "replacement": msgspec.structs.replace(order.replacement, **asked),
        **more,
    }
    return AmendOrder(**fields)


def cancel(order: Order, author: str = "alice") -> CancelOrder:
    return CancelOrder(id=new_id(), author=author, desk=order.desk, order_id=order.order_id)


def report(order: Order, trigger: Trigger, **more: Any) -> VenueReport:
    """Return a venue's report under the id it knows the order, or the replace it answers, by."""
    answers_replace = trigger in (Trigger.REPLACE, Trigger.REJECT_REPLACE)
    known_as = f"{order.order_id}/{order.version if answers_replace else 1}"
    fields = {
        "id": new_id(),
        "author": VENUE,
        "cl_ord_id": known_as if answers_replace else order.cl_ord_id or known_as,
        "trigger": trigger,
        **more,
    }
    return VenueReport(**fields)


def fill_report(order: Order, qty: int, price: int = px(100), **more: Any) -> VenueReport:
    more.setdefault("exec_id", f"e-{new_id()}")
    return report(order, Trigger.PARTIAL_FILL, last_qty=qty, last_px=price, **more)


def exec_id(order: Order, qty: int) -> str:
    """Return the id of the fill of `qty` that `Desk.order_in` makes."""
    return f"{order.order_id}:of-{qty}"


def replace_report(order: Order, **more: Any) -> VenueReport:
    """Return the venue's word that the pending replace is done."""
    return report(order, Trigger.REPLACE, **more)


_S, _T = OrderStatus, Trigger
_Step = Callable[[Desk, Order], object]


def _said(trigger: Trigger) -> _Step:
    return lambda desk, order: desk.report(order, trigger)


def _fill_40(desk: Desk, order: Order) -> object:
    return desk.fill(order, 40, exec_id=exec_id(order, 40))


def _fill_60(desk: Desk, order: Order) -> object:
    return desk.fill(order, 60, exec_id=exec_id(order, 60))


_ACK: tuple[_Step, ...] = (_said(_T.ACKNOWLEDGE),)
_WAYS: dict[OrderStatus, tuple[_Step, ...]] = {
    _S.PENDING_NEW: (),
    _S.NEW: _ACK,
    _S.PARTIALLY_FILLED: (*_ACK, _fill_40),
    _S.FILLED: (*_ACK, _fill_40, _fill_60),
    _S.SUSPENDED: (*_ACK, _fill_40, _said(_T.SUSPEND)),
    _S.DONE_FOR_DAY: (*_ACK, _fill_40, _said(_T.END_DAY)),
    _S.PENDING_CANCEL: (*_ACK, lambda desk, order: desk.cancel(order)),
    _S.PENDING_REPLACE: (*_ACK, lambda desk, order: desk.amend(order, qty=200)),
    _S.CANCELED: (*_ACK, _fill_40, _said(_T.CANCEL)),
    _S.REJECTED: (*_ACK, _said(_T.REJECT)),
    _S.EXPIRED: (*_ACK, _fill_40, _said(_T.EXPIRE)),
}

REACHABLE = (*_WAYS, _S.DENIED)


# -- a venue -------------------------------------------------------------------------------------


class ScriptedFlow:
    """A market flow that does what a test told it to, once."""

    def __init__(self, *actions: MarketAction) -> None:
        self.waiting = list(actions)
        self.alive = True
        self.seen_ts = 0
        self.lived: list[Bar] = []

    def then(self, *actions: MarketAction) -> None:
        self.waiting += actions

    def heartbeat(self, ts: int) -> Heartbeat:
        self.seen_ts = ts if self.alive else self.seen_ts
        return Heartbeat("script", self.seen_ts)

    def past(self) -> Sequence[Bar]:
        lived, self.lived = self.lived, []
        return lived

    def actions(self, ts: int, last_px: Callable[[str], int]) -> Sequence[MarketAction]:
        found, self.waiting = self.waiting, []
        return found


def market_limit(
    is_buy: bool, price: int, qty: int, order_id: str = "", **more: Any
) -> MarketAction:
    """Return somebody else's limit order in ACME, under an id of its own unless one is given."""
    fields = {"symbol": "ACME", "order_id": order_id or f"M{new_id()}", **more}
    return MarketAction(kind="limit", is_buy=is_buy, price=price, qty=qty, **fields)


def market_order(is_buy: bool, qty: int, symbol: str = "ACME") -> MarketAction:
    """Return somebody else's market order."""
    return MarketAction(
        kind="market", symbol=symbol, order_id=f"M{new_id()}", is_buy=is_buy, qty=qty
    )


class SimDesk(Desk):
    """A desk whose orders go to a `SimVenue`, and whose venue's reports come back at once."""

    def __init__(self, **options: Any) -> None:
        self.flow = ScriptedFlow()
        self.venue = SimVenue(self.flow)
        self.messages: list[VenueMessage] = []
        super().__init__(**options)

    def run(self, command: Command) -> list[AnyEvent]:
        """Decide a command, send what it routes, decide what the venue says; return all events."""
        events = decide(self.state, command, self.context)
        self.apply(*events)
        events = [*events, *self.follow_up(events)]
        self.ts += self.step_ns
        return [*events, *self._deliver()]

    def apply(self, *events: AnyEvent) -> None:
        for event in events:
            message = venue_message(self.state, event)
            if message is not None:
                self.messages.append(message)
            super().apply(event)

    def _deliver(self) -> list[AnyEvent]:
        messages, self.messages = self.messages, []
        return self.hear(self.venue.send(messages, self.ts)) if messages else []

    def market(self, *actions: MarketAction) -> list[AnyEvent]:
        """Let the market do this, and return what it means for the desk."""
        self.flow.then(*actions)
        return self.hear(self.venue.advance(self.ts))

    def hear(self, reports: Sequence[VenueReport]) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        for each in reports:
            decided = decide(self.state, each, self.context)
            self.apply(*decided)
            events += [*decided, *self.follow_up(decided)]
        return [*events, *self._deliver()]


# -- a log ---------------------------------------------------------------------------------------


class LogWriter:
    """Numbers and chains events as an engine would.

    Attributes:
        rows: all rows so far.
    """

    def __init__(self) -> None:
        self.rows: list[StoredEvent] = []
        self.heads: dict[str, StreamHead] = {}

    def write(self, *events: AnyEvent, command_id: str = "c") -> list[StoredEvent]:
        """Return the rows of these events, caused by one command."""
        return [self._row(event, command_id) for event in events]

    def _row(self, event: AnyEvent, command_id: str) -> StoredEvent:
        stream, body = event.stream, encode_event(event)
        before = self.heads.get(stream, StreamHead())
        number = before.stream_seq + 1
        digest = chain_hash(before.hash, stream, number, command_id, body)
        self.heads[stream] = StreamHead(number, digest)
        row = StoredEvent(
            seq=len(self.rows) + 1,
            stream=stream,
            stream_seq=number,
            ts=event.ts,
            command_id=command_id,
            kind=type(event).__name__,
            body=body,
            hash=digest,
        )
        self.rows.append(row)
        return row

    def of(self, *streams: str) -> list[StoredEvent]:
        """Return the rows of these streams."""
        return [row for row in self.rows if row.stream in streams]


# -- an engine -----------------------------------------------------------------------------------


class EngineBench:
    """An `EngineCore` driven by hand over a memory store and a simulated venue: no threads.

    Attributes:
        ts: the store's clock.
        today: the desk's calendar.
        outputs: everything the core asked for, oldest first.
        ended: why it ended, `None` while it runs.
        slow: whether the venue's reports wait in `late` until `hear_late` is called.
    """

    def __init__(
        self,
        tables: MemoryTables | None = None,
        venue: SimVenue | None = None,
        *,
        holder: str = "engine-1",
        ts: int = NOW,
        today: str = TODAY,
    ) -> None:
        self.ts = ts
        self.today = today
        self.tables = tables or MemoryTables()
        self.tables.clock = lambda: self.ts
        self.store = MemoryStore(self.tables)
        self.flow = ScriptedFlow()
        self.venue = venue or SimVenue(self.flow)
        self.holder = holder
        self.core = EngineCore(frozenset({VENUE}))
        self.outputs: list[Output] = []
        self.ended: Stop | None = None
        self.slow = False
        self.late: list[VenueReport] = []

    def feed(self, given: Input) -> list[Output]:
        """Step the core and carry out what it asks, until it is content."""
        before = len(self.outputs)
        inputs = [given]
        while inputs:
            for output in self.core.step(inputs.pop(0)):
                self.outputs.append(output)
                answer = self._do(output)
                if answer is not None:
                    inputs.append(answer)
        return self.outputs[before:]

    def _do(self, output: Output) -> Input | None:
        store = self.store
        match output:
            case AcquireLease():
                return LeaseAnswered(store.acquire_lease(self.holder, LEASE_TTL_NS))
            case RenewLease(lease):
                return LeaseAnswered(store.renew_lease(lease, LEASE_TTL_NS))
            case ReadSnapshot():
                return SnapshotRead(store.latest_snapshot(WHOLE_STORE, 1))
            case ReadEvents(after_seq, limit):
                return EventsRead(store.read(None, after_seq, limit))
            case ReadCommands(limit):
                return CommandsRead(store.pending(limit))
            case Append(request):
                return AppendAnswered(store.append(request))
            case RestoreVenues(orders, requests):
                reports = self.venue.restore(orders, self.ts)
                return self._heard([*reports, *self.venue.send(requests, self.ts)])
            case SendToVenues(messages):
                return self._heard(self.venue.send(messages, self.ts))
            case SaveSnapshot(snapshot):
                store.save_snapshot(snapshot)
            case Stop():
                self.ended = output
                if output.release is not None:
                    store.release_lease(output.release)
        return None

    def _heard(self, reports: list[VenueReport]) -> Input | None:
        if not self.slow:
            return Reported(reports)
        self.late += reports
        return None

    def hear_late(self, count: int | None = None) -> None:
        """Let the engine hear the first `count` reports that are late, or all of them."""
        heard = self.late[:count]
        self.late = self.late[len(heard) :]
        self.feed(Reported(heard))

    def lead(self) -> EngineBench:
        """Take the lease, load, tell it the reference data and the market, open the day."""
        self.tick()
        self.see_market(quote(), quote("BETA"), quote("UST10Y"))
        self.ask(*reference_commands())
        return self

    def tick(self, later_ns: int = 0) -> list[Output]:
        self.ts += later_ns
        return self.feed(Tick(self.ts, self.today))

    def see_market(self, *quotes: Quote) -> None:
        self.feed(MarketSeen(self.ts, quotes))

    def ask(self, *commands: Command) -> list[Output]:
        """Store commands as desktops would, and let the engine look."""
        for command in commands:
            self.store.submit(submission_of(command))
        return self.tick()

    def ask_raw(self, command_id: str, body: bytes) -> list[Output]:
        """Store a body as it is."""
        plain = submission_of(submit(id=command_id))
        self.store.submit(msgspec.structs.replace(plain, body=body))
        return self.tick()

    def market(self, *actions: MarketAction) -> list[Output]:
        self.flow.then(*actions)
        heard = self._heard(self.venue.advance(self.ts))
        return self.feed(heard) if heard is not None else []

    def order_of(self, command_id: str) -> Order:
        """Return the order that a command made."""
        found = [o for o in self.core.state.orders.values() if o.command_id == command_id]
        assert len(found) == 1, found
        return found[0]


def end_day(day: str = TODAY, author: str = SYSTEM) -> EndDay:
    return EndDay(id=new_id(), author=author, day=day)


def start_day(day: str = TOMORROW, author: str = SYSTEM) -> StartDay:
    return StartDay(id=new_id(), author=author, day=day)


def replacement(order: Order, **changes: Any) -> Replacement:
    return msgspec.structs.replace(order.replacement, **changes)


RESTING = (TimeInForce.DAY, TimeInForce.GTC)
