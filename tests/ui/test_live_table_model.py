"""The live model: sorted and filtered as a naive one would be, and honest to its views."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests.ui.quotes import Line, key_of, line_columns
from ui.tables.columns import NANOS_PER_SECOND
from ui.tables.filter_query import FilterQuery, parse
from ui.tables.live_table_model import KEY_ROLE, VALUE_ROLE, LiveTableModel
from ui.tables.table_view import LiveTableView

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def make_model(*lines: Line, **settings: Any) -> LiveTableModel[Line]:
    """Return a model that applies every change at once, and is watched by Qt's tester."""
    model = LiveTableModel(
        line_columns(),
        key_of,
        flush_ms=settings.pop("flush_ms", 0),
        flush_burst=settings.pop("flush_burst", 1),
        totals_ms=0,
        **settings,
    )
    QAbstractItemModelTester(model, FATAL, model)
    model.upsert(lines)
    return model


def query(text: str) -> FilterQuery[Line]:
    found = parse(text, line_columns())
    assert isinstance(found, FilterQuery)
    return found


def shown(model: LiveTableModel[Line]) -> str:
    return " ".join(model.key_at(row) for row in range(model.rowCount()))


def sort(model: LiveTableModel[Line], name: str, order: Qt.SortOrder = UP) -> None:
    model.sort(model.column_index(name), order)


# ------------------------------------------------------------------------- rows come and go


def test_upsert_of_new_rows_shows_them_in_order_of_arrival() -> None:
    model = make_model(Line("b"), Line("a"))
    model.upsert([Line("c")])
    assert shown(model) == "b a c"
    assert (model.visible_count, model.total_count) == (3, 3)


def test_upsert_of_known_key_takes_the_place_of_its_row() -> None:
    model = make_model(Line("a", qty=1), Line("b"))
    model.upsert([Line("a", qty=2)])
    assert shown(model) == "a b"
    assert model.index(0, model.column_index("qty")).data() == "2"


def test_remove_of_row_and_unknown_key_hides_the_row() -> None:
    model = make_model(Line("a"), Line("b"), Line("c"))
    model.remove(["b", "nobody"])
    assert shown(model) == "a c"
    assert model.row_for("b") is None
    assert model.row_of_key("b") == -1


def test_remove_then_upsert_before_flush_keeps_the_row() -> None:
    model = make_model(Line("a"), Line("b"), flush_ms=60_000)
    model.flush()
    model.remove(["a"])
    model.upsert([Line("a", qty=7)])
    model.flush()
    assert shown(model) == "a b"
    assert model.row_at(0).qty == 7


def test_upsert_then_remove_before_flush_shows_nothing() -> None:
    model = make_model(Line("a"), flush_ms=60_000)
    model.upsert([Line("b")])
    model.remove(["b"])
    model.flush()
    assert shown(model) == "a"


def test_reset_holds_only_the_new_rows_sorted_and_filtered() -> None:
    model = make_model(Line("a"), Line("b"))
    sort(model, "qty", DOWN)
    model.set_filter(query("side:buy"))
    model.reset([Line("x", qty=1), Line("y", qty=3), Line("z", side="sell"), Line("x", qty=5)])
    assert shown(model) == "x y"
    assert model.total_count == 3


def test_row_at_of_negative_row_raises_instead_of_meaning_the_last() -> None:
    model = make_model(Line("a"), Line("b"))
    with pytest.raises(IndexError):
        model.row_at(-1)
    with pytest.raises(IndexError):
        model.key_at(-1)
    with pytest.raises(IndexError):
        model.key_at(2)


