"""The narrator's banner: which chapter it is, its words, and the controls of the story."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.story.pace import Pace, Turn

_HEIGHT = 72
_HINT = "The demonstration tells itself. Touch anything and it waits for you."


class Banner(QFrame):
    """Shows a chapter and lets it be paused, slowed, repeated, skipped and ended.

    Attributes:
        title, words, place: what is told, and how far it is.
        pause_button, slower_button, faster_button, again_button, next_button, end_button: controls.
    """

    def __init__(self, pace: Pace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Narrator of the demonstration")
        self._pace = pace
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.words = QLabel(_HINT, self)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.place = QLabel(self)
        self.place.setProperty("role", "muted")
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(3)
        self.pause_button = self._button("Pause", "Stand still, or go on", self._on_pause)
        self.slower_button = self._button("Slower", "Half the pace", pace.slower)
        self.faster_button = self._button("Faster", "Twice the pace", pace.faster)
        self.again_button = self._turning("Again", "Tell this chapter again", Turn.AGAIN)
        self.next_button = self._turning("Next", "Go to the next chapter", Turn.NEXT)
        self.end_button = self._turning("End", "End the story; the desk stays open", Turn.END)
        self._lay_out()
        pace.on_changed = self.refresh
        self.refresh()

    def _button(self, text: str, help: str, do: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(help)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(do)
        return button

    def _turning(self, text: str, help: str, turn: Turn) -> QPushButton:
        return self._button(text, help, lambda: self._pace.turn(turn))

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(12)
        heading.addWidget(self.title)
        heading.addWidget(self.place)
        heading.addStretch(1)
        told = QVBoxLayout()
        told.setSpacing(2)
        told.addLayout(heading)
        told.addWidget(self.words)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(6)
        row.addLayout(told, 1)
        for button in (
            self.again_button,
            self.slower_button,
            self.pause_button,
            self.faster_button,
            self.next_button,
            self.end_button,
        ):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(row, 1)
        self.setFixedHeight(_HEIGHT)  # of two lines of words, however wide the window is

    def tell(self, title: str, words: str, at: int, of: int) -> None:
        """Show a chapter, the `at`-th of `of` (from 1)."""
        self.title.setText(title)
        self.words.setText(words)
        self.place.setText(f"{at} of {of}")
        self.progress.setRange(0, of)
        self.progress.setValue(at)

    @Slot()
    def _on_pause(self) -> None:
        self._pace.pause(not self._pace.is_paused)

    @Slot()
    def refresh(self) -> None:
        """Show speed and pause as they are."""
        self.pause_button.setText("Continue" if self._pace.is_paused else "Pause")
        speed = self._pace.speed
        self.faster_button.setText("Faster" if speed <= 1 else f"Faster ({speed:g}×)")
        self.slower_button.setText("Slower" if speed >= 1 else f"Slower ({speed:g}×)")
