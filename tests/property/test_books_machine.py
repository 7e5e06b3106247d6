"""The fast book and its oracle through pegs, all-or-none orders, calls, auctions and bands."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.matching.auction import Bands, Call
from app.matching.instructions import Instructions, PegTo, SelfTrade
from app.matching.order_book import CLS, DAY, FOK, IOC, OPG, OrderBook
from app.matching.reference_book import ReferenceBook
from app.simulation.books import Request, difference, differences, run_sequence, sequence
from models.orders import Peg

IDS = st.sampled_from([f"o{number}" for number in range(14)])
SIDES = st.booleans()
PRICES = st.integers(96, 104)
QTYS = st.integers(1, 9)
ASKS = st.builds(
    Instructions,
    owner=st.sampled_from(["", "", "fund"]),
    display=st.sampled_from([0, 0, 2]),
    seed=st.just(0),
    lot=st.just(1),
    post_only=st.sampled_from([False, False, False, True]),
    min_qty=st.sampled_from([0, 0, 0, 3]),
    all_or_none=st.sampled_from([False, False, True]),
)
PEGS = st.builds(PegTo, st.sampled_from(Peg), st.integers(-2, 1), st.sampled_from([1, 2]))


class Books(RuleBasedStateMachine):
    """Asks both books the same, and compares all that they say after each request."""

    @initialize(mode=st.sampled_from(SelfTrade), bands=st.sampled_from([Bands(), Bands(300, 200)]))
    def open(self, mode: SelfTrade, bands: Bands) -> None:
        self.fast, self.oracle = OrderBook(mode), ReferenceBook(mode)
        self.fast.bands = self.oracle.bands = bands

    def ask(self, name: str, *arguments: Any) -> None:
        asked = Request(name, arguments)
        assert asked.ask(self.fast) == asked.ask(self.oracle), asked
        assert difference(self.fast, self.oracle) == "", asked
        self.fast.reports.clear()
        self.oracle.reports.clear()

    @rule(o=IDS, buy=SIDES, px=PRICES, qty=QTYS, tif=st.integers(DAY, CLS), asks=ASKS)
    def limit(self, o: str, buy: bool, px: int, qty: int, tif: int, asks: Instructions) -> None:
        self.ask("limit", o, buy, px, qty, tif, None, asks)

    @rule(o=IDS, buy=SIDES, px=PRICES, qty=QTYS, asks=ASKS)
    def limit_for_the_day(self, o: str, buy: bool, px: int, qty: int, asks: Instructions) -> None:
        self.ask("limit", o, buy, px, qty, DAY, None, asks)

    @rule(o=IDS, buy=SIDES, qty=QTYS, tif=st.sampled_from([DAY, IOC, FOK, OPG, CLS]), asks=ASKS)
    def market(self, o: str, buy: bool, qty: int, tif: int, asks: Instructions) -> None:
        self.ask("market", o, buy, qty, tif, asks)

    @rule(o=IDS, buy=SIDES, qty=QTYS, asks=ASKS)
    def market_to_limit(self, o: str, buy: bool, qty: int, asks: Instructions) -> None:
        self.ask("market_to_limit", o, buy, qty, asks)

    @rule(o=IDS, buy=SIDES, qty=QTYS, peg=PEGS, cap=st.just(0) | PRICES, asks=ASKS)
    def pegged(self, o: str, buy: bool, qty: int, peg: PegTo, cap: int, asks: Instructions) -> None:
        self.ask("pegged", o, buy, qty, peg, cap, asks)

    @rule(o=IDS, buy=SIDES, px=PRICES, qty=QTYS, limit=st.none() | PRICES, asks=ASKS)
    def stop(
        self, o: str, buy: bool, px: int, qty: int, limit: int | None, asks: Instructions
    ) -> None:
        self.ask("stop", o, buy, px, qty, limit, asks)

    @rule(o=IDS)
    def cancel(self, o: str) -> None:
        self.ask("cancel", o)

    @rule(o=IDS, qty=st.integers(0, 9), px=st.none() | PRICES, stop_px=st.none() | PRICES)
    def replace(self, o: str, qty: int, px: int | None, stop_px: int | None) -> None:
        self.ask("replace", o, qty, px, stop_px)

    @rule(o=IDS, qty=QTYS, name=st.sampled_from(["hit", "reduce"]))
    def recorded(self, o: str, qty: int, name: str) -> None:
        self.ask(name, o, qty, *(["rec"] if name == "hit" else []))

    @rule(call=st.sampled_from(Call))
    def begin_call(self, call: Call) -> None:
        self.ask("begin_call", call)

    @rule(reference=st.sampled_from([0, 98, 100, 103]))
    def uncross(self, reference: int) -> None:
        self.ask("uncross", reference)

    def teardown(self) -> None:
        if hasattr(self, "fast"):
            for number in range(14):
                self.ask("cancel", f"o{number}")
            assert not self.fast.orders
            assert not len(self.fast.stops)


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("block", range(4))
def test_books_agree_on_seeded_sequences(block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        assert run_sequence(seed) == ""


def test_difference_between_the_books_is_found_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast book with a wrong best bid is found out."""
    monkeypatch.setattr(OrderBook, "best_bid", property(lambda book: 1))
    assert run_sequence(1).startswith("seed 1, ")


def test_sequence_of_a_seed_is_always_the_same() -> None:
    assert sequence(Random(7)) == sequence(Random(7))
    assert differences(sequence(Random(7), 10)) == ""
