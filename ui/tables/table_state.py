"""How a table is laid out, as JSON can hold it: columns, sort, freeze and grouping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt

if TYPE_CHECKING:
    from ui.tables.table_view import LiveTableView

WIDTH_MIN: Final = 24
WIDTH_MAX: Final = 2_000
STATE_VERSION: Final = 1
_COLLAPSED_MAX: Final = 500
_FOLDED_MAX: Final = 500  # the newest: ids of commands rise with time


def saved_state(view: LiveTableView) -> dict[str, Any]:
    """Return order, widths and visibility of columns, sort, freeze, grouping and the tree."""
    header, model = view.horizontalHeader(), view.live_model
    columns = []
    for visual in range(header.count()):
        at = header.logicalIndex(visual)
        is_shown = not header.isSectionHidden(at)
        # A hidden section is 0 wide: show it to learn the width it will have.
        width = header.sectionSize(at) if is_shown else _hidden_width(view, at)
        columns.append({"name": model.columns[at].name, "width": width, "visible": is_shown})
    group = None
    if model.group_name is not None:
        collapsed = sorted(model.collapsed_groups)[:_COLLAPSED_MAX]
        group = {"column": model.group_name, "collapsed": collapsed}
    return {
        "version": STATE_VERSION,
        "columns": columns,
        "sort": _sort_state(view),
        "freeze": view.frozen_count,
        "group": group,
        "tree": {"shown": model.is_tree, "folded": sorted(model.folded_keys)[-_FOLDED_MAX:]},
    }


def restore_state(view: LiveTableView, state: Mapping[str, Any]) -> None:
    """Take up what `saved_state` returned; what it doesn't know or can't be read is left be."""
    if state.get("version") != STATE_VERSION:
        return
    _restore_tree(view, state.get("tree"))  # before the widths, as it changes one
    saved = state.get("columns")
    place = 0
    for entry in saved if isinstance(saved, list) else []:
        name = str(entry.get("name")) if isinstance(entry, dict) else ""
        at = view.live_model.column_index(name)
        if at >= 0:
            _restore_column(view, at, entry, place)
            place += 1
    if not view.shown_columns():
        view.reset_columns()
    _restore_sort(view, state.get("sort"))
    _restore_group(view, state.get("group"))
    frozen = state.get("freeze")
    is_count = isinstance(frozen, int) and 0 <= frozen < len(view.live_model.columns)
    view.freeze(frozen if is_count and isinstance(frozen, int) else 0)


def _restore_column(view: LiveTableView, at: int, entry: Mapping[str, Any], place: int) -> None:
    header = view.horizontalHeader()
    header.moveSection(header.visualIndex(at), place)
    header.setSectionHidden(at, False)
    width = entry.get("width")
    if isinstance(width, int) and WIDTH_MIN <= width <= WIDTH_MAX:
        header.resizeSection(at, width)
    header.setSectionHidden(at, entry.get("visible") is False)


def _hidden_width(view: LiveTableView, at: int) -> int:
    header = view.horizontalHeader()
    with _Quiet(header):
        header.setSectionHidden(at, False)
        width = header.sectionSize(at)
        header.setSectionHidden(at, True)
    return width


def _sort_state(view: LiveTableView) -> dict[str, str] | None:
    model = view.live_model
    if model.sort_column < 0:
        return None
    is_descending = model.sort_order == Qt.SortOrder.DescendingOrder
    name = model.columns[model.sort_column].name
    return {"column": name, "order": "desc" if is_descending else "asc"}


def _restore_sort(view: LiveTableView, sort: Any) -> None:
    at = view.live_model.column_index(str(sort.get("column"))) if isinstance(sort, dict) else -1
    is_descending = at >= 0 and sort.get("order") == "desc"
    order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
    view.sortByColumn(at, order)


def _restore_group(view: LiveTableView, group: Any) -> None:
    model = view.live_model
    name = str(group.get("column")) if isinstance(group, dict) else ""
    at = model.column_index(name)
    if at < 0 or model.columns[at].kind.is_number:
        model.group_by(None)
        return
    model.group_by(name)
    collapsed = group.get("collapsed")
    if isinstance(collapsed, list):
        model.set_all_collapsed([text for text in collapsed if isinstance(text, str)])


def _restore_tree(view: LiveTableView, tree: Any) -> None:
    if not isinstance(tree, dict):
        return
    folded = tree.get("folded")
    if isinstance(folded, list):
        keys = [key for key in folded if isinstance(key, str)]
        view.live_model.set_folded_keys(keys[-_FOLDED_MAX:])
    view.live_model.set_tree(tree.get("shown") is True)


class _Quiet:
    """Keeps an object from sending signals for a while."""

    def __init__(self, quieted: QObject) -> None:
        self._quieted = quieted
        self._was = False

    def __enter__(self) -> None:
        self._was = self._quieted.blockSignals(True)

    def __exit__(self, *_: object) -> None:
        self._quieted.blockSignals(self._was)
