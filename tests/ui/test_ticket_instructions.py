"""The ticket's uncommon orders: their fields, what the button says of them, and what is sent."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from models.commands import AmendOrder, SubmitOrder
from models.order_state import Trigger
from models.order_support import SUPPORT
from models.orders import Order, OrderTerms, OrderType, Replacement, Side, TimeInForce
from tests.builders import TODAY, px, quote
from tests.ui.ticket_bench import TicketBench
from ui.ticket.draft import Draft
from ui.ticket.draft_file import SavedDraft
from ui.ticket.pair_boxes import FORCES, TYPES


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


def choose(box: QComboBox, words: str) -> None:
    box.setCurrentText(words)
    box.activated.emit(box.currentIndex())


def shown(bench: TicketBench) -> set[str]:
    """Return the names of the fields in sight, without those that are always there."""
    always = {"qty", "type", "time_in_force", "account", "venue"}
    fields = bench.ticket.form._fields
    return {name for name, field in fields.items() if field.isVisible()} - always


def sent(bench: TicketBench) -> OrderTerms:
    bench.ticket.send()
    (command,) = bench.submitted
    assert isinstance(command, SubmitOrder)
    return command.terms


# -- what is said is what is sent ----------------------------------------------------------------

BUTTONS = [
    ("b 5k acme 100 iceberg 500", "BUY 5,000 ACME @ 100.00 DAY iceberg 500 → SIM"),
    ("b 5k acme 99 iceberg 500 random", "BUY 5,000 ACME @ 99.00 DAY iceberg 500 random → SIM"),
    ("b 500 acme 99 post gtc", "BUY 500 ACME @ 99.00 GTC POST ONLY → SIM"),
    ("b 5k acme 100 ioc min 500", "BUY 5,000 ACME @ 100.00 IOC min 500 → SIM"),
    ("b 500 acme 99 gtd +5d", "BUY 500 ACME @ 99.00 GTD 2024-11-27 → SIM"),
    ("b 500 acme mtl", "BUY 500 ACME market to limit DAY → SIM"),
    ("b 5k acme 99 aon gtc", "BUY 5,000 ACME @ 99.00 GTC ALL OR NONE → SIM"),
    ("b 500 acme peg primary", "BUY 500 ACME peg primary DAY → SIM"),
    ("s 500 acme peg mid -0.02 cap 99.5", "SELL 500 ACME peg mid -0.02 cap 99.50 DAY → SIM"),
    ("b 500 acme mkt opg", "BUY 500 ACME at market OPG → SIM"),
    ("s 500 acme 100 cls", "SELL 500 ACME @ 100.00 CLS → SIM"),
    ("s 300 acme trail 25bp gtc", "SELL 300 ACME trail 25 bp GTC → SIM"),
    ("s 300 acme trail 0.5", "SELL 300 ACME trail 0.50 DAY → SIM"),
    ("s 300 acme trail 0.50 limit 0.05", "SELL 300 ACME trail 0.50 limit 0.05 DAY → SIM"),
    (
        "s 3k acme stl 98 97.5 iceberg 100",
        "SELL 3,000 ACME stop 98.00 @ 97.50 DAY iceberg 100 → SIM",
    ),
]


@pytest.mark.parametrize(("line", "words"), BUTTONS)
def test_button_says_what_is_sent_and_the_engine_keeps_it(
    bench: TicketBench, line: str, words: str
) -> None:
    bench.type(line)
    assert bench.button == words
    button = bench.ticket.send_button
    assert button.text().replace("\n", " ") == words
    terms = sent(bench)
    assert bench.decide_last().terms() == terms
    assert bench.ticket.draft.is_blank


def test_terms_of_a_trailing_stop_limit_are_in_their_fields(bench: TicketBench) -> None:
    bench.type("s 300 acme trail 0.50 limit 0.05 gtd +3d")
    terms = sent(bench)
    assert (terms.trail_px, terms.trail_bps, terms.limit_offset) == (px("0.5"), None, px("0.05"))
    assert (terms.limit_px, terms.stop_px) == (None, None)
    assert (terms.time_in_force, terms.expire_day) == (TimeInForce.GTD, "2024-11-25")


def test_send_keeps_type_and_last_day_and_no_instruction(bench: TicketBench) -> None:
    bench.type("b 500 acme 99 gtd +5d iceberg 50 post")
    bench.ticket.send()
    draft = bench.ticket.draft
    assert (draft.time_in_force, draft.expire) == (TimeInForce.GTD, "2024-11-27")
    assert not draft.is_instructed
    assert "display_qty" not in shown(bench)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("b 5k acme 99 iceberg 500", "The book shows 500 of it at a time"),
        ("b 500 acme 100.01 post", "It would meet the offer 100.01 now"),
        ("s 500 acme 99.99 post", "It would meet the bid 99.99 now"),
        ("s 300 acme trail 25bp", "Its stop begins at 99.75 and follows"),
        ("b 300 acme trail 0.50", "Its stop begins at 100.50 and follows"),
        ("s 300 acme trail 100", "by more than the price itself"),
        ("b 300 acme mtl", "rests at the price of its first trade"),
        ("b 500 acme 99 gtd +5d", "Works to the end of Wed 27 Nov 2024"),
        ("b 500 acme peg mid cap 101", "It follows the middle of bid and offer"),
        ("s 500 acme peg market -0.02", "It follows the best price of the other side"),
        ("b 500 acme 99 aon", "waits until all of it can trade in one go"),
        ("b 500 acme 99 opg", "trades in the opening auction alone"),
        ("b 500 acme mkt cls", "trades in the closing auction alone"),
    ],
)
def test_verdict_says_what_it_will_do(bench: TicketBench, line: str, says: str) -> None:
    bench.type(line)
    assert bench.checks.startswith("✓ 6 checks pass")
    assert says in bench.checks


@pytest.mark.parametrize("line", ["b 500 acme 99.98 post", "b 500 acme 99", "b 500 acme mkt"])
def test_verdict_of_what_needs_no_word_has_none(bench: TicketBench, line: str) -> None:
    bench.type(line)
    assert bench.checks == "✓ 6 checks pass"


def test_cost_of_what_rests_or_waits_is_not_the_spread(bench: TicketBench) -> None:
    label = bench.ticket._face.costs.values["Half spread"]
    bench.type("b 500 acme 100.01 post")
    assert label.text() == "rests"
    bench.type("b 500 acme trail 25bp")
    assert label.text() == "–"


# -- fields --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("b 100 acme 100", {"limit_px", "instructions"}),
        ("b 100 acme mkt", {"limit_px"}),
        ("b 100 acme mtl", {"limit_px"}),
        ("b 100 acme stop 101", {"stop_px"}),
        ("b 100 acme stop 101 102", {"stop_px", "limit_px", "instructions"}),
        ("b 100 acme trail 25bp", {"trail"}),
        ("b 100 acme trail 25bp limit 0", {"trail", "limit_offset"}),
        ("b 100 acme 99 gtd +1d", {"limit_px", "expire_day", "instructions"}),
        (
            "b 100 acme stop 101 102 gtd +1d",
            {"stop_px", "limit_px", "expire_day", "instructions"},
        ),
        ("b 100 acme 99 fok", {"limit_px"}),
        ("b 100 acme 99 opg", {"limit_px"}),
        ("b 100 acme peg mid -0.01", {"peg", "peg_offset", "limit_px"}),
        ("b 100 acme peg mid gtd +1d", {"peg", "peg_offset", "limit_px", "expire_day"}),
        ("b 100 acme 99 ioc", {"limit_px", "instructions"}),
        ("b 100 acme mkt ioc min 5", {"limit_px", "instructions", "min_qty"}),
        (
            "b 100 acme 99 iceberg 5",
            {"limit_px", "instructions", "display_qty", "varies", "post_only", "all_or_none"},
        ),
    ],
)
def test_fields_are_those_of_type_force_and_instructions(
    bench: TicketBench, line: str, fields: set[str]
) -> None:
    bench.type(line)
    assert shown(bench) == fields


def test_fields_of_instructions_unfold_by_hand_and_write_the_line(bench: TicketBench) -> None:
    bench.type("b 5k acme 99")
    form = bench.ticket.form
    QTest.mouseClick(form.fold_button, Qt.MouseButton.LeftButton)
    assert {"display_qty", "varies", "post_only", "all_or_none"} <= shown(bench)
    assert not form.varies_check.isEnabled()  # nothing is hidden yet
    retype(form.display_edit, "500")
    form.varies_check.click()
    form.post_check.click()
    assert bench.ticket.line_edit.text().startswith("b 5k acme 99 iceberg 500 random post")
    assert bench.button == "BUY 5,000 ACME @ 99.00 DAY iceberg 500 random POST ONLY → SIM"
    form.display_edit.clear()
    QTest.keyClick(form.display_edit, Qt.Key.Key_Backspace)
    form.display_edit.textEdited.emit("")
    assert bench.button == "BUY 5,000 ACME @ 99.00 DAY POST ONLY → SIM"
    form.post_check.click()
    assert "display_qty" in shown(bench)  # what one types in does not fold away
    QTest.mouseClick(form.fold_button, Qt.MouseButton.LeftButton)
    assert "display_qty" not in shown(bench)


def test_fields_unfolded_by_the_line_fold_with_it(bench: TicketBench) -> None:
    bench.type("b 5k acme 99 iceberg 500")
    assert "display_qty" in shown(bench)
    bench.ticket.drop()
    assert "display_qty" not in shown(bench)


def test_instruction_that_no_longer_goes_stays_in_sight_and_is_marked(bench: TicketBench) -> None:
    bench.type("b 5k acme 99 iceberg 500")
    choose(bench.ticket.type_box, "Market")
    assert "display_qty" in shown(bench)
    assert bench.ticket.form.display_edit.property("invalid") is True
    assert "Clear the display quantity" in bench.checks
    assert not bench.ticket.can_send
    retype(bench.ticket.form.display_edit, " ")
    assert bench.ticket.can_send


def test_trail_takes_its_unit_from_the_box_or_from_what_is_typed(bench: TicketBench) -> None:
    bench.type("s 300 acme trail 0.50")
    trail = bench.ticket.form.trail
    assert (trail.edit.text(), trail.unit_box.currentText()) == ("0.50", "px")
    retype(trail.edit, "25bp")
    assert (trail.edit.text(), trail.unit_box.currentText()) == ("25", "bp")
    assert bench.button == "SELL 300 ACME trail 25 bp DAY → SIM"
    choose(trail.unit_box, "px")
    assert bench.button == "SELL 300 ACME trail 25.00 DAY → SIM"


def test_type_chosen_in_the_box_asks_for_what_it_needs(bench: TicketBench) -> None:
    bench.type("s 300 acme 100")
    choose(bench.ticket.type_box, "Trailing stop limit")
    assert "Say how far it trails" in bench.checks
    assert "how far beyond its stop" in bench.checks
    assert not bench.ticket.form.trail.edit.property("invalid")  # it is not typed yet
    bench.ticket.send()
    assert bench.ticket.focusWidget() is bench.ticket.form.trail.edit
    QTest.keyClicks(bench.ticket.form.trail.edit, "25bp")
    QTest.keyClicks(bench.ticket.form.offset_edit, "0.05")
    assert bench.button == "SELL 300 ACME trail 25 bp limit 0.05 DAY → SIM"
    assert bench.ticket.can_send


def test_last_day_is_typed_in_words_and_becomes_a_date(bench: TicketBench) -> None:
    bench.type("b 100 acme 99")
    choose(bench.ticket.force_box, "GTD")
    assert "A GTD order needs its last day" in bench.checks
    edit = bench.ticket.form.expire_edit
    assert not edit.property("invalid")
    retype(edit, "2dec")
    assert bench.button == "BUY 100 ACME @ 99.00 GTD 2024-12-02 → SIM"
    assert edit.text() == "2dec"
    bench.ticket.qty_edit.setFocus()
    assert edit.text() == "2024-12-02"
    retype(edit, "someday")
    assert edit.property("invalid") is True
    assert "someday is no date" in bench.checks
    assert not bench.ticket.can_send


@pytest.mark.parametrize(
    ("line", "field", "key", "words"),
    [
        ("s 1 acme trail 0.50", "trail", Qt.Key.Key_Up, "trail 0.51"),
        ("s 1 acme trail 0.01", "trail", Qt.Key.Key_Down, "trail 0.01"),
        ("s 1 acme trail 25bp", "trail", Qt.Key.Key_Down, "trail 24 bp"),
        ("s 1 acme trail 1bp", "trail", Qt.Key.Key_Down, "trail 1 bp"),
        ("s 1 acme trail 1bp limit 0.01", "limit_offset", Qt.Key.Key_Down, "limit 0.00"),
        ("b 1 acme 99 gtd +5d", "expire_day", Qt.Key.Key_Up, "GTD 2024-11-28"),
        ("b 1 acme 99 gtd +0d", "expire_day", Qt.Key.Key_Down, f"GTD {TODAY}"),
        ("b 1 acme stop 101", "stop_px", Qt.Key.Key_Up, "stop 101.01"),
    ],
)
def test_arrow_keys_move_a_field_by_its_own_step(
    bench: TicketBench, line: str, field: str, key: Qt.Key, words: str
) -> None:
    bench.type(line)
    QTest.keyClick(bench.ticket.form._lines[field], key)
    assert f" {words} " in bench.button


def test_market_price_taken_from_a_trailing_stop_makes_a_limit_order(bench: TicketBench) -> None:
    bench.type("s 100 acme trail 25bp gtc")
    bench.ticket.set_price("ACME", Side.SELL, px("100.05"))
    assert bench.button == "SELL 100 ACME @ 100.05 GTC → SIM"
    bench.type("s 100 acme 100 iceberg 10")
    bench.ticket.set_price("BETA", Side.SELL, px("100.05"))
    assert not bench.ticket.draft.is_instructed  # another name's


# -- pairs ---------------------------------------------------------------------------------------


def grey(box: QComboBox) -> dict[str, str]:
    """Return the choices that are greyed, with why."""
    model = box.model()
    assert isinstance(model, QStandardItemModel)
    items = [model.item(row) for row in range(box.count())]
    return {item.text(): item.toolTip() for item in items if not item.isEnabled()}


@pytest.mark.parametrize("pair", SUPPORT, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_boxes_grey_what_does_not_go_with_the_other_and_say_why(
    bench: TicketBench, pair: tuple[OrderType, TimeInForce]
) -> None:
    kind, force = pair
    bench.ticket.form.show_draft(Draft(order_type=kind, time_in_force=force), None)
    wanted = {name: SUPPORT[kind, each] for name, each in FORCES.items() if SUPPORT[kind, each]}
    assert grey(bench.ticket.force_box) == wanted
    wanted = {name: SUPPORT[each, force] for name, each in TYPES.items() if SUPPORT[each, force]}
    assert grey(bench.ticket.type_box) == wanted
    assert set(TYPES.values()) == set(OrderType)
    assert set(FORCES.values()) == set(TimeInForce)


def test_pair_that_is_refused_is_said_once_when_the_line_chooses_it(bench: TicketBench) -> None:
    bench.type("b 100 acme mkt gtc")
    why = SUPPORT[OrderType.MARKET, TimeInForce.GTC]
    assert [each.reason for each in bench.ticket.line_edit._mistakes] == [why]
    assert why in bench.checks
    assert not bench.ticket.line_error.isVisible()
    assert bench.ticket.force_box.property("invalid") is True
    assert not bench.ticket.can_send


def test_instruction_that_is_refused_is_underlined(bench: TicketBench) -> None:
    bench.type("b 100 acme 99 ioc post")
    (mistake,) = bench.ticket.line_edit._mistakes
    assert (mistake.start, mistake.end) == (18, 22)
    assert not bench.ticket.can_send


# -- headroom ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["iceberg 500", "ioc min 500"])
def test_headroom_does_not_depend_on_what_is_shown_or_trades_at_once(
    bench: TicketBench, words: str
) -> None:
    bench.type("b 15k acme 100")
    plain = bench.ticket.headroom.largest_label.text()
    bench.type(f"b 15k acme 100 {words}")
    assert "10,000" in plain
    assert bench.ticket.headroom.largest_label.text() == plain


# -- amending ------------------------------------------------------------------------------------


def restated(bench: TicketBench, line: str, **changes: int) -> Order:
    """Enter an order and let the venue price it."""
    order = bench.resting(line)
    bench.desk.report(bench.desk.order(order.order_id), Trigger.RESTATE, **changes)
    bench.refresh()
    return bench.session.core.state.orders[order.order_id]


def test_amend_of_a_trailing_stop_has_no_prices(bench: TicketBench) -> None:
    order = restated(bench, "s 300 acme trail 0.50 limit 0.05", stop_px=px(99), limit_px=px(98))
    ticket = bench.ticket
    ticket.begin_amend(order)
    assert shown(bench) == {"trail", "limit_offset", "words"}
    assert "its prices are the venue's" in ticket.amend_panel.place.words
    assert not ticket.can_send
    assert "trail 0.50 limit 0.05" in ticket.amend_panel.what.text()
    retype(ticket.qty_edit, "200")
    assert bench.button == f"AMEND {order.order_id} 300 → 200 trail 0.50 limit 0.05"
    ticket.send()
    command = bench.submitted[-1]
    assert isinstance(command, AmendOrder)
    assert command.replacement == Replacement(qty=200)
    assert bench.decide_last().pending is not None


def test_amend_of_a_trailing_stop_follows_the_prices_that_the_venue_moves(
    bench: TicketBench,
) -> None:
    order = restated(bench, "s 300 acme trail 0.50", stop_px=px(99))
    bench.ticket.begin_amend(order)
    bench.desk.report(bench.desk.order(order.order_id), Trigger.RESTATE, stop_px=px("99.30"))
    bench.refresh()
    assert not bench.ticket.can_send  # that the stop moved is no amendment
    panel = bench.ticket.amend_panel
    assert (panel.old["Stop"].text(), panel.new["Stop"].text()) == ("99.30", "99.30")
    retype(bench.ticket.qty_edit, "200")
    bench.ticket.send()
    assert bench.decide_last().pending == Replacement(qty=200, stop_px=px("99.30"))


def test_amend_of_a_trailing_stop_that_has_no_price_yet_has_none(bench: TicketBench) -> None:
    order = bench.resting("s 300 acme trail 25bp")
    bench.ticket.begin_amend(order)
    retype(bench.ticket.qty_edit, "200")
    assert bench.button == f"AMEND {order.order_id} 300 → 200 trail 25 bp"
    bench.ticket.send()
    assert bench.decide_last().pending == Replacement(qty=200)


def test_amend_of_a_priced_market_to_limit_has_its_limit(bench: TicketBench) -> None:
    order = restated(bench, "b 300 acme mtl", limit_px=px("100.01"))
    bench.ticket.begin_amend(order)
    assert shown(bench) == {"limit_px", "words"}
    assert bench.ticket.limit_edit.isEnabled()
    bench.ticket.set_price("ACME", Side.BUY, px("99.98"))
    assert bench.button == f"AMEND {order.order_id} 300 @ 100.01 → 99.98"
    assert bench.ticket.amend_panel.new["Limit"].text() == "99.98"
    bench.ticket.send()
    assert bench.decide_last().pending == Replacement(qty=300, limit_px=px("99.98"))


def test_amend_of_an_unpriced_market_to_limit_has_no_price(bench: TicketBench) -> None:
    order = bench.resting("b 300 acme mtl")
    bench.ticket.begin_amend(order)
    assert shown(bench) == {"words"}
    bench.ticket.set_price("ACME", Side.BUY, px("99.98"))
    assert "Send it or drop it" in bench.said[-1][0]
    retype(bench.ticket.qty_edit, "200")
    assert bench.ticket.can_send


def test_amend_of_an_iceberg_keeps_what_it_asks(bench: TicketBench) -> None:
    order = bench.resting("b 300 acme 99 iceberg 50 random gtd +3d post")
    bench.ticket.begin_amend(order)
    assert "GTD 2024-11-25 iceberg 50 random POST ONLY" in bench.ticket.amend_panel.what.text()
    retype(bench.ticket.qty_edit, "400")
    assert bench.ticket.can_send
    bench.ticket.send()
    pending = bench.decide_last()
    assert pending.pending == Replacement(qty=400, limit_px=px(99))
    assert (pending.display_qty, pending.varies, pending.post_only) == (50, True, True)


# -- drafts, and how it stands -------------------------------------------------------------------


@pytest.mark.parametrize("line", [line for line, _ in BUTTONS])
def test_draft_file_carries_every_field(bench: TicketBench, line: str) -> None:
    bench.type(line)
    saved = bench.ticket._entry.saved("")
    again = msgspec.json.decode(msgspec.json.encode(saved), type=SavedDraft)
    assert again.draft == bench.ticket.draft


def test_draft_file_of_before_is_still_read() -> None:
    old = b"""{"login":"alice","desk":"EQ","command_id":"c","saved_ts":1,"draft":{"side":"sell",
        "symbol":"ACME","qty":"5k","order_type":"stop","limit":"","stop":"99",
        "time_in_force":"gtc","account":"GROWTH","venue":"SIM"}}"""
    saved = msgspec.json.decode(old, type=SavedDraft)
    assert saved.draft == Draft(
        side=Side.SELL,
        symbol="ACME",
        qty="5k",
        order_type=OrderType.STOP,
        stop="99",
        time_in_force=TimeInForce.GTC,
        account="GROWTH",
    )


@pytest.mark.parametrize("line", ["b 4200 acme 100", *(line for line, _ in BUTTONS)])
@pytest.mark.parametrize(("width", "height"), [(300, 590), (300, 440), (268, 440)])
def test_ticket_of_any_kind_fits_its_width_and_shows_its_button(
    bench: TicketBench, dark: object, line: str, width: int, height: int
) -> None:
    bench.ticket.resize(width, height)
    bench.type(line)
    QApplication.processEvents()
    scroll, button = bench.ticket._face._scroll, bench.ticket.send_button
    assert scroll.horizontalScrollBar().maximum() == 0
    assert button.mapTo(bench.ticket, button.rect().bottomRight()).y() <= height
    if height == 590:
        assert scroll.verticalScrollBar().maximum() == 0


def test_usual_ticket_is_no_longer_for_what_it_could_be_asked(bench: TicketBench) -> None:
    bench.type("b 4200 acme 100")
    form = bench.ticket.form
    QApplication.processEvents()
    limit = form.sizeHint().height()
    bench.type("b 4200 acme mkt")  # a market order has no instructions to offer
    QApplication.processEvents()
    assert form.sizeHint().height() == limit


def test_post_only_that_the_market_reaches_says_so_when_it_does(bench: TicketBench) -> None:
    bench.type("b 500 acme 100 post")
    assert "would meet" not in bench.checks
    bench.see_market(quote(bid=px("99.98"), ask=px("99.99")))
    bench.ticket._on_time_passed()
    assert "would meet the offer 99.99" in bench.checks


@pytest.mark.parametrize(
    "line",
    ["s 300 acme stop 99x lmt 98", "b 300 acme 100 iceberg 1OO", "b 300 acme 100 acct indxe"],
)
def test_line_with_a_word_that_is_not_understood_is_not_sent(bench: TicketBench, line: str) -> None:
    bench.type(line)
    assert not bench.ticket.can_send
    bench.ticket.send()
    assert bench.submitted == []
    assert bench.ticket.line_error.text()
