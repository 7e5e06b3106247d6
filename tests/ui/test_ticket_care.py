"""Staged and care orders in the ticket, who decided, in which capacity, what the client said."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.commands import SubmitOrder
from models.limits import Outcome
from models.order_state import OrderStatus
from models.orders import Capacity, Order
from models.parties import Account
from tests.builders import TODAY, Desk
from tests.ui.test_one_line import ACCOUNTS, LISTED, QUOTES, read
from tests.ui.test_ticket_instructions import choose, retype, shown
from tests.ui.ticket_bench import TicketBench
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


def entered(bench: TicketBench) -> tuple[SubmitOrder, Order]:
    """Send what the ticket holds; return the command and the order that the engine makes."""
    bench.ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, SubmitOrder)
    return command, bench.decide_last()


# -- the line ------------------------------------------------------------------------------------

LINES = [
    ("b 5k acme 100 care", "BUY 5,000 ACME @ 100.00 DAY → care of alice"),
    ("b 5k acme 100 pool", "BUY 5,000 ACME @ 100.00 DAY → desk, unclaimed"),
    ("b 5k acme 100 stage", "STAGE BUY 5,000 ACME @ 100.00 DAY → SIM"),
    ("b 5k acme 100 stage care", "STAGE BUY 5,000 ACME @ 100.00 DAY → care of alice"),
    ("s 5k acme mkt care", "SELL 5,000 ACME at market DAY → care of alice"),
    ("b 5k acme 100 cap principal", "BUY 5,000 ACME @ 100.00 DAY PRINCIPAL → SIM"),
    (
        "b 5k acme 100 cap riskless by pm1",
        "BUY 5,000 ACME @ 100.00 DAY RISKLESS PRINCIPAL by pm1 → SIM",
    ),
    ('b 5k acme 100 note "not above 101"', 'BUY 5,000 ACME @ 100.00 DAY "not above 101" → SIM'),
    ("b 5k acme peg mid cap 101 by pm1", "BUY 5,000 ACME peg mid cap 101.00 DAY by pm1 → SIM"),
]


@pytest.mark.parametrize(("line", "words"), LINES)
def test_button_says_what_is_sent_and_the_engine_takes_it(
    bench: TicketBench, line: str, words: str
) -> None:
    bench.type(line)
    assert bench.button == words
    assert bench.ticket.can_send
    command, order = entered(bench)
    assert command.staged is ("stage" in line)
    assert command.unclaimed is ("pool" in line)
    assert order.status is not OrderStatus.DENIED
    assert (order.status is OrderStatus.STAGED) is ("stage" in line)
    assert order.trader == ("" if "pool" in line else "alice")
    assert order.is_care is ("care" in line or "pool" in line)


@pytest.mark.parametrize("line", [line for line, _ in LINES])
def test_line_written_from_the_draft_says_the_same(bench: TicketBench, line: str) -> None:
    bench.type(line)
    instruments = bench.session.core.state.instruments
    again = parse(write(bench.ticket.draft), Draft(), instruments, {"GROWTH"}, {}, TODAY)
    assert not again.mistakes
    assert again.draft == bench.ticket.draft


@pytest.mark.parametrize("line", [line for line, _ in LINES])
def test_draft_file_carries_the_way_and_the_decision(bench: TicketBench, line: str) -> None:
    bench.type(line)
    saved = bench.ticket._entry.saved("")
    again = msgspec.json.decode(msgspec.json.encode(saved), type=SavedDraft)
    assert again.draft == bench.ticket.draft


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ('"in the close"', "in the close"),
        ('"in the cl', "in the cl"),  # still being typed
        ("quietly", "quietly"),
        ('"he said ""now"""', 'he said "now"'),
        ('""', ""),
    ],
)
def test_note_takes_all_that_is_in_quotes(typed: str, said: str) -> None:
    line = read(f"b 100 aapl 190 note {typed}")
    assert not line.mistakes
    assert line.draft.words == said
    again = parse(write(line.draft), Draft(account="GROWTH"), LISTED, ACCOUNTS, QUOTES, TODAY)
    assert again.draft == line.draft


def test_note_that_is_too_long_is_refused() -> None:
    (mistake,) = read(f'b 100 aapl 190 note "{"x" * 501}"').mistakes
    assert "501 letters; 500 are kept" in mistake.reason
    assert read(f'b 100 aapl 190 note "{"x" * 500}"').draft.words == "x" * 500


