"""Tables out of files: text as it stands, within bounds, never evaluated."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.securities import sheets
from app.securities.sheets import CELL_MAX, COLUMNS_MAX, Sheet, read_sheet
from models.errors import BadInput


def csv_of(folder: Path, text: str, name: str = "list.csv") -> Sheet:
    path = folder / name
    path.write_bytes(text.encode())
    return read_sheet(path)


def book_of(folder: Path, *rows: tuple[Any, ...], formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    path = folder / "list.xlsx"
    book.save(path)
    return path


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_any_usual_delimiter_is_read(tmp_path: Path, delimiter: str) -> None:
    found = csv_of(tmp_path, f"Symbol{delimiter}Name\r\nKO{delimiter} Coca-Cola \r\n")
    assert found.header == ("Symbol", "Name")
    assert cells(found) == [("KO", "Coca-Cola")]


def test_csv_with_a_byte_order_mark_quotes_and_blank_lines_keeps_its_numbers(
    tmp_path: Path,
) -> None:
    found = csv_of(tmp_path, '\ufeff"Symbol",Name\n\n,\nKO,"Coca-Cola, Co"\n')
    assert found.header == ("Symbol", "Name")
    assert found.rows == (sheets.Row(4, ("KO", "Coca-Cola, Co")),)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-1", '=HYPERLINK("http://x","y")'])
def test_text_like_a_formula_stays_the_text_that_it_is(tmp_path: Path, text: str) -> None:
    quoted = text.replace('"', '""')
    assert cells(csv_of(tmp_path, f'Symbol,Name\nKO,"{quoted}"\n')) == [("KO", text)]
    path = book_of(tmp_path, ("Symbol", "Name"), ("KO", text))
    assert cells(read_sheet(path)) == [("KO", text)]


def test_workbook_numbers_are_as_the_workbook_shows_them(tmp_path: Path) -> None:
    path = book_of(
        tmp_path,
        ("a", "b", "c", "d", "e", "f", "g"),
        (229.87, 52_000_000, 0.1 + 0.2, 1e-7, 52_000_000.0, True, None),
    )
    assert cells(read_sheet(path)) == [
        ("229.87", "52000000", "0.3", "0.0000001", "52000000", "yes")
    ]


def test_workbook_dates_and_percentages_are_as_they_are_meant(tmp_path: Path) -> None:
    path = book_of(
        tmp_path,
        ("Maturity", "Issued", "Coupon"),
        (date(2034, 11, 15), datetime.fromisoformat("2024-11-15"), 0.0425),
        formats={"C2": "0.00%"},
    )
    assert cells(read_sheet(path)) == [("2034-11-15", "2024-11-15", "4.25%")]


def test_workbook_that_lies_about_its_size_is_read_whole(tmp_path: Path) -> None:
    path = book_of(tmp_path, ("Symbol", "Name"), ("KO", "Coca-Cola"))
    changed = tmp_path / "lies.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.namelist():
            body = old.read(part).replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"')
            new.writestr(part, body)
    assert cells(read_sheet(changed)) == [("KO", "Coca-Cola")]


# -- bounds --------------------------------------------------------------------------------------


def test_csv_over_the_most_lines_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "ROWS_MAX", 3)
    assert len(csv_of(tmp_path, "Symbol\n" + "KO\n" * 3).rows) == 3
    with pytest.raises(BadInput, match="over 3 lines"):
        csv_of(tmp_path, "Symbol\n" + "KO\n" * 4)


def test_workbook_over_the_most_lines_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "ROWS_MAX", 3)
    assert len(read_sheet(book_of(tmp_path, ("Symbol",), *[("KO",)] * 3)).rows) == 3
    with pytest.raises(BadInput, match="over 3 lines"):
        read_sheet(book_of(tmp_path, ("Symbol",), *[("KO",)] * 4))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Symbol\n" + "x" * (CELL_MAX + 1) + "\n", r"line 2: the cell that begins 'xxx"),
        ("Symbol\n" + "KO," * (COLUMNS_MAX + 1) + "KO\n", r"line 2: it has over 64 cells"),
        ("", "is empty"),
        (" \n,,\n", "is empty"),
        ('Symbol\n"KO\n', r"line 2: "),
    ],
)
def test_csv_out_of_bounds_is_refused_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        csv_of(tmp_path, text)


def test_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"neither \.csv nor \.xlsx"):
        csv_of(tmp_path, "x", "list.xls")
    with pytest.raises(BadInput, match="can't be read"):
        read_sheet(tmp_path / "nowhere.csv")


def test_workbook_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"Symbol,Name\n")
    with pytest.raises(BadInput, match="is not a workbook"):
        read_sheet(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("hello.txt", "hello")
    with pytest.raises(BadInput, match="can't be read as a workbook"):
        read_sheet(path)


def test_workbook_that_grows_when_unpacked_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_UNPACKED_MAX", 1_000_000)
    path = book_of(tmp_path, ("Symbol",), ("KO",))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/big.bin", b"\0" * 2_000_000)
    assert path.stat().st_size < 20_000
    with pytest.raises(BadInput, match="unpacks to 2 MB"):
        read_sheet(path)


def test_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    path = book_of(tmp_path, ("Symbol",), ("KO",))
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/extra.xml", laughs.encode("utf-16"))
    with pytest.raises(BadInput, match="declares XML entities"):
        read_sheet(path)
