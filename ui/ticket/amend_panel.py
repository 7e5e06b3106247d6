"""Amending: old and new terms side by side, what is done, and what becomes of the priority."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from models.instruments import Instrument
from models.orders import Order, Replacement
from ui import theme
from ui.ticket.labels import ElidedLabel, ToneLabel, restyle, small
from ui.ticket.wording import force_words, instruction_words, trail_words

_FIGURE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NONE = "–"


class AmendPanel(QWidget):
    """Attributes: old, new: the labels of each term by its name; place: what it says below."""

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
        for row, name in enumerate(("Quantity", "Limit", "Stop", "Left"), start=1):
            self._add_row(grid, row, name)
        self.place = ToneLabel(self)
        self.place.setFont(theme.ui_font(12))
        column.addWidget(self.place)

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
            f"{seen.account} · {seen.trader}"
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


def _done(order: Order, instrument: Instrument) -> str:
    if not order.cum_qty:
        return "Nothing of it is done yet."
    average = instrument.show_average(order.avg_px)
    return f"{order.cum_qty:,} of {order.qty:,} done at {average} stay done."


def _place(order: Order, new: Replacement | None) -> list[tuple[str, str]]:
    """Say what becomes of the order's place; `Order.keeps_priority` decides it for all of us."""
    if new is None or new == order.replacement:
        is_fixed = order.order_type.trails
        what = "the quantity; its prices are the venue's" if is_fixed else "the quantity or a price"
        return [("muted", f"Change {what}.")]
    if new.qty <= order.cum_qty:
        return [("warning", "⚠ No more than what is done: it ends filled, the rest is taken out.")]
    if order.keeps_priority(new):
        return [("good", "✓ Keeps its place in the queue: only the quantity falls.")]
    return [("warning", "⚠ Goes to the back of the queue.")]
