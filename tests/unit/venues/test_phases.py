"""The simulated venue's day: calls, auctions, halts, price bands, and what it publishes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from app.matching.auction import Bands
from app.ports import (
    CancelRequest,
    EndSession,
    MarketAction,
    NewOrder,
    ReplaceOrder,
    StartSession,
    VenueMessage,
)
from app.venues.phases import SHORT, Schedule
from app.venues.sim import SimVenue
from models.commands import VenueReport
from models.market import Depth, Phase
from models.order_state import Trigger
from models.orders import OrderTerms, OrderType, Peg, Replacement, Side, TimeInForce
from tests.builders import (
    NOW,
    TODAY,
    ScriptedFlow,
    market_limit,
    market_order,
    market_terms,
    px,
    stop_terms,
    terms,
)

T = Trigger
S = 1_000_000_000
OPG, CLS, IOC = TimeInForce.OPG, TimeInForce.CLS, TimeInForce.IOC
SELL = Side.SELL
DAY = Schedule(
    pre_open_ns=10 * S,
    continuous_ns=60 * S,
    closing_ns=10 * S,
    volatility_ns=5 * S,
    resumption_ns=4 * S,
)
NO_BANDS: Mapping[str, Bands] = {}


class Day:
    """A venue with a schedule, and how many seconds of it have passed."""

    def __init__(
        self, schedule: Schedule | None = DAY, bands: Mapping[str, Bands] = NO_BANDS
    ) -> None:
        self.flow = ScriptedFlow()
        self.venue = SimVenue(self.flow, schedule, bands)
        self.at = 0
        self.venue.advance(NOW)

    def pass_to(self, second: int, *actions: MarketAction) -> list[VenueReport]:
        self.at = second
        self.flow.then(*actions)
        return self.venue.advance(NOW + second * S)

    def send(self, *messages: VenueMessage) -> list[VenueReport]:
        return self.venue.send(messages, NOW + self.at * S)

    def enter(self, asked: OrderTerms, order_id: str = "O-1", **more: Any) -> list[VenueReport]:
        return self.send(NewOrder(cl_ord_id=f"{order_id}/1", terms=asked, **more))

    @property
    def depth(self) -> Depth:
        """What it has published last of ACME, which it is made to do now."""
        self.venue._book("ACME")
        return next(each for each in self.venue.market().depths if each.symbol == "ACME")

    @property
    def phase(self) -> Phase:
        return self.depth.phase


def fills(reports: list[VenueReport]) -> list[tuple[str, int, int]]:
    found = [each for each in reports if each.trigger in (T.FILL, T.PARTIAL_FILL)]
    return [(each.cl_ord_id.partition("/")[0], each.last_qty, each.last_px) for each in found]


def test_venue_without_a_schedule_matches_all_the_time() -> None:
    day = Day(schedule=None)
    day.pass_to(100_000, market_limit(False, px(100), 30))
    assert fills(day.enter(terms(qty=10))) == [("O-1", 10, px(100))]
    depth = day.depth
    assert depth == Depth("ACME", depth.ts, depth.bids, depth.offers, depth.prints)


def test_day_goes_through_its_phases_in_order() -> None:
    day = Day()
    seen = []
    for second in (0, 9, 10, 69, 70, 79, 80, 1_000):
        day.pass_to(second)
        seen.append(day.phase)
    assert seen == [
        *(Phase.PRE_OPEN, Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CONTINUOUS),
        *(Phase.CLOSING, Phase.CLOSING, Phase.CLOSED, Phase.CLOSED),
    ]


def test_pre_open_gathers_and_publishes_what_the_opening_auction_would_do() -> None:
    day = Day()
    day.pass_to(1, market_limit(False, px(99), 30), market_limit(True, px(101), 20))
    assert fills(day.enter(terms(limit_px=px(100), qty=40))) == []
    depth = day.depth
    assert (depth.phase, depth.indicative_px, depth.paired_qty) == (Phase.PRE_OPEN, px(100), 30)
    assert depth.imbalance == 30
    assert [level.px for level in depth.bids] == [px(101), px(100)]


def test_opening_auction_trades_at_one_price_when_the_call_ends() -> None:
    day = Day()
    day.pass_to(1, market_limit(False, px(99), 30), market_limit(True, px(101), 20))
    day.enter(terms(limit_px=px(100), qty=40))
    assert fills(day.pass_to(9)) == []
    assert fills(day.pass_to(10)) == [("O-1", 10, px(100))]
    depth = day.depth
    assert (depth.phase, depth.indicative_px, depth.imbalance) == (Phase.CONTINUOUS, 0, 0)
    assert {each.px for each in depth.prints} == {px(100)}


def test_crossed_book_has_no_quote_in_a_call() -> None:
    day = Day()
    day.pass_to(1, market_limit(False, px(99), 30), market_limit(True, px(101), 20))
    (quote,) = day.venue.market().quotes
    assert (quote.bid, quote.ask) == (0, 0)


def test_order_that_comes_when_the_call_has_ended_meets_an_open_market() -> None:
    """The venue hears the time with the order, before the next step of the market."""
    day = Day()
    day.pass_to(1, market_limit(False, px(99), 30))
    day.at = 11
    assert fills(day.enter(terms(qty=30, limit_px=px(99)))) == [("O-1", 30, px(99))]


def test_orders_for_the_open_and_the_close_trade_in_their_auctions() -> None:
    day = Day()
    day.enter(market_terms(time_in_force=OPG, qty=10), "O-1")
    day.enter(terms(time_in_force=CLS, qty=20, limit_px=px(101)), "O-2")
    day.pass_to(1, market_limit(False, px(100), 50))
    assert fills(day.pass_to(10)) == [("O-1", 10, px(100))]
    assert day.depth.bids == ()
    (late,) = day.enter(terms(time_in_force=OPG), "O-3")
    assert (late.trigger, "before the open" in late.text) == (T.REJECT, True)
    day.pass_to(70)
    assert [level.px for level in day.depth.bids] == [px(101)]
    assert fills(day.pass_to(80)) == [("O-2", 20, px(100))]


def test_what_an_auction_leaves_of_its_orders_is_cancelled_with_the_reason() -> None:
    day = Day()
    day.enter(terms(time_in_force=OPG))
    (report,) = day.pass_to(10)
    assert (report.trigger, "opening auction" in report.text) == (T.CANCEL, True)


def test_order_on_close_without_a_closing_auction_is_rejected() -> None:
    (report,) = Day(schedule=None).enter(terms(time_in_force=CLS))
    assert (report.trigger, "no closing auction" in report.text) == (T.REJECT, True)


def test_closed_market_takes_cancels_alone() -> None:
    day = Day()
    day.pass_to(11)
    day.enter(terms(time_in_force=TimeInForce.GTC))
    day.pass_to(80)
    (report,) = day.enter(terms(), "O-2")
    assert (report.trigger, "closed" in report.text) == (T.REJECT, True)
    new = Replacement(qty=50, limit_px=px(100))
    asked = ReplaceOrder(cl_ord_id="O-1/2", orig_cl_ord_id="O-1/1", replacement=new)
    (report,) = day.send(asked)
    assert (report.trigger, report.cl_ord_id) == (T.REJECT_REPLACE, "O-1/2")
    (report,) = day.send(CancelRequest(cl_ord_id="O-1/1"))
    assert report.trigger is T.CANCEL


def test_orders_of_a_closed_market_wait_for_the_next_opening_auction() -> None:
    day = Day()
    day.pass_to(11)
    day.enter(terms(time_in_force=TimeInForce.GTC, qty=10))
    day.pass_to(80, market_limit(False, px(99), 10), market_order(False, 5))
    day.send(EndSession(day=TODAY), StartSession(day=TODAY))
    assert day.phase is Phase.PRE_OPEN
    assert fills(day.pass_to(90)) == [("O-1", 10, px(99))]


def test_venue_that_missed_phases_holds_its_auctions_in_order() -> None:
    day = Day()
    day.enter(terms(time_in_force=OPG, qty=10), "O-1")
    day.enter(terms(time_in_force=CLS, qty=10), "O-2")
    reports = day.pass_to(500, market_limit(False, px(99), 10))
    assert [each.text.partition(":")[0] for each in reports] == ["on open", "on close"]
    assert day.phase is Phase.CLOSED


def test_restored_order_is_taken_whatever_the_phase() -> None:
    day = Day()
    day.pass_to(80)
    asked = NewOrder(cl_ord_id="O-1/1", terms=terms(time_in_force=TimeInForce.GTC))
    (report,) = day.venue.restore([asked], NOW + 80 * S)
    assert report.trigger is T.ACKNOWLEDGE


# -- halts ---------------------------------------------------------------------------------------


def halt(kind: str = "halt") -> MarketAction:
    return MarketAction(kind=kind, symbol="ACME", order_id="")


@pytest.mark.parametrize("schedule", [DAY, None])
def test_halt_keeps_the_book_queues_what_is_new_and_takes_cancels(
    schedule: Schedule | None,
) -> None:
    day = Day(schedule)
    day.pass_to(11, market_limit(False, px(100), 30))
    day.enter(terms(limit_px=px(99), qty=10), "O-1")
    day.pass_to(12, halt())
    assert (day.phase, day.depth.offers[0].px) == (Phase.HALTED, px(100))
    assert fills(day.enter(terms(qty=20, limit_px=px(100)), "O-2")) == []
    (report,) = day.send(CancelRequest(cl_ord_id="O-1/1"))
    assert report.trigger is T.CANCEL
    day.pass_to(40)
    assert (day.phase, day.depth.indicative_px) == (Phase.HALTED, px(100))


def test_halt_refuses_what_has_to_trade_at_once() -> None:
    day = Day(None)
    day.pass_to(11, market_limit(False, px(100), 30), halt())
    (report,) = day.enter(terms(time_in_force=IOC))
    assert (report.trigger, "a call is on" in report.text) == (T.REJECT, True)


def test_halt_ends_through_an_auction() -> None:
    day = Day(None)
    day.pass_to(11, market_limit(False, px(100), 30), halt())
    day.enter(terms(qty=20, limit_px=px(101)))
    day.pass_to(20, halt("resume"))
    assert day.phase is Phase.RESUMING
    ends = 20 + Schedule().resumption_ns // S
    assert fills(day.pass_to(ends - 1)) == []
    assert fills(day.pass_to(ends)) == [("O-1", 20, px(100))]
    assert day.phase is Phase.CONTINUOUS


def test_halt_lasts_through_the_open_and_ends_in_the_call_that_is_on() -> None:
    day = Day()
    day.pass_to(1, market_limit(False, px(100), 30), halt())
    day.enter(terms(qty=20, limit_px=px(101)))
    assert fills(day.pass_to(11)) == []
    assert day.phase is Phase.HALTED
    day.pass_to(71, halt("resume"))
    assert day.phase is Phase.CLOSING
    assert fills(day.pass_to(80)) == [("O-1", 20, px(100))]


def test_halt_that_lasts_to_the_end_of_the_day_trades_nothing() -> None:
    day = Day()
    day.pass_to(11, market_limit(False, px(100), 30), halt())
    day.enter(terms(qty=20, limit_px=px(101)))
    assert fills(day.pass_to(80)) == []
    assert day.phase is Phase.CLOSED


def test_halt_lasts_into_the_next_session_until_it_is_resumed() -> None:
    day = Day()
    day.pass_to(11, market_limit(False, px(100), 30), halt())
    day.pass_to(80)
    day.send(StartSession(day=TODAY))
    assert day.phase is Phase.HALTED
    day.pass_to(81, halt("resume"))
    assert day.phase is Phase.PRE_OPEN
    day.pass_to(90)
    assert day.phase is Phase.CONTINUOUS


def test_stop_that_a_volatility_auction_sets_off_may_begin_the_next_one() -> None:
    day = Day(bands={"ACME": Bands(0, 200)})
    day.pass_to(11, market_limit(False, px(100), 10), market_order(True, 10))
    day.pass_to(12, market_limit(False, px(105), 5), market_limit(False, px(120), 50))
    day.enter(stop_terms(px(104), qty=10))
    day.pass_to(13, market_order(True, 5))
    assert fills(day.pass_to(18)) == []
    assert day.phase is Phase.VOLATILITY
    assert fills(day.pass_to(22)) == []
    assert fills(day.pass_to(23)) == [("O-1", 10, px(120))]


def test_halt_is_of_its_name_alone() -> None:
    day = Day(None)
    other = MarketAction(
        kind="limit", symbol="OTHER", order_id="M-9", is_buy=False, price=px(100), qty=10
    )
    day.pass_to(1, market_limit(False, px(100), 30), halt(), other)
    assert fills(day.enter(terms(symbol="OTHER", qty=10))) == [("O-1", 10, px(100))]


# -- bands ---------------------------------------------------------------------------------------


def test_trade_beyond_the_band_begins_a_volatility_auction_that_ends_by_itself() -> None:
    day = Day(bands={"ACME": Bands(0, 200)})
    day.pass_to(11, market_limit(False, px(100), 10), market_order(True, 10))
    day.pass_to(12, market_limit(False, px(101), 10), market_limit(False, px(105), 50))
    assert fills(day.enter(terms(qty=30, limit_px=px(105)))) == [("O-1", 10, px(101))]
    depth = day.depth
    assert (depth.phase, depth.indicative_px) == (Phase.VOLATILITY, px(105))
    assert (depth.paired_qty, depth.imbalance) == (20, -30)
    assert fills(day.pass_to(16)) == []
    assert fills(day.pass_to(17)) == [("O-1", 20, px(105))]
    assert day.phase is Phase.CONTINUOUS


def test_volatility_call_at_the_end_of_the_day_becomes_the_closing_call() -> None:
    day = Day(bands={"ACME": Bands(0, 200)})
    day.pass_to(11, market_limit(False, px(100), 10), market_order(True, 10))
    day.pass_to(68, market_limit(False, px(105), 50), market_order(True, 5))
    assert day.phase is Phase.VOLATILITY
    day.pass_to(70)
    assert day.phase is Phase.CLOSING
    day.pass_to(79)
    assert day.phase is Phase.CLOSING


def test_market_order_in_a_volatility_call_waits_for_its_auction() -> None:
    day = Day(bands={"ACME": Bands(0, 200)})
    day.pass_to(11, market_limit(False, px(100), 10), market_order(True, 10))
    day.pass_to(12, market_limit(False, px(105), 50))
    (report,) = day.enter(market_terms(qty=20))
    assert report.trigger is T.ACKNOWLEDGE
    assert fills(day.pass_to(17)) == [("O-1", 20, px(105))]


# -- the seeded end, self-trades, pegs and all-or-none orders at the venue -------------------------


def test_random_end_is_drawn_for_each_name_and_the_same_in_every_run() -> None:
    ends = {name: SHORT.ends(name) for name in ("ACME", "OTHER", "THIRD")}
    assert ends == {name: SHORT.ends(name) for name in ends}
    assert len({each[0] for each in ends.values()}) > 1
    for opens, calls, closes in ends.values():
        assert 0 <= opens - SHORT.pre_open_ns <= SHORT.random_end_ns
        assert calls == SHORT.pre_open_ns + SHORT.continuous_ns
        assert 0 <= closes - calls - SHORT.closing_ns <= SHORT.random_end_ns


def test_orders_of_one_owner_do_not_trade_in_an_auction() -> None:
    day = Day()
    day.enter(terms(qty=10), "O-1", owner="Meridian")
    day.enter(terms(qty=10, side=SELL), "O-2", owner="Meridian")
    (report,) = day.pass_to(10)
    assert (report.cl_ord_id, report.trigger) == ("O-2/1", T.CANCEL)


def test_peg_follows_the_market_and_tells_nobody() -> None:
    day = Day(None)
    day.pass_to(1, market_limit(True, px(99), 10), market_limit(False, px(103), 10))
    asked = terms(order_type=OrderType.PEGGED, limit_px=px(101), peg=Peg.PRIMARY, qty=10)
    (report,) = day.enter(asked, tick=px("0.01"))
    assert report.trigger is T.ACKNOWLEDGE
    assert day.pass_to(2, market_limit(True, px(100), 10)) == []
    assert day.venue.books["ACME"].orders["O-1"].price == px(100)
    day.pass_to(3, market_limit(True, px(102), 10))
    assert day.venue.books["ACME"].orders["O-1"].price == px(101)
    new = Replacement(qty=5, limit_px=px(100))
    day.send(ReplaceOrder(cl_ord_id="O-1/2", orig_cl_ord_id="O-1/1", replacement=new))
    assert day.venue.books["ACME"].orders["O-1"].price == px(100)


def test_peg_that_is_given_again_finds_its_price_in_the_book() -> None:
    day = Day(None)
    day.pass_to(1, market_limit(True, px(99), 10))
    asked = terms(order_type=OrderType.PEGGED, limit_px=None, peg=Peg.PRIMARY, peg_offset=-px(1))
    day.venue.restore([NewOrder(cl_ord_id="O-1/1", terms=asked, cum_qty=40, tick=px(1))], NOW)
    order = day.venue.books["ACME"].orders["O-1"]
    assert (order.price, order.leaves) == (px(98), 60)


def test_all_or_none_trades_whole_when_it_can() -> None:
    day = Day(None)
    day.pass_to(1, market_limit(False, px(100), 60))
    assert [each.trigger for each in day.enter(terms(all_or_none=True))] == [T.ACKNOWLEDGE]
    assert day.depth.bids == ()
    assert fills(day.pass_to(2, market_limit(False, px(100), 40))) == [
        ("O-1", 60, px(100)),
        ("O-1", 40, px(100)),
    ]


def test_all_or_none_that_wakes_when_others_are_let_go_is_reported() -> None:
    """What the end of the day takes out may have stood in the way of what stays."""
    day = Day(None)
    gone = terms(side=SELL, limit_px=px(99), qty=1)
    stays = terms(all_or_none=True, qty=10, time_in_force=TimeInForce.GTC)
    day.enter(gone, "O-1", owner="Meridian")
    day.enter(stays, "O-2", owner="Meridian")
    day.pass_to(1, market_limit(False, px(100), 5), market_limit(False, px(100), 5))
    assert [each[:2] for each in fills(day.send(EndSession(day=TODAY)))] == [("O-2", 5), ("O-2", 5)]


def test_quote_tells_the_phase_and_no_price_that_nobody_can_trade_at() -> None:
    day = Day()
    day.pass_to(1, market_limit(True, px(101), 10), market_limit(False, px(99), 10))
    (quote,) = [each for each in day.venue.market().quotes if each.symbol == "ACME"]
    assert (quote.phase, quote.bid, quote.ask) == (Phase.PRE_OPEN, 0, 0)
    day.pass_to(11)
    (quote,) = day.venue.market().quotes
    assert quote.phase is Phase.CONTINUOUS


def test_names_without_bands_of_their_own_have_the_usual_ones() -> None:
    flow = ScriptedFlow()
    venue = SimVenue(flow, usual_bands=Bands(static_bps=100))
    flow.then(market_limit(False, px(100), 10), market_limit(True, px(100), 10))
    venue.advance(NOW)
    flow.then(market_limit(False, px(102), 10), market_limit(True, px(102), 10))
    venue.advance(NOW + S)
    (depth,) = venue.market().depths
    assert depth.phase is Phase.VOLATILITY
