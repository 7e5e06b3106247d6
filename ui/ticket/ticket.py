"""The order ticket: enter and amend, by one line or by fields, with the engine's own checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.session.client import Session
from app.session.ids import new_command_id
from app.session.step import Changed
from models.errors import BadInput, BlotterError
from models.limits import Outcome
from models.money import format_money, parse_price
from models.orders import Order, OrderTerms, OrderType, Replacement, Side, TimeInForce
from ui import theme
from ui.ticket import one_line
from ui.ticket.draft import Draft, draft_of
from ui.ticket.verdict import Verdict, button_text, of_judgement, of_mistakes

_RECHECK_MS = 400
_TYPES = {
    "Market": OrderType.MARKET,
    "Limit": OrderType.LIMIT,
    "Stop": OrderType.STOP,
    "Stop limit": OrderType.STOP_LIMIT,
}
_FORCES = {"Day": "day", "IOC": "ioc", "FOK": "fok", "GTC": "gtc"}
_BIG_STEP = 10


class Ticket(QFrame):
    """Holds one draft; sends it once.

    Signals:
        order_sent: a command was handed to the session; carries its command id.
        message_raised: something to tell the person in passing; carries words and a tone.
    """

    order_sent = Signal(str)
    message_raised = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session = session
        self._draft = Draft()
        self._amends: Order | None = None
        self._command_id = new_command_id()
        self._terms: OrderTerms | None = None
        self._verdict = of_mistakes([])
        self._last_sent = ""
        self._told = ("", "muted")
        self._is_filling = self._is_built = False
        self._build()
        self._wire()
        self._recheck_timer = QTimer(self)
        self._recheck_timer.setInterval(_RECHECK_MS)
        self._recheck_timer.timeout.connect(self._on_time_passed)
        self._recheck_timer.start()
        session.listeners.append(self.on_changed)
        self._is_built = True
        self._show_draft()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = QLabel("Order ticket", self)
        self.title.setProperty("role", "title")
        self.line_edit = QLineEdit(self)
        self.line_edit.setProperty("role", "command")
        self.line_edit.setPlaceholderText("b 5k aapl 190.50 day acct growth")
        self.line_edit.setAccessibleName("One-line order entry")
        self.line_error = self._label("error")
        self.side_buttons = {side: self._side_button(side) for side in Side}
        self.symbol_edit = self._line("Symbol", "AAPL")
        self.name_label = self._label("muted")
        self.quote_labels = {name: QLabel("–", self) for name in ("Bid", "Ask", "Last", "Position")}
        self.qty_edit = self._line("Quantity", "5k")
        self.limit_edit = self._line("Limit price", "")
        self.stop_edit = self._line("Stop price", "")
        self.type_box = self._box("Type", _TYPES)
        self.force_box = self._box("Time in force", _FORCES)
        self.account_box = self._box("Account", ())
        self.route_box = self._box("Route", ("SIM",))
        self.notional_label = QLabel(self)
        self.amend_label = QLabel(self)
        self.amend_label.setTextFormat(Qt.TextFormat.RichText)
        self.checks_label = QLabel(self)
        self.checks_label.setTextFormat(Qt.TextFormat.RichText)
        self.checks_label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reason_edit = self._line("Reason to send it all the same", "e.g. client instruction")
        self.send_button = QPushButton(self)
        self.send_button.setProperty("role", "send")
        self.send_button.setAccessibleName("Send")
        self.outcome_label = QLabel(self)
        for label in (self.amend_label, self.checks_label, self.outcome_label):
            label.setWordWrap(True)
        self._lay_out()

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setWordWrap(True)
        label.hide()
        return label

    def _line(self, name: str, hint: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setAccessibleName(name)
        edit.setPlaceholderText(hint)
        return edit

    def _box(self, name: str, entries: object) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.addItems(list(entries))  # type: ignore[call-overload]
        return box

    def _side_button(self, side: Side) -> QPushButton:
        button = QPushButton(side.label, self)
        button.setCheckable(True)
        button.setProperty("role", "buy" if side is Side.BUY else "sell")
        button.setToolTip({"buy": "Buy (F2)", "sell": "Sell (F3)"}.get(side.value, "Sell short"))
        return button

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(8)
        sides = QHBoxLayout()
        sides.setSpacing(6)
        for button in self.side_buttons.values():
            sides.addWidget(button)
        for row in (self.title, self.line_edit, self.line_error, sides, self._symbol_row()):
            layout.addLayout(row) if isinstance(row, QHBoxLayout) else layout.addWidget(row)
        layout.addLayout(self._quote_strip())
        layout.addLayout(self._field_grid())
        for widget in (self.notional_label, self.amend_label, self.checks_label, self.reason_edit):
            layout.addWidget(widget)
        layout.addWidget(self.send_button)
        hint = QLabel("Ctrl+Enter sends · Esc drops", self)
        hint.setProperty("role", "muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(hint)
        layout.addWidget(self.outcome_label)
        layout.addStretch(1)

    def _symbol_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.symbol_edit.setMaximumWidth(88)
        self.name_label.setWordWrap(False)
        self.name_label.show()
        row.addWidget(self.symbol_edit)
        row.addWidget(self.name_label, 1)
        return row

    def _quote_strip(self) -> QHBoxLayout:
        strip = QHBoxLayout()
        strip.setSpacing(6)
        for name, value in self.quote_labels.items():
            cell = QVBoxLayout()
            cell.setSpacing(1)
            heading = QLabel(name, self)
            heading.setProperty("role", "muted")
            value.setAccessibleName(name)
            cell.addWidget(heading)
            cell.addWidget(value)
            strip.addLayout(cell, 1)
        return strip

    def _field_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        fields: list[tuple[str, QWidget]] = [
            ("Quantity", self.qty_edit),
            ("Type", self.type_box),
            ("Limit price", self.limit_edit),
            ("Stop price", self.stop_edit),
            ("Time in force", self.force_box),
            ("Account", self.account_box),
            ("Route", self.route_box),
        ]
        for at, (name, widget) in enumerate(fields):
            label = QLabel(name, self)
            label.setProperty("role", "muted")
            label.setBuddy(widget)
            row, column = divmod(at, 2)
            grid.addWidget(label, row * 2, column)
            grid.addWidget(widget, row * 2 + 1, column)
        grid.addWidget(self.notional_label, 7, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _wire(self) -> None:
        self.line_edit.textEdited.connect(self._on_line_edited)
        for side, button in self.side_buttons.items():
            button.clicked.connect(lambda _=False, chosen=side: self._on_side_chosen(chosen))
        for edit in (self.symbol_edit, self.qty_edit, self.limit_edit, self.stop_edit):
            edit.textEdited.connect(self._on_field_edited)
            edit.installEventFilter(self)
        for box in (self.type_box, self.force_box, self.account_box):
            box.activated.connect(self._on_field_edited)
        self.reason_edit.textEdited.connect(self._on_reason_edited)
        self.send_button.clicked.connect(self.send)

    # -- what others ask -----------------------------------------------------------------------

    @property
    def draft(self) -> Draft:
        """What it holds."""
        return self._draft

    @property
    def amends(self) -> Order | None:
        """The order that it would amend, `None` for a new one."""
        return self._amends

    @property
    def can_send(self) -> bool:
        """Whether the button would send what it says."""
        if self._terms is None:
            return False
        if self._verdict.outcome is Outcome.SOFT:
            return bool(self.reason_edit.text().strip())
        return self._verdict.outcome is Outcome.PASS

    @Slot()
    def begin(self, side: Side) -> None:
        """Start a new order on `side`; account and time in force stay."""
        self.drop()
        self._draft.side = side
        self._show_draft()
        self.line_edit.setFocus()

    @Slot()
    def drop(self) -> None:
        """Let go of the draft."""
        self._amends = None
        self._draft = Draft(
            side=self._draft.side,
            account=self._draft.account or self._first_account(),
            symbol=self._draft.symbol,
        )
        self.line_edit.clear()
        self.reason_edit.clear()
        self._command_id = new_command_id()
        self._show_draft(keep_line=True)

    def begin_amend(self, order: Order) -> None:
        """Take an order's present terms in, to be changed; `order` is what the person saw."""
        self._amends = order
        self._draft = draft_of(order, self._session.core.state.instruments)
        self._command_id = new_command_id()
        self.reason_edit.clear()
        self._show_draft()
        self.qty_edit.setFocus()
        self.qty_edit.selectAll()

    @Slot()
    def send(self) -> None:
        """Send what the button says, once; the same draft can't be sent again."""
        if not self.can_send or self._terms is None:
            return
        reason = self.reason_edit.text().strip()
        try:
            if self._amends is None:
                sent = self._session.submit(self._terms, reason, self._command_id)
            else:
                sent = self._session.amend(self._amends, _replacement(self._terms), reason)
        except BlotterError as error:
            self._tell(str(error), "blocked")
            return
        self._tell(f"Sending {self.send_button.text()}", "accent")
        self._last_sent = sent
        self._after_send(was_amendment=self._amends is not None)
        self.order_sent.emit(sent)

    def _after_send(self, was_amendment: bool) -> None:
        """Keep side, symbol, account and force; a new draft gets a new command id."""
        if was_amendment:
            self._draft.order_type = OrderType.LIMIT
        self._amends = None
        self._draft.qty = self._draft.limit = self._draft.stop = ""
        self._command_id = new_command_id()
        self.reason_edit.clear()
        self.line_edit.clear()
        self._show_draft(keep_line=True)

    # -- typing --------------------------------------------------------------------------------

    @Slot()
    def _on_line_edited(self) -> None:
        if self._amends is not None:
            self._amends = None
        state = self._session.core.state
        start = Draft(side=self._draft.side, account=self._draft.account or self._first_account())
        line = one_line.parse(self.line_edit.text(), start, state.instruments, state.accounts)
        self._draft = line.draft
        is_wrong = bool(line.mistakes)
        self.line_error.setText(line.mistakes[0].reason if is_wrong else "")
        self.line_error.setVisible(is_wrong)
        _mark(self.line_edit, is_wrong)
        self._show_draft(keep_line=True)

    @Slot()
    def _on_field_edited(self) -> None:
        if self._is_filling:
            return
        draft = self._draft
        draft.symbol = self.symbol_edit.text().strip().upper()
        draft.qty = self.qty_edit.text().strip()
        draft.limit = self.limit_edit.text().strip()
        draft.stop = self.stop_edit.text().strip()
        draft.order_type = _TYPES[self.type_box.currentText()]
        draft.time_in_force = TimeInForce(_FORCES[self.force_box.currentText()])
        draft.account = self.account_box.currentText()
        if self._amends is None:
            self.line_edit.setText(one_line.write(draft))
            self.line_error.hide()
            _mark(self.line_edit, False)
        self._judge()

    @Slot()
    def _on_reason_edited(self) -> None:
        self._show_button()

    def _on_side_chosen(self, side: Side) -> None:
        if self._amends is None:
            self._draft.side = side
            self._show_draft()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down move a price by a tick, with Shift by ten."""
        if event.type() == QEvent.Type.KeyPress and watched in (self.limit_edit, self.stop_edit):
            assert isinstance(event, QKeyEvent)
            steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
            if steps is not None:
                big = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._step_price(watched, steps * (_BIG_STEP if big else 1))
                return True
        return super().eventFilter(watched, event)

    def _step_price(self, edit: QObject, ticks: int) -> None:
        assert isinstance(edit, QLineEdit)
        instrument = self._session.core.state.instruments.get(self._draft.symbol)
        if instrument is None:
            return
        quote = self._session.core.quotes.get(self._draft.symbol)
        try:
            price = parse_price(edit.text())
        except BadInput:
            price = quote.last if quote is not None else instrument.prev_close
        tick = instrument.tick_at(price)
        price = (price // tick + ticks) * tick
        edit.setText(instrument.show_price(max(tick, price)).replace(",", ""))
        self._on_field_edited()

    def changeEvent(self, event: QEvent) -> None:
        """What is coloured in text looks its colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self._show_verdict()
            words, tone = self._told
            self.outcome_label.setText(_tinted(words, _TONES.get(tone, tone)) if words else "")

    # -- showing -------------------------------------------------------------------------------

    @contextmanager
    def _filling(self) -> Iterator[None]:
        self._is_filling = True
        try:
            yield
        finally:
            self._is_filling = False

    def _show_draft(self, keep_line: bool = False) -> None:
        """Put the draft into the fields, and into the line unless the person types there."""
        draft, is_new = self._draft, self._amends is None
        with self._filling():
            self.title.setText(
                "Order ticket" if self._amends is None else f"Amend {self._amends.order_id}"
            )
            for side, button in self.side_buttons.items():
                button.setChecked(side is draft.side)
                button.setEnabled(is_new)
            for edit, text in (
                (self.symbol_edit, draft.symbol),
                (self.qty_edit, draft.qty),
                (self.limit_edit, draft.limit),
                (self.stop_edit, draft.stop),
            ):
                if edit.text() != text:
                    edit.setText(text)
            self.type_box.setCurrentText(_name_of(_TYPES, draft.order_type))
            self.force_box.setCurrentText(_name_of(_FORCES, draft.time_in_force.value))
            self.account_box.setCurrentText(draft.account)
            for widget in (self.symbol_edit, self.type_box, self.force_box, self.account_box):
                widget.setEnabled(is_new)
            self.line_edit.setEnabled(is_new)
            if not is_new:
                self.line_edit.clear()
            elif not keep_line and not draft.is_blank:
                self.line_edit.setText(one_line.write(draft))
        self._judge()

    def _judge(self) -> None:
        """Hold the draft against the engine's rules, and show what they say."""
        draft = self._draft
        self.limit_edit.setEnabled(draft.order_type.has_limit)
        self.stop_edit.setEnabled(draft.order_type.has_stop)
        meaning = draft.terms()
        if isinstance(meaning, list):
            self._terms, self._verdict = None, of_mistakes(meaning)
            self.notional_label.setText("")
        else:
            judgement = self._session.preview(meaning, self._amends)
            self._terms, self._verdict = meaning, of_judgement(judgement)
            amount = judgement.notional
            self.notional_label.setText(
                f"Notional <b>{format_money(amount, 0)}</b>" if amount is not None else ""
            )
        self._show_verdict()
        self._show_quote()

    def _show_verdict(self) -> None:
        draft, verdict = self._draft, self._verdict
        blank = draft.is_blank and self._amends is None
        wrong = set() if blank else {error.field for error in verdict.errors}
        for field, edit in (
            ("symbol", self.symbol_edit),
            ("qty", self.qty_edit),
            ("limit_px", self.limit_edit),
            ("stop_px", self.stop_edit),
        ):
            _mark(edit, field in wrong)
        self.checks_label.setText("" if blank else _as_html(verdict))
        self.reason_edit.setVisible(verdict.outcome is Outcome.SOFT)
        self.amend_label.setVisible(self._amends is not None)
        if self._amends is not None:
            self.amend_label.setText(self._amend_text(self._amends))
        self._show_button()

    def _amend_text(self, order: Order) -> str:
        """Return old and new terms side by side, and what becomes of the priority."""
        if self._terms is None:
            return ""
        instrument = self._session.core.state.instruments[order.symbol]
        new = _replacement(self._terms)
        changes = []
        if new.qty != order.qty:
            changes.append(f"Quantity {order.qty:,} → <b>{new.qty:,}</b>")
        for name, old_px, new_px in (
            ("Limit", order.limit_px, new.limit_px),
            ("Stop", order.stop_px, new.stop_px),
        ):
            if old_px != new_px and old_px and new_px:
                shown = instrument.show_price
                changes.append(f"{name} {shown(old_px)} → <b>{shown(new_px)}</b>")
        if not changes:
            return "Change the quantity or a price."
        keeps = order.keeps_priority(new)
        place = "It keeps its place in the queue." if keeps else "It goes to the back of the queue."
        return "<br>".join([*changes, place])

    def _show_button(self) -> None:
        terms = self._terms
        instrument = None
        if terms is not None:
            instrument = self._session.core.state.instruments.get(terms.symbol)
        if terms is None or instrument is None:
            self.send_button.setText("Nothing to send yet")
        elif self._amends is not None:
            self.send_button.setText(f"AMEND TO {button_text(terms, instrument)}")
        else:
            self.send_button.setText(button_text(terms, instrument))
        role = "send" if self._draft.side is Side.BUY else "send_sell"
        _set_role(self.send_button, role)
        changes = self._amends is None or (
            terms is not None and _replacement(terms) != self._amends.replacement
        )
        self.send_button.setEnabled(self.can_send and changes)

    def _show_quote(self) -> None:
        core, symbol = self._session.core, self._draft.symbol
        instrument, quote = core.state.instruments.get(symbol), core.quotes.get(symbol)
        self.name_label.setText(instrument.name if instrument is not None else "")
        self.name_label.setToolTip(
            f"{instrument.name}, {instrument.isin}, {instrument.mic}, lot {instrument.lot:,}"
            if instrument is not None
            else ""
        )
        shown = dict.fromkeys(self.quote_labels, "–")
        if instrument is not None and quote is not None:
            for name, px in (("Bid", quote.bid), ("Ask", quote.ask), ("Last", quote.last)):
                shown[name] = instrument.show_price(px) if px else "–"
        if instrument is not None:
            account = f"{core.desk}|{self._draft.account}|{symbol}"
            position = core.state.positions.get(account)
            shown["Position"] = (
                f"{position.qty:+,}" if position is not None and position.qty else "0"
            )
        for name, label in self.quote_labels.items():
            label.setText(shown[name])

    # -- what the session says -----------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.reference:
            self._fill_lists()
        if changed.orders or self._draft.symbol in changed.quotes:
            self._show_quote()  # a fill moves the position
        if self._last_sent and (changed.orders or changed.requests):
            self._follow_last()
        if changed.link or changed.reference:
            self._judge()

    def _follow_last(self) -> None:
        """Say what became of what was sent last."""
        core, sent = self._session.core, self._last_sent
        request = core.requests.get(sent)
        if request is not None:
            if request.text:
                tone = "warning" if request.is_open else "blocked"
                self._tell(f"{request.status.replace('_', ' ').capitalize()}: {request.text}", tone)
            return
        order = next(
            (o for o in reversed(core.state.orders.values()) if o.command_id == sent), None
        )
        if order is None:
            self._last_sent = ""
            self._told = ("", "muted")
            self.outcome_label.clear()
            return
        if order.is_terminal and order.reason and not order.cum_qty:
            self._tell(f"{order.order_id} {order.status.value}: {order.reason}", "blocked")
        else:
            words = order.status.replace("_", " ")
            self._tell(f"{order.order_id} {words}, {order.cum_qty:,} of {order.qty:,} done", "good")
        if order.is_terminal:
            self._last_sent = ""

    def _fill_lists(self) -> None:
        state = self._session.core.state
        trader = state.traders.get(self._session.core.login)
        accounts = list(trader.accounts) if trader is not None else list(state.accounts)
        if accounts != [self.account_box.itemText(at) for at in range(self.account_box.count())]:
            with self._filling():
                self.account_box.clear()
                self.account_box.addItems(accounts)
        completer = QCompleter(sorted(state.instruments), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self._on_field_edited, Qt.ConnectionType.QueuedConnection)
        self.symbol_edit.setCompleter(completer)
        if not self._draft.account:
            self._draft.account = self._first_account()
            self.account_box.setCurrentText(self._draft.account)

    def _first_account(self) -> str:
        return self.account_box.itemText(0) if self.account_box.count() else ""

    @Slot()
    def _on_time_passed(self) -> None:
        """Quotes move and seconds pass: what the checks say may have changed."""
        if self.isVisible() and not self._draft.is_blank:
            self._judge()

    def _tell(self, words: str, tone: str) -> None:
        # Coloured in the text: giving the label another role would cost a polish on the way of
        # every order from the key to its row.
        self._told = (words, tone)
        self.outcome_label.setText(_tinted(words, _TONES.get(tone, tone)))
        self.message_raised.emit(words, tone)


def _replacement(terms: OrderTerms) -> Replacement:
    return Replacement(qty=terms.qty, limit_px=terms.limit_px, stop_px=terms.stop_px)


def _name_of(names: Mapping[str, object], value: object) -> str:
    return next(name for name, each in names.items() if each == value)


def _as_html(verdict: Verdict) -> str:
    return "<br>".join(
        _tinted(f"{sign} {words}", _TONES.get(tone, tone)) for tone, sign, words in verdict.lines
    )


def _tinted(words: str, tone: str) -> str:
    return f'<span style="color:{theme.colour(tone).name()}">{escape(words)}</span>'


_TONES = {"good": "gain", "accent": "muted"}


def _mark(edit: QLineEdit, is_wrong: bool) -> None:
    if bool(edit.property("invalid")) != is_wrong:
        edit.setProperty("invalid", is_wrong)
        _restyle(edit)


def _set_role(widget: QWidget, role: str) -> None:
    if widget.property("role") != role:
        widget.setProperty("role", role)
        _restyle(widget)


def _restyle(widget: QWidget) -> None:
    widget.style().unpolish(widget)
    widget.style().polish(widget)
