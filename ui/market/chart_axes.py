"""A chart's axes: prices as the instrument writes them, the desk's time of day, short volumes.

Imports pyqtgraph: only what is imported when a chart is first shown may import this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetrics

from models.instruments import Instrument
from models.money import PRICE_SCALE
from ui import theme
from ui.market import chart_scales as scales

FONT_PX = 11
_GAP_PX = 7
_TIME_GAP_PX = 18
_TEXT_OFFSET_PX = 4
_GRID_ALPHA = 70

Ticks = list[tuple[float, list[float]]]


def axis_font() -> QFont:
    """Return the font of labels on axes."""
    return theme.ui_font(FONT_PX)


class _Axis(pg.AxisItem):
    """An axis whose labels are never cut off: one that would reach beyond an end is left out."""

    def __init__(self, side: str, *, has_grid: bool) -> None:
        super().__init__(side, showValues=True)
        self.metrics = QFontMetrics(axis_font())
        self.setStyle(
            tickLength=0,
            tickFont=axis_font(),
            autoExpandTextSpace=False,
            autoReduceTextSpace=False,
            # Horizontal labels are kept apart by `tickValues`; pyqtgraph would drop those that
            # come near each other, differently at each repaint.
            hideOverlappingLabels=False,
        )
        self.enableAutoSIPrefix(False)
        self.setGrid(_GRID_ALPHA if has_grid else False)

    def dress(self) -> None:
        """Take the colours of the theme."""
        self.setPen(pg.mkPen(theme.colour("line")))
        self.setTickPen(pg.mkPen(theme.colour("muted")))
        self.setTextPen(pg.mkPen(theme.colour("muted")))

    def within(
        self, values: Sequence[float], low: float, high: float, size: float, margin: float
    ) -> list[float]:
        """Return the values whose labels, `margin` pixels to each side, lie on the axis."""
        if high <= low or size <= 0:
            return []
        scale = size / (high - low)
        return [
            value for value in values if margin <= (value - low) * scale <= size - margin
        ]  # fmt: skip


class PriceAxis(_Axis):
    """Prices on round ticks of the instrument, written as it writes them."""

    def __init__(self) -> None:
        super().__init__("right", has_grid=True)
        self._instrument: Instrument | None = None
        self._tagged_px = 0
        self._hidden: set[float] = set()

    def tag(self, px: int) -> None:
        """Leave room for a tag at `px`: what it would cover half of is not labelled."""
        if px != self._tagged_px:
            self._tagged_px = px
            self.picture = None
            self.update()

    def show_instrument(self, instrument: Instrument | None) -> None:
        """Label the prices of `instrument`."""
        self._instrument = instrument
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> Ticks:
        """Return where labels are, as pyqtgraph asks: `[(spacing, positions)]`."""
        instrument = self._instrument
        if instrument is None or high <= low:
            return []
        low_px, high_px = round(low * PRICE_SCALE), round(high * PRICE_SCALE)
        line = self.metrics.height()
        labels_max = size / (line + _GAP_PX)
        tick = instrument.tick_at(max(low_px, 0))
        step = scales.price_step(tick, high_px - low_px, labels_max)
        values = [px / PRICE_SCALE for px in scales.price_ticks(low_px, high_px, step)]
        tagged, scale = self._tagged_px / PRICE_SCALE, size / (high - low)
        self._hidden = {value for value in values if abs(value - tagged) * scale < line + 1}
        return [(step / PRICE_SCALE, self.within(values, low, high, size, line / 2))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels."""
        instrument = self._instrument
        if instrument is None:
            return ["" for _ in values]
        return [
            "" if value in self._hidden else instrument.show_price(round(value * PRICE_SCALE))
            for value in values
        ]

    def room_for(self, low: float, high: float) -> int:
        """Return how wide labels from `low` to `high` are, in pixels."""
        instrument = self._instrument
        if instrument is None:
            return 0
        low_px, high_px = round(low * PRICE_SCALE), round(high * PRICE_SCALE)
        tick = instrument.tick_at(max(low_px, 0))
        on_tick = low_px // tick * tick
        # In 32nds neighbouring ticks are of different lengths: 98-16 and 98-16+.
        asked = (low_px, high_px, self._tagged_px, *(on_tick + at * tick for at in range(4)))
        texts = [instrument.show_price(px) for px in asked]
        return max(map(self.metrics.horizontalAdvance, texts)) + _TEXT_OFFSET_PX + 8


class VolumeAxis(_Axis):
    """Quantities: one label, for the scale."""

    def __init__(self) -> None:
        super().__init__("right", has_grid=False)

    def tickValues(self, low: float, high: float, size: float) -> Ticks:
        """Return the largest of 1, 2, 5, 10, … that still has its label within the axis."""
        line = self.metrics.height()
        if high <= 0 or size <= line:
            return []
        top = high * (1 - line / 2 / size)
        power = 1.0
        while power * 10 <= top:
            power *= 10
        value = next((power * f for f in (5, 2, 1) if power * f <= top), 0.0)
        return [(value, self.within([value], low, high, size, line / 2))] if value else []

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels."""
        return [scales.short_qty(value) for value in values]


class TimeAxis(_Axis):
    """The desk's time of day."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__("bottom", has_grid=False)
        self._zone = zone
        self.setHeight(self.metrics.height() + 4)

    def tickValues(self, low: float, high: float, size: float) -> Ticks:
        """Return round times, as far apart as their labels are wide and a gap."""
        if high <= low:
            return []
        width = self.metrics.horizontalAdvance("00:00")
        step = scales.time_step_s(high - low, size / (width + _TIME_GAP_PX))
        if step < 60:
            width = self.metrics.horizontalAdvance("00:00:00")
            step = scales.time_step_s(high - low, size / (width + _TIME_GAP_PX))
        values = [float(at) for at in scales.time_ticks(low, high, step, self._zone)]
        return [(float(step), self.within(values, low, high, size, width / 2))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels."""
        return [scales.time_label(value, round(spacing), self._zone) for value in values]


def shown_labels(axis: Any, size: float) -> list[str]:
    """Return the labels of `axis` as they are painted on `size` pixels: for tests and readers."""
    low, high = axis.range
    return [
        text
        for spacing, values in axis.tickValues(low, high, size)
        for text in axis.tickStrings(values, 1.0, spacing)
    ]
