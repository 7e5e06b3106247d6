"""The rows that a live table holds, by key and by slot, and what waits to be taken in. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count, islice
from typing import Final, Generic, NamedTuple, cast

import numpy as np

from ui.tables.column_arrays import ColumnArrays
from ui.tables.columns import Column, Row
from ui.tables.filter_query import IntArray

_SPARSE_SLOTS_MIN: Final = 4_096


class Absorbed(NamedTuple):
    """The slots, rising, of rows that were let go, that are new, and that have changed."""

    dropped: IntArray
    added: IntArray
    dirty: IntArray


class HeldRows(Generic[Row]):
    """Rows by key, each at its slot: the place where it arrived, for as long as it is held.

    Attributes:
        columns: what there is to know of a row.
        arrays: the rows and their columns by slot.
        keys: by slot, of rows that were let go too.
        slot_of: by key, of rows that are held.
    """

    def __init__(self, columns: Sequence[Column[Row]], key: Callable[[Row], str]) -> None:
        self.columns = tuple(columns)
        self._key = key
        self.arrays = ColumnArrays(self.columns)
        self.keys: list[str] = []
        self.slot_of: dict[str, int] = {}
        # One number is given to all rows that change together, so none is ever given twice to one.
        self._numbers = count(1)
        self._revisions: IntArray = np.zeros(0, dtype=np.int64)
        self._arriving: dict[str, Row] = {}
        self._touched: set[str] = set()
        self._leaving: set[str] = set()

    # ------------------------------------------------------------------------ what is to come

    @property
    def has_news(self) -> bool:
        """Whether anything waits to be taken in."""
        return bool(self._arriving or self._touched or self._leaving)

    def expect(self, rows: Iterable[Row]) -> None:
        """Note rows that arrive, or take the place of those with their keys."""
        for row in rows:
            key = self._key(row)
            self._arriving[key] = row
            self._leaving.discard(key)

    def expect_change(self, keys: Iterable[str]) -> None:
        """Note that these rows changed in place."""
        self._touched.update(keys)

    def expect_leave(self, keys: Iterable[str]) -> None:
        """Note that these rows go."""
        for key in keys:
            self._arriving.pop(key, None)
            self._leaving.add(key)

    # --------------------------------------------------------------------------- taking it in

    def replace_all(self, rows: Iterable[Row]) -> None:
        """Hold `rows` and nothing else; nothing waits any more."""
        held = list(rows)
        keys = list(map(self._key, held))
        slot_of = dict(zip(keys, range(len(keys)), strict=True))
        if len(slot_of) < len(keys):  # of rows with one key the last counts, at the first's place
            held = list(dict(zip(keys, held, strict=True)).values())
            keys = list(dict.fromkeys(keys))
            slot_of = dict(zip(keys, range(len(keys)), strict=True))
        self._arriving, self._touched, self._leaving = {}, set(), set()
        self.arrays = ColumnArrays(self.columns)
        self.arrays.append(held)
        self.keys, self.slot_of = keys, slot_of
        self._revisions = np.full(len(self.keys), next(self._numbers), dtype=np.int64)

    def absorb(self, most: int | None = None, first: Iterable[int] = ()) -> Absorbed:
        """Take in what waits; of rows that changed in place at most so many, from `first` on.

        What waits longer than the others is seen by nobody, and a window has to answer.
        """
        dropped = [self.slot_of[key] for key in self._leaving if key in self.slot_of]
        touched, self._touched = self._touched, set()
        if most is not None and len(touched) > most:
            taken = {key for slot in first if (key := self.keys[slot]) in touched}
            taken.update(islice(touched - taken, max(0, most - len(taken))))
            self._touched, touched = touched - taken, taken
        dirty = self._changed_in_place(touched)
        fresh: list[Row] = []
        for key, row in self._arriving.items():
            if key not in self.slot_of:
                self.slot_of[key] = len(self.keys)
                self.keys.append(key)
                fresh.append(row)
        added = self.arrays.append(fresh)
        for key in self._leaving:
            self.slot_of.pop(key, None)
        self._arriving, self._leaving = {}, set()
        news = np.full(len(added), next(self._numbers), dtype=np.int64)
        self._revisions = np.concatenate((self._revisions, news))
        return Absorbed(as_slots(dropped), added, dirty)

    def absorb_in_place(self) -> IntArray:
        """Take in only what changed in rows that are held and stay; the rest goes on waiting."""
        dirty = self._changed_in_place(self._touched)
        for key in [key for key in self._arriving if key in self.slot_of]:
            del self._arriving[key]
        self._touched = set()
        return dirty

    def _changed_in_place(self, touched: set[str]) -> IntArray:
        dirty = {
            self.slot_of[key] for key in touched if key in self.slot_of and key not in self._leaving
        }
        for key, row in self._arriving.items():
            slot = self.slot_of.get(key)
            if slot is not None:
                self.arrays.rows[slot] = row
                dirty.add(slot)
        slots = as_slots(dirty)
        self.look_changed(slots)
        self.arrays.refresh(slots)
        return slots

    def look_changed(self, slots: IntArray) -> None:
        """Give the rows at `slots` another revision."""
        self._revisions[slots] = next(self._numbers)

    # --------------------------------------------------------------------------- letting it go

    def let_go(self, dropped: IntArray) -> IntArray | None:
        """Forget the rows at `dropped`; return the slots that stay if gaps were closed.

        They then are at 0, 1, 2, … in that order.
        """
        for slot in dropped.tolist():
            self.arrays.rows[slot] = None
        if len(self.keys) < max(_SPARSE_SLOTS_MIN, 2 * len(self.slot_of)):
            return None
        held = as_slots(self.slot_of.values())
        self.arrays.keep(held)
        self.keys = [self.keys[slot] for slot in held.tolist()]
        self.slot_of = {key: slot for slot, key in enumerate(self.keys)}
        self._revisions = self._revisions[held]
        return held

    # ------------------------------------------------------------------------------- questions

    def revision(self, slot: int) -> int:
        """Return a number that is another whenever the row at `slot` has changed."""
        return self._revisions.item(slot)

    def row(self, slot: int) -> Row:
        """Return the row at `slot`, which is held."""
        return cast("Row", self.arrays.rows[slot])

    def row_for(self, key: str) -> Row | None:
        """Return the row with this key, as it will be once what waits is taken in."""
        if key in self._arriving:
            return self._arriving[key]
        slot = self.slot_of.get(key)
        return None if slot is None or key in self._leaving else self.arrays.rows[slot]

    def slots(self) -> IntArray:
        """Return the slots of all rows that are held, rising."""
        if len(self.slot_of) == len(self.keys):
            return np.arange(len(self.keys), dtype=np.int64)
        return as_slots(self.slot_of.values())


def as_slots(numbers: Iterable[int]) -> IntArray:
    """Return slots as an array, rising."""
    return np.array(sorted(numbers), dtype=np.int64)
