"""Amending: old and new terms side by side, what is done, and what becomes of the priority."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.differences import differences
from models.instruments import Instrument
from models.order_state import OrderStatus
from models.orders import Order, Replacement
from ui import theme
from ui.ticket.labels import ElidedLabel, ToneLabel, restyle, small
from ui.ticket.wording import force_words, instruction_words, trail_words

_FIGURE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NONE = "–"
# Terms that have a row where an amendment changes them, by the name of their difference.
_WHEN_CHANGED = {
    "trail": "Trail",
    "offset": "Offset",
    "force": "Works",
    "shows": "Shows",
    "words": "Words",
}
_WORDS_MAX = 22


class AmendPanel(QWidget):
    """Attributes:
        old, new: the labels of each term by its name.
        place: what it says below.
        take_button: takes the order's terms of now, where they were changed meanwhile.

    Signals:
        new_terms_wanted: the button was pressed.
    """

    new_terms_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self.title = ElidedLabel(self)
        self.title.setProperty("role", "title")
        self.what = small(ElidedLabel(self))
        column.addWidget(self.title)
        column.addWidget(self.what)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        for at, stretch in enumerate((3, 4, 1, 4)):
            grid.setColumnStretch(at, stretch)
        column.addLayout(grid)
        for at, heading in ((1, "now"), (3, "new")):
            label = small(QLabel(heading, self))
            label.setAlignment(_FIGURE)
            grid.addWidget(label, 0, at)
        self.old: dict[str, QLabel] = {}
        self.new: dict[str, QLabel] = {}
        self._arrows: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        for row, name in enumerate(
            ("Quantity", "Limit", "Stop", *_WHEN_CHANGED.values(), "Left"), start=1
        ):
            self._add_row(grid, row, name)
        self.place = ToneLabel(self)
        self.place.setFont(theme.ui_font(12))
        column.addWidget(self.place)
        self.take_button = QPushButton("Take the new terms", self)
        self.take_button.setToolTip("Amend the order as it is now; what you typed stays")
        self.take_button.clicked.connect(self.new_terms_wanted)
        self.take_button.hide()
        column.addWidget(self.take_button)

    def _add_row(self, grid: QGridLayout, row: int, name: str) -> None:
        heading, old, arrow, new = (QLabel(text, self) for text in (name, "", "", ""))
        for at, label in enumerate((heading, old, arrow, new)):
            label.setFont(theme.ui_font(12))
            grid.addWidget(label, row, at)
        heading.setProperty("role", "muted")
        old.setAlignment(_FIGURE)
        new.setAlignment(_FIGURE)
        arrow.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._names[name], self.old[name], self._arrows[name], self.new[name] = (
            heading,
            old,
            arrow,
            new,
        )

    def show_order(
        self, seen: Order, now: Order, instrument: Instrument, new: Replacement | None
    ) -> None:
        """Show `seen`, the order as it was taken in, beside `new`; `now` tells what is done."""
        self.title.setText(f"Amend {seen.order_id}")
        terms = seen.terms()
        asked = [*force_words(terms), *trail_words(terms, instrument), *instruction_words(terms)]
        self.what.setText(
            f"{seen.side.label} {seen.symbol} · {seen.order_type.label} {' '.join(asked)} · "
            f"{seen.account} · {seen.trader or 'unclaimed'}{_where(now)}"
        )
        self.what.setToolTip(self.what.text())
        trails = seen.order_type.trails
        if trails:
            seen = now  # the venue moves its prices meanwhile, which is not what one amends

        def price(px: int | None) -> str:
            return _NONE if px is None else instrument.show_price(px)

        left = None if new is None else max(0, new.qty - now.cum_qty)
        self._row("Quantity", f"{seen.qty:,}", None if new is None else f"{new.qty:,}")
        self._row("Limit", price(seen.limit_px), None if new is None else price(new.limit_px))
        self._row("Stop", price(seen.stop_px), None if new is None else price(new.stop_px))
        self._row("Left", f"{now.qty - now.cum_qty:,}", None if left is None else f"{left:,}")
        kind = seen.order_type
        self._show_row("Limit", kind.may_have_limit or seen.limit_px is not None)
        self._show_row("Stop", kind.has_stop or (trails and seen.stop_px is not None))
        changed = {} if new is None else {d.name: d for d in differences(seen, new, instrument)}
        for name, heading in _WHEN_CHANGED.items():
            if name in changed:
                self._row(heading, _cut(changed[name].old), _cut(changed[name].new))
            self._show_row(heading, name in changed)
        self.place.say([("muted", _done(now, instrument)), *_place(now, new)])

    def _row(self, name: str, old: str, new: str | None) -> None:
        changes = new is not None and new != old
        self.old[name].setText(old)
        self.new[name].setText(_NONE if new is None else new)
        self._arrows[name].setText("→" if changes else "")
        restyle(self.old[name], "role", "" if changes else "muted")
        restyle(self.new[name], "role", "" if changes else "muted")
        font = self.new[name].font()
        if font.bold() != changes:
            font.setBold(changes)
            self.new[name].setFont(font)

    def _show_row(self, name: str, is_shown: bool) -> None:
        row = (self._names[name], self.old[name], self._arrows[name], self.new[name])
        for label in row:
            label.setVisible(is_shown)


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS_MAX else f"{text[: _WORDS_MAX - 1]}…"


def _where(order: Order) -> str:
    if order.status is OrderStatus.STAGED:
        return " · staged"
    return " · care" if order.is_care else ""


def _done(order: Order, instrument: Instrument) -> str:
    if order.status is OrderStatus.STAGED:
        return "It is staged: nothing of it was sent."
    if order.is_care and order.committed_qty:
        return f"{order.committed_qty:,} of {order.qty:,} are done or out in slices."
    if not order.cum_qty:
        return "Nothing of it is done yet."
    average = instrument.show_average(order.avg_px)
    return f"{order.cum_qty:,} of {order.qty:,} done at {average} stay done."


def _place(order: Order, new: Replacement | None) -> list[tuple[str, str]]:
    """Say what becomes of the order's place; `Order.keeps_priority` decides it for all of us."""
    if new is None or new == order.replacement:
        is_fixed = order.order_type.trails
        what = "trail; its prices are the venue's" if is_fixed else "price, or how it works"
        stays = "For another side, type, account or route cancel it and enter it anew."
        return [("muted", f"Change the quantity or a {what}."), ("muted", stays)]
    if new.qty <= order.cum_qty:
        return [("warning", "⚠ No more than what is done: it ends filled, the rest is taken out.")]
    if not order.is_routed:
        return [("good", f"✓ Changed at the desk at once: {_at_the_desk(order)}.")]
    if order.keeps_priority(new):
        return [("good", "✓ Keeps its place in the queue: the book gets no more of it.")]
    return [("warning", "⚠ Goes to the back of the queue.")]


def _at_the_desk(order: Order) -> str:
    """Say why there is no place in a queue that could be lost."""
    if order.status is OrderStatus.STAGED:
        return "no venue has it, so it has no place in a queue yet"
    return "its slices stay as they are, with their places in the queue"
