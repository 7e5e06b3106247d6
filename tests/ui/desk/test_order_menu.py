"""The desk's work from an order's menu and by keys: offered where it can be done, and sent."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from models.commands import (
    ClaimOrder,
    HandOver,
    PassOrder,
    PauseStrategy,
    ReleaseOrder,
    ResumeStrategy,
    StartStrategy,
    StopStrategy,
    SubmitOrder,
)
from models.orders import DESK as CARE
from models.orders import Order
from models.workflow import RunState, Strategy, StrategyKind
from tests.builders import DESK, Desk, new_id, px, terms
from tests.ui.still_desk import StillDesk
from ui.desk.ask_dialog import AskDialog
from ui.desk.order_menu import OrderMenu

ZONE = ZoneInfo("America/New_York")
MINUTE = 60 * 1_000_000_000


class Told:
    """An order menu over a desk that stands still, and what it said, asked and sent."""

    def __init__(self, qtbot: QtBot, login: str = "alice") -> None:
        self.desk = Desk(step_ns=0)
        self.still = StillDesk(self.desk, login)
        self.pane = QWidget()
        qtbot.addWidget(self.pane)
        self.menu = OrderMenu(self.still.session, ZONE, self.pane)
        self.said: list[tuple[str, str]] = []
        self.asked: list[QDialog] = []
        self.slices: list[str] = []
        self.menu.message_raised.connect(lambda words, tone: self.said.append((words, tone)))
        self.menu.dialog_wanted.connect(self.asked.append)
        self.menu.slice_wanted.connect(self.slices.append)

    def offers(self, order: Order, *selected: Order) -> dict[str, Any]:
        self.still.sync()
        menu = QMenu(self.pane)
        self.menu.fill(menu, order, selected)
        return {action.text().partition("\t")[0]: action for action in menu.actions()}

    def dialog(self) -> AskDialog:
        (dialog,) = self.asked
        assert isinstance(dialog, AskDialog)
        return dialog

    def sent(self) -> list[Any]:
        return self.still.sent()

    def care(self, qty: int = 1_000, **more: Any) -> Order:
        return self.desk.accepted(terms(qty=qty, venue=CARE, limit_px=px(101)), **more)

    def staged(self) -> Order:
        command = SubmitOrder(id=new_id(), author="alice", desk=DESK, terms=terms(), staged=True)
        events = self.desk.run(command)
        return self.desk.order(events[0].order_id)  # type: ignore[union-attr]

    def pooled(self) -> Order:
        events = self.desk.submit(terms(venue=CARE), "dana", unclaimed=True)
        return self.desk.order(events[0].order_id)  # type: ignore[union-attr]

    def run_strategy(self, order: Order) -> None:
        strategy = Strategy(
            kind=StrategyKind.TWAP, start_ts=self.desk.ts, end_ts=self.desk.ts + 10 * MINUTE
        )
        self.desk.run(
            StartStrategy(
                id=new_id(), author="alice", desk=DESK, order_id=order.order_id, strategy=strategy
            )
        )


@pytest.fixture
def told(qtbot: QtBot) -> Told:
    return Told(qtbot)


def test_plain_working_order_can_only_be_passed_on(told: Told) -> None:
    assert list(told.offers(told.desk.accepted())) == ["Pass to…"]


def test_order_of_somebody_else_offers_nothing(told: Told) -> None:
    assert told.offers(told.care(author="ben")) == {}


def test_ended_order_offers_nothing(told: Told) -> None:
    order = told.care()
    told.desk.cancel(order)
    assert told.offers(order) == {}


def test_staged_order_is_released_at_the_version_that_is_seen(told: Told) -> None:
    order = told.staged()
    offers = told.offers(order)
    assert "Send a slice…" not in offers
    offers["Release"].trigger()
    (command,) = told.sent()
    assert isinstance(command, ReleaseOrder)
    assert (command.order_id, command.version) == (order.order_id, order.version)
    assert told.said == [("Releasing 1 order.", "pending")]


def test_selected_staged_orders_are_released_together(told: Told) -> None:
    orders = [told.staged(), told.staged()]
    working = told.desk.accepted()
    told.offers(orders[0], *orders, working)["Release 2 orders"].trigger()
    assert [command.order_id for command in told.sent()] == [o.order_id for o in orders]


def test_release_by_key_of_what_is_not_staged_says_why(told: Told) -> None:
    order = told.desk.accepted()
    told.menu.deeds["release"]([order])
    ((words, tone),) = told.said
    assert "not staged" in words
    assert (tone, told.sent()) == ("warning", [])


def test_pooled_order_is_claimed(told: Told) -> None:
    order = told.pooled()
    told.offers(order)["Claim"].trigger()
    (command,) = told.sent()
    assert isinstance(command, ClaimOrder)
    assert command.order_id == order.order_id


def test_order_for_an_account_one_may_not_trade_is_not_offered_for_claiming(told: Told) -> None:
    order = told.pooled()
    order.account = "PENSION"
    assert "Claim" not in told.offers(order)
    told.menu.deeds["claim"]([order])
    assert "PENSION" in told.said[0][0]


def test_pass_asks_to_whom_and_sends_it_with_the_note(told: Told) -> None:
    order = told.care()
    told.offers(order)["Pass to…"].trigger()
    dialog = told.dialog()
    dialog.set_value("to", "ben")
    dialog.set_value("note", "lunch")
    dialog.do_button.click()
    (command,) = told.sent()
    assert isinstance(command, PassOrder)
    assert (command.order_id, command.to, command.note) == (order.order_id, "ben", "lunch")
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_pass_to_nobody_is_refused_where_slices_are_out(told: Told) -> None:
    order = told.care()
    told.desk.accepted(terms(qty=100), parent_id=order.order_id)
    told.offers(order)["Pass to…"].trigger()
    dialog = told.dialog()
    dialog.set_value("to", "")
    assert "children or a strategy at work" in dialog.error.text()
    assert not dialog.do_button.isEnabled()


def test_care_order_can_be_worked_in_every_way(told: Told) -> None:
    order = told.care()
    offers = told.offers(order)
    assert list(offers) == [
        "Send a slice…", "Work with a strategy…", "Telephone execution…", "Pass to…",
    ]  # fmt: skip
    offers["Send a slice…"].trigger()
    assert told.slices == [order.order_id]


def test_care_order_without_room_can_be_given_no_more_work(told: Told) -> None:
    order = told.care(qty=100)
    told.desk.accepted(terms(qty=100), parent_id=order.order_id)
    offers = told.offers(order)
    assert not any(offers[name].isEnabled() for name in list(offers)[:3])
    for name in ("slice", "strategy", "phone"):
        told.menu.deeds[name]([order])
    assert {words for words, _ in told.said} == {
        f"Nothing of {order.order_id} is left to send: all is done or out in slices."
    }
    assert (told.asked, told.slices) == ([], [])


def test_running_strategy_is_paused_and_stopped_and_a_paused_one_resumed(told: Told) -> None:
    order = told.care()
    told.run_strategy(order)
    offers = told.offers(order)
    assert "Work with a strategy…" not in offers
    offers["Pause TWAP"].trigger()
    offers["Stop TWAP and cancel its slices"].trigger()
    told.desk.run(PauseStrategy(id=new_id(), author="alice", desk=DESK, order_id=order.order_id))
    assert told.desk.state.strategies[order.order_id].state is RunState.PAUSED
    told.offers(order)["Resume TWAP"].trigger()
    kinds = [type(command) for command in told.sent()]
    assert kinds == [PauseStrategy, StopStrategy, ResumeStrategy]
    told.menu.ask_strategy(order)
    assert "Stop it first" in told.said[-1][0]


def test_hand_over_asks_about_all_open_orders_of_ones_own(told: Told) -> None:
    told.care()
    told.desk.accepted()
    told.still.sync()
    told.menu.ask_hand_over()
    dialog = told.dialog()
    dialog.set_value("to", "ben")
    dialog.do_button.click()
    (command,) = told.sent()
    assert isinstance(command, HandOver)
    assert (command.to, command.trader) == ("ben", "alice")


def test_hand_over_without_orders_or_to_whoever_may_not_take_them_says_so(told: Told) -> None:
    told.menu.ask_hand_over()
    assert told.dialog().error.text() == "You have no open orders to hand over."
    told.desk.accepted().account = "PENSION"
    told.still.sync()
    told.dialog().set_value("to", "ben")
    assert "ben may not trade for account PENSION" in told.dialog().error.text()
    assert not told.dialog().do_button.isEnabled()


def test_head_hands_over_the_orders_of_somebody_else(qtbot: QtBot) -> None:
    told = Told(qtbot, "dana")
    told.care()
    told.still.sync()
    told.menu.ask_hand_over()
    dialog = told.dialog()
    dialog.set_value("of", "alice")
    dialog.set_value("to", "ben")
    dialog.do_button.click()
    (command,) = told.sent()
    assert isinstance(command, HandOver)
    assert (command.to, command.trader) == ("ben", "alice")
