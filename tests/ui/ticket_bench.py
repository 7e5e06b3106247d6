"""A ticket alone, over a session that is stepped by hand: no engine, no thread, no waiting."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.context import Quote
from app.ports import Outcome, Verdict
from app.session import step
from app.session.client import Session
from models.commands import AnyCommand, Command, decode_command
from models.errors import StoreUnavailable
from models.events import AnyEvent
from models.order_state import Trigger
from models.orders import Order
from tests.builders import DESK, Desk, LogWriter
from tests.ui.market_session import NEW_YORK
from ui.ticket.ticket import Ticket

CONTROL = Qt.KeyboardModifier.ControlModifier


def _no_store() -> object:
    raise StoreUnavailable("there is none")


class TicketBench:
    """Alice's ticket, and in the place of store and engine the test itself.

    Attributes:
        ticket, session, desk: the ticket, its session, and the desk that decides.
        said: what the ticket raised, oldest first.
    """

    def __init__(
        self, desk: Desk | None = None, *, login: str = "alice", live: bool = True
    ) -> None:
        self.desk = desk or Desk()
        self.outputs: list[step.Output] = []
        self.session = Session(login, DESK, _no_store, lambda call: call())  # type: ignore[arg-type]
        self.session._worker.do = self.outputs.append  # type: ignore[method-assign]
        self.session.core.start()
        self._writer = LogWriter()
        self._written = 0
        self.said: list[tuple[str, str]] = []
        self.ticket = Ticket(self.session, NEW_YORK)
        self.ticket.message_raised.connect(lambda words, tone: self.said.append((words, tone)))
        self.ticket.resize(300, 590)
        if live:
            self.follow()
            self.see_market(*self.desk.quotes.values())

    # -- what the store and the engine would do ----------------------------------------------------

    def follow(self, command_id: str = "") -> None:
        """Let the session read what the desk's log has that it hasn't."""
        events: list[AnyEvent] = self.desk.log[self._written :]
        self._written = len(self.desk.log)
        rows = self._writer.write(*events, command_id=command_id or "elsewhere")
        mine = [
            (row, event)
            for row, event in zip(rows, events, strict=True)
            if row.stream in self.session.core.streams
        ]
        page = step.EventsRead(
            [row for row, _ in mine],
            [event for _, event in mine],
            len(self._writer.rows),
            self.desk.ts,
        )
        self.session._step(page)

    def see_market(self, *quotes: Quote) -> None:
        self.session._step(step.MarketRead(self.desk.ts, quotes))

    @property
    def submitted(self) -> list[AnyCommand]:
        """The commands that went out, oldest first, each as often as it did."""
        return [
            decode_command(output.submission.body)
            for output in self.outputs
            if isinstance(output, step.Submit)
        ]

    def decide(self, command: Command) -> None:
        """Let the engine decide a command, and the session read of it."""
        self.desk.run(command)
        self.follow(command.id)
        self.see_market(*self.desk.quotes.values())

    def decide_last(self) -> Order:
        """Decide what was sent last; return the order that it is of."""
        command = self.submitted[-1]
        self.decide(command)
        order_id = getattr(command, "order_id", "")
        orders = self.session.core.state.orders
        return orders[order_id] if order_id else list(orders.values())[-1]

    def lose(self, command_id: str) -> None:
        """Let the store not answer, and be back at once, not knowing yet."""
        self.session._step(step.Disconnected("the line is cut"))
        self.session._step(step.Lost((command_id,)))
        self.session._step(step.Connected(self.desk.ts))

    def answer(self, command_id: str, verdict: Verdict, text: str = "") -> None:
        outcome = Outcome(command_id=command_id, verdict=verdict, text=text)
        self.session._step(step.Answered(outcome, self.desk.ts))

    def acknowledge(self, order: Order) -> None:
        """Let the venue take the order."""
        self.desk.report(self.desk.order(order.order_id), Trigger.ACKNOWLEDGE)
        self.refresh()

    def refresh(self) -> None:
        """Let the session read on, and the feed give a sign of life."""
        self.follow()
        self.see_market(*self.desk.quotes.values())

    def resting(self, line: str = "b 500 acme 99.00") -> Order:
        """Enter an order that rests at the venue; return it as the session has it."""
        self.type(line)
        self.ticket.send()
        order = self.decide_last()
        self.acknowledge(order)
        return order

    # -- what a person does ------------------------------------------------------------------------

    def type(self, line: str) -> None:
        """Type a whole line into a ticket that is empty."""
        self.ticket.drop()
        self.ticket.line_edit.setFocus()
        QTest.keyClicks(self.ticket.line_edit, line)

    @property
    def checks(self) -> str:
        return self.ticket.checks_label.words

    @property
    def button(self) -> str:
        return self.ticket.send_button.words
