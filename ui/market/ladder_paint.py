"""How a depth ladder is painted: its columns, sizes with bars, own orders, and marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPolygonF

from ui import theme
from ui.market.ladder import Ladder, Rung

ROW_PX: Final = theme.ROW_PX_COMPACT
HEAD_PX: Final = theme.ROW_PX_COMPACT + 2
_PAD: Final = 6
_WEDGE_PX: Final = 8
_OWN_SHARE: Final = 0.21
_OWN_PX_MIN, _OWN_PX_MAX = 48, 92
_PRICE_PX_MIN: Final = 56
_SIZE_PX_MIN: Final = 24
_BAR_SHARE: Final = 0.28
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter

Cell = tuple[int, bool]  # a price, and whether it is its buying half


class LadderFonts:
    """The ladder's plain and strong fonts, and how wide they write."""

    def __init__(self, font: QFont) -> None:
        self.plain = QFont(font)
        self.strong = QFont(font)
        self.strong.setWeight(QFont.Weight.DemiBold)
        self.metrics = QFontMetrics(self.plain)
        self.strong_metrics = QFontMetrics(self.strong)


@dataclass(frozen=True)
class Columns:
    """Where the ladder's columns begin, and where the last one ends."""

    own: int
    bid: int
    price: int
    offer: int
    end: int


