"""What a right click on a column's heading offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from ui.tables.table_view import LiveTableView


def column_menu(view: LiveTableView) -> QMenu:
    """Return a menu that shows and hides columns; the last one on screen can't be hidden."""
    menu = QMenu("Columns", view)
    menu.setToolTipsVisible(True)
    is_last = len(view.shown_columns()) == 1
    for at, column in enumerate(view.live_model.columns):
        action = menu.addAction(column.title or column.help or column.name)
        action.setData(column.name)
        action.setToolTip(column.help)
        action.setCheckable(True)
        action.setChecked(not view.isColumnHidden(at))
        action.setEnabled(not (is_last and action.isChecked()))
        action.toggled.connect(lambda is_on, at=at: view.show_column(at, is_on))
    menu.addSeparator()
    menu.addAction("Reset columns").triggered.connect(view.reset_columns_clicked)
    return menu


def header_menu(view: LiveTableView, at: int) -> QMenu:
    """Return the menu of the column `at`, -1 for the space beside the columns."""
    menu = QMenu(view)
    if at >= 0:
        _add_column_actions(menu, view, at)
    if view.frozen_count:
        menu.addAction("Unfreeze columns").triggered.connect(lambda: view.freeze(0))
    if view.live_model.group_name is not None:
        menu.addAction("Ungroup").triggered.connect(lambda: view.group_by(None))
        menu.addAction("Collapse all groups").triggered.connect(
            lambda: view.live_model.set_all_collapsed(None)
        )
        menu.addAction("Expand all groups").triggered.connect(
            lambda: view.live_model.set_all_collapsed([])
        )
    if view.live_model.is_tree:
        menu.addAction("Fold all families").triggered.connect(
            lambda: view.live_model.set_folded_keys(None)
        )
        menu.addAction("Unfold all families").triggered.connect(
            lambda: view.live_model.set_folded_keys([])
        )
    if menu.actions():
        menu.addSeparator()
    menu.addMenu(column_menu(view))
    menu.addAction("Choose columns…").triggered.connect(view.choose_columns)
    menu.addAction("Reset columns").triggered.connect(view.reset_columns_clicked)
    return menu


def _add_column_actions(menu: QMenu, view: LiveTableView, at: int) -> None:
    column = view.live_model.columns[at]
    title = column.title or column.name
    shown = view.shown_columns()
    if not column.kind.is_number and view.live_model.group_name != column.name:
        menu.addAction(f"Group by {title}").triggered.connect(lambda: view.group_by(column.name))
    count = shown.index(at) + 1
    if count < len(shown) and count != view.frozen_count:
        menu.addAction("Freeze up to here").triggered.connect(lambda: view.freeze(count))
    if len(shown) > 1:
        menu.addAction(f"Hide {title}").triggered.connect(lambda: view.show_column(at, False))
