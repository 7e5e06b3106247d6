"""Amending in the ticket beyond quantity and price, and when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.calendars import Calendar
from models.commands import AdoptCalendar, AmendOrder
from models.order_state import Trigger
from models.orders import Handling, Order, Replacement, TimeInForce, handling_of
from tests.builders import TODAY, new_id, px
from tests.ui.test_ticket_alone import retype
from tests.ui.ticket_bench import TicketBench
from ui.ticket.pair_boxes import FORCES

LINE = "b 500 acme 99.00"


@pytest.fixture
def bench(qtbot: QtBot) -> TicketBench:
    bench = TicketBench()
    qtbot.addWidget(bench.ticket)
    bench.ticket.show()
    return bench


def choose_force(bench: TicketBench, name: str) -> None:
    box = bench.ticket.force_box
    box.setCurrentText(name)
    box.activated.emit(box.currentIndex())


def _gtc(bench: TicketBench) -> None:
    choose_force(bench, "GTC")


def _gtd(bench: TicketBench) -> None:
    choose_force(bench, "GTD")
    retype(bench.ticket.form.expire_edit, "2024-12-02")


def _iceberg(bench: TicketBench) -> None:
    retype(bench.ticket.form.display_edit, "50")


def _words(bench: TicketBench) -> None:
    retype(bench.ticket.form.words_edit, "careful")


def _trail(bench: TicketBench) -> None:
    retype(bench.ticket.form.trail.edit, "25bp")


@pytest.mark.parametrize(
    ("line", "change", "row", "old", "new", "says"),
    [
        (LINE, _gtc, "Works", "DAY", "GTC", "Keeps its place"),
        (LINE, _gtd, "Works", "DAY", "GTD 2024-12-02", "Keeps its place"),
        (LINE, _iceberg, "Shows", "all", "50", "Keeps its place"),
        (f"{LINE} iceberg 20", _iceberg, "Shows", "20", "50", "back of the queue"),
        (LINE, _words, "Words", "none", "“careful”", "Keeps its place"),
        ("s 500 acme trail 0.50", _trail, "Trail", "0.50", "25 bp", "back of the queue"),
    ],
)
def test_amended_term_is_shown_old_and_new_and_sent(
    bench: TicketBench,
    line: str,
    change: Callable[[TicketBench], None],
    row: str,
    old: str,
    new: str,
    says: str,
) -> None:
    order = bench.resting(line)
    ticket = bench.ticket
    ticket.begin_amend(order)
    panel = ticket.amend_panel
    assert not panel.old[row].isVisible()
    assert not ticket.can_send
    change(bench)
    assert (panel.old[row].text(), panel.new[row].text()) == (old, new)
    assert panel.new[row].isVisible()
    assert says in panel.place.words
    assert f"{old} → {new}" in bench.button
    ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, AmendOrder)
    asked = command.replacement
    assert asked.handling is not None
    assert asked.handling != handling_of(order)
    assert bench.decide_last().pending is not None
    bench.desk.report(bench.desk.order(order.order_id), Trigger.REPLACE)
    assert handling_of(bench.desk.order(order.order_id)) == asked.handling


def test_amended_quantity_alone_says_nothing_of_the_rest(bench: TicketBench) -> None:
    order = bench.resting(f"{LINE} iceberg 20 random gtd +3d")
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "400")
    bench.ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, AmendOrder)
    assert command.replacement == Replacement(qty=400, limit_px=px(99))


def test_amended_quantity_and_words_go_together(bench: TicketBench) -> None:
    order = bench.resting(LINE)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "400")
    _words(bench)
    assert bench.button == (f"AMEND {order.order_id} 500 → 400 @ 99.00 words none → “careful”")
    bench.ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, AmendOrder)
    assert command.replacement == Replacement(
        qty=400, limit_px=px(99), handling=Handling(instructions="careful")
    )


def test_amendment_is_not_offered_a_force_that_does_not_rest(bench: TicketBench) -> None:
    order = bench.resting(LINE)
    bench.ticket.begin_amend(order)
    model = bench.ticket.force_box.model()
    offered = [
        name
        for row, name in enumerate(FORCES)
        if model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled
    ]
    assert [FORCES[name] for name in offered] == [
        TimeInForce.DAY,
        TimeInForce.GTC,
        TimeInForce.GTD,
    ]


# -- somebody else was faster --------------------------------------------------------------------


def danas(bench: TicketBench, order: Order, **changes: int) -> None:
    """Let dana amend the order under alice's hands."""
    mine = bench.desk.order(order.order_id)
    bench.desk.amend(mine, author="dana", **changes)
    bench.refresh()
    bench.desk.report(mine, Trigger.REPLACE)
    bench.refresh()


