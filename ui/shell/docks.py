"""A main window whose panes are docks: they float, tab, hide, and stand on any screen.

A dock alone in its place draws its title as a tab of its own; where docks are tabbed, Qt's tab bar
does. Qt keeps docks behind another tab visible, off to the side; here their panes are hidden, so
that what nobody sees does not refresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from PySide6.QtCore import QChildEvent, QEvent, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QTabBar,
    QTabWidget,
    QWidget,
)

from ui import theme
from ui.shell.dock import PaneDock, paint_tab_ground
from ui.shell.panes import PaneSpec

GAP_PX: Final = 4

Build = Callable[[PaneSpec, QWidget], QWidget]


class DockWindow(QMainWindow):
    """Holds the docks, knows which pane is seen and which has the keyboard.

    Signals:
        pane_built: a pane was built; carries its name.
        layout_changed: a dock was moved, shown, hidden, floated or resized.
    """

    pane_built = Signal(str)
    layout_changed = Signal()

    def __init__(self, build: Build) -> None:
        super().__init__()
        self._build = build
        self._docks: dict[str, PaneDock] = {}
        self._waiting: dict[str, Mapping[str, Any]] = {}
        self._last_pane = ""
        self._was_painted = False
        self._size = self.size()  # when the widths that are kept were noted
        self._kept: dict[str, int] = {}
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setContentsMargins(GAP_PX, 0, GAP_PX, 0)
        self._sync_timer = QTimer(self)
        self._sync_timer.setSingleShot(True)
        self._sync_timer.setInterval(0)
        self._sync_timer.timeout.connect(self.sync_panes)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)

    # -- docks ---------------------------------------------------------------------------------

    def add_dock(self, spec: PaneSpec) -> PaneDock:
        """Make the dock of a pane; a layout says where it stands."""
        dock = PaneDock(spec, self)
        self._docks[spec.name] = dock
        dock.visibilityChanged.connect(self._sync_soon)
        dock.topLevelChanged.connect(self._sync_soon)
        dock.dockLocationChanged.connect(self._sync_soon)
        dock.resized.connect(lambda: self._note_width(dock))
        dock.menu_wanted.connect(lambda at: self.dock_menu(dock).popup(at))
        return dock

    @property
    def docks(self) -> Mapping[str, PaneDock]:
        """All docks, by the name of their pane."""
        return self._docks

    def built(self, name: str) -> QWidget | None:
        """Return a pane if it was built."""
        dock = self._docks.get(name)
        return dock.holder.pane if dock is not None else None

    def pane(self, name: str) -> QWidget:
        """Return a pane, building it if it was not looked at before."""
        dock = self._docks[name]
        if dock.holder.pane is None:
            dock.holder.hold(self._build(dock.spec, dock.holder))
            state = self._waiting.pop(name, None)
            restore = getattr(dock.holder.pane, "restore_state", None)
            if state is not None and restore is not None:
                restore(state)
            self.pane_built.emit(name)
            self._sync_timer.start()
        assert dock.holder.pane is not None
        return dock.holder.pane

    def panes(self) -> Iterator[tuple[str, QWidget]]:
        """Yield the panes that were built, with their names."""
        for name, dock in self._docks.items():
            if dock.holder.pane is not None:
                yield name, dock.holder.pane

    def is_seen(self, name: str) -> bool:
        """Whether a dock is on screen and not behind another tab."""
        dock = self._docks[name]
        if dock.isHidden() or not dock.isVisible():
            return False
        # Qt moves a dock behind another tab out of sight instead of hiding it.
        return dock.isWindow() or (dock.geometry().right() >= 0 and dock.geometry().bottom() >= 0)

    def show_pane(self, name: str) -> QWidget:
        """Bring a pane to the front, wherever it is, and return it."""
        pane = self.pane(name)
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        self.sync_panes()
        return pane

    def show_behind(self, name: str) -> None:
        """Show a pane's tab without taking what is in front of it, or the keyboard."""
        dock = self._docks[name]
        if not dock.isHidden():
            return
        keyboard = QApplication.focusWidget()
        fronts = [other for other in self.tabifiedDockWidgets(dock) if self._is_front(other)]
        dock.show()
        for front in fronts:
            front.raise_()
        if keyboard is not None:
            keyboard.setFocus()
        self.sync_panes()

    def _is_front(self, dock: QDockWidget) -> bool:
        return isinstance(dock, PaneDock) and self.is_seen(dock.spec.name)

    def go_to(self, name: str) -> None:
        """Bring a pane to the front and put the keyboard on it."""
        pane = self.show_pane(name)
        dock = self._docks[name]
        if dock.isWindow():
            dock.activateWindow()
        self._last_pane = name  # at once: an inactive window hears of no focus
        focus = getattr(pane, "focus_pane", None)
        focus() if focus is not None else pane.setFocus()

    def set_pane_shown(self, name: str, is_shown: bool) -> None:
        """Show a pane's dock at the front, or hide it."""
        if is_shown:
            self.show_pane(name)
        else:
            self._docks[name].hide()

    # -- states of panes -----------------------------------------------------------------------

    def save_panes(self) -> dict[str, Any]:
        """Return what every pane wants kept; of those not built yet, what they were left as."""
        states: dict[str, Any] = dict(self._waiting)
        for name, pane in self.panes():
            save = getattr(pane, "save_state", None)
            if save is not None:
                states[name] = save()
        return states

    def restore_panes(self, states: Mapping[str, Any]) -> None:
        """Give panes back what `save_panes` returned, those not built when they are."""
        for name, state in states.items():
            if name not in self._docks or not isinstance(state, Mapping):
                continue
            pane = self.built(name)
            restore = getattr(pane, "restore_state", None)
            if pane is None:
                self._waiting[name] = state
            elif restore is not None:
                restore(state)

    # -- who has the keyboard ------------------------------------------------------------------

    @property
    def current_pane(self) -> str:
        """The pane that has the keyboard, or had it last; empty before any had."""
        return self._last_pane

    def pane_of(self, widget: QWidget | None) -> str:
        """Return the name of the pane that `widget` is in, empty for none."""
        while widget is not None:
            if isinstance(widget, PaneDock):
                return widget.spec.name
            widget = widget.parentWidget()
        return ""

    def cycle(self, step: int) -> None:
        """Go to the next (1) or previous (-1) pane on screen, as one reads: rows, then columns."""
        seen = [name for name in self._docks if self.is_seen(name)]
        if not seen:
            return

        def place(name: str) -> tuple[int, int]:
            at = self._docks[name].mapToGlobal(QPoint(0, 0))
            return (at.x(), at.y())

        seen.sort(key=place)
        here = seen.index(self._last_pane) if self._last_pane in seen else -step
        self.go_to(seen[(here + step) % len(seen)])

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        name = self.pane_of(new)
        if name and self._docks.get(name) is not None and name != self._last_pane:
            self._last_pane = name

    # -- keeping up with Qt's layout -----------------------------------------------------------

    @Slot()
    def _sync_soon(self, *_: object) -> None:
        self._sync_timer.start()

    @Slot()
    def sync_panes(self) -> None:
        """Build and show the panes that are seen, hide the others, and set titles and tabs."""
        self._sync_timer.stop()
        for name, dock in self._docks.items():
            beside = [d for d in self.tabifiedDockWidgets(dock) if not d.isHidden()]
            dock.set_tabbed(bool(beside) and not dock.isWindow())
            is_seen = self.is_seen(name)
            if is_seen and dock.holder.pane is None:
                if dock.spec.is_late and not self._was_painted:
                    continue
                self.pane(name)
            dock.holder.show_pane(is_seen)
            if is_seen:
                self._note_width(dock)
        self._dress_tabs()
        self.layout_changed.emit()

    def tab_bars(self) -> list[QTabBar]:
        """Return the tab bars of docks."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        return self.findChildren(QTabBar, options=direct)

    def _dress_tabs(self) -> None:
        for bar in self.tab_bars():
            if bar.property("role") != "dock_tabs":
                bar.setProperty("role", "dock_tabs")
                bar.setDrawBase(False)
                bar.setExpanding(False)
                bar.setElideMode(Qt.TextElideMode.ElideRight)
                bar.setFont(theme.ui_font())
                bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                bar.customContextMenuRequested.connect(
                    lambda at, bar=bar: self._on_tab_menu_requested(bar, at)
                )
                bar.style().unpolish(bar)
                bar.style().polish(bar)
        self.update()

    def _on_tab_menu_requested(self, bar: QTabBar, at: QPoint) -> None:
        index = bar.tabAt(at)
        titles = {dock.windowTitle(): dock for dock in self._docks.values()}
        dock = titles.get(bar.tabText(index).replace("&", "")) if index >= 0 else None
        if dock is not None:
            self.dock_menu(dock).popup(bar.mapToGlobal(at))

    def dock_menu(self, dock: PaneDock) -> QMenu:
        """Return the menu of what can be done with a dock."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = "Dock it again" if dock.isWindow() else "Float"
        menu.addAction(words).triggered.connect(lambda: dock.setFloating(not dock.isWindow()))
        menu.addAction("Hide").triggered.connect(dock.hide)
        return menu

    def childEvent(self, event: QChildEvent) -> None:
        """Notice tab bars that Qt makes as docks are put together."""
        super().childEvent(event)
        if event.type() == QEvent.Type.ChildPolished and isinstance(event.child(), QTabBar):
            self._sync_timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Build what is seen."""
        super().showEvent(event)
        self.sync_panes()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the room that came or went to the panes that grow; the others keep their width."""
        super().resizeEvent(event)
        if self._was_painted and self._size.width() != self.width():
            self._keep_widths()
        self._size = self.size()
        self.update()

    def _keep_widths(self) -> None:
        """Undo what Qt does, which is to share out what came or went by width."""
        docked = [d for name, d in self._docks.items() if self.is_seen(name) and not d.isWindow()]
        wanted: dict[PaneDock, int] = {}
        for grower in (dock for dock in docked if dock.spec.grows):
            line = grower.geometry().center().y()
            row = [d for d in docked if d.geometry().top() <= line <= d.geometry().bottom()]
            growers = [dock for dock in row if dock.spec.grows]
            fixed = [dock for dock in row if dock.spec.name in self._kept and dock not in growers]
            surplus = sum(dock.width() - self._kept[dock.spec.name] for dock in fixed)
            if surplus:
                wanted |= {dock: self._kept[dock.spec.name] for dock in fixed}
                wanted[grower] = grower.width() + surplus // len(growers)
        if wanted:
            self.resizeDocks(list(wanted), list(wanted.values()), Qt.Orientation.Horizontal)

    def _note_width(self, dock: PaneDock) -> None:
        """Keep a width that was not the window's own doing: somebody dragged, or a preset came."""
        if not dock.spec.grows and not dock.isWindow() and self._size == self.size():
            self._kept[dock.spec.name] = dock.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of each row of tabs, as the top of its panel."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.colour("window")))
        bar = self.menuWidget()
        if bar is not None:  # to the window's edges, past the margin that docks keep
            top = QRect(0, 0, self.width(), bar.height() - GAP_PX)
            painter.fillRect(top, theme.colour("surface"))
            painter.fillRect(0, top.bottom(), self.width(), 1, theme.colour("line"))
        for tab_bar in self.tab_bars():
            if tab_bar.isVisible():
                paint_tab_ground(painter, tab_bar.geometry())
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self._sync_timer.start()  # now for the panes that take time to build
