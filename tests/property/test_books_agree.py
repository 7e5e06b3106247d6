"""The fast book and its oracle: the same reports, depth and hash on any sequence of messages."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.matching.instructions import Instructions, SelfTrade, Trail
from app.matching.order_book import DAY, FOK, IOC, OrderBook
from app.matching.reference_book import ReferenceBook

Book = OrderBook | ReferenceBook
Message = Callable[[Book], object]

IDS = st.sampled_from([f"o{number}" for number in range(12)])
SIDES = st.booleans()
PRICES = st.integers(95, 105)
QTYS = st.integers(1, 9)
TIFS = st.sampled_from([DAY, DAY, DAY, IOC, FOK])


class Named:
    """A message that says what it is when an example fails."""

    def __init__(self, name: str, *args: object, **more: object) -> None:
        self.name, self.args, self.more = name, args, more

    def __call__(self, book: Book) -> object:
        return getattr(book, self.name)(*self.args, **self.more)

    def __repr__(self) -> str:
        more = "".join(f", {key}={value}" for key, value in self.more.items())
        return f"book.{self.name}({', '.join(map(repr, self.args))}{more})"


limits = st.builds(Named, st.just("limit"), IDS, SIDES, PRICES, QTYS, TIFS)
odd_limits = st.builds(
    Named, st.just("limit"), IDS, SIDES, st.integers(-1, 2), st.integers(-1, 2), TIFS
)
ranked = st.builds(
    Named,
    st.just("limit"),
    IDS,
    SIDES,
    PRICES,
    QTYS,
    priority=st.integers(1, 9).map(lambda number: number << 20),
)
markets = st.builds(Named, st.just("market"), IDS, SIDES, QTYS, st.sampled_from([IOC, IOC, FOK]))
cancels = st.builds(Named, st.just("cancel"), IDS)
replaces = st.builds(
    Named, st.just("replace"), IDS, st.integers(0, 9), st.none() | PRICES, st.none() | PRICES
)
reduces = st.builds(Named, st.just("reduce"), IDS, QTYS)
hits = st.builds(Named, st.just("hit"), IDS, QTYS, st.just("rec"))
stops = st.builds(Named, st.just("stop"), IDS, SIDES, PRICES, QTYS, st.none() | PRICES)

OWNERS = st.sampled_from(["", "fund", "scheme"])
worked = st.builds(
    Instructions,
    owner=OWNERS,
    display=st.integers(0, 4),
    seed=st.integers(0, 2),
    lot=st.just(1),
    post_only=st.sampled_from([False, False, True]),
    min_qty=st.sampled_from([0, 0, 2, 5]),
)
instructed = st.one_of(
    st.builds(Named, st.just("limit"), IDS, SIDES, PRICES, QTYS, TIFS, instructions=worked),
    st.builds(Named, st.just("limit"), IDS, SIDES, PRICES, QTYS, instructions=worked),
    st.builds(
        Named, st.just("market"), IDS, SIDES, QTYS, st.sampled_from([IOC, FOK]), instructions=worked
    ),
    st.builds(Named, st.just("market_to_limit"), IDS, SIDES, QTYS, instructions=worked),
)
instructed_stops = st.builds(
    Named, st.just("stop"), IDS, SIDES, PRICES, QTYS, st.none() | PRICES, instructions=worked
)

PLAIN = st.one_of(limits, limits, limits, markets, cancels, replaces, reduces, hits, odd_limits)
FLOWS = {
    "plain": PLAIN,
    "stops": st.one_of(limits, limits, limits, markets, cancels, stops, stops, replaces, hits),
    "recorded": st.one_of(ranked, ranked, limits, markets, cancels, reduces, hits),
    "instructed": st.one_of(instructed, instructed, limits, cancels, replaces, reduces, hits),
    "everything": st.one_of(PLAIN, ranked, stops, instructed, instructed_stops),
}


def agree(messages: list[Message], mode: SelfTrade = SelfTrade.CANCEL_NEWEST) -> None:
    fast, oracle = OrderBook(mode), ReferenceBook(mode)
    for message in messages:
        answers = message(fast), message(oracle)
        assert fast.reports == oracle.reports, message
        assert answers[0] == answers[1], message
        assert fast.last_px == oracle.last_px
        for is_buy in (True, False):
            assert fast.depth(is_buy, 99) == oracle.depth(is_buy, 99)
        assert (fast.best_bid, fast.best_offer) == (oracle.best_bid, oracle.best_offer)
        assert fast.state_hash() == oracle.state_hash(), message
        assert not fast.is_crossed()
        fast.validate()
        oracle.validate()
        fast.reports.clear()
        oracle.reports.clear()
    for number in range(40):
        assert fast.cancel(f"o{number}") is oracle.cancel(f"o{number}")
    assert fast.reports == oracle.reports
    fast.validate()
    assert not fast.orders
    assert not len(fast.stops)
    assert fast.depth(True, 9) == fast.depth(False, 9) == []


@pytest.mark.parametrize("mode", SelfTrade)
@settings(max_examples=150)
@given(data=st.data())
def test_books_agree_in_every_mode_of_self_trade_prevention(
    mode: SelfTrade, data: st.DataObject
) -> None:
    agree(data.draw(st.lists(FLOWS["everything"], max_size=15)), mode)


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=150)
@given(data=st.data())
def test_books_agree_on_every_report(flow: str, data: st.DataObject) -> None:
    agree(data.draw(st.lists(FLOWS[flow], max_size=15)))


def instructed_message(rnd: Random, name: str, is_buy: bool, price: int, qty: int) -> Named:
    asks = Instructions(
        owner=rnd.choice(["", "fund", "scheme"]),
        display=rnd.choice([0, 0, 1, 2, 3]),
        seed=rnd.choice([0, 7]),
        post_only=rnd.random() < 0.2,
        min_qty=rnd.choice([0, 0, 0, 3]),
    )
    draw = rnd.random()
    if draw > 0.88:
        trail = Trail(rnd.choice([0, 1, 3]), 250, 1, rnd.choice([None, 0, 2]))
        stop_px = rnd.choice([0, 0, 100 + rnd.randint(1, 5) * (1 if is_buy else -1)])
        return Named("stop", name, is_buy, stop_px, qty, None, instructions=asks, trail=trail)
    if draw < 0.15:
        return Named("market", name, is_buy, qty, rnd.choice([IOC, FOK]), instructions=asks)
    if draw < 0.25:
        return Named("market_to_limit", name, is_buy, qty, instructions=asks)
    if draw < 0.35:
        stop_px = 100 + rnd.randint(-2, 5) * (1 if is_buy else -1)
        limit_px = rnd.choice([None, price])
        return Named("stop", name, is_buy, stop_px, qty, limit_px, instructions=asks)
    tif = rnd.choice([DAY] * 6 + [IOC, FOK])
    return Named("limit", name, is_buy, price, qty * rnd.choice([1, 4]), tif, instructions=asks)


def message(rnd: Random, flow: str) -> Named:
    """Return a message of the flow's kinds, around a middle where about half of it trades."""
    name, is_buy, qty = f"o{rnd.randrange(40)}", rnd.random() < 0.5, rnd.randint(1, 9)
    price = 100 + rnd.randint(-6, 2) * (1 if is_buy else -1)
    draw = rnd.random()
    if flow in ("instructed", "everything") and rnd.random() < 0.5:
        return instructed_message(rnd, name, is_buy, price, qty)
    if draw < 0.45:
        ranked = flow in ("recorded", "everything") and rnd.random() < 0.6
        more = {"priority": rnd.randint(1, 30) << 20} if ranked else {}
        time_in_force = rnd.choice([DAY] * 6 + [IOC, FOK])
        return Named("limit", name, is_buy, price, qty, time_in_force, **more)
    if draw < 0.55:
        return Named("market", name, is_buy, qty, rnd.choice([IOC, IOC, FOK]))
    if draw < 0.65 and flow in ("stops", "everything"):
        stop_px = 100 + rnd.randint(-2, 5) * (1 if is_buy else -1)
        return Named("stop", name, is_buy, stop_px, qty, rnd.choice([None, price]))
    if draw < 0.75:
        return Named("cancel", name)
    if draw < 0.9:
        prices = [None, None, rnd.randint(95, 105)]
        return Named("replace", name, qty, rnd.choice(prices), rnd.choice(prices))
    if draw < 0.95:
        return Named("reduce", name, qty)
    return Named("hit", name, qty, "rec")


@pytest.mark.parametrize("flow", FLOWS)
@settings(max_examples=60, phases=[Phase.generate])
@given(seed=st.integers(0, 10**9))
def test_books_agree_over_long_sequences(flow: str, seed: int) -> None:
    rnd = Random(seed)
    mode = rnd.choice(list(SelfTrade))
    agree([message(rnd, flow) for _ in range(120)], mode)
