"""Alerts: what a person has to see, who has it, and since when."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How much an alert matters."""

    WARNING = "warning"
    BLOCK = "block"
    FAULT = "fault"


class AlertState(StrEnum):
    """What has become of an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert. `rule` is a rule's name or a fault's; `order_id` is empty where none is meant."""

    alert_id: str
    desk: str
    severity: Severity
    rule: str
    text: str
    ts: int
    trader: str = ""
    order_id: str = ""
    note: str = ""
    state: AlertState = AlertState.OPEN
    acknowledged_by: str = ""
