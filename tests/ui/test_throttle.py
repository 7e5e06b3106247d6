"""The throttle: at once first, together afterwards."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.tables.throttle import Throttle


def test_request_after_quiet_acts_at_once_and_the_next_waits(qtbot: QtBot) -> None:
    calls: list[int] = []
    throttle = Throttle(lambda: calls.append(1), delay_ms=20)
    throttle.request()
    assert len(calls) == 1
    throttle.request()
    throttle.request()
    assert len(calls) == 1
    assert throttle.is_waiting
    qtbot.waitUntil(lambda: len(calls) == 2)
    assert not throttle.is_waiting
    qtbot.waitUntil(lambda: not throttle._timer.isActive())
    throttle.request()
    assert len(calls) == 3


def test_request_without_delay_acts_every_time() -> None:
    calls: list[int] = []
    throttle = Throttle(lambda: calls.append(1), delay_ms=0)
    for _ in range(3):
        throttle.request()
    assert len(calls) == 3


def test_request_later_waits_even_after_quiet(qtbot: QtBot) -> None:
    calls: list[int] = []
    throttle = Throttle(lambda: calls.append(1), delay_ms=0)
    throttle.request_later()
    assert calls == []
    qtbot.waitUntil(lambda: calls == [1])


def test_burst_acts_at_once_until_it_is_used_up_and_is_earned_back(qtbot: QtBot) -> None:
    calls: list[int] = []
    throttle = Throttle(lambda: calls.append(1), delay_ms=20, burst=3)
    for _ in range(5):
        throttle.request()
    assert len(calls) == 3
    assert throttle.is_waiting
    qtbot.waitUntil(lambda: len(calls) == 4)
    qtbot.waitUntil(lambda: not throttle._timer.isActive())
    for _ in range(3):
        throttle.request()
    assert len(calls) == 7
