"""Columns of rows as numpy arrays, built when first asked for and kept up row by row. No Qt.

A row keeps its slot, the place where it first arrived, for as long as it is held; so slots in
rising order are the order of arrival. Text columns are dictionary-coded: a distinct text is stored,
ranked and searched once, however many rows hold it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Generic

import numpy as np

from ui.tables.columns import Column, Kind, Row
from ui.tables.filter_query import NOTHING, VALUE_MAX, VALUE_MIN, BoolArray, IntArray


class _Numbers(Generic[Row]):
    """A column of numbers by slot, `NOTHING` where there is none."""

    def __init__(self, value: Callable[[Row], int | str | None]) -> None:
        self._value = value
        self.array: IntArray = np.empty(0, dtype=np.int64)
        self.read_to = 0  # slots below this one have been read

    def put(self, slots: IntArray, rows: Sequence[Row], size: int) -> None:
        """Take the values of `rows`, which are at `slots`, into an array of at least `size`."""
        self.array = _grown(self.array, size)
        values = list(map(self._value, rows))
        if None not in values:
            listed = values
        else:
            listed = [NOTHING if value is None else value for value in values]
        try:
            self.array[slots] = np.array(listed, dtype=np.int64)
        except OverflowError:
            # Beyond 64 bits only the order of the largest among each other is lost.
            self.array[slots] = [
                value if value == NOTHING else min(max(int(value or 0), VALUE_MIN), VALUE_MAX)
                for value in listed
            ]

    def keys(self) -> IntArray:
        """Return numbers to sort by, by slot."""
        return self.array

    def keep(self, slots: IntArray) -> None:
        """Drop all but `slots`, which become 0, 1, 2, …"""
        self.array = self.array[slots]
        self.read_to = int(np.searchsorted(slots, self.read_to))


class _Texts(Generic[Row]):
    """A column of case-folded texts by slot, as codes of distinct texts; "" where there is none."""

    def __init__(self, value: Callable[[Row], int | str | None]) -> None:
        self._value = value
        self.array: IntArray = np.empty(0, dtype=np.int64)
        self.read_to = 0  # slots below this one have been read
        self.texts: list[str] = []
        self._code_of: dict[str, int] = {}
        self._code_of_value: dict[int | str | None, int] = {}
        self._sorted: list[str] = []
        self._ranks: IntArray = np.empty(0, dtype=np.int64)

    def put(self, slots: IntArray, rows: Sequence[Row], size: int) -> None:
        """Take the texts of `rows`, which are at `slots`, into an array of at least `size`."""
        self.array = _grown(self.array, size)
        values = list(map(self._value, rows))
        # Most values have been seen before: one look-up, without folding case again.
        for value in dict.fromkeys(values):
            if value not in self._code_of_value:
                self._code_of_value[value] = self._code(value)
        self.array[slots] = list(map(self._code_of_value.__getitem__, values))

    def _code(self, value: int | str | None) -> int:
        text = "" if value is None else str(value).casefold()
        code = self._code_of.get(text)
        if code is None:
            code = self._code_of[text] = len(self.texts)
            self.texts.append(text)
        return code

    def code_of(self, text: str) -> int:
        """Return the code of a case-folded text, -1 for one that was never seen."""
        return self._code_of.get(text, -1)

    def keys(self) -> IntArray:
        """Return the ranks of the texts, by slot; `NOTHING` for ""."""
        ranks = self._ranked()
        empty = self._code_of.get("")
        if empty is not None:
            ranks = ranks.copy()
            ranks[empty] = NOTHING
        return ranks[self.array] if len(ranks) else self.array

    def keep(self, slots: IntArray) -> None:
        """Drop all but `slots`, which become 0, 1, 2, …"""
        self.array = self.array[slots]
        self.read_to = int(np.searchsorted(slots, self.read_to))

    def _ranked(self) -> IntArray:
        """Return the rank of each code, ranking only the texts that are new since the last call."""
        known = len(self._ranks)
        count = len(self.texts)
        fresh = sorted(range(known, count), key=self.texts.__getitem__)
        if len(fresh) > max(64, known // 8):
            order = sorted(range(count), key=self.texts.__getitem__)
            self._sorted = [self.texts[code] for code in order]
            self._ranks = np.empty(count, dtype=np.int64)
            self._ranks[order] = np.arange(count)
        elif fresh:
            at = np.array([bisect_left(self._sorted, self.texts[code]) for code in fresh])
            # Each new text moves up by one all that stood at its place or after it.
            moved = self._ranks + np.searchsorted(at, self._ranks, side="right")
            self._ranks = np.concatenate((moved, np.empty(len(fresh), dtype=np.int64)))
            self._ranks[fresh] = at + np.arange(len(at))
            for offset, (place, code) in enumerate(zip(at.tolist(), fresh, strict=True)):
                self._sorted.insert(place + offset, self.texts[code])
        return self._ranks


class ColumnArrays(Generic[Row]):
    """Rows by slot, and those of their columns that were asked for, as arrays.

    Attributes:
        rows: by slot; None where the row was dropped.
    """

    def __init__(self, columns: Sequence[Column[Row]]) -> None:
        self._columns = {column.name: column for column in columns}
        self.rows: list[Row | None] = []
        self._values: dict[str, _Numbers[Row] | _Texts[Row]] = {}
        self._shown: dict[str, _Texts[Row]] = {}
        self._renewing: dict[str, int] = {}  # up to which slot a column has been read again

    def append(self, rows: Iterable[Row]) -> IntArray:
        """Hold `rows` after those that are held; return their slots."""
        first = len(self.rows)
        self.rows.extend(rows)
        return np.arange(first, len(self.rows), dtype=np.int64)

    def refresh(self, slots: IntArray) -> None:
        """Read the rows at `slots` again, into the columns that are kept."""
        for kept in (*self._values.values(), *self._shown.values()):
            stale = slots[slots < kept.read_to]
            if len(stale):
                rows = [row for slot in stale.tolist() if (row := self.rows[slot]) is not None]
                kept.put(stale, rows, kept.read_to)

    def read_ahead(self, count: int) -> bool:
        """Read `count` more rows of a column that a search or sort needs; whether there is more.

        The first search for a word reads every text column of every row, a fifth of a second for
        100,000 rows, and the first sort by a column reads that; read in idle moments instead,
        either takes a hundredth.
        """
        for column in self._columns.values():
            kept: _Numbers[Row] | _Texts[Row] | None = None
            if column.kind is Kind.TEXT:
                kept = self._shown_column(column.name)
            if kept is None or kept.read_to >= len(self.rows):
                kept = self._values_of(column.name)
            if kept.read_to < len(self.rows):
                self._read(kept, kept.read_to + count)
                return True
        return False

    def begin_renewal(self, name: str) -> None:
        """Note that all rows of a column are to be read again; see `renew`."""
        self._renewing[name] = 0

    @property
    def is_renewing(self) -> bool:
        """Whether `renew` has anything to do."""
        return bool(self._renewing)

    def renew(self, count: int) -> str:
        """Read `count` rows of a column again that is to be renewed; return its name once done."""
        name, start = next(iter(self._renewing.items()))
        read = [kept[name] for kept in (self._values, self._shown) if name in kept]
        end = max((kept.read_to for kept in read), default=0)
        for kept in read:
            stop = min(start + count, kept.read_to)
            rows = [row for row in self.rows[start:stop] if row is not None]
            slots = np.flatnonzero([row is not None for row in self.rows[start:stop]]) + start
            kept.put(slots, rows, kept.read_to)
        self._renewing[name] = start + count
        if start + count < end:
            return ""
        del self._renewing[name]
        return name

    def keep(self, slots: IntArray) -> None:
        """Forget all rows but those at `slots` (rising), which get the slots 0, 1, 2, …"""
        self.rows = [self.rows[slot] for slot in slots.tolist()]
        for kept in (*self._values.values(), *self._shown.values()):
            kept.keep(slots)
        self._renewing = dict.fromkeys(self._renewing, 0)  # what was read has moved

    def sort_keys(self, name: str, is_descending: bool) -> IntArray:
        """Return integers by slot that sort as the column does; what is nothing comes last."""
        keys = self._value_column(name).keys()
        if is_descending:
            return np.where(keys == NOTHING, VALUE_MAX + 1, -keys)
        return np.where(keys == NOTHING, VALUE_MAX + 1, keys)

    def cells(self, slots: IntArray) -> CellsAt[Row]:
        """Return the cells of the rows at `slots`, for a filter."""
        return CellsAt(self, slots)

    def numbers(self, name: str) -> IntArray:
        """Return a column's numbers by slot."""
        return self._value_column(name).array

    def texts(self, name: str) -> tuple[IntArray, Sequence[str]]:
        """Return a column's codes by slot and the case-folded values they stand for."""
        kept = self._value_column(name)
        assert isinstance(kept, _Texts)
        return kept.array, kept.texts

    def code_of(self, name: str, text: str) -> int:
        """Return the code of a case-folded text in a column of texts, -1 for one never seen."""
        kept = self._value_column(name)
        assert isinstance(kept, _Texts)
        return kept.code_of(text)

    def shown(self, name: str) -> tuple[IntArray, Sequence[str]]:
        """Return a column's codes by slot and the case-folded texts on screen they stand for."""
        kept = self._shown_column(name)
        self._read(kept, len(self.rows))
        return kept.array, kept.texts

    def _shown_column(self, name: str) -> _Texts[Row]:
        kept = self._shown.get(name)
        if kept is None:
            kept = self._shown[name] = _Texts(self._columns[name].text)
        return kept

    def _value_column(self, name: str) -> _Numbers[Row] | _Texts[Row]:
        kept = self._values_of(name)
        self._read(kept, len(self.rows))
        return kept

    def _values_of(self, name: str) -> _Numbers[Row] | _Texts[Row]:
        kept = self._values.get(name)
        if kept is None:
            column = self._columns[name]
            made = _Numbers(column.value) if column.kind.is_number else _Texts(column.value)
            kept = self._values[name] = made
        return kept

    def _read(self, kept: _Numbers[Row] | _Texts[Row], end: int) -> None:
        """Read the rows that `kept` has not read yet, up to slot `end`."""
        start, end = kept.read_to, min(end, len(self.rows))
        if start >= end:
            return
        new = self.rows[start:end]
        rows = [row for row in new if row is not None]
        slots = np.arange(start, end, dtype=np.int64)
        if len(rows) < len(new):
            slots = slots[[row is not None for row in new]]
        kept.put(slots, rows, end)
        kept.read_to = end


