"""The Orders blotter over real state: rows, flags, foot, menu, editing and what comes back."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.commands import AmendOrder, CancelOrder, StartStrategy, SubmitGroup
from models.order_state import OrderStatus, Trigger
from models.orders import DESK as CARE
from models.orders import Order, Side
from models.workflow import Contingency, Strategy, StrategyKind
from tests.builders import Desk, px, terms
from tests.ui.still_desk import StillDesk, order_ids
from ui.blotter import orders_pane
from ui.blotter.orders_pane import OrdersPane
from ui.blotter.words import known_values

ZONE = ZoneInfo("America/New_York")
Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


class Blotter:
    """A pane on screen over a desk that stands still; `orders` are those it began with."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.desk = Desk()
        self.orders = [
            self.desk.order_in(OrderStatus.NEW),
            self.desk.order_in(OrderStatus.PARTIALLY_FILLED, side=Side.SELL),
            self.desk.order_in(OrderStatus.FILLED, account="INCOME"),
        ]
        self.still = StillDesk(self.desk)
        self.pane = OrdersPane(self.still.session, ZONE)
        qtbot.addWidget(self.pane)
        self.pane.resize(845, 560)
        self.pane.show()
        qtbot.waitExposed(self.pane)
        self.pane.activateWindow()
        self.still.tell_all()
        self.pane.model.throttle.delay_ms = 0

    def column(self, name: str) -> list[str]:
        at = self.pane.model.column_index(name)
        return [self.pane.model.cell(row, at).text for row in range(self.pane.model.rowCount())]

    def ids(self) -> list[str]:
        return self.column("order")

    def menu(self, order: Order) -> dict[str, QMenu]:
        assert self.pane.show_order(order.order_id)
        menu = self.pane.row_menu(self.pane.current_row())
        return {action.text(): action for action in menu.actions() if action.text()}


@pytest.fixture
def blotter(qtbot: QtBot) -> Blotter:
    return Blotter(qtbot)


def test_orders_show_newest_first_and_model_keeps_qts_rules(blotter: Blotter) -> None:
    tester = QAbstractItemModelTester(blotter.pane.model, Fatal)
    assert blotter.ids() == [order.order_id for order in reversed(blotter.orders)]
    blotter.pane.bar.set_text("status:open")
    blotter.pane.table.group_by("side")
    blotter.pane.table.group_by(None)
    assert blotter.ids() == [blotter.orders[1].order_id, blotter.orders[0].order_id]
    tester.deleteLater()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("status:open", [1, 0]),
        ("status:working", [1, 0]),
        ("status:done", [2]),
        ("trader:me", [2, 1, 0]),
        ("trader:ben", []),
        ("side:sell", [1]),
        ("account:income", [2]),
        ("px<=100 qty:100 pct>=40", [2, 1]),
        ("notional>9k", [2, 1, 0]),
        ('status:"part filled"', [1]),
        ("slip<1 slip>-1", [2, 1]),
        ("age<1m", []),
    ],
)
def test_filter_shows_just_these(blotter: Blotter, text: str, shown: list[int]) -> None:
    blotter.pane.bar.set_text(text)
    assert blotter.ids() == [blotter.orders[at].order_id for at in shown]


def test_alert_flags_its_order_until_it_is_seen(blotter: Blotter) -> None:
    events = blotter.desk.submit(terms(limit_px=px(104)), reason="sure")
    order = blotter.desk.order(events[0].order_id)
    blotter.still.tell(Changed(orders=order_ids(events), alerts=True))
    assert blotter.column("flag") == ["⚑", "", "", ""]
    blotter.pane.bar.set_text("flag:alert")
    assert blotter.ids() == [order.order_id]


def test_flag_that_comes_in_a_change_of_its_own_is_drawn(blotter: Blotter) -> None:
    order = blotter.orders[0]
    blotter.desk.amend(order, limit_px=px(104), reason="sure")
    blotter.still.tell(Changed(alerts=True))
    assert blotter.column("flag") == ["", "", "⚑"]


