"""Notices to clients, desk, counterparties, regulator: filled from what is known, to be edited."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import resources
from app.continuity.notices import fields_of, notices
from app.continuity.templates import read_templates
from app.session.client import Session
from models.errors import BadInput
from ui.continuity.keeper import OutageKeeper
from ui.continuity.words import down_words, facts


class NoticesPage(QWidget):
    """One notice at a time.

    Attributes:
        to_box: to whom.
        text_edit: the notice; what is changed here is copied and saved as it is.
    """

    def __init__(
        self, session: Session, keeper: OutageKeeper, zone: ZoneInfo, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._keeper, self._zone = session, keeper, zone
        self.to_box = QComboBox(self)
        self.to_box.setAccessibleName("To whom")
        self.text_edit = QPlainTextEdit(self)
        self.text_edit.setAccessibleName("The notice")
        self.said = QLabel(self)
        self.said.setProperty("role", "muted")
        self._build()
        self._texts: dict[str, str] = {}
        try:
            self._texts = read_templates(resources.path("templates", "notices"))
        except BadInput as error:
            self.said.setText(str(error))
        for name in self._texts:
            self.to_box.addItem(f"To {name}", name)
        self.to_box.currentIndexChanged.connect(self.fill)
        self.fill()

    def _build(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 6)
        foot.addWidget(self.to_box)
        for text, tip, do in (
            ("Fill anew", "Take back what was changed, with what is known now", self.fill),
            ("Copy", "Copy the notice", self.copy),
            ("Save…", "Save the notice as a text", self.ask_save),
        ):
            button = QPushButton(text, self)
            button.setToolTip(tip)
            button.clicked.connect(do)
            foot.addWidget(button)
        foot.addWidget(self.said, 1)
        body = QVBoxLayout(self)
        body.setContentsMargins(8, 6, 8, 0)
        body.setSpacing(4)
        body.addWidget(self.text_edit, 1)
        body.addLayout(foot)

    def refresh(self) -> None:
        """What is being edited stays: it is filled anew on demand alone."""

    @Slot()
    def fill(self, *_: object) -> None:
        """Fill the notice from what is known now."""
        core, keeper = self._session.core, self._keeper
        person = core.state.traders.get(core.login)
        name = person.name if person is not None else core.login
        down = down_words(facts(self._session, keeper.outage, keeper.now_ts, self._zone))
        fields = fields_of(keeper.outage, core.desk, name, down, keeper.now_ts, self._zone)
        self.text_edit.setPlainText(
            notices(self._texts, fields).get(str(self.to_box.currentData()), "")
        )

    @Slot()
    def copy(self) -> None:
        """Copy the notice as it stands here."""
        QGuiApplication.clipboard().setText(self.text_edit.toPlainText())
        self._note("Copied")

    @Slot()
    def ask_save(self) -> None:
        """Ask where to save the notice."""
        name = f"notice-{self.to_box.currentData()}.txt"
        dialog = QFileDialog(self, "Save the notice", name, "Text (*.txt)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, path: Path) -> None:
        """Save the notice as it stands here."""
        try:
            path.write_text(self.text_edit.toPlainText(), encoding="utf-8")
        except OSError as error:
            self.said.setText(f"{path} can't be written: {error.strerror}.")
        else:
            self._note(f"Saved to {path.name}")

    def _note(self, what: str) -> None:
        words = f"{what}: the notice to {self.to_box.currentData()}"
        self.said.setText(words)
        self._keeper.note(words)
