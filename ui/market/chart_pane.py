"""The Chart pane: price, VWAP and volume of a symbol, with one's own orders and fills on them."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.session.client import Session
from app.session.step import Changed
from ui.market.bar_series import BarSeries
from ui.market.empty import paint_reason
from ui.market.market_pane import NO_SYMBOL, MarketPane
from ui.market.own_orders import OwnOrders
from ui.tables.throttle import Throttle

if TYPE_CHECKING:
    from ui.market.chart_plot import ChartPlot

UPDATE_MS: Final = 1_000  # a bar is five seconds; a drawing costs some 4 ms
OWN_UPDATE_MS: Final = 250  # a fill of one's own is not kept waiting for the next bar
RANGES: Final[dict[str, float | None]] = {"5m": 300.0, "30m": 1_800.0, "day": None}
_RANGE_HELP: Final = {
    "5m": "The last five minutes, as candles",
    "30m": "The last half hour",
    "day": "The whole day",
}
_FIRST_RANGE: Final = "30m"
_LOADING_MS: Final = 20
_MODULE: Final = "ui.market.chart_plot"


class ChartPane(MarketPane):
    """A symbol's chart.

    Attributes:
        plot: the chart, None until there is something to draw: pyqtgraph takes a quarter of a
            second to import, which is done beside the window's thread.
        range_buttons: by name, the stretches of time to choose from.
    """

    help_page: ClassVar[str] = "chart"

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(session, zone, parent)
        self.plot: ChartPlot | None = None
        self._zone = zone
        self._series = BarSeries(zone)
        self._own = OwnOrders(session.core)
        self._range = _FIRST_RANGE
        self._loader: threading.Thread | None = None
        self._loading = QTimer(self)
        self._loading.setInterval(_LOADING_MS)
        self._loading.timeout.connect(self._on_loading_due)
        self._throttle = Throttle(self._show, UPDATE_MS, self)
        self._own_throttle = Throttle(self._show, OWN_UPDATE_MS, self)
        self.range_buttons: dict[str, QPushButton] = {}
        self._build()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 4, 8, 2)
        top.setSpacing(4)
        group = QButtonGroup(self)
        for name in RANGES:
            button = QPushButton(name, self)
            button.setProperty("role", "chip")
            button.setCheckable(True)
            button.setChecked(name == self._range)
            button.setToolTip(_RANGE_HELP[name])
            button.setAccessibleName(_RANGE_HELP[name])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, name=name: self.show_range(name))
            group.addButton(button)
            top.addWidget(button)
            self.range_buttons[name] = button
        self.vwap_label = QLabel(self)
        self.vwap_label.setProperty("role", "warning")
        self.vwap_label.setToolTip("Volume-weighted average price of the day: the dashed line")
        top.addStretch(1)
        top.addWidget(self.vwap_label)
        self._reason = _Reason(self)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._reason)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.notice_label)
        layout.addLayout(self._stack, 1)

    def focus_pane(self) -> None:
        """Put the keyboard on the chart, or on its buttons while there is none."""
        (self.plot or self.range_buttons[self._range]).setFocus()

    def show_range(self, name: str) -> None:
        """Show the stretch of time called `name` ("5m", "30m", "day") and follow the market."""
        self._range = name
        self.range_buttons[name].setChecked(True)
        if self.plot is not None:
            self.plot.follow(RANGES[name])

    def save_state(self) -> dict[str, Any]:
        """Return symbol and range, as JSON can hold them."""
        return {**super().save_state(), "range": self._range}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what can't be read is left be."""
        super().restore_state(state)
        name = state.get("range")
        if isinstance(name, str) and name in RANGES:
            self.show_range(name)

    # -- what the session says -----------------------------------------------------------------

    def _take_up(self) -> None:
        if self.instrument is None or self._own.symbol != self.symbol:
            self._series = BarSeries(self._zone)
            if self.plot is not None:
                self.plot.show_instrument(self.instrument)
        self._own.read(self.symbol)
        self._show()

    def _take_in(self, changed: Changed) -> None:
        if self._own.note(changed):
            self._own_throttle.request()
        elif self.symbol in changed.market:
            if len(self._series):
                self._throttle.request()
            else:
                self._throttle.run_now()  # until they are read, the pane says there are none

    @Slot()
    def _on_age_due(self) -> None:
        super()._on_age_due()
        if self._freshness.is_live:
            self._throttle.request()  # a quiet name's chart moves on with the time all the same

    def _show(self) -> None:
        """Draw what there is, or say why there is nothing."""
        if not self.isVisible():
            return
        core = self._session.core
        self._series.update(core.bars.get(self.symbol, []))
        instrument, vwap = self.instrument, self._series.vwap
        is_drawn = instrument is not None and bool(len(self._series))
        has_vwap = is_drawn and instrument is not None and vwap is not None
        self.vwap_label.setText(
            f"┄ VWAP {instrument.show_price(vwap)}" if has_vwap and instrument and vwap else ""
        )
        if not is_drawn:
            self._reason.say(*self._words())
            self._stack.setCurrentWidget(self._reason)
        elif self.plot is None:
            self._reason.say("Preparing the chart", "")
            self._load()
        else:
            self._stack.setCurrentWidget(self.plot)
            self.plot.show_own(list(self._own.working.values()), self._own.fills)
            self.plot.show_bars(self._series, core.feed_ts)

    def _words(self) -> tuple[str, str]:
        if not self.symbol:
            return NO_SYMBOL
        if self.instrument is None:
            return f"{self.symbol} is not listed", "Choose a symbol that the watch list has"
        return f"No trade in {self.symbol} yet", "The chart begins with the first one"

    # -- making the chart ----------------------------------------------------------------------

    def _load(self) -> None:
        """Import pyqtgraph on a thread of its own, so that the window stays at hand meanwhile."""
        if self._loader is None:
            self._loader = threading.Thread(
                target=importlib.import_module, args=(_MODULE,), name="chart", daemon=True
            )
            self._loader.start()
            self._loading.start()

    @Slot()
    def _on_loading_due(self) -> None:
        if self._loader is not None and self._loader.is_alive():
            return
        self._loading.stop()
        from ui.market.chart_plot import ChartPlot

        self.plot = ChartPlot(self._zone, self)
        self.plot.show_instrument(self.instrument)
        self.plot.follow(RANGES[self._range])
        self._stack.addWidget(self.plot)
        self._show()


class _Reason(QWidget):
    """Stands where the chart will be, and says why it isn't there yet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = NO_SYMBOL

    def say(self, title: str, hint: str) -> None:
        """Show these words."""
        if (title, hint) != self.words:
            self.words = (title, hint)
            self.setAccessibleDescription(f"{title}. {hint}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words."""
        paint_reason(QPainter(self), self.rect(), *self.words)