def test_sent_order_shows_before_the_log_has_it_and_stays_one_row(blotter: Blotter) -> None:
    session = blotter.still.session
    session.submit(terms(qty=700), command_id="mine")
    assert blotter.column("status")[0] == "◌ Sending"
    assert blotter.column("qty")[0] == "700"
    blotter.desk.submit(terms(qty=700), id="mine")
    del session.core.requests["mine"]
    order_id = list(blotter.desk.state.orders)[-1]
    blotter.still.tell(Changed(orders=frozenset({order_id}), requests=frozenset({"mine"})))
    assert blotter.ids()[0] == order_id
    assert len(blotter.ids()) == 4


def test_sent_order_that_made_no_order_goes(blotter: Blotter) -> None:
    session = blotter.still.session
    session.submit(terms(qty=700), command_id="mine")
    del session.core.requests["mine"]
    blotter.still.tell(Changed(requests=frozenset({"mine"})))
    assert len(blotter.ids()) == 3


def test_foot_counts_and_adds_up_what_is_shown(blotter: Blotter) -> None:
    foot = blotter.pane.foot
    blotter.qtbot.waitUntil(lambda: "3 orders" in foot.text)
    assert foot.text.split("    ") == [
        "3 orders",
        "2 open",
        "notional 30.0k",
        "46% done",
        "slip 0.0 bp",
    ]
    blotter.pane.bar.set_text("status:open")
    blotter.qtbot.waitUntil(lambda: foot.text.startswith("2 of 3 orders    2 open"))
    blotter.pane.table.selectAll()
    assert foot.selected_label.text() == "2 selected"


def test_foot_of_an_empty_blotter_says_so(qtbot: QtBot) -> None:
    still = StillDesk()
    pane = OrdersPane(still.session, ZONE)
    qtbot.addWidget(pane)
    pane.show()
    qtbot.waitUntil(lambda: pane.foot.text.startswith("0 orders    0 open"))


def test_hidden_pane_leaves_its_foot_until_it_is_shown(blotter: Blotter) -> None:
    foot = blotter.pane.foot
    blotter.qtbot.waitUntil(lambda: "3 orders" in foot.text)
    blotter.pane.hide()
    blotter.desk.order_in(OrderStatus.NEW)
    blotter.still.tell_all()
    blotter.qtbot.wait(250)
    assert "3 orders" in foot.text
    blotter.pane.show()
    blotter.qtbot.waitUntil(lambda: "4 orders" in foot.text)


def test_chosen_row_tells_its_symbol_and_a_reset_does_not(blotter: Blotter) -> None:
    symbols: list[str] = []
    blotter.pane.symbol_chosen.connect(symbols.append)
    blotter.pane.table.selectRow(0)
    blotter.pane.table.selectRow(1)
    assert symbols == ["ACME", "ACME"]
    blotter.still.tell_all()
    assert symbols == ["ACME", "ACME"]
    assert blotter.pane.selected_orders() == [blotter.orders[1]]


def test_enter_amends_a_live_order_and_opens_the_history_of_another(blotter: Blotter) -> None:
    pane, asked = blotter.pane, []
    pane.order_chosen.connect(lambda order_id: asked.append(("amend", order_id)))
    pane.history_wanted.connect(lambda order_id: asked.append(("history", order_id)))
    pane.table.setFocus()
    for order in (blotter.orders[0], blotter.orders[2]):
        pane.show_order(order.order_id)
        QTest.keyClick(pane.table, Qt.Key.Key_Return)
    assert asked == [
        ("amend", blotter.orders[0].order_id),
        ("history", blotter.orders[2].order_id),
    ]


def test_menu_offers_what_can_be_done_with_the_order(blotter: Blotter) -> None:
    live, over = blotter.menu(blotter.orders[0]), blotter.menu(blotter.orders[2])
    for words in ("Amend in the ticket\tCtrl+E", "Amend quantity here", "Cancel\tDel"):
        assert live[words].isEnabled(), words
        assert not over[words].isEnabled(), words
    assert over["History"].isEnabled()


