"""What watches over an outage: from the loss of the store to the last acknowledged line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap import REFERENCE
from app.continuity.journal import read_journal
from app.continuity.manual import DraftState, ManualExecution
from app.continuity.outage import Kind
from app.ports import Lease
from app.session.step import Changed, Link, Request
from models.commands import RecordExecution, SubmitOrder
from models.errors import BlotterError
from models.order_state import Trigger
from models.orders import DESK as CARE
from models.orders import Order
from tests.builders import DESK, cancel, px, submit, terms
from tests.ui.still_desk import StillDesk, order_ids
from ui.continuity.keeper import OPENS_AFTER_S, OutageKeeper

NS = 1_000_000_000


class Outages:
    """A keeper over a still desk, with clocks of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.still = StillDesk()
        self.seconds = 1_000.0
        self.folder = folder
        self.wanted = 0
        self.keeper = self.start()

    def start(self) -> OutageKeeper:
        """Start a desktop, as if anew."""
        made = OutageKeeper(
            self.still.session,
            clock_ns=lambda: self.still.desk.ts + int(self.seconds) * NS,
            monotonic_s=lambda: self.seconds,
        )
        made.pane_wanted.connect(self._count)
        made.use_folder(self.folder, REFERENCE / "desk.toml")
        return made

    def _count(self) -> None:
        self.wanted += 1

    def lose(self, for_s: float = OPENS_AFTER_S + 1) -> None:
        """Let the store be lost for a while."""
        core = self.still.session.core
        core.link, core.link_text = Link.LOST, "no route to host"
        self.still.tell(Changed(link=True))
        self.later(for_s)

    def later(self, seconds: float) -> None:
        self.seconds += seconds
        self.keeper.tick()

    def come_back(self, *, is_read: bool = True) -> None:
        """Let the store answer again, and the log be read to its end."""
        core = self.still.session.core
        core.link, core.link_text = Link.LIVE, ""
        self.still.tell(Changed(link=True))
        if is_read:
            self.read()

    def read(self) -> None:
        self.seconds += 1
        self.still.session.answered_s = self.seconds
        self.keeper.tick()

    def work(self, **changes: object) -> Order:
        order = self.still.desk.accepted(terms(**changes))
        self.still.sync()
        return order

    def draft(self, order: Order, qty: int = 40) -> ManualExecution:
        made = ManualExecution(
            draft_id=f"d-{len(self.keeper.drafts)}",
            order_id=order.order_id,
            symbol=order.symbol,
            side=order.side,
            account=order.account,
            qty=qty,
            px=px(100),
            counterparty="HARB",
            traded_ts=self.still.desk.ts,
            captured_ts=self.still.desk.ts,
            captured_by="alice",
        )
        self.keeper.capture(made)
        return made

    @property
    def hold(self) -> str:
        return self.still.session.hold


@pytest.fixture
def outages(qtbot: QtBot, tmp_path: Path) -> Iterator[Outages]:
    made = Outages(tmp_path / "alice")
    yield made
    made.keeper.deleteLater()


def test_short_loss_without_anything_written_down_is_forgotten(outages: Outages) -> None:
    outages.lose(OPENS_AFTER_S - 1)
    assert outages.keeper.is_open
    outages.come_back()
    assert outages.keeper.outage is None
    assert (outages.wanted, outages.hold) == (0, "")


def test_pane_is_wanted_once_when_the_loss_lasts(outages: Outages) -> None:
    outages.lose(OPENS_AFTER_S)
    outages.later(30)
    assert outages.wanted == 1


def test_outage_in_which_nothing_changed_goes_on_by_itself(outages: Outages) -> None:
    outages.work()
    outages.lose()
    outages.come_back(is_read=False)
    assert "being read" in outages.hold
    outages.read()
    assert outages.hold == ""
    assert not outages.keeper.is_open
    assert outages.keeper.outage is not None
    assert outages.keeper.outage.log[-1].text == "Nothing differs from what was last known."


def test_new_orders_wait_until_what_changed_was_acknowledged_and_cancels_do_not(
    outages: Outages,
) -> None:
    order = outages.work(qty=100)
    outages.lose()
    outages.still.desk.fill(order, 40)
    outages.come_back()
    session = outages.still.session
    with pytest.raises(BlotterError, match="Nothing was sent: After the outage"):
        session.submit(terms())
    session.cancel(order.order_id)
    assert outages.keeper.objection == "1 line not acknowledged yet."
    with pytest.raises(BlotterError, match="1 line not acknowledged"):
        outages.keeper.resume()
    outages.keeper.acknowledge([order.order_id])
    outages.later(1)
    assert "resume trading" in outages.hold
    outages.keeper.resume()
    session.submit(terms())
    assert outages.hold == ""


def test_request_that_is_still_unknown_can_not_be_acknowledged(outages: Outages) -> None:
    order = outages.work()
    command = cancel(order)
    request = Request(command, 0)
    request.move(Trigger.LOSE)
    outages.still.session.core.requests[command.id] = request
    outages.lose()
    outages.come_back()
    outages.keeper.acknowledge([command.id])
    assert outages.keeper.objection.startswith("1 request not answered yet")
    del outages.still.session.core.requests[command.id]
    outages.later(1)
    assert outages.keeper.outage is not None
    assert outages.keeper.outage.lines[0].kind is Kind.SENT
    outages.keeper.acknowledge([command.id])
    assert outages.keeper.objection == ""


def test_order_that_was_not_sent_is_a_line(outages: Outages) -> None:
    command = submit(terms())
    assert isinstance(command, SubmitOrder)
    request = Request(command, 0)
    outages.still.session.core.requests[command.id] = request
    outages.lose()
    request.move(Trigger.DENY, "It was not sent, and now never will be. Enter it again.")
    outages.come_back()
    assert outages.keeper.outage is not None
    (line,) = outages.keeper.outage.lines
    assert (line.kind, line.what) == (Kind.NOT_SENT, "New order: BUY 100 ACME, GROWTH")


