"""Exports are exactly what is shown, typed, safe to open, and never hold the window up."""

from __future__ import annotations

import csv
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from models.money import PRICE_SCALE
from tests.ui.quotes import Line, key_of, line_columns
from ui.blotter import exporting
from ui.blotter.exporting import Exporter, number_format, typed_cell
from ui.tables.columns import Column, Kind, count_of, sum_of
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

ZONE = ZoneInfo("America/New_York")
NOON_NS = 1_732_294_800_123_456_789  # 2024-11-22 12:00:00.123456789 in New York
TOTALS = {"id": count_of(lambda n: f"{n} lines"), "qty": sum_of()}


class Bench:
    """A table with a few lines and its exporter."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        columns = [replace(c, total=TOTALS.get(c.name)) for c in line_columns()]
        self.model: LiveTableModel[Line] = LiveTableModel(columns, key_of, flush_ms=0)
        self.table = LiveTableView(self.model)
        qtbot.addWidget(self.table)
        self.table.show()
        self.exporter = Exporter(self.table, "Lines", ZONE, self.table)
        self.words: list[tuple[str, str]] = []
        self.exporter.message_raised.connect(lambda words, tone: self.words.append((words, tone)))
        self.model.reset(
            [
                Line("a", "AAPL", "buy", 5_000, 1_250, 190 * PRICE_SCALE + 50_000_000, NOON_NS),
                Line("b", "MSFT", "sell", 200, 200, None, NOON_NS, note="=cmd()|x"),
                Line("c", "T", "buy", 70, 0, 18 * PRICE_SCALE, NOON_NS, note='said "no", left'),
            ]
        )

    def export(self, path: Path) -> None:
        with self.qtbot.waitSignal(self.exporter.finished, timeout=10_000):
            self.exporter.export_to(path)


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_is_what_is_shown_with_totals(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    bench.export(path)
    rows = read_csv(path)
    assert rows[0] == ["Id", "Symbol", "Side", "Qty", "% Done", "Limit", "Time", "Note"]
    assert rows[1] == [
        "a", "AAPL", "BUY", "5000", "25", "190.05", "2024-11-22T12:00:00.123-05:00", "",
    ]  # fmt: skip
    assert rows[2][5:] == ["", "2024-11-22T12:00:00.123-05:00", "'=cmd()|x"]
    assert rows[3][7] == 'said "no", left'
    assert rows[4] == ["3 lines", "", "", "5270", "", "", "", ""]
    assert bench.words == [(f"Exported 3 rows to {path}", "good")]


def test_export_follows_filter_sort_and_columns(bench: Bench, tmp_path: Path) -> None:
    from ui.tables.filter_query import FilterQuery, parse

    query = parse("side:buy", bench.model.columns)
    assert isinstance(query, FilterQuery)
    bench.model.set_filter(query)
    bench.table.sortByColumn(bench.model.column_index("qty"), Qt.SortOrder.AscendingOrder)
    bench.table.show_column(bench.model.column_index("id"), False)
    header = bench.table.horizontalHeader()
    header.moveSection(header.visualIndex(bench.model.column_index("qty")), 0)
    bench.export(tmp_path / "lines.csv")
    rows = read_csv(tmp_path / "lines.csv")
    assert rows[0][:2] == ["Qty", "Symbol"]
    assert [row[:2] for row in rows[1:]] == [["70", "T"], ["5000", "AAPL"], ["5070", ""]]


def test_xlsx_has_typed_cells_a_frozen_heading_and_no_formula(bench: Bench, tmp_path: Path) -> None:
    bench.export(tmp_path / "lines.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "lines.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1] == (
        "a", "AAPL", "BUY", 5_000, 25, 190.05,
        datetime(2024, 11, 22, 12, 0, 0, 123_000), None,  # noqa: DTZ001 - a sheet has no zones
    )  # fmt: skip
    assert rows[2][7] == "=cmd()|x"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H4"  # the totals are not filtered away
    assert rows[4][0] == "3 lines"
    assert (sheet["D5"].value, sheet["D5"].font.bold) == (5_270, True)
    assert sheet["D2"].number_format == "#,##0"


def test_export_of_nothing_has_the_headings(bench: Bench, tmp_path: Path) -> None:
    bench.model.reset([])
    bench.export(tmp_path / "lines.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "lines.xlsx").active
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["Id"]


@pytest.mark.parametrize("name", ["lines.csv", "lines.xlsx"])
def test_export_that_can_not_be_written_says_so(bench: Bench, tmp_path: Path, name: str) -> None:
    bench.export(tmp_path / "nowhere" / name)
    (words, tone) = bench.words[-1]
    assert tone == "blocked"
    assert f"nowhere/{name} can't be written" in words
    assert not bench.exporter.is_busy


def test_failed_export_leaves_an_older_file_as_it_was(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("older")

    def full(table: object, to: Path) -> None:
        to.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "write_csv", full)
    bench.export(path)
    assert path.read_text() == "older"
    assert [one.name for one in tmp_path.iterdir()] == ["lines.csv"]
    assert "No space left on device" in bench.words[-1][0]


def many(bench: Bench, count: int) -> None:
    bench.model.reset([Line(f"k{at:06}", "AAPL", qty=at, ts=NOON_NS) for at in range(count)])


def test_long_export_is_read_in_slices_and_written_by_a_thread(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(bench, 20_000)
    writers: list[str] = []
    write = exporting.write_csv

    def noted(table: exporting.Table, to: Path) -> None:
        writers.append(threading.current_thread().name)
        write(table, to)

    monkeypatch.setattr(exporting, "write_csv", noted)
    turns: list[int] = []
    bench.exporter._slices.timeout.connect(lambda: turns.append(1))
    bench.export(tmp_path / "lines.csv")
    assert writers == ["export"]
    assert len(turns) > 3
    assert len(read_csv(tmp_path / "lines.csv")) == 20_002
    assert bench.words[0] == ("Exporting 20,000 rows …", "info")


def test_stopped_export_writes_nothing(bench: Bench, tmp_path: Path) -> None:
    many(bench, 20_000)
    bench.exporter.export_to(tmp_path / "lines.xlsx")
    bench.qtbot.wait(20)
    bench.exporter.stop()
    bench.qtbot.waitUntil(lambda: not bench.exporter.is_busy)
    assert list(tmp_path.iterdir()) == []
    assert bench.words[-1] == ("The export was stopped.", "warning")


def test_export_stopped_while_it_is_written_leaves_no_file(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(bench, 100)
    write = exporting.write_csv

    def stopped_then_written(table: exporting.Table, to: Path) -> None:
        bench.exporter._stopping.set()
        write(table, to)

    monkeypatch.setattr(exporting, "write_csv", stopped_then_written)
    bench.export(tmp_path / "lines.csv")
    assert list(tmp_path.iterdir()) == []
    assert "was stopped" in bench.words[-1][0]


def test_second_export_waits_for_the_first(bench: Bench, tmp_path: Path) -> None:
    with bench.qtbot.waitSignal(bench.exporter.finished):
        bench.exporter.export_to(tmp_path / "one.csv")
        bench.exporter.export_to(tmp_path / "two.csv")
    assert bench.words[0][0].startswith("An export is under way")
    assert [path.name for path in tmp_path.iterdir()] == ["one.csv"]


def test_ask_opens_a_dialog_and_does_not_wait(bench: Bench, tmp_path: Path) -> None:
    bench.exporter.ask(".csv")
    dialog = bench.table.findChild(QFileDialog)
    assert dialog.isVisible()
    with bench.qtbot.waitSignal(bench.exporter.finished, timeout=10_000):
        dialog.fileSelected.emit(str(tmp_path / "asked.csv"))
    dialog.close()
    assert len(read_csv(tmp_path / "asked.csv")) == 5


def _column(kind: Kind, scale: int = 0) -> Column[int]:
    return Column("x", "X", kind, 50, lambda row: row, str, scale=scale)


@pytest.mark.parametrize(
    ("column", "value", "cell"),
    [
        (_column(Kind.INTEGER), 5_000, 5_000),
        (_column(Kind.INTEGER, 10), -6, Decimal("-0.6")),
        (_column(Kind.PRICE), 190_488_000_000, Decimal("190.488")),
        (_column(Kind.PRICE), 1_000 * PRICE_SCALE, Decimal(1_000)),
        (_column(Kind.MONEY), -12_345_678, Decimal("-12.345678")),
        (_column(Kind.PERCENT), 4_250, Decimal("42.5")),
        (_column(Kind.PRICE), None, None),
    ],
)
def test_typed_cell_is_exact(column: Column[int], value: int | None, cell: object) -> None:
    made = typed_cell(column, value, "shown", ZONE)
    assert made == cell
    assert type(made) is type(cell)


def test_typed_cell_of_a_time_is_the_desks_clock() -> None:
    made = typed_cell(_column(Kind.TIME), NOON_NS, "12:00:00", ZONE)
    assert isinstance(made, datetime)
    assert made.utcoffset() == timedelta(hours=-5)
    assert made.astimezone(UTC).microsecond == 123_456


def test_number_format_shows_as_many_decimals_as_the_scale_has() -> None:
    assert number_format(_column(Kind.INTEGER, 10)) == "0.0"
    assert number_format(_column(Kind.INTEGER)) == "#,##0"
    assert number_format(_column(Kind.TEXT)) == ""
