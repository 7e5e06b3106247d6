"""Rows and headings in an arrangement as Qt's views see them, and how they move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Generic

import numpy as np
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from ui import theme
from ui.tables.arrangement import NO_SLOTS, Arrangement, Layout, heading_entry
from ui.tables.cell_cache import Cell, CellCache
from ui.tables.columns import Align, Column, Row
from ui.tables.families import Branch, Families, Nesting
from ui.tables.filter_query import BoolArray, IntArray
from ui.tables.headings import Heading, Headings
from ui.tables.held_rows import HeldRows
from ui.tables.totals import Figure

VALUE_ROLE: Final = int(Qt.ItemDataRole.UserRole)
KEY_ROLE: Final = VALUE_ROLE + 1

# Above this many separate runs of rows that come or go, one change of layout costs less.
_RUNS_MAX: Final = 16

_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_FOREGROUND: Final = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT: Final = int(Qt.ItemDataRole.TextAlignmentRole)
_TOOL_TIP: Final = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE: Final = int(Qt.ItemDataRole.AccessibleTextRole)
CHANGED_ROLES: Final = [_DISPLAY, _FOREGROUND, VALUE_ROLE]

_Flag = Qt.ItemFlag
_HEADING_FLAGS: Final = _Flag.ItemIsEnabled | _Flag.ItemNeverHasChildren
_ROW_FLAGS: Final = _HEADING_FLAGS | _Flag.ItemIsSelectable
_EDIT_FLAGS: Final = _ROW_FLAGS | _Flag.ItemIsEditable

# PySide takes the overload without arguments unless told which one.
_LAYOUT_SIGNATURE: Final = (
    "QList<QPersistentModelIndex>",
    "QAbstractItemModel::LayoutChangeHint",
)

ALIGNMENTS: Final = {
    Align.LEFT: Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    Align.RIGHT: Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    Align.CENTRE: Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
}

ROOT: Final = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class ArrangedModel(QAbstractTableModel, Generic[Row]):
    """A table of what an `Arrangement` shows; a `LiveTableModel` keeps it up to date.

    Attributes:
        columns: what is shown of a row, in logical order.

    Signals:
        rearranging: rows are about to come, go or move through live changes.
        rearranged: they have.
    """

    rearranging = Signal()
    rearranged = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        parent: QObject | None,
        nesting: Nesting | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._held = HeldRows(self.columns, key)
        self._cells = CellCache(self._held)
        # What is shown: whether each slot is, how, and the entries from the top row to the last.
        self._is_shown: BoolArray = np.zeros(0, dtype=np.bool_)
        self._arrangement: Arrangement[Row] = Arrangement()
        self._families = Families(self._held, self._arrangement, nesting)
        self._headings = Headings(self._held, self._arrangement, self._families)
        self._order: IntArray = NO_SLOTS
        self._rows: IntArray | None = None  # by slot, once asked for; see `row_of_key`

    # ---------------------------------------------------------------------------- questions

    @property
    def visible_count(self) -> int:
        """How many rows pass the filter, those in collapsed groups too."""
        if self._families.is_tree:
            return int(np.count_nonzero(self._families.passes))
        return len(self._headings.layout.members)

    @property
    def sort_column(self) -> int:
        """The column sorted by, -1 for none."""
        return self.column_index(self._arrangement.sort_name)

    @property
    def sort_order(self) -> Qt.SortOrder:
        """Which way it is sorted."""
        is_descending = self._arrangement.is_descending
        return Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder

    @property
    def group_name(self) -> str | None:
        """The name of the column that rows are grouped by, None for none."""
        return self._arrangement.group_name or None

    @property
    def collapsed_groups(self) -> frozenset[str]:
        """The case-folded texts of the groups that are folded away."""
        return frozenset(self._arrangement.collapsed)

    @property
    def is_tree(self) -> bool:
        """Whether rows are shown under those that they belong to."""
        return self._families.is_tree

    @property
    def folded_keys(self) -> frozenset[str]:
        """The keys of the rows under which all is folded away, held or not yet."""
        return frozenset(self._families.folded)

    @property
    def once_count(self) -> int:
        """How many rows that pass the filter no total counts, as the row they belong to does."""
        return self._headings.once_count()

    def branch_at(self, row: int) -> Branch | None:
        """Return how `row` stands in the tree; None for a heading, or without a tree."""
        entry = self._order.item(row) if 0 <= row < len(self._order) else -1
        if entry < 0 or not self._families.is_tree:
            return None
        return self._families.branch(entry, self._headings.layout.members)

    def parent_row(self, row: int) -> int:
        """Return the row that `row` is shown under, -1 for none."""
        entry = self._order.item(row) if 0 <= row < len(self._order) else -1
        above = self._families.parent_of(entry) if entry >= 0 else -1
        return self.row_of_key(self._held.keys[above]) if above >= 0 else -1

    def heading_at(self, row: int) -> Heading | None:
        """Return the heading that stands in row `row`; None where a row does, or nothing."""
        entry = self._order.item(row) if 0 <= row < len(self._order) else 0
        return self._headings.heading(heading_entry(entry)) if entry < 0 else None

    def heading_above(self, row: int) -> int:
        """Return the row of the heading that `row` stands under, -1 for none."""
        above = np.flatnonzero(self._order[: row + 1] < 0)
        return int(above[-1]) if len(above) else -1

    def total(self, column: int) -> Figure | None:
        """Return what a column totals over the rows that pass the filter."""
        return self._headings.figure(None, column)

    def subtotal(self, row: int, column: int) -> Figure | None:
        """Return what a column totals over the rows under the heading in row `row`."""
        return self._headings.figure(heading_entry(self._order.item(row)), column)

    def row_at(self, row: int) -> Row:
        """Return what is shown in row `row`; raises `IndexError`, for a heading too."""
        return self._held.row(self._slot_at(row))

    def key_at(self, row: int) -> str:
        """Return the key of the row, or heading, in row `row`; raises `IndexError`."""
        if row >= 0 and (entry := self._order.item(row)) < 0:
            return self._headings.heading(heading_entry(entry)).key
        return self._held.keys[self._slot_at(row)]

    def revision_at(self, row: int) -> int:
        """Return a number that is another whenever the row in row `row` has changed."""
        return self._held.revision(self._slot_at(row))

    def row_of_key(self, key: str) -> int:
        """Return the row in which `key` is shown, -1 where it isn't."""
        slot = self._held.slot_of.get(key)
        if slot is None:
            found = np.flatnonzero(self._order == self._headings.entry_of_key(key))
            return int(found[0]) if len(found) else -1
        if self._rows is None:
            self._rows = np.full(len(self._held.keys), -1, dtype=np.int64)
            places = np.flatnonzero(self._order >= 0)
            self._rows[self._order[places]] = places
        return self._rows.item(slot) if slot < len(self._rows) else -1

    def visible_rows(self) -> Iterator[Row]:
        """Yield the rows that pass the filter in their order, those that are folded away too.

        In a tree with the rows that are shown for their family's sake.
        """
        return map(self._held.row, self._headings.layout.members.tolist())

    def passing_rows(self) -> list[Row]:
        """Return the rows that pass the filter, without those shown for their family's sake."""
        members = self._families.passing(self._headings.layout.members)
        return list(map(self._held.row, members.tolist()))

    def column_index(self, name: str) -> int:
        """Return where the column called `name` is, -1 where there is none."""
        return next((i for i, column in enumerate(self.columns) if column.name == name), -1)

    def cell(self, row: int, column: int) -> Cell:
        """Return what is painted at `row`, `column`; made once, kept until the row changes."""
        entry = self._order.item(row)
        if entry < 0:
            return self._headings.cell(heading_entry(entry), column)
        return self._cells.cell(entry, column)

    def _slot_at(self, row: int) -> int:
        # An invalid index has row -1; it must not mean the last order of the list.
        slot = self._order.item(row) if row >= 0 else -1
        if slot < 0:
            raise IndexError(row)
        return slot

    # ------------------------------------------------------------------------ Qt's questions

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many rows and headings are on screen or could be scrolled there."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = ROOT) -> int:
        """How many columns there are, hidden ones too."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that rows can be selected, headings only be walked over, some cells edited."""
        row = index.row()
        if not 0 <= row < len(self._order):
            return _Flag.NoItemFlags
        entry = self._order.item(row)
        if entry < 0:
            return _HEADING_FLAGS
        edit = self.columns[index.column()].edit
        can_edit = edit is not None and edit.allowed(self._held.row(entry))
        return _EDIT_FLAGS if can_edit else _ROW_FLAGS

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return one aspect of a cell; `VALUE_ROLE` and `KEY_ROLE` beside Qt's."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == _DISPLAY:
            return self.cell(row, column).text
        if role == _FOREGROUND:
            tone = self.cell(row, column).tone
            return theme.brush(tone) if tone else None
        if role == _ALIGNMENT:
            return ALIGNMENTS[self.columns[column].align]
        if role == _ACCESSIBLE:
            heading = self.heading_at(row)
            if heading is not None:
                return heading.spoken
            branch = self.branch_at(row)
            spoken = f", {branch.spoken}" if branch is not None and branch.spoken else ""
            return f"{self.columns[column].title}: {self.cell(row, column).text}{spoken}"
        if role == VALUE_ROLE:
            is_heading = self._order.item(row) < 0
            return None if is_heading else self.columns[column].value(self.row_at(row))
        if role == KEY_ROLE:
            return self.key_at(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return a heading, its alignment or its help; an arrow marks the column sorted by."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            # In the text, where it can't cover the figures' heading as the style's arrow does.
            arrow = "↓" if self._arrangement.is_descending else "↑"
            is_sorted = column.name == self._arrangement.sort_name
            return f"{column.title} {arrow}" if is_sorted else column.title
        if role == _ALIGNMENT:
            return ALIGNMENTS[column.align]
        if role == _TOOL_TIP:
            return column.help or column.title
        return None

    # --------------------------------------------------------------------------- the layout

    def _whole_layout(self) -> Layout:
        """Return the layout of all that passes the filter, sorted from scratch."""
        arrays = self._held.arrays
        return self._arrangement.laid_out(arrays, self._arrangement.ordered(arrays, self._is_shown))

    def _relaid(self) -> Layout:
        """Return the layout of the same rows in the same order, under other folds."""
        return self._arrangement.laid_out(self._held.arrays, self._headings.layout.members)

    def _set_layout(self, layout: Layout) -> None:
        self._headings.set_layout(layout)
        self._set_order(layout.entries)

    def _set_order(self, order: IntArray) -> None:
        self._families.forget_counts()
        self._order = order
        self._rows = None

    def _show_layout(self, layout: Layout, *, is_live: bool = True) -> None:
        """Show `layout`, moving no more than must be; `is_live` false if a person asked for it."""
        before, after = self._order, layout.entries
        if np.array_equal(before, after):
            self._set_layout(layout)  # groups may have other rows, folded away
            return
        size = len(self._held.keys)
        was, now = _numbered(before, size), _numbered(after, size)
        most = max(int(was.max(initial=-1)), int(now.max(initial=-1))) + 1
        is_gone, is_new = ~flagged(most, now)[was], ~flagged(most, was)[now]
        leaving, entering = runs(np.flatnonzero(is_gone)), runs(np.flatnonzero(is_new))
        is_in_place = np.array_equal(before[~is_gone], after[~is_new])
        if is_live:
            self.rearranging.emit()
        if is_in_place and len(leaving) + len(entering) <= _RUNS_MAX:
            self._headings.set_layout(layout)
            self._step_by_step(after, leaving, entering)
        else:
            self._lay_out(layout)
        if is_live:
            self.rearranged.emit()

    def _step_by_step(
        self, after: IntArray, leaving: list[tuple[int, int]], entering: list[tuple[int, int]]
    ) -> None:
        """Take out and put in runs of rows one by one, so that views move only what they must."""
        for first, last in reversed(leaving):
            self.beginRemoveRows(ROOT, first, last)
            self._set_order(np.delete(self._order, slice(first, last + 1)))
            self.endRemoveRows()
        for first, last in entering:
            self.beginInsertRows(ROOT, first, last)
            self._set_order(np.insert(self._order, first, after[first : last + 1]))
            self.endInsertRows()

    def _lay_out(self, layout: Layout, *, is_regrouped: bool = False) -> None:
        """Show `layout` in one go; selections follow their rows.

        `is_regrouped` says that no heading now is the one with the same code before.
        """
        if not is_regrouped and np.array_equal(self._order, layout.entries):
            self._set_layout(layout)
            return
        hint = QAbstractItemModel.LayoutChangeHint.VerticalSortHint
        self.layoutAboutToBeChanged[*_LAYOUT_SIGNATURE].emit([], hint)  # type: ignore[index]
        indexes = self.persistentIndexList()
        size = len(self._held.keys)
        was, now = _numbered(self._order, size), _numbered(layout.entries, size)
        most = max(int(was.max(initial=-1)), int(now.max(initial=-1))) + 1
        if is_regrouped:
            was = np.where(self._order < 0, most, was)
        self._set_layout(layout)
        if indexes:
            rows = np.full(most + 1, -1, dtype=np.int64)
            rows[now] = np.arange(len(now))
            # Row -1 makes an index that is not valid: the row is no longer shown.
            moved = [
                self.index(rows.item(was.item(index.row())), index.column()) for index in indexes
            ]
            self.changePersistentIndexList(indexes, moved)
        self.layoutChanged[*_LAYOUT_SIGNATURE].emit([], hint)  # type: ignore[index]


def _numbered(entries: IntArray, size: int) -> IntArray:
    """Return entries as numbers from 0: those of headings come after the `size` slots."""
    return np.where(entries < 0, size - 1 - entries, entries)


def flagged(size: int, slots: IntArray) -> BoolArray:
    """Return an array that is true at `slots`, shape (size,)."""
    marks: BoolArray = np.zeros(size, dtype=np.bool_)
    marks[slots] = True
    return marks


def runs(rows: IntArray) -> list[tuple[int, int]]:
    """Return rising `rows` as contiguous runs (first, last)."""
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts = rows[np.concatenate(([0], breaks + 1))]
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
