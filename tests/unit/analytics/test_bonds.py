"""Bonds: accrued interest and yield against published examples and the market's own formulas."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from app.analytics.bonds import bond_figures, settlement_of
from models.errors import BadInput
from models.instruments import AssetClass, DayCount, Instrument
from models.money import price_to_decimal
from tests.builders import bond, px


def note(coupon: str, maturity: str, issued: str = "", **changes: Any) -> Instrument:
    """Return a semiannual bond, a Treasury unless told otherwise."""
    fields: dict[str, Any] = {"coupon_frequency": 2, "day_count": DayCount.ACT_ACT, **changes}
    return bond(issue_date=issued, maturity=maturity, coupon=px(coupon), **fields)


def corporate(coupon: str, maturity: str, **changes: Any) -> Instrument:
    kind = {"asset_class": AssetClass.CORPORATE_BOND, "day_count": DayCount.THIRTY_360}
    return note(coupon, maturity, **{**kind, **changes})


def percent(units: int, places: str = "0.000001") -> Decimal:
    return price_to_decimal(units).quantize(Decimal(places))


def test_yield_of_a_treasury_is_that_of_the_treasurys_own_example() -> None:
    """31 CFR Part 356, Appendix B, II.A: 8-3/4% of 15 May 2020 at issue, 8.84% is 99.057893."""
    found = bond_figures(note("8.75", "2020-05-15", "1990-05-15"), "1990-05-15", px("99.057893"))
    assert percent(found.yield_px) == Decimal("8.840000")
    assert found.accrued_px == 0


def test_accrued_of_a_treasury_is_that_of_the_treasurys_own_example() -> None:
    """31 CFR Part 356, Appendix B, II.D: 9-1/2% of 15 Nov 1995 on 29 Nov 1985 has 0.367403."""
    found = bond_figures(note("9.5", "1995-11-15", "1985-11-15"), "1985-11-29", px("99.730918"))
    assert percent(found.accrued_px) == Decimal("0.367403")
    assert percent(found.dirty_px) == Decimal("100.098321")


@pytest.mark.parametrize(
    ("maturity", "clean"), [("2016-11-15", "95.04287"), ("2017-11-15", "94.63436")]
)
def test_yield_of_a_corporate_is_that_of_the_spreadsheets_documented_examples(
    maturity: str, clean: str
) -> None:
    """The examples of YIELD and PRICE in Microsoft's reference: 5.75%, 15 Feb 2008, basis 0."""
    found = bond_figures(corporate("5.75", maturity), "2008-02-15", px(clean))
    assert percent(found.yield_px, "0.00001") == Decimal("6.50000")
    assert percent(found.accrued_px) == Decimal("1.437500")  # 90 of 360 days


@pytest.mark.parametrize(
    ("settlement", "days"), [("2024-11-15", 0), ("2024-11-25", 10), ("2025-05-14", 180)]
)
def test_accrued_of_a_treasury_counts_actual_days_over_actual_days(
    settlement: str, days: int
) -> None:
    found = bond_figures(note("4.25", "2034-11-15", "2024-11-15"), settlement, px(99))
    assert percent(found.accrued_px) == (Decimal("2.125") * days / 181).quantize(
        Decimal("0.000001")
    )


def test_accrued_of_a_corporate_counts_months_of_thirty_days() -> None:
    """3.85% of 4 May 2043 on 1 March: three months of 30 days and 27 more."""
    found = bond_figures(corporate("3.85", "2043-05-04"), "2025-03-01", px("85.912"))
    assert percent(found.accrued_px) == (Decimal("3.85") * 117 / 360).quantize(Decimal("0.000001"))


def test_yield_in_the_last_period_is_simple() -> None:
    """(100 + C/2) / (P + A) = 1 + y t, as money market instruments are quoted."""
    found = bond_figures(corporate("6", "2025-11-15"), "2025-08-15", px(100))
    dirty = Decimal(100) + Decimal("1.5")
    simple = (Decimal(103) / dirty - 1) / Decimal("0.25") * 100
    assert percent(found.yield_px) == simple.quantize(Decimal("0.000001"))


def test_yield_of_a_zero_compounds_semiannually() -> None:
    found = bond_figures(note("0", "2026-11-15", coupon_frequency=0), "2025-11-15", px(95))
    expected = 2 * ((Decimal(100) / 95) ** (Decimal(1) / 2) - 1) * 100
    assert percent(found.yield_px, "0.0001") == expected.quantize(Decimal("0.0001"))


def test_yield_at_par_on_a_coupon_date_is_the_coupon() -> None:
    found = bond_figures(note("4.5", "2054-11-15", "2024-11-15"), "2025-05-15", px(100))
    assert percent(found.yield_px) == Decimal("4.500000")


@pytest.mark.parametrize(
    ("trade_day", "settles"),
    [
        ("2024-11-22", "2024-11-25"),  # over a weekend
        ("2024-11-27", "2024-11-29"),  # over Thanksgiving
        ("2024-11-26", "2024-11-27"),
    ],
)
def test_settlement_is_the_next_day_that_governments_settle(trade_day: str, settles: str) -> None:
    assert settlement_of(trade_day) == settles


@pytest.mark.parametrize(
    ("instrument", "settlement", "clean", "words"),
    [
        (bond(), "2024-11-25", 99, "no maturity and day count"),
        (note("4", "2024-11-15"), "2024-11-25", 99, "matured on 2024-11-15"),
        (note("4", "2034-11-15", "2024-12-02"), "2024-11-25", 99, "is issued on 2024-12-02"),
        (note("4", "2034-11-15"), "2024-11-25", 0, "no yield at 0.0000"),
        (note("4", "2034-11-15"), "25.11.2024", 99, "is no date"),
        (note("4", "2234-11-15"), "2024-11-25", 99, "not in the years"),
    ],
)
def test_figures_that_cannot_be_told_are_refused_with_the_reason(
    instrument: Instrument, settlement: str, clean: int, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        bond_figures(instrument, settlement, px(clean))


def test_the_library_is_not_loaded_by_importing_what_uses_it() -> None:
    code = "import sys, app.analytics.bonds; sys.exit('QuantLib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
