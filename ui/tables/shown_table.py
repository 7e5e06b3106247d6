"""What a table shows, as data: to be pasted into a spreadsheet, or exported. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Generic, NamedTuple

from ui.tables.columns import Column, Row

# What a spreadsheet would take for a formula (OWASP, "CSV injection") unless it is a plain number.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[-+]?(\d[\d,]*)?\.?\d+%?")


def tsv_cell(text: str) -> str:
    """Return `text` as one field of a table that is pasted into a spreadsheet.

    What would start a formula is made text by a leading apostrophe; breaks and tabs become spaces,
    and a field with quotation marks in it is quoted, lest it swallow its neighbours.
    """
    if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    text = re.sub(r"[\t\r\n]+", " ", text)
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


class ShownRow(NamedTuple):
    """One row: by column what is sorted by (see `Column.value`), and what is on screen."""

    values: tuple[int | str | None, ...]
    texts: tuple[str, ...]


class ShownTable(Generic[Row]):
    """The columns on screen from left to right, and rows from top to bottom, headings left out.

    Attributes:
        columns: their kinds and units tell what the values count.
    """

    def __init__(self, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> None:
        self.columns = tuple(columns)
        self._rows = list(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def titles(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(column.title or column.name for column in self.columns)

    def rows(self) -> Iterator[ShownRow]:
        """Yield the rows, each made when it is asked for: a long export is written in slices."""
        for row in self._rows:
            values = tuple(column.value(row) for column in self.columns)
            yield ShownRow(values, tuple(column.text(row) for column in self.columns))

    def as_tsv(self) -> str:
        """Return titles and rows as a spreadsheet takes them from the clipboard."""
        lines = [[column.title for column in self.columns]]
        lines += [[column.text(row) for column in self.columns] for row in self._rows]
        return "".join("\t".join(map(tsv_cell, line)) + "\n" for line in lines)
