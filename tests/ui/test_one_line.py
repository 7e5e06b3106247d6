"""The one-line entry: what is typed, what it means, and what of it means nothing."""

from __future__ import annotations

import pytest

from models.orders import OrderType, Side, TimeInForce
from ui.ticket.draft import Draft
from ui.ticket.one_line import Line, parse, write

SYMBOLS = {"AAPL", "MSFT", "T", "UST10Y"}
ACCOUNTS = {"GROWTH", "INDEX"}


def read(text: str) -> Line:
    return parse(text, Draft(account="GROWTH"), SYMBOLS, ACCOUNTS)


def test_whole_line_fills_every_field() -> None:
    line = read("s 5k aapl 190.50 ioc acct index")
    assert not line.mistakes
    assert line.draft == Draft(
        side=Side.SELL,
        symbol="AAPL",
        qty="5k",
        order_type=OrderType.LIMIT,
        limit="190.50",
        time_in_force=TimeInForce.IOC,
        account="INDEX",
    )


@pytest.mark.parametrize(
    ("text", "order_type"),
    [
        ("b 100 aapl mkt", OrderType.MARKET),
        ("b 100 aapl 190", OrderType.LIMIT),
        ("b 100 aapl stop 195", OrderType.STOP),
        ("b 100 aapl stop 195 196", OrderType.STOP_LIMIT),
        ("b 100 aapl 196 stop 195", OrderType.STOP_LIMIT),
        ("b 100 aapl", OrderType.LIMIT),
    ],
)
def test_type_follows_from_the_prices(text: str, order_type: OrderType) -> None:
    line = read(text)
    assert not line.mistakes
    assert line.draft.order_type is order_type


def test_symbol_before_quantity_is_the_same() -> None:
    assert read("b aapl 100 190").draft == read("b 100 aapl 190").draft


def test_short_sale_has_its_own_side() -> None:
    assert read("ss 300 msft 410 gtc").draft.side is Side.SELL_SHORT


def test_bond_price_in_32nds_is_a_price() -> None:
    line = read("b 10m ust10y 98-16")
    assert not line.mistakes
    assert line.draft.limit == "98-16"


def test_symbol_that_is_one_letter_is_not_taken_for_a_side() -> None:
    assert read("b 100 t 23").draft.symbol == "T"


@pytest.mark.parametrize(
    ("text", "wrong", "why"),
    [
        ("b 100 nosuch 5", "nosuch", "security master"),
        ("x 100 aapl", "x", "begin with b, s or ss"),
        ("b 100 aapl 190 191", "191", "second price"),
        ("b 100 aapl 190 acct nobody", "nobody", "no open account"),
        ("b 100 aapl stop abc", "abc", "not a number"),
        ("b 100 aapl 190 banana", "banana", "not understood"),
    ],
)
def test_word_that_means_nothing_is_pointed_at_with_the_reason(
    text: str, wrong: str, why: str
) -> None:
    (mistake,) = read(text).mistakes
    assert text[mistake.start : mistake.end] == wrong
    assert why in mistake.reason


def test_line_that_ends_too_early_says_so() -> None:
    assert "missing" in read("b 100 aapl stop").mistakes[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "b 5k aapl 190.50 acct growth",
        "s 300 msft mkt acct index",
        "ss 10 aapl stop 180 179.5 gtc acct growth",
    ],
)
def test_line_written_from_its_draft_reads_the_same(text: str) -> None:
    line = read(text)
    assert read(write(line.draft)).draft == line.draft
