"""What the simulated venue makes of amended terms beside quantity and prices."""

from __future__ import annotations

import msgspec
import pytest

from app.ports import EndSession, ReplaceOrder
from models.commands import VenueReport
from models.order_state import Trigger
from models.orders import (
    OrderTerms,
    OrderType,
    Replacement,
    Side,
    TimeInForce,
    handling_of,
)
from tests.builders import NOW, TODAY, TOMORROW, market_limit, market_order, px, terms
from tests.unit.venues.test_sim import Bench, short

T = Trigger


def amend(bench: Bench, was: OrderTerms, qty: int = 100, **changes: object) -> list[VenueReport]:
    """Replace O-1's terms by those that it had with `changes`."""
    how = msgspec.structs.replace(handling_of(was), **changes)
    stop_px = None if was.order_type.trails else was.stop_px
    new = Replacement(qty=qty, limit_px=was.limit_px, stop_px=stop_px, handling=how)
    return bench.send(ReplaceOrder(cl_ord_id="O-1/2", orig_cl_ord_id="O-1/1", replacement=new))


def done_first(bench: Bench, qty: int) -> str:
    """Return which order a sale of `qty` at the market fills first."""
    return bench.market(market_order(False, qty))[0].cl_ord_id


@pytest.mark.parametrize(
    ("time_in_force", "expire_day", "stays"),
    [
        (TimeInForce.GTC, "", True),
        (TimeInForce.GTD, TOMORROW, True),
        (TimeInForce.GTD, TODAY, False),
        (TimeInForce.DAY, "", False),
    ],
)
def test_amended_time_in_force_decides_what_stays_over_night(
    time_in_force: TimeInForce, expire_day: str, stays: bool
) -> None:
    was = terms(time_in_force=TimeInForce.GTD, expire_day="2024-12-20")
    bench = Bench()
    bench.enter(was)
    (said,) = amend(bench, was, time_in_force=time_in_force, expire_day=expire_day)
    assert (said.trigger, said.cl_ord_id) == (T.REPLACE, "O-1/2")
    bench.send(EndSession(day=TODAY))
    assert ("O-1" in bench.venue.books["ACME"].orders) is stays


@pytest.mark.parametrize(
    ("was", "new", "keeps"),
    [
        (None, 30, True),
        (50, 30, True),
        (30, 50, False),
        (50, None, False),
    ],
)
def test_amended_display_keeps_its_place_only_when_it_shows_no_more(
    was: int | None, new: int | None, keeps: bool
) -> None:
    asked = terms(display_qty=was)
    bench = Bench()
    bench.enter(asked)
    bench.enter(asked, "O-2")
    assert short(amend(bench, asked, display_qty=new)) == [(T.REPLACE, 0, 0)]
    book = bench.venue.books["ACME"]
    book.validate()
    assert book.orders["O-1"].leaves == (new or 100)
    assert book.leaves_of("O-1") == 100
    assert done_first(bench, 10) == ("O-1/2" if keeps else "O-2/1")


def test_amended_display_of_a_tranche_that_is_half_done_hides_no_fill() -> None:
    asked = terms(display_qty=50)
    bench = Bench()
    bench.enter(asked)
    bench.market(market_order(False, 40))
    amend(bench, asked, display_qty=30)
    book = bench.venue.books["ACME"]
    book.validate()
    assert (book.orders["O-1"].leaves, book.leaves_of("O-1")) == (10, 60)
    assert sum(report.last_qty for report in bench.market(market_order(False, 200))) == 60


def test_amended_quantity_and_display_at_once() -> None:
    asked = terms(display_qty=50)
    bench = Bench()
    bench.enter(asked)
    bench.enter(asked, "O-2")
    amend(bench, asked, qty=80, display_qty=20)
    book = bench.venue.books["ACME"]
    assert (book.orders["O-1"].leaves, book.leaves_of("O-1")) == (20, 80)
    assert done_first(bench, 10) == "O-1/2"


def test_amended_words_change_nothing_at_the_venue() -> None:
    bench = Bench()
    bench.enter(terms())
    bench.enter(terms(), "O-2")
    assert short(amend(bench, terms(), instructions="work it slowly")) == [(T.REPLACE, 0, 0)]
    assert done_first(bench, 10) == "O-1/2"


TRAIL = {"order_type": OrderType.TRAILING_STOP, "limit_px": None, "side": Side.SELL}


def trailing(**more: object) -> tuple[Bench, OrderTerms]:
    """Return a trailing stop to sell, one behind a market that last traded at 100."""
    bench = Bench(market_limit(False, px(100), 10), market_limit(True, px(90), 500))
    bench.market(market_order(True, 10))
    asked = terms(**{**TRAIL, "trail_px": px(1), **more})
    bench.enter(asked)
    return bench, asked


def test_amended_trail_starts_anew_behind_the_last_trade() -> None:
    bench, asked = trailing()
    replaced, told = amend(bench, asked, trail_px=px(2))
    assert (replaced.trigger, told.trigger, told.stop_px) == (T.REPLACE, T.RESTATE, px(98))
    assert told.cl_ord_id == "O-1/2"


def test_amended_trail_by_basis_points_with_a_limit() -> None:
    bench, asked = trailing(order_type=OrderType.TRAILING_STOP_LIMIT, limit_offset=px("0.05"))
    _, told = amend(bench, asked, trail_px=None, trail_bps=50, limit_offset=px("0.10"))
    assert (told.stop_px, told.limit_px) == (px("99.50"), px("99.40"))


def test_amended_trail_without_room_is_rejected_and_the_old_one_stays() -> None:
    bench, asked = trailing()
    (said,) = amend(bench, asked, trail_px=px(100))
    assert (said.trigger, said.cl_ord_id) == (T.REJECT_REPLACE, "O-1/2")
    assert bench.venue.books["ACME"].stops.by_id["O-1"].stop_px == px(99)
    assert bench.cancel("O-1/1")[0].trigger is T.CANCEL


def test_amended_trail_of_a_stop_that_was_triggered_is_rejected() -> None:
    bench, asked = trailing(order_type=OrderType.TRAILING_STOP_LIMIT, limit_offset=0)
    bench.market(market_limit(True, px(98), 5), market_order(False, 5))
    assert "O-1" in bench.venue.books["ACME"].orders
    (said,) = amend(bench, asked, trail_px=px(2))
    assert said.trigger is T.REJECT_REPLACE


def test_amended_display_of_a_stop_shows_when_it_rests() -> None:
    asked = terms(order_type=OrderType.STOP_LIMIT, stop_px=px(101), limit_px=px(102))
    bench = Bench()
    bench.enter(asked)
    amend(bench, asked, display_qty=30)
    bench.market(market_limit(False, px(101), 5), market_order(True, 5))
    book = bench.venue.books["ACME"]
    assert (book.orders["O-1"].leaves, book.leaves_of("O-1")) == (30, 100)


def test_amended_peg_offset_is_rejected_where_the_venue_cannot_move_it() -> None:
    bench = Bench()
    bench.enter(terms())
    (said,) = amend(bench, terms(), peg_offset=px("0.01"))
    assert (said.trigger, said.ts) == (T.REJECT_REPLACE, NOW)
