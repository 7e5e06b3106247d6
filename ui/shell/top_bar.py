"""The top bar: how store, engine and market are, what the day has brought, and the kill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from time import time_ns
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.core.context import FEED_TIMEOUT_NS
from app.core.desk_state import halt_key
from app.session.client import Session
from app.session.step import Changed, Link, SessionCore
from models.money import format_money
from ui import theme
from ui.blotter.signs import time_of_day
from ui.market.phase_words import phase_words
from ui.shell.day_pnl import DayPnl, accounts_seen, day_pnl_of

_REFRESH_MS: Final = 500
_HEIGHT: Final = 36
_LEAST: Final = 700
_LEVELS: Final = 4  # from all words (0) to the fewest


@dataclass(frozen=True)
class Sign:
    """A sign, what it means for the colours, and the words beside it; `brief` in little room."""

    sign: str
    tone: str
    words: str
    brief: str = ""


LINK_SIGNS: Final = {
    Link.STARTING: ("◌", "pending"),
    Link.OFFLINE: ("◌", "warning"),
    Link.LIVE: ("●", "gain"),
    Link.LOST: ("✕", "blocked"),
    Link.HALTED: ("■", "blocked"),
}


def copy_age(core: SessionCore) -> str:
    """Return how old the copy is that an offline desktop shows, in words."""
    minutes = max(0, time_ns() - core.copy_ts) // 60_000_000_000
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def market_sign(core: SessionCore, zone: ZoneInfo, symbol: str = "") -> Sign:
    """Return the phase of the market in `symbol`, as far as the desk knows it."""
    if core.link in (Link.LOST, Link.OFFLINE, Link.HALTED):
        return Sign("◌", "stale+", "NOT KNOWN")  # what it was when the store answered last is past
    silent_ns = core.store_ts - core.feed_ts
    if not core.feed_ts:
        return Sign("◌", "warning", "NO DATA")
    if silent_ns > FEED_TIMEOUT_NS:
        since = time_of_day(core.feed_ts, zone)
        return Sign("✕", "blocked", f"FEED DEAD since {since}", f"DEAD {since}")
    if not core.state.day_open:
        return Sign("■", "stale", "CLOSED")
    quote, depth = core.quotes.get(symbol), core.depths.get(symbol)
    if quote is None:
        return Sign("●", "gain", "OPEN")
    indicative_px = depth.indicative_px if depth is not None else 0
    said = phase_words(quote.phase, indicative_px)
    return Sign(said.sign, said.tone, said.words, said.brief)


def pnl_html(pnl: DayPnl) -> str:
    """Return the day's result as rich text: signed, one number a currency, `–` where unknown."""
    parts = []
    for currency, money in sorted(pnl.by_currency.items()):
        tone = "gain" if money > 0 else "loss" if money < 0 else "text"
        sign = "+" if money > 0 else "−" if money < 0 else ""
        number = f"{sign}{format_money(abs(money), 0)}"
        parts.append(f"{_strong(number, tone)} {currency}")
    parts += [f"{_strong('–')} {escape(currency)}" for currency in sorted(pnl.unknown)]
    return " &nbsp;".join(parts) or _strong("0")


