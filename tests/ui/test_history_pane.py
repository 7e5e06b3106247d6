"""The history pane: one order's events out of the log, live, with checks and messages."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.session.order_reading import LoggedEvent, OrderReading
from app.session.step import Changed
from models.order_state import OrderStatus, Trigger
from models.orders import Order
from tests.builders import Desk, px, terms
from tests.ui.still_desk import StillDesk, order_ids
from ui import theme
from ui.blotter.history_pane import HistoryPane

ZONE = ZoneInfo("America/New_York")


class History:
    """A pane on screen, and two orders that it may show."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.desk = Desk()
        self.order = self.desk.order_in(OrderStatus.PARTIALLY_FILLED)
        self.other = self.desk.order_in(OrderStatus.NEW)
        self.still = StillDesk(self.desk)
        self.pane = HistoryPane(self.still.session, ZONE)
        qtbot.addWidget(self.pane)
        self.pane.resize(845, 400)
        self.pane.show()

    def titles(self) -> list[str]:
        return [line.title for line in self.pane.timeline.lines]

    def happen(self, order: Order, trigger: Trigger) -> None:
        events = self.desk.report(order, trigger)
        self.still.tell(Changed(orders=order_ids(events)))


@pytest.fixture
def history(qtbot: QtBot) -> History:
    return History(qtbot)


