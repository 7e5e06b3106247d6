"""Instruments: ticks by price band, what a quantity is worth, how prices are written."""

from __future__ import annotations

import pytest

from models.instruments import AssetClass, TickBand
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
    assert [each.is_bond for each in AssetClass] == [False, False, True, True]


def test_show_price_of_a_treasury_is_in_32nds_and_of_a_share_in_decimals() -> None:
    treasury = bond()
    assert treasury.is_in_32nds
    assert treasury.show_price(px("99.484375")) == "99-15+"
    assert treasury.show_average(px("99.484371")) == "99.4844"
    assert instrument().show_price(px("190.5")) == "190.50"
    assert instrument().show_average(px("190.505")) == "190.505"
    corporate = bond(asset_class=AssetClass.CORPORATE_BOND, ticks=(TickBand(0, px("0.001")),))
    assert corporate.show_price(px("99.5")) == "99.500"
