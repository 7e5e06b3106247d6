"""Columns: frozen ones stay, the chooser and the heading's menu change what is shown."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui import theme
from ui.tables.column_chooser import ColumnChooser
from ui.tables.header_menu import header_menu
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_header import TableHeader
from ui.tables.table_view import LiveTableView

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot, dark: theme.Theme) -> LiveTableView:
    """Return a shown table, narrower than its columns."""
    model = LiveTableModel(line_columns(), key_of, flush_ms=0, totals_ms=0)
    made = LiveTableView(model)
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(420, 240)
    with qtbot.waitExposed(made):
        made.show()
    model.upsert(Line(f"{at:02}", qty=100 - at, ts=at) for at in range(20))
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    QApplication.processEvents()
    return made


def at(view: LiveTableView, name: str) -> int:
    return view.live_model.column_index(name)


def shown(view: LiveTableView) -> str:
    return " ".join(view.live_model.columns[column].name for column in view.shown_columns())


def menu_of(view: LiveTableView, name: str) -> dict[str, object]:
    return {a.text(): a for a in header_menu(view, at(view, name)).actions()}


# -------------------------------------------------------------------------------------- freeze


def scrolled(view: LiveTableView, by: int = 90) -> LiveTableView:
    view.freeze(2)
    view.horizontalScrollBar().setValue(by)
    assert view.horizontalScrollBar().value() == by
    return view


def test_frozen_columns_stay_while_the_rest_scrolls(view: LiveTableView) -> None:
    before = view.viewport().grab().toImage()
    scrolled(view)
    after = view.viewport().grab().toImage()
    width = 60 + 70
    same = before.copy(0, 0, width - 1, 200) == after.copy(0, 0, width - 1, 200)
    assert same
    assert after.pixelColor(width - 1, 50) == theme.DARK.colour("line")
    # Right of them stands what the scroll bar says, cut off at their edge.
    assert after.copy(width, 0, 180, 200) == before.copy(width + 90, 0, 180, 200)


def test_frozen_headings_stay_and_sort_on_a_click(view: LiveTableView, qtbot: QtBot) -> None:
    header = view.horizontalHeader()
    before = header.viewport().grab().toImage()
    scrolled(view)
    after = header.viewport().grab().toImage()
    assert before.copy(0, 0, 129, 22) == after.copy(0, 0, 129, 22)
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(30, 10))
    assert view.live_model.sort_column == at(view, "id")
    assert isinstance(header, TableHeader)
    assert header.section_at(100) == at(view, "symbol")
    assert header.section_at(140) == view.columnAt(140)


def mouse(
    header: QWidget, kind: QEvent.Type, x: int, button: Qt.MouseButton, held: Qt.MouseButton
) -> None:
    viewport = header.findChild(QWidget, "qt_scrollarea_viewport")
    assert viewport is not None
    there = QPointF(viewport.mapToGlobal(QPoint(x, 10)))
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(viewport, QMouseEvent(kind, QPointF(x, 10), there, button, held, none))


def test_frozen_heading_is_resized_by_its_edge(view: LiveTableView, qtbot: QtBot) -> None:
    header = scrolled(view).horizontalHeader()
    kind, none = QEvent.Type, Qt.MouseButton.NoButton
    mouse(header, kind.MouseMove, 58, none, none)
    mouse(header, kind.MouseButtonPress, 58, LEFT, LEFT)
    for x in (70, 83):
        mouse(header, kind.MouseMove, x, none, LEFT)
    mouse(header, kind.MouseButtonRelease, 83, LEFT, none)
    assert view.columnWidth(at(view, "id")) == 85
    assert view.columnWidth(at(view, "symbol")) == 70


def test_click_on_frozen_cell_selects_its_row_and_column(view: LiveTableView, qtbot: QtBot) -> None:
    scrolled(view)
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(100, 22 * 3 + 5))
    assert view.selected_keys() == ["03"]
    assert view.currentIndex().column() == at(view, "symbol")
    rect = view.visualRect(view.currentIndex())
    assert (rect.left(), rect.width()) == (60, 70)
    assert not view.indexAt(QPoint(30, 5_000)).isValid()


def test_keyboard_brings_a_column_out_from_under_the_frozen_ones(
    view: LiveTableView, qtbot: QtBot
) -> None:
    scrolled(view, view.horizontalScrollBar().maximum())
    view.setCurrentIndex(view.live_model.index(0, at(view, "note")))
    for _ in range(5):
        qtbot.keyClick(view, Qt.Key.Key_Left)
        index = view.currentIndex()
        assert view.visualRect(index).left() >= 130
    assert view.live_model.columns[view.currentIndex().column()].name == "side"
    value = view.horizontalScrollBar().value()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.currentIndex().column() == at(view, "symbol")
    assert view.horizontalScrollBar().value() == value


def test_frozen_columns_that_leave_no_room_scroll_after_all(view: LiveTableView) -> None:
    view.freeze(7)
    lay = view.column_places()
    assert lay.frozen_width <= view.viewport().width() - 120
    assert 0 < lay.frozen < 7
    view.resize(200, 240)
    assert view.column_places().frozen == 1


def test_freeze_up_to_here_and_unfreeze_from_the_heading_menu(
    view: LiveTableView, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.columns_changed):
        menu_of(view, "side")["Freeze up to here"].trigger()  # type: ignore[attr-defined]
    assert view.frozen_count == 3
    assert "Freeze up to here" not in menu_of(view, "side")
    menu_of(view, "qty")["Unfreeze columns"].trigger()  # type: ignore[attr-defined]
    assert view.frozen_count == 0


def test_freeze_comes_back_from_saved_state_and_nonsense_does_not(
    view: LiveTableView, qtbot: QtBot
) -> None:
    view.freeze(2)
    saved = json.loads(json.dumps(view.save_state()))
    other = LiveTableView(LiveTableModel(line_columns(), key_of))
    qtbot.addWidget(other)
    other.restore_state(saved)
    assert other.frozen_count == 2
    assert other.save_state() == saved
    for nonsense in ("two", -1, 99, None, [2]):
        other.restore_state({**saved, "freeze": nonsense})
        assert other.frozen_count == 0


# ------------------------------------------------------------------------------------- chooser


@pytest.fixture
def chooser(view: LiveTableView, qtbot: QtBot) -> ColumnChooser:
    """Return the chooser of the view's columns, on screen."""
    made = ColumnChooser(view)
    made.show()
    qtbot.waitExposed(made)
    return made


