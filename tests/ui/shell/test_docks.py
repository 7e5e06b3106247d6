"""Docks: what is seen is built and refreshed, what is not is left alone; presets; the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.shell.conftest import Open
from tests.ui.still_desk import StillDesk
from ui.main_window import MainWindow
from ui.shell import layouts
from ui.shell.layouts import PRESETS, Preset
from ui.shell.panes import PANES

every_preset = pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda each: each.name)
every_size = pytest.mark.parametrize("size", [(1600, 950), (1280, 720)], ids=str)


def settle(app: QApplication) -> None:
    for _ in range(4):
        app.processEvents()


def test_every_pane_can_be_shown_and_says_where_its_help_is(
    window: MainWindow, qapp: QApplication
) -> None:
    for spec in PANES:
        pane = window.show_pane(spec.name)
        settle(qapp)
        assert window.is_seen(spec.name), spec.name
        assert pane.isVisible(), spec.name
        page = getattr(pane, "help_page", "")
        assert page in window.help_pages.names, spec.name
        assert callable(getattr(pane, "focus_pane", None)), spec.name


def test_pane_behind_another_tab_is_hidden_until_it_is_shown(
    window: MainWindow, qapp: QApplication
) -> None:
    window.show_pane("fills")
    settle(qapp)
    assert window.pane("fills").isVisible()
    assert not window.orders.isVisible()
    window.show_pane("orders")
    settle(qapp)
    assert window.orders.isVisible()
    assert not window.pane("fills").isVisible()


def test_pane_that_nobody_looked_at_is_not_built(window: MainWindow) -> None:
    assert window.built("positions") is None
    window.show_pane("positions")
    assert window.built("positions") is not None


def test_pane_that_takes_time_is_built_only_after_the_first_painting(
    open_window: Open, still: StillDesk, qtbot: QtBot
) -> None:
    window = open_window(still)
    qtbot.waitUntil(lambda: window.built("chart") is not None)
    assert window.built("chart") is not None


@every_preset
@every_size
def test_preset_gives_every_pane_its_room(
    window: MainWindow, qapp: QApplication, preset: Preset, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.keeper.use(preset)
    settle(qapp)
    assert (window.width(), window.height()) == size
    named = set(layouts.leaves(preset.tree))
    assert named == set(window.docks)
    for name, dock in window.docks.items():
        assert dock.isHidden() == (name in preset.hidden), name
        if window.is_seen(name):
            least = dock.spec.least
            assert dock.holder.width() >= least[0], name
            assert dock.holder.height() >= least[1], name
            assert window.rect().contains(dock.geometry()), name


def test_trader_preset_is_arranged_as_it_was_designed(
    window: MainWindow, qapp: QApplication
) -> None:
    window.keeper.use(layouts.TRADER)
    settle(qapp)

    def place(name: str) -> QPoint:
        return window.docks[name].geometry().topLeft()

    assert place("ticket").x() < place("orders").x() < place("depth").x()
    assert place("depth").y() < place("chart").y() < place("tape").y()
    assert place("alerts").y() > place("orders").y()
    assert place("alerts").x() < place("activity").x()
    beside = {dock.spec.name for dock in window.tabifiedDockWidgets(window.docks["orders"])}
    assert {"fills", "positions", "history"} <= beside


def test_resized_window_gives_the_room_to_the_orders_and_takes_it_back(
    window: MainWindow, qapp: QApplication
) -> None:
    window.resize(1280, 800)
    window.keeper.use(layouts.TRADER)
    settle(qapp)
    before = {name: window.docks[name].width() for name in ("ticket", "orders", "depth")}
    window.resize(1680, 800)
    settle(qapp)
    after = {name: window.docks[name].width() for name in before}
    assert {name: after[name] - before[name] for name in before} == {
        "ticket": 0,
        "orders": 400,
        "depth": 0,
    }
    window.resize(1280, 800)
    settle(qapp)
    assert {name: window.docks[name].width() for name in before} == before


def test_title_is_the_docks_own_where_it_stands_alone_and_the_tabs_elsewhere(
    window: MainWindow, qapp: QApplication
) -> None:
    settle(qapp)
    assert window.docks["tape"].heading.height() > 20
    assert window.docks["orders"].heading.height() == 0
    bars = [bar for bar in window.tab_bars() if bar.isVisible()]
    titles = [bar.tabText(at) for bar in bars for at in range(bar.count())]
    assert "Orders" in titles
    assert not any(title.endswith("sales") for title in titles)


def test_floating_pane_is_a_window_with_its_title_and_docks_again(
    window: MainWindow, qapp: QApplication
) -> None:
    window.go_to("orders")
    window.float_pane()
    settle(qapp)
    dock = window.docks["orders"]
    assert dock.isWindow()
    assert dock.heading.height() > 20
    assert window.orders.isVisible()
    window.float_pane()
    settle(qapp)
    assert not dock.isWindow()


def test_f6_goes_round_all_panes_on_screen_and_back(window: MainWindow, qapp: QApplication) -> None:
    window.activateWindow()
    seen = {name for name in window.docks if window.is_seen(name)}
    gone = []
    for _ in seen:
        QTest.keyClick(window, Qt.Key.Key_F6)
        gone.append(window.current_pane)
    assert set(gone) == seen
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.current_pane == gone[-2]


def test_key_of_a_pane_shows_it_with_the_keyboard(window: MainWindow, qapp: QApplication) -> None:
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    settle(qapp)
    assert window.is_seen("positions")
    assert window.current_pane == "positions"


def test_hidden_pane_gives_the_keyboard_on(window: MainWindow, qapp: QApplication) -> None:
    window.go_to("tape")
    window.hide_pane()
    settle(qapp)
    assert window.docks["tape"].isHidden()
    assert window.current_pane != "tape"


def test_alerts_badge_counts_what_waits(window: MainWindow, still: StillDesk) -> None:
    window.alerts.counted.emit(3)
    assert window.docks["alerts"].windowTitle() == "Compliance alerts  3"
    window.alerts.counted.emit(0)
    assert window.docks["alerts"].windowTitle() == "Compliance alerts"


def test_chosen_symbol_is_followed_by_every_market_pane(
    window: MainWindow, qapp: QApplication
) -> None:
    window.deeds.choose_symbol("BETA")
    for name in ("depth", "chart", "tape"):
        pane = window.show_pane(name)
        assert pane.symbol == "BETA", name  # type: ignore[attr-defined]
        assert "BETA" in window.docks[name].windowTitle()
    window.deeds.choose_symbol("NOSUCH")
    assert window.deeds.symbol == "BETA"
