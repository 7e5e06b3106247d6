"""The rows of the alerts: one a thing to be seen, however often a rule has said it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from models.alerts import Alert, AlertState, Severity
from ui.tables.columns import Column, Kind, text_column

SIGNS: Final[dict[Severity, tuple[str, str, str]]] = {
    # sign, word, tone
    Severity.WARNING: ("⚠", "Warned", "warning"),
    Severity.BLOCK: ("■", "Blocked", "blocked"),
    Severity.FAULT: ("✕", "Fault", "blocked"),
}
_RANKS: Final = {Severity.FAULT: 2, Severity.BLOCK: 1, Severity.WARNING: 0}
_OPEN_FIRST: Final = 1 << 62


@dataclass
class AlertRow:
    """Alerts that say the same: those of one rule about one order, or a single one.

    Attributes:
        key: what the row is known by.
        alerts: by id, in the order of their coming.
    """

    key: str
    alerts: dict[str, Alert] = field(default_factory=dict)

    @property
    def newest(self) -> Alert:
        """The last one that came."""
        return next(reversed(self.alerts.values()))

    @property
    def worst(self) -> Severity:
        """The gravest severity among them."""
        return max((a.severity for a in self.alerts.values()), key=_RANKS.__getitem__)

    @property
    def waiting(self) -> list[Alert]:
        """Those that nobody has seen."""
        return [a for a in self.alerts.values() if a.state is AlertState.OPEN]

    @property
    def is_open(self) -> bool:
        """Whether one of them waits to be seen."""
        return any(a.state is AlertState.OPEN for a in self.alerts.values())

    @property
    def rank(self) -> int:
        """What rows are sorted by: open before seen, then the newest."""
        return (_OPEN_FIRST if self.is_open else 0) + self.newest.ts


def row_key(alert: Alert, is_grouped: bool) -> str:
    """Return the row that an alert belongs to."""
    if is_grouped and alert.order_id:
        return f"{alert.rule}|{alert.order_id}"
    return alert.alert_id


def rows_of(alerts: Iterable[Alert], is_grouped: bool) -> dict[str, AlertRow]:
    """Return the rows of `alerts` by their keys."""
    rows: dict[str, AlertRow] = {}
    for alert in alerts:
        key = row_key(alert, is_grouped)
        rows.setdefault(key, AlertRow(key)).alerts[alert.alert_id] = alert
    return rows


def age_text(nanoseconds: int) -> str:
    """Return an age as `m:ss`, and from an hour on as `h:mm:ss`."""
    seconds = max(0, nanoseconds) // 1_000_000_000
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def state_text(row: AlertRow) -> str:
    """Return what has become of a row's alerts."""
    waiting = len(row.waiting)
    if not waiting:
        return f"seen by {row.newest.acknowledged_by}"
    if len(row.alerts) > 1:
        return f"{waiting} open"
    is_sent = row.newest.severity is Severity.WARNING and bool(row.newest.note)
    return "sent with reason" if is_sent else "open"


def alert_columns(now: Callable[[], int], at: Callable[[int], str]) -> list[Column[AlertRow]]:
    """Return the pane's columns; `now` is the clock (ns UTC) that ages are counted by.

    `at` writes a time of day. A new column is one more entry.
    """

    word = text_column

    def tone(row: AlertRow) -> str | None:
        return SIGNS[row.worst][2] if row.is_open else "muted"

    def rule_text(row: AlertRow) -> str:
        times = len(row.alerts)
        return f"{row.newest.rule} ×{times}" if times > 1 else row.newest.rule

    def words_tone(row: AlertRow) -> str | None:
        return None if row.is_open else "muted"

    return [
        Column(
            "outcome", "", Kind.FLAG, 28,
            value=lambda r: SIGNS[r.worst][1], text=lambda r: SIGNS[r.worst][0], tone=tone,
            help="⚠ let through with a warning, ■ blocked, ✕ something is wrong",
        ),
        Column(
            "age", "Age", Kind.DURATION, 56,
            value=lambda r: now() - r.newest.ts, text=lambda r: age_text(now() - r.newest.ts),
            tone=words_tone, help="How long ago it was raised",
        ),
        word("rule", "Rule", 116, rule_text, "Which rule spoke, and how often", tone=tone,
             strong=True),
        word("why", "Why", 420, lambda r: r.newest.text, "The value, the limit, the way out",
             tone=words_tone),
        word("order", "Order", 118, lambda r: r.newest.order_id, "The order it is about",
             tone=words_tone),
        word("trader", "Trader", 60, lambda r: r.newest.trader, "Whose order it was",
             tone=words_tone),
        word("state", "State", 112, state_text, "Whether somebody has seen it", tone=words_tone),
        word("reason", "Reason given", 160, lambda r: r.newest.note, "What the trader said",
             visible=False),
        Column(
            "time", "Time", Kind.TIME, 72, visible=False,
            value=lambda r: r.newest.ts, text=lambda r: at(r.newest.ts), help="When it was raised",
        ),
        Column(
            "rank", "Open first", Kind.INTEGER, 60, visible=False,
            value=lambda r: r.rank, text=lambda r: "open" if r.is_open else "seen",
            help="Open before seen, then the newest: how the pane is sorted at first",
        ),
    ]  # fmt: skip
