"""Keys: remapped, kept, never taken twice; and no slip of a finger sends."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.actions import ACTIONS, BY_NAME
from ui.main_window import MainWindow
from ui.shell.keymap import KeyMap, normal, objection
from ui.shell.keys_dialog import KeysDialog


def test_actions_have_names_and_keys_of_their_own() -> None:
    keys = [normal(key) for action in ACTIONS for key in action.keys]
    assert all(keys)
    assert len(keys) == len(set(keys))
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)


def test_own_keys_are_such_as_a_person_could_choose() -> None:
    refused = [objection(action, key) for action in ACTIONS for key in action.keys]
    assert [reason for reason in refused if reason] == []


@pytest.mark.parametrize("key", ["K", "Shift+K", "1", "Space", "F9", "Return", "Ins"])
def test_what_sends_refuses_keys_without_a_modifier(key: str) -> None:
    assert objection(BY_NAME["send"], key)
    assert objection(BY_NAME["kill"], key)


@pytest.mark.parametrize("key", ["A", "Shift+A", "5", "Space", ",", "Shift+,", "Ä", "Tab", "Up"])
def test_no_action_takes_a_key_that_writes_or_moves(key: str) -> None:
    assert objection(BY_NAME["theme"], key)


@pytest.mark.parametrize("key", ["Ctrl+A", "Alt+5", "F9", "Shift+F9", "Ctrl+Return", "Del", "Esc"])
def test_keys_that_write_nothing_can_be_taken(key: str) -> None:
    assert objection(BY_NAME["theme"], key) == ""


@pytest.mark.parametrize("key", ["", "nonsense", "Ctrl+K, Ctrl+T"])
def test_what_is_no_single_key_is_refused(key: str) -> None:
    assert objection(BY_NAME["theme"], key)


def test_key_of_another_action_is_refused_by_its_name() -> None:
    keymap = KeyMap()
    refused = keymap.set("theme", ("Ctrl+E",))
    assert BY_NAME["amend"].title in refused
    assert keymap.keys("theme") == BY_NAME["theme"].keys


def test_changed_keys_are_kept_and_come_back() -> None:
    keymap = KeyMap()
    assert keymap.set("theme", ("F9", "Ctrl+F9")) == ""
    again = KeyMap()
    assert again.restore_state(keymap.save_state()) == []
    assert again.keys("theme") == ("F9", "Ctrl+F9")
    assert again.first("theme") == "F9"


def test_swapped_keys_come_back_swapped() -> None:
    keymap = KeyMap()
    keymap.set("theme", ())
    keymap.set("amend", ("Ctrl+Shift+L",))
    keymap.set("theme", ("Ctrl+E",))
    again = KeyMap()
    assert again.restore_state(keymap.save_state()) == []
    assert (again.first("amend"), again.first("theme")) == ("Ctrl+Shift+L", "Ctrl+E")


def test_state_that_claims_a_key_twice_gives_it_once() -> None:
    keymap = KeyMap()
    refused = keymap.restore_state({"theme": ["F9"], "mute": ["F9"], "send": ["X"], "gone": ["F7"]})
    assert len(refused) == 2
    taken = [normal(key) for action in ACTIONS for key in keymap.keys(action.name)]
    assert len(taken) == len(set(taken))
    assert keymap.keys("send") == BY_NAME["send"].keys


@pytest.mark.parametrize("state", [{"theme": 5}, {"theme": [5, None]}, {"theme": {}}, {"": []}])
def test_state_that_is_no_keys_changes_no_sending_key(state: dict[str, object]) -> None:
    keymap = KeyMap()
    keymap.restore_state(state)
    assert keymap.keys("send") == BY_NAME["send"].keys


def test_reset_gives_an_action_its_keys_back_from_whoever_has_them() -> None:
    keymap = KeyMap()
    keymap.set("amend", ())
    keymap.set("theme", ("Ctrl+E",))
    keymap.reset("amend")
    assert keymap.keys("amend") == ("Ctrl+E",)
    assert keymap.keys("theme") == ()
    keymap.reset()
    assert keymap.keys("theme") == BY_NAME["theme"].keys


def test_dialog_records_a_key_and_the_window_obeys_it(qtbot: QtBot, window: MainWindow) -> None:
    window.change_keys()
    (dialog,) = window.dialogs.shown
    assert isinstance(dialog, KeysDialog)
    dialog.choose("mute")
    dialog.field.setFocus()
    QTest.keyClick(dialog.field, Qt.Key.Key_F9)
    dialog.accept()
    assert window.keymap.keys("mute") == ("F9",)
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert window.toasts.is_muted
    QTest.keyClick(
        window,
        Qt.Key.Key_M,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert window.toasts.is_muted  # the old key does nothing any more


def test_dialog_names_the_conflict_and_changes_nothing(qtbot: QtBot) -> None:
    keymap = KeyMap()
    dialog = KeysDialog(keymap)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.choose("mute")
    QTest.keyClick(dialog.field, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert BY_NAME["amend"].title in dialog.answer.text()
    assert keymap.keys("mute") == BY_NAME["mute"].keys


def test_dialog_takes_keys_that_would_move_or_close(qtbot: QtBot) -> None:
    """Tab, Esc and Return are recorded, and refused in words, instead of leaving the field."""
    dialog = KeysDialog(KeyMap())
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.choose("mute")
    dialog.field.setFocus()
    QTest.keyClick(dialog.field, Qt.Key.Key_Tab)
    assert "moves about" in dialog.answer.text()
    QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert dialog.isVisible()


def test_dialog_search_finds_actions_by_word_and_by_key(qtbot: QtBot) -> None:
    dialog = KeysDialog(KeyMap())
    qtbot.addWidget(dialog)

    def shown() -> list[str]:
        items = [dialog.list.topLevelItem(at) for at in range(dialog.list.topLevelItemCount())]
        return [item.text(0) for item in items if not item.isHidden()]

    dialog.search_edit.setText("acknowledge")
    assert shown() == [BY_NAME["acknowledge"].title]
    dialog.search_edit.setText("F2")
    assert shown() == [BY_NAME["new_buy"].title]


def test_every_action_of_the_window_has_its_keys(window: MainWindow) -> None:
    from PySide6.QtGui import QAction

    for spec in ACTIONS:
        action = window.findChild(QAction, spec.name)
        assert action is not None, spec.name
        assert [key.toString() for key in action.shortcuts()] == [
            QKeySequence(key).toString() for key in spec.keys
        ]
