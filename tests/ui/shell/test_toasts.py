"""Notices: one's own news, four at the most, never with the keyboard, muted as wished."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.commands import HaltTrading
from models.events import AnyEvent
from models.order_state import OrderStatus
from tests.builders import DESK, new_id, terms
from tests.ui.still_desk import StillDesk, order_ids
from ui.main_window import MainWindow
from ui.shell import toasts
from ui.shell.toast_feed import ToastFeed
from ui.shell.toasts import TOASTS_MAX, Notice, ToastStack


@pytest.fixture
def told(still: StillDesk) -> list[Notice]:
    """What alice is told."""
    notices: list[Notice] = []
    ToastFeed(still.session, notices.append)
    return notices


def tell(still: StillDesk, events: list[AnyEvent]) -> None:
    still.tell(Changed(orders=order_ids(events), events=tuple(events)))


def test_own_fill_is_told_with_what_is_left(still: StillDesk, told: list[Notice]) -> None:
    order = still.desk.order_in(OrderStatus.NEW)
    tell(still, still.desk.fill(order, 40))
    (notice,) = told
    assert notice.title == "Part filled: BUY 40 ACME @ 100.00"
    assert "60 to go" in notice.text
    tell(still, still.desk.fill(order, 60))
    assert told[-1].title.startswith("Filled: BUY 100 ACME")
    assert told[-1].key == notice.key  # it takes the first one's place


def test_fill_of_another_trader_is_not_told(still: StillDesk, told: list[Notice]) -> None:
    order = still.desk.accepted(author="ben")
    tell(still, still.desk.fill(order, 40))
    assert told == []


def test_own_denial_is_told_with_its_reason(still: StillDesk, told: list[Notice]) -> None:
    events = still.desk.submit(terms(qty=-1))
    tell(still, events)
    (notice,) = told
    assert notice.kind == "denial"
    assert notice.text
    assert notice.order_id


def test_alert_without_an_order_is_told_to_its_trader_and_the_head() -> None:
    for login, count in (("alice", 1), ("dana", 1), ("ben", 0)):
        still = StillDesk(login=login)
        notices: list[Notice] = []
        ToastFeed(still.session, notices.append)
        halt = HaltTrading(id=new_id(), author="dana", desk=DESK, trader="alice")
        tell(still, still.desk.run(halt))
        assert len([n for n in notices if n.kind == "alert"]) == count, login


def test_flood_of_news_tells_only_the_last(still: StillDesk, told: list[Notice]) -> None:
    events: list[AnyEvent] = []
    for _ in range(40):
        order = still.desk.order_in(OrderStatus.NEW)
        events += still.desk.fill(order, 10)
    tell(still, events)
    assert 0 < len(told) <= 8


def test_stack_holds_four_and_the_oldest_goes(window: MainWindow) -> None:
    for at in range(TOASTS_MAX + 3):
        window.toasts.tell(Notice("fill", f"n{at}"))
    assert [notice.title for notice in window.toasts.shown] == ["n3", "n4", "n5", "n6"]


def test_notice_of_the_same_thing_takes_its_place(window: MainWindow) -> None:
    window.toasts.tell(Notice("fill", "half", key="o"))
    window.toasts.tell(Notice("fill", "other"))
    window.toasts.tell(Notice("fill", "whole", key="o"))
    assert [notice.title for notice in window.toasts.shown] == ["whole", "other"]


def test_notice_never_takes_the_keyboard(window: MainWindow, qapp: QApplication) -> None:
    window.activateWindow()
    window.ticket.line_edit.setFocus()
    window.toasts.tell(Notice("fill", "x", "y"))
    qapp.processEvents()
    assert QApplication.focusWidget() is window.ticket.line_edit
    QTest.keyClicks(QApplication.focusWidget(), "b 1")
    assert window.ticket.line_edit.text() == "b 1"


def test_muted_kind_is_not_shown_and_leaves_the_screen(window: MainWindow) -> None:
    window.toasts.tell(Notice("fill", "x"))
    window.toasts.tell(Notice("alert", "y"))
    window.toasts.mute("fill", True)
    assert [notice.title for notice in window.toasts.shown] == ["y"]
    window.toasts.tell(Notice("fill", "x"))
    assert len(window.toasts.shown) == 1
    window.toasts.mute("fill", False)
    window.toasts.tell(Notice("fill", "x"))
    assert len(window.toasts.shown) == 2


def test_all_muted_shows_nothing_and_comes_back_as_it_was(window: MainWindow) -> None:
    window.toasts.mute("alert", True)
    window.toasts.mute_all(True)
    window.toasts.tell(Notice("fill", "x"))
    assert window.toasts.shown == []
    other = ToastStack(QWidget(window))
    other.restore_state(window.toasts.save_state())
    assert other.is_muted
    assert other.muted == {"alert"}
    other.restore_state({"all": "yes", "kinds": ["nonsense", 5]})
    assert not other.is_muted
    assert other.muted == set()


def test_click_shows_the_order_and_takes_the_notice_away(window: MainWindow, qtbot: QtBot) -> None:
    window.toasts.tell(Notice("fill", "x", order_id="O-1"))
    toast = window.toasts._toasts[0]
    with qtbot.waitSignal(window.toasts.order_wanted) as asked:
        QTest.mouseClick(toast, Qt.MouseButton.LeftButton)
    assert asked.args == ["O-1"]
    assert window.toasts.shown == []


def test_notice_fades_by_itself(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toasts, "STAY_MS", 20)
    window.toasts.tell(Notice("fill", "x"))
    qtbot.waitUntil(lambda: window.toasts.shown == [])


def test_notices_stay_in_the_corner_above_the_status_bar(
    window: MainWindow, qapp: QApplication
) -> None:
    window.toasts.tell(Notice("fill", "x", "some words " * 12))
    for size in ((1400, 800), (1000, 700)):
        window.resize(*size)
        qapp.processEvents()
        box = window.toasts._box.geometry()
        assert box.right() < window.width()
        assert box.right() > window.width() - 40
        assert box.bottom() < window.health.geometry().top()
        assert box.height() > 40
