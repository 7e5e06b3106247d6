"""The chart itself: price with VWAP above, volume below, one's own orders and fills on them.

Imports pyqtgraph, a quarter of a second: `ChartPane` imports this when a chart is first shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from models.executions import Execution
from models.instruments import Instrument
from models.money import PRICE_SCALE
from models.orders import Order, Side
from ui import theme
from ui.market import chart_scales as scales
from ui.market.bar_series import BAR_S, BarSeries, seconds, units, volume_sums
from ui.market.chart_axes import PriceAxis, TimeAxis, VolumeAxis
from ui.market.chart_items import Candles, Mark, marks_of, paint_cross, paint_marks, paint_tag

CANDLE_PX_MIN: Final = 4.0
_VOLUME_PX_MIN: Final = 4.0
_VOLUME_STEPS_S: Final = (5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600)
_VOLUME_SHARE: Final = 0.2
_VOLUME_HEIGHT_MIN: Final = 26
_FILLS_MAX: Final = 2_000
_Y_PAD: Final = 0.08
_X_PAD: Final = 0.02
_SPAN_S_FIRST: Final = 300.0
_SPAN_S_MIN: Final = 30.0
_ZOOM: Final = 1.5
_REACH: Final = 0.6
_REACH_TICKS_MIN: Final = 8


class ChartPlot(pg.GraphicsLayoutWidget):
    """Draws a `BarSeries`.

    It follows the market until it is dragged or zoomed; `follow` takes it back.

    Attributes:
        price, volume: pyqtgraph's plots.
        candles, line, vwap_line, fills: what is on the price plot.
        is_following: whether the right edge moves with the time.
    """

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._series = BarSeries(zone)
        self._instrument: Instrument | None = None
        self._span_s: float | None = None
        self._now_s = 0.0
        self._marks: list[Mark] = []
        self._cross_at: int | None = None
        self._cross_y: float | None = None
        self._volume_step_s = 0
        self.is_following = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Price chart")
        self.setMinimumSize(160, 90)
        self._add_plots()
        self._add_items()
        self.dress()
        self.price.vb.sigXRangeChanged.connect(self._on_x_range_changed)
        for plot in (self.price, self.volume):
            plot.vb.sigRangeChangedManually.connect(self._on_moved_by_hand)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)

    def _add_plots(self) -> None:
        self.ci.layout.setContentsMargins(4, 2, 0, 2)
        self.ci.layout.setSpacing(0)
        self.price_axis, self.volume_axis = PriceAxis(), VolumeAxis()
        self.time_axis = TimeAxis(self._zone)
        self.price = self.addPlot(0, 0, axisItems={"right": self.price_axis})
        self.volume = self.addPlot(
            1, 0, axisItems={"right": self.volume_axis, "bottom": self.time_axis}
        )
        for plot in (self.price, self.volume):
            plot.hideAxis("left")
            plot.showAxis("right")
            plot.hideButtons()
            plot.setMenuEnabled(False)
            plot.vb.setMouseEnabled(x=True, y=False)
            plot.vb.disableAutoRange()
            plot.vb.setDefaultPadding(0.0)
        self.price.hideAxis("bottom")
        self.volume.setXLink(self.price)

    def _add_items(self) -> None:
        self.line = pg.PlotDataItem(clipToView=True, autoDownsample=True, downsampleMethod="peak")
        self.vwap_line = pg.PlotDataItem(
            clipToView=True, autoDownsample=True, downsampleMethod="subsample"
        )
        self.candles = Candles()
        self.fills = pg.ScatterPlotItem(pxMode=True, size=10)
        self.volume_bars = pg.BarGraphItem(x=[], height=[], width=1.0)
        for item in (self.vwap_line, self.line, self.candles, self.fills):
            self.price.addItem(item, ignoreBounds=True)
        self.volume.addItem(self.volume_bars, ignoreBounds=True)

    def dress(self) -> None:
        """Take the colours of the theme."""
        self.setBackground(theme.colour("surface"))
        for axis in (self.price_axis, self.volume_axis, self.time_axis):
            axis.dress()
        self.line.setPen(pg.mkPen(theme.colour("accent"), width=1))
        dashed = Qt.PenStyle.DashLine
        self.vwap_line.setPen(pg.mkPen(theme.colour("warning"), width=1, style=dashed))
        grey = theme.blend(theme.colour("surface"), theme.colour("muted"), 0.55)
        self.volume_bars.setOpts(pen=None, brush=grey)
        self.candles.update()
        self._dress_fills()
        self.viewport().update()

    # ------------------------------------------------------------------ what the owner says

    def show_instrument(self, instrument: Instrument | None) -> None:
        """Begin anew with `instrument`."""
        self._instrument = instrument
        self._series = BarSeries(self._zone)
        self._marks = []
        self._cross_at = None
        self.is_following = True
        self.price_axis.show_instrument(instrument)
        self.fills.clear()
        self._draw()
        name = instrument.symbol if instrument is not None else ""
        self.setAccessibleName(f"Price chart {name}".strip())

    def follow(self, span_s: float | None) -> None:
        """Show the last `span_s` seconds, None for the day, and keep up with the time."""
        self._span_s = span_s
        self.is_following = True
        self._range_x()

    def show_bars(self, series: BarSeries, now_ts: int) -> None:
        """Draw `series`; `now_ts` is the time that the right edge stands for."""
        self._series = series
        self._now_s = seconds(now_ts)
        self._draw()

    def show_own(self, orders: Sequence[Order], fills: Sequence[Execution]) -> None:
        """Mark one's own working orders at their prices, and fills at time and price."""
        self._marks = marks_of(orders)
        newest = fills[-_FILLS_MAX:]
        self.fills.setData(
            x=np.array([seconds(fill.ts) for fill in newest], dtype=np.float64),
            y=np.array([units(fill.px) for fill in newest], dtype=np.float64),
            symbol=["t1" if fill.side is Side.BUY else "t" for fill in newest],
            data=[fill.side is Side.BUY for fill in newest],
        )
        self._dress_fills()
        self._fit_y()
        self.viewport().update()

    def _dress_fills(self) -> None:
        if len(self.fills.data):
            buys = [bool(is_buy) for is_buy in self.fills.data["data"]]
            tones = [theme.brush("buy" if is_buy else "sell") for is_buy in buys]
            self.fills.setBrush(tones)
        self.fills.setPen(pg.mkPen(theme.colour("surface"), width=1))

    # -------------------------------------------------------------------------- the drawing

    def _draw(self) -> None:
        series = self._series
        self.vwap_line.setData(series.ends[series.day_start :], series.vwaps[series.day_start :])
        if self._cross_at is not None and self._cross_at >= len(series):
            self._cross_at = None
        self.price_axis.tag(series.bars[-1].close if len(series) else 0)
        self._range_x()
        self._draw_visible()

    def _range_x(self) -> None:
        """Put the right edge at the present, unless the view was moved by hand."""
        series = self._series
        if not len(series) or not self.is_following:
            return
        end = max(float(series.ends[-1]), self._now_s)
        if self._span_s is None:
            start = float(series.starts[series.day_start])
        else:
            # Of a short history all is shown, and not an empty stretch before it.
            begun = min(float(series.starts[0]), end - _SPAN_S_FIRST)
            start = max(end - self._span_s, begun)
        pad = (end - start) * _X_PAD
        self.price.vb.setXRange(start, end + pad, padding=0)

    def _visible(self) -> tuple[int, int]:
        """Return the bars in view: the first, and the one after the last."""
        series = self._series
        low, high = self.price.vb.viewRange()[0]
        first = int(np.searchsorted(series.ends, low, side="right"))
        last = int(np.searchsorted(series.starts, high, side="left"))
        return first, max(first, last)

    def _draw_visible(self) -> None:
        """Draw what depends on the stretch of time in view: candles or line, volume, prices."""
        series = self._series
        first, last = self._visible()
        low, high = self.price.vb.viewRange()[0]
        bar_px = self.price.vb.width() * BAR_S / max(high - low, BAR_S)
        is_candles = bar_px >= CANDLE_PX_MIN
        self.candles.show_bars(series if is_candles else None, first, last)
        self.line.setData(*((), ()) if is_candles else (series.ends, series.closes))
        self._draw_volume(first, last, bar_px)
        self._fit_y()

    def _draw_volume(self, first: int, last: int, bar_px: float) -> None:
        """Draw volume, bars taken together until one is wide enough to be seen."""
        wanted = BAR_S * _VOLUME_PX_MIN / max(bar_px, 1e-6)
        step = next((s for s in _VOLUME_STEPS_S if s >= wanted), _VOLUME_STEPS_S[-1])
        starts, sums = volume_sums(self._series, first, last, step)
        self._volume_step_s = step
        self.volume_bars.setOpts(x=starts + step / 2, height=sums, width=step * 0.8)
        top = float(np.max(sums)) if len(sums) else 1.0
        self.volume.vb.setYRange(0.0, top * 1.1, padding=0)

    def _fit_y(self) -> None:
        """Fit the prices to what is in view; VWAP and own orders are included where near."""
        series = self._series
        first, last = self._visible()
        if first >= last:
            return
        shown = slice(first, last)
        low, high = float(np.min(series.lows[shown])), float(np.max(series.highs[shown]))
        reach = max((high - low) * _REACH, units(self._tick(low)) * _REACH_TICKS_MIN)
        asked = [units(mark.px) for mark in self._marks]
        vwaps = series.vwaps[max(first, series.day_start) : last]
        if len(vwaps):
            asked += [float(np.min(vwaps)), float(np.max(vwaps))]
        near = [y for y in asked if low - reach <= y <= high + reach]
        low, high = min([low, *near]), max([high, *near])
        pad = max((high - low) * _Y_PAD, units(self._tick(low)))
        self.price.vb.setYRange(low - pad, high + pad, padding=0)
        room = self.price_axis.room_for(low, high)
        self.price_axis.setWidth(room)
        self.volume_axis.setWidth(room)

    # ---------------------------------------------------------------------- over the drawing

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Paint own orders and the cross-hair over everything else."""
        super().drawForeground(painter, rect)
        if not len(self._series):
            return
        plot: QRectF = self.price.vb.sceneBoundingRect()
        placed = [(self._y_of(mark.px), mark) for mark in self._marks]
        seen = [(y, mark) for y, mark in placed if plot.top() <= y <= plot.bottom()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_marks(painter, plot, seen)
        self._paint_tag(painter, plot, self._series.bars[-1].close, "accent")
        if self._cross_at is not None:
            whole = plot.united(self.volume.vb.sceneBoundingRect())
            at = self._cross_point()
            paint_cross(painter, whole, plot, at, self.readout)
            self._paint_tag(painter, plot, self._px_at(at.y()), "muted")
        painter.restore()

    def _paint_tag(self, painter: QPainter, plot: QRectF, px: int, ground: str) -> None:
        """Write a price on the axis, where it is in view."""
        y = self._y_of(px)
        if self._instrument is not None and plot.top() <= y <= plot.bottom():
            words = self._instrument.show_price(px)
            width = self.price_axis.size().width()
            axis = QRectF(plot.right(), plot.top(), width, plot.height())
            paint_tag(painter, axis, y, words, ground)

    def _px_at(self, y: float) -> int:
        """Return the price at `y`, on the instrument's tick."""
        px = round(float(self.price.vb.mapSceneToView(QPointF(0.0, y)).y()) * PRICE_SCALE)
        tick = self._tick(units(px))
        return (px + tick // 2) // tick * tick

    def _tick(self, price: float) -> int:
        """Return the instrument's tick at a drawing coordinate."""
        px = max(0, round(price * PRICE_SCALE))
        return self._instrument.tick_at(px) if self._instrument is not None else 1

    def _y_of(self, px: int) -> float:
        return float(self.price.vb.mapViewToScene(QPointF(0.0, units(px))).y())

    def _cross_point(self) -> QPointF:
        assert self._cross_at is not None
        bar = self._series.bars[self._cross_at]
        x = seconds(bar.start_ts) + BAR_S / 2
        at: QPointF = self.price.vb.mapViewToScene(QPointF(x, units(bar.close)))
        return QPointF(at.x(), self._cross_y if self._cross_y is not None else at.y())

    @property
    def readout(self) -> str:
        """Time, price and volume at the cross-hair; empty while there is none."""
        if self._cross_at is None or self._instrument is None:
            return ""
        bar = self._series.bars[self._cross_at]
        time = scales.time_label(seconds(bar.start_ts), 1, self._zone)
        return f"{time}  {self._instrument.show_price(bar.close)}  {bar.qty:,}"

    @property
    def marks(self) -> list[Mark]:
        """One's own working orders, as they are marked."""
        return list(self._marks)

    def _put_cross(self, at: int | None, y: float | None = None) -> None:
        if (at, y) != (self._cross_at, self._cross_y):
            self._cross_at, self._cross_y = at, y
            self.setAccessibleDescription(self.readout)
            self.viewport().update()

    # ------------------------------------------------------------------- what the person does

    def _on_mouse_moved(self, at: QPointF) -> None:
        """Put the cross-hair on the bar under the pointer."""
        plot: QRectF = self.price.vb.sceneBoundingRect()
        whole = plot.united(self.volume.vb.sceneBoundingRect())
        if not whole.contains(at) or not len(self._series):
            self._put_cross(None)
            return
        x = float(self.price.vb.mapSceneToView(at).x())
        self._put_cross(self._series.nearest(x), at.y())

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cross-hair away with the pointer."""
        self._put_cross(None)
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Follow the market again."""
        super().mouseDoubleClickEvent(event)
        self.follow(self._span_s)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cross-hair, zoom, follow; leave the rest to Qt."""
        key = Qt.Key(event.key())
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if not len(self._series):
            super().keyPressEvent(event)
        elif key in steps:
            at = self._cross_at if self._cross_at is not None else self._visible()[1]
            self._put_cross(min(max(at + steps[key], 0), len(self._series) - 1))
            self._keep_cross_in_view()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(_ZOOM if key == Qt.Key.Key_Minus else 1 / _ZOOM)
        elif key == Qt.Key.Key_Home:
            self._put_cross(None)
            self.follow(self._span_s)
        elif key == Qt.Key.Key_Escape and self._cross_at is not None:
            self._put_cross(None)
        else:
            super().keyPressEvent(event)

    def _zoom(self, factor: float) -> None:
        """Show more or less time up to the right edge."""
        low, high = self.price.vb.viewRange()[0]
        span = max(_SPAN_S_MIN, (high - low) * factor)
        self.is_following = False
        self.price.vb.setXRange(high - span, high, padding=0)

    def _keep_cross_in_view(self) -> None:
        assert self._cross_at is not None
        low, high = self.price.vb.viewRange()[0]
        x = float(self._series.starts[self._cross_at])
        if low <= x <= high:
            return
        shift = x - low - BAR_S if x < low else x - high + 2 * BAR_S
        self.is_following = False
        self.price.vb.setXRange(low + shift, high + shift, padding=0)

    def _on_moved_by_hand(self, *_: Any) -> None:
        self.is_following = False

    def _on_x_range_changed(self, *_: Any) -> None:
        self._draw_visible()

    # -------------------------------------------------------------------------- Qt's events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new size."""
        super().resizeEvent(event)
        if hasattr(self, "volume_bars"):  # pyqtgraph resizes before it is built
            volume = max(_VOLUME_HEIGHT_MIN, round(self.height() * _VOLUME_SHARE))
            self.ci.layout.setRowFixedHeight(1, volume + self.time_axis.height())
            self._draw_visible()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "volume_bars"):
            self.dress()