def test_ticket_says_at_once_who_changed_the_order_and_how(bench: TicketBench) -> None:
    order = bench.resting(LINE)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "800")
    assert not bench.ticket.amend_panel.take_button.isVisible()
    danas(bench, order, qty=600, limit_px=px("99.10"))
    assert "by dana at" in bench.checks
    assert "qty 500 → 600 · limit 99.00 → 99.10" in bench.checks
    assert bench.ticket.amend_panel.take_button.isVisible()
    assert not bench.ticket.can_send


def test_ticket_says_whose_amendment_is_pending(bench: TicketBench) -> None:
    order = bench.resting(LINE)
    bench.ticket.begin_amend(order)
    bench.desk.amend(bench.desk.order(order.order_id), author="dana", qty=600)
    bench.refresh()
    assert "an amendment by dana pending at the venue: qty 500 → 600" in bench.checks
    assert not bench.ticket.amend_panel.take_button.isVisible()


def test_new_terms_are_taken_as_a_base_and_what_was_typed_stays(bench: TicketBench) -> None:
    order = bench.resting(LINE)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "800")
    before = bench.ticket._entry.command_id
    danas(bench, order, qty=600, limit_px=px("99.10"))
    QTest.mouseClick(bench.ticket.amend_panel.take_button, Qt.MouseButton.LeftButton)
    panel = bench.ticket.amend_panel
    assert (panel.old["Quantity"].text(), panel.new["Quantity"].text()) == ("600", "800")
    assert (panel.old["Limit"].text(), panel.new["Limit"].text()) == ("99.10", "99.10")
    assert not panel.take_button.isVisible()
    assert bench.ticket._entry.command_id != before
    bench.ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, AmendOrder)
    assert (command.version, command.replacement) == (
        2,
        Replacement(qty=800, limit_px=px("99.10")),
    )
    assert bench.decide_last().pending is not None


def test_new_terms_of_an_order_that_ended_are_not_offered(bench: TicketBench) -> None:
    order = bench.resting(LINE)
    bench.ticket.begin_amend(order)
    danas(bench, order, qty=600)
    bench.desk.report(bench.desk.order(order.order_id), Trigger.CANCEL)
    bench.refresh()
    assert not bench.ticket.amend_panel.take_button.isVisible()


# -- the market's calendar -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("b 100 acme 99", "XNAS closes early, 13:00 New York"),
        ("b 100 acme 99 gtd 2024-11-29", "XNAS closes early, 12:00 New York"),
        ("b 100 acme 99 gtd 2024-11-27", ""),
        ("b 100 acme 99 gtc", ""),
        ("b 100 acme 99 gtd 2024-11-28", "XNAS is closed on the last day 2024-11-28"),
    ],
)
def test_ticket_says_what_the_calendar_does_to_an_order(
    bench: TicketBench, line: str, says: str
) -> None:
    nasdaq = Calendar(
        mic="XNAS",
        first="2024-11-01",
        last="2024-12-31",
        timezone="America/New_York",
        holidays=("2024-11-28",),
        early_closes={TODAY: "13:00", "2024-11-29": "12:00"},
    )
    bench.decide(AdoptCalendar(id=new_id(), author="olga", calendar=nasdaq))
    bench.type(line)
    assert says in bench.checks
    if not says:
        assert "XNAS" not in bench.checks
