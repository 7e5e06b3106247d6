"""The panes of the desktop, as data: name, title, how each is made, and the room it needs.

A pane's module is imported when the pane is first looked at, so that a start pays for what it
shows. A new pane is one more entry in `PANES`, and its place in `ui/shell/layouts.py`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from app.session.client import Session


@dataclass(frozen=True)
class PaneSpec:
    """One pane.

    Attributes:
        name: what layouts and state files call it; never changed.
        title: its tab.
        module, factory: the class that it is made of.
        has_zone: whether it shows times, and is given their zone.
        least: the smallest width and height at which it can be worked with.
        grows: whether it takes the room that is left over.
        is_late: whether it is built only after the window was painted, because that takes time.
        follows: whether it shows the symbol that was chosen last, and has it in its title.
        help_page: its page.
    """

    name: str
    title: str
    module: str
    factory: str
    has_zone: bool = False
    least: tuple[int, int] = (160, 80)
    grows: bool = False
    is_late: bool = False
    follows: bool = False
    help_page: str = "index"

    def build(self, session: Session, zone: ZoneInfo, parent: QWidget) -> QWidget:
        """Import the pane's module, and make it."""
        make = getattr(importlib.import_module(self.module), self.factory)
        pane = make(session, zone, parent) if self.has_zone else make(session, parent)
        assert isinstance(pane, QWidget)
        return pane


PANES: tuple[PaneSpec, ...] = (
    PaneSpec(
        "ticket", "Order ticket", "ui.ticket.ticket", "Ticket",
        has_zone=True, least=(296, 180), help_page="ticket",
    ),
    PaneSpec(
        "orders", "Orders", "ui.blotter.orders_pane", "OrdersPane",
        has_zone=True, least=(320, 120), grows=True, help_page="orders",
    ),
    PaneSpec(
        "fills", "Fills", "ui.blotter.fills_pane", "FillsPane",
        has_zone=True, least=(320, 120), grows=True, help_page="fills",
    ),
    PaneSpec(
        "positions", "Positions", "ui.blotter.positions_pane", "PositionsPane",
        least=(320, 120), grows=True, help_page="positions",
    ),
    PaneSpec(
        "baskets", "Baskets", "ui.desk.baskets_pane", "BasketsPane",
        least=(320, 160), grows=True, help_page="baskets",
    ),
    PaneSpec(
        "history", "History", "ui.blotter.history_pane", "HistoryPane",
        has_zone=True, least=(320, 120), grows=True, help_page="history",
    ),
    PaneSpec(
        "overview", "Overview", "ui.desk_head.overview_pane", "OverviewPane",
        least=(320, 100), grows=True, help_page="overview",
    ),
    PaneSpec(
        "day", "Day", "ui.desk.day_pane", "DayPane",
        has_zone=True, least=(320, 120), grows=True, help_page="day",
    ),
    PaneSpec(
        "continuity", "Continuity", "ui.continuity.pane", "ContinuityPane",
        has_zone=True, least=(320, 160), grows=True, help_page="continuity",
    ),
    PaneSpec(
        "depth", "Depth", "ui.market.depth_pane", "DepthPane",
        has_zone=True, least=(278, 110), follows=True, help_page="depth",
    ),
    PaneSpec(
        "chart", "Chart", "ui.market.chart_pane", "ChartPane",
        has_zone=True, least=(278, 100), is_late=True, follows=True, help_page="chart",
    ),
    PaneSpec(
        "tape", "Time & sales", "ui.market.tape_pane", "TapePane",
        has_zone=True, least=(278, 80), follows=True, help_page="tape",
    ),
    PaneSpec(
        "watch", "Watch list", "ui.market.watch_pane", "WatchPane",
        has_zone=True, least=(220, 100), help_page="watch",
    ),
    PaneSpec(
        "alerts", "Compliance alerts", "ui.compliance.alerts_pane", "AlertsPane",
        has_zone=True, least=(300, 80), grows=True, help_page="alerts",
    ),
    PaneSpec(
        "activity", "Activity", "ui.compliance.activity_pane", "ActivityPane",
        has_zone=True, least=(220, 80), grows=True, help_page="activity",
    ),
    PaneSpec("help", "Help", "ui.shell.help_pane", "HelpPane", least=(220, 120)),
)  # fmt: skip
EARLY = ("ticket", "orders", "alerts", "activity")
