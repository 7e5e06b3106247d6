"""The Day pane: checks as things stand, and the head's word."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.commands import OpenDesk, SignOffDay
from tests.builders import DESK, TODAY, Desk, new_id, terms
from tests.ui.still_desk import StillDesk
from ui.desk.day_pane import DayPane

ZONE = ZoneInfo("America/New_York")


def shown(qtbot: QtBot, desk: Desk, login: str = "dana") -> tuple[DayPane, StillDesk]:
    still = StillDesk(desk, login)
    pane = DayPane(still.session, ZONE)
    qtbot.addWidget(pane)
    pane.resize(900, 480)
    pane.show()
    qtbot.waitExposed(pane)
    return pane, still


def said(pane: DayPane, which: str) -> dict[str, tuple[str, str]]:
    rows = getattr(pane, which)._rows
    return {name.text(): (sign.text(), text.text()) for sign, name, text in rows}


def test_checks_are_shown_as_things_stand(qtbot: QtBot) -> None:
    desk = Desk()
    pane, still = shown(qtbot, desk)
    assert said(pane, "end")["Day orders"] == ("✓", "none works")
    order = desk.accepted()
    still.tell(Changed(orders=frozenset({order.order_id})))
    pane.refresh()
    assert said(pane, "end")["Day orders"] == ("✕", f"1 still working: {order.order_id}")


def test_head_opens_the_desk(qtbot: QtBot) -> None:
    pane, still = shown(qtbot, Desk())
    assert "Not opened yet" in pane.start.word.text()
    pane.open_button.click()
    (sent,) = still.sent()
    assert isinstance(sent, OpenDesk)


def test_head_signs_off_with_a_note(qtbot: QtBot) -> None:
    pane, still = shown(qtbot, Desk())
    pane.note_edit.setText("all agreed")
    pane.sign_button.click()
    (sent,) = still.sent()
    assert isinstance(sent, SignOffDay)
    assert (sent.day, sent.note) == (TODAY, "all agreed")
    assert not pane.note_edit.text()


def test_word_is_told_with_who_when_and_why(qtbot: QtBot) -> None:
    desk = Desk()
    desk.submit(terms(qty=7), staged=True)
    desk.run(SignOffDay(id=new_id(), author="dana", desk=DESK, day=TODAY, note="kept for Monday"))
    pane, _ = shown(qtbot, desk)
    assert "dana signed it off at 08:" in pane.end.word.text()
    assert "“kept for Monday”" in pane.end.word.text()


def test_others_look_and_can_not_speak(qtbot: QtBot) -> None:
    pane, _ = shown(qtbot, Desk(), "alice")
    assert not pane.open_button.isEnabled()
    assert "not the head" in pane.open_button.toolTip()
