"""Draws cells: figures, tones and bars, with texts laid out once and kept."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QStaticText
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.tables.cell_cache import Cell
from ui.tables.columns import Align

PAD: Final = 6
_STATICS_MAX: Final = 20_000


class CellPainter:
    """Draws cells in the font of a widget, over a ground that is there already.

    A number that does not fit is shown as `###`, as in a spreadsheet: part of a number would be
    another number. Text that does not fit ends in `…`.
    """

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._fonts: tuple[QFont, QFont] | None = None
        self._metrics: tuple[QFontMetrics, QFontMetrics] | None = None
        self._statics: dict[tuple[str, bool], tuple[QStaticText, int, int]] = {}

    def forget_fonts(self) -> None:
        """Look fonts up again: the widget's has changed."""
        self._fonts = self._metrics = None
        self._statics.clear()

    def cell(
        self,
        painter: QPainter,
        rect: QRect,
        cell: Cell,
        align: Align,
        *,
        is_strong: bool = False,
        is_selected: bool = False,
        is_lifted: bool = False,
    ) -> None:
        """Draw one cell; `is_lifted` says that its ground is a selection's or a glow's."""
        if cell.bar:
            width = round((rect.width() - 2 * PAD) * min(cell.bar, 1.0))
            bar = QRect(rect.left() + PAD, rect.top() + 4, max(width, 1), rect.height() - 8)
            painter.fillRect(bar, theme.colour("bar_selected" if is_selected else "bar"))
        if cell.text:
            # On a bar only plain text is sure to be read, whatever the row's ground.
            tone = "text" if cell.bar else cell.tone or "text"
            painter.setPen(theme.colour(f"{tone}+" if is_lifted else tone))
            self.text(painter, rect, cell.text, align, is_strong=is_strong)

    def text(
        self, painter: QPainter, rect: QRect, text: str, align: Align, *, is_strong: bool = False
    ) -> int:
        """Write `text` with the painter's pen; return how wide it came out, padding apart."""
        painter.setFont((self._fonts or self._make_fonts())[is_strong])
        room = rect.width() - 2 * PAD
        written, width, height = self._written(text, is_strong)
        if width > room:
            shortened = self.shortened(text, align, room, is_strong=is_strong)
            written, width, height = self._written(shortened, is_strong)
        left = rect.left() + PAD
        if align is Align.RIGHT:
            left += room - width
        elif align is Align.CENTRE:
            left += (room - width) // 2
        painter.drawStaticText(left, rect.top() + (rect.height() - height) // 2, written)
        return width

    def width_of(self, text: str, *, is_strong: bool = False) -> int:
        """Return how wide `text` is."""
        return self._written(text, is_strong)[1]

    def shortened(self, text: str, align: Align, room: int, *, is_strong: bool = False) -> str:
        """Return what is shown of `text` where there is less room than it needs."""
        if self._metrics is None:
            self._make_fonts()
        assert self._metrics is not None
        metrics = self._metrics[is_strong]
        if align is Align.RIGHT:
            return "#" * max(1, room // max(1, metrics.horizontalAdvance("#")))
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))

    def _make_fonts(self) -> tuple[QFont, QFont]:
        plain = QFont(self._widget.font())
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        self._fonts = (plain, strong)
        self._metrics = (QFontMetrics(plain), QFontMetrics(strong))
        return self._fonts

    def _written(self, text: str, is_strong: bool) -> tuple[QStaticText, int, int]:
        """Return `text` laid out once, with its width and height: most of it was drawn before."""
        found = self._statics.get((text, is_strong))
        if found is None:
            if len(self._statics) >= _STATICS_MAX:
                self._statics.clear()
            font = (self._fonts or self._make_fonts())[is_strong]
            assert self._metrics is not None
            metrics = self._metrics[is_strong]
            written = QStaticText(text)
            written.setTextFormat(Qt.TextFormat.PlainText)
            written.prepare(font=font)
            found = (written, metrics.horizontalAdvance(text), metrics.height())
            self._statics[text, is_strong] = found
        return found
