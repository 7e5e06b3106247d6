"""The main window: panes in docks between top bar and status bar, and the keys that drive them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QIcon, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

import resources
from app.session.client import Session
from app.session.step import Changed
from models.orders import Side
from ui import theme
from ui.actions import ACTIONS
from ui.continuity.keeper import OutageKeeper
from ui.shell import layouts
from ui.shell.alarm_strip import AlarmStrip
from ui.shell.desk_deeds import DeskDeeds
from ui.shell.docks import GAP_PX, DockWindow
from ui.shell.help_pages import KEYS, HelpPages
from ui.shell.help_pane import HelpPane
from ui.shell.keeper import Keeper
from ui.shell.keymap import KeyMap
from ui.shell.kill_switch import Dialogs, KillSwitch
from ui.shell.palette import Palette
from ui.shell.palette_entries import GO_PANES, Deeds, Entry, find, window_entries
from ui.shell.pane_links import link
from ui.shell.panes import EARLY, PANES, PaneSpec
from ui.shell.status_bar import HealthBar
from ui.shell.still import StillArea
from ui.shell.toast_feed import ToastFeed
from ui.shell.toasts import ToastStack
from ui.shell.top_bar import TopBar
from ui.shell.window_menu import WindowMenu
from ui.shell.window_state import StateFile

if TYPE_CHECKING:
    from ui.blotter.orders_pane import OrdersPane
    from ui.compliance.alerts_pane import AlertsPane
    from ui.ticket.ticket import Ticket

_SIZE = (1600, 950)
_SIZE_MIN = (900, 560)


class MainWindow(DockWindow):
    """One person's window on one session.

    Attributes:
        ticket, orders, alerts: the panes that every layout begins with.
        top_bar, strip, health: what is around them.
        toasts, commands, keymap: notices, the command palette, the keys in force.
        deeds, kill_switch: what panes and keys ask of the desk.
        dialogs: what is open over the window.
        outages: keeps what an outage of the store was, and is about.
        keeper: keeps how the window was left.

    Signals:
        closed: the person closed it.
    """

    closed = Signal()

    def __init__(
        self, session: Session, zone: ZoneInfo, state_file: StateFile | None = None
    ) -> None:
        """`state_file` keeps how the window was left; without one nothing is kept."""
        super().__init__(self._build_pane)
        self.setWindowTitle("Deskblotter")
        self.setWindowIcon(QIcon(str(resources.path("icons", "deskblotter.svg"))))
        self.setMinimumSize(*_SIZE_MIN)
        self._session = session
        self._zone = zone
        self._was_shown = False
        self._help_from = ""
        self.keymap = KeyMap()
        self.help_pages = HelpPages(self.keymap)
        self.deeds = DeskDeeds(self, session)
        self.dialogs = Dialogs(self)
        self.kill_switch = KillSwitch(self, session, self.dialogs)
        self.outages = OutageKeeper(session, self)
        self.outages.pane_wanted.connect(self._on_outage)
        self.pane_built.connect(self._on_pane_built)
        self._build_bars()
        self._build_docks()
        self.toasts = ToastStack(self, self.health)
        self.toasts.order_wanted.connect(self.deeds.show_order)
        self._feed = ToastFeed(session, self.toasts.tell_soon)
        self.commands = Palette(self._find, self)
        self._actions: dict[str, QAction] = {}
        self._add_actions()
        self.top_bar.menu_button.setMenu(WindowMenu(self, self._actions, self.toasts))
        self.top_bar.search_wanted.connect(self.commands.ask)
        self.top_bar.kill_wanted.connect(self.kill_switch.ask_kill)
        self.strip.pane_wanted.connect(self.go_to)
        self.outages.message_raised.connect(self.health.tell)
        self.strip.resume_wanted.connect(self.kill_switch.ask_resume_of)
        self.health.help_button.clicked.connect(self.show_help)
        self.resize(*_SIZE)
        layouts.arrange(self, layouts.TRADER)
        self.keeper = Keeper(self, state_file)
        self.keeper.restore()
        session.listeners.append(self.on_changed)

    # -- building ------------------------------------------------------------------------------

    def _build_bars(self) -> None:
        top = StillArea(GAP_PX, self)
        self.top_bar = TopBar(self._session, self._zone, top)
        self.strip = AlarmStrip(self._session, self._zone, top)
        top.hold((self.top_bar, self.strip))
        self.strip.changed.connect(top.parts_changed)
        self.setMenuWidget(top)
        self.health = HealthBar(self._session, self)
        self.setStatusBar(self.health)

    def _build_docks(self) -> None:
        for spec in PANES:
            self.add_dock(spec)
        for name in EARLY:
            self.pane(name)
        self.ticket = cast("Ticket", self.pane("ticket"))
        self.orders = cast("OrdersPane", self.pane("orders"))
        self.alerts = cast("AlertsPane", self.pane("alerts"))
        self.alerts.counted.connect(self._on_alerts_counted)

    def _build_pane(self, spec: PaneSpec, parent: QWidget) -> QWidget:
        if spec.name == "help":
            return HelpPane(self.help_pages, parent)
        pane = self._build_continuity(parent) if spec.name == "continuity" else None
        pane = pane or spec.build(self._session, self._zone, parent)
        link(pane, {**self.deeds.links(), "kill_wanted": self.kill_switch.ask})
        return pane

    def _build_continuity(self, parent: QWidget) -> QWidget:
        from ui.continuity.pane import ContinuityPane

        return ContinuityPane(self._session, self.outages, self._zone, parent)

    @Slot()
    def _on_outage(self) -> None:
        """Have the Continuity pane at hand, behind what is being read; the keyboard stays."""
        self.show_behind("continuity")
        self.health.tell("The Continuity pane is open: what to do while the store is lost", "info")

    @Slot(str)
    def _on_pane_built(self, name: str) -> None:
        """Bring a pane that was just built up to what the others show."""
        self.deeds.follow(name)

    # -- keys ----------------------------------------------------------------------------------

    def _deeds_by_action(self) -> dict[str, Callable[[], object]]:
        does: dict[str, Callable[[], object]] = {
            "new_buy": lambda: self._begin(Side.BUY),
            "new_sell": lambda: self._begin(Side.SELL),
            "send": self.ticket.send,
            "largest": self.ticket.take_largest,
            "drop": self.deeds.drop,
            "amend": self.deeds.amend_selected,
            "cancel": self.deeds.cancel_selected,
            "history": self.deeds.show_history_of_selected,
            "filter": self._focus_filter,
            "tree": self.orders.toggle_tree,
            "hand_over": self.orders.desk_menu.ask_hand_over,
            "cancel_shown": self.orders.ask_cancel_shown,
            "acknowledge": self.alerts.acknowledge,
            "jump": self.alerts.jump,
            "kill": self.kill_switch.ask_kill,
            "resume": self.kill_switch.ask_resume,
            "import_securities": self.import_securities,
            "next_pane": lambda: self.cycle(1),
            "previous_pane": lambda: self.cycle(-1),
            "float_pane": self.float_pane,
            "hide_pane": self.hide_pane,
            "palette": self.commands.ask,
            "menu": self.top_bar.menu_button.showMenu,
            "layout_trader": lambda: self.keeper.use(layouts.TRADER),
            "layout_desk_head": lambda: self.keeper.use(layouts.DESK_HEAD),
            "layout_reset": self._reset_layout,
            "theme": self.toggle_theme,
            "theme_contrast": lambda: self.use_theme(theme.HIGH_CONTRAST),
            "mute": self._toggle_mute,
            "dismiss": self.toasts.dismiss,
            "keys": self.change_keys,
            "help": self.show_help,
            "help_keys": lambda: self.show_help_page(KEYS),
            "quit": self.close,
        }
        for name in self.orders.desk_menu.deeds:
            does[name] = partial(self.deeds.work_on_selected, name)
        for spec in ACTIONS:
            if spec.name.startswith("go_"):
                name = spec.name.removeprefix("go_")
                does[spec.name] = partial(self.go_to, GO_PANES.get(name, name))
        return does

    def _add_actions(self) -> None:
        does = self._deeds_by_action()
        for spec in ACTIONS:
            action = QAction(spec.title, self)
            action.setObjectName(spec.name)
            action.setAutoRepeat(not spec.sends)
            action.triggered.connect(lambda _=False, do=does[spec.name]: do())
            self._actions[spec.name] = action
            if spec.name == "cancel":  # Del belongs to text wherever text is edited
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
                self.orders.table.addAction(action)
            else:
                self.addAction(action)
        self.set_keys()

    def set_keys(self) -> None:
        """Put the keys of the key map into force."""
        for name, action in self._actions.items():
            action.setShortcuts([QKeySequence(key) for key in self.keymap.keys(name)])
        self.top_bar.set_keys(self.keymap.shown())
        self.orders.name_tree_key(self.keymap.first("tree"))
        self.health.help_button.setText(f"{self.keymap.first('help')} help".strip())

    @Slot()
    def change_keys(self) -> None:
        """Let the person change keys."""
        from ui.shell.keys_dialog import KeysDialog

        dialog = KeysDialog(self.keymap, self)
        dialog.keys_changed.connect(self.set_keys)
        self.dialogs.open(dialog)

    @Slot()
    def import_securities(self) -> None:
        """Let operations or compliance bring securities in from a file."""
        from ui.securities.import_dialog import ImportDialog, import_objection

        objection = import_objection(self._session)
        if objection:
            self.health.tell(objection, "warning")
            return
        dialog = ImportDialog(self._session, self)
        dialog.imported.connect(lambda words: self.health.tell(f"Asked for: {words}", "pending"))
        self.dialogs.open(dialog)

    # -- panes ---------------------------------------------------------------------------------

    def _begin(self, side: Side) -> None:
        self.show_pane("ticket")
        self.ticket.begin(side)

    def _focus_filter(self) -> None:
        """Go to the filter of the pane that has the keyboard, or to the orders'."""
        pane = self.built(self.current_pane)
        focus = getattr(pane, "focus_filter", None)
        if focus is None or not self.is_seen(self.current_pane):
            self.show_pane("orders")
            focus = self.orders.focus_filter
        focus()

    @Slot()
    def float_pane(self) -> None:
        """Float the pane that has the keyboard, or dock it again."""
        dock = self.docks.get(self.current_pane)
        if dock is not None:
            dock.setFloating(not dock.isWindow())
            self.go_to(dock.spec.name)

    @Slot()
    def hide_pane(self) -> None:
        """Hide the pane that has the keyboard, and give that to the next."""
        name = self.current_pane
        if name:
            self.cycle(1)
            self.docks[name].hide()

    @Slot(int)
    def _on_alerts_counted(self, count: int) -> None:
        self.docks["alerts"].name_as(badge=f"{count:,}" if count else "")

    # -- looks ---------------------------------------------------------------------------------

    @Slot()
    def toggle_theme(self) -> None:
        """Change between dark and light."""
        self.use_theme(theme.LIGHT if theme.current().is_dark else theme.DARK)

    def _reset_layout(self) -> None:
        self.keeper.reset()

    def use_theme(self, look: theme.Theme) -> None:
        """Put on a theme; the one that is on is taken off for its plain one."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, theme.DARK if theme.current() is look else look)

    def _toggle_mute(self) -> None:
        self.toasts.mute_all(not self.toasts.is_muted)
        words = "Notices are muted" if self.toasts.is_muted else "Notices are shown"
        self.health.tell(f"{words} ({self.keymap.first('mute')} changes it)", "muted")

    # -- palette and help ----------------------------------------------------------------------

    def _find(self, typed: str) -> list[Entry]:
        entries = window_entries(self._actions, self.keymap, self.docks, self.go_to)
        deeds = Deeds(self.deeds.trade_symbol, self.deeds.show_order)
        return find(typed, entries, self._session.core, deeds)

    @Slot()
    def show_help(self) -> None:
        """Show the page of the pane that has the keyboard."""
        name = self.current_pane
        pane = self.built(name)
        page = getattr(pane, "help_page", None) or (self.docks[name].spec.help_page if name else "")
        self.show_help_page("window" if not page or name == "help" else str(page))

    def show_help_page(self, page: str) -> None:
        """Show a page of the help."""
        if self.current_pane != "help":
            self._help_from = self.current_pane
        help_pane = cast("HelpPane", self.show_pane("help"))
        help_pane.show_page(page)
        help_pane.focus_pane()

    def leave_help(self) -> None:
        """Put the help away, and give the keyboard back to the pane that asked for it."""
        self.docks["help"].hide()
        self.go_to(self._help_from or "ticket")

    # -- the session, and Qt -------------------------------------------------------------------

    def use_continuity(self, folder: Path, contacts: Path) -> None:
        """Keep outages in a folder of this person's, and know whom to call."""
        self.outages.use_folder(folder, contacts)

    def use_drafts(self, path: Path) -> None:
        """Keep the ticket's draft in a file, and take up what a crash left there."""
        self.ticket.use_drafts(path)

    def on_changed(self, changed: Changed) -> None:
        """Tell the person of their own requests that were refused; suit the layout to the role."""
        core = self._session.core
        for command_id in changed.requests:
            request = core.requests.get(command_id)
            if request is not None and request.text:
                self.health.tell(request.text, "warning" if request.is_open else "blocked")
        if changed.reference:
            person = core.state.traders.get(core.login)
            if person is not None:
                self.keeper.suit(person.role)
            if not self.deeds.symbol and core.state.instruments:
                self.deeds.choose_symbol(next(iter(core.state.instruments)))

    def showEvent(self, event: QShowEvent) -> None:
        """Share the room out when it is known how much there is."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.keeper.shown()
            self.go_to(self.keeper.preset.first)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep how the window is, and let the application end the session before itself."""
        self.keeper.save()
        self.closed.emit()
        super().closeEvent(event)
