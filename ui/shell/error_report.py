"""The calm error report: what went wrong in this window, in plain words, to be copied."""

from __future__ import annotations

import platform
import re
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme

_KEPT_MAX: Final = 20
_SECRETS: Final = (
    # scheme://user:password@host
    (re.compile(r"(\w+://[^\s/:@]*):[^\s@/]+@"), r"\1:***@"),
    # password=…, "token": "…", PGPASSWORD …
    (
        re.compile(
            r"(?i)([\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|credential)[\w-]*"
            r"[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;)}\]]+)"
        ),
        r"\1***",
    ),
)


def without_secrets(text: str) -> str:
    """Return `text` with passwords and the like blotted out, and the person's home as `~`."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def details_of(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Return what whoever mends it has to know, without secrets."""
    return without_secrets("".join(traceback.format_exception(kind, error, trace)))


def _program() -> str:
    try:
        ours = version("deskblotter")
    except PackageNotFoundError:
        ours = "unknown"
    return f"Deskblotter {ours}, Python {platform.python_version()}, {platform.system()}"


class ErrorReport(QDialog):
    """Shows errors of the program, one report for all of them; it blocks nothing.

    Attributes:
        details: what can be copied.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setModal(False)
        self._reports: list[str] = []
        self._count = 0
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self.details = QPlainTextEdit(self)
        self.details.setReadOnly(True)
        self.details.setFont(theme.mono_font(12))
        self.details.setAccessibleName("Details for whoever mends it")
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.hide()
        self._more = QPushButton("Show details", self)
        self._more.clicked.connect(self._on_more)
        copy = QPushButton("Copy details", self)
        copy.clicked.connect(self._on_copy)
        close = QPushButton("Go on", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self._more)
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(self._words)
        layout.addWidget(self.details, 1)
        layout.addLayout(buttons)
        self.setMinimumWidth(460)

    def sizeHint(self) -> QSize:
        """Room for a few lines of words, or for the details."""
        return QSize(640, 420 if self.details.isVisible() else 160)

    @property
    def words(self) -> str:
        """What it says in plain words."""
        return self._words.text()

    def add(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Report one more error; the same one again only counts."""
        self._count += 1
        details = details_of(kind, error, trace)
        if details not in self._reports:
            self._reports = [*self._reports, details][-_KEPT_MAX:]
        times = "" if self._count == 1 else f" ({self._count} times by now)"
        self._words.setText(
            f"Something went wrong in this window{times}. Your orders are not affected: what was "
            "sent is in the store, and what was not sent has not left. You can go on; if a pane "
            "looks wrong, close and open it again. If this comes back, send the details to whoever "
            "looks after the program."
        )
        self.details.setPlainText("\n".join([_program(), "", *self._reports]))
        if not self.isVisible():
            self.show()

    @Slot()
    def _on_more(self) -> None:
        is_shown = self.details.isHidden()
        self.details.setVisible(is_shown)
        self._more.setText("Hide details" if is_shown else "Show details")
        self.resize(self.sizeHint())

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())

    def done(self, result: int) -> None:
        """Begin to count anew when it is closed."""
        super().done(result)
        self._count = 0
        self._reports = []
