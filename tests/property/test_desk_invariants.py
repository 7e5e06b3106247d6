"""Whatever people, markets and venues do: the books balance, and the log gives the state back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core.desk_state import (
    DeskState,
    decode_state,
    desk_view,
    encode_state,
    position_key,
    state_hash,
)
from app.core.evolve import evolve
from app.engine.step import Reported, Shutdown
from app.ports import StoredEvent, StreamHead, check_chain
from models.commands import (
    AcknowledgeAlert,
    BustExecution,
    CancelOrders,
    ClaimOrder,
    Command,
    CorrectExecution,
    HaltTrading,
    HandOver,
    LoadBasket,
    PassOrder,
    PauseStrategy,
    RecordExecution,
    ReleaseOrder,
    ResumeStrategy,
    ResumeTrading,
    SendWave,
    StartStrategy,
    StopStrategy,
    SubmitGroup,
    SubmitOrder,
    VenueReport,
)
from models.events import (
    AnyEvent,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderDenied,
    OrderFilled,
    OrderStaged,
    decode_event,
    desk_stream,
    encode_event,
)
from models.executions import Execution
from models.order_state import LOCAL, PENDING, TERMINAL, OrderStatus, Trigger
from models.orders import Order, OrderType, Side, TimeInForce
from models.workflow import Contingency, Strategy, StrategyKind, Style
from tests.builders import (
    DESK,
    OTHER_DESK,
    SECOND,
    EngineBench,
    amend,
    cancel,
    end_day,
    market_limit,
    market_order,
    new_id,
    px,
    quote,
    report,
    start_day,
    submit,
    terms,
)

DAYS = [f"2024-12-{day:02}" for day in range(1, 29)]
Step = Callable[[Random, "World"], None]


class World:
    """Two desks, one engine over one store, one venue; and an auditor of its own."""

    def __init__(self) -> None:
        self.bench = EngineBench().lead()
        self.days = 0
        self.checked = 0
        self.ids: Counter[str] = Counter()
        self.fills: dict[str, Execution] = {}
        self.held: Counter[str] = Counter()
        self.families: dict[str, set[str]] = {}
        self.told: list[VenueReport] = []

    @property
    def state(self) -> DeskState:
        return self.bench.core.state

    def pick(self, rnd: Random) -> Order | None:
        """Return some order, most often one that still works."""
        orders = list(self.state.orders.values())
        live = list(self.state.live_orders())
        return rnd.choice(live if live and rnd.random() < 0.8 else orders) if orders else None

    def hear(self, *reports: Any) -> None:
        self.bench.feed(Reported(reports))

    def restart(self, crash: bool) -> None:
        """Let another engine take over, over the same store and with a venue that starts empty."""
        before = state_hash(self.state)
        if crash:
            self.bench.ts += 10 * SECOND
        else:
            self.bench.feed(Shutdown())
        again = EngineBench(
            self.bench.tables,
            holder=new_id(),
            ts=self.bench.ts,
            today=self.bench.today,
        )
        again.core._today = ""
        states: list[str] = []
        restore = again.venue.restore

        def noting(*args: Any) -> Any:
            states.append(state_hash(again.core.state))
            return restore(*args)

        again.venue.restore = noting  # type: ignore[method-assign]
        again.tick()
        again.see_market(quote(), quote("BETA"))
        assert states == [before]
        self.bench = again

    # -- the auditor ---------------------------------------------------------------------------

    def audit(self) -> None:
        rows = self.bench.tables.events
        for row in rows[self.checked :]:
            self._audit_event(decode_event(row.body))
        self.checked = len(rows)
        for order in self.state.orders.values():
            self._audit_order(order)
        assert list(self.state.live) == [
            key for key in self.state.live if self.state.orders[key].leaves_qty > 0
        ]
        held = {key: qty for key, qty in self.held.items() if qty}
        assert held == {key: p.qty for key, p in self.state.positions.items() if p.qty}

    def _audit_event(self, event: AnyEvent) -> None:
        assert decode_event(encode_event(event)) == event
        if isinstance(event, OrderAccepted | OrderDenied | OrderStaged):
            self.ids[event.order_id] += 1
            self.families.setdefault(event.parent_id, set()).add(event.order_id)
            assert self.ids[event.order_id] == 1, "an order id was used again"
        if isinstance(event, ExecutionBusted | ExecutionCorrected):
            self._book(self.fills.pop(event.exec_ref), -1)
        if isinstance(event, OrderFilled | ExecutionCorrected):
            fill = event.execution
            assert fill.exec_id not in self.fills, "an execution was booked twice"
            assert fill.qty > 0
            assert fill.px > 0
            self.fills[fill.exec_id] = fill
            self._book(fill, 1)

    def _book(self, fill: Execution, sign: int) -> None:
        key = position_key(fill.desk, fill.account, fill.symbol)
        self.held[key] += sign * fill.side.sign * fill.qty

    def _audit_order(self, order: Order) -> None:
        family = {order.order_id} | self.families.get(order.order_id, set())
        fills = [fill for fill in self.fills.values() if fill.order_id in family]
        assert order.cum_qty == sum(fill.qty for fill in fills)
        assert order.cum_px_qty == sum(fill.qty * fill.px for fill in fills)
        staged = order.status is OrderStatus.STAGED
        assert staged or order.status not in LOCAL
        if order.order_id and order.status.value != "denied":
            assert 0 <= order.cum_qty <= order.qty or order.is_care  # late fills of its children
        over = order.status.value == "done_for_day" and not order.outlives(self.state.day)
        done = over or order.status in TERMINAL
        assert order.leaves_qty == (0 if done else max(0, order.qty - order.cum_qty))
        assert (order.order_id in self.state.live) is (order.leaves_qty > 0 and not staged)
        self._audit_family(order, family - {order.order_id})
        assert order.underlying_status not in PENDING
        if order.status not in PENDING:
            assert order.pending is None
            assert order.underlying_status is order.status

    def _audit_family(self, parent: Order, children: set[str]) -> None:
        """What a parent has committed is what its children have done or may still do."""
        if not parent.is_care:
            assert not children
            return
        by_hand = (parent.order_id, *(key for key in children if key not in self.state.orders))
        out = sum(fill.qty for fill in self.fills.values() if fill.order_id in by_hand)
        for child in (self.state.orders[key] for key in children if key in self.state.orders):
            left = child.leaves_qty
            if child.pending is not None and left:
                left = max(left, child.pending.qty - child.cum_qty)
            out += child.cum_qty + left
        assert parent.committed_qty == out
        if parent.cum_qty <= parent.qty:
            assert out <= parent.qty or self.told, "a parent was oversent"

    def finish(self) -> None:
        """Hold the log against the state, by every way that leads from one to the other."""
        rows = self.bench.tables.events
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        check_chain({}, rows)
        live = self.state
        assert state_hash(replayed(rows)) == state_hash(live)
        for at in (0, len(rows) // 3, 2 * len(rows) // 3):
            snapshot = decode_state(encode_state(replayed(rows[:at])))
            assert state_hash(replayed(rows[at:], snapshot)) == state_hash(live)
            assert list(snapshot.live) == list(live.live)
        for desk in (DESK, OTHER_DESK):
            follows(rows, live, desk)


def replayed(rows: list[StoredEvent], onto: DeskState | None = None) -> DeskState:
    state = onto or DeskState()
    for row in rows:
        evolve(state, decode_event(row.body))
    return state


def follows(rows: list[StoredEvent], live: DeskState, desk: str) -> None:
    """Who follows one desk's and the firm's streams has them whole and builds the desk's view."""
    streams = (desk_stream(desk), "firm")
    mine = [row for row in rows if row.stream in streams]
    heads: dict[str, StreamHead] = {}
    check_chain(heads, mine)
    followed, view = replayed(mine), desk_view(live, desk)
    assert state_hash(followed) == state_hash(view)
    assert list(followed.live) == list(view.live)