class _Pill(QLabel):
    """A few words on a ground of their own."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "pill")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAccessibleName(name)

    def say(self, text: str, tip: str = "") -> None:
        """Show `text`; nothing is laid out again when it is the same."""
        if text != self.text():
            self.setText(text)
        if tip != self.toolTip():
            self.setToolTip(tip)


class TopBar(QFrame):
    """Shows the desk at a glance; words give way when there is little room.

    Attributes:
        menu_button: the product's mark; what it opens is the window's.
        kill_button: asks for the kill.

    Signals:
        search_wanted: the person clicked where one searches.
        kill_wanted: the person wants the kill.
    """

    search_wanted = Signal()
    kill_wanted = Signal()

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setFixedHeight(_HEIGHT)
        self._session = session
        self._zone = zone
        self._level = 0
        self._symbol = ""
        self._key_of: dict[str, str] = {"palette": "Ctrl+K", "kill": "Ctrl+Shift+K"}
        self._build()
        session.listeners.append(self.on_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    def _build(self) -> None:
        self.menu_button = QToolButton(self)
        self.menu_button.setProperty("role", "mark")
        self.menu_button.setAccessibleName("Deskblotter menu")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.desk_pill = _Pill("Desk", self)
        self.store_pill = _Pill("Store and engine", self)
        self.market_pill = _Pill("Market and time", self)
        self.pnl_pill = _Pill("Day P&L", self)
        self.search_button = QPushButton(self)
        self.search_button.setProperty("role", "search")
        self.search_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.search_button.setAccessibleName("Search or run anything")
        self.search_button.clicked.connect(self.search_wanted)
        self.person_pill = _Pill("Person", self)
        self.kill_button = QPushButton(self)
        self.kill_button.setProperty("role", "kill")
        self.kill_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.kill_button.setAccessibleName("Kill: halt trading and cancel orders")
        self.kill_button.clicked.connect(self.kill_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for widget in (
            self.menu_button,
            self.desk_pill,
            self.store_pill,
            self.market_pill,
            self.pnl_pill,
            self.search_button,
            self.person_pill,
        ):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addStretch(1)
        layout.addWidget(self.kill_button, 0, Qt.AlignmentFlag.AlignVCenter)

    def follow(self, symbol: str) -> None:
        """Show the phase of the market in `symbol`."""
        if symbol != self._symbol:
            self._symbol = symbol
            self.refresh()

    def set_keys(self, keys: dict[str, str]) -> None:
        """Take up the keys that are in force, by action, to be shown."""
        self._key_of = keys
        self.refresh()

    def on_changed(self, changed: Changed) -> None:
        """Take in what the session says has changed."""
        if changed.link or changed.reference:
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """What is coloured in text looks its colours up again with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "kill_button"):
            self.refresh()

    def minimumSizeHint(self) -> QSize:
        """As little as the fewest words need, lest the window could not be made narrower."""
        return QSize(_LEAST, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many words as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def refresh(self) -> None:
        """Show how things stand now."""
        self._fit()

    def _fit(self) -> None:
        """Say it in the most words that fit."""
        for level in range(_LEVELS):
            self._say(level)
            if self.layout() is not None and self._needed() <= self.width():
                break

    def _needed(self) -> int:
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        return layout.minimumSize().width()

    def _say(self, level: int) -> None:
        self._level = level
        self.menu_button.setText("▣ Deskblotter" if level < 2 else "▣")
        self.menu_button.setToolTip(f"Panes, layouts, themes, keys ({self._key('menu')})")
        self._say_desk(level)
        self._say_store(level)
        self._say_market(level)
        self._say_pnl(level)
        self._say_search(level)
        self._say_kill(level)

    def _key(self, action: str) -> str:
        return self._key_of.get(action, "")

    def _say_desk(self, level: int) -> None:
        core = self._session.core
        desk = escape(core.desk)
        self.desk_pill.say(f"Desk {_strong(desk)}" if level < 2 else _strong(desk), "Your desk")
        trader = core.state.traders.get(core.login)
        role = trader.role.replace("_", " ") if trader is not None else "not entitled"
        name = trader.name if trader is not None else core.login
        words = _strong(escape(core.login))
        self.person_pill.say(f"{words} {role}" if level < 3 else words, f"{name}, {role}")

    def _say_store(self, level: int) -> None:
        session, core = self._session, self._session.core
        sign, tone = LINK_SIGNS[core.link]
        health = session.health
        kind = health.kind if health is not None else "store"
        if session.refusal:
            sign, tone = "■", "blocked"
        words = f"store {_strong(escape(kind))}" if level < 1 else _strong(escape(kind))
        if session.refusal:
            words += " refused"
        elif core.link is not Link.LIVE:
            words += f" {core.link.value}"
        elif session.answer_ms >= 0:
            words += f" {_milliseconds(session.answer_ms)}"
        engine = core.engine
        if engine is not None:
            number = _strong(f"#{engine.epoch}")
            led = f"engine {number}" if level < 2 else number
        else:
            led = _toned("no engine", "warning")
        tip = [f"{kind} {health.where}" if health is not None else "Not opened yet"]
        tip += list(health.notes) if health is not None else []
        tip += [f"Engine {engine.holder}" if engine is not None else "No engine leads"]
        if core.link_text:
            tip.append(core.link_text)
        text = f"{_toned(sign, tone)} {words} · {led}"
        self.store_pill.say(text, "\n".join(tip))

    def _say_market(self, level: int) -> None:
        core = self._session.core
        market = market_sign(core, self._zone, self._symbol)
        now = datetime.fromtimestamp(time_ns() // 10**9, UTC).astimezone(self._zone)
        clock = f"{now:%H:%M:%S %Z}" if level < 3 else f"{now:%H:%M:%S}"
        is_well = market.tone == "gain"
        named = f"Phase of the market in {self._symbol}.\n" if self._symbol else ""
        words = market.brief if market.brief and level > 1 else market.words
        phase = _strong(words, "text" if is_well else market.tone)
        tip = (
            f"{named}The market is simulated.\nTrading day {core.state.day or 'not begun'}, "
            f"{'open' if core.state.day_open else 'closed'}.\nTimes are {self._zone.key}."
        )
        self.market_pill.say(f"{_toned(market.sign, market.tone)} {phase} {clock}", tip)

    def _say_pnl(self, level: int) -> None:
        core = self._session.core
        pnl = day_pnl_of(core)
        title = "Day P&amp;L " if level < 1 else "P&amp;L "
        whose = "your accounts" if accounts_seen(core) is not None else "all accounts"
        tip = [f"Desk {core.desk}, {whose}: what positions have won since the day began,"]
        tip += ["at last prices, before commission."]
        if pnl.unpriced:
            tip.append(f"Not known, for want of a price: {', '.join(pnl.unpriced[:8])}")
        self.pnl_pill.say(title + pnl_html(pnl), "\n".join(tip))

    def _say_search(self, level: int) -> None:
        key = self._key("palette")
        words = {0: "⌕  Search or run anything", 1: "⌕  Search"}.get(level, "⌕")
        self.search_button.setText(f"{words}   {key}" if level < 3 else words)
        self.search_button.setToolTip(f"Actions, panes, symbols, orders ({key})")

    def _say_kill(self, level: int) -> None:
        core = self._session.core
        halt = core.state.halt_of(core.desk, core.login)
        is_halted = halt is not None or halt_key(core.desk, "") in core.state.halts
        self.kill_button.setText("■ HALTED" if is_halted else "■ KILL")
        if self.kill_button.property("halted") != is_halted:
            self.kill_button.setProperty("halted", is_halted)
            self.kill_button.style().unpolish(self.kill_button)
            self.kill_button.style().polish(self.kill_button)
        self.kill_button.setToolTip(
            f"Halt trading and cancel working orders; you are asked first ({self._key('kill')})"
        )


def _milliseconds(value: float) -> str:
    return "&lt;1 ms" if value < 1 else f"{value:,.0f} ms"


def _strong(text: str, tone: str = "text") -> str:
    return f'<b style="color:{theme.colour(tone).name()}">{text}</b>'


def _toned(text: str, tone: str) -> str:
    return f'<span style="color:{theme.colour(tone).name()}">{text}</span>'
