"""The desk's work by keys and from the palette, in the whole window."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from models.commands import ClaimOrder, ReleaseOrder
from models.orders import DESK as CARE
from models.orders import Order
from tests.builders import Desk, terms
from tests.ui.still_desk import StillDesk
from ui.actions import BY_NAME
from ui.main_window import MainWindow

ZONE = ZoneInfo("America/New_York")


class Window:
    """Alice's window over a desk that stands still."""

    def __init__(self, qtbot: QtBot) -> None:
        self.desk = Desk()
        self.care = self.desk.accepted(terms(qty=1_000, venue=CARE))
        self.child = self.desk.accepted(terms(qty=100), parent_id=self.care.order_id)
        self.still = StillDesk(self.desk)
        self.window = MainWindow(self.still.session, ZONE)
        qtbot.addWidget(self.window)
        self.window.show()
        self.still.tell_all()

    def press(self, name: str, *orders: Order) -> None:
        """Trigger an action as its key or the palette does, with these orders selected."""
        table = self.window.orders.table
        table.select_keys([order.command_id for order in orders])
        action = self.window.findChild(QAction, name)
        assert action is not None
        action.trigger()

    def order(self, author: str, **more: object) -> Order:
        events = self.desk.submit(terms(venue=more.pop("venue", "SIM")), author, **more)
        self.still.tell_all()
        return self.desk.order(events[0].order_id)  # type: ignore[union-attr]

    def asked(self) -> list[str]:
        return [dialog.windowTitle() for dialog in self.window.dialogs.shown]


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return Window(qtbot)


def test_what_sends_at_once_has_keys_with_modifiers_and_the_rest_asks() -> None:
    assert {name for name in ("release", "claim", "cancel_shown") if BY_NAME[name].sends} == {
        "release", "claim", "cancel_shown",
    }  # fmt: skip
    assert BY_NAME["release"].keys == ("Ctrl+Shift+R",)


def test_tree_is_switched_and_its_button_follows(window: Window) -> None:
    pane = window.window.orders
    window.press("tree")
    assert pane.model.is_tree
    assert pane.bar.tree_button.isChecked()
    assert "Ctrl+T" in pane.bar.tree_button.toolTip()
    window.window.keymap.set("tree", ("F9",))
    window.window.set_keys()
    assert "F9" in pane.bar.tree_button.toolTip()


def test_release_and_claim_send_for_what_is_selected(window: Window) -> None:
    staged = window.order("alice", staged=True)
    pooled = window.order("dana", venue=CARE, unclaimed=True)
    window.press("release", staged)
    window.press("claim", pooled)
    sent = window.still.sent()
    assert [type(command) for command in sent] == [ReleaseOrder, ClaimOrder]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("pass_on", "Pass BUY"),
        ("strategy", "Work BUY"),
        ("phone", "Telephone execution on BUY"),
        ("hand_over", "Hand over all open orders"),
        ("cancel_shown", "Cancel 1 order?"),
    ],
)
def test_question_opens_over_the_window(window: Window, name: str, title: str) -> None:
    window.press(name, window.care)
    (asked,) = window.asked()
    assert asked.startswith(title)
    assert window.still.sent() == []


@pytest.mark.parametrize("name", ["release", "claim", "pass_on", "slice", "strategy", "phone"])
def test_nothing_selected_is_told(window: Window, name: str) -> None:
    window.press(name)
    assert window.window.health.passing_label.toolTip().startswith("Select an order")
    assert window.asked() == []


@pytest.mark.parametrize("name", ["strategy", "phone", "slice"])
def test_order_at_a_venue_is_worked_in_no_such_way(window: Window, name: str) -> None:
    window.press(name, window.child)
    assert "no open care order" in window.window.health.passing_label.toolTip()
    assert window.asked() == []
