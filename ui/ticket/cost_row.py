"""What the order is worth and would cost: notional, commission, and the spread it would cross."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import theme
from ui.ticket.estimate import Estimate
from ui.ticket.labels import small

_NAMES = ("Notional", "Commission", "Half spread")


class CostRow(QWidget):
    """Attributes: values: the figures' labels by what they are."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.values = {name: QLabel("–", self) for name in _NAMES}
        for name, value in self.values.items():
            value.setFont(theme.ui_font(12))
            value.setAccessibleName(name)
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(small(QLabel(name, self)))
            column.addWidget(value)
            row.addLayout(column, 1)

    def show_estimate(self, cost: Estimate) -> None:
        """Show these figures; the tooltip of each says what it is."""
        shown = (
            (cost.notional, cost.notional_help),
            (cost.commission, cost.commission_help),
            (cost.cost, cost.cost_help),
        )
        for label, (text, help_text) in zip(self.values.values(), shown, strict=True):
            if label.text() != text:
                label.setText(text)
            label.setToolTip(help_text)
