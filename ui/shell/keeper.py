"""Keeps how the window was left, and puts it back: docks, panes, keys, look, place on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from models.parties import Role
from ui import theme
from ui.shell import layouts
from ui.shell.layouts import PRESETS, Preset
from ui.shell.screens import bring_into_view
from ui.shell.window_state import StateFile, WindowState

if TYPE_CHECKING:
    from ui.main_window import MainWindow

_SAVE_MS = 20_000
_LAYOUT_VERSION = 1
_LEADS = frozenset({Role.DESK_HEAD, Role.COMPLIANCE})


class Keeper(QObject):
    """Saves when the window closes and every now and then, so that a crash loses little.

    Attributes:
        preset: the preset that was chosen last.
    """

    def __init__(self, window: MainWindow, state_file: StateFile | None) -> None:
        super().__init__(window)
        self._window = window
        self._file = state_file
        self.preset: Preset = layouts.TRADER
        self._is_own = False  # whether a person has had a say in the layout
        self._is_restored = False
        self._timer = QTimer(self)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self.save)

    # -- presets -------------------------------------------------------------------------------

    def use(self, preset: Preset) -> None:
        """Put a preset into force."""
        self._is_own = True
        self._put(preset)
        self._window.go_to(preset.first)

    def reset(self) -> None:
        """Put the preset that was chosen last back as it is meant, columns and filters too."""
        self.use(self.preset)

    def suit(self, role: Role) -> None:
        """Begin with the layout of the person's role, unless they have one of their own."""
        if not self._is_own and role in _LEADS and self.preset is layouts.TRADER:
            self._put(layouts.DESK_HEAD)
            self._is_own = True

    def _put(self, preset: Preset) -> None:
        self.preset = preset
        layouts.arrange(self._window, preset)
        if self._window.isVisible():
            self._settle()
        self._window.sync_panes()

    def _settle(self) -> None:
        """Share the room out; twice, as the first time docks may not have got their places yet."""
        layout = self._window.layout()
        if layout is not None:
            layout.activate()
        layouts.size(self._window, self.preset)

    # -- coming back ---------------------------------------------------------------------------

    def restore(self) -> None:
        """Put back what the file holds, before the window is shown."""
        state = self._file.load() if self._file is not None else None
        if state is not None:
            self._restore(state)

    def _restore(self, state: WindowState) -> None:
        window = self._window
        app = QApplication.instance()
        look = theme.THEMES.get(state.theme)
        if look is not None and isinstance(app, QApplication):
            theme.apply(app, look)
        window.keymap.restore_state(state.keys)
        window.set_keys()
        window.toasts.restore_state(state.toasts)
        self.preset = PRESETS.get(state.preset, layouts.TRADER)
        if state.place:
            left, top, width, height = state.place
            window.resize(width, height)
            window.move(left, top)
        if state.is_maximized:
            window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
        if state.layout and window.restoreState(QByteArray(state.layout), _LAYOUT_VERSION):
            self._is_own = self._is_restored = True
        elif state.preset:
            layouts.arrange(window, self.preset)
        window.restore_panes(state.panes)

    def shown(self) -> None:
        """Finish what needs the window's real size and screen; called when it is first shown."""
        if not self._is_restored:
            self._settle()
        bring_into_view(self._window)
        for dock in self._window.docks.values():
            if dock.isWindow() and not dock.isHidden():
                bring_into_view(dock)
        if self._file is not None:
            self._timer.start()
            if self._file.complaint:
                self._window.health.tell(self._file.complaint, "warning")

    def _place(self) -> tuple[int, ...]:
        """Return where the window stands when it is not maximized."""
        window = self._window
        if window.isMaximized() or window.isFullScreen():
            inner = window.normalGeometry()
            return (inner.left(), inner.top(), inner.width(), inner.height())
        return (window.x(), window.y(), window.width(), window.height())

    # -- leaving -------------------------------------------------------------------------------

    @Slot()
    def save(self) -> None:
        """Write how the window is now, if that is news."""
        if self._file is None:
            return
        window = self._window
        state = WindowState(
            theme=theme.current().name,
            place=self._place(),
            is_maximized=window.isMaximized(),
            layout=bytes(window.saveState(_LAYOUT_VERSION).data()),
            preset=self.preset.name,
            panes=window.save_panes(),
            keys=dict(window.keymap.save_state()),
            toasts=window.toasts.save_state(),
        )
        complaint = self._file.complaint
        self._file.save(state)
        if self._file.complaint != complaint:
            window.health.tell(self._file.complaint, "warning")
