"""The view: copying, choosing columns, keeping its state, staying where it is, and its cells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui import theme
from ui.tables.columns import Align
from ui.tables.filter_query import FilterQuery, parse
from ui.tables.live_table_model import LiveTableModel
from ui.tables.shown_table import tsv_cell
from ui.tables.table_view import LiveTableView

DOWN = Qt.SortOrder.DescendingOrder


@pytest.fixture
def view(qtbot: QtBot, dark: theme.Theme) -> LiveTableView:
    """Return a shown table of 700×200 pixels without rows, which applies changes at once."""
    made = LiveTableView(LiveTableModel(line_columns(), key_of, flush_ms=0))
    made.live_model.setParent(made)
    qtbot.addWidget(made)
    made.resize(700, 200)
    with qtbot.waitExposed(made):
        made.show()
    return made


def fill(view: LiveTableView, count: int) -> list[Line]:
    lines = [Line(f"{at:03}", qty=at, done=at // 2, ts=at) for at in range(count)]
    view.live_model.upsert(lines)
    QApplication.processEvents()  # Qt lays out, and learns how far it can scroll, a little later
    return lines


def column(view: LiveTableView, name: str) -> int:
    return view.live_model.column_index(name)


def picture(view: LiveTableView) -> QImage:
    return view.viewport().grab().toImage()


def colours_in(view: LiveTableView, row: int, name: str) -> set[str]:
    rect = view.visualRect(view.live_model.index(row, column(view, name)))
    image = picture(view)
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right() + 1)
        for y in range(rect.top(), rect.bottom() + 1)
    }


# ---------------------------------------------------------------------------------------- copy


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("AAPL", "AAPL"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd", "'+cmd"),
        ("-2+3", "'-2+3"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("-0.4", "-0.4"),
        ("+1,250.5%", "+1,250.5%"),
        ("-.5", "-.5"),
        ("-", "'-"),
        ("a\tb\nc", "a b c"),
        ('say "so"', '"say ""so"""'),
        ('="x"', '"\'=""x"""'),
        ("", ""),
    ],
)
def test_tsv_cell_is_harmless_in_a_spreadsheet(text: str, field: str) -> None:
    assert tsv_cell(text) == field


def test_copy_key_puts_shown_columns_of_selected_rows_on_clipboard(
    view: LiveTableView, qtbot: QtBot
) -> None:
    fill(view, 5)
    for name in ("symbol", "side", "done_pct", "limit", "time", "note"):
        view.setColumnHidden(column(view, name), True)
    view.horizontalHeader().moveSection(view.horizontalHeader().visualIndex(3), 0)
    view.sortByColumn(column(view, "qty"), DOWN)
    view.select_keys(["001", "003"])
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Qty\tId\n3\t003\n1\t001\n"


def test_copy_without_selection_leaves_the_clipboard_alone(
    view: LiveTableView, qtbot: QtBot
) -> None:
    fill(view, 2)
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"


# ------------------------------------------------------------------------------------- columns


def test_columns_at_first_are_as_declared(view: LiveTableView) -> None:
    assert view.isColumnHidden(column(view, "notional"))
    assert not view.isColumnHidden(column(view, "qty"))
    assert view.columnWidth(column(view, "note")) == 120
    assert view.live_model.sort_column == -1


def test_column_menu_shows_and_hides_columns(view: LiveTableView, qtbot: QtBot) -> None:
    actions = {action.data(): action for action in view.column_menu().actions()}
    assert actions["side"].isChecked()
    assert actions["side"].toolTip() == "Buy or sell"
    assert not actions["notional"].isChecked()
    with qtbot.waitSignal(view.columns_changed):
        actions["side"].trigger()
    assert view.isColumnHidden(column(view, "side"))
    actions["notional"].trigger()
    assert not view.isColumnHidden(column(view, "notional"))


def test_column_menu_keeps_the_last_column(view: LiveTableView) -> None:
    for name in ("symbol", "side", "qty", "done_pct", "limit", "time", "note"):
        view.show_column(column(view, name), False)
    (last,) = (action for action in view.column_menu().actions() if action.isChecked())
    assert last.data() == "id"
    assert not last.isEnabled()
    view.show_column(column(view, "id"), False)
    assert not view.isColumnHidden(column(view, "id"))


def test_reset_columns_undoes_moving_hiding_and_resizing(view: LiveTableView) -> None:
    before = view.save_state()
    header = view.horizontalHeader()
    header.moveSection(0, 5)
    header.moveSection(2, 7)
    header.resizeSection(1, 333)
    view.show_column(3, False)
    assert view.save_state() != before
    view.reset_columns()
    assert view.save_state() == before


def test_click_on_heading_sorts_and_again_the_other_way(view: LiveTableView, qtbot: QtBot) -> None:
    fill(view, 3)
    header = view.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(column(view, "qty")) + 20, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    first = view.live_model.sort_order
    assert view.live_model.sort_column == column(view, "qty")
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert view.live_model.sort_column == column(view, "qty")
    assert view.live_model.sort_order != first


# --------------------------------------------------------------------------------------- state


