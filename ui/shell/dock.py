"""One pane's dock: its title, drawn as a tab, and what holds the pane."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QSizePolicy,
    QWidget,
)

from ui import theme
from ui.shell.panes import PaneSpec

TITLE_PX: Final = 30
_UNDERLINE_PX: Final = 2
_PAD_PX: Final = 10
_BADGE_PAD_PX: Final = 6


class PaneTitle(QWidget):
    """The title of a dock that stands alone, drawn as the one tab that it is.

    Attributes:
        tools: what a pane puts at the right of its title, if anything.
    """

    def __init__(self, dock: PaneDock) -> None:
        super().__init__(dock)
        self._dock = dock
        self.tools: QWidget | None = None
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 6, 0)
        self._layout.addStretch(1)
        self.setFixedHeight(TITLE_PX)

    def take_tools(self, tools: QWidget) -> None:
        """Put `tools` at the right."""
        self.tools = tools
        self._layout.addWidget(tools)

    def minimumSizeHint(self) -> QSize:
        """As little as there is: the pane says how narrow its dock may be."""
        return QSize(40, self.height())

    def sizeHint(self) -> QSize:
        """As wide as the dock likes."""
        return QSize(80, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the title and the line under it."""
        if self.height() < TITLE_PX:
            return
        painter = QPainter(self)
        paint_tab_ground(painter, self.rect())
        font = theme.ui_font()
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        room = self.width() - 2 * _PAD_PX
        if self.tools is not None and self.tools.isVisible():
            room = self.tools.geometry().left() - 2 * _PAD_PX
        spec_title, badge = self._dock.spec.title, self._dock.badge
        title = self._dock.title or spec_title
        badge_width = metrics.horizontalAdvance(badge) + 2 * _BADGE_PAD_PX + 6 if badge else 0
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, max(0, room - badge_width))
        width = metrics.horizontalAdvance(title)
        painter.setPen(theme.colour("text"))
        words = QRect(_PAD_PX, 0, width + 2, self.height() - _UNDERLINE_PX)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, title)
        if badge:
            self._paint_badge(painter, badge, _PAD_PX + width + 6)
        line = QRect(_PAD_PX, self.height() - _UNDERLINE_PX, width + badge_width, _UNDERLINE_PX)
        painter.fillRect(line, theme.colour("accent"))
        painter.end()

    def _paint_badge(self, painter: QPainter, badge: str, left: int) -> None:
        font = theme.ui_font(theme.FONT_PX - 2)
        font.setWeight(QFont.Weight.Bold)
        metrics = QFontMetrics(font)
        height = metrics.height()
        width = max(height, metrics.horizontalAdvance(badge) + 2 * _BADGE_PAD_PX)
        box = QRect(left, (self.height() - _UNDERLINE_PX - height) // 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("send_sell"))
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(theme.colour("on_send"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, badge)


def paint_tab_ground(painter: QPainter, rect: QRect) -> None:
    """Paint the top of a panel: its ground, its edges, and the hairline under the tabs."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(rect)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("surface"))
    # Taller than it is, so that only the upper corners are round.
    painter.drawRoundedRect(rect.adjusted(0, 0, -1, 12).toRectF().translated(0.5, 0.5), 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
    painter.restore()


class PaneHolder(QFrame):
    """What a dock holds: the pane once it is built, and before that the room for it.

    It has no layout, so that nothing that a pane shows can make the window lay out all docks
    again: see `ui.shell.still`.
    """

    def __init__(self, spec: PaneSpec, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "dock")
        self.spec = spec
        self.pane: QWidget | None = None
        self._tools: QWidget | None = None
        self.setMinimumSize(*spec.least)
        grows = QSizePolicy.Policy.Expanding if spec.grows else QSizePolicy.Policy.Preferred
        self.setSizePolicy(grows, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As much as it needs at least; the layout says what it gets."""
        return QSize(*self.spec.least)

    def hold(self, pane: QWidget) -> None:
        """Take the pane in."""
        self.pane = pane
        pane.setProperty("docked", True)
        self.give_room()
        pane.show()

    def take_tools(self, tools: QWidget) -> None:
        """Put a pane's tools above it: its title is one of several tabs."""
        tools.setParent(self)
        self._tools = tools
        self.give_room()

    def show_pane(self, is_shown: bool) -> None:
        """Show or hide the pane; the room stays."""
        if self.pane is not None and self.pane.isHidden() is is_shown:
            self.pane.setVisible(is_shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pane all the room within the border."""
        super().resizeEvent(event)
        self.give_room()

    def give_room(self) -> None:
        """Share the room between the pane and its tools, if they are here."""
        room = self.rect().adjusted(1, 0, -1, -1)
        if self._tools is not None and self._tools.parentWidget() is self:
            height = self._tools.sizeHint().height()
            self._tools.setGeometry(room.left(), 0, room.width(), height)
            room.setTop(height)
        if self.pane is not None:
            self.pane.setGeometry(room)


class PaneDock(QDockWidget):
    """One pane's dock.

    Attributes:
        spec: which pane it is for.
        title: its title just now, empty for the pane's own.
        badge: a count beside the title, empty for none.

    Signals:
        menu_wanted: what can be done with it should be offered; carries where on the screen.
        resized: it has another size.
    """

    menu_wanted = Signal(QPoint)
    resized = Signal()

    def __init__(self, spec: PaneSpec, window: QMainWindow) -> None:
        super().__init__(spec.title, window)
        self.setObjectName(f"dock_{spec.name}")
        self.spec = spec
        self.title = self.badge = ""
        self.holder = PaneHolder(spec, self)
        self.setWidget(self.holder)
        self.heading = PaneTitle(self)
        self.setTitleBarWidget(self.heading)
        self.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        self.setAccessibleName(spec.title)

    @property
    def pane_title(self) -> str:
        """The pane's own title."""
        return self.spec.title

    def name_as(self, title: str = "", badge: str = "") -> None:
        """Give it a title and a count."""
        if (title, badge) != (self.title, self.badge):
            self.title, self.badge = title, badge
            words = title or self.spec.title
            self.setWindowTitle(f"{words}  {badge}" if badge else words)
            self.heading.update()

    def set_tabbed(self, is_tabbed: bool) -> None:
        """Leave the title to the tab bar, or draw it."""
        height = 0 if is_tabbed else TITLE_PX
        if self.heading.height() != height or self.heading.maximumHeight() != height:
            self.heading.setFixedHeight(height)
            self.heading.updateGeometry()
        tools = getattr(self.holder.pane, "tools", None)
        if isinstance(tools, QWidget):
            where = self.holder if is_tabbed else self.heading
            if tools.parentWidget() is not where:
                where.take_tools(tools)
                tools.show()
                self.holder.give_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of it."""
        super().resizeEvent(event)
        self.resized.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the dock, on its title."""
        if self.heading.geometry().contains(event.pos()):
            self.menu_wanted.emit(event.globalPos())
            event.accept()
            return
        super().contextMenuEvent(event)
