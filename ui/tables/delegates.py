"""How a cell of a live table is painted: figures, tones, bars, and the glow of a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QStaticText
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from ui import theme
from ui.tables.columns import Align, Column
from ui.tables.live_table_model import Cell, LiveTableModel

GLOW_MS: Final = 600
_GLOW_STEP_MS: Final = 60
# More than this many changes at once is a flood, not news: nobody could follow the light.
_GLOWS_MAX: Final = 300
_PAD: Final = 6
_WIDTHS_MAX: Final = 20_000

_SELECTED: Final = QStyle.StateFlag.State_Selected.value
_FOCUSED: Final = QStyle.StateFlag.State_HasFocus.value


class CellDelegate(QStyledItemDelegate):
    """Paints the cells of a `LiveTableModel` without asking the style or `data()` for anything.

    A number that does not fit is shown as `###`, as in a spreadsheet: part of a number would be
    another number. Text that does not fit ends in `…`; both are whole in the tooltip.

    Attributes:
        glow_ms: how long a changed cell glows; 0 switches the glow off.
    """

    def __init__(
        self, view: QAbstractItemView, *, clock_ms: Callable[[], float] | None = None
    ) -> None:
        """`clock_ms` is a clock of its own for tests."""
        super().__init__(view)
        self.glow_ms = GLOW_MS
        self._view = view
        self._clock_ms = clock_ms or _monotonic_ms
        self._glowing: dict[tuple[str, int], float] = {}
        self._fading = QTimer(self)
        self._fading.setInterval(_GLOW_STEP_MS)
        self._fading.timeout.connect(self._on_faded)
        self._fonts: tuple[QFont, QFont] | None = None
        self._widths: dict[tuple[str, bool], int] = {}
        self._statics: dict[tuple[str, bool], QStaticText] = {}

    # ----------------------------------------------------------------------------- the glow

    @property
    def is_glowing(self) -> bool:
        """Whether any cell glows; while none does, no timer runs."""
        return self._fading.isActive()

    @Slot(object)
    def glow(self, cells: Iterable[tuple[str, int]]) -> None:
        """Let the cells `(key, column)` glow and fade, from now on."""
        if self.glow_ms <= 0 or not self._view.isVisible():
            return
        now = self._clock_ms()
        for cell in cells:
            if len(self._glowing) >= _GLOWS_MAX:
                break
            self._glowing[cell] = now
        if self._glowing:
            self._fading.start()

    @Slot()
    def _on_faded(self) -> None:
        """Paint the glowing cells one step paler, and forget those that are done."""
        model = self._view.model()
        over = self._clock_ms() - self.glow_ms
        for cell, start in list(self._glowing.items()):
            if start <= over:
                del self._glowing[cell]
            if isinstance(model, LiveTableModel):
                row = model.row_of_key(cell[0])
                if row >= 0:
                    self._view.update(model.index(row, cell[1]))
        if not self._glowing:
            self._fading.stop()

    def _glow_share(self, key: str, column: int) -> float:
        start = self._glowing.get((key, column))
        if start is None:
            return 0.0
        return max(0.0, 1.0 - (self._clock_ms() - start) / max(1, self.glow_ms))

    # -------------------------------------------------------------------------- the painting

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell over the row's ground, which the view has painted."""
        model = index.model()
        assert isinstance(model, LiveTableModel)
        row, at = index.row(), index.column()
        cell = model.cell(row, at)
        column = model.columns[at]
        rect: QRect = option.rect
        state = option.state.value
        look = theme.current()
        is_selected = bool(state & _SELECTED)
        is_lifted = is_selected
        if is_selected:
            painter.fillRect(rect, look.colour("selection"))
        if self._glowing and (share := self._glow_share(model.key_at(row), at)) > 0.0:
            glow = QColor(look.colour("glow"))
            glow.setAlphaF(share)
            painter.fillRect(rect, glow)
            is_lifted = True
        if cell.bar:
            self._paint_bar(painter, rect, cell.bar, is_selected)
        if cell.text:
            self._paint_text(painter, rect, cell, column, is_lifted)
        if state & _FOCUSED:
            painter.setPen(look.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_bar(self, painter: QPainter, rect: QRect, share: float, is_selected: bool) -> None:
        width = round((rect.width() - 2 * _PAD) * min(share, 1.0))
        bar = QRect(rect.left() + _PAD, rect.top() + 4, max(width, 1), rect.height() - 8)
        painter.fillRect(bar, theme.colour("bar_selected" if is_selected else "bar"))

    def _paint_text(
        self, painter: QPainter, rect: QRect, cell: Cell, column: Column[Any], is_lifted: bool
    ) -> None:
        plain, strong = self._fonts or self._make_fonts()
        # On a bar only plain text is sure to be read, whatever the row's ground.
        tone = "text" if cell.bar else cell.tone or "text"
        painter.setPen(theme.colour(f"{tone}+" if is_lifted else tone))
        painter.setFont(strong if column.strong else plain)
        room = rect.width() - 2 * _PAD
        text = cell.text
        if self._width(text, column.strong) > room:
            text = self._shortened(text, column, room)
        written = self._written(text, column.strong)
        size = written.size()
        left: float = rect.left() + _PAD
        if column.align is Align.RIGHT:
            left = rect.right() + 1 - _PAD - size.width()
        elif column.align is Align.CENTRE:
            left = rect.left() + (rect.width() - size.width()) / 2
        top = rect.top() + round((rect.height() - size.height()) / 2)
        painter.drawStaticText(QPointF(left, top), written)

    # --------------------------------------------------------------------- fonts and widths

    def _make_fonts(self) -> tuple[QFont, QFont]:
        plain = QFont(self._view.font())
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        self._fonts = (plain, strong)
        return self._fonts

    def forget_fonts(self) -> None:
        """Look fonts up again: the view's has changed."""
        self._fonts = None
        self._widths.clear()
        self._statics.clear()

    def _written(self, text: str, is_strong: bool) -> QStaticText:
        """Return `text` laid out once: most of what is painted was painted before."""
        written = self._statics.get((text, is_strong))
        if written is None:
            if len(self._statics) >= _WIDTHS_MAX:
                self._statics.clear()
            written = QStaticText(text)
            written.setTextFormat(Qt.TextFormat.PlainText)
            written.prepare(font=(self._fonts or self._make_fonts())[is_strong])
            self._statics[text, is_strong] = written
        return written

    def _width(self, text: str, is_strong: bool) -> int:
        width = self._widths.get((text, is_strong))
        if width is None:
            if len(self._widths) >= _WIDTHS_MAX:
                self._widths.clear()
            font = (self._fonts or self._make_fonts())[is_strong]
            width = self._widths[text, is_strong] = QFontMetrics(font).horizontalAdvance(text)
        return width

    def _shortened(self, text: str, column: Column[Any], room: int) -> str:
        metrics = QFontMetrics((self._fonts or self._make_fonts())[column.strong])
        if column.align is Align.RIGHT:
            return "#" * max(1, room // max(1, metrics.horizontalAdvance("#")))
        return metrics.elidedText(text, self._view.textElideMode(), max(0, room))

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Show the whole text of a cell that is too narrow for it."""
        model = index.model()
        if event.type() == QEvent.Type.ToolTip and isinstance(model, LiveTableModel):
            cell = model.cell(index.row(), index.column())
            room = option.rect.width() - 2 * _PAD
            if self._width(cell.text, model.columns[index.column()].strong) > room:
                QToolTip.showText(event.globalPos(), cell.text, view)
                return True
        return super().helpEvent(event, view, option, index)


def _monotonic_ms() -> float:
    return time.monotonic() * 1_000
