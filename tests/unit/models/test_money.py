"""Prices, quantities and money: what is taken, what is refused, and how it is written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.errors import BadInput
from models.money import (
    PRICE_MAX,
    PRICE_SCALE,
    decimals_of,
    format_32nds,
    format_bps,
    format_money,
    format_price,
    is_in_32nds,
    parse_price,
    parse_qty,
    price_from_decimal,
    price_to_decimal,
    ratio_bps,
)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("190.5", 190_500_000_000),
        (" 190.50 ", 190_500_000_000),
        ("1,234.56", 1_234_560_000_000),
        ("0.000000001", 1),
        (".5", 500_000_000),
        ("5.", 5_000_000_000),
        ("-3.25", -3_250_000_000),
        ("0", 0),
        ("10000000", PRICE_MAX),
        ("1.0000000000", 1_000_000_000),
        ("98-16", 98_500_000_000),
        ("98-16+", 98_515_625_000),
        ("98-162", 98_507_812_500),
        ("98-164", 98_515_625_000),
        ("98-167", 98_527_343_750),
        ("98-00", 98_000_000_000),
        ("98-31+", 98_984_375_000),
        ("0-001", 3_906_250),
    ],
)
def test_parse_price_good_text_is_exact(text: str, price: int) -> None:
    assert parse_price(text) == price


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1.2.3",
        "--5",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e2",
        "1e300",
        "1e999999",
        "1" * 41,
        "10000000.000000001",
        "-10000001",
        "0.0000000001",
        "1.0000000000000000000000000000001",
        "98-32",
        "98-1",
        "98-",
        "98-168",
        "98-16++",
        "98-162+",
        "98-1624",
        "98-ab",
        "9a-16",
        "-98-16",
        "98-1²",
        "²-16",
        "99999999999999999999-16",
        "10000000-01",
        "9" * 5_000 + "-16",
    ],
)
def test_parse_price_bad_text_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_price(text)


def test_parse_price_refusal_names_what_was_typed() -> None:
    with pytest.raises(BadInput, match=r"19o\.5.*write it as 190\.50"):
        parse_price("19o.5")


@pytest.mark.parametrize(
    ("text", "qty"),
    [
        ("5000", 5_000),
        ("5k", 5_000),
        ("5K", 5_000),
        ("2.5m", 2_500_000),
        ("1b", 1_000_000_000),
        ("1.5k", 1_500),
        ("0.001k", 1),
        (" 10,000 ", 10_000),
        ("-5", -5),
        ("0", 0),
        ("12.0", 12),
    ],
)
def test_parse_qty_good_text_is_exact(text: str, qty: int) -> None:
    assert parse_qty(text) == qty


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k",
        "1.5",
        "1.0005k",
        "5kk",
        "5x",
        "NaN",
        "Infinity",
        "nank",
        "1e999999k",
        "1.00000000000000000000000000000000001",
        "1e9999",
        "1e30",
        "9" * 40 + "b",
    ],
)
def test_parse_qty_bad_or_huge_text_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_qty(text)


@pytest.mark.parametrize(
    "number", ["1.0000000001", "1.0000000000000000000000000000001", "1E-10", "9999999.9999999999"]
)
def test_price_from_decimal_finer_than_a_billionth_is_refused(number: str) -> None:
    with pytest.raises(BadInput, match="decimals"):
        price_from_decimal(Decimal(number))


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E+8"])
def test_price_from_decimal_that_is_no_price_is_refused(number: str) -> None:
    with pytest.raises(BadInput):
        price_from_decimal(Decimal(number))


@pytest.mark.parametrize(
    ("price", "places", "text"),
    [
        (191_400_000_000, 2, "191.40"),
        (1_234_567_890_000_000, 2, "1,234,567.89"),
        (5_000_000, 2, "0.01"),
        (4_999_999, 2, "0.00"),
        (-5_000_000, 2, "-0.01"),
        (1_500_000_000, 0, "2"),
        (2_500_000_000, 0, "3"),
        (1, 9, "0.000000001"),
        (999_995_000_000, 2, "1,000.00"),
        (0, 2, "0.00"),
    ],
)
def test_format_price_rounds_half_up(price: int, places: int, text: str) -> None:
    assert format_price(price, places) == text


@pytest.mark.parametrize("places", [0, 2])
def test_format_price_that_rounds_to_zero_has_no_sign(places: int) -> None:
    assert format_price(-1, places) == format_price(0, places)


@pytest.mark.parametrize(
    ("amount", "places", "text"),
    [
        (1_000_000_000_000, 0, "1,000,000"),
        (1_234_567, 2, "1.23"),
        (1_235_000, 2, "1.24"),
        (-7_500_000, 2, "-7.50"),
        (20_000_000_499_999, 0, "20,000,000"),
    ],
)
def test_format_money_shows_units(amount: int, places: int, text: str) -> None:
    assert format_money(amount, places) == text


@pytest.mark.parametrize(
    ("tick", "places"),
    [
        (10_000_000, 2),
        (1_000_000_000, 2),
        (5_000_000, 3),
        (15_625_000, 6),
        (3_906_250, 8),
        (1, 9),
    ],
)
def test_decimals_of_shows_a_tick_whole(tick: int, places: int) -> None:
    assert decimals_of(tick) == places


@pytest.mark.parametrize(
    ("bps", "text"),
    [
        (1120, "11.2%"),
        (500, "5%"),
        (1000, "10%"),
        (10_000, "100%"),
        (5, "0.05%"),
        (0, "0%"),
        (1, "0.01%"),
    ],
)
def test_format_bps_is_a_short_percentage(bps: int, text: str) -> None:
    assert format_bps(bps) == text


@pytest.mark.parametrize(
    ("part", "whole", "bps"), [(1, 10_000, 1), (1, 20_000, 1), (1, 20_001, 0), (3, 1, 30_000)]
)
def test_ratio_bps_rounds_half_up(part: int, whole: int, bps: int) -> None:
    assert ratio_bps(part, whole) == bps


def test_price_to_decimal_is_exact() -> None:
    assert price_to_decimal(98_507_812_500) == Decimal("98.5078125")
    assert price_to_decimal(PRICE_MAX - 1) == Decimal("9999999.999999999")
    assert price_to_decimal(100 * PRICE_SCALE) == 100


@pytest.mark.parametrize(
    ("text", "shown"),
    [("98-16", "98-16"), ("98.5", "98-16"), ("99.484375", "99-15+"), ("98-162", "98-162"),
     ("99-00", "99-00"), ("0.00390625", "0-001")],
)  # fmt: skip
def test_format_32nds_is_what_parse_price_reads(text: str, shown: str) -> None:
    price = parse_price(text)
    assert is_in_32nds(price)
    assert format_32nds(price) == shown
    assert parse_price(shown) == price


def test_is_in_32nds_only_whole_eighths_of_a_32nd() -> None:
    assert not is_in_32nds(parse_price("98.501"))