@pytest.mark.parametrize("name", ["pm1", "J. Doe", 'the "desk"'])
def test_name_of_who_decided_is_read_as_it_was_written(name: str) -> None:
    draft = Draft(symbol="AAPL", qty="100", limit="190", account="GROWTH", decided_by=name)
    assert parse(write(draft), Draft(), LISTED, ACCOUNTS, QUOTES, TODAY).draft == draft


def test_note_in_quotes_may_say_words_of_the_language() -> None:
    line = read('b 100 aapl 190 note "care then oco tp" gtc')
    assert not line.mistakes
    assert (line.draft.venue, line.draft.legs) == ("SIM", ())


@pytest.mark.parametrize("word", ["by", "note", "cap", "tp", "sl"])
def test_word_that_needs_another_says_so_at_the_end(word: str) -> None:
    line = read(f"b 100 aapl 190 {word}")
    assert [mistake.start for mistake in line.mistakes] == [len(f"b 100 aapl 190 {word}")]
    assert f"After `{word}` something is missing" in line.mistakes[0].reason


# -- the fields ----------------------------------------------------------------------------------


def test_usual_ticket_shows_nothing_of_it_until_more_is_wanted(bench: TicketBench) -> None:
    bench.type("b 500 acme 99")
    seldom = {"staged", "take_profit", "stop_loss", "capacity", "decided_by", "words", "owner"}
    assert not seldom & shown(bench)
    bench.ticket.more_button.click()
    assert seldom <= shown(bench)
    assert "unclaimed" not in shown(bench)
    bench.ticket.more_button.click()
    assert not seldom & shown(bench)


def test_route_to_the_desk_shows_who_works_it_and_says_what_it_means(bench: TicketBench) -> None:
    bench.type("b 500 acme 99")
    form = bench.ticket.form
    choose(form.route_box, "Desk (care)")
    assert {"staged", "unclaimed"} <= shown(bench)
    assert bench.button == "BUY 500 ACME @ 99.00 DAY → care of alice"
    assert "slices, a strategy or a telephone work it" in bench.checks
    form.unclaimed_check.click()
    assert bench.button == "BUY 500 ACME @ 99.00 DAY → desk, unclaimed"
    assert "for whoever claims it" in bench.checks
    assert bench.ticket.line_edit.text() == "b 500 acme 99 acct growth pool"
    choose(form.route_box, "SIM")
    assert bench.button == "BUY 500 ACME @ 99.00 DAY → SIM"
    assert entered(bench)[0].unclaimed is False


def test_fields_of_more_write_the_line_and_are_what_is_sent(bench: TicketBench) -> None:
    bench.type("b 500 acme 99")
    bench.ticket.more_button.click()
    form = bench.ticket.form
    form.stage_check.click()
    choose(form.capacity_box, "Riskless principal")
    retype(form.decided_edit, "pm1")
    retype(form.words_edit, "work it")
    line = 'b 500 acme 99 acct growth stage cap riskless by pm1 note "work it"'
    assert bench.ticket.line_edit.text() == line
    _, order = entered(bench)
    assert order.status is OrderStatus.STAGED
    assert order.capacity is Capacity.RISKLESS_PRINCIPAL
    assert (order.investment_decision, order.instructions) == ("pm1", "work it")


def test_send_keeps_the_way_and_forgets_the_decision(bench: TicketBench) -> None:
    bench.type('b 500 acme 99 pool stage cap principal by pm1 note "now"')
    bench.ticket.send()
    kept = bench.ticket.draft
    assert (kept.venue, kept.unclaimed, kept.staged) == ("DESK", True, True)
    assert (kept.capacity, kept.decided_by, kept.words) == (Capacity.AGENCY, "", "")
    bench.type("b 100 acme 99")  # a line says it all
    assert bench.button == "BUY 100 ACME @ 99.00 DAY → SIM"


def test_headroom_of_a_care_order_is_that_of_care_orders(bench: TicketBench) -> None:
    bench.type("b 500 acme 99")
    rows = bench.ticket.headroom._rows
    assert not rows["NOTIONAL"].text.isHidden()
    assert rows["CARE_NOTIONAL"].text.isHidden()
    choose(bench.ticket.form.route_box, "Desk (care)")
    assert rows["NOTIONAL"].text.isHidden()
    assert " of " in rows["CARE_NOTIONAL"].text.text()


