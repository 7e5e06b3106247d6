"""Totals over some rows of a table, exact in integers of any size, from numpy's columns. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, NamedTuple

import numpy as np

from ui.tables.column_arrays import ColumnArrays
from ui.tables.columns import Column, Row, Total, TotalKind
from ui.tables.filter_query import NOTHING, IntArray

MIXED: Final = "mixed"
_UNITS_TOLD: Final = 12

# Limbs of 21 bits: products of two have 42, so two million of them add up in 63.
_LIMB: Final = 21
_LIMB_MASK: Final = (1 << _LIMB) - 1
_DOT_ROWS_MAX: Final = 1 << 20


class Figure(NamedTuple):
    """A total: what is shown, the number if it is one, and a line a unit when there are several."""

    text: str
    value: int | None
    lines: tuple[str, ...] = ()


def exact_sum(values: IntArray) -> int:
    """Return the sum of 64-bit numbers, which itself may need more bits."""
    high, low = values >> 32, values & 0xFFFF_FFFF
    return (int(high.sum()) << 32) + int(low.sum())


def exact_dot(left: IntArray, right: IntArray) -> int:
    """Return Σ left × right, exactly."""
    total = 0
    for start in range(0, len(left), _DOT_ROWS_MAX):
        lefts = _limbs(left[start : start + _DOT_ROWS_MAX])
        rights = _limbs(right[start : start + _DOT_ROWS_MAX])
        for i, one in enumerate(lefts):
            for j, other in enumerate(rights):
                total += int(np.dot(one, other)) << (_LIMB * (i + j))
    return total


def _limbs(values: IntArray) -> list[IntArray]:
    """Return `values` cut into limbs, the lowest first; only the last carries a sign."""
    widest = int(np.abs(values).max(initial=0))
    limbs = [values & _LIMB_MASK, (values >> _LIMB) & _LIMB_MASK, values >> (2 * _LIMB)]
    if widest >> _LIMB == 0:
        return [values]
    return [limbs[0], values >> _LIMB] if widest >> (2 * _LIMB) == 0 else limbs


def rounded_ratio(part: int, whole: int) -> int:
    """Return part / whole, rounded half up; `whole` is positive."""
    return (2 * part + whole) // (2 * whole)


class Totals(Generic[Row]):
    """Works out what columns total, over rows given by slot."""

    def __init__(self, columns: Sequence[Column[Row]], arrays: ColumnArrays[Row]) -> None:
        self._known = {column.name for column in columns}
        self._arrays = arrays

    def figure(self, column: Column[Row], slots: IntArray) -> Figure | None:
        """Return what `column` totals over the rows at `slots`; None for not at all."""
        total = column.total
        if total is None or not len(slots):
            return None
        if total.kind is TotalKind.COUNT:
            return self._figure_of(total, self._count(column, slots))
        values = self._arrays.numbers(column.name)[slots]
        has_value = values != NOTHING
        values, slots = values[has_value], slots[has_value]
        if not len(slots):
            return None
        if not total.unit or total.unit not in self._known:
            return self._figure_of(total, self._number(total, values, slots))
        return self._by_unit(total, values, slots)

    def _by_unit(self, total: Total, values: IntArray, slots: IntArray) -> Figure | None:
        codes, units = self._arrays.texts(total.unit)
        of_rows = codes[slots]
        first = int(of_rows[0])
        if (of_rows == first).all():
            return self._figure_of(total, self._number(total, values, slots))
        lines = []
        present = np.unique(of_rows).tolist()
        for code in sorted(present, key=units.__getitem__)[:_UNITS_TOLD]:
            in_unit = of_rows == code
            number = self._number(total, values[in_unit], slots[in_unit])
            if number is not None:
                lines.append(f"{units[code].upper() or 'none'} {total.text(number)}")
        if len(present) > _UNITS_TOLD:
            lines.append(f"and {len(present) - _UNITS_TOLD} more")
        return Figure(MIXED, None, tuple(lines))

    def _number(self, total: Total, values: IntArray, slots: IntArray) -> int | None:
        if total.kind is TotalKind.SUM:
            return exact_sum(values)
        if not total.weight:
            return rounded_ratio(exact_sum(values), len(values))
        weights = self._arrays.numbers(total.weight)[slots]
        weights = np.where(weights == NOTHING, 0, weights)
        whole = exact_sum(weights)
        return rounded_ratio(exact_dot(values, weights), whole) if whole > 0 else None

    def _count(self, column: Column[Row], slots: IntArray) -> int:
        if column.kind.is_number:
            return int((self._arrays.numbers(column.name)[slots] != NOTHING).sum())
        codes, texts = self._arrays.texts(column.name)
        filled = np.array([bool(text) for text in texts], dtype=np.bool_)
        return int(filled[codes[slots]].sum())

    @staticmethod
    def _figure_of(total: Total, number: int | None) -> Figure | None:
        return None if number is None else Figure(total.text(number), number)
