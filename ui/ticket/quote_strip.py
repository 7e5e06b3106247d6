"""Bid, ask, last and position of the ticket's symbol, as four small cells, and how old they are."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.context import Quote
from app.core.desk_state import position_key
from app.session.step import SessionCore
from models.instruments import Instrument
from ui import theme
from ui.blotter.signs import time_of_day
from ui.market.freshness import Freshness, age_words
from ui.ticket.labels import ElidedLabel, FigureLabel, restyle, small

_ROLES = {"Bid": "buy", "Ask": "sell", "Last": "", "Position": ""}
_NONE = "–"
_PLACES_MIN = 2


class QuoteStrip(QWidget):
    """Shows the quote as it is, or as it was when the feed gave its last sign of life.

    Attributes:
        values: the figures' labels by what they are.
        dead_label: since when the feed is dead, hidden while it lives.
    """

    def __init__(self, parent: QWidget, zone: ZoneInfo) -> None:
        super().__init__(parent)
        self._zone = zone
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(4)
        column.addLayout(row)
        self.dead_label = ElidedLabel("", self)
        self.dead_label.setProperty("role", "warning")
        self.dead_label.hide()
        column.addWidget(self.dead_label)
        self.values: dict[str, QLabel] = {}
        self._headings: dict[str, QLabel] = {}
        for name in _ROLES:
            row.addWidget(self._cell(name), 1)

    def _cell(self, name: str) -> QFrame:
        cell = QFrame(self)
        cell.setProperty("role", "cell")
        column = QVBoxLayout(cell)
        column.setContentsMargins(6, 3, 2, 3)
        column.setSpacing(0)
        heading = self._headings[name] = small(ElidedLabel(name, cell))
        value = self.values[name] = FigureLabel(_NONE, cell)
        value.setProperty("role", _ROLES[name])
        value.setAccessibleName(name)
        font = theme.ui_font()
        font.setBold(True)
        value.setFont(font)
        column.addWidget(heading)
        column.addWidget(value)
        return cell

    def show_symbol(self, core: SessionCore, symbol: str, account: str) -> None:
        """Show the figures of `symbol`, and what `account` holds of it today."""
        instrument = core.state.instruments.get(symbol)
        quote = core.quotes.get(symbol)
        freshness = Freshness(core, zone=self._zone)
        is_stale = quote is not None and core.context.quote(symbol) is None
        for name, text in _figures(instrument, quote).items():
            self._say(name, text)
            restyle(self.values[name], "role", "muted" if is_stale else _ROLES[name])
        self._say_age(freshness, symbol, quote, is_stale=is_stale)
        held = core.state.positions.get(position_key(core.desk, account, symbol))
        qty = held.qty if held is not None else 0
        self._say("Position", _NONE if instrument is None else f"{qty:+,}" if qty else "0")

    def _say_age(
        self, freshness: Freshness, symbol: str, quote: Quote | None, *, is_stale: bool
    ) -> None:
        """Say that the feed is dead, or for how long nothing has happened in a quiet name."""
        dead = freshness.dead_words if is_stale and freshness.is_dead else ""
        if dead != self.dead_label.text().removeprefix("⚠ "):
            self.dead_label.setText(f"⚠ {dead}" if dead else "")
            self.dead_label.setToolTip(f"{dead}: orders that need a price are refused")
            self.dead_label.setVisible(bool(dead))
        heading, tip = "Last ◌" if is_stale else "Last", ""
        if quote is not None:
            tip = f"Volume today {quote.volume:,}"
            quiet_ns = 0 if is_stale else freshness.quiet_ns(symbol)
            if is_stale:
                tip += f"; {dead}" if dead else "; not live"
            elif quiet_ns:
                since = time_of_day(quote.ts, self._zone)
                heading = f"Last {age_words(quiet_ns)}"
                tip += f"; nothing has happened since {since}, on a feed that lives"
        if self._headings["Last"].text() != heading:
            self._headings["Last"].setText(heading)
        self.values["Last"].setToolTip(tip)

    def _say(self, name: str, text: str) -> None:
        label = self.values[name]
        if label.text() != text:
            label.setText(text)


def _figures(instrument: Instrument | None, quote: Quote | None) -> dict[str, str]:
    if instrument is None or quote is None:
        return dict.fromkeys(("Bid", "Ask", "Last"), _NONE)
    prices = {"Bid": quote.bid, "Ask": quote.ask, "Last": quote.last}
    return {name: _short(instrument, px) if px else _NONE for name, px in prices.items()}


def _short(instrument: Instrument, price: int) -> str:
    """Return the price without the zeros that a fine tick puts behind it."""
    text = instrument.show_price(price)
    whole, point, decimals = text.partition(".")
    return whole + point + decimals[:_PLACES_MIN] + decimals[_PLACES_MIN:].rstrip("0")