def test_history_shows_the_orders_events_with_milliseconds(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    assert history.titles() == ["Accepted", "Routed", "Working", "Part filled"]
    first = history.pane.timeline.topLevelItem(0)
    assert first.text(0).count(":") == 2
    assert first.text(0)[-4] == "."
    assert first.text(1) == "alice"
    assert history.pane.id_label.text() == history.order.order_id
    assert history.pane.status_label.words == "◐ Part filled  40 of 100"


def test_history_says_what_the_venue_does_when_the_engine_is_gone(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    for label in (history.pane.status_label, history.pane.summary_label):
        assert label.toolTip().startswith("SIM lives in its engine")


def test_history_follows_the_order_and_no_other(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    history.happen(history.other, Trigger.CANCEL)
    history.happen(history.order, Trigger.CANCEL)
    history.qtbot.waitUntil(lambda: history.titles()[-1] == "Canceled")
    assert history.titles() == ["Accepted", "Routed", "Working", "Part filled", "Canceled"]
    assert history.pane.status_label.words.startswith("✕ Canceled")


def test_history_shows_the_client_order_id_of_every_version(history: History) -> None:
    pane, order, desk = history.pane, history.order, history.desk
    pane.show_order(order.order_id)
    first = f"{order.order_id}/1"
    assert pane.chain_label.text() == f"At the venue as {first}"
    desk.amend(order, qty=80)
    history.happen(order, Trigger.REJECT_REPLACE)
    desk.amend(order, qty=90)
    history.happen(order, Trigger.REPLACE)
    chain = f"{first} → {order.order_id}/2 (refused) → {order.order_id}/3"
    history.qtbot.waitUntil(lambda: pane.chain_label.text() == f"At the venue as {chain}")
    pane.show_order(history.other.order_id)
    assert pane.chain_label.text() == f"At the venue as {history.other.order_id}/1"


def test_history_of_another_order_takes_the_place_of_the_first(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    history.pane.show_order(history.other.order_id)
    assert history.titles() == ["Accepted", "Routed", "Working"]


def test_hidden_history_reads_on_when_it_is_shown_again(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    history.pane.hide()
    history.happen(history.order, Trigger.CANCEL)
    history.qtbot.wait(200)
    assert history.titles()[-1] == "Part filled"
    history.pane.show()
    history.qtbot.waitUntil(lambda: history.titles()[-1] == "Canceled")


def test_late_answer_about_an_order_that_is_not_shown_any_more_is_dropped(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[OrderReading] = []

    def slow(order_id: str, done: object, after_seq: int = 0) -> OrderReading:
        readings.append(OrderReading(order_id, "desk/EQ", 0, after_seq, done))  # type: ignore[arg-type]
        return readings[-1]

    monkeypatch.setattr(history.still.session, "order_events", slow)
    store = history.still._store()
    history.pane.show_order(history.order.order_id)
    history.pane.show_order(history.other.order_id)
    for reading in readings:
        reading.read_on(store)
        reading.deliver()
    assert history.titles() == ["Accepted", "Routed", "Working"]


def test_what_comes_while_the_log_is_read_is_read_after_it(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[list[LoggedEvent]] = []
    whole = history.still.session.order_events
    whole(history.order.order_id, answers.append)
    pending: list[OrderReading] = []

    def slow(order_id: str, done: object, after_seq: int = 0) -> OrderReading:
        pending.append(OrderReading(order_id, "desk/EQ", 0, after_seq, done))  # type: ignore[arg-type]
        return pending[-1]

    monkeypatch.setattr(history.still.session, "order_events", slow)
    history.pane.show_order(history.order.order_id)
    history.happen(history.order, Trigger.CANCEL)
    history.qtbot.wait(150)
    monkeypatch.setattr(history.still.session, "order_events", whole)
    assert len(pending) == 1  # one at a time
    pending[0]._found = answers[0]
    pending[0].deliver()
    history.qtbot.waitUntil(lambda: history.titles()[-1] == "Canceled")
    assert history.titles().count("Accepted") == 1


def test_checks_that_warn_stand_open_and_the_others_on_demand(history: History) -> None:
    order = history.desk.accepted(terms(limit_px=px(104)), reason="meant")
    history.still.sync()
    history.pane.show_order(order.order_id)
    accepted = history.pane.timeline.topLevelItem(0)
    rules = {accepted.child(at).text(2): at for at in range(accepted.childCount())}
    assert accepted.isExpanded()
    collar = accepted.child(rules["COLLAR"])
    assert collar.text(0) == "⚠ warns"
    assert collar.text(3).startswith("4% of 3%:  Limit price 104.00")
    history.pane.show_order(history.order.order_id)
    assert not history.pane.timeline.topLevelItem(0).isExpanded()
    history.pane.checks_button.setChecked(True)
    assert history.pane.timeline.topLevelItem(0).isExpanded()


def test_alert_of_the_order_is_part_of_its_history(history: History) -> None:
    order = history.desk.accepted(terms(limit_px=px(104)), reason="meant")
    history.still.sync()
    history.pane.show_order(order.order_id)
    alert = next(line for line in history.pane.timeline.lines if line.title == "Alert")
    assert alert.text.startswith("COLLAR: Limit price 104.00")
    assert alert.text.endswith("Reason given: meant")


def test_messages_are_the_logs_own_and_can_be_copied(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    history.pane.messages_button.setChecked(True)
    timeline = history.pane.timeline
    timeline.setCurrentItem(timeline.topLevelItem(3))
    shown = json.loads(history.pane.messages.toPlainText())
    assert (shown["type"], shown["execution"]["qty"]) == ("OrderFilled", 40)
    history.pane.copy()
    assert json.loads(QGuiApplication.clipboard().text()) == shown


def test_copy_is_a_table_of_all_events(history: History) -> None:
    history.pane.show_order(history.order.order_id)
    history.pane.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "Time\tWho\tEvent\tWhat happened"
    assert "40 @ 100.00; 40 of 100 done" in lines[-1]


def test_theme_change_keeps_what_is_shown(history: History, qapp: QApplication) -> None:
    history.pane.show_order(history.order.order_id)
    try:
        theme.apply(qapp, theme.LIGHT)
        item = history.pane.timeline.topLevelItem(3)
        assert item.foreground(2).color() == theme.LIGHT.colour("working")
    finally:
        theme.apply(qapp, theme.DARK)
        qapp.setStyleSheet("")
    assert history.titles() == ["Accepted", "Routed", "Working", "Part filled"]


def test_state_brings_the_order_back(history: History, qtbot: QtBot) -> None:
    history.pane.show_order(history.order.order_id)
    history.pane.messages_button.setChecked(True)
    state = json.loads(json.dumps(history.pane.save_state()))
    again = HistoryPane(history.still.session, ZONE)
    qtbot.addWidget(again)
    again.restore_state(state)
    assert again.save_state() == state
    assert len(again.timeline.lines) == 4
    again.restore_state({"order": 5, "checks": "x"})
    assert again.order_id == history.order.order_id
