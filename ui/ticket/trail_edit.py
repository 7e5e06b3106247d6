"""The field of a trailing stop's distance: a number, and whether it is price or basis points."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from ui.ticket.trail import BP, is_in_bps

_PRICE = "px"


class TrailEdit(QWidget):
    """Shows `25bp` as a number and its unit; typing `bp` behind the number chooses the unit too.

    Attributes:
        edit, unit_box: its parts.

    Signals:
        edited: the person changed number or unit.
    """

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText("0.50")
        self.unit_box = QComboBox(self)
        self.unit_box.addItems([_PRICE, BP])
        self.unit_box.setAccessibleName("Unit of the trail")
        self.unit_box.setToolTip("It trails by a price, or by basis points of the price.")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.edit, 1)
        row.addWidget(self.unit_box)
        self.edit.textEdited.connect(self._on_typed)
        self.unit_box.activated.connect(self.edited)

    @property
    def text(self) -> str:
        """The distance as a draft holds it: `0.50`, `25bp`."""
        number = self.edit.text().strip()
        is_bps = self.unit_box.currentText() == BP
        return f"{number}{BP}" if is_bps and number else number

    def show_text(self, text: str) -> None:
        """Show a draft's distance; none keeps the unit."""
        if text == self.text:
            return
        if text:
            self.unit_box.setCurrentText(BP if is_in_bps(text) else _PRICE)
        self.edit.setText(_number(text))

    @Slot()
    def _on_typed(self) -> None:
        if is_in_bps(self.edit.text()):
            self.unit_box.setCurrentText(BP)
            self.edit.setText(_number(self.edit.text()))
        self.edited.emit()


def _number(text: str) -> str:
    """Return a distance without its unit."""
    return text.strip().lower().rstrip("bps ") if is_in_bps(text) else text
