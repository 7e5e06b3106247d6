"""A small question with a few fields: says what is wrong as one types, and what it will do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from models.errors import BlotterError

_DO_KEYS = ("Ctrl+Return", "Ctrl+Enter")
_WIDTH = 460
_MARGIN = 20
Values = dict[str, str]


@dataclass(frozen=True)
class Field:
    """One thing that is asked.

    Attributes:
        name: what `Values` call it.
        label: what stands before it.
        value: what it holds at first; of a choice, the value of the one that is chosen.
        choices: (value, words) to choose from; none for a line that is typed.
        placeholder: what an empty line suggests.
        needs: the (name, value) of a choice that this field belongs to; shown only with it.
    """

    name: str
    label: str
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""
    needs: tuple[str, tuple[str, ...]] = ("", ())


class AskDialog(QDialog):
    """Asks for a few values and does one thing with them.

    Attributes:
        do_button: does what it says; off while something is wrong.
        keep_button: changes nothing.
        error: what is wrong, in words.
    """

    def __init__(
        self,
        headline: str,
        fields: Sequence[Field],
        does: str,
        check: Callable[[Values], str],
        do: Callable[[Values], object],
        parent: QWidget | None = None,
        *,
        words: str = "",
        is_grave: bool = False,
    ) -> None:
        """`check` returns why values can't be taken; `do` may raise `BlotterError`.

        `is_grave` marks what can't be taken back: the keyboard begins on leaving it.
        """
        super().__init__(parent)
        self.setObjectName("ask_dialog")
        self.setWindowTitle(headline)
        self._fields = tuple(fields)
        self._check, self._do = check, do
        self._edits: dict[str, QLineEdit | QComboBox] = {}
        self._build(headline, words, does)
        self.do_button.setProperty("role", "kill" if is_grave else "send")
        self._check_entries()
        first = next(iter(self._edits.values()), None)
        (first or self.keep_button).setFocus()

    def _build(self, headline: str, words: str, does: str) -> None:
        self.headline = QLabel(headline, self)
        self.headline.setProperty("role", "headline")
        self.headline.setWordWrap(True)
        self.words = QLabel(words, self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setVisible(bool(words))
        self.error = QLabel(self)
        self.error.setProperty("role", "muted")
        self.error.setWordWrap(True)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(8)
        for field in self._fields:
            label = QLabel(field.label, self)
            label.setProperty("role", "muted")
            self._form.addRow(label, self._editor(field))
        self.keep_button = QPushButton("Leave it", self)
        self.keep_button.setAutoDefault(False)
        self.keep_button.clicked.connect(self.reject)
        self.do_button = QPushButton(does, self)
        self.do_button.setAutoDefault(False)  # Enter alone sends nothing
        self.do_button.clicked.connect(self.do)
        for key in _DO_KEYS:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(self.do)
        hint = QLabel("Ctrl+Enter does it", self)
        hint.setProperty("role", "muted")
        buttons = QHBoxLayout()
        buttons.addWidget(hint)
        buttons.addStretch(1)
        buttons.addWidget(self.keep_button)
        buttons.addWidget(self.do_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 18, _MARGIN, 14)
        layout.setSpacing(12)
        layout.addWidget(self.headline)
        layout.addWidget(self.words)
        layout.addLayout(self._form)
        layout.addWidget(self.error)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setFixedWidth(_WIDTH)

    def _editor(self, field: Field) -> QWidget:
        if field.choices:
            box = QComboBox(self)
            for value, words in field.choices:
                box.addItem(words, value)
            box.setCurrentIndex(max(0, box.findData(field.value)))
            box.currentIndexChanged.connect(self._on_edited)
            self._edits[field.name] = box
        else:
            edit = QLineEdit(field.value, self)
            edit.setPlaceholderText(field.placeholder)
            edit.textEdited.connect(self._on_edited)
            self._edits[field.name] = edit
        self._edits[field.name].setAccessibleName(field.label)
        return self._edits[field.name]

    def editor(self, name: str) -> QLineEdit | QComboBox:
        """Return the widget of a field."""
        return self._edits[name]

    def values(self) -> Values:
        """Return what is entered, by field; texts without the space around them."""
        return {
            name: edit.text().strip()
            if isinstance(edit, QLineEdit)
            else str(edit.currentData() or "")
            for name, edit in self._edits.items()
        }

    def set_value(self, name: str, value: str) -> None:
        """Enter `value` into a field, as a person would."""
        edit = self._edits[name]
        if isinstance(edit, QLineEdit):
            edit.setText(value)
        else:
            edit.setCurrentIndex(edit.findData(value))
        self._on_edited()

    @Slot()
    def _on_edited(self) -> None:
        """What was wrong at first was only not entered yet; from now on it is a mistake."""
        if self.error.property("role") != "error":
            self.error.setProperty("role", "error")
            self.error.style().polish(self.error)
        self._check_entries()

    def _check_entries(self) -> None:
        values = self.values()
        for field in self._fields:
            chosen, among = field.needs
            if chosen:
                self._form.setRowVisible(self._edits[field.name], values[chosen] in among)
        self._say(self._check(values))

    def _say(self, wrong: str) -> None:
        self.error.setText(wrong)
        self.error.setVisible(bool(wrong))
        self.do_button.setEnabled(not wrong)
        for label in (self.headline, self.words, self.error):
            label.setMinimumHeight(max(0, label.heightForWidth(_WIDTH - 2 * _MARGIN)))
        self.adjustSize()

    @Slot()
    def do(self) -> None:
        """Do it; the question stays open when that can't be sent."""
        values = self.values()
        wrong = self._check(values)
        if wrong:
            self._say(wrong)
            return
        try:
            self._do(values)
        except BlotterError as error:
            self._say(str(error))
            return
        self.accept()
