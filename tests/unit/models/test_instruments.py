"""Instruments: ticks by price band, what a quantity is worth, how prices are written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models.instruments import AssetClass, DayCount, Instrument, TickBand
from models.money import parse_price
from tests.builders import bond, instrument, money, px

BANDS = (
    TickBand(0, px("0.0001")),
    TickBand(px(1), px("0.01")),
    TickBand(px(500), px("0.5")),
)


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("0", "0.0001"),
        ("0.9999", "0.0001"),
        ("1", "0.01"),
        ("499.99", "0.01"),
        ("500", "0.5"),
        ("9999", "0.5"),
    ],
)
def test_tick_at_band_edge_belongs_to_the_upper_band(price: str, tick: str) -> None:
    assert instrument(ticks=BANDS).tick_at(px(price)) == px(tick)


def test_notional_of_a_share_is_price_times_quantity() -> None:
    assert instrument().notional(px("191.40"), 1_000) == money(191_400)


def test_notional_of_a_bond_is_percent_of_par() -> None:
    assert bond().notional(px("98.5"), 1_000_000) == money(985_000)


@pytest.mark.parametrize(("price", "amount"), [(499, 0), (500, 1), (1_499, 1), (1_500, 2)])
def test_notional_is_rounded_half_up(price: int, amount: int) -> None:
    assert instrument().notional(price, 1) == amount


def test_places_are_those_of_the_finest_tick() -> None:
    assert instrument(ticks=BANDS).places == 4
    assert instrument().places == 2


@pytest.mark.parametrize("tick", ["0.01", "0.0001", "0.015625", "0.03125", "0.00390625"])
def test_show_price_on_the_tick_can_be_typed_back(tick: str) -> None:
    name = instrument(ticks=(TickBand(0, px(tick)),))
    price = 25_219 * px(tick)
    assert parse_price(name.show_price(price)) == price


def test_is_bond_only_for_bonds() -> None:
    bonds = {AssetClass.GOVERNMENT_BOND, AssetClass.CORPORATE_BOND}
    assert {each for each in AssetClass if each.is_bond} == bonds


def test_show_price_of_a_treasury_is_in_32nds_and_of_a_share_in_decimals() -> None:
    treasury = bond()
    assert treasury.is_in_32nds
    assert treasury.show_price(px("99.484375")) == "99-15+"
    assert treasury.show_average(px("99.484371")) == "99.4844"
    assert instrument().show_price(px("190.5")) == "190.50"
    assert instrument().show_average(px("190.505")) == "190.505"
    corporate = bond(asset_class=AssetClass.CORPORATE_BOND, ticks=(TickBand(0, px("0.001")),))
    assert corporate.show_price(px("99.5")) == "99.500"


# -- identifiers and bond terms ------------------------------------------------------------------

TERMS = {
    "issue_date": "2024-11-15",
    "maturity": "2034-11-15",
    "coupon": px("4.25"),
    "coupon_frequency": 2,
    "day_count": DayCount.ACT_ACT,
}


def test_instrument_with_all_it_can_have_has_no_fault() -> None:
    share = instrument(sedol="2046251", figi="BBG000B9XRY4", cusip="037833100", ticker="AAPL")
    assert share.fault() == ""
    note = bond(isin="US91282CLW90", cusip="91282CLW9", **TERMS)
    assert note.fault() == ""
    assert note.has_bond_terms
    assert not bond().has_bond_terms
    assert not share.has_bond_terms


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"isin": "US0378331006"}, "check digit is 5"),
        ({"sedol": "2046252"}, "check digit is 1"),
        ({"cusip": "037833101"}, "check digit is 0"),
        ({"figi": "BBG000B9XRY5"}, "check digit is 4"),
        ({"cusip": "594918104"}, "one is wrong"),
        ({"maturity": "2034-11-15"}, "has a bond's terms and is a share"),
        ({"currency": "GBp"}, "pence as GBX"),
    ],
    ids=str,
)
def test_instrument_with_what_cannot_be_is_told_what(changes: dict[str, Any], words: str) -> None:
    assert words in instrument(**changes).fault()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"maturity": "15.11.2034"}, "no date"),
        ({"maturity": "2034-11-31"}, "no date"),
        ({"issue_date": "20241115"}, "no date"),
        ({"maturity": "2024-11-15"}, "not after its issue"),
        ({"coupon": -1}, "must not be negative"),
        ({"coupon_frequency": 3}, "3 times a year"),
        ({"coupon_frequency": 0}, "0 times a year"),
    ],
    ids=str,
)
def test_bond_with_terms_that_cannot_be_is_told_which(changes: dict[str, Any], words: str) -> None:
    assert words in bond(**{**TERMS, **changes}).fault()


def test_instrument_of_an_old_log_reads_with_the_new_fields_at_rest() -> None:
    body = (
        b'{"symbol":"KO","name":"Coca-Cola","asset_class":"share","isin":"US1912161007",'
        b'"currency":"USD","mic":"XNYS","lot":1,"ticks":[[0,10000000]],"adv":1,"prev_close":2,'
        b'"tier":1}'
    )
    old = msgspec.json.decode(body, type=Instrument)
    assert (old.active, old.version, old.sedol, old.day_count) == (True, 0, "", DayCount.UNKNOWN)
    assert old.market_code == "KO@XNYS"


# -- pence and pounds ----------------------------------------------------------------------------


def test_notional_in_pence_is_a_hundred_times_that_in_pounds() -> None:
    """70 pence for 1,000 is 70,000 GBX or 700 GBP: a rate, not a factor, tells them apart."""
    in_pence, in_pounds = instrument(currency="GBX"), instrument(currency="GBP")
    assert in_pence.notional(px(70), 1_000) == money(70_000)
    assert in_pounds.notional(px("0.70"), 1_000) == money(700)
