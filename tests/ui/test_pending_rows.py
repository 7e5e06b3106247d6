"""What was sent and is not in the log yet, in the Orders blotter: one row for each order of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.commands import SubmitGroup
from models.order_state import OrderStatus
from models.orders import DESK, Side
from models.workflow import Contingency
from tests.builders import px, stop_terms, terms
from tests.ui.still_desk import StillDesk, order_ids
from ui.blotter.orders_pane import OrdersPane

ENTRY = terms(limit_px=px(99))
LEGS = (
    ENTRY,
    terms(side=Side.SELL, limit_px=px(102)),
    stop_terms(px(98), side=Side.SELL),
)


class Sending:
    """A pane over a desk that has not heard yet what was sent."""

    def __init__(self, qtbot: QtBot) -> None:
        self.still = StillDesk()
        self.pane = OrdersPane(self.still.session, ZoneInfo("America/New_York"))
        qtbot.addWidget(self.pane)
        self.pane.show()
        self.pane.model.throttle.delay_ms = 0
        self.pane.bar.clear()

    def statuses(self) -> list[OrderStatus]:
        rows = (self.pane.model.row_for(key) for key in self.keys())
        return [row.status for row in rows if row is not None]

    def keys(self) -> list[str]:
        return sorted(self.pane.model.key_at(row) for row in range(self.pane.model.rowCount()))

    def send_bracket(self) -> str:
        return self.still.session.work.submit_group(Contingency.BRACKET, LEGS)


@pytest.fixture
def sending(qtbot: QtBot) -> Sending:
    return Sending(qtbot)


def test_group_in_flight_shows_every_order_as_sending(sending: Sending) -> None:
    sent = sending.send_bracket()
    assert sending.keys() == [sent, f"{sent}.2", f"{sent}.3"]
    assert sending.statuses() == [OrderStatus.SENDING] * 3


def test_rows_of_a_group_become_its_orders(sending: Sending) -> None:
    sent = sending.send_bracket()
    before = sending.keys()
    core = sending.still.session.core
    command = core.requests.pop(sent).command
    assert isinstance(command, SubmitGroup)
    events = sending.still.desk.run(command)
    sending.still.tell(Changed(orders=order_ids(events), requests=frozenset({sent})))
    assert sending.keys() == before
    assert OrderStatus.SENDING not in sending.statuses()
    assert sending.statuses().count(OrderStatus.STAGED) == 2


def test_rows_of_a_group_that_came_to_nothing_go(sending: Sending) -> None:
    sent = sending.send_bracket()
    del sending.still.session.core.requests[sent]
    sending.still.tell(Changed(requests=frozenset({sent})))
    assert sending.keys() == []


def test_pane_opened_while_a_group_is_in_flight_has_its_rows(qtbot: QtBot) -> None:
    still = StillDesk()
    sent = still.session.work.submit_group(Contingency.OCO, (ENTRY, terms(limit_px=px(98))))
    pane = OrdersPane(still.session, ZoneInfo("America/New_York"))
    qtbot.addWidget(pane)
    pane.model.flush()
    assert pane.model.row_for(f"{sent}.2") is not None


def test_unclaimed_order_and_slice_in_flight_are_nobodys_and_their_parents(
    sending: Sending,
) -> None:
    session = sending.still.session
    pool = session.submit(terms(venue=DESK), unclaimed=True)
    child = session.submit(ENTRY, parent_id="O-1")
    own, other = sending.pane.model.row_for(pool), sending.pane.model.row_for(child)
    assert own is not None
    assert other is not None
    assert (own.trader, other.trader, other.parent_id) == ("", "alice", "O-1")