# -- what may happen -----------------------------------------------------------------------------

PRICES = [px(price) for price in (97, 98, 99, 100, 100, 101, 102, 103)]
QTYS = [1, 10, 40, 50, 100, 200, 300, 15_000]
TOLD = [t for t in Trigger if t not in (Trigger.STAGE, Trigger.SEND)]


def a_submit(rnd: Random, world: World) -> Command:
    kind = rnd.choice([OrderType.LIMIT] * 5 + list(OrderType))
    side = rnd.choice(list(Side))
    away = px(rnd.randint(1, 3)) * side.sign
    asked = terms(
        side=side,
        qty=rnd.choice(QTYS),
        order_type=kind,
        time_in_force=rnd.choice([TimeInForce.DAY] * 4 + [TimeInForce.GTC] * 2 + list(TimeInForce)),
        limit_px=rnd.choice(PRICES) if kind is OrderType.LIMIT else None,
        stop_px=px(100) + away if kind.has_stop else None,
    )
    if kind is OrderType.STOP_LIMIT:
        asked = msgspec.structs.replace(asked, limit_px=px(100) + 2 * away)
    author, desk = rnd.choice([("alice", DESK), ("frank", OTHER_DESK), ("ben", DESK)])
    return submit(asked, author, desk=desk, reason=rnd.choice(["", "meant", "meant", "meant"]))


