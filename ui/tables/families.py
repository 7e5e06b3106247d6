"""Which rows stand under which others, as arrays of slots, and what is counted once. No Qt.

A row is under another when the text in one of its columns is the other's name: a slice carries the
id of its care order. There are two levels: what is under a row that is itself under another stands
under the topmost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Generic, NamedTuple

import numpy as np

from ui.tables.column_arrays import ColumnArrays
from ui.tables.columns import Row
from ui.tables.filter_query import BoolArray, IntArray
from ui.tables.held_rows import HeldRows

if TYPE_CHECKING:
    from ui.tables.arrangement import Arrangement

NOBODY: Final = -1
_LEVELS_MAX: Final = 8
_ROOT_INDENT_PX: Final = 14
CHILD_INDENT_PX: Final = 28


class Nesting(NamedTuple):
    """Which columns of texts say what stands under what.

    Attributes:
        own: a row's name.
        under: the name of the row that it stands under in the tree, "" for none.
        within: the name of the row whose figures hold its own, "" for none: totals count either.
    """

    own: str
    under: str
    within: str


class Parents(Generic[Row]):
    """The parent of each row, by the texts of two columns.

    Attributes:
        of: by slot, the slot of the topmost row it is under; `NOBODY` for a row on its own.
        are_any: whether any row is under another.
    """

    def __init__(self, held: HeldRows[Row], own: str, under: str) -> None:
        self.of: IntArray = np.zeros(0, dtype=np.int64)
        self.are_any = False
        self._held = held
        self._own = own
        self._under = under
        self._arrays: ColumnArrays[Row] | None = None
        self._own_codes: list[int] = []  # by the code of a name that something is under

    def renew(self, is_held: BoolArray) -> bool:
        """Find the parents anew; whether a row that is held now has another than before."""
        before, self.of = self.of, self._found(is_held)
        self.are_any = bool((self.of >= 0).any())
        known = min(len(before), len(self.of))
        return bool((is_held[:known] & (before[:known] != self.of[:known])).any())

    def _found(self, is_held: BoolArray) -> IntArray:
        size = len(is_held)
        codes, names = self._held.arrays.texts(self._under)
        nobody = np.full(size, NOBODY, dtype=np.int64)
        if not any(names[:2]):  # texts are distinct: at most one of them is ""
            return nobody
        own_codes, own_names = self._held.arrays.texts(self._own)
        slots = np.flatnonzero(is_held)
        slot_of_code = np.full(len(own_names) + 1, NOBODY, dtype=np.int64)
        slot_of_code[own_codes[slots]] = slots
        slot_of_code[-1] = NOBODY  # where code -1, of a name never seen, looks it up
        found = slot_of_code[self._codes_of(names)][codes[:size]]
        found = np.where(is_held & (found != np.arange(size)), found, nobody)
        return _topmost(found)

    def _codes_of(self, names: Sequence[str]) -> IntArray:
        """Return the codes in the column of names of those that something is under."""
        arrays = self._held.arrays
        if arrays is not self._arrays:
            self._arrays, self._own_codes = arrays, []
        known = self._own_codes
        for at, code in enumerate(known):
            if code < 0 and names[at]:
                known[at] = arrays.code_of(self._own, names[at])
        known.extend(
            arrays.code_of(self._own, name) if name else NOBODY for name in names[len(known) :]
        )
        return np.array(known, dtype=np.int64)


def _topmost(parents: IntArray) -> IntArray:
    """Return the topmost row that each is under; those of a circle stand alone."""
    for _ in range(_LEVELS_MAX):
        is_child = parents >= 0
        above = np.where(is_child, parents[parents], NOBODY)
        if not (above >= 0).any():
            return parents
        parents = np.where(above >= 0, above, parents)
    is_lost = (parents >= 0) & (parents[parents] >= 0)
    return np.where(is_lost, NOBODY, parents)


def shown_families(passes: BoolArray, parents: IntArray) -> BoolArray:
    """Return which rows are shown in a tree, of those that pass the filter.

    A row that passes brings everything that is under it; one that is under another and passes
    brings that, but none of its sisters.
    """
    children = np.flatnonzero(parents >= 0)
    above = parents[children]
    shown = passes.copy()
    shown[children] |= passes[above]
    shown[above[passes[children]]] = True
    return shown


def counted_once(slots: IntArray, parents: IntArray) -> IntArray:
    """Return `slots` without the rows whose parent is among them and counts for them."""
    if not len(slots):
        return slots
    is_among = np.zeros(len(parents), dtype=np.bool_)
    is_among[slots] = True
    above = parents[slots]
    return slots[(above < 0) | ~is_among[above]]


def assembled(roots: IntArray, children: IntArray, parents: IntArray) -> IntArray:
    """Return `roots` in their order, each followed by its children.

    `children` come family by family, the families in any order, each child's parent in `roots`.
    """
    if not len(children):
        return roots
    place = np.zeros(len(parents), dtype=np.int64)
    place[roots] = np.arange(len(roots))
    at = place[parents[children]]
    sizes = np.bincount(at, minlength=len(roots))
    starts = np.arange(len(roots)) + np.cumsum(sizes) - sizes
    firsts = np.flatnonzero(np.concatenate(([True], np.diff(at) != 0)))
    lengths = np.diff(np.concatenate((firsts, [len(at)])))
    number = np.arange(len(at)) - np.repeat(firsts, lengths)
    whole = np.empty(len(roots) + len(children), dtype=np.int64)
    whole[starts] = roots
    whole[starts[at] + 1 + number] = children
    return whole


class Branch(NamedTuple):
    """How a row stands in a tree.

    Attributes:
        is_under: whether it is under another.
        below: how many of those under it are shown, folded away or not.
        is_folded: whether they are folded away.
    """

    is_under: bool
    below: int
    is_folded: bool

    @property
    def sign(self) -> str:
        """The arrow before it, "" for none."""
        if not self.below:
            return ""
        return "▸" if self.is_folded else "▾"

    @property
    def indent_px(self) -> int:
        """By how much its first cell is moved in."""
        return CHILD_INDENT_PX if self.is_under else _ROOT_INDENT_PX

    @property
    def spoken(self) -> str:
        """What a screen reader says of it, "" for nothing."""
        if self.is_under:
            return "under the row above"
        if not self.below:
            return ""
        rows = "1 row" if self.below == 1 else f"{self.below:,} rows"
        return f"{rows} under it, {'folded away' if self.is_folded else 'shown'}"


class Families(Generic[Row]):
    """Which rows are held, which pass the filter, and which are shown for their family's sake.

    Attributes:
        is_tree: whether rows are shown under those that they belong to.
        is_held, passes: by slot.
        folded: the keys of rows under which all is folded away.
    """

    def __init__(
        self, held: HeldRows[Row], arrangement: Arrangement[Row], nesting: Nesting | None
    ) -> None:
        self.is_tree = False
        self.is_held: BoolArray = np.zeros(0, dtype=np.bool_)
        self.passes: BoolArray = np.zeros(0, dtype=np.bool_)
        self.folded: set[str] = set()
        self._held = held
        self._arrangement = arrangement
        self._counts: IntArray | None = None
        self._under = self._within = None
        if nesting is not None:
            self._under = Parents(held, nesting.own, nesting.under)
            self._within = Parents(held, nesting.own, nesting.within)
        self._is_within_known = False

    @property
    def can_tree(self) -> bool:
        """Whether there is anything that says what is under what."""
        return self._under is not None

    def begin(self) -> None:
        """Take it that all rows are new, and pass."""
        self.is_held = np.ones(len(self._held.keys), dtype=np.bool_)
        self.passes = self.is_held.copy()

    def grow(self, count: int) -> None:
        """Take in so many rows after the others; they are held, and don't pass yet."""
        self.is_held = np.concatenate((self.is_held, np.ones(count, dtype=np.bool_)))
        self.passes = np.concatenate((self.passes, np.zeros(count, dtype=np.bool_)))

    def drop(self, slots: IntArray) -> None:
        """Let go of the rows at `slots`."""
        self.is_held[slots] = False
        self.passes[slots] = False

    def keep(self, slots: IntArray) -> None:
        """Forget all but `slots`, which become 0, 1, 2, …"""
        self.is_held, self.passes = self.is_held[slots], self.passes[slots]
        self.renew()

    def renew(self) -> bool:
        """Find the families anew; whether a row has come under another than before."""
        if not self.is_tree or self._under is None:
            self._arrangement.parents = None
            return False
        is_other = self._under.renew(self.is_held)
        self._arrangement.parents = self._under.of
        self._arrangement.folded = self._folded_flags()
        return is_other

    def refold(self) -> None:
        """Take it that other rows are folded."""
        self._arrangement.folded = self._folded_flags()

    def _folded_flags(self) -> BoolArray:
        flags: BoolArray = np.zeros(len(self.is_held), dtype=np.bool_)
        slots = (self._held.slot_of.get(key) for key in self.folded)
        flags[[slot for slot in slots if slot is not None and slot < len(flags)]] = True
        return flags

    def shown(self) -> BoolArray:
        """Return by slot whether the row is shown: those that pass, in a tree what they bring."""
        parents = self._arrangement.parents
        return self.passes.copy() if parents is None else shown_families(self.passes, parents)

    def parent_of(self, slot: int) -> int:
        """Return the slot of the row that the one at `slot` is shown under, `NOBODY` for none."""
        parents = self._arrangement.parents
        return NOBODY if parents is None else parents.item(slot)

    def branch(self, slot: int, members: IntArray) -> Branch | None:
        """Return how a row stands in the tree of `members`; None where there is no tree."""
        parents = self._arrangement.parents
        if parents is None:
            return None
        if self._counts is None:
            above = parents[members]
            self._counts = np.bincount(above[above >= 0], minlength=len(parents))
        is_folded = self._held.keys[slot] in self.folded
        return Branch(parents.item(slot) >= 0, self._counts.item(slot), is_folded)

    def forget_counts(self) -> None:
        """Count anew what is under a row when it is asked for."""
        self._counts = None

    def passing(self, slots: IntArray) -> IntArray:
        """Return those of `slots` that pass, and are not only there for their family's sake."""
        return slots[self.passes[slots]] if self.is_tree else slots

    def forget_figures(self) -> None:
        """Find out anew what counts within what when totals are asked for."""
        self._is_within_known = False

    def counted(self, slots: IntArray) -> IntArray:
        """Return those of `slots` whose figures add up to the whole, each counted once."""
        slots = self.passing(slots)
        within = self._within
        if within is None:
            return slots
        if not self._is_within_known or len(within.of) != len(self.is_held):
            within.renew(self.is_held)
            self._is_within_known = True
        return counted_once(slots, within.of) if within.are_any else slots
