"""Words that change in a bar or a pane move nothing else: docks are not laid out again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel

from app.session.step import Changed, Link
from tests.ui.still_desk import StillDesk
from ui.main_window import MainWindow


class LayoutCounter(QObject):
    """Counts how often a window was asked for a new layout."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.count = 0
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def counter(window: MainWindow, qapp: QApplication) -> LayoutCounter:
    for _ in range(5):
        qapp.processEvents()
    return LayoutCounter(window)


def test_changing_words_lay_out_no_docks(
    window: MainWindow, counter: LayoutCounter, qapp: QApplication
) -> None:
    labels = [
        window.health.outbox_label,
        window.health.passing_label,
        window.top_bar.pnl_pill,
        window.top_bar.market_pill,
        *window.ticket.findChildren(QLabel)[:3],
    ]
    for label in labels:
        label.setText("something else, and longer than it was")
        qapp.processEvents()
    assert counter.count == 0


def test_strip_takes_its_room_and_gives_it_back(
    window: MainWindow, still: StillDesk, qapp: QApplication
) -> None:
    def top() -> int:
        qapp.processEvents()
        return window.docks["depth"].mapTo(window, window.docks["depth"].rect().topLeft()).y()

    before = top()
    core = still.session.core
    core.link, core.link_text = Link.LOST, "It is gone."
    still.tell(Changed(link=True))
    assert top() > before + 20
    assert window.strip.geometry().top() >= window.top_bar.geometry().bottom()
    assert window.strip.width() == window.top_bar.width()
    core.link = Link.LIVE
    still.tell(Changed(link=True))
    assert top() == before
