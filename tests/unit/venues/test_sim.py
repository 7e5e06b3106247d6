"""The simulated venue: what it reports of the desk's orders, once and under deterministic ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app.ports import (
    CancelRequest,
    EndSession,
    MarketAction,
    MarketUpdate,
    NewOrder,
    ReplaceOrder,
    StartSession,
    VenueMessage,
)
from app.venues.sim import NAME, SimVenue
from models.commands import VenueReport
from models.market import BAR_NS, DEPTH_LEVELS, PRINTS_MAX, Bar, Depth, Level
from models.order_state import OrderStatus, Trigger
from models.orders import OrderTerms, OrderType, Replacement, Side, TimeInForce
from tests.builders import (
    NOW,
    RESTING,
    TODAY,
    ScriptedFlow,
    SimDesk,
    end_day,
    market_limit,
    market_order,
    market_terms,
    px,
    stop_terms,
    terms,
)

T = Trigger
IOC, FOK, GTC = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTC


class Bench:
    """A venue with a flow that a test scripts; reports come as (trigger, quantity, price)."""

    def __init__(self, *resting: MarketAction) -> None:
        self.flow = ScriptedFlow()
        self.venue = SimVenue(self.flow)
        self.market(*resting)

    def market(self, *actions: MarketAction) -> list[VenueReport]:
        self.flow.then(*actions)
        return self.venue.advance(NOW)

    def send(self, *messages: VenueMessage) -> list[VenueReport]:
        return self.venue.send(messages, NOW)

    def enter(
        self, order_terms: OrderTerms, order_id: str = "O-1", **more: Any
    ) -> list[VenueReport]:
        return self.send(NewOrder(cl_ord_id=f"{order_id}/1", terms=order_terms, **more))

    def replace(self, qty: int, price: int | None = px(100), **more: Any) -> list[VenueReport]:
        new = Replacement(qty=qty, limit_px=price, **more)
        return self.send(ReplaceOrder(cl_ord_id="O-1/2", orig_cl_ord_id="O-1/1", replacement=new))

    def cancel(self, cl_ord_id: str = "O-1/1") -> list[VenueReport]:
        return self.send(CancelRequest(cl_ord_id=cl_ord_id))


def short(reports: Sequence[VenueReport]) -> list[tuple[Trigger, int, int]]:
    return [(each.trigger, each.last_qty, each.last_px) for each in reports]


ACK = (T.ACKNOWLEDGE, 0, 0)
CANCELED = (T.CANCEL, 0, 0)


def test_new_order_is_acknowledged_under_its_client_order_id() -> None:
    (report,) = Bench().enter(terms())
    assert (report.cl_ord_id, report.author, report.trigger, report.ts) == (
        "O-1/1",
        NAME,
        T.ACKNOWLEDGE,
        NOW,
    )


def test_limit_trades_what_it_reaches_and_rests() -> None:
    bench = Bench(market_limit(False, px(100), 30), market_limit(False, px(101), 30))
    assert short(bench.enter(terms(qty=100))) == [ACK, (T.PARTIAL_FILL, 30, px(100))]
    assert short(bench.market(market_order(False, 70))) == [(T.FILL, 70, px(100))]
    assert short(bench.cancel()) == [(T.REJECT_CANCEL, 0, 0)]


@pytest.mark.parametrize("side", [Side.SELL, Side.SELL_SHORT])
def test_sale_hits_bids(side: Side) -> None:
    bench = Bench(market_limit(True, px(100), 100))
    assert short(bench.enter(terms(side=side))) == [ACK, (T.FILL, 100, px(100))]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (terms(time_in_force=IOC), [ACK, (T.PARTIAL_FILL, 60, px(100)), CANCELED]),
        (terms(qty=60, time_in_force=IOC), [ACK, (T.FILL, 60, px(100))]),
        (terms(limit_px=px(99), time_in_force=IOC), [ACK, CANCELED]),
        (terms(time_in_force=FOK), [ACK, CANCELED]),
        (terms(qty=60, time_in_force=FOK), [ACK, (T.FILL, 60, px(100))]),
        (market_terms(), [ACK, (T.PARTIAL_FILL, 60, px(100)), CANCELED]),
        (market_terms(qty=50), [ACK, (T.FILL, 50, px(100))]),
        (market_terms(time_in_force=FOK), [ACK, CANCELED]),
        (market_terms(side=Side.SELL), [ACK, CANCELED]),
    ],
)
def test_immediate_order_trades_or_is_cancelled(
    asked: OrderTerms, expected: list[tuple[Trigger, int, int]]
) -> None:
    bench = Bench(market_limit(False, px(100), 60))
    reports = bench.enter(asked)
    assert short(reports) == expected
    if expected[-1] == CANCELED:
        assert reports[-1].text
        assert short(bench.cancel()) == [(T.REJECT_CANCEL, 0, 0)]


def test_stop_waits_triggers_and_trades() -> None:
    bench = Bench(market_limit(False, px(101), 10), market_limit(False, px(102), 500))
    assert short(bench.enter(stop_terms(px(101)))) == [ACK]
    assert short(bench.market(market_order(True, 10))) == [
        (T.ACTIVATE, 0, 0),
        (T.FILL, 100, px(102)),
    ]


def test_stop_limit_triggers_and_rests_at_its_limit() -> None:
    bench = Bench(market_limit(True, px(99), 10), market_limit(True, px(98), 40))
    bench.enter(stop_terms(px(99), px(98), side=Side.SELL))
    assert short(bench.market(market_order(False, 10))) == [
        (T.ACTIVATE, 0, 0),
        (T.PARTIAL_FILL, 40, px(98)),
    ]
    assert short(bench.replace(60, px(98))) == [(T.REPLACE, 0, 0)]


def test_stop_that_is_triggered_in_an_empty_book_is_cancelled() -> None:
    bench = Bench(market_limit(False, px(101), 10))
    bench.enter(stop_terms(px(101)))
    assert short(bench.market(market_order(True, 10))) == [(T.ACTIVATE, 0, 0), CANCELED]


# -- replace and cancel --------------------------------------------------------------------------


def test_replace_is_answered_under_the_new_id() -> None:
    bench = Bench()
    bench.enter(terms())
    (report,) = bench.replace(200)
    assert (report.trigger, report.cl_ord_id) == (T.REPLACE, "O-1/2")
    (fill,) = bench.market(market_order(False, 200))
    assert (fill.trigger, fill.cl_ord_id, fill.last_qty) == (T.FILL, "O-1/2", 200)


def test_replace_into_the_market_trades_at_once() -> None:
    bench = Bench(market_limit(False, px(101), 500))
    bench.enter(terms())
    assert short(bench.replace(100, px(101))) == [(T.REPLACE, 0, 0), (T.FILL, 100, px(101))]


@pytest.mark.parametrize("qty", [40, 10])
def test_replace_at_or_below_what_was_filled_ends_the_order(qty: int) -> None:
    bench = Bench(market_limit(False, px(100), 40))
    bench.enter(terms())
    assert short(bench.replace(qty)) == [(T.REPLACE, 0, 0)]
    assert bench.market(market_order(False, 500)) == []
    assert short(bench.cancel()) == [(T.REJECT_CANCEL, 0, 0)]


def test_replace_counts_what_was_filled() -> None:
    bench = Bench(market_limit(False, px(100), 40))
    bench.enter(terms())
    bench.replace(70)
    assert short(bench.market(market_order(False, 500))) == [(T.FILL, 30, px(100))]


def test_replace_of_a_waiting_stop_moves_its_prices() -> None:
    bench = Bench(market_limit(False, px(101), 10), market_limit(False, px(102), 500))
    bench.enter(stop_terms(px(105)))
    assert short(bench.replace(80, None, stop_px=px(101))) == [(T.REPLACE, 0, 0)]
    assert short(bench.market(market_order(True, 10))) == [
        (T.ACTIVATE, 0, 0),
        (T.FILL, 80, px(102)),
    ]


@pytest.mark.parametrize("how", ["unknown", "filled", "cancelled"])
def test_replace_or_cancel_that_comes_too_late_is_rejected_in_words(how: str) -> None:
    bench = Bench(market_limit(False, px(100), 500))
    if how != "unknown":
        bench.enter(terms(limit_px=px(100) if how == "filled" else px(99)))
    if how == "cancelled":
        assert short(bench.cancel()) == [CANCELED]
    (replaced,) = bench.replace(200)
    (cancelled,) = bench.cancel()
    assert (replaced.trigger, replaced.cl_ord_id) == (T.REJECT_REPLACE, "O-1/2")
    assert (cancelled.trigger, cancelled.cl_ord_id) == (T.REJECT_CANCEL, "O-1/1")
    assert replaced.text == cancelled.text == "Too late: the order is not working."


def test_cancel_and_fill_cross_in_order() -> None:
    bench = Bench()
    bench.enter(terms())
    fills = bench.market(market_order(False, 30))
    assert short([*fills, *bench.cancel()]) == [(T.PARTIAL_FILL, 30, px(100)), CANCELED]


@pytest.mark.parametrize("time_in_force", RESTING)
def test_end_of_session_takes_day_orders_out_silently(time_in_force: TimeInForce) -> None:
    bench = Bench()
    bench.enter(terms(time_in_force=time_in_force))
    bench.enter(stop_terms(px(101), time_in_force=time_in_force), "O-2")
    assert bench.send(EndSession(day=TODAY)) == []
    stays = time_in_force is GTC
    assert ("O-1" in bench.venue.books["ACME"].orders) is stays
    assert ("O-2" in bench.venue.books["ACME"].stops) is stays
    assert bool(bench.market(market_order(False, 10))) is stays


# -- ids and restarts ----------------------------------------------------------------------------


def test_execution_ids_are_a_function_of_the_fill() -> None:
    bench = Bench(market_limit(False, px(100), 30), market_limit(False, px(100), 20))
    first = [each.exec_id for each in bench.enter(terms()) if each.exec_id]
    then = [each.exec_id for each in bench.market(market_order(False, 5))]
    assert first + then == ["O-1:0", "O-1:30", "O-1:50"]


def test_execution_ids_go_on_after_a_restart() -> None:
    before = Bench(market_limit(False, px(100), 30))
    seen = [each.exec_id for each in before.enter(terms()) if each.exec_id]
    after = Bench()
    (ack,) = after.venue.restore([NewOrder(cl_ord_id="O-1/1", terms=terms(), cum_qty=30)], NOW)
    assert ack.trigger is T.ACKNOWLEDGE
    (fill,) = after.market(market_order(False, 500))
    assert (fill.exec_id, fill.last_qty, fill.trigger) == ("O-1:30", 70, T.FILL)
    assert fill.exec_id not in seen


def test_restore_gives_orders_their_old_priority() -> None:
    bench = Bench()
    orders = [NewOrder(cl_ord_id=f"O-{n}/1", terms=terms()) for n in (3, 1, 2)]
    bench.venue.restore(orders, NOW)
    fills = bench.market(market_order(False, 250))
    assert [each.cl_ord_id for each in fills] == ["O-3/1", "O-1/1", "O-2/1"]


def test_restore_of_a_triggered_stop_limit_works_as_a_limit() -> None:
    bench = Bench(market_limit(False, px(101), 10))
    order = NewOrder(cl_ord_id="O-1/1", terms=stop_terms(px(150), px(101)), triggered=True)
    assert short(bench.venue.restore([order], NOW)) == [ACK, (T.PARTIAL_FILL, 10, px(101))]


def test_restore_of_a_waiting_stop_waits_on() -> None:
    bench = Bench(market_limit(False, px(101), 500))
    order = NewOrder(cl_ord_id="O-1/1", terms=stop_terms(px(150)))
    assert short(bench.venue.restore([order], NOW)) == [ACK]


def test_order_that_is_here_already_is_acknowledged_and_not_entered_twice() -> None:
    bench = Bench()
    bench.enter(terms())
    assert short(bench.enter(terms())) == [ACK]
    assert short(bench.market(market_order(False, 500))) == [(T.FILL, 100, px(100))]


# -- the market ----------------------------------------------------------------------------------


def test_market_tells_best_prices_last_and_volume_once() -> None:
    bench = Bench(
        market_limit(True, px(99), 10), market_limit(False, px(101), 20), market_order(True, 5)
    )
    seen = bench.venue.market()
    (quote,) = seen.quotes
    assert seen.feed_ts == NOW
    assert (quote.bid, quote.bid_qty, quote.ask, quote.ask_qty) == (px(99), 10, px(101), 15)
    assert (quote.last, quote.volume, quote.ts) == (px(101), 5, NOW)
    assert bench.venue.market() == MarketUpdate(
        feed_ts=NOW, quotes=[], depths=[], bars=[], feed="script"
    )


def test_market_stops_giving_a_sign_of_life_when_the_flow_is_over() -> None:
    bench = Bench(market_limit(True, px(99), 10))
    bench.flow.alive = False
    bench.venue.advance(NOW + 99)
    assert bench.venue.market().feed_ts == NOW


def test_others_orders_make_no_reports() -> None:
    bench = Bench(market_limit(False, px(101), 20, "m"))
    assert bench.market(market_order(True, 5)) == []
    assert bench.market(MarketAction(kind="cancel", symbol="ACME", order_id="m")) == []
    assert bench.market(MarketAction(kind="cancel", symbol="ACME", order_id="nobody")) == []


def test_desk_does_trade_with_itself_and_both_hear_of_it() -> None:
    bench = Bench()
    bench.enter(terms(qty=10), "O-1")
    reports = bench.enter(terms(qty=10, side=Side.SELL), "O-2")
    assert [(each.cl_ord_id, each.trigger) for each in reports] == [
        ("O-2/1", T.ACKNOWLEDGE),
        ("O-1/1", T.FILL),
        ("O-2/1", T.FILL),
    ]


# -- depth, prints and bars ----------------------------------------------------------------------


def depth(bench: Bench) -> Depth:
    (found,) = bench.venue.market().depths
    return found


def prints(bench: Bench) -> list[tuple[int, int, int, bool]]:
    """Return what is on the tape as (seq, price, quantity, whether the buyer was the aggressor)."""
    return [(each.seq, each.px, each.qty, each.is_buy) for each in depth(bench).prints]


def test_depth_adds_up_each_level_the_best_first_with_the_desks_orders_in_it() -> None:
    bench = Bench(
        market_limit(True, px(99), 10),
        market_limit(True, px(100), 20),
        market_limit(True, px(99), 5),
        market_limit(False, px(102), 7),
    )
    bench.enter(terms(qty=40, limit_px=px(100)))
    assert depth(bench) == Depth(
        "ACME",
        NOW,
        bids=(Level(px(100), 60, 2), Level(px(99), 15, 2)),
        offers=(Level(px(102), 7, 1),),
    )


def test_depth_has_its_best_levels_only() -> None:
    bench = Bench(*(market_limit(False, px(100 + n), 1) for n in range(DEPTH_LEVELS + 3)))
    offers = depth(bench).offers
    assert len(offers) == DEPTH_LEVELS
    assert (offers[0].px, offers[-1].px) == (px(100), px(100 + DEPTH_LEVELS - 1))


def test_depth_is_told_again_only_when_its_name_moved() -> None:
    bench = Bench(market_limit(True, px(99), 10), market_limit(True, px(99), 10, symbol="BETA"))
    assert [each.symbol for each in bench.venue.market().depths] == ["ACME", "BETA"]
    bench.market(market_order(False, 1, symbol="BETA"))
    assert [each.symbol for each in bench.venue.market().depths] == ["BETA"]


def test_prints_tell_every_trade_and_its_aggressor() -> None:
    bench = Bench(market_limit(True, px(100), 10), market_limit(False, px(101), 10))
    bench.market(market_order(True, 3), market_order(False, 4))
    bench.enter(terms(qty=5, side=Side.SELL))
    bench.enter(terms(qty=6, limit_px=px(101)), "O-2")
    bench.market(market_limit(False, px(101), 2), market_limit(True, px(101), 3))
    assert prints(bench) == [
        (1, px(101), 3, True),
        (2, px(100), 4, False),
        (3, px(100), 5, False),
        (4, px(101), 6, True),
        (5, px(101), 1, True),
        (6, px(101), 2, True),
    ]


def test_prints_of_a_stop_have_its_own_side() -> None:
    bench = Bench(market_limit(False, px(101), 10), market_limit(True, px(99), 500))
    bench.enter(stop_terms(px(105), side=Side.SELL, qty=50))
    bench.market(market_order(True, 10))
    assert prints(bench) == [(1, px(101), 10, True), (2, px(99), 50, False)]


def test_prints_of_a_replace_that_reaches_the_market_have_the_orders_side() -> None:
    bench = Bench(market_limit(True, px(100), 500))
    bench.enter(terms(side=Side.SELL, limit_px=px(101)))
    bench.replace(100, px(100))
    assert prints(bench) == [(1, px(100), 100, False)]


def test_prints_are_the_last_ones_and_keep_their_numbers() -> None:
    bench = Bench(market_limit(False, px(101), 1_000))
    bench.market(*(market_order(True, 1) for _ in range(10)))
    assert [each.seq for each in depth(bench).prints] == list(range(1, 11))
    bench.market(*(market_order(True, 1) for _ in range(PRINTS_MAX + 5)))
    assert [each.seq for each in depth(bench).prints] == list(range(16, PRINTS_MAX + 16))


def test_recorded_execution_prints_with_its_aggressor_opposite_the_resting_order() -> None:
    bench = Bench(recorded("limit", 1, 50), recorded("execute", 1, 20))
    bench.enter(terms(qty=30, limit_px=px("100.01")))
    bench.market(recorded("execute", 1, 30))
    assert prints(bench) == [
        (1, px(100), 20, False),
        (2, px("100.01"), 30, False),
        (3, px(100), 30, False),
    ]


def test_recorded_execution_of_an_order_that_is_not_in_the_book_prints_behind_the_desks() -> None:
    """Hidden orders are a third of what trades; an order from before the record is as unknown."""
    bench = Bench(recorded("limit", 1, 50))
    bench.enter(terms(qty=30))
    bench.market(recorded("execute", 0, 40), recorded("execute", 9, 5, px("100.02")))
    seen = bench.venue.market()
    assert [(each.px, each.qty, each.is_buy) for each in seen.depths[0].prints] == [
        (px(100), 30, False),
        (px(100), 10, False),
        (px("100.02"), 5, False),
    ]
    assert (seen.quotes[0].last, seen.quotes[0].volume) == (px("100.02"), 45)
    assert seen.depths[0].bids == (Level(px(100), 50, 1),)


def test_bars_are_told_as_they_grow() -> None:
    bench = Bench(market_limit(False, px(101), 30), market_limit(True, px(99), 30))
    bench.market(market_order(True, 1), market_order(False, 3))
    start_ts = NOW - NOW % BAR_NS
    bar = Bar("ACME", start_ts, px(101), px(101), px(99), px(99), 4, px("99.50"))
    assert bench.venue.market().bars == [bar]
    assert bench.venue.market().bars == []
    bench.market(market_order(True, 4))
    (grown,) = bench.venue.market().bars
    assert (grown.open, grown.close, grown.qty, grown.vwap) == (px(101), px(101), 8, px("100.25"))


def test_bars_of_the_past_are_told_once_and_count_as_volume() -> None:
    bench = Bench(market_limit(False, px(101), 30))
    bench.flow.lived = [Bar("ACME", 0, px(100), px(100), px(100), px(100), 7, px(100))]
    bench.market(market_order(True, 1))
    seen = bench.venue.market()
    assert [(bar.start_ts, bar.qty) for bar in seen.bars] == [(0, 7), (NOW - NOW % BAR_NS, 1)]
    assert seen.quotes[0].volume == 8
    assert bench.venue.market().bars == []


# -- a recorded market ---------------------------------------------------------------------------


def recorded(kind: str, number: int, qty: int, price: int = px(100)) -> MarketAction:
    """Return a recorded action on the bid; recorded orders are ranked by their ids."""
    return MarketAction(
        kind=kind,
        symbol="ACME",
        order_id=f"L{number}" if number else "",
        is_buy=True,
        price=price,
        qty=qty,
        priority=number << 20 if kind == "limit" else None,
    )


def test_recorded_execution_fills_desk_orders_at_a_better_price_first() -> None:
    bench = Bench(recorded("limit", 1, 50))
    bench.enter(terms(qty=30, limit_px=px("100.01")))
    assert short(bench.market(recorded("execute", 1, 50))) == [(T.FILL, 30, px("100.01"))]
    assert "L1" not in bench.venue.books["ACME"].orders


def test_recorded_execution_leaves_desk_orders_at_a_worse_price_alone() -> None:
    bench = Bench(recorded("limit", 1, 50))
    bench.enter(terms(qty=30, limit_px=px("99.99")))
    assert bench.market(recorded("execute", 1, 50)) == []


def test_recorded_execution_leaves_desk_orders_behind_in_the_queue_alone() -> None:
    bench = Bench(recorded("limit", 1, 50))
    bench.enter(terms(qty=30))
    assert bench.market(recorded("execute", 1, 50)) == []
    assert bench.venue.books["ACME"].depth(True, 1) == [(px(100), 30)]


def test_recorded_execution_fills_desk_orders_ahead_in_the_queue_first() -> None:
    bench = Bench(recorded("limit", 1, 50))
    bench.enter(terms(qty=30))
    bench.market(recorded("limit", 2, 50))
    assert short(bench.market(recorded("execute", 2, 20))) == [(T.PARTIAL_FILL, 20, px(100))]
    assert short(bench.market(recorded("execute", 2, 30))) == [(T.FILL, 10, px(100))]


def test_recorded_hidden_execution_fills_desk_orders_at_its_price_or_better() -> None:
    bench = Bench()
    bench.enter(terms(qty=30))
    bench.enter(terms(qty=30, limit_px=px("99.99")), "O-2")
    reports = bench.market(recorded("execute", 0, 500))
    assert [(each.cl_ord_id, each.last_qty) for each in reports] == [("O-1/1", 30)]


def test_recorded_cancel_reduce_and_market_order_are_played() -> None:
    bench = Bench(recorded("limit", 1, 50), recorded("limit", 2, 50), recorded("limit", 3, 50))
    bench.market(recorded("reduce", 1, 20), recorded("cancel", 2, 0))
    assert bench.venue.books["ACME"].depth(True, 1) == [(px(100), 80)]


# -- with the desk -------------------------------------------------------------------------------


def test_desk_and_venue_agree_after_a_day_of_everything() -> None:
    desk = SimDesk()
    desk.market(market_limit(True, px(99), 500), market_limit(False, px(101), 500))
    working = desk.accepted(terms(qty=50))
    desk.amend(working, qty=80)
    desk.market(market_order(False, 30))
    gone = desk.accepted(terms(qty=10, limit_px=px(98)))
    desk.cancel(gone)
    done = desk.accepted(terms(qty=10, limit_px=px(101)))
    desk.accepted(stop_terms(px(102), time_in_force=GTC))
    assert (working.status, working.cum_qty) == (OrderStatus.PARTIALLY_FILLED, 30)
    assert (gone.status, done.status) == (OrderStatus.CANCELED, OrderStatus.FILLED)
    for order in desk.state.live_orders():
        book = desk.venue.books["ACME"]
        assert order.order_id in book.orders or order.order_id in book.stops
    desk.run(end_day())
    assert [order.time_in_force for order in desk.state.live_orders()] == [GTC]
    assert not desk.state.alerts


def test_iceberg_shows_its_display_quantity_and_trades_whole() -> None:
    bench = Bench()
    bench.enter(terms(qty=500, display_qty=200))
    assert bench.venue.books["ACME"].depth(True, 1) == [(px(100), 200)]
    reports = bench.market(market_order(False, 500))
    assert [qty for trigger, qty, _ in short(reports)] == [200, 200, 100]
    assert reports[-1].trigger is T.FILL


def test_post_only_that_would_take_is_rejected_with_the_reason() -> None:
    bench = Bench(market_limit(False, px(100), 50))
    (report,) = bench.enter(terms(post_only=True))
    assert (report.trigger, "post only" in report.text) == (T.REJECT, True)


def test_market_to_limit_is_told_its_price_and_rests_there() -> None:
    bench = Bench(market_limit(False, px(100), 50))
    asked = terms(qty=100, order_type=OrderType.MARKET_TO_LIMIT, limit_px=None)
    acknowledged, priced, traded = bench.enter(asked)
    assert (acknowledged.trigger, traded.last_qty) == (T.ACKNOWLEDGE, 50)
    assert (priced.trigger, priced.limit_px) == (T.RESTATE, px(100))
    assert bench.venue.books["ACME"].depth(True, 1) == [(px(100), 50)]


def test_orders_of_one_owner_do_not_trade_with_each_other() -> None:
    bench = Bench()
    bench.enter(terms(), "O-1", owner="Meridian")
    reports = bench.enter(terms(side=Side.SELL), "O-2", owner="Meridian")
    assert short(reports) == [ACK, CANCELED]
    assert "beneficial owner" in reports[-1].text
    assert short(bench.enter(terms(side=Side.SELL), "O-3", owner="Harbour"))[1][0] is T.FILL


def test_start_of_session_takes_out_what_should_not_see_it() -> None:
    bench = Bench()
    gone = terms(time_in_force=TimeInForce.GTD, expire_day="2024-11-23")
    stays = terms(time_in_force=TimeInForce.GTD, expire_day="2024-11-25", limit_px=px(99))
    bench.enter(gone, "O-1")
    bench.enter(stays, "O-2")
    assert bench.send(EndSession(day="2024-11-22")) == []
    assert bench.send(StartSession(day="2024-11-25")) == []
    assert bench.venue.books["ACME"].depth(True, 9) == [(px(99), 100)]


def test_trailing_stop_starts_behind_the_last_trade_follows_it_and_is_told_where_it_is() -> None:
    bench = Bench(market_limit(False, px(100), 10), market_order(True, 10))
    asked = terms(side=Side.SELL, order_type=OrderType.TRAILING_STOP, limit_px=None, trail_px=px(2))
    acknowledged, told = bench.enter(asked, tick=px("0.01"))
    assert acknowledged.trigger is T.ACKNOWLEDGE
    assert (told.trigger, told.stop_px) == (T.RESTATE, px(98))
    bench.market(market_limit(False, px(103), 5), market_order(True, 5))
    (told,) = bench.venue.advance(NOW + 2_000_000_000)
    assert told.stop_px == px(101)
    reports = bench.market(
        market_limit(True, px(101), 5), market_limit(True, px(100), 200), market_order(False, 5)
    )
    assert [each.trigger for each in reports] == [T.ACTIVATE, T.FILL]


def test_trailing_stop_tells_its_moves_though_the_clock_was_put_back() -> None:
    bench = Bench(market_limit(False, px(100), 10), market_order(True, 10))
    asked = terms(side=Side.SELL, order_type=OrderType.TRAILING_STOP, limit_px=None, trail_px=px(2))
    bench.enter(asked, tick=px("0.01"))
    bench.venue.advance(NOW + 60_000_000_000)
    told = bench.market(market_limit(False, px(103), 5), market_order(True, 5))
    assert [each.stop_px for each in told] == [px(101)]


def test_trailing_stop_given_again_after_a_restart_starts_where_it_was() -> None:
    bench = Bench(market_limit(False, px(100), 10), market_order(True, 10))
    asked = terms(
        side=Side.SELL,
        order_type=OrderType.TRAILING_STOP,
        limit_px=None,
        stop_px=px(99),
        trail_px=px(2),
    )
    bench.enter(asked, tick=px("0.01"))
    assert bench.venue.books["ACME"].stops.by_id["O-1"].stop_px == px(99)


def trailing_limit(**more: Any) -> OrderTerms:
    kind = OrderType.TRAILING_STOP_LIMIT
    fields = {"limit_px": None, "trail_px": px(2), "limit_offset": px(1), **more}
    return terms(side=Side.SELL, order_type=kind, **fields)


def test_triggered_trailing_stop_limit_tells_the_price_it_rests_at() -> None:
    bench = Bench(market_limit(True, px(100), 10), market_limit(False, px(100), 5))
    bench.market(market_limit(True, px(100), 1))
    bench.enter(trailing_limit(), tick=px(1))
    bench.market(market_limit(False, px(103), 5), market_order(True, 5))
    down = bench.market(market_limit(True, px(101), 4), market_order(False, 4))
    restated = [report for report in down if report.trigger is T.RESTATE]
    resting = bench.venue.books["ACME"].orders.get("O-1")
    assert resting is not None
    assert [report.limit_px for report in restated if report.limit_px][-1] == resting.price


def test_amendment_of_a_triggered_trailing_stop_limit_leaves_its_price() -> None:
    bench = Bench()
    asked = trailing_limit(stop_px=px(98), limit_px=px(97))
    bench.enter(asked, triggered=True)
    bench.replace(50, px(99), stop_px=px(98))  # as it was when it was looked at
    resting = bench.venue.books["ACME"].orders["O-1"]
    assert (resting.leaves, resting.price) == (50, px(97))


def test_post_only_order_that_would_take_when_it_is_given_again_is_canceled() -> None:
    """It was accepted and has traded before the restart, so it can't be rejected any more."""
    bench = Bench(market_limit(False, px(100), 10))
    (report,) = bench.venue.restore(
        [NewOrder(cl_ord_id="O-1/1", terms=terms(post_only=True), cum_qty=40)], NOW
    )
    assert report.trigger is T.CANCEL
    (report,) = bench.enter(terms(post_only=True), "O-2")
    assert report.trigger is T.REJECT
