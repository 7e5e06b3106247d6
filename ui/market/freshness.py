"""How old what the market shows is: nothing that may have moved on is shown as live. No Qt.

A dead feed and a quiet name are two things: a dead feed greys every price, since nobody knows what
has happened; a quiet name on a live feed keeps its price, which has only not changed for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, tzinfo

from app.core.context import FEED_TIMEOUT_NS
from app.session.step import Link, SessionCore
from ui.blotter.signs import time_of_day

QUIET_AFTER_NS = 60_000_000_000
_MINUTE_S = 60
_HOUR_S = 3_600


def age_words(age_ns: int) -> str:
    """Return an age as it is said: `42 s`, `3 min`, `2 h 05 min`."""
    seconds = max(0, age_ns) // 1_000_000_000
    if seconds < 2 * _MINUTE_S:
        return f"{seconds} s"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} min"
    return f"{seconds // _HOUR_S} h {seconds % _HOUR_S // _MINUTE_S:02d} min"


class Freshness:
    """Whether the market data that a session holds is live, and how old it is when it isn't.

    The feed's age is counted in the store's own time; since that stands still while the store does
    not answer, the time since its last answer is added by this computer's clock.
    """

    def __init__(
        self,
        core: SessionCore,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        zone: tzinfo = UTC,
    ) -> None:
        """`clock_ns` counts nanoseconds from any start, and never goes back."""
        self._core = core
        self._zone = zone
        self._clock_ns = clock_ns
        self._seen_ts = 0
        self._seen_at = clock_ns()

    def observe(self) -> None:
        """Take note of the store's time; to be called about once a second."""
        if self._core.store_ts != self._seen_ts:
            self._seen_ts = self._core.store_ts
            self._seen_at = self._clock_ns()

    @property
    def age_ns(self) -> int:
        """How long ago the feed last gave a sign of life, as far as this session can know."""
        self.observe()
        since_answer = self._clock_ns() - self._seen_at
        return max(0, self._core.store_ts - self._core.feed_ts) + since_answer

    @property
    def is_live(self) -> bool:
        """Whether prices may be shown as the market's present ones."""
        return not self.trouble

    @property
    def trouble(self) -> str:
        """What is wrong and since when, in one line; empty while all is live."""
        core = self._core
        if not core.feed_ts:
            return "No market data yet"
        age_ns = self.age_ns
        if core.link is not Link.LIVE:
            return f"Store {core.link.value}: market as of {age_words(age_ns)} ago"
        if age_ns > FEED_TIMEOUT_NS:
            return f"{self.dead_words}: market as of {age_words(age_ns)} ago"
        return ""

    @property
    def is_dead(self) -> bool:
        """Whether the feed gives no sign of life, though the store answers."""
        core = self._core
        return core.link is Link.LIVE and 0 < core.feed_ts < core.store_ts - FEED_TIMEOUT_NS

    @property
    def dead_words(self) -> str:
        """Since when there has been no sign of life."""
        return f"Feed dead since {time_of_day(self._core.feed_ts, self._zone)}"

    def quiet_ns(self, symbol: str) -> int:
        """How long nothing has changed in a name, 0 for less than `QUIET_AFTER_NS`.

        Nobody can say that of a name whose data is not live.
        """
        quote = self._core.quotes.get(symbol)
        if quote is None or not quote.ts or not self.is_live:
            return 0
        quiet_ns = self._core.store_ts - quote.ts
        return quiet_ns if quiet_ns >= QUIET_AFTER_NS else 0
