"""Writes a report's table as CSV or XLSX; a cell can't carry a spreadsheet formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from models.errors import BadInput

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | datetime | None
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


# Fitting columns to their widest text costs as much as writing them.
_FITTED_ROWS_MAX = 5_000
_TIME_FORMAT = "yyyy-mm-dd hh:mm:ss.000"


class Table(msgspec.Struct, frozen=True):
    """A report: its title, column titles, and rows of text and exact numbers.

    `totals` is a last row, apart from the others; `formats` say how a spreadsheet writes each
    column's numbers (`#,##0`), "" for its own way.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    totals: tuple[Cell, ...] = ()
    formats: tuple[str, ...] = ()


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
                writer.writerow(map(_csv_cell, row))
            if table.totals:
                writer.writerow(map(_csv_cell, table.totals))
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}.") from None


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds")
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def write_xlsx(table: Table, path: Path) -> None:
    """Write a workbook with one sheet; raises `BadInput` when the file can't be written.

    A time is written as its zone's clock shows it.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet(table.title[:31])
    heading = book.add_format({"bold": True, "bottom": 1})
    for column, title in enumerate(table.columns):
        sheet.write_string(0, column, title, heading)
    formats = table.formats or ("",) * len(table.columns)
    plain = [book.add_format({"num_format": one}) if one else None for one in formats]
    times = book.add_format({"num_format": _TIME_FORMAT})
    for at, row in enumerate(table.rows, 1):
        _write_row(sheet, at, row, plain, times)
    if table.totals:
        last = [
            book.add_format({"num_format": one or "General", "bold": True, "top": 1})
            for one in formats
        ]
        _write_row(sheet, len(table.rows) + 1, table.totals, last, times)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    if len(table.rows) <= _FITTED_ROWS_MAX:
        sheet.autofit()
    try:
        book.close()
    except FileCreateError as error:
        raise BadInput(f"{path} can't be written: {error}.") from None


def _write_row(
    sheet: Worksheet, at: int, row: Sequence[Cell], formats: Sequence[Format | None], times: Format
) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(at, column, cell, formats[column])
        elif isinstance(cell, datetime):
            sheet.write_datetime(at, column, cell, times)
        elif cell is not None:
            sheet.write_number(at, column, cell, formats[column])