def test_menu_cancels_all_selected_live_orders(blotter: Blotter) -> None:
    blotter.pane.table.selectAll()
    menu = blotter.pane.row_menu(blotter.pane.model.row_at(0))
    cancel = next(action for action in menu.actions() if action.text().startswith("Cancel 2"))
    cancel.trigger()
    sent = blotter.still.sent()
    assert {c.order_id for c in sent if isinstance(c, CancelOrder)} == {
        order.order_id for order in blotter.orders[:2]
    }


def test_menu_filters_by_what_the_row_has(blotter: Blotter) -> None:
    menu = blotter.menu(blotter.orders[2])
    menu["Only INCOME"].trigger()
    assert blotter.pane.bar.text == "account:income"
    assert blotter.ids() == [blotter.orders[2].order_id]


def test_menu_asks_for_history_and_chart(blotter: Blotter) -> None:
    asked: list[str] = []
    blotter.pane.history_wanted.connect(asked.append)
    menu = blotter.menu(blotter.orders[0])
    blotter.pane.symbol_chosen.connect(asked.append)
    menu["History"].trigger()
    menu["Show ACME on the chart"].trigger()
    assert asked == [blotter.orders[0].order_id, "ACME"]


def test_copy_from_the_menu_is_a_table(blotter: Blotter) -> None:
    blotter.menu(blotter.orders[0])["Copy as table\tCtrl+C"].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert lines[0].split("\t")[:3] == ["Status", "⚑", "Time"]
    assert lines[1].split("\t")[0] == "● Working"


def edit(blotter: Blotter, order: Order, name: str, text: str) -> QLineEdit:
    assert blotter.pane.edit_cell(order.order_id, name)
    editor = blotter.pane.table.viewport().findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    return editor


def test_quantity_typed_over_in_the_cell_is_sent(blotter: Blotter) -> None:
    edit(blotter, blotter.orders[0], "qty", "5k")
    (command,) = blotter.still.sent()
    assert isinstance(command, AmendOrder)
    assert command.replacement.qty == 5_000
    assert blotter.column("qty") == ["100"] * 3  # until the venue says so


def test_price_that_needs_a_reason_opens_in_the_ticket(blotter: Blotter) -> None:
    chosen, told = [], []
    blotter.pane.order_chosen.connect(chosen.append)
    blotter.pane.message_raised.connect(lambda words, tone: told.append(tone))
    edit(blotter, blotter.orders[0], "limit", "104")
    assert (chosen, told) == ([blotter.orders[0].order_id], ["warning"])
    assert blotter.still.sent() == []


def test_mistyped_quantity_keeps_the_editor_open_with_the_reason(blotter: Blotter) -> None:
    editor = edit(blotter, blotter.orders[0], "qty", "0")
    assert editor.isVisible()
    assert editor.property("invalid") is True
    assert blotter.still.sent() == []


def test_ended_order_has_no_editor(blotter: Blotter) -> None:
    assert not blotter.pane.edit_cell(blotter.orders[2].order_id, "qty")


def test_show_order_takes_away_the_filter_that_hides_it(blotter: Blotter) -> None:
    blotter.pane.bar.set_text("side:sell")
    assert blotter.pane.show_order(blotter.orders[0].order_id)
    assert blotter.pane.bar.text == ""
    assert blotter.pane.selected_orders() == [blotter.orders[0]]
    assert not blotter.pane.show_order("O-none")


def test_show_order_opens_the_group_that_hides_it(blotter: Blotter) -> None:
    blotter.pane.table.group_by("side")
    blotter.pane.model.set_all_collapsed(None)
    assert blotter.pane.show_order(blotter.orders[0].order_id)
    assert blotter.pane.selected_orders() == [blotter.orders[0]]


def test_state_comes_back_as_it_was(blotter: Blotter, qtbot: QtBot) -> None:
    pane = blotter.pane
    pane.bar.set_text("status:open side:sell")
    pane.bar.save_as("my sales")
    pane.table.group_by("account")
    pane.table.show_column(pane.model.column_index("tif"), False)
    state = json.loads(json.dumps(pane.save_state()))
    again = OrdersPane(blotter.still.session, ZONE)
    qtbot.addWidget(again)
    again.restore_state(state)
    assert again.save_state() == state
    assert again.model.group_name == "account"
    assert again.bar.group_button.text() == "By account ▾"