def columns_of(width: int, ladder: Ladder | None, metrics: QFontMetrics) -> Columns:
    """Return the columns: the price as wide as it needs to be, the sizes share the rest."""
    own = min(_OWN_PX_MAX, max(_OWN_PX_MIN, round(width * _OWN_SHARE)))
    price = _PRICE_PX_MIN
    if ladder is not None and ladder.prices:
        text = max(map(ladder.instrument.show_price, ladder.prices), key=len)
        price = max(price, metrics.horizontalAdvance(text) + 2 * _PAD + _WEDGE_PX)
    size = max(_SIZE_PX_MIN, (width - own - price) // 2)
    return Columns(0, own, own + size, own + size + price, max(own + 2 * size + price, width))


def fitted_qty(qty: int, metrics: QFontMetrics, room: int, sign: str = "") -> str:
    """Return a quantity whole if it fits, else cut to thousands or millions: `1.2m`, `350k`."""
    text = f"{sign}{qty:,}"
    if metrics.horizontalAdvance(text) <= room:
        return text
    for unit, letter in ((10**9, "b"), (10**6, "m"), (10**3, "k")):
        if qty >= unit:
            whole, tenth = divmod(qty * 10 // unit, 10)
            part = f".{tenth}" if tenth and whole < 100 else ""
            return f"{sign}{whole:,}{part}{letter}"
    return text


@dataclass
class LadderScene:
    """All that one painting shows.

    Attributes:
        hover, cursor: the cells that the pointer and the keyboard are on.
        market_px: where the market is when it is out of view, else 0.
    """

    ladder: Ladder
    rungs: list[Rung]
    columns: Columns
    fonts: LadderFonts
    own_title: str
    is_stale: bool
    hover: Cell | None
    cursor: Cell | None
    market_px: int
    _largest: int = field(init=False)
    _offer_width: int = field(init=False)

    def __post_init__(self) -> None:
        """Work out what holds for all quantities: the largest, and how wide offers are."""
        self._largest = max(1, *(max(rung.bid_qty, rung.offer_qty) for rung in self.rungs))
        widest = max(rung.offer_qty for rung in self.rungs)
        text = fitted_qty(widest, self.fonts.metrics, self._room)
        self._offer_width = self.fonts.metrics.horizontalAdvance(text)

    @property
    def _room(self) -> int:
        return self.columns.price - self.columns.bid - 2 * _PAD

    def paint(self, painter: QPainter, width: int, height: int) -> None:
        """Paint the ladder over its ground."""
        columns = self.columns
        painter.setFont(self.fonts.plain)
        self._paint_head(painter, width)
        prices = QRect(columns.price, HEAD_PX, columns.offer - columns.price, height - HEAD_PX)
        painter.fillRect(prices, theme.colour("raised"))
        for row, rung in enumerate(self.rungs):
            self._paint_rung(painter, HEAD_PX + row * ROW_PX, rung)
        if self.market_px:
            self._paint_hint(painter, width, height)

    def _paint_head(self, painter: QPainter, width: int) -> None:
        columns, group = self.columns, self.ladder.group
        painter.fillRect(0, 0, width, HEAD_PX, theme.colour("raised"))
        painter.setPen(theme.colour("muted"))
        own = QRect(columns.own, 0, columns.bid - columns.own - _PAD, HEAD_PX)
        painter.drawText(own, _RIGHT, self.own_title)
        bid = QRect(columns.bid, 0, columns.price - columns.bid - _PAD, HEAD_PX)
        painter.drawText(bid, _RIGHT, "Bid")
        price = QRect(columns.price, 0, columns.offer - columns.price - _PAD, HEAD_PX)
        painter.drawText(price, _RIGHT, f"Price ×{group}" if group > 1 else "Price")
        offer = QRect(columns.offer + _PAD, 0, columns.end - columns.offer - _PAD, HEAD_PX)
        painter.drawText(offer, _LEFT, "Offer")

    def _paint_rung(self, painter: QPainter, top: int, rung: Rung) -> None:
        for is_buy in (True, False):
            self._paint_marks(painter, top, (rung.px, is_buy))
        if rung.bid_qty:
            self._paint_size(painter, top, rung.bid_qty, True)
        if rung.offer_qty:
            self._paint_size(painter, top, rung.offer_qty, False)
        self._paint_price(painter, top, rung)
        if rung.own_buy or rung.own_sell or rung.own_stop:
            self._paint_own(painter, top, rung)

    def _paint_marks(self, painter: QPainter, top: int, here: Cell) -> None:
        """Mark the half of a row that the pointer or the keyboard is on."""
        columns = self.columns
        left, right = (columns.own, columns.price) if here[1] else (columns.offer, columns.end)
        cell = QRect(left, top, right - left, ROW_PX)
        if here == self.hover:
            painter.fillRect(cell, theme.colour("selection"))
        if here == self.cursor:
            painter.setPen(theme.colour("accent"))
            painter.drawRect(cell.adjusted(0, 0, -1, -1))

    def _paint_size(self, painter: QPainter, top: int, qty: int, is_buy: bool) -> None:
        """Paint a quantity right-aligned, over a bar that grows outwards from the price."""
        columns = self.columns
        whole = columns.price - columns.bid
        length = max(2, round(whole * qty / self._largest))
        tone = "stale" if self.is_stale else "buy" if is_buy else "sell"
        bar = theme.blend(theme.colour("surface"), theme.colour(tone), _BAR_SHARE)
        left = columns.price - length if is_buy else columns.offer
        painter.fillRect(left, top + 2, length, ROW_PX - 4, bar)
        right = columns.price - _PAD if is_buy else columns.offer + _PAD + self._offer_width
        painter.setPen(theme.colour("stale+" if self.is_stale else "text"))
        text = fitted_qty(qty, self.fonts.metrics, self._room)
        painter.drawText(QRect(right - whole, top, whole, ROW_PX), _RIGHT, text)

    def _paint_price(self, painter: QPainter, top: int, rung: Rung) -> None:
        columns = self.columns
        is_best = rung.is_best_bid or rung.is_best_offer
        tone = "text" if not is_best else "buy" if rung.is_best_bid else "sell"
        painter.setFont(self.fonts.strong if is_best else self.fonts.plain)
        painter.setPen(theme.colour("stale" if self.is_stale else tone))
        cell = QRect(columns.price, top, columns.offer - columns.price, ROW_PX)
        text = self.ladder.instrument.show_price(rung.px)
        painter.drawText(cell.adjusted(0, 0, -_PAD, 0), _RIGHT, text)
        painter.setFont(self.fonts.plain)
        if rung.is_last:
            self._paint_last(painter, cell)
        if rung.is_indicative:
            self._paint_indicative(painter, cell)

    def _paint_last(self, painter: QPainter, cell: QRect) -> None:
        """Mark the price of the last trade: a frame, and a wedge that points at it."""
        painter.setPen(theme.colour("muted"))
        painter.drawRect(cell.adjusted(0, 0, -1, -1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("stale" if self.is_stale else "text"))
        left, middle = cell.left() + 3.0, cell.center().y() + 0.5
        wedge = [QPointF(left, middle - 4), QPointF(left + 5, middle), QPointF(left, middle + 4)]
        painter.drawPolygon(QPolygonF(wedge))
        painter.restore()

    def _paint_indicative(self, painter: QPainter, cell: QRect) -> None:
        """Mark where the auction would trade: a frame across the row's market, and a diamond."""
        columns = self.columns
        whole = QRect(columns.bid, cell.top(), columns.end - columns.bid, cell.height())
        painter.setPen(theme.colour("stale" if self.is_stale else "pending"))
        painter.drawRect(whole.adjusted(0, 0, -1, -1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("stale" if self.is_stale else "pending"))
        left, middle = cell.left() + 2.0, cell.center().y() + 0.5
        diamond = [
            QPointF(left, middle),
            QPointF(left + 4, middle - 4),
            QPointF(left + 8, middle),
            QPointF(left + 4, middle + 4),
        ]
        painter.drawPolygon(QPolygonF(diamond))
        painter.restore()

    def _paint_own(self, painter: QPainter, top: int, rung: Rung) -> None:
        """Paint one's own: ▲ to buy, ▼ to sell, ◆ a stop that waits; strong, to stand out."""
        columns = self.columns
        parts = (("▲", rung.own_buy), ("▼", rung.own_sell), ("◆", rung.own_stop))
        held = [(sign, qty) for sign, qty in parts if qty]
        each = (columns.bid - columns.own - _PAD - 2) // len(held)
        metrics = self.fonts.strong_metrics
        text = " ".join(fitted_qty(qty, metrics, each, sign) for sign, qty in held)
        painter.setFont(self.fonts.strong)
        painter.setPen(theme.colour("stale" if self.is_stale else "warning"))
        cell = QRect(columns.own, top, columns.bid - columns.own - _PAD, ROW_PX)
        painter.drawText(cell, _RIGHT, text)
        painter.setFont(self.fonts.plain)

    def _paint_hint(self, painter: QPainter, width: int, height: int) -> None:
        """Say where the market is when it is out of view, and the key that brings it back."""
        is_above = self.market_px > self.ladder.prices[0]
        sign = "▲" if is_above else "▼"
        words = f"{sign} market {self.ladder.instrument.show_price(self.market_px)} · Home"
        room = self.fonts.strong_metrics.horizontalAdvance(words) + 24
        top = HEAD_PX + 4 if is_above else height - ROW_PX - 6
        plate = QRectF((width - room) / 2, top, room, ROW_PX + 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("accent"))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(theme.colour("text"))
        painter.setFont(self.fonts.strong)
        painter.drawText(plate, _CENTRE, words)
        painter.restore()
