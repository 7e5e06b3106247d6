"""The filter language: what it understands, what it refuses, and both ways it is evaluated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import PRICE_SCALE
from tests.ui.quotes import Line, line_columns
from ui.tables.column_arrays import ColumnArrays
from ui.tables.columns import NANOS_PER_SECOND
from ui.tables.filter_query import FilterError, FilterQuery, Vocabulary, parse

COLUMNS = line_columns()
WORDS = Vocabulary(
    names={"px": "limit", "age": "time"},
    values={"note": {"working": ("new", "Part filled")}, "symbol": {"tech": ("aapl", "msft")}},
)
MINUTE = 60 * NANOS_PER_SECOND


def understood(text: str, words: Vocabulary = WORDS) -> FilterQuery[Line]:
    query = parse(text, COLUMNS, words)
    assert isinstance(query, FilterQuery), query
    return query


def refused(text: str) -> list[FilterError]:
    errors = parse(text, COLUMNS, WORDS)
    assert isinstance(errors, list), errors
    return errors


def price(units: float) -> int:
    return round(units * 100) * PRICE_SCALE // 100


@pytest.mark.parametrize(
    ("text", "line", "passes"),
    [
        ("", Line("a"), True),
        ("side:buy", Line("a", side="buy"), True),
        ("SIDE:Buy", Line("a", side="buy"), True),
        ("side:buy", Line("a", side="sell"), False),
        ("side=sell", Line("a", side="sell"), True),
        ("side!=sell", Line("a", side="sell"), False),
        ("-side!=sell", Line("a", side="sell"), True),
        ("symbol:aapl,msft", Line("a", symbol="MSFT"), True),
        ("symbol:aapl,msft", Line("a", symbol="T"), False),
        ("-symbol:t", Line("a", symbol="T"), False),
        ("-symbol:t", Line("a", symbol=None), True),
        ("symbol:a*", Line("a", symbol="AAPL"), True),
        ("symbol:*pl", Line("a", symbol="AAPL"), True),
        ("symbol:a.p*", Line("a", symbol="AAPL"), False),
        ("symbol:*", Line("a", symbol=None), False),
        ('symbol:""', Line("a", symbol=None), True),
        ("symbol:tech", Line("a", symbol="MSFT"), True),
        ("symbol:tech", Line("a", symbol="tech"), False),
        ("note:working", Line("a", note="part FILLED"), True),
        ('note:"part filled",new', Line("a", note="Part filled"), True),
        ("qty>10k", Line("a", qty=10_000), False),
        ("qty>10k", Line("a", qty=10_001), True),
        ("qty>=10,000", Line("a", qty=10_000), True),
        ("qty:5,7", Line("a", qty=7), True),
        ("qty!=7", Line("a", qty=7), False),
        ("qty<0.5", Line("a", qty=0), True),
        ("qty<=0.5", Line("a", qty=1), False),
        ("qty>=0.5", Line("a", qty=0), False),
        ("qty>0.5", Line("a", qty=1), True),
        ("qty=0.5", Line("a", qty=0), False),
        ("qty>-1", Line("a", qty=0), True),
        ("qty<5b", Line("a", qty=2**80), False),
        ("px<=190.5", Line("a", px=price(190.50)), True),
        ("px<=190.5", Line("a", px=price(190.51)), False),
        ("px<=190.5", Line("a", px=None), False),
        ("-px<=190.5", Line("a", px=None), True),
        ("px=98-16", Line("a", px=price(98.50)), True),
        ("notional>1m", Line("a", qty=10_000, px=price(100.01)), True),
        ("notional>1m", Line("a", qty=10_000, px=price(100)), False),
        ("done_pct>=50%", Line("a", qty=200, done=100), True),
        ("done_pct>50", Line("a", qty=200, done=100), False),
        ("aap", Line("a", symbol="AAPL"), True),
        ('"art fil"', Line("a", note="Part filled"), True),
        ("-aap", Line("a", symbol="AAPL"), False),
        ("100", Line("a", qty=100), False),
        ("side:buy qty>5", Line("a", side="buy", qty=5), False),
    ],
)
def test_filter_over_one_line(text: str, line: Line, passes: bool) -> None:
    assert understood(text).matches(line) is passes


@pytest.mark.parametrize(
    ("text", "age_s", "passes"),
    [
        ("age<5m", 299, True),
        ("age<5m", 300, False),
        ("age<=5m", 300, True),
        ("age>1.5h", 5_401, True),
        ("time>=2d", 172_800, True),
        ("age<500ms", 1, False),
    ],
)
def test_filter_by_age_counts_back_from_now(text: str, age_s: int, passes: bool) -> None:
    now = 1_800_000_000 * NANOS_PER_SECOND
    line = Line("a", ts=now - age_s * NANOS_PER_SECOND)
    query = understood(text)
    assert query.needs_now
    assert query.matches(line, now) is passes


@pytest.mark.parametrize(
    ("text", "minute", "passes"),
    [
        ("time>=14:30", 14 * 60 + 30, True),
        ("time>14:30", 14 * 60 + 30, False),
        ("time>14:30", 14 * 60 + 31, True),
        ("time<14:30", 14 * 60 + 29, True),
        ("time<=14:30", 14 * 60 + 31, False),
        ("time:14:30", 14 * 60 + 30, True),
        ("time:14:30", 14 * 60 + 31, False),
        ("time!=14:30", 14 * 60 + 30, False),
        ("time:14:30:00", 14 * 60 + 30, False),
    ],
)
def test_filter_by_time_of_day_in_the_given_zone(text: str, minute: int, passes: bool) -> None:
    # An hour east of UTC, and thirty seconds into the minute.
    line = Line("a", ts=(20_000 * 1_440 + minute - 60) * MINUTE + 30 * NANOS_PER_SECOND)
    query = understood(text, Vocabulary(utc_offset_s=3_600))
    assert not query.needs_now
    assert query.matches(line) is passes


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("sied:buy", "sied", "did you mean side?"),
        ("zzz:1", "zzz", "There is no column zzz"),
        ("qty>many", "many", "many is not a number; write qty>10k."),
        ("side>buy", "buy", "Side is text and has no more or less; write side:word."),
        ("qty>", "qty>", "Nothing follows qty>; write qty>10k."),
        ("time>5", "5", "5 is neither an age such as 5m nor a time such as 14:30."),
        ("time=5m", "5m", "An age is compared; write time<5m."),
        ("px>98-40", "98-40", "not in 32nds"),
        ('note:"open', '"open', "A quotation mark is missing"),
        ('side:buy "open', '"open', "A quotation mark is missing"),
    ],
)
def test_parse_of_mistake_names_place_and_reason(text: str, place: str, reason: str) -> None:
    (error,) = refused(text)
    assert text[error.start : error.end] == place
    assert reason in error.reason


def test_parse_of_two_mistakes_names_both_in_order() -> None:
    first, second = refused("qty>x side:buy sied:sell")
    assert (first.start, second.start) == (4, 15)


values = st.builds(
    Line,
    key=st.sampled_from(["o1", "o2", "o3"]),
    symbol=st.sampled_from([None, "", "AAPL", "msft", "T"]),
    side=st.sampled_from(["buy", "sell"]),
    qty=st.integers(-5, 5) | st.sampled_from([10_000, 2**70, -(2**70)]),
    px=st.none() | st.integers(0, 4).map(price),
    ts=st.none() | st.integers(0, 600).map(lambda s: s * NANOS_PER_SECOND),
    note=st.sampled_from(["", "New", "part filled", "Done"]),
)
terms = st.sampled_from(
    [
        "side:buy",
        "symbol:aapl,t",
        "symbol:*s*",
        'symbol:""',
        "note:working",
        "qty>0",
        "qty<=2.5",
        "qty=3,-3",
        "qty>=1b",
        "px<2",
        "px:3",
        "age<2m",
        "time>=00:05",
        "aap",
        "o",
    ]
)


@given(
    lines=st.lists(values, min_size=1, max_size=12),
    words=st.lists(st.tuples(st.booleans(), terms), min_size=1, max_size=3),
)
def test_mask_of_all_rows_equals_matches_of_each(
    lines: list[Line], words: list[tuple[bool, str]]
) -> None:
    query = understood(" ".join(f"{'-' if negated else ''}{term}" for negated, term in words))
    arrays: ColumnArrays[Line] = ColumnArrays(COLUMNS)
    slots = arrays.append(lines)
    now = 600 * NANOS_PER_SECOND
    whole = query.mask(arrays.cells(slots), len(slots), now)
    assert whole.tolist() == [query.matches(line, now) for line in lines]
    # A part of the rows takes another way through the texts.
    part = np.array([0])
    assert query.mask(arrays.cells(part), 1, now).tolist() == whole[:1].tolist()
