"""Groups: headings with subtotals, folded and walked over by keys, and skipped by copies."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui import theme
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

DOWN = Qt.SortOrder.DescendingOrder


@pytest.fixture
def view(qtbot: QtBot, dark: theme.Theme) -> LiveTableView:
    """Return a shown table of two sells and three buys in two names, grouped by side."""
    model = LiveTableModel(line_columns(), key_of, flush_ms=0, totals_ms=0)
    made = LiveTableView(model)
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitExposed(made):
        made.show()
    model.upsert(
        [
            Line("a", side="sell", symbol="MSFT", qty=10, px=2_000_000_000, done=1),
            Line("b", side="buy", symbol="AAPL", qty=20, px=3_000_000_000, done=2),
            Line("c", side="buy", symbol="MSFT", qty=30, px=4_000_000_000),
            Line("d", side="sell", symbol="MSFT", qty=40, px=5_000_000_000, done=2, ccy="EUR"),
            Line("e", side="buy", symbol="AAPL", qty=50),
        ]
    )
    made.group_by("side")
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    QApplication.processEvents()
    return made


def told(view: LiveTableView) -> str:
    """Return rows and [headings] from top to bottom."""
    model = view.live_model
    said = []
    for row in range(model.rowCount()):
        heading = model.heading_at(row)
        said.append(f"[{heading.text} {heading.count}]" if heading else model.key_at(row))
    return " ".join(said)


def press(view: LiveTableView, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(view, key)


def stand_on(view: LiveTableView, row: int) -> None:
    view.setCurrentIndex(view.live_model.index(row, 0))


def test_group_by_puts_rows_under_headings_sorted_inside(view: LiveTableView) -> None:
    assert told(view) == "[BUY 3] b c e [SELL 2] a d"
    view.sortByColumn(view.live_model.column_index("qty"), DOWN)
    assert told(view) == "[BUY 3] e c b [SELL 2] d a"
    view.sortByColumn(view.live_model.column_index("side"), DOWN)
    assert told(view) == "[SELL 2] a d [BUY 3] b c e"
    view.group_by(None)
    assert told(view) == "a d b c e"


@pytest.mark.parametrize("name", ["qty", "nothing"])
def test_group_by_what_is_no_column_of_texts_is_refused(view: LiveTableView, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        view.live_model.group_by(name)


def test_row_that_changes_its_group_moves_and_subtotals_follow(view: LiveTableView) -> None:
    model = view.live_model
    qty = model.column_index("qty")
    row = model.row_for("a")
    assert row is not None
    row.side = "buy"
    model.touch(["a"])
    assert told(view) == "[BUY 4] a b c e [SELL 1] d"
    assert model.subtotal(0, qty).text == "110"  # type: ignore[union-attr]
    model.remove(["d"])
    assert told(view) == "[BUY 4] a b c e"


def test_subtotals_keep_currencies_and_names_apart(view: LiveTableView) -> None:
    model = view.live_model
    notional, limit = model.column_index("notional"), model.column_index("limit")
    buys, sells = (model.subtotal(row, notional) for row in (0, 4))
    assert buys is not None
    assert buys.text == "180"
    assert sells is not None
    assert (sells.text, sells.value) == ("mixed", None)
    assert sells.lines == ("EUR 200", "USD 20")
    average = model.subtotal(4, limit)
    assert average is not None
    assert average.text == "4.00"  # (2×1 + 5×2) / 3
    mixed = model.subtotal(0, limit)
    assert mixed is not None
    # What has no fill has no weight: one name's average is there, the other's is not.
    assert mixed.lines == ("AAPL 3.00",)


def test_heading_can_be_walked_over_but_not_selected_or_edited(view: LiveTableView) -> None:
    model = view.live_model
    flags = model.flags(model.index(0, 3))
    assert flags & Qt.ItemFlag.ItemIsEnabled
    assert not flags & (Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable)
    with pytest.raises(IndexError):
        model.row_at(0)
    view.selectAll()
    assert view.selected_keys() == ["b", "c", "e", "a", "d"]
    assert [index.row() for index in view.selectionModel().selectedRows()] == [1, 2, 3, 5, 6]


def test_heading_says_itself_to_a_screen_reader(view: LiveTableView) -> None:
    said = view.live_model.index(4, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Group SELL, 2 rows, expanded"


def test_left_and_right_fold_and_unfold_where_the_keyboard_is(
    view: LiveTableView, qtbot: QtBot
) -> None:
    stand_on(view, 0)
    press(view, qtbot, Qt.Key.Key_Left)
    assert told(view) == "[BUY 3] [SELL 2] a d"
    press(view, qtbot, Qt.Key.Key_Left)
    assert told(view) == "[BUY 3] [SELL 2] a d"
    assert view.currentIndex().row() == 0
    press(view, qtbot, Qt.Key.Key_Right)
    assert told(view) == "[BUY 3] b c e [SELL 2] a d"
    press(view, qtbot, Qt.Key.Key_Return)
    assert told(view) == "[BUY 3] [SELL 2] a d"


def test_left_in_the_first_column_goes_up_to_the_heading(view: LiveTableView, qtbot: QtBot) -> None:
    stand_on(view, 6)
    press(view, qtbot, Qt.Key.Key_Left)
    assert view.currentIndex().row() == 4
    view.setCurrentIndex(view.live_model.index(6, 2))
    press(view, qtbot, Qt.Key.Key_Left)
    assert (view.currentIndex().row(), view.currentIndex().column()) == (6, 1)


def test_down_walks_over_headings(view: LiveTableView, qtbot: QtBot) -> None:
    stand_on(view, 3)
    rows = []
    for _ in range(3):
        press(view, qtbot, Qt.Key.Key_Down)
        rows.append(view.currentIndex().row())
    assert rows == [4, 5, 6]


def test_click_on_arrow_and_double_click_fold(view: LiveTableView, qtbot: QtBot) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(view.viewport(), left, pos=QPoint(8, 11))
    assert told(view) == "[BUY 3] [SELL 2] a d"
    with qtbot.assertNotEmitted(view.doubleClicked):
        qtbot.mouseDClick(view.viewport(), left, pos=QPoint(200, 11))
    assert told(view) == "[BUY 3] b c e [SELL 2] a d"


def test_folded_group_goes_on_counting_and_filtering(view: LiveTableView) -> None:
    model = view.live_model
    model.set_collapsed(0, True)
    model.upsert([Line("f", side="buy", qty=5)])
    assert told(view) == "[BUY 4] [SELL 2] a d"
    assert model.visible_count == 6
    assert model.subtotal(0, model.column_index("qty")).text == "105"  # type: ignore[union-attr]
    assert model.row_of_key("f") == -1
    model.set_all_collapsed([])
    assert told(view) == "[BUY 4] b c e f [SELL 2] a d"
    model.set_all_collapsed(None)
    assert told(view) == "[BUY 4] [SELL 2]"


def test_folding_leaves_the_heading_where_it_is(view: LiveTableView) -> None:
    model = view.live_model
    model.upsert(Line(f"s{at:02}", side="sell", qty=at) for at in range(60))
    model.upsert(Line(f"x{at:02}", side="short", qty=at) for at in range(60))
    QApplication.processEvents()
    view.verticalScrollBar().setValue(30)
    model.set_collapsed(0, True)
    QApplication.processEvents()
    sell = model.row_of_key("\x1dsell")
    view.verticalScrollBar().setValue(sell)
    model.set_collapsed(sell, True)
    QApplication.processEvents()
    assert view.rowAt(0) == sell


def test_copy_and_export_leave_headings_out(view: LiveTableView, qtbot: QtBot) -> None:
    for column in view.live_model.columns:
        if column.name not in ("id", "qty"):
            view.show_column(view.live_model.column_index(column.name), False)
    view.selectAll()
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Id\tQty\nb\t20\nc\t30\ne\t50\na\t10\nd\t40\n"
    view.live_model.set_collapsed(0, True)
    table = view.visible_table()
    assert table.titles == ("Id", "Qty")
    assert [row.values for row in table.rows()] == [
        ("b", 20), ("c", 30), ("e", 50), ("a", 10), ("d", 40)
    ]  # fmt: skip
    assert len(table) == 5


def test_selection_follows_its_row_into_another_group(view: LiveTableView) -> None:
    view.select_keys(["c"])
    row = view.live_model.row_for("c")
    assert row is not None
    row.side = "sell"
    view.live_model.touch(["c"])
    assert view.selected_keys() == ["c"]
    flags = QItemSelectionModel.SelectionFlag
    view.selectionModel().select(view.live_model.index(0, 0), flags.ClearAndSelect | flags.Rows)
    assert view.selected_keys() == []


def test_grouping_and_folds_come_back_from_saved_state(view: LiveTableView, qtbot: QtBot) -> None:
    view.live_model.set_collapsed(0, True)
    saved = json.loads(json.dumps(view.save_state()))
    assert saved["group"] == {"column": "side", "collapsed": ["buy"]}
    other = LiveTableView(LiveTableModel(line_columns(), key_of, flush_ms=0))
    qtbot.addWidget(other)
    other.restore_state(saved)
    other.live_model.upsert([Line("a", side="buy"), Line("b", side="sell")])
    assert other.live_model.group_name == "side"
    assert told(other) == "[BUY 1] [SELL 1] b"
    other.restore_state({"version": 1, "group": {"column": "qty"}})
    assert other.live_model.group_name is None


def test_header_menu_groups_and_ungroups(view: LiveTableView, qtbot: QtBot) -> None:
    from ui.tables.header_menu import header_menu

    actions = {
        a.text(): a for a in header_menu(view, view.live_model.column_index("symbol")).actions()
    }
    with qtbot.waitSignal(view.columns_changed):
        actions["Group by Symbol"].trigger()
    assert told(view) == "[AAPL 2] b e [MSFT 3] a c d"
    actions["Collapse all groups"].trigger()
    assert told(view) == "[AAPL 2] [MSFT 3]"
    actions["Ungroup"].trigger()
    assert told(view) == "a b c d e"
    numbers = header_menu(view, view.live_model.column_index("qty")).actions()
    assert not any(action.text().startswith("Group by") for action in numbers)


def test_heading_is_painted_with_its_subtotal_under_the_column(view: LiveTableView) -> None:
    image = view.viewport().grab().toImage()
    raised, buy = theme.DARK.colour("raised"), theme.DARK.colour("buy")
    assert image.pixelColor(300, 2) == raised
    label = {image.pixelColor(x, y).name() for x in range(18, 70) for y in range(21)}
    assert buy.name() in label  # "BUY" in its side's tone
    rect = view.visualRect(view.live_model.index(0, view.live_model.column_index("qty")))
    figures = {
        image.pixelColor(x, y).name() for x in range(rect.left(), rect.right()) for y in range(20)
    }
    assert theme.DARK.colour("text").name() in figures
