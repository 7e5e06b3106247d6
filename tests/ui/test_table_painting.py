"""Rows painted from pictures: the same to the pixel as Qt's own painting, whatever happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui import theme
from ui.tables.live_table_model import LiveTableModel
from ui.tables.row_strips import RowStrips
from ui.tables.table_view import LiveTableView

DOWN = Qt.SortOrder.DescendingOrder


class QtPaintedView(LiveTableView):
    """Paints as Qt does: every cell through the delegate, every time."""

    def paintEvent(self, event: QPaintEvent) -> None:
        current = self.currentIndex()
        focused = (current.row(), current.column()) if self.hasFocus() else None
        selected = self.selected_rows(0, self.live_model.rowCount() - 1)
        self.cells.begin_pass(self.live_model, selected, focused)
        QTableView.paintEvent(self, event)


class Pair:
    """Two views of one model, ours and one that Qt paints."""

    def __init__(self, qtbot: QtBot) -> None:
        self.model = LiveTableModel(line_columns(), key_of, flush_ms=0, totals_ms=0)
        self.lines = [
            Line(f"{at:03}", symbol=f"S{at % 7}", qty=100 + at, done=at * 3 % 90, ts=at, px=at or 1)
            for at in range(60)
        ]
        self.ours, self.qts = LiveTableView(self.model), QtPaintedView(self.model)
        for view in (self.ours, self.qts):
            self.model.setParent(self.ours)
            qtbot.addWidget(view)
            view.resize(560, 300)  # narrower than the columns: no ground beyond them
            view.show()
            view.cells.glow.clock_ms = lambda: 1_000.0
        self.qts.setSelectionModel(self.ours.selectionModel())
        self.model.upsert(self.lines)
        self.ours.sortByColumn(self.model.column_index("time"), DOWN)
        QApplication.processEvents()

    def both(self) -> tuple[LiveTableView, LiveTableView]:
        return self.ours, self.qts

    def grabs(self) -> tuple[QImage, QImage]:
        ours, qts = (view.viewport().grab().toImage() for view in self.both())
        return ours, qts

    def check(self) -> None:
        for _ in range(2):  # drawn, and then from pictures
            ours, qts = self.grabs()
            assert ours == qts


@pytest.fixture
def pair(qtbot: QtBot, dark: theme.Theme) -> Pair:
    """Return two views of sixty rows."""
    return Pair(qtbot)


def insert_at_top(pair: Pair) -> None:
    for at in range(3):
        pair.model.upsert([Line(f"new{at}", ts=1_000 + at, qty=7)])
        pair.check()


def change_rows(pair: Pair) -> None:
    pair.check()
    for at in (59, 57, 50):
        pair.lines[at].qty += 5
        pair.lines[at].side = "sell"
    pair.model.touch(["059", "057", "050"])  # glows, at its brightest
    pair.check()
    for view in pair.both():
        view.cells.glow.clock_ms = lambda: 1_300.0  # half faded
    pair.check()


def select_rows(pair: Pair) -> None:
    pair.check()
    pair.ours.select_keys(["058", "055", "054"])
    pair.check()
    pair.ours.clearSelection()


def scroll(pair: Pair) -> None:
    for view in pair.both():
        view.verticalScrollBar().setValue(13)
        view.horizontalScrollBar().setValue(37)
    pair.check()


def change_columns(pair: Pair) -> None:
    pair.check()
    for view in pair.both():
        header = view.horizontalHeader()
        header.moveSection(0, 3)
        header.resizeSection(2, 21 + 40)
        header.resizeSection(3, 28)  # figures no longer fit
        view.setColumnHidden(1, True)
        view.setColumnHidden(6, False)
    pair.check()


def change_theme(pair: Pair) -> None:
    pair.check()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, theme.LIGHT)
    pair.check()


def change_font_and_height(pair: Pair) -> None:
    pair.check()
    larger = QFont(theme.table_font())
    larger.setPixelSize(15)
    for view in pair.both():
        view.setFont(larger)
        view.set_compact(True)
    QApplication.processEvents()
    pair.check()


def remove_and_filter(pair: Pair) -> None:
    pair.check()
    pair.model.remove(["059", "056"])
    pair.check()
    pair.model.upsert([Line("059", ts=59, qty=1, note="another row of this key")])
    pair.check()
    pair.model.reset([Line(line.key, qty=5, ts=line.ts) for line in pair.lines])
    pair.check()


@pytest.mark.parametrize(
    "happens",
    [
        insert_at_top,
        change_rows,
        select_rows,
        scroll,
        change_columns,
        change_theme,
        change_font_and_height,
        remove_and_filter,
    ],
)
def test_rows_from_pictures_are_what_qt_paints(pair: Pair, happens: Callable[[Pair], None]) -> None:
    happens(pair)
    assert len(pair.ours.painting.strips) > 0


def test_focused_cell_is_framed_as_qt_frames_it(pair: Pair, qtbot: QtBot) -> None:
    pair.ours.activateWindow()
    pair.ours.setFocus()
    qtbot.waitUntil(pair.ours.hasFocus)
    pair.ours.setCurrentIndex(pair.model.index(2, 3))
    framed = pair.ours.viewport().grab().toImage()
    pair.qts.hasFocus = lambda: True  # type: ignore[method-assign]
    assert framed == pair.qts.viewport().grab().toImage()
    rect = pair.ours.visualRect(pair.model.index(2, 3))
    assert framed.pixelColor(rect.topLeft()) == theme.DARK.colour("accent")


def test_one_new_row_at_the_top_draws_only_what_is_new(pair: Pair) -> None:
    for at in range(2):  # the first moves every row to its other ground
        pair.model.upsert([Line(f"first{at}", ts=1_000 + at)])
        pair.ours.viewport().grab()
    drawn: list[int] = []
    draw = pair.ours.painting._drawn

    def counted(row: int, *rest: object) -> object:
        drawn.append(row)
        return draw(row, *rest)  # type: ignore[arg-type]

    pair.ours.painting._drawn = counted  # type: ignore[method-assign,assignment]
    pair.model.upsert([Line("new", ts=2_000)])
    pair.ours.viewport().grab()
    assert drawn == [0, 1]  # the new row, and the last new one on its other ground


def test_rows_beside_the_columns_keep_their_ground(pair: Pair) -> None:
    pair.ours.resize(1_200, 300)
    QApplication.processEvents()
    pair.ours.select_keys(["058"])
    image = pair.ours.viewport().grab().toImage()
    x = pair.ours.viewport().width() - 5
    assert image.pixelColor(x, 5) == theme.DARK.colour("surface")
    assert image.pixelColor(x, 27) == theme.DARK.colour("selection")
    assert image.pixelColor(x, 71) == theme.DARK.colour("alternate")


def test_pictures_are_bounded_and_forgotten_when_hidden(pair: Pair) -> None:
    for at in range(0, 40, 5):
        pair.ours.verticalScrollBar().setValue(at)
        pair.ours.viewport().grab()
    assert 0 < len(pair.ours.painting.strips) <= 3 * (300 // 22 + 3)
    pair.ours.hide()
    assert len(pair.ours.painting.strips) == 0


def test_strips_too_large_for_their_memory_are_not_kept(qapp: QApplication) -> None:
    strips = RowStrips()
    assert strips.begin("look", 1_500, 22, 1.0, 30)
    assert not strips.begin("look", 60_000, 40, 2.0, 100)


def test_strip_of_another_revision_or_look_is_gone(qapp: QApplication) -> None:
    strips = RowStrips()
    strips.begin("dark", 100, 22, 1.0, 10)
    strips.keep("a", "surface", 1, strips.blank())
    assert strips.found("a", "surface", 1) is not None
    assert strips.found("a", "alternate", 1) is None
    assert strips.found("a", "surface", 2) is None
    strips.keep("a", "surface", 2, strips.blank())
    strips.begin("light", 100, 22, 1.0, 10)
    assert strips.found("a", "surface", 2) is None


@pytest.mark.parametrize(("ratio", "cached"), [(1.0, True), (2.0, True), (1.25, False)])
def test_row_between_pixels_of_a_scaled_screen_is_not_pictured(
    pair: Pair, ratio: float, cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    painting, viewport = pair.ours.painting, pair.ours.viewport()
    monkeypatch.setattr(viewport, "devicePixelRatioF", lambda: ratio)
    lay = pair.ours.column_places()
    corner = viewport.mapTo(viewport.window(), viewport.rect().topLeft()).y()
    tops = [top for top in range(0, 88, 22)]
    whole = [painting._is_on_pixels(top, 22, lay) for top in tops]
    if cached:
        assert all(whole)
    else:
        assert corner == 22
        assert not all(whole)


def test_column_that_raises_while_painted_takes_nothing_down(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.check()
    monkeypatch.setattr(pair.model, "cell", lambda row, column: 1 / 0)
    pair.ours.painting.strips.clear()
    with pytest.raises(ZeroDivisionError):
        pair.ours.viewport().repaint()
    monkeypatch.undo()
    pair.check()
