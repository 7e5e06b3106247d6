"""The alerts: open first, aged, one row for what a rule says of an order, counted, acknowledged."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.session.step import Changed, Link
from models.alerts import Alert, Severity
from models.commands import AcknowledgeAlert
from models.events import AlertAcknowledged, AlertRaised
from tests.builders import NOW, SECOND, px, terms
from tests.ui.still_desk import StillDesk
from ui.compliance.alert_rows import age_text, rows_of
from ui.compliance.alerts_pane import AlertsPane

ZONE = ZoneInfo("America/New_York")
Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


class Bench:
    """The pane over a still desk, with a clock of its own.

    Attributes:
        still, pane: what a test acts on.
        now: the pane's clock, ns UTC.
    """

    def __init__(self, qtbot: QtBot) -> None:
        self.still = StillDesk()
        self.now = NOW + 42 * SECOND
        self.pane = AlertsPane(self.still.session, ZONE, clock=lambda: self.now)
        qtbot.addWidget(self.pane)
        self.pane.model.throttle.delay_ms = 0
        self.pane.resize(900, 200)
        self.pane.show()

    def raise_alert(self, at: int, **changes: object) -> Alert:
        fields = {
            "alert_id": f"A-{at}",
            "desk": "EQ",
            "severity": Severity.BLOCK,
            "rule": "COLLAR",
            "text": "too far",
            "ts": NOW + at * SECOND,
            "trader": "alice",
            "order_id": f"O-{at}",
            **changes,
        }
        alert = Alert(**fields)  # type: ignore[arg-type]
        self.still.desk.apply(AlertRaised(ts=alert.ts, desk="EQ", alert=alert))
        self.still.tell(Changed(alerts=True))
        return alert

    def see(self, alert: Alert, by: str = "dana") -> None:
        event = AlertAcknowledged(ts=NOW, desk="EQ", alert_id=alert.alert_id, author=by)
        self.still.desk.apply(event)
        self.still.tell(Changed(alerts=True))

    def column(self, name: str) -> list[str]:
        model = self.pane.model
        at = model.column_index(name)
        return [model.cell(row, at).text for row in range(model.rowCount())]


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def test_alerts_show_sign_age_and_words(bench: Bench) -> None:
    tester = QAbstractItemModelTester(bench.pane.model, Fatal)
    bench.raise_alert(0)
    bench.raise_alert(1, severity=Severity.WARNING, rule="ADV", note="block", text="11% of ADV")
    assert bench.column("outcome") == ["⚠", "■"]
    assert bench.column("age") == ["0:41", "0:42"]
    assert bench.column("why") == ["11% of ADV", "too far"]
    assert bench.column("state") == ["sent with reason", "open"]
    bench.raise_alert(2, note="asked for all the same")
    assert bench.column("state")[0] == "open"  # it was blocked, whatever reason was given
    tester.deleteLater()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (-5, "0:00"), (59, "0:59"), (600, "10:00"), (3_661, "1:01:01")],
)
def test_age_reads_as_minutes_and_seconds(seconds: int, text: str) -> None:
    assert age_text(seconds * SECOND) == text


def test_ages_grow_while_somebody_looks(bench: Bench, qtbot: QtBot) -> None:
    bench.raise_alert(0)
    assert bench.column("age") == ["0:42"]
    bench.now += 60 * SECOND
    qtbot.waitUntil(lambda: bench.column("age") == ["1:42"])


def test_open_alerts_come_before_newer_ones_that_were_seen(bench: Bench) -> None:
    bench.raise_alert(0)
    newer = bench.raise_alert(1)
    assert bench.column("order") == ["O-1", "O-0"]
    bench.see(newer)
    assert bench.column("order") == ["O-0", "O-1"]
    assert bench.column("state") == ["open", "seen by dana"]


def test_what_a_rule_says_again_of_an_order_is_one_row(bench: Bench) -> None:
    first = bench.raise_alert(0, order_id="O-1")
    bench.raise_alert(1, order_id="O-1", severity=Severity.WARNING)
    bench.raise_alert(2, order_id="O-2")
    assert bench.column("rule") == ["COLLAR", "COLLAR ×2"]
    assert bench.column("outcome") == ["■", "■"]  # the gravest of them
    assert bench.pane.waiting == 3
    bench.see(first)
    assert bench.column("state") == ["open", "1 open"]
    bench.pane.group_button.setChecked(False)
    assert bench.column("rule") == ["COLLAR"] * 3


def test_alerts_about_no_order_are_never_put_together(bench: Bench) -> None:
    bench.raise_alert(0, order_id="")
    bench.raise_alert(1, order_id="")
    assert len(bench.column("rule")) == 2
    assert len(rows_of(bench.still.desk.state.alerts.values(), is_grouped=True)) == 2


def test_acknowledging_a_row_says_so_of_all_its_open_alerts(bench: Bench) -> None:
    seen = bench.raise_alert(0, order_id="O-1")
    bench.raise_alert(1, order_id="O-1")
    bench.raise_alert(2, order_id="O-1")
    bench.see(seen)
    bench.pane.focus_table()
    bench.pane.acknowledge()
    commands = bench.still.sent()
    assert all(isinstance(command, AcknowledgeAlert) for command in commands)
    assert [getattr(command, "alert_id", "") for command in commands] == ["A-1", "A-2"]


def test_acknowledging_nothing_says_what_to_do(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.pane.message_raised) as said:
        bench.pane.acknowledge()
    assert "Select an open alert" in said.args[0]


def test_acknowledging_on_a_halted_desktop_says_why_not(bench: Bench, qtbot: QtBot) -> None:
    bench.raise_alert(0)
    bench.pane.focus_table()
    bench.still.session.core.link = Link.HALTED
    with qtbot.waitSignal(bench.pane.message_raised) as said:
        bench.pane.acknowledge()
    assert "Nothing was sent" in said.args[0]


def test_jump_asks_for_the_alerts_order(bench: Bench, qtbot: QtBot) -> None:
    bench.raise_alert(7)
    bench.pane.focus_table()
    with qtbot.waitSignal(bench.pane.order_wanted) as asked:
        bench.pane.jump()
    assert asked.args == ["O-7"]


def test_count_of_waiting_alerts_is_told_once_a_change(bench: Bench) -> None:
    counts: list[int] = []
    bench.pane.counted.connect(counts.append)
    alert = bench.raise_alert(0)
    bench.still.tell(Changed(alerts=True))
    bench.see(alert)
    assert counts == [1, 0]


def test_denied_order_raises_an_alert_here(bench: Bench) -> None:
    events = bench.still.desk.submit(terms(limit_px=px(110)))
    bench.still.tell(Changed(alerts=True))
    assert len(events) > 1
    assert bench.column("trader") == ["alice"]


def test_columns_and_grouping_come_back(bench: Bench, qtbot: QtBot) -> None:
    pane = bench.pane
    pane.table.sortByColumn(pane.model.column_index("rule"), Qt.SortOrder.AscendingOrder)
    pane.group_button.setChecked(False)
    state = pane.save_state()
    other = AlertsPane(bench.still.session, ZONE)
    qtbot.addWidget(other)
    other.resize(pane.size())
    other.show()
    other.restore_state(state)
    assert other.save_state() == state
    other.restore_state({"table": 5, "grouped": None, "fills": "x"})


def test_new_day_lets_go_of_yesterdays_alerts(bench: Bench) -> None:
    bench.raise_alert(0)
    bench.still.desk.state.alerts = {}
    bench.still.tell_all()
    assert bench.column("rule") == []
    assert bench.pane.waiting == 0


def test_why_takes_the_room_that_is_left(bench: Bench, qtbot: QtBot) -> None:
    header = bench.pane.table.horizontalHeader()
    qtbot.waitUntil(lambda: header.length() == bench.pane.table.viewport().width())
    bench.pane.resize(1200, 200)
    qtbot.waitUntil(lambda: header.length() == bench.pane.table.viewport().width())
