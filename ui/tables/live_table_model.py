"""The model behind every live table: rows that change in place, sorted and filtered right here.

No proxy stands between model and view: a `QSortFilterProxyModel` takes seconds where an array of
row numbers takes milliseconds (CONTRIBUTING.md has the figures). Changes are collected; the first
after a quiet period is applied at once, the others together when the throttle says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Generic, NamedTuple, cast

import numpy as np
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
    Slot,
)

from ui import theme
from ui.tables.column_arrays import ColumnArrays, merged, sorted_slots
from ui.tables.columns import Align, Column, Row
from ui.tables.filter_query import BoolArray, FilterQuery, IntArray
from ui.tables.throttle import Throttle

FLUSH_MS: Final = 40
FLUSH_BURST: Final = 8  # what one order changes from sent to filled, and some
VALUE_ROLE: Final = int(Qt.ItemDataRole.UserRole)
KEY_ROLE: Final = VALUE_ROLE + 1

# Above this many separate runs of rows that come or go, one change of layout costs less.
_RUNS_MAX: Final = 16
_CACHED_ROWS_MAX: Final = 512
_SPARSE_SLOTS_MIN: Final = 4_096
_AGES_CHECKED_MS: Final = 1_000
_READ_AHEAD_ROWS: Final = 10_000

_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_FOREGROUND: Final = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT: Final = int(Qt.ItemDataRole.TextAlignmentRole)
_TOOL_TIP: Final = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE: Final = int(Qt.ItemDataRole.AccessibleTextRole)
_CHANGED_ROLES: Final = [_DISPLAY, _FOREGROUND, VALUE_ROLE]

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

_NO_SLOTS: Final[IntArray] = np.empty(0, dtype=np.int64)
_ROOT: Final = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class Cell(NamedTuple):
    """What is painted in a cell: its text, the meaning of its colour, the share a bar fills."""

    text: str
    tone: str | None
    bar: float | None


class LiveTableModel(QAbstractTableModel, Generic[Row]):
    """Rows by key, as a table that sorts and filters itself.

    What `upsert`, `touch` and `remove` are told is applied at the next flush; until then every
    question is answered as before. Rows are shared, not copied: change one in place, then `touch`.

    Attributes:
        columns: what is shown of a row, in logical order.
        throttle: says when changes are applied; `throttle.delay_ms = 0` applies each at once.

    Signals:
        counts_changed: `visible_count` or `total_count` may have changed.
        cells_changed: texts that were on screen have changed; carries `[(key, column), …]`.
        rearranging: rows are about to come, go or move through live changes.
        rearranged: they have.
    """

    counts_changed = Signal()
    cells_changed = Signal(object)
    rearranging = Signal()
    rearranged = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        parent: QObject | None = None,
        *,
        clock: Callable[[], int] = time.time_ns,
        flush_ms: int = FLUSH_MS,
        flush_burst: int = FLUSH_BURST,
    ) -> None:
        """`key` names a row; `clock` (nanoseconds UTC) is what ages are counted back from."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key = key
        self._clock = clock
        self.throttle = Throttle(self._on_throttle_opened, flush_ms, self, burst=flush_burst)
        self._is_held = False
        self._is_flushing = False
        # What is held, by slot: order of arrival.
        self._arrays = ColumnArrays(self.columns)
        self._keys: list[str] = []
        self._slot_of: dict[str, int] = {}
        # What is shown: whether each slot is, and the slots from the top row to the last.
        self._is_shown: BoolArray = np.zeros(0, dtype=np.bool_)
        self._order: IntArray = _NO_SLOTS
        self._query: FilterQuery[Row] | None = None
        self._sort_column = -1
        self._sort_order = Qt.SortOrder.AscendingOrder
        # What waits for the next flush.
        self._arriving: dict[str, Row] = {}
        self._touched: set[str] = set()
        self._leaving: set[str] = set()
        self._cells: dict[int, list[Cell | None]] = {}
        self._ages = QTimer(self)
        self._ages.setInterval(_AGES_CHECKED_MS)
        self._ages.timeout.connect(self._on_ages_grown)
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._on_idle)

    # ------------------------------------------------------------------ what the owner says

    def upsert(self, rows: Iterable[Row], *, at_once: bool = True) -> None:
        """Hold `rows`; one whose key is held already takes that row's place.

        `at_once` false is for what nobody waits to see: it comes with the next flush.
        """
        for row in rows:
            key = self._key(row)
            self._arriving[key] = row
            self._leaving.discard(key)
        if at_once:
            self._request()
        elif not self._is_held:
            self.throttle.request_later()

    def touch(self, keys: Iterable[str]) -> None:
        """Say that these rows changed in place; keys that are not held are ignored."""
        self._touched.update(keys)
        self._request()

    def remove(self, keys: Iterable[str]) -> None:
        """Let go of the rows with these keys; keys that are not held are ignored."""
        for key in keys:
            self._arriving.pop(key, None)
            self._leaving.add(key)
        self._request()

    def reset(self, rows: Iterable[Row]) -> None:
        """Hold `rows` and nothing else, at once. Sort and filter stay."""
        by_key = {self._key(row): row for row in rows}
        self.rearranging.emit()
        self.beginResetModel()
        self._arriving.clear()
        self._touched.clear()
        self._leaving.clear()
        self._cells.clear()
        self._arrays = ColumnArrays(self.columns)
        self._arrays.append(by_key.values())
        self._keys = list(by_key)
        self._slot_of = {key: slot for slot, key in enumerate(self._keys)}
        self._is_shown = np.ones(len(self._keys), dtype=np.bool_)
        self._is_shown = self._passing(np.arange(len(self._keys)))
        self._order = sorted_slots(self._is_shown, self._sort_keys())
        self.endResetModel()
        self.rearranged.emit()
        self.counts_changed.emit()
        self._idle.start()

    def set_filter(self, query: FilterQuery[Row] | None) -> None:
        """Show only the rows that `query` passes; None shows all."""
        self.flush()
        self._query = query
        if query is not None and query.needs_now:
            self._ages.start()
        else:
            self._ages.stop()
        self._filter_all()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by `column`, rows that have nothing there last; -1 is the order of arrival."""
        self.flush()
        self._sort_column = column if column < len(self.columns) else -1
        self._sort_order = order
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self._lay_out(sorted_slots(self._is_shown, self._sort_keys()))

    def set_held(self, is_held: bool) -> None:
        """Hold changes back while nobody looks, or apply what came meanwhile."""
        self._is_held = is_held
        if not is_held:
            self._request()

    def flush(self) -> None:
        """Apply what waits, now."""
        if self._is_flushing or not self._has_news:
            return
        self._is_flushing = True
        try:
            self._flush()
        finally:
            self._is_flushing = False
        if self._has_news:
            self.throttle.request_later()

    # ---------------------------------------------------------------------------- questions

    @property
    def visible_count(self) -> int:
        """How many rows pass the filter."""
        return len(self._order)

    @property
    def total_count(self) -> int:
        """How many rows are held."""
        return len(self._slot_of)

    @property
    def filter_query(self) -> FilterQuery[Row] | None:
        """The filter in force."""
        return self._query

    @property
    def sort_column(self) -> int:
        """The column sorted by, -1 for none."""
        return self._sort_column

    @property
    def sort_order(self) -> Qt.SortOrder:
        """Which way it is sorted."""
        return self._sort_order

    def row_at(self, row: int) -> Row:
        """Return what is shown in row `row`; raises `IndexError`."""
        return cast("Row", self._arrays.rows[self._slot_at(row)])

    def key_at(self, row: int) -> str:
        """Return the key of what is shown in row `row`; raises `IndexError`."""
        return self._keys[self._slot_at(row)]

    def row_of_key(self, key: str) -> int:
        """Return the row in which `key` is shown, -1 where it isn't."""
        slot = self._slot_of.get(key)
        if slot is None or not self._is_shown[slot]:
            return -1
        return int(np.flatnonzero(self._order == slot)[0])

    def row_for(self, key: str) -> Row | None:
        """Return the row with this key, shown or not, flushed or not; None where there is none."""
        if key in self._arriving:
            return self._arriving[key]
        slot = self._slot_of.get(key)
        return None if slot is None or key in self._leaving else self._arrays.rows[slot]

    def visible_rows(self) -> Iterator[Row]:
        """Yield what is shown, from top to bottom: for totals, and exports of just that."""
        rows = self._arrays.rows
        return (cast("Row", rows[slot]) for slot in self._order.tolist())

    def column_index(self, name: str) -> int:
        """Return where the column called `name` is, -1 where there is none."""
        return next((i for i, column in enumerate(self.columns) if column.name == name), -1)

    def cell(self, row: int, column: int) -> Cell:
        """Return what is painted at `row`, `column`; made once, kept until the row changes."""
        slot = self._order.item(row)
        cells = self._cells.get(slot)
        if cells is None:
            if len(self._cells) >= _CACHED_ROWS_MAX:
                self._cells.clear()
            cells = self._cells[slot] = [None] * len(self.columns)
        cell = cells[column]
        if cell is None:
            cell = cells[column] = self._make_cell(slot, column)
        return cell

    # ------------------------------------------------------------------------ Qt's questions

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many rows pass the filter."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many columns there are, hidden ones too."""
        return 0 if parent.isValid() else len(self.columns)

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
            return f"{self.columns[column].title}: {self.cell(row, column).text}"
        if role == VALUE_ROLE:
            return self.columns[column].value(self.row_at(row))
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
            is_up = self._sort_order == Qt.SortOrder.AscendingOrder
            arrow = "↑" if is_up else "↓"
            return f"{column.title} {arrow}" if section == self._sort_column else column.title
        if role == _ALIGNMENT:
            return ALIGNMENTS[column.align]
        if role == _TOOL_TIP:
            return column.help or column.title
        return None

    # ----------------------------------------------------------------------------- flushing

    def _slot_at(self, row: int) -> int:
        # An invalid index has row -1; it must not mean the last order of the list.
        if row < 0:
            raise IndexError(row)
        return self._order.item(row)

    @property
    def _has_news(self) -> bool:
        return bool(self._arriving or self._touched or self._leaving)

    def _request(self) -> None:
        # What a flush itself sets off is noted, and taken up when it is over.
        if self._has_news and not self._is_held and not self._is_flushing:
            self.throttle.request()

    @Slot()
    def _on_throttle_opened(self) -> None:
        if not self._is_held:
            self.flush()

    @Slot()
    def _on_idle(self) -> None:
        if not self._arrays.read_ahead(_READ_AHEAD_ROWS):
            self._idle.stop()

    @Slot()
    def _on_ages_grown(self) -> None:
        if not self._is_held:
            self._filter_all()

    def _flush(self) -> None:
        dropped, added, dirty = self._absorb()
        self._arrays.refresh(dirty)
        changed_cells = self._renew_cells(dirty)
        stayed = self._show(dropped, added, dirty)
        self._emit_changed(stayed)
        if changed_cells:
            self.cells_changed.emit(changed_cells)
        if len(dropped):
            self._forget(dropped)
        if len(dropped) or len(added) or len(stayed) != len(dirty):
            self.counts_changed.emit()
        if len(added):
            self._idle.start()

    def _absorb(self) -> tuple[IntArray, IntArray, IntArray]:
        """Take what waits; return the slots that are dropped, added, and changed."""
        dropped = [self._slot_of[key] for key in self._leaving if key in self._slot_of]
        dirty = {
            self._slot_of[key]
            for key in self._touched
            if key in self._slot_of and key not in self._leaving
        }
        fresh: list[Row] = []
        for key, row in self._arriving.items():
            slot = self._slot_of.get(key)
            if slot is None:
                self._slot_of[key] = len(self._keys)
                self._keys.append(key)
                fresh.append(row)
            else:
                self._arrays.rows[slot] = row
                dirty.add(slot)
        added = self._arrays.append(fresh)
        for key in self._leaving:
            self._slot_of.pop(key, None)
        self._arriving, self._touched, self._leaving = {}, set(), set()
        grown = np.zeros(len(added), dtype=np.bool_)
        self._is_shown = np.concatenate((self._is_shown, grown))
        return _slots(dropped), added, _slots(dirty)

    def _renew_cells(self, dirty: IntArray) -> list[tuple[str, int]]:
        """Make the cached cells of changed rows anew; return those whose text is another."""
        changed: list[tuple[str, int]] = []
        for slot in dirty.tolist():
            before = self._cells.get(slot)
            if before is None:
                continue
            after = self._cells[slot] = [
                None if cell is None else self._make_cell(slot, column)
                for column, cell in enumerate(before)
            ]
            key = self._keys[slot]
            changed.extend(
                (key, column)
                for column, (old, new) in enumerate(zip(before, after, strict=True))
                if old is not None and new is not None and old.text != new.text
            )
        return changed

    def _make_cell(self, slot: int, column: int) -> Cell:
        row = cast("Row", self._arrays.rows[slot])
        shown = self.columns[column]
        return Cell(
            shown.text(row),
            None if shown.tone is None else shown.tone(row),
            None if shown.bar is None else shown.bar(row),
        )

    def _show(self, dropped: IntArray, added: IntArray, dirty: IntArray) -> IntArray:
        """Put rows where they belong now; return the changed ones that were and are shown."""
        fresh = np.concatenate((dirty, added))
        was = self._is_shown[fresh]
        passes = self._passing(fresh)
        gone = np.concatenate((dropped[self._is_shown[dropped]], fresh[was & ~passes]))
        come = fresh[~was & passes]
        stayed = fresh[was & passes]
        self._is_shown[fresh] = passes
        self._is_shown[dropped] = False
        moved = _NO_SLOTS if self._sort_column < 0 else stayed
        if len(gone) or len(come) or len(moved):
            self._rearrange(gone, come, moved)
        return stayed

    def _rearrange(self, gone: IntArray, come: IntArray, moved: IntArray) -> None:
        """Take `gone` out, put `come` in, and let `moved` find their places."""
        is_pulled = _flags(len(self._keys), np.concatenate((gone, moved)))
        kept = self._order[~is_pulled[self._order]]
        after = merged(kept, np.concatenate((come, moved)), self._sort_keys())
        is_gone = _flags(len(self._keys), gone)[self._order]
        is_new = _flags(len(self._keys), come)[after]
        in_place = np.array_equal(self._order[~is_gone], after[~is_new])
        if in_place and not len(gone) and not len(come):
            return
        leaving, entering = _runs(np.flatnonzero(is_gone)), _runs(np.flatnonzero(is_new))
        self.rearranging.emit()
        if in_place and len(leaving) + len(entering) <= _RUNS_MAX:
            self._step_by_step(after, leaving, entering)
        else:
            self._lay_out(after)
        self.rearranged.emit()

    def _step_by_step(
        self, after: IntArray, leaving: list[tuple[int, int]], entering: list[tuple[int, int]]
    ) -> None:
        """Take out and put in runs of rows one by one, so that views move only what they must."""
        for first, last in reversed(leaving):
            self.beginRemoveRows(_ROOT, first, last)
            self._order = np.delete(self._order, slice(first, last + 1))
            self.endRemoveRows()
        for first, last in entering:
            self.beginInsertRows(_ROOT, first, last)
            self._order = np.insert(self._order, first, after[first : last + 1])
            self.endInsertRows()

    def _lay_out(self, after: IntArray) -> None:
        """Show the slots `after` from top to bottom; selections follow their rows."""
        if np.array_equal(self._order, after):
            return
        hint = QAbstractItemModel.LayoutChangeHint.VerticalSortHint
        self.layoutAboutToBeChanged[*_LAYOUT_SIGNATURE].emit([], hint)  # type: ignore[index]
        before = self.persistentIndexList()
        slots = [self._order.item(index.row()) for index in before]
        self._order = after
        if before:
            rows = np.full(len(self._keys), -1, dtype=np.int64)
            rows[after] = np.arange(len(after))
            self.changePersistentIndexList(
                before,
                [
                    # Row -1 makes an index that is not valid: the row is no longer shown.
                    self.index(rows.item(slot), index.column())
                    for slot, index in zip(slots, before, strict=True)
                ],
            )
        self.layoutChanged[*_LAYOUT_SIGNATURE].emit([], hint)  # type: ignore[index]

    def _emit_changed(self, slots: IntArray) -> None:
        """Tell views which rows to paint again, as few runs of rows as there are."""
        if not len(slots):
            return
        rows = np.flatnonzero(_flags(len(self._keys), slots)[self._order])
        last_column = len(self.columns) - 1
        for first, last in _runs(rows):
            self.dataChanged.emit(
                self.index(first, 0), self.index(last, last_column), _CHANGED_ROLES
            )

    def _forget(self, dropped: IntArray) -> None:
        """Let go of the rows in `dropped`, and close the gaps when they are many."""
        for slot in dropped.tolist():
            self._arrays.rows[slot] = None
        if len(self._keys) < max(_SPARSE_SLOTS_MIN, 2 * len(self._slot_of)):
            return
        held = _slots(self._slot_of.values())
        slot_now = np.zeros(len(self._keys), dtype=np.int64)
        slot_now[held] = np.arange(len(held))
        self._arrays.keep(held)
        self._keys = [self._keys[slot] for slot in held.tolist()]
        self._slot_of = {key: slot for slot, key in enumerate(self._keys)}
        self._is_shown = self._is_shown[held]
        self._order = slot_now[self._order]
        self._cells.clear()

    # ------------------------------------------------------------------- sorting, filtering

    def _sort_keys(self) -> IntArray:
        """Return integers by slot whose order is the order of rows."""
        if self._sort_column < 0:
            return np.arange(len(self._keys), dtype=np.int64)
        name = self.columns[self._sort_column].name
        return self._arrays.sort_keys(name, self._sort_order == Qt.SortOrder.DescendingOrder)

    def _passing(self, slots: IntArray) -> BoolArray:
        """Return which of the rows at `slots` the filter passes, shape (len(slots),)."""
        if self._query is None:
            return np.ones(len(slots), dtype=np.bool_)
        return self._query.mask(self._arrays.cells(slots), len(slots), self._clock())

    def _filter_all(self) -> None:
        held = _slots(self._slot_of.values())
        self._is_shown = _flags(len(self._keys), held[self._passing(held)])
        self._lay_out(sorted_slots(self._is_shown, self._sort_keys()))
        self.counts_changed.emit()


def _slots(numbers: Iterable[int]) -> IntArray:
    """Return slots as an array, rising."""
    return np.array(sorted(numbers), dtype=np.int64)


def _flags(size: int, slots: IntArray) -> BoolArray:
    """Return an array that is true at `slots`, shape (size,)."""
    flags: BoolArray = np.zeros(size, dtype=np.bool_)
    flags[slots] = True
    return flags


def _runs(rows: IntArray) -> list[tuple[int, int]]:
    """Return rising `rows` as contiguous runs (first, last)."""
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts = rows[np.concatenate(([0], breaks + 1))]
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
