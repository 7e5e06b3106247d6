"""The menu under the product's mark: panes, layouts, looks, notices, keys, help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ui import theme
from ui.shell.toasts import KINDS, ToastStack

if TYPE_CHECKING:
    from ui.shell.docks import DockWindow


class WindowMenu(QMenu):
    """Made anew each time it opens, so that it says what is so."""

    def __init__(
        self, window: DockWindow, actions: Mapping[str, QAction], toasts: ToastStack
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._toasts = toasts
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Say what is so."""
        self.clear()
        self._add("palette")
        self.addSeparator()
        self._add_panes(self.addMenu("Panes"))
        layouts = self.addMenu("Layout")
        for name in ("layout_trader", "layout_desk_head", "layout_reset"):
            layouts.addAction(self._actions[name])
        looks = self.addMenu("Look")
        for name in ("theme", "theme_contrast"):
            looks.addAction(self._actions[name])
        looks.setTitle(f"Look: {theme.current().name}")
        self._add_notices(self.addMenu("Notices"))
        self.addSeparator()
        for name in ("keys", "help", "help_keys"):
            self._add(name)
        self.addSeparator()
        for name in ("kill", "resume"):
            self._add(name)
        self.addSeparator()
        self._add("import_securities")
        self.addSeparator()
        self._add("quit")

    def _add(self, name: str, to: QWidget | None = None) -> None:
        (to or self).addAction(self._actions[name])

    def _add_panes(self, menu: QMenu) -> None:
        for name, dock in self._window.docks.items():
            action = menu.addAction(dock.spec.title)
            action.setCheckable(True)
            action.setChecked(not dock.isHidden())
            action.toggled.connect(lambda is_on, n=name: self._window.set_pane_shown(n, is_on))
        menu.addSeparator()
        for name in ("float_pane", "hide_pane", "next_pane", "previous_pane"):
            self._add(name, menu)

    def _add_notices(self, menu: QMenu) -> None:
        for kind, title in KINDS.items():
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(kind not in self._toasts.muted)
            action.setEnabled(not self._toasts.is_muted)
            action.toggled.connect(lambda is_on, k=kind: self._toasts.mute(k, not is_on))
        menu.addSeparator()
        self._add("mute", menu)
        self._add("dismiss", menu)
