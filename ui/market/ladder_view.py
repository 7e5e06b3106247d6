"""The depth ladder as it is driven: keys and the mouse choose prices, scroll and group them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from models.instruments import Instrument
from models.orders import Side
from ui.market.ladder import GROUPS, Rung, rung_words
from ui.market.ladder_paint import HEAD_PX, ROW_PX, Cell
from ui.market.ladder_surface import LadderSurface

_WHEEL_NOTCH: Final = 120


class LadderView(LadderSurface):
    """Says which price was chosen; it sends nothing.

    Signals:
        price_chosen: a price was clicked, or Enter pressed on it; carries `Side` and the price in
            1e-9 units: a buy on the left half, a sale on the right.
    """

    price_chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._pressed: Cell | None = None
        self._turned = 0

    def show_instrument(self, instrument: Instrument | None, title: str, hint: str) -> None:
        """Begin anew with `instrument`; `title` and `hint` stand here until there is depth."""
        self._pressed = None
        super().show_instrument(instrument, title, hint)

    def recentre(self) -> None:
        """Put the market into the middle, and the keyboard on the best price of its half."""
        super().recentre()
        if self.ladder is not None and self._cursor is not None:
            self._put_cursor(self._start_px(self._cursor[1]), self._cursor[1])

    @property
    def cursor_price(self) -> int | None:
        """The price that the keyboard is on."""
        return self._cursor[0] if self._cursor is not None else None

    # --------------------------------------------------------------------------- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, choose, recentre; leave the rest to Qt."""
        key = Qt.Key(event.key())
        page = max(1, self._row_count() - 1)
        moves = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: page,
            Qt.Key.Key_PageDown: -page,
        }
        has_other_keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self.ladder is None or not self.rungs or has_other_keys != event.modifiers().NoModifier:
            super().keyPressEvent(event)
        elif key in moves:
            self._move_cursor(moves[key])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._turn_cursor(key == Qt.Key.Key_Left)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose_cursor()
        elif key == Qt.Key.Key_Home:
            self.recentre()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._change_group(-1 if key == Qt.Key.Key_Minus else 1)
        else:
            super().keyPressEvent(event)

    def _start_px(self, is_buy: bool) -> int:
        """Return where the cursor begins: at the best price of its half."""
        assert self.ladder is not None
        bid, offer = self._best()
        row = self.ladder.row_of(bid if is_buy else offer, is_buy) if (bid and offer) else -1
        prices = self.ladder.prices
        return prices[row] if row >= 0 else prices[len(prices) // 2]

    def _move_cursor(self, rows: int) -> None:
        ladder = self.ladder
        assert ladder is not None
        if self._cursor is None:
            self._put_cursor(self._start_px(True), True)
            return
        px, is_buy = self._cursor
        px = ladder.floor(px)
        px = ladder.above(px, rows) if rows > 0 else ladder.below(px, -rows)
        self._put_cursor(px, is_buy)
        self._bring_into_view(px)

    def _turn_cursor(self, is_buy: bool) -> None:
        px = self._cursor[0] if self._cursor is not None else self._start_px(is_buy)
        self._put_cursor(px, is_buy)
        self._bring_into_view(px)

    def _choose_cursor(self) -> None:
        """Choose the price under the cursor, once it is seen: never one that is out of view."""
        if self._cursor is None:
            self._put_cursor(self._start_px(True), True)
            return
        px, is_buy = self._cursor
        if not self._bring_into_view(px):
            self.price_chosen.emit(Side.BUY if is_buy else Side.SELL, px)

    def _bring_into_view(self, px: int) -> bool:
        """Scroll to `px`; return whether that was needed."""
        ladder = self.ladder
        assert ladder is not None
        if px in ladder.prices:
            return False
        if ladder.prices and px > ladder.prices[0]:
            ladder.look_from(px)
        else:
            ladder.look_from(ladder.above(ladder.floor(px), max(0, ladder.rows - 1)))
        self._note_scrolled()
        return True

    def _put_cursor(self, px: int, is_buy: bool) -> None:
        self._cursor = (px, is_buy)
        self.setAccessibleDescription(self._words_at(px, is_buy))
        self.update()

    def _change_group(self, by: int) -> None:
        assert self.ladder is not None
        at = GROUPS.index(self.ladder.group) + by
        if 0 <= at < len(GROUPS):
            self.set_group(GROUPS[at])

    def _words_at(self, px: int, is_buy: bool) -> str:
        """Return what is at a price, in words: for a screen reader, and as a tooltip."""
        assert self.ladder is not None
        rung = next((rung for rung in self.rungs if rung.px == px), Rung(px))
        what = [rung_words(rung, self.ladder.instrument, self.own_title.lower())]
        return ", ".join([*what, "buy at this price" if is_buy else "sell at this price"])

    # ------------------------------------------------------------------------------ the mouse

    def _cell_at(self, at: QPointF) -> Cell | None:
        """Return price and half at a point, None outside both halves and for the price itself."""
        if self.ladder is None or not self.rungs or at.y() < HEAD_PX:
            return None
        row = int(at.y() - HEAD_PX) // ROW_PX
        columns = self._columns()
        if row >= len(self.ladder.prices) or not columns.own <= at.x() < columns.end:
            return None
        if columns.price <= at.x() < columns.offer:
            return None
        return self.ladder.prices[row], at.x() < columns.price

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the price under the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._pressed = self._cell_at(event.position())
        if self._pressed is not None:
            self._put_cursor(*self._pressed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the price that was pressed, if the pointer is still on it."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        pressed, self._pressed = self._pressed, None
        if pressed is not None and self._cell_at(event.position()) == pressed:
            px, is_buy = pressed
            self.price_chosen.emit(Side.BUY if is_buy else Side.SELL, px)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark what a click would choose."""
        cell = self._cell_at(event.position())
        if cell != self._hover:
            self._hover = cell
            pointing = Qt.CursorShape.PointingHandCursor
            self.setCursor(pointing if cell is not None else Qt.CursorShape.ArrowCursor)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by prices."""
        self._turned += event.angleDelta().y()
        rows, self._turned = int(self._turned / _WHEEL_NOTCH), self._turned % _WHEEL_NOTCH
        self.scroll_by(rows)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Follow the pointer."""
        super().enterEvent(event)
        self._turned = 0

    def leaveEvent(self, event: QEvent) -> None:
        """Forget what the pointer was on."""
        super().leaveEvent(event)
        self._hover = None
        self._follow()
        self._renew()

    def event(self, event: QEvent) -> bool:
        """Say in a tooltip what is at a price."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._cell_at(QPointF(event.pos()))
            if cell is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._words_at(*cell), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        if self._cursor is None and self.rungs:
            self._put_cursor(self._start_px(True), True)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is elsewhere."""
        super().focusOutEvent(event)
        self.update()
