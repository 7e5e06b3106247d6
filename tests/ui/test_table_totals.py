"""Totals: exact in any size, never across currencies, and shown under their columns."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui import theme
from ui.tables.filter_query import FilterQuery, parse
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView
from ui.tables.totals import exact_dot, exact_sum, rounded_ratio
from ui.tables.totals_row import TotalsRow

INT64 = st.integers(-(2**63) + 1, 2**63 - 1)


@given(st.lists(INT64, max_size=50))
def test_exact_sum_is_pythons_own(values: list[int]) -> None:
    assert exact_sum(np.array(values, dtype=np.int64)) == sum(values)


@given(st.lists(st.tuples(INT64, INT64), max_size=50))
def test_exact_dot_is_pythons_own(pairs: list[tuple[int, int]]) -> None:
    left = np.array([a for a, _ in pairs], dtype=np.int64)
    right = np.array([b for _, b in pairs], dtype=np.int64)
    assert exact_dot(left, right) == sum(a * b for a, b in pairs)


@given(INT64, st.integers(1, 10**18))
def test_rounded_ratio_is_half_up(part: int, whole: int) -> None:
    error = rounded_ratio(part, whole) - Fraction(part, whole)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


class Shown:
    """A table with its totals row below it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.page = QWidget()
        qtbot.addWidget(self.page)
        self.model = LiveTableModel(line_columns(), key_of, flush_ms=0, totals_ms=0)
        self.view = LiveTableView(self.model, self.page)
        self.model.setParent(self.view)
        self.row: TotalsRow = self.view.totals_row()
        layout = QVBoxLayout(self.page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.row)
        self.page.resize(500, 300)
        self.page.show()
        self.model.upsert(
            [
                Line("a", qty=10, px=2_000_000_000, done=5, note="x"),
                Line("b", qty=1_990, px=4_000_000_000, done=15),
                Line("c", qty=7),
            ]
        )
        QApplication.processEvents()

    def text(self, name: str) -> str:
        figure = self.row.figure(name)
        return figure.text if figure else ""


@pytest.fixture
def shown(qtbot: QtBot, dark: theme.Theme) -> Shown:
    """Return a table of three rows with totals."""
    return Shown(qtbot)


def test_totals_are_of_the_rows_that_pass_the_filter(shown: Shown) -> None:
    assert shown.text("qty") == "2,007"
    assert shown.text("notional") == "7,980"
    assert shown.text("limit") == "3.50"  # (2×5 + 4×15) / 20
    assert shown.text("note") == "1"
    assert shown.row.figure("side") is None
    query = parse("qty>8", line_columns())
    assert isinstance(query, FilterQuery)
    shown.model.set_filter(query)
    assert shown.text("qty") == "2,000"
    shown.model.remove(["a"])
    assert shown.text("qty") == "1,990"
    shown.model.set_filter(None)
    shown.model.reset([])
    assert shown.text("qty") == ""


def test_total_of_two_currencies_is_mixed_and_tells_each(shown: Shown) -> None:
    shown.model.upsert([Line("d", qty=3, px=5_000_000_000, ccy="EUR")])
    figure = shown.row.figure("notional")
    assert figure is not None
    assert (figure.text, figure.value) == ("mixed", None)
    assert figure.lines == ("EUR 15", "USD 7,980")
    explained = shown.row._explanation(shown.model.column_index("notional"))
    assert explained == "Sum of Notional: mixed\nEUR 15\nUSD 7,980"


def test_totals_come_at_once_and_then_at_most_every_so_often(qtbot: QtBot) -> None:
    model = LiveTableModel(line_columns(), key_of, flush_ms=0, totals_ms=60)
    told: list[str] = []
    qty = model.column_index("qty")
    model.totals_changed.connect(lambda: told.append(model.total(qty).text))  # type: ignore[union-attr]
    for at in range(20):
        model.upsert([Line(f"{at}", qty=1)])
    assert told == ["1"]
    qtbot.waitUntil(lambda: told == ["1", "20"])


def figures_at(shown: Shown, name: str) -> bool:
    """Whether anything is written under a column, in the strong tone of a total."""
    rects = dict(shown.row._rects())
    rect = rects[shown.model.column_index(name)]
    image = shown.row.grab().toImage()
    text = theme.DARK.colour("text")
    return any(
        image.pixelColor(x, y) == text
        for x in range(max(rect.left(), 60), min(rect.right(), image.width() - 1))
        for y in range(2, 22)
    )


def test_totals_stand_under_their_columns_however_these_move(shown: Shown) -> None:
    qty = shown.model.column_index("qty")
    header = shown.view.horizontalHeader()

    def aligned() -> bool:
        rect = dict(shown.row._rects())[qty]
        return (rect.left(), rect.width()) == (
            shown.view.columnViewportPosition(qty),
            shown.view.columnWidth(qty),
        )

    assert aligned()
    assert figures_at(shown, "qty")
    header.resizeSection(0, 93)
    assert aligned()
    header.moveSection(header.visualIndex(qty), 0)
    assert aligned()
    header.moveSection(0, 5)
    shown.view.horizontalScrollBar().setValue(40)
    assert aligned()
    assert figures_at(shown, "qty")


def test_scroll_bar_below_the_totals_scrolls_the_table(shown: Shown) -> None:
    bar, of_view = shown.row._bar, shown.view.horizontalScrollBar()
    assert bar.isVisible()
    assert bar.maximum() == of_view.maximum() > 0
    assert not of_view.isVisible()
    bar.setValue(25)
    assert of_view.value() == 25
    of_view.setValue(7)
    assert bar.value() == 7
    shown.page.resize(1_400, 300)
    QApplication.processEvents()
    assert not bar.isVisible()
