"""The Continuity pane: how it stands, its pages, its files, and that it takes nobody's keyboard."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.bootstrap import REFERENCE
from app.continuity.manual import DraftState
from app.continuity.outage import Kind
from app.core.context import FEED_TIMEOUT_NS
from app.ports import Lease
from app.session.step import Changed, Link, Request
from models.commands import RecordExecution, SubmitOrder
from models.errors import BadInput
from models.order_state import Trigger
from models.orders import DESK as CARE
from models.orders import Order
from tests.builders import NOW, px, submit, terms
from tests.ui.shell.conftest import ZONE, Open, open_window  # noqa: F401
from tests.ui.still_desk import StillDesk
from ui import theme
from ui.continuity.keeper import OPENS_AFTER_S, OutageKeeper
from ui.continuity.pane import ContinuityPane
from ui.continuity.saving import save_sheet
from ui.continuity.words import facts, today_at
from ui.desk.ask_dialog import AskDialog

NS = 1_000_000_000


class Bench:
    """A pane over a still desk."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.still = StillDesk()
        self.core = self.still.session.core
        self.core.engine = Lease(epoch=1, holder="x", expires_ts=0)
        self.seconds = 0.0
        self.keeper = OutageKeeper(
            self.still.session,
            clock_ns=lambda: self.still.desk.ts + int(self.seconds) * NS,
            monotonic_s=lambda: self.seconds,
        )
        self.keeper.use_folder(folder, REFERENCE / "desk.toml")
        self.pane = ContinuityPane(self.still.session, self.keeper, ZONE)
        self.asked: list[QDialog] = []
        self.said: list[str] = []
        self.pane.dialog_wanted.connect(self.asked.append)
        self.pane.message_raised.connect(lambda words, tone: self.said.append(words))
        qtbot.addWidget(self.pane)
        self.pane.resize(660, 440)
        self.pane.show()

    def work(self, **changes: object) -> Order:
        order = self.still.desk.accepted(terms(**changes))
        self.still.sync()
        return order

    def lose(self) -> None:
        self.core.link, self.core.link_text = Link.LOST, "no route to host"
        self.still.tell(Changed(link=True))
        self.seconds += OPENS_AFTER_S + 1
        self.keeper.tick()

    def come_back(self) -> None:
        self.core.link, self.core.link_text = Link.LIVE, ""
        self.still.tell(Changed(link=True))
        self.tick()

    def tick(self) -> None:
        self.seconds += 1
        self.still.session.answered_s = self.seconds
        self.keeper.tick()

    def answer(self, **values: str) -> AskDialog:
        """Fill in the question that was asked last."""
        dialog = self.asked[-1]
        assert isinstance(dialog, AskDialog)
        for name, text in values.items():
            edit = dialog.editor(name)
            assert isinstance(edit, QLineEdit)
            edit.setText(text)
            edit.textEdited.emit(text)
        return dialog


@pytest.fixture
def bench(qtbot: QtBot, dark: theme.Theme, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path / "mine")
    yield made
    made.pane.hide()
    made.keeper.deleteLater()


def test_pane_says_that_all_is_well_while_it_is(bench: Bench) -> None:
    assert bench.pane.headline.text() == "All systems answer"
    assert bench.pane.known_label.text() == "Orders are live."


def test_loss_is_told_with_its_age_its_reason_and_as_of_when_orders_are(bench: Bench) -> None:
    bench.lose()
    assert bench.pane.headline.text() == "The store has been lost for 11 s: work by telephone"
    words = bench.pane._facts[0][2].text()
    assert words.startswith("does not answer since ")
    assert words.endswith("(11 s). no route to host")
    assert bench.pane._facts[1][2].text() == "not known while the store does not answer"
    assert "11 s ago by this machine's clock" in bench.pane.known_label.text()


def test_engine_and_feed_that_are_down_are_told_each(bench: Bench) -> None:
    bench.core.engine = None
    bench.core.store_ts = bench.core.feed_ts + FEED_TIMEOUT_NS + NS
    store, engine, feed = facts(bench.still.session, None, bench.keeper.now_ts, ZONE)
    assert (store.is_down, engine.is_down, feed.is_down) == (False, True, True)
    assert feed.words.startswith("silent since ")
    bench.tick()
    bench.pane.refresh()
    assert bench.pane.headline.text() == "Something is down"