@pytest.mark.parametrize("state", [{}, {"version": 99, "filter": "x"}, {"version": 1, "table": 4}])
def test_broken_state_is_left_be(blotter: Blotter, state: dict[str, object]) -> None:
    before = blotter.pane.save_state()
    blotter.pane.restore_state(state)
    assert blotter.pane.save_state() == before


def test_last_price_follows_the_quotes_of_live_orders(blotter: Blotter) -> None:
    assert blotter.column("last") == ["100.00"] * 3
    blotter.desk.move_market(px("100.25"))
    blotter.still.tell(Changed(quotes=frozenset({"ACME"})))
    blotter.qtbot.waitUntil(lambda: blotter.column("last")[1:] == ["100.25"] * 2)


def test_fill_moves_the_row_and_the_foot(blotter: Blotter) -> None:
    order = blotter.orders[0]
    events = blotter.desk.report(order, Trigger.CANCEL)
    blotter.still.tell(Changed(orders=order_ids(events)))
    assert blotter.column("status")[2] == "✕ Canceled"
    blotter.qtbot.waitUntil(lambda: "1 open" in blotter.pane.foot.text)


def test_pane_opened_in_the_middle_of_the_day_shows_what_there_is(
    blotter: Blotter, qtbot: QtBot
) -> None:
    blotter.desk.amend(blotter.orders[0], limit_px=px(104), reason="sure")
    late = OrdersPane(blotter.still.session, ZONE)
    qtbot.addWidget(late)
    flag = late.model.column_index("flag")
    assert [late.model.cell(row, flag).text for row in range(3)] == ["", "", "⚑"]


def test_totals_stand_under_the_columns_when_asked_for(blotter: Blotter) -> None:
    pane = blotter.pane
    pane._totals_action.setChecked(True)
    row = pane.table.totals_row()
    assert row.isVisible()
    assert row.geometry().top() == pane.table.geometry().bottom() + 1
    figure = row.figure("qty")
    assert figure is not None
    assert figure.text == "300"
    pane._totals_action.setChecked(False)
    assert not row.isVisible()
    assert pane.table.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded


def test_of_many_live_orders_those_on_screen_get_their_last_price_first(
    blotter: Blotter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders_pane, "_LAST_AT_ONCE_MAX", 1)
    for _ in range(3):
        blotter.desk.order_in(OrderStatus.NEW)
    blotter.still.tell_all()
    blotter.pane._last_timer.stop()
    assert blotter.column("last") == ["100.00"] * 6
    blotter.desk.move_market(px("100.25"))
    blotter.still.tell(Changed(quotes=frozenset({"ACME"})))
    blotter.pane._on_last_due()
    assert blotter.column("last") == ["100.25"] * 3 + ["100.00"] + ["100.25"] * 2


# -- care orders and their slices ----------------------------------------------------------------


class Family:
    """A blotter with a care order of 1,000, two slices of it, and a bracket."""

    def __init__(self, qtbot: QtBot) -> None:
        self.desk = Desk()
        self.care = self.desk.accepted(terms(qty=1_000, venue=CARE))
        self.slices = [self.desk.accepted(terms(qty=q), parent_id=self.care.order_id)
                       for q in (300, 200)]  # fmt: skip
        self.desk.fill(self.slices[0], 300, px(100))
        self.still = StillDesk(self.desk)
        self.pane = OrdersPane(self.still.session, ZONE)
        qtbot.addWidget(self.pane)
        self.pane.resize(845, 400)
        self.pane.show()
        qtbot.waitExposed(self.pane)
        self.still.tell_all()
        self.pane.model.throttle.delay_ms = 0

    def ids(self) -> list[str]:
        at = self.pane.model.column_index("order")
        return [self.pane.model.cell(row, at).text for row in range(self.pane.model.rowCount())]