def an_amend(rnd: Random, world: World) -> Command | None:
    order = world.pick(rnd)
    if order is None:
        return None
    changes = {"qty": rnd.choice(QTYS)}
    if order.limit_px and rnd.random() < 0.5:
        changes["limit_px"] = rnd.choice(PRICES)
    return amend(order, order.trader, reason="meant", **changes)


def a_cancel(rnd: Random, world: World) -> Command | None:
    order = world.pick(rnd)
    return cancel(order, order.trader) if order is not None else None


def an_acknowledgement(rnd: Random, world: World) -> Command | None:
    alerts = sorted(world.state.alerts)
    if not alerts:
        return None
    return AcknowledgeAlert(id=new_id(), author="dana", desk=DESK, alert_id=rnd.choice(alerts))


def _care_orders(world: World) -> list[Order]:
    return [o for o in world.state.orders.values() if o.is_care and o.trader]


def a_care_order(rnd: Random, world: World) -> Command:
    asked = terms(
        side=rnd.choice([Side.BUY, Side.SELL]),
        qty=rnd.choice([300, 1_000, 5_000]),
        venue="DESK",
        limit_px=rnd.choice(PRICES),
        time_in_force=rnd.choice([TimeInForce.DAY, TimeInForce.GTC]),
    )
    staged = rnd.random() < 0.3
    return submit(asked, "alice", reason="meant", staged=staged)


def a_slice(rnd: Random, world: World) -> Command | None:
    parents = _care_orders(world)
    if not parents:
        return None
    parent = rnd.choice(parents)
    asked = terms(side=parent.side, qty=rnd.choice(QTYS), limit_px=rnd.choice(PRICES))
    return submit(asked, parent.trader, reason="meant", parent_id=parent.order_id)


def a_group(rnd: Random, world: World) -> Command:
    entry = terms(qty=100, limit_px=rnd.choice(PRICES))
    exits = (
        terms(side=Side.SELL, qty=100, limit_px=px(104)),
        terms(side=Side.SELL, qty=100, order_type=OrderType.STOP, limit_px=None, stop_px=px(90)),
    )
    kind = rnd.choice(list(Contingency))
    legs = {
        Contingency.OCO: exits,
        Contingency.OTO: (entry, exits[0]),
        Contingency.BRACKET: (entry, *exits),
    }[kind]
    if rnd.random() < 0.5:
        legs = tuple(msgspec.structs.replace(x, time_in_force=TimeInForce.GTC) for x in legs)
    return SubmitGroup(
        id=new_id(), author="alice", desk=DESK, contingency=kind, legs=legs, reason="meant"
    )


