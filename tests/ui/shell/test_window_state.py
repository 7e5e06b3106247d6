"""How the window was left comes back exactly, or is left alone with a word about it."""

from __future__ import annotations

import base64
import json
import os
import random
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication

from app.config import window_state_path
from tests.ui.shell.conftest import Open
from tests.ui.still_desk import StillDesk
from ui import theme
from ui.blotter.fills_pane import FillsPane
from ui.shell import layouts
from ui.shell.screens import place_in_view
from ui.shell.window_state import StateFile, WindowState


def test_window_comes_back_exactly_as_it_was_left(
    open_window: Open, still: StillDesk, tmp_path: Path, qapp: QApplication
) -> None:
    path = tmp_path / "w.json"
    first = open_window(still, path)
    first.resize(1400, 800)
    first.keeper.use(layouts.DESK_HEAD)
    first.show_pane("tape")
    first.docks["alerts"].hide()
    first.use_theme(theme.LIGHT)
    first.keymap.set("amend", ("Ctrl+Shift+E",))
    first.toasts.mute("fill", True)
    first.orders.filter_edit.setText("side:buy")
    qapp.processEvents()
    places = {name: dock.geometry() for name, dock in first.docks.items() if first.is_seen(name)}
    orders = first.orders.save_state()
    first.close()

    theme.apply(qapp, theme.DARK)
    second = open_window(still, path)
    assert (second.width(), second.height()) == (1400, 800)
    assert {n: d.geometry() for n, d in second.docks.items() if second.is_seen(n)} == places
    assert theme.current() is theme.LIGHT
    assert second.keymap.keys("amend") == ("Ctrl+Shift+E",)
    assert second.toasts.muted == {"fill"}
    assert second.orders.save_state() == orders
    assert second.keeper.preset is layouts.DESK_HEAD


def test_state_of_a_pane_not_looked_at_is_kept_as_it_was(
    open_window: Open, still: StillDesk, tmp_path: Path
) -> None:
    path = tmp_path / "w.json"
    first = open_window(still, path)
    fills = cast(FillsPane, first.show_pane("fills"))
    fills.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    first.show_pane("orders")
    first.close()
    kept = json.loads(path.read_text())["panes"]["fills"]
    assert kept == json.loads(json.dumps(fills.save_state()))
    second = open_window(still, path)
    assert second.built("fills") is None
    second.close()
    assert json.loads(path.read_text())["panes"]["fills"] == kept


BROKEN = {
    "empty": b"",
    "half": b'{"app": "deskblotter", "ver',
    "no object": b"[1, 2]",
    "foreign": b'{"app": "another", "version": 1}',
    "newer": b'{"app": "deskblotter", "version": 99}',
    "not text": b"\xff\xfe\x00\x01",
    "deep": b"[" * 100_000,
    "bad base64": b'{"app": "deskblotter", "version": 1, "layout": "%%%"}',
    "wrong types": b'{"app": "deskblotter", "version": 1, "panes": [1]}',
    "wrong theme": b'{"app": "deskblotter", "version": 1, "theme": 7}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_broken_or_foreign_file_is_left_alone_with_a_word(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(body)
    file = StateFile(path)
    assert file.load() is None
    assert "was not taken" in file.complaint
    assert path.read_bytes() == body


def test_broken_file_is_told_and_the_usual_layout_shown(
    open_window: Open, still: StillDesk, tmp_path: Path
) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(b"{")
    window = open_window(still, path)
    assert "not taken" in window.health.passing_label.text()
    assert window.is_seen("orders")


def test_missing_file_is_no_complaint(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "none.json")
    assert file.load() is None
    assert not file.complaint


def test_garbled_bytes_never_reach_qt_which_would_crash(
    open_window: Open, still: StillDesk, tmp_path: Path
) -> None:
    path = tmp_path / "w.json"
    open_window(still, path).close()
    saved = json.loads(path.read_text())
    chance = random.Random(5)
    for _ in range(20):
        garbled = bytearray(base64.b64decode(saved["layout"]))
        garbled[chance.randrange(len(garbled))] ^= 1 << chance.randrange(8)
        path.write_text(json.dumps(saved | {"layout": base64.b64encode(garbled).decode()}))
        file = StateFile(path)
        assert file.load() is None
        assert file.complaint


def test_panes_ignore_states_that_they_cannot_read(
    open_window: Open, still: StillDesk, tmp_path: Path
) -> None:
    path = tmp_path / "w.json"
    odd: dict[str, object] = {"table": 7, "filter": [], "chips": "x", "page": 5, "symbol": {}}
    names = list(layouts.leaves(layouts.TRADER.tree))
    panes: dict[str, object] = dict.fromkeys(names, odd)
    StateFile(path).save(WindowState(panes={**panes, "gone": {}}))
    window = open_window(still, path)
    for name in names:
        assert window.show_pane(name) is not None


def test_save_writes_only_news_and_leaves_no_other_file(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "a" / "w.json")
    assert file.save(WindowState(preset="trader"))
    assert not file.save(WindowState(preset="trader"))
    assert file.save(WindowState(preset="desk_head"))
    assert os.listdir(tmp_path / "a") == ["w.json"]
    assert StateFile(file.path).load() == WindowState(preset="desk_head")


def test_save_that_fails_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    file = StateFile(blocked / "w.json")
    assert not file.save(WindowState())
    assert "could not be saved" in file.complaint


def test_state_path_is_one_a_login_and_profile_and_stays_in_its_folder() -> None:
    here = window_state_path("alice", "default")
    assert here != window_state_path("alice", "night") != window_state_path("ben", "night")
    assert window_state_path("../../etc/x", "default").parent == here.parent


SCREENS = [QRect(0, 0, 1920, 1080), QRect(1920, 0, 1280, 1024)]


@pytest.mark.parametrize(
    "frame",
    [QRect(100, 100, 800, 600), QRect(2000, 50, 900, 700), QRect(-700, 10, 800, 600)],
    ids=["first", "second", "partly off"],
)
def test_window_that_can_be_reached_stays(frame: QRect) -> None:
    assert place_in_view(frame, SCREENS) == frame


@pytest.mark.parametrize(
    "frame",
    [QRect(4000, 100, 800, 600), QRect(100, -500, 800, 600), QRect(-790, 10, 800, 600)],
    ids=["screen gone", "title above", "sliver"],
)
def test_window_out_of_sight_comes_to_the_first_screen(frame: QRect) -> None:
    placed = place_in_view(frame, SCREENS)
    assert SCREENS[0].contains(placed)
    assert placed.size() == frame.size()


def test_window_larger_than_the_only_screen_is_made_to_fit() -> None:
    screen = QRect(0, 0, 1280, 720)
    assert place_in_view(QRect(3000, 0, 2560, 1400), [screen]) == screen
