"""A symbol's tape: what trades add up to, however often it is asked."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.venues.tape import Tape, Trade
from models.market import BAR_NS, PRINTS_MAX, Bar, Print

TRADES = st.lists(
    st.tuples(
        st.integers(0, 2 * BAR_NS),
        st.integers(1, 2**40),
        st.integers(1, 10**9),
        st.booleans(),
    ),
    max_size=80,
)


def settled(tape: Tape, trades: list[Trade]) -> list[Bar]:
    tape.waiting += trades
    return tape.settle()


def test_settle_without_trades_changes_no_bar() -> None:
    assert settled(Tape("ACME"), []) == []


def test_settle_of_trades_in_two_bars_tells_both() -> None:
    tape = Tape("ACME")
    bars = settled(tape, [(BAR_NS - 1, 10, 1, True), (BAR_NS, 12, 2, False)])
    assert bars == [
        Bar("ACME", 0, 10, 10, 10, 10, 1, 10),
        Bar("ACME", BAR_NS, 12, 12, 12, 12, 2, 12),
    ]
    assert tape.volume == 3
    assert list(tape.prints) == [Print(1, BAR_NS - 1, 10, 1, True), Print(2, BAR_NS, 12, 2, False)]


def test_settle_tells_a_finished_bar_once() -> None:
    tape = Tape("ACME")
    settled(tape, [(0, 10, 1, True)])
    (bar,) = settled(tape, [(3 * BAR_NS + 1, 12, 2, False)])
    assert bar.start_ts == 3 * BAR_NS


def test_settle_when_the_clock_went_back_goes_on_with_the_bar_it_has() -> None:
    tape = Tape("ACME")
    settled(tape, [(0, 10, 1, True), (BAR_NS, 12, 2, False)])
    (bar,) = settled(tape, [(BAR_NS - 5, 9, 1, True)])
    assert (bar.start_ts, bar.low, bar.qty) == (BAR_NS, 9, 3)


@given(trades=TRADES, cuts=st.lists(st.integers(0, 80), max_size=5))
def test_settle_however_often_gives_the_same_bars_prints_and_volume(
    trades: list[Trade], cuts: list[int]
) -> None:
    trades.sort(key=lambda trade: trade[0])
    tape = Tape("ACME")
    bars: dict[int, Bar] = {}
    ends = [0, *sorted(min(cut, len(trades)) for cut in cuts), len(trades)]
    for start, end in pairwise(ends):
        bars |= {bar.start_ts: bar for bar in settled(tape, trades[start:end])}
    expected = [Print(seq, *trade) for seq, trade in enumerate(trades, 1)]
    assert list(tape.prints) == expected[-PRINTS_MAX:]
    assert tape.volume == sum(qty for _, _, qty, _ in trades)
    groups = [list(group) for _, group in groupby(trades, lambda trade: trade[0] // BAR_NS)]
    assert list(bars.values()) == [_bar(group) for group in groups]


def _bar(trades: list[Trade]) -> Bar:
    prices = [px for _, px, _, _ in trades]
    qty = sum(qty for _, _, qty, _ in trades)
    vwap = Fraction(sum(px * qty for _, px, qty, _ in trades), qty)
    start_ts = trades[0][0] // BAR_NS * BAR_NS
    rounded = int(vwap + Fraction(1, 2))
    return Bar("ACME", start_ts, prices[0], max(prices), min(prices), prices[-1], qty, rounded)
