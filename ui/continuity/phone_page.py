"""Telephone executions: written down while the store is away, sent one by one when it is back."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.continuity.manual import DraftState, ManualExecution
from app.session.client import Session
from ui.continuity.capture import ask_drop
from ui.continuity.columns import draft_columns
from ui.continuity.keeper import OutageKeeper
from ui.continuity.page import Page
from ui.desk.ask_dialog import AskDialog


class PhonePage(Page):
    """Drafts of executions.

    Attributes:
        send_button, drop_button: book the one that is chosen, after a question; drop it.
    """

    def __init__(
        self, session: Session, keeper: OutageKeeper, zone: ZoneInfo, parent: QWidget
    ) -> None:
        columns = draft_columns(session.core, zone)
        super().__init__(session, keeper, columns, lambda draft: draft.draft_id, parent)
        self.table.setAccessibleName("Telephone executions")
        self.table.set_empty_text(
            "Nothing was dealt by telephone",
            "Choose an order under Open orders, then write it down",
        )
        self.drop_button = self.button("Drop…", "It is not to be booked", self.drop)
        self.send_button = self.button("Send…", "Book it; you are asked first", self.send)
        self.refresh()

    def refresh(self) -> None:
        """Show the drafts as they are now."""
        self.put(list(self._keeper.drafts))
        self.show_chosen()

    @property
    def draft(self) -> ManualExecution | None:
        """The draft that is chosen."""
        return next(iter(self.chosen()), None)

    @Slot()
    def show_chosen(self, *_: Any) -> None:
        """Say what can be done with the one that is chosen."""
        draft = self.draft
        objection = self._keeper.send_objection(draft) if draft is not None else ""
        self.hint.setText(objection)
        self.send_button.setEnabled(draft is not None and not objection)
        self.send_button.setToolTip(objection or "Book it; you are asked first")
        self.drop_button.setEnabled(draft is not None and draft.state is DraftState.DRAFT)

    def send(self) -> None:
        """Ask whether the chosen draft is right, and send exactly that."""
        draft = self.draft
        if draft is None:
            return
        instrument = self._session.core.state.instruments.get(draft.symbol)
        price = instrument.show_price(draft.px) if instrument is not None else str(draft.px)
        self.dialog_wanted.emit(
            AskDialog(
                f"Book {draft.side.label} {draft.qty:,} {draft.symbol} at {price}?",
                (),
                "Book it",
                lambda _: self._keeper.send_objection(draft),
                lambda _: self._keeper.send(draft.draft_id),
                self,
                words=f"Dealt with {draft.counterparty} on {draft.order_id}, written down by "
                f"{draft.captured_by}. It is booked once, marked as manual.",
            )
        )

    def drop(self) -> None:
        """Ask why the chosen draft is dropped."""
        if self.draft is not None:
            self.dialog_wanted.emit(ask_drop(self._keeper, self.draft, self))
