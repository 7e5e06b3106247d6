"""The Depth pane: a ladder of what rests at each price of a symbol, with one's own orders in it."""

from __future__ import annotations

from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.client import Session
from app.session.step import Changed
from models.market import Depth, Phase
from models.parties import Role
from ui.market.ladder_view import LadderView
from ui.market.market_pane import NO_SYMBOL, MarketPane, notice
from ui.market.own_orders import OwnOrders
from ui.market.phase_words import auction_lines, phase_words
from ui.tables.throttle import Throttle

_PAINT_MS: Final = 50


class DepthPane(MarketPane):
    """A symbol's depth ladder.

    Attributes:
        view: the ladder.
        auction_label: the phase of a market that does not trade, and what its auction would do.

    Signals:
        price_chosen: a price was chosen for the ticket; carries symbol, `Side` and the price in
            1e-9 units. Nothing is sent by it.
    """

    help_page: ClassVar[str] = "depth"
    price_chosen = Signal(str, object, object)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(session, zone, parent)
        self.view = LadderView(self)
        self.auction_label = notice(self)
        self.auction_label.setWordWrap(True)
        self.auction_label.setAccessibleName("Phase of the market")
        self._own = OwnOrders(session.core)
        self._throttle = Throttle(self._show, _PAINT_MS, self, burst=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.notice_label)
        layout.addWidget(self.auction_label)
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        self.view.price_chosen.connect(self._on_price_chosen)
        self.view.show_instrument(None, *NO_SYMBOL)

    def focus_pane(self) -> None:
        """Put the keyboard on the ladder."""
        self.view.setFocus()

    # -- what the session says -----------------------------------------------------------------

    def _take_up(self) -> None:
        instrument = self.instrument
        shown = self.view.ladder.instrument if self.view.ladder is not None else None
        if instrument is None or shown is None or instrument != shown:
            self.view.show_instrument(instrument, *self._reason())
        person = self._session.core.state.traders.get(self._session.core.login)
        is_trader = person is None or person.role is Role.TRADER
        self.view.own_title = "Mine" if is_trader else "Desk"
        self._own.read(self.symbol)
        self._show()

    def _take_in(self, changed: Changed) -> None:
        is_own = self._own.note(changed)
        if is_own or self.symbol in changed.market or self.symbol in changed.quotes:
            self._throttle.request()

    def _show_trouble(self, trouble: str) -> None:
        super()._show_trouble(trouble)
        self._show()

    def _show(self) -> None:
        """Show what rests now; a name without a book of its own says so."""
        if not self.isVisible():
            return
        core = self._session.core
        quote, depth = core.quotes.get(self.symbol), core.depths.get(self.symbol)
        self._show_auction(depth)
        self.view.show_market(
            depth,
            self._own.working.values(),
            quote.last if quote is not None else 0,
            is_stale=not self._freshness.is_live,
        )

    def _show_auction(self, depth: Depth | None) -> None:
        """Say what the auction would do, while the market does not trade all the time."""
        label, instrument = self.auction_label, self.instrument
        if depth is None or instrument is None or depth.phase is Phase.CONTINUOUS:
            label.hide()
            return
        words = "\n".join(auction_lines(depth, instrument.show_price))
        if words != label.text():
            label.setText(words)
        tone = phase_words(depth.phase).tone
        role = {"blocked": "error", "stale+": "muted"}.get(tone, tone)
        if label.property("role") != role:
            label.setProperty("role", role)
            label.style().polish(label)
        label.show()

    def _reason(self) -> tuple[str, str]:
        if not self.symbol:
            return NO_SYMBOL
        if self.instrument is None:
            return (
                f"{self.symbol} is not listed",
                "Choose a symbol of the security master, such as those of the watch list",
            )
        return f"No depth of {self.symbol} yet", "It shows as soon as the feed has it"

    @Slot(object, object)
    def _on_price_chosen(self, side: object, px: object) -> None:
        self.price_chosen.emit(self.symbol, side, px)
