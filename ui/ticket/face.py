"""How the ticket is laid out and how it shows an entry; what it does is in `ticket.py`."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from models.limits import Outcome
from models.orders import Side
from ui import theme
from ui.ticket import one_line
from ui.ticket.amend_panel import AmendPanel
from ui.ticket.bond_row import BondRow
from ui.ticket.cost_row import CostRow
from ui.ticket.entry import Entry
from ui.ticket.field_form import FieldForm
from ui.ticket.headroom_panel import HeadroomPanel
from ui.ticket.labels import SMALL_PX, ToneLabel, restyle, small
from ui.ticket.line_entry import LineEntry
from ui.ticket.one_line import Mistake
from ui.ticket.quote_strip import QuoteStrip
from ui.ticket.send_panel import SendPanel
from ui.ticket.slice_panel import SlicePanel
from ui.ticket.symbol_row import SymbolRow

_SIDE_HELP = {
    Side.BUY: "Buy (F2)",
    Side.SELL: "Sell (F3)",
    Side.SELL_SHORT: "Sell short: type ss in the line",
}
_CROWDED_PX, _TIGHT_PX, _ROOMY_PX = 3, 5, 8
_ROOMY_FROM_PX = 620
_BEGIN = "F2 buys, F3 sells; type b 100 aapl mkt"


class TicketFace:
    """The ticket's widgets, inside `ticket`: fields that scroll, and a foot that stays in sight."""

    def __init__(self, ticket: QFrame, zone: ZoneInfo) -> None:
        whole = QVBoxLayout(ticket)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        body = QWidget(ticket)
        self.restored_label = ToneLabel(body)
        self.restored_label.hide()
        self.line_edit = LineEntry(body)
        self.line_error = small(QLabel(body))
        self.line_error.setProperty("role", "error")
        self.line_error.setWordWrap(True)
        self.line_error.hide()
        self._sides = QWidget(body)
        self.side_buttons = {side: _side_button(side, self._sides) for side in Side}
        self.amend_panel = AmendPanel(body)
        self.slice_panel = SlicePanel(body)
        self.symbol_row = SymbolRow(body)
        self.quotes = QuoteStrip(body, zone)
        self.form = FieldForm(body)
        self.legs_label = ToneLabel(body)
        self.legs_label.setAccessibleName("Orders that hang together with it")
        self.legs_label.setFont(theme.ui_font(SMALL_PX))
        self.legs_label.hide()
        self.costs = CostRow(body)
        self.bond = BondRow(body)
        self.headroom = HeadroomPanel(body)
        # The symbol is followed by the quantity: what is seldom asked comes after the fields.
        QWidget.setTabOrder(self.form.fold_button, self.symbol_row.more_button)
        self._is_roomy = False
        self._lay_out(body)
        self._scroll = QScrollArea(ticket)
        self._scroll.setWidget(body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        self.foot = SendPanel(ticket)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(self.foot)

    def _lay_out(self, body: QWidget) -> None:
        sides = QHBoxLayout(self._sides)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(4)
        for button in self.side_buttons.values():
            sides.addWidget(button)
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(10, 8, 10, 2)
        column.setSpacing(_TIGHT_PX)
        for widget in (
            self.restored_label,
            self.line_edit,
            self.line_error,
            self._sides,
            self.amend_panel,
            self.slice_panel,
            self.symbol_row,
            self.quotes,
            self.form,
            self.legs_label,
            self.costs,
            self.bond,
            self.headroom,
        ):
            column.addWidget(widget)
        column.addStretch(1)

    def space_out(self, height: int) -> None:
        """Give the rows air where there is room for all that the ticket may have to say."""
        is_roomy = self._is_roomy = height >= _ROOMY_FROM_PX
        self._space_rows()
        self.form.space_out(is_roomy)
        self.bond.space_out(is_roomy)
        self.headroom.space_out(is_roomy)

    def _space_rows(self) -> None:
        """A bond's line has to fit where all that a share has to say just does."""
        tight = _TIGHT_PX if self.bond.isHidden() else _CROWDED_PX
        self._column.setSpacing(_ROOMY_PX if self._is_roomy else tight)

    # -- showing -------------------------------------------------------------------------------

    def show_entry(self, entry: Entry) -> None:
        """Put what is held into the fields."""
        draft, is_new, is_slice = entry.draft, entry.amends is None, bool(entry.parent_id)
        self.line_edit.setVisible(is_new and not is_slice)
        self._sides.setVisible(is_new and not is_slice)
        self.amend_panel.setVisible(not is_new)
        self.slice_panel.setVisible(is_slice)
        self.symbol_row.setVisible(is_new)
        for side, button in self.side_buttons.items():
            button.setChecked(side is draft.side)
        self.symbol_row.edit.setEnabled(is_new and not is_slice)
        if self.symbol_row.edit.text() != draft.symbol:
            self.symbol_row.edit.setText(draft.symbol)
        self.form.show_more(self.symbol_row.more_button.isChecked())
        self.form.show_draft(draft, entry.amends, is_slice=is_slice)

    def write_line(self, entry: Entry) -> None:
        """Write what is held into the line."""
        is_plain = entry.amends is None and not entry.parent_id
        is_sayable = is_plain and not entry.draft.is_blank
        self.line_edit.setText(one_line.write(entry.draft) if is_sayable else "")

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """Underline what of the line is not understood, and say why of the first."""
        self.line_edit.mark(mistakes)
        self.line_error.setText(mistakes[0].reason if mistakes else "")
        self.line_error.setVisible(bool(mistakes))

    def show_verdict(self, entry: Entry) -> None:
        """Show what the rules say, where it stands, and what it would cost."""
        verdict, instrument = entry.verdict, entry.instrument
        self.form.today = entry.today
        wrong = {
            each.field: each.text
            for each in verdict.errors
            if entry.draft.has(each.field)  # what is not typed yet is not wrong
        }
        self.form.show_owner(entry.account)
        self.symbol_row.show_symbol(entry.draft.symbol, instrument, entry.reference_px)
        self.symbol_row.mark_wrong(wrong.get("symbol", ""))
        self.form.mark_wrong(wrong, is_soft=verdict.outcome is not Outcome.HARD)
        self._show_family(entry)
        self.costs.show_estimate(entry.cost)
        self.bond.show_bond(entry.bond, entry.terms.qty if entry.terms is not None else 0)
        self._space_rows()
        self.headroom.show_room(entry.room, is_care=entry.draft.is_care)
        if entry.is_blank:
            self.foot.checks_label.say([("muted", _BEGIN)] if not entry.draft.symbol else [])
        else:
            self.foot.checks_label.say(
                (tone, f"{sign} {words}") for tone, sign, words in verdict.lines
            )
        said = self.line_error.text()
        self.line_error.setVisible(bool(said) and said not in self.foot.checks_label.words)
        amends, now = entry.amends, entry.order
        if amends is not None and now is not None and instrument is not None:
            self.amend_panel.show_order(amends, now, instrument, entry.replacement)
            self.amend_panel.take_button.setVisible(entry.has_moved_on)
        self.show_button(entry)

    def _show_family(self, entry: Entry) -> None:
        """Show what it is a slice of, and what hangs together with it."""
        if entry.parent_id:
            self.slice_panel.show_parent(entry.parent_id, entry.parent, entry.instrument)
        lines = entry.leg_lines
        self.legs_label.say(lines)
        self.legs_label.setVisible(bool(lines))

    def show_button(self, entry: Entry) -> None:
        """Show what would be sent, whether it can be, and whether it wants a reason."""
        foot = self.foot
        foot.show_reason(entry.wants_reason, not foot.reason)
        foot.send_button.say(entry.words)
        role = "send" if entry.draft.side is Side.BUY else "send_sell"
        restyle(foot.send_button, "role", role)
        foot.send_button.setEnabled(entry.can_send(foot.reason))

    def show_restored(self, words: str) -> None:
        """Say from when the draft is; empty when it is nobody's but the person's."""
        self.restored_label.say([("pending", words)] if words else [])
        self.restored_label.setVisible(bool(words))

    def clear_texts(self) -> None:
        """Empty the line and the reason."""
        self.line_edit.clear()
        self.show_mistakes(())
        self.show_restored("")
        self.foot.reason_edit.clear()

    def point_at_fault(self, entry: Entry) -> None:
        """Put the keyboard where something is missing or wrong."""
        if entry.wants_reason:
            self.foot.reason_edit.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        wrong = [error.field for error in entry.verdict.errors]
        if "symbol" in wrong and self.symbol_row.edit.isEnabled():
            self.symbol_row.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            self.symbol_row.edit.selectAll()
        else:
            self.form.focus_first_of(wrong)


def _side_button(side: Side, parent: QWidget) -> QPushButton:
    button = QPushButton(side.label, parent)
    button.setCheckable(True)
    button.setProperty("role", "buy" if side is Side.BUY else "sell")
    button.setToolTip(_SIDE_HELP[side])
    return button