def test_chosen_order_shows_whom_to_call_and_what_to_say(bench: Bench) -> None:
    order = bench.work(qty=100)
    bench.lose()
    bench.pane.orders.table.select_keys([order.order_id])
    assert "+1 212 555 0143" in bench.pane.orders.call_label.text()
    assert order.cl_ord_id in bench.pane.orders.script_label.text()
    bench.pane.orders.copy_button.click()
    assert QApplication.clipboard().text() == bench.pane.orders.script_label.text()


def test_orders_are_those_that_were_last_known_while_the_store_is_lost(bench: Bench) -> None:
    order = bench.work(qty=100)
    bench.lose()
    assert [each.order_id for each in bench.pane.orders.orders] == [order.order_id]
    assert bench.pane._chips["Open orders"].text() == "Open orders 1"


def test_execution_is_written_down_sent_after_a_question_and_booked(bench: Bench) -> None:
    order = bench.work(qty=100, venue=CARE)
    bench.lose()
    bench.pane.orders.table.select_keys([order.order_id])
    bench.pane.orders.capture_button.click()
    dialog = bench.answer(qty="140", px="99.5")
    assert not dialog.do_button.isEnabled()
    assert "140 is more than the 100 left" in dialog.error.text()
    bench.answer(qty="40", px="99.5").do_button.click()
    (draft,) = bench.keeper.drafts
    assert (draft.qty, draft.px, draft.is_manual) == (40, px("99.5"), True)
    assert draft.counterparty == "Harbour Brokers, sales trading"
    bench.pane.show_page("Telephone")
    bench.pane.phone.table.select_keys([draft.draft_id])
    assert not bench.pane.phone.send_button.isEnabled()
    bench.come_back()
    assert bench.pane.phone.send_button.isEnabled()
    bench.pane.phone.send_button.click()
    assert bench.still.sent() == []  # asked first
    bench.answer().do_button.click()
    (command,) = bench.still.sent()
    assert isinstance(command, RecordExecution)
    assert bench.keeper.drafts[0].state is DraftState.SENT


def test_draft_is_dropped_with_a_reason_alone(bench: Bench) -> None:
    order = bench.work(qty=100)
    bench.lose()
    bench.pane.orders.table.select_keys([order.order_id])
    bench.pane.orders.capture_button.click()
    bench.answer(**{"qty": "40", "px": "99.5", "with": "HARB"}).do_button.click()
    bench.pane.show_page("Telephone")
    bench.pane.phone.table.select_keys([bench.keeper.drafts[0].draft_id])
    bench.pane.phone.drop_button.click()
    dialog = bench.answer(why="")
    assert not dialog.do_button.isEnabled()
    bench.answer(why="The venue has it").do_button.click()
    assert bench.keeper.drafts[0].state is DraftState.DROPPED


def test_lines_are_acknowledged_and_then_trading_resumes(bench: Bench) -> None:
    order = bench.work(qty=100)
    bench.lose()
    bench.still.desk.fill(order, 40)
    bench.come_back()
    bench.pane.show_page("On return")
    back = bench.pane.back
    assert not back.resume_button.isEnabled()
    assert back.hint.text() == "1 line not acknowledged yet. Select them, then acknowledge."
    back.table.select_keys([order.order_id])
    back.seen_button.click()
    bench.tick()
    assert back.resume_button.isEnabled()
    assert bench.pane.headline.text() == "The store is back after 21 s: resume trading"
    back.resume_button.click()
    assert not bench.keeper.is_open
    assert bench.still.session.hold == ""
    assert bench.said == ["Trading was resumed in this window."]


def test_order_that_was_not_sent_is_entered_anew_beside_todays_price_after_resuming(
    bench: Bench,
) -> None:
    command = submit(terms(qty=100, limit_px=px("99.00")))
    assert isinstance(command, SubmitOrder)
    request = Request(command, 0)
    bench.core.requests[command.id] = request
    bench.lose()
    request.move(Trigger.DENY, "It was not sent, and now never will be. Enter it again.")
    bench.come_back()
    bench.pane.show_page("On return")
    back = bench.pane.back
    back.table.select_keys([command.id])
    assert "Limit 99.00; now bid " in back.hint.text()
    assert not back.anew_button.isEnabled()
    back.seen_button.click()
    bench.tick()
    back.resume_button.click()
    back.table.select_keys([command.id])
    back.show_chosen()
    back.anew_button.click()
    assert "every check is made" in bench.answer().words.text()
    bench.answer().do_button.click()
    (sent,) = bench.still.sent()
    assert isinstance(sent, SubmitOrder)
    assert sent.id != command.id
    assert sent.terms == command.terms


