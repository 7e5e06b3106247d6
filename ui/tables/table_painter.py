"""Paints a live table: rows from their pictures, and over them what glows or has the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap

from ui import theme
from ui.tables.cell_painter import PAD
from ui.tables.column_places import ColumnPlaces, Place
from ui.tables.columns import Align
from ui.tables.families import Branch
from ui.tables.headings import Heading
from ui.tables.row_strips import RowStrips
from ui.tables.totals import MIXED

if TYPE_CHECKING:
    from ui.tables.table_view import LiveTableView

ARROW_PX: Final = 18
_LABEL_GAP: Final = 8


class _Line(NamedTuple):
    """One row of the table on screen."""

    row: int
    top: int
    key: str
    ground: str
    heading: Heading | None
    strip: QPixmap | None
    branch: Branch | None = None


class TablePainter:
    """Paints the rows of a `LiveTableView`.

    Qt paints cell by cell, 14 µs each; when an order arrives at the top thirty rows move down, and
    thirty pictures take the time of seventy cells. What comes out is the same to the pixel.

    Attributes:
        is_caching: whether rows are kept as pictures; tests compare both ways.
    """

    def __init__(self, view: LiveTableView) -> None:
        self.is_caching = True
        self.strips = RowStrips()
        self._view = view
        self._cells = view.cells
        self._model = view.live_model

    def paint(self, dirty: QRect) -> None:
        """Paint what is in `dirty`, in the viewport's pixels."""
        view = self._view
        height = view.verticalHeader().defaultSectionSize()
        first = view.rowAt(dirty.top())
        if first < 0 or height <= 0:
            return
        top = view.rowViewportPosition(first)
        count = min((dirty.bottom() - top) // height + 1, self._model.rowCount() - first)
        selected = view.selected_rows(first, first + count - 1)
        current = view.currentIndex()
        focused = None
        if current.isValid() and view.hasFocus():
            focused = (current.row(), current.column())
        self._cells.begin_pass(self._model, selected, focused)
        lay = view.column_places()
        may_cache = self._begin_strips(lay, height)
        lines = [
            self._line(row, top + height * at, selected, lay, height, may_cache)
            for at, row in enumerate(range(first, first + count))
        ]
        painter = QPainter(view.viewport())
        # Whatever a column's code raises: a painter that is never ended takes the program down.
        try:
            self._paint_part(painter, lines, lay, height, dirty, is_frozen=False)
            if lay.frozen:
                self._paint_part(painter, lines, lay, height, dirty, is_frozen=True)
            painter.setClipping(False)
            for line in lines:
                if line.heading is not None:
                    has_focus = focused is not None and focused[0] == line.row
                    self._paint_heading(painter, line, line.heading, lay, height, has_focus)
            if lay.frozen:
                edge = QRect(lay.frozen_width - 1, 0, 1, view.viewport().height())
                painter.fillRect(edge, theme.colour("line"))
        finally:
            painter.end()

    # ---------------------------------------------------------------------- rows as pictures

    def _begin_strips(self, lay: ColumnPlaces, height: int) -> bool:
        view = self._view
        ratio = view.viewport().devicePixelRatioF()
        look = (lay.places, theme.current(), view.font().key())
        rows = view.viewport().height() // height + 2
        is_room = self.strips.begin(look, lay.length, height, ratio, rows)
        return is_room and self.is_caching

    def _line(
        self,
        row: int,
        top: int,
        selected: set[int],
        lay: ColumnPlaces,
        height: int,
        may_cache: bool,
    ) -> _Line:
        key = self._model.key_at(row)
        heading = self._model.heading_at(row)
        if heading is not None:
            return _Line(row, top, key, "raised", heading, None)
        ground = "selection" if row in selected else "alternate" if row % 2 else "surface"
        strip, branch = None, self._model.branch_at(row)
        if may_cache and self._is_on_pixels(top, height, lay):
            revision = self._model.revision_at(row)
            look = ground if branch is None else f"{ground}{branch.sign}{branch.is_under:d}"
            strip = self.strips.found(key, look, revision)
            if strip is None:
                strip = self._drawn(row, ground, lay, height, branch)
                self.strips.keep(key, look, revision, strip)
        return _Line(row, top, key, ground, None, strip, branch)

    def _drawn(
        self, row: int, ground: str, lay: ColumnPlaces, height: int, branch: Branch | None
    ) -> QPixmap:
        strip = self.strips.blank()
        painter = QPainter(strip)
        try:
            painter.fillRect(0, 0, lay.length, height, theme.colour(ground))
            for place in lay.places:
                rect = QRect(place.left, 0, place.width, height)
                if branch is not None and place is lay.places[0]:
                    rect = self._paint_branch(painter, rect, branch)
                self._cells.paint_cell(painter, rect, row, place.at, None)
        finally:
            painter.end()
        return strip

    def _is_on_pixels(self, top: int, height: int, lay: ColumnPlaces) -> bool:
        """Whether a row begins and ends on whole pixels of the screen.

        At a scale such as 125% not every row does, and a picture would be off by a fraction.
        """
        viewport = self._view.viewport()
        ratio = viewport.devicePixelRatioF()
        if ratio.is_integer():
            return True
        corner = viewport.mapTo(viewport.window(), viewport.rect().topLeft())
        lengths = (corner.y() + top, height, corner.x(), lay.offset, lay.length)
        return all((length * ratio).is_integer() for length in lengths)

    # ----------------------------------------------------------------------- rows on screen

    def _paint_part(
        self,
        painter: QPainter,
        lines: list[_Line],
        lay: ColumnPlaces,
        height: int,
        dirty: QRect,
        *,
        is_frozen: bool,
    ) -> None:
        """Paint the columns that scroll, or those that don't, of all rows."""
        viewport = self._view.viewport()
        if is_frozen:
            part = QRect(0, 0, lay.frozen_width, viewport.height())
            places, shift = lay.places[: lay.frozen], 0
        else:
            part = viewport.rect().adjusted(lay.frozen_width, 0, 0, 0)
            places, shift = lay.places[lay.frozen :], -lay.offset
        part &= dirty
        if part.isEmpty():
            return
        painter.setClipRect(part)
        places = tuple(
            place
            for place in places
            if place.left + shift <= part.right() and place.left + place.width + shift > part.left()
        )
        end = lay.length + shift
        for line in lines:
            if line.heading is not None:
                continue
            if line.strip is not None:
                painter.drawPixmap(shift, line.top, line.strip)
                if end <= part.right():
                    rest = QRect(end, line.top, part.right() - end + 1, height)
                    painter.fillRect(rest, theme.colour(line.ground))
            else:
                whole = QRect(part.left(), line.top, part.width(), height)
                painter.fillRect(whole, theme.colour(line.ground))
            self._paint_cells(painter, line, places, shift, height, lay.places[0])

    def _paint_cells(
        self,
        painter: QPainter,
        line: _Line,
        places: tuple[Place, ...],
        shift: int,
        height: int,
        first: Place,
    ) -> None:
        """Paint the cells that the row's picture lacks, and the frame of the one in focus."""
        cells = self._cells
        glowing = cells.glow.columns_of(line.key)
        for place in places:
            since = glowing.get(place.at)
            if line.strip is not None and since is None:
                continue
            rect = QRect(place.left + shift, line.top, place.width, height)
            if line.strip is not None:
                painter.fillRect(rect, theme.colour(line.ground))
            if line.branch is not None and place is first:
                rect = self._paint_branch(painter, rect, line.branch)
            cells.paint_cell(painter, rect, line.row, place.at, since)
        at = cells.focused_column(line.row)
        for place in places if at is not None else ():
            if place.at == at:
                rect = QRect(place.left + shift, line.top, place.width, height)
                cells.paint_focus(painter, rect)

    def _paint_branch(self, painter: QPainter, rect: QRect, branch: Branch) -> QRect:
        """Paint the arrow before a row of a tree; return what is left of its first cell."""
        if branch.sign:
            painter.setPen(theme.colour("muted"))
            room = QRect(rect.left(), rect.top(), ARROW_PX + PAD, rect.height())
            self._cells.drawing.text(painter, room, branch.sign, Align.CENTRE)
        return rect.adjusted(branch.indent_px, 0, 0, 0)

    # ---------------------------------------------------------------------------- headings

    def _paint_heading(
        self,
        painter: QPainter,
        line: _Line,
        heading: Heading,
        lay: ColumnPlaces,
        height: int,
        has_focus: bool,
    ) -> None:
        """Paint a group's heading across the row, and its subtotals in their columns."""
        width = self._view.viewport().width()
        whole = QRect(0, line.top, width, height)
        painter.fillRect(whole, theme.colour("raised"))
        painter.fillRect(0, line.top + height - 1, width, 1, theme.colour("line"))
        end = self._paint_label(painter, heading, line.top, height)
        for at, place in enumerate(lay.places):
            column = self._model.columns[place.at]
            if column.total is None:
                continue
            is_frozen = at < lay.frozen
            left = place.left if is_frozen else place.left - lay.offset
            if left > width or left + place.width < (0 if is_frozen else lay.frozen_width):
                continue
            self._paint_subtotal(
                painter,
                line,
                place,
                QRect(left, line.top, place.width, height),
                max(end, 0 if is_frozen else lay.frozen_width),
            )
        if has_focus:
            self._cells.paint_focus(painter, whole)

    def _paint_label(self, painter: QPainter, heading: Heading, top: int, height: int) -> int:
        """Write what the heading is about and how many rows are under it; return where it ends."""
        drawing = self._cells.drawing
        painter.setPen(theme.colour("muted"))
        arrow = "▸" if heading.is_collapsed else "▾"
        drawing.text(painter, QRect(0, top, ARROW_PX + PAD, height), arrow, Align.CENTRE)
        painter.setPen(theme.colour(heading.tone or "text"))
        room = QRect(ARROW_PX, top, self._view.viewport().width() - ARROW_PX, height)
        end = ARROW_PX + PAD + drawing.text(painter, room, heading.text, Align.LEFT, is_strong=True)
        painter.setPen(theme.colour("muted"))
        beside = room.adjusted(end - ARROW_PX, 0, 0, 0)
        return end + drawing.text(painter, beside, f"{heading.count:,}", Align.LEFT) + PAD

    def _paint_subtotal(
        self, painter: QPainter, line: _Line, place: Place, rect: QRect, free_from: int
    ) -> None:
        """Write a subtotal unless the label or a frozen column is where it belongs."""
        figure = self._model.subtotal(line.row, place.at)
        if figure is None:
            return
        drawing = self._cells.drawing
        column = self._model.columns[place.at]
        align = Align.RIGHT if column.total is not None else column.align
        wide = min(drawing.width_of(figure.text, is_strong=True), rect.width() - 2 * PAD)
        if rect.right() - PAD - wide < free_from + _LABEL_GAP:
            return
        painter.setPen(theme.colour("muted" if figure.text == MIXED else "text"))
        drawing.text(painter, rect, figure.text, align, is_strong=figure.text != MIXED)


def first_place(lay: ColumnPlaces) -> tuple[int, int]:
    """Return where the first column on screen begins in the viewport, and how wide it is."""
    if not lay.places:
        return 0, 0
    first = lay.places[0]
    return first.left - (0 if lay.frozen else lay.offset), first.width
