"""Where panes stand: presets as data, and how one is put into force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

from ui.shell.docks import GAP_PX, DockWindow


@dataclass(frozen=True)
class Tabs:
    """Panes behind each other; the first one is in front."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """Parts beside (`is_row`) or below each other, each with its share of the room."""

    is_row: bool
    parts: tuple[tuple[float, Tabs | Split], ...]


@dataclass(frozen=True)
class Preset:
    """One arrangement of all panes.

    Attributes:
        name, title: what state files and menus call it.
        tree: where panes stand, also those that are not shown: they open there.
        hidden: which of them are not shown at first.
        first: the pane that gets the keyboard.
    """

    name: str
    title: str
    tree: Split
    hidden: frozenset[str] = field(default_factory=frozenset)
    first: str = "ticket"


def row(*parts: tuple[float, Tabs | Split]) -> Split:
    """Return parts beside each other."""
    return Split(True, parts)


def column(*parts: tuple[float, Tabs | Split]) -> Split:
    """Return parts below each other."""
    return Split(False, parts)


def tabs(*names: str) -> Tabs:
    """Return panes behind each other."""
    return Tabs(names)


TRADER = Preset(
    "trader",
    "Trader",
    column(
        (
            0.76,
            row(
                (0.19, tabs("ticket", "watch")),
                (
                    0.60,
                    tabs(
                        "orders",
                        "fills",
                        "positions",
                        "baskets",
                        "history",
                        "day",
                        "overview",
                        "continuity",
                        "help",
                    ),
                ),
                (
                    0.19,
                    column(
                        (0.44, tabs("depth")),
                        (0.30, tabs("chart")),
                        (0.26, tabs("tape")),
                    ),
                ),
            ),
        ),
        (0.24, row((0.645, tabs("alerts")), (0.355, tabs("activity")))),
    ),
    frozenset({"day", "overview", "continuity", "help"}),
)
DESK_HEAD = Preset(
    "desk_head",
    "Desk head",
    column(
        (
            0.42,
            row(
                (0.66, tabs("overview", "chart")),
                (0.34, column((0.5, tabs("alerts")), (0.5, tabs("activity", "tape")))),
            ),
        ),
        (
            0.58,
            row(
                (0.22, tabs("ticket", "watch", "depth")),
                (
                    0.78,
                    tabs(
                        "orders",
                        "positions",
                        "fills",
                        "baskets",
                        "history",
                        "day",
                        "continuity",
                        "help",
                    ),
                ),
            ),
        ),
    ),
    frozenset({"ticket", "watch", "depth", "chart", "tape", "continuity", "help"}),
    "overview",
)
PRESETS = {preset.name: preset for preset in (TRADER, DESK_HEAD)}


def leaves(node: Tabs | Split) -> Iterator[str]:
    """Yield the names of all panes in a part."""
    if isinstance(node, Tabs):
        yield from node.names
    else:
        for _, part in node.parts:
            yield from leaves(part)


def arrange(window: DockWindow, preset: Preset) -> None:
    """Put the docks where `preset` says; panes that it does not name are hidden."""
    for dock in window.docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    tree = _known(preset.tree, window)
    if tree is None:
        return
    first = _first(tree, window)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first)
    _place(window, tree)
    for name in leaves(tree):
        window.docks[name].setVisible(name not in preset.hidden)
    size(window, preset)
    for front in _fronts(tree, preset.hidden):
        window.docks[front].raise_()


def size(window: DockWindow, preset: Preset) -> None:
    """Give each part of `preset` its share of the room that the window has now."""
    tree = _known(preset.tree, window)
    if tree is None:
        return
    middle = window.contentsRect()
    bars = (window.menuWidget(), window.statusBar())
    taken = sum(bar.height() for bar in bars if bar is not None and bar.isVisible())
    _size(window, tree, middle.width(), middle.height() - taken, preset.hidden)


def _known(node: Tabs | Split, window: DockWindow) -> Tabs | Split | None:
    """Return the part without the panes that the window does not have."""
    if isinstance(node, Tabs):
        names = tuple(name for name in node.names if name in window.docks)
        return Tabs(names) if names else None
    parts = [(share, _known(part, window)) for share, part in node.parts]
    kept = tuple((share, part) for share, part in parts if part is not None)
    return Split(node.is_row, kept) if kept else None


def _first(node: Tabs | Split, window: DockWindow) -> QDockWidget:
    return window.docks[next(leaves(node))]


def _place(window: DockWindow, node: Tabs | Split) -> None:
    """Place the docks of a part whose first dock stands where the part is to be."""
    if isinstance(node, Tabs):
        for before, name in pairwise(node.names):
            window.tabifyDockWidget(window.docks[before], window.docks[name])
        return
    way = Qt.Orientation.Horizontal if node.is_row else Qt.Orientation.Vertical
    parts = [part for _, part in node.parts]
    for left, right in pairwise(parts):
        window.splitDockWidget(_first(left, window), _first(right, window), way)
    for part in parts:
        _place(window, part)


def _shown(node: Tabs | Split, hidden: frozenset[str]) -> str:
    """Return a pane of the part that is shown, empty when none is."""
    return next((name for name in leaves(node) if name not in hidden), "")


def _size(
    window: DockWindow, node: Tabs | Split, width: int, height: int, hidden: frozenset[str]
) -> None:
    if isinstance(node, Tabs):
        return
    parts = [(share, part) for share, part in node.parts if _shown(part, hidden)]
    if not parts:
        return
    room = (width if node.is_row else height) - GAP_PX * (len(parts) - 1)
    whole = sum(share for share, _ in parts)
    sizes = [max(1, round(room * share / whole)) for share, _ in parts]
    docks: list[QDockWidget] = [window.docks[_shown(part, hidden)] for _, part in parts]
    way = Qt.Orientation.Horizontal if node.is_row else Qt.Orientation.Vertical
    if len(parts) > 1:
        window.resizeDocks(docks, sizes, way)
    for (_, part), length in zip(parts, sizes, strict=True):
        inner = (length, height) if node.is_row else (width, length)
        _size(window, part, *inner, hidden)


def _fronts(node: Tabs | Split, hidden: frozenset[str]) -> Iterator[str]:
    """Yield the pane in front of each set of tabs."""
    if isinstance(node, Tabs):
        front = _shown(node, hidden)
        if front:
            yield front
    else:
        for _, part in node.parts:
            yield from _fronts(part, hidden)
