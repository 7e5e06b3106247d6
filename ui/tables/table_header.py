"""The headings of a live table's columns; those of frozen columns stay at the left edge."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QHelpEvent, QHoverEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QWidget

from ui import theme
from ui.tables.column_places import ColumnPlaces


class TableHeader(QHeaderView):
    """A header in which the first columns may be frozen.

    Qt knows nothing of frozen sections: they are painted over those that are scrolled under them,
    and what the mouse does on them is told to Qt as if it happened where Qt has them. Moves at
    negative places it ignores, so frozen sections that are scrolled away are resized here.
    """

    def __init__(self, places: Callable[[], ColumnPlaces], parent: QWidget) -> None:
        """`places` says where the columns stand."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._places = places
        self._resized: tuple[int, int] | None = None  # which section, and its width less the mouse
        self.setSectionsClickable(True)

    def section_at(self, x: int) -> int:
        """Return the column whose heading is at `x` in the viewport, -1 for none."""
        return self.logicalIndexAt(x - self._shift(x))

    def _shift(self, x: float) -> int:
        """Return how far from where Qt has it a point of the header is shown."""
        lay = self._places()
        return lay.offset if x < lay.frozen_width else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sections, and over them the frozen ones."""
        super().paintEvent(event)
        lay = self._places()
        if not lay.frozen:
            return
        painter = QPainter(self.viewport())
        height = self.viewport().height()
        painter.setClipRect(0, 0, lay.frozen_width, height)
        painter.fillRect(0, 0, lay.frozen_width, height, theme.colour("raised"))
        for place in lay.places[: lay.frozen]:
            painter.save()
            self.paintSection(painter, QRect(place.left, 0, place.width, height), place.at)
            painter.restore()
        painter.fillRect(lay.frozen_width - 1, 0, 1, height, theme.colour("line"))
        painter.end()

    # ----------------------------------------------------------------------------- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a press; on the edge of a frozen heading it begins to resize."""
        x = event.position().x()
        section = self._edge_at(x)
        if section >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._resized = (section, self.sectionSize(section) - round(x))
            return
        super().mousePressEvent(self._moved(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take a move."""
        x = event.position().x()
        if self._resized is not None:
            section, rest = self._resized
            self.resizeSection(section, max(self.minimumSectionSize(), round(x) + rest))
        elif self._shift(x) and event.buttons() == Qt.MouseButton.NoButton:
            if self._edge_at(x) >= 0:
                self.setCursor(Qt.CursorShape.SplitHCursor)
            else:
                self.unsetCursor()
        else:
            super().mouseMoveEvent(self._moved(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take a release."""
        if self._resized is not None:
            self._resized = None
            return
        super().mouseReleaseEvent(self._moved(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take a double click."""
        super().mouseDoubleClickEvent(self._moved(event))

    def _edge_at(self, x: float) -> int:
        """Return the scrolled, frozen section whose right edge is at `x`, -1 for none."""
        if not self._shift(x):
            return -1
        grip = self.style().pixelMetric(QStyle.PixelMetric.PM_HeaderGripMargin, None, self)
        lay = self._places()
        for place in lay.places[: lay.frozen]:
            if abs(x - (place.left + place.width)) <= grip:
                return place.at
        return -1

    def viewportEvent(self, event: QEvent) -> bool:
        """Let tooltips and the hovered heading be those of the frozen columns too."""
        if isinstance(event, QHelpEvent) and (shift := self._shift(event.pos().x())):
            there = event.pos()
            there.setX(there.x() - shift)
            return super().viewportEvent(QHelpEvent(event.type(), there, event.globalPos()))
        if isinstance(event, QHoverEvent) and (shift := self._shift(event.position().x())):
            back = QPointF(shift, 0)
            moved = QHoverEvent(
                event.type(),
                event.position() - back,
                event.globalPosition(),
                event.oldPosF() - back,
                event.modifiers(),
            )
            return super().viewportEvent(moved)
        return super().viewportEvent(event)

    def _moved(self, event: QMouseEvent) -> QMouseEvent:
        """Return the event where Qt has the section that it happened on."""
        shift = self._shift(event.position().x())
        if not shift:
            return event
        return QMouseEvent(
            event.type(),
            event.position() - QPointF(shift, 0),
            event.globalPosition(),
            event.button(),
            event.buttons(),
            event.modifiers(),
        )
