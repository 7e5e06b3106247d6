"""What the Continuity pane writes: on paper, as PDF, CSV or XLSX; no cell can carry a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.continuity.page import page
from app.continuity.tables import as_one_table
from app.reports.render import Table, write_csv, write_xlsx
from models.errors import BadInput
from ui.continuity.printing import document_of, page_layout, write_pdf

_FILTERS: Final = "PDF (*.pdf);;Excel workbook (*.xlsx);;CSV (*.csv);;Web page (*.html)"


class Sheet(NamedTuple):
    """What is written: a title, facts by name, and tables."""

    title: str
    facts: Mapping[str, str]
    tables: tuple[Table, ...]

    @property
    def html(self) -> str:
        """The sheet for paper."""
        return page(self.title, self.facts, self.tables)


def save_sheet(sheet: Sheet, path: Path) -> None:
    """Write a sheet; the suffix says as what. Raises `BadInput`."""
    one = sheet.tables[0] if len(sheet.tables) == 1 else _as_one(sheet)
    match path.suffix.lower():
        case ".pdf":
            write_pdf(sheet.html, path)
        case ".csv":
            write_csv(one, path)
        case ".xlsx":
            write_xlsx(one, path)
        case ".html":
            try:
                path.write_text(sheet.html, encoding="utf-8")
            except OSError as error:
                raise BadInput(f"{path} can't be written: {error.strerror}.") from None
        case other:
            raise BadInput(f"{other or 'No suffix'} is not known; choose .pdf, .xlsx, .csv, .html.")


def _as_one(sheet: Sheet) -> Table:
    return as_one_table(sheet.title, sheet.facts, sheet.tables)


def ask_path(parent: QWidget, title: str, name: str) -> QFileDialog:
    """Return a question where to; the caller opens it."""
    dialog = QFileDialog(parent, title, name, _FILTERS)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("pdf")
    dialog.filterSelected.connect(
        lambda chosen: dialog.setDefaultSuffix(chosen.rpartition(".")[2].rstrip(")"))
    )
    dialog.selectFile(name)
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def ask_printer(parent: QWidget, sheet: Sheet, done: Callable[[], object]) -> QDialog:
    """Open the question which printer, print, and say `done`; returns the dialog."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(page_layout())
    dialog = QPrintDialog(printer, parent)

    def send() -> None:
        document_of(sheet.html).print_(printer)
        done()

    dialog.accepted.connect(send)
    dialog.finished.connect(dialog.deleteLater)
    QDialog.open(dialog)  # the print dialog's own wants a receiver
    return dialog
