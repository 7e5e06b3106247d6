"""Exports of exactly what a table shows, as CSV or XLSX, without holding the window up.

Rows are read in slices between the window's other work; then a thread writes the file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from app.reports.render import Cell, Table, write_csv, write_xlsx
from models.errors import BadInput
from ui.tables.columns import Column, Kind
from ui.tables.shown_table import ShownRow
from ui.tables.table_view import LiveTableView

_SLICE_S: Final = 0.010
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORMATS: Final = {
    Kind.INTEGER: "#,##0",
    Kind.PRICE: "#,##0.00#######",
    Kind.MONEY: "#,##0.00",
    Kind.PERCENT: "0.00",
    Kind.DURATION: "0.000",
}
_FILTERS: Final = "Excel workbook (*.xlsx);;CSV (*.csv)"


def typed_cell(column: Column[Any], value: int | str | None, text: str, zone: ZoneInfo) -> Cell:
    """Return a cell as a spreadsheet can reckon with it: exact numbers, times of `zone`, text."""
    if not column.kind.is_number:
        return text or None
    if value is None:
        return None
    number = int(value)
    if column.kind is Kind.TIME:
        return (_EPOCH + timedelta(microseconds=number // 1_000)).astimezone(zone)
    unit = column.unit
    return number if unit == 1 else _exact(number, unit)


def _exact(number: int, unit: int) -> Decimal:
    """Return number / unit, `unit` being a power of ten, without zeros at its end."""
    return Decimal(number).scaleb(1 - len(str(unit))).normalize()


def number_format(column: Column[Any]) -> str:
    """Return how a spreadsheet writes a column's numbers."""
    if column.kind is Kind.INTEGER and column.unit > 1:
        return "0." + "0" * (len(str(column.unit)) - 1)
    return _FORMATS.get(column.kind, "")


class Exporter(QObject):
    """Exports one table; one export at a time.

    Signals:
        message_raised: how it goes; carries words and a tone.
        finished: the file is written, or was given up.
    """

    message_raised = Signal(str, str)
    finished = Signal()
    _written = Signal(str, str)

    def __init__(
        self, table: LiveTableView, title: str, zone: ZoneInfo, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._table = table
        self._title = title
        self._zone = zone
        self._columns: tuple[Column[Any], ...] = ()
        self._source: Iterator[ShownRow] | None = None
        self._taken: list[tuple[Cell, ...]] = []
        self._totals: tuple[Cell, ...] = ()
        self._path = Path()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._slices = QTimer(self)
        self._slices.setInterval(0)
        self._slices.timeout.connect(self._on_slice_due)
        self._written.connect(self._on_written)

    @property
    def is_busy(self) -> bool:
        """Whether an export is under way."""
        return self._source is not None or self._thread is not None

    def ask(self, suffix: str) -> None:
        """Ask where to, then export; `suffix` is `.xlsx` or `.csv`."""
        name = f"{self._title.lower()}-{datetime.now(self._zone):%Y-%m-%d-%H%M}{suffix}"
        dialog = QFileDialog(self._table, f"Export {self._title.lower()}", name, _FILTERS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectNameFilter(next(f for f in _FILTERS.split(";;") if suffix in f))
        dialog.setDefaultSuffix(suffix[1:])
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Write what the table shows now to `path`; its suffix says as what."""
        if self.is_busy:
            self.message_raised.emit("An export is under way. Wait for it, or stop it.", "warning")
            return
        shown = self._table.visible_table()
        self._path, self._columns, self._source = path, shown.columns, shown.rows()
        self._taken, self._totals = [], self._totals_now()
        self._stopping.clear()
        if len(shown) > 5_000:
            self.message_raised.emit(f"Exporting {len(shown):,} rows …", "info")
        self._slices.start()

    def stop(self) -> None:
        """Give the export up; the file, if it was begun, is removed."""
        self._stopping.set()
        if self._source is not None:
            self._source = None
            self._slices.stop()
            self._on_written("", "")

    def wait(self) -> None:
        """Return when the thread is done: before the window goes."""
        if self._thread is not None:
            self._thread.join()

    def _totals_now(self) -> tuple[Cell, ...]:
        """Return the totals under the columns on screen; none where no column has one."""
        model = self._table.live_model
        figures = [model.total(at) for at in self._table.shown_columns()]
        if not any(figures):
            return ()
        totals: list[Cell] = []
        for column, figure in zip(self._columns, figures, strict=True):
            if figure is None:
                totals.append(None)
            elif figure.value is None or not column.kind.is_number:
                totals.append(figure.text)
            elif column.kind is Kind.TIME:
                totals.append(figure.text)  # a count of rows, not a time
            else:
                totals.append(typed_cell(column, figure.value, figure.text, self._zone))
        return tuple(totals)

    @Slot()
    def _on_slice_due(self) -> None:
        """Read rows for a moment; when all are read, let a thread write them."""
        until = perf_counter() + _SLICE_S
        assert self._source is not None
        for row in self._source:
            cells = zip(self._columns, row.values, row.texts, strict=True)
            self._taken.append(
                tuple(typed_cell(column, value, text, self._zone) for column, value, text in cells)
            )
            if perf_counter() > until:
                return
        self._slices.stop()
        self._source = None
        table = Table(
            self._title,
            tuple(column.title or column.name for column in self._columns),
            _Stoppable(self._taken, self._stopping),
            self._totals,
            tuple(map(number_format, self._columns)),
        )
        self._thread = threading.Thread(target=self._write, args=(table, self._path), name="export")
        self._thread.start()

    def _write(self, table: Table, path: Path) -> None:
        """Write the file; runs on the thread."""
        part = path.with_name(f".{path.name}.part")
        words, tone = f"Exported {len(table.rows):,} rows to {path}", "good"
        try:
            write = write_csv if path.suffix.lower() == ".csv" else write_xlsx
            write(table, part)
            part.replace(path)
        except _Stopped:
            words, tone = f"The export was stopped; {path.name} was not written.", "warning"
        except BadInput as error:
            words, tone = str(error).replace(str(part), str(path)), "blocked"
        except OSError as error:
            words, tone = f"{path} can't be written: {error.strerror}.", "blocked"
        finally:
            part.unlink(missing_ok=True)
        if isValid(self):  # the window may have been closed meanwhile
            self._written.emit(words, tone)

    @Slot(str, str)
    def _on_written(self, words: str, tone: str) -> None:
        self.wait()
        self._thread = None
        self._taken = []
        self.message_raised.emit(words or "The export was stopped.", tone or "warning")
        self.finished.emit()


class _Stopped(Exception):
    """Nobody wants the file any more."""


class _Stoppable(Sequence[tuple[Cell, ...]]):
    """Rows that refuse to be read on once the export is to stop."""

    def __init__(self, rows: list[tuple[Cell, ...]], stopping: threading.Event) -> None:
        self._rows = rows
        self._stopping = stopping

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: Any) -> Any:
        return self._rows[at]

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        for row in self._rows:
            if self._stopping.is_set():
                raise _Stopped
            yield row
