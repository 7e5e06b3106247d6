"""The dialog that brings securities in: choose a file, look at what it would do, decide, send."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.ports import BODY_MAX
from app.securities.batches import batches
from app.securities.columns import COLUMNS
from app.securities.preview import LineState, Preview, preview
from app.securities.sheets import read_sheet
from app.session.client import Session
from app.session.ids import new_command_id
from app.session.step import Changed
from models.commands import ListInstruments
from models.errors import BadInput, BlotterError
from models.instruments import Instrument
from models.parties import Role
from ui.securities.preview_model import PreviewModel

_LOOK_MS = 25
_FILES = "Securities (*.csv *.tsv *.txt *.xlsx)"
_HINT = "Choose a .csv or .xlsx file whose first line names its columns (they are listed here)."
_COLUMNS = "\n".join(
    f"{each.title}: {', '.join(each.aliases)}" if each.aliases else each.title for each in COLUMNS
)


def import_objection(session: Session) -> str:
    """Return why the person may not bring securities in; empty when they may."""
    person = session.core.state.traders.get(session.core.login)
    if person is not None and person.role in (Role.OPS, Role.COMPLIANCE):
        return ""
    return "Operations or compliance bring securities in. Ask them."


@cache
def _reader() -> ThreadPoolExecutor:
    """The thread that reads files: tens of thousands of lines take seconds."""
    return ThreadPoolExecutor(1, thread_name_prefix="securities")


def _look_into(
    path: Path, listed: dict[str, Instrument], rates: dict[str, int] | None
) -> Preview | str:
    try:
        return preview(read_sheet(path), listed, rates)
    except BadInput as error:
        return str(error)


class ImportDialog(QDialog):
    """Takes nothing until the person has seen what it is.

    Attributes:
        detail: all that is to be said of the chosen line.
        table: the lines that would change something, or are wrong.
        good_box, warnings_box: what the person decides where lines are wrong or to be confirmed.
        import_button: sends what it says.
        answer: what became of it.

    Signals:
        imported: lines were sent; carries what, in words.
    """

    imported = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import securities")
        self._session = session
        self._found: Preview | None = None
        self._reading: Future[Preview | str] | None = None
        self._sent: tuple[set[str], tuple[Instrument, ...]] | None = None
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._on_looked)
        self.choose_button = self._button("Choose a file…", self.choose)
        self.file_label = QLabel(_HINT, self)
        self.file_label.setToolTip(f"Columns, and what else they may be called:\n{_COLUMNS}")
        self.model = PreviewModel(self)
        self.table = self._table()
        self.detail = QLabel(self)
        self.detail.setWordWrap(True)
        self.detail.setProperty("role", "muted")
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.totals = QLabel(self)
        self.good_box = QCheckBox(self)
        self.warnings_box = QCheckBox(self)
        for box in (self.good_box, self.warnings_box):
            box.toggled.connect(self._show_button)
        self.answer = QLabel(self)
        self.answer.setWordWrap(True)
        self.import_button = self._button("Nothing to import", self.send)
        self.close_button = self._button("Close", self.reject)
        self._lay_out()
        self._show_found()
        session.listeners.append(self._on_changed)
        self.finished.connect(lambda _: session.listeners.remove(self._on_changed))

    def _button(self, text: str, do: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def _table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName("Lines of the file")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setWordWrap(False)
        table.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        table.verticalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        for column, width in enumerate((60, 90, 80)):
            table.setColumnWidth(column, width)
        return table

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.choose_button)
        top.addWidget(self.file_label, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.answer, 1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.import_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        for widget in (self.detail, self.totals, self.good_box, self.warnings_box):
            column.addWidget(widget)
        column.addLayout(foot)

    def sizeHint(self) -> QSize:
        """Room for a line's words and a dozen lines."""
        return QSize(900, 560)

    # -- reading -------------------------------------------------------------------------------

    @Slot()
    def choose(self) -> None:
        """Let the person choose a file."""
        dialog = QFileDialog(self, "Import securities", "", _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.read(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read(self, path: Path) -> None:
        """Look into a file, beside the window's thread, and show what it would do."""
        state = self._session.core.state
        rates = state.rule_book.fx if state.rule_book is not None else None
        self._found, self._sent = None, None
        self._say("", "muted")
        self._show_found()
        self.file_label.setText(f"Reading {path.name} …")
        self._reading = _reader().submit(_look_into, path, dict(state.instruments), rates)
        self._look.start()

    @Slot()
    def _on_looked(self) -> None:
        if self._reading is None or not self._reading.done():
            return
        found, self._reading = self._reading.result(), None
        self._look.stop()
        if isinstance(found, str):
            self.file_label.setText(_HINT)
            self._say(found, "error")
            return
        self._found = found
        self.file_label.setText(found.file)
        self._show_found()

    @Slot()
    def _on_row_chosen(self) -> None:
        """Say all of the chosen line: a cell may be too narrow for it."""
        self.detail.setText(self.model.words_at(self.table.currentIndex().row()))

    # -- showing -------------------------------------------------------------------------------

    def _show_found(self) -> None:
        found = self._found
        self.model.show_lines(found.lines if found is not None else ())
        for box in (self.good_box, self.warnings_box):
            box.setChecked(False)
            box.hide()
        self.totals.setText("")
        self.detail.setText("")
        if self.model.rowCount():
            self.table.selectRow(0)
        if found is not None:
            totals = found.totals
            words = ", ".join(f"{count:,} {state.value}" for state, count in totals.items())
            unused = f". Columns not used: {', '.join(found.unused)}" if found.unused else ""
            self.totals.setText(f"{len(found.lines):,} lines: {words}{unused}.")
            wrong = totals[LineState.WRONG]
            self.good_box.setText(f"Leave out what is wrong ({wrong:,}), take only the good lines")
            self.good_box.setVisible(wrong > 0)
            self.warnings_box.setText(f"I have checked what has a warning ({found.warned:,})")
            self.warnings_box.setVisible(found.warned > 0)
        self._show_button()

    def _taken(self) -> tuple[Instrument, ...]:
        """Return what would be sent; raises `BadInput` while the person has to decide first."""
        if self._found is None:
            return ()
        return self._found.taken(
            only_good=self.good_box.isChecked(), accept_warnings=self.warnings_box.isChecked()
        )

    @Slot()
    def _show_button(self) -> None:
        try:
            count, why = len(self._taken()), ""
        except BadInput as error:
            count, why = 0, str(error)
        lines = "1 line" if count == 1 else f"{count:,} lines"
        self.import_button.setText(f"Import {lines}" if count else "Nothing to import")
        self.import_button.setEnabled(count > 0 and self._sent is None)
        self.import_button.setToolTip(why)

    def _say(self, words: str, role: str) -> None:
        self.answer.setText(words)
        self.answer.setProperty("role", role)
        self.answer.style().unpolish(self.answer)
        self.answer.style().polish(self.answer)

    # -- sending -------------------------------------------------------------------------------

    @Slot()
    def send(self) -> None:
        """Send what the button says, once."""
        objection = import_objection(self._session)
        if objection or self._sent is not None:
            self._say(objection or self.answer.text(), "error" if objection else "muted")
            return
        core, ids = self._session.core, set[str]()
        try:
            taken = self._taken()
            for batch in batches(taken, BODY_MAX):
                ids.add(
                    self._session.send(
                        ListInstruments(
                            id=new_command_id(), author=core.login, desk=core.desk,
                            instruments=batch,
                        )
                    )
                )  # fmt: skip
        except BlotterError as error:
            self._say(str(error), "error")
            return
        if not ids:
            return
        self._sent = ids, taken
        self._say(f"Sent {len(taken):,}; waiting for the desk …", "muted")
        self._show_button()
        self.imported.emit(f"Import of {len(taken):,} securities")

    def _on_changed(self, changed: Changed) -> None:
        """Say what became of what was sent, once that is known of all of it."""
        if self._sent is None or not (changed.requests or changed.reference):
            return
        ids, taken = self._sent
        requests = self._session.core.requests
        refused = [requests[each].text for each in ids if each in requests
                   and not requests[each].is_open]  # fmt: skip
        if refused:
            self._say(f"Nothing more was taken: {refused[0]}", "error")
        elif not ids & requests.keys():
            listed = self._session.core.state.instruments
            missing = [each.symbol for each in taken if not _is_in_force(each, listed)]
            if missing:
                words = f"The desk did not take {missing[0]}: the activity says why. Read it anew."
                self._say(words, "error")
            else:
                self._say(f"{len(taken):,} taken: they are in force.", "good")


def _is_in_force(asked: Instrument, listed: dict[str, Instrument]) -> bool:
    known = listed.get(asked.symbol)
    return known is not None and msgspec.structs.replace(asked, version=known.version) == known
