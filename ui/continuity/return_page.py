"""The return: line by line what was sent, what was not, and what changed; then trading resumes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.continuity.outage import Kind, Line, request_words
from app.session.client import Session
from models.commands import SubmitOrder
from models.errors import BlotterError
from ui.continuity.columns import line_columns
from ui.continuity.keeper import OutageKeeper
from ui.continuity.page import Page
from ui.desk.ask_dialog import AskDialog


class ReturnPage(Page):
    """Lines to acknowledge.

    Attributes:
        drop_button: let an order go that was not sent.
        anew_button: enter it again, once trading is resumed.
        seen_button, resume_button: acknowledge what is selected; resume trading.
    """

    def __init__(self, session: Session, keeper: OutageKeeper, parent: QWidget) -> None:
        super().__init__(session, keeper, line_columns(), lambda line: line.key, parent)
        self.table.setAccessibleName("What became of everything in the outage")
        self.table.set_empty_text(
            "Nothing to look at", "When the store is back, every difference is a line here"
        )
        self.drop_button = self.button(
            "Drop", "An order that was not sent, and is not wanted any more", self.drop
        )
        self.anew_button = self.button(
            "Enter anew…", "An order that was not sent, at today's price; you are asked", self.anew
        )
        self.seen_button = self.button(
            "Acknowledge", "You have looked at the selected lines", self.acknowledge
        )
        self.resume_button = self.button(
            "Resume trading", "New orders go from this window again", self.resume
        )
        self.refresh()

    def refresh(self) -> None:
        """Show the lines as they are now."""
        outage = self._keeper.outage
        self.put(list(outage.lines) if outage is not None else [])
        self.show_chosen()

    @Slot()
    def show_chosen(self, *_: Any) -> None:
        """Say what can be done with what is selected, and what is missing to resume."""
        objection = self._keeper.objection
        chosen: list[Line] = self.chosen()
        self.resume_button.setEnabled(not objection)
        self.resume_button.setToolTip(objection or "New orders go from this window again")
        waits = any(not line.is_settled and line.kind is not Kind.UNKNOWN for line in chosen)
        self.seen_button.setEnabled(self._keeper.is_returning and waits)
        unsent = self._unsent(chosen)
        self.anew_button.setEnabled(unsent is not None and not self._session.hold)
        self.drop_button.setEnabled(unsent is not None)
        words = objection if self._keeper.is_open else ""
        if words.endswith("not acknowledged yet.") and not chosen:
            words += " Select them, then acknowledge."
        if unsent is not None:
            words = f"{self._price_words(unsent)} {words}".strip()
        elif len(chosen) == 1:
            words = f"{chosen[0].before} → {chosen[0].now} {words}".strip()
        self.hint.setText(words)

    def _unsent(self, chosen: list[Line]) -> SubmitOrder | None:
        """Return the order of the only line that is chosen, if it was not sent."""
        if len(chosen) != 1 or chosen[0].kind is not Kind.NOT_SENT:
            return None
        request = self._session.core.requests.get(chosen[0].key)
        command = request.command if request is not None and not request.is_open else None
        return command if isinstance(command, SubmitOrder) else None

    def _price_words(self, command: SubmitOrder) -> str:
        """Return an unsent order's price beside the market's."""
        core, terms = self._session.core, command.terms
        instrument, quote = core.state.instruments.get(terms.symbol), core.quotes.get(terms.symbol)
        if instrument is None:
            return f"{terms.symbol} is not listed any more."
        limit = instrument.show_price(terms.limit_px) if terms.limit_px else "at market"
        now = "no price now"
        if quote is not None and (quote.bid or quote.ask or quote.last):
            sides = [
                f"{name} {instrument.show_price(px)}"
                for name, px in (("bid", quote.bid), ("ask", quote.ask), ("last", quote.last))
                if px
            ]
            now = f"now {', '.join(sides)}"
        return f"Limit {limit}; {now}." if terms.limit_px else f"It was {limit}; {now}."

    def acknowledge(self) -> None:
        """Acknowledge the selected lines."""
        self._keeper.acknowledge(self.table.selected_keys())

    def drop(self) -> None:
        """Let an order go that was not sent; its line counts as looked at."""
        command = self._unsent(self.chosen())
        if command is not None:
            self._keeper.acknowledge([command.id])
            self._keeper.note(f"Dropped, not sent: {request_words(command)}")
            self._session.dismiss(command.id)
            self.refresh()

    def resume(self) -> None:
        """Resume trading."""
        try:
            self._keeper.resume()
        except BlotterError as error:
            self.message_raised.emit(str(error), "blocked")
        else:
            self.message_raised.emit("Trading was resumed in this window.", "good")

    def anew(self) -> None:
        """Ask whether an order that was not sent is entered again, under a new id."""
        command = self._unsent(self.chosen())
        if command is None:
            return
        terms = command.terms

        def enter(_: object) -> None:
            self._session.submit(
                terms,
                command.reason,
                staged=command.staged,
                parent_id=command.parent_id,
                unclaimed=command.unclaimed,
            )
            self._session.dismiss(command.id)
            self._keeper.note(f"Entered anew: {terms.side.label} {terms.qty:,} {terms.symbol}")

        self.dialog_wanted.emit(
            AskDialog(
                f"Enter {terms.side.label} {terms.qty:,} {terms.symbol} anew?",
                (),
                "Enter it",
                lambda _: self._session.hold,
                enter,
                self,
                words=f"{self._price_words(command)} It is a new order, and every check is made "
                "on it as of now.",
            )
        )
