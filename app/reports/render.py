"""Writes a report's table as CSV or XLSX; a cell can't carry a spreadsheet formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from models.errors import BadInput

Cell = str | int | Decimal | None
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Table(msgspec.Struct, frozen=True):
    """A report: its title, column titles, and rows of text and exact numbers."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def safe_text(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_csv(table: Table, path: Path) -> None:
    """Write UTF-8 CSV; raises `BadInput` when the file can't be written."""
    try:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(table.columns)
            for row in table.rows:
                writer.writerow([_csv_cell(cell) for cell in row])
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}.") from None


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return (
        safe_text(cell)
        if isinstance(cell, str)
        else f"{cell:f}"
        if isinstance(cell, Decimal)
        else str(cell)
    )


def write_xlsx(table: Table, path: Path) -> None:
    """Write a workbook with one sheet; raises `BadInput` when the file can't be written."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(table.title[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, title in enumerate(table.columns):
        sheet.write_string(0, column, title, bold)
    for at, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(at, column, cell)
            elif cell is not None:
                sheet.write_number(at, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    sheet.autofit()
    try:
        book.close()
    except FileCreateError as error:
        raise BadInput(f"{path} can't be written: {error}.") from None
