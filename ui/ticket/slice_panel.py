"""Above a slice: the care order that it is of, and how much of that is left to send."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from models.instruments import Instrument
from models.orders import Order
from ui.ticket.labels import ElidedLabel, small


class SlicePanel(QWidget):
    """Attributes:
        title, what: its lines.
        stay_check: whether the next slice follows the one that is sent.
        leave_button: goes back to a plain ticket.

    Signals:
        leave_wanted: the button was pressed.
    """

    leave_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self.title = ElidedLabel(self)
        self.title.setProperty("role", "title")
        self.what = small(ElidedLabel(self))
        self.stay_check = QCheckBox("Next slice after it", self)
        self.stay_check.setChecked(True)
        self.stay_check.setToolTip(
            "After a slice the ticket goes on with the next, while any is left"
        )
        self.leave_button = QPushButton("Leave", self)
        self.leave_button.setToolTip("Back to a plain ticket (Esc)")
        self.leave_button.clicked.connect(self.leave_wanted)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.stay_check, 1)
        below.addWidget(self.leave_button)
        column.addWidget(self.title)
        column.addWidget(self.what)
        column.addLayout(below)

    def show_parent(
        self, order_id: str, parent: Order | None, instrument: Instrument | None
    ) -> None:
        """Show the parent as it is now."""
        if parent is None:
            self._say(f"Slice of {order_id}", "It is not known any more.")
            return
        left = f"{parent.room:,} of {parent.qty:,} left to send"
        words = [left, "·", parent.side.label, parent.symbol, parent.order_type.label]
        if parent.limit_px is not None and instrument is not None:
            words.append(instrument.show_price(parent.limit_px))
        words += ["·", parent.account, "·", parent.client]
        self._say(f"Slice of {order_id}", " ".join(words))

    def _say(self, title: str, what: str) -> None:
        for label, text in ((self.title, title), (self.what, what)):
            if label.text() != text:
                label.setText(text)
                label.setToolTip(text)
