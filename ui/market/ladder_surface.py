"""The depth ladder as a picture: what is in view, how it follows the market, how it is painted."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from models.instruments import Instrument
from models.market import Depth
from models.orders import Order
from ui import theme
from ui.market.empty import paint_reason
from ui.market.ladder import Ladder, Rung, market_edges
from ui.market.ladder_paint import (
    HEAD_PX,
    ROW_PX,
    Cell,
    Columns,
    LadderFonts,
    LadderScene,
    columns_of,
)


class LadderSurface(QWidget):
    """Paints a `Ladder`; `LadderView` adds what keys and the mouse do.

    Attributes:
        ladder: what is in view, None while no instrument is shown.
        own_title: the heading of the column with one's own orders.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFont(theme.table_font())
        self.setAccessibleName("Depth ladder")
        self.ladder: Ladder | None = None
        self.own_title = "Mine"
        self._depth: Depth | None = None
        self._own: list[Order] = []
        self._last_px = 0
        self._is_stale = False
        self._reason = ("", "")
        self._is_to_centre = True
        self._is_following = True
        self._rungs: list[Rung] | None = None
        self._cursor: Cell | None = None
        self._hover: Cell | None = None
        self._fonts = LadderFonts(self.font())

    def sizeHint(self) -> QSize:
        """Room for the market's ten best prices."""
        return QSize(330, HEAD_PX + 20 * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        """Room for three prices."""
        return QSize(220, HEAD_PX + 3 * ROW_PX)

    # ------------------------------------------------------------------ what the owner says

    def show_instrument(self, instrument: Instrument | None, title: str, hint: str) -> None:
        """Begin anew with `instrument`; `title` and `hint` stand here until there is depth."""
        self.ladder = Ladder(instrument, self._row_count()) if instrument is not None else None
        self._reason = (title, hint)
        self._depth, self._own, self._last_px = None, [], 0
        self._cursor = self._hover = None
        self._is_to_centre = self._is_following = True
        self._renew()

    def show_market(
        self, depth: Depth | None, own: Iterable[Order], last_px: int, *, is_stale: bool
    ) -> None:
        """Show what rests now; the view moves only when the market has left it."""
        ladder = self.ladder
        if ladder is None:
            return
        self._depth, self._own, self._last_px = depth, list(own), last_px
        self._is_stale = is_stale
        bid, offer = self._best()
        if self._is_to_centre and (bid or offer):
            ladder.fit_group(bid, offer)
            ladder.centre(bid, offer)
            self._is_to_centre = False
        self._follow()
        self._renew()

    def _follow(self) -> None:
        """Bring back a market that has left the view; not one that was scrolled away from.

        Nor while the pointer is on a price: it would slide from below it just before the click.
        """
        if self.ladder is None:
            return
        if self._is_amid():
            self._is_following = True
        elif self._is_following and self._hover is None:
            self.ladder.centre(*self._best())

    @property
    def holds_market(self) -> bool:
        """Whether best bid and offer are in view."""
        return self.ladder is not None and self.ladder.holds_market(*self._best())

    def _is_amid(self) -> bool:
        """Whether the market is in view, and some depth on either side of it."""
        ladder = self.ladder
        return ladder is None or ladder.holds_market(*self._best(), ladder.margin)

    @property
    def rungs(self) -> list[Rung]:
        """What is shown, from top to bottom."""
        if self._rungs is None:
            ladder = self.ladder
            has_any = ladder is not None and self._depth is not None
            self._rungs = (
                ladder.rungs(self._depth, self._own, self._last_px)
                if ladder is not None and has_any
                else []
            )
        return self._rungs

    def recentre(self) -> None:
        """Put the market into the middle."""
        if self.ladder is not None:
            self.ladder.centre(*self._best())
            self._is_following = True
            self._renew()

    def scroll_by(self, rows: int) -> None:
        """Look at prices `rows` higher, or lower where it is negative."""
        if self.ladder is not None and rows:
            self.ladder.scroll(rows)
            self._note_scrolled()

    def _note_scrolled(self) -> None:
        """Where a person has scrolled to, the view stays."""
        self._is_following = self._is_amid()
        self._renew()

    def set_group(self, group: int) -> None:
        """Let a row stand for `group` ticks."""
        if self.ladder is not None:
            self.ladder.group = group
            self.recentre()

    def cell_rect(self, px: int, is_buy: bool) -> QRect:
        """Return where the price `px` is chosen as a buy or a sale; empty when out of view."""
        if self.ladder is None or px not in self.ladder.prices:
            return QRect()
        top = HEAD_PX + self.ladder.prices.index(px) * ROW_PX
        columns = self._columns()
        left, right = (columns.own, columns.price) if is_buy else (columns.offer, columns.end)
        return QRect(left, top, right - left, ROW_PX)

    def _best(self) -> tuple[int, int]:
        return market_edges(self._depth)

    def _renew(self) -> None:
        self._rungs = None
        self.update()

    def _row_count(self) -> int:
        return max(1, (self.height() - HEAD_PX) // ROW_PX)

    # --------------------------------------------------------------------------- the painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the height; what was in the middle stays there."""
        super().resizeEvent(event)
        if self.ladder is not None:
            was_seen = self.holds_market
            self.ladder.resize(self._row_count())
            if was_seen:
                self.ladder.centre(*self._best())
            self._renew()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme or font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fonts = LadderFonts(self.font())
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()

    def _columns(self) -> Columns:
        return columns_of(self.width(), self.ladder, self._fonts.strong_metrics)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is in view, or say why there is nothing."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("surface"))
        if self.ladder is None or not self.rungs:
            paint_reason(painter, self.rect(), *self._reason)
            return
        bid, offer = self._best()
        scene = LadderScene(
            ladder=self.ladder,
            rungs=self.rungs,
            columns=self._columns(),
            fonts=self._fonts,
            own_title=self.own_title,
            is_stale=self._is_stale,
            hover=self._hover,
            cursor=self._cursor if self.hasFocus() else None,
            market_px=0 if self.holds_market else bid or offer,
        )
        scene.paint(painter, self.width(), self.height())
