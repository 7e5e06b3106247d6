"""The filter row: chips and line say the same, the list takes keys, mistakes are told in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.quotes import line_columns
from ui.blotter.filter_bar import Chip, FilterBar
from ui.tables.filter_query import Vocabulary

CHIPS = (
    Chip("Buys", "side:buy"),
    Chip("Sales", "side:sell"),
    Chip("Big", "qty>10k"),
)


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    made = FilterBar(
        line_columns(),
        Vocabulary(),
        {"side": lambda: ["BUY", "SELL"], "symbol": lambda: ["AAPL", "MSFT"]},
        CHIPS,
        ("symbol", "side"),
    )
    made.add_filter_actions()
    qtbot.addWidget(made)
    made.resize(900, 34)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.edit.setFocus()
    return made


def applied(bar: FilterBar) -> list[str]:
    texts: list[str] = []
    bar.filter_changed.connect(lambda query: texts.append(query.text))
    return texts


def chip(bar: FilterBar, name: str) -> Qt.CheckState | object:
    return next(button for one, button in bar._buttons if one.name == name)


def test_chip_puts_its_piece_in_and_takes_it_out(bar: FilterBar) -> None:
    texts = applied(bar)
    bar.set_text("symbol:aapl")
    QTest.mouseClick(chip(bar, "Big"), Qt.MouseButton.LeftButton)
    assert chip(bar, "Big").isChecked()
    QTest.mouseClick(chip(bar, "Big"), Qt.MouseButton.LeftButton)
    assert not chip(bar, "Big").isChecked()
    assert texts == ["symbol:aapl", "symbol:aapl qty>10k", "symbol:aapl"]


def test_chip_takes_the_place_of_one_on_the_same_column(bar: FilterBar) -> None:
    bar.set_text("qty>10k side:buy")
    QTest.mouseClick(chip(bar, "Sales"), Qt.MouseButton.LeftButton)
    assert bar.text == "qty>10k side:sell"
    lit = [one.name for one, button in bar._buttons if button.isChecked()]
    assert lit == ["Sales", "Big"]


def test_typed_piece_lights_its_chip(bar: FilterBar) -> None:
    bar.set_text("side:buy")
    assert chip(bar, "Buys").isChecked()


def test_saved_filter_is_a_chip_that_stands_for_the_whole_line(bar: FilterBar) -> None:
    bar.set_text("side:buy symbol:aapl")
    bar.save_as("  My names ")
    assert [one.name for one in bar.saved] == ["My names"]
    assert chip(bar, "My names").isChecked()
    bar.set_text("side:buy")
    assert not chip(bar, "My names").isChecked()
    QTest.mouseClick(chip(bar, "My names"), Qt.MouseButton.LeftButton)
    assert bar.text == "side:buy symbol:aapl"
    bar.remove_saved("My names")
    assert [one.name for one, _ in bar._buttons] == ["Buys", "Sales", "Big"]


def test_saved_filter_of_a_known_name_replaces_it(bar: FilterBar) -> None:
    bar.set_text("side:buy")
    bar.save_as("x")
    bar.set_text("side:sell")
    bar.save_as("x")
    assert [(one.name, one.text) for one in bar.saved] == [("x", "side:sell")]


def test_save_and_restore_bring_filter_and_saved_ones_back(bar: FilterBar, qtbot: QtBot) -> None:
    bar.set_text("side:buy")
    bar.save_as("mine")
    state = bar.save_state()
    again = FilterBar(line_columns(), Vocabulary(), {}, CHIPS, ())
    qtbot.addWidget(again)
    texts = applied(again)
    again.restore_state(state)
    assert texts == ["side:buy"]
    assert again.save_state() == state


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"saved": 5, "filter": 7},
        {"saved": [1, {"name": 3, "text": "x"}, {"name": "", "text": "x"}, {"text": "x"}]},
    ],
)
def test_restore_of_broken_state_changes_nothing(bar: FilterBar, state: dict[str, object]) -> None:
    bar.restore_state(state)
    assert (bar.text, bar.saved) == ("", [])


def test_mistake_is_told_in_words_and_leaves_the_last_filter_in_force(bar: FilterBar) -> None:
    texts = applied(bar)
    bar.set_text("side:buy")
    bar.set_text("side:buy sied:sell")
    assert bar.error_label.isVisible()
    assert "did you mean side?" in bar.error_label.text()
    assert bar.edit.property("invalid") is True
    assert texts == ["side:buy"]
    bar.set_text("side:buy")
    assert not bar.error_label.isVisible()
    assert bar.edit.property("invalid") is False


def test_mistake_is_underlined_where_it_stands(bar: FilterBar) -> None:
    bar.set_text("side:buy")
    plain = bar.edit.grab().toImage()
    bar.set_text("sied:buy")
    marked = bar.edit.grab().toImage()
    height = plain.height()
    ground = plain.pixelColor(20, height - 6)

    def inked(image: object) -> int:
        return sum(
            image.pixelColor(x, y) != ground  # type: ignore[attr-defined]
            for x in range(12, 36)
            for y in range(height - 9, height - 4)
        )

    assert inked(marked) > inked(plain)


def test_keys_choose_from_the_list_and_tab_takes(bar: FilterBar) -> None:
    texts = applied(bar)
    QTest.keyClicks(bar.edit, "sid")
    assert bar.edit.is_completing
    QTest.keyClick(bar.edit, Qt.Key.Key_Tab)
    assert bar.text == "side:"
    assert bar.edit.hasFocus()
    assert bar.edit.is_completing  # its values follow
    QTest.keyClick(bar.edit, Qt.Key.Key_Down)
    QTest.keyClick(bar.edit, Qt.Key.Key_Down)
    QTest.keyClick(bar.edit, Qt.Key.Key_Return)
    assert bar.text == "side:sell "
    assert not bar.edit.is_completing
    assert texts == ["side:sell"]


def test_escape_puts_the_list_away_and_keeps_the_text(bar: FilterBar) -> None:
    QTest.keyClicks(bar.edit, "sid")
    QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    assert (bar.edit.is_completing, bar.text) == (False, "sid")


def test_enter_with_nothing_chosen_applies_what_is_typed(bar: FilterBar) -> None:
    texts = applied(bar)
    QTest.keyClicks(bar.edit, "symbol:a")
    assert bar.edit.is_completing
    QTest.keyClick(bar.edit, Qt.Key.Key_Return)
    assert texts == ["symbol:a"]
    assert not bar.edit.is_completing


def test_half_typed_term_is_no_mistake_yet(bar: FilterBar, qtbot: QtBot) -> None:
    QTest.keyClicks(bar.edit, "side:")
    qtbot.wait(200)
    assert bar.error_label.isHidden()
    QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(bar.error_label.isVisible, timeout=3_000)
    assert bar.error_label.text().startswith("Nothing follows side:")


def test_set_term_asks_for_it_once_beside_the_rest(bar: FilterBar) -> None:
    bar.set_text("qty>5")
    bar.set_term("symbol", "aapl")
    bar.set_term("symbol", "aapl")
    assert bar.text == "qty>5 symbol:aapl"
    bar.set_text("")
    bar.set_term("note", "part filled")
    assert bar.text == 'note:"part filled"'


def test_chips_without_room_are_hidden_and_still_in_the_menu(bar: FilterBar) -> None:
    bar.resize(330, 34)
    hidden = [one.name for one, button in bar._buttons if not button.isVisible()]
    assert "Big" in hidden
    bar.menu.aboutToShow.emit()
    listed = [action.text() for action in bar._filters_menu.actions() if action.text()]
    assert listed == ["Buys", "Sales", "Big"]
    bar.resize(900, 34)
    assert all(button.isVisible() for _, button in bar._buttons)


def test_group_chooser_asks_for_its_columns_alone(bar: FilterBar) -> None:
    asked: list[str] = []
    bar.group_chosen.connect(asked.append)
    bar.set_group("side")
    bar.set_group("nosuch")
    bar.set_group("")
    assert asked == ["side", ""]
    bar.show_group("side")
    assert bar.group_button.text() == "By side ▾"