class CellsAt(Generic[Row]):
    """The cells of some rows, by column (see `filter_query.Cells`)."""

    def __init__(self, arrays: ColumnArrays[Row], slots: IntArray) -> None:
        self._arrays = arrays
        self._slots = slots

    def numbers(self, name: str) -> IntArray:
        """Return a column's numbers, shape (n,)."""
        return self._arrays.numbers(name)[self._slots]

    def texts(self, name: str) -> tuple[IntArray, Sequence[str]]:
        """Return codes, shape (n,), and the case-folded values they stand for."""
        codes, texts = self._arrays.texts(name)
        return codes[self._slots], texts

    def shown(self, name: str) -> tuple[IntArray, Sequence[str]]:
        """Return codes, shape (n,), and the case-folded texts on screen they stand for."""
        codes, texts = self._arrays.shown(name)
        return codes[self._slots], texts


def _grown(array: IntArray, size: int) -> IntArray:
    """Return `array` with room for `size`, half as much again when it has to grow."""
    if len(array) >= size:
        return array
    roomy = np.zeros(size + size // 2, dtype=np.int64)
    roomy[: len(array)] = array
    return roomy


def sorted_slots(shown: BoolArray, keys: IntArray) -> IntArray:
    """Return the slots where `shown`, by key and, among equal keys, by arrival."""
    slots = np.flatnonzero(shown)
    return slots[np.argsort(keys[slots], kind="stable")]


def merged(kept: IntArray, incoming: IntArray, keys: IntArray) -> IntArray:
    """Return `kept` (in order) with `incoming` (in any) put in by key and, among equals, by slot.

    A few rows find their places by bisection; sorting all again would cost 30 times as much.
    """
    if len(incoming) * 4 > len(kept):
        both = np.concatenate((kept, incoming))
        return both[np.lexsort((both, keys[both]))]
    incoming = incoming[np.lexsort((incoming, keys[incoming]))]
    kept_keys = keys[kept]
    low = np.searchsorted(kept_keys, keys[incoming], side="left")
    high = np.searchsorted(kept_keys, keys[incoming], side="right")
    # Among equal keys a newcomer mostly comes last; only one that moved needs a closer look.
    at = np.where((high > low) & (incoming > kept[high - 1]), high, low)
    for place in np.flatnonzero((high > low) & (at == low)).tolist():
        ties = kept[low[place] : high[place]]
        at[place] += np.searchsorted(ties, incoming[place])
    return np.insert(kept, at, incoming)