def test_client_and_owner_of_the_account_stand_beside_it(qtbot: QtBot) -> None:
    desk = Desk()
    owned = Account(code="GROWTH", name="Growth fund", client="Meridian", beneficial_owner="Alder")
    desk.state.accounts["GROWTH"] = owned
    bench = TicketBench(desk)
    qtbot.addWidget(bench.ticket)
    bench.session.core.state.accounts["GROWTH"] = owned
    bench.ticket.show()
    bench.type("b 500 acme 99 acct growth")
    form = bench.ticket.form
    heading = form._account_heading
    assert heading is not None
    assert heading.text() == "Account · Meridian"
    assert form.account_box.toolTip() == "Growth fund. Client Meridian, beneficial owner Alder."
    assert form.owner_label.text() == "Meridian, owned by Alder"


# -- staging past a limit ------------------------------------------------------------------------


def test_staged_order_over_a_soft_limit_is_kept_without_a_reason(bench: TicketBench) -> None:
    bench.type("b 15k acme 100 stage")
    assert bench.ticket._entry.verdict.outcome is Outcome.PASS
    assert "its release will want a reason" in bench.checks
    assert not bench.ticket.reason_edit.isVisible()
    assert bench.ticket.qty_edit.property("invalid") == "soft"
    assert entered(bench)[1].status is OrderStatus.STAGED


def test_staged_order_over_a_hard_limit_is_kept_and_says_what_its_release_meets(
    bench: TicketBench,
) -> None:
    bench.type("b 500k acme 100 stage")
    assert "its release will be refused" in bench.checks
    assert entered(bench)[1].status is OrderStatus.STAGED


def test_staged_order_that_is_a_mistake_cannot_be_kept(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 fok stage acct nobody")
    assert not bench.ticket.can_send
    bench.type("b 500 acme 100.001 stage")
    assert not bench.ticket.can_send
    assert "■" in bench.checks


# -- amending at the desk ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "what", "says"),
    [
        ("b 500 acme 99 stage", "staged", "no venue has it"),
        ("b 500 acme 99 care", "care", "its slices stay as they are"),
    ],
)
def test_amend_at_the_desk_works_at_once_and_says_so(
    bench: TicketBench, line: str, what: str, says: str
) -> None:
    bench.type(line)
    _, order = entered(bench)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "900")
    panel = bench.ticket.amend_panel
    assert panel.what.text().endswith(what)
    assert "Changed at the desk at once" in panel.place.words
    assert says in panel.place.words
    assert "queue" in panel.place.words
    assert bench.ticket.can_send
    bench.ticket.send()
    assert bench.decide_last().qty == 900


def test_amend_of_a_care_order_leaves_the_next_ticket_at_the_venue(bench: TicketBench) -> None:
    bench.type("b 500 acme 99 care")
    _, order = entered(bench)
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "900")
    bench.ticket.send()
    assert bench.ticket.draft.venue == "SIM"


def test_amend_of_an_unclaimed_order_says_that_it_is(bench: TicketBench) -> None:
    bench.type("b 500 acme 99 pool")
    _, order = entered(bench)
    bench.ticket.begin_amend(order)
    assert "unclaimed · care" in bench.ticket.amend_panel.what.text()


@pytest.mark.parametrize(("width", "height"), [(300, 590), (300, 440), (268, 440)])
@pytest.mark.parametrize("line", [line for line, _ in LINES])
def test_ticket_fits_its_width_and_shows_its_button(
    bench: TicketBench, dark: object, line: str, width: int, height: int
) -> None:
    bench.ticket.resize(width, height)
    bench.ticket.more_button.click()
    bench.type(line)
    QApplication.processEvents()
    scroll, button = bench.ticket._face._scroll, bench.ticket.send_button
    assert scroll.horizontalScrollBar().maximum() == 0
    assert button.mapTo(bench.ticket, button.rect().bottomRight()).y() <= height


def test_more_is_kept_for_the_next_start(qtbot: QtBot, bench: TicketBench) -> None:
    bench.ticket.more_button.click()
    again = TicketBench()
    qtbot.addWidget(again.ticket)
    again.ticket.show()
    again.ticket.restore_state(bench.ticket.save_state())
    assert "capacity" in shown(again)
    again.ticket.restore_state({"side": "buy", "account": "GROWTH"})  # as older desktops left it
    QTest.qWait(0)
    assert "capacity" not in shown(again)