def a_strategy(rnd: Random, world: World) -> Command | None:
    parents = _care_orders(world)
    if not parents:
        return None
    parent, now = rnd.choice(parents), world.bench.ts
    asked = {"id": new_id(), "author": parent.trader, "desk": DESK, "order_id": parent.order_id}
    if parent.order_id in world.state.strategies:
        return rnd.choice([PauseStrategy, ResumeStrategy, StopStrategy])(**asked)
    strategy = Strategy(
        kind=rnd.choice([StrategyKind.TWAP, StrategyKind.POV, StrategyKind.ICEBERG]),
        start_ts=now,
        end_ts=now + rnd.choice([5, 30]) * SECOND,
        every_ns=SECOND,
        style=rnd.choice(list(Style)),
        participation_bps=1_000,
        display_qty=50,
    )
    return StartStrategy(strategy=strategy, **asked)


def a_release(rnd: Random, world: World) -> Command | None:
    staged = [o for o in world.state.orders.values() if o.status is OrderStatus.STAGED]
    if not staged:
        return None
    order = rnd.choice(staged)
    return ReleaseOrder(
        id=new_id(),
        author=order.trader,
        desk=order.desk,
        order_id=order.order_id,
        version=order.version,
        reason="meant",
    )


def a_pass(rnd: Random, world: World) -> Command | None:
    order = world.pick(rnd)
    if order is None or order.desk != DESK:
        return None
    to = rnd.choice(["alice", "ben", ""])
    return PassOrder(id=new_id(), author=order.trader, desk=DESK, order_id=order.order_id, to=to)


def some(rnd: Random, world: World) -> tuple[str, ...]:
    """Return the ids of some orders: a parent and its children among them, staged ones too."""
    keys = sorted(world.state.orders)
    return tuple(rnd.sample(keys, min(len(keys), rnd.randint(1, 6))))


def many_cancels(rnd: Random, world: World) -> Command | None:
    narrow: dict[str, Any] = rnd.choice(
        [
            {"order_ids": some(rnd, world)},
            {"trader": "alice"},
            {"basket_id": rnd.choice([*world.state.baskets, "none"])},
            {"parent_id": rnd.choice([o.order_id for o in _care_orders(world)] or ["none"])},
            {"symbol": "ACME", "venue": rnd.choice(["SIM", "DESK"])},
        ]
    )
    author = rnd.choice(["alice", "dana", "dana", "carl"])
    return CancelOrders(id=new_id(), author=author, desk=DESK, **narrow)


def a_basket(rnd: Random, world: World) -> Command:
    lines = tuple(
        terms(side=rnd.choice([Side.BUY, Side.SELL]), qty=rnd.choice(QTYS), limit_px=price)
        for price in rnd.sample(PRICES, 3)
    )
    return LoadBasket(
        id=new_id(), author="alice", desk=DESK, basket_id=new_id(), name="b", lines=lines
    )


def a_wave(rnd: Random, world: World) -> Command | None:
    if not world.state.baskets:
        return None
    return SendWave(
        id=new_id(),
        author=rnd.choice(["alice", "dana"]),
        desk=DESK,
        basket_id=rnd.choice(sorted(world.state.baskets)),
        share_bps=rnd.choice([1, 2_500, 10_000]),
        venue=rnd.choice(["SIM", "SIM", "SIM", "DESK"]),
        reason="meant",
    )


def by_phone(rnd: Random, world: World) -> Command | None:
    parents = _care_orders(world)
    if not parents:
        return None
    order = rnd.choice(parents)
    return RecordExecution(
        id=new_id(),
        author=order.trader,
        desk=DESK,
        order_id=order.order_id,
        qty=rnd.choice([order.room, 10]),
        px=rnd.choice(PRICES),
        counterparty="Broker A",
    )


