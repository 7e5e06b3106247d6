"""Pictures of rows, so that rows which only moved are not drawn cell by cell again."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

_BYTES_MAX: Final = 64 * 1024 * 1024
_BYTES_A_PIXEL: Final = 4
# A row is drawn on two grounds as others come above it, and a third screenful is near by.
_SCREENS: Final = 3


class RowStrips:
    """Pictures of whole rows by key and ground, the most recently shown ones.

    All have one size and look, which `begin` is told: a column that was moved or resized, another
    theme, font or scale of the screen makes them all anew. A row that has changed has another
    revision, and its picture is made anew too.
    """

    def __init__(self) -> None:
        self._strips: dict[tuple[str, str], tuple[int, QPixmap]] = {}
        self._look: Any = None
        self._capacity = 0
        self._size = (0, 0)
        self._ratio = 1.0

    def __len__(self) -> int:
        return len(self._strips)

    def clear(self) -> None:
        """Forget all pictures."""
        self._strips.clear()

    def begin(self, look: Any, width: int, height: int, ratio: float, rows: int) -> bool:
        """Make ready to show `rows` rows of this size; whether they may be kept as pictures.

        `look` is all that every row's picture depends on; `ratio` device pixels a pixel.
        """
        size = (ceil(width * ratio), ceil(height * ratio))
        if look != self._look or size != self._size or ratio != self._ratio:
            self._strips.clear()
            self._look, self._size, self._ratio = look, size, ratio
        weight = max(1, size[0] * size[1] * _BYTES_A_PIXEL)
        self._capacity = min(_SCREENS * (rows + 1), _BYTES_MAX // weight)
        return min(size) > 0 and self._capacity > 2 * rows

    def found(self, key: str, ground: str, revision: int) -> QPixmap | None:
        """Return the picture of a row as it is now; None when there is none."""
        kept = self._strips.pop((key, ground), None)
        if kept is None or kept[0] != revision:
            return None
        self._strips[key, ground] = kept  # the last in the row is the last to go
        return kept[1]

    def blank(self) -> QPixmap:
        """Return a picture to draw a row on."""
        made = QPixmap(*self._size)
        made.setDevicePixelRatio(self._ratio)
        made.fill(Qt.GlobalColor.black)  # opaque: text is drawn as it is on a window
        return made

    def keep(self, key: str, ground: str, revision: int, strip: QPixmap) -> None:
        """Keep the picture of a row, and let the one go that was not shown for longest."""
        self._strips[key, ground] = (revision, strip)
        while len(self._strips) > self._capacity:
            del self._strips[next(iter(self._strips))]
