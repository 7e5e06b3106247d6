"""A tree in a live table: families sorted, filtered, grouped, folded, and counted once."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.test_table_groups import told
from ui import theme
from ui.tables.columns import Column, integer_column, sum_of, text_column
from ui.tables.families import CHILD_INDENT_PX, Nesting
from ui.tables.filter_query import FilterQuery, Vocabulary, parse
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

DOWN, UP = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


@dataclass
class Node:
    """A row that may be under another, and within another's figures."""

    key: str
    under: str = ""
    qty: int = 0
    side: str = "buy"
    within: str = ""


def columns() -> list[Column[Node]]:
    return [
        text_column("name", "Name", 80, lambda n: n.key, ""),
        text_column("side", "Side", 50, lambda n: n.side, ""),
        integer_column("qty", "Qty", 60, lambda n: n.qty, "", total=sum_of()),
        text_column("under", "Under", 60, lambda n: n.under, ""),
        text_column("within", "Within", 60, lambda n: n.within, ""),
    ]


NESTING = Nesting("name", under="under", within="within")


def made_model() -> LiveTableModel[Node]:
    return LiveTableModel(columns(), lambda n: n.key, flush_ms=0, totals_ms=0, nesting=NESTING)


def sliced(key: str, under: str, qty: int, side: str = "buy") -> Node:
    return Node(key, under, qty, side, within=under)


def query(text: str) -> FilterQuery[Node]:
    parsed = parse(text, columns(), Vocabulary({}, {}, 0))
    assert isinstance(parsed, FilterQuery)
    return parsed


FAMILY = (
    Node("a", qty=10, side="sell"),
    Node("p", qty=100),
    sliced("p1", "p", 30),
    Node("b", qty=50),
    sliced("p2", "p", 20, side="sell"),
    Node("q", qty=70, side="sell"),
    sliced("q1", "q", 70, side="buy"),
)


@pytest.fixture
def model(qapp: QApplication) -> LiveTableModel[Node]:
    """Return two families and two rows on their own, as a tree."""
    made = made_model()
    made.upsert(FAMILY)
    made.set_tree(True)
    return made


def shown(model: LiveTableModel[Node]) -> str:
    """Return the rows from top to bottom; those under another in brackets."""
    said = []
    for row in range(model.rowCount()):
        branch = model.branch_at(row)
        heading = model.heading_at(row)
        key = f"[{heading.text} {heading.count}]" if heading else model.key_at(row)
        said.append(f"({key})" if branch is not None and branch.is_under else key)
    return " ".join(said)


def total(model: LiveTableModel[Node]) -> int | None:
    figure = model.total(model.column_index("qty"))
    return figure.value if figure else None


def test_rows_stand_under_what_they_belong_to_in_the_order_of_arrival(
    model: LiveTableModel[Node],
) -> None:
    assert shown(model) == "a p (p1) (p2) b q (q1)"
    model.set_tree(False)
    assert shown(model) == "a p p1 b p2 q q1"


def test_sort_orders_parents_and_children_among_themselves(model: LiveTableModel[Node]) -> None:
    model.sort(model.column_index("qty"), DOWN)
    assert shown(model) == "p (p1) (p2) q (q1) b a"
    model.sort(model.column_index("qty"), UP)
    assert shown(model) == "a b q (q1) p (p2) (p1)"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("name:p", "p (p1) (p2)"),  # the parent passes: the whole family
        ("name:p1", "p (p1)"),  # one child passes: it and its parent
        ("side:sell", "a p (p2) q (q1)"),
        ("qty>60", "p (p1) (p2) q (q1)"),
        ("name:b", "b"),
        ("name:nothing", ""),
    ],
)
def test_filter_shows_a_family_for_its_parent_or_the_children_that_pass(
    model: LiveTableModel[Node], text: str, tree: str
) -> None:
    model.set_filter(query(text))
    assert shown(model) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 230),  # a 10, p 100, b 50, q 70: none of the slices
        ("name:p1", 30),  # its parent is not among what passes
        ("side:sell", 100),  # a 10, p2 20, q 70
        ("side:buy", 220),  # p 100, b 50, q1 70: p1 is within p, q1's parent sells
        ("qty<40", 60),  # a 10, p1 30, p2 20
    ],
)
def test_totals_count_a_parent_or_its_children_the_same_with_and_without_tree(
    model: LiveTableModel[Node], text: str, value: int
) -> None:
    model.set_filter(query(text) if text else None)
    assert total(model) == value
    visible = model.visible_count
    model.set_tree(False)
    assert (total(model), model.visible_count) == (value, visible)


