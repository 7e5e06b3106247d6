"""The texts of cells on screen, made once and kept until their row changes. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, NamedTuple

from ui.tables.columns import Row
from ui.tables.filter_query import IntArray
from ui.tables.held_rows import HeldRows

_CACHED_ROWS_MAX: Final = 512


class Cell(NamedTuple):
    """What is painted in a cell: its text, the meaning of its colour, the share a bar fills."""

    text: str
    tone: str | None
    bar: float | None


class CellCache(Generic[Row]):
    """Cells by slot and column, of the rows that were looked at last."""

    def __init__(self, held: HeldRows[Row]) -> None:
        self._held = held
        self._columns = held.columns
        self._cells: dict[int, list[Cell | None]] = {}

    def clear(self) -> None:
        """Forget all cells."""
        self._cells.clear()

    def cell(self, slot: int, column: int) -> Cell:
        """Return one cell of the row at `slot`."""
        cells = self._cells.get(slot)
        if cells is None:
            if len(self._cells) >= _CACHED_ROWS_MAX:
                self._cells.clear()
            cells = self._cells[slot] = [None] * len(self._columns)
        cell = cells[column]
        if cell is None:
            cell = cells[column] = self._make(slot, column)
        return cell

    def renew(self, dirty: IntArray) -> list[tuple[str, int]]:
        """Make the cells of changed rows anew; return (key, column) where the text is another."""
        changed: list[tuple[str, int]] = []
        for slot in dirty.tolist():
            before = self._cells.get(slot)
            if before is None:
                continue
            after = self._cells[slot] = [
                None if cell is None else self._make(slot, column)
                for column, cell in enumerate(before)
            ]
            key = self._held.keys[slot]
            changed.extend(
                (key, column)
                for column, (old, new) in enumerate(zip(before, after, strict=True))
                if old is not None and new is not None and old.text != new.text
            )
        return changed

    def renew_column(self, column: int) -> list[int]:
        """Make the cells of one column anew; return the slots where the text is another."""
        changed = []
        for slot, cells in self._cells.items():
            before = cells[column]
            if before is not None:
                after = cells[column] = self._make(slot, column)
                if after != before:
                    changed.append(slot)
        return changed

    @property
    def slots(self) -> Iterable[int]:
        """The slots of the rows that were looked at last."""
        return self._cells.keys()

    def _make(self, slot: int, column: int) -> Cell:
        row = self._held.row(slot)
        shown = self._columns[column]
        return Cell(
            shown.text(row),
            None if shown.tone is None else shown.tone(row),
            None if shown.bar is None else shown.bar(row),
        )
