"""What a session keeps of watched symbols: nothing twice, nothing of others, a day at most."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.session.market import WatchedMarket, fresh_prints
from app.session.step import Changed, MarketRead, SessionCore, Watch, Watched
from models.market import (
    BAR_NS,
    BARS_KEPT_NS,
    PRINTS_MAX,
    TAPE_MAX,
    Bar,
    Depth,
    Level,
    Phase,
    Print,
)
from tests.builders import DESK, NOW, quote


def prints(first: int, last: int, started: int = 0) -> tuple[Print, ...]:
    """Return prints with these numbers of a venue that began at `started`."""
    return tuple(
        Print(seq, started + seq, 100 + seq, seq, is_buy=bool(seq % 2))
        for seq in range(first, last + 1)
    )


def depth(symbol: str = "ACME", ts: int = 1, **more: Any) -> Depth:
    return Depth(symbol, ts, bids=(Level(100, 5, 1),), **more)


def bar(number: int, close: int = 1, symbol: str = "ACME") -> Bar:
    return Bar(symbol, number * BAR_NS, 1, 2, 1, close, 10, 1)


def watching(*symbols: str) -> WatchedMarket:
    market = WatchedMarket()
    market.watch(symbols)
    return market


# -- depth ---------------------------------------------------------------------------------------


def test_take_keeps_the_newest_depth_and_tells_what_changed() -> None:
    market = watching("ACME", "BETA")
    assert market.take([depth(), depth("BETA")], []) == {"ACME", "BETA"}
    assert market.take([depth(), depth("BETA", 2)], []) == {"BETA"}
    assert market.depths == {"ACME": depth(), "BETA": depth("BETA", 2)}


def test_take_keeps_what_a_call_would_come_to_and_tells_when_it_changes() -> None:
    core = SessionCore("alice", DESK)
    core.step(Watched(frozenset({"ACME"})))
    shown = depth(phase=Phase.CLOSING, indicative_px=100, paired_qty=5, imbalance=-2)
    through = msgspec.json.decode(msgspec.json.encode(shown), type=Depth)
    core.step(MarketRead(NOW, (), depths=(through,)))
    assert core.depths == {"ACME": shown}
    opened = depth(ts=2)
    core.step(MarketRead(NOW, (), depths=(opened,)))
    assert core.depths["ACME"].phase is Phase.CONTINUOUS


def test_depth_that_was_published_before_there_were_phases_is_continuous() -> None:
    assert msgspec.json.decode(b'["ACME",1,[[100,5,1]],[],[]]', type=Depth) == depth()


def test_take_of_what_is_not_watched_keeps_nothing() -> None:
    market = watching("ACME")
    assert market.take([depth("BETA", prints=prints(1, 3))], [bar(1, symbol="BETA")]) == set()
    assert not market.depths
    assert not market.tapes
    assert not market.bars


def test_watch_forgets_what_is_watched_no_longer() -> None:
    market = watching("ACME", "BETA")
    market.take([depth(), depth("BETA")], [bar(1), bar(1, symbol="BETA")])
    market.watch(["BETA", "CORN"])
    assert set(market.depths) == set(market.tapes) == set(market.bars) == {"BETA"}


# -- prints --------------------------------------------------------------------------------------


def test_take_adds_only_prints_that_are_not_on_the_tape() -> None:
    market = watching("ACME")
    for ts, (first, last) in enumerate([(1, 3), (1, 3), (2, 5), (5, 6)], 1):
        market.take([depth(ts=ts, prints=prints(first, last))], [])
    assert tuple(market.tapes["ACME"]) == prints(1, 6)


def test_take_after_a_gap_goes_on_behind_it() -> None:
    market = watching("ACME")
    market.take([depth(prints=prints(1, 3))], [])
    market.take([depth(ts=2, prints=prints(40, 42))], [])
    assert tuple(market.tapes["ACME"]) == prints(1, 3) + prints(40, 42)


def test_take_keeps_the_last_prints_only() -> None:
    market = watching("ACME")
    for at in range(1, 20):
        end = at * PRINTS_MAX
        market.take([depth(ts=at, prints=prints(end - PRINTS_MAX + 1, end))], [])
    assert tuple(market.tapes["ACME"]) == prints(19 * PRINTS_MAX - TAPE_MAX + 1, 19 * PRINTS_MAX)


def test_fresh_prints_of_a_venue_that_began_again_are_all_new() -> None:
    tape = prints(1, 50)
    for first, last in [(1, 2), (1, 50), (49, 52), (50, 50), (51, 60)]:
        again = prints(first, last, started=1_000)
        assert fresh_prints(tape, again) == again
    assert fresh_prints(tape, ()) == ()


@given(
    sittings=st.lists(st.lists(st.integers(0, 50), max_size=8), max_size=4),
)
def test_tape_holds_what_was_seen_once_and_in_order(sittings: list[list[int]]) -> None:
    """`sittings` are runs of the venue, each with how much traded between two looks at it."""
    market = watching("ACME")
    tape: list[Print] = []
    ts = 0
    for number, steps in enumerate(sittings):
        at = 0
        for step in steps:
            at, ts = at + step, ts + 1
            seen = prints(max(1, at - PRINTS_MAX + 1), at, started=number * 1_000_000)
            market.take([depth(ts=ts, prints=seen)], [])
            tape += [each for each in seen if each not in tape]
    assert market.tapes.get("ACME", deque()) == deque(tape, maxlen=TAPE_MAX)


# -- bars ----------------------------------------------------------------------------------------


def test_take_replaces_the_bar_that_grows_and_adds_later_ones() -> None:
    market = watching("ACME")
    market.take([], [bar(1), bar(2)])
    assert market.take([], [bar(2, close=9), bar(4)]) == {"ACME"}
    assert market.bars["ACME"] == [bar(1), bar(2, close=9), bar(4)]


def test_take_of_the_same_bars_changes_nothing() -> None:
    market = watching("ACME")
    market.take([], [bar(1), bar(2)])
    assert market.take([], [bar(2)]) == set()
    assert market.take([], [bar(1), bar(2)]) == set()


def test_take_of_all_bars_after_some_leaves_no_double() -> None:
    """As when a pane looks away and back before the store's thread has noticed."""
    market = watching("ACME")
    market.take([], [bar(7)])
    market.take([], [bar(number) for number in range(1, 9)])
    assert market.bars["ACME"] == [bar(number) for number in range(1, 9)]


