"""Columns as data: what a cell holds, how it reads, and how it sorts. No Qt.

A table is a list of these; a new column is one more entry in it:

    Column("leaves", "Leaves", Kind.INTEGER, 70,
           value=lambda order: order.leaves_qty,
           text=lambda order: f"{order.leaves_qty:,}",
           help="Quantity still to be done")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from models.money import BPS, MONEY_SCALE, PRICE_SCALE

Row = TypeVar("Row")

NANOS_PER_SECOND = 1_000_000_000


class Align(Enum):
    """Where a cell's text stands."""

    LEFT = "left"
    RIGHT = "right"
    CENTRE = "centre"


class Kind(Enum):
    """What a column's `value` counts; from it follow alignment, sorting and the filter's numbers.

    Members carry (is a number, how many of `value` make one as a person types it, alignment).
    """

    TEXT = ("text", False, 1, Align.LEFT)
    FLAG = ("flag", False, 1, Align.CENTRE)  # a sign alone, such as ⚑
    INTEGER = ("integer", True, 1, Align.RIGHT)
    PRICE = ("price", True, PRICE_SCALE, Align.RIGHT)  # 1e-9 of the currency unit
    MONEY = ("money", True, MONEY_SCALE, Align.RIGHT)  # 1e-6 of the currency unit
    PERCENT = ("percent", True, BPS // 100, Align.RIGHT)  # basis points; typed as percent
    TIME = ("time", True, NANOS_PER_SECOND, Align.RIGHT)  # nanoseconds UTC since 1970
    DURATION = ("duration", True, NANOS_PER_SECOND, Align.RIGHT)  # nanoseconds

    def __init__(self, label: str, is_number: bool, scale: int, align: Align) -> None:
        self.label = label
        self.is_number = is_number
        self.scale = scale
        self.align = align


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of a table over rows of type `Row`.

    Attributes:
        name: what state files and the filter language call it; lower case, never changed.
        title: the heading.
        kind: what `value` counts.
        width: logical pixels at first.
        value: what is sorted and filtered by, an `int` for numbers (in the kind's unit), a `str`
            for text, None where there is nothing (sorted last both ways).
        text: what is shown, ready for the screen.
        help: one line that explains it, shown as the heading's tooltip.
        visible: whether it is shown at first.
        tone: the meaning of its colour ("buy", "warning"), None for plain text.
        bar: the share (0 to 1) of the cell that a bar behind the text fills, None for no bar.
        strong: whether its text is set in bold.
        scale: how many of `value` make one as a person types it; 0 takes the kind's.
    """

    name: str
    title: str
    kind: Kind
    width: int
    value: Callable[[Row], int | str | None]
    text: Callable[[Row], str]
    help: str = ""
    visible: bool = True
    tone: Callable[[Row], str | None] | None = None
    bar: Callable[[Row], float | None] | None = None
    strong: bool = False
    scale: int = 0

    @property
    def align(self) -> Align:
        """Where its text stands: numbers right, text left."""
        return self.kind.align

    @property
    def unit(self) -> int:
        """How many of `value` make one as a person types it."""
        return self.scale or self.kind.scale


def text_column(
    name: str,
    title: str,
    width: int,
    value: Callable[[Row], str],
    help: str,
    *,
    visible: bool = True,
    tone: Callable[[Row], str | None] | None = None,
    strong: bool = False,
) -> Column[Row]:
    """Return a column of plain text, shown as it is."""
    return Column(
        name, title, Kind.TEXT, width, value, value, help, visible=visible, tone=tone, strong=strong
    )


def integer_column(
    name: str,
    title: str,
    width: int,
    value: Callable[[Row], int],
    help: str,
    *,
    visible: bool = True,
) -> Column[Row]:
    """Return a column of whole numbers with thousands separators."""
    return Column(
        name, title, Kind.INTEGER, width, value, lambda row: f"{value(row):,}", help,
        visible=visible,
    )  # fmt: skip
