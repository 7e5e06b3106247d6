"""The line under a blotter: counts and totals on the left, what is selected on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.ticket.labels import ElidedLabel

_GAP = "    "


class Foot(QWidget):
    """Counts first and in bold, then figures that give way when there is no room for all."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.count_label = QLabel(self)
        self.count_label.setProperty("role", "title")
        self.figures_label = ElidedLabel(self)
        self.figures_label.setProperty("role", "muted")
        self.selected_label = QLabel(self)
        self.selected_label.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 10, 4)
        row.setSpacing(12)
        row.addWidget(self.count_label)
        row.addWidget(self.figures_label, 1)
        row.addWidget(self.selected_label)

    def show_count(self, shown: int, total: int, noun: str) -> None:
        """Say how many rows there are, and how many of them are shown."""
        of = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        self.count_label.setText(f"{of} {noun}{'' if total == 1 else 's'}")

    def show_figures(self, figures: Sequence[str]) -> None:
        """Show figures side by side; those that are empty are left out."""
        text = _GAP.join(filter(None, figures))
        self.figures_label.setText(text)
        self.figures_label.setToolTip(text)

    def show_selected(self, count: int) -> None:
        """Say how many rows are selected; nothing for none."""
        self.selected_label.setText(f"{count:,} selected" if count else "")

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self.count_label.text()}{_GAP}{self.figures_label.text()}".strip()
