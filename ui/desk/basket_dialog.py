"""Loading a basket: from a file or the clipboard, looked at cell by cell, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.baskets.preview import COLUMNS, BasketPreview, preview
from app.securities.sheets import Sheet, read_sheet, sheet_of_text
from app.session.client import Session
from models.errors import BadInput, BlotterError
from ui.desk.basket_preview_model import BasketPreviewModel

_FILES: Final = "Baskets (*.csv *.tsv *.txt *.xlsx)"
_HINT: Final = f"The first line names the columns: {', '.join(COLUMNS)}. Symbol and qty are needed."
_NAME_MAX: Final = 60
_WIDTHS: Final = (48, 84, 56, 84, 68, 80, 96, 56, 120)


class BasketDialog(QDialog):
    """Loads nothing by halves.

    Attributes:
        file_button, paste_button: where a basket comes from.
        name_edit, account_box: what it is called, and whose lines without an account are.
        table: its lines; what is wrong is marked in its cell.
        load_button: stages all of it.

    Signals:
        loaded: it was sent; carries what, in words.
    """

    loaded = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Load a basket")
        self.setObjectName("basket_dialog")
        self._session = session
        self._sheet: Sheet | None = None
        self._found: BasketPreview | None = None
        self.file_button = self._button("Choose a file…", self.choose)
        self.paste_button = self._button("Paste", self.paste)
        self.paste_button.setToolTip("Cells copied from a spreadsheet, with their heading")
        self.name_edit = QLineEdit(self)
        self.name_edit.setMaxLength(_NAME_MAX)
        self.name_edit.setMinimumWidth(160)
        self.name_edit.setPlaceholderText("Name of the basket")
        self.name_edit.setAccessibleName("Name of the basket")
        self.account_box = QComboBox(self)
        self.account_box.setAccessibleName("Account of lines that name none")
        for code in self._accounts():
            self.account_box.addItem(code, code)
        self.account_box.currentIndexChanged.connect(self._look)
        self.model = BasketPreviewModel(self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName("Lines of the basket")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        self.detail = QLabel(self)
        self.detail.setWordWrap(True)
        self.detail.setProperty("role", "muted")
        self.said = QLabel(_HINT, self)
        self.said.setWordWrap(True)
        self.load_button = self._button("Load", self.load)
        self.load_button.setProperty("role", "send")
        self.load_button.setEnabled(False)
        self._lay_out()
        self.resize(self.sizeHint())

    def _button(self, text: str, do: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def _accounts(self) -> list[str]:
        person = self._session.core.state.traders.get(self._session.core.login)
        return list(person.accounts) if person is not None else []

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.file_button)
        top.addWidget(self.paste_button)
        top.addWidget(self.name_edit, 1)
        label = QLabel("Lines without an account are for", self)
        label.setProperty("role", "muted")
        top.addWidget(label)
        top.addWidget(self.account_box)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self._button("Leave it", self.reject))
        foot.addWidget(self.load_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        column.addLayout(foot)

    def sizeHint(self) -> QSize:
        """Room for all columns and a dozen lines."""
        return QSize(980, 560)

    # -- reading -------------------------------------------------------------------------------

    @Slot()
    def choose(self) -> None:
        """Let the person choose a file."""
        dialog = QFileDialog(self, "Load a basket", "", _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.read(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def paste(self) -> None:
        """Take what is on the clipboard."""
        self._take(lambda: sheet_of_text("clipboard", QGuiApplication.clipboard().text()))

    def read(self, path: Path) -> None:
        """Take a file."""
        self._take(lambda: read_sheet(path))

    def _take(self, read) -> None:  # type: ignore[no-untyped-def]
        self._sheet = self._found = None
        try:
            self._sheet = read()
        except BadInput as error:
            self._show(str(error))
            return
        assert self._sheet is not None
        self.name_edit.setText(self._sheet.file.rpartition(".")[0] or self._sheet.file)
        self._look()

    @Slot()
    def _look(self) -> None:
        """Hold the lines against the desk's checks, as things stand now."""
        if self._sheet is None:
            return
        core = self._session.core
        account = str(self.account_box.currentData() or "")
        try:
            self._found = preview(
                self._sheet, core.state, core.login, core.desk, core.context, account
            )
        except BadInput as error:
            self._found = None
            self._show(str(error))
            return
        self._show(_words(self._found))

    def _show(self, words: str) -> None:
        found = self._found
        self.model.show_preview(found)
        good = found is not None and not found.wrong
        self.said.setText(words)
        self.said.setProperty("role", "" if good or self._sheet is None else "error")
        self.said.style().polish(self.said)
        count = len(found.lines) if found is not None else 0
        self.load_button.setText(f"Load {count:,} line{'' if count == 1 else 's'}")
        self.load_button.setEnabled(good)

    @Slot()
    def _on_row_chosen(self) -> None:
        self.detail.setText(self.model.words_at(self.table.currentIndex().row()))

    @Slot()
    def load(self) -> None:
        """Stage all of it."""
        self._look()  # the market may have moved since
        found = self._found
        if found is None or found.wrong:
            return
        name = self.name_edit.text().strip() or found.name
        try:
            self._session.work.load_basket(name, found.terms)
        except BlotterError as error:
            self.said.setText(str(error))
            return
        self.loaded.emit(f"Loading {name}, {len(found.lines):,} lines.")
        self.accept()


def _words(found: BasketPreview) -> str:
    """Return what is to be said of the whole."""
    ignored = f" Not read: {', '.join(found.ignored)}." if found.ignored else ""
    if found.wrong:
        cells = sum(len(line.faults) for line in found.wrong)
        return (
            f"{cells:,} cells in {len(found.wrong):,} of {len(found.lines):,} lines are wrong; "
            f"correct them and read it again. Nothing is loaded by halves.{ignored}"
        )
    warned = sum(bool(line.warnings) for line in found.lines)
    warns = f" {warned:,} lines will need a reason when they are sent." if warned else ""
    return f"{len(found.lines):,} lines, nothing wrong.{warns}{ignored}"