def test_subtotals_of_groups_count_once_and_families_stay_together(
    model: LiveTableModel[Node],
) -> None:
    qty = model.column_index("qty")
    model.group_by("side")
    assert shown(model) == "[buy 4] p (p1) (p2) b [sell 3] a q (q1)"
    assert [model.subtotal(row, qty).value for row in (0, 5)] == [150, 80]  # type: ignore[union-attr]
    model.set_tree(False)
    assert shown(model) == "[buy 4] p p1 b q1 [sell 3] a p2 q"
    # Without the tree q1 is in another group than its parent, and p2 too.
    assert [model.subtotal(row, qty).value for row in (0, 5)] == [220, 100]  # type: ignore[union-attr]
    assert total(model) == 230


def test_once_count_says_how_many_rows_another_counts_for(model: LiveTableModel[Node]) -> None:
    assert model.once_count == 3
    model.set_filter(query("side:buy"))
    assert model.once_count == 1


def test_row_that_is_under_another_without_being_within_it_is_counted(
    qapp: QApplication,
) -> None:
    model = made_model()
    model.upsert([Node("entry", qty=10), Node("exit", "entry", qty=10)])
    model.set_tree(True)
    assert (shown(model), total(model), model.once_count) == ("entry (exit)", 20, 0)


def test_folded_family_hides_its_children_and_says_so(model: LiveTableModel[Node]) -> None:
    model.set_folded(1, True)
    assert shown(model) == "a p b q (q1)"
    branch = model.branch_at(1)
    assert branch is not None
    assert (branch.sign, branch.below) == ("▸", 2)
    assert "2 rows under it, folded away" in model.data(
        model.index(1, 0), Qt.ItemDataRole.AccessibleTextRole
    )
    assert (model.visible_count, total(model)) == (7, 230)
    model.upsert([sliced("p3", "p", 5)])
    assert shown(model) == "a p b q (q1)"
    model.reveal("p3")
    assert shown(model) == "a p (p1) (p2) (p3) b q (q1)"
    model.set_folded_keys(None)
    assert shown(model) == "a p b q"


def test_parent_that_comes_after_its_child_takes_it_in_and_leaves_it_when_it_goes(
    model: LiveTableModel[Node],
) -> None:
    model.upsert([sliced("z1", "z", 5)])
    assert shown(model).endswith("(q1) z1")
    assert total(model) == 235
    model.upsert([Node("z", qty=9)])
    assert shown(model).endswith("(q1) z (z1)")
    assert total(model) == 239
    model.remove(["z"])
    assert shown(model).endswith("(q1) z1")
    assert total(model) == 235


def test_levels_below_the_second_stand_under_the_topmost_and_circles_stand_alone(
    qapp: QApplication,
) -> None:
    model = made_model()
    model.upsert([sliced("c", "b", 1), sliced("b", "a", 1), Node("a", qty=1), Node("s", "s", 1)])
    model.upsert([sliced("x", "y", 1), sliced("y", "x", 1)])
    model.set_tree(True)
    assert shown(model) == "a (c) (b) s x y"
    assert total(model) == 4


def test_model_without_nesting_has_no_tree(qapp: QApplication) -> None:
    model: LiveTableModel[Node] = LiveTableModel(columns(), lambda n: n.key, flush_ms=0)
    model.upsert(FAMILY)
    model.set_tree(True)
    assert not model.is_tree
    assert model.branch_at(0) is None


