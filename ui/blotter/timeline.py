"""The events of one order from top to bottom, each with the checks that ran for it."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ui import theme
from ui.blotter.check_lines import CheckLine
from ui.blotter.signs import time_with_ms
from ui.blotter.story import StoryLine
from ui.tables.shown_table import tsv_cell

_TITLES: Final = ("Time", "Who", "Event", "What happened")
_WIDTHS: Final = (112, 58, 132)
_TIME, _WHO, _EVENT, _WHAT = range(4)
_SEQ_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_PASSES: Final = "pass"


class Timeline(QTreeWidget):
    """A tree: events, and under each its checks; the newest is at the bottom, as in a log.

    Signals:
        line_chosen: an event was chosen; carries its `StoryLine`.
    """

    line_chosen = Signal(object)

    def __init__(self, zone: ZoneInfo, parent: QWidget) -> None:
        super().__init__(parent)
        self._zone = zone
        self._lines: list[StoryLine] = []
        self._items: list[QTreeWidgetItem] = []
        self._empty_text = ("", "")
        self.setAccessibleName("Order history")
        self.setColumnCount(len(_TITLES))
        self.setHeaderLabels(list(_TITLES))
        self.setFont(theme.table_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setIndentation(14)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        header = self.header()
        header.setFont(theme.table_font())
        header.setFixedHeight(theme.ROW_PX)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(_WIDTHS):
            header.resizeSection(column, width)
        self.currentItemChanged.connect(self._on_current_changed)

    # -- lines ---------------------------------------------------------------------------------

    @property
    def lines(self) -> list[StoryLine]:
        """What is shown, oldest first."""
        return list(self._lines)

    def show_lines(self, lines: list[StoryLine]) -> None:
        """Show these and nothing else."""
        self.clear()
        self._lines, self._items = [], []
        self.add_lines(lines)

    def add_lines(self, lines: list[StoryLine]) -> None:
        """Show these below the others; follow them down, unless something above is being read."""
        bar = self.verticalScrollBar()
        is_at_end = bar.value() == bar.maximum()
        for line in lines:
            self._lines.append(line)
            self._add(line)
        if is_at_end and lines:
            self.scrollToBottom()
        self.viewport().update()

    def set_empty_text(self, title: str, hint: str) -> None:
        """Say what will appear here, and what makes it so."""
        self._empty_text = (title, hint)
        self.viewport().update()

    def expand_checks(self, is_expanded: bool) -> None:
        """Show the checks of all events, or only those that did not pass."""
        for item, line in zip(self._items, self._lines, strict=True):
            item.setExpanded(is_expanded or _has_breach(line))

    def _add(self, line: StoryLine) -> None:
        what = ";  ".join(filter(None, (line.change, line.text)))
        if line.checks:
            what = f"{what}  ({_counted(line.checks)})"
        item = QTreeWidgetItem(
            [time_with_ms(line.ts, self._zone), line.who, f"{line.sign} {line.title}", what]
        )
        item.setData(_TIME, _SEQ_ROLE, line.seq)
        item.setForeground(_TIME, theme.brush("muted"))
        item.setForeground(_EVENT, theme.brush(_tone(line.tone)))
        item.setToolTip(_WHAT, what)
        item.setSizeHint(_TIME, QSize(0, theme.ROW_PX))
        self._items.append(item)
        self.addTopLevelItem(item)
        for check in line.checks:
            item.addChild(_check_item(check))
        item.setExpanded(_has_breach(line))

    def current_line(self) -> StoryLine | None:
        """Return the event that has the keyboard, or whose check has it."""
        item = self.currentItem()
        if item is None:
            return None
        top = item.parent() or item
        at = self.indexOfTopLevelItem(top)
        return self._lines[at] if 0 <= at < len(self._lines) else None

    @Slot()
    def _on_current_changed(self) -> None:
        line = self.current_line()
        if line is not None:
            self.line_chosen.emit(line)

    # -- copy ----------------------------------------------------------------------------------

    def as_tsv(self) -> str:
        """Return all events and checks, fit to be pasted into a spreadsheet."""
        rows = [list(_TITLES)]
        for item in self._items:
            children = (item.child(at) for at in range(item.childCount()))
            for one in (item, *filter(None, children)):
                rows.append([one.text(column) for column in range(len(_TITLES))])
        return "".join("\t".join(map(tsv_cell, row)) + "\n" for row in rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on the system's key for it; leave the rest to Qt."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_tsv())
            event.accept()
            return
        super().keyPressEvent(event)

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tree, or say why it is empty."""
        super().paintEvent(event)
        if self._lines:
            return
        painter = QPainter(self.viewport())
        line = theme.FONT_PX + 9
        area = self.viewport().rect().adjusted(16, 0, -16, 0)
        upper = area.adjusted(0, area.height() // 2 - line, 0, 0)
        upper.setHeight(line)
        painter.setFont(theme.ui_font())
        for words, tone in zip(self._empty_text, ("text", "muted"), strict=True):
            painter.setPen(theme.colour(tone))
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, words)
            upper.translate(0, line)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Look the colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._lines:
            self.show_lines(self._lines)


def _check_item(check: CheckLine) -> QTreeWidgetItem:
    numbers = f"{check.value} of {check.limit}" if check.limit else check.value
    what = ":  ".join(filter(None, (numbers, check.text)))
    item = QTreeWidgetItem([f"{check.sign} {check.outcome}", "", check.rule, what])
    item.setForeground(_TIME, theme.brush(_tone(check.tone)))
    tone = "muted" if check.outcome == _PASSES else "text"
    for column in (_EVENT, _WHAT):
        item.setForeground(column, theme.brush(tone))
    item.setToolTip(_WHAT, what)
    item.setSizeHint(_TIME, QSize(0, theme.ROW_PX))
    return item


def _tone(name: str) -> str:
    return {"good": "gain"}.get(name, name)


def _has_breach(line: StoryLine) -> bool:
    return any(check.outcome != _PASSES for check in line.checks)


def _counted(checks: tuple[CheckLine, ...]) -> str:
    """Return `6 checks pass` or `5 checks pass, 1 warns`."""
    passed = sum(check.outcome == _PASSES for check in checks)
    words = [f"{passed} check{'' if passed == 1 else 's'} pass{'es' if passed == 1 else ''}"]
    for outcome in dict.fromkeys(check.outcome for check in checks):
        if outcome != _PASSES:
            words.append(f"{sum(check.outcome == outcome for check in checks)} {outcome}")
    return ", ".join(words)
