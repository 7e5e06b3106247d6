"""Where the columns of a table stand: the frozen ones at the left edge, the others scrolled."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtWidgets import QHeaderView

# However wide the frozen columns are, this much is left for the others.
_SCROLLED_MIN_PX: Final = 120


class Place(NamedTuple):
    """A column on screen: which one, where it begins if nothing is scrolled, how wide it is."""

    at: int
    left: int
    width: int


class ColumnPlaces(NamedTuple):
    """All columns on screen, from left to right.

    Attributes:
        places: one a column.
        frozen: how many of them, from the left, do not scroll.
        frozen_width: how wide those are.
        offset: by how much the others are scrolled to the left.
        length: how wide all are.
    """

    places: tuple[Place, ...]
    frozen: int
    frozen_width: int
    offset: int
    length: int

    def x_of(self, at: int) -> int | None:
        """Return where a frozen column begins in the viewport; None for one that scrolls."""
        return next((place.left for place in self.places[: self.frozen] if place.at == at), None)

    def frozen_at(self, x: int) -> int:
        """Return the frozen column at `x` in the viewport, -1 for none."""
        for place in self.places[: self.frozen]:
            if place.left <= x < place.left + place.width:
                return place.at
        return -1


def column_places(header: QHeaderView, frozen: int, room: int) -> ColumnPlaces:
    """Return where `header` puts the columns when `frozen` of them don't scroll.

    Frozen columns that would leave no room (of `room` pixels) for the others scroll after all.
    """
    places = []
    left = 0
    for visual in range(header.count()):
        at = header.logicalIndex(visual)
        width = header.sectionSize(at)
        if width:
            places.append(Place(at, left, width))
            left += width
    while frozen and (
        frozen >= len(places)
        or places[frozen - 1].left + places[frozen - 1].width > room - _SCROLLED_MIN_PX
    ):
        frozen -= 1
    frozen_width = places[frozen].left if frozen else 0
    return ColumnPlaces(tuple(places), frozen, frozen_width, header.offset(), left)
