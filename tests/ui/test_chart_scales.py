"""Where a chart is labelled, and what its bars become, without a window."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from models.market import BAR_NS
from tests.builders import NOW, SECOND, px
from tests.ui.market_session import bar
from ui.market import chart_scales as scales
from ui.market.bar_series import BarSeries, volume_sums

NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
CENT, SIXTY_FOURTH = px("0.01"), px("0.015625")


@pytest.mark.parametrize(
    ("tick", "span", "labels", "step"),
    [
        (CENT, px("0.02"), 4, CENT),
        (CENT, px("0.90"), 4, px("0.50")),
        (CENT, px("0.70"), 4, px("0.20")),
        (CENT, px(37), 4, px(10)),
        (SIXTY_FOURTH, px("0.05"), 4, SIXTY_FOURTH),
        (SIXTY_FOURTH, px("0.4"), 4, px("0.125")),
        (SIXTY_FOURTH, px("1.7"), 4, px("0.5")),
    ],
)
def test_price_step_is_round_in_the_instruments_own_way(
    tick: int, span: int, labels: int, step: int
) -> None:
    assert scales.price_step(tick, span, labels) == step


@pytest.mark.parametrize("span", [px("0.01"), px("0.37"), px("5.2"), px(480)])
@pytest.mark.parametrize("tick", [CENT, SIXTY_FOURTH, px("0.001"), px("0.03125")])
@pytest.mark.parametrize("labels", [1, 2, 5, 9])
def test_price_ticks_are_tradable_prices_and_no_more_than_fit(
    span: int, tick: int, labels: int
) -> None:
    low = px("97.123")
    step = scales.price_step(tick, span, labels)
    ticks = scales.price_ticks(low, low + span, step)
    assert all(each % tick == 0 for each in ticks)
    assert len(ticks) <= labels + 1


def test_time_ticks_are_round_in_the_desks_zone_even_off_the_hour() -> None:
    noon = NOW // SECOND // 86_400 * 86_400 + 43_200
    for zone in (NEW_YORK, KOLKATA):
        ticks = scales.time_ticks(noon, noon + 7_200, 3_600, zone)
        assert len(ticks) in (2, 3)
        assert {scales.time_label(at, 3_600, zone)[-2:] for at in ticks} == {"00"}


def test_time_label_has_seconds_only_where_they_differ() -> None:
    at = NOW / SECOND
    assert scales.time_label(at, 60, NEW_YORK) == "08:00"
    assert scales.time_label(at + 5, 5, NEW_YORK) == "08:00:05"


@pytest.mark.parametrize(
    ("qty", "text"), [(0, "0"), (800, "800"), (1_000, "1k"), (1_500_000, "1.5m"), (2e9, "2b")]
)
def test_short_qty_is_what_a_trader_would_say(qty: float, text: str) -> None:
    assert scales.short_qty(qty) == text


# -- bars ----------------------------------------------------------------------------------------


def series(*bars: object) -> BarSeries:
    made = BarSeries(NEW_YORK)
    made.update(list(bars))  # type: ignore[arg-type]
    return made


def test_vwap_weighs_each_bar_by_its_quantity() -> None:
    made = series(bar(0, px(100), 100), bar(1, px(103), 200))
    assert made.vwap == px(102)
    assert made.vwaps.tolist() == [100.0, 102.0]


def test_vwap_is_exact_for_a_bonds_quantities() -> None:
    third = bar(0, px("98.734375"), 300_000_000)
    made = series(third, bar(1, px("98.75"), 600_000_000))
    assert made.vwap == (px("98.734375") + 2 * px("98.75") + 1) // 3


def test_vwap_begins_anew_with_the_desks_day() -> None:
    made = series(bar(-24 * 720, px(50), 900), bar(0, px(100), 100), bar(1, px(102), 100))
    assert made.day_start == 1
    assert made.vwap == px(101)
    assert made.vwaps.tolist() == [50.0, 100.0, 101.0]


def test_growing_bar_gives_what_a_fresh_series_would() -> None:
    made = BarSeries(NEW_YORK)
    bars = [bar(-24 * 720, px(50), 10)]
    for at in range(40):
        for grown in (1, 2, 3):
            bars = [*bars[: at + 1], bar(at, px(100 + grown) + at * CENT, 100 * grown)]
            assert made.update(bars)
    fresh = series(*bars)
    assert made.vwap == fresh.vwap
    assert made.vwaps.tolist() == fresh.vwaps.tolist()
    assert made.closes.tolist() == fresh.closes.tolist()
    assert made.day_start == fresh.day_start == 1


def test_bars_that_lose_their_beginning_are_taken_anew() -> None:
    bars = [bar(at, px(100 + at)) for at in range(5)]
    made = series(*bars)
    made.update(bars[2:])
    assert made.closes.tolist() == [102.0, 103.0, 104.0]
    assert made.vwap == px(103)


def test_unchanged_bars_change_nothing() -> None:
    bars = [bar(0, px(100)), bar(1, px(101))]
    made = series(*bars)
    assert not made.update(list(bars))
    assert made.update([])
    assert made.vwap is None


def test_volume_is_summed_over_round_stretches() -> None:
    made = series(bar(0, px(1), 10), bar(1, px(1), 20), bar(7, px(1), 40))
    starts, sums = volume_sums(made, 0, 3, 30)
    assert sums.tolist() == [30.0, 40.0]
    assert (starts % 30).tolist() == [0.0, 0.0]


def test_nearest_bar_is_the_one_that_holds_the_time() -> None:
    made = series(bar(0, px(1)), bar(1, px(1)), bar(9, px(1)))
    start = made.starts[0]
    assert [made.nearest(start + at) for at in (-100, 2, 5, 20, 46, 900)] == [0, 0, 1, 1, 2, 2]
    assert BAR_NS == 5 * SECOND