def test_gaps_of_removed_rows_are_closed_and_everything_still_found() -> None:
    lines = [Line(f"{at:05}", qty=at % 97) for at in range(9_000)]
    # Without Qt's tester, which asks for every cell at every signal.
    model = LiveTableModel(line_columns(), key_of, flush_ms=0)
    model.upsert(lines)
    sort(model, "qty")
    assert model.cell(0, 1).text == "AAPL"
    model.remove([line.key for line in lines[:8_000]])
    rest = sorted(lines[8_000:], key=lambda line: line.qty)
    assert shown(model) == " ".join(line.key for line in rest)
    assert len(model._held.keys) == 1_000
    assert [model.row_of_key(line.key) for line in rest] == list(range(1_000))
    lines[8_500].qty = -1
    model.touch([lines[8_500].key])
    assert model.row_of_key(lines[8_500].key) == 0
    assert model.index(0, model.column_index("qty")).data() == "-1"


# ------------------------------------------------------------------------ sorting, filtering


def test_sort_of_numbers_as_numbers_with_nothing_last_both_ways() -> None:
    model = make_model(Line("a", px=9), Line("b", px=None), Line("c", px=10))
    sort(model, "limit")
    assert shown(model) == "a c b"
    sort(model, "limit", DOWN)
    assert shown(model) == "c a b"
    model.sort(-1)
    assert shown(model) == "a b c"


def test_sort_as_before_does_nothing_and_the_other_way_does(qtbot: QtBot) -> None:
    model = make_model(Line("a", qty=1), Line("b", qty=2))
    sort(model, "qty", DOWN)
    with qtbot.assertNotEmitted(model.layoutChanged):
        sort(model, "qty", DOWN)
    sort(model, "qty", UP)
    assert shown(model) == "a b"


def test_touch_of_row_whose_sort_key_changed_moves_it() -> None:
    lines = [Line("a", qty=1), Line("b", qty=2), Line("c", qty=3)]
    model = make_model(*lines)
    sort(model, "qty", DOWN)
    lines[0].qty = 9
    model.touch(["a"])
    assert shown(model) == "a c b"


def test_touch_of_row_that_stays_in_place_changes_no_layout(qtbot: QtBot) -> None:
    lines = [Line("a", qty=1), Line("b", qty=2), Line("c", qty=3)]
    model = make_model(*lines)
    sort(model, "qty")
    lines[1].qty = 3
    with qtbot.assertNotEmitted(model.layoutChanged), qtbot.waitSignal(model.dataChanged) as told:
        model.touch(["b"])
    first, last, roles = told.args
    assert (first.row(), last.row()) == (1, 1)
    assert set(roles) == {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole, VALUE_ROLE}


def test_touch_of_many_rows_tells_of_contiguous_runs() -> None:
    model = make_model(*(Line(f"{at}") for at in range(10)))
    runs: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _: runs.append((first.row(), last.row())))
    model.touch(["7", "1", "2", "3", "8", "5", "nobody"])
    assert runs == [(1, 3), (5, 5), (7, 8)]


def test_new_rows_in_one_batch_are_inserted_in_one_run(qtbot: QtBot) -> None:
    model = make_model(Line("a"))
    runs: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: runs.append((first, last)))
    model.upsert(Line(f"{at}") for at in range(1_000))
    assert runs == [(1, 1_000)]


def test_filter_lets_rows_in_and_out_as_they_change() -> None:
    lines = [Line("a", qty=1), Line("b", qty=20)]
    model = make_model(*lines)
    model.set_filter(query("qty>10"))
    assert shown(model) == "b"
    lines[0].qty, lines[1].qty = 11, 10
    model.touch(["a", "b"])
    assert shown(model) == "a"
    model.upsert([Line("c", qty=5), Line("d", qty=50)])
    assert shown(model) == "a d"
    model.set_filter(None)
    assert shown(model) == "a b c d"
    assert model.total_count == 4


def test_filter_by_age_lets_rows_out_as_time_passes(qtbot: QtBot) -> None:
    now = [100 * NANOS_PER_SECOND]
    model = make_model(Line("old", ts=0), Line("new", ts=now[0]), clock=lambda: now[0])
    model._ages.setInterval(1)
    model.set_filter(query("time<1m"))
    assert shown(model) == "new"
    now[0] *= 2
    qtbot.waitUntil(lambda: shown(model) == "")
    model.set_filter(None)
    assert not model._ages.isActive()