class Oracle:
    """The same tree in a few lines of lists, to compare a model with."""

    def __init__(self) -> None:
        self.rows: dict[str, Node] = {}
        self.arrived: dict[str, int] = {}
        self.folded: set[str] = set()

    def expected(self, least: int, name: str, is_descending: bool, is_grouped: bool) -> list[str]:
        rows = self.rows
        passes = {key for key, node in rows.items() if node.qty > least}
        above = {key: node.under for key, node in rows.items() if node.under in rows}
        seen = {key for key in rows if key in passes or above.get(key) in passes}
        seen |= {above[key] for key in passes if key in above}
        sign = -1 if is_descending else 1

        def place(key: str) -> tuple[str, int, int]:
            value = sign * rows[key].qty if name else 0
            side = rows[key].side if is_grouped and key not in above else ""
            return (side, value, self.arrived[key])

        listed: list[str] = []
        last = ""
        for root in sorted((key for key in seen if key not in above), key=place):
            if is_grouped and rows[root].side != last:
                last = rows[root].side
                listed.append(f"[{last}]")
            listed.append(root)
            if root not in self.folded:
                listed += sorted((key for key in seen if above.get(key) == root), key=place)
        return listed

    def total(self, least: int) -> int:
        passes = {key for key, node in self.rows.items() if node.qty > least}
        return sum(self.rows[key].qty for key in passes if self.rows[key].under not in passes)


@pytest.mark.parametrize("seed", range(6))
def test_any_changes_leave_what_a_plain_list_would_show(qapp: QApplication, seed: int) -> None:
    rnd, model, oracle = random.Random(seed), made_model(), Oracle()
    tester = QAbstractItemModelTester(model, Fatal)
    least, name, is_descending, is_grouped, arrivals = -1, "", False, False, 0
    model.set_tree(True)
    for _ in range(60):
        fresh, changed = [], []
        for _ in range(rnd.randrange(4)):
            arrivals += 1
            parent = rnd.choice(["", *(f"n{at}" for at in range(0, 12, 3))])
            key = f"n{arrivals % 12 + 12 if parent else (arrivals % 4) * 3}"
            if key not in oracle.rows:
                fresh.append(sliced(key, parent, rnd.randrange(100), rnd.choice(("buy", "sell"))))
                oracle.rows[key], oracle.arrived[key] = fresh[-1], arrivals
        for key in rnd.sample(sorted(oracle.rows), min(2, len(oracle.rows))):
            oracle.rows[key].qty = rnd.randrange(100)
            changed.append(key)
        model.throttle.delay_ms = 1_000_000  # what comes together is taken in together
        model.upsert(fresh)
        model.touch(changed)
        gone = [key for key in oracle.rows if rnd.random() < 0.1]
        model.remove(gone)
        for key in gone:
            del oracle.rows[key]
        model.throttle.delay_ms = 0
        model.flush()
        move = rnd.randrange(8)
        if move == 0:
            least = rnd.choice((-1, 20, 50, 90))
            model.set_filter(query(f"qty>{least}") if least >= 0 else None)
        elif move == 1:
            name, is_descending = rnd.choice(("", "qty")), rnd.random() < 0.5
            model.sort(model.column_index(name), DOWN if is_descending else UP)
        elif move == 2:
            oracle.folded = set(rnd.sample(sorted(oracle.rows), min(3, len(oracle.rows))))
            model.set_folded_keys(oracle.folded)
        elif move == 3:
            is_grouped = not is_grouped
            model.group_by("side" if is_grouped else None)
        listed = [
            f"[{heading.name}]" if (heading := model.heading_at(row)) else model.key_at(row)
            for row in range(model.rowCount())
        ]
        assert listed == oracle.expected(least, name, is_descending and bool(name), is_grouped)
        assert (total(model) or 0) == oracle.total(least)
    tester.deleteLater()


# ------------------------------------------------------------------------------------- the view


