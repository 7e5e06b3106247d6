"""Notices at the bottom right: a few at a time, they fade, and never take the keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QGridLayout,
    QLabel,
    QMainWindow,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from ui import theme

TOASTS_MAX: Final = 4
STAY_MS: Final = 6_000
FADE_MS: Final = 300
_WIDTH: Final = 340
_SOON_MS: Final = 60
_WAITING_MAX: Final = 8
_MARGIN: Final = 12


@dataclass(frozen=True)
class Notice:
    """What a toast says.

    Attributes:
        kind: what a person mutes it by: one of `KINDS`.
        title, text: its words.
        sign, tone: its sign, and what that means for the colours.
        key: a notice with the key of one on screen takes its place; empty for none.
        order_id: the order that a click shows, empty for none.
    """

    kind: str
    title: str
    text: str = ""
    sign: str = "●"
    tone: str = "text"
    key: str = ""
    order_id: str = ""


KINDS: Final = {
    "fill": "My fills",
    "denial": "My orders that were denied or rejected",
    "alert": "Compliance alerts",
    "request": "My requests that were refused",
}


class Toast(QFrame):
    """One notice on screen.

    Signals:
        clicked: it was clicked; carries whether with the left button.
        gone: it has faded.
    """

    clicked = Signal(bool)
    gone = Signal()

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "overlay")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.notice = notice
        self._sign = QLabel(self)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._text = QLabel(self)
        self._text.setProperty("role", "muted")
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(2)
        layout.addWidget(self._sign, 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._title, 0, 1)
        layout.addWidget(self._text, 1, 1)
        layout.setColumnStretch(1, 1)
        self.setFixedWidth(_WIDTH)
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setEnabled(False)  # only while it fades: an effect costs a repaint through it
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setDuration(FADE_MS)
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(0.0)
        self._fade.setEasingCurve(QEasingCurve.Type.InQuad)
        self._fade.finished.connect(self.gone)
        self._stay = QTimer(self)
        self._stay.setSingleShot(True)
        self._stay.timeout.connect(self.fade)
        self.say(notice)

    def say(self, notice: Notice) -> None:
        """Say this, and stay for as long as a new one."""
        self.notice = notice
        self._sign.setText(notice.sign)
        self._sign.setStyleSheet(f"color: {theme.colour(notice.tone).name()}")
        self._title.setText(notice.title)
        self._text.setText(notice.text)
        self._text.setVisible(bool(notice.text))
        self.setAccessibleName(f"{notice.title} {notice.text}".strip())
        self._fade.stop()
        self._effect.setEnabled(False)
        self._stay.start(STAY_MS)

    def fade(self) -> None:
        """Go away, softly."""
        self._stay.stop()
        self._effect.setEnabled(True)
        self._fade.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click shows what it is about; any button takes it away."""
        event.accept()
        self.clicked.emit(event.button() == Qt.MouseButton.LeftButton)

    def enterEvent(self, event: Any) -> None:
        """Stay for as long as somebody points at it."""
        super().enterEvent(event)
        self._fade.stop()
        self._effect.setEnabled(False)
        self._stay.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go on."""
        super().leaveEvent(event)
        self._stay.start(STAY_MS // 2)


class ToastStack(QObject):
    """The notices of one window, the newest at the bottom.

    Attributes:
        muted: kinds that are not shown.
        is_muted: whether none is.

    Signals:
        order_wanted: an order should be shown; carries its id.
        muting_changed: what is muted was changed.
    """

    order_wanted = Signal(str)
    muting_changed = Signal()

    def __init__(self, window: QWidget, lift: QWidget | None = None) -> None:
        """`lift` is what they stand above, such as a status bar."""
        super().__init__(window)
        self.muted: set[str] = set()
        self.is_muted = False
        self._window = window
        self._lift = lift
        self._box = QWidget(window)
        self._box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout = QVBoxLayout(self._box)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._toasts: list[Toast] = []
        self._waiting: list[Notice] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._tell_waiting)
        self._box.hide()
        window.installEventFilter(self)

    @property
    def shown(self) -> list[Notice]:
        """What is on screen, from top to bottom."""
        return [toast.notice for toast in self._toasts]

    def tell(self, notice: Notice) -> None:
        """Show a notice, unless its kind is muted."""
        if self.is_muted or notice.kind in self.muted:
            return
        same = next((t for t in self._toasts if notice.key and t.notice.key == notice.key), None)
        if same is not None:
            same.say(notice)
            self._place()
            return
        while len(self._toasts) >= TOASTS_MAX:
            self._drop(self._toasts[0])
        toast = Toast(notice, self._box)
        toast.gone.connect(lambda: self._drop(toast))
        toast.clicked.connect(lambda is_left: self._on_clicked(toast, is_left))
        self._toasts.append(toast)
        self._layout.addWidget(toast)
        toast.show()
        self._place()

    def tell_soon(self, notice: Notice) -> None:
        """Show a notice in a moment: the row that it is about is painted first."""
        self._waiting = [*self._waiting, notice][-_WAITING_MAX:]
        if not self._soon.isActive():
            self._soon.start()

    def _tell_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for notice in waiting:
            self.tell(notice)

    def dismiss(self) -> None:
        """Take all away, at once."""
        for toast in list(self._toasts):
            self._drop(toast)

    def mute(self, kind: str, is_muted: bool) -> None:
        """Show notices of a kind no more, or again."""
        (self.muted.add if is_muted else self.muted.discard)(kind)
        if is_muted:
            for toast in [t for t in self._toasts if t.notice.kind == kind]:
                self._drop(toast)
        self.muting_changed.emit()

    def mute_all(self, is_muted: bool) -> None:
        """Show no notices at all, or those that are not muted by their kind."""
        self.is_muted = is_muted
        if is_muted:
            self.dismiss()
        self.muting_changed.emit()

    def save_state(self) -> dict[str, Any]:
        """Return what is muted."""
        return {"all": self.is_muted, "kinds": sorted(self.muted)}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned."""
        kinds = state.get("kinds")
        self.muted = {k for k in kinds if k in KINDS} if isinstance(kinds, list) else set()
        self.is_muted = state.get("all") is True
        self.muting_changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize and self._toasts:
            self._place()
        return super().eventFilter(watched, event)

    def _on_clicked(self, toast: Toast, is_left: bool) -> None:
        order_id = toast.notice.order_id
        self._drop(toast)
        if is_left and order_id:
            self.order_wanted.emit(order_id)

    def _drop(self, toast: Toast) -> None:
        if toast not in self._toasts:
            return
        self._toasts.remove(toast)
        self._layout.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self._place()

    def _bars_below(self) -> list[QWidget]:
        """Return what must not be covered: status bar, and tool bars at the window's foot."""
        bars: list[QWidget] = [self._lift] if self._lift is not None else []
        if isinstance(self._window, QMainWindow):
            foot = Qt.ToolBarArea.BottomToolBarArea
            tools = self._window.findChildren(QToolBar)
            bars += [bar for bar in tools if self._window.toolBarArea(bar) == foot]
        return [bar for bar in bars if bar.isVisible()]

    def _place(self) -> None:
        if not self._toasts:
            self._box.hide()
            return
        height = sum(toast.heightForWidth(_WIDTH) for toast in self._toasts)
        height += self._layout.spacing() * (len(self._toasts) - 1)
        below = sum(bar.height() for bar in self._bars_below())
        left = self._window.width() - _WIDTH - _MARGIN
        top = self._window.height() - below - _MARGIN - height
        self._box.setGeometry(left, top, _WIDTH, height)
        self._box.show()
        self._box.raise_()