def test_store_lost_again_before_trading_resumed_is_the_same_outage(outages: Outages) -> None:
    order = outages.work(qty=100)
    outages.lose()
    outages.still.desk.fill(order, 40)
    outages.come_back()
    first = outages.keeper.outage
    outages.lose()
    assert outages.keeper.outage is first
    assert first is not None
    assert first.ended_ts == 0
    assert first.orders[order.order_id].cum_qty == 0


def test_short_loss_on_the_return_forgets_nothing(outages: Outages) -> None:
    order = outages.work(qty=100)
    outages.lose()
    outages.still.desk.fill(order, 40)
    outages.come_back()
    outages.lose(1)
    outages.come_back()
    assert outages.keeper.objection == "1 line not acknowledged yet."
    assert outages.hold
    outages.keeper.acknowledge([order.order_id])
    outages.keeper.resume()
    assert outages.hold == ""


def test_draft_is_booked_by_a_person_once_the_store_is_back(outages: Outages) -> None:
    order = outages.work(qty=100, venue=CARE)
    outages.lose()
    draft = outages.draft(order)
    with pytest.raises(BlotterError, match="The store does not answer"):
        outages.keeper.send(draft.draft_id)
    outages.come_back()
    assert "1 telephone execution neither booked nor dropped" in outages.keeper.objection
    outages.keeper.send(draft.draft_id)
    (command,) = outages.still.sent()
    assert isinstance(command, RecordExecution)
    assert (command.id, command.qty, command.counterparty) == (draft.draft_id, 40, "HARB")
    with pytest.raises(BlotterError, match="It is sent already"):
        outages.keeper.send(draft.draft_id)
    events = outages.still.desk.run(command)
    del outages.still.session.core.requests[command.id]
    outages.still.tell(Changed(orders=order_ids(events)))
    outages.later(1)
    assert outages.keeper.drafts[0].state is DraftState.BOOKED
    execution = outages.still.desk.state.executions[draft.exec_id]
    assert (execution.is_manual, execution.qty) == (True, 40)


def test_draft_that_the_engine_refuses_is_told_and_never_sent_again(outages: Outages) -> None:
    order = outages.work(qty=100, venue=CARE)
    outages.lose()
    draft = outages.draft(order)
    outages.come_back()
    outages.keeper.send(draft.draft_id)
    (command,) = outages.still.sent()
    outages.still.session.core.requests[command.id].move(Trigger.DENY, "Ask the desk head.")
    outages.later(1)
    assert outages.keeper.drafts[0].state is DraftState.REFUSED
    assert outages.keeper.drafts[0].said == "Ask the desk head."


def test_draft_on_an_order_at_a_venue_is_compared_and_dropped_with_a_reason(
    outages: Outages,
) -> None:
    order = outages.work(qty=100)
    outages.lose()
    draft = outages.draft(order)
    outages.come_back()
    with pytest.raises(BlotterError, match="would count twice"):
        outages.keeper.send(draft.draft_id)
    outages.keeper.drop(draft.draft_id, "The venue reported it")
    assert outages.keeper.drafts[0].state is DraftState.DROPPED
    assert outages.keeper.outage is not None
    assert "The venue reported it" in outages.keeper.outage.log[-1].text


def test_desktop_that_is_started_again_goes_on_with_log_drafts_and_what_is_out_of_sight(
    outages: Outages,
) -> None:
    order = outages.work(qty=100, venue=CARE)
    command = submit(terms())
    outages.still.session.core.requests[command.id] = Request(command, 0)
    outages.lose()
    draft = outages.draft(order)
    outages.still.session.core.requests.clear()
    outages.still.session.listeners.clear()
    outages.keeper = outages.start()
    assert [each.draft_id for each in outages.keeper.drafts] == [draft.draft_id]
    outages.come_back()
    assert outages.keeper.outage is not None
    kinds = {line.key: line.kind for line in outages.keeper.outage.lines}
    assert kinds[command.id] is Kind.OUT_OF_SIGHT
    outages.keeper.acknowledge([command.id])
    kept = read_journal(outages.folder / "journal.json", "alice", DESK)
    assert kept.outage is not None
    assert kept.outage.lines == outages.keeper.outage.lines


def test_desktop_that_is_started_again_on_the_return_still_waits(outages: Outages) -> None:
    order = outages.work(qty=100)
    outages.lose()
    outages.still.desk.fill(order, 40)
    outages.come_back()
    outages.still.session.hold = ""
    outages.still.session.listeners.clear()
    outages.keeper = outages.start()
    assert outages.hold
    outages.read()
    assert outages.keeper.objection == "1 line not acknowledged yet."


def test_draft_that_the_disk_refuses_is_not_said_to_be_written_down(
    outages: Outages, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = outages.work(qty=100, venue=CARE)
    outages.lose()

    def full(path: Path, journal: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ui.continuity.keeper.write_journal", full)
    with pytest.raises(BlotterError, match="It was not written down: No space left"):
        outages.draft(order)
    assert outages.keeper.drafts == []


def test_time_without_an_engine_is_counted_from_its_first_moment(outages: Outages) -> None:
    outages.still.tell(Changed(link=True))
    since = outages.keeper.no_engine_ts
    assert since > 0
    outages.later(30)
    outages.still.tell(Changed(link=True))
    assert outages.keeper.no_engine_ts == since
    outages.still.session.core.engine = Lease(epoch=1, holder="x", expires_ts=0)
    outages.still.tell(Changed(link=True))
    assert outages.keeper.no_engine_ts == 0
