"""Tables out of CSV files and workbooks: text only, within bounds, and nothing is evaluated."""

from __future__ import annotations

import csv
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from models.errors import BadInput

FILE_MAX: Final = 20_000_000
ROWS_MAX: Final = 50_000
COLUMNS_MAX: Final = 64
CELL_MAX: Final = 500
_UNPACKED_MAX: Final = 250_000_000
_PARTS_MAX: Final = 2_000
_CHUNK: Final = 1 << 20
_TEXT_ENDINGS: Final = frozenset({".csv", ".tsv", ".txt"})
_DELIMITERS: Final = ",;\t|"
# XML that declares entities can grow without bounds; a workbook has no use for it.
_DOCTYPES: Final = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


class Row(msgspec.Struct, frozen=True):
    """One line of a table, by its number in the file; its cells as text, without blanks around."""

    number: int
    cells: tuple[str, ...]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table: what its columns are headed, and its lines that are not blank."""

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file, or the first sheet of a workbook; raises `BadInput` with the reason."""
    ending = path.suffix.lower()
    if ending not in _TEXT_ENDINGS and ending != ".xlsx":
        raise BadInput(f"{path.name} is neither .csv nor .xlsx. Save it as one of them.")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from None
    if size > FILE_MAX:
        raise BadInput(
            f"{path.name} has {size / 10**6:,.1f} MB; at most {FILE_MAX // 10**6} are read. "
            "Split it."
        )
    rows = _csv_rows(path) if ending in _TEXT_ENDINGS else _workbook_rows(path)
    return _sheet(path.name, rows)


def sheet_of_text(name: str, text: str) -> Sheet:
    """Return the table in a text, such as cells copied from a spreadsheet; raises `BadInput`."""
    if len(text) > FILE_MAX:
        raise BadInput(f"The {name} has over {FILE_MAX // 10**6} MB. Take less of it.")
    if not text.strip():
        raise BadInput(f"The {name} is empty. Copy the cells with their heading first.")
    return _sheet(name, _text_rows(name, text))


def _sheet(name: str, rows: Iterable[Row]) -> Sheet:
    header: tuple[str, ...] = ()
    kept: list[Row] = []
    for row in rows:
        cells = _without_empty_end(row.cells)
        _check_cells(name, row.number, cells)
        if not cells:
            continue
        if not header:
            header = cells
            continue
        if len(kept) >= ROWS_MAX:
            raise BadInput(f"{name} has over {ROWS_MAX:,} lines. Split it.")
        kept.append(Row(row.number, cells))
    if not header:
        raise BadInput(f"{name} is empty. Its first line names the columns.")
    return Sheet(file=name, header=header, rows=tuple(kept))


def _check_cells(name: str, number: int, cells: Sequence[str]) -> None:
    if len(cells) > COLUMNS_MAX:
        raise BadInput(f"{name}, line {number}: it has over {COLUMNS_MAX} cells.")
    for cell in cells:
        if len(cell) > CELL_MAX:
            raise BadInput(
                f"{name}, line {number}: the cell that begins {cell[:20]!r} has {len(cell):,} "
                f"characters; at most {CELL_MAX} are read. Is a quotation mark missing?"
            )


def _without_empty_end(cells: Sequence[str]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return tuple(cells[:end])


# -- CSV -----------------------------------------------------------------------------------------


def _csv_rows(path: Path) -> Iterator[Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path.name} is not UTF-8 at byte {error.start}. Save it as CSV UTF-8."
        ) from None
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from None
    yield from _text_rows(path.name, text)


def _text_rows(name: str, text: str) -> Iterator[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield Row(reader.line_num, tuple(cell.strip() for cell in cells))
    except csv.Error as error:
        raise BadInput(f"{name}, line {reader.line_num}: {error}.") from None


# -- workbooks -----------------------------------------------------------------------------------


def _workbook_rows(path: Path) -> Iterator[Row]:
    """Yield the first sheet's lines; a formula is the text that it is, its result is not looked at.

    Read from XML that anybody may have written, by a library that raises what it likes.
    """
    _check_package(path)
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
        try:
            book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
            try:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # what the file says of its size need not be so
                rows = sheet.iter_rows(max_row=ROWS_MAX + 2, max_col=COLUMNS_MAX + 1)
                for number, cells in enumerate(rows, 1):
                    yield Row(number, tuple(_text_of(cell) for cell in cells))
            finally:
                book.close()
        except BadInput:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:200]
            raise BadInput(
                f"{path.name} can't be read as a workbook ({why}). Save it again, or as CSV."
            ) from None


def _check_package(path: Path) -> None:
    """Raise `BadInput` unless the workbook is a zip file that stays small when it is unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > _UNPACKED_MAX or len(parts) > _PARTS_MAX:
                raise BadInput(
                    f"{path.name} unpacks to {unpacked / 10**6:,.0f} MB in {len(parts):,} parts; "
                    f"at most {_UNPACKED_MAX // 10**6} MB in {_PARTS_MAX:,} are read. "
                    "Save only its sheet, or as CSV."
                )
            if any(_has_doctype(package, part) for part in parts):
                raise BadInput(f"{path.name} declares XML entities, as no workbook needs to.")
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError) as error:
        raise BadInput(f"{path.name} is not a workbook: {error}.") from None


def _has_doctype(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    if not part.filename.endswith((".xml", ".rels")):
        return False
    tail = b""
    with package.open(part) as file:
        while chunk := file.read(_CHUNK):
            seen = tail + chunk
            if any(mark in seen for mark in _DOCTYPES):
                return True
            tail = chunk[-40:]
    return False


def _text_of(cell: Any) -> str:
    """Return a cell as its author would type it.

    A number has the fifteen digits that a workbook shows: 0.1 + 0.2 is 0.3 there.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
        if "%" in (cell.number_format or ""):
            return f"{_plain(number * 100)}%"
        return _plain(number)
    if isinstance(value, datetime):
        whole = value.date() if value.time() == datetime.min.time() else value
        return whole.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