def row_named(chooser: ColumnChooser, title: str) -> int:
    listed = chooser.listed
    return next(r for r in range(listed.count()) if listed.item(r).text().startswith(title))


def test_chooser_ticks_show_and_hide_columns(view: LiveTableView, chooser: ColumnChooser) -> None:
    item = chooser.listed.item(row_named(chooser, "Side"))
    assert item.checkState() == Qt.CheckState.Checked
    item.setCheckState(Qt.CheckState.Unchecked)
    assert view.isColumnHidden(at(view, "side"))
    chooser.listed.item(row_named(chooser, "Notional")).setCheckState(Qt.CheckState.Checked)
    assert not view.isColumnHidden(at(view, "notional"))


def test_chooser_keeps_the_last_column(view: LiveTableView, chooser: ColumnChooser) -> None:
    for row in range(chooser.listed.count()):
        chooser.listed.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert len(view.shown_columns()) == 1
    last = view.live_model.columns[view.shown_columns()[0]].title
    state = chooser.listed.item(row_named(chooser, last)).checkState()
    assert state == Qt.CheckState.Checked


def test_chooser_search_looks_at_titles_and_help(chooser: ColumnChooser) -> None:
    chooser.search.setText("or sell")
    left = [
        chooser.listed.item(row).text()
        for row in range(chooser.listed.count())
        if not chooser.listed.item(row).isHidden()
    ]
    assert left == ["Side  –  Buy or sell"]


def test_chooser_moves_columns_by_key_and_by_drag(
    view: LiveTableView, chooser: ColumnChooser
) -> None:
    chooser.listed.setCurrentRow(row_named(chooser, "Qty"))
    chooser.move_current(-1)
    chooser.move_current(-1)
    assert shown(view).startswith("id qty symbol side")
    chooser.move_current(1)
    assert shown(view).startswith("id symbol qty side")
    model = chooser.listed.model()
    first = model.index(0, 0)
    model.moveRow(first.parent(), 0, first.parent(), 3)  # what a drag does
    assert shown(view).startswith("symbol qty id side")
    titles = [chooser.listed.item(row).text().split()[0] for row in range(3)]
    assert titles == ["Symbol", "Qty", "Id"]


def test_chooser_moves_past_what_the_search_hides(
    view: LiveTableView, chooser: ColumnChooser
) -> None:
    chooser.search.setText("i")  # Id, Side, Limit, Time, Notional
    chooser.listed.setCurrentRow(row_named(chooser, "Side"))
    chooser.move_current(-1)
    assert shown(view).startswith("side id symbol")
    chooser.move_current(-1)
    assert shown(view).startswith("side id symbol")


def test_chooser_resets_to_what_was_declared(view: LiveTableView, chooser: ColumnChooser) -> None:
    before = view.save_state()
    chooser.listed.setCurrentRow(3)
    chooser.move_current(-1)
    chooser.listed.item(5).setCheckState(Qt.CheckState.Unchecked)
    view.freeze(2)
    chooser._on_reset_clicked()
    assert view.save_state() == before
    assert chooser.listed.item(0).text() == "Id"


def test_choose_columns_opens_over_the_table(view: LiveTableView, qtbot: QtBot) -> None:
    view.choose_columns()
    (opened,) = view.findChildren(ColumnChooser)
    qtbot.waitUntil(opened.isVisible)
    qtbot.keyClick(opened.search, Qt.Key.Key_Escape)
    assert not opened.isVisible()
