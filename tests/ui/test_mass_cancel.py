"""Cancelling all that the Orders blotter shows: counted first, in parts, each order named once."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from models.commands import CancelOrders, SubmitOrder
from models.order_state import OrderStatus
from models.orders import DESK as CARE
from models.orders import Side
from tests.builders import DESK, Desk, new_id, terms
from tests.ui.still_desk import StillDesk
from ui.blotter.mass_cancel import BATCH_MAX, ask_cancel, cancel_plan
from ui.blotter.orders_pane import OrdersPane
from ui.desk.ask_dialog import AskDialog

ZONE = ZoneInfo("America/New_York")


def test_plan_names_open_orders_and_tells_of_those_that_stay() -> None:
    desk = Desk()
    mine, done = desk.accepted(), desk.order_in(OrderStatus.FILLED)
    asked = desk.order_in(OrderStatus.PENDING_CANCEL)
    others = desk.accepted(author="ben")
    staging = SubmitOrder(id=new_id(), author="alice", desk=DESK, terms=terms(), staged=True)
    staged = desk.order(desk.run(staging)[0].order_id)  # type: ignore[union-attr]
    core = StillDesk(desk).session.core
    plan = cancel_plan(core, [mine, done, asked, others, staged])
    assert plan.order_ids == (mine.order_id, staged.order_id)
    assert (plan.others, plan.slices) == (1, 0)
    assert plan.headline == "Cancel 2 orders?"
    assert "1 is not yours" in plan.words
    nothing = cancel_plan(core, [others])
    assert nothing.order_ids == ()
    assert nothing.refusal.startswith("No order that is shown can be cancelled.")


def test_slices_go_with_their_care_order_unless_it_is_not_shown() -> None:
    desk = Desk()
    care = desk.accepted(terms(qty=1_000, venue=CARE))
    slices = [desk.accepted(terms(qty=100), parent_id=care.order_id) for _ in range(2)]
    core = StillDesk(desk).session.core
    plan = cancel_plan(core, [care, slices[0]])
    assert (plan.order_ids, plan.slices) == ((care.order_id,), 2)
    assert "2 slices go along" in plan.words
    assert cancel_plan(core, slices).order_ids == tuple(each.order_id for each in slices)


def test_head_cancels_everybodys() -> None:
    desk = Desk()
    orders = [desk.accepted(author="ben"), desk.accepted()]
    plan = cancel_plan(StillDesk(desk, "dana").session.core, orders)
    assert len(plan.order_ids) == 2


def test_many_orders_are_cancelled_in_parts(qtbot: QtBot) -> None:
    desk = Desk()
    order = desk.accepted()
    still = StillDesk(desk)
    plan = cancel_plan(still.session.core, [order])
    ids = tuple(f"O-{number}" for number in range(2 * BATCH_MAX + 1))
    dialog = ask_cancel(still.session, type(plan)(order_ids=ids))
    qtbot.addWidget(dialog)
    dialog.do()
    parts = still.sent()
    assert all(isinstance(part, CancelOrders) for part in parts)
    named = [part.order_ids for part in parts if isinstance(part, CancelOrders)]
    assert [len(part) for part in named] == [BATCH_MAX, BATCH_MAX, 1]
    assert sum(named, ()) == ids


class Shown:
    """The blotter over two buys and a sale, and what it asks and says."""

    def __init__(self, qtbot: QtBot) -> None:
        self.desk = Desk()
        self.buys = [self.desk.accepted(), self.desk.accepted()]
        self.sale = self.desk.accepted(terms(side=Side.SELL))
        self.still = StillDesk(self.desk)
        self.pane = OrdersPane(self.still.session, ZONE)
        qtbot.addWidget(self.pane)
        self.asked: list[QDialog] = []
        self.said: list[str] = []
        self.pane.dialog_wanted.connect(self.asked.append)
        self.pane.message_raised.connect(lambda words, _: self.said.append(words))
        self.still.tell_all()


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


def test_only_what_the_filter_shows_is_cancelled_and_only_when_confirmed(shown: Shown) -> None:
    shown.pane.bar.set_text("side:buy")
    shown.pane.ask_cancel_shown()
    (dialog,) = shown.asked
    assert isinstance(dialog, AskDialog)
    assert dialog.headline.text() == "Cancel 2 orders?"
    assert shown.still.sent() == []
    dialog.do_button.click()
    (command,) = shown.still.sent()
    assert isinstance(command, CancelOrders)
    assert set(command.order_ids) == {order.order_id for order in shown.buys}


def test_nothing_shown_asks_nothing(shown: Shown) -> None:
    shown.pane.bar.set_text("symbol:nothing")
    shown.pane.ask_cancel_shown()
    assert shown.asked == []
    assert shown.said == ["No order that is shown can be cancelled."]


def test_menu_behind_the_dots_offers_it(shown: Shown) -> None:
    (action,) = [
        action for action in shown.pane.bar.menu.actions() if action.text() == "Cancel all shown…"
    ]
    action.trigger()
    assert len(shown.asked) == 1
