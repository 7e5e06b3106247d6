"""The list under a field that says what the word being typed may become; keyboard first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QWidget

from ui import theme
from ui.ticket.completion import Completion

_ROW_PX = 20
_WORD_WIDTH = 8
_WIDTH_MIN = 240
_MARGIN_PX = 8

# Text and cursor to what may be meant.
Complete = Callable[[str, int], Completion]


class Suggestions(QListWidget):
    """Suggestions for one line edit.

    It is no window of its own: a popup would take Ctrl+Enter from the window for as long as it is
    open. ↓ and ↑ choose, Tab or Enter takes, Esc puts it away; typing goes on as if it were not
    there.

    Signals:
        taken: a suggestion was put into the edit.
    """

    taken = Signal()

    def __init__(
        self, edit: QLineEdit, complete: Complete, host: QWidget, *, after: str = ""
    ) -> None:
        """`host` is what it may cover; `after` is put behind a word that was taken."""
        super().__init__(host)
        self._host = host
        self._edit = edit
        self._after = after
        self._complete = complete
        self._shown = Completion(0, 0, ())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFont(theme.mono_font(12))
        self.setFrameShape(QFrame.Shape.Box)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)
        self.setAccessibleName(f"{edit.accessibleName()}: suggestions")
        self.hide()
        edit.installEventFilter(self)
        edit.textEdited.connect(self._on_edited)
        self.itemClicked.connect(self._take)

    @Slot()
    def _on_edited(self) -> None:
        self._shown = self._complete(self._edit.text(), self._edit.cursorPosition())
        suggestions = self._shown.suggestions
        if not suggestions:
            self.hide()
            return
        self.clear()
        self.addItems([f"{each.word:<{_WORD_WIDTH}}{each.note}" for each in suggestions])
        for row in range(self.count()):
            self.item(row).setSizeHint(QSize(0, _ROW_PX))
        below = self._edit.mapTo(self._host, QPoint(0, self._edit.height() + 1))
        wanted = max(self._edit.width(), _WIDTH_MIN)
        width = min(wanted, self._host.width() - below.x() - _MARGIN_PX)
        self.setGeometry(below.x(), below.y(), width, len(suggestions) * _ROW_PX + 4)
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that choose, while there is something to choose from."""
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self.hide()
        if not self.isVisible() or not isinstance(event, QKeyEvent):
            return False
        key, is_plain = Qt.Key(event.key()), not event.modifiers()
        if event.type() == QEvent.Type.ShortcutOverride and key == Qt.Key.Key_Escape:
            event.accept()  # or the window would drop the ticket
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key, 0)
        if steps:
            self.setCurrentRow((self.currentRow() + steps) % self.count())
        elif key == Qt.Key.Key_Escape:
            self.hide()
        elif key == Qt.Key.Key_Tab and is_plain:
            self.setCurrentRow(max(0, self.currentRow()))
            self._take()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_plain and self.currentRow() >= 0:
            self._take()
        else:
            return False
        return True

    @Slot()
    def _take(self) -> None:
        """Put the chosen word in the place of what was typed."""
        shown, row = self._shown, self.currentRow()
        self.hide()
        if not 0 <= row < len(shown.suggestions):
            return
        text, word = self._edit.text(), shown.suggestions[row].word + self._after
        self._edit.setText(text[: shown.start] + word + text[shown.end :].lstrip())
        self._edit.setCursorPosition(shown.start + len(word))
        self.taken.emit()
