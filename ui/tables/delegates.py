"""How a cell of a live table is painted: figures, tones, bars, and the glow of a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QStaticText
from PySide6.QtWidgets import (
    QAbstractItemView,
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
_STATICS_MAX: Final = 20_000


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
        self._statics: dict[tuple[str, bool], tuple[QStaticText, int, int]] = {}
        self._model: LiveTableModel[Any]
        self._selected: AbstractSet[int] = frozenset()
        self._focused: tuple[int, int] | None = None

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
        """Paint one cell over the row's ground, which the view has painted.

        Some 450 of these make a screenful, so nothing is asked of Qt that `begin_pass` knows.
        """
        row, at = index.row(), index.column()
        model = self._model
        cell = model.cell(row, at)
        rect: QRect = option.rect
        is_selected = is_lifted = row in self._selected
        if is_selected:
            painter.fillRect(rect, theme.colour("selection"))
        if self._glowing and (share := self._glow_share(model.key_at(row), at)) > 0.0:
            glow = QColor(theme.colour("glow"))
            glow.setAlphaF(share)
            painter.fillRect(rect, glow)
            is_lifted = True
        if cell.bar:
            self._paint_bar(painter, rect, cell.bar, is_selected)
        if cell.text:
            self._paint_text(painter, rect, cell, model.columns[at], is_lifted)
        if self._focused == (row, at):
            painter.setPen(theme.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def begin_pass(
        self,
        model: LiveTableModel[Any],
        selected: AbstractSet[int],
        focused: tuple[int, int] | None,
    ) -> None:
        """Take what holds for all cells of one painting: selected rows, and the cell in focus."""
        self._model, self._selected, self._focused = model, selected, focused

    def _paint_bar(self, painter: QPainter, rect: QRect, share: float, is_selected: bool) -> None:
        width = round((rect.width() - 2 * _PAD) * min(share, 1.0))
        bar = QRect(rect.left() + _PAD, rect.top() + 4, max(width, 1), rect.height() - 8)
        painter.fillRect(bar, theme.colour("bar_selected" if is_selected else "bar"))

    def _paint_text(
        self, painter: QPainter, rect: QRect, cell: Cell, column: Column[Any], is_lifted: bool
    ) -> None:
        # On a bar only plain text is sure to be read, whatever the row's ground.
        tone = "text" if cell.bar else cell.tone or "text"
        painter.setPen(theme.colour(f"{tone}+" if is_lifted else tone))
        painter.setFont((self._fonts or self._make_fonts())[column.strong])
        room = rect.width() - 2 * _PAD
        written, width, height = self._written(cell.text, column.strong)
        if width > room:
            shortened = self._shortened(cell.text, column, room)
            written, width, height = self._written(shortened, column.strong)
        left = rect.left() + _PAD
        if column.align is Align.RIGHT:
            left += room - width
        elif column.align is Align.CENTRE:
            left += (room - width) // 2
        painter.drawStaticText(left, rect.top() + (rect.height() - height) // 2, written)

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
        self._statics.clear()

    def _written(self, text: str, is_strong: bool) -> tuple[QStaticText, int, int]:
        """Return `text` laid out once, with its width and height: most of it was painted before."""
        found = self._statics.get((text, is_strong))
        if found is None:
            if len(self._statics) >= _STATICS_MAX:
                self._statics.clear()
            font = (self._fonts or self._make_fonts())[is_strong]
            written = QStaticText(text)
            written.setTextFormat(Qt.TextFormat.PlainText)
            written.prepare(font=font)
            metrics = QFontMetrics(font)
            found = (written, metrics.horizontalAdvance(text), metrics.height())
            self._statics[text, is_strong] = found
        return found

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
            if self._written(cell.text, model.columns[index.column()].strong)[1] > room:
                QToolTip.showText(event.globalPos(), cell.text, view)
                return True
        return super().helpEvent(event, view, option, index)


def _monotonic_ms() -> float:
    return time.monotonic() * 1_000
