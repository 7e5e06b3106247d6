"""The one-line entry: what is typed, what it means, and what of it means nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.order_types_page import FORCES, INSTRUCTIONS, TYPES, Entry
from models.order_support import SUPPORT
from models.orders import OrderType, Peg, Side, TimeInForce
from tests.builders import TODAY, bond, instrument, px, quote
from ui.ticket.draft import Draft
from ui.ticket.field_rows import instructions
from ui.ticket.one_line import Line, parse, write

LISTED = {name: instrument(name) for name in ("AAPL", "MSFT", "T", "POST")} | {
    "UST10Y": bond(),
    "GBPCO": instrument("GBPCO", currency="GBP"),
    "HK": instrument("HK", lot=400),
}
QUOTES = {
    "AAPL": quote("AAPL", px("190.50"), bid=px("190.48"), ask=px("190.51")),
    "UST10Y": quote("UST10Y", px(98), bid=px("97.984375"), ask=px("98.015625")),
    "GBPCO": quote("GBPCO"),
    "HK": quote("HK"),
    "T": quote("T", px(50), bid=0),
}
ACCOUNTS = {"GROWTH", "INDEX"}


def read(text: str) -> Line:
    return parse(text, Draft(account="GROWTH"), LISTED, ACCOUNTS, QUOTES, TODAY)


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
        ("b 100 aapl lmt 190", OrderType.LIMIT),
        ("b 100 aapl stl 195 196", OrderType.STOP_LIMIT),
        ("b 100 aapl stl 195", OrderType.STOP_LIMIT),
        ("b 100 aapl stop ask+9t mid", OrderType.STOP_LIMIT),
        ("b 100 aapl mid mkt", OrderType.MARKET),
        ("b 100 aapl mtl", OrderType.MARKET_TO_LIMIT),
        ("b 100 aapl trail 0.50", OrderType.TRAILING_STOP),
        ("b 100 aapl trail 25bp", OrderType.TRAILING_STOP),
        ("b 100 aapl trail 0.50 limit 0.05", OrderType.TRAILING_STOP_LIMIT),
        ("b 100 aapl limit 0 trail 25 bp gtc", OrderType.TRAILING_STOP_LIMIT),
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
        ("b 100 aapl bid+2", "bid+2", "how many ticks"),
        ("b 100 aapl bid+2x", "bid+2x", "how many ticks"),
        ("b 100 aapl bid+", "bid+", "how many ticks"),
        ("b 100 aapl bid-9999t bid", "bid", "second price"),
        ("b 100 aapl bid mid", "mid", "second price"),
        ("b 100 msft bid", "bid", "has no bid now"),
        ("b 100 t mid", "mid", "one side only"),
        ("b 100 t last-9999t", "last-9999t", "fewer ticks"),
        ("b 100 bid", "bid", "say the symbol first"),
        ("b 2m$ gbpco", "2m$", "trades in GBP"),
        ("b 2m$ msft", "2m$", "needs a price"),
        ("b 1$ aapl", "1$", "one lot"),
        ("b 100 aapl 190 gtd soon", "soon", "write 2024-11-22, 1dec or +5d"),
        ("b 100 aapl 190 gtd 31feb", "31feb", "is no day"),
        ("b 100 aapl 190 iceberg some", "some", "not a number"),
        ("b 100 aapl 190 random", "random", "iceberg 500 random"),
        ("b 100 aapl 190 min 50", "50", "goes with IOC"),
        ("b 100 aapl 190 ioc post", "post", "limit order that rests"),
        ("b 100 aapl mkt iceberg 50", "50", "Only a limit order that rests"),
        ("b 100 aapl mkt gtc", "gtc", "no price to rest at"),
        ("b 100 aapl mtl gtd +2d", "gtd", "rests as a limit order"),
        ("b 100 aapl trail 25bp ioc", "ioc", "waits for its trigger"),
        ("b 100 aapl trail far", "far", "write 0.50, or 25bp"),
        ("b 100 aapl trail 0.50 190", "190", "a distance from its stop"),
        ("b 100 aapl trail 0.50 limit bid", "bid", "a distance from its stop"),
        ("b 100 aapl stop 195 trail 0.50", "195", "no stop price of its own"),
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
    assert "the last day, 2026-12-01" in read("b 100 aapl 190 gtd").mistakes[0].reason
    assert "0.50 or 25bp" in read("b 100 aapl trail").mistakes[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "b 5k aapl 190.50 acct growth",
        "s 300 msft mkt acct index",
        "ss 10 aapl stop 180 179.5 gtc acct growth",
        "b 5k aapl 190.5 iceberg 500",
        "b 5k aapl 190.5 iceberg 500 random gtd +5d post",
        "b 5k aapl mkt ioc min 500",
        "b 5k aapl mtl",
        "s 300 aapl trail 25bp gtc",
        "s 300 aapl trail 0.50 limit 0 gtd 1dec",
        "b 5k aapl peg primary",
        "b 5k aapl peg mid -0.01 cap 190.60 gtc",
        "s 5k aapl peg market +0.02 190.60",
        "b 5k aapl 190.50 aon gtd +5d",
        "b 5k aapl mkt opg",
        "s 5k aapl 190.50 cls",
    ],
)
def test_line_written_from_its_draft_reads_the_same(text: str) -> None:
    line = read(text)
    assert not line.mistakes
    assert read(write(line.draft)).draft == line.draft


_NUMBERS = st.integers(1, 10**6).map(str)
_PRICES = st.integers(1, 10**6).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
_TRAILS = _PRICES | st.integers(1, 5_000).map(lambda bps: f"{bps}bp")


@st.composite
def whole_drafts(draw: st.DrawFn) -> Draft:
    """Drafts with everything that their type and time in force have, and nothing else."""
    kind, force = draw(st.sampled_from([pair for pair, why in SUPPORT.items() if not why]))
    draft = Draft(
        side=draw(st.sampled_from(Side)),
        symbol=draw(st.sampled_from(sorted(LISTED))),
        qty=draw(_NUMBERS),
        order_type=kind,
        limit=draw(_PRICES) if kind.has_limit else "",
        stop=draw(_PRICES) if kind.has_stop else "",
        time_in_force=force,
        account=draw(st.sampled_from(sorted(ACCOUNTS))),
        expire=draw(st.dates(date(2024, 1, 1)).map(str)) if force is TimeInForce.GTD else "",
        trail=draw(_TRAILS) if kind.trails else "",
        offset=draw(_PRICES) if kind is OrderType.TRAILING_STOP_LIMIT else "",
    )
    if kind is OrderType.PEGGED:
        draft.limit, draft.peg = draw(st.just("") | _PRICES), draw(st.sampled_from(Peg))
        draft.peg_offset = draw(st.just("") | _PRICES.map("-{}".format) | _PRICES.map("+{}".format))
    asked = instructions(draft)
    if "display_qty" in asked and draw(st.booleans()):
        draft.display, draft.varies = draw(_NUMBERS), draw(st.booleans())
    draft.min_qty = draw(_NUMBERS) if "min_qty" in asked and draw(st.booleans()) else ""
    draft.post_only = "post_only" in asked and draw(st.booleans())
    draft.all_or_none = "all_or_none" in asked and draw(st.booleans())
    return draft


@given(whole_drafts())
def test_line_written_from_any_whole_draft_reads_the_same(draft: Draft) -> None:
    line = read(write(draft))
    assert not line.mistakes
    assert line.draft == draft


@pytest.mark.parametrize(
    ("word", "buys_at", "sells_at"),
    [
        ("bid", "190.48", "190.48"),
        ("ask", "190.51", "190.51"),
        ("last", "190.50", "190.50"),
        ("mid", "190.49", "190.50"),
        ("bid+2t", "190.50", "190.50"),
        ("ask-1t", "190.50", "190.50"),
        ("@BID-10t", "190.38", "190.38"),
    ],
)
def test_price_by_the_quote_is_the_price_now_on_the_tick(
    word: str, buys_at: str, sells_at: str
) -> None:
    for side, price in (("b", buys_at), ("s", sells_at), ("ss", sells_at)):
        line = read(f"{side} 100 aapl {word}")
        assert not line.mistakes
        assert line.draft.limit == price


def test_stop_price_may_be_said_by_the_quote() -> None:
    line = read("s 100 aapl stop bid-20t")
    assert (line.draft.stop, line.draft.limit) == ("190.28", "")


@pytest.mark.parametrize(
    ("text", "qty"),
    [
        ("b 2m$ aapl 200", "10000"),
        ("b $2m aapl 200", "10000"),
        ("b aapl 2m$ 190.50", "10498"),
        ("b 2m$ aapl mid", "10499"),
        ("b 2m$ aapl mkt", "10498"),  # at the offer
        ("s 2m$ aapl mkt", "10499"),  # at the bid
        ("b 2m$ aapl stop 250", "8000"),
        ("b 1m$ ust10y 98-16", "1015000"),
        ("b 50k$ hk 100", "400"),
    ],
)
def test_quantity_by_its_value_is_whole_lots_that_it_pays_for(text: str, qty: str) -> None:
    line = read(text)
    assert not line.mistakes
    assert line.draft.qty == qty


def test_quantity_by_its_value_waits_for_the_symbol() -> None:
    line = read("s 2m$")
    assert not line.mistakes
    assert line.draft.qty == ""


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("b 5k aapl 190 iceberg 500", {"display": "500"}),
        ("b 5k aapl 190 random iceberg 500", {"display": "500", "varies": True}),
        ("b 5k aapl 190 post", {"post_only": True}),
        ("b 5k aapl 190 ioc min 1k", {"min_qty": "1k"}),
        ("b 5k aapl 190 gtd 2026-12-01", {"expire": "2026-12-01"}),
        ("b 5k aapl 190 gtd +5d", {"expire": "2024-11-27"}),
        ("b 5k aapl 190 gtd 1dec", {"expire": "2024-12-01"}),
        ("b 5k aapl 190 gtd 21nov", {"expire": "2025-11-21"}),
        ("b 5k aapl 190 gtd 1dec gtc", {"expire": "", "time_in_force": TimeInForce.GTC}),
        ("s 5k aapl trail 0.5", {"trail": "0.5", "limit": ""}),
        ("s 5k aapl trail 25bps", {"trail": "25bp"}),
        ("s 5k aapl trail 25 bp limit 0.05", {"trail": "25bp", "offset": "0.05", "limit": ""}),
    ],
)
def test_instruction_goes_into_its_field(text: str, fields: dict[str, object]) -> None:
    line = read(text)
    assert not line.mistakes
    assert {name: getattr(line.draft, name) for name in fields} == fields


def test_word_that_is_a_listed_symbol_is_the_symbol_before_there_is_one() -> None:
    draft = read("b 100 post 90 post").draft
    assert (draft.symbol, draft.limit, draft.post_only) == ("POST", "90", True)


@pytest.mark.parametrize(
    "entry", [*TYPES.values(), *FORCES.values(), *INSTRUCTIONS], ids=lambda entry: entry.name
)
def test_example_of_the_help_page_is_understood(entry: Entry) -> None:
    line = read(entry.example)
    assert not line.mistakes
    kinds = {each.name: kind for kind, each in TYPES.items()}
    forces = {each.name: force for force, each in FORCES.items()}
    assert line.draft.order_type is kinds.get(entry.name, line.draft.order_type)
    assert line.draft.time_in_force is forces.get(entry.name, line.draft.time_in_force)
    assert line.draft.is_instructed is (entry in INSTRUCTIONS)
