"""Which rows are shown, in which order, and under which headings, as arrays of slots. No Qt.

What stands in a table from top to bottom is an array of entries: a slot for a row, and
`heading_entry(code)` for the heading of a group, where `code` is the text that its rows share in
the column grouped by (see `ColumnArrays.texts`).
"""

from __future__ import annotations

from typing import Final, Generic, NamedTuple

import numpy as np

from ui.tables.column_arrays import ColumnArrays, merged
from ui.tables.columns import Row
from ui.tables.families import NOBODY, assembled
from ui.tables.filter_query import BoolArray, IntArray

NO_SLOTS: Final[IntArray] = np.empty(0, dtype=np.int64)
# More rows than this find their places faster by sorting all rows again.
_BISECTED_MAX: Final = 256


def heading_entry(code: int) -> int:
    """Return the entry that stands for the heading of the group `code`; also its inverse."""
    return -1 - code


class Layout(NamedTuple):
    """What a table shows.

    Attributes:
        members: the slots of rows that pass the filter, group by group, in collapsed groups too.
        entries: what is on screen, from top to bottom.
        codes: the groups from top to bottom; none when rows aren't grouped.
        starts: where in `members` each group starts.
    """

    members: IntArray
    entries: IntArray
    codes: IntArray = NO_SLOTS
    starts: IntArray = NO_SLOTS

    def members_of(self, code: int) -> IntArray:
        """Return the slots of a group's rows; none for a group that isn't there (any more)."""
        found = np.flatnonzero(self.codes == code)
        if not len(found):
            return NO_SLOTS
        at = int(found[0])
        end = int(self.starts[at + 1]) if at + 1 < len(self.starts) else len(self.members)
        return self.members[int(self.starts[at]) : end]


EMPTY: Final = Layout(NO_SLOTS, NO_SLOTS)