def by_authority(rnd: Random, world: World) -> Command | None:
    if not world.fills:
        return None
    asked = {
        "id": new_id(),
        "author": rnd.choice(["dana", "olga"]),
        "desk": DESK,
        "exec_id": rnd.choice(sorted(world.fills)),
        "note": "agreed",
    }
    if rnd.random() < 0.5:
        return BustExecution(**asked)
    return CorrectExecution(qty=rnd.choice(QTYS), px=rnd.choice(PRICES), **asked)


def a_halt(rnd: Random, world: World) -> Command:
    asked = {"id": new_id(), "author": "dana", "desk": DESK}
    halted = [halt.trader for halt in world.state.halts.values()]
    if halted:
        return ResumeTrading(trader=halted[0], **asked)
    return HaltTrading(trader=rnd.choice(["", "alice"]), **asked)


def a_hand_over(rnd: Random, world: World) -> Command:
    giver, to = rnd.choice([("alice", "ben"), ("ben", "alice")])
    return HandOver(id=new_id(), author="dana", desk=DESK, trader=giver, to=to)


def an_unclaimed(rnd: Random, world: World) -> Command | None:
    pooled = [o for o in world.state.orders.values() if not o.trader and o.is_open]
    if not pooled:
        return submit(terms(qty=500, venue="DESK"), "dana", reason="meant", unclaimed=True)
    order = rnd.choice(pooled)
    asked = {"id": new_id(), "author": "ben", "desk": DESK, "order_id": order.order_id}
    return ClaimOrder(**asked) if rnd.random() < 0.5 else cancel(order, "dana")


def a_staged_slice(rnd: Random, world: World) -> Command | None:
    command = a_slice(rnd, world)
    if not isinstance(command, SubmitOrder):
        return None
    lasts = msgspec.structs.replace(command.terms, time_in_force=TimeInForce.GTC)
    return msgspec.structs.replace(command, staged=True, terms=rnd.choice([command.terms, lasts]))


PEOPLE = [
    many_cancels,
    many_cancels,
    a_basket,
    a_wave,
    a_wave,
    by_phone,
    by_authority,
    by_authority,
    a_halt,
    a_hand_over,
    an_unclaimed,
    a_staged_slice,
    a_release,
    an_amend,
    an_amend,
    a_group,
    a_strategy,
    a_slice,
]


def people(rnd: Random, world: World) -> None:
    """Heads, operations and several hands at once: in one batch, as they come."""
    if world.state.halts:
        world.bench.ask(a_halt(rnd, world))
    commands = [rnd.choice(PEOPLE)(rnd, world) for _ in range(rnd.randint(1, 5))]
    world.bench.ask(*[command for command in commands if command is not None])
    world.bench.tick(rnd.choice([0, SECOND, 3 * SECOND]))
    world.bench.see_market(quote(volume=rnd.randint(0, 50_000)), quote("BETA"))


def workflow(rnd: Random, world: World) -> None:
    """The desk's own work, and time for strategies to go on."""
    kinds = [a_care_order, a_slice, a_slice, a_group, a_strategy, a_release, a_pass, a_cancel]
    commands = [rnd.choice(kinds)(rnd, world) for _ in range(rnd.randint(1, 4))]
    world.bench.ask(*[command for command in commands if command is not None])
    world.bench.tick(rnd.choice([0, SECOND, SECOND, 3 * SECOND]))
    world.bench.see_market(quote(volume=rnd.randint(0, 50_000)), quote("BETA"))


def batch(rnd: Random, world: World) -> None:
    """Several people's commands in one batch."""
    kinds = [a_submit, a_submit, a_submit, an_amend, an_amend, a_cancel, an_acknowledgement]
    commands = [rnd.choice(kinds)(rnd, world) for _ in range(rnd.randint(1, 4))]
    world.bench.ask(*[command for command in commands if command is not None])


def late(rnd: Random, world: World) -> None:
    """A slow venue: its reports cross what people ask meanwhile, and come a few at a time."""
    world.bench.slow = True
    if rnd.random() < 0.7:
        world.bench.hear_late(rnd.randint(1, 5))


