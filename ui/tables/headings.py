"""The headings of groups: what they say, and what the rows under them total. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic

from ui.tables.arrangement import EMPTY, Arrangement, Layout, heading_entry
from ui.tables.cell_cache import Cell
from ui.tables.columns import Row
from ui.tables.families import Families
from ui.tables.filter_query import IntArray
from ui.tables.held_rows import HeldRows
from ui.tables.totals import Figure, Totals

# No row's key begins with the control character for a group.
_KEY_START: Final = "\x1d"
_NO_ENTRY: Final = -(2**62)


@dataclass(frozen=True)
class Heading:
    """The heading of a group.

    Attributes:
        name: the case-folded text that its rows share in the column grouped by.
        text: the same as the column shows it; "none" for rows that have nothing there.
        tone: the meaning of its colour, None for plain.
        count: how many rows are under it.
        is_collapsed: whether they are folded away.
    """

    name: str
    text: str
    tone: str | None
    count: int
    is_collapsed: bool

    @property
    def key(self) -> str:
        """What the model calls it, where rows have their keys."""
        return _KEY_START + self.name

    @property
    def spoken(self) -> str:
        """What a screen reader says of it."""
        state = "collapsed" if self.is_collapsed else "expanded"
        return f"Group {self.text}, {self.count:,} rows, {state}"


class Headings(Generic[Row]):
    """What the headings of a layout say.

    Attributes:
        layout: what is shown now.
    """

    def __init__(
        self, held: HeldRows[Row], arrangement: Arrangement[Row], families: Families[Row]
    ) -> None:
        self.layout: Layout = EMPTY
        self._held = held
        self._arrangement = arrangement
        self._families = families
        self._headings: dict[int, Heading] = {}
        self._figures: dict[tuple[int | None, int], Figure | None] = {}
        self._counted: dict[int | None, IntArray] = {}

    def set_layout(self, layout: Layout) -> None:
        """Take what is shown now."""
        self.layout = layout
        self._headings.clear()

    def forget_figures(self) -> None:
        """Work totals out anew when they are asked for."""
        self._figures.clear()
        self._counted.clear()
        self._families.forget_figures()

    def heading(self, code: int) -> Heading:
        """Return the heading of a group; one without rows for a group that is gone."""
        found = self._headings.get(code)
        if found is None:
            found = self._headings[code] = self._make(code)
        return found

    def names(self) -> list[str]:
        """Return the case-folded texts of the groups, from top to bottom."""
        if not len(self.layout.codes):
            return []
        texts = self._held.arrays.texts(self._arrangement.group_name)[1]
        return [texts[code] for code in self.layout.codes.tolist()]

    def entry_of_key(self, key: str) -> int:
        """Return the entry of the heading with this key; one that stands nowhere for no heading."""
        group_name = self._arrangement.group_name
        if not group_name or not key.startswith(_KEY_START):
            return _NO_ENTRY
        code = self._held.arrays.code_of(group_name, key.removeprefix(_KEY_START))
        return heading_entry(code) if code >= 0 else _NO_ENTRY

    def figure(self, code: int | None, column: int) -> Figure | None:
        """Return what a column totals over a group, or over all rows shown for None."""
        if (code, column) not in self._figures:
            totals = Totals(self._held.columns, self._held.arrays)
            slots = self._counted_of(code)
            self._figures[code, column] = totals.figure(self._held.columns[column], slots)
        return self._figures[code, column]

    def once_count(self) -> int:
        """Return how many rows that pass are left out of totals, as another counts for them."""
        passing = self._families.passing(self.layout.members)
        return len(passing) - len(self._counted_of(None))

    def _counted_of(self, code: int | None) -> IntArray:
        found = self._counted.get(code)
        if found is None:
            slots = self.layout.members if code is None else self.layout.members_of(code)
            found = self._counted[code] = self._families.counted(slots)
        return found

    def cell(self, code: int, column: int) -> Cell:
        """Return what a heading says in a column: its own text, or a subtotal."""
        if self._held.columns[column].name == self._arrangement.group_name:
            heading = self.heading(code)
            return Cell(heading.text, heading.tone, None)
        figure = self.figure(code, column)
        return Cell(figure.text if figure else "", None, None)

    def _make(self, code: int) -> Heading:
        name = self._held.arrays.texts(self._arrangement.group_name)[1][code]
        slots = self.layout.members_of(code)
        text, tone = name, None
        if len(slots):
            first = self._held.row(slots.item(0))
            column = next(c for c in self._held.columns if c.name == self._arrangement.group_name)
            text = column.text(first)
            tone = None if column.tone is None else column.tone(first)
        is_collapsed = name in self._arrangement.collapsed
        count = len(self._families.passing(slots))
        return Heading(name, text or "none", tone, count, is_collapsed)