@pytest.fixture
def view(qtbot: QtBot, dark: theme.Theme) -> LiveTableView:
    """Return the families as a tree on screen, with the keyboard in it."""
    model = made_model()
    made = LiveTableView(model)
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(500, 300)
    with qtbot.waitExposed(made):
        made.show()
    model.upsert(FAMILY)
    model.set_tree(True)
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


def stand_on(view: LiveTableView, key: str, column: int = 0) -> None:
    view.setCurrentIndex(view.live_model.index(view.live_model.row_of_key(key), column))


def standing(view: LiveTableView) -> str:
    return view.live_model.key_at(view.currentIndex().row())


def test_left_and_right_in_the_first_column_fold_and_go_up(
    view: LiveTableView, qtbot: QtBot
) -> None:
    stand_on(view, "p1")
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert standing(view) == "p"
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert told(view) == "a p b q q1"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert told(view) == "a p p1 p2 b q q1"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.currentIndex().column() == 1  # nothing to unfold: to the next cell
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert (view.currentIndex().column(), told(view)) == (0, "a p p1 p2 b q q1")


def test_space_folds_a_family_from_any_column(view: LiveTableView, qtbot: QtBot) -> None:
    stand_on(view, "q", 2)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert told(view) == "a p p1 p2 b q"
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert told(view) == "a p p1 p2 b q q1"


def test_click_on_the_arrow_folds_and_selects_nothing(view: LiveTableView, qtbot: QtBot) -> None:
    row = view.live_model.row_of_key("p")
    at = QPoint(6, view.visualRect(view.live_model.index(row, 0)).center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told(view) == "a p b q q1"
    assert view.selected_keys() == []
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(30, 0))
    assert view.selected_keys() == ["p"]


def test_selection_survives_the_tree_being_switched(view: LiveTableView) -> None:
    view.select_keys(["p2", "b"])
    view.live_model.set_tree(False)
    assert set(view.selected_keys()) == {"p2", "b"}
    view.live_model.set_tree(True)
    assert set(view.selected_keys()) == {"p2", "b"}


def test_tree_and_folds_come_back_before_the_rows_do(view: LiveTableView) -> None:
    view.live_model.set_folded(view.live_model.row_of_key("p"), True)
    kept = view.save_state()
    view.live_model.set_folded_keys([])
    view.live_model.set_tree(False)
    view.live_model.reset([])
    view.restore_state(kept)
    assert view.save_state()["tree"] == kept["tree"]
    view.live_model.reset(FAMILY)
    assert told(view) == "a p b q q1"


def test_tree_takes_the_room_of_its_indent_and_gives_it_back(view: LiveTableView) -> None:
    header, model = view.horizontalHeader(), view.live_model
    width = model.columns[0].width
    assert header.sectionSize(0) == width + CHILD_INDENT_PX
    kept = view.save_state()
    view.reset_columns()
    assert header.sectionSize(0) == width + CHILD_INDENT_PX
    model.set_tree(False)
    assert header.sectionSize(0) == width
    view.restore_state(kept)
    assert header.sectionSize(0) == width + CHILD_INDENT_PX


@pytest.mark.parametrize(
    ("broken", "rows"),
    [
        (None, "a p p1 p2 b q q1"),
        (5, "a p p1 p2 b q q1"),
        ({"shown": 3, "folded": 7}, "a p p1 b p2 q q1"),
        ({"shown": True, "folded": [1, "p"]}, "a p b q q1"),
    ],
)
def test_broken_tree_state_is_left_be(view: LiveTableView, broken: object, rows: str) -> None:
    view.restore_state({**view.save_state(), "tree": broken})
    assert told(view) == rows


def test_pictures_of_rows_come_out_as_rows_painted_cell_by_cell(view: LiveTableView) -> None:
    view.live_model.set_folded(view.live_model.row_of_key("q"), True)
    cached = view.viewport().grab().toImage()
    view.painting.is_caching = False
    assert view.viewport().grab().toImage() == cached
    view.live_model.set_folded(view.live_model.row_of_key("q"), False)
    assert view.viewport().grab().toImage() != cached
