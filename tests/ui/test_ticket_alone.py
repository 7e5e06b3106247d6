"""The ticket over a session stepped by hand: what it sends, how often, and what it says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.context import FEED_TIMEOUT_NS
from app.ports import Verdict
from app.session import step
from models.commands import AdoptCommissions, AmendOrder, HaltTrading, SubmitOrder
from models.commission import CommissionRate, CommissionSchedule
from models.limits import Outcome
from models.order_state import OrderStatus, Trigger
from models.orders import OrderType, Replacement, Side, TimeInForce
from tests.builders import DESK, SECOND, money, new_id, px, quote
from tests.ui.ticket_bench import CONTROL, TicketBench


@pytest.fixture
def bench(qtbot: QtBot) -> TicketBench:
    bench = TicketBench()
    qtbot.addWidget(bench.ticket)
    bench.ticket.show()
    bench.ticket.activateWindow()
    qtbot.waitUntil(bench.ticket.isActiveWindow)
    return bench


def retype(edit: QWidget, text: str) -> None:
    edit.setFocus()
    edit.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(edit, text)


# -- once, and once only -------------------------------------------------------------------------


def test_send_hammered_by_key_and_button_goes_out_once(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    assert bench.ticket.can_send
    for _ in range(20):
        bench.ticket.send()
        QTest.mouseClick(bench.ticket.send_button, Qt.MouseButton.LeftButton)
        QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Return, CONTROL)
    assert len(bench.submitted) == 1
    order = bench.decide_last()
    assert order.qty == 100
    assert len(bench.desk.state.orders) == 1


def test_send_hammered_with_a_reason_goes_out_once(bench: TicketBench) -> None:
    bench.type("b 15k acme 100")
    QTest.keyClicks(bench.ticket.reason_edit, "index rebalance")
    for _ in range(20):
        bench.ticket.send()
    (command,) = bench.submitted
    assert isinstance(command, SubmitOrder)
    assert command.reason == "index rebalance"


def test_send_hammered_amendment_goes_out_once(bench: TicketBench) -> None:
    order = bench.resting()
    before = len(bench.submitted)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "700")
    for _ in range(20):
        bench.ticket.send()
        QTest.mouseClick(bench.ticket.send_button, Qt.MouseButton.LeftButton)
    assert len(bench.submitted) == before + 1


def test_send_refused_by_the_session_keeps_draft_and_id(
    bench: TicketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.type("b 100 acme 100")
    sent = bench.ticket._entry.command_id
    bench.session.core.link = step.Link.LOST  # the ticket has not heard of it yet
    bench.ticket.send()
    assert not bench.submitted
    assert "Nothing was sent" in bench.said[-1][0]
    bench.session.core.link = step.Link.LIVE
    bench.ticket.send()
    assert [command.id for command in bench.submitted] == [sent]


def test_same_order_again_before_its_outcome_is_held(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    bench.ticket.send()
    bench.type("b 100 acme 100")
    assert not bench.ticket.can_send
    assert "is being sent" in bench.checks
    bench.ticket.send()
    assert len(bench.submitted) == 1
    bench.type("b 200 acme 100")  # another order is not held up
    assert bench.ticket.can_send


def test_unknown_outcome_holds_the_same_order_until_it_is_known(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    bench.ticket.send()
    sent = bench.submitted[0].id
    bench.lose(sent)
    assert bench.session.core.requests[sent].status is OrderStatus.UNKNOWN
    bench.type("b 100 acme 100")
    assert not bench.ticket.can_send
    assert "the store did not answer" in bench.checks
    bench.answer(sent, Verdict.VOIDED)
    assert bench.ticket.can_send  # it never will be executed, so it may be entered again
    bench.ticket.send()
    assert len({command.id for command in bench.submitted}) == 2


def test_unknown_amendment_holds_any_other_of_the_same_order(bench: TicketBench) -> None:
    order = bench.resting()
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "700")
    bench.ticket.send()
    bench.lose(bench.submitted[-1].id)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "800")
    assert not bench.ticket.can_send
    assert "An amendment of this order" in bench.checks


def test_lost_store_holds_everything_and_keeps_the_draft(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    bench.session._step(step.Disconnected("the line is cut"))
    assert not bench.ticket.can_send
    assert "the line is cut" in bench.checks
    bench.session._step(step.Connected(bench.desk.ts))
    assert bench.ticket.can_send
    assert bench.ticket.qty_edit.text() == "100"


def test_halted_trader_cannot_send(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    bench.decide(HaltTrading(id=new_id(), author="dana", desk=DESK, trader="alice", note="late"))
    assert not bench.ticket.can_send
    assert "halted by dana" in bench.checks


# -- what it says --------------------------------------------------------------------------------


def test_blank_ticket_says_how_to_begin_and_marks_nothing(bench: TicketBench) -> None:
    assert "F2" in bench.checks
    assert bench.button == "Nothing to send yet"
    assert not bench.ticket.send_button.isEnabled()


def test_passing_order_says_how_many_checks_and_what_it_costs(bench: TicketBench) -> None:
    rates = {"share": CommissionRate(per_unit=5_000, minimum=money(1))}
    schedule = CommissionSchedule(name="a", effective="2024-01-01", currency="USD", rates=rates)
    bench.decide(AdoptCommissions(id=new_id(), author="olga", schedule=schedule))
    bench.type("b 5k acme 100.01")
    assert bench.checks == "✓ 6 checks pass"
    shown = {name: label.text() for name, label in bench.ticket._face.costs.values.items()}
    assert shown == {"Notional": "500,050", "Commission": "25.00", "Half spread": "1.0 bp"}


def test_order_near_a_limit_says_so(bench: TicketBench) -> None:
    bench.type("b 9500 acme 100")
    assert "⚠ Near the 1.0m warning level; nothing to do" in bench.checks
    assert bench.ticket.can_send


def test_soft_breach_shows_the_reason_and_ctrl_enter_goes_there(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    assert not bench.ticket.reason_edit.isVisible()
    bench.type("b 15k acme 100")
    ticket = bench.ticket
    assert ticket.reason_edit.isVisible()
    assert ticket.qty_edit.property("invalid") == "soft"
    assert bench.checks.startswith("⚠ Order value 1,500,000 USD is over")
    QTest.keyClick(ticket.line_edit, Qt.Key.Key_Return, CONTROL)
    ticket.send()
    assert ticket.focusWidget() is ticket.reason_edit
    assert not bench.submitted
    QTest.keyClicks(ticket.reason_edit, "   ")
    assert not ticket.can_send
    QTest.keyClicks(ticket.reason_edit, "client instruction")
    ticket.send()
    assert len(bench.submitted) == 1
    assert not ticket.reason_edit.text()


def test_hard_breach_marks_the_field_and_ctrl_enter_goes_there(bench: TicketBench) -> None:
    bench.type("b 100 acme 106")
    ticket = bench.ticket
    assert ticket.limit_edit.property("invalid") is True
    assert ticket.qty_edit.property("invalid") is False
    assert bench.checks.startswith("■ Limit price 106.00 is 6% above the last 100.00")
    assert not ticket.reason_edit.isVisible()
    ticket.send()
    assert ticket.focusWidget() is ticket.limit_edit
    assert not bench.submitted


def test_account_that_is_not_granted_is_marked(bench: TicketBench) -> None:
    bench.ticket.account_box.addItem("PENSION")
    bench.type("b 100 acme 100")
    bench.ticket.account_box.setCurrentText("PENSION")
    bench.ticket.account_box.activated.emit(0)
    assert bench.ticket.account_box.property("invalid") is True


def test_what_is_not_typed_yet_is_not_marked_as_wrong(bench: TicketBench) -> None:
    bench.type("b 100 acme")
    assert "Limit price is missing" in bench.checks
    assert not bench.ticket.limit_edit.property("invalid")
    bench.ticket.send()
    assert bench.ticket.focusWidget() is bench.ticket.limit_edit


def test_button_breaks_its_words_rather_than_cut_them(bench: TicketBench) -> None:
    bench.type("b 1m ust10y stop 101 102 gtc acct income")
    ticket = bench.ticket
    show = bench.session.core.state.instruments["UST10Y"].show_price
    words = f"BUY 1,000,000 UST10Y stop {show(px(101))} @ {show(px(102))} GTC → SIM"
    assert bench.button == words
    assert ticket.send_button.text().replace("\n", " ") == words
    bold = ticket.send_button.font()
    bold.setBold(True)
    for line in ticket.send_button.text().split("\n"):
        assert QFontMetrics(bold).horizontalAdvance(line) <= ticket.send_button.width()


def test_outcome_of_what_was_sent_is_told(bench: TicketBench) -> None:
    order = bench.resting()
    assert bench.ticket.outcome_label.words == f"{order.order_id} new, 0 of 500 done"
    bench.desk.fill(bench.desk.order(order.order_id), 500, px(99))
    bench.refresh()
    assert bench.ticket.outcome_label.words == f"{order.order_id} filled, 500 of 500 done"


def test_hidden_ticket_catches_up_when_it_is_shown(bench: TicketBench) -> None:
    bench.type("b 100 acme 100")
    bench.ticket.hide()
    bench.decide(HaltTrading(id=new_id(), author="dana", desk=DESK, trader="", note=""))
    assert "halted" not in bench.checks
    bench.ticket.show()
    assert "halted" in bench.checks


# -- headroom ------------------------------------------------------------------------------------


def test_largest_that_is_taken_passes(bench: TicketBench) -> None:
    bench.type("b 15k acme 100")
    assert "10,000" in bench.ticket.headroom.largest_label.text()
    bench.ticket.take_largest()
    assert bench.ticket.qty_edit.text() == "10000"
    assert bench.ticket.line_edit.text().startswith("b 10000 acme 100")
    assert bench.ticket.can_send
    assert bench.ticket._entry.verdict.outcome is Outcome.PASS


def test_largest_before_a_quantity_is_typed(bench: TicketBench) -> None:
    bench.type("b acme lmt 100")
    assert "10,000" in bench.ticket.headroom.largest_label.text()
    bench.ticket.take_largest()
    assert bench.button.startswith("BUY 10,000 ACME")


def test_largest_where_every_size_warns_says_so_and_changes_nothing(bench: TicketBench) -> None:
    bench.type("b 100 acme 104")
    assert "Every size warns" in bench.ticket.headroom.largest_label.text()
    bench.ticket.take_largest()
    assert bench.ticket.qty_edit.text() == "100"
    assert "without a warning" in bench.said[-1][0]


# -- amending ------------------------------------------------------------------------------------


def test_amend_shows_old_and_new_and_says_exactly_what_is_sent(bench: TicketBench) -> None:
    order = bench.resting()
    bench.desk.fill(bench.desk.order(order.order_id), 200, px(99))
    bench.refresh()
    ticket = bench.ticket
    ticket.begin_amend(order)
    assert not ticket.line_edit.isVisible()
    assert not ticket.send_button.isEnabled()
    retype(ticket.qty_edit, "800")
    retype(ticket.limit_edit, "99.50")
    panel = ticket.amend_panel
    shown = {name: (panel.old[name].text(), panel.new[name].text()) for name in panel.old}
    assert shown["Quantity"] == ("500", "800")
    assert shown["Limit"] == ("99.00", "99.50")
    assert shown["Left"] == ("300", "600")
    assert panel.new["Quantity"].font().bold()
    assert "200 of 500 done at 99.000 stay done" in panel.place.words
    assert "back of the queue" in panel.place.words
    assert bench.button == f"AMEND {order.order_id} 500 → 800 @ 99.00 → 99.50"
    ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, AmendOrder)
    assert command.replacement == Replacement(qty=800, limit_px=px("99.5"))


@pytest.mark.parametrize(
    ("qty", "limit", "says"),
    [
        ("400", "99.00", "Keeps its place"),
        ("400", "98.99", "back of the queue"),
        ("500", "98.99", "back of the queue"),
        ("600", "99.00", "back of the queue"),
        ("200", "99.00", "ends filled"),
        ("100", "99.00", "ends filled"),
        ("500", "99.00", "Change the quantity or a price"),
    ],
)
def test_amend_says_what_becomes_of_the_place_as_the_state_has_it(
    bench: TicketBench, qty: str, limit: str, says: str
) -> None:
    order = bench.resting()
    behind = bench.resting("b 300 acme 99.00")
    bench.desk.fill(bench.desk.order(order.order_id), 200, px(99))
    bench.refresh()
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, qty)
    retype(bench.ticket.limit_edit, limit)
    assert says in bench.ticket.amend_panel.place.words
    if says.startswith("Change"):
        assert not bench.ticket.can_send
        return
    bench.ticket.send()
    bench.decide_last()
    bench.desk.report(bench.desk.order(order.order_id), Trigger.REPLACE)
    live = list(bench.desk.state.live)
    if says.startswith("Keeps"):
        assert live == [order.order_id, behind.order_id]
    elif "back" in says:
        assert live == [behind.order_id, order.order_id]
    else:
        assert live == [behind.order_id]
        assert bench.desk.order(order.order_id).status is OrderStatus.FILLED


def test_amend_keeps_what_the_person_saw_when_the_order_moves_on(bench: TicketBench) -> None:
    order = bench.resting()
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "800")
    bench.desk.amend(bench.desk.order(order.order_id), author="dana", qty=600)
    bench.desk.report(bench.desk.order(order.order_id), Trigger.REPLACE)
    bench.refresh()
    assert bench.ticket.amend_panel.old["Quantity"].text() == "500"
    assert not bench.ticket.can_send
    assert "was changed meanwhile" in bench.checks


def test_amend_of_an_order_that_ended_meanwhile_cannot_be_sent(bench: TicketBench) -> None:
    order = bench.resting()
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "800")
    bench.desk.report(bench.desk.order(order.order_id), Trigger.CANCEL)
    bench.refresh()
    assert not bench.ticket.can_send
    assert "can't be amended any more" in bench.checks


def test_amend_refused_is_told_with_the_reason(bench: TicketBench) -> None:
    order = bench.resting()
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "800")
    bench.ticket.send()
    bench.desk.report(bench.desk.order(order.order_id), Trigger.CANCEL)
    bench.decide_last()
    assert "Amendment of" in bench.ticket.outcome_label.words
    assert "refused" in bench.ticket.outcome_label.words


def test_amend_of_a_stop_limit_has_both_prices(bench: TicketBench) -> None:
    order = bench.resting("s 500 acme stop 98 97.5 gtc")
    bench.ticket.begin_amend(order)
    retype(bench.ticket.stop_edit, "98.50")
    assert bench.button == f"AMEND {order.order_id} 500 stop 98.00 → 98.50 @ 97.50"
    assert bench.ticket.can_send


# -- fields, line and market ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("b 100 acme 100", {"limit"}),
        ("b 100 acme mkt", {"limit"}),
        ("b 100 acme stop 101", {"stop"}),
        ("b 100 acme stop 101 102", {"limit", "stop"}),
    ],
)
def test_fields_are_those_that_the_type_has(bench: TicketBench, line: str, shown: set[str]) -> None:
    bench.type(line)
    edits = {"limit": bench.ticket.limit_edit, "stop": bench.ticket.stop_edit}
    assert {name for name, edit in edits.items() if edit.isVisible()} == shown
    assert bench.ticket.limit_edit.isEnabled() is bench.ticket.draft.order_type.has_limit


def test_relative_price_is_taken_once_and_stays(bench: TicketBench) -> None:
    bench.type("b 100 acme bid+2t")
    assert bench.ticket.limit_edit.text() == "100.01"
    bench.see_market(quote(last=px(101)))
    assert bench.button == "BUY 100 ACME @ 100.01 DAY → SIM"


def test_dead_feed_greys_the_quote_says_since_when_and_blocks(bench: TicketBench) -> None:
    bench.type("b 100 acme 100.01")
    core, strip = bench.session.core, bench.ticket._face.quotes
    assert bench.ticket.can_send
    assert not strip.dead_label.isVisible()
    core.store_ts += FEED_TIMEOUT_NS + 1
    bench.ticket._on_time_passed()
    assert strip.dead_label.isVisible()
    assert strip.dead_label.text() == "⚠ Feed dead since 08:00:50"
    assert {strip.values[name].property("role") for name in ("Bid", "Ask", "Last")} == {"muted"}
    assert not bench.ticket.can_send
    core.feed_ts = core.store_ts
    bench.ticket._on_time_passed()
    assert not strip.dead_label.isVisible()
    assert strip.values["Bid"].property("role") == "buy"
    assert bench.ticket.can_send


def test_quiet_name_on_a_live_feed_keeps_its_quote_and_says_its_age(bench: TicketBench) -> None:
    bench.type("b 100 acme 100.01")
    core, strip = bench.session.core, bench.ticket._face.quotes
    assert strip._headings["Last"].text() == "Last"
    core.store_ts = core.feed_ts = core.store_ts + 300 * SECOND
    bench.ticket._on_time_passed()
    assert strip._headings["Last"].text() == "Last 5 min"
    assert "nothing has happened since 08:00:00" in strip.values["Last"].toolTip()
    assert strip.values["Bid"].property("role") == "buy"
    assert bench.ticket.can_send


def test_suggestion_is_chosen_by_keys_and_escape_only_closes_the_list(bench: TicketBench) -> None:
    bench.type("b 100 ac")
    popup = bench.ticket._line_suggestions
    assert popup.isVisible()
    assert not bench.ticket.line_edit.property("invalid")  # it may become what is meant
    QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert bench.ticket.line_edit.text() == "b 100 ac"
    QTest.keyClicks(bench.ticket.line_edit, "m")
    QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Tab)
    assert bench.ticket.line_edit.text() == "b 100 acme "
    assert bench.ticket.symbol_edit.text() == "ACME"
    QTest.keyClicks(bench.ticket.line_edit, "m")
    QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Down)
    QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Return)
    assert bench.ticket.line_edit.text() == "b 100 acme mkt "
    assert bench.ticket.focusWidget() is bench.ticket.line_edit


def test_plain_enter_takes_no_suggestion_that_was_not_chosen(bench: TicketBench) -> None:
    bench.type("b 100 ac")
    QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Return)
    assert bench.ticket.line_edit.text() == "b 100 ac"
    assert not bench.submitted


def test_symbol_field_completes_by_name(bench: TicketBench) -> None:
    retype(bench.ticket.symbol_edit, "bet")
    assert bench.ticket._symbol_suggestions.isVisible()
    QTest.keyClick(bench.ticket.symbol_edit, Qt.Key.Key_Tab)
    assert bench.ticket.symbol_edit.text() == "BETA"
    assert bench.ticket.draft.symbol == "BETA"


def test_mistake_is_underlined_where_it_stands(bench: TicketBench) -> None:
    bench.type("b 100 acme bid+2x")
    edit = bench.ticket.line_edit
    assert [(each.start, each.end) for each in edit._mistakes] == [(11, 17)]
    assert "how many ticks" in bench.ticket.line_error.text()
    clean = edit.grab().toImage()
    edit._mistakes = ()
    assert edit.grab().toImage() != clean  # something was drawn there


def test_set_price_begins_an_order_and_keeps_the_quantity_of_the_same_name(
    bench: TicketBench,
) -> None:
    bench.ticket.set_price("ACME", Side.SELL, px("100.05"))
    retype(bench.ticket.qty_edit, "300")
    assert bench.button == "SELL 300 ACME @ 100.05 DAY → SIM"
    bench.ticket.set_price("ACME", Side.BUY, px("99.98"))
    assert bench.button == "BUY 300 ACME @ 99.98 DAY → SIM"
    bench.ticket.set_price("BETA", Side.BUY, px("99.98"))
    assert bench.ticket.draft.qty == ""
    assert not bench.submitted


def test_set_price_makes_a_market_order_a_limit_order(bench: TicketBench) -> None:
    bench.type("b 100 acme mkt gtc")
    bench.ticket.set_price("ACME", Side.BUY, px("99.98"))
    assert bench.ticket.draft.order_type is OrderType.LIMIT
    assert bench.ticket.draft.time_in_force is TimeInForce.GTC


def test_set_price_goes_into_an_amendment_of_that_name_only(bench: TicketBench) -> None:
    order = bench.resting()
    bench.ticket.begin_amend(order)
    bench.ticket.set_price("ACME", Side.SELL, px("98.70"))
    assert bench.ticket.limit_edit.text() == "98.70"
    assert bench.ticket.draft.side is Side.BUY
    bench.ticket.set_price("BETA", Side.BUY, px(50))
    assert bench.ticket.amends is not None
    assert "Send it or drop it" in bench.said[-1][0]
    bench.ticket.set_price("NOSUCH", Side.BUY, px(50))
    assert bench.ticket.limit_edit.text() == "98.70"


def test_begin_takes_side_and_symbol(bench: TicketBench) -> None:
    bench.type("b 100 acme 100 acct income")
    bench.ticket.begin(Side.SELL_SHORT, "BETA")
    draft = bench.ticket.draft
    assert (draft.side, draft.symbol, draft.account) == (Side.SELL_SHORT, "BETA", "INCOME")
    assert draft.is_blank
    assert bench.ticket.focusWidget() is bench.ticket.line_edit


def test_state_of_the_pane_comes_back_and_nonsense_is_ignored(bench: TicketBench) -> None:
    bench.type("s 100 acme 100 acct income")
    saved = bench.ticket.save_state()
    bench.ticket.begin(Side.BUY)
    bench.ticket.restore_state(saved)
    assert (bench.ticket.draft.side, bench.ticket.draft.account) == (Side.SELL, "INCOME")
    for nonsense in ({}, {"side": 5, "account": 7}, {"side": "up", "account": "X"}):
        bench.ticket.restore_state(nonsense)
    assert bench.ticket.draft.side is Side.SELL


# -- how it stands -------------------------------------------------------------------------------

LINES = (
    "b 4200 acme 100",
    "b 15k acme 100",
    "s 90k acme 94",
    "b 1m ust10y stl 101 102 gtc acct income",
    "ss 300 acme bid+2x gtc",
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("height", [560, 619, 620, 635])
def test_ticket_fits_without_scrolling_from_560_pixels_on(
    bench: TicketBench, dark: object, line: str, height: int
) -> None:
    bench.ticket.resize(300, height)
    bench.type(line)
    QApplication.processEvents()
    scroll = bench.ticket._face._scroll
    assert scroll.verticalScrollBar().maximum() == 0
    assert scroll.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("size", [(300, 440), (268, 440), (268, 400)])
def test_button_stays_in_sight_where_there_is_little_room(
    bench: TicketBench, dark: object, line: str, size: tuple[int, int]
) -> None:
    bench.ticket.resize(*size)
    bench.type(line)
    QApplication.processEvents()
    button, ticket = bench.ticket.send_button, bench.ticket
    assert (ticket.width(), ticket.height()) == size
    corner = button.mapTo(ticket, QPoint(button.width(), button.height()))
    assert corner.y() <= ticket.height()
    assert corner.x() <= ticket.width()
    assert bench.ticket._face._scroll.horizontalScrollBar().maximum() == 0
