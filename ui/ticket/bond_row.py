"""A bond's figures in the ticket, computed beside the window's thread."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.analytics.bonds import BondFigures
from ui import theme
from ui.ticket.bond_words import NAMES, Question, answer, one_line, told
from ui.ticket.labels import ElidedLabel, small

_LOOK_MS = 15


@cache
def _clerk() -> ThreadPoolExecutor:
    """The one thread that computes, made for the first bond: the library knows no locks."""
    return ThreadPoolExecutor(1, thread_name_prefix="bonds")


class BondRow(QWidget):
    """Hidden until a bond is in the ticket; one line of text where there is no room for two.

    Attributes:
        values: the figures' labels by what they are.
        line: the same figures in one line.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.line = small(ElidedLabel(self))
        self._figures = QWidget(self)
        whole.addWidget(self.line)
        whole.addWidget(self._figures)
        row = QHBoxLayout(self._figures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.values = {name: QLabel(self._figures) for name in NAMES}
        for name, value in self.values.items():
            value.setFont(theme.ui_font(12))
            value.setAccessibleName(name)
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(small(QLabel(name, self._figures)))
            column.addWidget(value)
            row.addLayout(column, 1)
        self._question: Question | None = None
        self._qty = 0
        self._answers: dict[Question, BondFigures | str] = {}
        self._asked: tuple[Question, Future[BondFigures | str]] | None = None
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._on_looked)
        self.space_out(is_roomy=False)
        self.hide()

    def space_out(self, is_roomy: bool) -> None:
        """Give each figure a heading where there is room, or put all into one line."""
        self.line.setVisible(not is_roomy)
        self._figures.setVisible(is_roomy)

    def show_bond(self, question: Question | None, qty: int) -> None:
        """Show the figures of a bond for `qty` of face value; `None` hides them."""
        self._question, self._qty = question, qty
        self.setVisible(question is not None)
        if question is not None:
            self._write(question)
            self._ask()

    def _ask(self) -> None:
        """Ask for what is shown, unless an answer is under way: the latest question is next."""
        question = self._question
        if self._asked is None and question is not None and question not in self._answers:
            self._asked = question, _clerk().submit(answer, question)
            self._look.start()

    @Slot()
    def _on_looked(self) -> None:
        if self._asked is None or not self._asked[1].done():
            return
        question, future = self._asked
        self._asked = None
        self._look.stop()
        self._answers = {question: future.result()}
        if question == self._question:
            self._write(question)
        self._ask()

    def _write(self, question: Question) -> None:
        figures = told(question, self._answers.get(question), self._qty)
        for label, figure in zip(self.values.values(), figures, strict=True):
            if label.text() != figure.text:
                label.setText(figure.text)
            label.setToolTip(figure.help_text)
            label.setAccessibleDescription(figure.help_text)
        words = one_line(figures)
        if self.line.text() != words:
            self.line.setText(words)
        self.line.setToolTip("\n".join(each.help_text for each in figures if each.help_text))