def test_state_through_json_comes_back_in_another_view(view: LiveTableView, qtbot: QtBot) -> None:
    header = view.horizontalHeader()
    header.moveSection(header.visualIndex(column(view, "note")), 0)
    header.resizeSection(column(view, "qty"), 99)
    view.show_column(column(view, "side"), False)
    view.show_column(column(view, "notional"), True)
    view.sortByColumn(column(view, "time"), DOWN)
    saved = json.loads(json.dumps(view.save_state()))
    other = LiveTableView(LiveTableModel(line_columns(), key_of))
    qtbot.addWidget(other)
    other.restore_state(saved)
    assert other.save_state() == saved
    assert other.live_model.sort_column == column(view, "time")
    assert other.live_model.sort_order == DOWN
    # A hidden column keeps the width that it comes back with.
    other.show_column(column(view, "side"), True)
    assert other.columnWidth(column(view, "side")) == 48


def test_restore_of_columns_that_are_gone_or_new_keeps_the_rest(view: LiveTableView) -> None:
    columns = [
        {"name": "vanished", "width": 10, "visible": True},
        {"name": "note", "width": 77, "visible": True},
        {"name": "qty", "width": 66, "visible": True},
    ]
    view.restore_state({"version": 1, "columns": columns, "sort": {"column": "vanished"}})
    header = view.horizontalHeader()
    order = [view.live_model.columns[header.logicalIndex(at)].name for at in range(3)]
    assert order == ["note", "qty", "id"]
    assert view.columnWidth(column(view, "note")) == 77
    assert view.live_model.sort_column == -1


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"version": 99, "columns": [{"name": "qty", "width": 5, "visible": False}]},
        {"version": 1, "columns": "none", "sort": 5},
        {"version": 1, "columns": [None, 5, {"name": 7}, {"name": "qty", "width": -5}]},
        {"version": 1, "columns": [{"name": "qty", "width": "wide"}], "sort": {"order": "desc"}},
    ],
)
def test_restore_of_nonsense_leaves_widths_and_sort(
    view: LiveTableView, state: dict[str, Any]
) -> None:
    view.restore_state(state)
    assert view.columnWidth(column(view, "qty")) == 70
    assert not view.isColumnHidden(column(view, "qty"))
    assert view.live_model.sort_column == -1


def test_restore_that_hides_every_column_shows_the_declared_ones(view: LiveTableView) -> None:
    columns = [{"name": c.name, "visible": False} for c in line_columns()]
    view.restore_state({"version": 1, "columns": columns})
    assert not view.isColumnHidden(column(view, "qty"))
    assert view.isColumnHidden(column(view, "notional"))


# ----------------------------------------------------------------------------- staying in place


def top_key(view: LiveTableView) -> str:
    return view.live_model.key_at(view.rowAt(0))


def test_new_rows_above_do_not_push_what_is_being_read(view: LiveTableView) -> None:
    fill(view, 100)
    view.sortByColumn(column(view, "time"), DOWN)
    view.verticalScrollBar().setValue(40)
    reading = top_key(view)
    view.live_model.upsert(Line(f"n{at}", ts=1_000 + at) for at in range(5))
    assert top_key(view) == reading
    # More runs than are put in one by one, and some rows go.
    view.live_model.upsert(Line(f"m{at}", ts=at) for at in range(60, 100, 2))
    view.live_model.remove(["099", "098"])
    assert top_key(view) == reading


def test_new_rows_at_the_top_are_shown_when_the_top_is(view: LiveTableView) -> None:
    fill(view, 100)
    view.sortByColumn(column(view, "time"), DOWN)
    view.live_model.upsert([Line("new", ts=1_000)])
    assert top_key(view) == "new"


def test_row_that_leaves_the_screen_does_not_take_the_screen_along(view: LiveTableView) -> None:
    lines = fill(view, 100)
    view.sortByColumn(column(view, "qty"), DOWN)
    view.verticalScrollBar().setValue(40)
    top = view.rowAt(0)
    moved, below = view.live_model.key_at(top), view.live_model.key_at(top + 1)
    y = view.rowViewportPosition(top + 1)
    lines[int(moved)].qty = 10_000
    view.live_model.touch([moved])
    assert view.live_model.row_of_key(moved) == 0
    assert view.rowViewportPosition(view.live_model.row_of_key(below)) == y


def test_reset_keeps_the_selection_by_key(view: LiveTableView) -> None:
    lines = fill(view, 10)
    view.select_keys(["002", "007"])
    view.live_model.reset(lines[5:])
    assert view.selected_keys() == ["007"]


def test_hidden_table_holds_changes_back_until_it_is_shown(view: LiveTableView) -> None:
    view.hide()
    fill(view, 3)
    assert view.live_model.visible_count == 0
    view.show()
    assert view.live_model.visible_count == 3


def test_rows_are_22_px_high_and_18_when_compact(view: LiveTableView) -> None:
    fill(view, 2)
    assert view.rowHeight(1) == 22
    view.set_compact(True)
    assert view.rowHeight(1) == 18


# -------------------------------------------------------------------------------------- painting