def market(rnd: Random, world: World) -> None:
    is_buy, qty = rnd.random() < 0.5, rnd.choice(QTYS)
    if rnd.random() < 0.5:
        world.bench.market(market_order(is_buy, qty))
    else:
        world.bench.market(market_limit(is_buy, rnd.choice(PRICES), qty))


def odd_report(rnd: Random, world: World) -> None:
    """What a broker may send: anything, of any order, of any execution, more than once."""
    order = world.pick(rnd)
    if order is None:
        return
    known = sorted(world.fills)
    said = report(
        order,
        rnd.choice(TOLD + [Trigger.BUST, Trigger.CORRECT, Trigger.PARTIAL_FILL] * 3),
        exec_id=rnd.choice(["x1", "x2", "x3", new_id(), new_id(), "", rnd.choice([*known, "x1"])]),
        exec_ref=rnd.choice([*known, "nobody"]),
        last_qty=rnd.choice([-1, 0, 5, 40, 100]),
        last_px=rnd.choice([px(100), px(100), px(99), 0]),
    )
    world.told.append(said)
    world.hear(*[said, rnd.choice(world.told)][: rnd.randint(1, 2)])


def next_day(rnd: Random, world: World) -> None:
    today = DAYS[world.days]
    world.days += 1
    how = rnd.randrange(3)
    if how == 0:
        world.bench.today = today
        world.bench.tick()
    elif how == 1:
        world.bench.ask(end_day(world.state.day), start_day(today))
    else:
        world.bench.ask(end_day(world.state.day))
        world.bench.ask(start_day(today))
    world.bench.today = today


def restart(rnd: Random, world: World) -> None:
    world.restart(crash=rnd.random() < 0.5)


TRADING = [batch, batch, batch, batch, market, market, market]
FLOWS: dict[str, list[Step]] = {
    "trading": TRADING,
    "slow venue": [*TRADING, late, late, late],
    "odd reports": [*TRADING, odd_report, odd_report, odd_report],
    "days": [*TRADING, next_day],
    "restarts": [*TRADING, late, restart],
    "workflow": [*TRADING, workflow, workflow, workflow, workflow, late],
    "workflow of days": [*TRADING, workflow, workflow, workflow, next_day, restart],
    "people": [*TRADING, workflow, workflow, people, people, people, people, late],
    "people over days": [*TRADING, workflow, workflow, people, people, people, next_day, restart],
    "everything": [
        *TRADING,
        people,
        people,
        workflow,
        workflow,
        late,
        odd_report,
        next_day,
        restart,
    ],
}


def played(flow: str, seed: int, *, audited: bool = True) -> World:
    """Return a world after 25 steps; the same seed gives the same ones."""
    rnd, world = Random(seed), World()
    for _ in range(25):
        rnd.choice(FLOWS[flow])(rnd, world)
        if audited:
            world.audit()
        assert world.bench.ended is None, world.bench.ended
    world.bench.hear_late()
    return world


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=25, phases=[Phase.generate])
@given(seed=st.integers(0, 10**9))
def test_books_balance_and_the_log_gives_the_state_back(flow: str, seed: int) -> None:
    played(flow, seed).finish()


@settings(max_examples=25, phases=[Phase.generate])
@given(seed=st.integers(0, 10**9))
def test_venue_works_what_the_desk_thinks_it_works(seed: int) -> None:
    """Without odd reports, both sides agree on every live order once nothing is under way."""
    world = played("restarts", seed, audited=False)
    books = world.bench.venue.books
    for order in world.state.live_orders():
        assert order.status not in PENDING
        book = books[order.symbol]
        resting = book.orders.get(order.order_id)
        assert resting is not None or order.order_id in book.stops
        if resting is not None:
            assert (resting.leaves, resting.price) == (order.leaves_qty, order.limit_px)
    for book in books.values():
        working = set(book.orders) | {stop.order_id for stop in book.stops.stops()}
        assert {key for key in working if key.startswith("O-")} <= set(world.state.live)
