"""Prices: written and read back without loss, whatever the instrument."""

from __future__ import annotations

import contextlib
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.instruments import Instrument, TickBand
from models.money import (
    PRICE_MAX,
    format_price,
    parse_price,
    parse_qty,
    price_from_decimal,
    price_to_decimal,
)
from tests.builders import instrument, px

PRICES = st.integers(-PRICE_MAX, PRICE_MAX)
TICKS = st.sampled_from(
    [px("0.01"), px("0.005"), px("0.0001"), px("0.5"), px(1), px("0.015625"), px("0.00390625"), 1]
)


@given(PRICES)
def test_format_price_in_full_parses_back(price: int) -> None:
    assert parse_price(format_price(price, 9)) == price


@given(TICKS, st.integers(1, 2_000_000))
def test_price_on_an_instruments_tick_parses_back_as_it_is_shown(tick: int, ticks: int) -> None:
    name: Instrument = instrument(ticks=(TickBand(0, tick),))
    assert parse_price(name.show_price(tick * ticks)) == tick * ticks


@given(PRICES, st.integers(0, 9))
def test_format_price_is_within_half_a_unit(price: int, places: int) -> None:
    shown = Decimal(format_price(price, places).replace(",", ""))
    assert abs(shown - Decimal(price).scaleb(-9)) <= Decimal(5).scaleb(-places - 1)


@given(PRICES)
def test_price_to_decimal_comes_back(price: int) -> None:
    assert price_from_decimal(price_to_decimal(price)) == price


@given(st.integers(0, 999), st.integers(0, 31), st.integers(0, 7))
def test_price_in_32nds_is_exact(handle: int, thirtyseconds: int, eighths: int) -> None:
    exact = Decimal(handle) + (Decimal(thirtyseconds) + Decimal(eighths) / 8) / 32
    assert parse_price(f"{handle}-{thirtyseconds:02}{eighths}") == price_from_decimal(exact)


@given(st.text(max_size=45) | st.text("0123456789-+.,eENa²k ", max_size=45))
def test_parse_any_text_is_a_number_or_a_refusal(text: str) -> None:
    for parse in (parse_price, parse_qty):
        with contextlib.suppress(BadInput):
            assert abs(parse(text)) < 2**63
