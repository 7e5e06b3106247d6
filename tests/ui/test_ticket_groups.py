"""Orders that hang together in the ticket: lines, exits, what is judged, said, sent and kept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ports import Verdict
from models.commands import SubmitGroup
from models.limits import Outcome
from models.order_state import OrderStatus, Trigger
from models.orders import Capacity, Order, OrderType, Side, TimeInForce
from models.workflow import Contingency
from tests.builders import TODAY, px
from tests.ui.test_one_line import ACCOUNTS, LISTED, QUOTES, read
from tests.ui.test_ticket_drafts import crash, start, written
from tests.ui.test_ticket_instructions import choose, retype, shown
from tests.ui.ticket_bench import CONTROL, TicketBench
from ui.ticket.draft import Draft
from ui.ticket.draft_file import SavedDraft
from ui.ticket.one_line import parse, write


@pytest.fixture
def bench(qtbot: QtBot) -> TicketBench:
    bench = TicketBench()
    qtbot.addWidget(bench.ticket)
    bench.ticket.show()
    bench.ticket.activateWindow()
    qtbot.waitUntil(bench.ticket.isActiveWindow)
    return bench


def sent(bench: TicketBench) -> SubmitGroup:
    bench.ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, SubmitGroup)
    return command


def orders(bench: TicketBench) -> list[Order]:
    return list(bench.session.core.state.orders.values())


# -- what is said is what is sent ----------------------------------------------------------------

BUTTONS = [
    (
        "b 5k acme 100 tp 102 sl 98",
        "BRACKET BUY 5,000 ACME @ 100.00, take profit 102.00, stop 98.00 DAY → SIM",
    ),
    ("b 500 acme 100 gtc sl 98", "BRACKET BUY 500 ACME @ 100.00, stop 98.00 GTC → SIM"),
    (
        "b 500 acme 100 ioc tp 102",
        "BRACKET BUY 500 ACME @ 100.00 IOC, take profit 102.00 DAY → SIM",
    ),
    (
        "s 500 acme mkt tp 98 sl 102",
        "BRACKET SELL 500 ACME at market, take profit 98.00, stop 102.00 DAY → SIM",
    ),
    (
        "b 500 acme 100 iceberg 100 cap principal by pm1 tp 102",
        "BRACKET BUY 500 ACME @ 100.00 iceberg 100, take profit 102.00 DAY PRINCIPAL by pm1 → SIM",
    ),
    (
        "s 500 acme 102 oco stop 98",
        "OCO SELL 500 ACME @ 102.00 DAY or SELL 500 ACME stop 98.00 DAY → SIM",
    ),
    (
        "b 500 acme 99 then s 400 102 gtc",
        "OTO BUY 500 ACME @ 99.00 DAY, then SELL 400 ACME @ 102.00 GTC → SIM",
    ),
    (
        "b 500 acme 99 then @102 then stop 97",
        "OTO BUY 500 ACME @ 99.00 DAY, then SELL 500 ACME @ 102.00 DAY, "
        "then SELL 500 ACME stop 97.00 DAY → SIM",
    ),
    (
        "b 500 acme 99 then b 100 beta mkt acct income",
        "OTO BUY 500 ACME @ 99.00 DAY, then BUY 100 BETA at market DAY → SIM",
    ),
]
LINES = [line for line, _ in BUTTONS]


@pytest.mark.parametrize(("line", "words"), BUTTONS)
def test_button_says_what_is_sent_and_the_engine_takes_all_of_it(
    bench: TicketBench, line: str, words: str
) -> None:
    bench.type(line)
    assert bench.button == words
    assert bench.ticket.can_send
    command = sent(bench)
    bench.decide_last()
    made = orders(bench)
    assert len(made) == len(command.legs)
    assert all(order.group_id == command.id for order in made)
    assert [order.status is OrderStatus.STAGED for order in made] == [
        command.contingency is not Contingency.OCO and at > 0 for at in range(len(made))
    ]


def test_bracket_is_an_entry_and_exits_on_the_other_side(bench: TicketBench) -> None:
    bench.type('b 5k acme 100 gtc cap principal by pm1 note "now" tp 102 sl 98')
    command = sent(bench)
    entry, profit, loss = command.legs
    assert command.contingency is Contingency.BRACKET
    assert (profit.side, profit.order_type, profit.limit_px) == (
        Side.SELL,
        OrderType.LIMIT,
        px(102),
    )
    assert (loss.side, loss.order_type, loss.stop_px) == (Side.SELL, OrderType.STOP, px(98))
    for leg in (entry, profit, loss):
        assert (leg.qty, leg.account, leg.time_in_force) == (5_000, "GROWTH", TimeInForce.GTC)
        assert (leg.capacity, leg.investment_decision) == (Capacity.PRINCIPAL, "pm1")
        assert leg.instructions == "now"


@pytest.mark.parametrize("line", LINES)
def test_line_written_from_the_draft_says_the_same(bench: TicketBench, line: str) -> None:
    bench.type(line)
    core = bench.session.core
    again = parse(
        write(bench.ticket.draft), Draft(), core.state.instruments, core.state.accounts, {}, TODAY
    )
    assert not again.mistakes
    assert again.draft == bench.ticket.draft


@pytest.mark.parametrize("line", LINES)
def test_draft_file_carries_the_legs(bench: TicketBench, line: str) -> None:
    bench.type(line)
    saved = bench.ticket._entry.saved("")
    again = msgspec.json.decode(msgspec.json.encode(saved), type=SavedDraft)
    assert again.draft == bench.ticket.draft


# -- the line ------------------------------------------------------------------------------------


def test_leg_takes_what_it_does_not_say_from_the_first() -> None:
    line = read("s 5k aapl 195 gtc acct index oco stop 185")
    assert not line.mistakes
    (leg,) = line.draft.legs
    assert (leg.side, leg.account, leg.time_in_force) == (Side.SELL, "INDEX", TimeInForce.GTC)
    assert (leg.qty, leg.symbol) == ("", "")  # the first's, also when that changes


def test_price_of_an_exit_may_be_said_by_the_quote() -> None:
    line = read("b 5k aapl mkt tp ask+100t sl bid-100t")
    assert not line.mistakes
    assert (line.draft.take_profit, line.draft.stop_loss) == ("191.51", "189.48")
    assert line.draft.limit == ""


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("b 5k aapl 190 oco stop 195 then @200", 27, "by oco or by then"),
        ("b 5k aapl 190 oco stop 195 care", 27, "is said of all of them"),
        ("b 5k aapl 190 then s 100 195 tp 200", 29, "is said of all of them"),
        ("b 5k aapl 190 then s 100 195 nonsense", 29, "is not in the security master"),
        ("b 5k aapl 190 then s 100 195 min 50", 33, "IOC"),
        ("b 5k aapl 190 tp high", 17, "high"),
    ],
)
def test_mistake_in_a_leg_is_marked_where_it_stands(text: str, at: int, why: str) -> None:
    mistakes = read(text).mistakes
    assert mistakes[0].start == at
    assert why in mistakes[0].reason


def test_oco_before_a_symbol_is_no_link() -> None:
    assert read("b 5k oco").mistakes
    assert not read("b 5k oco").draft.legs


def test_leg_of_another_name_keeps_it() -> None:
    line = read("b 5k aapl 190 then b 1k msft @400")
    again = parse(write(line.draft), Draft(account="GROWTH"), LISTED, ACCOUNTS, QUOTES, TODAY)
    assert line.draft.legs[0].symbol == "MSFT"
    assert again.draft == line.draft


# -- the form ------------------------------------------------------------------------------------


def test_exits_typed_in_the_form_make_a_bracket(bench: TicketBench) -> None:
    bench.type("b 500 acme 100")
    bench.ticket.more_button.click()
    form = bench.ticket.form
    retype(form.profit_edit, "102")
    retype(form.loss_edit, "98")
    assert bench.ticket.line_edit.text() == "b 500 acme 100 acct growth tp 102 sl 98"
    assert bench.button.startswith("BRACKET BUY 500 ACME @ 100.00, take profit 102.00")
    QTest.keyClick(form.loss_edit, Qt.Key.Key_Down)
    assert form.loss_edit.text() == "97.99"


def test_legs_follow_side_account_and_force_of_the_first(bench: TicketBench) -> None:
    bench.type("s 500 acme 102 oco stop 98")
    choose(bench.ticket.force_box, "GTC")
    choose(bench.ticket.account_box, "INCOME")
    retype(bench.ticket.qty_edit, "700")
    words = "OCO SELL 700 ACME @ 102.00 GTC or SELL 700 ACME stop 98.00 GTC → SIM"
    assert bench.button == words
    assert {terms.account for terms in sent(bench).legs} == {"INCOME"}


def test_what_then_follows_closes_the_other_way_when_the_side_changes(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 then @100")
    bench.ticket.side_buttons[Side.SELL].click()
    assert "then BUY 500 ACME @ 100.00" in bench.button


def test_legs_are_listed_below_the_fields(bench: TicketBench) -> None:
    bench.type("b 500 acme 99 then @102 then stop 97")
    label = bench.ticket._face.legs_label
    assert label.isVisible()
    assert label.words == "Then 1: SELL 500 ACME @ 102.00 DAY\nThen 2: SELL 500 ACME stop 97.00 DAY"
    bench.ticket.drop()
    assert not label.isVisible()


def test_send_forgets_the_exits(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102 sl 98")
    bench.ticket.send()
    assert not bench.ticket.draft.is_contingent
    assert "take_profit" not in shown(bench)


# -- judging -------------------------------------------------------------------------------------


def test_every_leg_is_judged_and_counted(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102 sl 98")
    one = len(bench.session.preview(sent(bench).legs[0]).checks)
    bench.decide_last()
    bench.type("b 400 acme 100 tp 102 sl 98")
    assert f"✓ {3 * one} checks of 3 orders pass" in bench.checks
    assert "both may trade at one instant" in bench.checks


def test_exit_that_is_wrong_holds_all_and_is_marked(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102.001 sl 98")
    assert not bench.ticket.can_send
    assert bench.ticket._entry.verdict.outcome is Outcome.HARD
    assert "Take profit: " in bench.checks
    assert bench.ticket.form.profit_edit.property("invalid") is True
    assert bench.ticket.limit_edit.property("invalid") is False


def test_warning_of_them_all_is_said_once_and_takes_a_reason(bench: TicketBench) -> None:
    bench.type("b 15k acme 100 tp 101 sl 99")
    assert bench.checks.count("⚠") == 1
    assert not bench.ticket.can_send
    QTest.keyClicks(bench.ticket.reason_edit, "rebalance")
    assert sent(bench).reason == "rebalance"
    bench.decide_last()
    assert [order.status is OrderStatus.DENIED for order in orders(bench)] == [False] * 3


@pytest.mark.parametrize("line", ["b 1k acme 100 tp 102 sl 98", "b 1k acme 99 oco @101"])
def test_largest_of_a_group_passes_for_every_leg(bench: TicketBench, line: str) -> None:
    bench.type(line)
    bench.ticket.take_largest()
    room = bench.ticket._entry.room
    assert room is not None
    assert 1_000 < room.largest_clean_qty == int(bench.ticket.draft.qty)
    assert bench.ticket._entry.verdict.outcome is Outcome.PASS
    retype(bench.ticket.qty_edit, str(room.largest_clean_qty + 1))
    assert bench.ticket._entry.verdict.outcome is Outcome.SOFT


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [
        ("b 500 acme 100 tp 99", "take_profit", "Take profit 99 is not above the entry's 100"),
        ("b 500 acme 100 sl 101", "stop_loss", "Stop loss 101 is not below the entry's 100"),
        ("s 500 acme 100 tp 101", "take_profit", "Take profit 101 is not below the entry's 100"),
        ("b 500 acme mkt tp 98 sl 99", "take_profit", "is not above the stop 99"),
        ("b 500 acme 100 tp 102 oco stop 98", "take_profit", "no oco or then beside"),
        ("b 500 acme 100 stage tp 102", "staged", "Uncheck Stage"),
        ("b 500 acme 100 care tp 102", "", "goes with orders for a venue"),
        ("b 500 acme 100 then s 100", "", "Then: Limit price is missing"),
    ],
)
def test_group_that_makes_no_sense_is_held_with_the_reason(
    bench: TicketBench, line: str, field: str, says: str
) -> None:
    bench.type(line)
    assert not bench.ticket.can_send
    assert says in bench.checks
    bench.ticket.send()
    assert not bench.submitted
    if field:
        assert bench.ticket.form._editors[field].property("invalid") is True


# -- once, and once only -------------------------------------------------------------------------


def test_group_hammered_goes_out_once(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102 sl 98")
    for _ in range(20):
        bench.ticket.send()
        QTest.mouseClick(bench.ticket.send_button, Qt.MouseButton.LeftButton)
        QTest.keyClick(bench.ticket.line_edit, Qt.Key.Key_Return, CONTROL)
    assert len(bench.submitted) == 1


def test_same_group_again_before_its_outcome_is_held(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102 sl 98")
    bench.ticket.send()
    command = bench.submitted[0]
    bench.lose(command.id)
    bench.type("b 500 acme 100 tp 102 sl 98")
    assert not bench.ticket.can_send
    assert "the store did not answer" in bench.checks
    bench.type("b 500 acme 100 tp 102 sl 97")  # another one is not held up
    assert bench.ticket.can_send
    bench.type("b 500 acme 100 tp 102 sl 98")
    bench.answer(command.id, Verdict.VOIDED)
    assert bench.ticket.can_send


def test_group_refused_by_the_session_keeps_draft_and_id(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102 sl 98")
    own = bench.ticket._entry.command_id
    assert sent(bench).id == own


def test_outcome_of_a_group_is_that_of_its_first_order(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 tp 102 sl 98")
    bench.ticket.send()
    bench.decide_last()
    entry = orders(bench)[0]
    bench.desk.report(bench.desk.order(entry.order_id), Trigger.ACKNOWLEDGE)
    bench.refresh()
    assert f"{entry.order_id} new, 0 of 500 done" in bench.ticket.outcome_label.words


# -- drafts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["b 500 acme 100 tp 102 sl 98", "s 500 acme 102 oco stop 98"])
def test_group_survives_a_crash(qtbot: QtBot, tmp_path: Path, line: str) -> None:
    file = tmp_path / "draft.json"
    bench = start(qtbot, file)
    bench.type(line)
    qtbot.waitUntil(lambda: written(qtbot, file).draft == bench.ticket.draft)
    button = bench.button
    again = start(qtbot, file, crash(bench))
    assert again.button == button
    assert again.ticket.can_send


def test_group_that_was_sent_before_the_crash_does_not_come_back(
    qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "draft.json"
    bench = start(qtbot, file)
    bench.type("b 500 acme 100 tp 102 sl 98")
    qtbot.waitUntil(lambda: bool(written(qtbot, file).draft.stop_loss))
    bench.ticket.send()
    bench.desk.run(bench.submitted[-1])
    again = start(qtbot, file, crash(bench))
    assert again.ticket.draft.is_blank
    assert "was sent before the restart" in again.said[-1][0]
