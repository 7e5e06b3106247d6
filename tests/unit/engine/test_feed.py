"""A market feed that dies, from the simulated venue to the engine's decisions: they fail closed."""

from __future__ import annotations

from app.core.context import FEED_TIMEOUT_NS
from app.engine.process import EngineRunner
from app.engine.step import MarketSeen, Reported
from app.market.parameters import FeedOutage, MarketParameters
from app.market.simulator import SimulatedFlow
from app.store.memory import MemoryStore, MemoryTables
from app.venues.sim import SimVenue
from models.order_state import OrderStatus
from models.orders import Order, OrderType
from tests.builders import (
    NOW,
    SECOND,
    EngineBench,
    ScriptedFlow,
    cancel,
    market_terms,
    new_id,
    submit,
    terms,
)

OUTAGE = FeedOutage(after_s=10, for_s=60)
TIMEOUT_S = FEED_TIMEOUT_NS // SECOND
RESTING_PX = 50 * 10**9


class Feed:
    """An engine that leads, and its simulated market, which fails as `OUTAGE` says."""

    def __init__(self) -> None:
        flow = SimulatedFlow(
            lambda: self.bench.core.state.instruments,
            seed=3,
            parameters=MarketParameters(outages=(OUTAGE,), news_per_day=0),
        )
        self.bench = EngineBench(venue=SimVenue(flow)).lead()
        self._advance()

    def run_until(self, second: int) -> None:
        """Let the market and the engine go on, second by second since the market began."""
        while self.bench.ts < NOW + second * SECOND:
            self.bench.ts += SECOND
            self._advance()
            self.bench.tick()

    def _advance(self) -> None:
        reports = self.bench.venue.advance(self.bench.ts)
        seen = self.bench.venue.market()
        self.bench.feed(MarketSeen(seen.feed_ts, seen.quotes))
        self.bench.feed(Reported(reports))

    def enter(self, **changes: object) -> Order:
        """Ask for an order with a reason for whatever is soft; return what became of it."""
        is_limit = "limit_px" in changes
        wanted = terms(**changes) if is_limit else market_terms(**changes)
        command = submit(wanted, id=new_id(), reason="a client's wish")
        self.bench.ask(command)
        return self.bench.order_of(command.id)


def test_orders_that_need_a_price_fail_closed_in_an_outage_and_pass_after_it() -> None:
    feed = Feed()
    feed.run_until(OUTAGE.after_s + TIMEOUT_S)
    assert feed.enter(qty=101).status is not OrderStatus.DENIED  # silent, but not for too long yet
    feed.run_until(OUTAGE.after_s + TIMEOUT_S + 1)
    denied = feed.enter(qty=102)
    assert denied.status is OrderStatus.DENIED
    assert denied.order_type is OrderType.MARKET
    feed.run_until(OUTAGE.after_s + OUTAGE.for_s)
    assert feed.enter(qty=103).status is not OrderStatus.DENIED


def test_limit_orders_are_judged_on_a_price_too() -> None:
    feed = Feed()
    feed.run_until(5)
    resting = feed.enter(limit_px=RESTING_PX, qty=104)
    assert resting.status is not OrderStatus.DENIED
    feed.run_until(OUTAGE.after_s + TIMEOUT_S + 1)
    assert feed.enter(limit_px=RESTING_PX, qty=105).status is OrderStatus.DENIED


def test_cancel_passes_while_the_feed_is_dead() -> None:
    feed = Feed()
    feed.run_until(5)
    resting = feed.enter(limit_px=RESTING_PX, qty=106)
    feed.run_until(OUTAGE.after_s + TIMEOUT_S + 1)
    feed.bench.ask(cancel(resting))
    assert feed.bench.core.state.orders[resting.order_id].status is OrderStatus.CANCELED


class Log:
    """Attributes: lines: what was logged, with its level."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, object, object]] = []

    def _note(self, level: str, event: str, fields: dict[str, object]) -> None:
        self.lines.append((level, event, fields.get("feed"), fields.get("since_ts")))

    def info(self, event: str, **fields: object) -> None:
        self._note("info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._note("warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._note("error", event, fields)


def test_engine_logs_once_by_name_that_a_feed_died_and_that_it_is_back() -> None:
    tables, flow, log = MemoryTables(), ScriptedFlow(), Log()
    venue = SimVenue(flow)
    runner = EngineRunner(MemoryStore(tables), venue, "me", lambda ts: "", log)
    runner._lock.acquire()  # as `run` does
    for second in range(60):
        flow.alive = not 10 < second <= 40
        tables.clock = lambda second=second: NOW + second * SECOND  # type: ignore[misc]
        venue.advance(runner._now())
        runner._publish()
    assert log.lines == [
        ("warning", "feed_dead", "script", NOW + 10 * SECOND),
        ("info", "feed_alive", "script", NOW + 41 * SECOND),
    ]


def test_quiet_name_on_a_live_feed_is_traded_on_its_last_price() -> None:
    """Only the feed's own silence makes a price unusable, never that of a name."""
    feed = Feed()
    feed.run_until(OUTAGE.after_s)
    quotes = [q for q in feed.bench.venue.market().quotes if q.symbol != "ACME"]
    for second in range(OUTAGE.after_s, OUTAGE.after_s + 10 * TIMEOUT_S):
        feed.bench.ts = NOW + second * SECOND
        feed.bench.feed(MarketSeen(feed.bench.ts, quotes))
        feed.bench.tick()
    assert feed.enter(qty=107).status is not OrderStatus.DENIED
