"""What a market pane paints where there is nothing to show: what will appear, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from ui import theme

_MARGIN = 16
_CENTRED = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)


def paint_reason(painter: QPainter, ground: QRect, title: str, hint: str) -> None:
    """Write `title` and, muted below it, `hint` into the middle of `ground`, wrapped."""
    room = ground.adjusted(_MARGIN, 0, -_MARGIN, 0)
    metrics = QFontMetrics(theme.ui_font())
    title_height = metrics.boundingRect(room, _CENTRED, title).height()
    hint_height = metrics.boundingRect(room, _CENTRED, hint).height() if hint else 0
    top = room.top() + max(0, (room.height() - title_height - hint_height - 4) // 2)
    painter.setFont(theme.ui_font())
    painter.setPen(theme.colour("text"))
    painter.drawText(QRect(room.left(), top, room.width(), title_height), _CENTRED, title)
    painter.setPen(theme.colour("muted"))
    below = QRect(room.left(), top + title_height + 4, room.width(), hint_height)
    painter.drawText(below, _CENTRED, hint)
