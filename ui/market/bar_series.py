"""A symbol's bars as arrays to draw from, and the day's VWAP over them. No Qt.

Times become seconds since 1970 and prices currency units, as floats: drawing coordinates, and
nothing else is worked out from them. What is written on the screen comes from the bars.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from models.market import BAR_NS, Bar
from models.money import PRICE_SCALE

FloatArray = npt.NDArray[np.float64]

NANOS: int = 1_000_000_000
BAR_S = BAR_NS / NANOS
_FIELDS = 6
_ROWS_MIN = 1_024


def seconds(ts: int) -> float:
    """Return a time in nanoseconds as a drawing coordinate."""
    return ts / NANOS


def units(px: int) -> float:
    """Return a price in 1e-9 units as a drawing coordinate."""
    return px / PRICE_SCALE


class BarSeries:
    """Bars, oldest first, as arrays; finished bars are converted once.

    VWAP begins anew with each day of `zone`: what was paid on another day is no measure of today's.

    Attributes:
        bars: what is held.
        day_start: index of the last day's first bar.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.bars: list[Bar] = []
        self.day_start = 0
        self._array: FloatArray = np.empty((_FIELDS, 0))
        self._done = 0  # bars whose numbers can't change any more
        self._day = ""
        self._day_end_ts = 0
        self._sums: list[tuple[int, int]] = []  # Σ vwap × qty and Σ qty of the day, to each bar

    def update(self, bars: Sequence[Bar]) -> bool:
        """Take up `bars`; return whether that changed anything."""
        known = len(self.bars)
        if known == len(bars) and known and self.bars[-1] == bars[-1] and self.bars[0] == bars[0]:
            return False
        keep = self._done if self._carries_on(bars) else 0
        changed = bool(known or bars)
        self.bars = list(bars)
        self._make_room(len(bars))
        self._put(keep)
        self._done = max(0, len(bars) - 1)
        return changed

    def _carries_on(self, bars: Sequence[Bar]) -> bool:
        """Whether the finished bars are still the first ones of `bars`."""
        done = self._done
        return (
            0 < done < len(bars)
            and bars[0] == self.bars[0]
            and bars[done - 1] == self.bars[done - 1]
        )

    def _make_room(self, count: int) -> None:
        if self._array.shape[1] < count:
            roomy = np.zeros((_FIELDS, max(_ROWS_MIN, count + count // 2)))
            roomy[:, : self._array.shape[1]] = self._array
            self._array = roomy

    def _put(self, first: int) -> None:
        """Convert the bars from `first` on, day by day."""
        bars = self.bars
        del self._sums[first:]
        for row, field in enumerate(("start_ts", "open", "high", "low", "close")):
            scale = NANOS if field == "start_ts" else PRICE_SCALE
            numbers = [getattr(bar, field) for bar in bars[first:]]
            self._array[row, first : len(bars)] = np.array(numbers, dtype=np.float64) / scale
        at = first
        while at < len(bars):
            if at == 0 or bars[at].start_ts >= self._day_end_ts:
                self._begin_day(at, bars[at].start_ts)
            end = bisect_left(bars, self._day_end_ts, at, key=lambda bar: bar.start_ts)
            self._add_sums(at, max(end, at + 1))
            at = max(end, at + 1)

    def _add_sums(self, first: int, last: int) -> None:
        """Sum up the bars from `first` to before `last`, which are of one day."""
        day = self.bars[first:last]
        value, qty = self._sums[first - 1] if first > self.day_start else (0, 0)
        values = list(accumulate((bar.vwap * bar.qty for bar in day), initial=value))[1:]
        qtys = list(accumulate((bar.qty for bar in day), initial=qty))[1:]
        self._sums += zip(values, qtys, strict=True)
        self._array[5, first:last] = [
            units(value // qty if qty else bar.close)
            for value, qty, bar in zip(values, qtys, day, strict=True)
        ]

    def _begin_day(self, at: int, ts: int) -> None:
        """Begin a day of the desk's zone at bar `at`; it ends 24 hours after its midnight."""
        local = datetime.fromtimestamp(ts // NANOS, UTC).astimezone(self._zone)
        since_midnight = (local.hour * 60 + local.minute) * 60 + local.second
        self._day_end_ts = ts - ts % NANOS - since_midnight * NANOS + 24 * 3_600 * NANOS
        self.day_start = at

    # ------------------------------------------------------------------------- what is drawn

    def __len__(self) -> int:
        return len(self.bars)

    @property
    def starts(self) -> FloatArray:
        """When each bar starts, in seconds, shape (n,)."""
        return self._array[0, : len(self.bars)]

    @property
    def ends(self) -> FloatArray:
        """When each bar ends, in seconds, shape (n,): where its close is drawn."""
        return self.starts + BAR_S

    @property
    def highs(self) -> FloatArray:
        """Shape (n,)."""
        return self._array[2, : len(self.bars)]

    @property
    def lows(self) -> FloatArray:
        """Shape (n,)."""
        return self._array[3, : len(self.bars)]

    @property
    def closes(self) -> FloatArray:
        """Shape (n,)."""
        return self._array[4, : len(self.bars)]

    @property
    def vwaps(self) -> FloatArray:
        """The day's VWAP up to and with each bar, shape (n,)."""
        return self._array[5, : len(self.bars)]

    @property
    def qtys(self) -> FloatArray:
        """Quantity traded in each bar, shape (n,)."""
        return np.array([bar.qty for bar in self.bars], dtype=np.float64)

    @property
    def vwap(self) -> int | None:
        """The day's VWAP so far in 1e-9 units, rounded half up; None before the first trade."""
        if not self._sums or not self._sums[-1][1]:
            return None
        value, qty = self._sums[-1]
        return (2 * value + qty) // (2 * qty)

    def nearest(self, x: float) -> int:
        """Return the index of the bar at or nearest to `x` seconds, -1 where there is none."""
        if not self.bars:
            return -1
        at = int(np.searchsorted(self.starts, x, side="right")) - 1
        return min(max(at, 0), len(self.bars) - 1)


def volume_sums(
    series: BarSeries, first: int, last: int, step_s: int
) -> tuple[FloatArray, FloatArray]:
    """Return starts and traded quantities of stretches of `step_s`, where any was traded."""
    if first >= last:
        return np.empty(0), np.empty(0)
    slots = (series.starts[first:last] // step_s).astype(np.int64)
    kept, places = np.unique(slots, return_inverse=True)
    sums: FloatArray = np.zeros(len(kept))
    np.add.at(sums, places, series.qtys[first:last])
    starts: FloatArray = (kept * step_s).astype(np.float64)
    return starts, sums
