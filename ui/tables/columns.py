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


class TotalKind(Enum):
    """How the values of many rows become one figure."""

    SUM = "sum"
    COUNT = "count"  # rows that have a value
    MEAN = "mean"  # rounded half up; weighted where the total names a weight


@dataclass(frozen=True)
class Total:
    """How a column totals, over the rows of a group or all that are shown.

    Attributes:
        kind: sum, count or mean.
        text: how the figure reads; it gets an `int` in the column's own unit.
        weight: for a mean, the name of the column of numbers that the values are weighted by.
        unit: the name of a text column that says what the values count in: the currency of money,
            the symbol of a price. What is in different units is never put together: the cell says
            `mixed`, and its tooltip gives one figure a unit.
    """

    kind: TotalKind
    text: Callable[[int], str]
    weight: str = ""
    unit: str = ""


def grouped_digits(number: int) -> str:
    """Return a whole number with thousands separators."""
    return f"{number:,}"


def sum_of(text: Callable[[int], str] = grouped_digits, *, unit: str = "") -> Total:
    """Return a total that adds up; `unit` names the column of what it counts in."""
    return Total(TotalKind.SUM, text, unit=unit)


def count_of(text: Callable[[int], str] = grouped_digits) -> Total:
    """Return a total that counts the rows that have a value."""
    return Total(TotalKind.COUNT, text)


def mean_of(text: Callable[[int], str], *, weight: str = "", unit: str = "") -> Total:
    """Return an average, weighted by the column called `weight`, within each `unit`."""
    return Total(TotalKind.MEAN, text, weight=weight, unit=unit)


@dataclass(frozen=True)
class Edit(Generic[Row]):
    """How a cell is edited in place; what is typed comes out of the view's `edit_committed`.

    Attributes:
        text: what the editor starts with, as a person would type it.
        check: the reason why a text can't be taken, "" when it can; asked before committing.
        allowed: whether this row's cell can be edited now.
    """

    text: Callable[[Row], str]
    check: Callable[[Row, str], str] = lambda row, text: ""
    allowed: Callable[[Row], bool] = lambda row: True


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
        total: how it totals, None for not at all.
        edit: how its cells are edited in place, None for not at all.
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
    total: Total | None = None
    edit: Edit[Row] | None = None

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
    total: Total | None = None,
    edit: Edit[Row] | None = None,
) -> Column[Row]:
    """Return a column of whole numbers with thousands separators."""
    return Column(
        name, title, Kind.INTEGER, width, value, lambda row: f"{value(row):,}", help,
        visible=visible, total=total, edit=edit,
    )  # fmt: skip
