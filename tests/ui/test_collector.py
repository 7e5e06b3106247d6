"""Garbage is collected on the window's thread, whoever made it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.collector import Collector


class _Cycle:
    """Garbage that only a collection frees; notes the thread that did."""

    def __init__(self, freed_on: list[int]) -> None:
        self.itself = self
        self.freed_on = freed_on

    def __del__(self) -> None:
        self.freed_on.append(threading.get_ident())


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    parent = QObject()
    made = Collector(parent)
    yield made
    made.stop()


def test_cycles_are_not_collected_on_the_thread_that_allocates(collector: Collector) -> None:
    freed_on: list[int] = []
    _Cycle(freed_on)

    def allocate() -> None:
        kept = [[at] for at in range(200_000)]
        assert kept

    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert freed_on == []


def test_cycles_are_collected_on_the_windows_thread_when_due(
    collector: Collector, qtbot: QtBot
) -> None:
    freed_on: list[int] = []
    _Cycle(freed_on)
    kept = [[at] for at in range(200_000)]
    assert kept
    qtbot.waitUntil(lambda: bool(freed_on))
    assert freed_on == [threading.get_ident()]


def test_stopped_collector_gives_automatic_collection_back(collector: Collector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
