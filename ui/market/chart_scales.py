"""Where a chart's axes are labelled: on round prices of the instrument, on round times. No Qt."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

TIME_STEPS_S = (
    5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
)  # fmt: skip
_MINUTE_S = 60


def price_step(tick: int, span: int, labels_max: float) -> int:
    """Return how far apart labels on `span` are, in 1e-9 units: at most `labels_max` fit.

    Decimal ticks are labelled at 1, 2 and 5 times powers of ten; ticks that halve (64ths of a
    point) at powers of two, which are the prices that are traded.
    """
    steps = (1, 2, 5) if _is_decimal(tick) else (1, 2, 4)
    growth = 10 if _is_decimal(tick) else 8
    unit = tick
    while True:
        for factor in steps:
            if span <= unit * factor * max(1.0, labels_max):
                return unit * factor
        unit *= growth


def _is_decimal(tick: int) -> bool:
    """Whether a tick is 1, 2 or 5 times a power of ten."""
    while tick % 10 == 0:
        tick //= 10
    return tick in (1, 2, 5)


def price_ticks(low: int, high: int, step: int) -> list[int]:
    """Return the multiples of `step` from `low` to `high`."""
    first = -(-low // step) * step
    return list(range(first, high + 1, step))


def time_step_s(span_s: float, labels_max: float) -> int:
    """Return how many seconds apart labels on `span_s` are: at most `labels_max` fit."""
    room = max(1.0, labels_max)
    return next((step for step in TIME_STEPS_S if span_s <= step * room), TIME_STEPS_S[-1])


def time_ticks(low_s: float, high_s: float, step_s: int, zone: ZoneInfo) -> list[int]:
    """Return the times from `low_s` to `high_s` that are round in `zone`, in seconds UTC."""
    middle = datetime.fromtimestamp((low_s + high_s) / 2, UTC).astimezone(zone)
    offset = middle.utcoffset()
    shift = int(offset.total_seconds()) if offset is not None else 0
    first = -(-(int(low_s) + shift) // step_s) * step_s - shift
    return [at for at in range(first, int(high_s) + 1, step_s) if at >= low_s]


def time_label(at_s: float, step_s: int, zone: ZoneInfo) -> str:
    """Return the time of day in `zone`, with seconds where labels are less than a minute apart."""
    local = datetime.fromtimestamp(at_s, UTC).astimezone(zone)
    return f"{local:%H:%M}" if step_s >= _MINUTE_S else f"{local:%H:%M:%S}"


def short_qty(qty: float) -> str:
    """Return a quantity for an axis: `800`, `12k`, `1.5m`."""
    for unit, letter in ((1e9, "b"), (1e6, "m"), (1e3, "k")):
        if qty >= unit:
            return f"{qty / unit:.1f}".removesuffix(".0") + letter
    return f"{qty:.0f}"
