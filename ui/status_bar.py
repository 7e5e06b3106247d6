"""The status bar: how the store, the engine and the market are, and how old that knowledge is."""

from __future__ import annotations

from time import time_ns

from PySide6.QtCore import QEvent, QTimer, Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from app.core.context import FEED_TIMEOUT_NS
from app.session.client import Session
from app.session.step import Changed, Link
from ui import theme

_REFRESH_MS = 500
_MESSAGE_MS = 6_000
_SIGNS = {
    Link.STARTING: ("◌", "pending"),
    Link.LIVE: ("●", "gain"),
    Link.LOST: ("✕", "blocked"),
    Link.HALTED: ("■", "blocked"),
}


class HealthBar(QStatusBar):
    """Shows health at the left, passing messages in the middle, market and person at the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._is_built = False
        self._session = session
        self.store_label = QLabel(self)
        self.engine_label = QLabel(self)
        self.event_label = QLabel(self)
        self.passing_label = QLabel(self)
        self.market_label = QLabel(self)
        self.person_label = QLabel(self)
        for label in (self.store_label, self.engine_label, self.event_label):
            label.setContentsMargins(8, 0, 8, 0)
            self.addWidget(label)
        for label in (self.market_label, self.person_label):
            label.setContentsMargins(8, 0, 8, 0)
        self.addWidget(self.passing_label, 1)
        self.addPermanentWidget(self.market_label)
        self.addPermanentWidget(self.person_label)
        self._last_event_ts = 0
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self.passing_label.clear)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        session.listeners.append(self.on_changed)
        self._is_built = True
        self.refresh()

    def tell(self, words: str, tone: str) -> None:
        """Show a message for a few seconds."""
        self.passing_label.setText(words)
        self.passing_label.setStyleSheet(f"color: {theme.colour(_tone(tone)).name()}")
        self._passing.start(_MESSAGE_MS)

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.orders or changed.alerts or changed.reference:
            self._last_event_ts = time_ns()
        if changed.link:
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """What is coloured in text looks its colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show how things stand now."""
        core, health = self._session.core, self._session.health
        sign, tone = _SIGNS[core.link]
        where = f"{health.kind} {health.where}" if health is not None else "store"
        if self._session.refusal:
            sign, tone, words = "■", "blocked", self._session.refusal
        elif core.link is Link.LIVE:
            words = where
        else:
            words = f"{where} {core.link.value}: {core.link_text}"
        _show(self.store_label, f"{sign} {words}", tone)
        if health is not None:
            self.store_label.setToolTip("\n".join(health.notes))
        engine = core.engine
        if engine is None:
            _show(self.engine_label, "◌ no engine leads", "warning")
        else:
            _show(self.engine_label, f"● engine #{engine.epoch}", "gain")
            self.engine_label.setToolTip(engine.holder)
        self._show_events()
        self._show_market()
        trader = core.state.traders.get(core.login)
        role = trader.role.replace("_", " ") if trader is not None else "not entitled"
        self.person_label.setText(f"<b>{core.login}</b> {role} · {core.desk}")

    def _show_events(self) -> None:
        core = self._session.core
        if not self._last_event_ts:
            self.event_label.setText("no event yet")
            return
        age_s = (time_ns() - self._last_event_ts) / 1e9
        age = f"{age_s:.0f} s" if age_s < 120 else f"{age_s / 60:.0f} min"
        self.event_label.setText(f"last event {age} ago · seq {core.seq:,}")

    def _show_market(self) -> None:
        core = self._session.core
        silent_ns = core.store_ts - core.feed_ts
        if not core.feed_ts:
            _show(self.market_label, "◌ no market data yet", "warning")
        elif silent_ns > FEED_TIMEOUT_NS:
            _show(self.market_label, f"✕ market data silent {silent_ns // 10**9} s", "blocked")
        else:
            _show(self.market_label, "● SIMULATED VENUE", "gain")


def _tone(tone: str) -> str:
    return {"good": "gain"}.get(tone, tone)


def _show(label: QLabel, words: str, tone: str) -> None:
    """Show words whose first letter is a sign; what is well needs no colour but the sign's."""
    colour = theme.colour(tone).name()
    sign, _, rest = words.partition(" ")
    tinted = f'<span style="color:{colour}">{sign}</span>'
    body = rest if tone == "gain" else f'<span style="color:{colour}">{rest}</span>'
    text = f"{tinted} {body}"
    if label.text() != text:
        label.setText(text)
