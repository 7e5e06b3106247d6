"""Commission: by value, by unit, at least the minimum."""

from __future__ import annotations

import pytest

from app.posttrade.commission import commission
from models.commission import CommissionRate, CommissionSchedule
from models.instruments import AssetClass, Instrument
from models.money import MONEY_SCALE
from tests.builders import bond, instrument, money, px

RATES = {
    "share": CommissionRate(per_unit=5_000, minimum=money(1)),  # half a cent a share
    "etf": CommissionRate(centi_bps=150, per_unit=1_000),  # 1.5 bp and a tenth of a cent
    "government_bond": CommissionRate(centi_bps=25, minimum=money(5)),  # a quarter of a bp
}
SCHEDULE = CommissionSchedule(name="t", effective="2024-01-01", currency="USD", rates=RATES)


def charged(name: Instrument, qty: int, price: str = "100") -> int:
    return commission(SCHEDULE, name, name.notional(px(price), qty), qty)


@pytest.mark.parametrize(
    ("qty", "pays"), [(5_000, money(25)), (201, 1_005_000), (200, money(1)), (1, money(1)), (0, 0)]
)
def test_commission_by_unit_is_at_least_the_minimum(qty: int, pays: int) -> None:
    assert charged(instrument(), qty) == pays


def test_commission_by_value_and_by_unit_add_up() -> None:
    name = instrument(asset_class=AssetClass.ETF)
    assert charged(name, 1_000) == money(15) + money(1)


def test_commission_on_a_bond_is_on_what_it_costs_not_on_its_face() -> None:
    assert charged(bond(), 10_000_000, "98") == money(245)


def test_commission_rounds_half_up_to_a_millionth() -> None:
    rates = {"share": CommissionRate(centi_bps=1)}
    schedule = CommissionSchedule(name="t", effective="", currency="USD", rates=rates)
    name = instrument()
    assert commission(schedule, name, 500_000, 1) == 1
    assert commission(schedule, name, 499_999, 1) == 0


def test_commission_of_a_class_that_is_not_listed_is_nothing() -> None:
    assert charged(instrument(asset_class=AssetClass.CORPORATE_BOND), 1_000) == 0


def test_commission_of_a_very_large_order_is_exact() -> None:
    name = instrument(asset_class=AssetClass.ETF)
    pays = charged(name, 10**15)
    assert pays == 10**15 * (15_000 + 1_000)
    assert pays % MONEY_SCALE == 0


@pytest.mark.parametrize("name", ["centi_bps", "per_unit", "minimum"])
def test_commission_rate_below_zero_is_a_fault(name: str) -> None:
    assert name in CommissionRate(**{name: -1}).fault()
    assert not CommissionRate(**{name: 0}).fault()
