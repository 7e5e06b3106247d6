"""The order ticket: enter and amend, by one line or by fields, with the engine's own checks."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.errors import BlotterError
from models.orders import Order, Side
from ui.ticket import one_line
from ui.ticket.completion import Completion, complete_line, complete_symbol
from ui.ticket.draft import Draft, plain_price
from ui.ticket.draft_file import SavedDraft
from ui.ticket.draft_keeper import DraftKeeper
from ui.ticket.entry import Entry
from ui.ticket.face import TicketFace
from ui.ticket.field_rows import amended
from ui.ticket.last_sent import LastSent, follow
from ui.ticket.legs import followed
from ui.ticket.send_panel import HINT
from ui.ticket.suggestions import Suggestions

_RECHECK_MS = 400


class Ticket(QFrame):
    """Holds one draft; sends it once.

    Attributes:
        line_edit, symbol_edit, qty_edit, limit_edit, stop_edit, type_box, force_box, account_box,
            reason_edit, send_button, side_buttons, more_button: what one types and presses.
        line_error, quote_labels, bond_labels, headroom, amend_panel, slice_panel, checks_label,
            outcome_label: what it says.

    Signals:
        order_sent: a command was handed to the session; carries its command id.
        message_raised: something to tell the person in passing; carries words and a tone.
    """

    help_page: ClassVar[str] = "ticket"
    order_sent = Signal(str)
    message_raised = Signal(str, str)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._entry = Entry(session)
        self._last_sent: LastSent | None = None
        self._keeper = DraftKeeper(session.core, self)
        self._is_outdated = self._is_sending = False
        self._face = face = TicketFace(self, zone)
        self.line_edit, self.line_error = face.line_edit, face.line_error
        self.side_buttons, self.symbol_edit = face.side_buttons, face.symbol_row.edit
        self.quote_labels, self.headroom = face.quotes.values, face.headroom
        self.bond_labels = face.bond.values
        self.form, self.amend_panel = face.form, face.amend_panel
        self.slice_panel, self.more_button = face.slice_panel, face.symbol_row.more_button
        self.qty_edit, self.limit_edit = face.form.qty_edit, face.form.limit_edit
        self.stop_edit, self.type_box = face.form.stop_edit, face.form.type_box
        self.force_box, self.account_box = face.form.force_box, face.form.account_box
        self.checks_label, self.reason_edit = face.foot.checks_label, face.foot.reason_edit
        self.send_button, self.outcome_label = face.foot.send_button, face.foot.outcome_label
        self._wire()
        self._recheck_timer = QTimer(self)
        self._recheck_timer.setInterval(_RECHECK_MS)
        self._recheck_timer.timeout.connect(self._on_time_passed)
        self._recheck_timer.start()
        session.listeners.append(self.on_changed)
        self._fill_lists()
        self._show_entry()

    def _wire(self) -> None:
        face = self._face
        self.line_edit.textEdited.connect(self._on_line_edited)
        for side, button in self.side_buttons.items():
            button.clicked.connect(lambda _=False, chosen=side: self._on_side_chosen(chosen))
        self.symbol_edit.textEdited.connect(self._on_field_edited)
        face.form.edited.connect(self._on_field_edited)
        face.form.stepped.connect(self._on_stepped)
        face.headroom.largest_wanted.connect(self.take_largest)
        face.amend_panel.new_terms_wanted.connect(self.take_new_terms)
        face.slice_panel.leave_wanted.connect(self.drop)
        face.symbol_row.more_button.clicked.connect(self._on_more)
        face.foot.reason_edited.connect(self._on_reason_edited)
        self.send_button.clicked.connect(self.send)
        self._keeper.failed.connect(lambda words: self.message_raised.emit(words, "warning"))
        self._keeper.restored.connect(self._on_restored)
        self._keeper.dropped.connect(self._on_draft_dropped)
        self._line_suggestions = Suggestions(self.line_edit, self._complete_line, self, after=" ")
        self._line_suggestions.taken.connect(self._on_line_edited)
        self._symbol_suggestions = Suggestions(self.symbol_edit, self._complete_symbol, self)
        self._symbol_suggestions.taken.connect(self._on_field_edited)

    # -- what others ask -----------------------------------------------------------------------

    @property
    def draft(self) -> Draft:
        """What it holds."""
        return self._entry.draft

    @property
    def amends(self) -> Order | None:
        """The order that it would amend as the person took it in, `None` for a new one."""
        return self._entry.amends

    @property
    def slices(self) -> str:
        """The care order that it is a slice of, empty when it is none."""
        return self._entry.parent_id

    @property
    def can_send(self) -> bool:
        """Whether the button would send what it says."""
        return self._entry.can_send(self._face.foot.reason)

    def focus_pane(self) -> None:
        """Put the keyboard where one types an order."""
        is_plain = self.amends is None and not self.slices
        edit = self.line_edit if is_plain else self.qty_edit
        edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def save_state(self) -> dict[str, Any]:
        """Return what a new ticket begins with."""
        return {
            "side": self.draft.side.value,
            "account": self.draft.account,
            "next_slice": self.slice_panel.stay_check.isChecked(),
            "more": self.more_button.isChecked(),
        }

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Begin with the side and account of last time, where nothing is held."""
        account, side = state.get("account"), state.get("side")
        self.slice_panel.stay_check.setChecked(state.get("next_slice") is not False)
        self.more_button.setChecked(state.get("more") is True)
        if self._entry.is_blank and isinstance(account, str) and side in set(Side):
            self.draft.account, self.draft.side = account, Side(side)
            self._show_entry()

    @Slot()
    def begin(self, side: Side, symbol: str = "") -> None:
        """Start a new order on `side`, in `symbol` where one is given; account stays."""
        self.drop()
        self.draft.side = side
        self.draft.symbol = symbol or self.draft.symbol
        self._show_entry()
        self.line_edit.setFocus()

    @Slot()
    def drop(self) -> None:
        """Let go of the draft."""
        draft = self.draft
        self._entry.take(Draft(side=draft.side, account=draft.account, symbol=draft.symbol))
        self._face.clear_texts()
        self._keeper.forget()
        self._show_entry(keep_line=True)

    def begin_amend(self, order: Order) -> None:
        """Take an order's present terms in, to be changed."""
        self._entry.take_order(order)
        self._face.clear_texts()
        self._keeper.forget()
        self._show_entry()
        self.qty_edit.setFocus()
        self.qty_edit.selectAll()

    def begin_slice(self, order: Order) -> None:
        """Begin a slice of a care order: all that is left of it to send, at its limit."""
        self._entry.take_slice(order)
        self._face.clear_texts()
        self._keeper.forget()
        self._show_entry()
        self.qty_edit.setFocus()
        self.qty_edit.selectAll()

    @Slot(str, object, object)
    def set_price(self, symbol: str, side: Side, price: int) -> None:
        """Take a price that was chosen in the market: into the amendment, or a new order."""
        instrument = self._session.core.state.instruments.get(symbol)
        if instrument is None:
            return
        text, amends = plain_price(instrument, price), self.amends
        if self.slices:
            self._set_price_of_slice(symbol, text)
            return
        if amends is not None:
            if amends.symbol != symbol or "limit_px" not in amended(amends, self.draft)[0]:
                words = f"The ticket amends {amends.order_id}. Send it or drop it (Esc) first."
                self.message_raised.emit(words, "warning")
                return
            self.draft.limit = text
        else:
            self._entry.draft = self.draft.at_price(symbol, side, text)
        self._show_entry()
        self._note_draft()

    def _set_price_of_slice(self, symbol: str, text: str) -> None:
        if symbol != self.draft.symbol:
            words = f"The ticket is a slice of {self.slices}. Send it or leave it (Esc) first."
            self.message_raised.emit(words, "warning")
            return
        self._entry.draft = self.draft.at_price(symbol, self.draft.side, text)
        self._show_entry()
        self._note_draft()

    @Slot()
    def take_largest(self) -> None:
        """Take the largest quantity that passes without a warning."""
        room = self._entry.room
        if room is None or not room.largest_clean_qty:
            words = "No quantity of this order passes without a warning. The checks say why."
            self.message_raised.emit(words, "warning")
            return
        self.draft.qty = str(room.largest_clean_qty)
        self._show_entry()
        self._note_draft()

    @Slot()
    def take_new_terms(self) -> None:
        """Amend the order as it is now, where somebody else changed it; what was typed stays."""
        self._entry.take_new_terms()
        self._show_entry()
        self._note_draft()
        self.qty_edit.setFocus()

    # -- sending -------------------------------------------------------------------------------

    @Slot()
    def send(self) -> None:
        """Send what the button says, once; where it can't be sent, go to what is wrong."""
        entry, foot = self._entry, self._face.foot
        if not self.can_send:
            if entry.line_mistakes:
                self._face.show_mistakes(entry.line_mistakes)
                self.line_edit.setFocus()
            elif not entry.is_blank:
                self._face.point_at_fault(entry)
            return
        words, amends, self._is_sending = entry.words, entry.amends, True
        self._keeper.sending(entry.saved(foot.reason))
        try:
            sent = entry.send(foot.reason)
        except BlotterError as error:
            self._note_draft()
            self._tell(str(error), "blocked")
            return
        finally:
            self._is_sending = False
        self._keeper.sent(sent)
        self._last_sent = LastSent(sent)
        if amends is not None:
            self._last_sent = LastSent(sent, amends.order_id, amends.version)
        self._tell(f"Sending {words}", "muted")
        self._after_send()
        self.order_sent.emit(sent)

    def _after_send(self) -> None:
        """Keep side, symbol, account, force and way out; a new draft gets a new command id."""
        self._entry.take_next(stays=self.slice_panel.stay_check.isChecked())
        self._face.clear_texts()
        # The next order's headroom can wait for the timer; the row of the one sent can't.
        self._show_entry(keep_line=True, with_room=False)
        if self.slices:
            self.qty_edit.setFocus()

    # -- typing --------------------------------------------------------------------------------

    @Slot()
    def _on_line_edited(self) -> None:
        core = self._session.core
        start = Draft(side=self.draft.side, account=self.draft.account or self.form.first_account)
        line = one_line.parse(
            self.line_edit.text(),
            start,
            core.state.instruments,
            core.state.accounts,
            core.context.quotes,
            core.state.day,
        )
        self._entry.draft, self._entry.line_mistakes = line.draft, line.mistakes
        self._face.show_mistakes(self._finished(line.mistakes))
        self._show_entry(keep_line=True)
        self._note_draft()

    def _finished(self, mistakes: Sequence[one_line.Mistake]) -> list[one_line.Mistake]:
        """A word that is still being typed and may become one that is understood is no mistake."""
        begun = self._complete_line(self.line_edit.text(), self.line_edit.cursorPosition())
        word = (begun.start, begun.end) if begun.suggestions else None
        return [each for each in mistakes if (each.start, each.end) != word]

    @Slot()
    def _on_field_edited(self) -> None:
        before = copy.copy(self.draft)
        self.form.read_into(self.draft)
        self.draft.symbol = self.symbol_edit.text().strip().upper()
        self.draft.legs = followed(self.draft.legs, before, self.draft)
        self._entry.line_mistakes = ()  # the line is written anew from the fields
        self._face.show_mistakes(())
        self._face.write_line(self._entry)
        self.form.arrange(self.draft, self.amends, is_slice=bool(self.slices))
        self._judge()
        self._note_draft()

    @Slot()
    def _on_more(self) -> None:
        self.form.show_more(self.more_button.isChecked())
        self.form.arrange(self.draft, self.amends, is_slice=bool(self.slices))

    @Slot(str, int)
    def _on_stepped(self, field: str, steps: int) -> None:
        self.form.set_text(field, self._entry.stepped(field, self.form.text_of(field), steps))
        self._on_field_edited()

    @Slot()
    def _on_reason_edited(self) -> None:
        self._face.show_button(self._entry)
        self._note_draft()

    def _on_side_chosen(self, side: Side) -> None:
        if self.amends is None:
            before = copy.copy(self.draft)
            self.draft.side = side
            self.draft.legs = followed(self.draft.legs, before, self.draft)
            self._show_entry()
            self._note_draft()

    def _complete_line(self, text: str, cursor: int) -> Completion:
        state = self._session.core.state
        return complete_line(text, cursor, state.instruments, state.accounts)

    def _complete_symbol(self, text: str, _: int) -> Completion:
        return complete_symbol(text, self._session.core.state.instruments)

    # -- showing -------------------------------------------------------------------------------

    def _show_entry(self, keep_line: bool = False, with_room: bool = True) -> None:
        """Put what is held into the fields, and into the line unless the person types there."""
        self._face.show_entry(self._entry)
        if not keep_line:
            self._entry.line_mistakes = ()
            self._face.show_mistakes(())
            self._face.write_line(self._entry)
        self._judge(with_room=with_room)

    def _judge(self, *, with_room: bool = True) -> None:
        """Hold the draft against the engine's rules, and show what they say."""
        self._entry.judge(with_room=with_room)
        self._face.show_verdict(self._entry)
        self._show_quote()

    def _show_quote(self) -> None:
        self._face.quotes.show_symbol(self._session.core, self.draft.symbol, self.draft.account)

    def _tell(self, words: str, tone: str) -> None:
        if words == self.outcome_label.words:
            return
        self.outcome_label.say([(tone, words)] if words else [("muted", HINT)])
        if words:
            self.message_raised.emit(words, tone)

    # -- drafts --------------------------------------------------------------------------------

    def use_drafts(self, path: Path) -> None:
        """Keep the draft in the file `path`, and take up what a crash left there."""
        self._keeper.use(path)

    def _note_draft(self) -> None:
        """Have the draft kept, or dropped when there is none any more."""
        if self._entry.is_blank:
            self._keeper.forget()
        else:
            self._keeper.note(self._entry.saved(self._face.foot.reason))

    @Slot(object, str)
    def _on_restored(self, saved: SavedDraft, words: str) -> None:
        """Take a restored draft up, unless the person was faster."""
        if not self._entry.is_blank:
            return
        amends = self._session.core.state.orders.get(saved.order_id)
        self._entry.take(saved.draft, amends, saved.command_id, saved.parent_id)
        self.reason_edit.setText(saved.reason)
        self._face.show_restored(words)
        self._show_entry()

    @Slot(str, str)
    def _on_draft_dropped(self, command_id: str, why: str) -> None:
        if self._entry.command_id == command_id:
            self.drop()
        self.message_raised.emit(why, "warning")

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.reference:
            self._fill_lists()
        if changed.orders or changed.requests or changed.link:
            self._follow_last()
            self._keeper.follow(changed)
        if self._is_sending:
            return  # it is about the draft that goes away now
        if not self.isVisible():
            self._is_outdated = True
        elif changed.link or changed.reference or self._touches_entry(changed):
            self._judge()
        elif changed.orders or self.draft.symbol in changed.quotes:
            self._show_quote()  # a fill moves the position

    def _touches_entry(self, changed: Changed) -> bool:
        if self._entry.is_blank and not self.slices:
            return False
        amends = self.amends
        about = {self.slices, "" if amends is None else amends.order_id}
        return bool(changed.requests) or not about.isdisjoint(changed.orders)

    def _follow_last(self) -> None:
        """Say what became of what was sent last."""
        sent, core = self._last_sent, self._session.core
        if sent is None:
            return
        told = follow(core, sent)
        if told is not None:
            self._tell(told.words, told.tone)
            self._last_sent = None if told.is_final else sent

    def _fill_lists(self) -> None:
        core = self._session.core
        trader = core.state.traders.get(core.login)
        self.form.list_accounts(trader.accounts if trader is not None else core.state.accounts)
        if not self.draft.account:
            self.draft.account = self.form.first_account
            self.form.account_box.setCurrentText(self.draft.account)

    @Slot()
    def _on_time_passed(self) -> None:
        """Quotes move and seconds pass: what the checks say may have changed."""
        if self.isVisible() and not self._entry.is_blank:
            self._judge()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread out where there is room."""
        super().resizeEvent(event)
        self._face.space_out(event.size().height())

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._is_outdated:
            self._is_outdated = False
            self._judge()

    def hideEvent(self, event: QHideEvent) -> None:
        """Write a draft that is still waiting: the window may be closing."""
        super().hideEvent(event)
        self._keeper.flush()
