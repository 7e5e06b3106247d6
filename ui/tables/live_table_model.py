"""The model behind every live table: rows that change in place, sorted and filtered right here.

No proxy stands between model and view: a `QSortFilterProxyModel` takes seconds where an array of
row numbers takes milliseconds (`blotter bench blotter` measures them). Changes are collected; the
first after a quiet period is applied at once, the others together when the throttle says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from ui.tables.arranged_model import (
    ALIGNMENTS,
    CHANGED_ROLES,
    KEY_ROLE,
    VALUE_ROLE,
    ArrangedModel,
    flagged,
    runs,
)
from ui.tables.arrangement import NO_SLOTS
from ui.tables.cell_cache import Cell
from ui.tables.columns import Column, Row
from ui.tables.families import Nesting
from ui.tables.filter_query import BoolArray, FilterQuery, IntArray
from ui.tables.held_rows import as_slots
from ui.tables.throttle import Throttle

__all__ = ["ALIGNMENTS", "KEY_ROLE", "VALUE_ROLE", "Cell", "LiveTableModel"]

FLUSH_MS: Final = 40
FLUSH_BURST: Final = 8  # what one order changes from sent to filled, and some
TOTALS_MS: Final = 250
_AGES_CHECKED_MS: Final = 1_000
_READ_AHEAD_ROWS: Final = 2_500
# So many changed rows are taken in at once; 2,000 a second are 80, all orders of a day wait.
_CHANGES_MAX: Final = 2_500


class LiveTableModel(ArrangedModel[Row]):
    """Rows by key, as a table that sorts, filters and groups itself.

    What `upsert`, `touch` and `remove` are told is applied at the next flush; until then every
    question is answered as before. Rows are shared, not copied: change one in place, then `touch`.

    Attributes:
        columns: what is shown of a row, in logical order.
        throttle: says when changes are applied; `throttle.delay_ms = 0` applies each at once.

    Signals:
        counts_changed: `visible_count` or `total_count` may have changed.
        cells_changed: texts that were on screen have changed; carries `[(key, column), …]`.
        totals_changed: what `total` and `subtotal` return may be something else.
        grouping_changed: rows are grouped by another column, or by none.
        tree_changed: rows are shown in families, or no longer, or others are folded.
        rearranging, rearranged: see `ArrangedModel`.
    """

    counts_changed = Signal()
    cells_changed = Signal(object)
    totals_changed = Signal()
    grouping_changed = Signal()
    tree_changed = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        parent: QObject | None = None,
        *,
        clock: Callable[[], int] = time.time_ns,
        flush_ms: int = FLUSH_MS,
        flush_burst: int = FLUSH_BURST,
        totals_ms: int = TOTALS_MS,
        nesting: Nesting | None = None,
    ) -> None:
        """`key` names a row; `clock` (nanoseconds UTC) is what ages are counted back from.

        `nesting` names the columns that say which rows belong under which others.
        """
        super().__init__(columns, key, parent, nesting)
        self._clock = clock
        self.throttle = Throttle(self._on_throttle_opened, flush_ms, self, burst=flush_burst)
        self._totals_throttle = Throttle(self._renew_totals, totals_ms, self)
        self._is_held = self._is_pinned = self._is_flushing = False
        self._unplaced: IntArray = NO_SLOTS  # changed while pinned
        self._query: FilterQuery[Row] | None = None
        self._stale: set[str] = set()  # columns to be read again once they matter
        self._is_unsettled = False  # a column was read again while pinned
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
        self._held.expect(rows)
        if at_once:
            self._request()
        elif not self._is_held:
            self.throttle.request_later()

    def touch(self, keys: Iterable[str]) -> None:
        """Say that these rows changed in place; keys that are not held are ignored."""
        self._held.expect_change(keys)
        self._request()

    def renew_column(self, name: str) -> None:
        """Say that a column has changed in any number of rows, as prices do.

        Cells on screen show it at once. A sort, filter or total by that column follows when all
        rows have been read again, in steps between other work; to `touch` tens of thousands of
        rows would take the window's time for nothing.
        """
        at = self.column_index(name)
        slots = as_slots(self._cells.renew_column(at))
        self._held.look_changed(slots)
        changed_cells = [(self._held.keys[slot], at) for slot in slots.tolist()]
        self._tell_of_changes(slots[self._is_shown[slots]], changed_cells)
        self._stale.add(name)
        self._renew_used()

    def remove(self, keys: Iterable[str]) -> None:
        """Let go of the rows with these keys; keys that are not held are ignored."""
        self._held.expect_leave(keys)
        self._request()

    def reset(self, rows: Iterable[Row]) -> None:
        """Hold `rows` and nothing else, at once. Sort, filter and grouping stay."""
        self.rearranging.emit()
        self.beginResetModel()
        self._cells.clear()
        self._held.replace_all(rows)
        self._unplaced = NO_SLOTS
        self._stale.clear()
        self._families.begin()
        self._families.passes = self._passing(self._held.slots())
        self._families.renew()
        self._is_shown = self._families.shown()
        self._set_layout(self._whole_layout())
        self.endResetModel()
        self.rearranged.emit()
        self._tell_of_counts()
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
        self._renew_used()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by `column`, rows that have nothing there last; -1 is the order of arrival."""
        self.flush()
        is_column = 0 <= column < len(self.columns)
        name = self.columns[column].name if is_column else ""
        is_descending = order == Qt.SortOrder.DescendingOrder
        if (name, is_descending) == (self._arrangement.sort_name, self._arrangement.is_descending):
            return  # rows are in this order already; Qt asks for every sort twice
        self._arrangement.sort_name, self._arrangement.is_descending = name, is_descending
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self._lay_out(self._whole_layout())
        self._renew_used()

    def group_by(self, name: str | None) -> None:
        """Put rows that share the text of the column `name` under a heading; None ungroups.

        Raises `ValueError` for a column that isn't there or isn't text.
        """
        at = self.column_index(name) if name else -1
        if name and (at < 0 or self.columns[at].kind.is_number):
            raise ValueError(f"Rows can't be grouped by {name!r}: it is no column of texts.")
        self.flush()
        is_regrouped = name != self.group_name
        if is_regrouped:
            self._arrangement.collapsed.clear()
        self._arrangement.group_name = name or ""
        self._lay_out(self._whole_layout(), is_regrouped=is_regrouped)
        self._totals_throttle.run_now()
        self.grouping_changed.emit()

    def set_collapsed(self, row: int, is_collapsed: bool) -> None:
        """Fold the rows under the heading in `row` away, or show them; no heading, no effect."""
        heading = self.heading_at(row)
        if heading is None or heading.is_collapsed == is_collapsed:
            return
        self.flush()
        if is_collapsed:
            self._arrangement.collapsed.add(heading.name)
        else:
            self._arrangement.collapsed.discard(heading.name)
        self._show_layout(self._relaid(), is_live=False)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def set_all_collapsed(self, names: Iterable[str] | None) -> None:
        """Fold away the groups of these (case-folded) texts and no others; None folds all."""
        self.flush()
        if names is None:
            names = self._headings.names()
        self._arrangement.collapsed.clear()
        self._arrangement.collapsed.update(names)
        self._lay_out(self._relaid())

    def set_tree(self, is_tree: bool) -> None:
        """Show rows under those that they belong to, or each for itself.

        A row that passes the filter brings all that belongs under it, a row under another brings
        that one. Totals are the same either way.
        """
        if is_tree == self.is_tree or not self._families.can_tree:
            return
        self.flush()
        self._families.is_tree = is_tree
        self._families.renew()
        self._is_shown = self._families.shown()
        self._lay_out(self._whole_layout())
        self.tree_changed.emit()
        self._tell_of_counts()

    def set_folded(self, row: int, is_folded: bool) -> None:
        """Fold what is under `row` in the tree away, or show it; nothing there, no effect."""
        branch = self.branch_at(row)
        if branch is not None and branch.below and branch.is_folded != is_folded:
            key = self.key_at(row)
            others = self._families.folded - {key}
            self.set_folded_keys(others | {key} if is_folded else others)

    def set_folded_keys(self, keys: Iterable[str] | None) -> None:
        """Fold away what is under the rows with these keys, and no others; None folds all."""
        self.flush()
        if keys is None:
            parents = self._arrangement.parents
            slots = NO_SLOTS if parents is None else np.unique(parents[parents >= 0])
            keys = [self._held.keys[slot] for slot in slots.tolist()]
        before, now = self._families.folded, set(keys)
        self._families.folded = now
        self._families.refold()
        if not self.is_tree:
            return
        if len(before ^ now) == 1:
            self._show_layout(self._relaid(), is_live=False)
        else:
            self._lay_out(self._relaid())
        self.tree_changed.emit()

    def reveal(self, key: str) -> None:
        """Unfold what hides the row with this key in the tree."""
        self.flush()
        slot = self._held.slot_of.get(key, -1)
        above = self._families.parent_of(slot) if slot >= 0 else -1
        if above >= 0 and self._held.keys[above] in self._families.folded:
            self.set_folded_keys(self._families.folded - {self._held.keys[above]})

    def set_held(self, is_held: bool) -> None:
        """Hold changes back while nobody looks, or apply what came meanwhile."""
        self._is_held = is_held
        if not is_held:
            self._request()

    def set_pinned(self, is_pinned: bool) -> None:
        """Keep every row where it is while a cell of it is edited; their cells go on changing."""
        self._is_pinned = is_pinned
        if is_pinned:
            return
        if len(self._unplaced) or self._held.has_news:
            self._guarded_flush(None)
        if self._is_unsettled:
            self._is_unsettled = False
            self._filter_all(is_live=True)

    def flush(self) -> None:
        """Apply what waits, now."""
        if self._held.has_news:
            self._guarded_flush(None)

    # ---------------------------------------------------------------------------- questions

    @property
    def total_count(self) -> int:
        """How many rows are held."""
        return len(self._held.slot_of)

    @property
    def filter_query(self) -> FilterQuery[Row] | None:
        """The filter in force."""
        return self._query

    @property
    def is_behind(self) -> bool:
        """Whether changes wait for the next flush."""
        return self._held.has_news

    @property
    def is_reading_ahead(self) -> bool:
        """Whether columns are being read in idle moments, for searches and sorts to come."""
        return self._idle.isActive()

    def row_for(self, key: str) -> Row | None:
        """Return the row with this key, shown or not, flushed or not; None where there is none."""
        return self._held.row_for(key)

    # ----------------------------------------------------------------------------- flushing

    def _request(self) -> None:
        # What a flush itself sets off is noted, and taken up when it is over.
        if self._held.has_news and not self._is_held and not self._is_flushing:
            self.throttle.request()

    @Slot()
    def _on_throttle_opened(self) -> None:
        if not self._is_held and self._held.has_news:
            self._guarded_flush(_CHANGES_MAX)

    @Slot()
    def _on_idle(self) -> None:
        arrays = self._held.arrays
        if arrays.is_renewing:
            if arrays.renew(_READ_AHEAD_ROWS):
                self._on_column_renewed()
        elif not arrays.read_ahead(_READ_AHEAD_ROWS):
            self._idle.stop()

    def _renew_used(self) -> None:
        """Read stale columns again that sort, filter, group or total rows."""
        names = self._stale & self._used_columns()
        self._stale -= names
        for name in names:
            self._held.arrays.begin_renewal(name)
        if names:
            self._idle.start()

    def _used_columns(self) -> set[str]:
        names = {self._arrangement.sort_name, self._arrangement.group_name}
        if self._query is not None:
            names |= self._query.column_names
        for column in self.columns:
            if column.total is not None:
                names |= {column.name, column.total.weight, column.total.unit}
        return names

    def _on_column_renewed(self) -> None:
        if self._is_pinned:
            self._is_unsettled = True
        else:
            self._filter_all(is_live=True)

    @Slot()
    def _on_ages_grown(self) -> None:
        if not self._is_held and not self._is_pinned:
            self._filter_all(is_live=True)

    def _guarded_flush(self, most: int | None) -> None:
        if self._is_flushing:
            return
        self._is_flushing = True
        try:
            if self._is_pinned:
                self._flush_in_place()
            else:
                self._flush(most)
        finally:
            self._is_flushing = False
        if self._held.has_news and not self._is_pinned:
            self.throttle.request_later()

    def _flush(self, most: int | None) -> None:
        dropped, added, dirty = self._held.absorb(most, self._cells.slots)
        changed_cells = self._cells.renew(dirty)
        if len(self._unplaced):
            still = self._unplaced[~np.isin(self._unplaced, dropped)]
            dirty = np.union1d(dirty, still)
            self._unplaced = NO_SLOTS
        grown = np.zeros(len(added), dtype=np.bool_)
        self._is_shown = np.concatenate((self._is_shown, grown))
        self._families.grow(len(added))
        stayed = self._show(dropped, added, dirty)
        self._tell_of_changes(stayed, changed_cells)
        if len(dropped):
            self._let_go(dropped)
        if len(dropped) or len(added) or len(stayed) != len(dirty) or self.is_tree:
            self.counts_changed.emit()
        self._totals_throttle.request()
        if len(added):
            self._idle.start()

    def _flush_in_place(self) -> None:
        dirty = self._held.absorb_in_place()
        self._unplaced = np.union1d(self._unplaced, dirty)
        self._tell_of_changes(dirty[self._is_shown[dirty]], self._cells.renew(dirty))

    def _tell_of_changes(self, slots: IntArray, changed_cells: list[tuple[str, int]]) -> None:
        """Tell views which rows to paint again, as few runs of rows as there are."""
        if len(slots):
            is_changed = flagged(len(self._held.keys), slots)
            places = np.flatnonzero(self._order >= 0)
            rows = places[is_changed[self._order[places]]]
            last_column = len(self.columns) - 1
            for first, last in runs(rows):
                self.dataChanged.emit(
                    self.index(first, 0), self.index(last, last_column), CHANGED_ROLES
                )
        if changed_cells:
            self.cells_changed.emit(changed_cells)

    def _show(self, dropped: IntArray, added: IntArray, dirty: IntArray) -> IntArray:
        """Put rows where they belong now; return the changed ones that were and are shown."""
        fresh = np.concatenate((dirty, added))
        self._families.drop(dropped)
        self._families.passes[fresh] = self._passing(fresh)
        is_other = self._families.renew()
        was, now = self._is_shown, self._families.shown()
        self._is_shown = now
        stayed = fresh[was[fresh] & now[fresh]]
        if is_other:  # rows have come under others than before, which is rare
            self._show_layout(self._whole_layout())
            return stayed
        gone, come = np.flatnonzero(was & ~now), np.flatnonzero(now & ~was)
        moved = stayed if self._arrangement.moves_when_changed() else NO_SLOTS
        if len(gone) or len(come) or len(moved):
            arrays, members = self._held.arrays, self._headings.layout.members
            placed = np.concatenate((come, moved))
            members = self._arrangement.reordered(arrays, members, gone, placed)
            self._show_layout(self._arrangement.laid_out(arrays, members))
        return stayed

    def _let_go(self, dropped: IntArray) -> None:
        """Let go of the rows in `dropped`, and close the gaps when they are many."""
        held = self._held.let_go(dropped)
        if held is None:
            return
        self._is_shown = self._is_shown[held]
        self._families.keep(held)
        self._cells.clear()
        members = np.searchsorted(held, self._headings.layout.members)
        self._set_layout(self._arrangement.laid_out(self._held.arrays, members))

    # ---------------------------------------------------------------------------- filtering

    def _passing(self, slots: IntArray) -> BoolArray:
        """Return which of the rows at `slots` the filter passes, shape (len(slots),)."""
        if self._query is None:
            return np.ones(len(slots), dtype=np.bool_)
        return self._query.mask(self._held.arrays.cells(slots), len(slots), self._clock())

    def _filter_all(self, *, is_live: bool = False) -> None:
        slots = self._held.slots()
        self._families.passes = flagged(len(self._held.keys), slots[self._passing(slots)])
        self._is_shown = self._families.shown()
        if is_live:
            self._show_layout(self._whole_layout())
        else:
            self._lay_out(self._whole_layout())
        self._tell_of_counts()

    def _tell_of_counts(self) -> None:
        self.counts_changed.emit()
        self._totals_throttle.run_now()

    def _renew_totals(self) -> None:
        self._headings.forget_figures()
        self.totals_changed.emit()
