"""The command palette finds actions, panes, symbols and orders, by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from models.order_state import OrderStatus
from tests.ui.still_desk import StillDesk
from ui import theme
from ui.main_window import MainWindow
from ui.shell.fuzzy import score
from ui.shell.palette_entries import FOUND_MAX, Deeds, Entry, find

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("amend", "Amend the selected order", "Acknowledge the selected alerts"),
        ("order", "Orders", "Amend the selected order"),
        ("ts", "Time & sales", "Positions"),
        ("dl", "Dark or light", "Dismiss the notices on screen"),
        ("lay tr", "Layout: Trader", "Layout: Desk head"),
    ],
)
def test_score_prefers_what_was_meant(typed: str, better: str, worse: str) -> None:
    good, bad = score(typed, better), score(typed, worse)
    assert good is not None
    assert bad is None or good > bad


@pytest.mark.parametrize(
    ("typed", "phrase"), [("xq", "Orders"), ("amend x", "Amend"), ("sla", "Time & sales")]
)
def test_score_of_letters_that_are_not_there_is_none(typed: str, phrase: str) -> None:
    assert score(typed, phrase) is None


def ask(window: MainWindow, typed: str = "") -> None:
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    QTest.keyClicks(window.commands.line_edit, typed)


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.commands.line_edit, key)


def test_palette_runs_an_action_and_shows_its_key(window: MainWindow, qapp: QApplication) -> None:
    ask(window, "dark or")
    entry = window.commands.model.entries[0]
    assert (entry.kind, entry.key) == ("action", "Ctrl+Shift+L")
    press(window, Qt.Key.Key_Return)
    assert theme.current() is theme.LIGHT
    assert not window.commands.isVisible()


def test_palette_opens_a_pane_with_the_keyboard(window: MainWindow) -> None:
    ask(window, "positions")
    press(window, Qt.Key.Key_Return)
    assert window.current_pane == "positions"


def test_palette_chooses_a_symbol_for_ticket_and_market(window: MainWindow) -> None:
    ask(window, "beta")
    assert window.commands.model.entries[0].kind == "symbol"
    press(window, Qt.Key.Key_Return)
    assert window.deeds.symbol == "BETA"
    assert window.ticket.draft.symbol == "BETA"


def test_palette_finds_an_order_by_part_of_its_number(window: MainWindow, still: StillDesk) -> None:
    order = still.desk.order_in(OrderStatus.NEW)
    still.tell_all()
    ask(window, order.order_id[-4:])
    entry = window.commands.model.entries[0]
    assert (entry.kind, entry.title) == ("order", order.order_id)
    press(window, Qt.Key.Key_Return)
    assert [each.order_id for each in window.orders.selected_orders()] == [order.order_id]


def test_arrows_go_round_and_escape_gives_the_keyboard_back(
    window: MainWindow, qapp: QApplication
) -> None:
    window.activateWindow()
    window.ticket.line_edit.setFocus()
    window.ticket.line_edit.setText("b 100 acme")
    ask(window)
    last = len(window.commands.model.entries) - 1
    press(window, Qt.Key.Key_Up)
    assert window.commands.list.currentIndex().row() == last
    press(window, Qt.Key.Key_Down)
    assert window.commands.list.currentIndex().row() == 0
    press(window, Qt.Key.Key_Escape)
    assert not window.commands.isVisible()
    assert QApplication.focusWidget() is window.ticket.line_edit
    assert window.ticket.line_edit.text() == "b 100 acme"  # Esc was the palette's, not the ticket's


def test_nothing_found_says_so_and_return_does_nothing(window: MainWindow) -> None:
    ask(window, "zzzzqqq")
    assert window.commands.model.entries == []
    press(window, Qt.Key.Key_Return)
    assert window.commands.isVisible()


def test_palette_key_pressed_again_puts_it_away(window: MainWindow) -> None:
    ask(window)
    assert window.commands.isVisible()
    window.commands.ask()
    assert not window.commands.isVisible()


def test_palette_model_holds_what_models_must(window: MainWindow) -> None:
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(window.commands.model, fatal)
    ask(window, "a")
    QTest.keyClicks(window.commands.line_edit, "ck")
    tester.deleteLater()


def test_find_returns_no_more_than_fits_and_orders_first(still: StillDesk) -> None:
    for _ in range(9):
        still.desk.order_in(OrderStatus.NEW)
    still.sync()
    deeds = Deeds(lambda symbol: None, lambda order_id: None)
    entries = [Entry("action", f"Action 0 {at}", lambda: None) for at in range(40)]
    found = find("0", entries, still.session.core, deeds)
    assert len(found) == FOUND_MAX
    assert found[0].kind == "order"
