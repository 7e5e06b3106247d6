"""What the panes of one symbol's market share: they watch it while they are seen, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from itertools import count
from typing import Any, ClassVar, Final

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.instruments import Instrument
from ui.market.freshness import Freshness

NO_SYMBOL: Final = (
    "No symbol chosen",
    "Choose a row of the watch list or a blotter",
)
_AGE_MS: Final = 1_000
_numbers = count(1)


class MarketPane(QFrame):
    """A pane that shows the market of one symbol.

    The session is asked to watch the symbol while the pane is visible; a hidden pane takes nothing
    in, and reads all anew when it is shown.

    Attributes:
        help_page: its page in the help.
        symbol: what is shown, empty for nothing.
        notice_label: what is wrong with the data, hidden while nothing is.
    """

    help_page: ClassVar[str] = ""

    def __init__(self, session: Session, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.symbol = ""
        self.notice_label = notice(self)
        self._session = session
        self._owner = f"{self.help_page}-{next(_numbers)}"
        self._freshness = Freshness(session.core, zone=zone)
        self._ages = QTimer(self)
        self._ages.setInterval(_AGE_MS)
        self._ages.timeout.connect(self._on_age_due)
        session.listeners.append(self.on_changed)

    # -- what others ask -----------------------------------------------------------------------

    def show_symbol(self, symbol: str) -> None:
        """Show `symbol`; empty shows nothing."""
        if symbol == self.symbol:
            return
        self.symbol = symbol
        if self.isVisible():
            self._watch()
            self._take_up()

    def save_state(self) -> dict[str, Any]:
        """Return what is shown, as JSON can hold it."""
        return {"symbol": self.symbol}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what can't be read is left be."""
        symbol = state.get("symbol")
        if isinstance(symbol, str):
            self.show_symbol(symbol)

    @property
    def instrument(self) -> Instrument | None:
        """The instrument that is shown, None while it is not known."""
        return self._session.core.state.instruments.get(self.symbol)

    # -- what a pane adds ----------------------------------------------------------------------

    def _take_up(self) -> None:
        """Read all of the symbol anew: it is another one, or the pane was hidden."""
        raise NotImplementedError

    def _take_in(self, changed: Changed) -> None:
        """Take in what changed; only asked while the pane is visible."""
        raise NotImplementedError

    def _show_trouble(self, trouble: str) -> None:
        """Show that the data is not live, and why; empty when it is."""
        show_notice(self.notice_label, trouble if self.symbol else "")

    # -- what happens --------------------------------------------------------------------------

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed, if anybody looks."""
        self._freshness.observe()
        if not self.isVisible():
            return
        if changed.reference and self.symbol:
            self._take_up()  # the day rolled, or the instrument has only now become known
        else:
            self._take_in(changed)
        if changed.link:
            self._show_trouble(self._freshness.trouble)

    @Slot()
    def _on_age_due(self) -> None:
        self._show_trouble(self._freshness.trouble)

    def _watch(self) -> None:
        self._session.watch(self._owner, [self.symbol] if self.symbol else [])

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to watch."""
        super().showEvent(event)
        self._watch()
        self._take_up()
        self._show_trouble(self._freshness.trouble)
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop watching: what nobody sees is not read from the store."""
        super().hideEvent(event)
        self._ages.stop()
        self._session.watch(self._owner, [])


def notice(parent: QWidget) -> QLabel:
    """Return a line for what is wrong with the data, hidden while nothing is."""
    label = QLabel(parent)
    label.setProperty("role", "warning")
    label.setContentsMargins(12, 3, 12, 3)
    # A long line must not make the pane wider; its end is in the tooltip.
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    label.hide()
    return label


def show_notice(label: QLabel, trouble: str) -> None:
    """Say what is wrong on `label`, with a sign; hide it when nothing is."""
    words = f"⚠ {trouble}" if trouble else ""
    if words != label.text():
        label.setText(words)
        label.setToolTip(trouble)
    label.setVisible(bool(words))
