"""What is down, since when, and how old what is known is, in words. No Qt."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.continuity.outage import Outage
from app.continuity.tables import at, clock
from app.core.context import FEED_TIMEOUT_NS
from app.session.client import Session
from app.session.step import Link
from models.errors import BadInput
from ui.market.freshness import age_words

_NS = 1_000_000_000


class Fact(NamedTuple):
    """One system: sign and tone, its name, and how it is."""

    sign: str
    tone: str
    name: str
    words: str
    is_down: bool


def facts(
    session: Session, outage: Outage | None, now_ts: int, zone: ZoneInfo, no_engine_ts: int = 0
) -> list[Fact]:
    """Return how store, engine and market data are, as far as this desktop can know."""
    core = session.core
    store = _store(session, outage, now_ts, zone)
    if store.is_down:
        unknown = "not known while the store does not answer"
        return [store, *(Fact("◌", "stale", each, unknown, False) for each in (_ENGINE, _FEED))]
    engine = core.engine
    since = f" since {clock(no_engine_ts, zone)}" if no_engine_ts else ""
    led = Fact("✕", "blocked", _ENGINE, f"none leads{since}: orders are stored and wait", True)
    if engine is not None:
        led = Fact("●", "gain", _ENGINE, f"#{engine.epoch} leads", False)
    return [store, led, _feed(session, zone)]


_STORE, _ENGINE, _FEED = "Store", "Engine", "Market data"


def _store(session: Session, outage: Outage | None, now_ts: int, zone: ZoneInfo) -> Fact:
    core = session.core
    if session.refusal:
        return Fact("■", "blocked", _STORE, f"can't be used: {session.refusal}", True)
    if core.link is Link.LIVE:
        return Fact("●", "gain", _STORE, "answers", False)
    if core.link is Link.STARTING:
        return Fact("◌", "pending", _STORE, core.link_text, True)
    if core.link is Link.HALTED:
        return Fact("■", "blocked", _STORE, f"contradicts what was read: {core.link_text}", True)
    since = ""
    if outage is not None and not outage.ended_ts:
        age = age_words(now_ts - outage.started_ts)
        since = f" since {clock(outage.started_ts, zone)} ({age})"
    reason = outage.reason if outage is not None else core.link_text
    return Fact("✕", "blocked", _STORE, f"does not answer{since}. {reason}".strip(), True)


def _feed(session: Session, zone: ZoneInfo) -> Fact:
    core = session.core
    if not core.feed_ts:
        return Fact("◌", "warning", _FEED, "none yet", True)
    silent_ns = core.store_ts - core.feed_ts
    if silent_ns > FEED_TIMEOUT_NS:
        words = f"silent since {clock(core.feed_ts, zone)} ({age_words(silent_ns)})"
        return Fact("✕", "blocked", _FEED, words, True)
    return Fact("●", "gain", _FEED, "comes in", False)


def known_words(session: Session, now_ts: int, zone: ZoneInfo) -> str:
    """Return as of when what is shown is true, and how old that is on this machine's clock."""
    core = session.core
    if core.link is Link.LIVE:
        return "Orders are live."
    if not core.store_ts:
        return "Nothing is known yet."
    age = age_words(now_ts - (core.copy_ts or core.store_ts))
    return f"Orders are as of {clock(core.store_ts, zone)}, {age} ago by this machine's clock."


def down_words(found: list[Fact]) -> str:
    """Return the systems that are down, for a notice."""
    return ", ".join(fact.name.lower() for fact in found if fact.is_down)


def today_at(text: str, now_ts: int, zone: ZoneInfo) -> int:
    """Return today's time `text` (14:03 or 14:03:22) in ns UTC, yesterday's if it is yet to come.

    Raises `BadInput`.
    """
    now = at(now_ts, zone)
    assert now is not None
    try:
        said = time.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is no time of day; write it as 14:03 or 14:03:22.") from None
    found = datetime.combine(now.date(), said, zone)
    if found > now:
        found -= timedelta(days=1)
    return int(found.timestamp()) * _NS
