"""Editing in a cell: opened by Enter, committed by Enter, dropped otherwise, never disturbed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui import theme
from ui.tables.filter_query import FilterQuery, parse
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

DOWN = Qt.SortOrder.DescendingOrder


class Edited:
    """A table beside another widget, sorted by quantity, with what its cells committed."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.page = QWidget()
        qtbot.addWidget(self.page)
        self.model = LiveTableModel(line_columns(), key_of, flush_ms=0, totals_ms=0)
        self.view = LiveTableView(self.model, self.page)
        self.model.setParent(self.view)
        self.other = QLineEdit(self.page)
        layout = QVBoxLayout(self.page)
        layout.addWidget(self.view)
        layout.addWidget(self.other)
        self.page.resize(700, 400)
        with qtbot.waitExposed(self.page):
            self.page.show()
        self.lines = [Line(f"{at:02}", qty=100 - at, ts=at) for at in range(10)]
        self.model.upsert(self.lines)
        self.qty = self.model.column_index("qty")
        self.view.sortByColumn(self.qty, DOWN)
        self.committed: list[tuple[str, str, str]] = []
        self.view.edit_committed.connect(lambda *told: self.committed.append(told))
        self.page.activateWindow()
        self.view.setFocus()
        qtbot.waitUntil(self.view.hasFocus)

    def open(self, row: int = 2, text: str = "") -> QLineEdit:
        self.view.setCurrentIndex(self.model.index(row, self.qty))
        self.qtbot.keyClick(self.view, Qt.Key.Key_Return)
        editor = self.editor()
        assert editor is not None
        if text:
            self.qtbot.keyClicks(editor, text)
        return editor

    def editor(self) -> QLineEdit | None:
        QApplication.sendPostedEvents(None, 52)  # DeferredDelete
        found = self.view.viewport().findChildren(QLineEdit)
        return found[0] if found else None

    def press(self, editor: QLineEdit, key: Qt.Key) -> None:
        self.qtbot.keyClick(editor, key)

    def order(self) -> str:
        return " ".join(self.model.key_at(row) for row in range(self.model.rowCount()))


@pytest.fixture
def edited(qtbot: QtBot, dark: theme.Theme) -> Edited:
    """Return a table of ten rows whose quantities can be edited."""
    return Edited(qtbot)


def test_enter_opens_with_the_text_selected_and_enter_commits(edited: Edited) -> None:
    editor = edited.open()
    assert editor.text() == "98"
    assert editor.selectedText() == "98"
    assert editor.accessibleName() == "Qty of 02"
    edited.qtbot.keyClicks(editor, "250")
    edited.press(editor, Qt.Key.Key_Return)
    assert edited.committed == [("02", "qty", "250")]
    assert edited.editor() is None
    assert edited.view.hasFocus()
    assert edited.model.cell(2, edited.qty).text == "98"  # until the row itself changes


def test_double_click_opens_an_editable_cell_and_only_that(edited: Edited) -> None:
    viewport = edited.view.viewport()
    at = edited.view.visualRect(edited.model.index(1, edited.qty)).center()
    with edited.qtbot.assertNotEmitted(edited.view.doubleClicked):
        edited.qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    editor = edited.editor()
    assert editor is not None
    edited.press(editor, Qt.Key.Key_Escape)
    edited.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(10, 30))
    with edited.qtbot.waitSignal(edited.view.doubleClicked):
        edited.qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(10, 30))
    assert edited.editor() is None


def test_cell_that_may_not_be_edited_now_stays_closed(edited: Edited) -> None:
    edited.lines[2].done = 98
    edited.model.touch(["02"])
    edited.view.setCurrentIndex(edited.model.index(2, edited.qty))
    with edited.qtbot.waitSignal(edited.view.activated):
        edited.qtbot.keyClick(edited.view, Qt.Key.Key_Return)
    assert edited.editor() is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Tab])
def test_escape_and_tab_drop_what_was_typed(edited: Edited, key: Qt.Key) -> None:
    editor = edited.open(text="77")
    edited.press(editor, key)
    assert edited.editor() is None
    assert edited.committed == []


def test_leaving_the_editor_drops_what_was_typed(edited: Edited) -> None:
    edited.open(text="77")
    edited.other.setFocus()
    assert edited.editor() is None
    assert edited.committed == []


def test_enter_on_the_text_it_began_with_commits_nothing(edited: Edited) -> None:
    edited.press(edited.open(), Qt.Key.Key_Return)
    assert edited.editor() is None
    assert edited.committed == []


def test_text_that_the_check_refuses_keeps_the_editor_open(edited: Edited) -> None:
    editor = edited.open(text="lots")
    edited.press(editor, Qt.Key.Key_Return)
    assert edited.editor() is editor
    assert editor.property("invalid") is True
    assert edited.committed == []
    editor.selectAll()
    edited.qtbot.keyClicks(editor, "5")
    assert editor.property("invalid") is False
    edited.press(editor, Qt.Key.Key_Return)
    assert edited.committed == [("02", "qty", "5")]


def test_live_changes_neither_close_nor_move_an_open_editor(edited: Edited) -> None:
    editor = edited.open(text="12")
    before = editor.geometry()
    order = edited.order()
    model = edited.model
    # New rows above, the edited row moved to the end, another one to the top, one removed.
    edited.lines[2].qty, edited.lines[7].qty = 1, 9_999
    model.upsert([Line("new", qty=5_000)])
    model.touch(["02", "07"])
    model.remove(["00"])
    QApplication.processEvents()
    assert edited.editor() is editor
    assert editor.geometry() == before
    assert editor.text() == "12"
    assert edited.order() == order
    assert model.cell(2, edited.qty).text == "1"  # what is shown beside it is true
    assert model.cell(7, edited.qty).text == "9,999"
    edited.press(editor, Qt.Key.Key_Return)
    assert edited.committed == [("02", "qty", "12")]
    assert edited.order() == "07 new 01 03 04 05 06 08 09 02"
    assert model.total_count == 10


def test_row_that_the_filter_lets_go_stays_until_its_editor_closes(edited: Edited) -> None:
    query = parse("qty>90", line_columns())
    assert isinstance(query, FilterQuery)
    edited.model.set_filter(query)
    editor = edited.open(text="120")
    edited.lines[2].qty = 5
    edited.model.touch(["02"])
    assert edited.editor() is editor
    edited.press(editor, Qt.Key.Key_Escape)
    assert "02" not in edited.order().split()


def test_removed_row_that_waited_for_the_editor_is_gone_after(edited: Edited) -> None:
    editor = edited.open(text="1")
    edited.lines[2].qty = 70
    edited.model.touch(["02"])
    edited.model.remove(["02"])
    assert "02" in edited.order().split()
    edited.press(editor, Qt.Key.Key_Escape)
    assert "02" not in edited.order().split()


def test_reset_under_an_open_editor_lets_rows_move_again(edited: Edited) -> None:
    edited.open(text="1")
    edited.model.reset(edited.lines)
    edited.qtbot.waitUntil(lambda: edited.editor() is None)
    edited.model.upsert([Line("new", qty=5_000)])
    assert edited.order().startswith("new 00")