@pytest.fixture
def family(qtbot: QtBot) -> Family:
    return Family(qtbot)


def test_tree_button_puts_slices_under_their_care_order(family: Family) -> None:
    care, (first, second) = family.care, family.slices
    assert family.ids() == [second.order_id, first.order_id, care.order_id]
    family.pane.bar.tree_button.click()
    assert family.ids() == [care.order_id, second.order_id, first.order_id]
    family.pane.toggle_tree()
    assert not family.pane.bar.tree_button.isChecked()
    assert family.ids() == [second.order_id, first.order_id, care.order_id]


def test_foot_counts_a_care_order_and_not_its_slices_too(family: Family) -> None:
    pane = family.pane
    totals = {name: pane.total_of(name) for name in ("qty", "done", "leaves", "open")}
    assert totals == {"qty": 1_000, "done": 300, "leaves": 700, "open": 1}
    figures = pane.figures()
    assert figures[0] == "1 open"
    assert "2 inside care orders" in figures
    assert "notional 100.0k" in figures
    assert "30% done" in figures
    pane.bar.set_text("care:slice")
    assert [pane.total_of(name) for name in ("qty", "done", "open")] == [500, 300, 1]
    assert pane.figures()[1] == ""


def test_slice_that_is_folded_away_is_shown_when_it_is_asked_for(family: Family) -> None:
    family.pane.toggle_tree()
    family.pane.model.set_folded_keys(None)
    assert family.ids() == [family.care.order_id]
    assert family.pane.show_order(family.slices[1].order_id)
    assert family.pane.selected_orders() == [family.slices[1]]


def test_legs_of_a_group_stand_under_the_first_and_each_counts(family: Family) -> None:
    legs = (terms(qty=100), terms(qty=100, side=Side.SELL, limit_px=px(110)))
    family.desk.run(
        SubmitGroup(id="group", author="alice", desk="EQ", contingency=Contingency.OTO, legs=legs)
    )
    (group,) = family.desk.state.groups.values()
    family.still.tell_all()
    family.pane.toggle_tree()
    assert family.ids()[:2] == list(group.legs)
    branch = family.pane.model.branch_at(1)
    assert branch is not None
    assert branch.is_under
    assert family.pane.total_of("qty") == 1_200


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("care:care", {"care", "pooled", "twap"}),
        ("care:unclaimed", {"pooled"}),
        ("care:slice", {"first", "second"}),
        ("strategy:twap", {"twap"}),
        ("venue:desk -care:unclaimed", {"care", "twap"}),
    ],
)
def test_care_orders_are_found_by_what_they_are_and_what_works_them(
    family: Family, text: str, names: set[str]
) -> None:
    desk = family.desk
    pooled = desk.submit(terms(venue=CARE), "dana", unclaimed=True)[0].order_id  # type: ignore[union-attr]
    worked = desk.accepted(terms(qty=900, venue=CARE))
    strategy = Strategy(kind=StrategyKind.TWAP, start_ts=desk.ts, end_ts=desk.ts + 10**12)
    desk.run(
        StartStrategy(
            id="s", author="alice", desk="EQ", order_id=worked.order_id, strategy=strategy
        )
    )
    family.still.tell_all()
    ids = {
        "care": family.care.order_id, "first": family.slices[0].order_id, "pooled": pooled,
        "second": family.slices[1].order_id, "twap": worked.order_id,
    }  # fmt: skip
    family.pane.bar.set_text(text)
    assert set(family.ids()) == {ids[name] for name in names}
    at = family.pane.model.column_index("strategy")
    assert family.pane.model.columns[at].text(worked).startswith("TWAP 0/")


def test_values_that_completion_offers_are_those_the_columns_have(family: Family) -> None:
    values = known_values(family.still.session.core)
    columns = {column.name: column for column in family.pane.model.columns}
    for name in ("care", "capacity", "client"):
        offered = {str(value).casefold() for value in values[name]()}
        told = {str(columns[name].value(order)).casefold() for order in family.slices}
        assert told <= offered, name
    assert list(values["parent"]()) == [family.care.order_id]
