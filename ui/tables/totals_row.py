"""The row of totals below a live table, each figure under its column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Slot
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollBar, QToolTip, QVBoxLayout

from ui import theme
from ui.tables.cell_painter import PAD, CellPainter
from ui.tables.columns import Align
from ui.tables.totals import MIXED, Figure

if TYPE_CHECKING:
    from ui.tables.table_view import LiveTableView


class TotalsRow(QFrame):
    """What the columns of a `LiveTableView` total over the rows that pass its filter.

    It holds the table's horizontal scroll bar, shown when there is something to scroll.
    """

    def __init__(self, view: LiveTableView) -> None:
        super().__init__(view.parentWidget())
        self._view = view
        self._drawing = CellPainter(self)
        self.setFont(theme.table_font())
        self.setAccessibleName("Totals")
        self._bar = QScrollBar(Qt.Orientation.Horizontal, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.ROW_PX + 1, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        of_view = view.horizontalScrollBar()
        of_view.rangeChanged.connect(self._on_range_changed)
        of_view.valueChanged.connect(self._on_scrolled)
        self._bar.valueChanged.connect(of_view.setValue)
        view.columns_changed.connect(self._on_changed)
        view.live_model.totals_changed.connect(self._on_changed)
        self._on_range_changed(of_view.minimum(), of_view.maximum())

    def figure(self, name: str) -> Figure | None:
        """Return what the column called `name` totals."""
        model = self._view.live_model
        return model.total(model.column_index(name))

    # ------------------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the figures, frozen columns over those that are scrolled under them."""
        painter = QPainter(self)
        try:
            self._paint_figures(painter)
        finally:
            painter.end()

    def _paint_figures(self, painter: QPainter) -> None:
        strip = QRect(0, 0, self.width(), theme.ROW_PX + 1)
        painter.fillRect(strip, theme.colour("raised"))
        painter.fillRect(0, 0, self.width(), 1, theme.colour("line"))
        lay = self._view.column_places()
        left_edge = self._label(painter)
        for at, rect in self._rects():
            is_frozen = lay.x_of(at) is not None
            self._paint_figure(
                painter, at, rect, max(left_edge, 0 if is_frozen else lay.frozen_width)
            )

    def _label(self, painter: QPainter) -> int:
        """Write how many rows are totalled; return where that ends."""
        count = self._view.live_model.visible_count
        painter.setPen(theme.colour("muted"))
        room = QRect(0, 1, self.width(), theme.ROW_PX)
        return PAD + self._drawing.text(painter, room, f"Σ {count:,}", Align.LEFT) + PAD

    def _paint_figure(self, painter: QPainter, at: int, rect: QRect, free_from: int) -> None:
        figure = self._view.live_model.total(at)
        if figure is None:
            return
        is_mixed = figure.text == MIXED
        wide = self._drawing.width_of(figure.text, is_strong=not is_mixed)
        if rect.right() - PAD - min(wide, rect.width() - 2 * PAD) < free_from:
            return
        painter.setPen(theme.colour("muted" if is_mixed else "text"))
        self._drawing.text(painter, rect, figure.text, Align.RIGHT, is_strong=not is_mixed)

    def _rects(self) -> list[tuple[int, QRect]]:
        """Return where the figures of columns that total belong."""
        view = self._view
        lay = view.column_places()
        origin = self.mapFromGlobal(view.viewport().mapToGlobal(QPoint(0, 0))).x()
        rects = []
        for number, place in enumerate(lay.places):
            if view.live_model.columns[place.at].total is not None:
                scrolled = 0 if number < lay.frozen else lay.offset
                left = origin + place.left - scrolled
                rects.append((place.at, QRect(left, 1, place.width, theme.ROW_PX)))
        return rects

    def event(self, event: QEvent) -> bool:
        """Tell in a tooltip what a figure is, and what it is made of if it is mixed."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for at, rect in self._rects():
                if rect.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), self._explanation(at), self)
                    return True
        return super().event(event)

    def _explanation(self, at: int) -> str:
        column = self._view.live_model.columns[at]
        figure = self._view.live_model.total(at)
        if figure is None or column.total is None:
            return ""
        how = {"sum": "Sum", "count": "Count", "mean": "Average"}[column.total.kind.value]
        if column.total.weight:
            how = "Weighted average"
        return "\n".join((f"{how} of {column.title}: {figure.text}", *figure.lines))

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._drawing.forget_fonts()
        super().changeEvent(event)

    # --------------------------------------------------------------------------------- slots

    @Slot()
    def _on_changed(self) -> None:
        self.update()

    @Slot(int, int)
    def _on_range_changed(self, low: int, high: int) -> None:
        of_view = self._view.horizontalScrollBar()
        self._bar.setRange(low, high)
        self._bar.setPageStep(of_view.pageStep())
        self._bar.setSingleStep(of_view.singleStep())
        self._bar.setValue(of_view.value())
        self._bar.setVisible(high > low)
        self.update()

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        self._bar.setValue(value)
        self.update()