def test_visible_rows_are_those_shown_in_their_order() -> None:
    model = make_model(Line("a", qty=1), Line("b", qty=3), Line("c", qty=2))
    sort(model, "qty", DOWN)
    model.set_filter(query("qty>1"))
    assert [line.key for line in model.visible_rows()] == ["b", "c"]


# -------------------------------------------------------------------------- when it is applied


def test_first_change_after_quiet_is_applied_at_once_and_the_rest_later(qtbot: QtBot) -> None:
    model = make_model(flush_ms=50)
    model.upsert([Line("a")])
    assert shown(model) == "a"
    model.upsert([Line("b")])
    model.upsert([Line("c")])
    assert shown(model) == "a"
    assert model.row_for("b") == Line("b")
    qtbot.waitUntil(lambda: shown(model) == "a b c")


def test_changes_while_held_are_applied_when_let_go() -> None:
    model = make_model(Line("a"))
    model.set_held(True)
    model.upsert([Line("b")])
    model.remove(["a"])
    assert shown(model) == "a"
    model.set_held(False)
    assert shown(model) == "b"


def test_change_made_by_a_listener_is_applied_after_the_flush(qtbot: QtBot) -> None:
    line = Line("a", qty=1)
    model = make_model(line)

    def answer(first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        if model.total_count == 1:
            model.upsert([Line("b")])

    model.dataChanged.connect(answer)
    model.touch(["a"])
    qtbot.waitUntil(lambda: shown(model) == "a b")


def test_cells_changed_names_cells_on_screen_whose_text_is_another(qtbot: QtBot) -> None:
    lines = [Line("a", qty=100, done=10), Line("b", qty=100)]
    model = make_model(*lines)
    columns = range(model.columnCount())
    assert [model.cell(0, column).text for column in columns]
    lines[0].done = 20
    lines[1].done = 20  # never painted: nobody saw it change
    with qtbot.waitSignal(model.cells_changed) as told:
        model.touch(["a", "b"])
    assert told.args == [[("a", model.column_index(name)) for name in ("done_pct", "done")]]


def test_text_of_cell_is_made_once_until_its_row_changes() -> None:
    made: list[str] = []
    columns = line_columns()
    original = columns[0].text

    def text(line: Line) -> str:
        made.append(line.key)
        return original(line)

    object.__setattr__(columns[0], "text", text)
    model = LiveTableModel(columns, key_of, flush_ms=0)
    model.upsert([Line("a")])
    assert [model.cell(0, 0).text for _ in range(3)] == ["a"] * 3
    assert made == ["a"]
    model.touch(["a"])
    assert model.cell(0, 0).text == "a"
    assert made == ["a", "a"]


# --------------------------------------------------------------------------- Qt's questions


def test_data_of_each_role() -> None:
    model = make_model(Line("a", side="sell", qty=5_000))
    side, qty = (model.index(0, model.column_index(name)) for name in ("side", "qty"))
    assert qty.data() == "5,000"
    assert qty.data(VALUE_ROLE) == 5_000
    assert qty.data(KEY_ROLE) == "a"
    assert qty.data(Qt.ItemDataRole.AccessibleTextRole) == "Qty: 5,000"
    assert qty.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert qty.data(Qt.ItemDataRole.ForegroundRole) is None
    assert side.data(Qt.ItemDataRole.ForegroundRole).color().name() == "#ff6b6b"


def test_heading_of_sorted_column_carries_an_arrow() -> None:
    model = make_model()
    across = Qt.Orientation.Horizontal
    sort(model, "qty", DOWN)
    assert model.headerData(model.column_index("qty"), across) == "Qty ↓"
    sort(model, "qty", UP)
    assert model.headerData(model.column_index("qty"), across) == "Qty ↑"
    assert model.headerData(model.column_index("side"), across) == "Side"
    tip = model.headerData(2, across, Qt.ItemDataRole.ToolTipRole)
    assert tip == "Buy or sell"


# ------------------------------------------------------------------------ random operations


class Desk:
    """A live model beside a naive one: every step is done to both, and they must agree."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.model = make_model()
        self.lines: dict[str, Line] = {}
        self.arrivals = 0
        self.sorted_by: tuple[str, bool] | None = None
        self.filtered_by: FilterQuery[Line] | None = None
        self.grouped_by = ""
        self.collapsed: set[str] = set()
        self.pinned: dict[str, QPersistentModelIndex] = {}

    def a_line(self, key: str) -> Line:
        pick = self.random.choice
        return Line(
            key,
            symbol=pick(["AAPL", "msft", "T", None, f"N{self.random.randrange(99)}"]),
            side=pick(["buy", "sell"]),
            qty=self.random.randrange(6),
            px=pick([None, 1, 2, 3]),
        )

    def some(self, most: int) -> list[str]:
        count = self.random.randrange(min(most, len(self.lines)) + 1)
        return self.random.sample(sorted(self.lines), count)

    def insert(self) -> None:
        # Now and then more than fit into separate runs.
        count = self.random.choice([1, 2, 4, 25])
        new = [self.a_line(f"o{self.arrivals + at}") for at in range(count)]
        self.arrivals += count
        self.lines |= {line.key: line for line in new}
        self.model.upsert(new)

    def change(self) -> None:
        keys = self.some(self.random.choice([1, 3, 25]))
        for key in keys:
            other = self.a_line(key)
            line = self.lines[key]
            line.symbol, line.side, line.qty = other.symbol, other.side, other.qty
        self.model.touch(keys)

    def replace(self) -> None:
        new = [self.a_line(key) for key in self.some(3)]
        self.lines |= {line.key: line for line in new}
        self.model.upsert(new)

    def remove(self) -> None:
        keys = self.some(self.random.choice([1, 3, 40]))
        for key in keys:
            del self.lines[key]
        self.model.remove(keys)

    def sort(self) -> None:
        name = self.random.choice(["id", "symbol", "side", "qty", "limit", ""])
        is_descending = self.random.random() < 0.5
        self.sorted_by = (name, is_descending) if name else None
        self.model.sort(self.model.column_index(name), DOWN if is_descending else UP)

    def filter(self) -> None:
        text = self.random.choice(["", "side:buy", "qty>2", "symbol:a*", "-side:buy", "px:1,3"])
        found = parse(text.replace("px", "limit"), line_columns())
        assert isinstance(found, FilterQuery)
        self.filtered_by = found if text else None
        self.model.set_filter(self.filtered_by)

    def group(self) -> None:
        name = self.random.choice(["", "side", "symbol", "id"])
        if name != self.grouped_by:
            self.collapsed = set()
        self.grouped_by = name
        self.model.group_by(name or None)

    def fold(self) -> None:
        """Fold a group, or show it, or fold all of them, or none."""
        headings = [row for row in range(self.model.rowCount()) if self.model.heading_at(row)]
        if not headings:
            return
        pick = self.random.random()
        if pick < 0.1:
            self.collapsed = {self.group_of(line) for line in self.passing()}
            self.model.set_all_collapsed(None)
        elif pick < 0.2:
            self.collapsed = set()
            self.model.set_all_collapsed([])
        else:
            row = self.random.choice(headings)
            heading = self.model.heading_at(row)
            assert heading is not None
            self.model.set_collapsed(row, not heading.is_collapsed)
            self.collapsed ^= {heading.name}

    def group_of(self, line: Line) -> str:
        value = next(c.value for c in line_columns() if c.name == self.grouped_by)(line)
        return "" if value is None else str(value).casefold()

    def passing(self) -> list[Line]:
        wanted = self.filtered_by
        return [line for line in self.lines.values() if wanted is None or wanted.matches(line)]

    def expected_entries(self) -> list[str]:
        """Keys of rows, and of headings, from top to bottom."""
        keys = self.expected()
        if not self.grouped_by:
            return keys
        groups: dict[str, list[str]] = {}
        for key in keys:
            groups.setdefault(self.group_of(self.lines[key]), []).append(key)
        is_descending = self.sorted_by == (self.grouped_by, True)
        names = sorted((name for name in groups if name), reverse=is_descending)
        names += [name for name in groups if not name]
        entries = []
        for name in names:
            entries.append(f"\x1d{name}")
            entries += [] if name in self.collapsed else groups[name]
        return entries

    def expected(self) -> list[str]:
        lines = self.passing()
        if self.sorted_by is None:
            return [line.key for line in lines]
        name, is_descending = self.sorted_by
        value = next(c.value for c in line_columns() if c.name == name)

        def folded(line: Line) -> Any:
            found = value(line)
            return found.casefold() if isinstance(found, str) else found

        filled = [line for line in lines if folded(line) not in (None, "")]
        empty = [line for line in lines if folded(line) in (None, "")]
        # Descending, equal rows still stand in order of arrival: so not `reverse=True` alone.
        filled = sorted(filled[:: -1 if is_descending else 1], key=folded)
        return [line.key for line in (filled[:: -1 if is_descending else 1] + empty)]

    def check(self) -> None:
        expected = self.expected_entries()
        assert [self.model.key_at(row) for row in range(self.model.rowCount())] == expected
        assert self.model.total_count == len(self.lines)
        assert self.model.visible_count == len(self.expected())
        if not self.grouped_by:
            assert [line.key for line in self.model.visible_rows()] == expected
        qty = self.model.column_index("qty")
        for row, key in enumerate(expected):
            heading = self.model.heading_at(row)
            if heading is None:
                assert self.model.cell(row, qty).text == f"{self.lines[key].qty:,}"
            else:
                mine = [one for one in self.passing() if self.group_of(one) == heading.name]
                assert heading.count == len(mine)
                figure = self.model.subtotal(row, qty)
                assert figure is not None
                assert figure.value == sum(line.qty for line in mine)
            assert self.model.row_of_key(key) == row
        for key, pinned in self.pinned.items():
            # Once hidden an index stays invalid; until then it is where its row is.
            assert pinned.row() in (-1, self.model.row_of_key(key))
        self.pinned = {key: pin for key, pin in self.pinned.items() if pin.isValid()}
        for key in self.random.sample(expected, min(3, len(expected))):
            self.pinned[key] = QPersistentModelIndex(self.model.index(expected.index(key), 1))

    def steps(self) -> list[Callable[[], None]]:
        return (
            [self.insert] * 3
            + [self.change] * 4
            + [self.replace, self.remove]
            + [self.sort, self.filter, self.group, self.fold, self.fold]
        )


@pytest.mark.parametrize("seed", range(8))
def test_random_operations_agree_with_a_naive_table(seed: int, qtbot: QtBot) -> None:
    desk = Desk(seed)
    view = LiveTableView(desk.model)
    qtbot.addWidget(view)
    view.resize(400, 200)
    view.show()
    for _ in range(120):
        desk.random.choice(desk.steps())()
        desk.check()
        if desk.random.random() < 0.2:
            view.verticalScrollBar().setValue(desk.random.randrange(50))
        if desk.random.random() < 0.1:
            view.viewport().repaint()
    assert view.rowAt(0) in range(-1, desk.model.rowCount())


def test_selection_follows_its_rows_through_sorts_and_changes(qtbot: QtBot) -> None:
    lines = [Line(f"{at:03}", qty=at) for at in range(100)]
    model = make_model(*lines)
    view = LiveTableView(model)
    qtbot.addWidget(view)
    view.select_keys(["010", "050"])
    sort(model, "qty", DOWN)
    assert view.selected_keys() == ["050", "010"]
    lines[10].qty = 1_000
    model.touch(["010"])
    model.upsert([Line("new", qty=500)])
    model.remove(["099"])
    assert view.selected_keys() == ["010", "050"]
    model.set_filter(query("qty>40"))
    assert view.selected_keys() == ["010", "050"]
    assert view.indexAt(QPoint(5, 5)).isValid()


# ------------------------------------------------------------------- many changes, little time


def test_flood_of_changes_is_taken_in_slices_and_what_is_looked_at_first(qtbot: QtBot) -> None:
    lines = [Line(f"{at:05}", qty=1) for at in range(9_000)]
    model = LiveTableModel(line_columns(), key_of, flush_ms=5, flush_burst=1, totals_ms=0)
    model.reset(lines)
    qty = model.column_index("qty")
    assert [model.cell(row, qty).text for row in range(8_000, 8_030)] == ["1"] * 30
    runs: list[int] = []
    model.dataChanged.connect(lambda first, last, _: runs.append(last.row() - first.row() + 1))
    for line in lines:
        line.qty = 2
    model.touch(line.key for line in lines)
    assert sum(runs) == 2_500
    assert [model.cell(row, qty).text for row in range(8_000, 8_030)] == ["2"] * 30
    assert model.is_behind
    qtbot.waitUntil(lambda: sum(runs) == 9_000)
    assert not model.is_behind


def test_flush_asked_for_takes_in_everything() -> None:
    lines = [Line(f"{at:05}", qty=at) for at in range(6_000)]
    model = LiveTableModel(line_columns(), key_of, flush_ms=60_000, totals_ms=0)
    model.reset(lines)
    sort(model, "qty", DOWN)
    for line in lines:
        line.qty = -line.qty
    model.set_held(True)
    model.touch(line.key for line in lines)
    model.flush()
    assert model.key_at(0) == "00000"
    assert model.key_at(5_999) == "05999"


def renewed_model(qtbot: QtBot, *lines: Line) -> LiveTableModel[Line]:
    model = make_model(*lines)
    assert [model.cell(row, model.column_index("limit")).text for row in range(len(lines))]
    qtbot.waitUntil(lambda: not model.is_reading_ahead)
    return model


def test_renewed_column_shows_and_glows_at_once_where_it_is_looked_at(qtbot: QtBot) -> None:
    lines = [Line("a", px=1_000_000_000), Line("b", px=2_000_000_000)]
    model = renewed_model(qtbot, *lines)
    limit = model.column_index("limit")
    before = [model.revision_at(row) for row in (0, 1)]
    lines[1].px = 3_000_000_000
    with qtbot.waitSignal(model.cells_changed) as told:
        model.renew_column("limit")
    assert told.args == [[("b", limit)]]
    assert model.cell(1, limit).text == "3.00"
    assert model.revision_at(0) == before[0]
    assert model.revision_at(1) != before[1]


def test_sort_by_a_renewed_column_follows_soon(qtbot: QtBot) -> None:
    lines = [Line("a", px=1), Line("b", px=2), Line("c", px=3)]
    model = renewed_model(qtbot, *lines)
    sort(model, "limit", DOWN)
    lines[0].px = 9
    model.renew_column("limit")
    qtbot.waitUntil(lambda: shown(model) == "a c b")


def test_column_renewed_before_it_is_sorted_by_is_read_again_then(qtbot: QtBot) -> None:
    lines = [Line("a", done=10), Line("b", done=20)]
    model = renewed_model(qtbot, *lines)
    lines[0].done = 30
    model.renew_column("done_pct")
    assert not model.is_reading_ahead
    sort(model, "done_pct", DOWN)
    qtbot.waitUntil(lambda: shown(model) == "a b")


def test_filter_by_a_renewed_column_follows_soon_but_not_while_pinned(qtbot: QtBot) -> None:
    lines = [Line("a", done=10), Line("b", done=90)]
    model = renewed_model(qtbot, *lines)
    model.set_filter(query("done_pct>50"))
    assert shown(model) == "b"
    model.set_pinned(True)
    lines[0].done = 80
    model.renew_column("done_pct")
    qtbot.waitUntil(lambda: not model.is_reading_ahead)
    assert shown(model) == "b"
    model.set_pinned(False)
    assert shown(model) == "a b"
