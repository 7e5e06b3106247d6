"""Bid, ask, last and position of the ticket's symbol, as four small cells."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.context import Quote
from app.core.desk_state import position_key
from app.session.step import SessionCore
from models.instruments import Instrument
from ui import theme
from ui.ticket.labels import ElidedLabel, FigureLabel, restyle, small

_ROLES = {"Bid": "buy", "Ask": "sell", "Last": "", "Position": ""}
_NONE = "–"
_PLACES_MIN = 2


class QuoteStrip(QWidget):
    """Attributes: values: the figures' labels by what they are."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
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
        is_stale = quote is not None and core.context.quote(symbol) is None
        for name, text in _figures(instrument, quote).items():
            self._say(name, text)
            restyle(self.values[name], "role", "muted" if is_stale else _ROLES[name])
        volume = f"Volume today {quote.volume:,}" if quote is not None else ""
        self.values["Last"].setToolTip(f"{volume}; the feed is silent" if is_stale else volume)
        self._headings["Last"].setText("Last ◌" if is_stale else "Last")
        held = core.state.positions.get(position_key(core.desk, account, symbol))
        qty = held.qty if held is not None else 0
        self._say("Position", _NONE if instrument is None else f"{qty:+,}" if qty else "0")

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
