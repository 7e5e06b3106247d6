"""What a chart paints itself: candles, one's own working orders, and the cross-hair.

Imports pyqtgraph: only what is imported when a chart is first shown may import this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from models.orders import Order, Side
from ui import theme
from ui.market.bar_series import BAR_S, BarSeries, units
from ui.market.chart_axes import axis_font
from ui.market.own_orders import working_px

_BODY_SHARE = 0.7
_PLATE_PAD_PX = 4
_TAG_PAD_PX = 4


class Candles(pg.GraphicsObject):
    """Open, high, low and close of a few bars; up in the gain's colour, down in the loss's."""

    def __init__(self) -> None:
        super().__init__()
        self._series: BarSeries | None = None
        self._first = self._last = 0
        self._bounds = QRectF()

    def show_bars(self, series: BarSeries | None, first: int, last: int) -> None:
        """Show the bars from `first` to before `last`, None shows nothing."""
        self.prepareGeometryChange()
        self._series = series if first < last else None
        self._first, self._last = first, last
        self._bounds = QRectF()
        if self._series is not None and series is not None:
            low = float(np.min(series.lows[first:last]))
            high = float(np.max(series.highs[first:last]))
            left, right = float(series.starts[first]), float(series.ends[last - 1])
            # Without some height a flat stretch would count as nothing to paint.
            self._bounds = QRectF(left, low, right - left, max(high - low, 1e-9))
        self.update()

    @property
    def count(self) -> int:
        """How many candles are shown."""
        return self._last - self._first if self._series is not None else 0

    def boundingRect(self) -> QRectF:
        """Return where candles are, in times and prices."""
        return self._bounds

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Paint the candles: wick, then body; a bar that closed where it opened is a dash."""
        if self._series is None:
            return
        half = BAR_S * _BODY_SHARE / 2
        for bar in self._series.bars[self._first : self._last]:
            tone = theme.colour("gain" if bar.close >= bar.open else "loss")
            pen = QPen(tone)
            pen.setCosmetic(True)
            painter.setPen(pen)
            x = bar.start_ts / 1e9 + BAR_S / 2
            painter.drawLine(QLineF(x, units(bar.low), x, units(bar.high)))
            top, bottom = units(max(bar.open, bar.close)), units(min(bar.open, bar.close))
            if top == bottom:
                painter.drawLine(QLineF(x - half, top, x + half, top))
                continue
            hollow = bar.close >= bar.open
            painter.setBrush(theme.colour("surface") if hollow else tone)
            painter.drawRect(QRectF(x - half, bottom, 2 * half, top - bottom))


class Mark(NamedTuple):
    """Own working orders at one price (1e-9 units)."""

    px: int
    is_buy: bool
    is_stop: bool
    qty: int


def marks_of(orders: Sequence[Order]) -> list[Mark]:
    """Return one mark a price, side and kind, quantities summed, the highest price first."""
    sums: dict[tuple[int, bool, bool], int] = {}
    for order in orders:
        px = working_px(order)
        if px:
            key = px, order.side is Side.BUY, order.awaits_trigger
            sums[key] = sums.get(key, 0) + order.leaves_qty
    return [Mark(*key, qty) for key, qty in sorted(sums.items(), reverse=True)]


def paint_marks(painter: QPainter, plot: QRectF, marks: Sequence[tuple[float, Mark]]) -> None:
    """Paint own orders over `plot`, each `(y, mark)` as a dashed line with its quantity."""
    metrics = QFontMetrics(axis_font())
    painter.setFont(axis_font())
    free_y = plot.top() - metrics.height()
    for y, mark in marks:
        tone = theme.colour("buy" if mark.is_buy else "sell")
        painter.setPen(QPen(tone, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        sign = "◆" if mark.is_stop else "▲" if mark.is_buy else "▼"
        if y - free_y < metrics.height():
            continue  # its line is there; labels on top of each other could not be read
        free_y = y
        _paint_plate(painter, metrics, QPointF(plot.left() + 2, y), f"{sign}{mark.qty:,}", "text")


def paint_cross(painter: QPainter, whole: QRectF, plot: QRectF, at: QPointF, words: str) -> None:
    """Paint the cross-hair at `at`, down through `whole`, and say in `plot`'s corner what is there.

    The corner is the one away from the pointer.
    """
    painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(at.x(), whole.top()), QPointF(at.x(), whole.bottom()))
    if plot.top() <= at.y() <= plot.bottom():
        painter.drawLine(QPointF(plot.left(), at.y()), QPointF(plot.right(), at.y()))
    metrics = QFontMetrics(axis_font())
    painter.setFont(axis_font())
    width = metrics.horizontalAdvance(words) + 2 * _PLATE_PAD_PX
    is_left = at.x() > plot.center().x()
    x = plot.left() + 2 if is_left else plot.right() - width - 2
    y = plot.top() + metrics.height() / 2 + 3
    _paint_plate(painter, metrics, QPointF(x, y), words, "text")


def paint_tag(painter: QPainter, axis: QRectF, y: float, words: str, ground: str) -> None:
    """Paint a price on its axis at `y`, on a plate in the colour `ground`."""
    metrics = QFontMetrics(axis_font())
    height = metrics.height() + 2
    plate = QRectF(axis.left() + 1, y - height / 2, axis.width() - 2, height)
    painter.fillRect(plate, theme.colour(ground))
    painter.setFont(axis_font())
    painter.setPen(theme.colour("surface"))
    room = plate.adjusted(0, 0, -_TAG_PAD_PX, 0)
    painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)


def _paint_plate(
    painter: QPainter, metrics: QFontMetrics, at: QPointF, words: str, tone: str
) -> None:
    """Paint words on a plate whose left edge has its middle at `at`, so that lines stay behind."""
    width = metrics.horizontalAdvance(words) + 2 * _PLATE_PAD_PX
    plate = QRectF(at.x(), at.y() - metrics.height() / 2 - 1, width, metrics.height() + 2)
    pen = painter.pen()
    solid = QPen(pen.color(), 1)
    painter.setPen(solid)
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(plate, 3, 3)
    painter.setPen(theme.colour(tone))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)
    painter.setBrush(Qt.BrushStyle.NoBrush)