def test_order_that_was_not_sent_is_dropped(bench: Bench) -> None:
    command = submit(terms())
    request = Request(command, 0)
    bench.core.requests[command.id] = request
    bench.lose()
    request.move(Trigger.DENY, "It was not sent, and now never will be. Enter it again.")
    bench.come_back()
    bench.pane.show_page("On return")
    bench.pane.back.table.select_keys([command.id])
    bench.pane.back.drop_button.click()
    assert command.id not in bench.core.requests
    bench.tick()
    assert bench.keeper.outage is not None
    (line,) = bench.keeper.outage.lines
    assert (line.kind, line.acknowledged_by) == (Kind.NOT_SENT, "alice")
    assert bench.keeper.objection == ""
    assert bench.keeper.outage.log[-1].text == "Dropped, not sent: New order: BUY 100 ACME, GROWTH"


def test_notice_is_filled_and_what_was_edited_is_what_is_copied_and_saved(
    bench: Bench, tmp_path: Path
) -> None:
    bench.work()
    bench.lose()
    page = bench.pane.notices
    page.fill()
    assert "We hold 1 open orders" in page.text_edit.toPlainText()
    page.text_edit.setPlainText("Dear all")
    bench.tick()
    page.copy()
    assert QApplication.clipboard().text() == "Dear all"
    page.save(tmp_path / "notice.txt")
    assert (tmp_path / "notice.txt").read_text(encoding="utf-8") == "Dear all"
    page.save(tmp_path / "nowhere" / "notice.txt")
    assert "can't be written" in page.said.text()


def test_person_adds_a_line_to_the_log(bench: Bench) -> None:
    assert not bench.pane.log.note_edit.isEnabled()
    bench.lose()
    bench.pane.show_page("Log")
    bench.pane.log.note_edit.setText("Called Harbour")
    bench.pane.log.note_edit.returnPressed.emit()
    assert bench.keeper.outage is not None
    assert (bench.keeper.outage.log[-1].who, bench.keeper.outage.log[-1].text) == (
        "alice",
        "Called Harbour",
    )


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("html", b"<!")],
)
def test_orders_and_report_are_saved_in_each_form(
    bench: Bench, tmp_path: Path, suffix: str, begins: bytes
) -> None:
    bench.work()
    assert bench.pane.report_sheet() is None
    bench.lose()
    for name, sheet in (("o", bench.pane.orders_sheet()), ("r", bench.pane.report_sheet())):
        assert sheet is not None
        bench.pane.save(sheet, tmp_path / f"{name}.{suffix}")
        assert (tmp_path / f"{name}.{suffix}").read_bytes().startswith(begins)
    assert len(bench.said) == 2


def test_saved_text_can_not_become_a_formula(bench: Bench, tmp_path: Path) -> None:
    bench.lose()
    bench.keeper.note("=1+2")
    sheet = bench.pane.report_sheet()
    assert sheet is not None
    save_sheet(sheet, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = {cell for row in csv.reader(file) for cell in row}
    assert "'=1+2" in cells
    with pytest.raises(BadInput, match=r"\.doc is not known; choose \.pdf"):
        save_sheet(sheet, tmp_path / "r.doc")


def test_time_of_a_deal_is_todays_or_yesterdays() -> None:
    assert today_at("07:59:30", NOW, ZONE) == NOW - 30 * NS
    assert today_at("08:00:30", NOW, ZONE) == NOW + 30 * NS - 86_400 * NS
    with pytest.raises(BadInput, match="'noon' is no time of day"):
        today_at("noon", NOW, ZONE)


def test_pane_opens_behind_what_is_read_and_leaves_the_keyboard(
    open_window: Open,  # noqa: F811
    qapp: QApplication,
) -> None:
    still = StillDesk()
    window = open_window(still)
    window.activateWindow()
    window.go_to("orders")
    before = qapp.focusWidget()
    assert window.docks["continuity"].isHidden()
    window.outages.pane_wanted.emit()
    qapp.processEvents()
    assert not window.docks["continuity"].isHidden()
    assert window.is_seen("orders")
    assert not window.is_seen("continuity")
    assert qapp.focusWidget() is before
