"""Activity: every kind of event in plain words, the newest on top, no more than 5,000 of them."""

from __future__ import annotations

from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models import events as e
from models.commands import HaltTrading, ResumeTrading
from models.events import AnyEvent
from models.order_state import OrderStatus, Trigger
from models.orders import Order
from tests.builders import DESK, NOW, Desk, new_id, px, replace_report, terms
from tests.ui.still_desk import StillDesk
from ui.compliance import activity_pane
from ui.compliance.activity_pane import ActivityPane
from ui.compliance.event_words import _WORDS, EventWords, Line, short_id

ZONE = ZoneInfo("America/New_York")
# What the blotter says better, or nobody needs to read line by line.
SILENT = {
    e.OrderRouted, e.OrderAcknowledged, e.AmendRequested, e.OrderRestated, e.AlertRaised,
    e.InstrumentListed, e.AccountOpened, e.TraderEntitled, e.CommissionsAdopted, e.CalendarAdopted,
    e.StrategyStepped,  # the slices that it sends are told themselves
}  # fmt: skip


class Teller:
    """Says what a desk's events say, as they come."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.words = EventWords()
        for event in self.desk.log:
            self.words.line(event, self.desk.state)

    def tell(self, events: list[AnyEvent]) -> list[Line]:
        lines = [self.words.line(event, self.desk.state) for event in events]
        return [line for line in lines if line is not None]

    def accepted(self, **changes: object) -> Order:
        order = self.desk.accepted(terms(**changes))
        self.tell([event for event in self.desk.log[-3:] if isinstance(event, e.OrderAccepted)])
        return order


@pytest.fixture
def teller() -> Teller:
    return Teller()


def test_every_kind_of_event_is_told_or_left_out_on_purpose() -> None:
    assert {kind for kind in get_args(AnyEvent) if kind not in _WORDS} == SILENT


def test_accepted_order_is_told_with_its_terms(teller: Teller) -> None:
    (line,) = teller.tell(teller.desk.submit(terms(qty=5_000, limit_px=px("100.50"))))
    assert (line.who, line.what) == ("alice", "accepted BUY 5,000 ACME @ 100.50")
    assert line.order_id


def test_denied_order_is_told_with_its_reason(teller: Teller) -> None:
    lines = teller.tell(teller.desk.submit(terms(qty=-1)))
    assert lines[0].what.startswith("denied BUY -1 ACME")
    assert ": " in lines[0].what
    assert lines[0].tone == "blocked"


def test_fill_is_told_with_price_and_whose_it_is(teller: Teller) -> None:
    order = teller.accepted()
    (line,) = teller.tell(teller.desk.fill(order, 40, px("99.99")))
    assert (line.who, line.what) == ("alice", "bought 40 ACME @ 99.99")


def test_smaller_order_keeps_priority_and_says_what_it_was(teller: Teller) -> None:
    order = teller.accepted(qty=12_000, limit_px=px(50))
    teller.desk.report(order, Trigger.ACKNOWLEDGE)
    teller.desk.amend(order, qty=8_000)
    lines = teller.tell(teller.desk.run(replace_report(order)))
    assert [line.what for line in lines] == ["amended ACME 12,000 → 8,000, keeps priority"]


def test_other_price_is_told_old_and_new(teller: Teller) -> None:
    order = teller.accepted(limit_px=px(99))
    teller.desk.report(order, Trigger.ACKNOWLEDGE)
    teller.desk.amend(order, limit_px=px("99.50"))
    lines = teller.tell(teller.desk.run(replace_report(order)))
    assert [line.what for line in lines] == ["amended ACME limit 99.00 → 99.50"]


def test_amendment_of_an_order_from_before_says_only_what_it_is(teller: Teller) -> None:
    order = teller.desk.order_in(OrderStatus.NEW)
    teller.desk.amend(order, qty=70)
    lines = teller.tell(teller.desk.run(replace_report(order)))
    assert lines[0].what.startswith("amended ACME to 70")


def test_cancel_by_the_head_says_whose_order_it_is(teller: Teller) -> None:
    order = teller.accepted()
    teller.desk.report(order, Trigger.ACKNOWLEDGE)
    (asked,) = teller.tell(teller.desk.cancel(order, "dana"))
    assert (asked.who, asked.what) == ("dana", "asked to cancel BUY 100 ACME of alice")
    (done,) = teller.tell(teller.desk.report(order, Trigger.CANCEL))
    assert done.what == "cancelled BUY 100 ACME"


def test_halt_and_resume_are_told_with_who_and_whom(teller: Teller) -> None:
    halt = HaltTrading(id=new_id(), author="dana", desk=DESK, trader="ben", note="fat finger")
    lines = teller.tell(teller.desk.run(halt))
    assert [line.what for line in lines] == ["halted trading of ben: fat finger"]
    resume = ResumeTrading(id=new_id(), author="dana", desk=DESK, trader="ben")
    (line,) = teller.tell(teller.desk.run(resume))
    assert (line.who, line.what) == ("dana", "resumed trading of ben")


@pytest.mark.parametrize("status", [s for s in OrderStatus if s.value not in (
    "draft", "staged", "sending", "received", "unknown")])  # fmt: skip
def test_no_event_of_an_orders_life_fails(teller: Teller, status: OrderStatus) -> None:
    start = len(teller.desk.log)
    teller.desk.order_in(status)
    assert all(line.what for line in teller.tell(teller.desk.log[start:]))


def test_event_of_an_order_that_is_gone_is_told_all_the_same(teller: Teller) -> None:
    for kind in get_args(AnyEvent):
        if kind in (e.OrderCanceled, e.OrderExpired, e.CancelRejected, e.OrderRejected):
            (line,) = teller.tell([kind(ts=NOW, desk=DESK, order_id="O-gone", text="late")])
            assert "an order: late" in line.what


def test_long_words_are_cut(teller: Teller) -> None:
    event = e.CommandFailed(ts=NOW, command_id="c", author="a", command="x", text="y" * 900)
    (line,) = teller.tell([event])
    assert len(line.what) <= 160
    assert line.what.endswith("…")


@pytest.mark.parametrize(
    ("order_id", "text"), [("O-2411-000123", "O-…123"), ("O-1", "O-1"), ("", "")]
)
def test_order_id_is_short_enough_to_read(order_id: str, text: str) -> None:
    assert short_id(order_id) == text


# -- the pane ------------------------------------------------------------------------------------


def whats(pane: ActivityPane) -> list[str]:
    pane.model.flush()
    at = pane.model.column_index("what")
    return [pane.model.cell(row, at).text for row in range(pane.model.rowCount())]


def open_pane(qtbot: QtBot, still: StillDesk) -> ActivityPane:
    pane = ActivityPane(still.session, ZONE)
    qtbot.addWidget(pane)
    pane.resize(500, 200)
    pane.show()
    return pane


def test_pane_shows_what_comes_the_newest_on_top(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(pane.model, fatal)
    order = still.desk.order_in(OrderStatus.NEW)
    still.tell(Changed(events=tuple(still.desk.log[-3:])))
    still.tell(Changed(events=tuple(still.desk.fill(order, 10))))
    qtbot.waitUntil(lambda: len(whats(pane)) == 2)
    assert whats(pane)[0].startswith("bought 10")
    tester.deleteLater()


def test_pane_that_was_hidden_has_what_came_meanwhile(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    pane.hide()
    order = still.desk.order_in(OrderStatus.NEW)
    still.tell(Changed(events=tuple(still.desk.fill(order, 10))))
    assert pane.model.total_count == 0
    pane.show()
    assert whats(pane) == ["bought 10 ACME @ 100.00"]


@pytest.mark.parametrize("is_seen", [True, False], ids=["seen", "hidden"])
def test_pane_keeps_no_more_than_its_bound(
    qtbot: QtBot, still: StillDesk, monkeypatch: pytest.MonkeyPatch, is_seen: bool
) -> None:
    monkeypatch.setattr(activity_pane, "LINES_MAX", 50)
    pane = open_pane(qtbot, still)
    pane.setVisible(is_seen)
    for at in range(130):
        event = e.CommandFailed(ts=NOW + at, command_id="c", author="a", command="x", text=str(at))
        still.tell(Changed(events=(event,)))
        if at % 40 == 0:
            qtbot.wait(activity_pane._SHOW_MS * 2 if is_seen else 1)
    pane.show()
    qtbot.waitUntil(lambda: len(whats(pane)) == 50 and whats(pane)[0].endswith("129"))
    assert whats(pane)[-1].endswith(": 80")


def test_double_click_asks_for_the_order(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    order = still.desk.order_in(OrderStatus.NEW)
    still.tell(Changed(events=tuple(still.desk.fill(order, 10))))
    qtbot.waitUntil(lambda: len(whats(pane)) == 1)
    pane.table.select_keys([pane.model.key_at(0)])
    with qtbot.waitSignal(pane.order_wanted) as asked:
        pane._on_activated()
    assert asked.args == [order.order_id]


@pytest.fixture
def still() -> StillDesk:
    return StillDesk()
