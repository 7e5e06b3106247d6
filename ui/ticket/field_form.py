"""The ticket's fields: what there is for a draft, where each stands, and which of them is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from models.errors import BadInput
from models.orders import Order, OrderType
from models.parties import Account
from ui.ticket import field_rows
from ui.ticket.days import last_day
from ui.ticket.draft import WORDS_MAX, Draft
from ui.ticket.labels import ElidedLabel, restyle, small
from ui.ticket.pair_boxes import (
    CAPACITIES,
    FORCES,
    PEGS,
    ROUTES,
    TYPES,
    grey_out,
    name_of,
    offer_routes,
)
from ui.ticket.steps import STEPPED
from ui.ticket.trail_edit import TrailEdit

_BIG_STEP = 10
_EDIT_PX = 26
_NAME_MAX = 60
_TOP = Qt.AlignmentFlag.AlignTop
# Fields that hold a text, by the draft's name of it.
_TEXTS = {
    "qty": "qty",
    "limit_px": "limit",
    "stop_px": "stop",
    "limit_offset": "offset",
    "peg_offset": "peg_offset",
    "display_qty": "display",
    "min_qty": "min_qty",
    "words": "words",
    "decided_by": "decided_by",
    "take_profit": "take_profit",
    "stop_loss": "stop_loss",
}


class FieldForm(QWidget):
    """Quantity, prices, type, time in force, account, route and instructions, a few to a row.

    Attributes:
        qty_edit, limit_edit, stop_edit, offset_edit, expire_edit, display_edit, min_edit,
            words_edit, decided_edit, profit_edit, loss_edit, trail, peg_edit, type_box, force_box,
            peg_box, account_box, route_box, capacity_box, varies_check, post_check, whole_check,
            stage_check, unclaimed_check: the fields.
        fold_button: shows or hides the row of instructions.
        owner_label: whose the account is.
        today: the desk's day, which a last day may be counted from.

    Signals:
        edited: the person changed a field.
        stepped: the person moved a field by so many steps; carries its name.
    """

    edited = Signal()
    stepped = Signal(str, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.today = self._account_help = ""
        self._make_fields()
        self._lines: dict[str, QLineEdit] = {
            "qty": self.qty_edit,
            "stop_px": self.stop_edit,
            "limit_px": self.limit_edit,
            "trail": self.trail.edit,
            "limit_offset": self.offset_edit,
            "peg_offset": self.peg_edit,
            "expire_day": self.expire_edit,
            "display_qty": self.display_edit,
            "min_qty": self.min_edit,
            "words": self.words_edit,
            "decided_by": self.decided_edit,
            "take_profit": self.profit_edit,
            "stop_loss": self.loss_edit,
        }
        self._editors: dict[str, QWidget] = {
            **self._lines,
            "type": self.type_box,
            "time_in_force": self.force_box,
            "account": self.account_box,
            "venue": self.route_box,
            "varies": self.varies_check,
            "post_only": self.post_check,
            "all_or_none": self.whole_check,
            "peg": self.peg_box,
            "staged": self.stage_check,
            "unclaimed": self.unclaimed_check,
            "capacity": self.capacity_box,
        }
        shown = {
            **self._editors,
            "trail": self.trail,
            "instructions": self.fold_button,
            "owner": self.owner_label,
        }
        self._fields = {name: _field(self, widget) for name, widget in shown.items()}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self.space_out(is_roomy=False)
        for column in range(field_rows.COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self._rows: field_rows.Rows = ()
        self._is_filling = self._unfolded_itself = self._has_more = False
        self._account_heading = self._fields["account"].findChild(ElidedLabel)
        self._wire()

    def _make_fields(self) -> None:
        """In the order in which Tab goes through them."""
        self.qty_edit = _line(self, "Quantity", "5k")
        self.type_box = _box(self, "Type", TYPES)
        self.stop_edit = _line(self, "Stop price", "trigger")
        self.trail = TrailEdit(self)
        self.trail.setAccessibleName("Trails by")
        self.trail.edit.setAccessibleName("Trails by")
        self.offset_edit = _line(self, "Offset", "0.05")
        self.peg_box = _box(self, "Follows", PEGS)
        self.peg_edit = _line(self, "Peg offset", "0")
        self.limit_edit = _line(self, "Limit price", "")
        self.force_box = _box(self, "Time in force", FORCES)
        self.expire_edit = _line(self, "Last day", "+5d")
        self.account_box = _box(self, "Account", ())
        self.route_box = _box(self, "Route", ROUTES)
        self.fold_button = QPushButton(self)
        self.fold_button.setAccessibleName("Instructions")
        self.fold_button.setCheckable(True)
        self.fold_button.setToolTip(
            "Iceberg, post-only, all-or-none, minimum quantity: what goes with the type"
        )
        self.display_edit = _line(self, "Iceberg", "shows all")
        self.varies_check = _check(self, "Tranches", "random")
        self.post_check = _check(self, "Post-only", "passive")
        self.whole_check = _check(self, "All-or-none", "whole")
        self.min_edit = _line(self, "Minimum at once", "any")
        self.stage_check = _check(self, "At the desk", "Stage")
        self.unclaimed_check = _check(self, "Worked by", "Unclaimed")
        self.profit_edit = _line(self, "Take profit", "exit at")
        self.loss_edit = _line(self, "Stop loss", "exit at")
        self.capacity_box = _box(self, "Capacity", CAPACITIES)
        self.decided_edit = _line(self, "Decided by", "e.g. pm1")
        self.decided_edit.setMaxLength(_NAME_MAX)
        self.words_edit = _line(self, "Client's words", "as received")
        self.words_edit.setMaxLength(WORDS_MAX)
        self.owner_label = ElidedLabel(self)
        self.owner_label.setAccessibleName("Client and owner")

    def _wire(self) -> None:
        for name, editor in self._editors.items():
            if isinstance(editor, QComboBox):
                editor.activated.connect(self._on_edited)
            elif isinstance(editor, QCheckBox):
                editor.clicked.connect(self._on_edited)
            elif isinstance(editor, QLineEdit) and name != "trail":
                editor.textEdited.connect(self._on_edited)
        self.trail.edited.connect(self._on_edited)
        self.expire_edit.editingFinished.connect(self._on_day_entered)
        self.fold_button.clicked.connect(self._on_folded)
        for name in STEPPED:
            self._lines[name].installEventFilter(self)

    @Slot()
    def _on_edited(self) -> None:
        if not self._is_filling:
            self.edited.emit()

    @Slot()
    def _on_folded(self) -> None:
        self._unfolded_itself = False
        self._on_edited()

    @Slot()
    def _on_day_entered(self) -> None:
        self.expire_edit.setText(self._day)

    @property
    def _day(self) -> str:
        """The last day as a date, or as typed where it means none."""
        text = self.expire_edit.text().strip()
        try:
            return last_day(text, self.today) if text else ""
        except BadInput:
            return text

    # -- showing -------------------------------------------------------------------------------

    def show_draft(self, draft: Draft, amends: Order | None, *, is_slice: bool = False) -> None:
        """Put the draft into the fields that it has."""
        self._is_filling = True
        texts = {name: getattr(draft, attribute) for name, attribute in _TEXTS.items()}
        if draft.expire != self._day:
            texts["expire_day"] = draft.expire
        for name, text in texts.items():
            if self._lines[name].text() != text:
                self._lines[name].setText(text)
        self.trail.show_text(draft.trail)
        self.varies_check.setChecked(draft.varies)
        self.post_check.setChecked(draft.post_only)
        self.whole_check.setChecked(draft.all_or_none)
        self.peg_box.setCurrentText(name_of(PEGS, draft.peg))
        self.type_box.setCurrentText(name_of(TYPES, draft.order_type))
        self.force_box.setCurrentText(name_of(FORCES, draft.time_in_force))
        self.account_box.setCurrentText(draft.account)
        if draft.venue in ROUTES.values():
            self.route_box.setCurrentText(name_of(ROUTES, draft.venue))
        self.stage_check.setChecked(draft.staged)
        self.unclaimed_check.setChecked(draft.unclaimed)
        self.capacity_box.setCurrentText(name_of(CAPACITIES, draft.capacity))
        self._is_filling = False
        if self._unfolded_itself and not draft.is_instructed:
            self.fold_button.setChecked(False)
        self.arrange(draft, amends, is_slice=is_slice)

    def show_more(self, has_more: bool) -> None:
        """Show all that is seldom asked, or what is set of it alone; at the next `arrange`."""
        self._has_more = has_more

    def show_owner(self, account: Account | None) -> None:
        """Say whose the account is, beside its name."""
        client = account.client if account is not None else ""
        owner = account.owner if account is not None else ""
        words = client if owner == client else f"{client}, owned by {owner}"
        heading = f"Account · {client}" if client else "Account"
        if self._account_heading is not None and self._account_heading.text() != heading:
            self._account_heading.setText(heading)
        if self.owner_label.text() != words:
            self.owner_label.setText(words)
            self.owner_label.setToolTip(words)
        named = f"{account.name}. " if account is not None else ""
        self._account_help = f"{named}Client {client}, beneficial owner {owner}." if client else ""

    def arrange(self, draft: Draft, amends: Order | None = None, *, is_slice: bool = False) -> None:
        """Show the fields that this draft has; where one types stays where it is."""
        kind = draft.order_type
        is_priced = kind.may_have_limit or amends is not None
        self.limit_edit.setEnabled(is_priced)
        hint = "no cap" if kind is OrderType.PEGGED else ""
        self.limit_edit.setPlaceholderText(hint if is_priced else "at market")
        self.varies_check.setEnabled(bool(draft.display))
        force, is_working = draft.time_in_force, amends is not None
        grey_out(self.type_box, self.force_box, kind, force, is_working=is_working)
        is_unfolded = self._show_fold(draft)
        rows = field_rows.entered(draft, is_unfolded, has_more=self._has_more, is_slice=is_slice)
        offer_routes(self.route_box, is_slice=is_slice)
        self._put(rows if amends is None else field_rows.amended(amends, draft))

    def _show_fold(self, draft: Draft) -> bool:
        """Say what instructions there are; return whether their row is shown."""
        button, is_needed = self.fold_button, draft.is_instructed
        if is_needed and not button.isChecked():
            button.setChecked(True)
            self._unfolded_itself = True
        is_unfolded = button.isChecked()
        button.setEnabled(not is_needed)
        button.setText(f"{'set' if is_needed else 'none'} {'▾' if is_unfolded else '▸'}")
        return is_unfolded

    def _put(self, rows: field_rows.Rows) -> None:
        if rows == self._rows:
            return
        self._rows = rows
        shown = {name for row in rows for name in row}
        for name, field in self._fields.items():
            self._grid.removeWidget(field)
            field.setVisible(name in shown)
        for at, row in enumerate(rows):
            column = 0
            for name, span in zip(row, field_rows.spans(row), strict=True):
                self._grid.addWidget(self._fields[name], at, column, 1, span, _TOP)
                column += span

    def space_out(self, is_roomy: bool) -> None:
        """Give the rows more air, or less."""
        self._grid.setVerticalSpacing(7 if is_roomy else 4)

    def read_into(self, draft: Draft) -> None:
        """Take what the fields hold into `draft`."""
        for name, attribute in _TEXTS.items():
            setattr(draft, attribute, self._lines[name].text().strip())
        draft.trail, draft.expire = self.trail.text, self._day
        draft.varies = self.varies_check.isChecked() and bool(draft.display)
        draft.post_only = self.post_check.isChecked()
        draft.all_or_none = self.whole_check.isChecked()
        draft.peg = PEGS[self.peg_box.currentText()]
        draft.order_type = TYPES[self.type_box.currentText()]
        draft.time_in_force = FORCES[self.force_box.currentText()]
        draft.account = self.account_box.currentText()
        if draft.venue in ROUTES.values():
            draft.venue = ROUTES[self.route_box.currentText()]
        draft.staged = self.stage_check.isChecked()
        draft.unclaimed = self.unclaimed_check.isChecked()
        draft.capacity = CAPACITIES[self.capacity_box.currentText()]

    def text_of(self, name: str) -> str:
        """Return what the field `name` holds."""
        return self.trail.text if name == "trail" else self._lines[name].text()

    def set_text(self, name: str, text: str) -> None:
        """Let the field `name` hold `text`."""
        if name == "trail":
            self.trail.show_text(text)
        else:
            self._lines[name].setText(text)

    def list_accounts(self, accounts: Iterable[str]) -> None:
        """Offer these accounts."""
        box, wanted = self.account_box, list(accounts)
        if wanted == [box.itemText(at) for at in range(box.count())]:
            return
        self._is_filling = True
        chosen = box.currentText()
        box.clear()
        box.addItems(wanted)
        box.setCurrentText(chosen)
        self._is_filling = False

    @property
    def first_account(self) -> str:
        """The account that a new ticket starts with."""
        return self.account_box.itemText(0)

    def mark_wrong(self, wrong: Mapping[str, str], *, is_soft: bool = False) -> None:
        """Mark the fields of these names, each with why; `is_soft` where a reason will do."""
        for name, editor in self._editors.items():
            mark: object = "soft" if is_soft else True
            restyle(editor, "invalid", mark if name in wrong else False)
            usual = self._account_help if name == "account" else _HELP.get(name, "")
            editor.setToolTip(wrong.get(name, usual))
            editor.setAccessibleDescription(wrong.get(name, ""))

    def focus_first_of(self, names: Collection[str]) -> bool:
        """Put the keyboard on the first of these fields; return whether there is one."""
        for name, editor in self._editors.items():
            if name in names and editor.isVisible() and editor.isEnabled():
                editor.setFocus(Qt.FocusReason.OtherFocusReason)
                if isinstance(editor, QLineEdit):
                    editor.selectAll()
                return True
        return False

    # -- ticks ---------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down move a price by a tick, a day by one, with Shift by ten."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
            if steps is not None:
                big = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                name = next(each for each in STEPPED if self._lines[each] is watched)
                self.stepped.emit(name, steps * (_BIG_STEP if big else 1))
                return True
        return super().eventFilter(watched, event)


_HELP = {
    "qty": "Quantity: 5000, 5k, 2.5m. Alt+M takes the largest without a warning.",
    "limit_px": "Limit price. ↑ ↓ move it by a tick, with Shift by ten.",
    "stop_px": "Stop price. ↑ ↓ move it by a tick, with Shift by ten.",
    "trail": "How far the stop keeps behind the market: 0.50, or 25bp. ↑ ↓ move it by a step.",
    "limit_offset": "How far beyond the stop its limit goes: 0.05, or 0.",
    "expire_day": "The last day that it works: 2026-12-01, 1dec, +5d. ↑ ↓ move it by a day.",
    "display_qty": "The most that the book shows of it; empty shows all.",
    "varies": "Tranches vary in size, up to a fifth, so that they are not recognised.",
    "post_only": "It rests or is rejected: it never trades on entry.",
    "words": "What the client said, as received. It stays at the desk; the venue never sees it.",
    "venue": "SIM sends it to the venue. Desk (care): it stays, and the desk works it by slices.",
    "staged": "It is kept at the desk, and goes when it is released in the blotter.",
    "unclaimed": "It waits for whoever of the desk claims it.",
    "take_profit": "A bracket's exit with a profit: a limit, out as the entry fills.",
    "stop_loss": "A bracket's exit with a loss: a stop, out as the entry fills.",
    "capacity": "Agency: for the client. Principal: the firm's own book. Riskless: both at once.",
    "decided_by": "Who decided to trade it: a portfolio manager, a client's algorithm.",
    "min_qty": "What has to trade at once; less, and all of it is cancelled.",
    "all_or_none": "It trades whole in one go or not at all, and is not shown while it waits.",
    "peg": "Primary: its own side's best price. Mid: half way. Market: the other side's best.",
    "peg_offset": "From what it follows, towards the other side when positive: +0.01, -0.05.",
}


def _line(parent: QWidget, name: str, hint: str) -> QLineEdit:
    edit = QLineEdit(parent)
    edit.setAccessibleName(name)
    edit.setPlaceholderText(hint)
    return edit


def _box(parent: QWidget, name: str, entries: Iterable[str]) -> QComboBox:
    box = QComboBox(parent)
    box.setAccessibleName(name)
    box.addItems(list(entries))
    box.setMinimumContentsLength(4)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _check(parent: QWidget, name: str, words: str) -> QCheckBox:
    check = QCheckBox(words, parent)
    check.setAccessibleName(f"{name}: {words}")
    check.setMinimumHeight(_EDIT_PX)
    return check


def _field(parent: QWidget, editor: QWidget) -> QWidget:
    """Return the editor under its name."""
    field = QWidget(parent)
    # Widths are the grid's to give: a long word in a box must not push its neighbours about.
    field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    field.setMinimumWidth(1)
    column = QVBoxLayout(field)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(1)
    label = small(ElidedLabel(editor.accessibleName().partition(":")[0], field))
    label.setBuddy(editor)
    column.addWidget(label)
    column.addWidget(editor)
    return field
