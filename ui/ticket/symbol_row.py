"""The ticket's symbol: typed on the left; name, venue, tick and lot beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from models.instruments import Instrument
from models.money import format_price
from ui import theme
from ui.ticket.labels import ElidedLabel, restyle, small

_SYMBOL_PX = 84
_MORE_PX = 26


class SymbolRow(QWidget):
    """Attributes: edit: the symbol; more_button: shows what is seldom asked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName("Symbol")
        self.edit.setPlaceholderText("Symbol")
        self.edit.setMaximumWidth(_SYMBOL_PX)
        font = theme.ui_font(14)
        font.setBold(True)
        self.edit.setFont(font)
        beside = QVBoxLayout()
        beside.setSpacing(0)
        self._name = ElidedLabel(self)
        self._name.setFont(theme.ui_font(12))
        self._facts: QLabel = small(ElidedLabel(self))
        beside.addWidget(self._name)
        beside.addWidget(self._facts)
        row.addWidget(self.edit)
        row.addLayout(beside, 1)
        self.more_button = QToolButton(self)
        self.more_button.setText("⋯")
        self.more_button.setCheckable(True)
        self.more_button.setFixedWidth(_MORE_PX)
        self.more_button.setAccessibleName("More")
        self.more_button.setToolTip(
            "More: stage, bracket, capacity, who decided, client's words. In the line: stage, "
            'tp 195 sl 185, cap principal, by pm1, note "…"'
        )
        row.addWidget(self.more_button)

    def show_symbol(self, symbol: str, instrument: Instrument | None, reference_px: int) -> None:
        """Show `symbol` and what the security master says of it."""
        if self.edit.text() != symbol:
            self.edit.setText(symbol)
        if instrument is None:
            self._name.setText("")
            self._facts.setText("")
            self.setToolTip("")
            return
        tick = _step(instrument, instrument.tick_at(reference_px or instrument.prev_close))
        self._name.setText(instrument.name)
        self._facts.setText(f"{instrument.mic} · tick {tick} · lot {instrument.lot:,}")
        self.setToolTip(
            f"{instrument.name}, {instrument.isin}\n{instrument.mic}, in {instrument.currency}\n"
            f"Average daily volume {instrument.adv:,}, "
            f"previous close {instrument.show_price(instrument.prev_close)}"
        )

    def mark_wrong(self, reason: str) -> None:
        """Mark the symbol as wrong, empty for right."""
        restyle(self.edit, "invalid", bool(reason))
        self.edit.setToolTip(reason)
        self.edit.setAccessibleDescription(reason)


def _step(instrument: Instrument, tick: int) -> str:
    """Return the tick as prices of the name are written, and no finer than it is."""
    if instrument.is_in_32nds:
        return instrument.show_price(tick)
    return format_price(tick, 9).rstrip("0").rstrip(".")