class Arrangement(Generic[Row]):
    """How rows are sorted and grouped.

    Attributes:
        sort_name: the column sorted by, "" for the order of arrival.
        is_descending: which way.
        group_name: the column of texts grouped by, "" for none. Groups stand in the order of their
            texts, turned round when the sort is by that very column, descending.
        collapsed: the case-folded texts of groups whose rows are folded away.
        parents: in a tree, by slot the slot of the row that each is under; None for no tree. Rows
            on their own are sorted and grouped, and those under them among themselves; a family
            stands in its parent's group.
        folded: in a tree, by slot, whether what is under the row is folded away.
    """

    def __init__(self) -> None:
        self.sort_name = ""
        self.is_descending = False
        self.group_name = ""
        self.collapsed: set[str] = set()
        self.parents: IntArray | None = None
        self.folded: BoolArray = np.zeros(0, dtype=np.bool_)

    def ordered(self, arrays: ColumnArrays[Row], is_shown: BoolArray) -> IntArray:
        """Return the slots where `is_shown`, in order; among equals by arrival."""
        slots = np.flatnonzero(is_shown)
        parents = self.parents
        if parents is None:
            return self._sorted(arrays, slots)
        above = parents[slots]
        children = slots[above >= 0]
        keys = self._sort_keys(arrays)[children]
        children = children[np.lexsort((keys, parents[children]))]
        return assembled(self._sorted(arrays, slots[above < 0]), children, parents)

    def _sorted(self, arrays: ColumnArrays[Row], slots: IntArray) -> IntArray:
        if self.group_name:
            keys, ranks = self._sort_keys(arrays)[slots], self._ranks(arrays)[slots]
            return slots[np.lexsort((keys, ranks))]
        if not self.sort_name:
            return slots
        return slots[np.argsort(self._sort_keys(arrays)[slots], kind="stable")]

    def reordered(
        self, arrays: ColumnArrays[Row], members: IntArray, gone: IntArray, placed: IntArray
    ) -> IntArray:
        """Return `members` without `gone`, and with `placed` (new, or moved) where they belong."""
        is_pulled = np.zeros(len(arrays.rows), dtype=np.bool_)
        is_pulled[gone] = True
        is_pulled[placed] = True
        kept = members[~is_pulled[members]]
        keys = self._sort_keys(arrays)
        if self.parents is None:
            return self._merged(arrays, kept, placed, keys)
        return self._merged_tree(arrays, members, kept, placed, keys, self.parents)

    def _merged(
        self, arrays: ColumnArrays[Row], kept: IntArray, placed: IntArray, keys: IntArray
    ) -> IntArray:
        if not self.group_name:
            return merged(kept, placed, keys)
        return _merged_in_groups(kept, placed, keys, self._ranks(arrays))

    def _merged_tree(
        self,
        arrays: ColumnArrays[Row],
        members: IntArray,
        kept: IntArray,
        placed: IntArray,
        keys: IntArray,
        parents: IntArray,
    ) -> IntArray:
        """Return `kept` with `placed` put in: rows on their own, and the others in their family."""
        kept_above, placed_above = parents[kept], parents[placed]
        roots = self._merged(arrays, kept[kept_above < 0], placed[placed_above < 0], keys)
        # Families keep the order that they had, new ones come after; `assembled` moves them whole.
        places = len(members) + np.arange(len(parents), dtype=np.int64)
        places[members] = np.arange(len(members))
        ranks = np.where(parents >= 0, places[parents], NOBODY)
        children = _merged_in_groups(kept[kept_above >= 0], placed[placed_above >= 0], keys, ranks)
        return assembled(roots, children, parents)

    def moves_when_changed(self) -> bool:
        """Whether a change of a row can move it."""
        return bool(self.sort_name or self.group_name)

    def laid_out(self, arrays: ColumnArrays[Row], members: IntArray) -> Layout:
        """Return what is shown of `members`, with headings put in and folded rows left out."""
        entries = self._unfolded(members)
        if not self.group_name or not len(members):
            return Layout(members, entries)
        by_slot, texts = arrays.texts(self.group_name)
        codes = by_slot[self._roots(members)]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1)).astype(np.int64)
        groups = codes[starts]
        own = by_slot[self._roots(entries)]
        tops = np.concatenate(([0], np.flatnonzero(np.diff(own)) + 1))
        entries = np.insert(entries, tops, -1 - groups)
        if self.collapsed:
            folded = [code for code in groups.tolist() if texts[code] in self.collapsed]
            is_folded = np.zeros(len(texts), dtype=np.bool_)
            is_folded[folded] = True
            with_headings = np.insert(own, tops, groups)
            entries = entries[(entries < 0) | ~is_folded[with_headings]]
        return Layout(members, entries, groups, starts)

    def _unfolded(self, members: IntArray) -> IntArray:
        """Return `members` without what is under a folded row."""
        if self.parents is None or not self.folded.any():
            return members
        above = self.parents[members]
        return members[(above < 0) | ~self.folded[above]]

    def _roots(self, slots: IntArray) -> IntArray:
        """Return in place of each row the one that it is under."""
        if self.parents is None:
            return slots
        above = self.parents[slots]
        return np.where(above >= 0, above, slots)

    def _sort_keys(self, arrays: ColumnArrays[Row]) -> IntArray:
        if not self.sort_name:
            return np.arange(len(arrays.rows), dtype=np.int64)
        return arrays.sort_keys(self.sort_name, self.is_descending)

    def _ranks(self, arrays: ColumnArrays[Row]) -> IntArray:
        is_descending = self.is_descending and self.sort_name == self.group_name
        return arrays.sort_keys(self.group_name, is_descending)


def _merged_in_groups(
    kept: IntArray, placed: IntArray, keys: IntArray, ranks: IntArray
) -> IntArray:
    """Return `kept` (in order) with `placed` (in any) put in by rank, key and slot."""
    if len(placed) > _BISECTED_MAX or len(placed) * 4 > len(kept):
        both = np.concatenate((kept, placed))
        return both[np.lexsort((both, keys[both], ranks[both]))]
    placed = placed[np.lexsort((placed, keys[placed], ranks[placed]))]
    kept_ranks = ranks[kept]
    low = np.searchsorted(kept_ranks, ranks[placed], side="left")
    high = np.searchsorted(kept_ranks, ranks[placed], side="right")
    at = np.empty(len(placed), dtype=np.int64)
    for place, (slot, first, last) in enumerate(
        zip(placed.tolist(), low.tolist(), high.tolist(), strict=True)
    ):
        group = keys[kept[first:last]]
        start = int(np.searchsorted(group, keys[slot], side="left"))
        end = int(np.searchsorted(group, keys[slot], side="right"))
        ties = kept[first + start : first + end]
        at[place] = first + start + int(np.searchsorted(ties, slot))
    return np.insert(kept, at, placed)