def test_empty_table_says_why_and_something_else_when_filtered(view: LiveTableView) -> None:
    blank = picture(view)
    view.set_empty_text("No orders yet", "Ctrl+T opens a ticket")
    empty = picture(view)
    fill(view, 2)
    query = parse("qty>1k", line_columns())
    assert isinstance(query, FilterQuery)
    view.live_model.set_filter(query)
    filtered = picture(view)
    assert blank != empty
    assert empty != filtered
    view.live_model.set_filter(None)
    assert picture(view) != filtered


def test_cell_is_painted_in_its_tone_and_lifted_when_selected(view: LiveTableView) -> None:
    fill(view, 3)
    assert theme.DARK.colour("buy").name() in colours_in(view, 1, "side")
    view.select_keys(["001"])
    found = colours_in(view, 1, "side")
    assert theme.DARK.colour("selection").name() in found
    assert theme.DARK.colour("buy").name() not in found
    assert theme.DARK.colour("buy+").name() in found


def test_bar_fills_its_share_of_the_cell(view: LiveTableView) -> None:
    view.live_model.upsert([Line("half", qty=100, done=50), Line("none", qty=100)])
    rect = view.visualRect(view.live_model.index(0, column(view, "done_pct")))
    image = picture(view)
    bar = theme.DARK.colour("bar")
    y = rect.top() + 5
    filled = sum(image.pixelColor(x, y) == bar for x in range(rect.left(), rect.right() + 1))
    assert filled == (rect.width() - 12) // 2
    assert bar.name() not in colours_in(view, 1, "done_pct")


def test_number_too_wide_for_its_column_is_not_cut_into_another(view: LiveTableView) -> None:
    view.live_model.upsert([Line("a", qty=123_456_789, symbol="A VERY LONG NAME")])
    drawing = view.cells.drawing
    assert set(drawing.shortened("123,456,789", Align.RIGHT, 40)) == {"#"}
    text = drawing.shortened("A VERY LONG NAME", Align.LEFT, 40)
    assert text.startswith("A")
    assert text.endswith("…")


def test_theme_changed_while_running_repaints_cells_in_its_colours(
    view: LiveTableView, qapp: QApplication
) -> None:
    fill(view, 2)
    assert theme.DARK.colour("buy").name() in colours_in(view, 1, "side")
    theme.apply(qapp, theme.LIGHT)
    found = colours_in(view, 1, "side")
    assert theme.LIGHT.colour("buy").name() in found
    assert theme.LIGHT.colour("alternate").name() in found


# ------------------------------------------------------------------------------------- the glow


class Clock:
    """A clock in milliseconds that stands still until it is told."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(view: LiveTableView) -> Clock:
    """Return the clock that the view's glow goes by."""
    view.cells.glow.clock_ms = found = Clock()
    return found


def test_changed_cell_glows_fades_and_then_costs_nothing(view: LiveTableView, clock: Clock) -> None:
    lines = fill(view, 3)
    picture(view)
    assert not view.cells.glow.is_on
    lines[1].qty = 77
    view.live_model.touch(["001"])
    assert view.cells.glow.is_on
    glow = theme.DARK.colour("glow").name()
    assert glow in colours_in(view, 1, "qty")
    assert glow not in colours_in(view, 1, "side")
    clock.now += 300
    assert glow not in colours_in(view, 1, "qty")
    assert theme.DARK.colour("alternate").name() not in colours_in(view, 1, "qty")
    clock.now += 301
    view.cells.glow.fade()
    assert not view.cells.glow.is_on
    assert theme.DARK.colour("alternate").name() in colours_in(view, 1, "qty")


def test_glow_switched_off_never_starts(view: LiveTableView, clock: Clock) -> None:
    view.cells.glow.glow_ms = 0
    lines = fill(view, 3)
    picture(view)
    lines[1].qty = 77
    view.live_model.touch(["001"])
    assert not view.cells.glow.is_on
    assert theme.DARK.colour("glow").name() not in colours_in(view, 1, "qty")


def test_new_row_does_not_glow(view: LiveTableView, clock: Clock) -> None:
    fill(view, 3)
    picture(view)
    view.live_model.upsert([Line("new")])
    assert not view.cells.glow.is_on


def test_tooltip_of_narrow_cell_tells_its_whole_text(view: LiveTableView, qtbot: QtBot) -> None:
    view.live_model.upsert([Line("a", note="a long story that does not fit into its column")])
    shown: list[str] = []
    index = view.live_model.index(0, column(view, "note"))
    at = view.visualRect(index).center()

    class Tip(QToolTip):
        @staticmethod
        def showText(*args: Any) -> None:
            shown.append(args[1])

    from PySide6.QtGui import QHelpEvent

    from ui.tables import delegates

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delegates, "QToolTip", Tip)
        event = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
        QApplication.sendEvent(view.viewport(), event)
    assert shown == ["a long story that does not fit into its column"]


def test_colour_of_ground_is_the_surface(view: LiveTableView) -> None:
    fill(view, 1)
    assert picture(view).pixelColor(3, 150) == QColor(theme.DARK.surface)
