"""Headroom: a bar for each limit that the order would use, and the largest quantity that passes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.compliance.rulebook import RULES
from app.core.headroom import Headroom
from models.limits import Gauge, Outcome
from ui import theme
from ui.ticket.labels import SMALL_PX, ElidedLabel, small
from ui.ticket.verdict import is_near

_BAR_PX = 5
_NONE = "–"
_TONES = {Outcome.HARD: "blocked", Outcome.SOFT: "warning"}


class HeadroomPanel(QWidget):
    """Signals: largest_wanted: the person asks for the largest quantity."""

    largest_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = Headroom()
        self._link = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        title = QLabel("Headroom", self)
        title.setProperty("role", "title")
        title.setFont(theme.ui_font(12))
        column.addWidget(title)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self.space_out(is_roomy=False)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        # Every rule that has a gauge keeps its row: what one types must not move what one reads.
        # What the desk works and what is sent have each their own, one in the place of the other.
        self._rules = [rule for rule in RULES.values() if rule.gauge is not None]
        self._rows = {
            rule.name: _Row(self._grid, at, rule.title, self) for at, rule in enumerate(self._rules)
        }
        self.largest_label = QLabel(self)
        self.largest_label.setFont(theme.ui_font(12))
        self.largest_label.setTextFormat(Qt.TextFormat.RichText)
        self.largest_label.setWordWrap(True)
        self.largest_label.linkActivated.connect(lambda _: self.largest_wanted.emit())
        column.addWidget(self.largest_label)
        self.show_room(None)

    def show_room(self, room: Headroom | None, *, is_care: bool = False) -> None:
        """Show what there is; `None` while there is no order to speak of."""
        self._room = room or Headroom()
        for rule in self._rules:
            is_its_own = rule.scope != ("sent" if is_care else "care")
            self._rows[rule.name].set_visible(is_its_own)
        gauges = {gauge.rule: gauge for gauge in self._room.gauges}
        for name, row in self._rows.items():
            row.show_gauge(gauges.get(name))
        self._say_largest()

    def space_out(self, is_roomy: bool) -> None:
        """Give the bars more air, or less."""
        self._grid.setVerticalSpacing(6 if is_roomy else 2)

    def _say_largest(self) -> None:
        clean, allowed = self._room.largest_clean_qty, self._room.largest_allowed_qty
        muted, accent = (theme.colour(name).name() for name in ("muted", "accent"))
        if not allowed and not self._room.gauges:
            words, help_text = "Largest without a warning: –", ""
        elif not allowed:
            words, help_text = "No size of it may be sent", ""
        elif not clean:
            words = f"Every size warns; with a reason up to {allowed:,}"
            help_text = "Something other than the size warns; see the checks below."
        else:
            link = f'<a href="#" style="color:{accent};text-decoration:none"><b>{clean:,}</b></a>'
            words = f"Largest without a warning: {link}&nbsp; Alt+M"
            help_text = f"With a reason up to {allowed:,}. Alt+M takes {clean:,}."
        text = f'<span style="color:{muted}">{words}</span>'
        if text != self._link:
            self._link = text
            self.largest_label.setText(text)
            self.largest_label.setToolTip(help_text)

    def changeEvent(self, event: QEvent) -> None:
        """Look the colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._link:
            self._say_largest()


class _Row:
    """One limit: its name, a bar, and the figures."""

    def __init__(self, grid: QGridLayout, at: int, title: str, parent: QWidget) -> None:
        self.title = small(ElidedLabel(title, parent))
        self.title.setToolTip(title)
        self.bar = _Bar(parent)
        self.text = QLabel(_NONE, parent)
        self.text.setFont(theme.ui_font(SMALL_PX))
        self.text.setAccessibleName(title)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, widget in enumerate((self.title, self.bar, self.text)):
            grid.addWidget(widget, at, column)

    def set_visible(self, is_visible: bool) -> None:
        for widget in (self.title, self.bar, self.text):
            widget.setVisible(is_visible)

    def show_gauge(self, gauge: Gauge | None) -> None:
        self.bar.show_gauge(gauge)
        text = gauge.text if gauge is not None else _NONE
        if self.text.text() != text:
            self.text.setText(text)


class _Bar(QWidget):
    """How much of the next limit is used."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._gauge: Gauge | None = None
        self.setMinimumWidth(60)
        self.setFixedHeight(14)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_gauge(self, gauge: Gauge | None) -> None:
        if gauge != self._gauge:
            self._gauge = gauge
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, (self.height() - _BAR_PX) / 2, self.width(), _BAR_PX)
        painter.setBrush(theme.brush("line"))
        painter.drawRoundedRect(track, _BAR_PX / 2, _BAR_PX / 2)
        if self._gauge is None or self._gauge.value <= 0:
            return
        bound = self._gauge.bound
        share = min(1.0, self._gauge.value / bound) if bound else 1.0
        track.setWidth(max(_BAR_PX, track.width() * share))
        painter.setBrush(theme.brush(tone_of(self._gauge)))
        painter.drawRoundedRect(track, _BAR_PX / 2, _BAR_PX / 2)


def tone_of(gauge: Gauge) -> str:
    """Return the colour that says how near the next limit is."""
    tone = _TONES.get(gauge.outcome)
    if tone is not None:
        return tone
    return "warning" if is_near(gauge) else "accent"
