"""The desk's questions: what is entered is checked as it is typed, and sent as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.volume_curve import BUCKET_S, venue_hours
from models.commands import BustExecution, CorrectExecution, RecordExecution, StartStrategy
from models.executions import Execution
from models.orders import DESK as CARE
from models.orders import Order
from models.workflow import SLICES_MAX, Strategy, StrategyKind, Style
from tests.builders import NOW, SECOND, Desk, px, terms
from tests.ui.still_desk import StillDesk
from ui.desk import questions
from ui.desk.ask_dialog import AskDialog, Field

ZONE = ZoneInfo("America/New_York")


class Asking:
    """A desk that stands still, with a care order of 1,000 to be asked about."""

    def __init__(self, qtbot: QtBot, login: str = "alice") -> None:
        self.qtbot = qtbot
        self.desk = Desk(step_ns=0)
        self.order: Order = self.desk.accepted(terms(qty=1_000, venue=CARE, limit_px=px(101)))
        self.still = StillDesk(self.desk, login)

    def shown(self, dialog: AskDialog) -> AskDialog:
        self.qtbot.addWidget(dialog)
        dialog.open()
        dialog.activateWindow()
        return dialog

    def strategy(self, **values: str) -> AskDialog:
        dialog = self.shown(questions.ask_strategy(self.still.session, self.order, ZONE))
        for name, value in values.items():
            dialog.set_value(name, value)
        return dialog

    def phone(self, **values: str) -> AskDialog:
        dialog = self.shown(questions.ask_execution(self.still.session, self.order, ZONE))
        for name, value in {"qty": "400", "px": "100.25", "with": "Meridian", **values}.items():
            dialog.set_value(name, value)
        return dialog

    def started(self, **values: str) -> Strategy:
        dialog = self.strategy(**values)
        dialog.do_button.click()
        command = self.still.sent()[-1]
        assert isinstance(command, StartStrategy)
        assert command.order_id == self.order.order_id
        return command.strategy


@pytest.fixture
def asking(qtbot: QtBot) -> Asking:
    return Asking(qtbot)


# ------------------------------------------------------------------------------------ strategies


def test_twap_begins_now_and_ends_when_it_is_said(asking: Asking) -> None:
    found = asking.started(until="30m", every="2m", style="cross")
    assert found == Strategy(
        kind=StrategyKind.TWAP,
        start_ts=asking.desk.ts,
        end_ts=asking.desk.ts + 1_800 * SECOND,
        every_ns=120 * SECOND,
        style=Style.CROSS,
    )


def test_end_is_read_as_a_time_of_the_desks_zone(asking: Asking) -> None:
    end = datetime.fromtimestamp(asking.started(until="15:45").end_ts // SECOND, ZONE)
    now = datetime.fromtimestamp(NOW // SECOND, ZONE)
    assert (end.date(), f"{end:%H:%M:%S}") == (now.date(), "15:45:00")


def test_pov_takes_a_share_in_percent(asking: Asking) -> None:
    found = asking.started(kind="pov", share="15%")
    assert (found.kind, found.participation_bps) == (StrategyKind.POV, 1_500)


def test_iceberg_shows_a_part_at_a_time(asking: Asking) -> None:
    found = asking.started(kind="iceberg", show="200")
    assert (found.kind, found.display_qty) == (StrategyKind.ICEBERG, 200)


def test_vwap_follows_the_venues_usual_volume(asking: Asking) -> None:
    asking.desk.ts += 2 * 3_600 * SECOND + 40 * SECOND  # 10:00:40 in New York
    asking.still.sync()
    found = asking.started(kind="vwap", until="10m", every="5m")
    hours = venue_hours(asking.desk.state.instruments["ACME"].mic)
    assert len(found.curve) == found.slices == 2
    # Each slice has parts of the five-minute steps that it touches, by their seconds.
    start = asking.desk.ts // SECOND
    seconds = [hours.weights[hours.bucket_at(at * SECOND)] for at in range(start, start + 600)]
    assert found.curve == (sum(seconds[:300]), sum(seconds[300:]))
    assert found.curve[0] != found.curve[1]
    assert BUCKET_S == 300


def test_vwap_outside_the_venues_hours_falls_evenly(asking: Asking) -> None:
    asking.desk.ts += 12 * 3_600 * SECOND
    asking.still.sync()
    assert asking.started(kind="vwap", until="10m", every="5m").curve == (1, 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"until": "noon"}, "noon is no time"),
        ({"until": ""}, "nothing is no time"),
        ({"until": "00:01"}, "ends before it starts"),
        ({"every": "0s"}, "not between 1 second and a day"),
        ({"kind": "vwap", "every": "0s"}, "not between 1 second and a day"),
        ({"every": "25h"}, "not between 1 second and a day"),
        ({"every": "30"}, "no length of time"),
        ({"until": "5h", "every": "1s"}, f"not 1 to {SLICES_MAX:,}"),
        ({"kind": "vwap", "until": "5h", "every": "1s"}, f"not 1 to {SLICES_MAX:,}"),
        ({"kind": "pov", "share": "half"}, "no whole percentage"),
        ({"kind": "pov", "share": "80%"}, "not between 1 and"),
        ({"kind": "iceberg"}, "Quantity"),
        ({"kind": "iceberg", "show": "0"}, "Show at least a lot"),
    ],
)
def test_strategy_that_can_not_be_started_says_why(
    asking: Asking, values: dict[str, str], words: str
) -> None:
    dialog = asking.strategy(**values)
    assert words in dialog.error.text()
    assert not dialog.do_button.isEnabled()
    dialog.do()
    assert asking.still.sent() == []


def test_fields_show_only_with_the_strategy_they_belong_to(asking: Asking) -> None:
    dialog = asking.strategy()
    visible = {kind: set[str]() for kind in ("twap", "vwap", "pov", "iceberg")}
    for kind, names in visible.items():
        dialog.set_value("kind", kind)
        names |= {n for n in ("every", "share", "show") if dialog.editor(n).isVisible()}
    timed = {"every"}
    assert visible == {"twap": timed, "vwap": timed, "pov": timed | {"share"}, "iceberg": {"show"}}


# --------------------------------------------------------------------------- telephone executions


def test_telephone_execution_is_booked_with_its_time_and_counterparty(asking: Asking) -> None:
    dialog = asking.phone(note="block")
    dialog.do_button.click()
    (command,) = asking.still.sent()
    assert isinstance(command, RecordExecution)
    assert (command.order_id, command.qty, command.px) == (
        asking.order.order_id, 400, px("100.25"),
    )  # fmt: skip
    assert (command.counterparty, command.note) == ("Meridian", "block")
    assert 0 <= asking.desk.ts - command.traded_ts < SECOND


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"qty": "1001"}, "1,001 can't be booked"),
        ({"qty": "many"}, "Quantity"),
        ({"px": ""}, "Price is empty"),
        ({"qty": ""}, "Quantity is empty"),
        ({"px": "0"}, "not above 0"),
        ({"with": " "}, "who it was dealt with"),
        ({"at": "23:59"}, "in the future"),
        ({"at": "then"}, "then is no time"),
    ],
)
def test_telephone_execution_that_can_not_be_booked_says_why(
    asking: Asking, values: dict[str, str], words: str
) -> None:
    dialog = asking.phone(**values)
    assert words in dialog.error.text()
    dialog.do()
    assert asking.still.sent() == []


# ------------------------------------------------------------------------------ bust and correct


@pytest.fixture
def head(qtbot: QtBot) -> Asking:
    """Return the desk head, with one fill of 40 at 100.00 in an order of 100."""
    asking = Asking(qtbot, "dana")
    order = asking.desk.accepted()
    asking.desk.fill(order, 40, px(100))
    asking.still.sync()
    return asking


def fill_of(asking: Asking) -> Execution:
    (fill,) = asking.desk.state.executions.values()
    return fill


def test_bust_asks_why_and_sends_it(head: Asking) -> None:
    dialog = head.shown(questions.ask_bust(head.still.session, fill_of(head)))
    assert "Say why" in dialog.error.text()
    dialog.set_value("note", "agreed with the venue")
    dialog.do_button.click()
    (command,) = head.still.sent()
    assert isinstance(command, BustExecution)
    assert (command.exec_id, command.note) == (fill_of(head).exec_id, "agreed with the venue")


def test_correct_sends_the_figures_as_they_should_be(head: Asking) -> None:
    dialog = head.shown(questions.ask_correct(head.still.session, fill_of(head)))
    assert "It is that already" in dialog.error.text()
    for name, value in {"qty": "30", "px": "99.50", "note": "misread"}.items():
        dialog.set_value(name, value)
    dialog.do_button.click()
    (command,) = head.still.sent()
    assert isinstance(command, CorrectExecution)
    assert (command.qty, command.px, command.note) == (30, px("99.50"), "misread")


@pytest.mark.parametrize(
    ("qty", "price", "note", "words"),
    [
        ("0", "100", "x", "To take it out, bust it"),
        ("101", "100", "x", "can hold up to 100"),
        ("30", "100", "", "Say why"),
        ("x", "100", "x", "Quantity"),
    ],
)
def test_correction_that_can_not_be_made_says_why(
    head: Asking, qty: str, price: str, note: str, words: str
) -> None:
    dialog = head.shown(questions.ask_correct(head.still.session, fill_of(head)))
    for name, value in {"qty": qty, "px": price, "note": note}.items():
        dialog.set_value(name, value)
    assert words in dialog.error.text()
    assert not dialog.do_button.isEnabled()


# ------------------------------------------------------------------------------------ the dialog


def noted(done: list[Any]) -> Callable[[dict[str, str]], object]:
    return done.append


def test_enter_alone_does_nothing_and_control_enter_does_it(qtbot: QtBot) -> None:
    done: list[Any] = []
    dialog = AskDialog("Do it?", (Field("a", "A", " x "),), "Do", lambda _: "", noted(done))
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog.editor("a"), Qt.Key.Key_Return)
    assert (done, dialog.isVisible()) == ([], True)
    QTest.keyClick(dialog.editor("a"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (done, dialog.isVisible()) == ([{"a": "x"}], False)
    # The dialog went with the key held down; Qt has to hear that it is up again.
    QTest.keyRelease(dialog, Qt.Key.Key_Control)
    assert QApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


def test_what_is_not_entered_yet_is_no_mistake_until_something_is(qtbot: QtBot) -> None:
    dialog = AskDialog(
        "How?", (Field("a", "A"),), "Do", lambda v: "" if v["a"] == "x" else "Say x.", noted([])
    )
    qtbot.addWidget(dialog)
    assert (dialog.error.text(), dialog.error.property("role")) == ("Say x.", "muted")
    assert not dialog.do_button.isEnabled()
    dialog.set_value("a", "y")
    assert (dialog.error.text(), dialog.error.property("role")) == ("Say x.", "error")
    dialog.set_value("a", "x")
    assert dialog.error.text() == ""
    assert dialog.do_button.isEnabled()


def test_grave_question_begins_on_leaving_it(qtbot: QtBot) -> None:
    dialog = AskDialog("Sure?", (), "Do", lambda _: "", noted([]), is_grave=True)
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.focusWidget() is dialog.keep_button
    assert dialog.do_button.property("role") == "kill"
