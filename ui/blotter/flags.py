"""Which orders have alerts: the flag beside an order, open until somebody has seen them all."""

from __future__ import annotations

from collections.abc import Iterable

from models.alerts import Alert, AlertState, Severity

OPEN_WORD, SEEN_WORD = "alert", "seen"
_SIGNS = {OPEN_WORD: "⚑", SEEN_WORD: "⚐"}


class Flags:
    """The flag of each order that has alerts, by order id."""

    def __init__(self) -> None:
        self._flags: dict[str, tuple[str, str]] = {}

    def update(self, alerts: Iterable[Alert]) -> set[str]:
        """Take in all alerts; return the orders whose flag is another one now."""
        flags: dict[str, tuple[str, str]] = {}
        for alert in alerts:
            order_id = alert.order_id
            if not order_id or flags.get(order_id) == (OPEN_WORD, "blocked"):
                continue
            if alert.state is AlertState.OPEN:
                is_warning = alert.severity is Severity.WARNING
                flags[order_id] = (OPEN_WORD, "warning" if is_warning else "blocked")
            else:
                flags.setdefault(order_id, (SEEN_WORD, "muted"))
        before, self._flags = self._flags, flags
        return {key for key in before.keys() | flags.keys() if before.get(key) != flags.get(key)}

    def word(self, order_id: str) -> str | None:
        """Return `alert`, `seen`, or None where there was none; what the filter goes by."""
        flag = self._flags.get(order_id)
        return flag[0] if flag else None

    def sign(self, order_id: str) -> str:
        """Return the flag as it is drawn."""
        flag = self._flags.get(order_id)
        return _SIGNS[flag[0]] if flag else ""

    def tone(self, order_id: str) -> str | None:
        """Return the meaning of its colour: the gravest open alert's."""
        flag = self._flags.get(order_id)
        return flag[1] if flag else None