def test_take_keeps_symbols_apart() -> None:
    market = watching("ACME", "BETA")
    market.take([], [bar(1), bar(2), bar(1, symbol="BETA")])
    assert market.bars == {"ACME": [bar(1), bar(2)], "BETA": [bar(1, symbol="BETA")]}


def test_take_lets_bars_go_after_a_day() -> None:
    market = watching("ACME")
    day = BARS_KEPT_NS // BAR_NS
    market.take([], [bar(1), bar(2), bar(day)])
    market.take([], [bar(day + 1)])
    assert market.bars["ACME"] == [bar(2), bar(day), bar(day + 1)]


# -- the session ---------------------------------------------------------------------------------


def test_session_tells_its_store_thread_what_is_watched() -> None:
    core = SessionCore("alice", DESK)
    assert core.step(Watched(frozenset({"ACME"}))) == [Watch(frozenset({"ACME"}))]
    assert core.watched == {"ACME"}


def test_session_tells_quotes_and_market_in_one_change() -> None:
    core = SessionCore("alice", DESK)
    core.step(Watched(frozenset({"ACME"})))
    read = MarketRead(NOW, [quote(), quote("BETA")], [depth(prints=prints(1, 2))], [bar(1)])
    assert core.step(read) == [
        Changed(quotes=frozenset({"ACME", "BETA"}), market=frozenset({"ACME"}))
    ]
    assert core.depths["ACME"].bids == (Level(100, 5, 1),)
    assert tuple(core.tapes["ACME"]) == prints(1, 2)
    assert core.bars["ACME"] == [bar(1)]
    assert core.step(MarketRead(NOW, [], read.depths, read.bars)) == []
    core.step(Watched(frozenset()))
    assert not core.depths
    assert not core.tapes
    assert not core.bars
