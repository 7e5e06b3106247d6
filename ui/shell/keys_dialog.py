"""Changing keys: a list of all actions, and one place to press the new key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.actions import BY_NAME
from ui.shell.fuzzy import score
from ui.shell.keymap import KeyMap

_MODIFIERS = frozenset(
    {Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}
)
_NAME = Qt.ItemDataRole.UserRole


class KeyField(QLineEdit):
    """Takes the next key as it is pressed, whatever it would do elsewhere.

    Signals:
        recorded: a key was pressed; carries it in Qt's portable text.
    """

    recorded = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAccessibleName("New key")
        self.setPlaceholderText("Enter in the list, or a click here; then the new key")

    def event(self, event: QEvent) -> bool:
        """Take keys before shortcuts and focus do."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS or event.isAutoRepeat():
            return
        key = QKeySequence(event.keyCombination())
        text = key.toString(QKeySequence.SequenceFormat.PortableText)
        self.setText(text)
        self.recorded.emit(text)


class KeysDialog(QDialog):
    """Shows all actions with their keys, and changes them.

    Attributes:
        list: the actions.
        field: where the new key is pressed.

    Signals:
        keys_changed: some action has other keys now.
    """

    keys_changed = Signal()

    def __init__(self, keymap: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._keymap = keymap
        self.field = KeyField(self)
        self.field.recorded.connect(self._on_recorded)
        self.search_edit = QLineEdit(self)
        self.search_edit.setPlaceholderText("Find an action or a key")
        self.search_edit.setAccessibleName("Find an action or a key")
        self.search_edit.textChanged.connect(self._on_searched)
        self.list = QTreeWidget(self)
        self.list.setColumnCount(3)
        self.list.setHeaderLabels(["Action", "Keys", ""])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Actions and their keys")
        self.list.setProperty("role", "roomy")
        self.list.setColumnWidth(0, 330)
        self.list.setColumnWidth(1, 170)
        self.list.header().setStretchLastSection(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._on_chosen)
        self.list.itemActivated.connect(lambda *_: self.field.setFocus())
        self.answer = QLabel(self)
        self.answer.setWordWrap(True)
        self._build_buttons()
        self._fill()

    def _build_buttons(self) -> None:
        self.clear_button = self._button("No key", "Take the key away", self._on_cleared)
        self.reset_button = self._button("Reset", "Its own key again", self._on_reset)
        self.reset_all_button = self._button("Reset all", "All own keys again", self._on_reset_all)
        close = self._button("Close", "Done", self.accept)
        close.setDefault(True)
        record = QHBoxLayout()
        record.addWidget(self.field, 1)
        record.addWidget(self.clear_button)
        record.addWidget(self.reset_button)
        foot = QHBoxLayout()
        foot.addWidget(self.reset_all_button)
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self.search_edit)
        layout.addWidget(self.list, 1)
        layout.addLayout(record)
        layout.addWidget(self.answer)
        layout.addLayout(foot)
        self.setMinimumSize(620, 420)

    def _button(self, text: str, tip: str, do: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def sizeHint(self) -> QSize:
        """Room for the longest titles and two dozen rows."""
        return QSize(700, 600)

    @property
    def chosen(self) -> str:
        """The name of the chosen action, empty for none."""
        item = self.list.currentItem()
        return str(item.data(0, _NAME)) if item is not None else ""

    def choose(self, name: str) -> None:
        """Choose an action."""
        for at in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(at)
            if item is not None and item.data(0, _NAME) == name:
                self.list.setCurrentItem(item)
                return

    def _fill(self) -> None:
        chosen = self.chosen
        self.list.clear()
        for action in self._keymap.actions:
            keys = ", ".join(self._keymap.keys(action.name))
            changed = "changed" if self._keymap.is_changed(action.name) else ""
            item = QTreeWidgetItem([action.title, keys, changed])
            item.setData(0, _NAME, action.name)
            self.list.addTopLevelItem(item)
        self._on_searched(self.search_edit.text())
        self.choose(chosen or self._keymap.actions[0].name)

    @Slot(str)
    def _on_searched(self, typed: str) -> None:
        for at in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(at)
            if item is None:
                continue
            is_key = typed.lower() in item.text(1).lower()
            item.setHidden(bool(typed) and not is_key and score(typed, item.text(0)) is None)

    @Slot()
    def _on_chosen(self) -> None:
        self.field.clear()
        self.reset_button.setEnabled(bool(self.chosen) and self._keymap.is_changed(self.chosen))

    @Slot(str)
    def _on_recorded(self, key: str) -> None:
        name = self.chosen
        if not name:
            self._say("Choose an action in the list first.", "warning")
            return
        refused = self._keymap.set(name, (key,))
        if refused:
            self._say(refused, "warning")
            return
        self._changed(f"“{BY_NAME[name].title}” is {key} now.")

    @Slot()
    def _on_cleared(self) -> None:
        if self.chosen:
            self._keymap.set(self.chosen, ())
            self._changed("It has no key now; the palette and the menu still do it.")

    @Slot()
    def _on_reset(self) -> None:
        if self.chosen:
            self._keymap.reset(self.chosen)
            self._changed("It has its own keys again.")

    @Slot()
    def _on_reset_all(self) -> None:
        self._keymap.reset()
        self._changed("All actions have their own keys again.")

    def _changed(self, words: str) -> None:
        self._fill()
        self._say(words, "good")
        self.keys_changed.emit()

    def _say(self, words: str, role: str) -> None:
        self.answer.setText(words)
        self.answer.setProperty("role", role)
        self.answer.style().unpolish(self.answer)
        self.answer.style().polish(self.answer)
