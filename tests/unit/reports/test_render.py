"""Reports as files: exact, readable by a spreadsheet, and never a formula."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from app.reports.render import Table, safe_text, write_csv, write_xlsx
from models.errors import BadInput

FORMULAS = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
]
TABLE = Table(
    "Blotter",
    ("Order", "Qty", "Limit", "Reason"),
    [
        ["O-1", 1_000, Decimal("191.4"), 'said "no", twice\nand again'],
        ["O-2", -5, Decimal("1E+2"), None],
        ["O-3", 10**9, Decimal("98.507812500"), "Zürich 日本"],
    ],
)
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def read_xlsx(path: Path) -> list[list[tuple[str, str]]]:
    """Return each row's (type, value) by cell: `s` is text, `n` a number."""
    with zipfile.ZipFile(path) as book:
        texts = [
            "".join(part.text or "" for part in item.iter(f"{SPREADSHEET}t"))
            for item in ET.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert not list(sheet.iter(f"{SPREADSHEET}f")), "a formula"
    rows = []
    for row in sheet.iter(f"{SPREADSHEET}row"):
        cells = []
        for cell in row:
            kind, value = cell.get("t", "n"), cell.findtext(f"{SPREADSHEET}v", "")
            cells.append((kind, texts[int(value)] if kind == "s" else value))
        rows.append(cells)
    return rows


@pytest.mark.parametrize("text", FORMULAS)
def test_safe_text_takes_the_formula_out(text: str) -> None:
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ACME", "a=b", "1-2", " =1", "O-1122-000001"])
def test_safe_text_leaves_plain_text_alone(text: str) -> None:
    assert safe_text(text) == text


def test_write_csv_is_exact(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    write_csv(TABLE, file)
    assert read_csv(file) == [
        ["Order", "Qty", "Limit", "Reason"],
        ["O-1", "1000", "191.4", 'said "no", twice\nand again'],
        ["O-2", "-5", "100", ""],
        ["O-3", "1000000000", "98.507812500", "Zürich 日本"],
    ]


def test_write_csv_starts_with_a_mark_that_spreadsheets_know_utf8_by(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    write_csv(TABLE, file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", FORMULAS)
def test_write_csv_holds_no_formula(tmp_path: Path, text: str) -> None:
    file = tmp_path / "out.csv"
    write_csv(Table("T", ("Reason",), [[text]]), file)
    with file.open(newline="", encoding="utf-8-sig") as opened:
        _, (cell,) = list(csv.reader(opened))
    assert cell.startswith("'")
    assert cell[1:] == text


def test_write_xlsx_keeps_numbers_numbers_and_text_text(tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    write_xlsx(TABLE, file)
    title, first, second, third = read_xlsx(file)
    assert [value for _, value in title] == ["Order", "Qty", "Limit", "Reason"]
    assert first[0] == ("s", "O-1")
    assert [(kind, Decimal(value)) for kind, value in first[1:3]] == [
        ("n", 1_000),
        ("n", Decimal("191.4")),
    ]
    assert Decimal(second[1][1]) == -5
    assert len(second) == 3
    assert Decimal(third[2][1]) == Decimal("98.5078125")
    assert third[3] == ("s", "Zürich 日本")


@pytest.mark.parametrize("text", [*FORMULAS, "http://example.org", "mailto:a@b"])
def test_write_xlsx_holds_no_formula_and_no_link(tmp_path: Path, text: str) -> None:
    file = tmp_path / "out.xlsx"
    write_xlsx(Table("T", ("Reason",), [[text]]), file)
    ((kind, _),) = read_xlsx(file)[1]
    assert kind == "s"
    with zipfile.ZipFile(file) as book:
        assert b"<hyperlink" not in book.read("xl/worksheets/sheet1.xml")


def test_empty_table_is_its_titles(tmp_path: Path) -> None:
    empty = Table("Blotter", ("Order", "Qty"), [])
    write_csv(empty, tmp_path / "out.csv")
    write_xlsx(empty, tmp_path / "out.xlsx")
    assert read_csv(tmp_path / "out.csv") == [["Order", "Qty"]]
    assert [value for _, value in read_xlsx(tmp_path / "out.xlsx")[0]] == ["Order", "Qty"]


def test_write_to_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "out"
    with pytest.raises(BadInput, match="can't be written"):
        write_csv(TABLE, nowhere)
    with pytest.raises(BadInput, match="can't be written"):
        write_xlsx(TABLE, nowhere)
