"""Folding of groups and families by keys and by the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent

from ui.tables.table_painter import ARROW_PX, first_place

if TYPE_CHECKING:
    from ui.tables.table_view import LiveTableView

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SIDEWAYS: Final = (Qt.Key.Key_Left, Qt.Key.Key_Right)


def fold_by_key(view: LiveTableView, event: QKeyEvent) -> bool:
    """Fold or unfold where the keyboard is, or go up to what the row is under; whether it did."""
    model, row, key = view.live_model, view.currentIndex().row(), event.key()
    heading = model.heading_at(row)
    if heading is not None:
        if key in _SIDEWAYS:
            model.set_collapsed(row, key == Qt.Key.Key_Left)
        elif key in _ENTER or key == Qt.Key.Key_Space:
            model.set_collapsed(row, not heading.is_collapsed)
        else:
            return False
        return True
    return _fold_family(view, row, event) or _go_up(view, row, key)


def _fold_family(view: LiveTableView, row: int, event: QKeyEvent) -> bool:
    """Fold or unfold a row's family: Space anywhere, Left and Right in the first column."""
    model, key = view.live_model, event.key()
    branch = model.branch_at(row)
    if branch is None or not branch.below:
        return False
    if key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.NoModifier:
        model.set_folded(row, not branch.is_folded)
        return True
    wants_folded = key == Qt.Key.Key_Left
    if key not in _SIDEWAYS or not _is_first(view) or wants_folded == branch.is_folded:
        return False
    model.set_folded(row, wants_folded)
    return True


def _go_up(view: LiveTableView, row: int, key: int) -> bool:
    """Go by Left in the first column to the row that this one is under, or to its heading."""
    model = view.live_model
    if key != Qt.Key.Key_Left or not _is_first(view):
        return False
    above = model.parent_row(row)
    if above < 0 and model.group_name:
        above = model.heading_above(row)
    if above < 0:
        return False
    view.setCurrentIndex(model.index(above, view.currentIndex().column()))
    return True


def _is_first(view: LiveTableView) -> bool:
    return view.shown_columns()[:1] == [view.currentIndex().column()]


def fold_by_click(view: LiveTableView, at: QPoint) -> bool:
    """Fold or unfold what has its arrow at a point of the viewport; whether one is there."""
    model, row = view.live_model, view.rowAt(at.y())
    heading = model.heading_at(row)
    if heading is not None:
        if at.x() < ARROW_PX:
            model.set_collapsed(row, not heading.is_collapsed)
        return at.x() < ARROW_PX
    branch = model.branch_at(row)
    place = first_place(view.column_places())
    if branch is None or not branch.below or not place[0] <= at.x() < place[0] + ARROW_PX:
        return False
    model.set_folded(row, not branch.is_folded)
    return True
