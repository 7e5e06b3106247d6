"""The kill: says exactly what will happen, keeps trading by default, and stays loud after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.session.step import Changed, Link
from models.commands import CancelOrders, HaltTrading, ResumeTrading
from models.order_state import OrderStatus
from models.orders import DESK as CARE
from tests.builders import DESK, Desk, new_id, terms
from tests.ui.shell.conftest import Open
from tests.ui.still_desk import StillDesk
from ui.main_window import MainWindow
from ui.shell.kill_dialog import Deed, KillDialog
from ui.shell.kill_words import kill_plan, resume_plan

KILL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
OpenDialog = Callable[..., KillDialog]


@pytest.fixture
def busy() -> Desk:
    """A desk on which alice works two orders and ben one."""
    desk = Desk()
    for _ in range(2):
        desk.order_in(OrderStatus.NEW)
    order = desk.accepted(author="ben")
    assert order.is_live
    return desk


@pytest.fixture
def open_dialog(qtbot: QtBot) -> OpenDialog:
    def opened(still: StillDesk, deed: Deed, trader: str | None = None) -> KillDialog:
        dialog = KillDialog(still.session, deed, trader, ("Ctrl+Shift+K",))
        qtbot.addWidget(dialog)
        dialog.open()
        return dialog

    return opened


def halt(desk: Desk, trader: str, author: str = "dana", note: str = "") -> None:
    desk.run(HaltTrading(id=new_id(), author=author, desk=DESK, trader=trader, note=note))


def test_plan_counts_only_the_traders_own_working_orders(busy: Desk) -> None:
    still = StillDesk(busy)
    plan = kill_plan(still.session.core, "alice")
    assert plan.order_count == 2
    assert "your 2 working orders" in plan.headline
    assert "until a desk head or compliance resumes" in " ".join(plan.sentences)


def test_plan_of_the_whole_desk_names_everybody_with_counts(busy: Desk) -> None:
    plan = kill_plan(StillDesk(busy, "dana").session.core, "")
    assert plan.order_count == 3
    assert "alice (2), ben (1)" in " ".join(plan.sentences)


def test_plan_leaves_out_care_orders_which_a_kill_does_not_cancel(busy: Desk) -> None:
    busy.accepted(terms(qty=500, venue="DESK"))
    assert kill_plan(StillDesk(busy).session.core, "alice").order_count == 2


def test_plan_without_orders_says_that_none_is_cancelled() -> None:
    plan = kill_plan(StillDesk(Desk()).session.core, "alice")
    assert "none is cancelled" in " ".join(plan.sentences)


def test_plan_leaves_care_orders_out_and_says_that_they_stay(busy: Desk) -> None:
    care = busy.accepted(terms(qty=500, venue=CARE))
    busy.accepted(terms(qty=100), parent_id=care.order_id)
    plan = kill_plan(StillDesk(busy).session.core, "alice")
    assert plan.order_count == 3
    assert "1 care order stays open" in " ".join(plan.sentences)


def test_plan_to_resume_names_halts_that_stay(busy: Desk) -> None:
    halt(busy, "ben")
    halt(busy, "")
    core = StillDesk(busy, "dana").session.core
    assert "whole desk is halted too" in " ".join(resume_plan(core, "ben").sentences)
    assert "Still halted by name: ben" in " ".join(resume_plan(core, "").sentences)


def test_return_on_the_open_question_keeps_trading(busy: Desk, open_dialog: OpenDialog) -> None:
    still = StillDesk(busy)
    dialog = open_dialog(still, Deed.KILL, "alice")
    assert dialog.focusWidget() is dialog.keep_button
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert still.sent() == []


def test_escape_keeps_trading(busy: Desk, open_dialog: OpenDialog) -> None:
    still = StillDesk(busy)
    dialog = open_dialog(still, Deed.KILL, "alice")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert still.sent() == []


def test_second_kill_key_halts_first_and_then_cancels(
    open_window: Open, busy: Desk, qapp: QApplication
) -> None:
    still = StillDesk(busy)
    window = open_window(still)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_K, KILL)
    (dialog,) = window.dialogs.shown
    assert still.sent() == []
    dialog.activateWindow()
    qapp.processEvents()
    QTest.keyClick(dialog, Qt.Key.Key_K, KILL)
    first, second = still.sent()
    assert isinstance(first, HaltTrading)
    assert isinstance(second, CancelOrders)
    assert (first.trader, second.trader) == ("alice", "alice")
    assert window.dialogs.shown == []


def test_kill_button_only_asks(open_window: Open, busy: Desk) -> None:
    still = StillDesk(busy)
    window = open_window(still)
    window.top_bar.kill_button.click()
    window.top_bar.kill_button.click()
    assert len(window.dialogs.shown) == 1
    assert still.sent() == []


def test_trader_can_choose_nobody_else(busy: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog(StillDesk(busy), Deed.KILL, "ben")
    assert dialog.trader == "alice"
    assert not dialog.whom_box.isVisible()


def test_desk_head_chooses_a_trader_or_the_whole_desk(busy: Desk, open_dialog: OpenDialog) -> None:
    still = StillDesk(busy, "dana")
    dialog = open_dialog(still, Deed.KILL, "ben")
    offered = [dialog.whom_box.itemData(at) for at in range(dialog.whom_box.count())]
    assert offered == ["", "alice", "ben", "dana"]  # who trades at this desk, and no other's
    assert dialog.trader == "ben"
    assert "1 order" in dialog.do_button.text()
    dialog.whom_box.setCurrentIndex(0)
    assert "3 orders" in dialog.do_button.text()
    dialog.note_edit.setText("fat finger")
    dialog.do_button.click()
    first, second = still.sent()
    assert isinstance(first, HaltTrading)
    assert isinstance(second, CancelOrders)
    assert (first.trader, first.note, second.trader) == ("", "fat finger", "")


def test_question_counts_on_while_it_is_open(
    busy: Desk, open_dialog: OpenDialog, qtbot: QtBot
) -> None:
    still = StillDesk(busy)
    dialog = open_dialog(still, Deed.KILL, "alice")
    assert "2 orders" in dialog.do_button.text()
    busy.order_in(OrderStatus.NEW)
    qtbot.waitUntil(lambda: "3 orders" in dialog.do_button.text())


def test_trader_who_seems_halted_is_halted_all_the_same(
    busy: Desk, open_dialog: OpenDialog
) -> None:
    halt(busy, "ben")
    still = StillDesk(busy, "dana")
    dialog = open_dialog(still, Deed.KILL, "ben")
    assert "halted already" in dialog.words.text()
    dialog.do_button.click()
    assert [type(command) for command in still.sent()] == [HaltTrading, CancelOrders]


def test_cancel_asks_without_halting(busy: Desk, open_dialog: OpenDialog) -> None:
    still = StillDesk(busy, "dana")
    dialog = open_dialog(still, Deed.CANCEL, "alice")
    dialog.do_button.click()
    (command,) = still.sent()
    assert isinstance(command, CancelOrders)
    assert command.trader == "alice"


def test_kill_that_cannot_be_sent_stays_open_and_says_why(
    busy: Desk, open_dialog: OpenDialog
) -> None:
    still = StillDesk(busy)
    still.session.core.link, still.session.core.link_text = Link.HALTED, "The chain is broken."
    dialog = open_dialog(still, Deed.KILL, "alice")
    dialog.do_button.click()
    assert dialog.isVisible()
    assert "chain is broken" in dialog.error.text()


def test_kill_goes_while_the_store_is_lost(busy: Desk, open_dialog: OpenDialog) -> None:
    still = StillDesk(busy)
    still.session.core.link = Link.LOST
    dialog = open_dialog(still, Deed.KILL, "alice")
    dialog.do_button.click()
    assert [type(command) for command in still.sent()] == [HaltTrading, CancelOrders]


def test_halt_is_loud_until_it_is_lifted(open_window: Open, busy: Desk) -> None:
    still = StillDesk(busy)
    window = open_window(still)
    assert not window.strip.isVisible()
    halt(busy, "alice", note="fat finger")
    still.tell(Changed(reference=True))
    assert window.strip.isVisible()
    assert "halted by dana" in window.strip.texts[0]
    assert "fat finger" in window.strip.texts[0]
    assert "HALTED" in window.top_bar.kill_button.text()
    busy.run(ResumeTrading(id=new_id(), author="dana", desk=DESK, trader="alice"))
    still.tell(Changed(reference=True))
    assert not window.strip.isVisible()
    assert "KILL" in window.top_bar.kill_button.text()


def test_another_traders_halt_is_told_to_who_can_lift_it(open_window: Open, busy: Desk) -> None:
    halt(busy, "ben")
    assert open_window(StillDesk(busy)).strip.texts == []
    head = open_window(StillDesk(busy, "dana"))
    assert len(head.strip.texts) == 1


def test_desk_head_resumes_after_a_question(open_window: Open, busy: Desk) -> None:
    halt(busy, "ben")
    still = StillDesk(busy, "dana")
    window = open_window(still)
    window.kill_switch.ask_resume()
    (dialog,) = window.dialogs.shown
    assert isinstance(dialog, KillDialog)
    assert dialog.trader == "ben"
    assert still.sent() == []
    dialog.do_button.click()
    (command,) = still.sent()
    assert isinstance(command, ResumeTrading)
    assert command.trader == "ben"


def test_trader_is_told_who_resumes(window: MainWindow, still: StillDesk) -> None:
    halt(still.desk, "alice")
    still.tell_all()
    window.kill_switch.ask_resume()
    assert window.dialogs.shown == []
    assert "desk head or compliance" in window.health.passing_label.text()
